//! How each sales document stands after the plan: backorder, ready, part ready, promise.
//!
//! Invariants: judged by all its demands; a document of which something could not be read is never ready.

use jiff::civil::Date;

use super::decided::Decided;
use super::demand::{Demand, Ranked};
use super::facts::Facts;
use super::grouped::NONE;
use super::parallel::{in_parallel, share};
use super::pieces::Pieces;
use super::policy::ShipPolicy;
use super::quantity::Quantity;
use super::rank::Ranking;
use super::readiness::{LineStock, readiness};
use super::snapshot::Order;

/// Where a sales document stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlook {
    pub(super) promise: Option<Date>,
    pub(super) backorder: bool,
    pub(super) ready: bool,
    pub(super) part_ready: bool,
    /// The rank of its first demand; [`NONE`]: it has no demand.
    first: u32,
}

/// Where all documents stand.
#[derive(Debug, Default)]
pub(super) struct Outlooks {
    /// As they stand in the snapshot.
    pub(super) all: Pieces<Outlook>,
    /// Their places in the snapshot, by the rank of their first demand; those without demands come last.
    pub(super) by_rank: Vec<u32>,
}

/// What a document must know of a demand, close together: documents find their demands all over the memory.
#[derive(Debug, Clone, Copy)]
struct Standing {
    rank: u32,
    promise: Option<Date>,
    /// By stock.
    is_covered: bool,
}

impl Outlooks {
    pub(super) fn new(decided: &Decided<'_>, threads: usize) -> Self {
        let ranked = decided.facts.demands.by_item.rows();
        let per_thread = share(ranked.len(), threads);
        let standings = in_parallel(ranked.chunks(per_thread).zip((0..).step_by(per_thread)), |(ranked, first)| {
            let standing = |(ranked, place): (&Ranked, u32)| Standing {
                rank: ranked.rank,
                promise: decided.promise(place),
                is_covered: decided.is_covered(place),
            };
            ranked.iter().zip(first..).map(standing).collect()
        });
        let standings: Pieces<Standing> = standings.into_iter().collect();
        let orders = &decided.snapshot.orders;
        let per_thread = share(orders.len(), threads);
        let all = in_parallel(orders.chunks(per_thread).zip((0..).step_by(per_thread)), |(orders, first)| {
            let mut judge = Judge { decided, standings: &standings, demands: Vec::new(), lines: Vec::new() };
            orders.iter().zip(first..).map(|(order, document)| judge.outlook(order, document)).collect()
        });
        let all: Pieces<Outlook> = all.into_iter().collect();
        let by_rank = by_rank(decided, &all);
        Self { all, by_rank }
    }
}

fn by_rank(decided: &Decided<'_>, all: &Pieces<Outlook>) -> Vec<u32> {
    let (snapshot, Facts { names, demands, .. }) = (decided.snapshot, &decided.facts);
    let mut firsts = vec![NONE; demands.len()];
    let mut without: Vec<(u128, u32)> = Vec::new();
    let ranking = Ranking::new(&snapshot.policy);
    for ((outlook, order), document) in all.iter().zip(&snapshot.orders).zip(0..) {
        match firsts.get_mut(outlook.first as usize) {
            Some(first) => *first = document,
            None => without.push((ranking.key(order, names.documents[document as usize], order.need_by), document)),
        }
    }
    without.sort_unstable();
    let mut by_rank = Vec::with_capacity(all.len());
    by_rank.extend(firsts.into_iter().filter(|document| *document != NONE));
    by_rank.extend(without.into_iter().map(|(_, document)| document));
    by_rank
}

/// Judges documents one after the other.
struct Judge<'d, 'a> {
    decided: &'d Decided<'a>,
    standings: &'d Pieces<Standing>,
    /// Of the document at hand.
    demands: Vec<(u32, &'d Demand)>,
    lines: Vec<LineStock>,
}

impl Judge<'_, '_> {
    fn outlook(&mut self, order: &Order, document: u32) -> Outlook {
        let demands = &self.decided.facts.demands;
        self.demands.clear();
        self.demands.extend(demands.of_document(document));
        let standings = self.demands.iter().map(|(place, _)| self.standings.at(*place));
        let of_lines = self.demands.chunk_by(|(_, left), (_, right)| left.line == right.line);
        self.lines.clear();
        self.lines.extend(of_lines.map(|of_line| line_stock(self.decided, self.standings, order, of_line)));
        let judged = readiness(&self.lines, order.min_shipment);
        let doubtful = demands.doubtful[document as usize];
        let promises = standings.clone().map(|standing| standing.promise);
        let has_promise = !self.demands.is_empty() && !doubtful && promises.clone().all(|promise| promise.is_some());
        Outlook {
            promise: if has_promise { promises.flatten().max() } else { None },
            backorder: standings.clone().any(|standing| !standing.is_covered),
            ready: judged.ready && !doubtful,
            part_ready: judged.part_ready || (judged.ready && doubtful && lets_part_go(&self.lines)),
            first: standings.map(|standing| standing.rank).min().unwrap_or(NONE),
        }
    }
}

/// One line as stock covers it; its demands are those of its components where it is of a kit.
fn line_stock(
    decided: &Decided<'_>,
    standings: &Pieces<Standing>,
    order: &Order,
    demands: &[(u32, &Demand)],
) -> LineStock {
    let is_covered = demands.iter().all(|(place, _)| standings.at(*place).is_covered);
    let (_, first) = demands[0];
    let ship_policy = decided.facts.ship_policy(decided.snapshot, order, first);
    // Nothing of a drop shipment is from stock.
    let can_go = match ship_policy {
        ShipPolicy::EachLine | ShipPolicy::AnyPart => can_go(decided, demands, is_covered),
        ShipPolicy::WholeOrder => Quantity::ZERO,
    };
    LineStock { drop_ship: first.drop_ship, ship_policy, is_covered, can_go }
}

/// How many units of the line stock covers now; of a kit, whole kits.
fn can_go(decided: &Decided<'_>, demands: &[(u32, &Demand)], is_covered: bool) -> Quantity {
    let (place, first) = demands[0];
    let line = first.line(decided.snapshot);
    let from_stock = |place: u32| decided.covers.at(place).from_stock;
    let open_line = line.ordered.minus_or_zero(line.closed).minus_or_zero(line.fulfilled);
    match decided.facts.demands.kits.parts_of(&line.item) {
        _ if is_covered => open_line,
        Some(Ok(parts)) => {
            // Whole kits only: as many as every component allows, what is owed once set aside first.
            let kits = demands.iter().map(|(place, demand)| {
                let part = &parts[demand.component as usize];
                let owed = if line.fulfilled.is_zero() { part.fixed } else { Quantity::ZERO };
                if from_stock(*place) < owed {
                    return Quantity::ZERO;
                }
                if part.per_kit.is_zero() {
                    return open_line;
                }
                let left = from_stock(*place).minus_or_zero(owed);
                part.per_kit.inverse().times_down(left).unwrap_or(Quantity::MAX)
            });
            let kits = kits.min().unwrap_or_default().min(open_line);
            Quantity::from_millionths(kits.millionths() - kits.millionths() % Quantity::SCALE)
        }
        _ => from_stock(place),
    }
}

/// Whether a document whose other lines are in doubt may send the lines that stock covers.
fn lets_part_go(lines: &[LineStock]) -> bool {
    lines.iter().any(|line| line.can_go.is_positive())
}
