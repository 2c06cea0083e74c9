//! Warehouses, stock and reservations on the wire.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Call, Outcome, Reader, Route, ok};
use super::listing::{self, Row};
use super::wire;
use crate::sandbox::number;
use crate::sandbox::state::{Company, Item, ItemKind, Refusal, Reservation, Warehouse, WarehouseKind};

/// The table below `/v1/products/inventories` (and `/v1/inventories`, its older name).
pub(super) fn route<'a>(method: &str, rest: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, rest) {
        ("GET", ["warehouses"]) => Route::Read(warehouses, ""),
        ("GET", ["warehouses", "search"]) => Route::Read(search_warehouses, ""),
        ("GET", ["warehouses", "primary"]) => Route::Read(primary, ""),
        ("GET", ["warehouses", code]) => Route::Read(one_warehouse, code),
        ("POST", ["warehouses", "warehouse-products" | "warehouse-products-code"]) => Route::Read(stock, ""),
        ("GET", ["product", code]) => Route::Read(stock_of_product, code),
        ("POST", ["product", "warehouse", "inventory"]) => Route::Read(stock_of_products, ""),
        ("POST", ["reserved-quantity"]) => Route::Read(reservations, ""),
        ("POST", ["reserved-quantity", "add"]) => Route::Write("stock", add_reservations, ""),
        ("POST", ["reserved-quantity", "remove"]) => Route::Write("stock", remove_reservations, ""),
        ("GET", ["reorderreport"]) => Route::Read(reorder_report, ""),
        _ => return None,
    })
}

fn warehouse(warehouse: &Warehouse) -> Value {
    json!({
        "id": warehouse.id,
        "code": warehouse.code,
        "name": warehouse.name,
        "active": warehouse.active,
        "primary": warehouse.kind == WarehouseKind::Primary,
        "warehouseType": type_name(warehouse.kind),
        "location": { "id": warehouse.id, "name": warehouse.name, "address": [wire::address(&warehouse.address)] },
    })
}

fn type_name(kind: WarehouseKind) -> &'static str {
    match kind {
        WarehouseKind::Primary => "PRIMARY",
        WarehouseKind::Rejected => "REJECTED",
        WarehouseKind::JobWorkOut => "JOB_WORK_OUT",
        WarehouseKind::Qa => "QA",
        WarehouseKind::None => "NONE",
    }
}

fn warehouses(company: &Company, _: &Call<'_>, _: &str) -> Outcome {
    ok(company.warehouses.iter().map(warehouse).collect())
}

fn search_warehouses(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let rows = company.warehouses.iter().map(|one| Row::master(one.id, Timestamp::UNIX_EPOCH, || warehouse(one)));
    listing::page(rows.collect(), call)
}

fn primary(company: &Company, _: &Call<'_>, _: &str) -> Outcome {
    ok(json!(company.primary_warehouse()?.code))
}

fn one_warehouse(company: &Company, _: &Call<'_>, code: &str) -> Outcome {
    ok(warehouse(company.warehouse(code)?))
}

/// Per warehouse, what is available and reserved of the products named; of those that keep no stock, nothing.
fn stock(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let codes = call.codes()?;
    let only = call.param("warehouseCode").filter(|code| !code.is_empty());
    if let Some(code) = only {
        company.warehouse(code)?;
    }
    let tracked = |code: &&&str| company.item(code).is_ok_and(|item| item.kind == ItemKind::Tracked);
    let tracked: Vec<&str> = codes.iter().filter(tracked).copied().collect();
    let mut rows = Vec::new();
    for one in company.warehouses.iter().filter(|one| only.is_none_or(|code| one.code == code)) {
        let map = |of: fn(&Company, &str, &str) -> rust_decimal::Decimal| -> Value {
            tracked.iter().map(|item| ((*item).to_owned(), number::json(of(company, &one.code, item)))).collect()
        };
        rows.push(wire::joined(
            warehouse(one),
            json!({
                "productAvailableQuantity": map(Company::available),
                "productReservedQuantity": map(Company::reserved),
            }),
        ));
    }
    ok(json!({ "totalWarehouseCount": rows.len(), "warehouses": rows }))
}

fn by_warehouse(company: &Company, item: &str) -> Result<Vec<Value>, Refusal> {
    company.item(item)?;
    let row = |one: &Warehouse| {
        json!({
            "code": one.code,
            "name": one.name,
            "address": one.address.line(),
            "primary": one.kind == WarehouseKind::Primary,
            "quantity": number::json(company.available(&one.code, item)),
        })
    };
    Ok(company.warehouses.iter().map(row).collect())
}

fn stock_of_product(company: &Company, _: &Call<'_>, item: &str) -> Outcome {
    ok(Value::Array(by_warehouse(company, item)?))
}

fn stock_of_products(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let mut rows = Vec::new();
    for code in call.codes()? {
        rows.extend(by_warehouse(company, code)?);
    }
    ok(Value::Array(rows))
}

pub(super) fn reservation(one: &Reservation) -> Value {
    json!({
        "advancedTrackingType": "NONE",
        "warehouseCode": one.warehouse,
        "productCode": one.item,
        "documentCode": one.document,
        "documentItemCode": one.document_line,
        "reservedQuantity": number::json(one.quantity),
    })
}

fn reservations(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let codes = call.codes()?;
    let found = company.reservations.iter().filter(|one| codes.contains(&one.item.as_str()));
    ok(found.map(reservation).collect())
}

fn parse_reservation(company: &Company, value: &Value) -> Result<Reservation, Refusal> {
    let mut reader = Reader::new(value, "");
    for name in ["warehouseCode", "productCode", "documentCode", "reservedQuantity"] {
        reader.require(name);
    }
    let one = Reservation {
        warehouse: reader.text("warehouseCode").unwrap_or_default(),
        item: reader.text("productCode").unwrap_or_default(),
        document: reader.text("documentCode").unwrap_or_default(),
        document_line: reader.text("documentItemCode").unwrap_or_default(),
        quantity: reader.decimal("reservedQuantity").unwrap_or_default(),
    };
    reader.finish()?;
    company.warehouse(&one.warehouse)?;
    company.item(&one.item)?;
    Ok(one)
}

fn add_reservations(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    for value in call.objects()? {
        let one = parse_reservation(company, value)?;
        let free = company.on_hand(&one.warehouse, &one.item) - company.reserved(&one.warehouse, &one.item);
        if one.quantity > free {
            return Err(Refusal::invalid(format!("only {free} of {} can be reserved", one.item)));
        }
        company.reservations.push(one);
    }
    ok(json!(true))
}

fn remove_reservations(company: &mut Company, call: &Call<'_>, _: &str) -> Outcome {
    for value in call.objects()? {
        let one = parse_reservation(company, value)?;
        let same = |other: &Reservation| {
            (&other.warehouse, &other.item, &other.document) == (&one.warehouse, &one.item, &one.document)
        };
        company.reservations.retain(|other| !same(other));
    }
    ok(json!(true))
}

fn reorder_report(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let tracked = company.items.iter().filter(|item| item.kind == ItemKind::Tracked);
    let report = |item: &Item| {
        json!({
            "productName": item.name,
            "stockInHand": number::json(company.available_everywhere(&item.code)),
            "committedStock": number::json(company.outgoing(&item.code)),
            "incomingStock": number::json(company.incoming(&item.code)),
        })
    };
    listing::page(tracked.map(|item| Row::master(item.id, item.created, || report(item))).collect(), call)
}
