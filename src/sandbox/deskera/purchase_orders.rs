//! Purchase orders on the wire.
//!
//! Where the documentation is silent the sandbox takes the reading that is hardest on a caller: the document number is
//! not unique, a PATCH with `linkedDocuments` replaces the list, fields that are not known are refused.

use serde_json::{Value, json};

use super::call::{Call, Outcome, Reader, Route, created, done, no_content, ok};
use super::listing::{self, Row};
use super::order_request::new_purchase_order;
use super::receipts::{self, wire_receipt};
use super::wire;
use crate::sandbox::number;
use crate::sandbox::state::{Company, PurchaseOrder, PurchaseOrderLine, Refusal, Status};

const ORDERS: &str = "purchase orders";

/// The table below `/v1/orders/purchase`.
pub(super) fn route<'a>(method: &str, rest: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, rest) {
        ("GET", []) => Route::Read(list, ""),
        ("POST", []) => Route::Write(ORDERS, create, ""),
        ("PATCH", []) => Route::Write(ORDERS, patch, ""),
        ("GET", ["code", code]) => Route::Read(get, code),
        ("GET", ["code", code, "details"]) => Route::Read(information_of, code),
        ("POST", ["bulk-details"]) => Route::Read(bulk_details, ""),
        ("POST", ["bulk-details-by-seq"]) => Route::Read(bulk_details_by_number, ""),
        ("PATCH", ["bulk-update"]) => Route::Write(ORDERS, bulk_update, ""),
        ("PATCH", ["status", code]) => Route::Write(ORDERS, refresh_status, code),
        ("PUT", ["drop-ship"]) => Route::Write(ORDERS, set_drop_ship, ""),
        ("POST", ["update", "linkedDocument"]) => Route::Write(ORDERS, replace_link, ""),
        ("GET", ["unreceived-seq-codes"]) => Route::Read(unreceived, ""),
        ("GET", ["receipt"]) => Route::Read(receipts_of, ""),
        ("GET", ["get-deleted", code]) => Route::Read(get_deleted, code),
        ("POST", ["incomingStockQuantities"]) => Route::Read(receipts::incoming_stock, ""),
        ("GET", ["product-in-out-qty"]) => Route::Read(in_out, ""),
        ("POST", ["approval-status"]) => Route::Write(ORDERS, approval, ""),
        ("POST", ["email"]) => Route::Write("email", super::email::order, ""),
        ("POST", ["bulk-email"]) => Route::Write("email", super::email::orders, ""),
        ("GET", [key]) => Route::Read(get, key),
        ("PUT", [key]) => Route::Write(ORDERS, replace, key),
        ("DELETE", [key]) => Route::Write(ORDERS, delete, key),
        _ => return None,
    })
}

pub(super) fn order(company: &Company, order: &PurchaseOrder) -> Value {
    let contact = company.contact(&order.vendor).ok();
    json!({
        "id": order.id,
        "poCode": order.code,
        "documentSequenceCode": order.number,
        "vendorCode": order.vendor,
        "contact": { "name": order.contact_name, "address": order.contact_address },
        "contactDto": contact.map(wire::contact),
        "documentDate": wire::date(order.date),
        "dueDate": wire::date(order.due),
        "receiveByDate": order.receive_by.map(wire::date),
        "deliveryDate": order.delivery.map(wire::date),
        "warehouseCode": order.warehouse,
        "status": order.status.as_str(),
        "draft": order.status == Status::Draft,
        "approvalStatus": "NOT_REQUIRED",
        "orderType": "INVENTORY",
        "receiptStatus": order.receipt_status(),
        "pendingReceipt": order.lines.iter().any(|line| !order.pending(line).is_zero()),
        "billed": false,
        "currencyCode": order.currency,
        "exchangeRate": 1,
        "totalAmount": number::json(order.total),
        "memo": order.memo,
        "backOrder": order.back_order,
        "dropShip": order.drop_ship,
        "billTo": order.bill_to.as_ref().map(wire::address),
        "shipTo": order.ship_to.as_ref().map(wire::address),
        "shipFrom": order.ship_from.as_ref().map(wire::address),
        "customField": wire::custom(&order.custom),
        "linkedDocuments": wire::links(&order.links),
        "linkedPurchaseInvoices": [],
        "purchaseOrderItems": order.lines.iter().zip(1_u32..).map(|one| line(company, order, one)).collect::<Vec<_>>(),
    })
}

fn line(company: &Company, order: &PurchaseOrder, (line, number): (&PurchaseOrderLine, u32)) -> Value {
    let amounts = (line.quantity, line.unit_price);
    let units = wire::line_units(company, &line.item, line.packing.as_ref(), amounts);
    wire::joined(
        units,
        json!({
            "id": line.id,
            "purchaseOrderItemCode": line.code,
            "lineNumber": number,
            "productOrder": number,
            "productCode": line.item,
            "productDescription": line.description,
            "taxCode": line.tax_code,
            "totalAmount": number::json(line.total),
            "pendingQuantity": number::json(order.pending(line)),
            "receivedQuantityInOrder": number::json(line.received),
            "receivedQuantityInBills": 0,
        }),
    )
}

fn list(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let rows = company.purchase_orders.iter().map(|one| Row::order(one, || order(company, one)));
    listing::documents(company, rows.collect(), call)
}

fn get(company: &Company, _: &Call<'_>, key: &str) -> Outcome {
    ok(order(company, company.purchase_order(key)?))
}

fn get_deleted(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    if company.deleted_orders.iter().any(|one| one == code) {
        ok(json!({ "poCode": code, "deleted": true }))
    } else {
        Err(Refusal::missing(format!("deleted purchase order {code}")))
    }
}

/// `PurchaseOrderInformation`: the order and when it was last received; two members fewer than the order itself.
fn information(company: &Company, one: &PurchaseOrder) -> Value {
    let received = company.receipts.iter().filter(|receipt| receipt.purchase_order == one.code);
    let last = received.map(|receipt| receipt.date).max();
    let mut information = wire::joined(order(company, one), json!({ "receiptDate": last.map(wire::date) }));
    if let Some(members) = information.as_object_mut() {
        members.remove("approvalStatus");
        let lines = members.get_mut("purchaseOrderItems").and_then(Value::as_array_mut).into_iter().flatten();
        lines.filter_map(Value::as_object_mut).for_each(|line| drop(line.remove("productOrder")));
    }
    information
}

fn information_of(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    ok(information(company, company.purchase_order(code)?))
}

fn bulk_details(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let codes = call.codes()?;
    let found = company.purchase_orders.iter().filter(|one| codes.contains(&one.code.as_str()));
    ok(found.map(|one| information(company, one)).collect())
}

fn bulk_details_by_number(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let numbers = call.codes()?;
    let found = company.purchase_orders.iter().filter(|one| numbers.contains(&one.number.as_str()));
    let found = found.filter(|one| company.is_listed(one.created, call.now));
    ok(found.map(|one| information(company, one)).collect())
}

fn create(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    let new = new_purchase_order(company, call.body)?;
    let code = company.create_purchase_order(new, call.now)?;
    created(order(company, company.purchase_order(&code)?))
}

fn replace(company: &mut Company, call: &Call<'_>, key: &str) -> Outcome {
    let new = new_purchase_order(company, call.body)?;
    company.replace_purchase_order(key, new, call.now)?;
    ok(order(company, company.purchase_order(key)?))
}

fn delete(company: &mut Company, _: &Call<'_>, key: &str) -> Outcome {
    company.delete_purchase_order(key)?;
    no_content()
}

fn patch(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    let key = call.required_param("orderCode")?;
    apply(company, key, call)?;
    ok(order(company, company.purchase_order(key)?))
}

/// Sets the fields of a free map on an order.
fn apply(company: &mut Company, key: &str, call: &Call<'_>) -> Result<(), Refusal> {
    let mut order = company.purchase_order(key)?.clone();
    let mut reader = Reader::new(call.body, "");
    for (name, value) in call.fields()? {
        match name.as_str() {
            "status" => {
                let status = reader.text(name).and_then(|status| Status::parse(&status));
                order.status = status.ok_or_else(|| Refusal::invalid(format!("there is no status {value}")))?;
            }
            "draft" => order.status = if reader.flag(name) == Some(true) { Status::Draft } else { Status::Open },
            "memo" => order.memo = reader.text(name).unwrap_or_default(),
            "documentSequenceCode" => order.number = reader.text(name).unwrap_or(order.number),
            "backOrder" => order.back_order = reader.flag(name).unwrap_or_default(),
            "dropShip" => order.drop_ship = reader.flag(name).unwrap_or_default(),
            "receiveByDate" => order.receive_by = reader.date(name),
            "deliveryDate" => order.delivery = reader.date(name),
            "dueDate" => order.due = reader.date(name).unwrap_or(order.due),
            "shipTo" => order.ship_to = Some(wire::parse_address(value)),
            "customField" => wire::merge_custom(company, "ORDER", value, &mut order.custom)?,
            "linkedDocuments" => order.links = wire::parse_links(value)?,
            _ => return Err(Refusal::Fields(vec![(name.clone(), "cannot be set".to_owned())])),
        }
    }
    reader.finish()?;
    let status = order.status;
    let code = order.code.clone();
    *company.purchase_order_mut(&code)? = order;
    company.set_purchase_order_status(&code, status, call.now)
}

fn bulk_update(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    let mut results = Vec::new();
    for change in call.objects()? {
        let mut fields = change.clone();
        let key = fields.as_object_mut().and_then(|fields| fields.remove("poCode").or_else(|| fields.remove("id")));
        let key = match &key {
            Some(Value::String(key)) => key.clone(),
            Some(Value::Number(key)) => key.to_string(),
            _ => return Err(Refusal::invalid("each entry names its poCode or id")),
        };
        let result = apply(company, &key, &Call { query: call.query, body: &fields, now: call.now });
        let id = company.purchase_order(&key).ok().map(|order| order.id);
        results.push(json!({ "id": id, "reason": result.err().map_or("SUCCESS".to_owned(), |one| one.to_string()) }));
    }
    ok(Value::Array(results))
}

/// Status is always computed here, so there is nothing to refresh.
fn refresh_status(company: &mut Company, _: &Call<'_>, code: &str) -> Outcome {
    company.purchase_order(code)?;
    no_content()
}

fn set_drop_ship(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    let code = call.required_param("code")?;
    let drop_ship = match call.required_param("isDropShip")? {
        "true" => true,
        "false" => false,
        _ => return Err(Refusal::Fields(vec![("isDropShip".to_owned(), "must be true or false".to_owned())])),
    };
    company.purchase_order_mut(code)?.drop_ship = drop_ship;
    company.purchase_order_changed(code, call.now)?;
    ok(information(company, company.purchase_order(code)?))
}

/// Replaces the old link by the new one on every order that has it; without an old one, the new one names the order
/// through the sale's own links.
fn replace_link(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    let part = |name: &str| call.body.get(name).filter(|value| value.is_object());
    let (Some(old), Some(new)) = (part("oldLinkedDocument"), part("newLinkedDocument")) else {
        return Err(Refusal::invalid("oldLinkedDocument and newLinkedDocument are required"));
    };
    let (old, new) = (wire::parse_link(old)?, wire::parse_link(new)?);
    let linked = company.purchase_orders.iter().filter(|order| order.links.iter().any(|link| link.code == old.code));
    let changed: Vec<String> = linked.map(|order| order.code.clone()).collect();
    if changed.is_empty() {
        return Err(Refusal::missing(format!("a purchase order linked with {}", old.code)));
    }
    for code in changed {
        let links = &mut company.purchase_order_mut(&code)?.links;
        links.iter_mut().filter(|link| link.code == old.code).for_each(|link| *link = new.clone());
        company.purchase_order_changed(&code, call.now)?;
    }
    done()
}

fn unreceived(company: &Company, _: &Call<'_>, _: &str) -> Outcome {
    let open =
        company.purchase_orders.iter().filter(|order| order.lines.iter().any(|line| !order.pending(line).is_zero()));
    ok(open.map(|order| json!({ "documentSequenceCode": order.number, "documentCode": order.code })).collect())
}

fn receipts_of(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let code = call.required_param("documentCode")?;
    let of_order = company.receipts.iter().filter(|receipt| receipt.purchase_order == code);
    ok(of_order.map(|receipt| wire_receipt(company, receipt)).collect())
}

fn in_out(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let item = call.required_param("productCode")?;
    company.item(item)?;
    ok(json!({
        "documentType": "PURCHASE_ORDER",
        "productCode": item,
        "quantity": number::json(company.incoming(item)),
    }))
}

/// Nothing here waits for approval; the call is accepted for orders that exist.
fn approval(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    for request in call.objects()? {
        let code = request.get("documentCodes").and_then(Value::as_str).unwrap_or_default();
        company.purchase_order(code)?;
    }
    done()
}
