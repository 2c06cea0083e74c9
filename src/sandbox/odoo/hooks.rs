//! Deliveries of automation rules: which a change causes, and what they say.
//!
//! A rule fires for a record that is new or of which one of its trigger fields has changed, and which fits its domain
//! afterwards; one without trigger fields fires on every change, as 17 does with rules that were made by RPC without
//! any. A delivery names the record and the fields that the rule was given, relations as bare ids.

use serde_json::{Map, Value, json};

use super::kept::{Row, Series};
use super::rows::View;
use super::search;
use crate::sandbox::state::{Company, Event};

/// A POST to be made.
#[derive(Debug, Clone)]
pub(in crate::sandbox) struct Delivery {
    pub(in crate::sandbox) event: String,
    pub(in crate::sandbox) url: String,
    pub(in crate::sandbox) body: Value,
    /// On 17 the change is not committed before the delivery has ended.
    pub(in crate::sandbox) before: Option<Uncommitted>,
}

/// A record that is not committed yet, as it was; `None`: there was none.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::sandbox) struct Uncommitted {
    pub(super) company: i64,
    pub(super) model: String,
    pub(super) id: i64,
    pub(super) row: Option<Row>,
}

struct Rule {
    id: i64,
    model: String,
    domain: Vec<Value>,
    triggers: Vec<String>,
    tells: Vec<String>,
    url: String,
    name: String,
}

/// What the rules of a company tell of a change.
pub(in crate::sandbox) fn deliveries(before: &Company, after: &Company, events: &[Event]) -> Vec<Delivery> {
    if events.is_empty() || after.odoo.of("base.automation").is_empty() {
        return Vec::new();
    }
    let (then, now) = (View::of(before), View::of(after));
    let mut told = Vec::new();
    for rule in rules(&now) {
        let (old, new) = (then.rows(&rule.model).unwrap_or_default(), now.rows(&rule.model).unwrap_or_default());
        for row in &new {
            let was = old.iter().find(|was| was.get("id") == row.get("id"));
            let fires = match was {
                Some(was) => changed(was, row, &rule.triggers),
                None => !came_with_its_order(&then, row),
            };
            if fires && search::matches(&now, &rule.model, row, &rule.domain).unwrap_or(false) {
                told.push(delivery(&now, &rule, row, was));
            }
        }
        // A count of the stock is a move without a document.
        for event in events {
            if let (Event::Stock { item, .. }, "stock.move") = (event, rule.model.as_str())
                && let Ok(item) = after.item(item)
                && !told
                    .iter()
                    .any(|one| one.event == "stock.move" && one.body.get("product_id") == Some(&json!(item.id)))
            {
                let product = super::purchase_rows::product(after, &item.code);
                let about = json!({ "product_id": product, "state": "done", "company_id": now.company_field() });
                let row = super::wire::row(item.id, about);
                if search::matches(&now, "stock.move", &row, &rule.domain).unwrap_or(false) {
                    told.push(delivery(&now, &rule, &row, Some(&row)));
                }
            }
        }
    }
    told
}

/// A line of an order that is as new: it was written while the order was a draft.
fn came_with_its_order(then: &View<'_>, row: &Row) -> bool {
    let order = row.get("order_id").and_then(|order| order.get(0));
    let known = || then.rows("sale.order").unwrap_or_default();
    order.is_some_and(|order| known().iter().all(|known| known.get("id") != Some(order)))
}

fn changed(was: &Row, row: &Row, triggers: &[String]) -> bool {
    if triggers.is_empty() { was != row } else { triggers.iter().any(|field| was.get(field) != row.get(field)) }
}

fn rules(view: &View<'_>) -> Vec<Rule> {
    let rows = view.rows("base.automation").unwrap_or_default();
    let actions = view.rows("ir.actions.server").unwrap_or_default();
    let fields = view.rows("ir.model.fields").unwrap_or_default();
    let names = |row: &Row, key: &str| -> Vec<String> {
        let ids = row.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let named = fields.iter().filter(|field| field.get("id").is_some_and(|id| ids.contains(id)));
        named.filter_map(|field| field.get("name")?.as_str().map(str::to_owned)).collect()
    };
    let rule = |row: &Row| -> Option<Rule> {
        let first = row.get("action_server_ids")?.get(0)?;
        let action = actions.iter().find(|action| action.get("id") == Some(first))?;
        let text = |row: &Row, key: &str| row.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        Some(Rule {
            id: action.get("id")?.as_i64()?,
            model: row.get("model_id")?.get(1)?.as_str()?.to_owned(),
            domain: literal(&text(row, "filter_domain")),
            triggers: names(row, "trigger_field_ids"),
            tells: names(action, "webhook_field_ids"),
            url: text(action, "webhook_url"),
            name: text(action, "name"),
        })
    };
    rows.iter().filter(|row| row.get("active") == Some(&json!(true))).filter_map(rule).collect()
}

/// A domain as Python writes it.
fn literal(text: &str) -> Vec<Value> {
    let json =
        text.replace('(', "[").replace(')', "]").replace('\'', "\"").replace("True", "true").replace("False", "false");
    serde_json::from_str(&json).unwrap_or_default()
}

fn delivery(view: &View<'_>, rule: &Rule, row: &Row, was: Option<&Row>) -> Delivery {
    let id = row.get("id").cloned().unwrap_or(Value::Null);
    let name = match view.series {
        Series::V17 => "Send Webhook Notification",
        Series::V19 => &rule.name,
    };
    let mut body: Map<String, Value> = Map::new();
    body.insert("_action".to_owned(), json!(format!("{name}(#{})", rule.id)));
    body.insert("_id".to_owned(), id.clone());
    body.insert("_model".to_owned(), json!(rule.model));
    body.insert("id".to_owned(), id.clone());
    for field in &rule.tells {
        let value = row.get(field).cloned().unwrap_or(json!(false));
        let is_relation = value.as_array().is_some_and(|pair| pair.len() == 2 && pair[1].is_string());
        body.insert(field.clone(), if is_relation { value[0].clone() } else { value });
    }
    let before = (view.series == Series::V17 && was != Some(row)).then(|| Uncommitted {
        company: view.company.id,
        model: rule.model.clone(),
        id: id.as_i64().unwrap_or_default(),
        row: was.cloned(),
    });
    Delivery { event: rule.model.clone(), url: rule.url.clone(), body: Value::Object(body), before }
}
