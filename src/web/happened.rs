//! What the worker writes to the audit, as sentences; their subject is who did it.
//!
//! Invariant: a sentence says nothing that the entry does not hold.

use serde_json::Value;

use super::text;
use crate::domain::backorder::BackorderState;

fn detail<'a>(details: &'a Value, name: &str) -> Option<&'a str> {
    details.get(name).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// "found it on order, expected 3 Dec 2026"
pub(super) fn state_changed(details: &Value) -> String {
    let state = detail(details, "state").and_then(BackorderState::parse);
    let words = match state {
        Some(BackorderState::Short) => "found it short",
        Some(BackorderState::Asked) => "asks what to buy for it",
        Some(BackorderState::Declined) => "found it short, and not to be bought",
        Some(BackorderState::OnOrder) => "found all of it on order",
        Some(BackorderState::PartReady) => "found that a part can go",
        Some(BackorderState::Ready) => "found that all of it can go",
        Some(BackorderState::Delivered) => "found it delivered: no longer a backorder",
        Some(BackorderState::Cancelled) => "found it cancelled: no longer a backorder",
        None => "found it changed",
    };
    let waits = state.is_some_and(|state| state.is_open() && state != BackorderState::Ready);
    match detail(details, "promise").and_then(|date| date.parse().ok()) {
        Some(date) if waits => format!("{words}, expected {}", text::date(Some(date))),
        _ => words.to_owned(),
    }
}

/// "issued purchase order PO-7"
pub(super) fn purchase_order(details: &Value) -> String {
    let number = detail(details, "purchase_order").map_or_else(String::new, |number| format!(" {number}"));
    let words = match (detail(details, "state").unwrap_or_default(), detail(details, "action")) {
        ("confirmed", Some("change")) => format!("changed purchase order{number}"),
        ("planned", _) => format!("will send purchase order{number} again"),
        ("created", _) => format!("made purchase order{number}"),
        ("confirmed", _) => format!("issued purchase order{number}"),
        ("unknown", _) => format!("sent purchase order{number}; the ERP's answer was lost, it is looked for"),
        ("rejected", _) => format!("was refused purchase order{number} by the ERP"),
        ("needs_human", _) => format!("needs a person for purchase order{number}"),
        ("cancelled", _) => format!("gave up purchase order{number}"),
        _ => format!("went on with purchase order{number}"),
    };
    match detail(details, "error") {
        Some(error) => format!("{words}: {error}"),
        None => words,
    }
}

/// "told buyer@example.com that it is short"
pub(super) fn mail(details: &Value) -> String {
    let news = detail(details, "event").unwrap_or("news").replace('_', " ");
    let to = detail(details, "to").unwrap_or("somebody");
    let words = match detail(details, "outcome").unwrap_or_default() {
        "sent" => format!("mailed “{news}” to {to}"),
        "unknown" => format!("may have mailed “{news}” to {to}"),
        "refused" => format!("could not mail “{news}” to {to}: refused"),
        _ => format!("could not mail “{news}” to {to}"),
    };
    match detail(details, "error") {
        Some(error) => format!("{words} ({error})"),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_worker_s_entries_read_as_sentences() {
        let found = json!({ "state": "on_order", "promise": "2026-12-03" });
        assert_eq!(state_changed(&found), "found all of it on order, expected 3 Dec 2026");
        assert_eq!(state_changed(&json!({ "state": "ready", "promise": "2026-12-03" })), "found that all of it can go");
        let refused = json!({ "state": "rejected", "action": "create", "purchase_order": null, "error": "no (400)" });
        assert_eq!(purchase_order(&refused), "was refused purchase order by the ERP: no (400)");
        let sent = json!({ "event": "shortfall_found", "to": "b@x.test", "outcome": "sent", "error": null });
        assert_eq!(mail(&sent), "mailed “shortfall found” to b@x.test");
    }
}
