//! What went wrong between us and the host, in the reader's language.
//!
//! It is kept as it was found, in English (`host::HostError` and the worker's own sentences), for logs and for whoever
//! mends it. Here it is read back and said again.
//!
//! Invariants: what the host said is quoted letter for letter; a sentence that is not known is shown as it was kept.

use super::{Said, Words};

/// In the reader's words.
pub(super) fn worded(words: Words, kept: &str) -> String {
    known(words, kept).map_or_else(|| kept.to_owned(), String::from)
}

/// What stands behind a sentence of ours: one of ours again, else the host's own words.
fn detail(words: Words, kept: &str) -> Said {
    known(words, kept).unwrap_or_else(|| words.say("problem-its-words").with("words", kept))
}

fn known(words: Words, kept: &str) -> Option<Said> {
    of_host(words, kept).or_else(|| of_state(words, kept)).or_else(|| of_order(words, kept))
}

/// The forms of `host::HostError` and of the worker's errors.
fn of_host(words: Words, kept: &str) -> Option<Said> {
    let after = |start: &str| kept.strip_prefix(start).map(|rest| detail(words, rest));
    if let Some(detail) = after("the host cannot be reached: ") {
        return Some(words.say("problem-unreachable").with("detail", detail));
    }
    if let Some(detail) = after("the host does not accept our access token: ") {
        return Some(words.say("problem-token").with("detail", detail));
    }
    if let Some(detail) = after("the host asked us to wait: ") {
        return Some(words.say("problem-wait").with("detail", detail));
    }
    if let Some(detail) = after("the host answered something that we cannot read: ") {
        return Some(words.say("problem-unreadable").with("detail", detail));
    }
    if let Some(detail) = after("the host has an internal problem: ") {
        return Some(words.say("problem-failed").with("detail", detail));
    }
    if let Some(detail) = after("refused by the host: ") {
        return Some(words.say("problem-refused").with("detail", detail));
    }
    if let Some(detail) = after("outcome unknown: ") {
        return Some(words.say("problem-unknown").with("detail", detail));
    }
    if let Some(detail) = after("the company is not connected: ") {
        return Some(words.say("problem-not-connected").with("detail", detail));
    }
    if kept.starts_with("a stored secret cannot be opened: ") {
        return Some(words.say("problem-secret"));
    }
    kept.starts_with("stored data cannot be read: ").then(|| words.say("problem-stored"))
}

/// Why a connection stands still.
fn of_state(words: Words, kept: &str) -> Option<Said> {
    Some(words.say(match kept {
        "paused by hand" => "problem-paused",
        "disconnected by hand" => "problem-disconnected",
        "removed from Odoo" => "problem-removed",
        _ => return None,
    }))
}

/// What became of a purchase order.
fn of_order(words: Words, kept: &str) -> Option<Said> {
    if let Some([times]) = fits(kept, ["it was sent ", " times and is not in the ERP"]) {
        return Some(words.say("problem-sent-often").with("times", times));
    }
    if let Some([marker, orders]) = fits(kept, ["several purchase orders carry the mark ", ": ", ""]) {
        return Some(words.say("problem-several").with("marker", marker).with("orders", orders));
    }
    if let Some([order]) = fits(kept, ["the host answered with purchase order ", " that does not carry our mark"]) {
        return Some(words.say("problem-no-mark").with("order", order));
    }
    if let Some([made, wanted]) = fits(kept, ["the host made it for vendor ", " instead of ", ""]) {
        return Some(words.say("problem-other-vendor").with("made", made).with("wanted", wanted));
    }
    if let Some([quantity, item]) = fits(kept, ["the host did not keep ", " of ", " as ordered"]) {
        return Some(words.say("problem-not-kept").with("quantity", quantity).with("item", item));
    }
    Some(words.say(match kept {
        "the worker that sent it was stopped" => "problem-stopped",
        "it waits until the orders that it is for have been read again" => "problem-read-again",
        "taken back before it was sent: what it was for has changed" => "problem-taken-back",
        "it is not in the ERP, what is short now is planned anew" => "problem-not-there",
        "the host does not list its purchase order yet" => "problem-not-listed",
        "the purchase order was deleted before it was issued" => "problem-deleted",
        "the host added lines that were not ordered" => "problem-added",
        _ => return None,
    }))
}

/// What stands between the pieces of a sentence, which begins with the first and ends with the last.
fn fits<'a, const PIECES: usize, const PARTS: usize>(
    kept: &'a str,
    pieces: [&str; PIECES],
) -> Option<[&'a str; PARTS]> {
    let (first, rest) = pieces.split_first()?;
    let mut left = kept.strip_prefix(first)?;
    let mut parts = Vec::with_capacity(PARTS);
    for (at, piece) in rest.iter().enumerate() {
        let is_last = at + 1 == rest.len();
        let (part, after) = if is_last { (left.strip_suffix(piece)?, "") } else { left.split_once(piece)? };
        parts.push(part);
        left = after;
    }
    parts.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Language;

    #[test]
    fn what_the_host_said_is_quoted_in_a_sentence_of_the_reader_s_language() {
        let german = Words::of(Language::De);
        assert_eq!(
            worded(german, "refused by the host: vendor <b>is</b> blocked"),
            "das ERP hat abgelehnt: „vendor <b>is</b> blocked“"
        );
        assert_eq!(
            worded(german, "outcome unknown: the host does not list its purchase order yet"),
            "ob es geschehen ist, ist nicht bekannt: das ERP führt seine Bestellung noch nicht auf"
        );
        assert_eq!(
            worded(german, "several purchase orders carry the mark BO-1: 7, 9"),
            "mehrere Bestellungen tragen das Zeichen BO-1: 7, 9"
        );
        assert_eq!(
            worded(Words::default(), "the host did not keep 7.5 of P-1 of Oak as ordered"),
            "the ERP did not keep 7.5 of P-1 of Oak as ordered"
        );
        assert_eq!(worded(german, "no (400)"), "no (400)", "what is not known is shown as it was kept");
        assert_eq!(worded(german, ""), "");
    }
}
