//! A drop shipment: the sale's lines are put on the drop-ship route, and Odoo itself makes the order.
//!
//! An order beside the sale would leave the warehouse's own move open, and the goods could go twice. So the lines are
//! lowered to what was delivered, put on the route and raised again, in one call and so in one transaction: Odoo
//! cancels its move and drafts the order. What it drafted is then given our vendor, prices and marker; a call that was
//! cut off between the two is taken up there. (Seen on 19; the three steps one by one on 17.)

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::buy::{after_write, figure, refused};
use super::client::Ask;
use super::{Odoo, wire};
use crate::domain::ids::DocumentKind;
use crate::domain::purchase_order::{NewPurchaseLine, NewPurchaseOrder, PurchaseOrder};
use crate::host::error::HostError;
use crate::host::json::{Fields, Misfit};

/// A line of the sale that is to be shipped by the vendor.
#[derive(Debug, Clone)]
struct SaleLine {
    id: i64,
    item: i64,
    unit: i64,
    /// In the line's own unit.
    ordered: Decimal,
    delivered: Decimal,
}

/// A line of a draft that Odoo made for it.
#[derive(Debug, Clone)]
struct Drafted {
    line: i64,
    order: i64,
    item: i64,
    quantity: Decimal,
}

fn sale_line(fields: &Fields<'_>, unit: &str) -> Result<SaleLine, Misfit> {
    Ok(SaleLine {
        id: wire::id(fields)?,
        item: wire::one_id(fields, "product_id")?.unwrap_or_default(),
        unit: wire::one_id(fields, unit)?.unwrap_or_default(),
        ordered: wire::quantity(fields, "product_uom_qty")?,
        delivered: wire::quantity(fields, "qty_delivered")?,
    })
}

pub(super) async fn create(odoo: &Odoo, order: &NewPurchaseOrder) -> Result<PurchaseOrder, HostError> {
    let sales: BTreeSet<&str> = order.links.iter().map(|link| link.reference.id.as_str()).collect();
    let confirmed = order.links.iter().all(|link| link.reference.kind == DocumentKind::SalesOrder);
    let (Some(sale), 1, true) = (sales.first().and_then(|id| id.parse::<i64>().ok()), sales.len(), confirmed) else {
        return Err(refused("drop_ship", "Odoo ships from the vendor for one confirmed sales order at a time"));
    };
    let lines = wanted(odoo, order, sale).await?;
    let mut drafted = drafted(odoo, &lines).await?;
    if !is_whole(order, &drafted) {
        put_on_route(odoo, sale, &lines).await?;
        drafted = self::drafted(odoo, &lines).await.map_err(after_write)?;
    }
    let made = take_over(odoo, order, &drafted).await.map_err(after_write)?;
    let made = odoo.one_purchase(&made.to_string()).await.map_err(after_write)?;
    made.ok_or_else(|| HostError::Unknown { detail: "the order that Odoo made is not there".to_owned() })
}

/// The lines of the sale that the order is for: what they owe together is what is ordered.
async fn wanted(odoo: &Odoo, order: &NewPurchaseOrder, sale: i64) -> Result<Vec<SaleLine>, HostError> {
    let unit = odoo.client.series().await?.names().line_unit;
    let fields = ["product_id", "product_uom_qty", "qty_delivered", unit];
    let domain = json!([["order_id", "=", sale], ["state", "=", "sale"], ["display_type", "=", false]]);
    let rows = odoo.client.search("sale.order.line", domain, &fields, "sequence, id", None).await?;
    let lines: Vec<SaleLine> = odoo.each(&rows, |row| sale_line(row, unit))?;
    let items: Vec<i64> = lines.iter().map(|line| line.item).collect();
    let products = odoo.product_rows(&items).await?;
    let stock_units: BTreeMap<i64, i64> =
        odoo.each(&products, |row| Ok((wire::id(row)?, wire::one_id(row, "uom_id")?.unwrap_or_default())))?;
    let units = odoo.units().await?;
    let rest = |line: &SaleLine| {
        let rest = (line.ordered - line.delivered).max(Decimal::ZERO);
        stock_units.get(&line.item).and_then(|unit| wire::convert(rest, line.unit, *unit, units))
    };
    let mut chosen = Vec::new();
    for line in &order.lines {
        let of_item = lines.iter().filter(|one| one.item.to_string() == line.item && rest(one) != Some(Decimal::ZERO));
        let of_item: Vec<&SaleLine> = of_item.collect();
        let all: Option<Decimal> = of_item.iter().map(|one| rest(one)).sum();
        let one = of_item.iter().find(|one| rest(one) == Some(line.stock_quantity));
        match (all == Some(line.stock_quantity), one) {
            (true, _) => chosen.extend(of_item.into_iter().cloned()),
            (false, Some(one)) => chosen.push((*one).clone()),
            (false, None) => return Err(refused("drop_ship", "the sale no longer owes what was to be ordered for it")),
        }
    }
    Ok(chosen)
}

/// What stands in drafts of Odoo's own for these lines.
async fn drafted(odoo: &Odoo, lines: &[SaleLine]) -> Result<Vec<Drafted>, HostError> {
    let ids: Vec<i64> = lines.iter().map(|line| line.id).collect();
    let domain = json!([
        ["sale_line_id", "in", ids],
        ["order_id.state", "in", ["draft", "sent"]],
        ["order_id.partner_ref", "=", false],
    ]);
    let fields = ["order_id", "product_id", "product_qty", "product_uom_qty"];
    let rows = odoo.client.search("purchase.order.line", domain, &fields, "id", None).await?;
    odoo.each(&rows, |row| {
        let stock = if row.get("product_uom_qty").is_some() { "product_uom_qty" } else { "product_qty" };
        Ok(Drafted {
            line: wire::id(row)?,
            order: wire::one_id(row, "order_id")?.unwrap_or_default(),
            item: wire::one_id(row, "product_id")?.unwrap_or_default(),
            quantity: wire::quantity(row, stock)?,
        })
    })
}

fn is_whole(order: &NewPurchaseOrder, drafted: &[Drafted]) -> bool {
    let of = |item: &str| drafted.iter().filter(|one| one.item.to_string() == item).map(|one| one.quantity).sum();
    order.lines.iter().all(|line| line.stock_quantity == of(&line.item))
}

/// Lowers the lines to what was delivered, puts them on the route and raises them again.
async fn put_on_route(odoo: &Odoo, sale: i64, lines: &[SaleLine]) -> Result<(), HostError> {
    let routes = odoo.drop_ship_routes().await?;
    let route = routes.first().ok_or_else(|| refused("drop_ship", "Odoo has no route for drop shipments"))?;
    let names = odoo.client.series().await?.names();
    let route = if names.line_route == "route_id" { json!(route) } else { json!([[6, 0, [route]]]) };
    let mut commands = Vec::new();
    for line in lines {
        commands.push(json!([1, line.id, { "product_uom_qty": figure(line.delivered) }]));
        let mut on_route = serde_json::Map::new();
        on_route.insert(names.line_route.to_owned(), route.clone());
        commands.push(json!([1, line.id, on_route]));
        commands.push(json!([1, line.id, { "product_uom_qty": figure(line.ordered) }]));
    }
    let ask =
        Ask::write("sale.order", "write").arg("ids", json!([sale])).arg("vals", json!({ "order_line": commands }));
    odoo.client.call(ask).await.map(drop)
}

/// Makes one order of what Odoo drafted, with our vendor, prices and marker; its id.
async fn take_over(odoo: &Odoo, order: &NewPurchaseOrder, drafted: &[Drafted]) -> Result<i64, HostError> {
    let unknown = |detail: &str| HostError::Unknown { detail: detail.to_owned() };
    let orders: BTreeSet<i64> = drafted.iter().map(|one| one.order).collect();
    let keep = orders.first().copied().ok_or_else(|| unknown("Odoo drafted no order for the drop shipment"))?;
    let ours: BTreeSet<i64> = drafted.iter().map(|one| one.line).collect();
    let all = json!([["order_id", "in", orders], ["display_type", "=", false]]);
    let all = odoo.client.search("purchase.order.line", all, &["id"], "id", None).await?;
    let all: BTreeSet<i64> = odoo.each(&all, wire::id)?;
    if all != ours {
        return Err(refused("drop_ship", "Odoo added it to another draft: a person must complete that one"));
    }
    let line = |item: i64| order.lines.iter().find(|line| line.item == item.to_string());
    let mut commands = Vec::new();
    for one in drafted {
        let NewPurchaseLine { unit_price, expected, .. } = line(one.item).ok_or_else(|| unknown("a strange line"))?;
        let mut values = json!({ "price_unit": figure(unit_price.unwrap_or_default()) });
        if let Some(day) = expected.or(order.expected) {
            values["date_planned"] = json!(format!("{day} 12:00:00"));
        }
        if one.order == keep {
            commands.push(json!([1, one.line, values]));
        } else {
            // Odoo chose another vendor for this item: the line moves to the order of ours.
            values["order_id"] = json!(keep);
            let ask = Ask::write("purchase.order.line", "write").arg("ids", json!([one.line])).arg("vals", values);
            odoo.client.call(ask).await?;
        }
    }
    let mut head = json!({ "partner_id": order.vendor.id.parse::<i64>().ok() });
    if let Some(currency) = odoo.currency(order.currency.as_deref()).await? {
        head["currency_id"] = json!(currency);
    }
    // The vendor first: it brings prices of its own.
    for values in [head, json!({ "partner_ref": order.marker, "order_line": commands })] {
        let ask = Ask::write("purchase.order", "write").arg("ids", json!([keep])).arg("vals", values);
        odoo.client.call(ask).await?;
    }
    let emptied: Vec<Value> = orders.iter().filter(|one| **one != keep).map(|one| json!(one)).collect();
    if !emptied.is_empty() {
        odoo.client.call(Ask::write("purchase.order", "button_cancel").arg("ids", json!(emptied))).await?;
        odoo.client.call(Ask::write("purchase.order", "unlink").arg("ids", json!(emptied))).await?;
    }
    Ok(keep)
}
