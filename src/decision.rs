//! A decision, a person's or Automatic's, becomes an intent.
//!
//! Invariants: what was shown is what is frozen; nothing is computed again. The intent is supply from the commit of
//! the decision on, so that no replan buys the same quantity twice.

mod cancel;
mod escalate;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use tokio_postgres::Transaction;

use crate::clock::Clock;
use crate::db::proposal::StoredProposal;
use crate::db::settings::StoredSettings;
use crate::db::{DbError, DbResult, audit, changed_document, intent, not_bought, proposal, settings, snapshot};
use crate::domain::edit::{EditError, Edited, EditedLine, edit};
use crate::domain::ids::{DocumentRef, IntentId, ProposalId, TenantId};
use crate::domain::limit::{self, Limit};
use crate::domain::proposal::{Proposal, ProposalDocument, ProposedPeg, PurchaseOption, marker};
use crate::secret;

pub use cancel::cancel_line;
pub use escalate::{escalate, escalate_overdue};

/// Freezes one option of a proposal into an intent, in the caller's transaction. `issue` false leaves a draft in the
/// host. An option that is not there is the planner's own choice.
#[expect(clippy::too_many_arguments, reason = "each is a fact of the decision, told apart by its type")]
pub async fn freeze_intent(
    tx: &Transaction<'_>,
    tenant: TenantId,
    proposal: &Proposal,
    option: usize,
    made_by: &str,
    issue: bool,
    today: Date,
    clock: &dyn Clock,
) -> DbResult<IntentId> {
    let Some(chosen) = proposal.options.get(option).or_else(|| proposal.options.first()) else {
        return Err(DbError::Lost { what: "the option" });
    };
    freeze(tx, tenant, (&proposal.documents, chosen), made_by, issue, today, clock).await
}

/// Freezes a purchase order for these documents into an intent.
async fn freeze(
    tx: &Transaction<'_>,
    tenant: TenantId,
    (documents, chosen): (&[ProposalDocument], &PurchaseOption),
    made_by: &str,
    issue: bool,
    today: Date,
    clock: &dyn Clock,
) -> DbResult<IntentId> {
    let id = IntentId(clock.new_id());
    let Some(document) = documents.first() else {
        return Err(DbError::Lost { what: "the document" });
    };
    let marker = marker(&secret::sha256(format!("{tenant}|{id}").as_bytes()));
    let order = chosen.freeze(marker.clone(), documents, today);
    let payload = serde_json::to_value(&order).unwrap_or_default();
    let hash = secret::sha256(payload.to_string().as_bytes());
    let new = intent::NewIntent {
        id,
        action: "create",
        marker: &marker,
        payload: &payload,
        payload_hash: &hash,
        issue,
        document: &document.reference,
        purchase_order: None,
        made_by,
    };
    intent::insert(tx, tenant, &new, clock.now()).await?;
    intent::insert_lines(tx, tenant, id, chosen).await?;
    Ok(id)
}

/// What became of a person's decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// Approved: this will be bought.
    Approved(IntentId),
    /// Declined or put off.
    NotBought,
    /// The content has changed since it was shown: it must be looked at again.
    Changed,
    /// It is above what this person may approve.
    NeedsApprover(Limit),
    /// It cannot be ordered as it was edited.
    Unfit(EditError),
    /// Somebody was quicker, or the plan no longer needs it.
    Decided(Box<StoredProposal>),
    /// There is no such proposal.
    Missing,
}

/// Which proposal is decided, as it was shown to whom.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    pub tenant: TenantId,
    pub proposal: ProposalId,
    pub version: i32,
    /// The name (or address) of the person who decides.
    pub by: &'a str,
}

/// How a person wants it bought.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Which of the ways that were shown.
    pub option: usize,
    /// Its lines as the person wants them; None: as they were shown.
    pub lines: Option<Vec<EditedLine>>,
    /// Why less than was proposed is ordered, if the person said so.
    pub reason: Option<String>,
    /// The address by which the person may be an approver.
    pub email: Option<String>,
}

/// Approves one way to buy a proposal, edited or not: it becomes an intent, in the caller's transaction.
pub async fn approve(tx: &Transaction<'_>, shown: Shown<'_>, choice: &Choice, clock: &dyn Clock) -> DbResult<Outcome> {
    let (settings, stored) = match look(tx, shown).await? {
        Ok(found) => found,
        Err(outcome) => return Ok(outcome),
    };
    let Some(option) = stored.body.options.get(choice.option) else { return Ok(Outcome::Changed) };
    let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
    let today = clock.now().to_zoned(zone).date();
    let rules = &settings.settings;
    let edited = match &choice.lines {
        None => Edited { option: option.clone(), left_out: Vec::new(), changed: false },
        Some(lines) => match edit(option, lines, today, |item| rules.parts_of_units(&option.vendor.id, item), shown.by)
        {
            Ok(edited) => edited,
            Err(EditError::OtherLines) => return Ok(Outcome::Changed),
            Err(error) => return Ok(Outcome::Unfit(error)),
        },
    };
    if let Some(limit) = beyond(&settings, &stored.body, choice.option, Some(&edited.option), choice.email.as_deref()) {
        return Ok(Outcome::NeedsApprover(limit));
    }
    if !edited.left_out.is_empty() {
        let reason = choice.reason.as_deref().unwrap_or("less was ordered than was needed");
        let left_out = quantities(&edited.left_out);
        leave_out(tx, shown, left_out, reason, None, clock).await?;
    }
    let content = (stored.body.documents.as_slice(), &edited.option);
    let intent =
        freeze(tx, shown.tenant, content, shown.by, rules.holds(&stored.body, choice.option).issue, today, clock)
            .await?;
    let reason = if edited.changed { choice.reason.as_deref() } else { None };
    let decision = proposal::Decision { state: "approved", by: shown.by, reason, intent: Some(intent) };
    settle(tx, shown, &stored, &decision, clock).await?;
    Ok(Outcome::Approved(intent))
}

/// The limit that keeps this person from approving one way alone (or `edited` in its place), if there is one.
#[must_use]
pub fn beyond(
    settings: &StoredSettings,
    proposal: &Proposal,
    option: usize,
    edited: Option<&PurchaseOption>,
    email: Option<&str>,
) -> Option<Limit> {
    let rules = &settings.settings;
    let bought = edited.or_else(|| proposal.options.get(option))?;
    let approvers = rules.approvers(&bought.vendor.id);
    let is_approver = email.is_some_and(|email| approvers.iter().any(|known| known.eq_ignore_ascii_case(email)));
    if approvers.is_empty() || is_approver {
        return None;
    }
    let ask_above = rules.holds(proposal, option).ask_above;
    limit::above(&rules.policy, settings.base_currency.as_deref(), ask_above, bought)
}

/// Declines a proposal with its reason, for good or (`until`) to be asked again then, in the caller's transaction.
pub async fn decline(
    tx: &Transaction<'_>,
    shown: Shown<'_>,
    reason: &str,
    until: Option<Timestamp>,
    clock: &dyn Clock,
) -> DbResult<Outcome> {
    let (_, stored) = match look(tx, shown).await? {
        Ok(found) => found,
        Err(outcome) => return Ok(outcome),
    };
    let pegs = stored.body.options.iter().take(1).flat_map(|option| &option.lines).flat_map(|line| &line.pegs);
    leave_out(tx, shown, quantities(pegs), reason, until, clock).await?;
    let state = if until.is_some() { "snoozed" } else { "declined" };
    let decision = proposal::Decision { state, by: shown.by, reason: Some(reason), intent: None };
    settle(tx, shown, &stored, &decision, clock).await?;
    Ok(Outcome::NotBought)
}

type Quantities = BTreeMap<(DocumentRef, String, String), Decimal>;

fn quantities<'a>(pegs: impl IntoIterator<Item = &'a ProposedPeg>) -> Quantities {
    let mut quantities = Quantities::new();
    for peg in pegs {
        let key = (peg.document.clone(), peg.line.clone(), peg.component.clone());
        *quantities.entry(key).or_default() += peg.quantity;
    }
    quantities
}

/// Records what is not to be bought, on top of what was decided before about the same demand: a proposal asks only for
/// what is beyond that.
async fn leave_out(
    tx: &Transaction<'_>,
    shown: Shown<'_>,
    mut quantities: Quantities,
    reason: &str,
    until: Option<Timestamp>,
    clock: &dyn Clock,
) -> DbResult<()> {
    let now = clock.now();
    let documents: Vec<DocumentRef> = quantities.keys().map(|(document, ..)| document.clone()).collect();
    for before in snapshot::not_bought_of(tx, shown.tenant, &documents, now).await? {
        if let Some(quantity) = quantities.get_mut(&(before.document, before.line, before.component)) {
            *quantity += before.quantity;
        }
    }
    for ((document, line, component), quantity) in &quantities {
        let quantity = *quantity;
        let not_bought =
            not_bought::NotBought { document, line, component, quantity, reason, by: shown.by, snoozed_until: until };
        not_bought::put(tx, shown.tenant, &not_bought, now).await?;
    }
    Ok(())
}

/// Locks the tenant and the proposal, and says whether it is still what was shown.
async fn look(tx: &Transaction<'_>, shown: Shown<'_>) -> DbResult<Result<(StoredSettings, StoredProposal), Outcome>> {
    let settings = settings::load(tx, shown.tenant, true).await?;
    let Some(stored) = proposal::find(tx, shown.tenant, shown.proposal, true).await? else {
        return Ok(Err(Outcome::Missing));
    };
    if !stored.is_open() {
        return Ok(Err(Outcome::Decided(Box::new(stored))));
    }
    if stored.version != shown.version {
        return Ok(Err(Outcome::Changed));
    }
    Ok(Ok((settings, stored)))
}

/// Closes the proposal, keeps who did what, and has its documents planned again.
async fn settle(
    tx: &Transaction<'_>,
    shown: Shown<'_>,
    stored: &StoredProposal,
    decision: &proposal::Decision<'_>,
    clock: &dyn Clock,
) -> DbResult<()> {
    let now = clock.now();
    if !proposal::decide(tx, shown.tenant, stored.id, stored.version, decision, now).await? {
        return Err(DbError::Lost { what: "the proposal" });
    }
    let mut changed = Vec::new();
    for document in &stored.body.documents {
        let entry = audit::Entry {
            id: clock.new_id(),
            at: now,
            actor: shown.by.to_owned(),
            event: decision.state.to_owned(),
            document: Some(document.reference.clone()),
            details: serde_json::json!({
                "proposal": stored.id, "version": stored.version, "reason": decision.reason, "intent": decision.intent,
            }),
        };
        audit::append(tx, shown.tenant, &entry).await?;
        changed.push((shown.tenant, document.reference.clone()));
    }
    changed_document::mark(tx, &changed, now, None).await
}
