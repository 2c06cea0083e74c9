//! Decisions: in the app, and by the link of a mail.
//!
//! Invariants: GET shows, POST acts; what is approved is the version that was shown, else the page is shown again
//! with what has changed; a link acts once; the link of a mail lets one decide this one proposal and see nothing else.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path, Query};
use askama::Template;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use uuid::Uuid;

use super::error::WebError;
use super::form::{Fields, OwnForm, Posted};
use super::page::{self, Frame, see};
use super::session::Member;
use super::{AppState, text};
use crate::db::proposal::{ApprovalLink, StoredProposal};
use crate::db::work_list;
use crate::db::{self, audit, changed_document, proposal};
use crate::decision::{self, Outcome, Shown};
use crate::domain::ids::{DocumentKind, DocumentRef, ProposalId, TenantId};
use crate::secret::{Token, TokenKey};

mod view;

use view::{ChangeView, View, change_view};

/// Decisions of one page.
const PAGE: i64 = 200;
/// How long a decision may be put off.
const DAYS: [i64; 4] = [1, 3, 7, 14];

#[derive(Template)]
#[template(path = "web/templates/decisions.html", config = ".askama.toml")]
struct ListPage {
    frame: Frame,
    views: Vec<View>,
    changes: Vec<ChangeView>,
    results: Vec<String>,
}

#[derive(Template)]
#[template(path = "web/templates/decision.html", config = ".askama.toml")]
struct DecisionPage {
    /// None: by the link of a mail, without a session.
    frame: Option<Frame>,
    view: View,
    /// Where the form goes.
    action: String,
    form_token: String,
    /// The content differs from what the mail showed.
    changed: bool,
    decline: bool,
    days: [i64; 4],
}

#[derive(Template)]
#[template(path = "web/templates/decided.html", config = ".askama.toml")]
struct DecidedPage {
    frame: Option<Frame>,
    title: &'static str,
    text: String,
    /// The page of the backorder in the app.
    path: Option<String>,
}

pub(super) async fn list(state: Data<AppState>, member: Member) -> Result<HttpResponse, WebError> {
    list_page(&state, &member, Vec::new()).await
}

async fn list_page(state: &AppState, member: &Member, results: Vec<String>) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, member, "decisions").await?;
    let open = proposal::open(&tx, member.tenant, PAGE).await?;
    let changes = work_list::open_changes(&tx, member.tenant, PAGE).await?;
    tx.commit().await?;
    page::html(&ListPage {
        views: open.iter().map(|stored| View::of(stored, &ground.zone)).collect(),
        changes: changes.iter().map(|change| change_view(change, &ground.zone)).collect(),
        frame: ground.frame,
        results,
    })
}

/// Approves those that are ticked, as they were shown; each succeeds or fails by itself.
pub(super) async fn decide_several(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let member = posted.member;
    let chosen: Vec<(ProposalId, i32)> = posted.fields.all("chosen").filter_map(id_and_version).collect();
    if chosen.is_empty() {
        return list_page(&state, &member, vec!["Nothing was chosen: tick what you approve.".to_owned()]).await;
    }
    let mut results = Vec::new();
    for (id, version) in chosen {
        let (stored, outcome) = act(&state, member.tenant, id, version, member.name(), &Act::Approve(0)).await?;
        let what = stored.as_ref().map_or_else(String::new, title);
        results.push(match outcome {
            Outcome::Approved(_) => format!("{what}: approved."),
            Outcome::NotBought => format!("{what}: not bought."),
            Outcome::Changed => format!("{what}: has changed since the page was loaded, nothing was done."),
            Outcome::Decided(_) => format!("{what}: was decided already."),
            Outcome::Missing => "One is no longer there.".to_owned(),
        });
    }
    list_page(&state, &member, results).await
}

/// `id.version` of a tick box.
fn id_and_version(text: &str) -> Option<(ProposalId, i32)> {
    let (id, version) = text.split_once('.')?;
    Some((ProposalId(Uuid::parse_str(id).ok()?), version.parse().ok()?))
}

fn title(stored: &StoredProposal) -> String {
    let vendor = stored.body.options.first().map_or("", |option| option.vendor.name.as_str());
    let documents: Vec<_> = stored.body.documents.iter().map(|document| document.number.as_str()).collect();
    format!("{vendor} for {}", documents.join(", "))
}

fn proposal_id(text: &str) -> Result<ProposalId, WebError> {
    Uuid::parse_str(text).map(ProposalId).map_err(|_| WebError::NotFound)
}

pub(super) async fn show(state: Data<AppState>, member: Member, id: Path<String>) -> Result<HttpResponse, WebError> {
    show_page(&state, &member, proposal_id(&id)?, false).await
}

async fn show_page(state: &AppState, member: &Member, id: ProposalId, changed: bool) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, member, "decisions").await?;
    let stored = proposal::find(&tx, member.tenant, id, false).await?.ok_or(WebError::NotFound)?;
    tx.commit().await?;
    if !stored.is_open() {
        return page::html(&decided(Some(ground.frame), &stored));
    }
    page::html(&DecisionPage {
        view: View::of(&stored, &ground.zone),
        action: format!("/decisions/{id}"),
        form_token: member.form_token.clone(),
        frame: Some(ground.frame),
        changed,
        decline: false,
        days: DAYS,
    })
}

/// What became of a proposal that is no longer open.
fn decided(frame: Option<Frame>, stored: &StoredProposal) -> DecidedPage {
    let by = stored.decided_by.as_deref().unwrap_or("somebody");
    let (title, text) = match stored.state.as_str() {
        "approved" => {
            ("Approved", format!("{} was approved by {by}. The purchase order is made in the ERP.", title(stored)))
        }
        "declined" => ("Declined", format!("{} was declined by {by}{}.", title(stored), because(stored))),
        "snoozed" => ("Put off", format!("{} was put off by {by}{}.", title(stored), because(stored))),
        _ => (
            "No longer needed",
            format!("{} is no longer needed, or was replaced by a newer one: look at the backorder.", title(stored)),
        ),
    };
    DecidedPage { frame, title, text, path: first_path(stored) }
}

fn because(stored: &StoredProposal) -> String {
    stored.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default()
}

fn first_path(stored: &StoredProposal) -> Option<String> {
    stored.body.documents.first().map(|document| text::path(&document.reference))
}

/// What a form wants.
enum Act {
    /// This option.
    Approve(usize),
    Decline {
        reason: String,
        until: Option<Timestamp>,
    },
}

impl Act {
    fn read(fields: &Fields, now: Timestamp) -> Result<Self, WebError> {
        let reason = |without: &str| -> String {
            let reason = fields.get("reason").unwrap_or(without);
            reason.chars().filter(|c| !c.is_control()).take(500).collect()
        };
        match fields.get("act") {
            Some("approve") => {
                let option = fields.get("option").unwrap_or("0").parse();
                option.map(Self::Approve).map_err(|_| WebError::Invalid("Choose one of the ways to buy it.".to_owned()))
            }
            Some("decline") => match reason("") {
                reason if reason.trim().is_empty() => {
                    Err(WebError::Invalid("Say in a few words why it is declined: the seller will read it.".to_owned()))
                }
                reason => Ok(Self::Decline { reason, until: None }),
            },
            Some("snooze") => {
                let days = fields.get("days").and_then(|days| days.parse().ok()).filter(|days| DAYS.contains(days));
                let days = days.ok_or_else(|| WebError::Invalid("Choose for how many days.".to_owned()))?;
                let until = now + SignedDuration::from_hours(24 * days);
                Ok(Self::Decline { reason: reason("put off"), until: Some(until) })
            }
            _ => Err(WebError::Invalid("Approve, decline or put off: choose one.".to_owned())),
        }
    }
}

fn version(fields: &Fields) -> Result<i32, WebError> {
    let version = fields.get("version").and_then(|version| version.parse().ok());
    version.ok_or_else(|| WebError::Invalid("The form is not complete: load the page again.".to_owned()))
}

/// Acts in one transaction and wakes the worker; gives the proposal as it was and what became of it.
async fn act(
    state: &AppState,
    tenant: TenantId,
    id: ProposalId,
    version: i32,
    by: &str,
    act: &Act,
) -> Result<(Option<StoredProposal>, Outcome), WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    let (stored, outcome) = act_in(&tx, state, tenant, id, version, by, act).await?;
    tx.commit().await?;
    state.parts.wake.now();
    Ok((stored, outcome))
}

async fn act_in(
    tx: &tokio_postgres::Transaction<'_>,
    state: &AppState,
    tenant: TenantId,
    id: ProposalId,
    version: i32,
    by: &str,
    act: &Act,
) -> Result<(Option<StoredProposal>, Outcome), WebError> {
    let shown = Shown { tenant, proposal: id, version, by };
    let clock = &*state.parts.clock;
    let outcome = match act {
        Act::Approve(option) => decision::approve(tx, shown, *option, clock).await?,
        Act::Decline { reason, until } => decision::decline(tx, shown, reason, *until, clock).await?,
    };
    Ok((proposal::find(tx, tenant, id, false).await?, outcome))
}

pub(super) async fn decide(state: Data<AppState>, id: Path<String>, posted: Posted) -> Result<HttpResponse, WebError> {
    let (id, member) = (proposal_id(&id)?, posted.member);
    let wanted = Act::read(&posted.fields, state.parts.clock.now())?;
    let version = version(&posted.fields)?;
    match act(&state, member.tenant, id, version, member.name(), &wanted).await? {
        (_, Outcome::Missing) | (None, _) => Err(WebError::NotFound),
        (_, Outcome::Changed) => show_page(&state, &member, id, true).await,
        (Some(_), Outcome::Decided(_)) => show_page(&state, &member, id, false).await,
        (Some(stored), Outcome::Approved(_) | Outcome::NotBought) => {
            Ok(see(&first_path(&stored).unwrap_or_else(|| "/decisions".to_owned())))
        }
    }
}

/// A change of a purchase order that was made: kept as it is, or to be asked of the vendor by a person.
pub(super) async fn decide_change(
    state: Data<AppState>,
    address: Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, WebError> {
    let member = posted.member;
    let (kept, event) = match posted.fields.get("act") {
        Some("keep") => ("kept", "change_kept"),
        Some("ask_vendor") => ("asked_vendor", "change_asked_vendor"),
        _ => return Err(WebError::Invalid("Keep it, or ask the vendor: choose one.".to_owned())),
    };
    let now = state.parts.clock.now();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let line = (address.0.as_str(), address.1.as_str());
    if !work_list::decide_change(&tx, member.tenant, line, kept, member.name(), now).await? {
        return Err(WebError::Conflict("This change was decided already, or is no longer needed.".to_owned()));
    }
    let order = DocumentRef::new(DocumentKind::PurchaseOrder, line.0);
    let entry = audit::Entry {
        id: state.parts.clock.new_id(),
        at: now,
        actor: member.name().to_owned(),
        event: event.to_owned(),
        document: Some(order.clone()),
        details: serde_json::json!({ "number": line.0, "line": line.1 }),
    };
    audit::append(&tx, member.tenant, &entry).await?;
    changed_document::mark(&tx, &[(member.tenant, order)], now, None).await?;
    tx.commit().await?;
    state.parts.wake.now();
    Ok(see("/decisions"))
}

/// What stands behind the `?` of a mail's link.
#[derive(Deserialize)]
pub(super) struct Linked {
    decline: Option<String>,
}

/// The link of an address; one that does not exist looks like any other address that does not.
async fn link(
    tx: &tokio_postgres::Transaction<'_>,
    token: &TokenKey,
) -> Result<(ApprovalLink, StoredProposal), WebError> {
    db::enter_tenant(tx, token.tenant).await?;
    let link = proposal::find_link(tx, token.tenant, &token.hash).await?.ok_or(WebError::NotFound)?;
    let stored = proposal::find(tx, token.tenant, link.proposal, false).await?.ok_or(WebError::NotFound)?;
    Ok((link, stored))
}

/// Why a link can no longer act, if so.
fn spent(link: &ApprovalLink, stored: &StoredProposal, now: Timestamp) -> Option<DecidedPage> {
    if !stored.is_open() {
        return Some(decided(None, stored));
    }
    let text = match (link.used_at, link.expires_at <= now) {
        (Some(_), _) => "This link was used already. Sign in to decide what is still open.",
        (None, true) => "This link has expired. Sign in to decide: it is still open.",
        (None, false) => return None,
    };
    Some(DecidedPage {
        frame: None,
        title: "This link is spent",
        text: text.to_owned(),
        path: Some(format!("/decisions/{}", stored.id)),
    })
}

fn linked_page(
    token: &str,
    stored: &StoredProposal,
    zone: &TimeZone,
    (changed, decline): (bool, bool),
) -> Result<HttpResponse, WebError> {
    page::html(&DecisionPage {
        frame: None,
        view: View::of(stored, zone),
        action: format!("/d/{token}"),
        form_token: String::new(),
        changed,
        decline,
        days: DAYS,
    })
}

pub(super) async fn show_linked(
    state: Data<AppState>,
    token: Path<String>,
    asked: Query<Linked>,
) -> Result<HttpResponse, WebError> {
    let key = Token::parse(&token).ok_or(WebError::NotFound)?;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    let (link, stored) = link(&tx, &key).await?;
    let settings = db::settings::load(&tx, key.tenant, false).await?;
    tx.commit().await?;
    if let Some(spent) = spent(&link, &stored, state.parts.clock.now()) {
        return page::html(&spent);
    }
    let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
    linked_page(&token, &stored, &zone, (link.version != stored.version, asked.decline.is_some()))
}

pub(super) async fn decide_linked(
    state: Data<AppState>,
    token: Path<String>,
    form: OwnForm,
) -> Result<HttpResponse, WebError> {
    let key = Token::parse(&token).ok_or(WebError::NotFound)?;
    let (fields, now) = (form.0, state.parts.clock.now());
    let wanted = Act::read(&fields, now)?;
    let version = version(&fields)?;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    let (link, stored) = link(&tx, &key).await?;
    let settings = db::settings::load(&tx, key.tenant, true).await?;
    if let Some(spent) = spent(&link, &stored, now) {
        return page::html(&spent);
    }
    let (after, outcome) = act_in(&tx, &state, key.tenant, link.proposal, version, &link.recipient, &wanted).await?;
    match outcome {
        Outcome::Approved(_) | Outcome::NotBought => {
            if !proposal::use_link(&tx, key.tenant, &key.hash, now).await? {
                // another request with the same link was quicker; ours is undone with the transaction
                return Err(WebError::Conflict("This link was used already.".to_owned()));
            }
            tx.commit().await?;
            state.parts.wake.now();
            let after = after.ok_or(WebError::NotFound)?;
            page::html(&decided(None, &after))
        }
        Outcome::Changed => {
            let now_open = after.ok_or(WebError::NotFound)?;
            let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
            linked_page(&token, &now_open, &zone, (true, false))
        }
        Outcome::Decided(stored) => page::html(&decided(None, &stored)),
        Outcome::Missing => Err(WebError::NotFound),
    }
}
