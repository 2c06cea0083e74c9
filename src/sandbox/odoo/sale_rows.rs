//! Quotations and sales orders as `sale.order`, their lines, and the moves of goods.
//!
//! An invoice is another model in Odoo and is not shown; nor is a quotation that an order was made from: there it is one
//! record, which changes its state.

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::kept::{Row, Series};
use super::rows::View;
use super::{parties, procure, purchase_rows, receipts, wire};
use crate::sandbox::state::{Role, Sale, SaleKind, SaleLine, Status};

/// Where the ids of the moves that a sale's line still needs begin: the line's id follows.
const TO_COME: i64 = 3_000_000;
/// Where the ids of the moves that wait for an order of their own begin: that order's line follows.
const WAITING: i64 = 4_000_000;

pub(super) fn is_shown(view: &View<'_>, sale: &Sale) -> bool {
    let became_order = || {
        let order = |one: &&std::sync::Arc<Sale>| {
            one.kind == SaleKind::SalesOrder && one.links.iter().any(|link| link.code == sale.code)
        };
        view.company.sales.iter().any(|one| order(&one))
    };
    match sale.kind {
        SaleKind::SalesOrder => true,
        SaleKind::Quotation => !became_order(),
        SaleKind::Invoice => false,
    }
}

pub(super) fn shown<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Sale> {
    let view = *view;
    view.company.sales.iter().map(std::ops::Deref::deref).filter(move |sale| is_shown(&view, sale))
}

pub(super) fn state(sale: &Sale) -> &'static str {
    match (sale.status, sale.kind) {
        (Status::Closed | Status::Archived, _) => "cancel",
        (Status::Draft, _) => "draft",
        (_, SaleKind::Quotation) => "sent",
        _ => "sale",
    }
}

pub(super) fn orders(view: &View<'_>) -> Vec<Row> {
    shown(view).map(|sale| order(view, sale)).collect()
}

fn order(view: &View<'_>, sale: &Sale) -> Row {
    let company = view.company;
    let customer = company.contact(&sale.customer).ok();
    let named = |id: i64| wire::one(id, customer.map_or("", |one| one.name.as_str()));
    let partner = customer.map_or(json!(false), |one| named(one.id));
    let seller = company.users.iter().find(|user| user.role == Role::Seller);
    let warehouse = company.warehouse(&sale.warehouse).ok();
    let about = |model: &str, of: &str| -> Vec<&Value> {
        let rows = company.odoo.of(model).iter();
        let own = |row: &&Row| row.get(of) == Some(&json!("sale.order")) && row.get("res_id") == Some(&json!(sale.id));
        rows.filter(own).filter_map(|row| row.get("id")).collect()
    };
    let delivered = match sale.fulfilment_status() {
        _ if state(sale) != "sale" => json!(false),
        "FULLY_FULFILLED" => json!("full"),
        "PARTIAL_FULFILLED" => json!("partial"),
        _ => json!("pending"),
    };
    let mut row = wire::row(
        sale.id,
        json!({
            "name": sale.number, "display_name": sale.number, "state": state(sale),
            "date_order": format!("{} 09:00:00", sale.date), "commitment_date": wire::noon(sale.need_by),
            "validity_date": sale.due.to_string(),
            "partner_id": partner, "partner_invoice_id": partner,
            "partner_shipping_id": named(parties::ship_to(company, sale)),
            "currency_id": view.currency(), "company_id": view.company_field(),
            "user_id": seller.map_or(json!(false), |user| wire::one(user.id, &user.name)),
            "warehouse_id": warehouse.map_or(json!(false), |one| wire::one(one.id, &one.name)),
            // The whole order at once, as the ERP itself delivers.
            "picking_policy": "one",
            "client_order_ref": false, "origin": false, "note": wire::text(&sale.memo),
            "order_line": sale.lines.iter().map(|line| line.id).collect::<Vec<_>>(),
            "activity_ids": about("mail.activity", "res_model"), "message_ids": about("mail.message", "model"),
            "amount_untaxed": wire::float(sale.total()), "amount_tax": wire::float(Decimal::ZERO),
            "amount_total": wire::float(sale.total()),
            "delivery_status": delivered, "invoice_status": "no", "locked": false,
            "create_date": wire::time(sale.created), "write_date": wire::time(sale.changed),
        }),
    );
    row.extend(company.odoo.custom.get(&sale.id).cloned().unwrap_or_default());
    row
}

pub(super) fn lines(view: &View<'_>) -> Vec<Row> {
    shown(view).flat_map(|sale| sale.lines.iter().map(|one| line(view, sale, one))).collect()
}

fn line(view: &View<'_>, sale: &Sale, line: &SaleLine) -> Row {
    let company = view.company;
    let packing = line.packing.as_ref();
    let in_unit = |quantity: Decimal| wire::float(wire::in_unit(packing, quantity));
    let price = packing.map_or(line.unit_price, |packing| line.unit_price * packing.factor);
    let warehouse = company.warehouse(&sale.warehouse).ok();
    let bought = company.purchase_orders.iter().flat_map(|order| &order.lines);
    let bought: Vec<i64> = bought.filter(|one| one.sale_line.as_ref() == Some(&line.code)).map(|one| one.id).collect();
    let name = company.item(&line.item).map(|item| item.name.clone()).unwrap_or_default();
    let mut row = wire::row(
        line.id,
        json!({
            "order_id": wire::one(sale.id, &sale.number),
            "product_id": purchase_rows::product(company, &line.item),
            "name": name, "display_name": format!("{} - {name}", sale.number), "display_type": false, "sequence": 10,
            "state": state(sale),
            "product_uom_qty": in_unit(line.quantity), "qty_delivered": in_unit(line.delivered()),
            "qty_to_deliver": in_unit(line.open()),
            "price_unit": wire::float(price), "price_subtotal": wire::float(line.quantity * line.unit_price),
            "discount": wire::float(Decimal::ZERO),
            "warehouse_id": warehouse.map_or(json!(false), |one| wire::one(one.id, &one.name)),
            "company_id": view.company_field(),
            "purchase_line_ids": bought,
            "move_ids": moves_of(view, sale, line).iter().filter_map(|one| one.get("id").cloned()).collect::<Vec<_>>(),
            "create_date": wire::time(sale.created), "write_date": wire::time(sale.changed),
        }),
    );
    let unit = purchase_rows::unit(company, &line.item, packing);
    let route = company.odoo.routes.get(&line.id);
    let of_series = match view.series {
        Series::V17 => json!({
            "product_uom": unit, "route_id": route.map_or(json!(false), |id| purchase_rows::route(*id)),
        }),
        Series::V19 => json!({ "product_uom_id": unit, "route_ids": route.into_iter().collect::<Vec<_>>() }),
    };
    row.extend(wire::row(line.id, of_series));
    row
}

/// What is still to move for a line: a move for each order that it waits for, and one for the rest.
fn to_come(view: &View<'_>, sale: &Sale, line: &SaleLine) -> Vec<(i64, Decimal, &'static str)> {
    let company = view.company;
    // What the vendor ships has no move of the warehouse.
    if procure::is_on(company, line, purchase_rows::DROP_SHIP_ROUTE) {
        return Vec::new();
    }
    let (mut delivered, mut open, mut moves) = (line.delivered(), line.open(), Vec::new());
    for made in company.odoo.made.iter().filter(|made| made.sale_line == line.id) {
        let gone = delivered.min(made.quantity);
        delivered -= gone;
        let waits = (made.quantity - gone).min(open);
        open -= waits;
        if !waits.is_zero() {
            let ordered = company.purchase_orders.iter().flat_map(|order| &order.lines);
            let ordered = ordered.filter(|ordered| ordered.id == made.purchase_line);
            let came = ordered.map(|ordered| ordered.received).sum::<Decimal>() - gone >= waits;
            moves.push((WAITING + made.purchase_line, waits, if came { "assigned" } else { "waiting" }));
        }
    }
    if !open.is_zero() {
        let state = if company.on_hand(&sale.warehouse, &line.item) >= open { "assigned" } else { "confirmed" };
        moves.push((TO_COME + line.id, open, state));
    }
    moves
}

/// The moves that a line of a purchase order was ordered for: what waits for it, and what went of it.
pub(super) fn waiting_for(view: &View<'_>, purchase_line: i64) -> Vec<i64> {
    let Some(made) = view.company.odoo.made.iter().find(|made| made.purchase_line == purchase_line) else {
        return Vec::new();
    };
    let lines = shown(view).flat_map(|sale| sale.lines.iter().map(move |line| (sale, line)));
    let moves = lines.filter(|(_, line)| line.id == made.sale_line).flat_map(|(sale, line)| moves_of(view, sale, line));
    let is_its = |row: &Row| {
        let id = row.get("id").and_then(Value::as_i64)?;
        (id == WAITING + purchase_line || row.get("state") == Some(&json!("done"))).then_some(id)
    };
    moves.filter_map(|row| is_its(&row)).collect()
}

/// What has moved for a line, and what is still to move: nothing is reserved in part by the ERP.
fn moves_of(view: &View<'_>, sale: &Sale, line: &SaleLine) -> Vec<Row> {
    if state(sale) != "sale" {
        return Vec::new();
    }
    let company = view.company;
    let done = company.fulfilments.iter().filter(|one| one.sale == sale.code).flat_map(|one| &one.lines);
    let done = done.filter(|moved| moved.document_line == line.code).map(|moved| (moved.id, moved.quantity, "done"));
    let row = |(id, quantity, state): (i64, Decimal, &str)| {
        let moved = if matches!(state, "confirmed" | "waiting") { Decimal::ZERO } else { quantity };
        let method = if id >= WAITING { "make_to_order" } else { "make_to_stock" };
        let about = json!({
            "product_id": purchase_rows::product(company, &line.item), "product_uom_qty": wire::float(quantity),
            "product_qty": wire::float(quantity), "quantity": wire::float(moved), "state": state,
            "picked": state == "done", "procure_method": method,
            "sale_line_id": wire::one(line.id, &sale.number), "purchase_line_id": false,
            "location_dest_id": receipts::to_customers(),
            "company_id": view.company_field(),
            "write_date": wire::time(sale.changed),
        });
        wire::row(id, about)
    };
    done.chain(to_come(view, sale, line)).map(row).collect()
}

pub(super) fn moves(view: &View<'_>) -> Vec<Row> {
    let mut rows: Vec<Row> =
        shown(view).flat_map(|sale| sale.lines.iter().flat_map(|line| moves_of(view, sale, line))).collect();
    rows.extend(receipts::moves(view));
    rows
}
