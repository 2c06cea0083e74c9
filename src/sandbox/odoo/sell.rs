//! What a call does to sales: confirmed, cancelled, changed, put on the drop-ship route; notes and activities.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::call::Call;
use super::kept::{Row, Series};
use super::procure;
use super::rows::View;
use super::sale_rows;
use super::trouble::Trouble;
use super::wire::{self, Command, Values};
use crate::sandbox::state::{Company, NewSale, NewSaleLine, SaleEdit, SaleKind, Status};

pub(super) fn order(company: &mut Company, call: &Call, now: Timestamp) -> Result<Value, Trouble> {
    let sales = call.ids().into_iter().map(|id| Ok((id, code(company, id)?))).collect::<Result<Vec<_>, Trouble>>()?;
    match call.method.as_str() {
        "create" => {
            let asked = call.args.get("vals_list").cloned().unwrap_or(Value::Null);
            let Value::Array(list) = asked else { return Ok(json!(quote(company, &asked, now)?)) };
            list.iter().map(|one| Ok(json!(quote(company, one, now)?))).collect()
        }
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

/// Makes a quotation; its id.
fn quote(company: &mut Company, values: &Value, now: Timestamp) -> Result<i64, Trouble> {
    let row = values.as_object().cloned().unwrap_or_default();
    let values = Values(&row);
    let customer = values.id("partner_id").unwrap_or_default();
    let customer = company.contacts.iter().find(|one| one.id == customer);
    let customer = customer.ok_or_else(|| Trouble::missing("res.partner", 0))?.code.clone();
    let mut lines = Vec::new();
    for command in wire::commands(values.get("order_line"))? {
        let Command::Create(line) = command else { continue };
        let line = Values(&line);
        let product = line.id("product_id").unwrap_or_default();
        let item = company.items.iter().find(|item| item.id == product);
        lines.push(NewSaleLine {
            item: item.ok_or_else(|| Trouble::missing("product.product", product))?.code.clone(),
            quantity: line.decimal("product_uom_qty")?.unwrap_or(Decimal::ONE),
            unit_price: line.decimal("price_unit")?,
            packing: None,
            from_line: None,
        });
    }
    let new = NewSale {
        kind: SaleKind::Quotation,
        customer,
        warehouse: None,
        date: None,
        need_by: values.day("commitment_date")?,
        ship_to: None,
        memo: String::new(),
        draft: true,
        drop_ship: false,
        from: None,
        lines,
    };
    let code = company.create_sale(new, now)?;
    Ok(company.sale(None, &code)?.id)
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
            procure::sold(company, line, quantity, now)?;
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

/// Changes quantity or route of a line. A quantity of a confirmed order that is raised follows the route; what is there
/// already stays as it is.
fn write_line(company: &mut Company, id: i64, row: &Row, now: Timestamp) -> Result<(), Trouble> {
    let values = Values(row);
    let (sale, before) = procure::line(company, id)?;
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
        procure::sold(company, id, quantity - before.quantity, now)?;
    }
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
