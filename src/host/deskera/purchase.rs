//! Purchase orders of Deskera: how one reads, and what one to be made looks like.
//!
//! Facts: hosts/deskera/notes.md sections 3, 5 and 6; `PurchaseOrderRequest` of openapi.yaml.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::wire;
use crate::domain::purchase_order::{NewPurchaseOrder, PurchaseLine, PurchaseOrder, PurchaseState};
use crate::host::json::{Fields, Misfit, bounded};
use crate::host::marker;

/// Characters of a memo: the reasons of many lines, but no novel.
const MAX_MEMO: usize = 4000;

/// What `PurchaseOrderRequest` takes of a purchase order that is read and sent back.
const REQUEST_FIELDS: [&str; 30] = [
    "approvalStatus",
    "attachmentIds",
    "attachments",
    "backOrder",
    "billTo",
    "contact",
    "currencyCode",
    "customField",
    "deliveryDate",
    "documentDate",
    "documentSequenceCode",
    "draft",
    "dropShip",
    "dueDate",
    "exchangeRate",
    "gstExchangeRate",
    "linkedDocuments",
    "memo",
    "openingOrder",
    "orderType",
    "receiptStatus",
    "receiveByDate",
    "roundOffAmountInDocumentCurrency",
    "sequenceFormat",
    "shipFrom",
    "shipTo",
    "status",
    "unitPriceGstInclusive",
    "vendorCode",
    "warehouseCode",
];

/// What a line of it takes.
const ITEM_FIELDS: [&str; 19] = [
    "accountCode",
    "customField",
    "discount",
    "discountInPercent",
    "documentUOMSchemaDefinition",
    "documentUom",
    "id",
    "lineNumber",
    "productCode",
    "productDescription",
    "productOrder",
    "productQuantity",
    "purchaseOrderItemCode",
    "taxAmount",
    "taxCode",
    "totalAmount",
    "unitPrice",
    "uomQuantity",
    "uomUnitPrice",
];

/// The unit in which a product is kept.
#[derive(Debug, Clone)]
pub(super) struct StockUnit {
    pub(super) id: i64,
    pub(super) schema: Option<i64>,
    pub(super) name: String,
}

/// Reads a purchase order.
pub(super) fn read(fields: &Fields<'_>) -> Result<PurchaseOrder, Misfit> {
    let id = fields.text("poCode")?.ok_or_else(|| fields.misfit("poCode", "missing"))?;
    let number =
        fields.text("documentSequenceCode")?.map_or_else(|| id.to_owned(), |text| bounded(text, wire::MAX_TEXT));
    let memo = fields.text("memo")?.unwrap_or_default();
    let drop_ship = fields.flag("dropShip")?.unwrap_or(false);
    // The due date is the vendor's term of payment: without these two, nobody has said when it comes.
    let expected = match fields.day_month_year("receiveByDate")? {
        Some(date) => Some(date),
        None => fields.day_month_year("deliveryDate")?,
    };
    let warehouse = fields.text("warehouseCode")?.filter(|_| !drop_ship);
    let mut lines = Vec::new();
    for (index, line) in wire::lines(fields, "purchaseOrderItems")?.iter().enumerate() {
        let part = |key: &str| line.quantity(key).map(Option::unwrap_or_default);
        let line_id = line.any_text(&["purchaseOrderItemCode", "id", "lineNumber"])?;
        lines.push(PurchaseLine {
            id: line_id.map_or_else(|| (index + 1).to_string(), str::to_owned),
            item: line.text("productCode")?.unwrap_or_default().to_owned(),
            warehouse: warehouse.map(str::to_owned),
            ordered: wire::ordered(line)?,
            // Through goods receipts of the order, and through bills made from it.
            received: part("receivedQuantityInOrder")? + part("receivedQuantityInBills")?,
            closed: Decimal::ZERO,
            due: expected,
            unit_price: line.decimal("unitPrice")?,
            pegs: Vec::new(),
        });
    }
    let state = state(fields, &lines)?;
    if matches!(state, PurchaseState::Cancelled | PurchaseState::Received) {
        for line in &mut lines {
            line.closed = (line.ordered - line.received).max(Decimal::ZERO);
        }
    }
    let ship_to = fields.object("shipTo")?.filter(|_| drop_ship);
    Ok(PurchaseOrder {
        id: id.to_owned(),
        marker: marker::find(&number).or_else(|| marker::find(memo)).map(str::to_owned),
        number,
        state,
        vendor: wire::party(fields, "vendorCode")?,
        drop_ship,
        ship_to: ship_to.map(|address| wire::read_address(&address)).transpose()?,
        currency: fields.text("currencyCode")?.map(|text| bounded(text, 10)),
        expected,
        url: None,
        lines,
    })
}

fn state(fields: &Fields<'_>, lines: &[PurchaseLine]) -> Result<PurchaseState, Misfit> {
    let status = fields.text("status")?;
    let came = lines.iter().any(|line| !line.received.is_zero());
    let ended = if came { PurchaseState::Received } else { PurchaseState::Cancelled };
    if matches!(status, Some("CLOSED" | "ARCHIVED")) || fields.flag("deleted")?.unwrap_or(false) {
        return Ok(ended);
    }
    if fields.flag("draft")?.unwrap_or(false) || status == Some("DRAFT") {
        return Ok(PurchaseState::Draft);
    }
    if fields.text("approvalStatus")? == Some("REJECTED") {
        return Ok(ended);
    }
    let whole = !lines.is_empty() && lines.iter().all(|line| line.received >= line.ordered);
    // PROCESSED means billed, which need not mean received: what is still to come is counted unless the host says that
    // nothing is.
    let nothing_pending = status == Some("PROCESSED") && fields.flag("pendingReceipt")? == Some(false);
    if whole || nothing_pending || fields.text("receiptStatus")? == Some("FULLY_RECEIVED") {
        return Ok(PurchaseState::Received);
    }
    Ok(PurchaseState::Confirmed)
}

/// What the host wants to know of a purchase order beyond what it is made for.
#[derive(Debug)]
pub(super) struct Surroundings {
    pub(super) vendor_name: String,
    pub(super) vendor_address: String,
    pub(super) currency: String,
    pub(super) warehouse: String,
    /// By item.
    pub(super) units: BTreeMap<String, StockUnit>,
}

/// The request that makes it, as a draft. `Err` names what is missing, for a person.
pub(super) fn request(order: &NewPurchaseOrder, around: &Surroundings) -> Result<Value, String> {
    let mut items = Vec::new();
    let mut total = Decimal::ZERO;
    for (line, position) in order.lines.iter().zip(1_u32..) {
        let unit = around.units.get(&line.item);
        let unit = unit.ok_or_else(|| format!("item {} has no stock unit in the host", line.item))?;
        // The host's offers are all in the stock unit; a line in another one comes from elsewhere.
        if line.unit.as_ref().is_some_and(|wanted| *wanted != unit.name) && line.quantity != line.stock_quantity {
            return Err(format!("item {}: the host has no price in that unit", line.item));
        }
        // Without a price the draft says 0, and its reason says that a person must look.
        let price = line.unit_price.unwrap_or_default();
        let amount = line.stock_quantity.checked_mul(price).ok_or("the amount is too large")?;
        total = total.checked_add(amount).ok_or("the amount is too large")?;
        items.push(json!({
            "lineNumber": position,
            "productOrder": position,
            "productCode": line.item,
            "productDescription": bounded(&line.description, wire::MAX_TEXT),
            "productQuantity": wire::number(line.stock_quantity),
            "unitPrice": wire::number(price),
            "totalAmount": wire::number(amount),
            "documentUom": unit.id,
            "documentUOMSchemaDefinition": unit_definition(unit),
            "uomQuantity": wire::number(line.stock_quantity),
            "uomUnitPrice": wire::number(price),
        }));
    }
    let expected = order.expected.unwrap_or(order.date);
    let memo: String = format!("Backorders {}\n{}", order.marker, order.note).chars().take(MAX_MEMO).collect();
    let mut request = json!({
        "vendorCode": order.vendor.id,
        "contact": { "name": around.vendor_name, "address": around.vendor_address },
        "currencyCode": around.currency,
        "documentDate": wire::date(order.date),
        "dueDate": wire::date(expected),
        "totalAmount": wire::number(total),
        "warehouseCode": around.warehouse,
        "documentSequenceCode": order.marker,
        "draft": true,
        "status": "DRAFT",
        "backOrder": true,
        "dropShip": order.is_drop_ship(),
        "orderType": "INVENTORY",
        "receiptStatus": "UNRECEIVED",
        "memo": memo,
        "linkedDocuments": order.links.iter().map(wire::link).collect::<Vec<_>>(),
        "purchaseOrderItems": items,
    });
    if let Some(fields) = request.as_object_mut() {
        if let Some(date) = order.expected {
            fields.insert("receiveByDate".to_owned(), json!(wire::date(date)));
            fields.insert("deliveryDate".to_owned(), json!(wire::date(date)));
        }
        if let Some(ship_to) = &order.ship_to {
            fields.insert("shipTo".to_owned(), wire::address(ship_to));
        }
    }
    Ok(request)
}

/// One unit of itself: the line is in the stock unit.
fn unit_definition(unit: &StockUnit) -> Value {
    let mut definition = json!({
        "name": unit.name,
        "sourceUOM": unit.id,
        "sourceConversionFactor": 1,
        "sinkUOM": unit.id,
        "sinkConversionFactor": 1,
    });
    if let (Some(schema), Some(fields)) = (unit.schema, definition.as_object_mut()) {
        fields.insert("schemaId".to_owned(), json!(schema));
    }
    definition
}

/// A purchase order as it was read, as the request that replaces it: `quantities` by line id, 0 takes the line out.
/// A line that is not named stays as it is.
pub(super) fn replacement(order: &Fields<'_>, quantities: &BTreeMap<String, Decimal>) -> Result<Value, Misfit> {
    let mut request = picked(order, &REQUEST_FIELDS);
    let (mut items, mut total) = (Vec::new(), Decimal::ZERO);
    for (index, line) in wire::lines(order, "purchaseOrderItems")?.iter().enumerate() {
        let id = line.any_text(&["purchaseOrderItemCode", "id", "lineNumber"])?;
        let id = id.map_or_else(|| (index + 1).to_string(), str::to_owned);
        let mut item = picked(line, &ITEM_FIELDS);
        let mut amount = line.decimal("totalAmount")?.unwrap_or_default();
        if let Some(quantity) = quantities.get(&id) {
            if quantity.is_zero() {
                continue;
            }
            let ordered = wire::ordered(line)?;
            let in_stock_unit = line.quantity("uomQuantity")?.is_none_or(|uom| uom == ordered);
            if !in_stock_unit {
                return Err(line.misfit("uomQuantity", "not in the stock unit: a person must change it"));
            }
            let too_large = || line.misfit("unitPrice", "the amount is too large");
            amount = quantity.checked_mul(line.decimal("unitPrice")?.unwrap_or_default()).ok_or_else(too_large)?;
            for key in ["productQuantity", "uomQuantity"] {
                item.insert(key.to_owned(), wire::number(*quantity));
            }
            item.insert("totalAmount".to_owned(), wire::number(amount));
        }
        total += amount;
        items.push(Value::Object(item));
    }
    request.insert("purchaseOrderItems".to_owned(), Value::Array(items));
    request.insert("totalAmount".to_owned(), wire::number(total));
    Ok(Value::Object(request))
}

fn picked(fields: &Fields<'_>, keys: &[&str]) -> Map<String, Value> {
    let wanted = |(key, value): &(&String, &Value)| keys.contains(&key.as_str()) && !value.is_null();
    fields.entries().filter(wanted).map(|(key, value)| (key.clone(), value.clone())).collect()
}
