//! What quotations, sales orders and invoices have in common on the wire: the changes that are made to them.
//!
//! Where the documentation is silent: `linkedDocuments` replaces the list; `itemToFulfilledQtyMap` is keyed by line code,
//! line id or product code and says how much the vendor has delivered of the line in all, so that a repeated call
//! changes nothing.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::call::{Call, Outcome, Reader, done, ok};
use super::receipts::asked_items;
use super::wire;
use crate::sandbox::number;
use crate::sandbox::state::{Company, Refusal, Sale, SaleKind, SaleLine, Status};

pub(super) const SALES: &str = "sales";

/// The members that the lines of all three kinds share.
pub(super) fn line(company: &Company, sale: &Sale, line: &SaleLine, position: usize) -> Value {
    let item = company.item(&line.item).ok();
    let units = wire::line_units(company, &line.item, line.packing.as_ref(), (line.quantity, line.unit_price));
    let reserved = company.reservations.iter().filter(|one| one.document_line == line.code);
    let reserved: Vec<Value> = reserved.map(super::inventory::reservation).collect();
    wire::joined(
        units,
        json!({
            "id": line.id,
            "lineNumber": position + 1,
            "productOrder": position + 1,
            "productCode": line.item,
            "productDescription": item.map(|item| item.name.as_str()),
            "type": item.map(|item| wire::line_type(item.kind)),
            "totalAmount": number::json(line.quantity * line.unit_price),
            "availableQuantity": number::json(company.available(&sale.warehouse, &line.item)),
            "reservedQuantitiesData": reserved,
            "linkedQuoteItemCode": line.from_line,
        }),
    )
}

/// The members that all three kinds share.
pub(super) fn head(company: &Company, sale: &Sale) -> Value {
    let contact = company.contact(&sale.customer).ok();
    json!({
        "id": sale.id,
        "documentSequenceCode": sale.number,
        "contactCode": sale.customer,
        "contact": contact.map(wire::contact_info),
        "contactDto": contact.map(wire::contact),
        "currency": sale.currency,
        "exchangeRate": 1,
        "status": sale.status.as_str(),
        "draft": sale.status == Status::Draft,
        "approvalStatus": "NOT_REQUIRED",
        "fulfillmentStatus": sale.fulfilment_status(),
        "fulfillmentType": fulfilment_type(sale),
        "backOrder": sale.back_order,
        "reservedStock": company.reservations.iter().any(|one| one.document == sale.code),
        "warehouseCode": sale.warehouse,
        "shipByDate": sale.need_by.map(wire::date),
        "billTo": wire::address(&sale.bill_to),
        "shipTo": wire::address(&sale.ship_to),
        "memo": sale.memo,
        "totalAmount": number::json(sale.total()),
        "customField": wire::custom(&sale.custom),
    })
}

fn fulfilment_type(sale: &Sale) -> &'static str {
    if sale.drop_ship {
        "DROP_SHIP"
    } else if sale.lines.iter().any(|line| !line.fulfilled.is_zero()) {
        "DEFAULT"
    } else {
        "NONE"
    }
}

/// Sets the fields of a free map on a sale.
pub(super) fn apply(
    company: &mut Company,
    kind: SaleKind,
    key: &str,
    body: &Value,
    now: jiff::Timestamp,
) -> Result<(), Refusal> {
    let mut sale = company.sale(Some(kind), key)?.clone();
    let mut reader = Reader::new(body, "");
    let fields = body.as_object().ok_or_else(|| Refusal::invalid("the body must be an object"))?;
    for (name, value) in fields {
        match name.as_str() {
            "status" => {
                let status = reader.text(name).and_then(|status| Status::parse(&status));
                sale.status = status.ok_or_else(|| Refusal::invalid(format!("there is no status {value}")))?;
            }
            "draft" => sale.status = if reader.flag(name) == Some(true) { Status::Draft } else { Status::Open },
            "memo" => sale.memo = reader.text(name).unwrap_or_default(),
            "backOrder" => sale.back_order = reader.flag(name).unwrap_or_default(),
            "fulfillmentType" => sale.drop_ship = reader.text(name).as_deref() == Some("DROP_SHIP"),
            "shipByDate" => sale.need_by = reader.date(name),
            "customField" => wire::merge_custom(company, kind.module(), value, &mut sale.custom)?,
            "linkedDocuments" => sale.links = wire::parse_links(value)?,
            "itemToFulfilledQtyMap" => drop_ship_quantities(&mut sale, value)?,
            // The document's own name; its status is computed from the lines; closing dates are not kept.
            "salesInvoiceCode" | "quotationCode" | "salesOrderCode" | "fulfillmentStatus" | "closedDate"
            | "fulfillmentDate" | "fulfillmentOn" | "operation" => {}
            _ => return Err(Refusal::Fields(vec![(name.clone(), "cannot be set".to_owned())])),
        }
    }
    reader.finish()?;
    let code = sale.code.clone();
    *company.sale_mut(Some(kind), &code)? = sale;
    company.sale_changed(&code, now)
}

fn drop_ship_quantities(sale: &mut Sale, map: &Value) -> Result<(), Refusal> {
    let map = map.as_object().ok_or_else(|| Refusal::invalid("itemToFulfilledQtyMap must be an object"))?;
    for (key, quantity) in map {
        let quantity = number::decimal(quantity).filter(|quantity| *quantity >= Decimal::ZERO);
        let quantity = quantity.ok_or_else(|| Refusal::invalid(format!("the quantity of {key} must be a number")))?;
        let position = sale.line_position(key)?;
        let line = &mut sale.lines[position];
        if line.fulfilled + quantity > line.quantity {
            return Err(Refusal::invalid(format!("{key}: {quantity} is more than is left of {}", line.quantity)));
        }
        line.drop_shipped = quantity;
    }
    Ok(())
}

/// A list of changes, each naming its document; all of them or none.
pub(super) fn apply_all(company: &mut Company, call: &Call<'_>, kind: SaleKind, key: &str) -> Outcome {
    for change in call.objects()? {
        let missing = || Refusal::Fields(vec![(key.to_owned(), "is required".to_owned())]);
        let code = change.get(key).and_then(Value::as_str).ok_or_else(missing)?;
        apply(company, kind, code, change, call.now)?;
    }
    done()
}

/// A list of drop-ship deliveries. One that says `FULLY_FULFILLED` and names no line means all that is open.
pub(super) fn drop_ship_all(company: &mut Company, call: &Call<'_>, kind: SaleKind, key: &str) -> Outcome {
    apply_all(company, call, kind, key)?;
    for change in call.objects()? {
        let text = |name: &str| change.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("fulfillmentStatus") == "FULLY_FULFILLED" && change.get("itemToFulfilledQtyMap").is_none() {
            let sale = company.sale_mut(Some(kind), text(key))?;
            for line in &mut sale.lines {
                line.drop_shipped += line.open();
            }
        }
    }
    done()
}

/// `linkedBackOrder`: ties a sale to its purchase order. `documentInfo` is read as the purchase order, as the
/// description has it; the only sample has a quotation there.
pub(super) fn link_back_order(company: &mut Company, call: &Call<'_>, kind: SaleKind) -> Outcome {
    let mut reader = Reader::new(call.body, "");
    reader.require("documentInfo");
    reader.require("salesDocumentCode");
    let sale = reader.text("salesDocumentCode").unwrap_or_default();
    let info = reader.value("documentInfo").unwrap_or(&Value::Null);
    reader.finish()?;
    let link = wire::parse_link(info)?;
    company.link_back_order(kind, &sale, link, call.now)?;
    done()
}

/// `update/linkedDocument` on the side of the sales.
pub(super) fn replace_link(company: &mut Company, call: &Call<'_>, kind: SaleKind) -> Outcome {
    let part = |name: &str| call.body.get(name).filter(|value| value.is_object());
    let (Some(old), Some(new)) = (part("oldLinkedDocument"), part("newLinkedDocument")) else {
        return Err(Refusal::invalid("oldLinkedDocument and newLinkedDocument are required"));
    };
    let (old, new) = (wire::parse_link(old)?, wire::parse_link(new)?);
    let changed: Vec<String> = made_from(company, kind, &old.code).map(|sale| sale.code.clone()).collect();
    if changed.is_empty() {
        return Err(Refusal::missing(format!("a {} linked with {}", kind.as_str(), old.code)));
    }
    for code in changed {
        let links = &mut company.sale_mut(Some(kind), &code)?.links;
        links.iter_mut().filter(|link| link.code == old.code).for_each(|link| *link = new.clone());
        company.sale_changed(&code, call.now)?;
    }
    done()
}

/// Gives back what was set aside for those documents.
pub(super) fn unreserve(company: &mut Company, call: &Call<'_>, kind: SaleKind) -> Outcome {
    for code in call.codes()? {
        let code = company.sale(Some(kind), code)?.code.clone();
        company.reservations.retain(|one| one.document != code);
        company.sale_changed(&code, call.now)?;
    }
    done()
}

/// The sales of one kind that were made from that document.
pub(super) fn made_from<'a>(company: &'a Company, kind: SaleKind, code: &'a str) -> impl Iterator<Item = &'a Sale> {
    company
        .sales
        .iter()
        .map(std::ops::Deref::deref)
        .filter(move |sale| sale.kind == kind && sale.links.iter().any(|link| link.code == code))
}

/// What the open documents of that kind still owe, per item.
pub(super) fn pending_quantities(company: &Company, call: &Call<'_>, kind: SaleKind) -> Outcome {
    let warehouse = call.body.get("warehouseCode").and_then(Value::as_str);
    let info = |code: &str| {
        let sales = company.sales.iter().filter(|sale| sale.kind == kind);
        let sales = sales.filter(|sale| warehouse.is_none_or(|warehouse| sale.warehouse == warehouse));
        let lines = sales.flat_map(|sale| sale.lines.iter().map(move |line| (sale, line)));
        let pending: Decimal = lines.filter(|(_, line)| line.item == code).map(|(sale, line)| sale.pending(line)).sum();
        json!({ "productCode": code, "warehouseCode": warehouse, "pendingQuantity": number::json(pending) })
    };
    let rows: Vec<Value> = asked_items(company, call)?.into_iter().map(info).collect();
    ok(json!({ "productStockInfo": rows }))
}
