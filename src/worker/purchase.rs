//! One intent: send it, judge the answer, settle (trust.md section 3).
//!
//! Invariants: `sending` is committed before the first byte leaves; an outcome that is not known is left alone until
//! the host's own limit has passed, then looked up by the marker; a draft is confirmed only after the lookup showed
//! exactly one; whoever lost its lease writes nothing.

use std::time::Duration;

use jiff::Timestamp;

use super::access::OpenHost;
use super::outcome::{Made, Outcome};
use super::settle::{
    AfterLookup, AfterSend, after_lookup, after_send, may_call, must_look_first, rest_until, send_again_after,
};
use super::{WorkError, Worker, retry};
use crate::db::intent::{self, Claim, Move, StoredIntent};
use crate::db::{self, mirror};
use crate::domain::ids::TenantId;
use crate::domain::notice::NoticeEvent;
use crate::domain::problem::Problem;
use crate::domain::purchase_order::{NewPurchaseOrder, PurchaseOrder, PurchaseState};
use crate::host::HostError;

/// What a lease must still have beyond the longest call, or nothing is sent on it.
pub(super) const LEASE_MARGIN: Duration = Duration::from_secs(5);
/// What an older intent is for must have been read within this, or it is read again before it is sent.
const READ_LATELY: Duration = Duration::from_secs(120);
/// Between two looks whether it has been.
const LONGEST_READING: Duration = Duration::from_secs(60);
/// What was sent, and of which nobody knows for so long what became of it, is told of.
const TELL_AFTER: Duration = Duration::from_secs(3600);

impl Worker {
    /// Takes a claimed intent one step further. `lease_until` is when another worker may take it over.
    pub(super) async fn advance(&self, claim: &Claim, lease_until: Timestamp) -> Result<(), WorkError> {
        let Some(intent) = self.intent(claim).await? else { return Ok(()) };
        super::traced(intent.traceparent.clone(), self.step(claim, &intent, lease_until)).await
    }

    async fn step(&self, claim: &Claim, intent: &StoredIntent, lease_until: Timestamp) -> Result<(), WorkError> {
        let open = match self.open_host(claim.tenant).await {
            Ok(open) => open,
            Err(error) => return self.put_back(claim, intent, &error).await,
        };
        let step = match (intent.action.as_str(), intent.state.as_str()) {
            ("create", "planned") => self.send(claim, intent, &open, lease_until).await,
            ("create", "sending") => self.recover(claim, intent, &open).await,
            ("create", "unknown") => self.look_up(claim, intent, &open).await,
            ("create", "created") => self.confirm(claim, intent, &open).await,
            ("change", _) => Box::pin(self.change(claim, intent, &open, lease_until)).await,
            _ => Ok(()),
        };
        match step {
            Err(error @ (WorkError::Host(_) | WorkError::NotConnected(_))) => {
                if matches!(&error, WorkError::Host(error) if error.is_unauthorized()) {
                    self.token_refused(&open).await?;
                }
                self.put_back(claim, intent, &error).await
            }
            other => other,
        }
    }

    async fn intent(&self, claim: &Claim) -> Result<Option<StoredIntent>, WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        let intent = intent::find(&tx, claim.tenant, claim.id).await?;
        tx.commit().await?;
        Ok(intent)
    }

    /// Leaves the intent as it is, to be tried again.
    async fn put_back(&self, claim: &Claim, intent: &StoredIntent, error: &WorkError) -> Result<(), WorkError> {
        let outcome =
            Outcome::to(state_name(&intent.state)).due(self.next_attempt(claim.attempt, error)).error(error.problem());
        let outcome = Outcome { quarantine_until: intent.quarantine_until, ..outcome };
        // told once: the notice's key is the intent
        let long = intent.sends > 0 && intent.created_at <= retry::before(self.clock.now(), TELL_AFTER);
        let outcome = if long { outcome.tell(NoticeEvent::OutcomeUnknown) } else { outcome };
        self.settle(claim, intent, state_name(&intent.state), outcome).await
    }

    async fn send(
        &self,
        claim: &Claim,
        intent: &StoredIntent,
        open: &OpenHost,
        lease_until: Timestamp,
    ) -> Result<(), WorkError> {
        let order = payload::<NewPurchaseOrder>(intent)?;
        let now = self.clock.now();
        let old = must_look_first(intent.created_at, now);
        if old && self.read_again(claim, now).await? {
            // what it is for may have changed while the company was paused or the host away: what is planned then decides
            let wait = retry::delay(claim.attempt, None, 0).min(LONGEST_READING);
            let outcome = Outcome::to("planned").due(retry::after(now, wait));
            let outcome = outcome.error(Problem::ReadAgain);
            return self.settle(claim, intent, "planned", outcome).await;
        }
        if old && !open.host.find_by_marker(&intent.marker).await?.is_empty() {
            // made before: what was found decides
            let outcome = Outcome::to("unknown").due(now);
            return self.settle(claim, intent, "planned", outcome).await;
        }
        if !may_call(self.clock.now(), self.settings.host_timeout, LEASE_MARGIN, lease_until) {
            // the lease would not outlive the call: give it back untouched
            let outcome = Outcome::to("planned").due(self.clock.now());
            return self.settle(claim, intent, "planned", outcome).await;
        }
        let lease_until = self.start_sending(claim).await?;
        if !may_call(self.clock.now(), self.settings.host_timeout, Duration::ZERO, lease_until) {
            // we were held up so long that somebody may take over while the call runs: nothing left, say so
            let outcome = Outcome::to("planned").due(self.clock.now());
            return self.settle(claim, intent, "sending", outcome).await;
        }
        let read_at = self.clock.now();
        let answer = open.host.create_purchase_order(&order).await;
        if let Err(error) = &answer
            && error.is_unauthorized()
        {
            self.token_refused(open).await?;
        }
        let now = self.clock.now();
        let quarantine = self.quarantine(open, &order);
        let outcome = match after_send(&order, answer.as_ref(), quarantine) {
            AfterSend::Made => {
                let made = answer.as_ref().ok().map(|order| Made { order, read_at });
                let outcome = Outcome { made, ..Outcome::to("created") };
                if intent.issue { outcome.due(now) } else { outcome }
            }
            AfterSend::SendAgain { error, wait } => {
                Outcome::to("planned").due(retry::after(now, retry::delay(claim.attempt, wait, 0))).error(error)
            }
            AfterSend::Refused { error } => {
                Outcome::to("rejected").error(error).tell(NoticeEvent::PurchaseOrderRefused)
            }
            AfterSend::LookLater { error, quarantine } => {
                let until = retry::after(now, quarantine);
                Outcome { quarantine_until: Some(until), ..Outcome::to("unknown").due(until).error(error) }
            }
            AfterSend::NotWhatWasAsked { error } => Outcome {
                made: answer
                    .as_ref()
                    .ok()
                    .filter(|made| made.marker.as_deref() == Some(&intent.marker))
                    .map(|order| Made { order, read_at }),
                ..Outcome::to("needs_human").error(error).tell(NoticeEvent::OutcomeUnknown)
            },
        };
        self.settle(claim, intent, "sending", outcome).await
    }

    /// Whether documents that this is for must be read again before it is sent; they are marked.
    async fn read_again(&self, claim: &Claim, now: Timestamp) -> Result<bool, WorkError> {
        let since = retry::before(now, READ_LATELY);
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        let again = intent::read_again(&tx, claim.tenant, claim.id, since, now).await?;
        tx.commit().await?;
        if again {
            self.wake.now();
        }
        Ok(again)
    }

    /// Commits `sending` with a whole lease from now on; gives its end.
    async fn start_sending(&self, claim: &Claim) -> Result<Timestamp, WorkError> {
        let now = self.clock.now();
        let until = retry::after(now, self.lease());
        let next = Move {
            from: "planned",
            to: "sending",
            due_at: Some(now),
            sent_at: Some(now),
            quarantine_until: None,
            error: None,
            lease_until: Some(until),
        };
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        intent::move_on(&tx, claim, &next, now).await?;
        tx.commit().await?;
        Ok(until)
    }

    /// A worker died while it was sending: the outcome is not known.
    async fn recover(&self, claim: &Claim, intent: &StoredIntent, open: &OpenHost) -> Result<(), WorkError> {
        let order = payload::<NewPurchaseOrder>(intent)?;
        let sent_at = intent.sent_at.unwrap_or(intent.created_at);
        let until = rest_until(sent_at, self.lease(), self.quarantine(open, &order));
        let outcome = Outcome::to("unknown").due(until).error(Problem::Stopped);
        self.settle(claim, intent, "sending", Outcome { quarantine_until: Some(until), ..outcome }).await
    }

    async fn look_up(&self, claim: &Claim, intent: &StoredIntent, open: &OpenHost) -> Result<(), WorkError> {
        let order = payload::<NewPurchaseOrder>(intent)?;
        let read_at = self.clock.now();
        let found = ours(intent, open).await?;
        let now = self.clock.now();
        let outcome = match after_lookup(&found) {
            AfterLookup::NotThere if intent.purchase_order.is_some() => return self.missing(claim, intent, open).await,
            // it was sent, and did not arrive
            AfterLookup::NotThere if intent.sent_at.is_some() => match send_again_after(intent.sends) {
                Some(wait) => Outcome::to("planned").due(retry::after(now, wait)),
                None => Outcome::to("needs_human")
                    .error(Problem::SentOften { times: intent.sends })
                    .tell(NoticeEvent::PurchaseOrderRefused),
            },
            // a person had it looked for, or it was deleted before it could be bound: what is short now is planned
            AfterLookup::NotThere => Outcome::to("cancelled").error(Problem::NotThere),
            AfterLookup::TooMany { ids } => Outcome::to("needs_human")
                .error(Problem::Several { marker: intent.marker.clone(), orders: ids.join(", ") })
                .tell(NoticeEvent::OutcomeUnknown),
            AfterLookup::Found { id, delete } => {
                for draft in &delete {
                    open.host.delete_draft(draft).await?;
                }
                let made = found.iter().find(|order| order.id == id);
                let outcome = match made.and_then(|made| super::settle::difference(&order, made)) {
                    Some(error) if made.is_some_and(|made| made.state == PurchaseState::Draft) => {
                        Outcome::to("needs_human").error(error).tell(NoticeEvent::OutcomeUnknown)
                    }
                    _ => Outcome::to("created"),
                };
                let confirm = intent.issue && outcome.to == "created";
                let outcome = Outcome { made: made.map(|order| Made { order, read_at }), ..outcome };
                if confirm { outcome.due(now) } else { outcome }
            }
        };
        self.settle(claim, intent, "unknown", outcome).await
    }

    /// Issues the draft, after the lookup showed that it is the only one.
    async fn confirm(&self, claim: &Claim, intent: &StoredIntent, open: &OpenHost) -> Result<(), WorkError> {
        let read_at = self.clock.now();
        let found = ours(intent, open).await?;
        let outcome = match after_lookup(&found) {
            AfterLookup::NotThere => return self.missing(claim, intent, open).await,
            AfterLookup::TooMany { ids } => Outcome::to("needs_human")
                .error(Problem::Several { marker: intent.marker.clone(), orders: ids.join(", ") })
                .tell(NoticeEvent::OutcomeUnknown),
            AfterLookup::Found { id, delete } => {
                for draft in &delete {
                    open.host.delete_draft(draft).await?;
                }
                let issued = match found.iter().find(|order| order.id == id) {
                    Some(draft) if draft.state == PurchaseState::Draft => open.host.confirm_purchase_order(&id).await,
                    Some(done) => Ok(done.clone()),
                    None => return Ok(()),
                };
                match issued {
                    Ok(issued) => {
                        let made = Some(Made { order: &issued, read_at });
                        let outcome = Outcome { made, ..Outcome::to("confirmed") };
                        // one that a person cancelled is an exception of the plan, not news of a purchase
                        let outcome = if issued.state == PurchaseState::Cancelled {
                            outcome
                        } else {
                            outcome.tell(NoticeEvent::PurchaseOrderMade)
                        };
                        return self.settle(claim, intent, "created", outcome).await;
                    }
                    Err(HostError::Rejected { code, detail }) => Outcome::to("needs_human")
                        .error(Problem::Said(format!("{detail} ({code})")))
                        .tell(NoticeEvent::PurchaseOrderRefused),
                    // confirming twice is harmless: try again
                    Err(error) => return Err(error.into()),
                }
            }
        };
        self.settle(claim, intent, "created", outcome).await
    }

    /// A draft that we made is not found by its mark: the host's list lags, or a person deleted the draft. What was
    /// deleted is not made again; the plan tells of it as of a cancelled one.
    async fn missing(&self, claim: &Claim, intent: &StoredIntent, open: &OpenHost) -> Result<(), WorkError> {
        let read_at = self.clock.now();
        let read = match &intent.purchase_order {
            Some(id) => open.host.read_purchase_order(id).await?,
            None => None,
        };
        if read.is_some() {
            return self.put_back(claim, intent, &WorkError::NotListed).await;
        }
        if let Some(id) = &intent.purchase_order {
            self.forget_order(claim.tenant, id, read_at).await?;
        }
        let outcome = Outcome::to("confirmed").error(Problem::Deleted);
        self.settle(claim, intent, state_name(&intent.state), outcome).await
    }

    /// A purchase order that the host no longer had at `read_at`.
    pub(super) async fn forget_order(&self, tenant: TenantId, id: &str, read_at: Timestamp) -> Result<(), WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        mirror::forget_purchase_order(&tx, tenant, id, read_at).await?;
        tx.commit().await?;
        Ok(())
    }

    /// How long a write whose outcome is not known may still be at work. A drop shipment rests also where the host makes each
    /// purchase order once: it is more than one write there.
    fn quarantine(&self, open: &OpenHost, order: &NewPurchaseOrder) -> Duration {
        let once = open.host.capabilities().create_is_unique && !order.is_drop_ship();
        if once { Duration::ZERO } else { self.settings.unknown_quarantine }
    }
}

/// The purchase orders that are this intent's: those with its mark, and the one that it was bound to if somebody has written
/// over its mark since.
async fn ours(intent: &StoredIntent, open: &OpenHost) -> Result<Vec<PurchaseOrder>, WorkError> {
    let mut found = open.host.find_by_marker(&intent.marker).await?;
    let Some(bound) = &intent.purchase_order else { return Ok(found) };
    if found.iter().all(|order| order.id != *bound)
        && let Some(read) = open.host.read_purchase_order(bound).await?
        && read.value.marker.as_deref() != Some(&intent.marker)
    {
        found.push(read.value);
    }
    Ok(found)
}

pub(super) fn payload<T: serde::de::DeserializeOwned>(intent: &StoredIntent) -> Result<T, WorkError> {
    serde_json::from_value(intent.payload.clone()).map_err(|error| WorkError::Stored(error.to_string()))
}

/// The stored state as the static name that a move takes.
fn state_name(state: &str) -> &'static str {
    match state {
        "planned" => "planned",
        "sending" => "sending",
        "unknown" => "unknown",
        "created" => "created",
        _ => "needs_human",
    }
}
