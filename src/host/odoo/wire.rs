//! Pieces of Odoo's records: relations, figures, dates, addresses, units.
//!
//! Odoo keeps quantities and prices as floats and rounds them to a few digits; the text of such a float means its
//! rounding, which is made here and nowhere else.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

use crate::domain::sales_document::{Address, Party};
use crate::host::json::{Fields, Misfit, bounded};

/// Digits after the point of a quantity or price: more than any precision that Odoo is set to by default (2 to 4).
const DIGITS: u32 = 6;

/// Characters kept of a name or description.
const MAX_TEXT: usize = 300;

/// A unit of measure: how many of its reference unit it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) size: Decimal,
}

pub(super) type Units = BTreeMap<i64, Unit>;

pub(super) fn text(fields: &Fields<'_>, key: &str) -> Result<String, Misfit> {
    Ok(fields.text(key)?.map(|text| bounded(text, MAX_TEXT)).unwrap_or_default())
}

/// A whole number: an id, a sequence, days.
pub(super) fn whole(fields: &Fields<'_>, key: &str) -> Result<Option<i64>, Misfit> {
    let Some(figure) = fields.decimal(key)? else { return Ok(None) };
    let whole = Some(figure).filter(Decimal::is_integer).and_then(|figure| i64::try_from(figure).ok());
    whole.map(Some).ok_or_else(|| fields.misfit(key, "not a whole number"))
}

pub(super) fn id(fields: &Fields<'_>) -> Result<i64, Misfit> {
    whole(fields, "id")?.ok_or_else(|| fields.misfit("id", "missing"))
}

/// A relation to one record: `[id, name]`, or the bare id as in a delivery.
pub(super) fn one(fields: &Fields<'_>, key: &str) -> Result<Option<(i64, String)>, Misfit> {
    let found = match fields.get(key) {
        None => return Ok(None),
        Some(Value::Array(pair)) => pair.first().and_then(Value::as_i64).map(|id| {
            (id, pair.get(1).and_then(Value::as_str).map(|name| bounded(name, MAX_TEXT)).unwrap_or_default())
        }),
        Some(Value::Number(number)) => number.as_i64().map(|id| (id, String::new())),
        Some(_) => None,
    };
    found.map(Some).ok_or_else(|| fields.misfit(key, "not a relation"))
}

pub(super) fn one_id(fields: &Fields<'_>, key: &str) -> Result<Option<i64>, Misfit> {
    Ok(one(fields, key)?.map(|(id, _)| id))
}

/// A relation to several records; one that is a single relation in another series is read as well.
pub(super) fn many(fields: &Fields<'_>, key: &str) -> Result<Vec<i64>, Misfit> {
    match fields.get(key) {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) if list.iter().all(|one| one.as_i64().is_some()) => {
            Ok(list.iter().filter_map(Value::as_i64).collect())
        }
        Some(_) => Ok(one_id(fields, key)?.into_iter().collect()),
    }
}

/// A figure, as Odoo means it.
pub(super) fn figure(fields: &Fields<'_>, key: &str) -> Result<Option<Decimal>, Misfit> {
    Ok(fields.decimal(key)?.map(|figure| figure.round_dp(DIGITS).normalize()))
}

/// A figure that is not negative; Odoo itself takes negative ones.
pub(super) fn quantity(fields: &Fields<'_>, key: &str) -> Result<Decimal, Misfit> {
    let figure = figure(fields, key)?.unwrap_or_default();
    if figure.is_sign_negative() && !figure.is_zero() { Err(fields.misfit(key, "negative")) } else { Ok(figure) }
}

/// The day of a naive UTC time or of a date. The hour says nothing about a delivery.
pub(super) fn day(fields: &Fields<'_>, key: &str) -> Result<Option<Date>, Misfit> {
    let Some(text) = fields.text(key)? else { return Ok(None) };
    let day = text.get(..10).filter(|_| text.len() == 10 || text.as_bytes().get(10) == Some(&b' '));
    let parsed = day.and_then(|day| day.parse::<Date>().ok());
    parsed.map(Some).ok_or_else(|| fields.misfit(key, "not a date"))
}

pub(super) fn party(fields: &Fields<'_>, key: &str) -> Result<Party, Misfit> {
    Ok(one(fields, key)?.map(|(id, name)| Party { id: id.to_string(), name }).unwrap_or_default())
}

/// The fields of a contact that make an address and tell who it is.
pub(super) const CONTACT_FIELDS: [&str; 14] = [
    "name",
    "email",
    "lang",
    "active",
    "supplier_rank",
    "customer_rank",
    "street",
    "street2",
    "city",
    "zip",
    "state_id",
    "country_id",
    "commercial_company_name",
    "parent_id",
];

pub(super) fn address(fields: &Fields<'_>) -> Result<Address, Misfit> {
    let lines = [text(fields, "street")?, text(fields, "street2")?];
    let name = |key: &str| Ok::<_, Misfit>(one(fields, key)?.map(|(_, name)| name).unwrap_or_default());
    Ok(Address {
        name: text(fields, "name")?,
        street: lines.iter().filter(|line| !line.is_empty()).map(String::as_str).collect::<Vec<_>>().join(", "),
        city: text(fields, "city")?,
        state: name("state_id")?,
        postal_code: text(fields, "zip")?,
        country: name("country_id")?,
        host_id: Some(id(fields)?.to_string()),
    })
}

/// A quantity of one unit in another of the same kind; `None` where a unit is unknown or has no size.
pub(super) fn convert(quantity: Decimal, from: i64, to: i64, units: &Units) -> Option<Decimal> {
    if from == to {
        return Some(quantity);
    }
    let (from, to) = (units.get(&from)?, units.get(&to)?);
    let converted = quantity.checked_mul(from.size)?.checked_div(to.size)?;
    Some(converted.round_dp(DIGITS).normalize())
}
