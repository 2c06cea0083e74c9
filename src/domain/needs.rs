//! What is to be bought, for which demand, from whom (domain.md section 3, up to the choice of the vendor).
//!
//! Invariants: a need is a shortfall less what a person decided not to buy; a need that cannot be ordered is an
//! exception, and the others go on.

use jiff::civil::Date;

use super::allocation::Cover;
use super::calendar::add_days;
use super::demand::{Demand, Ranked};
use super::factor::Factor;
use super::facts::Facts;
use super::grouped::{NONE, QuickMap};
use super::incoming::PegState;
use super::name::Name;
use super::offer::{Chosen, Offer, choose, rounding_exception, without_rate};
use super::pieces::Pieces;
use super::plan::{ExceptionKind, HeldBack, PlanException};
use super::policy::{Buy, GroupBy};
use super::quantity::Quantity;
use super::snapshot::{Snapshot, SupplyState};

/// A quantity to buy for one demand from one vendor, with all that buying it asks of demand and offer: needs are bought by
/// rank, which is all over the memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    pub(super) group: GroupKey,
    pub(super) rank: u32,
    /// The demand's place.
    pub(super) demand: u32,
    pub(super) item: u32,
    /// The offer's place.
    pub(super) offer: u32,
    pub(super) qty: Quantity,
    /// Bought alone it is one line of exactly this quantity, which is the same in the vendor's unit.
    pub(super) is_exact: bool,
    /// It may share a line with other needs of the item.
    pub(super) is_merged: bool,
}

/// Needs that go into one purchase order have equal keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct GroupKey {
    /// [`NONE`] where several documents go into one purchase order.
    pub(super) document: u32,
    /// [`NONE`] where several lines do.
    pub(super) line: u32,
    pub(super) vendor: u32,
    pub(super) currency: u32,
    /// The warehouse; for a drop shipment a document of that address.
    pub(super) place: u32,
    pub(super) drop_ship: bool,
}

impl GroupKey {
    fn new(group_by: GroupBy, demand: &Demand, offer: &Offer<'_>) -> Self {
        let (document, line) = match group_by {
            GroupBy::OrderAndVendor => (demand.document, NONE),
            GroupBy::Vendor => (NONE, NONE),
            GroupBy::Line => (demand.document, demand.line),
        };
        let place = if demand.drop_ship { demand.document } else { demand.warehouse };
        Self { document, line, vendor: offer.vendor, currency: offer.currency, place, drop_ship: demand.drop_ship }
    }
}

/// Drop shipments to one address have one place: the first document of that address.
pub(super) fn join_addresses<'a>(snapshot: &'a Snapshot, needs: &mut [Need]) {
    let mut first: QuickMap<Option<&'a Name>, u32> = QuickMap::default();
    for place in needs.iter_mut().filter(|need| need.group.drop_ship).map(|need| &mut need.group.place) {
        *place = *first.entry(snapshot.orders[*place as usize].ship_to.as_ref()).or_insert(*place);
    }
}

/// What persons took away from demands by cancelling or lowering purchase orders of ours, by the demand's place.
#[derive(Debug, Default)]
pub(super) struct Withdrawn(QuickMap<u32, Withdrawal>);

#[derive(Debug, Clone, Copy, Default)]
struct Withdrawal {
    cancelled: Quantity,
    lowered: Quantity,
}

impl Withdrawn {
    pub(super) fn new(snapshot: &Snapshot, facts: &Facts<'_>) -> Self {
        let mut withdrawn = Self::default();
        for peg in facts.incoming.pegs.rows().iter().filter(|peg| peg.demand != NONE && peg.withdrawn.is_positive()) {
            let is_cancelled = is_cancelled(snapshot, peg);
            let order = &snapshot.supply[peg.row as usize];
            if is_cancelled && facts.is_bought_again(snapshot, facts.demands.at(peg.demand), order) {
                continue;
            }
            let entry = withdrawn.0.entry(peg.demand).or_default();
            let sum = if is_cancelled { &mut entry.cancelled } else { &mut entry.lowered };
            *sum = sum.plus(peg.withdrawn);
        }
        withdrawn
    }

    /// The part of a shortfall that a person decided not to buy.
    ///
    /// `not_bought` of the snapshot may already count what was lowered by hand, so the larger of the two holds.
    pub(super) fn not_bought(&self, place: u32, demand: &Demand, shortfall: Quantity) -> Quantity {
        let withdrawal = self.of(place);
        demand.not_bought.max(withdrawal.lowered).plus(withdrawal.cancelled).min(shortfall)
    }

    fn of(&self, place: u32) -> Withdrawal {
        if self.0.is_empty() { Withdrawal::default() } else { self.0.get(&place).copied().unwrap_or_default() }
    }

    /// One exception for each purchase order line of ours that was cancelled while it is still needed.
    pub(super) fn exceptions(
        &self,
        snapshot: &Snapshot,
        facts: &Facts<'_>,
        covers: &Pieces<Cover>,
    ) -> Vec<PlanException> {
        let pegs = facts.incoming.pegs.rows().iter();
        pegs.filter(|peg| peg.demand != NONE && is_cancelled(snapshot, peg))
            .filter_map(|peg| {
                let place = peg.demand;
                let demand = facts.demands.at(place);
                let short = covers.at(place).shortfall.min(self.of(place).cancelled).min(peg.withdrawn);
                if !short.is_positive() {
                    return None;
                }
                let row = &snapshot.supply[peg.row as usize];
                let text = format!("{} was cancelled: {short} is short again and not bought again by itself", row.po);
                let problem = Problem { kind: ExceptionKind::PoCancelled, about: Some(row.po.clone()), text };
                Some(exception(snapshot, facts, demand, problem))
            })
            .collect()
    }
}

fn is_cancelled(snapshot: &Snapshot, peg: &PegState) -> bool {
    snapshot.supply[peg.row as usize].state == SupplyState::Cancelled
}

/// What stands in the way of a need.
struct Problem {
    kind: ExceptionKind,
    about: Option<Name>,
    text: String,
}

fn exception(snapshot: &Snapshot, facts: &Facts<'_>, demand: &Demand, problem: Problem) -> PlanException {
    let Problem { kind, about, text } = problem;
    PlanException {
        kind,
        order: Some(demand.order(snapshot).id.clone()),
        line: Some(demand.line(snapshot).id.clone()),
        item: facts.names.items.name(demand.item).cloned(),
        about,
        text,
    }
}

/// The needs of the demands at `first` and after, which have these covers.
pub(super) fn needs(
    snapshot: &Snapshot,
    facts: &Facts<'_>,
    withdrawn: &Withdrawn,
    (first, covers): (u32, &[Cover]),
    exceptions: &mut Vec<PlanException>,
) -> Vec<Need> {
    if snapshot.policy.buy == Buy::Nothing && snapshot.policy.overrides.is_empty() {
        return Vec::new();
    }
    let mut needs = Vec::new();
    for (cover, place) in covers.iter().zip(first..).filter(|(cover, _)| !cover.shortfall.is_zero()) {
        let shortfall = cover.shortfall;
        let Ranked { row, rank } = facts.demands.by_item.rows()[place as usize];
        let demand = facts.demands.rows.at(row);
        let qty = shortfall.minus_or_zero(withdrawn.not_bought(place, demand, shortfall));
        if !qty.is_positive() {
            continue;
        }
        match need(snapshot, facts, demand, qty, exceptions) {
            Ok(offer) => {
                let (row, is_exact) = (&facts.offers.of(demand.item)[offer.index], offer.is_exact);
                let offer = u32::try_from(facts.offers.range(demand.item).start + offer.index).unwrap_or(NONE);
                let (group_by, is_merged) = facts.grouping(snapshot, demand, row);
                let group = GroupKey::new(group_by, demand, row);
                needs.push(Need { group, rank, demand: place, item: demand.item, offer, qty, is_exact, is_merged });
            }
            Err(Unmet::HeldBack(_)) => {}
            Err(Unmet::Problem(problem)) => exceptions.push(exception(snapshot, facts, demand, problem)),
        }
    }
    needs
}

/// An offer that a need is bought from.
struct Bought {
    /// Where it stands among the item's.
    index: usize,
    is_exact: bool,
}

/// Why a need is not bought.
enum Unmet {
    HeldBack(HeldBack),
    Problem(Problem),
}

impl From<Problem> for Unmet {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Why the rules leave that quantity of a demand alone; `None`: it is bought, or something stands in the way.
pub(super) fn held_back(snapshot: &Snapshot, facts: &Facts<'_>, demand: &Demand, qty: Quantity) -> Option<HeldBack> {
    match need(snapshot, facts, demand, qty, &mut Vec::new()) {
        Err(Unmet::HeldBack(held_back)) => Some(held_back),
        _ => None,
    }
}

/// Which of the item's offers it is bought from.
fn need(
    snapshot: &Snapshot,
    facts: &Facts<'_>,
    demand: &Demand,
    qty: Quantity,
    exceptions: &mut Vec<PlanException>,
) -> Result<Bought, Unmet> {
    let (buy, ignored, ahead) = facts.buying(snapshot, demand);
    if buy == Buy::Nothing || !snapshot.policy.demand_kinds.contains(&demand.kind) {
        return Err(Unmet::HeldBack(HeldBack::NotBoughtFor));
    }
    if qty <= ignored {
        return Err(Unmet::HeldBack(HeldBack::TooLittle { most: ignored }));
    }
    if demand.drop_ship && demand.order(snapshot).ship_to.is_none() {
        let text = "a drop shipment whose document has no ship-to address".to_owned();
        return Err(Problem { kind: ExceptionKind::NoShipTo, about: None, text }.into());
    }
    let offers = facts.offers.of(demand.item);
    let request = facts.request(snapshot, demand, qty);
    let index = match choose(&snapshot.policy, offers, &request) {
        Chosen::Offer(index) => index,
        Chosen::NoExactQuantity => {
            let text = format!("no vendor delivers exactly {qty}, and a drop shipment is never raised");
            return Err(Problem { kind: ExceptionKind::DropShipQuantity, about: None, text }.into());
        }
        Chosen::NoVendor => {
            let (about, text) = (request.named.cloned(), no_vendor(request.named, qty));
            return Err(Problem { kind: ExceptionKind::NoVendor, about, text }.into());
        }
    };
    let offer = &offers[index];
    let of_offer = |(kind, text)| Problem { kind, about: Some(offer.row.vendor.clone()), text };
    if let Some(problem) = &offer.problem {
        return Err(of_offer(problem.clone()).into());
    }
    let parts = offer.terms.parts(qty).map_err(|error| of_offer(rounding_exception(offer, error)))?;
    if let Some(date) = first_day(demand, offer, ahead).filter(|date| *date > snapshot.today) {
        return Err(Unmet::HeldBack(HeldBack::NotBefore { date }));
    }
    if let Some(vendor) = without_rate(&snapshot.policy, offers, &request) {
        let text = format!("{vendor} could not be compared: its currency has no rate");
        let problem = Problem { kind: ExceptionKind::NoRate, about: Some(vendor.clone()), text };
        exceptions.push(exception(snapshot, facts, demand, problem));
    }
    let is_exact = offer.terms.factor == Factor::ONE && parts.full == 0 && parts.last == qty;
    Ok(Bought { index, is_exact })
}

fn no_vendor(named: Option<&Name>, qty: Quantity) -> String {
    match named {
        Some(vendor) => format!("{qty} short, and {vendor}, which the line names, does not sell it or is blocked"),
        None => format!("{qty} short, and no vendor sells it"),
    }
}

/// When it is time to buy: then the need-by date is within that day + lead days + the days to buy ahead.
fn first_day(demand: &Demand, offer: &Offer<'_>, ahead: Option<i32>) -> Option<Date> {
    add_days(demand.need_by?, offer.row.lead_days.saturating_add(ahead?).saturating_neg())
}
