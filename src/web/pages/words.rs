//! States and events in words: the one place that says how a backorder, a purchase order or an audit entry reads.
//!
//! Invariant: a state never shows by colour alone.

use serde_json::Value;

use super::text::{self, Here};
use crate::db::audit::Entry;
use crate::db::backorder::Backorder;
use crate::db::sale_view::RaisedOrder;
use crate::domain::backorder::BackorderState;
use crate::domain::ids::DocumentKind;

/// The package icon with its word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chip {
    /// The class that colours it.
    pub(super) class: &'static str,
    pub(super) word: String,
    /// What the hover says.
    pub(super) hint: String,
}

/// How a backorder stands, with its date where that matters.
pub(super) fn chip(backorder: &Backorder) -> Chip {
    let word = match (backorder.state, backorder.promise) {
        (BackorderState::OnOrder, Some(date)) => format!("On order {}", text::date(date)),
        (BackorderState::Delivered, _) => "Delivered".to_owned(),
        (BackorderState::Cancelled, _) => "Cancelled".to_owned(),
        (state, _) => state.word().to_owned(),
    };
    let hint = match backorder.state {
        BackorderState::Short => "Nothing is ordered for what is short".to_owned(),
        BackorderState::Declined => format!("Not to be bought: {}", backorder.reason.as_deref().unwrap_or("declined")),
        BackorderState::Asked => "Waits for a decision".to_owned(),
        BackorderState::OnOrder if backorder.promise.is_none() => "On order, no date yet".to_owned(),
        BackorderState::OnOrder => "The rest is expected by then".to_owned(),
        BackorderState::PartReady => "A part can go now".to_owned(),
        BackorderState::Ready => "The whole order can go".to_owned(),
        BackorderState::Delivered | BackorderState::Cancelled => "No longer a backorder".to_owned(),
    };
    Chip { class: class(backorder.state), word, hint }
}

/// The class of a state's colours; the same as in the ERP's list.
pub(super) fn class(state: BackorderState) -> &'static str {
    match state {
        BackorderState::Short | BackorderState::Declined => "short",
        BackorderState::Asked => "asked",
        BackorderState::OnOrder => "order",
        BackorderState::PartReady => "part",
        BackorderState::Ready => "ready",
        BackorderState::Delivered | BackorderState::Cancelled => "plain",
    }
}

/// The state as a filter's label.
pub(super) fn label(state: BackorderState) -> &'static str {
    match state {
        BackorderState::Declined => "Not to be bought",
        other => other.word(),
    }
}

pub(super) fn kind(kind: DocumentKind) -> &'static str {
    match kind {
        DocumentKind::Quotation => "Quotation",
        DocumentKind::SalesOrder => "Sales order",
        DocumentKind::Invoice => "Invoice",
        DocumentKind::PurchaseOrder => "Purchase order",
        DocumentKind::Item => "Item",
        DocumentKind::List => "List",
    }
}

/// How a purchase order of ours stands: in our hands first, then in the host.
pub(super) fn purchase_order(order: &RaisedOrder, here: &Here) -> String {
    if order.gone {
        return "No longer in the ERP".to_owned();
    }
    match (order.state.as_str(), order.host_state.as_deref()) {
        ("planned", _) => "About to be made".to_owned(),
        ("sending", _) => "Being sent to the ERP".to_owned(),
        ("unknown", _) => match order.quarantine_until {
            Some(until) if until > here.now => format!(
                "Sent, but the answer was lost: we look for it in the ERP at {}, before anything is sent again",
                here.time(until)
            ),
            _ => "Sent, but the answer was lost: we look for it in the ERP now".to_owned(),
        },
        ("rejected", _) => "Refused by the ERP: a person must look".to_owned(),
        ("needs_human", _) => "A person must look".to_owned(),
        ("cancelled", None) => "Given up".to_owned(),
        (_, Some("confirmed")) => "Issued".to_owned(),
        (_, Some("received")) => "Received".to_owned(),
        (_, Some("cancelled")) => "Cancelled in the ERP".to_owned(),
        ("cancelled", Some(_)) => "Given up here, still in the ERP".to_owned(),
        _ => "Draft in the ERP".to_owned(),
    }
}

fn text_of<'a>(details: &'a Value, key: &str) -> Option<&'a str> {
    details.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// An entry of the audit, as a sentence.
pub(super) fn entry(entry: &Entry) -> String {
    let details = &entry.details;
    let reason = |sentence: &str| match text_of(details, "reason") {
        Some(reason) => format!("{sentence}: {reason}"),
        None => sentence.to_owned(),
    };
    match entry.event.as_str() {
        "state_changed" => state_changed(details),
        "purchase_order" => purchase_order_moved(details),
        "mail" => mail(details),
        "approved" => "Approved".to_owned(),
        "declined" => reason("Declined"),
        "snoozed" => reason("Put off"),
        "draft_changed" => "Our draft was changed to what is still needed".to_owned(),
        "access_revoked" => reason("The ERP no longer lets us in"),
        "sweep" => {
            let number = |key: &str| details.get(key).and_then(Value::as_i64).unwrap_or(0);
            format!("Checked everything: {} missed, {} repaired", number("missed"), number("repaired"))
        }
        "checked_again" => "Asked for another look".to_owned(),
        "undo_not_buying" => "Took back the decision not to buy".to_owned(),
        "settings_saved" => match text_of(details, "changes") {
            Some(changes) => format!("Changed settings: {changes}"),
            None => "Changed settings".to_owned(),
        },
        "looked_again" => "Had the ERP looked through again for the purchase order".to_owned(),
        "resolved" => "Marked as resolved: the purchase order counts no more".to_owned(),
        "change_kept" => "Kept what was ordered, for stock".to_owned(),
        "change_asked_vendor" => "Asks the vendor to reduce".to_owned(),
        "change_cancelled" => "Cancels the line in the ERP".to_owned(),
        other => {
            let words = other.replace('_', " ");
            let mut letters = words.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
        }
    }
}

fn state_changed(details: &Value) -> String {
    let state = text_of(details, "state").and_then(BackorderState::parse);
    let word = match state {
        Some(BackorderState::Delivered) => "Delivered: no longer a backorder",
        Some(BackorderState::Cancelled) => "Cancelled: no longer a backorder",
        Some(BackorderState::Declined) => "Short, and not to be bought",
        Some(state) => state.word(),
        None => "Changed",
    };
    match text_of(details, "promise").and_then(|date| date.parse().ok()) {
        Some(date) => format!("{word}, expected {}", text::date(date)),
        None => word.to_owned(),
    }
}

fn purchase_order_moved(details: &Value) -> String {
    let what = match text_of(details, "purchase_order") {
        Some(number) => format!("Purchase order {number}"),
        None => "The purchase order".to_owned(),
    };
    let became = match text_of(details, "state").unwrap_or_default() {
        "planned" => "is to be sent",
        "created" => "stands in the ERP",
        "confirmed" if text_of(details, "action") == Some("change") => "was changed in the ERP",
        "confirmed" => "was issued",
        "unknown" => "was sent, the answer was lost",
        "rejected" => "was refused by the ERP",
        "needs_human" => "needs a person",
        "cancelled" => "was given up",
        _ => "moved on",
    };
    match text_of(details, "error") {
        Some(error) => format!("{what} {became}: {error}"),
        None => format!("{what} {became}"),
    }
}

fn mail(details: &Value) -> String {
    let event = text_of(details, "event").unwrap_or("news").replace('_', " ");
    let to = text_of(details, "to").unwrap_or("somebody");
    let outcome = match text_of(details, "outcome").unwrap_or_default() {
        "sent" => "sent",
        "unknown" => "may have been sent",
        "refused" => "refused by the mail server",
        _ => "could not be sent",
    };
    match text_of(details, "error") {
        Some(error) => format!("Mail “{event}” to {to}: {outcome} ({error})"),
        None => format!("Mail “{event}” to {to}: {outcome}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DocumentRef;
    use serde_json::json;

    fn backorder(state: BackorderState) -> Backorder {
        Backorder {
            document: DocumentRef::new(DocumentKind::Invoice, "1"),
            state,
            promise: Some("2026-12-03".parse().unwrap()),
            first_promised: None,
            since: jiff::Timestamp::UNIX_EPOCH,
            episode: 1,
            late_told: false,
            reason: Some("too dear".into()),
            assigned_to: None,
            changed_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn every_state_has_a_word_and_a_hint() {
        for state in BackorderState::ALL {
            let chip = chip(&backorder(state));
            assert!(!chip.word.is_empty() && !chip.hint.is_empty() && !chip.class.is_empty(), "{state:?}");
        }
        assert_eq!(chip(&backorder(BackorderState::OnOrder)).word, "On order 3 Dec 2026");
        assert_eq!(chip(&backorder(BackorderState::Declined)).word, "Short");
        assert!(chip(&backorder(BackorderState::Declined)).hint.contains("too dear"));
    }

    #[test]
    fn the_audit_reads_as_sentences() {
        let read = |event: &str, details: Value| {
            entry(&Entry {
                id: uuid::Uuid::nil(),
                at: jiff::Timestamp::UNIX_EPOCH,
                actor: "backorders".into(),
                event: event.into(),
                document: None,
                details,
            })
        };
        let moved = read("state_changed", json!({ "state": "on_order", "promise": "2026-12-03" }));
        assert_eq!(moved, "On order, expected 3 Dec 2026");
        let refused = json!({ "state": "rejected", "action": "create", "purchase_order": null, "error": "no (400)" });
        assert_eq!(read("purchase_order", refused), "The purchase order was refused by the ERP: no (400)");
        assert_eq!(read("declined", json!({ "reason": "too dear" })), "Declined: too dear");
        assert_eq!(read("something_new", json!({})), "Something new");
    }
}
