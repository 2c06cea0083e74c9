//! One planned change of a draft of ours: make it, or give it up.
//!
//! Invariants: only a draft that stands as it did when the change was planned is changed; one that a person has issued,
//! edited or deleted meanwhile, or that the host does not let us change, is left as it is: its pegs go back in the same
//! commit, and the plan, which no longer takes it for an untouched draft, sees what that means.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::access::OpenHost;
use super::outcome::{Made, Outcome};
use super::purchase::{LEASE_MARGIN, payload};
use super::settle::may_call;
use super::{WorkError, Worker};
use crate::db::intent::{Claim, StoredIntent};
use crate::domain::notice::NoticeEvent;
use crate::domain::problem::Problem;
use crate::domain::proposal::ProposedPeg;
use crate::domain::purchase_order::{PurchaseOrder, PurchaseOrderChange, PurchaseState};
use crate::host::HostError;

/// By whom the changes are that the plan makes; others are a person's.
pub(super) const OURS: &str = "backorders";

/// A line before it is changed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Before {
    pub(super) line: String,
    /// In stock units.
    pub(super) ordered: Decimal,
    pub(super) pegs: Vec<ProposedPeg>,
}

/// What a change rests on; it stands beside the change in the intent's payload.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Basis {
    #[serde(default)]
    pub(super) before: Vec<Before>,
}

impl Worker {
    /// Changes a draft of ours. It says what the lines must be, so doing it twice is harmless.
    pub(super) async fn change(
        &self,
        claim: &Claim,
        intent: &StoredIntent,
        open: &OpenHost,
        lease_until: Timestamp,
    ) -> Result<(), WorkError> {
        let change = payload::<PurchaseOrderChange>(intent)?;
        let basis = payload::<Basis>(intent)?;
        if !may_call(self.clock.now(), self.settings.host_timeout, LEASE_MARGIN, lease_until) {
            let outcome = Outcome::to("planned").due(self.clock.now());
            return self.settle(claim, intent, "planned", outcome).await;
        }
        let read_at = self.clock.now();
        let found = open.host.read_purchase_order(&change.id).await?.map(|read| read.value);
        if found.is_none() && change.cancel {
            // what must go is gone
            self.forget_order(claim.tenant, &change.id, read_at).await?;
            return self.settle(claim, intent, "planned", Outcome::to("confirmed")).await;
        }
        let refused = match in_the_way(found.as_ref(), &change, &basis) {
            Some(why) => Some(why),
            None => match open.host.change_purchase_order(&change).await {
                Ok(()) => None,
                Err(HostError::Rejected { code, detail }) => Some(Problem::Said(format!("{detail} ({code})"))),
                Err(error) => return Err(error.into()),
            },
        };
        let now_there = open.host.read_purchase_order(&change.id).await?.map(|read| read.value);
        let made = now_there.as_ref().map(|order| Made { order, read_at });
        let outcome = match refused {
            None => Outcome { made, ..Outcome::to("confirmed") },
            Some(error) => {
                let undo = undone(now_there.as_ref(), &change, basis);
                let outcome = Outcome { made, undo: Some(undo), ..Outcome::to("cancelled").error(error) };
                // what a person decided is theirs to know
                if intent.made_by == OURS { outcome } else { outcome.tell(NoticeEvent::ChangeProposed) }
            }
        };
        self.settle(claim, intent, "planned", outcome).await
    }
}

/// Why the change must not be made any more.
fn in_the_way(found: Option<&PurchaseOrder>, change: &PurchaseOrderChange, basis: &Basis) -> Option<Problem> {
    let Some(order) = found else { return Some(Problem::Gone) };
    if order.state != PurchaseState::Draft {
        return Some(Problem::NoDraft);
    }
    let edited = |before: &Before| {
        let to = change.lines.iter().find(|line| line.line == before.line).map(|line| line.to);
        let now = order.lines.iter().find(|line| line.id == before.line).map_or(Decimal::ZERO, |line| line.ordered);
        now != before.ordered && Some(now) != to
    };
    basis.before.iter().any(edited).then_some(Problem::ChangedMeanwhile)
}

/// The lines whose pegs go back: those that are not what they were to become.
fn undone(now_there: Option<&PurchaseOrder>, change: &PurchaseOrderChange, basis: Basis) -> Vec<Before> {
    let is_made = |before: &Before| {
        let to = change.lines.iter().find(|line| line.line == before.line).map(|line| line.to);
        let there = now_there.and_then(|order| order.lines.iter().find(|line| line.id == before.line));
        there.is_some_and(|there| Some(there.ordered) == to)
    };
    basis.before.into_iter().filter(|before| !is_made(before)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::purchase_order::{PurchaseLine, PurchaseLineChange};
    use crate::domain::sales_document::Party;

    fn order(state: PurchaseState, ordered: i64) -> PurchaseOrder {
        PurchaseOrder {
            id: "PO-1".into(),
            number: "PO-1".into(),
            state,
            vendor: Party { id: "V".into(), name: "V".into() },
            marker: Some("BO-X".into()),
            drop_ship: false,
            ship_to: None,
            currency: None,
            expected: None,
            url: None,
            lines: vec![PurchaseLine {
                id: "L1".into(),
                item: "I".into(),
                warehouse: None,
                ordered: Decimal::from(ordered),
                received: Decimal::ZERO,
                closed: Decimal::ZERO,
                due: None,
                unit_price: None,
                pegs: Vec::new(),
            }],
        }
    }

    fn raise() -> (PurchaseOrderChange, Basis) {
        let lines = vec![PurchaseLineChange { line: "L1".into(), to: Decimal::from(8) }];
        let before = vec![Before { line: "L1".into(), ordered: Decimal::from(5), pegs: Vec::new() }];
        (PurchaseOrderChange { id: "PO-1".into(), lines, cancel: false }, Basis { before })
    }

    #[test]
    fn a_draft_that_stands_as_it_did_is_changed_and_one_that_has_been_changed_already_too() {
        let (change, basis) = raise();
        for ordered in [5, 8] {
            assert_eq!(in_the_way(Some(&order(PurchaseState::Draft, ordered)), &change, &basis), None, "{ordered}");
        }
    }

    #[test]
    fn what_a_person_has_issued_edited_or_deleted_is_left_alone() {
        let (change, basis) = raise();
        assert!(in_the_way(Some(&order(PurchaseState::Confirmed, 5)), &change, &basis).is_some());
        assert!(in_the_way(Some(&order(PurchaseState::Draft, 4)), &change, &basis).is_some());
        assert!(in_the_way(None, &change, &basis).is_some());
    }

    #[test]
    fn the_pegs_of_a_line_that_became_what_it_must_be_stay() {
        let (change, basis) = raise();
        assert_eq!(undone(Some(&order(PurchaseState::Confirmed, 5)), &change, basis.clone()).len(), 1);
        assert_eq!(undone(Some(&order(PurchaseState::Confirmed, 8)), &change, basis.clone()).len(), 0);
        assert_eq!(undone(None, &change, basis).len(), 1);
    }
}
