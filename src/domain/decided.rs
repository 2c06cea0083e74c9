//! What a plan decided for each demand, and its lines made from that: deliveries, promise, the steps of the sum, and why
//! nothing is bought.
//!
//! Invariants: a promise is given only if all of the open quantity has a date; today is the date of stock; an overdue
//! line counts as today; a line is made when it is asked for, so that a plan of a million keeps numbers only.

use jiff::civil::Date;

use super::allocation::{Cover, FromIncoming, FromStock, StockUse};
use super::calendar::days_between;
use super::demand::Demand;
use super::facts::Facts;
use super::grouped::{Grouped, NONE};
use super::needs::{Withdrawn, held_back};
use super::pieces::Pieces;
use super::plan::{Delivery, HeldBack, Incoming, PlanLine, WhyStep};
use super::quantity::Quantity;
use super::snapshot::Snapshot;

/// Everything that was decided, by the place of the demand.
#[derive(Debug)]
pub(super) struct Decided<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) facts: Facts<'a>,
    pub(super) covers: Pieces<Cover>,
    /// What comes from another warehouse than the demand's, and perhaps what comes from its own.
    pub(super) from_stock: Grouped<FromStock>,
    pub(super) incoming: Grouped<FromIncoming>,
    pub(super) planned: Grouped<Planned>,
    pub(super) withdrawn: Withdrawn,
    /// Stock that nobody was given.
    pub(super) stock: StockUse,
}

/// What was ordered for a demand in this run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Planned {
    /// The demand's place.
    pub(super) demand: u32,
    pub(super) qty: Quantity,
    pub(super) source: Source,
}

/// Where goods come from that are ordered in this run.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source {
    /// The offer's place.
    Offer(u32),
    /// A line of ours that is raised, its row.
    Raised(u32),
}

impl Decided<'_> {
    /// The plan's line for the demand at that place.
    pub(super) fn line(&self, place: u32) -> PlanLine {
        let promise = self.promise(place);
        let need_by = self.facts.demands.at(place).need_by;
        let late_days = promise.zip(need_by).map(|(promise, need_by)| days_between(need_by, promise).max(0));
        let held_back = self.held_back(place);
        PlanLine { deliveries: self.deliveries(place), promise, late_days, held_back, ..self.sum(place) }
    }

    fn held_back(&self, place: u32) -> Option<HeldBack> {
        if !self.planned.of(place).is_empty() {
            return None;
        }
        let (demand, shortfall) = (self.facts.demands.at(place), self.covers.at(place).shortfall);
        let qty = shortfall.minus_or_zero(self.withdrawn.not_bought(place, demand, shortfall));
        if qty.is_zero() { None } else { held_back(self.snapshot, &self.facts, demand, qty) }
    }

    /// That line without its dates: a demand may be delivered in a thousand parts, whose whys all begin with its sum.
    pub(super) fn sum(&self, place: u32) -> PlanLine {
        let (snapshot, facts) = (self.snapshot, &self.facts);
        let demand = facts.demands.at(place);
        let Cover { from_stock, shortfall } = *self.covers.at(place);
        let incoming = self.incoming.of(place).iter();
        let own = incoming.clone().filter(|source| source.peg != NONE);
        let free = incoming.filter(|source| source.peg == NONE);
        let not_bought = self.withdrawn.not_bought(place, demand, shortfall);
        PlanLine {
            order: demand.order(snapshot).id.clone(),
            line: demand.line(snapshot).id.clone(),
            item: facts.names.items.name(demand.item).cloned().unwrap_or_default(),
            open: demand.open,
            from_stock,
            from_own: total(own.map(|source| source.qty)),
            from_incoming: total(free.map(|source| source.qty)),
            shortfall,
            not_bought,
            why: self.why(place, demand, not_bought),
            ..PlanLine::default()
        }
    }

    /// Whether stock covers all of it.
    pub(super) fn is_covered(&self, place: u32) -> bool {
        self.covers.at(place).shortfall.is_zero() && self.incoming.of(place).is_empty()
    }

    /// When the last unit is expected; `None` if some of it has no date.
    pub(super) fn promise(&self, place: u32) -> Option<Date> {
        if self.is_covered(place) {
            return Some(self.snapshot.today);
        }
        let Cover { from_stock, shortfall } = *self.covers.at(place);
        let incoming = self.incoming.of(place).iter().map(|source| source.qty);
        let open = total(incoming.chain([from_stock, shortfall]));
        let (mut dated, mut latest) = (Quantity::ZERO, None);
        for delivery in self.each_delivery(place) {
            dated = dated.plus(delivery.qty);
            latest = latest.max(Some(delivery.date));
        }
        latest.filter(|_| dated == open)
    }

    /// By date; what comes without a date is not among them.
    fn deliveries(&self, place: u32) -> Vec<Delivery> {
        let mut deliveries: Vec<Delivery> = self.each_delivery(place).collect();
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

    fn each_delivery(&self, place: u32) -> impl Iterator<Item = Delivery> {
        let from_stock = self.covers.at(place).from_stock;
        let stock = from_stock.is_positive().then_some((Some(self.snapshot.today), from_stock));
        let supplies = self.facts.incoming.by_item.rows();
        let incoming = self.incoming.of(place).iter();
        let incoming = incoming.map(|source| (supplies[source.supply as usize].due, source.qty));
        let planned = self.planned.of(place).iter().map(|planned| (self.expected(planned.source), planned.qty));
        let all = stock.into_iter().chain(incoming).chain(planned);
        all.filter_map(|(date, qty)| date.map(|date| Delivery { date, qty }))
    }

    /// When what is ordered there is there.
    pub(super) fn expected(&self, source: Source) -> Option<Date> {
        match source {
            Source::Offer(offer) => Some(self.facts.offers.rows()[offer as usize].expected),
            Source::Raised(row) => self.snapshot.supply[row as usize].due.map(|due| due.max(self.snapshot.today)),
        }
    }

    fn why(&self, place: u32, demand: &Demand, not_bought: Quantity) -> Vec<WhyStep> {
        let wanted = self.facts.demands.wanted(self.snapshot, demand);
        let incoming = self.incoming.of(place);
        let Cover { from_stock, shortfall } = *self.covers.at(place);
        let closed = wanted.ordered.minus_or_zero(wanted.wanted);
        let fulfilled = wanted.wanted.minus_or_zero(demand.open);
        let mut steps = Vec::with_capacity(4 + incoming.len());
        let mut push = |qty: Quantity, step: WhyStep| {
            if qty.is_positive() {
                steps.push(step);
            }
        };
        push(Quantity::ONE, WhyStep::Ordered { qty: wanted.ordered });
        push(fulfilled, WhyStep::Fulfilled { qty: fulfilled });
        push(closed, WhyStep::Closed { qty: closed });
        let others = self.from_stock.of(place).iter().filter(|source| source.warehouse != demand.warehouse);
        let here = from_stock.minus_or_zero(total(others.clone().map(|source| source.qty)));
        push(here, WhyStep::FromStock { qty: here, warehouse: None });
        for source in others {
            let warehouse = self.facts.names.warehouses.name(source.warehouse).cloned();
            push(source.qty, WhyStep::FromStock { qty: source.qty, warehouse });
        }
        for source in incoming {
            push(source.qty, self.incoming_step(source));
        }
        push(shortfall, WhyStep::Short { qty: shortfall });
        push(not_bought, WhyStep::NotBought { qty: not_bought });
        if shortfall.is_positive() && !demand.drop_ship {
            for (warehouse, qty) in self.stock.out_of_reach(&self.facts, demand) {
                if let Some(warehouse) = self.facts.names.warehouses.name(warehouse) {
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
}

fn total(quantities: impl Iterator<Item = Quantity>) -> Quantity {
    quantities.fold(Quantity::ZERO, Quantity::plus)
}
