//! Figures, dates and states as people read them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::wording::Words;

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
pub(super) fn kind(words: Words, kind: DocumentKind) -> String {
    words
        .say(match kind {
            DocumentKind::Quotation => "term-quotation",
            DocumentKind::SalesOrder => "term-sales-order",
            DocumentKind::Invoice => "term-invoice",
            DocumentKind::PurchaseOrder => "term-purchase-order",
            DocumentKind::Item => "term-item",
            DocumentKind::List => "term-list",
        })
        .to_string()
}

/// A document as an event names it: `Invoice SI-12`, `the list of invoices`.
pub(super) fn document(words: Words, document: &DocumentRef) -> String {
    match (document.kind, DocumentKind::parse(&document.id)) {
        (DocumentKind::List, Some(of)) => words
            .say(match of {
                DocumentKind::Quotation => "term-list-of-quotations",
                DocumentKind::SalesOrder => "term-list-of-sales-orders",
                DocumentKind::Invoice => "term-list-of-invoices",
                DocumentKind::PurchaseOrder => "term-list-of-purchase-orders",
                DocumentKind::Item | DocumentKind::List => "term-list-of-items",
            })
            .to_string(),
        (of, _) => format!("{} {}", kind(words, of), document.id),
    }
}

/// The page of a backorder.
pub(super) fn path(document: &DocumentRef) -> String {
    let id = url::form_urlencoded::byte_serialize(document.id.as_bytes()).collect::<String>().replace('+', "%20");
    format!("/backorders/{}/{id}", document.kind)
}

/// Only what a browser opens as a page: a host's text is never a script.
pub(super) fn link(url: Option<String>) -> Option<String> {
    url.filter(|url| url.starts_with("https://") || url.starts_with("http://"))
}

/// The word that stands beside a state's icon. What was declined is short, with its reason (domain.md section 5).
pub(super) fn state(words: Words, state: BackorderState) -> String {
    words
        .say(match state {
            BackorderState::Short | BackorderState::Declined => "state-short",
            BackorderState::Asked => "state-asked",
            BackorderState::OnOrder => "state-on-order",
            BackorderState::PartReady => "state-part-ready",
            BackorderState::Ready => "state-ready",
            BackorderState::Delivered => "state-delivered",
            BackorderState::Cancelled => "state-cancelled",
        })
        .to_string()
}

/// What a state is called where it stands alone, as over a list: what was declined is one of its own there.
pub(super) fn state_name(words: Words, named: BackorderState) -> String {
    if named == BackorderState::Declined { words.say("state-declined").to_string() } else { state(words, named) }
}

/// What a state means, for the tooltip.
pub(super) fn state_help(words: Words, state: BackorderState) -> String {
    words
        .say(match state {
            BackorderState::Short => "state-short-help",
            BackorderState::Asked => "state-asked-help",
            BackorderState::Declined => "state-declined-help",
            BackorderState::OnOrder => "state-on-order-help",
            BackorderState::PartReady => "state-part-ready-help",
            BackorderState::Ready => "state-ready-help",
            BackorderState::Delivered => "state-delivered",
            BackorderState::Cancelled => "state-cancelled",
        })
        .to_string()
}

/// How far a purchase order of ours is: here until the host has it, then there.
pub(super) fn order_state(words: Words, ours: &str, host: Option<&str>) -> String {
    words
        .say(match (ours, host) {
            (_, Some("draft")) => "state-order-draft",
            (_, Some("confirmed")) => "state-order-issued",
            (_, Some("received")) => "state-order-received",
            (_, Some("cancelled")) => "state-order-cancelled-there",
            ("planned", _) => "state-order-planned",
            ("sending", _) => "state-order-sending",
            ("unknown", _) => "state-order-unknown",
            ("created" | "confirmed", _) => "state-order-made",
            ("rejected", _) => "state-order-refused",
            ("needs_human", _) => "state-order-person",
            _ => "state-order-cancelled",
        })
        .to_string()
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

    #[test]
    fn what_is_no_page_is_no_link() {
        for bad in ["javascript:alert(1)", "data:text/html,x", "//evil.example", "JAVASCRIPT:x", ""] {
            assert_eq!(link(Some(bad.to_owned())), None, "{bad}");
        }
        assert_eq!(link(Some("https://erp.example/so/1".to_owned())).as_deref(), Some("https://erp.example/so/1"));
    }
}
