//! Release of blocked stock (domain.md section 2, `release_blocked_stock`): stock that waits in a whole-order document
//! which cannot be completed goes to the next by rank that it completes entirely.
//!
//! Invariants: held receipts are never released; stock moves only if it completes a document; nothing is lost or
//! made, it only changes hands.

use std::collections::{BTreeMap, HashMap};

use super::allocation::{Cover, FromStock};
use super::demand::Demand;
use super::facts::Facts;
use super::incoming::take;
use super::pieces::Pieces;
use super::policy::ShipPolicy;
use super::quantity::Quantity;
use super::snapshot::Snapshot;

/// Moves blocked stock between documents; `given` are the sources of all demands, in any order.
pub(super) fn release_blocked_stock(
    facts: &Facts<'_>,
    snapshot: &Snapshot,
    covers: &mut Pieces<Cover>,
    given: &mut Vec<FromStock>,
) {
    let documents = documents_by_rank(facts);
    let mut blocked: Vec<bool> = vec![false; snapshot.orders.len()];
    for (document, places) in &documents {
        blocked[*document as usize] = is_blocked(facts, snapshot, covers, *document, places);
    }
    let mut pool = Pool::new(facts, given, &blocked);
    for (document, places) in &documents {
        let lacking: Vec<(u32, Quantity)> = places
            .iter()
            .map(|place| (*place, lacks(facts, covers, *place)))
            .filter(|(_, lacks)| lacks.is_positive())
            .collect();
        // One that the host itself orders for waits for that, whatever lies here.
        let is_tied = lacking.iter().any(|(place, _)| facts.incoming.tied(*place).is_positive());
        if lacking.is_empty() || is_tied || facts.demands.doubtful[*document as usize] {
            continue;
        }
        if let Some(moves) = pool.moves_for(facts, *document, &lacking) {
            // It is complete now, so what it was given is no longer blocked.
            pool.withdraw(*document);
            for (entry, receiver, qty) in moves {
                let giver = pool.entries[entry].demand;
                pool.entries[entry].left = pool.entries[entry].left.minus_or_zero(qty);
                covers.at_mut(giver).release(qty);
                covers.at_mut(receiver).give(qty);
                let source = &mut given[pool.entries[entry].source];
                source.qty = source.qty.minus_or_zero(qty);
                let warehouse = source.warehouse;
                given.push(FromStock { demand: receiver, warehouse, qty, is_held: false });
            }
        }
    }
    given.retain(|source| source.qty.is_positive());
}

/// Documents with demands that draw on stock, by the rank of their first, with the places of those demands.
fn documents_by_rank(facts: &Facts<'_>) -> Vec<(u32, Vec<u32>)> {
    let mut order: Vec<u32> = Vec::new();
    let mut places: HashMap<u32, Vec<u32>> = HashMap::new();
    for place in &facts.demands.by_rank {
        let demand = facts.demands.at(*place);
        if !demand.drop_ship {
            places.entry(demand.document).or_insert_with(|| {
                order.push(demand.document);
                Vec::new()
            });
            places.entry(demand.document).or_default().push(*place);
        }
    }
    order.into_iter().filter_map(|document| places.remove(&document).map(|places| (document, places))).collect()
}

fn lacks(facts: &Facts<'_>, covers: &Pieces<Cover>, place: u32) -> Quantity {
    facts.demands.at(place).open.minus_or_zero(covers.at(place).from_stock)
}

/// A document that goes whole or not at all, and cannot go.
fn is_blocked(facts: &Facts<'_>, snapshot: &Snapshot, covers: &Pieces<Cover>, document: u32, places: &[u32]) -> bool {
    let order = &snapshot.orders[document as usize];
    let goes_whole = places
        .iter()
        .all(|place| facts.ship_policy(snapshot, order, facts.demands.at(*place)) == ShipPolicy::WholeOrder);
    let is_short = facts.demands.doubtful[document as usize]
        || places.iter().any(|place| lacks(facts, covers, *place).is_positive());
    goes_whole && is_short
}

/// What can be released.
struct Pool {
    entries: Vec<Entry>,
    /// By item and warehouse, the entries of the best rank first: the last is released first.
    stacks: BTreeMap<(u32, u32), Vec<usize>>,
    by_document: HashMap<u32, Vec<usize>>,
}

struct Entry {
    /// Where it stands among the sources.
    source: usize,
    demand: u32,
    document: u32,
    left: Quantity,
}

impl Pool {
    fn new(facts: &Facts<'_>, given: &[FromStock], blocked: &[bool]) -> Self {
        let demands = &facts.demands;
        let mut entries: Vec<Entry> = Vec::new();
        for (source, given) in given.iter().enumerate() {
            let document = demands.at(given.demand).document;
            if blocked[document as usize] && !given.is_held {
                entries.push(Entry { source, demand: given.demand, document, left: given.qty });
            }
        }
        entries.sort_by_key(|entry| demands.by_item.rows()[entry.demand as usize].rank);
        let mut stacks: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
        let mut by_document: HashMap<u32, Vec<usize>> = HashMap::new();
        for (index, entry) in entries.iter().enumerate() {
            let key = (demands.at(entry.demand).item, given[entry.source].warehouse);
            stacks.entry(key).or_default().push(index);
            by_document.entry(entry.document).or_default().push(index);
        }
        Self { entries, stacks, by_document }
    }

    /// The moves that complete the document: entry, receiving demand, quantity. `None`: there is not enough.
    fn moves_for(
        &mut self,
        facts: &Facts<'_>,
        document: u32,
        lacking: &[(u32, Quantity)],
    ) -> Option<Vec<(usize, u32, Quantity)>> {
        let mut moves = Vec::new();
        let mut taken: HashMap<usize, Quantity> = HashMap::new();
        for (place, lacks) in lacking {
            let demand = facts.demands.at(*place);
            let mut wanted = *lacks;
            for warehouse in self.warehouses(facts, demand) {
                let Some(stack) = self.stacks.get_mut(&(demand.item, warehouse)) else { continue };
                while stack.last().is_some_and(|entry| self.entries[*entry].left.is_zero()) {
                    stack.pop();
                }
                for entry in stack.iter().rev().copied() {
                    if wanted.is_zero() {
                        break;
                    }
                    if self.entries[entry].document == document {
                        continue;
                    }
                    let used = taken.entry(entry).or_default();
                    let mut left = self.entries[entry].left.minus_or_zero(*used);
                    let qty = take(&mut left, wanted);
                    wanted = wanted.minus_or_zero(qty);
                    *used = used.plus(qty);
                    if qty.is_positive() {
                        moves.push((entry, *place, qty));
                    }
                }
            }
            if wanted.is_positive() {
                return None;
            }
        }
        Some(moves)
    }

    /// Where blocked stock lies that the demand may draw on: its own warehouse first, then by the pool.
    fn warehouses(&self, facts: &Facts<'_>, demand: &Demand) -> Vec<u32> {
        let all = self.stacks.range((demand.item, 0)..=(demand.item, u32::MAX)).map(|((_, warehouse), _)| *warehouse);
        let mut warehouses: Vec<u32> = all.filter(|warehouse| facts.reaches(*warehouse, demand)).collect();
        warehouses.sort_by_key(|warehouse| {
            let place = facts.pool.get(*warehouse as usize).copied();
            (*warehouse != demand.warehouse, place, facts.names.warehouses.name(*warehouse))
        });
        warehouses
    }

    /// What a document holds is no longer to be released.
    fn withdraw(&mut self, document: u32) {
        for entry in self.by_document.remove(&document).unwrap_or_default() {
            self.entries[entry].left = Quantity::ZERO;
        }
    }
}
