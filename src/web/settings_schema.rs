//! The published schema of the settings: what the page, an import and the documentation go by.
//!
//! Invariants: nothing is saved that the schema refuses; what it says and what the types read is held together by the
//! tests of this module.

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

/// The schema as it is published.
pub(super) const TEXT: &str = include_str!("../../manifest/settings.schema.json");

static SCHEMA: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(TEXT).unwrap_or_default());
static VALIDATOR: LazyLock<Option<Validator>> = LazyLock::new(|| jsonschema::validator_for(&SCHEMA).ok());

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Tick,
    /// One of these; `optional`: or none of them.
    Choice {
        values: Vec<String>,
        optional: bool,
    },
    /// Any of these.
    Several(Vec<String>),
    /// These in an order.
    Order(Vec<String>),
    /// A decimal; `optional`: or none.
    Amount {
        optional: bool,
    },
    Whole {
        least: u64,
        most: u64,
        optional: bool,
    },
    /// A short text, or none.
    Text,
    Emails,
    Names,
    Dates,
    /// Rates by currency.
    Rates,
}

/// The schema of a field, by its path in the settings.
fn of(name: &str) -> &'static Value {
    name.split('.').fold(&*SCHEMA, |schema, key| &schema["properties"][key])
}

fn texts(values: &Value) -> Vec<String> {
    values.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// What the schema says that a field holds. None: it has no such field, or one that the page cannot show.
pub(super) fn kind(name: &str) -> Option<Kind> {
    let schema = of(name);
    let is_amount = |schema: &Value| schema["$ref"] == "#/$defs/amount";
    if let Some(values) = schema.get("enum") {
        let optional = values.as_array().is_some_and(|values| values.contains(&Value::Null));
        return Some(Kind::Choice { values: texts(values), optional });
    }
    if is_amount(schema) {
        return Some(Kind::Amount { optional: false });
    }
    if let Some(any) = schema["anyOf"].as_array() {
        if any.iter().any(is_amount) {
            return Some(Kind::Amount { optional: true });
        }
        // a list of warehouses can be imported beside the choices of the page
        let values = any.iter().find_map(|one| one.get("enum"))?;
        return Some(Kind::Choice { values: texts(values), optional: false });
    }
    let bound = |name: &str| schema[name].as_u64();
    let types = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        several => several.as_array()?.iter().filter_map(Value::as_str).collect(),
    };
    let optional = types.contains(&"null");
    match types[..] {
        ["boolean"] => Some(Kind::Tick),
        ["integer", ..] => Some(Kind::Whole { least: bound("minimum")?, most: bound("maximum")?, optional }),
        ["string", "null"] => Some(Kind::Text),
        ["object"] => Some(Kind::Rates),
        ["array"] => {
            let items = &schema["items"];
            Some(match (items.get("enum"), items["format"].as_str(), items["pattern"].as_str()) {
                (Some(values), ..) if name == "policy.rank" => Kind::Order(texts(values)),
                (Some(values), ..) => Kind::Several(texts(values)),
                (None, Some("date"), _) => Kind::Dates,
                (None, None, Some(_)) => Kind::Emails,
                _ => Kind::Names,
            })
        }
        _ => None,
    }
}

/// Whether a field can be said of one vendor, customer or item; `of`: which of these.
pub(super) fn is_said_of(of: &str, field: &str) -> bool {
    let rules = SCHEMA["properties"]["scopes"]["items"]["allOf"].as_array();
    let of_these = |rule: &&Value| rule["if"]["properties"]["of"]["const"] == of;
    let is_refused = |rule: &Value| rule["then"]["properties"].get(field).is_some();
    !rules.into_iter().flatten().filter(of_these).any(is_refused)
}

/// Where settings do not fit the schema: the path of the first place that does not, `policy.ignore_below`.
pub(super) fn misfit(settings: &Value) -> Option<String> {
    let Some(validator) = &*VALIDATOR else { return Some("$schema".to_owned()) };
    let error = validator.iter_errors(settings).next()?;
    let place = error.instance_path().to_string();
    Some(if place.is_empty() { "/".to_owned() } else { place.trim_start_matches('/').replace('/', ".") })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::domain::alerts::AlertRow;
    use crate::domain::customer_mail::CustomerEvent;
    use crate::domain::notice::NoticeEvent;
    use crate::domain::overrides::Override;
    use crate::domain::policy::{CountIncoming, GroupBy, MinQtyMeans, SupplyRule};
    use crate::domain::scope::{Scope, ScopeOf};
    use crate::domain::settings::Settings;

    /// Settings in which everything is there.
    fn full() -> Settings {
        let mut settings = Settings::default();
        settings.policy.overrides.push(Override {
            item: Some("I".into()),
            count_incoming: Some(CountIncoming::Any),
            count_foreign_drafts: Some(true),
            supply: Some(SupplyRule::Pooled),
            hold_for_order: Some(false),
            group_by: Some(GroupBy::Line),
            merge_equal_items: Some(false),
            min_qty_means: Some(MinQtyMeans::PriceThreshold),
            fractional_vendor_units: Some(true),
            rebuy_after_cancel: Some(true),
            ..Override::default()
        });
        settings.policy.overrides.push(Override {
            vendor: Some("V".into()),
            customer: Some("C".into()),
            item: Some("I".into()),
            vendor_choice: Some(crate::domain::policy::VendorChoice::Cheapest),
            ship_policy: Some(crate::domain::policy::ShipPolicy::AnyPart),
            buy: Some(crate::domain::policy::Buy::Nothing),
            ignore_below: Some(crate::domain::quantity::Quantity::ONE),
            buy_ahead_days: Some(7),
            ..Override::default()
        });
        settings.policy.rates.insert("USD".into(), "0.92".parse().unwrap());
        settings.policy.holidays.insert(jiff::civil::date(2026, 12, 25));
        settings.scopes.push(Scope::new(ScopeOf::Item, "I", "Item"));
        settings.alerts.rows.insert(NoticeEvent::Ready, AlertRow::default());
        settings.customer_mail.events.insert(CustomerEvent::Backorder, jiff::Timestamp::UNIX_EPOCH);
        settings
    }

    /// Every key of the settings that the code writes or the schema has, by path; keys that are data are left out.
    fn written(value: &Value, path: &str, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    let data = ["policy.rates", "alerts.rows", "customer_mail.events"].contains(&path);
                    let path =
                        if data { format!("{path}.*") } else { format!("{path}.{key}").trim_matches('.').to_owned() };
                    found.insert(path.clone());
                    written(value, &path, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| written(item, path, found)),
            _ => {}
        }
    }

    fn described(schema: &Value, path: &str, found: &mut BTreeSet<String>) {
        for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
            if key == "$schema" {
                continue;
            }
            let data = ["alerts.rows", "customer_mail.events"].contains(&path);
            let path = if data { format!("{path}.*") } else { format!("{path}.{key}").trim_matches('.').to_owned() };
            found.insert(path.clone());
            described(schema, &path, found);
        }
        if schema["additionalProperties"].is_object() {
            found.insert(format!("{path}.*"));
        }
        if schema["items"].is_object() {
            described(&schema["items"], path, found);
        }
    }

    #[test]
    fn the_schema_and_the_code_have_the_same_keys() {
        let (mut code, mut schema) = (BTreeSet::new(), BTreeSet::new());
        written(&serde_json::to_value(full()).unwrap(), "", &mut code);
        described(&SCHEMA, "", &mut schema);
        assert_eq!(code, schema);
    }

    #[test]
    fn what_the_code_writes_fits_the_schema_and_is_read_as_the_same() {
        for settings in [Settings::default(), full()] {
            let value = serde_json::to_value(&settings).unwrap();
            assert_eq!(misfit(&value), None);
            assert_eq!(serde_json::from_value::<Settings>(value).unwrap(), settings);
        }
    }

    /// The places of a schema that list values, with the pointer at which an instance has them.
    fn lists(schema: &Value, place: &str, found: &mut Vec<(String, Vec<Value>)>) {
        if let Some(values) = schema["enum"].as_array() {
            found.push((place.to_owned(), values.clone()));
        }
        for (key, schema) in schema["properties"].as_object().into_iter().flatten() {
            lists(schema, &format!("{place}/{key}"), found);
        }
        for one in schema["anyOf"].as_array().into_iter().flatten() {
            lists(one, place, found);
        }
        if schema["items"].is_object() {
            lists(&schema["items"], &format!("{place}/0"), found);
        }
    }

    /// The settings with a value at that pointer, lists and maps made on the way.
    fn with(pointer: &str, value: Value) -> Value {
        let mut whole = serde_json::to_value(full()).unwrap();
        let mut place = &mut whole;
        for key in pointer.split('/').skip(1) {
            if key == "0" {
                if place.get(0).is_none_or(|first| !first.is_object()) {
                    *place = json!([null]);
                }
                place = &mut place[0];
            } else {
                if !place.is_object() {
                    *place = json!({});
                }
                place = &mut place[key];
            }
        }
        *place = value;
        whole
    }

    #[test]
    fn the_schema_lists_the_values_that_the_code_reads_and_no_others() {
        let mut all = Vec::new();
        lists(&SCHEMA, "", &mut all);
        assert!(all.len() > 25, "{all:?}");
        for (pointer, values) in all {
            for value in &values {
                let whole = with(&pointer, value.clone());
                assert_eq!(misfit(&whole), None, "{pointer} {value}");
                serde_json::from_value::<Settings>(whole).unwrap_or_else(|error| panic!("{pointer} {value}: {error}"));
            }
            let other = with(&pointer, json!("nothing of the kind"));
            let error = serde_json::from_value::<Settings>(other.clone()).unwrap_err().to_string();
            assert!(misfit(&other).is_some(), "{pointer}");
            // serde names what it would have read: the schema lists each of them
            let read: BTreeSet<&str> = error.split('`').skip(3).step_by(2).collect();
            let listed: BTreeSet<&str> = values.iter().filter_map(Value::as_str).collect();
            if !read.is_empty() {
                assert_eq!(read, listed, "{pointer}: {error}");
            }
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_the_schema() {
        for (pointer, value) in [
            ("/nothing", json!(1)),
            ("/policy/nothing", json!(1)),
            ("/link_hours", json!(0)),
            ("/link_hours", json!(721)),
            ("/link_hours", json!(1.5)),
            ("/ask_above", json!("-1")),
            ("/ask_above", json!(-1)),
            ("/ask_above", json!("1e3")),
            ("/buyer_emails", json!(["a@b.c, d@e.f"])),
            ("/buyer_emails", json!(["a@b.c\r\nBcc: x@y.z"])),
            ("/policy/working_days", json!([])),
            ("/policy/holidays", json!(["25.12.2026"])),
            ("/policy/base_currency", json!("eur")),
            ("/policy/rates", json!({ "USD": "0.92%" })),
            ("/scopes", json!([{ "of": "item" }])),
            ("/scopes", json!([{ "of": "item", "id": "I", "wait_minutes": 5 }])),
            ("/scopes", json!([{ "of": "customer", "id": "C", "supply": "pooled" }])),
            ("/scopes", json!([{ "of": "vendor", "id": "V", "safety_stock": "1" }])),
            ("/policy/overrides", json!([{ "customer": "C", "min_qty_means": "floor" }])),
            ("/policy/overrides", json!([{ "item": "I", "vendor": "V", "hold_for_order": true }])),
            ("/alerts/digest_hour", json!(24)),
            ("/mode", json!(null)),
        ] {
            assert!(misfit(&with(pointer, value.clone())).is_some(), "{pointer} {value}");
        }
    }
}
