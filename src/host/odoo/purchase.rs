//! Purchase orders of Odoo: how one reads, and the rows by which one is made exactly once.
//!
//! `load` with an external id creates the order and the id in one transaction, and Odoo's database keeps the id unique:
//! two at once cannot make two orders (hosts/odoo/notes.md, "Idempotent create"). An id that exists would be updated, so
//! the caller looks for the marker first.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::coming::{self, Coming};
use super::series::Names;
use super::tied::{self, Tied};
use super::wire::{self, Units};
use crate::domain::purchase_order::{NewPurchaseOrder, PurchaseLine, PurchaseOrder, PurchaseState};
use crate::domain::sales_document::Address;
use crate::host::json::{Fields, Misfit};
use crate::host::marker;

pub(super) const ORDER_FIELDS: [&str; 9] = [
    "name",
    "state",
    "partner_id",
    "partner_ref",
    "origin",
    "currency_id",
    "dest_address_id",
    "picking_type_id",
    "date_planned",
];

pub(super) const LINE_FIELDS: [&str; 13] = [
    "order_id",
    // The order's.
    "state",
    "product_id",
    "product_qty",
    "product_uom_qty",
    "qty_received",
    "date_planned",
    "price_unit",
    "display_type",
    // By which rule Odoo made it: a reordering rule, the moves that it was made to order for, a drop shipment's line.
    "orderpoint_id",
    "move_dest_ids",
    "sale_line_id",
    "sale_order_id",
];

/// The module part of the external ids of what we make.
pub(super) const MODULE: &str = "__backorders__";

/// How goods come: into which warehouse, or to the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OperationType {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) warehouse: Option<i64>,
}

pub(super) fn operation_type(fields: &Fields<'_>) -> Result<OperationType, Misfit> {
    Ok(OperationType {
        id: wire::id(fields)?,
        code: wire::text(fields, "code")?,
        warehouse: wire::one_id(fields, "warehouse_id")?,
    })
}

/// All that an order and its lines refer to.
pub(super) struct Around<'a> {
    pub(super) types: &'a [OperationType],
    pub(super) addresses: BTreeMap<i64, Address>,
    pub(super) tied: Tied,
    pub(super) coming: Coming,
    /// Where Odoo shows an order of this id.
    pub(super) link: &'a dyn Fn(i64) -> Option<String>,
}

/// Reads an order with its lines.
pub(super) fn read(order: &Fields<'_>, lines: &[Fields<'_>], around: &Around<'_>) -> Result<PurchaseOrder, Misfit> {
    let id = wire::id(order)?;
    let kind = wire::one_id(order, "picking_type_id")?;
    let kind = around.types.iter().find(|known| Some(known.id) == kind);
    let drop_ship = kind.is_some_and(|kind| kind.code == "dropship");
    let warehouse = kind.and_then(|kind| kind.warehouse).filter(|_| !drop_ship);
    let marker = order.text("partner_ref")?.and_then(marker::find).map(str::to_owned);
    let (mut read, mut has_come) = (Vec::new(), false);
    for line in lines {
        if wire::one_id(line, "order_id")? == Some(id) && line.get("display_type").is_none() {
            let mut line_read = read_line(line, warehouse)?;
            // What we ordered has pegs of our own.
            if marker.is_none() {
                line_read.pegs = tied::pegs(line, line_read.ordered, &around.tied)?;
            }
            if is_issued(order)? {
                let is_converted = wire::figure(line, "product_qty")? != Some(line_read.ordered);
                let rest = line_read.ordered - line_read.received;
                line_read.closed = coming::closed(line, rest, is_converted, &around.coming)?;
                has_come |= !line_read.received.is_zero() || coming::has_come(line, &around.coming)?;
            }
            read.push(line_read);
        }
    }
    let by_rule = marker.is_none()
        && lines.iter().any(|line| {
            matches!(wire::one_id(line, "order_id"), Ok(Some(of)) if of == id) && line.get("orderpoint_id").is_some()
        });
    let state = match order.text("state")? {
        // What a reordering rule drafted comes without anybody deciding: it counts as on its way, or is bought twice.
        Some("draft" | "sent") if !by_rule => PurchaseState::Draft,
        // Ours waits for a manager: it is not issued yet. What others issued is as good as on its way.
        Some("to approve") if marker.is_some() => PurchaseState::Draft,
        Some("cancel") => PurchaseState::Cancelled,
        // To be approved, confirmed, locked: on its way until all of it came, or will not.
        _ => progress(&read, has_come),
    };
    if state == PurchaseState::Cancelled {
        for line in &mut read {
            line.closed = (line.ordered - line.received).max(Decimal::ZERO);
        }
    }
    let destination = wire::one_id(order, "dest_address_id")?.filter(|_| drop_ship);
    Ok(PurchaseOrder {
        id: id.to_string(),
        number: wire::text(order, "name")?,
        state,
        vendor: wire::party(order, "partner_id")?,
        marker,
        drop_ship,
        ship_to: destination.and_then(|id| around.addresses.get(&id).cloned()),
        currency: wire::one(order, "currency_id")?.map(|(_, name)| name),
        expected: wire::day(order, "date_planned")?,
        url: (around.link)(id),
        lines: read,
    })
}

/// Whether an order, or the order of a line, is with the vendor. One that was cancelled and set back to a draft still has
/// the cancelled moves of its former life.
pub(super) fn is_issued(fields: &Fields<'_>) -> Result<bool, Misfit> {
    Ok(matches!(fields.text("state")?, Some("purchase" | "done")))
}

/// Where an order stands of which the vendor knows: it is over when nothing more comes, and was as good as cancelled if
/// nothing ever came. What came and went back was received: its want is a new one.
fn progress(lines: &[PurchaseLine], has_come: bool) -> PurchaseState {
    let is_over = |line: &PurchaseLine| line.received + line.closed >= line.ordered;
    if lines.is_empty() || !lines.iter().all(is_over) {
        PurchaseState::Confirmed
    } else if !has_come && lines.iter().any(|line| !line.closed.is_zero()) {
        PurchaseState::Cancelled
    } else {
        PurchaseState::Received
    }
}

/// One line in the product's unit: Odoo tells the ordered quantity in both units, the rest follows their ratio.
fn read_line(line: &Fields<'_>, warehouse: Option<i64>) -> Result<PurchaseLine, Misfit> {
    // Below 0 where Odoo took a lowered sale off a draft that had less: nothing is ordered there.
    let ordered = |key: &str| Ok::<_, Misfit>(wire::figure(line, key)?.unwrap_or_default().max(Decimal::ZERO));
    let in_line_unit = ordered("product_qty")?;
    let ordered = match line.get("product_uom_qty") {
        Some(_) => ordered("product_uom_qty")?,
        None => in_line_unit,
    };
    let ratio = |quantity: Decimal| -> Result<Decimal, Misfit> {
        if in_line_unit == ordered || in_line_unit.is_zero() {
            return Ok(quantity);
        }
        let converted = quantity.checked_mul(ordered).and_then(|product| product.checked_div(in_line_unit));
        Ok(converted.ok_or_else(|| line.misfit("product_qty", "out of bounds"))?.round_dp(6).normalize())
    };
    let received = ratio(wire::quantity(line, "qty_received")?)?;
    let price = wire::figure(line, "price_unit")?;
    let price = match price {
        Some(price) if in_line_unit != ordered && !ordered.is_zero() => {
            price.checked_mul(in_line_unit).and_then(|amount| amount.checked_div(ordered))
        }
        price => price,
    };
    Ok(PurchaseLine {
        id: wire::id(line)?.to_string(),
        item: wire::one_id(line, "product_id")?.map(|id| id.to_string()).unwrap_or_default(),
        warehouse: warehouse.map(|id| id.to_string()),
        ordered,
        received,
        closed: Decimal::ZERO,
        due: wire::day(line, "date_planned")?,
        unit_price: price,
        pegs: Vec::new(),
    })
}

/// What `load` takes: the columns and the rows. `stock_units` are the products' own by item; `currency` is Odoo's id.
pub(super) fn load(
    order: &NewPurchaseOrder,
    operation: i64,
    currency: Option<i64>,
    stock_units: &BTreeMap<String, i64>,
    units: &Units,
    names: &Names,
) -> Result<(Value, Value), String> {
    let unit_column = format!("order_line/{}/.id", names.line_unit);
    let mut columns = vec!["id", "partner_id/.id", "origin", "partner_ref", "picking_type_id/.id"];
    let origin: Vec<&str> = order.links.iter().map(|link| link.number.as_str()).collect();
    let mut head = vec![
        format!("{MODULE}.{}", order.marker),
        order.vendor.id.clone(),
        origin.join(", "),
        order.marker.clone(),
        operation.to_string(),
    ];
    if let Some(currency) = currency {
        columns.push("currency_id/.id");
        head.push(currency.to_string());
    }
    let width = head.len();
    columns.extend(["order_line/id", "order_line/product_id/.id", "order_line/product_qty", &unit_column]);
    columns.extend(["order_line/price_unit", "order_line/date_planned"]);
    let mut rows = Vec::new();
    for (line, position) in order.lines.iter().zip(1_u32..) {
        let stock_unit =
            *stock_units.get(&line.item).ok_or_else(|| format!("item {} is gone from the host", line.item))?;
        let (unit, quantity) = match &line.unit {
            None => (stock_unit, line.stock_quantity),
            Some(name) => {
                let fits = |id: i64| wire::convert(line.quantity, id, stock_unit, units) == Some(line.stock_quantity);
                let unit = units.iter().find(|(id, unit)| unit.name == *name && fits(**id));
                let unit = unit.ok_or_else(|| format!("item {}: the unit {name} is not what it was", line.item))?;
                (*unit.0, line.quantity)
            }
        };
        // Later rows of one order leave its own columns empty.
        let mut row = if position == 1 { head.clone() } else { vec![String::new(); width] };
        row.extend([
            format!("{MODULE}.{}_{position}", order.marker),
            line.item.clone(),
            quantity.normalize().to_string(),
            unit.to_string(),
            line.unit_price.unwrap_or_default().normalize().to_string(),
            // Noon, so that it is the same day in most time zones.
            line.expected.or(order.expected).map(|day| format!("{day} 12:00:00")).unwrap_or_default(),
        ]);
        rows.push(row);
    }
    if order.lines.iter().all(|line| line.expected.or(order.expected).is_none()) {
        // An empty column would set it empty; Odoo then fills in the vendor's lead time itself.
        columns.pop();
        for row in &mut rows {
            row.pop();
        }
    }
    Ok((json!(columns), json!(rows)))
}
