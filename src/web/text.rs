//! Documents and states as people read them.

use crate::db::counts::MOST_COUNTED;
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::wording::Words;

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

/// A number that was counted up to a bound: "1,000+" beyond it.
pub(super) fn counted(words: Words, count: i64) -> String {
    let bounded = words.quantity(count.min(MOST_COUNTED).into());
    if count > MOST_COUNTED { format!("{bounded}+") } else { bounded }
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

/// A purchase order's number as it is shown, and in full: where it is our own mark, its ends say enough.
pub(super) fn order_number(number: &str) -> (String, String) {
    let is_mark = number.len() == MARK && number.starts_with("BO-") && number.is_ascii();
    let shown = if is_mark { format!("{}…{}", &number[..7], &number[MARK - 4..]) } else { number.to_owned() };
    (shown, number.to_owned())
}

/// A sentence in pieces as they are shown, each with what it is in full: our own marks in it are shortened.
pub(super) fn with_short_marks(sentence: &str) -> Vec<(String, String)> {
    let ends = |letter: char| !letter.is_ascii_alphanumeric() && letter != '-';
    let mut pieces: Vec<(String, String)> = Vec::new();
    let mut plain = String::new();
    for piece in sentence.split_inclusive(ends) {
        let word = piece.trim_end_matches(ends);
        let number = order_number(word);
        if number.0 == number.1 {
            plain.push_str(piece);
            continue;
        }
        let before = std::mem::take(&mut plain);
        pieces.extend((!before.is_empty()).then(|| (before.clone(), before)));
        pieces.push(number);
        plain.push_str(&piece[word.len()..]);
    }
    pieces.extend((!plain.is_empty()).then(|| (plain.clone(), plain)));
    pieces
}

/// Letters of a mark (`domain::proposal::marker`).
const MARK: usize = 29;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_marks_are_shortened_wherever_they_stand_and_other_numbers_never() {
        let shown = |sentence: &str| with_short_marks(sentence).into_iter().map(|(shown, _)| shown).collect::<String>();
        let full = |sentence: &str| with_short_marks(sentence).into_iter().map(|(_, full)| full).collect::<String>();
        let sum = "10 ordered − 6 on BO-K5R66Y547JTKXKDYLUSW5BSGV4 8 Dec 2026 − 1 on PO-00007";
        assert_eq!(shown(sum), "10 ordered − 6 on BO-K5R6…SGV4 8 Dec 2026 − 1 on PO-00007");
        assert_eq!(full(sum), sum);
        assert_eq!(with_short_marks(sum).len(), 3);
        assert_eq!(order_number("BO-0123456789").0, "BO-0123456789");
        let chinese = "6（BO-K5R66Y547JTKXKDYLUSW5BSGV4）; 2";
        assert_eq!((shown(chinese).as_str(), full(chinese).as_str()), ("6（BO-K5R6…SGV4）; 2", chinese));
        assert!(with_short_marks("").is_empty());
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
