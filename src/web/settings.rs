//! The settings page: what a company decides, the connection, and what a bolder mode would do now.
//!
//! Invariants: only an administrator saves; a version that somebody else has replaced is not overwritten; a mode that
//! does more is not switched on before the person has seen what waits and said whether it is included.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use jiff::SignedDuration;
use serde::Deserialize;
use tokio_postgres::Transaction;

use super::AppState;
use super::error::WebError;
use super::form::Posted;
use super::page::{self, Frame, Ground, see};
use super::session::Member;
use super::settings_form::{self, Input, Section};
use super::text;
use crate::db::proposal::StoredProposal;
use crate::db::{self, DbError, audit, changed_document, delivery, proposal, settings};
use crate::decision::{self, Outcome, Shown};
use crate::domain::settings::{Mode, Settings};
use crate::host::HostKind;

/// Purchase orders that the question shows and that one answer decides.
const MOST: i64 = 500;

/// Versions of the settings that are shown.
const MOST_HISTORY: i64 = 20;

struct HookView {
    event: String,
    registered: bool,
    last: Option<String>,
}

/// The connection, as its section shows it.
struct ConnectionView {
    host: &'static str,
    base_url: String,
    company: String,
    state: String,
    reason: Option<String>,
    connected: String,
    last_checked: Option<String>,
    missed: i32,
    repaired: i32,
    error: Option<String>,
    hooks: Vec<HookView>,
    paused: bool,
}

#[derive(Template)]
#[template(path = "web/templates/settings.html", config = ".askama.toml")]
struct SettingsPage {
    frame: Frame,
    administrator: bool,
    version: i64,
    sections: Vec<Section>,
    connection: ConnectionView,
    history: Vec<Change>,
}

/// A version of the settings, as its history shows it.
struct Change {
    at: String,
    by: String,
    what: String,
}

struct Waiting {
    vendor: String,
    documents: String,
    total: String,
}

#[derive(Template)]
#[template(path = "web/templates/switch.html", config = ".askama.toml")]
struct SwitchPage {
    frame: Frame,
    to: &'static str,
    automatic: bool,
    waiting: Vec<Waiting>,
    /// The form as it was sent, to be sent again with the answer.
    fields: Vec<(String, String)>,
}

#[derive(Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

pub(super) async fn show(state: Data<AppState>, member: Member, said: Query<Said>) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let mut ground = page::ground(&tx, &member, "settings").await?;
    let hooks = delivery::hooks(&tx, member.tenant).await?;
    let history = settings::history(&tx, member.tenant, MOST_HISTORY).await?;
    tx.commit().await?;
    ground.frame.said = match said.said.as_deref() {
        Some("saved") => Some("Saved.".to_owned()),
        Some("checking") => Some("Everything is being looked through now.".to_owned()),
        _ => None,
    };
    page::html(&SettingsPage {
        administrator: member.person.administrator,
        version: ground.settings.version,
        sections: settings_form::sections(&ground.settings.settings),
        connection: connection_view(&ground, &hooks),
        history: changes(&history, &ground),
        frame: ground.frame,
    })
}

fn connection_view(ground: &Ground, hooks: &[delivery::Hook]) -> ConnectionView {
    let known = &ground.connection;
    ConnectionView {
        host: match HostKind::parse(&known.host_kind) {
            Some(HostKind::Deskera) => "Deskera Books",
            Some(HostKind::Odoo) => "Odoo",
            None => "unknown",
        },
        base_url: known.base_url.clone(),
        company: format!("{} ({})", known.tenant_name, known.company),
        state: known.state.clone(),
        reason: known.state_reason.clone(),
        connected: format!("{} by {}", text::time(known.connected_at, &ground.zone), known.connected_by),
        last_checked: known.last_checked_at.map(|at| text::time(at, &ground.zone)),
        missed: known.last_missed,
        repaired: known.last_repaired,
        error: known.last_sweep_error.clone(),
        hooks: hooks
            .iter()
            .map(|hook| HookView {
                event: hook.event.clone(),
                registered: hook.host_hook_id.is_some(),
                last: hook.last_delivery_at.map(|at| text::time(at, &ground.zone)),
            })
            .collect(),
        paused: known.state == "paused",
    }
}

/// Who changed what, newest first; the oldest that was read is only what the next one is held against.
fn changes(history: &[settings::SettingsChange], ground: &Ground) -> Vec<Change> {
    let before = |index: usize| history.get(index + 1).map(|change| &change.settings);
    let shown = history.len().min(usize::try_from(MOST_HISTORY - 1).unwrap_or(usize::MAX));
    let change = |(index, change): (usize, &settings::SettingsChange)| {
        let defaults = Settings::default();
        let labels = settings_form::differences(before(index).unwrap_or(&defaults), &change.settings);
        Change {
            at: text::time(change.at, &ground.zone),
            by: change.by.clone(),
            what: if labels.is_empty() { "nothing of this page".to_owned() } else { labels.join(", ") },
        }
    };
    history.iter().take(shown).enumerate().map(change).collect()
}

pub(super) async fn save(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    member.administrator()?;
    let seen: i64 = fields.get("settings_version").and_then(|version| version.parse().ok()).unwrap_or(-1);
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let stored = settings::load(&tx, member.tenant, true).await?;
    let conflict = || {
        WebError::Conflict(
            "Somebody else saved the settings meanwhile. Load the page again and repeat your change.".to_owned(),
        )
    };
    if stored.version != seen {
        return Err(conflict());
    }
    let (wanted, changed) = settings_form::read(&fields, &stored.settings)?;
    if changed.is_empty() {
        return Ok(see("/settings"));
    }
    let open = proposal::open(&tx, member.tenant, MOST).await?;
    let bolder = wanted.mode > stored.settings.mode;
    let answer = fields.get("include");
    if bolder && !open.is_empty() && answer.is_none() {
        let ground = page::ground(&tx, &member, "settings").await?;
        return page::html(&question(ground.frame, &wanted, &open, fields.pairs()));
    }
    let now = state.parts.clock.now();
    match settings::save(&tx, member.tenant, &wanted, stored.version, member.name(), now).await {
        Err(DbError::Lost { .. }) => return Err(conflict()),
        other => other?,
    }
    let entry = audit::Entry {
        id: state.parts.clock.new_id(),
        at: now,
        actor: member.name().to_owned(),
        event: "settings_saved".to_owned(),
        document: None,
        details: serde_json::json!({ "changed": changed.join(", "), "version": stored.version + 1 }),
    };
    audit::append(&tx, member.tenant, &entry).await?;
    if bolder && answer == Some("no") {
        leave_out(&state, &tx, &member, &open).await?;
    }
    let documents: Vec<_> = db::work_list::open_documents(&tx, member.tenant).await?;
    let documents: Vec<_> = documents.into_iter().map(|document| (member.tenant, document)).collect();
    changed_document::mark(&tx, &documents, now, None).await?;
    tx.commit().await?;
    state.parts.wake.now();
    Ok(see("/settings?said=saved"))
}

fn question(frame: Frame, wanted: &Settings, open: &[StoredProposal], fields: Vec<(String, String)>) -> SwitchPage {
    SwitchPage {
        frame,
        to: if wanted.mode == Mode::Automatic { "Automatic" } else { "Ask" },
        automatic: wanted.mode == Mode::Automatic,
        waiting: open
            .iter()
            .map(|stored| {
                let option = stored.body.options.first();
                Waiting {
                    vendor: option.map_or_else(String::new, |option| option.vendor.name.clone()),
                    documents: stored.body.documents.iter().map(|d| d.number.as_str()).collect::<Vec<_>>().join(", "),
                    total: option.map_or_else(String::new, |o| text::money(o.total, o.currency.as_deref())),
                }
            })
            .collect(),
        fields: fields.into_iter().filter(|(name, _)| name != "include" && name != "form_token").collect(),
    }
}

/// What waits is not included: it is put off for a week, so that it can still be decided one by one.
async fn leave_out(
    state: &AppState,
    tx: &Transaction<'_>,
    member: &Member,
    open: &[StoredProposal],
) -> Result<(), WebError> {
    let clock = &*state.parts.clock;
    let until = clock.now() + SignedDuration::from_hours(24 * 7);
    for stored in open {
        let shown = Shown { tenant: member.tenant, proposal: stored.id, version: stored.version, by: member.name() };
        let outcome = decision::decline(tx, shown, "left out when the mode was switched", Some(until), clock).await?;
        if !matches!(outcome, Outcome::NotBought) {
            return Err(WebError::Conflict("Something changed meanwhile. Load the page again.".to_owned()));
        }
    }
    Ok(())
}
