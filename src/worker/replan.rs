//! Items that changed are planned again: snapshot, plan, decide, record, in one commit.
//!
//! Invariants: one replan at a time per tenant (its row is locked), and no outside call while it holds the lock. What
//! is decided to be bought becomes supply before anything else is planned. Nothing is bought or asked on a document
//! that was read before the stock of its items last changed: it is read again first.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use serde_json::json;
use tokio_postgres::Transaction;
use uuid::Uuid;

use super::snapshot::{Assembled, INTENT, Rows, assemble};
use super::{WorkError, Worker, offers};
use crate::db::settings::StoredSettings;
use crate::db::{self, changed_document, intent, mirror, proposal};
use crate::decision;
use crate::domain::ids::{DocumentRef, ProposalId, TenantId};
use crate::domain::limit::{self, Limit};
use crate::domain::plan::{self, Plan};
use crate::domain::problem::Problem;
use crate::domain::proposal::{OptionLine, Proposal};
use crate::domain::scope::{Concerns, Scope};
use crate::domain::settings::{DropShipment, Mode, Settings};

/// Everything that a plan of these items is made from.
pub(super) async fn read_rows(
    tx: &Transaction<'_>,
    tenant: TenantId,
    items: &[String],
    now: Timestamp,
) -> crate::db::DbResult<Rows> {
    Ok(Rows {
        demand: db::snapshot::demand(tx, tenant, items).await?,
        supply: db::snapshot::supply(tx, tenant, items).await?,
        intents: db::snapshot::intent_supply(tx, tenant, items).await?,
        pegs: db::snapshot::pegs(tx, tenant, items).await?,
        host_pegs: db::snapshot::host_pegs(tx, tenant, items).await?,
        not_bought: db::snapshot::not_bought(tx, tenant, items, now).await?,
        items: db::items::load(tx, tenant, items).await?,
        warehouses: mirror::warehouses(tx, tenant).await?,
    })
}

/// The ground's items as they stand, and what the plan makes of them.
struct Look {
    /// By item: what must be read again before it may be bought for.
    stale: HashMap<String, Vec<DocumentRef>>,
    assembled: Assembled,
    plan: Plan,
}

async fn look_at(tx: &Transaction<'_>, ground: &Ground<'_>) -> crate::db::DbResult<Look> {
    let rows = read_rows(tx, ground.tenant, &ground.items, ground.now).await?;
    let stale = stale_documents(&rows);
    let assembled = assemble(rows, ground.settings, ground.base_currency, ground.today);
    let plan = plan::plan(&assembled.snapshot);
    Ok(Look { stale, assembled, plan })
}

/// What the plan made of the purchase orders, for the record of the same commit.
#[derive(Debug, Default)]
pub(super) struct Decided {
    /// Open proposals after this replan, with whether their content is new.
    pub(super) proposals: Vec<OpenProposal>,
    /// What waits to be ordered with more of the same vendor.
    pub(super) gathers: Vec<Proposal>,
    /// Purchase orders that Automatic decided to make.
    pub(super) bought: usize,
}

#[derive(Debug, Clone)]
pub(super) struct OpenProposal {
    pub(super) id: ProposalId,
    pub(super) version: i32,
    pub(super) asked: bool,
    /// It was only told of until now: whoever decides has yet to be asked.
    pub(super) raised: bool,
    pub(super) body: Proposal,
}

/// Everything about the tenant that a replan keeps at hand.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    pub(super) tenant: TenantId,
    pub(super) settings: &'a Settings,
    pub(super) company: &'a str,
    pub(super) base_currency: Option<&'a str>,
    pub(super) today: Date,
    pub(super) now: Timestamp,
    pub(super) items: Vec<String>,
    pub(super) zone: TimeZone,
}

impl<'a> Ground<'a> {
    /// What news needs that no plan brought to light.
    pub(super) fn outside_a_plan(tenant: TenantId, stored: &'a StoredSettings, now: Timestamp) -> Self {
        Self {
            tenant,
            settings: &stored.settings,
            company: &stored.company,
            base_currency: stored.base_currency.as_deref(),
            today: today(stored, now),
            now,
            items: Vec::new(),
            zone: zone(&stored.time_zone),
        }
    }
}

impl Worker {
    /// Plans these items again, in the caller's transaction; `read` are the documents that were just read.
    pub(super) async fn replan(
        &self,
        tx: &Transaction<'_>,
        tenant: TenantId,
        items: &[String],
        read: &[DocumentRef],
    ) -> Result<(), WorkError> {
        let stored = db::settings::load(tx, tenant, true).await?;
        let now = self.clock.now();
        let mut ground = Ground {
            tenant,
            settings: &stored.settings,
            company: &stored.company,
            base_currency: stored.base_currency.as_deref(),
            today: today(&stored, now),
            now,
            items: db::snapshot::closure(tx, tenant, items).await?,
            zone: zone(&stored.time_zone),
        };
        let mut look = look_at(tx, &ground).await?;
        // a proposal of the same group may ask for items that are not planned here: it is planned as a whole
        loop {
            let groups: Vec<_> = proposals(&look.assembled, &look.plan).into_iter().map(|(key, ..)| key).collect();
            let others = proposal::other_items(tx, tenant, &groups, &ground.items).await?;
            if others.is_empty() {
                break;
            }
            ground.items.extend(others);
            ground.items = db::snapshot::closure(tx, tenant, &ground.items).await?;
            look = look_at(tx, &ground).await?;
        }
        if self.take_back(tx, &ground, &look.plan).await? {
            look = look_at(tx, &ground).await?;
        }
        let decided = self.decide(tx, &ground, &look).await?;
        if decided.bought > 0 {
            // what was just decided is supply: the record shows it as ordered
            look = look_at(tx, &ground).await?;
        }
        self.apply_changes(tx, &ground, &look.assembled, &look.plan).await?;
        self.record(tx, &ground, &look.assembled, &look.plan, &decided, read).await
    }

    /// Takes back what was decided and is not sent yet, where the plan no longer needs all of it: what is still short is
    /// decided anew. True: something was.
    async fn take_back(&self, tx: &Transaction<'_>, ground: &Ground<'_>, plan: &Plan) -> Result<bool, WorkError> {
        let too_much = plan.changes.iter().filter(|change| change.to < change.from);
        let ids: BTreeSet<Uuid> = too_much.filter_map(|change| change.po.strip_prefix(INTENT)?.parse().ok()).collect();
        if ids.is_empty() {
            return Ok(false);
        }
        let ids: Vec<Uuid> = ids.into_iter().collect();
        let taken = intent::withdraw(tx, ground.tenant, &ids, &Problem::TakenBack.kept(), ground.now).await?;
        for (document, marker) in &taken {
            let details =
                json!({ "state": "cancelled", "action": "create", "error": Problem::TakenBack, "marker": marker });
            self.audit(tx, ground.tenant, "purchase_order", Some(document), details).await?;
        }
        Ok(!taken.is_empty())
    }

    /// Turns the planned purchase orders into proposals or, in Automatic and within the limits, into intents.
    async fn decide(
        &self,
        tx: &Transaction<'_>,
        ground: &Ground<'_>,
        Look { stale, assembled, plan }: &Look,
    ) -> Result<Decided, WorkError> {
        let tenant = ground.tenant;
        let mut open: HashMap<String, proposal::StoredProposal> = proposal::open_for_items(tx, tenant, &ground.items)
            .await?
            .into_iter()
            .map(|stored| (stored.group_key.clone(), stored))
            .collect();
        let mut decided = Decided::default();
        if !self.may_buy(tx, tenant).await? {
            return Ok(decided);
        }
        let mut again: BTreeSet<DocumentRef> = BTreeSet::new();
        let mut budget = self.daily_budget(tx, ground).await?;
        for (key, order, mut body) in proposals(assembled, plan) {
            let doubtful = doubtful(&body, stale);
            if !doubtful.is_empty() {
                again.extend(doubtful);
                // what stands of it is judged when they have been read
                open.remove(&key);
                continue;
            }
            let known = open.remove(&key);
            let holds = ground.settings.holds(&body, 0);
            if holds.mode != Mode::Watch
                && let Some(until) = gathers_until(ground, assembled, order, known.as_ref())
            {
                // seen by whoever looks, asked of nobody and not bought yet
                offers::add_others(&mut body, assembled, order, known.as_ref().map(|stored| &stored.body));
                self.put_aside(tx, ground, known, &key, &body, until).await?;
                decided.gathers.push(body);
                continue;
            }
            if holds.mode == Mode::Automatic {
                body.limit = over_limit(ground, &body, &budget);
                if body.limit.is_none() {
                    budget.spend(ground, &body);
                    let intent = decision::freeze_intent(
                        tx,
                        tenant,
                        &body,
                        0,
                        "backorders",
                        holds.issue,
                        ground.today,
                        &*self.clock,
                    )
                    .await?;
                    decided.bought += 1;
                    if let Some(stored) = known {
                        self.close_proposal(tx, ground, &stored, Some(intent)).await?;
                    }
                    continue;
                }
            }
            offers::add_others(&mut body, assembled, order, known.as_ref().map(|stored| &stored.body));
            let asked = holds.mode != Mode::Watch;
            let state = if asked { "asked" } else { "watched" };
            let was_watched = known.as_ref().is_some_and(|known| known.state == "watched");
            let gathered = known.as_ref().is_some_and(|known| known.gathers_until.is_some());
            let (id, version) = self.put_proposal(tx, ground, known, &key, state, &body).await?;
            if gathered {
                // also in Watch, or each poll would plan its documents again
                proposal::set_gathers(tx, tenant, id, None).await?;
            }
            decided.proposals.push(OpenProposal { id, version, asked, raised: asked && was_watched, body });
        }
        for stored in open.values() {
            self.close_proposal(tx, ground, stored, None).await?;
        }
        let again: Vec<_> = again.into_iter().map(|document| (tenant, document)).collect();
        changed_document::mark(tx, &again, ground.now, None).await?;
        Ok(decided)
    }

    async fn daily_budget(&self, tx: &Transaction<'_>, ground: &Ground<'_>) -> Result<Budget, WorkError> {
        let settings = ground.settings;
        let automatic = |scope: &Scope| scope.mode == Some(Mode::Automatic);
        if settings.mode != Mode::Automatic && !settings.scopes.iter().any(automatic) {
            return Ok(Budget { orders: 0, value: None });
        }
        let day = super::retry::before(ground.now, std::time::Duration::from_secs(24 * 3600));
        let made = intent::count_since(tx, ground.tenant, day).await?;
        let mut value = settings.daily_value;
        if let Some(left) = &mut value {
            for (currency, total) in intent::totals_since(tx, ground.tenant, day).await? {
                let spent = limit::worth(&settings.policy, ground.base_currency, currency.as_deref(), total);
                // what cannot be counted leaves nothing
                *left = spent.map_or(Decimal::ZERO, |spent| *left - spent);
            }
        }
        Ok(Budget { orders: i64::from(settings.daily_orders) - made, value })
    }
}

/// Until when a purchase order waits for more of its vendor. What was asked already does not wait again.
fn gathers_until(
    ground: &Ground<'_>,
    assembled: &Assembled,
    order: &plan::PurchaseOrder,
    known: Option<&proposal::StoredProposal>,
) -> Option<Timestamp> {
    if known.is_some_and(|known| known.state == "asked") {
        return None;
    }
    let of = (offers::group_by(assembled, order), order.vendor.as_str());
    ground.settings.gathers(of, known.and_then(|known| known.gathers_until), ground.now)
}

/// The tenant's day.
pub(super) fn today(stored: &StoredSettings, now: Timestamp) -> Date {
    now.to_zoned(zone(&stored.time_zone)).date()
}

/// The tenant's time zone; UTC for one that is not known.
pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or(TimeZone::UTC)
}

/// The documents that must be read again before this may be bought or asked.
fn doubtful(proposal: &Proposal, stale: &HashMap<String, Vec<DocumentRef>>) -> Vec<DocumentRef> {
    let lines = proposal.options.iter().take(1).flat_map(|option| &option.lines);
    lines.filter_map(|line| stale.get(&line.item)).flatten().cloned().collect()
}

/// Documents that were read before the stock of an item of theirs last changed, by item: they may have been delivered
/// from what is now missing.
fn stale_documents(rows: &Rows) -> HashMap<String, Vec<DocumentRef>> {
    let changed_at: HashMap<&str, Timestamp> =
        rows.items.stock_changed_at.iter().map(|(item, at)| (item.as_str(), *at)).collect();
    let mut stale: HashMap<String, Vec<DocumentRef>> = HashMap::new();
    for row in &rows.demand {
        for line in &row.document.lines {
            if changed_at.get(line.item.as_str()).is_some_and(|changed_at| row.read_at < *changed_at) {
                stale.entry(line.item.clone()).or_default().push(row.document.reference.clone());
            }
        }
    }
    stale
}

/// The planned purchase orders as proposals, each under the key of its group.
fn proposals<'a>(assembled: &Assembled, plan: &'a Plan) -> Vec<(String, &'a plan::PurchaseOrder, Proposal)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    plan.purchase_orders
        .iter()
        .filter_map(|order| {
            let proposal = offers::proposal(assembled, order)?;
            let key = offers::group_key(offers::group_by(assembled, order), &proposal);
            // a purchase order that a maximum splits has several of one key
            let nth = seen.entry(key.clone()).or_default();
            *nth += 1;
            Some((if *nth == 1 { key } else { format!("{key}#{nth}") }, order, proposal))
        })
        .collect()
}

/// Why Automatic may not decide this by itself.
fn over_limit(ground: &Ground<'_>, proposal: &Proposal, budget: &Budget) -> Option<Limit> {
    let settings = ground.settings;
    let option = proposal.options.first()?;
    if budget.orders <= 0 {
        return Some(Limit::DailyOrders(settings.daily_orders));
    }
    if let Some(above) =
        limit::above(&settings.policy, ground.base_currency, settings.holds(proposal, 0).ask_above, option)
    {
        return Some(above);
    }
    if let Some(left) = budget.value {
        match limit::value(&settings.policy, ground.base_currency, option) {
            None => return Some(Limit::NoTotal),
            Some(value) if value > left => return settings.daily_value.map(Limit::DailyValue),
            Some(_) => {}
        }
    }
    let asks = |line: &OptionLine| {
        let concerns = Concerns { vendor: Some(&option.vendor.id), customer: None, item: Some(&line.item) };
        settings.particular(concerns, |scope| scope.drop_shipment).unwrap_or(settings.drop_shipment)
            == DropShipment::Ask
    };
    if option.is_drop_ship() && option.lines.iter().any(asks) {
        return Some(Limit::DropShipment);
    }
    let unsure = option.lines.iter().any(|line| line.price.is_none() || line.price_note.is_some());
    unsure.then_some(Limit::PriceToCheck)
}

/// What Automatic may still make today.
#[derive(Debug, Clone, Copy)]
struct Budget {
    orders: i64,
    /// In the base currency; None: any.
    value: Option<Decimal>,
}

impl Budget {
    /// What is left after this one.
    fn spend(&mut self, ground: &Ground<'_>, proposal: &Proposal) {
        self.orders -= 1;
        let value = proposal
            .options
            .first()
            .and_then(|option| limit::value(&ground.settings.policy, ground.base_currency, option));
        if let (Some(left), Some(value)) = (&mut self.value, value) {
            *left -= value;
        }
    }
}
