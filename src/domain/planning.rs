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
use super::demand::Demands;
use super::facts::{Facts, StockPlace};
use super::grouped::{Grouped, NONE, Names, QuickMap};
use super::name::{Name, natural_prefix};
use super::needs::{Need, Withdrawn, needs};
use super::outlook::Outlooks;
use super::parallel::{in_parallel, joined, share, threads_for};
use super::plan::PlanException;
use super::purchasing::{OrderRow, Purchases, purchase};
use super::quantity::Quantity;
use super::radix::sorted_by_key;
use super::rank::Ranking;
use super::release::release_blocked_stock;
use super::snapshot::Snapshot;

pub(super) fn plan(snapshot: &Snapshot) -> CompactPlan<'_> {
    let mut exceptions = Vec::new();
    let (facts, places) = Facts::new(snapshot, &mut exceptions);
    let threads = threads_for(facts.demands.all().len());
    let Allocated { covers, from_stock, incoming, stock } = allocate(snapshot, &facts, places, threads);
    let withdrawn = Withdrawn::new(snapshot, &facts);
    exceptions.extend(withdrawn.exceptions(snapshot, &facts, &covers));
    let mut amendments = Amendments::new(snapshot, &facts, incoming.rows());
    let needs = all_needs(snapshot, &facts, &withdrawn, &covers, threads, &mut exceptions);
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
    use super::{Demands, Facts, Quantity, Snapshot, StockPlace, allocate, threads_for};
    use crate::domain::grouped::Grouped;
    use crate::domain::unranked::Unranked;

    /// A snapshot whose names are numbers and whose demands are not ranked yet.
    #[derive(Debug)]
    pub struct Interned<'a> {
        snapshot: &'a Snapshot,
        facts: Facts<'a>,
        places: Grouped<StockPlace>,
        demands: Unranked<'a>,
    }

    /// Everything that comes before ranking.
    #[must_use]
    pub fn intern(snapshot: &Snapshot) -> Interned<'_> {
        let mut exceptions = Vec::new();
        let (mut facts, places) = Facts::new(snapshot, &mut exceptions);
        let demands = Demands::find(snapshot, &mut facts.items, &mut facts.warehouses, &mut exceptions);
        facts.demands = Demands::default();
        Interned { snapshot, facts, places, demands }
    }

    impl Interned<'_> {
        /// Ranks the demands and gives each its stock and its incoming goods; how much is short in all, in millionths.
        #[must_use]
        pub fn rank_and_allocate(self) -> i128 {
            let Self { snapshot, mut facts, places, demands } = self;
            facts.demands = demands.ranked(snapshot, facts.items.len());
            let threads = threads_for(facts.demands.all().len());
            let allocated = allocate(snapshot, &facts, places, threads);
            let pairs = facts.demands.all().iter().zip(&allocated.covers);
            let short = pairs.map(|(demand, cover)| cover.shortfall(demand)).filter(|short| *short > Quantity::ZERO);
            short.map(|short| i128::from(short.millionths())).sum()
        }
    }
}

/// What allocation decided.
struct Allocated {
    covers: Vec<Cover>,
    from_stock: Grouped<FromStock>,
    incoming: Grouped<FromIncoming>,
    stock: StockUse,
}

fn allocate(snapshot: &Snapshot, facts: &Facts<'_>, mut places: Grouped<StockPlace>, threads: usize) -> Allocated {
    let demands = facts.demands.all();
    let mut covers = vec![Cover::default(); demands.len()];
    let shares = item_ranges(facts, threads);
    let stocks: Vec<Range<usize>> = shares.iter().map(|items| places.range_of(items)).collect();
    let (starts, rows) = places.parts_mut();
    let stock_of = |item: usize| starts[item] as usize..starts[item + 1] as usize;
    let work = split(&mut covers, shares.iter().map(|items| facts.demands.by_item.range_of(items)));
    let work = shares.iter().cloned().zip(work).zip(split(rows, stocks.into_iter()));
    let given = in_parallel(work, |((items, (first, covers)), (first_place, rows))| {
        let mut given: Vec<FromStock> = Vec::new();
        for item in items {
            let (range, stock) = (facts.demands.by_item.range(number(item)), stock_of(item));
            let rows = &mut rows[stock.start - first_place..stock.end - first_place];
            let covers = &mut covers[range.start - first..range.end - first];
            let of_item = (number(range.start), &demands[range]);
            allocate_stock(facts, &snapshot.policy, of_item, covers, rows, &mut given);
        }
        given
    });
    let mut given = given.into_iter().reduce(joined).unwrap_or_default();
    if snapshot.policy.release_blocked_stock {
        release_blocked_stock(facts, snapshot, &mut covers, &mut given);
    }
    let work = split(&mut covers, shares.iter().map(|items| facts.demands.by_item.range_of(items)));
    let incoming = in_parallel(shares.iter().cloned().zip(work), |(items, (first, covers))| {
        let mut given: Vec<FromIncoming> = Vec::new();
        for item in items {
            let range = facts.demands.by_item.range(number(item));
            let supplies = facts.incoming.by_item.range(number(item));
            let of_item = (number(range.start), &demands[range.clone()]);
            let supplies = (number(supplies.start), &facts.incoming.by_item.rows()[supplies]);
            let covers = &mut covers[range.start - first..range.end - first];
            allocate_incoming(facts, snapshot, of_item, covers, supplies, &mut given);
        }
        given
    });
    let incoming = incoming.into_iter().reduce(joined).unwrap_or_default();
    Allocated {
        from_stock: Grouped::new(given, demands.len(), |source| source.demand),
        incoming: Grouped::new(incoming, demands.len(), |source| source.demand),
        stock: StockUse::new(places),
        covers,
    }
}

fn all_needs(
    snapshot: &Snapshot,
    facts: &Facts<'_>,
    withdrawn: &Withdrawn,
    covers: &[Cover],
    threads: usize,
    exceptions: &mut Vec<PlanException>,
) -> Vec<Need> {
    let demands = facts.demands.all();
    let ranges = item_ranges(facts, threads).into_iter().map(|items| facts.demands.by_item.range_of(&items));
    let found = in_parallel(ranges, |range| {
        let mut exceptions = Vec::new();
        let first = (number(range.start), &demands[range.clone()]);
        let needs = needs(snapshot, facts, withdrawn, first, &covers[range], &mut exceptions);
        (needs, exceptions)
    });
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for (needs, of_part) in found {
        all = joined(all, needs);
        problems = joined(problems, of_part);
    }
    exceptions.append(&mut problems);
    all
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
    Grouped::scattered(&planned, facts.demands.all().len(), |planned| planned.demand)
}

/// By vendor, ship-to, warehouse, rank of the first demand.
fn sorted(snapshot: &Snapshot, facts: &Facts<'_>, purchases: &Purchases) -> Vec<OrderRow> {
    let ship_to = |order: &OrderRow| {
        let demand = &facts.demands.all()[order.demand as usize];
        if demand.drop_ship { demand.order(snapshot).ship_to.as_ref() } else { None }
    };
    let mut addresses = Names::default();
    for order in purchases.orders.iter().filter(|order| order.warehouse == NONE) {
        addresses.number_or_none(ship_to(order));
    }
    let (vendors, warehouses, places) = (facts.vendors.places(), facts.warehouses.places(), addresses.places());
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
    let sorted = sorted_by_key((0..).take(keys.len()).collect(), &keys);
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
        .zip(&facts.demands.numbers)
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
    let share = share(facts.demands.all().len(), threads);
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
