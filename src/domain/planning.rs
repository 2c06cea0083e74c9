//! The steps of a plan in their order: facts, allocation, amendments, needs, purchase orders, outlook.
//!
//! Invariants: items are allocated side by side, on several threads where there are many; the plan is the same on any
//! number of threads.

use std::collections::HashSet;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::allocation::{Cover, FromIncoming, FromStock, StockUse, allocate_incoming, allocate_stock};
use super::amendment::Amendments;
use super::compact::CompactPlan;
use super::decided::{Decided, Planned, Source};
use super::demand::{Demand, Demands};
use super::facts::{Facts, StockPlace};
use super::grouped::{Grouped, NONE, Names, QuickMap};
use super::name::{Name, natural_prefix};
use super::needs::{Need, Withdrawn, needs};
use super::numbered::Numbered;
use super::outlook::Outlooks;
use super::parallel::{in_parallel, joined, share, threads_for};
use super::pieces::Pieces;
use super::plan::PlanException;
use super::purchasing::{OrderRow, Purchases, purchase};
use super::quantity::Quantity;
use super::radix::sorted_by_key;
use super::rank::Ranking;
use super::release::release_blocked_stock;
use super::snapshot::Snapshot;

pub(super) fn plan<'a>(numbered: &'a Numbered<'a>) -> CompactPlan<'a> {
    let snapshot = numbered.snapshot;
    let mut exceptions = Vec::new();
    let facts = Facts::new(numbered, &mut exceptions);
    let stock = facts.stock(&mut exceptions);
    let threads = threads_for(facts.demands.len());
    let Allocated { covers, from_stock, incoming, stock } = allocate(snapshot, &facts, stock, threads);
    let withdrawn = Withdrawn::new(snapshot, &facts);
    exceptions.extend(withdrawn.exceptions(snapshot, &facts, &covers));
    let mut amendments = Amendments::new(snapshot, &facts, incoming.rows());
    let needs = all_needs(snapshot, &facts, &withdrawn, &covers, &mut exceptions);
    let mut purchases = purchase(snapshot, &facts, needs, &mut amendments);
    let (changes, raised) = amendments.finish(snapshot, &facts);
    let planned = planned(&facts, &purchases, &raised);
    purchases.orders = sorted(snapshot, &facts, &purchases);
    let exceptions = sorted_exceptions(snapshot, &facts, exceptions);
    let decided = Decided { snapshot, facts, covers, from_stock, incoming, planned, withdrawn, stock };
    let outlooks = Outlooks::new(&decided, threads);
    CompactPlan { decided, outlooks, purchases, changes, exceptions }
}

/// Parts of a plan that the benchmark times apart.
pub mod measure {
    use super::{Demands, Facts, Numbered, StockPlace, allocate, threads_for};
    use crate::domain::grouped::Grouped;
    use crate::domain::unranked::Unranked;

    /// Demands that are not ranked yet, and what they are to be covered with: what a database has in its tables.
    #[derive(Debug)]
    pub struct Unallocated<'a> {
        facts: Facts<'a>,
        stock: Grouped<StockPlace>,
        demands: Unranked<'a>,
    }

    impl<'a> Unallocated<'a> {
        /// Does everything that comes before ranking.
        #[must_use]
        pub fn new(numbered: &'a Numbered<'a>) -> Self {
            let mut exceptions = Vec::new();
            let mut facts = Facts::new(numbered, &mut exceptions);
            facts.demands = Demands::default();
            let stock = facts.stock(&mut exceptions);
            Self { facts, stock, demands: Demands::find(numbered, &mut exceptions) }
        }

        /// Ranks the demands and gives each its stock and its incoming goods; how much is short in all, in millionths.
        #[must_use]
        pub fn rank_and_allocate(self) -> i128 {
            let Self { mut facts, stock, demands } = self;
            facts.demands = demands.ranked(facts.names);
            let threads = threads_for(facts.demands.len());
            let allocated = allocate(facts.names.snapshot, &facts, stock, threads);
            allocated.covers.iter().map(|cover| i128::from(cover.shortfall.millionths())).sum()
        }
    }
}

/// What allocation decided.
struct Allocated {
    /// Those of each share of the items by themselves.
    covers: Pieces<Cover>,
    from_stock: Grouped<FromStock>,
    incoming: Grouped<FromIncoming>,
    stock: StockUse,
}

fn allocate(snapshot: &Snapshot, facts: &Facts<'_>, mut stock: Grouped<StockPlace>, threads: usize) -> Allocated {
    let demands = &facts.demands;
    let shares = item_ranges(facts, threads);
    let ranges: Vec<Range<usize>> = shares.iter().map(|items| stock.range_of(items)).collect();
    let (starts, rows) = stock.parts_mut();
    let stock_of = |item: usize| starts[item] as usize..starts[item + 1] as usize;
    let done = in_parallel(shares.iter().cloned().zip(split(rows, ranges.into_iter())), |(items, (first, rows))| {
        let (mut covers, mut given, mut of_item) =
            (Vec::with_capacity(demands.by_item.range_of(&items).len()), Vec::new(), Vec::new());
        for item in items {
            let begin = covers.len();
            let place = demands.copy_item(number(item), &mut of_item);
            covers.extend(of_item.iter().map(|demand: &Demand| Cover::none(demand.open)));
            let stock = stock_of(item);
            let rows = &mut rows[stock.start - first..stock.end - first];
            allocate_stock(facts, snapshot, (place, &of_item), &mut covers[begin..], rows, &mut given);
        }
        (covers, given)
    });
    let (covers, given): (Vec<_>, Vec<_>) = done.into_iter().unzip();
    let mut covers: Pieces<Cover> = covers.into_iter().collect();
    let mut given = given.into_iter().reduce(joined).unwrap_or_default();
    if snapshot.policy.release_blocked_stock {
        release_blocked_stock(facts, snapshot, &mut covers, &mut given);
    }
    let incoming = in_parallel(shares.into_iter().zip(covers.each_mut()), |(items, covers)| {
        let (mut given, mut of_item, mut begin) = (Vec::new(), Vec::new(), 0);
        for item in items {
            let end = begin + demands.by_item.of(number(item)).len();
            let supplies = facts.incoming.by_item.range(number(item));
            if !supplies.is_empty() {
                let place = demands.copy_item(number(item), &mut of_item);
                let supplies = (number(supplies.start), &facts.incoming.by_item.rows()[supplies]);
                allocate_incoming(facts, snapshot, (place, &of_item), &mut covers[begin..end], supplies, &mut given);
            }
            begin = end;
        }
        given
    });
    let incoming = incoming.into_iter().reduce(joined).unwrap_or_default();
    Allocated {
        from_stock: Grouped::new(given, demands.len(), |source| source.demand),
        incoming: Grouped::new(incoming, demands.len(), |source| source.demand),
        stock: StockUse::new(stock),
        covers,
    }
}

/// By rank.
fn all_needs(
    snapshot: &Snapshot,
    facts: &Facts<'_>,
    withdrawn: &Withdrawn,
    covers: &Pieces<Cover>,
    exceptions: &mut Vec<PlanException>,
) -> Vec<Need> {
    let found = in_parallel(covers.each(), |covers| {
        let mut exceptions = Vec::new();
        let needs = needs(snapshot, facts, withdrawn, covers, &mut exceptions);
        (needs, exceptions)
    });
    let (needs, problems): (Vec<_>, Vec<_>) = found.into_iter().unzip();
    exceptions.extend(problems.into_iter().flatten());
    let mut at_rank = vec![NONE; facts.demands.len()];
    let needs: Pieces<Need> = needs.into_iter().collect();
    for (need, index) in needs.iter().zip(0..) {
        at_rank[need.rank as usize] = index;
    }
    at_rank.into_iter().filter(|index| *index != NONE).map(|index| *needs.at(index)).collect()
}

/// What this run ordered for each demand: new lines, and lines of ours that are raised.
fn planned(facts: &Facts<'_>, purchases: &Purchases, raised: &[(u32, Quantity, u32)]) -> Grouped<Planned> {
    let new = purchases.pegs.rows().iter().map(|peg| Planned {
        demand: peg.demand,
        qty: peg.qty,
        source: Source::Offer(purchases.lines[peg.line as usize].offer),
    });
    let raised =
        raised.iter().map(|(demand, qty, row)| Planned { demand: *demand, qty: *qty, source: Source::Raised(*row) });
    let planned: Vec<Planned> = new.chain(raised).collect();
    Grouped::scattered(&planned, facts.demands.len(), |planned| planned.demand)
}

/// By vendor, ship-to, warehouse, rank of the first demand.
fn sorted(snapshot: &Snapshot, facts: &Facts<'_>, purchases: &Purchases) -> Vec<OrderRow> {
    let ship_to = |order: &OrderRow| {
        let demand = facts.demands.at(order.demand);
        if demand.drop_ship { demand.order(snapshot).ship_to.as_ref() } else { None }
    };
    let mut addresses = Names::default();
    for order in purchases.orders.iter().filter(|order| order.warehouse == NONE) {
        addresses.number_or_none(ship_to(order));
    }
    let (vendors, warehouses, places) =
        (facts.names.vendors.places(), facts.names.warehouses.places(), addresses.places());
    // None comes before all names.
    let place = |places: &[u32], number: u32| places.get(number as usize).map_or(0, |place| u128::from(*place) + 1);
    let key = |order: &OrderRow| {
        let address = match if order.warehouse == NONE { ship_to(order) } else { None } {
            Some(name) => addresses.find(name).map_or(0, |number| place(&places, number)),
            None => 0,
        };
        let (vendor, warehouse) = (place(&vendors, order.vendor), place(&warehouses, order.warehouse));
        (vendor << 96) | (address << 64) | (warehouse << 32) | u128::from(order.rank)
    };
    let keys: Vec<u128> = purchases.orders.iter().map(key).collect();
    let sorted = sorted_by_key((0..).take(keys.len()).collect(), |index| keys[index as usize]);
    sorted.into_iter().map(|index| purchases.orders[index as usize]).collect()
}

/// By order rank, line, kind; what is of no order comes last.
fn sorted_exceptions(snapshot: &Snapshot, facts: &Facts<'_>, mut exceptions: Vec<PlanException>) -> Vec<PlanException> {
    if exceptions.is_empty() {
        return exceptions;
    }
    let ranking = Ranking::new(&snapshot.policy);
    let named: HashSet<Name, RandomState> = exceptions.iter().filter_map(|exception| exception.order.clone()).collect();
    let ranks: QuickMap<&str, u128> = snapshot
        .orders
        .iter()
        .zip(&facts.names.documents)
        .filter(|(order, _)| named.contains(&order.id))
        .map(|(order, number)| (order.id.as_str(), ranking.key(order, *number, order.need_by)))
        .collect();
    exceptions.sort_by_cached_key(|exception| {
        let rank = exception.order.as_ref().and_then(|order| ranks.get(order.as_str())).copied().unwrap_or(u128::MAX);
        let line = exception.line.as_ref().map(|line| (natural_prefix(line), line.clone()));
        (rank, line, exception.kind, exception.item.clone(), exception.text.clone())
    });
    exceptions.dedup();
    exceptions
}

/// Ranges of items with about equally many demands. None is empty.
fn item_ranges(facts: &Facts<'_>, threads: usize) -> Vec<Range<usize>> {
    let by_item = &facts.demands.by_item;
    let items = by_item.groups();
    let share = share(facts.demands.len(), threads);
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < items {
        let first = by_item.range(number(start)).start;
        let mut end = start + 1;
        while end < items && by_item.range(number(end)).end - first <= share {
            end += 1;
        }
        ranges.push(start..end);
        start = end;
    }
    ranges
}

/// The slices of those ranges, which follow each other without gaps from 0, each with its start.
fn split<T>(mut rows: &mut [T], ranges: impl Iterator<Item = Range<usize>>) -> Vec<(usize, &mut [T])> {
    let mut slices = Vec::new();
    for range in ranges {
        let (here, after) = rows.split_at_mut(range.len());
        slices.push((range.start, here));
        rows = after;
    }
    slices
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NONE)
}
