//! What a step of an intent came to, written down and told.
//!
//! Invariants: one commit, by the worker that holds the lease; nothing is settled while a replan of the tenant reads; a
//! purchase order that others read later is not put back to what it was.

use jiff::Timestamp;
use serde_json::json;
use tokio_postgres::Transaction;

use super::change::Before;
use super::purchase::payload;
use super::replan::Ground;
use super::{WorkError, Worker, news};
use crate::db::intent::{self, Claim, Move, StoredIntent};
use crate::db::{self, change, changed_document, mirror, snapshot};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::notice::{NoticeEvent, NoticePurchaseLine, NoticePurchaseOrder};
use crate::domain::problem::Problem;
use crate::domain::purchase_order::{NewPurchaseOrder, PurchaseOrder, PurchaseOrderChange};
use crate::domain::remark::Remark;
use crate::host;

/// No purchase order has this fingerprint.
const NOT_OURS: &str = "changed by others";
/// A purchase order as the host has it. It was read after `read_at`: what others read later is newer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Made<'a> {
    pub(super) order: &'a PurchaseOrder,
    pub(super) read_at: Timestamp,
}

/// What a step of an intent came to.
pub(super) struct Outcome<'a> {
    pub(super) to: &'static str,
    pub(super) due_at: Option<Timestamp>,
    pub(super) quarantine_until: Option<Timestamp>,
    pub(super) error: Option<Problem>,
    /// To be bound and mirrored.
    pub(super) made: Option<Made<'a>>,
    /// Of a change that is not made: lines whose pegs go back.
    pub(super) undo: Option<Vec<Before>>,
    pub(super) tell: Option<NoticeEvent>,
}

impl Outcome<'_> {
    pub(super) fn to(state: &'static str) -> Self {
        Self { to: state, due_at: None, quarantine_until: None, error: None, made: None, undo: None, tell: None }
    }

    pub(super) fn due(self, at: Timestamp) -> Self {
        Self { due_at: Some(at), ..self }
    }

    pub(super) fn error(self, error: Problem) -> Self {
        Self { error: Some(error), ..self }
    }

    pub(super) fn tell(self, event: NoticeEvent) -> Self {
        Self { tell: Some(event), ..self }
    }

    /// What people call the purchase order, where there is one.
    fn number(&self, intent: &StoredIntent) -> Option<String> {
        self.made.map(|made| made.order.number.clone()).or_else(|| intent.purchase_order_number.clone())
    }
}

impl Worker {
    /// Writes what a step came to: state, mirror, what must be planned again, what must be told; one commit. Never
    /// while a replan reads: a purchase order that passes from the intents to the mirror between two of its queries
    /// would be in neither, and be bought again.
    pub(super) async fn settle(
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
        let error = outcome.error.as_ref().map(Problem::kept);
        let next = Move {
            from,
            to: outcome.to,
            due_at: outcome.due_at,
            sent_at: None,
            quarantine_until: outcome.quarantine_until,
            error: error.as_deref(),
            lease_until: None,
        };
        intent::move_on(&tx, claim, &next, now).await?;
        if let Some(Made { order, read_at }) = outcome.made {
            let fingerprint = host::fingerprint(order);
            mirror::put_purchase_order(&tx, tenant, order, &fingerprint, read_at).await?;
            let binds = if intent.action == "create" {
                Some(claim.id)
            } else {
                intent::maker_of(&tx, tenant, &order.id).await?
            };
            if let Some(maker) = binds {
                // what we could not change is no longer an untouched draft of ours
                let made_by_us = if outcome.undo.is_some() { NOT_OURS } else { &fingerprint };
                intent::bind(&tx, tenant, maker, order, made_by_us).await?;
            }
        }
        if let Some(id) = &intent.purchase_order {
            for before in outcome.undo.iter().flatten() {
                change::replace_pegs(&tx, tenant, id, &before.line, &before.pegs).await?;
            }
        }
        if from != outcome.to {
            self.announce(&tx, claim, intent, &outcome).await?;
        }
        Box::pin(self.tell_of_order(&tx, claim, intent, &outcome)).await?;
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
        let details = json!({
            "state": outcome.to, "action": intent.action, "purchase_order": outcome.number(intent),
            "error": outcome.error, "marker": intent.marker,
        });
        self.audit(tx, tenant, "purchase_order", Some(&intent.document), details).await?;
        metrics::counter!("backorders_intents_total", "state" => outcome.to).increment(1);
        if intent.action == "create" && outcome.to == "created" {
            metrics::counter!("backorders_po_created_total").increment(1);
            let took = self.clock.now().duration_since(intent.created_at).as_secs_f64();
            metrics::histogram!("backorders_plan_to_po_seconds").record(took);
        }
        // One that is issued next is planned again when that is done: until then it counts as an intent.
        let is_over = match outcome.to {
            "created" => !intent.issue,
            to => matches!(to, "confirmed" | "rejected" | "needs_human" | "cancelled"),
        };
        if is_over {
            let mut documents = intent::documents_of(tx, tenant, claim.id).await?;
            documents.push(intent.document.clone());
            documents
                .extend(outcome.made.map(|made| DocumentRef::new(DocumentKind::PurchaseOrder, made.order.id.clone())));
            let changed: Vec<_> = documents.into_iter().map(|document| (tenant, document)).collect();
            changed_document::mark(tx, &changed, self.clock.now(), None).await?;
        }
        Ok(())
    }

    /// The news that a step brings.
    async fn tell_of_order(
        &self,
        tx: &Transaction<'_>,
        claim: &Claim,
        intent: &StoredIntent,
        outcome: &Outcome<'_>,
    ) -> Result<(), WorkError> {
        let Some(event) = outcome.tell else { return Ok(()) };
        if intent.action != "create" {
            return self.tell_of_change(tx, claim, intent, event, outcome).await;
        }
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
            number: outcome.number(intent),
            vendor: order.vendor.name.clone(),
            total: order.lines.iter().map(|line| line.unit_price.map(|price| price * line.quantity)).sum(),
            currency: order.currency.clone(),
            expected: order.expected,
            ship_to: order.ship_to.as_ref().map(crate::domain::sales_document::Address::one_line),
            url: outcome.made.and_then(|made| made.order.url.clone()),
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
        let news = news::about_purchase_order(
            &ground,
            event,
            documents.first(),
            (&order.vendor.id, &ids.iter().map(String::as_str).collect::<Vec<_>>()),
            about,
            key,
            outcome.error.clone().map(Remark::of),
        );
        self.address(tx, &ground, &news).await.map(drop)
    }

    /// A change that a person decided and the host did not take: it is theirs to decide again.
    async fn tell_of_change(
        &self,
        tx: &Transaction<'_>,
        claim: &Claim,
        intent: &StoredIntent,
        event: NoticeEvent,
        outcome: &Outcome<'_>,
    ) -> Result<(), WorkError> {
        let change = payload::<PurchaseOrderChange>(intent)?;
        let lines: Vec<&str> = change.lines.iter().map(|line| line.line.as_str()).collect();
        change::ask_again(tx, claim.tenant, &change.id, &lines).await?;
        let Some(head) = change::head(tx, claim.tenant, &change.id).await? else { return Ok(()) };
        let stored = db::settings::load(tx, claim.tenant, false).await?;
        let ground = Ground::outside_a_plan(claim.tenant, &stored, self.clock.now());
        let about = NoticePurchaseOrder {
            number: Some(head.number),
            vendor: head.vendor.name,
            total: None,
            currency: None,
            expected: None,
            ship_to: None,
            url: head.url,
            lines: Vec::new(),
        };
        let key = format!("change_refused|{}", claim.id);
        let news = news::about_purchase_order(
            &ground,
            event,
            None,
            (&head.vendor.id, &[]),
            about,
            key,
            outcome.error.clone().map(Remark::of),
        );
        self.address(tx, &ground, &news).await.map(drop)
    }
}
