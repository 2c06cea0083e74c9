//! What comes on purchase orders: the moves of their lines' goods, done, to come and cancelled.
//!
//! Facts (recorded from 19, `19_moves_of_receipt_*`): cancelling a receipt leaves the order and its lines as they are; its
//! moves keep their quantity, and nothing comes any more. A line that is written with another quantity gets a move for all
//! that no live or done one brings.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::kept::Row;
use super::purchase_rows::{is_issued, product};
use super::rows::View;
use super::wire;
use crate::sandbox::state::{Company, ItemKind, PurchaseOrder, PurchaseOrderLine};

/// Where the ids of the moves begin that were not made by a receipt: the line's id, and which of the line's it is.
const TO_COME: i64 = 20_000_000;
const MOVES_OF_A_LINE: i64 = 100;

/// Places that goods come from and go to.
const VENDORS: i64 = 4;
const CUSTOMERS: i64 = 5;
const STOCK: i64 = 8;

/// A move that was cancelled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cancelled {
    purchase_line: i64,
    quantity: Decimal,
    /// Whether the line was written since, and so has a move for it again.
    replaced: bool,
}

pub(super) fn locations() -> Vec<Row> {
    let places = [(VENDORS, "Vendors", "supplier"), (CUSTOMERS, "Customers", "customer"), (STOCK, "Stock", "internal")];
    places.map(|(id, name, usage)| wire::row(id, json!({ "name": name, "usage": usage }))).to_vec()
}

/// Where what is sold goes.
pub(super) fn to_customers() -> Value {
    wire::one(CUSTOMERS, "Customers")
}

/// What was received of a line, with the ids of the moves.
pub(super) fn received<'a>(
    company: &'a Company,
    line: &'a PurchaseOrderLine,
) -> impl Iterator<Item = (i64, Decimal)> + 'a {
    let moved = company.receipts.iter().flat_map(|receipt| &receipt.lines);
    moved.filter(|moved| moved.document_line == line.code).map(|moved| (moved.id, moved.quantity))
}

/// What of a line's quantity does not come any more.
fn given_up(company: &Company, line: i64) -> Decimal {
    let cancelled = company.odoo.cancelled.iter().filter(|one| one.purchase_line == line && !one.replaced);
    cancelled.map(|one| one.quantity).sum()
}

/// What of an item is on purchase orders and does not come any more.
pub(super) fn given_up_of(company: &Company, item: &str) -> Decimal {
    let orders = company.purchase_orders.iter().filter(|order| !order.drop_ship && is_issued(order));
    let lines = orders.flat_map(|order| &order.lines).filter(|line| line.item == item);
    lines.map(|line| given_up(company, line.id).min((line.quantity - line.received).max(Decimal::ZERO))).sum()
}

/// A move of a line: its id, how much, and its state.
fn of_line(company: &Company, order: &PurchaseOrder, line: &PurchaseOrderLine) -> Vec<(i64, Decimal, &'static str)> {
    let mut moves: Vec<_> = received(company, line).map(|(id, quantity)| (id, quantity, "done")).collect();
    let is_moved = company.item(&line.item).is_ok_and(|item| item.kind == ItemKind::Tracked);
    let first = TO_COME + line.id * MOVES_OF_A_LINE;
    let cancelled = company.odoo.cancelled.iter().filter(|one| one.purchase_line == line.id);
    moves.extend((first..).zip(cancelled.clone()).map(|(id, one)| (id, one.quantity, "cancel")));
    let to_come = line.quantity - line.received - given_up(company, line.id);
    if is_moved && is_issued(order) && to_come > Decimal::ZERO {
        let id = (first..).zip(cancelled).last().map_or(first, |(id, _)| id + 1);
        moves.push((id, to_come, "assigned"));
    }
    moves
}

pub(super) fn moves(view: &View<'_>) -> Vec<Row> {
    let company = view.company;
    let mut rows = Vec::new();
    for order in &company.purchase_orders {
        let to = if order.drop_ship { to_customers() } else { wire::one(STOCK, "Stock") };
        for line in &order.lines {
            for (id, quantity, state) in of_line(company, order, line) {
                let moved = if state == "cancel" { Decimal::ZERO } else { quantity };
                let about = json!({
                    "product_id": product(company, &line.item), "product_uom_qty": wire::float(quantity),
                    "product_qty": wire::float(quantity), "quantity": wire::float(moved), "state": state,
                    "picked": state == "done", "procure_method": "make_to_stock", "sale_line_id": false,
                    "purchase_line_id": wire::one(line.id, &line.description), "location_dest_id": to,
                    "company_id": view.company_field(), "write_date": wire::time(order.changed),
                });
                rows.push(wire::row(id, about));
            }
        }
    }
    rows
}

/// The ids of a line's moves.
pub(super) fn ids(company: &Company, order: &PurchaseOrder, line: &PurchaseOrderLine) -> Vec<i64> {
    of_line(company, order, line).into_iter().map(|(id, ..)| id).collect()
}

/// Where the transfer of an order stands; `None` where it has none, because no goods come on it.
pub(super) fn transfer_state(company: &Company, order: &PurchaseOrder) -> Option<&'static str> {
    let moves = order.lines.iter().flat_map(|line| of_line(company, order, line));
    let states: Vec<&str> = moves.map(|(.., state)| state).collect();
    ["assigned", "done", "cancel"].into_iter().find(|state| states.contains(state))
}

/// What is still to come of an order comes no more.
pub(super) fn cancel(company: &mut Company, order: &PurchaseOrder) {
    for line in &order.lines {
        let live = of_line(company, order, line).into_iter().filter(|(.., state)| *state == "assigned");
        let given_up: Vec<Cancelled> =
            live.map(|(_, quantity, _)| Cancelled { purchase_line: line.id, quantity, replaced: false }).collect();
        company.odoo.cancelled.extend(given_up);
    }
}

/// A line was written with another quantity: all that no move brings has one again.
pub(super) fn replace(company: &mut Company, line: i64) {
    for one in company.odoo.cancelled.iter_mut().filter(|one| one.purchase_line == line) {
        one.replaced = true;
    }
}

/// The value of `receipt_status`.
pub(super) fn status(company: &Company, order: &PurchaseOrder) -> Value {
    match (transfer_state(company, order), order.receipt_status()) {
        _ if !is_issued(order) => json!(false),
        (None | Some("cancel"), _) => json!(false),
        (Some("done"), _) => json!("full"),
        (_, "PARTIAL_RECEIVED") => json!("partial"),
        _ => json!("pending"),
    }
}
