//! One intent: send it, judge the answer, settle (trust.md section 3).
//!
//! Invariants: `sending` is committed before the first byte leaves; an outcome that is not known is left alone until
//! the host's own limit has passed, then looked up by the marker; a draft is confirmed only after the lookup showed
//! exactly one; whoever lost its lease writes nothing; nothing is
//! settled while a replan of the tenant reads.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use tokio_postgres::Transaction;

use super::access::OpenHost;
use super::replan::Ground;
use super::settle::{AfterLookup, AfterSend, after_lookup, after_send, may_call, must_look_first, rest_until};
use super::{WorkError, Worker, news, retry};
use crate::db::intent::{self, Claim, Move, StoredIntent};
use crate::db::{self, changed_document, mirror, snapshot};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::notice::{NoticeEvent, NoticePurchaseLine, NoticePurchaseOrder};
use crate::domain::purchase_order::{NewPurchaseOrder, PurchaseOrder, PurchaseOrderChange, PurchaseState};
use crate::host::{self, HostError};

/// What a lease must still have beyond the longest call, or nothing is sent on it.
const LEASE_MARGIN: Duration = Duration::from_secs(5);

/// What a step of an intent came to.
struct Outcome<'a> {
    to: &'static str,
    due_at: Option<Timestamp>,
    quarantine_until: Option<Timestamp>,
    error: Option<String>,
    /// The purchase order as the host has it, to be bound and mirrored.
    made: Option<&'a PurchaseOrder>,
    tell: Option<NoticeEvent>,
}

impl Outcome<'_> {
    fn to(state: &'static str) -> Self {
        Self { to: state, due_at: None, quarantine_until: None, error: None, made: None, tell: None }
    }

    fn due(self, at: Timestamp) -> Self {
        Self { due_at: Some(at), ..self }
    }

    fn error(self, error: impl Into<String>) -> Self {
        Self { error: Some(error.into()), ..self }
    }

    fn tell(self, event: NoticeEvent) -> Self {
        Self { tell: Some(event), ..self }
    }
}

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
            ("change", _) => self.change(claim, intent, &open).await,
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
        let outcome = Outcome::to(state_name(&intent.state))
            .due(self.next_attempt(claim.attempt, error))
            .error(error.to_string());
        let outcome = Outcome { quarantine_until: intent.quarantine_until, ..outcome };
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
        if old && !open.host.find_by_marker(&intent.marker).await?.is_empty() {
            // made before: what was found decides
            let outcome = Outcome::to("unknown").due(now);
            return self.settle(claim, intent, "planned", outcome).await;
        }
        if !may_call(self.clock.now(), self.host_timeout, LEASE_MARGIN, lease_until) {
            // the lease would not outlive the call: give it back untouched
            let outcome = Outcome::to("planned").due(self.clock.now());
            return self.settle(claim, intent, "planned", outcome).await;
        }
        let lease_until = self.start_sending(claim).await?;
        if !may_call(self.clock.now(), self.host_timeout, Duration::ZERO, lease_until) {
            // we were held up so long that somebody may take over while the call runs: nothing left, say so
            let outcome = Outcome::to("planned").due(self.clock.now());
            return self.settle(claim, intent, "sending", outcome).await;
        }
        let answer = open.host.create_purchase_order(&order).await;
        if let Err(error) = &answer
            && error.is_unauthorized()
        {
            self.token_refused(open).await?;
        }
        let now = self.clock.now();
        let quarantine = self.quarantine(open);
        let outcome = match after_send(&order, answer.as_ref(), quarantine) {
            AfterSend::Made => {
                let outcome = Outcome { made: answer.as_ref().ok(), ..Outcome::to("created") };
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
                made: answer.as_ref().ok().filter(|made| made.marker.as_deref() == Some(&intent.marker)),
                ..Outcome::to("needs_human").error(error).tell(NoticeEvent::OutcomeUnknown)
            },
        };
        self.settle(claim, intent, "sending", outcome).await
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
        let sent_at = intent.sent_at.unwrap_or(intent.created_at);
        let until = rest_until(sent_at, self.lease(), self.quarantine(open));
        let outcome = Outcome::to("unknown").due(until).error("the worker that sent it was stopped");
        self.settle(claim, intent, "sending", Outcome { quarantine_until: Some(until), ..outcome }).await
    }

    async fn look_up(&self, claim: &Claim, intent: &StoredIntent, open: &OpenHost) -> Result<(), WorkError> {
        let order = payload::<NewPurchaseOrder>(intent)?;
        let found = open.host.find_by_marker(&intent.marker).await?;
        let now = self.clock.now();
        let outcome = match after_lookup(&found) {
            AfterLookup::NotThere => Outcome::to("planned").due(now),
            AfterLookup::TooMany { ids } => Outcome::to("needs_human")
                .error(format!("several purchase orders carry the mark {}: {}", intent.marker, ids.join(", ")))
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
                let outcome = Outcome { made, ..outcome };
                if confirm { outcome.due(now) } else { outcome }
            }
        };
        self.settle(claim, intent, "unknown", outcome).await
    }

    /// Issues the draft, after the lookup showed that it is the only one.
    async fn confirm(&self, claim: &Claim, intent: &StoredIntent, open: &OpenHost) -> Result<(), WorkError> {
        let found = open.host.find_by_marker(&intent.marker).await?;
        let outcome = match after_lookup(&found) {
            AfterLookup::NotThere => return self.missing(claim, intent, open).await,
            AfterLookup::TooMany { ids } => Outcome::to("needs_human")
                .error(format!("several purchase orders carry the mark {}: {}", intent.marker, ids.join(", ")))
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
                        let outcome = Outcome { made: Some(&issued), ..Outcome::to("confirmed") };
                        // one that a person cancelled is an exception of the plan, not news of a purchase
                        let outcome = if issued.state == PurchaseState::Cancelled {
                            outcome
                        } else {
                            outcome.tell(NoticeEvent::PurchaseOrderMade)
                        };
                        return self.settle(claim, intent, "created", outcome).await;
                    }
                    Err(HostError::Rejected { code, detail }) => Outcome::to("needs_human")
                        .error(format!("{detail} ({code})"))
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
            let lagging = HostError::Unknown { detail: "the host does not list its purchase order yet".to_owned() };
            return self.put_back(claim, intent, &lagging.into()).await;
        }
        if let Some(id) = &intent.purchase_order {
            let mut client = self.pool.get().await?;
            let tx = client.transaction().await?;
            db::enter_tenant(&tx, claim.tenant).await?;
            mirror::forget_purchase_order(&tx, claim.tenant, id, read_at).await?;
            tx.commit().await?;
        }
        let outcome = Outcome::to("confirmed").error("the purchase order was deleted before it was issued");
        self.settle(claim, intent, "created", outcome).await
    }

    /// Changes a draft of ours. It says what the lines must be, so doing it twice is harmless.
    async fn change(&self, claim: &Claim, intent: &StoredIntent, open: &OpenHost) -> Result<(), WorkError> {
        let change = payload::<PurchaseOrderChange>(intent)?;
        let from = state_name(&intent.state);
        let outcome = match open.host.change_purchase_order(&change).await {
            Ok(()) => Outcome::to("confirmed"),
            Err(HostError::Rejected { code, detail }) => Outcome::to("rejected").error(format!("{detail} ({code})")),
            Err(error) => return Err(error.into()),
        };
        let after = open.host.read_purchase_order(&change.id).await?;
        let outcome = Outcome { made: after.as_ref().map(|read| &read.value), ..outcome };
        self.settle(claim, intent, from, outcome).await
    }

    /// Writes what a step came to: state, mirror, what must be planned again, what must be told; one commit. Never
    /// while a replan reads: a purchase order that passes from the intents to the mirror between two of its queries
    /// would be in neither, and be bought again.
    async fn settle(
        &self,
        claim: &Claim,
        intent: &StoredIntent,
        from: &str,
        outcome: Outcome<'_>,
    ) -> Result<(), WorkError> {
        let now = self.clock.now();
        let tenant = claim.tenant;
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        db::settings::load(&tx, tenant, true).await?;
        db::follow(&tx, super::trace().as_deref()).await?;
        let next = Move {
            from,
            to: outcome.to,
            due_at: outcome.due_at,
            sent_at: None,
            quarantine_until: outcome.quarantine_until,
            error: outcome.error.as_deref(),
            lease_until: None,
        };
        intent::move_on(&tx, claim, &next, now).await?;
        if let Some(made) = outcome.made {
            let fingerprint = host::fingerprint(made);
            mirror::put_purchase_order(&tx, tenant, made, &fingerprint, now).await?;
            let binds = if intent.action == "create" {
                Some(claim.id)
            } else {
                intent::maker_of(&tx, tenant, &made.id).await?
            };
            if let Some(maker) = binds {
                intent::bind(&tx, tenant, maker, made, &fingerprint).await?;
            }
        }
        if from != outcome.to {
            self.announce(&tx, claim, intent, &outcome).await?;
        }
        tx.commit().await?;
        self.wake.now();
        Ok(())
    }

    /// A state that is new: the audit, the documents to plan again, the news.
    async fn announce(
        &self,
        tx: &Transaction<'_>,
        claim: &Claim,
        intent: &StoredIntent,
        outcome: &Outcome<'_>,
    ) -> Result<(), WorkError> {
        let tenant = claim.tenant;
        let number = outcome.made.map(|made| made.number.clone()).or_else(|| intent.purchase_order_number.clone());
        let details = json!({
            "state": outcome.to, "action": intent.action, "purchase_order": number, "error": outcome.error,
            "marker": intent.marker,
        });
        self.audit(tx, tenant, "purchase_order", Some(&intent.document), details).await?;
        metrics::counter!("backorders_intents_total", "state" => outcome.to).increment(1);
        if intent.action == "create" && outcome.to == "created" {
            metrics::counter!("backorders_po_created_total").increment(1);
        }
        if matches!(outcome.to, "created" | "confirmed" | "rejected" | "needs_human") {
            let mut documents = intent::documents_of(tx, tenant, claim.id).await?;
            documents.push(intent.document.clone());
            documents.extend(outcome.made.map(|made| DocumentRef::new(DocumentKind::PurchaseOrder, made.id.clone())));
            let changed: Vec<_> = documents.into_iter().map(|document| (tenant, document)).collect();
            changed_document::mark(tx, &changed, self.clock.now(), None).await?;
        }
        if let Some(event) = outcome.tell
            && intent.action == "create"
        {
            self.tell_of_order(tx, claim, intent, event, outcome, number).await?;
        }
        Ok(())
    }

    async fn tell_of_order(
        &self,
        tx: &Transaction<'_>,
        claim: &Claim,
        intent: &StoredIntent,
        event: NoticeEvent,
        outcome: &Outcome<'_>,
        number: Option<String>,
    ) -> Result<(), WorkError> {
        let order = payload::<NewPurchaseOrder>(intent)?;
        let stored = db::settings::load(tx, claim.tenant, false).await?;
        let documents = snapshot::documents(tx, claim.tenant, std::slice::from_ref(&intent.document)).await?;
        let ids: Vec<String> = order.lines.iter().map(|line| line.item.clone()).collect();
        let items = db::items::load(tx, claim.tenant, &ids).await?.items;
        let item = |id: &str| items.iter().find(|item| item.id == id);
        let ground = Ground {
            tenant: claim.tenant,
            settings: &stored.settings,
            company: &stored.company,
            base_currency: stored.base_currency.as_deref(),
            today: order.date,
            now: self.clock.now(),
            items: Vec::new(),
            zone: super::replan::zone(&stored.time_zone),
        };
        let about = NoticePurchaseOrder {
            number,
            vendor: order.vendor.name.clone(),
            total: order.lines.iter().map(|line| line.unit_price.map(|price| price * line.quantity)).sum(),
            currency: order.currency.clone(),
            expected: order.expected,
            ship_to: order.ship_to.as_ref().map(crate::domain::sales_document::Address::one_line),
            url: outcome.made.and_then(|made| made.url.clone()),
            lines: order
                .lines
                .iter()
                .map(|line| NoticePurchaseLine {
                    sku: item(&line.item).map_or_else(|| line.item.clone(), |item| item.sku.clone()),
                    name: item(&line.item).map_or_else(|| line.description.clone(), |item| item.name.clone()),
                    quantity: line.quantity,
                    unit: line.unit.clone().unwrap_or_default(),
                    price: line.unit_price,
                    why: line.why.clone(),
                })
                .collect(),
        };
        let key = format!("{}|{}", event.as_str(), claim.id);
        let news = news::about_purchase_order(&ground, event, documents.first(), about, key, outcome.error.clone());
        self.address(tx, &ground, &news).await.map(drop)
    }

    fn quarantine(&self, open: &OpenHost) -> Duration {
        let capabilities = open.host.capabilities();
        if capabilities.create_is_unique { Duration::ZERO } else { self.unknown_quarantine }
    }
}

fn payload<T: serde::de::DeserializeOwned>(intent: &StoredIntent) -> Result<T, WorkError> {
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
