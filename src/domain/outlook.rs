//! How each sales document stands after the plan: backorder, ready, part ready, promise.
//!
//! Invariants: judged by all its demands; a document of which something could not be read is never ready.

use jiff::civil::Date;

use super::decided::Decided;
use super::grouped::NONE;
use super::parallel::{in_parallel, joined, share};
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
    pub(super) all: Vec<Outlook>,
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
    drop_ship: bool,
}

impl Outlooks {
    pub(super) fn new(decided: &Decided<'_>, threads: usize) -> Self {
        let demands = decided.facts.demands.all();
        let per_thread = share(demands.len(), threads);
        let standings = in_parallel((0..demands.len()).step_by(per_thread), |first| {
            let places = (0_u32..).zip(demands).zip(&decided.covers).skip(first).take(per_thread);
            let standing = places.map(|((place, demand), cover)| Standing {
                rank: demand.rank,
                promise: decided.promise(place),
                is_covered: cover.from_stock == demand.open,
                drop_ship: demand.drop_ship,
            });
            standing.collect()
        });
        let standings: Vec<Standing> = standings.into_iter().reduce(joined).unwrap_or_default();
        let orders = &decided.snapshot.orders;
        let per_thread = share(orders.len(), threads);
        let all = in_parallel(orders.chunks(per_thread).zip((0..).step_by(per_thread)), |(orders, first)| {
            let mut judge = Judge { decided, standings: &standings, lines: Vec::new() };
            orders.iter().zip(first..).map(|(order, document)| judge.outlook(order, document)).collect()
        });
        let all: Vec<Outlook> = all.into_iter().reduce(joined).unwrap_or_default();
        let by_rank = by_rank(decided, &all);
        Self { all, by_rank }
    }
}

fn by_rank(decided: &Decided<'_>, all: &[Outlook]) -> Vec<u32> {
    let (snapshot, demands) = (decided.snapshot, &decided.facts.demands);
    let mut firsts = vec![NONE; demands.all().len()];
    let mut without: Vec<(u128, u32)> = Vec::new();
    let ranking = Ranking::new(&snapshot.policy);
    for ((outlook, order), document) in all.iter().zip(&snapshot.orders).zip(0..) {
        match firsts.get_mut(outlook.first as usize) {
            Some(first) => *first = document,
            None => without.push((ranking.key(order, demands.numbers[document as usize], order.need_by), document)),
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
    standings: &'d [Standing],
    /// Of the document at hand.
    lines: Vec<LineStock>,
}

impl Judge<'_, '_> {
    fn outlook(&mut self, order: &Order, document: u32) -> Outlook {
        let decided = self.decided;
        let demands = &decided.facts.demands;
        let places = demands.by_document.of(document);
        let line_of = |place: u32| demands.all()[place as usize].line;
        let mut lines = std::mem::take(&mut self.lines);
        lines.clear();
        if let [place] = places {
            lines.push(self.line_stock(order, &[*place]));
        } else {
            let of_lines = places.chunk_by(|left, right| line_of(*left) == line_of(*right));
            lines.extend(of_lines.map(|places| self.line_stock(order, places)));
        }
        let judged = readiness(&lines, order.min_shipment);
        let doubtful = demands.doubtful[document as usize];
        let part_ready = judged.part_ready || (judged.ready && doubtful && lets_part_go(&lines));
        self.lines = lines;
        let standings = places.iter().map(|place| &self.standings[*place as usize]);
        let promises = standings.clone().map(|standing| standing.promise);
        let has_promise = !places.is_empty() && !doubtful && promises.clone().all(|promise| promise.is_some());
        Outlook {
            promise: if has_promise { promises.flatten().max() } else { None },
            backorder: standings.clone().any(|standing| !standing.is_covered),
            ready: judged.ready && !doubtful,
            part_ready,
            first: standings.map(|standing| standing.rank).min().unwrap_or(NONE),
        }
    }

    /// One line as stock covers it; `places` are its demands, the components of a kit.
    fn line_stock(&self, order: &Order, places: &[u32]) -> LineStock {
        let decided = self.decided;
        let standing = |place: &u32| &self.standings[*place as usize];
        let is_covered = places.iter().all(|place| standing(place).is_covered);
        let ship_policy = decided.facts.ship_policy(decided.snapshot, order, places[0]);
        let can_go = match ship_policy {
            // It goes with the rest, or not.
            ShipPolicy::WholeOrder => Quantity::ZERO,
            ShipPolicy::EachLine | ShipPolicy::AnyPart => self.can_go(places, is_covered),
        };
        LineStock { drop_ship: standing(&places[0]).drop_ship, ship_policy, is_covered, can_go }
    }

    /// How many units of the line stock covers now; of a kit, whole kits.
    fn can_go(&self, places: &[u32], is_covered: bool) -> Quantity {
        let decided = self.decided;
        let demands = &decided.facts.demands;
        let line = demands.all()[places[0] as usize].line(decided.snapshot);
        let from_stock = |place: u32| decided.covers[place as usize].from_stock;
        let open_line = line.ordered.minus_or_zero(line.closed).minus_or_zero(line.fulfilled);
        match demands.kits.parts_of(&line.item) {
            _ if is_covered => open_line,
            Some(Ok(parts)) => {
                // Whole kits only: as many as every component allows, what is owed once set aside first.
                let kits = places.iter().map(|place| {
                    let part = &parts[demands.all()[*place as usize].component as usize];
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
            _ => from_stock(places[0]),
        }
    }
}

/// Whether a document whose other lines are in doubt may send the lines that stock covers.
fn lets_part_go(lines: &[LineStock]) -> bool {
    lines.iter().any(|line| !line.drop_ship && line.ship_policy != ShipPolicy::WholeOrder && line.can_go.is_positive())
}
