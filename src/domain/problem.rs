//! What went wrong between us and the host, or with a purchase order.
//!
//! Invariant: a kind with what it is about, worded where it is shown; what the host said is kept letter for letter.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One such thing. `detail`: as the host, or what lies between, says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Problem {
    /// The host cannot be reached.
    Unreachable {
        detail: String,
    },
    /// The host does not accept our access.
    Token {
        detail: String,
    },
    /// The host asked us to wait.
    Wait {
        detail: String,
    },
    /// The host answered something that we cannot read.
    Unreadable {
        detail: String,
    },
    /// The host has a problem of its own.
    Failed {
        detail: String,
    },
    /// The host refused.
    Refused {
        detail: String,
    },
    /// It may have happened.
    Unknown {
        detail: String,
    },
    /// Nothing is done until somebody connects the company again.
    NotConnected {
        because: Box<Problem>,
    },
    NeverConnected,
    /// No access to the host is stored.
    NoAccess,
    /// A stored secret cannot be opened.
    Secret,
    /// Stored data cannot be read.
    Stored,
    /// The connection was paused by a person.
    Paused,
    /// The connection was taken away by a person.
    Disconnected,
    /// The app was removed from Odoo.
    Removed,
    /// The worker that sent it was stopped.
    Stopped,
    /// It waits until the orders that it is for have been read again.
    ReadAgain,
    /// Taken back before it was sent.
    TakenBack,
    /// Sent so often, and not in the ERP.
    SentOften {
        times: i32,
    },
    /// Not in the ERP; what is short is planned anew.
    NotThere,
    /// Purchase orders that carry one mark of ours.
    Several {
        marker: String,
        orders: String,
    },
    /// The host does not list its purchase order yet.
    NotListed,
    /// The purchase order was deleted before it was issued.
    Deleted,
    /// The purchase order that the host answered with does not carry our mark.
    NoMark {
        order: String,
    },
    /// Made for another vendor, by the host's ids.
    OtherVendor {
        made: String,
        wanted: String,
    },
    /// The host did not keep a line; the item by the host's id.
    NotKept {
        quantity: String,
        item: String,
    },
    /// The host added lines that were not ordered.
    Added,
    /// Of a change: the purchase order is no longer there.
    Gone,
    /// Of a change: it is no longer a draft.
    NoDraft,
    /// Of a change: somebody has changed it meanwhile.
    ChangedMeanwhile,
    /// As the host says it, or as a version before this one did.
    #[serde(untagged)]
    Said(String),
}

/// As it is kept: for logs.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kept())
    }
}

impl Problem {
    /// As it is kept in a column of text.
    #[must_use]
    pub fn kept(&self) -> String {
        match self {
            Self::Said(text) => text.clone(),
            kind => serde_json::to_string(kind).unwrap_or_default(),
        }
    }

    /// What was kept in a column of text.
    #[must_use]
    pub fn read(kept: &str) -> Self {
        // what a host says may be JSON too: only an object of ours is one of ours
        let known = if kept.starts_with('{') { serde_json::from_str(kept).ok() } else { None };
        known.unwrap_or_else(|| Self::Said(kept.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_kept_as_its_kind_and_read_again_and_any_other_text_as_it_is() {
        for problem in [
            Problem::Refused { detail: "vendor \"V\" is blocked".to_owned() },
            Problem::NotConnected { because: Box::new(Problem::Paused) },
            Problem::SentOften { times: 8 },
            Problem::Said("no (400)".to_owned()),
        ] {
            assert_eq!(Problem::read(&problem.kept()), problem);
        }
        assert_eq!(Problem::Paused.kept(), r#"{"kind":"paused"}"#);
        assert_eq!(Problem::Paused.to_string(), r#"{"kind":"paused"}"#);
        for text in ["", "{", "{\"code\": 17}", "{\"kind\":\"of the host's own\"}", "\"quoted\"", "paused by hand"] {
            assert_eq!(Problem::read(text), Problem::Said(text.to_owned()));
        }
    }
}
