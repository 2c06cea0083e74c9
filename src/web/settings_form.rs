//! The settings as a form: what stands in it, and what was sent as settings again.
//!
//! Invariants: whatever is not in the form stays as it was; nothing is taken that the schema refuses; figures are read
//! as a person of the company enters them, and an equal one stays as it is stored.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::error::WebError;
use super::form::Fields;
use super::settings_fields::{SECTIONS, choice, help, label, title};
use super::settings_schema::{self, Kind};
use crate::domain::settings::Settings;
use crate::mail::EmailAddress;
use crate::wording::Words;

/// Value, label, chosen.
pub(super) type Choices = Vec<(String, String, bool)>;

/// How a field is entered.
pub(super) enum Input {
    Choice(Choices),
    Tick(bool),
    /// A figure or a short text.
    Text(String),
    /// Separated by commas or lines.
    List(String),
    Ticks(Choices),
    /// First, second, third …
    Order(Vec<Choices>),
}

/// One field of the page.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: String,
    pub(super) help: String,
    pub(super) input: Input,
}

/// A section of the page.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) fields: Vec<Field>,
}

fn names() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().flat_map(|(_, names)| names.iter().copied())
}

/// The page's sections with these values.
pub(super) fn sections(settings: &Settings, words: Words) -> Vec<Section> {
    let stored = serde_json::to_value(settings).unwrap_or_default();
    let fields = |names: &[&'static str]| names.iter().filter_map(|name| field(name, &stored, words)).collect();
    SECTIONS.iter().map(|(section, names)| Section { title: title(words, section), fields: fields(names) }).collect()
}

pub(super) fn at<'a>(stored: &'a Value, name: &str) -> &'a Value {
    name.split('.').fold(stored, |value, key| &value[key])
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(rates) => {
            rates.iter().map(|(currency, rate)| format!("{currency} = {}", plain(rate))).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// A figure in the company's form.
fn amount(value: &Value, words: Words) -> String {
    plain(value).parse::<Decimal>().map_or_else(|_| plain(value), |figure| words.quantity(figure))
}

fn field(name: &'static str, stored: &Value, words: Words) -> Option<Field> {
    let value = at(stored, name);
    let has = |one: &String| value.as_array().is_some_and(|list| list.iter().any(|item| item == one.as_str()));
    let option = |one: &String, chosen: bool| (one.clone(), choice(words, name, one), chosen);
    let input = match settings_schema::kind(name)? {
        Kind::Tick => Input::Tick(value.as_bool().unwrap_or(false)),
        Kind::Choice { values, optional } => {
            let usual = optional.then(|| (String::new(), words.say("settings-usual").into(), value.is_null()));
            Input::Choice(
                usual.into_iter().chain(values.iter().map(|one| option(one, value == one.as_str()))).collect(),
            )
        }
        Kind::Several(values) => Input::Ticks(values.iter().map(|one| option(one, has(one))).collect()),
        Kind::Order(values) => {
            let place = |index: usize| {
                let chosen = value.get(index).and_then(Value::as_str);
                let none = (String::new(), words.say("settings-rank-nothing").into(), chosen.is_none());
                let all = values.iter().map(|one| option(one, chosen == Some(one)));
                std::iter::once(none).chain(all).collect()
            };
            Input::Order((0..values.len()).map(place).collect())
        }
        Kind::Amount { .. } => Input::Text(amount(value, words)),
        Kind::Whole { .. } | Kind::Text => Input::Text(plain(value)),
        Kind::Emails | Kind::Names | Kind::Dates | Kind::Rates => Input::List(plain(value)),
    };
    Some(Field { name, label: label(words, name), help: help(words, name), input })
}

/// The fields of this page in which two settings differ, by their paths; what differs for one of them is `scopes`.
pub(super) fn differences(before: &Settings, after: &Settings) -> Vec<&'static str> {
    let before = serde_json::to_value(before).unwrap_or_default();
    let after = serde_json::to_value(after).unwrap_or_default();
    names().chain(["scopes"]).filter(|name| at(&before, name) != at(&after, name)).collect()
}

/// The settings as they were sent.
pub(super) fn read(fields: &Fields, now: &Settings, words: Words) -> Result<Settings, WebError> {
    let stored = serde_json::to_value(now).unwrap_or_default();
    let mut wanted = stored.clone();
    for name in names() {
        let Some(kind) = settings_schema::kind(name) else { continue };
        if let Some(value) = value(name, &kind, fields, at(&stored, name), words)? {
            set(&mut wanted, name, value);
        }
    }
    checked(wanted, words)
}

/// Settings that the schema and the types admit.
pub(super) fn checked(wanted: Value, words: Words) -> Result<Settings, WebError> {
    let refused = |place: &str| {
        let known = names().find(|name| place == *name || place.starts_with(&format!("{name}.")));
        WebError::Invalid(match known {
            Some(name) => words.say("settings-wrong").with("field", label(words, name)).into(),
            None => words.say("settings-not-schema").with("place", place).into(),
        })
    };
    if let Some(place) = settings_schema::misfit(&wanted) {
        return Err(refused(&place));
    }
    serde_path_to_error::deserialize(wanted).map_err(|error| refused(&error.path().to_string()))
}

fn set(whole: &mut Value, name: &str, value: Value) {
    let mut place = whole;
    for key in name.split('.') {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        place = &mut place[key];
    }
    *place = value;
}

/// What was sent for a field. None: nothing, it stays as it is.
fn value(name: &str, kind: &Kind, fields: &Fields, before: &Value, words: Words) -> Result<Option<Value>, WebError> {
    let wrong = || WebError::Invalid(words.say("settings-wrong").with("field", label(words, name)).into());
    // a box that is not ticked sends nothing: the form says that the field was in it
    let shown = || fields.all("shown").any(|shown| shown == name);
    let sent = fields.sent(name);
    Ok(match kind {
        Kind::Tick => (sent.is_some() || shown()).then(|| json!(sent.is_some())),
        Kind::Several(_) => (sent.is_some() || shown()).then(|| json!(fields.all(name).collect::<Vec<_>>())),
        Kind::Order(_) => sent.map(|_| {
            let mut order: Vec<&str> = Vec::new();
            for one in fields.all(name) {
                if !order.contains(&one) {
                    order.push(one);
                }
            }
            json!(order)
        }),
        Kind::Choice { optional, .. } => match sent {
            // what is not among the choices (a list of warehouses that was imported) stays unless another is chosen
            None => None,
            Some("") => optional.then_some(Value::Null),
            Some(one) => Some(json!(one)),
        },
        Kind::Amount { optional } => match sent {
            None => None,
            Some("") => Some(if *optional { Value::Null } else { json!("0") }),
            Some(text) => Some(figure(text, before, words).ok_or_else(|| {
                let example = words.quantity(Decimal::new(12505, 1));
                let said =
                    words.say("settings-wrong-amount").with("field", label(words, name)).with("example", example);
                WebError::Invalid(said.into())
            })?),
        },
        Kind::Whole { least, most, optional } => match sent {
            None => None,
            Some("") if *optional => Some(Value::Null),
            Some(text) => {
                let number = text.parse::<u64>().ok().filter(|number| (least..=most).contains(&number));
                Some(json!(number.ok_or_else(|| {
                    let field = label(words, name);
                    let said =
                        words.say("settings-wrong-whole").with("field", field).with("from", *least).with("to", *most);
                    WebError::Invalid(said.into())
                })?))
            }
        },
        Kind::Text => sent.map(|text| if text.is_empty() { Value::Null } else { json!(text) }),
        Kind::Emails => sent.map(|text| emails(text).ok_or_else(wrong)).transpose()?,
        Kind::Names | Kind::Dates => sent.map(|text| json!(split(text).collect::<Vec<_>>())),
        Kind::Rates => sent.map(|text| rates(text, words).ok_or_else(wrong)).transpose()?,
    })
}

/// Addresses in the form in which they are stored. None: one of them is none.
pub(super) fn emails(text: &str) -> Option<Value> {
    let all = split(text).map(|one| one.parse::<EmailAddress>().map(|one| one.as_str().to_owned()));
    Some(json!(all.collect::<Result<Vec<String>, _>>().ok()?))
}

/// A figure in the form in which it is stored; an equal one is the stored one. None: it is none, or negative.
pub(super) fn figure(text: &str, before: &Value, words: Words) -> Option<Value> {
    let figure = words.read(text).filter(|figure| !figure.is_sign_negative())?;
    Some(if plain(before).parse() == Ok(figure) { before.clone() } else { json!(figure.normalize().to_string()) })
}

/// `USD = 0.92; GBP = 7/6`
fn rates(text: &str, words: Words) -> Option<Value> {
    let mut rates = Map::new();
    for one in text.split([';', '\n']).map(str::trim).filter(|one| !one.is_empty()) {
        let (currency, rate) = one.split_once('=')?;
        let rate = rate.trim();
        let exact = if rate.contains('/') { rate.to_owned() } else { words.read(rate)?.normalize().to_string() };
        rates.insert(currency.trim().to_uppercase(), json!(exact));
    }
    Some(Value::Object(rates))
}

fn split(entered: &str) -> impl Iterator<Item = &str> {
    entered.split([',', '\n', ';']).map(str::trim).filter(|one| !one.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Language;

    #[test]
    fn every_field_of_the_page_is_one_of_the_schema_and_has_words_for_its_choices() {
        let words = Words::of(Language::De);
        for name in names() {
            let kind = settings_schema::kind(name).unwrap_or_else(|| panic!("{name} is not in the schema"));
            if let Kind::Choice { values, .. } | Kind::Several(values) | Kind::Order(values) = kind {
                for value in values {
                    assert_ne!(choice(words, name, &value), value, "{name} {value} has no words");
                }
            }
        }
        let all: Vec<_> = names().collect();
        assert_eq!(all.len(), 47);
    }

    #[test]
    fn settings_that_are_shown_and_sent_again_stay_the_same() {
        let mut settings = Settings { ask_above: Some(Decimal::new(125_050, 2)), ..Settings::default() };
        settings.policy.rates.insert("USD".into(), "1/3".parse().unwrap());
        settings.policy.holidays.insert(jiff::civil::date(2026, 12, 25));
        for language in Language::ALL {
            let words = Words::of(language);
            let mut pairs: Vec<(String, String)> = Vec::new();
            for field in sections(&settings, words).into_iter().flat_map(|section| section.fields) {
                let name = field.name.to_owned();
                pairs.push(("shown".to_owned(), name.clone()));
                let mut push = |value: String| pairs.push((name.clone(), value));
                let chosen = |choices: Choices| choices.into_iter().filter(|(.., on)| *on).map(|(value, ..)| value);
                match field.input {
                    Input::Tick(true) => push("on".to_owned()),
                    Input::Tick(false) => {}
                    Input::Choice(choices) | Input::Ticks(choices) => chosen(choices).for_each(push),
                    Input::Order(places) => places.into_iter().flat_map(chosen).for_each(push),
                    Input::Text(text) | Input::List(text) => push(text),
                }
            }
            let read = read(&Fields::of(pairs), &settings, words).unwrap();
            assert_eq!(read, settings, "{language:?}");
        }
    }
}
