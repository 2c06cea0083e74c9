//! Short ways to write a snapshot and to ask a plan.

use backorders::domain::plan::{Plan, PlanLine, plan};
use backorders::domain::snapshot::Snapshot;
use backorders::plan_command::read_snapshot;
use serde_json::{Value, json};

/// A snapshot of 2026-01-05, a Monday, from its parts; `parts` may replace any of them.
pub(crate) fn snapshot(parts: Value) -> Snapshot {
    let mut whole = json!({"today": "2026-01-05"});
    let Value::Object(parts) = parts else { panic!("the parts are an object") };
    for (key, part) in parts {
        whole[key.as_str()] = part;
    }
    read_snapshot(whole.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn planned(parts: Value) -> Plan {
    plan(&snapshot(parts))
}

/// A sales order of one line of item A from warehouse W.
pub(crate) fn order(id: &str, ordered: &str) -> Value {
    order_of(id, json!([line("1", "A", ordered)]))
}

pub(crate) fn order_of(id: &str, lines: Value) -> Value {
    json!({"id": id, "date": "2026-01-05", "customer": "C", "ship_to": "C/main", "lines": lines})
}

pub(crate) fn line(id: &str, item: &str, ordered: &str) -> Value {
    json!({"id": id, "item": item, "warehouse": "W", "ordered": ordered})
}

pub(crate) fn stock(item: &str, on_hand: &str) -> Value {
    json!({"item": item, "warehouse": "W", "on_hand": on_hand})
}

/// An incoming line of item A to warehouse W that is not ours.
pub(crate) fn supply(po: &str, ordered: &str, due: Value) -> Value {
    json!({"po": po, "line": "1", "vendor": "V9", "item": "A", "warehouse": "W", "ordered": ordered, "due": due, "state": "confirmed"})
}

/// A vendor of item A without terms, price 2.
pub(crate) fn vendor(name: &str, lead_days: i32) -> Value {
    json!({"item": "A", "vendor": name, "lead_days": lead_days, "currency": "EUR", "prices": [{"from_qty": "0", "price": "2"}]})
}

/// `with(order, {"need_by": …})`: the same with these keys set.
pub(crate) fn with(mut value: Value, keys: Value) -> Value {
    let Value::Object(keys) = keys else { panic!("the keys are an object") };
    for (key, part) in keys {
        value[key.as_str()] = part;
    }
    value
}

pub(crate) fn line_of<'p>(plan: &'p Plan, order: &str) -> &'p PlanLine {
    plan.lines.iter().find(|line| line.order == *order).unwrap_or_else(|| panic!("no line of {order}: {plan:#?}"))
}

/// stock + own + incoming + short of each line, as text.
pub(crate) fn covers(plan: &Plan) -> Vec<String> {
    plan.lines
        .iter()
        .map(|line| {
            let [stock, own, incoming, short] = [line.from_stock, line.from_own, line.from_incoming, line.shortfall];
            format!("{} {stock}+{own}+{incoming}+{short}", line.order)
        })
        .collect()
}

/// vendor item qty of each line that is bought.
pub(crate) fn bought(plan: &Plan) -> Vec<String> {
    plan.purchase_orders
        .iter()
        .flat_map(|order| order.lines.iter().map(|line| format!("{} {} {}", order.vendor, line.item, line.qty)))
        .collect()
}

pub(crate) fn kinds(plan: &Plan) -> Vec<String> {
    plan.exceptions
        .iter()
        .map(|exception| serde_json::to_value(exception.kind).unwrap().as_str().unwrap().to_owned())
        .collect()
}

/// po line from→to how, of each change.
pub(crate) fn changes(plan: &Plan) -> Vec<String> {
    plan.changes
        .iter()
        .map(|change| {
            let how = serde_json::to_value(change.how).unwrap();
            format!("{} {} {}→{} {}", change.po, change.line, change.from, change.to, how.as_str().unwrap())
        })
        .collect()
}

pub(crate) fn ready(plan: &Plan) -> Vec<&str> {
    plan.orders.iter().filter(|order| order.ready).map(|order| order.order.as_str()).collect()
}

pub(crate) fn part_ready(plan: &Plan) -> Vec<&str> {
    plan.orders.iter().filter(|order| order.part_ready).map(|order| order.order.as_str()).collect()
}
