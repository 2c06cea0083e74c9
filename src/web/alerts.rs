//! Who is told what: the matrix of event, way and person, the digest's hour and the quiet hours.
//!
//! Invariants: only an administrator saves; a version that somebody else has replaced is not overwritten; a row that is
//! as the rules have it is not stored.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use super::AppState;
use super::error::WebError;
use super::form::{Fields, Posted};
use super::page::{self, Frame, see};
use super::session::Member;
use crate::db::{self, DbError, audit, settings};
use crate::domain::alerts::{AlertRow, Alerts};
use crate::domain::notice::{Audience, NoticeEvent};
use crate::domain::settings::Settings;
use crate::mail::EmailAddress;
use crate::wording::Words;

/// Addresses of a team at most.
const MOST_ADDRESSES: usize = 50;

struct Cell {
    /// The field's name and value.
    name: String,
    value: &'static str,
    on: bool,
    /// Spoken in place of the row and column.
    label: String,
    /// The column, where the row stands as a card.
    column: String,
}

struct Row {
    label: String,
    cells: Vec<Cell>,
}

#[derive(Template)]
#[template(path = "web/templates/alerts.html", config = ".askama.toml")]
struct AlertsPage {
    frame: Frame,
    administrator: bool,
    version: i64,
    rows: Vec<Row>,
    people: [String; 3],
    team: String,
    digest_hour: u8,
    quiet_from: u8,
    quiet_to: u8,
    hourly: u32,
}

#[derive(Deserialize)]
pub(super) struct Said {
    said: Option<String>,
}

fn person(words: Words, audience: Audience) -> String {
    words
        .say(match audience {
            Audience::Owner => "mail-owner",
            Audience::Buyer => "mail-buyer",
            Audience::Team => "mail-team",
        })
        .to_string()
}

/// What an event of the matrix is called.
pub(super) fn news_name(words: Words, event: NoticeEvent) -> String {
    words
        .say(match event {
            NoticeEvent::ShortfallFound => "mail-event-shortfall-found",
            NoticeEvent::PurchaseOrderMade => "mail-event-purchase-order-made",
            NoticeEvent::Ready => "mail-event-ready",
            NoticeEvent::PartReady => "mail-event-part-ready",
            NoticeEvent::NotReady => "mail-event-not-ready",
            NoticeEvent::Late => "mail-event-late",
            NoticeEvent::PurchaseOrderCancelled => "mail-event-purchase-order-cancelled",
            NoticeEvent::NoVendor => "mail-event-no-vendor",
            NoticeEvent::OutcomeUnknown => "mail-event-outcome-unknown",
            NoticeEvent::PurchaseOrderRefused => "mail-event-purchase-order-refused",
            NoticeEvent::ChangeProposed => "mail-event-change-proposed",
            NoticeEvent::AccessRevoked => "mail-event-access-revoked",
        })
        .to_string()
}

fn row(words: Words, settings: &Settings, event: NoticeEvent) -> Row {
    let told = effective(settings, event);
    let label = news_name(words, event);
    let (at_once, digest, note) = (words.say("mail-at-once"), words.say("mail-digest"), words.say("mail-note"));
    let (at_once, digest) = (at_once.to_string(), digest.to_string());
    let mut cells = Vec::new();
    for (way, name, who) in [(&at_once, "mail", &told.mail), (&digest, "digest", &told.digest)] {
        cells.extend(Audience::ALL.map(|audience| Cell {
            name: format!("{name}.{}", event.as_str()),
            value: audience.as_str(),
            on: who.contains(&audience),
            label: format!("{label}: {way}, {}", person(words, audience)),
            column: format!("{way}: {}", person(words, audience)),
        }));
    }
    let name = format!("host.{}", event.as_str());
    cells.push(Cell { name, value: "on", on: told.host, label: format!("{label}: {note}"), column: note.to_string() });
    Row { label, cells }
}

/// The row as it acts: what was silenced on the settings page before there was a matrix is silent here too.
fn effective(settings: &Settings, event: NoticeEvent) -> AlertRow {
    let row = settings.alerts.row(event);
    if settings.silent.contains(&event) { AlertRow { host: row.host, ..AlertRow::default() } } else { row }
}

pub(super) async fn show(state: Data<AppState>, member: Member, said: Query<Said>) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let mut ground = page::ground(&tx, &member, "settings").await?;
    tx.commit().await?;
    let words = member.words;
    ground.frame.said = said.said.as_ref().map(|_| words.say("mail-saved").to_string());
    let settings = &ground.settings.settings;
    let alerts = &settings.alerts;
    page::html(&AlertsPage {
        administrator: member.person.administrator,
        version: ground.settings.version,
        rows: NoticeEvent::ALL.into_iter().map(|event| row(words, settings, event)).collect(),
        people: Audience::ALL.map(|audience| person(words, audience)),
        team: alerts.team_emails.join(", "),
        digest_hour: alerts.digest_hour,
        quiet_from: alerts.quiet_from,
        quiet_to: alerts.quiet_to,
        hourly: alerts.hourly,
        frame: ground.frame,
    })
}

/// What was sent, as settings.
fn read(words: Words, fields: &Fields) -> Result<Alerts, WebError> {
    let whole = |name: &str, from: u32, to: u32| -> Result<u32, WebError> {
        let number = fields.get(name).and_then(|text| text.parse().ok()).filter(|number| (from..=to).contains(number));
        number.ok_or_else(|| WebError::Invalid(words.say("mail-wrong-number").with("from", from).with("to", to).into()))
    };
    let hour = |name: &str| whole(name, 0, 23).map(|hour| u8::try_from(hour).unwrap_or(0));
    let people = |name: String| {
        let given: Vec<&str> = fields.all(&name).collect();
        Audience::ALL.into_iter().filter(|audience| given.contains(&audience.as_str())).collect()
    };
    let rows: BTreeMap<NoticeEvent, AlertRow> = NoticeEvent::ALL
        .into_iter()
        .map(|event| {
            let name = event.as_str();
            let host = fields.get(&format!("host.{name}")).is_some();
            let (mail, digest) = (people(format!("mail.{name}")), people(format!("digest.{name}")));
            (event, AlertRow { mail, digest, host })
        })
        .filter(|(event, row)| Alerts::default().row(*event) != *row)
        .collect();
    Ok(Alerts {
        rows,
        team_emails: addresses(words, fields.get("team_emails").unwrap_or_default())?,
        digest_hour: hour("digest_hour")?,
        quiet_from: hour("quiet_from")?,
        quiet_to: hour("quiet_to")?,
        hourly: whole("hourly", 1, 1000)?,
    })
}

/// The addresses of a list, each checked.
fn addresses(words: Words, text: &str) -> Result<Vec<String>, WebError> {
    text.split([',', ';', '\n'])
        .map(str::trim)
        .filter(|address| !address.is_empty())
        .take(MOST_ADDRESSES)
        .map(|address| {
            let wrong = |_| WebError::Invalid(words.say("mail-wrong-address").with("address", address).into());
            address.parse::<EmailAddress>().map(|address| address.to_string()).map_err(wrong)
        })
        .collect()
}

pub(super) async fn save(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    member.administrator()?;
    let wanted = read(member.words, &fields)?;
    let change = |settings: &Settings| {
        // the matrix says it all now
        Settings { alerts: wanted.clone(), silent: Vec::new(), ..settings.clone() }
    };
    store(&state, &member, &fields, "alerts", change).await?;
    Ok(see("/settings/alerts?said=saved"))
}

/// Saves a part of the settings in place of the version that the form was made from.
pub(super) async fn store(
    state: &AppState,
    member: &Member,
    fields: &Fields,
    field: &str,
    change: impl Fn(&Settings) -> Settings,
) -> Result<(), WebError> {
    let seen: i64 = fields.get("settings_version").and_then(|version| version.parse().ok()).unwrap_or(-1);
    let now = state.parts.clock.now();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let stored = settings::load(&tx, member.tenant, true).await?;
    let conflict = || WebError::Conflict(member.words.say("error-settings-conflict").into());
    if stored.version != seen {
        return Err(conflict());
    }
    let wanted = change(&stored.settings);
    if wanted == stored.settings {
        return Ok(());
    }
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
        details: serde_json::json!({ "fields": [field], "version": stored.version + 1 }),
    };
    audit::append(&tx, member.tenant, &entry).await?;
    tx.commit().await?;
    Ok(())
}
