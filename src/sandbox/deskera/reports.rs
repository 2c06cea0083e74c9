//! The three stock reports on the wire.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::call::{Call, Outcome, Route, ok};
use super::wire;
use crate::sandbox::number;
use crate::sandbox::state::{Company, ItemKind};

/// The table below `/v1/reports`.
pub(super) fn route<'a>(method: &str, rest: &[&'a str]) -> Option<Route<'a>> {
    Some(match (method, rest) {
        ("POST", ["common", "stock-availability-wh"]) => Route::Read(availability, ""),
        ("GET", ["product", "stock-availability"]) => Route::Read(ledger, ""),
        ("POST", ["product", "incoming-quantity"]) => Route::Read(incoming, ""),
        _ => return None,
    })
}

fn availability(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let only = call.body.get("productCode").and_then(Value::as_str);
    let tracked = company.items.iter().filter(|item| item.kind == ItemKind::Tracked);
    let mut rows = Vec::new();
    for item in tracked.filter(|item| only.is_none_or(|code| item.code == code)) {
        for warehouse in &company.warehouses {
            rows.push(json!({
                "productCode": item.code,
                "productName": item.name,
                "warehouseCode": warehouse.code,
                "warehouseName": warehouse.name,
                "availableQuantity": number::json(company.available(&warehouse.code, &item.code)),
            }));
        }
    }
    let whole = |name: &str, default: u64| call.body.get(name).and_then(Value::as_u64).unwrap_or(default);
    let (page, limit) = (whole("page", 0), whole("limit", 10).max(1));
    let total = rows.len() as u64;
    let skip = usize::try_from(page.saturating_mul(limit)).unwrap_or(usize::MAX);
    let take = usize::try_from(limit).unwrap_or(usize::MAX);
    ok(json!({
        "content": rows.into_iter().skip(skip).take(take).collect::<Vec<_>>(),
        "pageNumber": page,
        "pageSize": limit,
        "totalElements": total,
        "totalPages": total.div_ceil(limit),
    }))
}

/// One row: the day asked for, with all that moved so far.
fn ledger(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let item = call.required_param("productCode")?;
    company.item(item)?;
    let day = wire::date(company.today(call.now));
    let sum = |lines: &mut dyn Iterator<Item = &crate::sandbox::state::MovedLine>| -> Decimal {
        lines.filter(|line| line.item == item).map(|line| line.quantity).sum()
    };
    let came = sum(&mut company.receipts.iter().flat_map(|receipt| &receipt.lines));
    let went = sum(&mut company.fulfilments.iter().flat_map(|one| &one.lines));
    ok(json!([{
        "fromDate": day,
        "toDate": day,
        "timeline": day,
        "qtyIn": number::json(came),
        "qtyOut": number::json(went),
        "qtyInHand": number::json(company.available_everywhere(item)),
    }]))
}

/// One period per product: everything that is still to come and to go.
fn incoming(company: &Company, call: &Call<'_>, _: &str) -> Outcome {
    let mut rows = Vec::new();
    for code in call.codes()? {
        company.item(code)?;
        rows.push(json!({
            "productCode": code,
            "incomingDetailsList": [{
                "periodName": call.param("periodFrequency").unwrap_or("ALL"),
                "incomingQty": number::json(company.incoming(code)),
                "outgoingQty": number::json(company.outgoing(code)),
            }],
        }));
    }
    ok(Value::Array(rows))
}
