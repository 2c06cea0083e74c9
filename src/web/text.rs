//! Figures, dates and states as people read them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::Value;

use super::happened;
use crate::db::audit::Entry;
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef};

/// `3 Dec 2026`, or a dash.
pub(super) fn date(date: Option<Date>) -> String {
    date.map_or_else(|| "–".to_owned(), |date| date.strftime("%-d %b %Y").to_string())
}

/// `3 Dec 09:40` in the company's time.
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%-d %b %H:%M").to_string()
}

/// Without zeros at its end, thousands apart: `1 250.5`.
pub(super) fn quantity(value: Decimal) -> String {
    grouped(&value.normalize().to_string())
}

/// With at least two decimals, thousands apart, and its currency.
pub(super) fn money(value: Option<Decimal>, currency: Option<&str>) -> String {
    let Some(mut value) = value else { return "not known".to_owned() };
    value = value.normalize();
    if value.scale() < 2 {
        value.rescale(2);
    }
    format!("{} {}", grouped(&value.to_string()), currency.unwrap_or_default()).trim().to_owned()
}

/// A narrow space between thousands.
fn grouped(number: &str) -> String {
    let (whole, rest) = number.split_once('.').map_or((number, None), |(whole, rest)| (whole, Some(rest)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
    let mut text = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    if let Some(rest) = rest {
        text.push('.');
        text.push_str(rest);
    }
    text
}

/// The kind of a document, for people.
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

/// A document as an event names it: `Invoice SI-12`, `the list of invoices`.
pub(super) fn document(document: &DocumentRef) -> String {
    match (document.kind, DocumentKind::parse(&document.id)) {
        (DocumentKind::List, Some(of)) => format!("the list of {}s", kind(of).to_lowercase()),
        (of, _) => format!("{} {}", kind(of), document.id),
    }
}

/// The page of a backorder.
pub(super) fn path(document: &DocumentRef) -> String {
    let id = url::form_urlencoded::byte_serialize(document.id.as_bytes()).collect::<String>().replace('+', "%20");
    format!("/backorders/{}/{id}", document.kind)
}

/// What a state means, for the tooltip.
pub(super) fn state_help(state: BackorderState) -> &'static str {
    match state {
        BackorderState::Short => "Nothing is ordered for what is missing",
        BackorderState::Asked => "A purchase order waits for a decision",
        BackorderState::Declined => "A person decided not to buy what is missing",
        BackorderState::OnOrder => "What is missing is on order",
        BackorderState::PartReady => "A part can go, the rest is on order",
        BackorderState::Ready => "Everything is there: it can go",
        BackorderState::Delivered => "Delivered",
        BackorderState::Cancelled => "Cancelled",
    }
}

/// How far a purchase order of ours is: here until the host has it, then there.
pub(super) fn order_state(ours: &str, host: Option<&str>) -> &'static str {
    match (ours, host) {
        (_, Some("draft")) => "Draft in the ERP",
        (_, Some("confirmed")) => "Issued",
        (_, Some("received")) => "Received",
        (_, Some("cancelled")) => "Cancelled in the ERP",
        ("planned", _) => "About to be made",
        ("sending", _) => "Being made",
        ("unknown", _) => "Sent, the ERP's answer was lost: being looked up",
        ("created" | "confirmed", _) => "Made",
        ("rejected", _) => "Refused by the ERP",
        ("needs_human", _) => "A person must look",
        _ => "Cancelled",
    }
}

/// An entry of the audit as a sentence.
pub(super) fn event(entry: &Entry) -> String {
    let detail = |name: &str| entry.details.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |name: &str| entry.details.get(name).map(ToString::to_string).unwrap_or_default();
    let because = |text: &str| match detail("reason") {
        reason if reason.is_empty() => text.to_owned(),
        reason => format!("{text}: {reason}"),
    };
    match entry.event.as_str() {
        "approved" => "approved the purchase order".to_owned(),
        "declined" => because("declined the purchase"),
        "snoozed" => because("put the decision off"),
        "connected" => "connected the company".to_owned(),
        "signed_in" => "signed in".to_owned(),
        "disconnected" => "disconnected the company".to_owned(),
        "paused" => "paused everything".to_owned(),
        "resumed" => "went on after a pause".to_owned(),
        "settings_saved" => format!("changed the settings: {}", detail("changed")),
        "change_kept" => format!("kept purchase order {} as it is", detail("number")),
        "change_asked_vendor" => format!("will ask the vendor to change purchase order {}", detail("number")),
        "undo_not_buying" => "took back the decision not to buy".to_owned(),
        "purchase_order_sought" => "had the ERP searched again for the purchase order".to_owned(),
        "purchase_order_resolved" => "marked the purchase order as resolved".to_owned(),
        "looked_again" => "asked to look at it again".to_owned(),
        "access_revoked" => because("lost access to the ERP"),
        "sweep" => format!("looked through everything: {} missed, {} repaired", number("missed"), number("repaired")),
        "state_changed" => happened::state_changed(&entry.details),
        "purchase_order" => happened::purchase_order(&entry.details),
        "draft_changed" => "changed our draft to what is still needed".to_owned(),
        "mail" => happened::mail(&entry.details),
        other => {
            // what the worker writes: its words with what stands beside them
            let beside: Vec<String> = entry
                .details
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(name, value)| {
                    let text =
                        value.as_str().map(str::to_owned).or_else(|| value.is_number().then(|| value.to_string()));
                    text.filter(|text| !text.is_empty()).map(|text| format!("{} {text}", name.replace('_', " ")))
                })
                .take(5)
                .collect();
            let words = other.replace('_', " ");
            if beside.is_empty() { words } else { format!("{words} ({})", beside.join(", ")) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_exact_and_readable() {
        let of = |text: &str| quantity(text.parse().unwrap());
        assert_eq!(
            [of("8.000"), of("1250.50"), of("-1000000"), of("0.25")],
            ["8", "1\u{202f}250.5", "−1\u{202f}000\u{202f}000", "0.25"]
        );
        assert_eq!(money(Some("96".parse().unwrap()), Some("EUR")), "96.00 EUR");
        assert_eq!(money(Some("0.125".parse().unwrap()), None), "0.125");
        assert_eq!(money(None, Some("EUR")), "not known");
    }

    #[test]
    fn ids_of_hosts_are_safe_in_addresses() {
        let document = DocumentRef::new(DocumentKind::Invoice, "../a b?c#d/é");
        assert_eq!(path(&document), "/backorders/invoice/..%2Fa%20b%3Fc%23d%2F%C3%A9");
    }
}
