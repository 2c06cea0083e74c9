//! What a call does to purchase orders: made by `create` or `load`, changed, issued, cancelled, deleted.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::call::Call;
use super::kept::Row;
use super::trouble::Trouble;
use super::wire::{self, Command, Values};
use super::{parties, purchase_rows, receipts};
use crate::sandbox::state::{Company, NewPurchaseOrder, NewPurchaseOrderLine, PurchaseOrder, Status};

pub(super) fn order(company: &mut Company, call: &Call, now: Timestamp) -> Result<Value, Trouble> {
    match call.method.as_str() {
        "load" => Ok(load(company, call, now)),
        "create" => {
            let asked = call.args.get("vals_list").cloned().unwrap_or(Value::Null);
            if let Value::Array(list) = asked {
                return list.iter().map(|one| Ok(json!(create(company, one, now)?))).collect();
            }
            Ok(json!(create(company, &asked, now)?))
        }
        "write" => {
            for id in call.ids() {
                write(company, id, &call.values(), now)?;
            }
            Ok(json!(true))
        }
        "button_confirm" | "button_approve" => each(company, call, now, issue),
        "button_done" | "button_lock" => each(company, call, now, lock),
        "button_cancel" => each(company, call, now, cancel),
        "unlink" => each(company, call, now, unlink),
        _ => Err(call.no_method()),
    }
}

fn each(
    company: &mut Company,
    call: &Call,
    now: Timestamp,
    act: fn(&mut Company, &Call, &str, Timestamp) -> Result<(), Trouble>,
) -> Result<Value, Trouble> {
    for id in call.ids() {
        let code = code(company, id)?;
        act(company, call, &code, now)?;
    }
    Ok(json!(true))
}

fn code(company: &Company, id: i64) -> Result<String, Trouble> {
    let found = company.purchase_orders.iter().find(|order| order.id == id).map(|order| order.code.clone());
    found.ok_or_else(|| Trouble::missing("purchase.order", id))
}

/// Confirming twice is harmless. What is worth more than the company's limit waits for a manager.
fn issue(company: &mut Company, call: &Call, code: &str, now: Timestamp) -> Result<(), Trouble> {
    let order = company.purchase_order(code)?;
    let total: Decimal = order.lines.iter().map(|line| line.quantity * line.unit_price).sum();
    let waits = call.method == "button_confirm" && company.settings.approval_from.is_some_and(|limit| total >= limit);
    if order.status != Status::Draft {
        return Ok(());
    }
    let order = company.purchase_order_mut(code)?;
    order.to_approve = waits;
    if waits {
        return Ok(company.purchase_order_changed(code, now)?);
    }
    Ok(company.set_purchase_order_status(code, Status::Open, now)?)
}

fn cancel(company: &mut Company, _: &Call, code: &str, now: Timestamp) -> Result<(), Trouble> {
    let order = company.purchase_order(code)?;
    if order.lines.iter().any(|line| !line.received.is_zero()) {
        let message =
            format!("Unable to cancel purchase order {} as some receptions have already been done.", order.number);
        return Err(Trouble::user(message));
    }
    // What waited for it is taken from stock then.
    let lines: Vec<i64> = order.lines.iter().map(|line| line.id).collect();
    company.odoo.made.retain(|made| !lines.contains(&made.purchase_line));
    Ok(company.set_purchase_order_status(code, Status::Closed, now)?)
}

fn lock(company: &mut Company, _: &Call, code: &str, now: Timestamp) -> Result<(), Trouble> {
    company.purchase_order_mut(code)?.locked = true;
    Ok(company.purchase_order_changed(code, now)?)
}

fn unlink(company: &mut Company, _: &Call, code: &str, _: Timestamp) -> Result<(), Trouble> {
    if company.purchase_order(code)?.status != Status::Closed {
        return Err(Trouble::user("In order to delete a purchase order, you must cancel it first."));
    }
    Ok(company.delete_purchase_order(code)?)
}

fn vendor(company: &Company, values: Values<'_>) -> Result<String, Trouble> {
    let required = "The operation cannot be completed:\n- Create/update: a mandatory field is not set.\n\nModel: \
                    Purchase Order (purchase.order)\nField: Vendor (partner_id)\n";
    let id = values.id("partner_id").ok_or_else(|| Trouble::user(required))?;
    let found = company.contacts.iter().find(|one| one.id == id).map(|one| one.code.clone());
    found.ok_or_else(|| Trouble::missing("res.partner", id))
}

/// Makes a draft; its id.
fn create(company: &mut Company, values: &Value, now: Timestamp) -> Result<i64, Trouble> {
    let row = values.as_object().cloned().unwrap_or_default();
    let values = Values(&row);
    let vendor = vendor(company, values)?;
    let operation = values.id("picking_type_id");
    let warehouse = match operation.and_then(|id| purchase_rows::warehouse_of(company, id)) {
        Some(warehouse) => warehouse.code.clone(),
        None => company.primary_warehouse()?.code.clone(),
    };
    let address = values.id("dest_address_id").and_then(|id| parties::address_of(company, id));
    let number = company.purchase_orders.iter().filter_map(|one| one.number.strip_prefix('P')?.parse::<u64>().ok());
    let head = PurchaseOrder {
        number: format!("P{:05}", number.max().unwrap_or(0) + 1),
        status: Status::Draft,
        currency: company.currency.clone(),
        vendor_reference: values.text("partner_ref").unwrap_or_default().to_owned(),
        origin: values.text("origin").unwrap_or_default().to_owned(),
        delivery: values.day("date_planned")?,
        drop_ship: operation == Some(purchase_rows::DROP_SHIP),
        ship_to: address,
        ..PurchaseOrder::blank(&vendor, &warehouse, company.today(now))
    };
    let mut lines = Vec::new();
    for command in wire::commands(values.get("order_line"))? {
        if let Command::Create(line) = command {
            lines.push(new_line(company, Values(&line))?);
        }
    }
    let code = company.create_purchase_order(NewPurchaseOrder { head, lines }, now)?;
    Ok(company.purchase_order(&code)?.id)
}

fn new_line(company: &Company, values: Values<'_>) -> Result<NewPurchaseOrderLine, Trouble> {
    let id = values.id("product_id").unwrap_or_default();
    let item =
        company.items.iter().find(|item| item.id == id).ok_or_else(|| Trouble::missing("product.product", id))?;
    let unit = values.id("product_uom").or_else(|| values.id("product_uom_id"));
    let packing = purchase_rows::packing(company, item, unit);
    let factor = packing.as_ref().map_or(Decimal::ONE, |packing| packing.factor);
    let quantity = values.decimal("product_qty")?.unwrap_or(Decimal::ONE) * factor;
    // The price of the vendor's list where none is sent.
    let unit_price = values.decimal("price_unit")?.map_or(item.purchase_price, |price| price / factor);
    let sale_line = values.id("sale_line_id").and_then(|id| {
        let mut lines = company.sales.iter().flat_map(|sale| &sale.lines);
        lines.find(|line| line.id == id).map(|line| line.code.clone())
    });
    Ok(NewPurchaseOrderLine {
        id: None,
        code: None,
        item: item.code.clone(),
        description: values.text("name").unwrap_or_default().to_owned(),
        quantity,
        unit_price,
        packing,
        tax_code: None,
        total: quantity * unit_price,
        expected: values.day("date_planned")?,
        sale_line,
    })
}

fn write(company: &mut Company, id: i64, row: &Row, now: Timestamp) -> Result<(), Trouble> {
    let (values, code) = (Values(row), code(company, id)?);
    let vendor = values.get("partner_id").map(|_| vendor(company, values)).transpose()?;
    let day = values.day("date_planned")?;
    let order = company.purchase_order_mut(&code)?;
    if let Some(vendor) = vendor {
        order.vendor = vendor;
    }
    for (key, place) in [("partner_ref", &mut order.vendor_reference), ("origin", &mut order.origin)] {
        if values.get(key).is_some() {
            values.text(key).unwrap_or_default().clone_into(place);
        }
    }
    order.delivery = day.or(order.delivery);
    for command in wire::commands(values.get("order_line"))? {
        match command {
            Command::Update(line, values) => write_line(company, line, &values)?,
            Command::Delete(line) => {
                company.purchase_order_mut(&code)?.lines.retain(|one| one.id != line);
            }
            Command::Create(line) => {
                let new = new_line(company, Values(&line))?;
                company.add_purchase_order_line(&code, new)?;
            }
            Command::Set(_) => {}
        }
    }
    Ok(company.purchase_order_changed(&code, now)?)
}

fn write_line(company: &mut Company, id: i64, row: &Row) -> Result<(), Trouble> {
    let (values, day) = (Values(row), Values(row).day("date_planned")?);
    let (quantity, price) = (values.decimal("product_qty")?, values.decimal("price_unit")?);
    let missing = || Trouble::missing("purchase.order.line", id);
    let found = company.purchase_orders.iter().find(|order| order.lines.iter().any(|line| line.id == id));
    let code = found.map(|order| order.code.clone()).ok_or_else(missing)?;
    let order = company.purchase_order_mut(&code)?;
    let line = order.lines.iter_mut().find(|line| line.id == id).ok_or_else(missing)?;
    let factor = line.packing.as_ref().map_or(Decimal::ONE, |packing| packing.factor);
    line.quantity = quantity.map_or(line.quantity, |quantity| quantity * factor);
    line.unit_price = price.map_or(line.unit_price, |price| price / factor);
    line.total = line.quantity * line.unit_price;
    line.expected = day.or(line.expected);
    if line.quantity < line.received {
        return Err(Trouble::user("You cannot decrease the ordered quantity below the received quantity."));
    }
    let (is_issued, moved) = (order.status != Status::Draft && quantity.is_some(), line.clone());
    if let Some(to) = values.id("order_id") {
        order.lines.retain(|line| line.id != id);
        let target = self::code(company, to)?;
        company.purchase_order_mut(&target)?.lines.push(moved);
    }
    if is_issued {
        receipts::replace(company, id);
    }
    Ok(())
}

pub(super) fn write_lines(company: &mut Company, call: &Call, now: Timestamp) -> Result<Value, Trouble> {
    for id in call.ids() {
        write_line(company, id, &call.values())?;
        let of = company.purchase_orders.iter().find(|order| order.lines.iter().any(|line| line.id == id));
        if let Some(code) = of.map(|order| order.code.clone()) {
            company.purchase_order_changed(&code, now)?;
        }
    }
    Ok(json!(true))
}

/// Makes or updates the orders of a table, in one step: an external id that is known is the order that it names. Errors
/// come as messages, and nothing is changed then.
fn load(company: &mut Company, call: &Call, now: Timestamp) -> Value {
    let mut changed = company.clone();
    match load_rows(&mut changed, call, now) {
        Ok(ids) => {
            *company = changed;
            json!({ "ids": ids, "messages": [], "nextrow": 0 })
        }
        Err(trouble) => {
            let message =
                json!({ "type": "error", "message": trouble.message, "rows": { "from": 0, "to": 0 }, "record": 0 });
            json!({ "ids": false, "messages": [message], "nextrow": 0 })
        }
    }
}

fn load_rows(company: &mut Company, call: &Call, now: Timestamp) -> Result<Vec<i64>, Trouble> {
    let texts = |value: &Value| -> Vec<String> {
        let texts = value.as_array().into_iter().flatten();
        texts.map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    };
    let columns = call.args.get("fields").map(texts).unwrap_or_default();
    let rows: Vec<Vec<String>> =
        call.args.get("data").and_then(Value::as_array).into_iter().flatten().map(texts).collect();
    let mut orders: Vec<(Row, Vec<Row>)> = Vec::new();
    for row in &rows {
        let (mut head, mut line) = (Row::new(), Row::new());
        for (column, value) in columns.iter().zip(row).filter(|(_, value)| !value.is_empty()) {
            let (target, name) = match column.strip_prefix("order_line/") {
                Some(name) => (&mut line, name),
                None => (&mut head, column.as_str()),
            };
            target.insert(name.trim_end_matches("/.id").to_owned(), json!(value));
        }
        if !head.is_empty() {
            orders.push((head, Vec::new()));
        }
        let (_, lines) = orders.last_mut().ok_or_else(|| Trouble::value("No matching record found"))?;
        if !line.is_empty() {
            lines.push(line);
        }
    }
    orders.into_iter().map(|(head, lines)| load_order(company, head, &lines, now)).collect()
}

/// The record that an external id names.
fn known(company: &Company, external: &str) -> Option<i64> {
    let (module, name) = external.split_once('.')?;
    let is = |row: &&Row| row.get("module") == Some(&json!(module)) && row.get("name") == Some(&json!(name));
    company.odoo.of("ir.model.data").iter().find(is).and_then(|row| row.get("res_id")?.as_i64())
}

fn name(company: &mut Company, external: Option<&str>, model: &str, id: i64) {
    if let Some((module, name)) = external.and_then(|external| external.split_once('.')) {
        let row = wire::row(0, json!({ "module": module, "name": name, "model": model, "res_id": id }));
        company.odoo.add("ir.model.data", row);
    }
}

fn load_order(company: &mut Company, mut head: Row, lines: &[Row], now: Timestamp) -> Result<i64, Trouble> {
    let external = head.remove("id").and_then(|id| id.as_str().map(str::to_owned));
    let line_ids: Vec<Option<&str>> = lines.iter().map(|line| line.get("id").and_then(Value::as_str)).collect();
    let commands = lines.iter().zip(&line_ids).map(|(line, external)| {
        match external.and_then(|external| known(company, external)) {
            Some(id) => json!([1, id, line]),
            None => json!([0, 0, line]),
        }
    });
    let commands: Vec<Value> = commands.collect();
    head.insert("order_line".to_owned(), json!(commands));
    if let Some(id) = external.as_deref().and_then(|external| known(company, external)) {
        write(company, id, &head, now)?;
        return Ok(id);
    }
    let id = create(company, &Value::Object(head), now)?;
    name(company, external.as_deref(), "purchase.order", id);
    let made: Vec<i64> = company.purchase_order(&id.to_string())?.lines.iter().map(|line| line.id).collect();
    for (external, line) in line_ids.into_iter().zip(made) {
        name(company, external, "purchase.order.line", line);
    }
    Ok(id)
}
