//! What a plan would buy and nobody has decided: kept, brought up to date, closed.
//!
//! Invariant: one proposal of a group is open at a time; a person who was quicker wins.

use jiff::Timestamp;
use tokio_postgres::Transaction;

use super::replan::Ground;
use super::{WorkError, Worker};
use crate::db::{DbError, proposal};
use crate::domain::ids::{IntentId, ProposalId};
use crate::domain::proposal::Proposal;

impl Worker {
    /// Opens a proposal, or brings the open one to its new content; gives its id and version.
    pub(super) async fn put_proposal(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        open: Option<proposal::StoredProposal>,
        key: &str,
        state: &str,
        body: &Proposal,
    ) -> Result<(ProposalId, i32), WorkError> {
        match open {
            Some(stored) if stored.body.shows_the_same(body) && stored.state == state => {
                Ok((stored.id, stored.version))
            }
            Some(stored) => {
                proposal::update(tx, ground.tenant, stored.id, state, body, ground.now).await?;
                Ok((stored.id, stored.version + 1))
            }
            None => {
                let id = ProposalId(self.clock.new_id());
                proposal::insert(tx, ground.tenant, id, key, state, body, ground.now).await?;
                Ok((id, 1))
            }
        }
    }

    /// Keeps a proposal that waits for more of its vendor until then.
    pub(super) async fn put_aside(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        open: Option<proposal::StoredProposal>,
        key: &str,
        body: &Proposal,
        until: Timestamp,
    ) -> Result<(), WorkError> {
        let (id, _) = self.put_proposal(tx, ground, open, key, "watched", body).await?;
        Ok(proposal::set_gathers(tx, ground.tenant, id, Some(until)).await?)
    }

    /// A proposal that the plan no longer makes: bought by Automatic, or not needed any more.
    pub(super) async fn close_proposal(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        stored: &proposal::StoredProposal,
        intent: Option<IntentId>,
    ) -> Result<(), WorkError> {
        let decision = proposal::Decision {
            state: if intent.is_some() { "approved" } else { "replaced" },
            by: "backorders",
            reason: None,
            intent,
        };
        if !proposal::decide(tx, ground.tenant, stored.id, stored.version, &decision, ground.now).await? {
            // a person was quicker: nothing of this plan may stand
            return Err(DbError::Lost { what: "the proposal" }.into());
        }
        Ok(())
    }
}
