//! How Odoo writes values: floats with a point, `false` for empty, naive times, relations with their names.

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::kept::Row;
use super::trouble::Trouble;
use crate::sandbox::number;
use crate::sandbox::state::Packing;

pub(super) fn float(value: Decimal) -> Value {
    let value = value.normalize();
    let text = if value.scale() == 0 { format!("{value}.0") } else { value.to_string() };
    text.parse().map_or(Value::Null, Value::Number)
}

pub(super) fn text(text: &str) -> Value {
    if text.is_empty() { json!(false) } else { json!(text) }
}

pub(super) fn one(id: i64, name: &str) -> Value {
    json!([id, name])
}

pub(super) fn time(at: Timestamp) -> Value {
    json!(at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// A day where Odoo keeps a time.
pub(super) fn noon(day: Option<Date>) -> Value {
    day.map_or(json!(false), |day| json!(format!("{day} 12:00:00")))
}

/// A record of these fields.
pub(super) fn row(id: i64, fields: Value) -> Row {
    let mut row = Row::new();
    row.insert("id".to_owned(), json!(id));
    if let Value::Object(fields) = fields {
        row.extend(fields);
    }
    row
}

/// In the unit of the line, where it has one of its own.
pub(super) fn in_unit(packing: Option<&Packing>, quantity: Decimal) -> Decimal {
    packing.map_or(quantity, |packing| quantity.checked_div(packing.factor).unwrap_or_default().normalize())
}

/// Reads values that a call writes; a text of a number is one too, `load` sends nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a>(pub(super) &'a Row);

impl<'a> Values<'a> {
    /// `None` where it is left out; `false` and an empty text are a value that is empty.
    pub(super) fn get(self, key: &str) -> Option<&'a Value> {
        self.0.get(key)
    }

    fn filled(self, key: &str) -> Option<&'a Value> {
        self.get(key).filter(|value| !matches!(value, Value::Bool(false) | Value::Null) && **value != json!(""))
    }

    pub(super) fn text(self, key: &str) -> Option<&'a str> {
        self.filled(key).and_then(Value::as_str)
    }

    pub(super) fn id(self, key: &str) -> Option<i64> {
        self.filled(key).and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()))
    }

    pub(super) fn decimal(self, key: &str) -> Result<Option<Decimal>, Trouble> {
        let wrong = || Trouble::value(format!("could not convert string to float: {key}"));
        self.filled(key).map(|value| number::decimal(value).ok_or_else(wrong)).transpose()
    }

    /// The day of a naive time.
    pub(super) fn day(self, key: &str) -> Result<Option<Date>, Trouble> {
        let Some(text) = self.text(key) else { return Ok(None) };
        let bytes = text.as_bytes();
        let fits = bytes.len() == 10 || (bytes.len() == 19 && bytes[10] == b' ');
        let day = text.get(..10).filter(|_| fits).and_then(|day| day.parse().ok());
        let wrong = || Trouble::value(format!("time data '{text}' does not match format '%Y-%m-%d %H:%M:%S'"));
        day.map(Some).ok_or_else(wrong)
    }
}

/// One command on the lines of an order: `[0, 0, values]`, `[1, id, values]`, `[2, id, 0]`, `[6, 0, ids]`.
#[derive(Debug, Clone)]
pub(super) enum Command {
    Create(Row),
    Update(i64, Row),
    Delete(i64),
    Set(Vec<i64>),
}

pub(super) fn commands(value: Option<&Value>) -> Result<Vec<Command>, Trouble> {
    let list = value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    list.iter()
        .map(|command| {
            let (id, values) = (command.get(1).and_then(Value::as_i64).unwrap_or_default(), command.get(2));
            let row = || values.and_then(Value::as_object).cloned().unwrap_or_default();
            Ok(match command.get(0).and_then(Value::as_i64) {
                Some(0) => Command::Create(row()),
                Some(1) => Command::Update(id, row()),
                Some(2 | 3) => Command::Delete(id),
                Some(6) => Command::Set(
                    values.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_i64).collect(),
                ),
                _ => return Err(Trouble::value(format!("no such command: {command}"))),
            })
        })
        .collect()
}
