//! What was done and found, as sentences that follow the name of who did it.
//!
//! Invariant: a sentence says nothing that the entry of the audit does not hold.

use serde_json::Value;

use super::alerts::news_name;
use super::customer_mail::event_name;
use super::settings_fields::label;
use crate::db::audit::Entry;
use crate::domain::backorder::BackorderState;
use crate::domain::customer_mail::CustomerEvent;
use crate::domain::notice::NoticeEvent;
use crate::domain::problem::Problem;
use crate::wording::{Said, Words};

fn detail<'a>(details: &'a Value, name: &str) -> Option<&'a str> {
    details.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// What went wrong, in the reader's words.
fn problem(words: Words, details: &Value, name: &str) -> Option<String> {
    match details.get(name)? {
        Value::String(kept) => Some(kept.as_str()).filter(|kept| !kept.is_empty()).map(|kept| words.problem(kept)),
        object => serde_json::from_value::<Problem>(object.clone()).ok().map(|known| words.problem(&known.kept())),
    }
}

/// A sentence and what it was for.
fn because(words: Words, what: Said, reason: Option<&str>) -> String {
    match reason {
        Some(reason) => words.say("activity-because").with("what", what).with("reason", reason).to_string(),
        None => what.to_string(),
    }
}

/// Who did it: the worker is the app itself.
pub(super) fn actor(entry: &Entry) -> String {
    if entry.actor == "backorders" { "Backorders".to_owned() } else { entry.actor.clone() }
}

/// An entry of the audit as a sentence.
pub(super) fn what(words: Words, entry: &Entry) -> String {
    let details = &entry.details;
    let text = |name: &str| detail(details, name).unwrap_or_default().to_owned();
    let count = |name: &str| details.get(name).and_then(Value::as_i64).unwrap_or_default();
    let plain = |what: Said| because(words, what, detail(details, "reason"));
    match entry.event.as_str() {
        "approved" => plain(words.say("activity-what-approved")),
        "declined" => plain(words.say("activity-what-declined")),
        "snoozed" => plain(words.say("activity-what-snoozed")),
        "connected" => plain(words.say("activity-what-connected")),
        "signed_in" => plain(words.say("activity-what-signed-in")),
        "secret_rotated" => plain(words.say("activity-what-rotated")),
        "disconnected" => plain(words.say("activity-what-disconnected")),
        "paused" => plain(words.say("activity-what-paused")),
        "resumed" => plain(words.say("activity-what-resumed")),
        "settings_saved" => plain(words.say("activity-what-settings").with("changed", settings(words, details))),
        "data_exported" => plain(words.say("activity-what-exported")),
        "customer_erased" => plain(words.say("activity-what-erased")),
        "change_kept" => plain(words.say("activity-what-kept").with("number", text("number"))),
        "change_asked_vendor" => plain(words.say("activity-what-asks-vendor").with("number", text("number"))),
        "change_cancelled" => plain(words.say("activity-what-cancelled-line").with("number", text("number"))),
        "assigned" if text("to") == "nobody" => plain(words.say("activity-what-unassigned")),
        "assigned" => plain(words.say("activity-what-assigned").with("to", text("to"))),
        "vendor_chosen" if text("vendor") == "by the rules" => plain(words.say("activity-what-by-rules")),
        "vendor_chosen" => plain(words.say("activity-what-vendor").with("vendor", text("vendor"))),
        "drop_shipment_chosen" => plain(words.say("activity-what-drop-ship")),
        "escalated" => plain(words.say("activity-what-escalated").with("to", text("to"))),
        "undo_not_buying" => plain(words.say("activity-what-undone")),
        "purchase_order_sought" => plain(words.say("activity-what-sought")),
        "purchase_order_resolved" => plain(words.say("activity-what-resolved")),
        "looked_again" => plain(words.say("activity-what-looked-again")),
        "access_revoked" => {
            let why = problem(words, details, "reason");
            because(words, words.say("activity-what-revoked"), why.as_deref())
        }
        "sweep" => {
            let (missed, repaired) = (count("missed"), count("repaired"));
            plain(words.say("activity-what-sweep").with("missed", missed).with("repaired", repaired))
        }
        "state_changed" => state_changed(words, details),
        "purchase_order" => purchase_order(words, details),
        "draft_changed" => plain(words.say("activity-what-draft")),
        "mail" => mail(words, details),
        "customer_mail_asked" => {
            let event = detail(details, "what").and_then(|what| CustomerEvent::parse(&what.replace(' ', "_")));
            let what = event.map_or_else(|| text("what"), |event| event_name(words, event));
            plain(words.say("activity-what-customer-mail").with("what", what))
        }
        "unsubscribed" => plain(words.say("activity-what-unsubscribed")),
        "subscribed_again" => plain(words.say("activity-what-subscribed")),
        "duplicate_deleted" => plain(words.say("activity-what-duplicate").with("marker", text("marker"))),
        "unbound_mark" => plain(words.say("activity-what-unbound").with("marker", text("marker"))),
        other => beside(other, details),
    }
}

/// The fields of the settings that were changed.
fn settings(words: Words, details: &Value) -> String {
    let fields = details.get("fields").and_then(Value::as_array);
    let fields: Vec<String> =
        fields.into_iter().flatten().filter_map(Value::as_str).map(|field| label(words, field)).collect();
    // entries of former versions hold the words themselves
    if fields.is_empty() { detail(details, "changed").unwrap_or_default().to_owned() } else { fields.join(", ") }
}

/// An event without a sentence of its own: its name with what stands beside it.
fn beside(event: &str, details: &Value) -> String {
    let words = event.replace('_', " ");
    let text =
        |value: &Value| value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()));
    let beside: Vec<String> = details
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name, text(value).filter(|text| !text.is_empty())?)))
        .map(|(name, text)| format!("{} {text}", name.replace('_', " ")))
        .take(5)
        .collect();
    if beside.is_empty() { words } else { format!("{words} ({})", beside.join(", ")) }
}

/// "found all of it on order, expected 3 Dec 2026"
fn state_changed(words: Words, details: &Value) -> String {
    let state = detail(details, "state").and_then(BackorderState::parse);
    let found = words.say(match state {
        Some(BackorderState::Short) => "activity-found-short",
        Some(BackorderState::Asked) => "activity-found-asked",
        Some(BackorderState::Declined) => "activity-found-declined",
        Some(BackorderState::OnOrder) => "activity-found-on-order",
        Some(BackorderState::PartReady) => "activity-found-part-ready",
        Some(BackorderState::Ready) => "activity-found-ready",
        Some(BackorderState::Delivered) => "activity-found-delivered",
        Some(BackorderState::Cancelled) => "activity-found-cancelled",
        None => "activity-found-changed",
    });
    let waits = state.is_some_and(|state| state.is_open() && state != BackorderState::Ready);
    match detail(details, "promise").and_then(|date| date.parse::<jiff::civil::Date>().ok()) {
        Some(date) if waits => words.say("activity-found-expected").with("found", found).with("date", date).to_string(),
        _ => found.to_string(),
    }
}

/// "issued purchase order PO-7"
fn purchase_order(words: Words, details: &Value) -> String {
    let order = match detail(details, "purchase_order") {
        Some(number) => words.say("activity-order").with("number", number),
        None => words.say("activity-the-order"),
    };
    let what = words
        .say(match (detail(details, "state").unwrap_or_default(), detail(details, "action")) {
            ("confirmed", Some("change")) => "activity-order-changed",
            ("planned", _) => "activity-order-again",
            ("created", _) => "activity-order-made",
            ("confirmed", _) => "activity-order-issued",
            ("unknown", _) => "activity-order-lost",
            ("rejected", _) => "activity-order-not-taken",
            ("needs_human", _) => "activity-order-needs-person",
            ("cancelled", _) => "activity-order-given-up",
            _ => "activity-order-went-on",
        })
        .with("order", order);
    because(words, what, problem(words, details, "error").as_deref())
}

/// "mailed “A shortfall was found” to buyer@example.com"
fn mail(words: Words, details: &Value) -> String {
    let event = detail(details, "event").unwrap_or_default();
    let customer = event.strip_prefix("customer_").and_then(CustomerEvent::parse);
    let news = match (NoticeEvent::parse(event), customer) {
        (Some(event), _) => news_name(words, event),
        (None, Some(event)) => event_name(words, event),
        (None, None) if event == "digest" => words.say("activity-news-digest").to_string(),
        (None, None) => words.say("activity-news").to_string(),
    };
    let to = detail(details, "to").map_or_else(|| words.say("activity-somebody").to_string(), str::to_owned);
    let what = words
        .say(match detail(details, "outcome").unwrap_or_default() {
            "sent" => "activity-mailed",
            "unknown" => "activity-mail-unknown",
            "refused" => "activity-mail-refused",
            _ => "activity-mail-failed",
        })
        .with("news", news)
        .with("to", to);
    because(words, what, problem(words, details, "error").as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Language;
    use serde_json::json;

    #[test]
    fn the_worker_s_entries_read_as_sentences() {
        let words = Words::default();
        let found = json!({ "state": "on_order", "promise": "2026-12-03" });
        assert_eq!(state_changed(words, &found), "found all of it on order, expected 3 Dec 2026");
        let german = state_changed(Words::of(Language::De), &found);
        assert_eq!(german, "fand alles bestellt, erwartet 03.12.2026");
        let saved = Entry {
            id: uuid::Uuid::nil(),
            at: jiff::Timestamp::UNIX_EPOCH,
            actor: "Anna".to_owned(),
            event: "settings_saved".to_owned(),
            document: None,
            details: json!({ "fields": ["mode", "scopes"], "version": 2 }),
        };
        assert_eq!(
            what(Words::of(Language::De), &saved),
            "hat die Einstellungen geändert: Wie viel getan wird, Was für einen Lieferanten, Kunden oder Artikel anders ist"
        );
        let ready = json!({ "state": "ready", "promise": "2026-12-03" });
        assert_eq!(state_changed(words, &ready), "found that all of it can go");
        let refused = json!({ "state": "rejected", "action": "create", "purchase_order": null, "error": "no (400)" });
        assert_eq!(purchase_order(words, &refused), "sent the purchase order, which the ERP refused: no (400)");
        let sent = json!({ "event": "shortfall_found", "to": "b@x.test", "outcome": "sent", "error": null });
        assert_eq!(mail(words, &sent), "mailed “A shortfall was found” to b@x.test");
        let customer = json!({ "event": "customer_on_its_way", "to": "b@x.test", "outcome": "refused" });
        assert_eq!(mail(words, &customer), "could not mail “On its way” to b@x.test: refused");
    }

    #[test]
    fn an_event_that_nobody_has_worded_is_told_all_the_same() {
        let entry = Entry {
            id: uuid::Uuid::nil(),
            at: jiff::Timestamp::UNIX_EPOCH,
            actor: "backorders".to_owned(),
            event: "something_new".to_owned(),
            document: None,
            details: json!({ "what": "a thing", "count": 3, "none": null }),
        };
        assert_eq!(what(Words::default(), &entry), "something new (count 3, what a thing)");
        assert_eq!(actor(&entry), "Backorders");
    }
}
