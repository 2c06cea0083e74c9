//! Lists: the `query` grammar, free text, sorting and the page object.
//!
//! The grammar is not documented; it was read off the SDK: comma-separated terms, `key=value` or `key!null`, a repeated
//! key means any of, different keys mean all of, dotted keys reach into lines. A key that a record does not have is no
//! match, and a term of neither form is refused.

use std::cell::LazyCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::{Call, Outcome, ok};
use crate::sandbox::number;
use crate::sandbox::state::{Company, PurchaseOrder, Refusal, Sale, Status};

/// The SDK's default page size.
const DEFAULT_LIMIT: usize = 10;

/// The largest page; a larger one that is asked for gets this.
const MAX_LIMIT: usize = 1000;

/// A record of a list. Its wire form is made when it is needed: a list is long, a page is short.
pub(super) struct Row<'a> {
    created: Timestamp,
    changed: Timestamp,
    id: i64,
    /// A document's status, so that it can be asked for without the wire form.
    status: Option<Status>,
    wire: LazyCell<Value, Box<dyn FnOnce() -> Value + 'a>>,
}

impl<'a> Row<'a> {
    /// A record that is no document.
    pub(super) fn master(id: i64, created: Timestamp, wire: impl FnOnce() -> Value + 'a) -> Self {
        Self { created, changed: created, id, status: None, wire: LazyCell::new(Box::new(wire)) }
    }

    pub(super) fn sale(sale: &Sale, wire: impl FnOnce() -> Value + 'a) -> Self {
        let status = Some(sale.status);
        Self { changed: sale.changed, status, ..Self::master(sale.id, sale.created, wire) }
    }

    pub(super) fn order(order: &PurchaseOrder, wire: impl FnOnce() -> Value + 'a) -> Self {
        let status = Some(order.status);
        Self { changed: order.changed, status, ..Self::master(order.id, order.created, wire) }
    }
}

/// The page of the documents in `rows` that the call asks for, without those that are not listed yet.
pub(super) fn documents(company: &Company, mut rows: Vec<Row<'_>>, call: &Call<'_>) -> Outcome {
    rows.retain(|row| company.is_listed(row.created, call.now));
    page(rows, call)
}

/// The page of `rows` that the call asks for.
pub(super) fn page(mut rows: Vec<Row<'_>>, call: &Call<'_>) -> Outcome {
    if let Some(query) = call.param("query") {
        let terms = Terms::parse(query)?;
        rows.retain(|row| terms.hold_for(row));
    }
    if let Some(search) = call.param("search").filter(|text| !text.is_empty()) {
        let search = search.to_lowercase();
        rows.retain(|row| mentions(&row.wire, &search));
    }
    if let Some(key) = call.param("sort") {
        rows.sort_by(|a, b| compare(a, b, key));
        if call.param("sortDir").is_some_and(|direction| direction.eq_ignore_ascii_case("desc")) {
            rows.reverse();
        }
    }
    let number = whole(call, "page", 0)?;
    let limit = whole(call, "limit", DEFAULT_LIMIT)?.clamp(1, MAX_LIMIT);
    let (total, pages) = (rows.len(), rows.len().div_ceil(limit));
    let content: Vec<Value> =
        rows.into_iter().skip(number.saturating_mul(limit)).take(limit).map(|row| row.wire.clone()).collect();
    let sort = json!({ "sorted": call.param("sort").is_some(), "unsorted": call.param("sort").is_none() });
    ok(json!({
        "numberOfElements": content.len(),
        "empty": content.is_empty(),
        "content": content,
        "totalElements": total,
        "totalPages": pages,
        "number": number,
        "size": limit,
        "first": number == 0,
        "last": number + 1 >= pages,
        "pageable": { "pageNumber": number, "pageSize": limit, "sort": sort },
        "sort": sort,
    }))
}

fn whole(call: &Call<'_>, name: &str, default: usize) -> Result<usize, Refusal> {
    let wrong = || Refusal::Fields(vec![(name.to_owned(), "must be a whole number".to_owned())]);
    call.param(name).map_or(Ok(default), |text| text.parse().map_err(|_| wrong()))
}

#[derive(Debug, PartialEq)]
enum Wanted {
    Present,
    OneOf(Vec<String>),
}

#[derive(Debug)]
struct Terms(BTreeMap<String, Wanted>);

impl Terms {
    fn parse(query: &str) -> Result<Self, Refusal> {
        let mut terms = BTreeMap::new();
        for term in query.split(',').filter(|term| !term.trim().is_empty()) {
            if let Some((key, value)) = term.split_once('=') {
                match terms.entry(key.trim().to_owned()).or_insert_with(|| Wanted::OneOf(Vec::new())) {
                    Wanted::OneOf(values) => values.push(value.trim().to_owned()),
                    Wanted::Present => {}
                }
            } else if let Some(key) = term.strip_suffix("!null") {
                terms.entry(key.trim().to_owned()).or_insert(Wanted::Present);
            } else {
                return Err(Refusal::invalid(format!("the query term {term} is neither key=value nor key!null")));
            }
        }
        Ok(Self(terms))
    }

    fn hold_for(&self, row: &Row<'_>) -> bool {
        let status_holds = match (self.0.get("status"), row.status) {
            (Some(Wanted::OneOf(values)), Some(status)) => values.iter().any(|value| value == status.as_str()),
            _ => true,
        };
        let mut others = self.0.iter().filter(|(key, _)| row.status.is_none() || *key != "status");
        status_holds
            && others.all(|(key, wanted)| {
                let found = reach(&row.wire, key);
                match wanted {
                    Wanted::Present => !found.is_empty(),
                    Wanted::OneOf(values) => found.iter().any(|one| values.iter().any(|value| equals(one, value))),
                }
            })
    }
}

/// All values under a dotted key; lists are gone through. Entity names stand for the names that the JSON has.
fn reach<'a>(wire: &'a Value, key: &str) -> Vec<&'a Value> {
    let mut found = vec![wire];
    for part in key.split('.') {
        let part = if part == "quotationItemList" { "quotationItemDtoList" } else { part };
        found = found.into_iter().flat_map(each).filter_map(|value| value.get(part)).collect();
    }
    found.into_iter().flat_map(each).filter(|value| !value.is_null()).collect()
}

fn each(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

fn equals(found: &Value, wanted: &str) -> bool {
    match found {
        Value::String(text) => text == wanted,
        Value::Number(_) => number::decimal(found).is_some_and(|found| number::parse(wanted) == Some(found)),
        Value::Bool(flag) => wanted == if *flag { "true" } else { "false" },
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

fn mentions(wire: &Value, search: &str) -> bool {
    match wire {
        Value::String(text) => text.to_lowercase().contains(search),
        Value::Array(items) => items.iter().any(|one| mentions(one, search)),
        Value::Object(members) => members.values().any(|one| mentions(one, search)),
        _ => false,
    }
}

fn compare(a: &Row<'_>, b: &Row<'_>, key: &str) -> Ordering {
    match key {
        "createdAt" | "createdDate" => a.created.cmp(&b.created).then_with(|| a.id.cmp(&b.id)),
        "updatedAt" | "updatedDate" => a.changed.cmp(&b.changed).then_with(|| a.id.cmp(&b.id)),
        _ => {
            let (a, b) = (a.wire.get(key), b.wire.get(key));
            match (a.and_then(number::decimal), b.and_then(number::decimal)) {
                (Some(a), Some(b)) => a.cmp(&b),
                _ => a.map(Value::to_string).cmp(&b.map(Value::to_string)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_of_one_key_widen_and_terms_of_several_narrow() {
        let terms = Terms::parse("status=OPEN,status=DRAFT,lines.item=P-1,memo!null").unwrap();
        let hold_for = |wire: Value| terms.hold_for(&Row::master(1, Timestamp::UNIX_EPOCH, || wire));
        let lines = json!([{ "item": "P-2" }, { "item": "P-1" }]);
        assert!(hold_for(json!({ "status": "DRAFT", "memo": "x", "lines": lines })));
        assert!(!hold_for(json!({ "status": "CLOSED", "memo": "x", "lines": [{ "item": "P-1" }] })));
        assert!(!hold_for(json!({ "status": "OPEN", "memo": null, "lines": [{ "item": "P-1" }] })));
        assert!(Terms::parse("status").is_err());
    }

    #[test]
    fn flags_and_numbers_match_by_value() {
        assert!(equals(&json!(true), "true"));
        assert!(equals(&number::json(number::parse("12.50").unwrap()), "12.5"));
    }
}
