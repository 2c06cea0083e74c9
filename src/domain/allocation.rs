//! Who gets what (domain.md section 2): held receipts, stock, own pegged supply, free incoming.
//!
//! What the host itself ordered for a demand comes before all: the host gives such a demand nothing else, so stock that
//! it were given here would be missing for the others.
//!
//! Invariants: no place and no purchase order line gives out more than it has; a demand gets no more than is open;
//! items do not touch each other, so they are planned side by side.

use jiff::civil::Date;

use super::demand::Demand;
use super::facts::{Facts, StockPlace};
use super::grouped::{Grouped, NONE};
use super::incoming::{Supply, take};
use super::offer::{Chosen, choose};
use super::quantity::Quantity;
use super::snapshot::Snapshot;

/// How much of a demand is covered: by stock, by incoming goods (those that [`FromIncoming`] says), by nothing yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cover {
    pub(super) from_stock: Quantity,
    /// What is not covered.
    pub(super) shortfall: Quantity,
}

impl Cover {
    pub(super) fn none(open: Quantity) -> Self {
        Self { from_stock: Quantity::ZERO, shortfall: open }
    }

    /// Gives it stock.
    pub(super) fn give(&mut self, qty: Quantity) {
        self.from_stock = self.from_stock.plus(qty);
        self.shortfall = self.shortfall.minus_or_zero(qty);
    }

    /// Takes stock away from it.
    pub(super) fn release(&mut self, qty: Quantity) {
        self.from_stock = self.from_stock.minus_or_zero(qty);
        self.shortfall = self.shortfall.plus(qty);
    }
}

/// Stock that a demand was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct FromStock {
    /// The demand's place.
    pub(super) demand: u32,
    pub(super) warehouse: u32,
    pub(super) qty: Quantity,
    /// Received for this very line: never released.
    pub(super) is_held: bool,
}

/// Incoming goods that a demand was given.
#[derive(Debug, Clone, Copy)]
pub(super) struct FromIncoming {
    /// The demand's place.
    pub(super) demand: u32,
    /// The supply's place.
    pub(super) supply: u32,
    /// The peg's place, where they are the demand's own; else [`NONE`].
    pub(super) peg: u32,
    pub(super) qty: Quantity,
}

/// Gives an item's stock to its demands: what was received for a line first, then down the rank.
///
/// `demands` and `covers` are the item's, `first` is the place of the first of them. `given` learns what comes from
/// another warehouse than the demand's, and all that is given where stock may be released again.
pub(super) fn allocate_stock(
    facts: &Facts<'_>,
    snapshot: &Snapshot,
    (first, demands): (u32, &[Demand]),
    covers: &mut [Cover],
    places: &mut [StockPlace],
    given: &mut Vec<FromStock>,
) {
    let mut shelves = Shelves::new(facts, places);
    let from_here =
        |index: usize, demand: &Demand| demand.open.minus_or_zero(facts.incoming.tied(first + number(index)));
    let mut give = |index: usize, cover: &mut Cover, wanted: Quantity, from: Reach, is_held: bool| {
        let warehouse = demands[index].warehouse;
        shelves.draw(warehouse, wanted, from, |from_warehouse, qty| {
            cover.give(qty);
            if from_warehouse != warehouse || snapshot.policy.release_blocked_stock {
                given.push(FromStock { demand: first + number(index), warehouse: from_warehouse, qty, is_held });
            }
        });
    };
    let is_held = |demand: &Demand| demand.received_for.is_positive() && facts.holds_received(snapshot, demand);
    if demands.iter().any(is_held) {
        // Goods are received where the line is delivered from: nobody's hold reaches elsewhere before that is served.
        for reach in [Reach::Own, Reach::Pool] {
            for (index, demand) in demands.iter().enumerate().filter(|(_, demand)| !demand.drop_ship && is_held(demand))
            {
                let wanted = demand.received_for.min(from_here(index, demand)).minus_or_zero(covers[index].from_stock);
                give(index, &mut covers[index], wanted, reach, true);
            }
        }
    }
    for (index, demand) in demands.iter().enumerate().filter(|(_, demand)| !demand.drop_ship) {
        let wanted = from_here(index, demand).minus_or_zero(covers[index].from_stock);
        if wanted.is_positive() {
            give(index, &mut covers[index], wanted, Reach::Everywhere, false);
        }
    }
}

/// Which of a demand's warehouses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Own,
    Pool,
    Everywhere,
}

/// Places from which on they are searched by an index.
const MANY_PLACES: usize = 8;

/// An item's stock while it is given out.
struct Shelves<'p> {
    /// Those of the pool first, in its order.
    places: &'p mut [StockPlace],
    /// How many are in the pool.
    pooled: usize,
    /// The first of the pool that may have something left.
    next: usize,
    /// Warehouse and place, by warehouse; empty where there are few.
    by_warehouse: Vec<(u32, usize)>,
}

impl<'p> Shelves<'p> {
    fn new(facts: &Facts<'_>, places: &'p mut [StockPlace]) -> Self {
        let is_pooled = |place: &StockPlace| facts.pool.get(place.warehouse as usize).is_some_and(|at| *at != NONE);
        let pooled = places.iter().position(|place| !is_pooled(place)).unwrap_or(places.len());
        let mut by_warehouse = Vec::new();
        if places.len() >= MANY_PLACES {
            by_warehouse.extend(places.iter().enumerate().map(|(at, place)| (place.warehouse, at)));
            by_warehouse.sort_unstable();
        }
        Self { places, pooled, next: 0, by_warehouse }
    }

    fn own(&self, warehouse: u32) -> Option<usize> {
        if self.by_warehouse.is_empty() {
            return self.places.iter().position(|place| place.warehouse == warehouse);
        }
        let at = self.by_warehouse.binary_search_by_key(&warehouse, |(warehouse, _)| *warehouse).ok()?;
        Some(self.by_warehouse[at].1)
    }

    /// Draws up to `wanted` from a demand's own warehouse, then from the pool; tells of each warehouse and quantity.
    fn draw(&mut self, warehouse: u32, wanted: Quantity, reach: Reach, mut tell: impl FnMut(u32, Quantity)) {
        let mut left = wanted;
        if reach != Reach::Pool
            && let Some(own) = self.own(warehouse)
        {
            self.draw_at(own, &mut left, &mut tell);
        }
        if reach == Reach::Own {
            return;
        }
        while left.is_positive() && self.next < self.pooled {
            self.draw_at(self.next, &mut left, &mut tell);
            if left.is_positive() {
                self.next += 1;
            }
        }
    }

    fn draw_at(&mut self, at: usize, left: &mut Quantity, tell: &mut impl FnMut(u32, Quantity)) {
        let place = &mut self.places[at];
        let free = Quantity::from_millionths(i64::try_from(place.free).unwrap_or(i64::MAX));
        let qty = take(left, free);
        if qty.is_positive() {
            place.free -= i128::from(qty.millionths());
            tell(place.warehouse, qty);
        }
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NONE)
}

/// Gives an item's incoming goods to what stock did not cover: its own first, then what is free down the rank.
///
/// `supplies` are the item's, `first_supply` is the place of the first of them.
pub(super) fn allocate_incoming(
    facts: &Facts<'_>,
    snapshot: &Snapshot,
    (first, demands): (u32, &[Demand]),
    covers: &mut [Cover],
    (first_supply, supplies): (u32, &[Supply]),
    given: &mut Vec<FromIncoming>,
) {
    let begin = given.len();
    let mut left: Vec<Quantity> = supplies.iter().map(|supply| supply.open).collect();
    allocate_own(facts, snapshot, (first, demands), covers, (first_supply, supplies), &mut left, given);
    let mut free = FreeIncoming::new(facts, supplies, &left);
    for (index, demand) in demands.iter().enumerate().filter(|(_, demand)| !demand.drop_ship) {
        let mut wanted = covers[index].shortfall;
        if wanted.is_zero() {
            continue;
        }
        let mut limit = None;
        while wanted.is_positive() {
            let in_time = |due: Date| {
                let last = limit.get_or_insert_with(|| last_day_in_time(facts, snapshot, demand, &covers[index]));
                last.is_none_or(|last| due <= last)
            };
            let Some(supply) = free.next(demand, supplies, &left, in_time) else { break };
            let qty = take(&mut left[supply], wanted);
            wanted = wanted.minus_or_zero(qty);
            covers[index].shortfall = wanted;
            given.push(FromIncoming {
                demand: first + number(index),
                supply: first_supply + number(supply),
                peg: NONE,
                qty,
            });
        }
    }
    given[begin..].sort_by_key(|source| source.demand);
}

/// What is pegged to a demand covers it, whatever its date: what the host itself ordered for it, then its own.
fn allocate_own(
    facts: &Facts<'_>,
    snapshot: &Snapshot,
    (first, demands): (u32, &[Demand]),
    covers: &mut [Cover],
    (first_supply, supplies): (u32, &[Supply]),
    left: &mut [Quantity],
    given: &mut Vec<FromIncoming>,
) {
    let is_pooled = demands.first().is_some_and(|demand| facts.is_pooled(snapshot, demand.item));
    let mut own: Vec<(u32, usize, u32)> = Vec::new();
    for (index, supply) in supplies.iter().enumerate().filter(|(_, supply)| supply.ours || supply.tied) {
        if is_pooled && !supply.drop_ship && !supply.tied {
            continue;
        }
        for place in facts.incoming.pegs.range(supply.row) {
            let peg = &facts.incoming.pegs.rows()[place];
            let is_here = peg.demand.checked_sub(first).is_some_and(|offset| (offset as usize) < demands.len());
            if is_here && peg.holds.is_positive() {
                own.push((peg.demand, index, number(place)));
            }
        }
    }
    own.sort_by_key(|(demand, index, _)| {
        let supply = &supplies[*index];
        (*demand, !supply.tied, supply.due.is_none(), supply.due, supply.ordinal)
    });
    for (demand, index, place) in own {
        let offset = (demand - first) as usize;
        let holds = facts.incoming.pegs.rows()[place as usize].holds;
        let wanted = covers[offset].shortfall.min(holds);
        let qty = take(&mut left[index], wanted);
        if qty.is_positive() {
            covers[offset].shortfall = covers[offset].shortfall.minus_or_zero(qty);
            let peg = if supplies[index].tied { NONE } else { place };
            given.push(FromIncoming { demand, supply: first_supply + number(index), peg, qty });
        }
    }
}

/// The last day that is in time for a demand; `None`: any day.
///
/// By the need-by date, or no later than an order placed today with the vendor that would be chosen for what stock
/// does not cover; any day where there is no need-by date or no vendor.
fn last_day_in_time(facts: &Facts<'_>, snapshot: &Snapshot, demand: &Demand, cover: &Cover) -> Option<Date> {
    let need_by = demand.need_by?;
    let request = facts.request(snapshot, demand, demand.open.minus_or_zero(cover.from_stock));
    let offers = facts.offers.of(demand.item);
    match choose(&snapshot.policy, offers, &request) {
        Chosen::Offer(index) if offers[index].problem.is_none() => Some(need_by.max(offers[index].expected)),
        _ => None,
    }
}

/// What is free of an item's incoming goods, in queues by date: those of each warehouse, and those of the whole pool.
struct FreeIncoming {
    /// Places of supplies, of one queue next to each other.
    supplies: Vec<u32>,
    /// By warehouse.
    own: Vec<Queue>,
    pool: Vec<Queue>,
}

/// Of one warehouse or the pool: what counts on any day, or what must be in time.
#[derive(Clone, Copy)]
struct Queue {
    warehouse: u32,
    any_day: bool,
    /// Where its supplies stand; those before `next` are used up.
    next: usize,
    end: usize,
}

impl FreeIncoming {
    fn new(facts: &Facts<'_>, supplies: &[Supply], left: &[Quantity]) -> Self {
        let any_day = |index: u32| supplies[index as usize].any_day;
        let warehouse = |index: u32| supplies[index as usize].warehouse;
        let mut free: Vec<u32> = (0..)
            .zip(supplies.iter().zip(left))
            .filter(|(index, (supply, left))| {
                let has_date = supply.due.is_some() || any_day(*index);
                supply.counts && has_date && left.is_positive() && supply.warehouse != NONE
            })
            .map(|(index, _)| index)
            .collect();
        free.sort_unstable_by_key(|index| by_date(&supplies[*index as usize]));
        let is_pooled = |index: &u32| facts.pool.get(warehouse(*index) as usize).is_some_and(|place| *place != NONE);
        let mut pooled: Vec<u32> = free.iter().copied().filter(is_pooled).collect();
        pooled.sort_by_key(|index| any_day(*index));
        free.sort_by_key(|index| (warehouse(*index), any_day(*index)));
        let own_end = free.len();
        free.extend(pooled);
        let queues = |range: std::ops::Range<usize>, key: &dyn Fn(u32) -> u32| {
            let mut end = range.start;
            let same = |left: &u32, right: &u32| (key(*left), any_day(*left)) == (key(*right), any_day(*right));
            let queues = free[range].chunk_by(same).map(|queue| {
                let next = end;
                end += queue.len();
                Queue { warehouse: key(queue[0]), any_day: any_day(queue[0]), next, end }
            });
            queues.collect::<Vec<_>>()
        };
        let (own, pool) = (queues(0..own_end, &warehouse), queues(own_end..free.len(), &|_| NONE));
        Self { own, pool, supplies: free }
    }

    /// The earliest supply that this demand may use; of equal dates its own warehouse's.
    fn next(
        &mut self,
        demand: &Demand,
        supplies: &[Supply],
        left: &[Quantity],
        mut in_time: impl FnMut(Date) -> bool,
    ) -> Option<usize> {
        let order = |index: usize| {
            let supply = &supplies[index];
            (supply.due.is_none(), supply.due, supply.warehouse != demand.warehouse, supply.ordinal)
        };
        let first = self.own.partition_point(|queue| queue.warehouse < demand.warehouse);
        let own = self.own[first..].iter_mut().take_while(|queue| queue.warehouse == demand.warehouse);
        let mut best: Option<usize> = None;
        for queue in own.chain(&mut self.pool) {
            let used_up = |index: &&u32| left[**index as usize].is_zero();
            queue.next += self.supplies[queue.next..queue.end].iter().take_while(used_up).count();
            let Some(index) = self.supplies[queue.next..queue.end].first().map(|index| *index as usize) else {
                continue;
            };
            let is_earlier = best.is_none_or(|best| order(index) < order(best));
            if is_earlier && (queue.any_day || supplies[index].due.is_some_and(&mut in_time)) {
                best = Some(index);
            }
        }
        best
    }
}

fn by_date(supply: &Supply) -> (bool, Option<Date>, u32) {
    (supply.due.is_none(), supply.due, supply.ordinal)
}

/// Stock that nobody was given.
#[derive(Debug, Default)]
pub(super) struct StockUse(Grouped<StockPlace>);

/// Warehouses with free stock that are named at most: a person looks into no more.
const MOST_NAMED: usize = 10;

impl StockUse {
    pub(super) fn new(places: Grouped<StockPlace>) -> Self {
        Self(places.retained(|place| place.free > 0, |place| place.item))
    }

    /// Warehouses with free stock of the demand's item that it does not draw on, and how much.
    pub(super) fn out_of_reach(&self, facts: &Facts<'_>, demand: &Demand) -> impl Iterator<Item = (u32, Quantity)> {
        let others = self.0.of(demand.item).iter().filter(|place| !facts.reaches(place.warehouse, demand));
        others.take(MOST_NAMED).map(|place| {
            let free = Quantity::from_millionths(i64::try_from(place.free).unwrap_or(i64::MAX));
            (place.warehouse, free.min(Quantity::MAX))
        })
    }
}
