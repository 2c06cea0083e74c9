//! Goods receipts and fulfilments on the wire.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Call, Outcome, Reader, Route, created, ok};
use super::listing::{self, Row};
use super::wire;
use crate::sandbox::number;
use crate::sandbox::state::{Company, Fulfilment, ItemKind, MovedLine, Packing, Receipt, Refusal};

/// The table below `/v1/products/goodsreceipt` and `/v1/products/fulfillment`.
pub(super) fn route<'a>(method: &str, rest: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, rest) {
        ("POST", ["goodsreceipt"]) => Route::Write("receipts", create_receipt, ""),
        ("GET", ["goodsreceipt", "documentCode", code]) => Route::Read(receipts_of, code),
        ("POST", ["goodsreceipt", "codes-types"]) => Route::Read(receipts_of_many, ""),
        ("GET", ["goodsreceipt", "items", code]) => Route::Read(receipt_line, code),
        ("GET", ["goodsreceipt", "count", code]) => Route::Read(count_receipts, code),
        ("GET", ["goodsreceipt", "receipt", code] | ["goodsreceipt", code]) => Route::Read(receipt, code),
        ("DELETE", ["goodsreceipt", code]) => Route::Write("receipts", delete_receipt, code),
        ("GET", ["fulfillment"]) => Route::Read(list_fulfilments, ""),
        ("GET", ["fulfillment", "documentCode", code]) => Route::Read(fulfilments_of, code),
        ("POST", ["fulfillment", "quantity"]) => Route::Read(fulfilled_quantities, ""),
        ("GET", ["fulfillment", code]) => Route::Read(fulfilment, code),
        _ => return None,
    })
}

pub(super) fn wire_receipt(company: &Company, receipt: &Receipt) -> Value {
    let order = company.purchase_order(&receipt.purchase_order).ok();
    json!({
        "id": receipt.id,
        "goods_receipt_code": receipt.code,
        "documentSequenceCode": receipt.number,
        "documentCode": receipt.purchase_order,
        "documentType": "PURCHASE_ORDER",
        "parentDocumentSeqCode": order.map(|order| order.number.as_str()),
        "receiptDate": wire::date(receipt.date),
        "warehouseCode": receipt.warehouse,
        "autoReceipt": false,
        "status": "RECEIVED",
        "items": receipt.lines.iter().map(|line| wire_receipt_line(company, receipt, line)).collect::<Vec<_>>(),
        "linkedDocuments": order.map(|order| [wire::link(&order.link())]),
    })
}

fn wire_receipt_line(company: &Company, receipt: &Receipt, moved: &MovedLine) -> Value {
    let order = company.purchase_order(&receipt.purchase_order).ok();
    let line = order.and_then(|order| order.lines.iter().find(|line| line.code == moved.document_line));
    let required = line.map_or(moved.quantity, |line| line.quantity);
    let pending = order.zip(line).map_or_else(Default::default, |(order, line)| order.pending(line));
    let packing = line.and_then(|line| line.packing.as_ref());
    let in_uom = |quantity| number::json(in_uom(packing, quantity));
    let Ok(item) = company.item(&moved.item) else { return json!({}) };
    json!({
        "id": moved.id,
        "goods_receipt_item_code": moved.code,
        "documentItemCode": moved.document_line,
        "documentUom": packing.map_or(item.uom, |packing| packing.uom),
        "documentUOMSchemaDefinition": wire::uom_definition(company, item, packing),
        "productCode": moved.item,
        "productName": item.name,
        "uomName": company.uom_name(packing.map_or(item.uom, |packing| packing.uom)),
        "quantityRequired": number::json(required),
        "receiptQuantity": number::json(moved.quantity),
        "pendingQuantity": number::json(pending),
        "uomQuantityRequired": in_uom(required),
        "uomReceiptQuantity": in_uom(moved.quantity),
        "uomPendingQuantity": in_uom(pending),
        "receiptDate": wire::date(receipt.date),
        "warehouseCode": receipt.warehouse,
    })
}

fn in_uom(packing: Option<&Packing>, quantity: rust_decimal::Decimal) -> rust_decimal::Decimal {
    packing.map_or(quantity, |packing| (quantity / packing.factor).normalize())
}

fn create_receipt(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    let mut reader = Reader::new(call.body, "");
    for name in ["documentCode", "documentSequenceCode", "documentType"] {
        reader.require(name);
    }
    let order = reader.text("documentCode").unwrap_or_default();
    let warehouse = reader.text("warehouseCode");
    let items = reader.value("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    reader.finish()?;
    let mut lines = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let mut reader = Reader::new(item, format!("items[{index}]."));
        reader.require("documentItemCode");
        reader.require("receiptQuantity");
        let line = reader.text("documentItemCode").unwrap_or_default();
        lines.push((line, reader.decimal("receiptQuantity").unwrap_or_default()));
        reader.finish()?;
    }
    let code = company.receive(&order, &lines, warehouse.as_deref(), call.now)?;
    created(wire_receipt(company, find_receipt(company, &code)?))
}

fn delete_receipt(company: &mut Company, call: &Call<'_>, code: &str) -> Outcome {
    company.undo_receipt(code, call.now)?;
    super::call::no_content()
}

fn find_receipt<'a>(company: &'a Company, code: &str) -> Result<&'a Receipt, Refusal> {
    company
        .receipts
        .iter()
        .find(|one| one.code == code)
        .map(std::ops::Deref::deref)
        .ok_or_else(|| Refusal::missing(format!("goods receipt {code}")))
}

fn receipt(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    ok(wire_receipt(company, find_receipt(company, code)?))
}

fn receipt_line(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    let mut lines = company.receipts.iter().flat_map(|receipt| receipt.lines.iter().map(move |line| (receipt, line)));
    let found = lines.find(|(_, line)| line.code == code);
    let (receipt, line) = found.ok_or_else(|| Refusal::missing(format!("goods receipt item {code}")))?;
    ok(wire_receipt_line(company, receipt, line))
}

fn of_document(company: &Company, codes: &[&str]) -> Value {
    let of_order = company.receipts.iter().filter(|receipt| codes.contains(&receipt.purchase_order.as_str()));
    of_order.map(|receipt| wire_receipt(company, receipt)).collect()
}

fn receipts_of(company: &Company, call: &Call<'_>, code: &str) -> Outcome {
    call.required_param("documentType")?;
    ok(of_document(company, &[code]))
}

fn receipts_of_many(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let codes = call.body.get("documentCodes").and_then(Value::as_array);
    let codes: Vec<&str> = codes.into_iter().flatten().filter_map(Value::as_str).collect();
    ok(of_document(company, &codes))
}

fn count_receipts(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    ok(json!(company.receipts.iter().filter(|receipt| receipt.purchase_order == code).count()))
}

fn wire_fulfilment(company: &Company, one: &Fulfilment) -> Value {
    let sale = company.sale(None, &one.sale).ok();
    let line = |moved: &MovedLine| {
        let line = sale.and_then(|sale| sale.lines.iter().find(|line| line.code == moved.document_line));
        let item = company.item(&moved.item).ok();
        json!({
            "id": moved.id,
            "fulfillment_item_code": moved.code,
            "documentItemCode": moved.document_line,
            "productCode": moved.item,
            "productName": item.map(|item| item.name.as_str()),
            "productType": item.map(|item| wire::line_type(item.kind)),
            "quantityRequired": line.map(|line| number::json(line.quantity)),
            "fulfilledQuantity": number::json(moved.quantity),
            "pendingQuantity": line.map(|line| number::json(line.open())),
            "fulfillmentDate": wire::date(one.date),
            "warehouseCode": one.warehouse,
        })
    };
    json!({
        "id": one.id,
        "fulfillment_code": one.code,
        "documentCode": one.sale,
        "documentType": sale.map(|sale| sale.kind.document_type()),
        "documentDate": sale.map(|sale| wire::date(sale.date)),
        "parentDocumentSeqCode": sale.map(|sale| sale.number.as_str()),
        "fulfillmentDate": wire::date(one.date),
        "fulfillmentType": if one.drop_ship { "DROP_SHIP" } else { "DEFAULT" },
        "autoFulfilled": false,
        "warehouseCode": one.warehouse,
        "fulfillmentItems": one.lines.iter().map(line).collect::<Vec<_>>(),
    })
}

fn list_fulfilments(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let at = Timestamp::UNIX_EPOCH;
    let rows = company.fulfilments.iter().map(|one| Row::master(one.id, at, || wire_fulfilment(company, one)));
    listing::page(rows.collect(), call)
}

fn fulfilments_of(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    let of_sale = company.fulfilments.iter().filter(|one| one.sale == code);
    ok(of_sale.map(|one| wire_fulfilment(company, one)).collect())
}

fn fulfilment(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    let found = company.fulfilments.iter().find(|one| one.code == code);
    ok(wire_fulfilment(company, found.ok_or_else(|| Refusal::missing(format!("fulfilment {code}")))?))
}

/// The items that a `StockQuantitiesRequest` asks for; all tracked ones where it names none.
pub(super) fn asked_items<'a>(company: &'a Company, call: &'a Call<'_>) -> Result<Vec<&'a str>, Refusal> {
    let named = call.body.get("productVariantCodes").and_then(Value::as_array);
    let named: Vec<&str> = named.into_iter().flatten().filter_map(Value::as_str).collect();
    if named.is_empty() {
        let tracked = company.items.iter().filter(|item| item.kind == ItemKind::Tracked);
        return Ok(tracked.map(|item| item.code.as_str()).collect());
    }
    for code in &named {
        company.item(code)?;
    }
    Ok(named)
}

/// What is still to come by purchase orders, per item; of one warehouse where it is named.
pub(super) fn incoming_stock(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let warehouse = call.body.get("warehouseCode").and_then(Value::as_str);
    let info = |code: &str| {
        let orders = company.purchase_orders.iter().filter(|one| !one.drop_ship);
        let orders = orders.filter(|one| warehouse.is_none_or(|warehouse| one.warehouse == warehouse));
        let lines = orders.flat_map(|order| order.lines.iter().map(move |line| (order, line)));
        let (mut pending, mut received) = (rust_decimal::Decimal::ZERO, rust_decimal::Decimal::ZERO);
        for (order, line) in lines.filter(|(_, line)| line.item == code) {
            pending += order.pending(line);
            received += line.received;
        }
        json!({
            "productCode": code,
            "warehouseCode": warehouse,
            "pendingQuantity": number::json(pending),
            "receiptQuantity": number::json(received),
        })
    };
    let rows: Vec<Value> = asked_items(company, call)?.into_iter().map(info).collect();
    ok(json!({ "productStockInfo": rows }))
}

fn fulfilled_quantities(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let info = |code: &str| {
        let moved = company.fulfilments.iter().flat_map(|one| &one.lines).filter(|line| line.item == code);
        let fulfilled: rust_decimal::Decimal = moved.map(|line| line.quantity).sum();
        json!({ "productCode": code, "fulfilledQuantity": number::json(fulfilled) })
    };
    let rows: Vec<Value> = asked_items(company, call)?.into_iter().map(info).collect();
    ok(json!({ "productStockInfo": rows }))
}
