//! Domains, orders and pages: how records are found.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::fields::{self, Kind};
use super::kept::Row;
use super::rows::View;
use super::trouble::Trouble;
use crate::sandbox::number;

/// The records of a model that a domain finds.
pub(super) fn find(view: &View<'_>, model: &str, domain: &Value) -> Result<Vec<Row>, Trouble> {
    let domain = domain.as_array().map_or(&[][..], Vec::as_slice);
    let mut found = Vec::new();
    for row in view.rows(model)? {
        if hides_archived(view, domain, &row) {
            continue;
        }
        if matches(view, model, &row, domain)? {
            found.push(row);
        }
    }
    Ok(found)
}

/// Archived records are found only by those who ask for them.
fn hides_archived(view: &View<'_>, domain: &[Value], row: &Row) -> bool {
    let asked = domain.iter().any(|leaf| leaf.get(0) == Some(&json!("active")));
    row.get("active") == Some(&json!(false)) && view.active_only && !asked
}

/// Whether a record fits a domain, which is in Polish notation with "and" left out.
pub(super) fn matches(view: &View<'_>, model: &str, row: &Row, domain: &[Value]) -> Result<bool, Trouble> {
    let mut stack: Vec<bool> = Vec::new();
    let short = || Trouble::value("Invalid domain: an operator has too few operands");
    for part in domain.iter().rev() {
        let value = match part.as_str() {
            Some("!") => !stack.pop().ok_or_else(short)?,
            Some(operator @ ("&" | "|")) => {
                let (one, two) = (stack.pop().ok_or_else(short)?, stack.pop().ok_or_else(short)?);
                if operator == "&" { one && two } else { one || two }
            }
            _ => leaf(view, model, row, part)?,
        };
        stack.push(value);
    }
    Ok(stack.into_iter().all(|one| one))
}

fn leaf(view: &View<'_>, model: &str, row: &Row, leaf: &Value) -> Result<bool, Trouble> {
    let text = |at: usize| leaf.get(at).and_then(Value::as_str);
    let (Some(path), Some(operator), Some(wanted)) = (text(0), text(1), leaf.get(2)) else {
        return Err(Trouble::value(format!("Invalid leaf {leaf}")));
    };
    let found = values(view, model, row, path)?;
    compare(&found, operator, wanted).ok_or_else(|| Trouble::value(format!("Invalid operator {operator}")))
}

/// What stands at a path, by way of relations: ids, texts, figures; nothing where it is empty.
fn values(view: &View<'_>, model: &str, row: &Row, path: &str) -> Result<Vec<Value>, Trouble> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let kind = view.kind(model, name)?;
    let value = row.get(name).cloned().unwrap_or(json!(false));
    let (one, target) = match kind {
        Kind::One(target) => (value.get(0).cloned().into_iter().collect(), Some(target)),
        Kind::Many(target) => (value.as_array().cloned().unwrap_or_default(), Some(target)),
        Kind::Boolean => (vec![value], None),
        _ => (Some(value).filter(|value| *value != json!(false)).into_iter().collect::<Vec<_>>(), None),
    };
    match (rest, target) {
        (None, _) => Ok(one),
        (Some(rest), Some(target)) => {
            let mut found = Vec::new();
            for row in view.rows(target)?.iter().filter(|row| row.get("id").is_some_and(|id| one.contains(id))) {
                found.extend(values(view, target, row, rest)?);
            }
            Ok(found)
        }
        (Some(_), None) => Err(Trouble::no_field(view.series, model, path)),
    }
}

fn compare(found: &[Value], operator: &str, wanted: &Value) -> Option<bool> {
    let is_empty = |wanted: &Value| matches!(wanted, Value::Bool(false) | Value::Null);
    let has = |wanted: &Value| {
        found.iter().any(|one| same(one, wanted)) || (is_empty(wanted) && (found.is_empty() || found == [json!(false)]))
    };
    let any = |of: &dyn Fn(Ordering) -> bool| found.iter().any(|one| order(one, wanted).is_some_and(of));
    let texts = || found.iter().filter_map(Value::as_str);
    let pattern = wanted.as_str().unwrap_or_default();
    Some(match operator {
        "=" | "==" => has(wanted),
        "!=" | "<>" => !has(wanted),
        "in" => wanted.as_array()?.iter().any(has),
        "not in" => !wanted.as_array()?.iter().any(has),
        "<" => any(&Ordering::is_lt),
        "<=" => any(&Ordering::is_le),
        ">" => any(&Ordering::is_gt),
        ">=" => any(&Ordering::is_ge),
        "=like" => texts().any(|text| fits(text, pattern)),
        "like" => texts().any(|text| text.contains(pattern)),
        "ilike" => texts().any(|text| text.to_lowercase().contains(&pattern.to_lowercase())),
        _ => return None,
    })
}

fn same(one: &Value, wanted: &Value) -> bool {
    one == wanted || order(one, wanted) == Some(Ordering::Equal)
}

fn order(one: &Value, two: &Value) -> Option<Ordering> {
    match (one, two) {
        (Value::Number(_), Value::Number(_)) => Some(number::decimal(one)?.cmp(&number::decimal(two)?)),
        (Value::String(one), Value::String(two)) => Some(one.cmp(two)),
        _ => None,
    }
}

/// `%` stands for any text, and for nothing.
fn fits(text: &str, pattern: &str) -> bool {
    match pattern.split_once('%') {
        None => text == pattern,
        Some((start, rest)) => text
            .strip_prefix(start)
            .is_some_and(|left| rest.is_empty() || left.char_indices().any(|(at, _)| fits(&left[at..], rest))),
    }
}

/// Puts records in an order as "date desc, id", and takes a page of them.
pub(super) fn page(rows: Vec<Row>, sort: Option<&str>, limit: Option<&Value>, offset: Option<&Value>) -> Vec<Row> {
    let mut rows = rows;
    let sort = sort.unwrap_or("id");
    let keys: Vec<(&str, bool)> = sort
        .split(',')
        .filter_map(|part| {
            let mut words = part.split_whitespace();
            Some((words.next()?, words.next().is_some_and(|word| word.eq_ignore_ascii_case("desc"))))
        })
        .collect();
    rows.sort_by(|one, two| {
        let by = keys.iter().map(|(key, desc)| {
            let ordering = one.get(*key).zip(two.get(*key)).and_then(|(one, two)| order(one, two));
            let ordering = ordering.unwrap_or(Ordering::Equal);
            if *desc { ordering.reverse() } else { ordering }
        });
        by.fold(Ordering::Equal, Ordering::then)
    });
    let count = |value: Option<&Value>| value.and_then(Value::as_u64).and_then(|count| usize::try_from(count).ok());
    let limit = count(limit).filter(|limit| *limit > 0).unwrap_or(usize::MAX);
    rows.into_iter().skip(count(offset).unwrap_or(0)).take(limit).collect()
}

/// The asked fields of records, all where none are asked for; ids come along.
pub(super) fn read(view: &View<'_>, model: &str, rows: Vec<Row>, asked: Option<&Value>) -> Result<Value, Trouble> {
    let known = fields::fields(view.series, &view.company.odoo, model).unwrap_or_default();
    let asked: Vec<&str> = asked.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(strange) = asked.iter().find(|name| known.iter().all(|field| field.name != **name)) {
        return Err(Trouble::no_field(view.series, model, strange));
    }
    let pick = |row: Row| -> Value {
        let wanted =
            known.iter().filter(|field| asked.is_empty() || field.name == "id" || asked.contains(&field.name.as_str()));
        wanted
            .map(|field| (field.name.clone(), row.get(&field.name).cloned().unwrap_or_else(|| empty(field.kind))))
            .collect()
    };
    Ok(rows.into_iter().map(pick).collect())
}

/// How an empty field reads.
fn empty(kind: Kind) -> Value {
    match kind {
        Kind::Many(_) => json!([]),
        Kind::Float | Kind::Monetary => super::wire::float(rust_decimal::Decimal::ZERO),
        Kind::Integer => json!(0),
        _ => json!(false),
    }
}
