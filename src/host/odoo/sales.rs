//! Quotations and sales orders of Odoo: one model, told apart by its state.
//!
//! What a line owes is what the customer ordered less what was delivered; the picking's state says nothing about it
//! (it is "assigned" although only partly reserved).

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::series::Names;
use super::wire::{self, Units};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::sales_document::{Address, DocumentStatus, SalesDocument, SalesLine};
use crate::host::json::{Fields, Misfit};

/// Fields of an order; ours come on top where they were made.
pub(super) const ORDER_FIELDS: [&str; 10] = [
    "name",
    "state",
    "date_order",
    "commitment_date",
    "partner_id",
    "partner_shipping_id",
    "currency_id",
    "user_id",
    "warehouse_id",
    "picking_policy",
];

/// Our own fields on an order.
pub(super) const FLAG: &str = "x_backorder";
pub(super) const STATE: &str = "x_backorder_state";
pub(super) const TEXT: &str = "x_backorder_text";

/// Fields of a line that every series has.
pub(super) const LINE_FIELDS: [&str; 8] = [
    "order_id",
    "product_id",
    "name",
    "display_type",
    "product_uom_qty",
    "qty_delivered",
    "price_unit",
    "warehouse_id",
];

/// What a line's product is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ProductFacts {
    pub(super) storable: bool,
    pub(super) unit: i64,
    pub(super) routes: BTreeSet<i64>,
}

/// All that an order's lines refer to.
pub(super) struct Around<'a> {
    pub(super) addresses: BTreeMap<i64, Address>,
    /// Email addresses of users.
    pub(super) emails: BTreeMap<i64, String>,
    pub(super) products: BTreeMap<i64, ProductFacts>,
    pub(super) units: &'a Units,
    /// Routes by which the vendor ships to the customer.
    pub(super) drop_ship_routes: BTreeSet<i64>,
    /// Where Odoo shows an order of this id.
    pub(super) link: &'a dyn Fn(i64) -> Option<String>,
}

/// Which kind an order is in its state; a cancelled one is of the kind that was asked for.
pub(super) fn kind(order: &Fields<'_>, asked: DocumentKind) -> Result<DocumentKind, Misfit> {
    Ok(match order.text("state")? {
        Some("draft" | "sent") => DocumentKind::Quotation,
        Some("cancel") => asked,
        // `done` is what a locked order was called once; an unknown state is looked at as an order.
        _ => DocumentKind::SalesOrder,
    })
}

/// Reads an order with its lines.
pub(super) fn read(
    order: &Fields<'_>,
    lines: &[Fields<'_>],
    asked: DocumentKind,
    around: &Around<'_>,
    names: &Names,
) -> Result<SalesDocument, Misfit> {
    let id = wire::id(order)?;
    let cancelled = order.text("state")? == Some("cancel");
    let date = wire::day(order, "date_order")?.ok_or_else(|| order.misfit("date_order", "missing"))?;
    let ship_to = wire::one_id(order, "partner_shipping_id")?.and_then(|id| around.addresses.get(&id).cloned());
    let warehouse = wire::one_id(order, "warehouse_id")?;
    let own = lines.iter().filter(|line| matches!(wire::one_id(line, "order_id"), Ok(Some(of)) if of == id));
    Ok(SalesDocument {
        reference: DocumentRef::new(kind(order, asked)?, id.to_string()),
        number: wire::text(order, "name")?,
        status: if cancelled { DocumentStatus::Cancelled } else { DocumentStatus::Open },
        host_status: order.text("state")?.map(str::to_owned),
        date,
        // What was promised to the customer; Odoo's expected date is only computed.
        need_by: wire::day(order, "commitment_date")?,
        priority: 0,
        customer: wire::party(order, "partner_id")?,
        ship_to: ship_to.unwrap_or_default(),
        currency: wire::one(order, "currency_id")?.map(|(_, name)| name),
        owner_email: wire::one_id(order, "user_id")?.and_then(|id| around.emails.get(&id).cloned()),
        ship_policy: match order.text("picking_policy")? {
            Some("one") => Some("whole_order".to_owned()),
            Some("direct") => Some("any_part".to_owned()),
            _ => None,
        },
        min_shipment: None,
        backorder_flag: order.flag(FLAG)?.unwrap_or(false),
        backorder_text: order.text(TEXT)?.map(str::to_owned),
        url: (around.link)(id),
        lines: own.map(|line| read_line(line, warehouse, around, names)).collect::<Result<_, _>>()?,
    })
}

fn read_line(
    line: &Fields<'_>,
    warehouse: Option<i64>,
    around: &Around<'_>,
    names: &Names,
) -> Result<SalesLine, Misfit> {
    let product = wire::one_id(line, "product_id")?;
    let facts = product.and_then(|id| around.products.get(&id)).cloned().unwrap_or_default();
    // Sections and notes are lines too.
    let counted = line.get("display_type").is_none() && product.is_some() && facts.storable;
    let unit = wire::one_id(line, names.line_unit)?.unwrap_or(facts.unit);
    let in_stock_unit = |key: &str| -> Result<Decimal, Misfit> {
        let quantity = wire::quantity(line, key)?;
        if !counted {
            return Ok(quantity);
        }
        wire::convert(quantity, unit, facts.unit, around.units).ok_or_else(|| line.misfit(key, "in an unknown unit"))
    };
    let (ordered, fulfilled) = (in_stock_unit("product_uom_qty")?, in_stock_unit("qty_delivered")?);
    let routes = wire::many(line, names.line_route)?;
    // The line's own route stands before the product's.
    let by_route = if routes.is_empty() {
        facts.routes.iter().any(|route| around.drop_ship_routes.contains(route))
    } else {
        routes.iter().any(|route| around.drop_ship_routes.contains(route))
    };
    Ok(SalesLine {
        id: wire::id(line)?.to_string(),
        item: product.map(|id| id.to_string()).unwrap_or_default(),
        description: wire::text(line, "name")?,
        warehouse: wire::one_id(line, "warehouse_id")?.or(warehouse).map(|id| id.to_string()),
        ordered,
        fulfilled,
        closed: Decimal::ZERO,
        need_by: None,
        drop_ship: by_route,
        vendor: None,
        tracked: counted,
        counted_elsewhere: false,
        unit_price: wire::figure(line, "price_unit")?,
    })
}

/// A product as a sale's line needs it.
pub(super) fn product(fields: &Fields<'_>) -> Result<(i64, ProductFacts), Misfit> {
    // 17 says it in one word, later series by a flag beside the type.
    let storable = fields.text("detailed_type")? == Some("product") || fields.flag("is_storable")?.unwrap_or(false);
    // A kit is counted by its components, whatever is said of itself.
    let storable = storable || fields.flag("is_kits")?.unwrap_or(false);
    let unit = wire::one_id(fields, "uom_id")?.ok_or_else(|| fields.misfit("uom_id", "missing"))?;
    let routes = wire::many(fields, "route_ids")?.into_iter().collect();
    Ok((wire::id(fields)?, ProductFacts { storable, unit, routes }))
}
