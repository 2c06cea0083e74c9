//! One call of the API, and what is answered.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::sandbox::entry::Answer;
use crate::sandbox::number;
use crate::sandbox::state::{Company, Refusal};

/// A call whose token was good.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) query: &'a [(String, String)],
    pub(super) body: &'a Value,
    pub(super) now: Timestamp,
}

pub(super) type Outcome = Result<Answer, Refusal>;

/// What a path leads to; the text is the path's own parameter, empty where it has none.
#[derive(Debug, Clone, Copy)]
pub(super) enum Route<'a> {
    Read(fn(&Company, &Call<'_>, &str) -> Outcome, &'a str),
    /// With the sort of record that it writes (see `Role::may_write`).
    Write(&'static str, fn(&mut Company, &Call<'_>, &str) -> Outcome, &'a str),
}

#[expect(clippy::unnecessary_wraps, reason = "what every handler returns")]
pub(super) fn ok(body: Value) -> Outcome {
    Ok(Answer { status: 200, body: Some(without_nulls(body)) })
}

#[expect(clippy::unnecessary_wraps, reason = "what every handler returns")]
pub(super) fn created(body: Value) -> Outcome {
    Ok(Answer { status: 201, body: Some(without_nulls(body)) })
}

#[expect(clippy::unnecessary_wraps, reason = "what every handler returns")]
pub(super) fn no_content() -> Outcome {
    Ok(Answer { status: 204, body: None })
}

/// 200 without a body, where the documentation names none.
#[expect(clippy::unnecessary_wraps, reason = "what every handler returns")]
pub(super) fn done() -> Outcome {
    Ok(Answer { status: 200, body: None })
}

/// Leaves members out that have no value.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            members.into_iter().filter(|(_, one)| !one.is_null()).map(|(key, one)| (key, without_nulls(one))).collect()
        }
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

impl Call<'_> {
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn required_param(&self, name: &str) -> Result<&str, Refusal> {
        let missing = || Refusal::Fields(vec![(name.to_owned(), "is required".to_owned())]);
        self.param(name).filter(|value| !value.is_empty()).ok_or_else(missing)
    }

    /// The body as a list of codes.
    pub(super) fn codes(&self) -> Result<Vec<&str>, Refusal> {
        let codes = self.body.as_array().and_then(|codes| codes.iter().map(Value::as_str).collect());
        codes.ok_or_else(|| Refusal::invalid("the body must be a list of codes"))
    }

    /// The body as a list of objects.
    pub(super) fn objects(&self) -> Result<&[Value], Refusal> {
        match self.body.as_array() {
            Some(items) if items.iter().all(Value::is_object) => Ok(items),
            _ => Err(Refusal::invalid("the body must be a list of objects")),
        }
    }

    /// The body as a free map of fields.
    pub(super) fn fields(&self) -> Result<impl Iterator<Item = (&String, &Value)>, Refusal> {
        self.body.as_object().map(serde_json::Map::iter).ok_or_else(|| Refusal::invalid("the body must be an object"))
    }
}

/// Reads members of an object and remembers what is missing or wrong.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    object: &'a Value,
    prefix: String,
    errors: Vec<(String, String)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(object: &'a Value, prefix: impl Into<String>) -> Self {
        Self { object, prefix: prefix.into(), errors: Vec::new() }
    }

    fn wrong(&mut self, name: &str, error: &str) {
        self.errors.push((format!("{}{name}", self.prefix), error.to_owned()));
    }

    pub(super) fn value(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// Notes that the member is missing, if it is.
    pub(super) fn require(&mut self, name: &str) {
        if self.value(name).is_none() {
            self.wrong(name, "is required");
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        let text = self.value(name)?.as_str().map(str::to_owned);
        if text.is_none() {
            self.wrong(name, "must be text");
        }
        text
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        let value = self.value(name)?;
        if !value.is_boolean() {
            self.wrong(name, "must be true or false");
        }
        value.as_bool()
    }

    pub(super) fn integer(&mut self, name: &str) -> Option<i64> {
        let value = self.value(name)?;
        if value.as_i64().is_none() {
            self.wrong(name, "must be a whole number");
        }
        value.as_i64()
    }

    /// A JSON number; a string of digits is refused, as the documentation has numbers.
    pub(super) fn decimal(&mut self, name: &str) -> Option<Decimal> {
        let value = self.value(name)?;
        let decimal = if value.is_number() { number::decimal(value) } else { None };
        let decimal = decimal.filter(|decimal| decimal.abs() <= number::LARGEST);
        if decimal.is_none() {
            self.wrong(name, "must be a number up to a million millions, of at most 28 digits");
        }
        decimal
    }

    pub(super) fn date(&mut self, name: &str) -> Option<jiff::civil::Date> {
        let text = self.text(name)?;
        let date = super::wire::parse_date(&text);
        if date.is_none() {
            self.wrong(name, "must be a date as dd-MM-yyyy");
        }
        date
    }

    /// Takes over what another reader found wrong.
    pub(super) fn join(&mut self, other: Self) {
        self.errors.extend(other.errors);
    }

    /// What was found wrong, if anything.
    pub(super) fn finish(self) -> Result<(), Refusal> {
        if self.errors.is_empty() { Ok(()) } else { Err(Refusal::Fields(self.errors)) }
    }
}
