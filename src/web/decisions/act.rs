//! What a form of a decision wants, and what became of it.
//!
//! Invariants: a figure or date that cannot be read is refused with the item that it is about, never guessed; each act
//! is one transaction, so that it is done as a whole or not at all.

use jiff::{SignedDuration, Timestamp};
use tokio_postgres::Transaction;

use crate::db::proposal::{self, StoredProposal};
use crate::db::{self};
use crate::decision::{self, Choice, Outcome, Shown};
use crate::domain::edit::{EditError, EditedLine};
use crate::domain::ids::{ProposalId, TenantId};
use crate::domain::proposal::PurchaseOption;
use crate::web::AppState;
use crate::web::error::WebError;
use crate::web::form::Fields;
use crate::wording::Words;

/// How long a decision may be put off, in days.
pub(in crate::web) const DAYS: [i64; 4] = [1, 3, 7, 14];
/// Characters of a reason.
const MOST_REASON: usize = 500;

/// What a form wants.
pub(in crate::web) enum Act {
    Approve(Choice),
    Decline {
        reason: String,
        until: Option<Timestamp>,
    },
    /// Have an approver decide.
    Escalate,
}

/// Whoever decides: what is kept as the name, and the address that may be an approver's.
#[derive(Debug, Clone, Copy)]
pub(in crate::web) struct Decider<'a> {
    pub(in crate::web) tenant: TenantId,
    pub(in crate::web) by: &'a str,
    pub(in crate::web) email: Option<&'a str>,
    pub(in crate::web) words: Words,
}

/// The reason, without what does not belong into one line.
pub(in crate::web) fn reason(fields: &Fields) -> Option<String> {
    let text: String = fields.get("reason")?.chars().filter(|c| !c.is_control()).take(MOST_REASON).collect();
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Until when it is put off.
pub(in crate::web) fn put_off(fields: &Fields, words: Words, now: Timestamp) -> Result<Timestamp, WebError> {
    let days = fields.get("days").and_then(|days| days.parse().ok()).filter(|days| DAYS.contains(days));
    let days = days.ok_or_else(|| WebError::Invalid(words.say("decision-no-days").into()))?;
    Ok(now + SignedDuration::from_hours(24 * days))
}

impl Act {
    /// Reads what is wanted of a proposal; `prefix` stands before the names of its fields.
    pub(in crate::web) fn read(
        fields: &Fields,
        stored: Option<&StoredProposal>,
        prefix: &str,
        who: Decider<'_>,
        now: Timestamp,
    ) -> Result<Self, WebError> {
        let words = who.words;
        match fields.get("act") {
            Some("approve") => approve(fields, stored, prefix, who).map(Self::Approve),
            Some("decline") => match reason(fields) {
                None => Err(WebError::Invalid(words.say("decision-no-reason").into())),
                Some(reason) => Ok(Self::Decline { reason, until: None }),
            },
            Some("snooze") => {
                let until = put_off(fields, words, now)?;
                let reason = reason(fields).unwrap_or_else(|| words.say("decision-put-off-reason").into());
                Ok(Self::Decline { reason, until: Some(until) })
            }
            Some("escalate") => Ok(Self::Escalate),
            _ => Err(WebError::Invalid(words.say("decision-no-act").into())),
        }
    }
}

/// The way that was chosen, with what was entered in its lines.
pub(in crate::web) fn approve(
    fields: &Fields,
    stored: Option<&StoredProposal>,
    prefix: &str,
    who: Decider<'_>,
) -> Result<Choice, WebError> {
    let option = fields.get(&format!("{prefix}option")).unwrap_or("0").parse::<usize>();
    let option = option.map_err(|_| WebError::Invalid(who.words.say("decision-no-way").into()))?;
    let shown = stored.and_then(|stored| stored.body.options.get(option));
    let lines = shown.map(|shown| lines(fields, shown, prefix, option, who.words)).transpose()?.flatten();
    Ok(Choice { option, lines, reason: reason(fields), email: who.email.map(str::to_owned) })
}

/// What was entered in the lines of a way; None: the form has no fields for them.
fn lines(
    fields: &Fields,
    shown: &PurchaseOption,
    prefix: &str,
    option: usize,
    words: Words,
) -> Result<Option<Vec<EditedLine>>, WebError> {
    let entered = |what: &str, line: usize| fields.sent(&format!("{prefix}{what}.{option}.{line}"));
    if entered("quantity", 0).is_none() {
        return Ok(None);
    }
    let mut lines = Vec::new();
    for (index, line) in shown.lines.iter().enumerate() {
        let wrong = |what: &'static str| {
            let said = match what {
                "quantity" => words.say("decision-unfit-quantity").with("item", &line.sku),
                "price" => words.say("decision-unfit-price").with("item", &line.sku),
                _ => words.say("decision-unfit-date").with("item", &line.sku),
            };
            WebError::Invalid(said.into())
        };
        let quantity = match entered("quantity", index) {
            None => line.quantity,
            Some(text) => words.read(text).ok_or_else(|| wrong("quantity"))?,
        };
        let price = match entered("price", index) {
            None => line.price,
            Some("") => None,
            Some(text) => Some(words.read(text).ok_or_else(|| wrong("price"))?),
        };
        let expected = match entered("expected", index) {
            None | Some("") => line.expected,
            Some(text) => text.parse().map_err(|_| wrong("date"))?,
        };
        lines.push(EditedLine { quantity, price, expected });
    }
    Ok(Some(lines))
}

/// Why something cannot be ordered as it was edited.
pub(in crate::web) fn unfit(words: Words, error: &EditError) -> String {
    match error {
        EditError::OtherLines => words.say("decision-changed").into(),
        EditError::Nothing => words.say("decision-unfit-nothing").into(),
        EditError::Quantity(item) => words.say("decision-unfit-quantity").with("item", item).into(),
        EditError::NotWhole(item) => words.say("decision-unfit-not-whole").with("item", item).into(),
        EditError::NotEven(item) => words.say("decision-unfit-not-even").with("item", item).into(),
        EditError::MoreThanOrdered(item) => words.say("decision-unfit-more").with("item", item).into(),
        EditError::Price(item) => words.say("decision-unfit-price").with("item", item).into(),
        EditError::Past(item) => words.say("decision-unfit-past").with("item", item).into(),
    }
}

/// What became of one of several, said about `what`.
pub(in crate::web) fn result(words: Words, what: &str, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Approved(_) => words.say("decision-said-approved").with("what", what).into(),
        Outcome::NotBought => words.say("decision-said-not-bought").with("what", what).into(),
        Outcome::Changed => words.say("decision-said-changed").with("what", what).into(),
        Outcome::Decided(_) => words.say("decision-said-decided").with("what", what).into(),
        Outcome::Missing => words.say("decision-said-missing").into(),
        Outcome::NeedsApprover(limit) => {
            words.say("decision-said-approver").with("what", what).with("why", words.limit(limit)).into()
        }
        Outcome::Unfit(error) => {
            words.say("decision-said-unfit").with("what", what).with("why", unfit(words, error)).into()
        }
    }
}

/// A proposal, for people: "vendor for orders".
pub(in crate::web) fn title(words: Words, stored: &StoredProposal) -> String {
    let vendor = stored.body.options.first().map_or("", |option| option.vendor.name.as_str());
    let documents: Vec<_> = stored.body.documents.iter().map(|document| document.number.as_str()).collect();
    words.say("decision-what").with("vendor", vendor).with("documents", documents.join(", ")).into()
}

/// What an act came to.
pub(in crate::web) enum Done {
    Outcome(Outcome),
    /// The approvers were asked.
    Escalated,
}

/// Acts in the caller's transaction; gives the proposal as it is afterwards and what became of it.
pub(in crate::web) async fn act_in(
    tx: &Transaction<'_>,
    state: &AppState,
    (id, version): (ProposalId, i32),
    who: Decider<'_>,
    act: &Act,
) -> Result<(Option<StoredProposal>, Done), WebError> {
    let shown = Shown { tenant: who.tenant, proposal: id, version, by: who.by };
    let clock = &*state.parts.clock;
    let done = match act {
        Act::Approve(choice) => Done::Outcome(decision::approve(tx, shown, choice, clock).await?),
        Act::Decline { reason, until } => Done::Outcome(decision::decline(tx, shown, reason, *until, clock).await?),
        Act::Escalate => decision::escalate(tx, shown, clock).await?.map_or(Done::Escalated, Done::Outcome),
    };
    Ok((proposal::find(tx, who.tenant, id, false).await?, done))
}

/// As [`act_in`], in a transaction of its own; wakes the worker.
pub(in crate::web) async fn act(
    state: &AppState,
    shown: (ProposalId, i32),
    who: Decider<'_>,
    act: &Act,
) -> Result<(Option<StoredProposal>, Done), WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, who.tenant).await?;
    let done = act_in(&tx, state, shown, who, act).await?;
    tx.commit().await?;
    state.parts.wake.now();
    Ok(done)
}
