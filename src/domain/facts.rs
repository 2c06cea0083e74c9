//! A snapshot made ready for planning: names as numbers, rows by item, senseless figures taken out and reported.
//!
//! Invariants: nothing is decided here; what is left is sensible, so the steps after it need no checks of their own.

use super::demand::{Demand, Demands};
use super::grouped::{Grouped, NONE};
use super::incoming::IncomingGoods;
use super::name::Name;
use super::numbered::Numbered;
use super::offer::{Offer, Request, offers};
use super::plan::{ExceptionKind, PlanException};
use super::policy::{Buy, Override, ShipPolicy, StockScope};
use super::quantity::Quantity;
use super::snapshot::{ItemCost, Order, Snapshot};

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
        let choice = if snapshot.policy.overrides.is_empty() {
            snapshot.policy.vendor_choice
        } else {
            self.overridden(snapshot, demand, |rule| rule.vendor_choice).unwrap_or(snapshot.policy.vendor_choice)
        };
        Request { needed, need_by: demand.need_by, drop_ship: demand.drop_ship, named, choice, today: snapshot.today }
    }

    /// The ship policy for that demand: the host's for its document, else the most particular setting.
    pub(super) fn ship_policy(&self, snapshot: &'a Snapshot, order: &Order, demand: &Demand) -> ShipPolicy {
        let setting = || {
            if snapshot.policy.overrides.is_empty() {
                return None;
            }
            self.overridden(snapshot, demand, |rule| rule.ship_policy)
        };
        order.ship_policy.or_else(setting).unwrap_or(snapshot.policy.ship_policy)
    }

    /// Whether that demand is bought for, what of it is ignored, and how far ahead it is bought.
    pub(super) fn buying(&self, snapshot: &'a Snapshot, demand: &Demand) -> (Buy, Quantity, Option<i32>) {
        let policy = &snapshot.policy;
        if policy.overrides.is_empty() {
            return (policy.buy, policy.ignore_below, policy.buy_ahead_days);
        }
        (
            self.overridden(snapshot, demand, |rule| rule.buy).unwrap_or(policy.buy),
            self.overridden(snapshot, demand, |rule| rule.ignore_below).unwrap_or(policy.ignore_below),
            self.overridden(snapshot, demand, |rule| rule.buy_ahead_days).or(policy.buy_ahead_days),
        )
    }

    /// The choice of the most particular override that fits: item, then customer, then vendor.
    ///
    /// A vendor's override holds where the line names that vendor, else where the host prefers it for the item.
    fn overridden<T>(
        &self,
        snapshot: &'a Snapshot,
        demand: &Demand,
        chosen: impl Fn(&Override) -> Option<T>,
    ) -> Option<T> {
        let (order, line) = (demand.order(snapshot), demand.line(snapshot));
        let item = self.names.items.name(demand.item);
        let vendor =
            line.vendor.as_ref().or_else(|| self.offers.of(demand.item).first().map(|offer| &offer.row.vendor));
        let fits = |wanted: Option<&Name>, actual: Option<&Name>| wanted.is_none() || wanted == actual;
        snapshot
            .policy
            .overrides
            .iter()
            .filter(|rule| {
                (fits(rule.item.as_ref(), item) || rule.item.as_ref() == Some(&line.item))
                    && fits(rule.customer.as_ref(), order.customer.as_ref())
                    && fits(rule.vendor.as_ref(), vendor)
            })
            .filter_map(|rule| {
                let particular = (rule.item.is_some(), rule.customer.is_some(), rule.vendor.is_some());
                chosen(rule).map(|choice| (particular, choice))
            })
            // The first of equally particular ones.
            .reduce(|best, next| if next.0 > best.0 { next } else { best })
            .map(|(_, choice)| choice)
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
