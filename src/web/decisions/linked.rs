//! A decision by the link of a mail, without signing in.
//!
//! Invariants: opening it changes nothing; it acts once; it shows and decides its own proposal and nothing else; a link
//! that does not exist looks like any other address that does not.

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Deserialize;
use tokio_postgres::Transaction;

use super::act::{self, Act, DAYS, Decider, Done};
use super::view::{Around, View};
use super::{Again, DecidedPage, DecisionPage, beside, decided, version};
use crate::db::proposal::{self, ApprovalLink, StoredProposal};
use crate::db::settings::StoredSettings;
use crate::db::{self, person};
use crate::decision::Outcome;
use crate::secret::{Token, TokenKey};
use crate::web::error::WebError;
use crate::web::form::OwnForm;
use crate::web::{AppState, language, page};
use crate::wording::Words;

/// What stands behind the `?` of a mail's link.
#[derive(Deserialize)]
pub(in crate::web) struct Linked {
    decline: Option<String>,
}

/// What a link leads to, and how its reader is spoken to.
struct Found {
    link: ApprovalLink,
    stored: StoredProposal,
    settings: StoredSettings,
    words: Words,
}

async fn find(tx: &Transaction<'_>, request: &HttpRequest, token: &TokenKey, lock: bool) -> Result<Found, WebError> {
    db::enter_tenant(tx, token.tenant).await?;
    let link = proposal::find_link(tx, token.tenant, &token.hash).await?.ok_or(WebError::NotFound)?;
    let settings = db::settings::load(tx, token.tenant, lock).await?;
    let stored = proposal::find(tx, token.tenant, link.proposal, false).await?.ok_or(WebError::NotFound)?;
    let account = person::language_of(tx, token.tenant, &link.recipient).await?;
    let words = language::of_member(request, account, &settings.settings);
    Ok(Found { link, stored, settings, words })
}

impl Found {
    /// Why the link can no longer act, if so.
    fn spent(&self, at: &str, now: Timestamp) -> Option<DecidedPage> {
        let words = self.words;
        if !self.stored.is_open() {
            return Some(decided(words, at, None, &self.stored, self.settings.settings.issue));
        }
        let text = match (self.link.used_at, self.link.expires_at <= now) {
            (Some(_), _) => words.say("decision-link-used"),
            (None, true) => words.say("decision-link-expired"),
            (None, false) => return None,
        };
        Some(DecidedPage {
            words,
            at: at.to_owned(),
            frame: None,
            title: words.say("decision-link-title").into(),
            text: text.into(),
            path: Some(format!("/decisions/{}", self.stored.id)),
        })
    }

    /// The page of the decision, as it stands now.
    async fn page(
        &self,
        tx: &Transaction<'_>,
        token: (&str, &TokenKey),
        again: &Again<'_>,
        decline: bool,
    ) -> Result<HttpResponse, WebError> {
        let beside = beside(tx, token.1.tenant, std::slice::from_ref(&self.stored)).await?;
        let around = Around {
            words: self.words,
            zone: &TimeZone::get(&self.settings.time_zone).unwrap_or(TimeZone::UTC),
            settings: &self.settings,
            warehouses: &beside.warehouses,
            on_order: &beside.on_order,
            email: Some(&self.link.recipient),
            entered: again.entered,
            several: false,
        };
        page::html(&DecisionPage {
            words: self.words,
            at: format!("/d/{}", token.0),
            frame: None,
            view: View::of(&self.stored, &around),
            action: format!("/d/{}", token.0),
            form_token: String::new(),
            changed: again.changed,
            problem: again.problem.clone(),
            decline,
            issues: self.settings.settings.issue,
            days: DAYS,
        })
    }
}

pub(in crate::web) async fn show_linked(
    state: Data<AppState>,
    request: HttpRequest,
    token: Path<String>,
    asked: Query<Linked>,
) -> Result<HttpResponse, WebError> {
    let key = Token::parse(&token).ok_or(WebError::NotFound)?;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    let found = find(&tx, &request, &key, false).await?;
    if let Some(spent) = found.spent(&format!("/d/{token}"), state.parts.clock.now()) {
        return page::html(&spent);
    }
    let again = Again { changed: found.link.version != found.stored.version, ..Again::default() };
    let shown = found.page(&tx, (&token, &key), &again, asked.decline.is_some()).await?;
    tx.commit().await?;
    Ok(shown)
}

pub(in crate::web) async fn decide_linked(
    state: Data<AppState>,
    request: HttpRequest,
    token: Path<String>,
    form: OwnForm,
) -> Result<HttpResponse, WebError> {
    let key = Token::parse(&token).ok_or(WebError::NotFound)?;
    let (fields, now) = (form.0, state.parts.clock.now());
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    let mut found = find(&tx, &request, &key, true).await?;
    let at = format!("/d/{token}");
    if let Some(spent) = found.spent(&at, now) {
        return page::html(&spent);
    }
    let words = found.words;
    let version = version(&fields, words)?;
    let (by, link) = (found.link.recipient.clone(), found.link.proposal);
    let who = Decider { tenant: key.tenant, by: &by, email: Some(&by), words };
    let unchanged = Some(&found.stored).filter(|stored| stored.version == version);
    let again = |problem: String| Again { changed: false, problem: Some(problem), entered: Some(&fields) };
    let wanted = match Act::read(&fields, unchanged, "", who, now) {
        Err(WebError::Invalid(problem)) => return found.page(&tx, (&token, &key), &again(problem), false).await,
        wanted => wanted?,
    };
    let (after, done) = act::act_in(&tx, &state, (link, version), who, &wanted).await?;
    found.stored = after.ok_or(WebError::NotFound)?;
    let problem = match done {
        Done::Outcome(Outcome::Approved(_) | Outcome::NotBought) => {
            if !proposal::use_link(&tx, key.tenant, &key.hash, now).await? {
                // another request with the same link was quicker; ours is undone with the transaction
                return Err(WebError::Conflict(words.say("decision-link-used").into()));
            }
            tx.commit().await?;
            state.parts.wake.now();
            return page::html(&decided(words, &at, None, &found.stored, found.settings.settings.issue));
        }
        Done::Escalated => {
            let shown = found.page(&tx, (&token, &key), &Again::default(), false).await?;
            tx.commit().await?;
            state.parts.wake.now();
            return Ok(shown);
        }
        Done::Outcome(Outcome::Changed) => {
            return found.page(&tx, (&token, &key), &Again { changed: true, ..Again::default() }, false).await;
        }
        Done::Outcome(Outcome::Decided(stored)) => {
            return page::html(&decided(words, &at, None, &stored, found.settings.settings.issue));
        }
        Done::Outcome(Outcome::Missing) => return Err(WebError::NotFound),
        Done::Outcome(Outcome::Unfit(error)) => act::unfit(words, &error),
        Done::Outcome(Outcome::NeedsApprover(limit)) => {
            words.say("decision-needs-approver").with("why", words.limit(&limit)).into()
        }
    };
    found.page(&tx, (&token, &key), &again(problem), false).await
}
