//! A snapshot made ready for planning: names as numbers, rows by item, senseless figures taken out and reported.
//!
//! Invariants: nothing is decided here; what is left is sensible, so the steps after it need no checks of their own.

use super::demand::{Demand, Demands};
use super::grouped::{Grouped, NONE};
use super::incoming::IncomingGoods;
use super::name::Name;
use super::numbered::Numbered;
use super::offer::{Offer, Request, offers};
use super::overrides::{Concerned, Override};
use super::plan::{ExceptionKind, PlanException};
use super::policy::{Buy, GroupBy, ShipPolicy, StockScope, SupplyRule};
use super::quantity::Quantity;
use super::snapshot::{ItemCost, Order, Snapshot, SupplyLine};

/// What every step of the plan reads.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    pub(super) names: &'a Numbered<'a>,
    pub(super) demands: Demands<'a>,
    pub(super) incoming: IncomingGoods,
    pub(super) offers: Grouped<Offer<'a>>,
    /// By item, with the item's number.
    pub(super) costs: Grouped<(u32, &'a ItemCost)>,
    /// Where each warehouse stands in the pool, by its number; [`NONE`]: not in it.
    pub(super) pool: Vec<u32>,
}

/// The stock of an item in one warehouse that no one holds back.
#[derive(Debug, Clone, Copy)]
pub(super) struct StockPlace {
    pub(super) item: u32,
    pub(super) warehouse: u32,
    /// Millionths. Many rows of one place may add up to more than one [`Quantity`] holds.
    pub(super) free: i128,
}

impl<'a> Facts<'a> {
    pub(super) fn new(names: &'a Numbered<'a>, exceptions: &mut Vec<PlanException>) -> Self {
        let demands = Demands::find(names, exceptions).ranked(names);
        let snapshot = names.snapshot;
        let costs = snapshot.costs.iter().filter(|cost| cost.price.is_sensible());
        let costs = costs.filter_map(|cost| Some((names.items.find(&cost.item)?, cost))).collect();
        Self {
            incoming: IncomingGoods::new(names, &demands, exceptions),
            demands,
            offers: offers(names),
            costs: Grouped::new(costs, names.items.len(), |(item, _)| *item),
            pool: pool(names),
            names,
        }
    }

    /// The stock of each item: that of the pool in its order, then the rest. Rows of one place add up, held goods taken
    /// off, never below 0.
    pub(super) fn stock(&self, exceptions: &mut Vec<PlanException>) -> Grouped<StockPlace> {
        let Numbered { snapshot, items, warehouses, .. } = self.names;
        let mut rows: Vec<StockPlace> = Vec::with_capacity(snapshot.stock.len());
        for (row, names) in snapshot.stock.iter().zip(&self.names.stock) {
            if !row.on_hand.is_sensible() || !row.held.is_sensible() {
                exceptions.push(PlanException {
                    kind: ExceptionKind::BadQuantity,
                    order: None,
                    line: None,
                    item: Some(row.item.clone()),
                    about: None,
                    text: format!("stock in {}: {} on hand, {} held", row.warehouse, row.on_hand, row.held),
                });
            }
            if row.on_hand > Quantity::MAX || row.on_hand == Quantity::OUT_OF_BOUNDS || !row.held.is_sensible() {
                continue;
            }
            // Stock of an item that no line names is not looked at.
            if names.item != NONE {
                let free = i128::from(row.on_hand.millionths()) - i128::from(row.held.millionths());
                rows.push(StockPlace { item: names.item, warehouse: names.warehouse, free });
            }
        }
        rows.sort_unstable_by_key(|place| (place.item, place.warehouse));
        rows.dedup_by(|row, kept| {
            let is_same = (row.item, row.warehouse) == (kept.item, kept.warehouse);
            if is_same {
                kept.free += row.free;
            }
            is_same
        });
        for place in &mut rows {
            place.free = place.free.max(0);
        }
        let mut places = Grouped::new(rows, items.len(), |place| place.item);
        let in_order =
            |place: &StockPlace| (self.pool.get(place.warehouse as usize).copied(), warehouses.name(place.warehouse));
        for item in (0..).take(places.groups()) {
            places.of_mut(item).sort_by_key(in_order);
        }
        places
    }

    /// Whether goods in `warehouse` reach that demand.
    pub(super) fn reaches(&self, warehouse: u32, demand: &Demand) -> bool {
        !demand.drop_ship
            && (warehouse == demand.warehouse || self.pool.get(warehouse as usize).is_some_and(|place| *place != NONE))
    }

    /// For what quantity of that demand a vendor is chosen.
    pub(super) fn request(&self, snapshot: &'a Snapshot, demand: &Demand, needed: Quantity) -> Request<'a> {
        let named = if demand.names_vendor { demand.line(snapshot).vendor.as_ref() } else { None };
        let choice = self.overridden(snapshot, demand, |rule| rule.vendor_choice);
        let choice = choice.unwrap_or(snapshot.policy.vendor_choice);
        Request { needed, need_by: demand.need_by, drop_ship: demand.drop_ship, named, choice, today: snapshot.today }
    }

    /// The ship policy for that demand: the host's for its document, else the most particular setting.
    pub(super) fn ship_policy(&self, snapshot: &'a Snapshot, order: &Order, demand: &Demand) -> ShipPolicy {
        let setting = || self.overridden(snapshot, demand, |rule| rule.ship_policy);
        order.ship_policy.or_else(setting).unwrap_or(snapshot.policy.ship_policy)
    }

    /// Whether that demand is bought for, what of it is ignored, and how far ahead it is bought.
    pub(super) fn buying(&self, snapshot: &Snapshot, demand: &Demand) -> (Buy, Quantity, Option<i32>) {
        let policy = &snapshot.policy;
        (
            self.overridden(snapshot, demand, |rule| rule.buy).unwrap_or(policy.buy),
            self.overridden(snapshot, demand, |rule| rule.ignore_below).unwrap_or(policy.ignore_below),
            self.overridden(snapshot, demand, |rule| rule.buy_ahead_days).or(policy.buy_ahead_days),
        )
    }

    /// What goes into one purchase order with that demand's need, and whether equal items become one line of it.
    pub(super) fn grouping(&self, snapshot: &Snapshot, demand: &Demand, offer: &Offer<'_>) -> (GroupBy, bool) {
        let policy = &snapshot.policy;
        let vendor = Some(&offer.row.vendor);
        (
            self.overridden_of(snapshot, demand, vendor, |rule| rule.group_by).unwrap_or(policy.group_by),
            self.overridden_of(snapshot, demand, vendor, |rule| rule.merge_equal_items)
                .unwrap_or(policy.merge_equal_items),
        )
    }

    /// Whether what was received for that demand is held for it.
    pub(super) fn holds_received(&self, snapshot: &Snapshot, demand: &Demand) -> bool {
        let own = self.overridden_of(snapshot, demand, None, |rule| rule.hold_for_order);
        own.unwrap_or(snapshot.policy.hold_for_order)
    }

    /// Whether what that purchase order was for is bought again by itself when it is cancelled.
    pub(super) fn is_bought_again(&self, snapshot: &Snapshot, demand: &Demand, order: &SupplyLine) -> bool {
        let own = self.overridden_of(snapshot, demand, order.vendor.as_ref(), |rule| rule.rebuy_after_cancel);
        own.unwrap_or(snapshot.policy.rebuy_after_cancel)
    }

    /// Whether the supply of an item is given out by rank, whomever it was raised for.
    pub(super) fn is_pooled(&self, snapshot: &Snapshot, item: u32) -> bool {
        let concerned = Concerned { item: self.names.items.name(item), ..Concerned::default() };
        let own = snapshot.policy.particular(concerned, |rule| rule.supply);
        own.unwrap_or(snapshot.policy.supply) == SupplyRule::Pooled
    }

    /// What the most particular override says of that demand, for which no vendor is chosen yet: the one that the line
    /// names, else the one that the host prefers for the item.
    fn overridden<T>(&self, snapshot: &Snapshot, demand: &Demand, said: impl Fn(&Override) -> Option<T>) -> Option<T> {
        if snapshot.policy.overrides.is_empty() {
            return None;
        }
        let named = demand.line(snapshot).vendor.as_ref();
        let vendor = named.or_else(|| self.offers.of(demand.item).first().map(|offer| &offer.row.vendor));
        self.overridden_of(snapshot, demand, vendor, said)
    }

    /// What the most particular override says of that demand and vendor.
    fn overridden_of<T>(
        &self,
        snapshot: &Snapshot,
        demand: &Demand,
        vendor: Option<&Name>,
        said: impl Fn(&Override) -> Option<T>,
    ) -> Option<T> {
        if snapshot.policy.overrides.is_empty() {
            return None;
        }
        let concerned = Concerned {
            vendor,
            customer: demand.order(snapshot).customer.as_ref(),
            item: self.names.items.name(demand.item),
            kit: Some(&demand.line(snapshot).item),
        };
        snapshot.policy.particular(concerned, said)
    }
}

/// Where each warehouse stands in the pool.
fn pool(names: &Numbered<'_>) -> Vec<u32> {
    let warehouses = &names.warehouses;
    let in_order: Vec<u32> = match &names.snapshot.policy.stock_scope {
        StockScope::OrderWarehouse => Vec::new(),
        StockScope::Listed(names) => names.iter().filter_map(|name| warehouses.find(name)).collect(),
        StockScope::All => {
            let mut all: Vec<u32> = (0..).take(warehouses.len()).collect();
            all.sort_by_key(|warehouse| warehouses.name(*warehouse));
            all
        }
    };
    let mut pool = vec![NONE; warehouses.len()];
    for (warehouse, place) in in_order.into_iter().zip(0..) {
        pool[warehouse as usize] = pool[warehouse as usize].min(place);
    }
    pool
}
