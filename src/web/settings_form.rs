//! The fields of the settings page: what is shown, and what was sent as settings again.
//!
//! Invariant: whatever is not on the page stays as it was; a value that cannot be is refused by the same reading that
//! the stored settings have.

use serde_json::{Map, Value, json};

use super::error::WebError;
use super::form::Fields;
use crate::domain::notice::NoticeEvent;
use crate::domain::settings::Settings;
use crate::mail::EmailAddress;

/// How a field is entered.
pub(super) enum Input {
    /// Value, label, chosen.
    Choice(Vec<(&'static str, &'static str, bool)>),
    Tick(bool),
    Text(String),
    /// Separated by commas or lines.
    List(String),
    /// Value, label, ticked.
    Ticks(Vec<(&'static str, &'static str, bool)>),
}

/// One field of the page.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    pub(super) help: &'static str,
    pub(super) input: Input,
}

/// What a field is in the stored settings.
enum Kind {
    Choice(&'static [(&'static str, &'static str)]),
    Tick,
    /// A decimal; empty: none.
    OptionalAmount,
    Amount,
    /// A whole number between these.
    Whole(u32, u32),
    OptionalWhole(u32, u32),
    Emails,
    Names,
    /// News that is not mailed, each ticked when it is.
    Mails,
}

struct Spec {
    /// Path in the settings: `policy.buy`.
    name: &'static str,
    label: &'static str,
    help: &'static str,
    kind: Kind,
}

/// A section of the page.
pub(super) struct Section {
    pub(super) title: &'static str,
    pub(super) fields: Vec<Field>,
}

const fn spec(name: &'static str, label: &'static str, help: &'static str, kind: Kind) -> Spec {
    Spec { name, label, help, kind }
}

const MODE: &[(&str, &str)] = &[
    ("watch", "Watch: tell what would be done, do nothing"),
    ("ask", "Ask: a person decides on each purchase order"),
    ("automatic", "Automatic: buy within the limits, ask beyond them"),
];

const SECTIONS: &[(&str, &[Spec])] = &[
    (
        "Mode",
        &[
            spec(
                "mode",
                "How much is done",
                "Nothing switches by itself. A new connection watches.",
                Kind::Choice(MODE),
            ),
            spec(
                "issue",
                "Issue purchase orders",
                "Off: they stay drafts in the ERP until a person issues them.",
                Kind::Tick,
            ),
            spec(
                "ask_above",
                "Ask above",
                "In your base currency. Also in Automatic, a person decides above it. Empty: no limit.",
                Kind::OptionalAmount,
            ),
            spec(
                "daily_orders",
                "Purchase orders in a day",
                "Automatic makes at most so many in 24 hours; more are asked.",
                Kind::Whole(0, 100_000),
            ),
        ],
    ),
    (
        "People",
        &[
            spec("buyer_emails", "Buyers", "Who is asked what to buy. Empty: the administrators.", Kind::Emails),
            spec("seller_emails", "Sellers", "Who hears of orders whose owner the ERP does not name.", Kind::Emails),
            spec("mail_approval", "Decide from the mail", "Off: the mail only links to the app.", Kind::Tick),
            spec(
                "silent",
                "Mails about",
                "Who gets which is told in the mail itself; what is not ticked is only shown in the app.",
                Kind::Mails,
            ),
            spec("link_hours", "Hours that a link in a mail works", "1 to 720.", Kind::Whole(1, 720)),
        ],
    ),
    (
        "How a shortfall is counted",
        &[
            spec(
                "policy.stock_scope",
                "Stock that counts",
                "For an order: that of its own warehouse, or of all.",
                Kind::Choice(&[("order_warehouse", "The order's warehouse"), ("all", "All warehouses")]),
            ),
            spec(
                "policy.count_incoming",
                "Goods on their way",
                "Purchase orders that others made.",
                Kind::Choice(&[
                    ("in_time", "Count those that come in time"),
                    ("any", "Count all"),
                    ("none", "Count none"),
                ]),
            ),
            spec(
                "policy.count_foreign_drafts",
                "Count drafts of others",
                "Drafts of purchase orders that a person made count as on their way.",
                Kind::Tick,
            ),
            spec(
                "warehouses_left_out",
                "Warehouses left out",
                "Their stock counts as 0. Ids as in the ERP.",
                Kind::Names,
            ),
            spec(
                "policy.ignore_below",
                "Ignore up to",
                "A shortfall up to this many units is not bought.",
                Kind::Amount,
            ),
        ],
    ),
    (
        "Purchasing",
        &[
            spec(
                "policy.buy",
                "What is bought",
                "The shortfall, or nothing at all.",
                Kind::Choice(&[("shortfall", "The shortfall"), ("nothing", "Nothing")]),
            ),
            spec(
                "policy.vendor_choice",
                "Vendor",
                "Which of an item's vendors is proposed first.",
                Kind::Choice(&[
                    ("preferred", "The preferred one"),
                    ("cheapest", "The cheapest"),
                    ("earliest", "The earliest"),
                    ("on_time_else_earliest", "The preferred one that is on time, else the earliest"),
                ]),
            ),
            spec(
                "policy.group_by",
                "One purchase order for",
                "What goes together.",
                Kind::Choice(&[
                    ("order_and_vendor", "Each order and vendor"),
                    ("vendor", "Each vendor"),
                    ("line", "Each line"),
                ]),
            ),
            spec(
                "policy.merge_equal_items",
                "Merge equal items",
                "Off: one line for each order, each rounded apart.",
                Kind::Tick,
            ),
            spec(
                "policy.min_qty_means",
                "A vendor's minimum",
                "What it means for a smaller need.",
                Kind::Choice(&[
                    ("floor", "Buy at least the minimum"),
                    ("price_threshold", "The price holds from it on: pass the vendor over"),
                ]),
            ),
            spec(
                "policy.fractional_vendor_units",
                "Parts of a vendor's unit",
                "On: half a box may be ordered.",
                Kind::Tick,
            ),
            spec(
                "policy.buy_ahead_days",
                "Buy ahead",
                "Only what is needed within the lead time and this many days. Empty: everything at once.",
                Kind::OptionalWhole(0, 3650),
            ),
            spec(
                "policy.rebuy_after_cancel",
                "Buy again after a cancellation",
                "When a purchase order of ours is cancelled in the ERP.",
                Kind::Tick,
            ),
            spec(
                "drop_shipment",
                "Drop shipment",
                "Which lines the vendor ships to the customer.",
                Kind::Choice(&[("as_marked", "Those that the item or line says"), ("off", "None")]),
            ),
        ],
    ),
    (
        "Who gets what there is",
        &[
            spec(
                "policy.supply",
                "Purchase orders of ours",
                "Tied to the order that they were made for, or for whoever ranks first.",
                Kind::Choice(&[("pegged", "Tied to their order"), ("pooled", "For whoever ranks first")]),
            ),
            spec(
                "policy.hold_for_order",
                "Hold for the order",
                "Goods received for an order are held for it.",
                Kind::Tick,
            ),
            spec(
                "policy.ship_policy",
                "An order may go",
                "Where the ERP says nothing about it.",
                Kind::Choice(&[
                    ("whole_order", "As a whole"),
                    ("each_line", "Line by line"),
                    ("any_part", "In any part"),
                ]),
            ),
            spec(
                "policy.release_blocked_stock",
                "Release what is held",
                "Let others use stock that is held for an order which cannot go yet.",
                Kind::Tick,
            ),
        ],
    ),
];

/// The page's sections with the values that hold now.
pub(super) fn sections(settings: &Settings) -> Vec<Section> {
    let stored = serde_json::to_value(settings).unwrap_or_default();
    SECTIONS
        .iter()
        .map(|(title, specs)| Section { title, fields: specs.iter().map(|spec| field(spec, &stored)).collect() })
        .collect()
}

fn is_silent(silent: &Value, event: NoticeEvent) -> bool {
    silent.as_array().is_some_and(|list| list.iter().any(|one| one.as_str() == Some(event.as_str())))
}

/// The news in few words.
fn label(event: NoticeEvent) -> &'static str {
    match event {
        NoticeEvent::ShortfallFound => "Something is short",
        NoticeEvent::PurchaseOrderMade => "A purchase order was made",
        NoticeEvent::Ready => "An order can go",
        NoticeEvent::PartReady => "A part of an order can go",
        NoticeEvent::NotReady => "An order can no longer go",
        NoticeEvent::Late => "An order will be late",
        NoticeEvent::PurchaseOrderCancelled => "A purchase order of ours was cancelled",
        NoticeEvent::NoVendor => "There is no vendor for what is short",
        NoticeEvent::OutcomeUnknown => "It is not known whether a purchase order was made",
        NoticeEvent::PurchaseOrderRefused => "The ERP refused a purchase order",
        NoticeEvent::ChangeProposed => "Something was ordered that is no longer needed",
        NoticeEvent::AccessRevoked => "The ERP no longer lets us in",
    }
}

fn at<'a>(stored: &'a Value, name: &str) -> &'a Value {
    name.split('.').fold(stored, |value, key| &value[key])
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

fn field(spec: &Spec, stored: &Value) -> Field {
    let value = at(stored, spec.name);
    let input = match spec.kind {
        Kind::Choice(choices) => {
            Input::Choice(choices.iter().map(|(name, label)| (*name, *label, value.as_str() == Some(name))).collect())
        }
        Kind::Tick => Input::Tick(value.as_bool().unwrap_or(false)),
        Kind::Emails | Kind::Names => Input::List(plain(value)),
        Kind::Mails => Input::Ticks(
            NoticeEvent::ALL.iter().map(|event| (event.as_str(), label(*event), !is_silent(value, *event))).collect(),
        ),
        _ => Input::Text(plain(value)),
    };
    Field { name: spec.name, label: spec.label, help: spec.help, input }
}

/// The labels of the fields in which two settings differ.
pub(super) fn differences(before: &Settings, after: &Settings) -> Vec<&'static str> {
    let (before, after) = [before, after].map(|one| serde_json::to_value(one).unwrap_or_default()).into();
    let specs = SECTIONS.iter().flat_map(|(_, specs)| specs.iter());
    specs.filter(|spec| at(&before, spec.name) != at(&after, spec.name)).map(|spec| spec.label).collect()
}

/// The settings as they were sent, and the labels of those that differ.
pub(super) fn read(fields: &Fields, now: &Settings) -> Result<(Settings, Vec<&'static str>), WebError> {
    let stored = serde_json::to_value(now).unwrap_or_default();
    let mut wanted = stored.clone();
    let mut changed = Vec::new();
    for spec in SECTIONS.iter().flat_map(|(_, specs)| specs.iter()) {
        let value = value(spec, fields, at(&stored, spec.name))?;
        if &value != at(&stored, spec.name) {
            set(&mut wanted, spec.name, value);
            changed.push(spec.label);
        }
    }
    let settings = serde_json::from_value(wanted)
        .map_err(|error| WebError::Invalid(format!("The settings were not saved: {error}.")))?;
    Ok((settings, changed))
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

fn value(spec: &Spec, fields: &Fields, before: &Value) -> Result<Value, WebError> {
    let wrong = |why: &str| WebError::Invalid(format!("{}: {why}. Nothing was saved.", spec.label));
    let entered = fields.get(spec.name);
    Ok(match &spec.kind {
        // what is not among the choices (a list of warehouses that was imported) stays unless another is chosen
        Kind::Choice(choices) => match entered {
            Some(entered) if choices.iter().any(|(name, _)| *name == entered) => json!(entered),
            Some("") | None => before.clone(),
            Some(_) => return Err(wrong("there is no such choice")),
        },
        Kind::Tick => json!(entered.is_some()),
        Kind::OptionalAmount | Kind::Amount => match entered {
            None if matches!(spec.kind, Kind::OptionalAmount) => Value::Null,
            None => json!("0"),
            Some(entered) => match entered.parse::<rust_decimal::Decimal>() {
                Ok(amount) if !amount.is_sign_negative() => same_or(before, amount),
                _ => return Err(wrong("a figure such as 250 or 0.5 is needed")),
            },
        },
        Kind::Whole(least, most) | Kind::OptionalWhole(least, most) => match entered {
            None if matches!(spec.kind, Kind::OptionalWhole(..)) => Value::Null,
            entered => match entered.unwrap_or_default().parse::<u32>() {
                Ok(number) if (*least..=*most).contains(&number) => json!(number),
                _ => return Err(wrong(&format!("a whole number from {least} to {most} is needed"))),
            },
        },
        Kind::Emails => {
            let all = split(entered).map(|one| one.parse::<EmailAddress>().map(|one| one.as_str().to_owned()));
            let all: Result<Vec<String>, _> = all.collect();
            json!(all.map_err(|error| wrong(&error.to_string()))?)
        }
        Kind::Names => json!(split(entered).collect::<Vec<_>>()),
        Kind::Mails => {
            let mailed: Vec<&str> = fields.all(spec.name).collect();
            json!(NoticeEvent::ALL.iter().filter(|event| !mailed.contains(&event.as_str())).collect::<Vec<_>>())
        }
    })
}

/// The amount in the form in which it is stored; an equal one is the stored one.
fn same_or(before: &Value, amount: rust_decimal::Decimal) -> Value {
    if plain(before).parse() == Ok(amount) {
        return before.clone();
    }
    if before.is_number() {
        serde_json::from_str(&amount.to_string()).unwrap_or(Value::Null)
    } else {
        json!(amount.to_string())
    }
}

fn split(entered: Option<&str>) -> impl Iterator<Item = &str> {
    entered.unwrap_or_default().split([',', '\n', ';']).map(str::trim).filter(|one| !one.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_page_is_one_of_the_settings() {
        let stored = serde_json::to_value(Settings::default()).unwrap();
        for spec in SECTIONS.iter().flat_map(|(_, specs)| specs.iter()) {
            let (parent, key) = spec.name.rsplit_once('.').unwrap_or(("", spec.name));
            let parent = if parent.is_empty() { &stored } else { at(&stored, parent) };
            assert!(parent.get(key).is_some(), "{}", spec.name);
            if let Kind::Choice(choices) = spec.kind {
                for (name, _) in choices {
                    let mut wanted = stored.clone();
                    set(&mut wanted, spec.name, json!(name));
                    serde_json::from_value::<Settings>(wanted).unwrap_or_else(|e| panic!("{} {name}: {e}", spec.name));
                }
            }
        }
    }
}
