//! What went wrong between us and the host, in the reader's language.
//!
//! Invariant: what the host said is quoted letter for letter.

use super::{Said, Words};
use crate::domain::problem::Problem;

/// In the reader's words.
pub(super) fn worded(words: Words, problem: &Problem) -> String {
    match problem {
        Problem::Said(text) => text.clone(),
        known => said(words, known).to_string(),
    }
}

fn said(words: Words, problem: &Problem) -> Said {
    let quoted = |detail: &str| words.say("problem-its-words").with("words", detail);
    match problem {
        Problem::Unreachable { detail } => words.say("problem-unreachable").with("detail", quoted(detail)),
        Problem::Token { detail } => words.say("problem-token").with("detail", quoted(detail)),
        Problem::Wait { detail } => words.say("problem-wait").with("detail", quoted(detail)),
        Problem::Unreadable { detail } => words.say("problem-unreadable").with("detail", quoted(detail)),
        Problem::Failed { detail } => words.say("problem-failed").with("detail", quoted(detail)),
        Problem::Refused { detail } => words.say("problem-refused").with("detail", quoted(detail)),
        Problem::Unknown { detail } => words.say("problem-unknown").with("detail", quoted(detail)),
        Problem::NotConnected { because } => words.say("problem-not-connected").with("detail", said(words, because)),
        Problem::NeverConnected => words.say("problem-never-connected"),
        Problem::NoAccess => words.say("problem-no-access"),
        Problem::Secret => words.say("problem-secret"),
        Problem::Stored => words.say("problem-stored"),
        Problem::Paused => words.say("problem-paused"),
        Problem::Disconnected => words.say("problem-disconnected"),
        Problem::Removed => words.say("problem-removed"),
        Problem::Stopped => words.say("problem-stopped"),
        Problem::ReadAgain => words.say("problem-read-again"),
        Problem::TakenBack => words.say("problem-taken-back"),
        Problem::SentOften { times } => words.say("problem-sent-often").with("times", *times),
        Problem::NotThere => words.say("problem-not-there"),
        Problem::Several { marker, orders } => {
            words.say("problem-several").with("marker", marker).with("orders", orders)
        }
        Problem::NotListed => words.say("problem-not-listed"),
        Problem::Deleted => words.say("problem-deleted"),
        Problem::NoMark { order } => words.say("problem-no-mark").with("order", order),
        Problem::OtherVendor { made, wanted } => {
            words.say("problem-other-vendor").with("made", made).with("wanted", wanted)
        }
        Problem::NotKept { quantity, item } => {
            words.say("problem-not-kept").with("quantity", quantity).with("item", item)
        }
        Problem::Added => words.say("problem-added"),
        Problem::Gone => words.say("problem-gone"),
        Problem::NoDraft => words.say("problem-no-draft"),
        Problem::ChangedMeanwhile => words.say("problem-changed-meanwhile"),
        Problem::Said(text) => quoted(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::Language;

    #[test]
    fn what_the_host_said_is_quoted_in_a_sentence_of_the_reader_s_language() {
        let german = Words::of(Language::De);
        let refused = Problem::Refused { detail: "vendor <b>is</b> blocked".to_owned() };
        assert_eq!(worded(german, &refused), "das ERP hat abgelehnt: „vendor <b>is</b> blocked“");
        assert_eq!(worded(german, &Problem::NotListed), "das ERP führt seine Bestellung noch nicht auf");
        let several = Problem::Several { marker: "BO-1".to_owned(), orders: "7, 9".to_owned() };
        assert_eq!(worded(german, &several), "mehrere Bestellungen tragen das Zeichen BO-1: 7, 9");
        let kept = Problem::NotKept { quantity: "7.5".to_owned(), item: "P-1 of Oak".to_owned() };
        assert_eq!(worded(Words::default(), &kept), "the ERP did not keep 7.5 of P-1 of Oak as ordered");
        let waits = Problem::NotConnected { because: Box::new(Problem::Paused) };
        assert_eq!(worded(Words::default(), &waits), "the company is not connected: paused by hand");
        let said = Problem::Said("no (400)".to_owned());
        assert_eq!(worded(german, &said), "no (400)", "what the host said alone is shown as it was kept");
    }
}
