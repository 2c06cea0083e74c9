//! What a call does to sales: confirmed, cancelled, changed, put on the drop-ship route; notes and activities.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::call::Call;
use super::kept::{Row, Series};
use super::purchase_rows::DROP_SHIP_ROUTE;
use super::rows::View;
use super::sale_rows;
use super::trouble::Trouble;
use super::wire::{self, Command, Values};
use crate::sandbox::state::{
    Company, NewPurchaseOrder, NewPurchaseOrderLine, PurchaseOrder, Sale, SaleEdit, SaleKind, SaleLine, Status,
};

pub(super) fn order(company: &mut Company, call: &Call, now: Timestamp) -> Result<Value, Trouble> {
    let sales = call.ids().into_iter().map(|id| Ok((id, code(company, id)?))).collect::<Result<Vec<_>, Trouble>>()?;
    match call.method.as_str() {
        "action_confirm" => confirm(company, &sales, now),
        "action_cancel" => cancel(company, call, &sales, now),
        "write" => {
            for (id, code) in sales {
                write(company, id, &code, &call.values(), now)?;
            }
            Ok(json!(true))
        }
        "message_post" => {
            let posted: Vec<i64> = sales.iter().map(|(id, _)| post(company, call, *id)).collect();
            Ok(one_or_list(company, &posted))
        }
        "activity_schedule" => {
            let planned: Vec<i64> = sales.iter().map(|(id, _)| plan(company, call, *id)).collect();
            match (company.settings.odoo_series, planned.first()) {
                (Series::V17, Some(id)) => Ok(json!(format!("mail.activity({id},)"))),
                _ => Ok(json!(planned)),
            }
        }
        "unlink" => Err(Trouble::user(
            "You can not delete a sent quotation or a confirmed sales order. You must first cancel it.",
        )),
        _ => Err(call.no_method()),
    }
}

/// 17 answers with the record's id, 19 with a list.
fn one_or_list(company: &Company, ids: &[i64]) -> Value {
    match (company.settings.odoo_series, ids) {
        (Series::V17, [id]) => json!(id),
        _ => json!(ids),
    }
}

fn code(company: &Company, id: i64) -> Result<String, Trouble> {
    let found = sale_rows::shown(&View::of(company)).find(|sale| sale.id == id).map(|sale| sale.code.clone());
    found.ok_or_else(|| Trouble::missing("sale.order", id))
}

fn confirm(company: &mut Company, sales: &[(i64, String)], now: Timestamp) -> Result<Value, Trouble> {
    for (_, code) in sales {
        let sale = company.sale(None, code)?;
        if !matches!(sale_rows::state(sale), "draft" | "sent") {
            return Err(Trouble::user(match company.settings.odoo_series {
                Series::V17 => {
                    format!("The following orders are not in a state requiring confirmation: {}", sale.number)
                }
                Series::V19 => "Some orders are not in a state requiring confirmation.".to_owned(),
            }));
        }
        let sale = company.sale_mut(None, code)?;
        (sale.kind, sale.status) = (SaleKind::SalesOrder, Status::Open);
        let lines: Vec<(i64, Decimal)> = sale.lines.iter().map(|line| (line.id, line.quantity)).collect();
        for (line, quantity) in lines {
            ship_by_vendor(company, line, quantity, now)?;
        }
        company.sale_changed(code, now)?;
    }
    Ok(json!(true))
}

/// 17 asks in a window first, unless it is told not to.
fn cancel(company: &mut Company, call: &Call, sales: &[(i64, String)], now: Timestamp) -> Result<Value, Trouble> {
    let asks =
        company.settings.odoo_series == Series::V17 && call.context.get("disable_cancel_warning") != Some(&json!(true));
    for (id, code) in sales {
        if asks && sale_rows::state(company.sale(None, code)?) == "sale" {
            return Ok(json!({
                "name": "Cancel Sales Order", "view_mode": "form", "res_model": "sale.order.cancel",
                "type": "ir.actions.act_window", "context": { "default_order_id": id }, "target": "new",
            }));
        }
        company.edit_sale(code, SaleEdit { status: Some(Status::Closed), ..SaleEdit::default() }, now)?;
    }
    Ok(json!(true))
}

fn write(company: &mut Company, id: i64, code: &str, row: &Row, now: Timestamp) -> Result<(), Trouble> {
    let values = Values(row);
    let view = View::of(company);
    for field in row.keys() {
        view.kind("sale.order", field)?;
    }
    if row.contains_key("commitment_date") {
        let day = values.day("commitment_date")?;
        company.sale_mut(None, code)?.need_by = day;
    }
    let own = row.iter().filter(|(name, _)| name.starts_with("x_"));
    // An empty text is kept as empty.
    let own: Row = own
        .map(|(name, value)| (name.clone(), if *value == json!("") { json!(false) } else { value.clone() }))
        .collect();
    company.odoo.custom.entry(id).or_default().extend(own);
    for command in wire::commands(values.get("order_line"))? {
        match command {
            Command::Update(line, values) => write_line(company, line, &values, now)?,
            Command::Delete(_) => return Err(Trouble::user(KEEPS_LINES)),
            Command::Create(_) | Command::Set(_) => return Err(Trouble::user("lines are added on the ERP's own page")),
        }
    }
    Ok(company.sale_changed(code, now)?)
}

const KEEPS_LINES: &str = "Once a sales order is confirmed, you can't remove one of its lines (we need to track if \
                           something gets invoiced or delivered).\n                Set the quantity to 0 instead.";

pub(super) fn write_lines(company: &mut Company, call: &Call, now: Timestamp) -> Result<Value, Trouble> {
    for id in call.ids() {
        write_line(company, id, &call.values(), now)?;
        let of = company.sales.iter().find(|sale| sale.lines.iter().any(|line| line.id == id));
        if let Some(code) = of.map(|sale| sale.code.clone()) {
            company.sale_changed(&code, now)?;
        }
    }
    Ok(json!(true))
}

/// A line with its sale.
fn line(company: &Company, id: i64) -> Result<(&Sale, &SaleLine), Trouble> {
    let mut lines = company.sales.iter().flat_map(|sale| sale.lines.iter().map(move |line| (&**sale, line)));
    lines.find(|(_, line)| line.id == id).ok_or_else(|| Trouble::missing("sale.order.line", id))
}

/// Changes quantity or route of a line. A quantity of a confirmed order that is raised follows the route; what is there
/// already stays as it is.
fn write_line(company: &mut Company, id: i64, row: &Row, now: Timestamp) -> Result<(), Trouble> {
    let values = Values(row);
    let (sale, before) = line(company, id)?;
    let (code, delivered, before) = (sale.code.clone(), before.delivered(), before.clone());
    let factor = before.packing.as_ref().map_or(Decimal::ONE, |packing| packing.factor);
    let routes = match row.get("route_ids") {
        Some(commands) => wire::commands(Some(commands))?.into_iter().find_map(|command| match command {
            Command::Set(ids) => Some(ids.first().copied()),
            _ => None,
        }),
        None => row.get("route_id").map(|_| values.id("route_id")),
    };
    match routes {
        Some(Some(route)) => {
            company.odoo.routes.insert(id, route);
        }
        Some(None) => {
            company.odoo.routes.remove(&id);
        }
        None => {}
    }
    let Some(quantity) = values.decimal("product_uom_qty")? else { return Ok(()) };
    let quantity = quantity * factor;
    if quantity < delivered {
        return Err(Trouble::user(
            "The ordered quantity cannot be decreased below the amount already delivered. Instead, create a return in \
             your inventory.",
        ));
    }
    let sale = company.sale_mut(None, &code)?;
    if let Some(line) = sale.lines.iter_mut().find(|line| line.id == id) {
        line.quantity = quantity;
    }
    if sale_rows::state(sale) == "sale" {
        ship_by_vendor(company, id, quantity - before.quantity, now)?;
    }
    Ok(())
}

/// Where a line is on the drop-ship route, Odoo drafts the vendor's order for what is added to it.
fn ship_by_vendor(company: &mut Company, id: i64, added: Decimal, now: Timestamp) -> Result<(), Trouble> {
    if added <= Decimal::ZERO || company.odoo.routes.get(&id) != Some(&DROP_SHIP_ROUTE) {
        return Ok(());
    }
    let (sale, line) = self::line(company, id)?;
    let item = company.item(&line.item)?;
    let vendor = item.vendor.clone().ok_or_else(|| {
        Trouble::user(format!(
            "There is no matching vendor price to generate the purchase order for product {}",
            item.name
        ))
    })?;
    let new = NewPurchaseOrderLine {
        id: None,
        code: None,
        item: item.code.clone(),
        description: item.name.clone(),
        quantity: added,
        unit_price: item.purchase_price,
        packing: None,
        tax_code: None,
        total: added * item.purchase_price,
        expected: None,
        sale_line: Some(line.code.clone()),
    };
    let draft = company.purchase_orders.iter().find(|order| {
        (order.status, order.drop_ship) == (Status::Draft, true)
            && order.vendor == vendor
            && order.origin == sale.number
    });
    if let Some(code) = draft.map(|order| order.code.clone()) {
        return Ok(company.add_purchase_order_line(&code, new)?);
    }
    let (address, origin) = (sale.ship_to.clone(), sale.number.clone());
    let warehouse = sale.warehouse.clone();
    let number = company.purchase_orders.iter().filter_map(|one| one.number.strip_prefix('P')?.parse::<u64>().ok());
    let head = PurchaseOrder {
        number: format!("P{:05}", number.max().unwrap_or(0) + 1),
        status: Status::Draft,
        origin,
        drop_ship: true,
        ship_to: Some(address),
        currency: company.currency.clone(),
        ..PurchaseOrder::blank(&vendor, &warehouse, company.today(now))
    };
    company.create_purchase_order(NewPurchaseOrder { head, lines: vec![new] }, now)?;
    Ok(())
}

/// A note in the order's chatter; plain text is escaped.
fn post(company: &mut Company, call: &Call, sale: i64) -> i64 {
    let body = call.text("body").unwrap_or_default();
    let escaped = body.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let html = call.args.get("body_is_html") == Some(&json!(true));
    let body = if html { body.to_owned() } else { format!("<p>{escaped}</p>") };
    let kind = call.text("message_type").unwrap_or("notification");
    let row = json!({ "model": "sale.order", "res_id": sale, "body": body, "message_type": kind });
    company.odoo.add("mail.message", wire::row(0, row))
}

fn plan(company: &mut Company, call: &Call, sale: i64) -> i64 {
    let user = call.args.get("user_id").and_then(Value::as_i64).unwrap_or(call.user);
    let named = company.user(user).map_or(json!(false), |one| wire::one(one.id, &one.name));
    let row = json!({
        "res_model": "sale.order", "res_id": sale, "summary": wire::text(call.text("summary").unwrap_or_default()),
        "note": wire::text(call.text("note").unwrap_or_default()), "user_id": named,
    });
    company.odoo.add("mail.activity", wire::row(0, row))
}
