//! What stands around each page.
//!
//! Invariant: what was done is said by a word of a fixed list, never by text from the address.

use crate::db::connection::StoredConnection;
use crate::db::settings::StoredSettings;
use crate::domain::settings::Mode;

/// What stands around each page of somebody who is signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) company: String,
    pub(super) person: String,
    pub(super) form_token: String,
    /// The page's entry in the navigation: `backorders`, `activity` or `settings`.
    pub(super) here: &'static str,
    /// Decisions that wait.
    pub(super) waiting: i64,
    /// What holds everything up, or what is not done.
    pub(super) banner: Option<Banner>,
    /// What became of the last form.
    pub(super) said: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Banner {
    /// The class that colours it.
    pub(super) class: &'static str,
    pub(super) text: String,
}

/// What a person must know of the company before anything else.
pub(super) fn banner(settings: &StoredSettings, connection: Option<&StoredConnection>) -> Option<Banner> {
    let say = |class, text: &str| Some(Banner { class, text: text.to_owned() });
    let state = connection.map_or("disconnected", |connection| connection.state.as_str());
    if state == "disconnected" {
        return say("red", "Disconnected: nothing is read or bought until the company is connected again.");
    }
    if state == "revoked" {
        let reason = connection.and_then(|connection| connection.state_reason.as_deref()).unwrap_or("no reason given");
        let text =
            format!("The ERP no longer lets us in ({reason}): nothing is read or bought until it is connected again.");
        return Some(Banner { class: "red", text });
    }
    if state == "paused" || settings.settings.paused {
        return say("amber", "Paused: nothing is read, planned or sent. Events are kept.");
    }
    if settings.settings.mode == Mode::Watch {
        return say("blue", "Watch: nothing is bought. You see what would be done; the mode is changed in Settings.");
    }
    None
}

/// What is said after a form, by the word in the address.
pub(super) fn said(word: Option<&str>) -> Option<&'static str> {
    Some(match word? {
        "checking" => "It is looked at again now.",
        "undone" => "The decision not to buy is taken back; what is short is asked again.",
        "approved" => "Approved: the purchase order is being made.",
        "declined" => "Declined: it will not be bought.",
        "snoozed" => "Put off: you will be asked again.",
        "saved" => "Settings saved.",
        "unchanged" => "Nothing was changed.",
        "sweeping" => "Everything is looked through now.",
        "paused" => "Paused.",
        "resumed" => "Resumed.",
        "disconnected" => "Disconnected.",
        "looking" => "The ERP is looked through for the purchase order now.",
        "resolved" => "Marked as resolved.",
        "gone" => "Somebody was quicker: it no longer waits.",
        "retrying" => "It is tried again now.",
        "kept" => "Your choice is kept.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Settings;

    pub(crate) fn settings(mode: Mode) -> StoredSettings {
        StoredSettings {
            settings: Settings { mode, ..Settings::default() },
            version: 1,
            company: "Fairlight".into(),
            time_zone: "UTC".into(),
            base_currency: None,
        }
    }

    #[test]
    fn a_company_that_is_not_connected_says_so_first() {
        assert_eq!(banner(&settings(Mode::Automatic), None).unwrap().class, "red");
    }

    #[test]
    fn only_known_words_are_said() {
        assert_eq!(said(Some("<script>")), None);
        assert!(said(Some("saved")).is_some());
    }
}
