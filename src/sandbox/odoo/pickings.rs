//! Transfers of goods as `stock.picking`: one for each order that was confirmed.
//!
//! The ERP has none; a person may still write on one by itself, which changes nothing but when it was written, and cancel
//! a receipt: what has not come on it does not come then, whatever its order says.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::call::Call;
use super::kept::{Row, Series};
use super::rows::View;
use super::trouble::Trouble;
use super::{purchase_rows, receipts, sale_rows, wire};
use crate::sandbox::state::Company;

/// Where the ids of deliveries begin, and of receipts: the order's id follows.
const DELIVERY: i64 = 7_000_000;
const RECEIPT: i64 = 8_000_000;

pub(super) fn rows(view: &View<'_>) -> Vec<Row> {
    let company = view.company;
    let row = |id: i64, name: &str, state: &str, changed: Timestamp, sale: Value, purchase: Value| {
        let written = company.odoo.transfers.get(&id).copied().unwrap_or(changed).max(changed);
        let about = json!({
            "name": name, "state": state, "sale_id": sale, "purchase_id": purchase, "company_id": view.company_field(),
            "write_date": wire::time(written),
        });
        wire::row(id, about)
    };
    let sales = sale_rows::shown(view).filter(|sale| sale_rows::state(sale) == "sale");
    let deliveries = sales.map(|sale| {
        let order = wire::one(sale.id, &sale.number);
        let state = if sale.fulfilment_status() == "FULLY_FULFILLED" { "done" } else { "assigned" };
        row(DELIVERY + sale.id, &format!("WH/OUT/{:05}", sale.id), state, sale.changed, order, json!(false))
    });
    let orders = company.purchase_orders.iter().filter(|order| purchase_rows::is_issued(order));
    let receipts = orders.filter_map(|order| {
        let state = receipts::transfer_state(company, order)?;
        // A drop shipment names its sale on 19 only.
        let sold = order.lines.iter().filter(|_| order.drop_ship && view.series == Series::V19);
        let sold: Vec<&String> = sold.filter_map(|line| line.sale_line.as_ref()).collect();
        let of = |sale: &&std::sync::Arc<crate::sandbox::state::Sale>| {
            sale.lines.iter().any(|line| sold.contains(&&line.code))
        };
        let sale = company.sales.iter().find(of).map_or(json!(false), |sale| wire::one(sale.id, &sale.number));
        let bought = wire::one(order.id, &order.number);
        Some(row(RECEIPT + order.id, &format!("WH/IN/{:05}", order.id), state, order.changed, sale, bought))
    });
    deliveries.chain(receipts).collect()
}

pub(super) fn write(company: &mut Company, call: &Call, now: Timestamp) -> Result<Value, Trouble> {
    for id in call.ids() {
        let known = rows(&View::of(company)).iter().any(|row| row.get("id") == Some(&json!(id)));
        let sale = company.sales.iter().find(|sale| DELIVERY + sale.id == id).map(|sale| sale.changed);
        let order = company.purchase_orders.iter().find(|order| RECEIPT + order.id == id).map(|order| order.changed);
        let (true, Some(changed)) = (known, sale.or(order)) else { return Err(Trouble::missing("stock.picking", id)) };
        // In whole seconds it is later than it was.
        let before = company.odoo.transfers.get(&id).copied().unwrap_or(changed).max(changed);
        company.odoo.transfers.insert(id, now.max(before + SignedDuration::from_secs(1)));
    }
    Ok(json!(true))
}

/// Cancels receipts. Orders are written with them, as an Odoo does whose `receipt_status` changes.
pub(super) fn cancel(company: &mut Company, call: &Call, now: Timestamp) -> Result<Value, Trouble> {
    for id in call.ids() {
        let order = company.purchase_orders.iter().find(|order| RECEIPT + order.id == id);
        let order = order.cloned().ok_or_else(|| Trouble::missing("stock.picking", id))?;
        if receipts::transfer_state(company, &order) == Some("done") {
            let message = "You cannot cancel a stock move that has been set to 'Done'. Create a return in order to \
                           reverse the moves which took place.";
            return Err(Trouble::user(message));
        }
        receipts::cancel(company, &order);
        company.purchase_order_changed(&order.code, now)?;
    }
    Ok(json!(true))
}
