//! The settings page: what a company decides, the connection, and what a bolder mode would do now.
//!
//! Invariants: only an administrator saves; a version that somebody else has replaced is not overwritten; a mode that
//! does more is not switched on before the person has seen what waits and said whether it is included.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Query};
use askama::Template;
use jiff::SignedDuration;
use serde::Deserialize;
use tokio_postgres::Transaction;

use super::AppState;
use super::error::WebError;
use super::form::{Fields, Posted};
use super::page::{self, Frame, Ground, see};
use super::session::Member;
use super::settings_connection::{self, ConnectionView};
use super::settings_fields::label;
use super::settings_form::{self, Input, Section};
use super::{settings_schema, settings_scopes, text};
use crate::db::counts::MOST_COUNTED;
use crate::db::proposal::StoredProposal;
use crate::db::{self, DbError, audit, changed_document, delivery, proposal, settings};
use crate::decision::{self, Outcome, Shown};
use crate::domain::settings::{Mode, Settings};
use crate::wording::Words;
use crate::worker::preview::{self, Effect, Effects};

/// Purchase orders that the question shows and that one answer decides.
const MOST: i64 = 500;

/// Versions of the settings that are shown.
const MOST_HISTORY: i64 = 20;

#[derive(Template)]
#[template(path = "web/templates/settings.html", config = ".askama.toml")]
struct SettingsPage {
    frame: Frame,
    administrator: bool,
    version: i64,
    sections: Vec<Section>,
    /// What the entered rules would do, if that was asked: a heading and a line for each.
    effect: Option<(String, [String; 2])>,
    /// Of vendors, customers and items: what, name, address.
    scopes: Vec<(String, String, String)>,
    connection: ConnectionView,
    events_today: String,
    decisions_waiting: String,
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
    title: String,
    automatic: bool,
    waiting: Vec<Waiting>,
    /// Where the form goes.
    action: String,
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
    let said = match said.said.as_deref() {
        Some("saved") => Some(member.words.say("settings-saved").to_string()),
        Some("erased") => Some(member.words.say("settings-erase-done").to_string()),
        Some("checking") => Some(member.words.say("settings-checking").to_string()),
        Some("rotated") => Some(member.words.say("settings-rotated").to_string()),
        _ => None,
    };
    settings_page(&state, &tx, &member, None, said, None).await
}

/// The page, with what was entered if it is shown again.
async fn settings_page(
    state: &AppState,
    tx: &Transaction<'_>,
    member: &Member,
    entered: Option<&Settings>,
    said: Option<String>,
    effects: Option<&Effects>,
) -> Result<HttpResponse, WebError> {
    let mut ground = page::ground(tx, member, "settings").await?;
    let connection = settings_connection::view(tx, &ground, member.now, state.settings.keep_disconnected).await?;
    let history = settings::history(tx, member.tenant, MOST_HISTORY).await?;
    let midnight = ground.today.to_zoned(ground.zone.clone()).map_or(member.now, |midnight| midnight.timestamp());
    let events = delivery::count_since(tx, member.tenant, midnight, MOST_COUNTED).await?;
    let none = || "0".to_owned();
    let waiting = ground.frame.waiting.clone().unwrap_or_else(none);
    ground.frame.said = said;
    let words = member.words;
    let shown = entered.unwrap_or(&ground.settings.settings);
    page::html(&SettingsPage {
        administrator: member.person.administrator,
        version: ground.settings.version,
        sections: settings_form::sections(shown, words),
        effect: effects.map(|effects| effect_view(effects, words)),
        scopes: settings_scopes::listed(&ground.settings.settings, words),
        connection,
        events_today: words.say("settings-events-today").with("count", text::counted(words, events)).into(),
        decisions_waiting: words.say("settings-decisions-waiting").with("count", waiting).into(),
        history: changes(&history, &ground),
        frame: ground.frame,
    })
}

pub(super) fn effect_view(effects: &Effects, words: Words) -> (String, [String; 2]) {
    let purchases = |effect: &Effect| words.say("settings-effect-purchases").with("count", effect.purchases);
    let totals = |effect: &Effect| {
        let all: Vec<_> = effect.totals.iter().map(|(currency, sum)| words.money(*sum, currency.as_deref())).collect();
        if all.is_empty() { "–".to_owned() } else { all.join(" · ") }
    };
    let before = words
        .say("settings-effect-before")
        .with("orders", effects.now.orders)
        .with("purchases", purchases(&effects.now))
        .with("total", totals(&effects.now));
    let after = words
        .say("settings-effect-after")
        .with("orders", effects.wanted.orders)
        .with("purchases", purchases(&effects.wanted))
        .with("total", totals(&effects.wanted));
    (words.say("settings-effect").with("count", effects.orders).into(), [before.into(), after.into()])
}

/// Who changed what, newest first; the oldest that was read is only what the next one is held against.
fn changes(history: &[settings::SettingsChange], ground: &Ground) -> Vec<Change> {
    let before = |index: usize| history.get(index + 1).map(|change| &change.settings);
    let shown = history.len().min(usize::try_from(MOST_HISTORY - 1).unwrap_or(usize::MAX));
    let change = |(index, change): (usize, &settings::SettingsChange)| {
        let defaults = Settings::default();
        let words = ground.frame.words;
        let fields = settings_form::differences(before(index).unwrap_or(&defaults), &change.settings);
        let labels: Vec<String> = fields.into_iter().map(|field| label(words, field)).collect();
        Change {
            at: ground.frame.words.time(change.at, &ground.zone),
            by: change.by.clone(),
            what: if labels.is_empty() { words.say("settings-history-elsewhere").into() } else { labels.join(", ") },
        }
    };
    history.iter().take(shown).enumerate().map(change).collect()
}

pub(super) async fn save(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    member.administrator()?;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let stored = settings::load(&tx, member.tenant, true).await?;
    let seen = fields.get("settings_version").and_then(|version| version.parse().ok());
    if seen != Some(stored.version) {
        return Err(WebError::Conflict(member.words.say("settings-conflict").into()));
    }
    let wanted = settings_form::read(&fields, &stored.settings, member.words)?;
    if fields.get("act") == Some("preview") {
        let effects = preview::effects(&tx, member.tenant, &stored, &wanted, state.parts.clock.now()).await?;
        return settings_page(&state, &tx, &member, Some(&wanted), None, Some(&effects)).await;
    }
    let save = Save { state: &state, member: &member, stored: &stored, answer: fields.get("include") };
    save.and_answer(tx, &wanted, "/settings", &fields).await
}

/// Settings that are to be saved in place of those that were seen.
pub(super) struct Save<'a> {
    pub(super) state: &'a AppState,
    pub(super) member: &'a Member,
    pub(super) stored: &'a settings::StoredSettings,
    /// Whether what waits is included in a mode that does more.
    pub(super) answer: Option<&'a str>,
}

pub(super) enum Saved {
    Done,
    /// A mode that does more was chosen for what waits here: include it?
    Asks(Vec<StoredProposal>),
}

impl Save<'_> {
    /// Saves and goes back to the page; where a mode that does more was chosen, asks first by the form at `action`.
    async fn and_answer(
        &self,
        tx: deadpool_postgres::Transaction<'_>,
        wanted: &Settings,
        action: &'static str,
        fields: &Fields,
    ) -> Result<HttpResponse, WebError> {
        match self.to(&tx, wanted).await? {
            Saved::Done => {
                tx.commit().await?;
                self.state.parts.wake.now();
                Ok(see("/settings?said=saved"))
            }
            Saved::Asks(open) => {
                let ground = page::ground(&tx, self.member, "settings").await?;
                let words = self.member.words;
                let automatic = wanted.mode == Mode::Automatic;
                let mode =
                    if automatic { words.say("settings-switch-automatic") } else { words.say("settings-switch-ask") };
                let title = words.say("settings-switch-title").with("mode", mode).to_string();
                page::html(&question(ground.frame, title, wanted, &open, action.to_owned(), fields.pairs()))
            }
        }
    }

    /// Saves in the caller's transaction; everything open is planned again.
    pub(super) async fn to(&self, tx: &Transaction<'_>, wanted: &Settings) -> Result<Saved, WebError> {
        let Self { state, member, stored, answer } = *self;
        let changed = settings_form::differences(&stored.settings, wanted);
        if *wanted == stored.settings {
            return Ok(Saved::Done);
        }
        // more would be done of these by themselves than until now, for the whole company or for one scope of it
        let mut bolder = proposal::open(tx, member.tenant, MOST).await?;
        bolder.retain(|open| wanted.holds(&open.body, 0).mode > stored.settings.holds(&open.body, 0).mode);
        if !bolder.is_empty() && answer.is_none() {
            return Ok(Saved::Asks(bolder));
        }
        let now = state.parts.clock.now();
        match settings::save(tx, member.tenant, wanted, stored.version, member.name(), now).await {
            Err(DbError::Lost { .. }) => {
                return Err(WebError::Conflict(member.words.say("settings-conflict").into()));
            }
            other => other?,
        }
        let entry = audit::Entry {
            id: state.parts.clock.new_id(),
            at: now,
            actor: member.name().to_owned(),
            event: "settings_saved".to_owned(),
            document: None,
            details: serde_json::json!({ "fields": changed, "version": stored.version + 1 }),
        };
        audit::append(tx, member.tenant, &entry).await?;
        if answer == Some("no") {
            leave_out(state, tx, member, &bolder).await?;
        }
        let mut documents = db::backorder::open_documents(tx, member.tenant).await?;
        // what a status left out until now is nobody's backorder
        let before = &stored.settings.statuses_left_out;
        let returned: Vec<_> = before.iter().filter(|out| !wanted.statuses_left_out.contains(out)).cloned().collect();
        if !returned.is_empty() {
            documents.extend(db::mirror::with_host_status(tx, member.tenant, &returned).await?);
        }
        let documents: Vec<_> = documents.into_iter().map(|document| (member.tenant, document)).collect();
        changed_document::mark(tx, &documents, now, None).await?;
        Ok(Saved::Done)
    }
}

/// The question whether what waits is included in a mode that does more.
pub(super) fn question(
    frame: Frame,
    title: String,
    wanted: &Settings,
    open: &[StoredProposal],
    action: String,
    fields: Vec<(String, String)>,
) -> impl Template {
    let words = frame.words;
    SwitchPage {
        title,
        automatic: open.iter().any(|stored| wanted.holds(&stored.body, 0).mode == Mode::Automatic),
        action,
        waiting: open
            .iter()
            .map(|stored| {
                let option = stored.body.options.first();
                Waiting {
                    vendor: option.map_or_else(String::new, |option| option.vendor.name.clone()),
                    documents: stored.body.documents.iter().map(|d| d.number.as_str()).collect::<Vec<_>>().join(", "),
                    total: option.map_or_else(String::new, |o| words.money(o.total, o.currency.as_deref())),
                }
            })
            .collect(),
        fields: fields.into_iter().filter(|(name, _)| name != "include" && name != "form_token").collect(),
        frame,
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
        let outcome =
            decision::decline(tx, shown, &member.words.say("settings-switch-left-out").to_string(), Some(until), clock)
                .await?;
        if !matches!(outcome, Outcome::NotBought) {
            return Err(WebError::Conflict(member.words.say("settings-switch-changed").into()));
        }
    }
    Ok(())
}

/// The settings as they are, to be kept or taken elsewhere.
pub(super) async fn export(state: Data<AppState>, member: Member) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let stored = settings::load(&tx, member.tenant, false).await?;
    tx.commit().await?;
    let mut file = serde_json::json!({ "$schema": "settings.schema.json" });
    if let (Some(file), Ok(serde_json::Value::Object(all))) =
        (file.as_object_mut(), serde_json::to_value(&stored.settings))
    {
        file.extend(all);
    }
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"settings.json\""))
        .body(serde_json::to_string_pretty(&file).unwrap_or_default()))
}

/// The schema that the page and an import go by.
pub(super) async fn schema() -> HttpResponse {
    HttpResponse::Ok().content_type("application/schema+json").body(settings_schema::TEXT)
}

/// Takes settings that were exported, after the same checks and the same question as the page.
pub(super) async fn import(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    member.administrator()?;
    let words = member.words;
    let text = fields.get("json").unwrap_or_default();
    let mut wanted: serde_json::Value = serde_json::from_str(text)
        .map_err(|error| WebError::Invalid(words.say("settings-not-json").with("why", error.to_string()).into()))?;
    if let Some(members) = wanted.as_object_mut() {
        members.remove("$schema");
    }
    let mut wanted = settings_form::checked(wanted, words)?;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let stored = settings::load(&tx, member.tenant, true).await?;
    // whether it works now is of this connection, not of the rules
    wanted.paused = stored.settings.paused;
    let save = Save { state: &state, member: &member, stored: &stored, answer: fields.get("include") };
    save.and_answer(tx, &wanted, "/settings/import", &fields).await
}
