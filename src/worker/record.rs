//! What a plan found is recorded: allocations, states, and what must be told because of them.
//!
//! Invariants: written in the replan's own commit; a state is judged by all recorded demands of a document, also of
//! those items that were not planned just now; each piece of news has a key, so that it is told once.

use std::collections::{BTreeSet, HashMap};

use rust_decimal::Decimal;
use serde_json::json;
use tokio_postgres::Transaction;

use super::causes::Causes;
use super::replan::{Decided, Ground};
use super::snapshot::Assembled;
use super::{WorkError, Worker, marks, news};
use crate::db::backorder::{self, Allocation, Backorder};
use crate::db::snapshot::NotBoughtRow;
use crate::db::{intent, listing, proposal, snapshot};
use crate::domain::backorder::{BackorderState, Cover, Episode, Recorded, Shipping, Standing, Step, standing, step};
use crate::domain::ids::DocumentRef;
use crate::domain::plan::Plan;
use crate::domain::policy::ShipPolicy;
use crate::domain::quantity::Quantity;
use crate::domain::sales_document::{DocumentStatus, SalesDocument};
use crate::domain::scope::Concerns;
use crate::domain::settings::{Mode, Settings};

/// A demand's key.
pub(super) type DemandKey = (DocumentRef, String, String);

impl Worker {
    /// Records a plan and everything that follows from it.
    pub(super) async fn record(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        assembled: &Assembled,
        plan: &Plan,
        decided: &Decided,
        read: &[DocumentRef],
    ) -> Result<(), WorkError> {
        let tenant = ground.tenant;
        let mut documents: BTreeSet<DocumentRef> =
            backorder::documents_with(tx, tenant, &ground.items).await?.into_iter().collect();
        documents.extend(
            plan.lines.iter().filter_map(|line| assembled.document(&line.order)).map(|found| found.reference.clone()),
        );
        // also one that stock covered from the start, or that was delivered before it was first seen
        documents.extend(read.iter().filter(|document| document.kind.is_sales()).cloned());
        let documents: Vec<DocumentRef> = documents.into_iter().collect();
        let before: HashMap<DemandKey, Episode> = backorder::allocations(tx, tenant, &documents)
            .await?
            .into_iter()
            .map(|row| {
                let episode = Episode { number: row.episode, running: row.in_episode, asked: row.asked };
                ((DocumentRef::new(row.kind, row.document_id), row.line_id, row.component), episode)
            })
            .collect();
        let asking = asking(decided);
        let mut newly_asked: BTreeSet<DemandKey> = BTreeSet::new();
        let causes = Causes::of(assembled, plan, decided);
        let mut rows = allocations(assembled, plan, &before, &asking, &causes, &mut newly_asked);
        rows.sort_by(|a, b| {
            (&a.document_id, &a.line_id, &a.component).cmp(&(&b.document_id, &b.line_id, &b.component))
        });
        backorder::record(tx, tenant, &ground.items, &rows, ground.now).await?;

        let changed = self.record_states(tx, ground, &documents).await?;
        let facts = news::Facts { ground, assembled, plan, decided, newly_asked: &newly_asked, changed: &changed };
        self.tell(tx, &facts).await?;
        self.tell_customers(tx, &facts).await
    }

    /// Brings each document's backorder to its new state; gives what changed.
    async fn record_states(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        documents: &[DocumentRef],
    ) -> Result<Vec<Changed>, WorkError> {
        let tenant = ground.tenant;
        let mut whole = snapshot::documents(tx, tenant, documents).await?;
        for document in &mut whole {
            ground.settings.leave_out(document);
        }
        let recorded: HashMap<DocumentRef, Backorder> = backorder::of_documents(tx, tenant, documents)
            .await?
            .into_iter()
            .map(|row| (row.document.clone(), row))
            .collect();
        let asked = proposal::asked_for(tx, tenant, documents).await?;
        let mut covers: HashMap<DocumentRef, Vec<Allocation>> = HashMap::new();
        let allocations = backorder::allocations(tx, tenant, documents).await?;
        let left_out = allocations.iter().any(|row| row.not_bought > Decimal::ZERO);
        let not_bought =
            if left_out { snapshot::not_bought_of(tx, tenant, documents, ground.now).await? } else { Vec::new() };
        self.record_lines(tx, ground, &whole, &allocations).await?;
        for row in allocations {
            covers.entry(DocumentRef::new(row.kind, row.document_id.clone())).or_default().push(row);
        }
        let orders = intent::purchase_orders_for(tx, tenant, documents).await?;
        let (mut changed, mut shown) = (Vec::new(), Vec::new());
        for document in whole {
            let of_document = covers.remove(&document.reference).unwrap_or_default().into_iter().map(|row| {
                let key = (document.reference.clone(), row.line_id.clone(), row.component.clone());
                let asked = asked.get(&key).copied().unwrap_or_default();
                (cover(&row, asked, shipping(ground.settings, &document, &row)), row)
            });
            let of_document: Vec<(Cover, Allocation)> = of_document.collect();
            let before = recorded.get(&document.reference);
            let reason = reason(&document.reference, &not_bought);
            let Some((after, step)) = judge(ground, &document, &of_document, before, reason) else { continue };
            if before.is_none_or(|before| differs(before, &after)) {
                backorder::put(tx, tenant, &after).await?;
            }
            if before.is_none_or(|before| before.state != after.state) {
                let details = json!({ "state": after.state.as_str(), "promise": after.promise });
                self.audit(tx, tenant, "state_changed", Some(&document.reference), details).await?;
            }
            let ours: Vec<_> = orders.iter().filter(|order| order.document == document.reference).collect();
            if ground.settings.mode != Mode::Watch || before.is_some_and(|_| document.backorder_flag) {
                let mark = marks::wanted(&document, &after, &ours, &ground.settings.alerts);
                shown.push((document.reference.clone(), mark));
            }
            changed.push(Changed {
                before: before.cloned(),
                after,
                step,
                covers: of_document.into_iter().map(|(_, row)| row).collect(),
                document,
            });
        }
        crate::db::notice::want_marks(tx, tenant, &shown, ground.now).await?;
        let backorders: Vec<&SalesDocument> = changed.iter().map(|changed: &Changed| &changed.document).collect();
        self.record_values(tx, ground, &backorders).await?;
        let listed: Vec<DocumentRef> = backorders.iter().map(|document| document.reference.clone()).collect();
        listing::refresh(tx, tenant, &listed).await?;
        listing::refresh_items(tx, tenant, &ground.items).await?;
        Ok(changed)
    }
}

/// A document that is or was a backorder, before and after.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) document: SalesDocument,
    pub(super) before: Option<Backorder>,
    pub(super) after: Backorder,
    pub(super) step: Step,
    pub(super) covers: Vec<Allocation>,
}

fn differs(before: &Backorder, after: &Backorder) -> bool {
    before.state != after.state
        || before.promise != after.promise
        || before.episode != after.episode
        || before.late_told != after.late_told
        || before.reason != after.reason
}

/// The document's backorder after this plan. None: it is none.
fn judge(
    ground: &Ground<'_>,
    document: &SalesDocument,
    covers: &[(Cover, Allocation)],
    before: Option<&Backorder>,
    reason: Option<String>,
) -> Option<(Backorder, Step)> {
    let only_covers: Vec<Cover> = covers.iter().map(|(cover, _)| cover.clone()).collect();
    let now = standing(&only_covers, document.min_shipment);
    let cancelled = ends_cancelled(document, now);
    let recorded = before.map(|before| Recorded { state: before.state, episode: before.episode });
    let step = step(recorded, now, cancelled)?;
    let open: Vec<&Allocation> = covers.iter().map(|(_, row)| row).filter(|row| row.open > Decimal::ZERO).collect();
    let promise = if open.iter().all(|row| row.promise.is_some()) {
        open.iter().filter_map(|row| row.promise).max()
    } else {
        None
    };
    let late = matches!((promise, document.need_by), (Some(promise), Some(need_by)) if promise > need_by);
    let same_episode = before.is_some_and(|before| before.episode == step.episode);
    let after = Backorder {
        document: document.reference.clone(),
        state: step.state,
        promise,
        first_promised: before.and_then(|before| before.first_promised).or(promise),
        since: before.filter(|_| same_episode).map_or(ground.now, |before| before.since),
        episode: step.episode,
        late_told: late && before.is_some_and(|before| same_episode && (before.late_told || before.promise.is_some())),
        reason: reason.filter(|_| step.state == BackorderState::Declined),
        assigned_to: before.and_then(|before| before.assigned_to.clone()),
        changed_at: ground.now,
    };
    Some((after, step))
}

/// Why something of a document is not bought, in the words of those who decided so.
fn reason(document: &DocumentRef, not_bought: &[NotBoughtRow]) -> Option<String> {
    let mut reasons: Vec<&str> =
        not_bought.iter().filter(|row| row.document == *document).map(|row| row.reason.as_str()).collect();
    reasons.sort_unstable();
    reasons.dedup();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// A document with nothing open was delivered, unless it was cancelled, taken back to a draft or closed undelivered.
fn ends_cancelled(document: &SalesDocument, now: Standing) -> bool {
    match document.status {
        DocumentStatus::Cancelled | DocumentStatus::Draft => true,
        DocumentStatus::Open => false,
        DocumentStatus::Closed => {
            now.state.is_none()
                && document
                    .lines
                    .iter()
                    .filter(|line| line.tracked && !line.counted_elsewhere)
                    .any(|line| line.fulfilled < line.ordered - line.closed)
        }
    }
}

/// What of that line may leave before the whole is there: the host's for the document, else the setting for its item (of
/// a kit's component: for the kit) or customer.
fn shipping(settings: &Settings, document: &SalesDocument, row: &Allocation) -> Shipping {
    let setting = || {
        let line = document.lines.iter().find(|line| line.id == row.line_id);
        let mut items = line.map(|line| line.item.as_str()).into_iter().chain([row.item_id.as_str()]);
        let customer = Some(document.customer.id.as_str());
        let of_item =
            |item| settings.particular(Concerns { item: Some(item), ..Concerns::default() }, |s| s.ship_policy);
        let of_customer = || settings.particular(Concerns { customer, ..Concerns::default() }, |s| s.ship_policy);
        let own = items.find_map(of_item).or_else(of_customer);
        match own.unwrap_or(settings.policy.ship_policy) {
            ShipPolicy::WholeOrder => Shipping::WholeOrder,
            ShipPolicy::EachLine => Shipping::EachLine,
            ShipPolicy::AnyPart => Shipping::AnyPart,
        }
    };
    document.ship_policy.as_deref().map_or_else(setting, Shipping::parse)
}

fn cover(row: &Allocation, asked: Decimal, shipping: Shipping) -> Cover {
    Cover {
        line: row.line_id.clone(),
        open: row.open,
        from_stock: row.from_stock,
        on_order: row.from_own + row.from_incoming,
        shortfall: row.shortfall,
        not_bought: row.not_bought,
        asked,
        drop_ship: row.drop_ship,
        shipping,
    }
}

/// What the open proposals ask for, by demand.
fn asking(decided: &Decided) -> HashMap<DemandKey, Decimal> {
    let mut asking: HashMap<DemandKey, Decimal> = HashMap::new();
    for open in &decided.proposals {
        for peg in open.body.options.iter().take(1).flat_map(|option| &option.lines).flat_map(|line| &line.pegs) {
            *asking.entry((peg.document.clone(), peg.line.clone(), peg.component.clone())).or_default() += peg.quantity;
        }
    }
    asking
}

/// The plan's lines as rows, each with its episode; `newly_asked` collects the demands that must be asked (again).
fn allocations(
    assembled: &Assembled,
    plan: &Plan,
    before: &HashMap<DemandKey, Episode>,
    asking: &HashMap<DemandKey, Decimal>,
    causes: &Causes<'_>,
    newly_asked: &mut BTreeSet<DemandKey>,
) -> Vec<Allocation> {
    plan.lines
        .iter()
        .filter_map(|line| {
            let document = assembled.document(&line.order)?;
            let component = assembled.component(&line.order, &line.line, &line.item);
            let key = (document.reference.clone(), line.line.to_string(), component.clone());
            let (open, from_stock): (Decimal, Decimal) = (line.open.into(), line.from_stock.into());
            let cause = causes.cause(line, &key);
            let mut episode = before.get(&key).copied().unwrap_or_default().step(open, from_stock);
            match asking.get(&key) {
                Some(quantity) if episode.must_ask(*quantity) => {
                    episode.asked = *quantity;
                    newly_asked.insert(key);
                }
                // answered: if it comes up again, it is asked again
                None if line.not_bought > Quantity::ZERO => episode.asked = Decimal::ZERO,
                _ => {}
            }
            Some(Allocation {
                kind: document.reference.kind,
                document_id: document.reference.id.clone(),
                line_id: line.line.to_string(),
                component,
                item_id: line.item.to_string(),
                open,
                from_stock,
                from_own: line.from_own.into(),
                from_incoming: line.from_incoming.into(),
                shortfall: line.shortfall.into(),
                not_bought: line.not_bought.into(),
                drop_ship: assembled.is_drop_ship(&line.order, &line.line),
                promise: line.promise,
                late_days: line.late_days,
                why: serde_json::to_value(assembled.steps_in_names(&line.why)).unwrap_or_default(),
                episode: episode.number,
                in_episode: episode.running,
                asked: episode.asked,
                cause,
            })
        })
        .collect()
}
