//! The steps of a plan in their order: facts, allocation, amendments, needs, purchase orders, outlook.
//!
//! Invariants: items are allocated side by side, on several threads where there are many; the plan is the same on any
//! number of threads.

use super::allocation::{Cover, FromIncoming, FromStock, StockUse, allocate_incoming, allocate_stock};
use super::amendment::Amendments;
use super::demand::Demands;
use super::explain::purchase_why;
use super::facts::{Facts, StockPlace};
use super::grouped::{Grouped, NONE};
use super::name::natural_prefix;
use super::needs::{Need, Withdrawn, needs};
use super::outlook::{Decided, Planned};
use super::plan::{Plan, PlanException, PlanLine, PurchaseOrder};
use super::purchasing::{Placed, Purchases, purchase};
use super::quantity::Quantity;
use super::rank::rank_key;
use super::release::release_blocked_stock;
use super::snapshot::Snapshot;

/// Demands from which on a second thread is worth its start.
const MANY_DEMANDS: usize = 10_000;

/// Threads at most: beyond this the memory is the limit, not the processor.
const MAX_THREADS: usize = 8;

pub(super) fn plan(snapshot: &Snapshot) -> Plan {
    let mut exceptions = Vec::new();
    let (facts, places) = Facts::new(snapshot, &mut exceptions);
    let threads = threads_for(facts.demands.all().len());
    let allocated = allocate(snapshot, &facts, places, threads);
    let withdrawn = Withdrawn::new(snapshot, &facts);
    exceptions.extend(withdrawn.exceptions(snapshot, &facts, &allocated.covers));
    let mut amendments = Amendments::new(snapshot, &facts, allocated.incoming.rows());
    let needs = all_needs(snapshot, &facts, &withdrawn, &allocated.covers, threads, &mut exceptions);
    let Purchases { mut orders, placed } = purchase(snapshot, &facts, &needs, &mut amendments);
    drop(needs);
    let (changes, raised) = amendments.finish(snapshot, &facts);
    let planned = planned(snapshot, &facts, &placed, &raised);
    let decided = Decided {
        snapshot,
        facts: &facts,
        covers: &allocated.covers,
        from_stock: &allocated.from_stock,
        incoming: &allocated.incoming,
        planned: &planned,
        withdrawn: &withdrawn,
        stock: &allocated.stock,
    };
    let lines = lines(&decided, threads);
    let outlooks = decided.orders(&lines);
    explain(&facts, &mut orders, &placed, &lines, threads);
    Plan {
        orders: outlooks,
        purchase_orders: sorted(&facts, orders, &placed),
        changes,
        exceptions: sorted_exceptions(snapshot, &facts, exceptions),
        lines,
    }
}

/// Parts of a plan that the benchmark times apart.
pub mod measure {
    use super::{Demands, Facts, Quantity, Snapshot, StockPlace, allocate, threads_for};
    use crate::domain::demand::Unranked;
    use crate::domain::grouped::Grouped;

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

fn threads_for(demands: usize) -> usize {
    if demands < MANY_DEMANDS {
        return 1;
    }
    std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS)
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
    let (starts, rows) = places.parts_mut();
    let stock_of = |item: usize| starts[item] as usize..starts[item + 1] as usize;
    let stocks = shares.iter().map(|items| stock_of(items.start).start..stock_of(items.end - 1).end);
    let work = split(&mut covers, shares.iter().map(|items| demand_range(facts, items)));
    let work: Vec<_> = shares.iter().cloned().zip(work).zip(split(rows, stocks)).collect();
    let mut given = in_parallel(work, |((items, (first, covers)), (first_place, rows))| {
        let mut given: Vec<FromStock> = Vec::new();
        for item in items {
            let (range, stock) = (facts.demands.by_item.range(number(item)), stock_of(item));
            let rows = &mut rows[stock.start - first_place..stock.end - first_place];
            let covers = &mut covers[range.start - first..range.end - first];
            let of_item = (number(range.start), &demands[range]);
            allocate_stock(facts, snapshot.policy.hold_for_order, of_item, covers, rows, &mut given);
        }
        given
    });
    if snapshot.policy.release_blocked_stock {
        release_blocked_stock(facts, snapshot, &mut covers, &mut given);
    }
    let work = split(&mut covers, shares.iter().map(|items| demand_range(facts, items)));
    let incoming = in_parallel(shares.iter().cloned().zip(work).collect(), |(items, (first, covers))| {
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
    Allocated {
        from_stock: Grouped::new(given, demands.len(), |source| source.demand),
        incoming: Grouped::new(incoming, demands.len(), |source| source.demand),
        stock: StockUse(places),
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
    let ranges = item_ranges(facts, threads).into_iter().map(|items| demand_range(facts, &items)).collect();
    let found = in_parallel(ranges, |range: std::ops::Range<usize>| {
        let mut exceptions = Vec::new();
        let first = (number(range.start), &demands[range.clone()]);
        let needs = needs(snapshot, facts, withdrawn, first, &covers[range], &mut exceptions);
        vec![(needs, exceptions)]
    });
    let mut all = Vec::new();
    for (needs, problems) in found {
        all.extend(needs);
        exceptions.extend(problems);
    }
    all
}

/// What this run ordered for each demand: new lines, and lines of ours that are raised.
fn planned(
    snapshot: &Snapshot,
    facts: &Facts<'_>,
    placed: &[Placed],
    raised: &[(u32, Quantity, u32)],
) -> Grouped<Planned> {
    let expected = |offer: u32| Some(facts.offers.rows()[offer as usize].expected);
    let due = |row: u32| snapshot.supply[row as usize].due.map(|due| due.max(snapshot.today));
    let new = placed.iter().map(|at| Planned { demand: at.demand, qty: at.qty, expected: expected(at.offer) });
    let raised = raised.iter().map(|(demand, qty, row)| Planned { demand: *demand, qty: *qty, expected: due(*row) });
    Grouped::new(new.chain(raised).collect(), facts.demands.all().len(), |planned| planned.demand)
}

fn lines(decided: &Decided<'_, '_>, threads: usize) -> Vec<PlanLine> {
    let by_rank = &decided.facts.demands.by_rank;
    let share = by_rank.len().div_ceil(threads).max(1);
    in_parallel(by_rank.chunks(share).collect(), |places| places.iter().map(|place| decided.line(*place)).collect())
}

/// Writes the why of each purchase order line.
fn explain(facts: &Facts<'_>, orders: &mut [PurchaseOrder], placed: &[Placed], lines: &[PlanLine], threads: usize) {
    let share = orders.len().div_ceil(threads).max(1);
    let mut work = Vec::new();
    let mut rest = placed;
    for (orders, first) in orders.chunks_mut(share).zip((0..).step_by(share)) {
        let (here, after) = rest.split_at(rest.partition_point(|at| (at.order as usize) < first + orders.len()));
        rest = after;
        work.push((first, orders, here));
    }
    in_parallel(work, |(first, orders, placed)| {
        for of_line in placed.chunk_by(|left, right| (left.order, left.line) == (right.order, right.line)) {
            let at = of_line[0];
            let line = &mut orders[at.order as usize - first].lines[at.line as usize];
            let rank = |demand: u32| facts.demands.all()[demand as usize].rank as usize;
            let demands: Vec<(&PlanLine, Quantity)> =
                of_line.iter().map(|at| (&lines[rank(at.demand)], at.qty)).collect();
            line.why = purchase_why(line, facts.offers.rows()[at.offer as usize].terms.factor, &demands);
        }
        Vec::<()>::new()
    });
}

/// By vendor, ship-to, warehouse, rank of the first demand.
fn sorted(facts: &Facts<'_>, orders: Vec<PurchaseOrder>, placed: &[Placed]) -> Vec<PurchaseOrder> {
    let rank = |at: &Placed| facts.demands.all()[at.demand as usize].rank;
    let firsts = placed.chunk_by(|left, right| left.order == right.order).map(|of_order| rank(&of_order[0]));
    let firsts: Vec<u32> = firsts.collect();
    let mut sorted: Vec<u32> = (0..).take(orders.len()).collect();
    sorted.sort_unstable_by(|left, right| {
        let key = |index: u32| {
            let order = &orders[index as usize];
            (&order.vendor, &order.ship_to, &order.warehouse, firsts[index as usize])
        };
        key(*left).cmp(&key(*right))
    });
    let mut orders: Vec<Option<PurchaseOrder>> = orders.into_iter().map(Some).collect();
    sorted.into_iter().filter_map(|index| orders[index as usize].take()).collect()
}

/// By order rank, line, kind; what is of no order comes last.
fn sorted_exceptions(snapshot: &Snapshot, facts: &Facts<'_>, mut exceptions: Vec<PlanException>) -> Vec<PlanException> {
    if exceptions.is_empty() {
        return exceptions;
    }
    let ranks: std::collections::HashMap<&str, u128> = snapshot
        .orders
        .iter()
        .zip(&facts.demands.numbers)
        .map(|(order, number)| (order.id.as_str(), rank_key(&snapshot.policy, order, *number, order.need_by)))
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
fn item_ranges(facts: &Facts<'_>, threads: usize) -> Vec<std::ops::Range<usize>> {
    let items = facts.demands.by_item.groups();
    let share = facts.demands.all().len().div_ceil(threads).max(1);
    let mut ranges = Vec::new();
    let mut start = 0;
    while start < items {
        let first = facts.demands.by_item.range(number(start)).start;
        let mut end = start + 1;
        while end < items && facts.demands.by_item.range(number(end)).end - first <= share {
            end += 1;
        }
        ranges.push(start..end);
        start = end;
    }
    ranges
}

fn demand_range(facts: &Facts<'_>, items: &std::ops::Range<usize>) -> std::ops::Range<usize> {
    facts.demands.by_item.range(number(items.start)).start..facts.demands.by_item.range(number(items.end - 1)).end
}

/// The slices of those ranges, which follow each other without gaps from 0, each with its start.
fn split<T>(mut rows: &mut [T], ranges: impl Iterator<Item = std::ops::Range<usize>>) -> Vec<(usize, &mut [T])> {
    let mut slices = Vec::new();
    for range in ranges {
        let (here, after) = rows.split_at_mut(range.len());
        slices.push((range.start, here));
        rows = after;
    }
    slices
}

/// Does each share of the work on a thread of its own, and joins the results in the order of the shares.
fn in_parallel<W: Send, T: Send>(mut shares: Vec<W>, work: impl Fn(W) -> Vec<T> + Sync) -> Vec<T> {
    let Some(last) = shares.pop() else { return Vec::new() };
    if shares.is_empty() {
        return work(last);
    }
    std::thread::scope(|scope| {
        let others: Vec<_> = shares.into_iter().map(|share| scope.spawn(|| work(share))).collect();
        let last = work(last);
        let mut all = Vec::new();
        for other in others {
            match other.join() {
                Ok(results) => all.extend(results),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all.extend(last);
        all
    })
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NONE)
}
