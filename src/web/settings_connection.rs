//! The connection, as its section of the settings shows it: how it stands, what it may do and why, its hooks.
//!
//! Invariant: a right counts as granted only where what it leads to is here; what the host does not tell is not guessed.

use std::time::Duration;

use jiff::Timestamp;
use tokio_postgres::Transaction;

use super::error::WebError;
use super::page::Ground;
use crate::db::connection::{self, Used};
use crate::db::delivery;
use crate::host::{self, HostKind};
use crate::wording::{Said, Words};

pub(super) struct HookView {
    pub(super) event: String,
    pub(super) registered: bool,
    pub(super) last: Option<String>,
}

/// A right: what it is, why it is needed, how it stands.
pub(super) struct RightView {
    pub(super) what: Said,
    pub(super) why: Said,
    pub(super) granted: Said,
    pub(super) works: bool,
}

pub(super) struct ConnectionView {
    pub(super) host: &'static str,
    pub(super) base_url: String,
    pub(super) company: String,
    pub(super) state: String,
    pub(super) reason: Option<String>,
    pub(super) connected: String,
    pub(super) last_checked: Option<String>,
    pub(super) missed: i32,
    pub(super) repaired: i32,
    pub(super) error: Option<String>,
    pub(super) hooks: Vec<HookView>,
    pub(super) paused: bool,
    /// Days that everything is kept after disconnecting.
    pub(super) kept_days: u64,
    /// What was asked of the company when it was connected.
    pub(super) scopes: String,
    pub(super) rights: Vec<RightView>,
    /// When the addresses of the hooks were renewed, and until when the former ones are let in.
    pub(super) rotated: Vec<String>,
    /// Renewed here; else by connecting again.
    pub(super) rotates: bool,
}

/// Reads and words it.
pub(super) async fn view(
    tx: &Transaction<'_>,
    ground: &Ground,
    now: Timestamp,
    keep: Duration,
) -> Result<ConnectionView, WebError> {
    let (known, words) = (&ground.connection, ground.frame.words);
    let hooks = delivery::hooks(tx, known.tenant).await?;
    let used = connection::used(tx, known.tenant).await?;
    let kind = HostKind::parse(&known.host_kind);
    let capabilities = kind.map(host::capabilities);
    let time = |at| words.time(at, &ground.zone);
    let connected =
        words.say("settings-connection-by").with("time", time(known.connected_at)).with("person", &known.connected_by);
    Ok(ConnectionView {
        host: kind.map_or("–", host_name),
        base_url: known.base_url.clone(),
        company: format!("{} ({})", known.tenant_name, known.company),
        state: state(words, &known.state).into(),
        reason: known.state_reason.as_deref().map(|reason| words.problem(reason)),
        connected: connected.into(),
        last_checked: known.last_checked_at.map(time),
        missed: known.last_missed,
        repaired: known.last_repaired,
        error: known.last_sweep_error.as_deref().map(|error| words.problem(error)),
        rights: rights(words, ground, used, &hooks),
        rotated: rotated(ground, &hooks, now),
        hooks: hooks
            .into_iter()
            .map(|hook| HookView {
                registered: hook.host_hook_id.is_some(),
                last: hook.last_delivery_at.map(time),
                event: hook.event,
            })
            .collect(),
        paused: known.state == "paused",
        kept_days: keep.as_secs() / (24 * 3600),
        scopes: capabilities.map_or_else(String::new, |can| can.scopes.join(" · ")),
        rotates: capabilities.is_some_and(|can| can.makes_hooks),
    })
}

fn host_name(kind: HostKind) -> &'static str {
    match kind {
        HostKind::Deskera => "Deskera Books",
        HostKind::Odoo => "Odoo",
    }
}

fn state(words: Words, state: &str) -> Said {
    words.say(match state {
        "connected" => "settings-connection-connected",
        "paused" => "settings-connection-paused",
        "revoked" => "settings-connection-revoked",
        _ => "settings-connection-disconnected",
    })
}

/// Each right with what shows that it is there: a look through the lists, a purchase order, a mark, an address, a hook.
fn rights(words: Words, ground: &Ground, used: Used, hooks: &[delivery::Hook]) -> Vec<RightView> {
    let let_in = matches!(ground.connection.state.as_str(), "connected" | "paused");
    let checked = ground.connection.last_checked_at.is_some();
    let hooked = !hooks.is_empty() && hooks.iter().all(|hook| hook.host_hook_id.is_some());
    let rights = [
        (words.say("settings-right-sales"), words.say("settings-right-sales-why"), checked),
        (words.say("settings-right-stock"), words.say("settings-right-stock-why"), checked),
        (words.say("settings-right-orders"), words.say("settings-right-orders-why"), used.orders),
        (words.say("settings-right-marks"), words.say("settings-right-marks-why"), used.marks),
        (words.say("settings-right-contacts"), words.say("settings-right-contacts-why"), used.contacts),
        (words.say("settings-right-hooks"), words.say("settings-right-hooks-why"), hooked),
    ];
    let granted = |used| {
        words.say(match (let_in, used) {
            (true, true) => "settings-right-used",
            (true, false) => "settings-right-unused",
            (false, _) => "settings-right-gone",
        })
    };
    rights.map(|(what, why, used)| RightView { what, why, granted: granted(used), works: let_in && used }).into()
}

fn rotated(ground: &Ground, hooks: &[delivery::Hook], now: Timestamp) -> Vec<String> {
    let words = ground.frame.words;
    let newest = hooks.iter().filter_map(|hook| hook.rotated.as_ref()).max_by_key(|(at, _)| *at);
    let Some((at, by)) = newest else { return vec![words.say("settings-rotated-never").into()] };
    let by = words.say("settings-connection-by").with("time", words.time(*at, &ground.zone)).with("person", by);
    let former = hooks.iter().filter_map(|hook| hook.previous_valid_until).max().filter(|until| *until >= now);
    let former = former.map(|until| words.say("settings-rotated-former").with("time", words.time(until, &ground.zone)));
    [Some(by), former].into_iter().flatten().map(String::from).collect()
}
