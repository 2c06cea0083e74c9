//! What an intent does next, given what the host said. Pure: the shell around it does the I/O.
//!
//! Invariants (trust.md section 3): what may have happened is left alone until the host's own limit has passed, then
//! looked up, then decided; a second document with our marker is never confirmed; what cannot be known is shown.

use std::time::Duration;

use jiff::Timestamp;

use super::retry;
use crate::domain::problem::Problem;
use crate::domain::purchase_order::{NewPurchaseOrder, PurchaseOrder, PurchaseState};
use crate::host::{HostError, NotApplied};

/// An intent older than this may have left before a backup was restored: it is looked up before it is sent.
const FRESH: Duration = Duration::from_secs(60);

/// So often a purchase order is sent that is then looked for and is not there; the waits between come to an hour and a half.
const MOST_SENDS: i32 = 8;

/// How long to wait before what was sent `sends` times and is not there is sent once more. None: a person must look.
#[must_use]
pub fn send_again_after(sends: i32) -> Option<Duration> {
    (sends < MOST_SENDS).then(|| retry::delay(sends, None, 0))
}

/// Whether the marker must be looked for before this intent is sent.
#[must_use]
pub fn must_look_first(created_at: Timestamp, now: Timestamp) -> bool {
    created_at <= retry::before(now, FRESH)
}

/// Whether a call that begins now ends, with `margin` to spare, before another worker may take the lease over.
#[must_use]
pub fn may_call(now: Timestamp, call: Duration, margin: Duration, lease_until: Timestamp) -> bool {
    retry::after(now, call + margin) < lease_until
}

/// Until when a write whose sender died is left alone: the dead worker may have called until its lease ended, and the
/// host may have worked on it until its limit. `lease` is the whole length of a lease.
#[must_use]
pub fn rest_until(sent_at: Timestamp, lease: Duration, quarantine: Duration) -> Timestamp {
    retry::after(sent_at, lease + quarantine)
}

/// What the write's answer means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterSend {
    /// The host made it: bind it, then confirm if it must be issued.
    Made,
    /// Certainly nothing happened: send again later.
    SendAgain { error: Problem, wait: Option<Duration> },
    /// The host refused: a person must look.
    Refused { error: Problem },
    /// It may have happened: leave it alone that long, then look for the marker.
    LookLater { error: Problem, quarantine: Duration },
    /// It happened, but is not what was asked for: a person must look.
    NotWhatWasAsked { error: Problem },
}

/// Judges the answer to a create.
#[must_use]
pub fn after_send(
    order: &NewPurchaseOrder,
    answer: Result<&PurchaseOrder, &HostError>,
    quarantine: Duration,
) -> AfterSend {
    match answer {
        Ok(made) => match difference(order, made) {
            None => AfterSend::Made,
            Some(error) => AfterSend::NotWhatWasAsked { error },
        },
        Err(error @ HostError::NotApplied { reason, .. }) => {
            let wait = match reason {
                NotApplied::RateLimited { retry_after } => Some(*retry_after),
                _ => None,
            };
            AfterSend::SendAgain { error: error.problem(), wait }
        }
        Err(HostError::Rejected { code, detail }) => {
            AfterSend::Refused { error: Problem::Said(format!("{detail} ({code})")) }
        }
        Err(HostError::Unknown { detail }) => AfterSend::LookLater { error: Problem::Said(detail.clone()), quarantine },
    }
}

/// How what the host made differs from what was asked; None: it does not.
#[must_use]
pub fn difference(order: &NewPurchaseOrder, made: &PurchaseOrder) -> Option<Problem> {
    if made.marker.as_deref() != Some(order.marker.as_str()) {
        return Some(Problem::NoMark { order: made.number.clone() });
    }
    if made.vendor.id != order.vendor.id {
        return Some(Problem::OtherVendor { made: made.vendor.id.clone(), wanted: order.vendor.id.clone() });
    }
    let mut left: Vec<_> = made.lines.iter().collect();
    for line in &order.lines {
        let kept = left.iter().position(|made| made.item == line.item && made.ordered == line.stock_quantity);
        let Some(kept) = kept else {
            let quantity = line.stock_quantity.normalize().to_string();
            return Some(Problem::NotKept { quantity, item: line.item.clone() });
        };
        left.remove(kept);
    }
    (!left.is_empty()).then_some(Problem::Added)
}

/// What the purchase orders with our marker mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AfterLookup {
    /// None: it certainly did not happen, send it again.
    NotThere,
    /// Exactly one that counts, after these drafts are deleted.
    Found { id: String, delete: Vec<String> },
    /// Several that are issued: a person must look, nothing is deleted.
    TooMany { ids: Vec<String> },
}

/// Judges what was found by the marker. Cancelled ones do not count, unless there is nothing else: then the purchase
/// order was made and cancelled by a person, and is not made again.
#[must_use]
pub fn after_lookup(found: &[PurchaseOrder]) -> AfterLookup {
    let mut live: Vec<&PurchaseOrder> = found.iter().filter(|order| order.state != PurchaseState::Cancelled).collect();
    live.sort_by(|a, b| crate::domain::name::natural_cmp(&a.id, &b.id));
    let issued: Vec<&PurchaseOrder> =
        live.iter().copied().filter(|order| order.state != PurchaseState::Draft).collect();
    match (issued.as_slice(), live.first(), found.first()) {
        ([], None, None) => AfterLookup::NotThere,
        ([], None, Some(cancelled)) => AfterLookup::Found { id: cancelled.id.clone(), delete: Vec::new() },
        ([], Some(keep), _) | ([keep], _, _) => {
            AfterLookup::Found { id: keep.id.clone(), delete: others(&live, &keep.id) }
        }
        (several, _, _) => AfterLookup::TooMany { ids: several.iter().map(|order| order.id.clone()).collect() },
    }
}

fn others(live: &[&PurchaseOrder], keep: &str) -> Vec<String> {
    live.iter().filter(|order| order.id != keep).map(|order| order.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(id: &str, state: PurchaseState) -> PurchaseOrder {
        PurchaseOrder {
            id: id.into(),
            number: id.into(),
            state,
            vendor: crate::domain::sales_document::Party { id: "V".into(), name: "V".into() },
            marker: Some("BO-X".into()),
            drop_ship: false,
            ship_to: None,
            currency: None,
            expected: None,
            url: None,
            lines: Vec::new(),
        }
    }

    use PurchaseState::{Cancelled, Confirmed, Draft};

    #[test]
    fn nothing_found_after_the_quarantine_may_be_sent_again() {
        assert_eq!(after_lookup(&[]), AfterLookup::NotThere);
    }

    #[test]
    fn what_never_arrives_is_sent_ever_more_rarely_and_then_put_before_a_person() {
        let waits: Vec<_> = (1..MOST_SENDS).map(|sends| send_again_after(sends).unwrap()).collect();
        assert!(waits.is_sorted() && waits[0] == Duration::from_secs(1), "{waits:?}");
        assert_eq!(send_again_after(MOST_SENDS), None);
    }

    #[test]
    fn of_several_drafts_the_lowest_is_kept_and_the_others_go() {
        let found = [order("PO-10", Draft), order("PO-9", Draft)];
        assert_eq!(after_lookup(&found), AfterLookup::Found { id: "PO-9".into(), delete: vec!["PO-10".into()] });
    }

    #[test]
    fn an_issued_one_wins_over_drafts_and_two_issued_ones_are_for_a_person() {
        let found = [order("PO-1", Draft), order("PO-2", Confirmed)];
        assert_eq!(after_lookup(&found), AfterLookup::Found { id: "PO-2".into(), delete: vec!["PO-1".into()] });
        let found = [order("PO-1", Confirmed), order("PO-2", Confirmed)];
        assert_eq!(after_lookup(&found), AfterLookup::TooMany { ids: vec!["PO-1".into(), "PO-2".into()] });
    }

    #[test]
    fn one_that_a_person_cancelled_is_not_made_again() {
        assert_eq!(
            after_lookup(&[order("PO-1", Cancelled)]),
            AfterLookup::Found { id: "PO-1".into(), delete: Vec::new() }
        );
    }
}
