//! Decisions: in the app, and by the link of a mail.
//!
//! Invariants: GET shows, POST acts; what is approved is the version that was shown, else the page is shown again
//! with what has changed; a link acts once; the link of a mail lets one decide this one proposal and see nothing else.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::AppState;
use super::error::WebError;
use super::form::{Fields, Posted};
use super::page::{self, Frame, Ground, see};
use super::session::Member;
use super::text;
use crate::db::open_order::{self, OpenOrder};
use crate::db::proposal::StoredProposal;
use crate::db::{self, change, mirror, proposal};
use crate::decision::Outcome;
use crate::domain::ids::{ProposalId, TenantId};
use crate::domain::stock::Warehouse;
use crate::wording::Words;

mod act;
mod changes;
mod linked;
mod several;
mod view;

pub(super) use act::{DAYS, put_off, reason, result, title};
pub(super) use changes::decide_change;
pub(super) use linked::{decide_linked, show_linked};
pub(super) use several::{decide_several, preview_page};

use act::{Act, Decider, Done};
use changes::{ChangeView, change_view};
use view::{Around, Purchase, View};

/// Decisions of one page: what weighs no more than a page may, also with long names.
const PAGE: i64 = 100;
/// Purchase orders that are on their way already and may be named on one page.
const MOST_ON_ORDER: i64 = 500;

#[derive(Template)]
#[template(path = "web/templates/decisions.html", config = ".askama.toml")]
struct ListPage {
    frame: Frame,
    views: Vec<View>,
    changes: Vec<ChangeView>,
    /// How many are shown, if there are more.
    oldest: Option<usize>,
    results: Vec<String>,
    days: [i64; 4],
}

#[derive(Template)]
#[template(path = "web/templates/decision.html", config = ".askama.toml")]
struct DecisionPage {
    words: Words,
    at: String,
    /// None: by the link of a mail, without a session.
    frame: Option<Frame>,
    view: View,
    /// Where the form goes.
    action: String,
    form_token: String,
    /// The content differs from what the mail showed.
    changed: bool,
    /// Why what was entered could not be done.
    problem: Option<String>,
    decline: bool,
    issues: bool,
    days: [i64; 4],
}

impl DecisionPage {
    fn purchase(&self) -> Purchase<'_> {
        Purchase { words: self.words, view: &self.view }
    }
}

#[derive(Template)]
#[template(path = "web/templates/decided.html", config = ".askama.toml")]
struct DecidedPage {
    words: Words,
    at: String,
    frame: Option<Frame>,
    title: String,
    text: String,
    /// The page of the backorder in the app.
    path: Option<String>,
}

/// What pages of decisions read beside the decisions.
struct Beside {
    warehouses: Vec<Warehouse>,
    on_order: Vec<OpenOrder>,
}

async fn beside(tx: &Transaction<'_>, tenant: TenantId, shown: &[StoredProposal]) -> Result<Beside, WebError> {
    let options = shown.iter().flat_map(|stored| &stored.body.options);
    let mut items: Vec<String> = options.flat_map(|option| &option.lines).map(|line| line.item.clone()).collect();
    items.sort();
    items.dedup();
    Ok(Beside {
        warehouses: mirror::warehouses(tx, tenant).await?,
        on_order: open_order::of_items(tx, tenant, &items, MOST_ON_ORDER).await?,
    })
}

/// Whoever is signed in, as a decider.
fn decider(member: &Member) -> Decider<'_> {
    Decider { tenant: member.tenant, by: member.name(), email: member.person.email.as_deref(), words: member.words }
}

fn around<'a>(ground: &'a Ground, beside: &'a Beside, member: &'a Member, entered: Option<&'a Fields>) -> Around<'a> {
    Around {
        words: member.words,
        zone: &ground.zone,
        settings: &ground.settings,
        warehouses: &beside.warehouses,
        on_order: &beside.on_order,
        email: member.person.email.as_deref(),
        entered,
        several: false,
    }
}

pub(super) async fn list(state: Data<AppState>, member: Member) -> Result<HttpResponse, WebError> {
    list_page(&state, &member, Vec::new()).await
}

async fn list_page(state: &AppState, member: &Member, results: Vec<String>) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, member, "decisions").await?;
    let mut open = proposal::open(&tx, member.tenant, PAGE + 1).await?;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let oldest = (open.len() > shown).then_some(shown);
    open.truncate(shown);
    let changes = change::open(&tx, member.tenant, PAGE).await?;
    let beside = Beside { warehouses: mirror::warehouses(&tx, member.tenant).await?, on_order: Vec::new() };
    tx.commit().await?;
    let views = {
        let around = around(&ground, &beside, member, None);
        open.iter().map(|stored| View::of(stored, &around)).collect()
    };
    page::html(&ListPage {
        views,
        changes: changes.iter().map(|change| change_view(change, member.words, &ground.zone)).collect(),
        frame: ground.frame,
        oldest,
        results,
        days: DAYS,
    })
}

pub(super) fn proposal_id(text: &str) -> Result<ProposalId, WebError> {
    Uuid::parse_str(text).map(ProposalId).map_err(|_| WebError::NotFound)
}

pub(super) async fn show(state: Data<AppState>, member: Member, id: Path<String>) -> Result<HttpResponse, WebError> {
    show_page(&state, &member, proposal_id(&id)?, &Again::default()).await
}

/// Why the page is shown once more.
#[derive(Default)]
struct Again<'a> {
    changed: bool,
    problem: Option<String>,
    entered: Option<&'a Fields>,
}

async fn show_page(
    state: &AppState,
    member: &Member,
    id: ProposalId,
    again: &Again<'_>,
) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, member, "decisions").await?;
    let stored = proposal::find(&tx, member.tenant, id, false).await?.ok_or(WebError::NotFound)?;
    let beside = beside(&tx, member.tenant, std::slice::from_ref(&stored)).await?;
    tx.commit().await?;
    if !stored.is_open() {
        let issues = ground.settings.settings.issue;
        return page::html(&decided(member.words, &member.at, Some(ground.frame), &stored, issues));
    }
    let view = View::of(&stored, &around(&ground, &beside, member, again.entered));
    page::html(&DecisionPage {
        words: member.words,
        at: member.at.clone(),
        view,
        action: format!("/decisions/{id}"),
        form_token: member.form_token.clone(),
        issues: ground.settings.settings.issue,
        frame: Some(ground.frame),
        changed: again.changed,
        problem: again.problem.clone(),
        decline: false,
        days: DAYS,
    })
}

/// What became of a proposal that is no longer open.
fn decided(words: Words, at: &str, frame: Option<Frame>, stored: &StoredProposal, issues: bool) -> DecidedPage {
    let by = stored.decided_by.clone().unwrap_or_else(|| words.say("decision-somebody").into());
    let what = title(words, stored);
    let reason = stored.reason.clone().unwrap_or_else(|| "–".to_owned());
    let (title, text) = match stored.state.as_str() {
        "approved" => (
            words.say("decision-approved-title"),
            if issues {
                words.say("decision-approved-issued").with("what", what).with("by", by)
            } else {
                words.say("decision-approved-draft").with("what", what).with("by", by)
            },
        ),
        "declined" => (
            words.say("decision-declined-title"),
            words.say("decision-declined").with("what", what).with("by", by).with("reason", reason),
        ),
        "snoozed" => (
            words.say("decision-snoozed-title"),
            words.say("decision-snoozed").with("what", what).with("by", by).with("reason", reason),
        ),
        _ => (words.say("decision-replaced-title"), words.say("decision-replaced").with("what", what)),
    };
    DecidedPage { words, at: at.to_owned(), frame, title: title.into(), text: text.into(), path: first_path(stored) }
}

fn first_path(stored: &StoredProposal) -> Option<String> {
    stored.body.documents.first().map(|document| text::path(&document.reference))
}

fn version(fields: &Fields, words: Words) -> Result<i32, WebError> {
    let version = fields.get("version").and_then(|version| version.parse().ok());
    version.ok_or_else(|| WebError::Invalid(words.say("decision-no-version").into()))
}

async fn find(state: &AppState, tenant: TenantId, id: ProposalId) -> Result<Option<StoredProposal>, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    let found = proposal::find(&tx, tenant, id, false).await?;
    tx.commit().await?;
    Ok(found)
}

pub(super) async fn decide(state: Data<AppState>, id: Path<String>, posted: Posted) -> Result<HttpResponse, WebError> {
    let (id, member, fields) = (proposal_id(&id)?, posted.member, posted.fields);
    let who = decider(&member);
    let version = version(&fields, member.words)?;
    let stored = find(&state, member.tenant, id).await?.ok_or(WebError::NotFound)?;
    let unchanged = Some(&stored).filter(|stored| stored.version == version);
    let again = |problem: String| Again { changed: false, problem: Some(problem), entered: Some(&fields) };
    let wanted = match Act::read(&fields, unchanged, "", who, state.parts.clock.now()) {
        Err(WebError::Invalid(problem)) if stored.is_open() => {
            return problem_page(&state, &member, id, &again(problem)).await;
        }
        wanted => wanted?,
    };
    match act::act(&state, (id, version), who, &wanted).await? {
        (_, Done::Outcome(Outcome::Missing)) | (None, _) => Err(WebError::NotFound),
        (_, Done::Outcome(Outcome::Changed)) => {
            let changed = Again { changed: true, ..Again::default() };
            show_page(&state, &member, id, &changed).await
        }
        (_, Done::Outcome(Outcome::Unfit(error))) => {
            problem_page(&state, &member, id, &again(act::unfit(member.words, &error))).await
        }
        (_, Done::Outcome(Outcome::NeedsApprover(limit))) => {
            let why = member.words.limit(&limit);
            let problem = member.words.say("decision-needs-approver").with("why", why).into();
            problem_page(&state, &member, id, &again(problem)).await
        }
        (Some(_), Done::Escalated | Done::Outcome(Outcome::Decided(_))) => {
            show_page(&state, &member, id, &Again::default()).await
        }
        (Some(stored), Done::Outcome(Outcome::Approved(_) | Outcome::NotBought)) => {
            Ok(see(&first_path(&stored).unwrap_or_else(|| "/decisions".to_owned())))
        }
    }
}

/// The page again with what was entered and why it cannot be.
async fn problem_page(
    state: &AppState,
    member: &Member,
    id: ProposalId,
    again: &Again<'_>,
) -> Result<HttpResponse, WebError> {
    let mut page = show_page(state, member, id, again).await?;
    *page.status_mut() = actix_web::http::StatusCode::BAD_REQUEST;
    Ok(page)
}
