//! Who gets what (domain.md section 2): held receipts, stock, own pegged supply, free incoming.
//!
//! Invariants: no place and no purchase order line gives out more than it has; a demand gets no more than is open;
//! items do not touch each other, so they are planned side by side.

use jiff::civil::Date;

use super::demand::Demand;
use super::facts::{Facts, StockPlace};
use super::grouped::{Grouped, NONE};
use super::incoming::{Supply, take};
use super::offer::{Chosen, choose};
use super::policy::{CountIncoming, SupplyRule};
use super::quantity::Quantity;
use super::snapshot::Snapshot;

/// How much of a demand is covered by what.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_field_names, reason = "the names of the plan's own keys")]
pub(super) struct Cover {
    pub(super) from_stock: Quantity,
    pub(super) from_own: Quantity,
    pub(super) from_incoming: Quantity,
}

impl Cover {
    pub(super) fn shortfall(&self, demand: &Demand) -> Quantity {
        demand.open.minus_or_zero(self.from_stock).minus_or_zero(self.from_own).minus_or_zero(self.from_incoming)
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
/// `demands` and `covers` are the item's, `first` is the place of the first of them.
pub(super) fn allocate_stock(
    facts: &Facts<'_>,
    hold_for_order: bool,
    (first, demands): (u32, &[Demand]),
    covers: &mut [Cover],
    places: &mut [StockPlace],
    given: &mut Vec<FromStock>,
) {
    if places.is_empty() {
        return;
    }
    let mut give =
        |index: usize, cover: &mut Cover, wanted: Quantity, from: Reach, places: &mut [StockPlace], is_held| {
            let demand = &demands[index];
            let mut left = wanted;
            let (own, others) = (from != Reach::Others, from != Reach::Own);
            if own && let Some(place) = places.iter_mut().find(|place| place.warehouse == demand.warehouse) {
                draw(place, &mut left, first + number(index), cover, is_held, given);
            }
            if others {
                for place in places.iter_mut() {
                    if left.is_zero() {
                        break;
                    }
                    if place.warehouse != demand.warehouse && facts.reaches(place.warehouse, demand) {
                        draw(place, &mut left, first + number(index), cover, is_held, given);
                    }
                }
            }
        };
    if hold_for_order && demands.iter().any(|demand| demand.received_for.is_positive()) {
        // Goods are received where the line is delivered from: nobody's hold reaches elsewhere before that is served.
        for reach in [Reach::Own, Reach::Others] {
            for (index, demand) in demands.iter().enumerate().filter(|(_, demand)| !demand.drop_ship) {
                let wanted = demand.received_for.min(demand.open).minus_or_zero(covers[index].from_stock);
                give(index, &mut covers[index], wanted, reach, places, true);
            }
        }
    }
    for (index, demand) in demands.iter().enumerate().filter(|(_, demand)| !demand.drop_ship) {
        let wanted = demand.open.minus_or_zero(covers[index].from_stock);
        if wanted.is_positive() {
            give(index, &mut covers[index], wanted, Reach::Everywhere, places, false);
        }
    }
}

/// Which of a demand's warehouses.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    Own,
    Others,
    Everywhere,
}

fn draw(
    place: &mut StockPlace,
    left: &mut Quantity,
    demand: u32,
    cover: &mut Cover,
    is_held: bool,
    given: &mut Vec<FromStock>,
) {
    let free = Quantity::from_millionths(i64::try_from(place.free).unwrap_or(i64::MAX));
    let qty = take(left, free);
    if qty.is_positive() {
        place.free -= i128::from(qty.millionths());
        cover.from_stock = cover.from_stock.plus(qty);
        given.push(FromStock { demand, warehouse: place.warehouse, qty, is_held });
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
    if supplies.is_empty() {
        return;
    }
    let begin = given.len();
    let mut left: Vec<Quantity> = supplies.iter().map(|supply| supply.open).collect();
    allocate_own(facts, snapshot, (first, demands), covers, (first_supply, supplies), &mut left, given);
    let mut free = FreeIncoming::new(facts, snapshot, supplies, &left);
    for (index, demand) in demands.iter().enumerate().filter(|(_, demand)| !demand.drop_ship) {
        let mut wanted = covers[index].shortfall(demand);
        if wanted.is_zero() {
            continue;
        }
        let mut limit = None;
        while wanted.is_positive() {
            let in_time = |due: Date| {
                let last = limit.get_or_insert_with(|| last_day_in_time(facts, snapshot, demand, &covers[index]));
                last.is_none_or(|last| due <= last)
            };
            let Some(supply) = free.next(facts, demand, supplies, &left, in_time) else { break };
            let qty = take(&mut left[supply], wanted);
            wanted = wanted.minus_or_zero(qty);
            covers[index].from_incoming = covers[index].from_incoming.plus(qty);
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

/// A demand's own pegged supply covers it, whatever its date.
fn allocate_own(
    facts: &Facts<'_>,
    snapshot: &Snapshot,
    (first, demands): (u32, &[Demand]),
    covers: &mut [Cover],
    (first_supply, supplies): (u32, &[Supply]),
    left: &mut [Quantity],
    given: &mut Vec<FromIncoming>,
) {
    let is_pooled = snapshot.policy.supply == SupplyRule::Pooled;
    let mut own: Vec<(u32, usize, u32)> = Vec::new();
    for (index, supply) in supplies.iter().enumerate().filter(|(_, supply)| supply.ours) {
        if is_pooled && !supply.drop_ship {
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
        (*demand, supply.due.is_none(), supply.due, supply.ordinal)
    });
    for (demand, index, place) in own {
        let offset = (demand - first) as usize;
        let holds = facts.incoming.pegs.rows()[place as usize].holds;
        let wanted = covers[offset].shortfall(&demands[offset]).min(holds);
        let qty = take(&mut left[index], wanted);
        if qty.is_positive() {
            covers[offset].from_own = covers[offset].from_own.plus(qty);
            given.push(FromIncoming { demand, supply: first_supply + number(index), peg: place, qty });
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

/// What is free of an item's incoming goods, the earliest first: one queue per warehouse for ours, one for others'.
struct FreeIncoming {
    queues: Vec<Queue>,
}

struct Queue {
    warehouse: u32,
    ours: bool,
    /// Places of supplies, by date, then po and line.
    supplies: Vec<usize>,
    next: usize,
}

impl FreeIncoming {
    fn new(facts: &Facts<'_>, snapshot: &Snapshot, supplies: &[Supply], left: &[Quantity]) -> Self {
        let any_date = snapshot.policy.count_incoming == CountIncoming::Any;
        let mut queues: Vec<Queue> = Vec::new();
        for (index, supply) in supplies.iter().enumerate() {
            let has_date = supply.due.is_some() || supply.ours || any_date;
            if !supply.counts || !has_date || left[index].is_zero() || supply.warehouse == NONE {
                continue;
            }
            // Other supply at any date waits in the queue of ours: nothing about it depends on the demand.
            let ours = supply.ours || any_date;
            match queues.iter_mut().find(|queue| queue.warehouse == supply.warehouse && queue.ours == ours) {
                Some(queue) => queue.supplies.push(index),
                None => queues.push(Queue { warehouse: supply.warehouse, ours, supplies: vec![index], next: 0 }),
            }
        }
        for queue in &mut queues {
            queue.supplies.sort_by_key(|index| by_date(&supplies[*index]));
        }
        queues.sort_by_key(|queue| (facts.warehouses.name(queue.warehouse), queue.ours));
        Self { queues }
    }

    /// The earliest supply that this demand may use; of equal dates its own warehouse's.
    fn next(
        &mut self,
        facts: &Facts<'_>,
        demand: &Demand,
        supplies: &[Supply],
        left: &[Quantity],
        mut in_time: impl FnMut(Date) -> bool,
    ) -> Option<usize> {
        let mut best: Option<usize> = None;
        let order = |index: usize| {
            let supply = &supplies[index];
            (supply.due.is_none(), supply.due, supply.warehouse != demand.warehouse, supply.ordinal)
        };
        for queue in &mut self.queues {
            if !facts.reaches(queue.warehouse, demand) {
                continue;
            }
            while queue.supplies.get(queue.next).is_some_and(|index| left[*index].is_zero()) {
                queue.next += 1;
            }
            let Some(index) = queue.supplies.get(queue.next).copied() else { continue };
            if best.is_some_and(|best| order(best) <= order(index)) {
                continue;
            }
            if queue.ours || supplies[index].due.is_some_and(&mut in_time) {
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
pub(super) struct StockUse(pub(super) Grouped<StockPlace>);

impl StockUse {
    /// Warehouses with free stock of the demand's item that it does not draw on, and how much.
    pub(super) fn out_of_reach(&self, facts: &Facts<'_>, demand: &Demand) -> impl Iterator<Item = (u32, Quantity)> {
        self.0.of(demand.item).iter().filter(|place| place.free > 0 && !facts.reaches(place.warehouse, demand)).map(
            |place| {
                let free = Quantity::from_millionths(i64::try_from(place.free).unwrap_or(i64::MAX));
                (place.warehouse, free.min(Quantity::MAX))
            },
        )
    }
}
