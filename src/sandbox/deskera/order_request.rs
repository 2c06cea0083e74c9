//! Reads a `PurchaseOrderRequest`. The documentation's required fields are required.

use rust_decimal::Decimal;
use serde_json::Value;

use super::call::Reader;
use super::wire;
use crate::sandbox::number;
use crate::sandbox::state::{Company, NewPurchaseOrder, NewPurchaseOrderLine, Packing, PurchaseOrder, Refusal, Status};

pub(super) fn new_purchase_order(company: &Company, body: &Value) -> Result<NewPurchaseOrder, Refusal> {
    let mut reader = Reader::new(body, "");
    for name in ["contact", "currencyCode", "documentDate", "dueDate", "totalAmount", "vendorCode", "warehouseCode"] {
        reader.require(name);
    }
    let mut contact = Reader::new(reader.value("contact").unwrap_or(&Value::Null), "contact.");
    if reader.value("contact").is_some() {
        contact.require("name");
        contact.require("address");
    }
    let (name, address) = (contact.text("name"), contact.text("address"));
    let status = reader.text("status").map(|status| {
        Status::parse(&status).ok_or_else(|| Refusal::invalid(format!("there is no order status {status}")))
    });
    let draft = reader.flag("draft").unwrap_or(false);
    let status = if draft { Status::Draft } else { status.transpose()?.unwrap_or(Status::Open) };
    let vendor = reader.text("vendorCode").unwrap_or_default();
    let warehouse = reader.text("warehouseCode").unwrap_or_default();
    let date = reader.date("documentDate").unwrap_or_default();
    let part = |name: &str| reader.value(name).map(wire::parse_address);
    let (bill_to, ship_to, ship_from) = (part("billTo"), part("shipTo"), part("shipFrom"));
    let mut custom = Vec::new();
    if let Some(list) = reader.value("customField") {
        wire::merge_custom(company, "ORDER", list, &mut custom)?;
    }
    let head = PurchaseOrder {
        number: reader.text("documentSequenceCode").unwrap_or_default(),
        contact_name: name.unwrap_or_default(),
        contact_address: address.unwrap_or_default(),
        due: reader.date("dueDate").unwrap_or_default(),
        receive_by: reader.date("receiveByDate"),
        delivery: reader.date("deliveryDate"),
        status,
        currency: reader.text("currencyCode").unwrap_or_default(),
        total: reader.decimal("totalAmount").unwrap_or_default(),
        memo: reader.text("memo").unwrap_or_default(),
        back_order: reader.flag("backOrder").unwrap_or(false),
        drop_ship: reader.flag("dropShip").unwrap_or(false),
        links: reader.value("linkedDocuments").map_or(Ok(Vec::new()), wire::parse_links)?,
        bill_to,
        ship_to,
        ship_from,
        custom,
        ..PurchaseOrder::blank(&vendor, &warehouse, date)
    };
    let lines = reader.value("purchaseOrderItems").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    reader.join(contact);
    reader.finish()?;
    let lines =
        lines.iter().enumerate().map(|(index, line)| new_line(company, index, line)).collect::<Result<_, _>>()?;
    Ok(NewPurchaseOrder { head, lines })
}

fn new_line(company: &Company, index: usize, line: &Value) -> Result<NewPurchaseOrderLine, Refusal> {
    let mut reader = Reader::new(line, format!("purchaseOrderItems[{index}]."));
    for name in
        ["productCode", "documentUom", "documentUOMSchemaDefinition", "totalAmount", "uomQuantity", "uomUnitPrice"]
    {
        reader.require(name);
    }
    let item = reader.text("productCode").unwrap_or_default();
    let (uom, quantity) = (reader.integer("documentUom").unwrap_or_default(), reader.decimal("productQuantity"));
    let uom_quantity = reader.decimal("uomQuantity").unwrap_or_default();
    let uom_price = reader.decimal("uomUnitPrice").unwrap_or_default();
    let unit_price = reader.decimal("unitPrice");
    let total = reader.decimal("totalAmount").unwrap_or_default();
    let (id, code) = (reader.integer("id"), reader.text("purchaseOrderItemCode"));
    let description = reader.text("productDescription").unwrap_or_default();
    let tax_code = reader.text("taxCode");
    let definition = reader.value("documentUOMSchemaDefinition").unwrap_or(&Value::Null);
    reader.finish()?;
    let packing = packing(company, &item, uom, definition)?;
    let factor = packing.as_ref().map_or(Decimal::ONE, |packing| packing.factor);
    let in_stock_unit = uom_quantity
        .checked_mul(factor)
        .ok_or_else(|| Refusal::invalid(format!("the quantity {uom_quantity} is too large")))?;
    if quantity.is_some_and(|quantity| quantity != in_stock_unit) {
        return Err(Refusal::invalid(format!(
            "purchaseOrderItems[{index}]: productQuantity must be {in_stock_unit}, uomQuantity times the factor {factor}"
        )));
    }
    Ok(NewPurchaseOrderLine {
        id,
        code,
        item,
        description,
        quantity: in_stock_unit,
        unit_price: unit_price.unwrap_or(uom_price / factor),
        packing,
        tax_code,
        total,
        expected: None,
        sale_line: None,
    })
}

/// The unit of a line; `None` for the item's own. The factors are the line's, else the item's.
fn packing(company: &Company, item: &str, uom: i64, definition: &Value) -> Result<Option<Packing>, Refusal> {
    let item = company.item(item)?;
    if uom == item.uom {
        return Ok(None);
    }
    if company.uom_name(uom).is_empty() {
        return Err(Refusal::missing(format!("unit of measure {uom}")));
    }
    let part = |name: &str| definition.get(name).and_then(number::decimal).filter(|factor| !factor.is_zero());
    let sent = match (part("sourceConversionFactor"), part("sinkConversionFactor")) {
        (Some(source), Some(sink)) => Some(sink / source),
        _ => None,
    };
    let own = item.packing.as_ref().filter(|packing| packing.uom == uom).map(|packing| packing.factor);
    let factor = sent.or(own).ok_or_else(|| Refusal::invalid(format!("no factor from unit {uom} to {}", item.uom)))?;
    Ok(Some(Packing { uom, factor }))
}
