//! How each demand and each sales document stands after the plan: deliveries, promise, readiness, and the steps of the
//! sum.
//!
//! Invariants: a promise is given only if all of the open quantity has a date; today is the date of stock; an overdue
//! line counts as today.

use jiff::civil::Date;

use super::allocation::{Cover, FromIncoming, FromStock, StockUse};
use super::calendar::days_between;
use super::demand::Demand;
use super::facts::Facts;
use super::grouped::{Grouped, NONE};
use super::needs::Withdrawn;
use super::plan::{Delivery, Incoming, OrderOutlook, PlanLine, WhyStep};
use super::policy::ShipPolicy;
use super::quantity::Quantity;
use super::rank::rank_key;
use super::readiness::{LineStock, readiness};
use super::snapshot::Snapshot;

/// Everything that was decided, by the place of the demand.
pub(super) struct Decided<'d, 'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) facts: &'d Facts<'a>,
    pub(super) covers: &'d [Cover],
    pub(super) from_stock: &'d Grouped<FromStock>,
    pub(super) incoming: &'d Grouped<FromIncoming>,
    pub(super) planned: &'d Grouped<Planned>,
    pub(super) withdrawn: &'d Withdrawn,
    /// Stock that nobody was given.
    pub(super) stock: &'d StockUse,
}

/// What was ordered for a demand in this run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    /// The demand's place.
    pub(super) demand: u32,
    pub(super) qty: Quantity,
    pub(super) expected: Option<Date>,
}

impl Decided<'_, '_> {
    /// The plan's line for the demand at that place.
    pub(super) fn line(&self, place: u32) -> PlanLine {
        let (snapshot, facts) = (self.snapshot, self.facts);
        let demand = &facts.demands.all()[place as usize];
        let cover = &self.covers[place as usize];
        let shortfall = cover.shortfall(demand);
        let not_bought = self.withdrawn.not_bought(place, demand, shortfall);
        let deliveries = self.deliveries(place, cover);
        let dated = deliveries.iter().map(|delivery| delivery.qty).fold(Quantity::ZERO, Quantity::plus);
        let promise = if dated == demand.open { deliveries.last().map(|delivery| delivery.date) } else { None };
        let late_days = promise.zip(demand.need_by).map(|(promise, need_by)| days_between(need_by, promise).max(0));
        PlanLine {
            order: demand.order(snapshot).id.clone(),
            line: demand.line(snapshot).id.clone(),
            item: facts.items.name(demand.item).cloned().unwrap_or_default(),
            open: demand.open,
            from_stock: cover.from_stock,
            from_own: cover.from_own,
            from_incoming: cover.from_incoming,
            shortfall,
            not_bought,
            deliveries,
            promise,
            late_days,
            why: self.why(place, demand, cover, not_bought),
        }
    }

    /// By date; what comes without a date is not among them.
    fn deliveries(&self, place: u32, cover: &Cover) -> Vec<Delivery> {
        let supplies = self.facts.incoming.by_item.rows();
        let incoming = self.incoming.of(place);
        let planned = self.planned.of(place);
        let mut deliveries: Vec<Delivery> = Vec::with_capacity(1 + incoming.len() + planned.len());
        if cover.from_stock.is_positive() {
            deliveries.push(Delivery { date: self.snapshot.today, qty: cover.from_stock });
        }
        let dated = incoming.iter().map(|source| (supplies[source.supply as usize].due, source.qty));
        for (date, qty) in dated.chain(planned.iter().map(|planned| (planned.expected, planned.qty))) {
            if let Some(date) = date {
                deliveries.push(Delivery { date, qty });
            }
        }
        deliveries.sort_by_key(|delivery| delivery.date);
        deliveries.dedup_by(|next, kept| {
            let is_same_day = next.date == kept.date;
            if is_same_day {
                kept.qty = kept.qty.plus(next.qty);
            }
            is_same_day
        });
        deliveries
    }

    fn why(&self, place: u32, demand: &Demand, cover: &Cover, not_bought: Quantity) -> Vec<WhyStep> {
        let wanted = self.facts.demands.wanted(self.snapshot, demand);
        let incoming = self.incoming.of(place);
        let shortfall = cover.shortfall(demand);
        let closed = wanted.ordered.minus_or_zero(wanted.wanted);
        let fulfilled = wanted.wanted.minus_or_zero(demand.open);
        let mut steps = Vec::with_capacity(
            1 + usize::from(fulfilled.is_positive())
                + usize::from(closed.is_positive())
                + usize::from(cover.from_stock.is_positive())
                + incoming.len()
                + usize::from(shortfall.is_positive()),
        );
        let mut push = |qty: Quantity, step: WhyStep| {
            if qty.is_positive() {
                steps.push(step);
            }
        };
        push(Quantity::ONE, WhyStep::Ordered { qty: wanted.ordered });
        push(fulfilled, WhyStep::Fulfilled { qty: fulfilled });
        push(closed, WhyStep::Closed { qty: closed });
        let mut elsewhere = Quantity::ZERO;
        let others = self.from_stock.of(place).iter().filter(|source| source.warehouse != demand.warehouse);
        for source in others.clone() {
            elsewhere = elsewhere.plus(source.qty);
        }
        let here = cover.from_stock.minus_or_zero(elsewhere);
        push(here, WhyStep::FromStock { qty: here, warehouse: None });
        for source in others {
            let warehouse = self.facts.warehouses.name(source.warehouse).cloned();
            push(source.qty, WhyStep::FromStock { qty: source.qty, warehouse });
        }
        for source in incoming {
            push(source.qty, self.incoming_step(source));
        }
        push(shortfall, WhyStep::Short { qty: shortfall });
        push(not_bought, WhyStep::NotBought { qty: not_bought });
        if shortfall.is_positive() && !demand.drop_ship {
            for (warehouse, qty) in self.stock.out_of_reach(self.facts, demand) {
                if let Some(warehouse) = self.facts.warehouses.name(warehouse) {
                    push(qty, WhyStep::FreeElsewhere { qty, warehouse: warehouse.clone() });
                }
            }
        }
        steps
    }

    fn incoming_step(&self, source: &FromIncoming) -> WhyStep {
        let supply = &self.facts.incoming.by_item.rows()[source.supply as usize];
        let row = &self.snapshot.supply[supply.row as usize];
        let incoming = Incoming { qty: source.qty, po: row.po.clone(), due: row.due, late: supply.late };
        if source.peg == NONE { WhyStep::FromIncoming(incoming) } else { WhyStep::FromOwn(incoming) }
    }

    /// Where each document stands, by rank; those without demands come last. `lines` are all lines by rank.
    pub(super) fn orders(&self, lines: &[PlanLine]) -> Vec<OrderOutlook> {
        let by_document = self.ranks_by_document();
        let mut documents: Vec<(u32, u128, u32)> = (0..)
            .zip(&self.snapshot.orders)
            .map(|(document, order)| {
                let first = by_document.of(document).first().map_or(NONE, |(_, rank)| *rank);
                let number = self.facts.demands.numbers[document as usize];
                (first, rank_key(&self.snapshot.policy, order, number, order.need_by), document)
            })
            .collect();
        documents.sort_unstable();
        documents.iter().map(|(_, _, document)| self.order(*document, by_document.of(*document), lines)).collect()
    }

    /// Document and rank of each demand, by document and rank.
    fn ranks_by_document(&self) -> Grouped<(u32, u32)> {
        let demands = self.facts.demands.all();
        let ranks = self.facts.demands.by_rank.iter().zip(0..);
        let ranks = ranks.map(|(place, rank)| (demands[*place as usize].document, rank)).collect();
        Grouped::new(ranks, self.snapshot.orders.len(), |(document, _)| *document)
    }

    fn order(&self, document: u32, ranks: &[(u32, u32)], lines: &[PlanLine]) -> OrderOutlook {
        let order = &self.snapshot.orders[document as usize];
        let demands = self.facts.demands.all();
        let place = |rank: u32| self.facts.demands.by_rank[rank as usize];
        let is_covered = |rank: u32| self.covers[place(rank) as usize].from_stock == demands[place(rank) as usize].open;
        // Demands of one line stand apart where its components differ in rank, so they are gathered first.
        let mut places: Vec<u32> = ranks.iter().map(|(_, rank)| place(*rank)).collect();
        places.sort_unstable_by_key(|place| {
            let demand = &demands[*place as usize];
            (demand.line, demand.component)
        });
        let of_lines: Vec<LineStock> = places
            .chunk_by(|left, right| demands[*left as usize].line == demands[*right as usize].line)
            .map(|places| self.line_stock(places))
            .collect();
        let judged = readiness(&of_lines, order.min_shipment);
        let doubtful = self.facts.demands.doubtful[document as usize];
        let promises = ranks.iter().map(|(_, rank)| lines[*rank as usize].promise);
        let has_promise = !ranks.is_empty() && !doubtful && promises.clone().all(|promise| promise.is_some());
        OrderOutlook {
            order: order.id.clone(),
            backorder: ranks.iter().any(|(_, rank)| !is_covered(*rank)),
            ready: judged.ready && !doubtful,
            part_ready: judged.part_ready || (judged.ready && doubtful && lets_part_go(&of_lines)),
            promise: if has_promise { promises.flatten().max() } else { None },
        }
    }

    /// One line as stock covers it; `places` are its demands, the components of a kit.
    fn line_stock(&self, places: &[u32]) -> LineStock {
        let demands = self.facts.demands.all();
        let demand = &demands[places[0] as usize];
        let from_stock = |place: &u32| self.covers[*place as usize].from_stock;
        let is_covered = places.iter().all(|place| from_stock(place) == demands[*place as usize].open);
        let line = demand.line(self.snapshot);
        let open_line = line.ordered.minus_or_zero(line.closed).minus_or_zero(line.fulfilled);
        let can_go = match self.facts.demands.kits.parts_of(&line.item) {
            _ if is_covered => open_line,
            Some(Ok(parts)) => {
                // Whole kits only: as many as every component allows, what is owed once set aside first.
                let kits = places.iter().map(|place| {
                    let part = &parts[demands[*place as usize].component as usize];
                    let owed = if line.fulfilled.is_zero() { part.fixed } else { Quantity::ZERO };
                    if from_stock(place) < owed {
                        return Quantity::ZERO;
                    }
                    if part.per_kit.is_zero() {
                        return open_line;
                    }
                    part.per_kit.inverse().times_down(from_stock(place).minus_or_zero(owed)).unwrap_or(Quantity::MAX)
                });
                let kits = kits.min().unwrap_or_default().min(open_line);
                Quantity::from_millionths(kits.millionths() - kits.millionths() % Quantity::SCALE)
            }
            _ => from_stock(&places[0]),
        };
        LineStock {
            drop_ship: demand.drop_ship,
            ship_policy: self.facts.ship_policy(self.snapshot, demand),
            is_covered,
            can_go,
        }
    }
}

/// Whether a document whose other lines are in doubt may send the lines that stock covers.
fn lets_part_go(lines: &[LineStock]) -> bool {
    lines.iter().any(|line| !line.drop_ship && line.ship_policy != ShipPolicy::WholeOrder && line.can_go.is_positive())
}
