//! What Odoo orders by itself when a sale is confirmed or changed: for lines on the drop-ship route and on "replenish on
//! order", and by reordering rules.
//!
//! Facts (seen on 19, hosts/odoo/notes.md): the order is a draft with the sale as its origin; what is added later goes
//! to a draft that is still there, else to another; what is taken away is taken off a draft, below zero if it has less,
//! and off the moves that wait for it, while an order that was issued stays as it is. A reordering rule fills up to its
//! maximum what is forecast below its minimum.

use jiff::{Timestamp, ToSpan as _};
use rust_decimal::Decimal;

use super::kept::{Made, Row};
use super::purchase_rows::{DROP_SHIP_ROUTE, MAKE_TO_ORDER_ROUTE};
use super::receipts;
use super::trouble::Trouble;
use super::wire::{self, Command, Values};
use crate::sandbox::state::{Company, NewPurchaseOrder, NewPurchaseOrderLine, PurchaseOrder, Sale, SaleLine, Status};

const RULES: &str = "stock.warehouse.orderpoint";

/// A line with its sale.
pub(super) fn line(company: &Company, id: i64) -> Result<(&Sale, &SaleLine), Trouble> {
    let mut lines = company.sales.iter().flat_map(|sale| sale.lines.iter().map(move |line| (&**sale, line)));
    lines.find(|(_, line)| line.id == id).ok_or_else(|| Trouble::missing("sale.order.line", id))
}

/// Whether a line, or else its product, is on a route.
pub(super) fn is_on(company: &Company, line: &SaleLine, route: i64) -> bool {
    match company.odoo.routes.get(&line.id) {
        Some(own) => *own == route,
        None => company
            .item(&line.item)
            .is_ok_and(|item| company.odoo.product_routes.get(&item.id).is_some_and(|routes| routes.contains(&route))),
    }
}

/// Puts a product on routes.
pub(super) fn put_on_routes(company: &mut Company, product: i64, row: &Row) -> Result<(), Trouble> {
    if company.items.iter().all(|item| item.id != product) {
        return Err(Trouble::missing("product.product", product));
    }
    for command in wire::commands(row.get("route_ids"))? {
        if let Command::Set(routes) = command {
            company.odoo.product_routes.insert(product, routes);
        }
    }
    Ok(())
}

/// So much more, or less, is sold on a line of a confirmed sale.
pub(super) fn sold(company: &mut Company, id: i64, added: Decimal, now: Timestamp) -> Result<(), Trouble> {
    let (_, line) = self::line(company, id)?;
    let (drop_ship, make) =
        (is_on(company, line, DROP_SHIP_ROUTE), is_on(company, line, MAKE_TO_ORDER_ROUTE) && !added.is_zero());
    let item = line.item.clone();
    if drop_ship && added > Decimal::ZERO {
        order(company, id, added, true, now)?;
    } else if make && added > Decimal::ZERO {
        let made = order(company, id, added, false, now)?;
        match company.odoo.made.iter_mut().find(|one| (one.purchase_line, one.sale_line) == (made, id)) {
            Some(one) => one.quantity += added,
            None => company.odoo.made.push(Made { purchase_line: made, sale_line: id, quantity: added }),
        }
    } else if make && !drop_ship {
        take_off(company, id, -added, now)?;
    }
    refill(company, &item, now)
}

/// What is no longer sold is taken off the draft that was made for it, and off the moves that wait.
fn take_off(company: &mut Company, sale_line: i64, quantity: Decimal, now: Timestamp) -> Result<(), Trouble> {
    let made: Vec<i64> =
        company.odoo.made.iter().filter(|one| one.sale_line == sale_line).map(|one| one.purchase_line).collect();
    let draft = company
        .purchase_orders
        .iter()
        .find(|order| order.status == Status::Draft && order.lines.iter().any(|line| made.contains(&line.id)));
    if let Some(code) = draft.map(|order| order.code.clone()) {
        let lines = &mut company.purchase_order_mut(&code)?.lines;
        if let Some(line) = lines.iter_mut().find(|line| made.contains(&line.id)) {
            line.quantity -= quantity;
            line.total = line.quantity * line.unit_price;
        }
        company.purchase_order_changed(&code, now)?;
    }
    let mut left = quantity;
    for one in company.odoo.made.iter_mut().filter(|one| one.sale_line == sale_line) {
        let less = one.quantity.min(left);
        one.quantity -= less;
        left -= less;
    }
    Ok(())
}

/// Orders so much for a line of a sale in a draft of that sale; the id of the draft's line.
fn order(company: &mut Company, id: i64, added: Decimal, drop_ship: bool, now: Timestamp) -> Result<i64, Trouble> {
    let (sale, line) = self::line(company, id)?;
    let head = PurchaseOrder {
        origin: sale.number.clone(),
        drop_ship,
        ship_to: drop_ship.then(|| sale.ship_to.clone()),
        ..PurchaseOrder::blank("", &sale.warehouse, company.today(now))
    };
    let (item, sale_line) = (line.item.clone(), drop_ship.then(|| line.code.clone()));
    draft(company, head, &item, added, sale_line, now)
}

/// Adds to the draft of this vendor and origin, or makes it; the id of the draft's line.
fn draft(
    company: &mut Company,
    head: PurchaseOrder,
    item: &str,
    quantity: Decimal,
    sale_line: Option<String>,
    now: Timestamp,
) -> Result<i64, Trouble> {
    let item = company.item(item)?;
    let no_vendor =
        || format!("There is no matching vendor price to generate the purchase order for product {}", item.name);
    let vendor = item.vendor.clone().ok_or_else(|| Trouble::user(no_vendor()))?;
    let (item, unit_price) = (item.code.clone(), item.purchase_price);
    let days = company.item(&item)?.lead_days.unwrap_or(1);
    let is_same = |order: &PurchaseOrder| {
        (order.status, order.drop_ship) == (Status::Draft, head.drop_ship)
            && (&order.vendor, &order.origin) == (&vendor, &head.origin)
    };
    let known = company.purchase_orders.iter().find(|order| is_same(order)).map(|order| order.code.clone());
    if let Some(code) = &known
        && let Some(line) = company
            .purchase_order_mut(code)?
            .lines
            .iter_mut()
            .find(|line| (&line.item, &line.sale_line) == (&item, &sale_line) && line.packing.is_none())
    {
        line.quantity += quantity;
        line.total = line.quantity * line.unit_price;
        let id = line.id;
        company.purchase_order_changed(code, now)?;
        return Ok(id);
    }
    let new = NewPurchaseOrderLine {
        id: None,
        code: None,
        item,
        description: String::new(),
        quantity,
        unit_price,
        packing: None,
        tax_code: None,
        total: quantity * unit_price,
        expected: company.today(now).checked_add(i64::from(days).days()).ok(),
        sale_line,
    };
    let code = if let Some(code) = known {
        company.add_purchase_order_line(&code, new)?;
        company.purchase_order_changed(&code, now)?;
        code
    } else {
        let numbers = company.purchase_orders.iter();
        let numbers = numbers.filter_map(|one| one.number.strip_prefix('P')?.parse::<u64>().ok());
        let number = format!("P{:05}", numbers.max().unwrap_or(0) + 1);
        let (currency, status) = (company.currency.clone(), Status::Draft);
        let head = PurchaseOrder { number, vendor, status, currency, ..head };
        company.create_purchase_order(NewPurchaseOrder { head, lines: vec![new] }, now)?
    };
    let line = company.purchase_order(&code)?.lines.last().map(|line| line.id);
    line.ok_or_else(|| Trouble::user("The order has no line."))
}

/// What a reordering rule orders where the forecast is below its minimum.
fn refill(company: &mut Company, item: &str, now: Timestamp) -> Result<(), Trouble> {
    let product = company.item(item)?.id;
    let of_product = |row: &&Row| Values(row).id("product_id") == Some(product);
    let Some(rule) = company.odoo.of(RULES).iter().find(of_product).cloned() else { return Ok(()) };
    let values = Values(&rule);
    let limit = |key: &str| Ok::<_, Trouble>(values.decimal(key)?.unwrap_or_default());
    let (least, most) = (limit("product_min_qty")?, limit("product_max_qty")?);
    let lines = company.purchase_orders.iter().filter(|order| order.status == Status::Draft);
    let drafted: Decimal = lines
        .flat_map(|order| &order.lines)
        .filter(|line| company.odoo.refills.contains_key(&line.id) && line.item == item)
        .map(|line| line.quantity)
        .sum();
    let warehouse = company.primary_warehouse()?.code.clone();
    let forecast = company.on_hand(&warehouse, item) + company.incoming(item) - receipts::given_up_of(company, item)
        + drafted
        - company.outgoing(item);
    if forecast >= least || most <= forecast {
        return Ok(());
    }
    let head =
        PurchaseOrder { origin: "OP/00001".to_owned(), ..PurchaseOrder::blank("", &warehouse, company.today(now)) };
    let line = draft(company, head, item, most - forecast, None, now)?;
    company.odoo.refills.insert(line, values.id("id").unwrap_or_default());
    Ok(())
}
