//! A decision, a person's or Automatic's, becomes an intent.
//!
//! Invariants: what was shown is what is frozen; nothing is computed again. The intent is supply from the commit of
//! the decision on, so that no replan buys the same quantity twice.

use jiff::civil::Date;
use tokio_postgres::Transaction;

use crate::clock::Clock;
use crate::db::{DbResult, intent};
use crate::domain::ids::{IntentId, TenantId};
use crate::domain::proposal::{Proposal, marker};
use crate::secret;

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
    let id = IntentId(clock.new_id());
    let Some(chosen) = proposal.options.get(option).or_else(|| proposal.options.first()) else {
        return Err(crate::db::DbError::Lost { what: "the option" });
    };
    let Some(document) = proposal.documents.first() else {
        return Err(crate::db::DbError::Lost { what: "the document" });
    };
    let marker = marker(&secret::sha256(format!("{tenant}|{id}").as_bytes()));
    let order = chosen.freeze(marker.clone(), &proposal.documents, today);
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
