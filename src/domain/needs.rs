//! What is to be bought, for which demand, from whom (domain.md section 3, up to the choice of the vendor).
//!
//! Invariants: a need is a shortfall less what a person decided not to buy; a need that cannot be ordered is an
//! exception, and the others go on.

use std::collections::HashMap;

use super::allocation::Cover;
use super::calendar::add_days;
use super::demand::Demand;
use super::facts::Facts;
use super::grouped::NONE;
use super::incoming::PegState;
use super::offer::{Chosen, Offer, choose, rounding_exception, without_rate};
use super::plan::{ExceptionKind, PlanException};
use super::policy::Buy;
use super::quantity::Quantity;
use super::snapshot::{Snapshot, SupplyState};

/// A quantity to buy for one demand from one vendor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// The demand's place.
    pub(super) demand: u32,
    /// The offer's place.
    pub(super) offer: u32,
    pub(super) qty: Quantity,
}

/// What persons took away from demands by cancelling or lowering purchase orders of ours, by the demand's place.
#[derive(Debug, Default)]
pub(super) struct Withdrawn(HashMap<u32, Withdrawal>);

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
            if is_cancelled && snapshot.policy.rebuy_after_cancel {
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
    pub(super) fn exceptions(&self, snapshot: &Snapshot, facts: &Facts<'_>, covers: &[Cover]) -> Vec<PlanException> {
        let pegs = facts.incoming.pegs.rows().iter();
        pegs.filter(|peg| peg.demand != NONE && is_cancelled(snapshot, peg))
            .filter_map(|peg| {
                let place = peg.demand;
                let demand = &facts.demands.all()[place as usize];
                let short = covers[place as usize].shortfall(demand).min(self.of(place).cancelled).min(peg.withdrawn);
                if !short.is_positive() {
                    return None;
                }
                let row = &snapshot.supply[peg.row as usize];
                let text = format!("{} was cancelled: {short} is short again and not bought again by itself", row.po);
                Some(exception(snapshot, facts, demand, ExceptionKind::PoCancelled, text))
            })
            .collect()
    }
}

fn is_cancelled(snapshot: &Snapshot, peg: &PegState) -> bool {
    snapshot.supply[peg.row as usize].state == SupplyState::Cancelled
}

pub(super) fn exception(
    snapshot: &Snapshot,
    facts: &Facts<'_>,
    demand: &Demand,
    kind: ExceptionKind,
    text: String,
) -> PlanException {
    PlanException {
        kind,
        order: Some(demand.order(snapshot).id.clone()),
        line: Some(demand.line(snapshot).id.clone()),
        item: facts.items.name(demand.item).cloned(),
        text,
    }
}

/// The needs of the demands at `first` and after, which have these covers.
pub(super) fn needs(
    snapshot: &Snapshot,
    facts: &Facts<'_>,
    withdrawn: &Withdrawn,
    (first, demands): (u32, &[Demand]),
    covers: &[Cover],
    exceptions: &mut Vec<PlanException>,
) -> Vec<Need> {
    if snapshot.policy.buy == Buy::Nothing {
        return Vec::new();
    }
    let ignored = snapshot.policy.ignore_below.max(Quantity::ZERO);
    let mut needs = Vec::new();
    for ((demand, cover), place) in demands.iter().zip(covers).zip(first..) {
        let shortfall = cover.shortfall(demand);
        if shortfall.is_zero() {
            continue;
        }
        let qty = shortfall.minus_or_zero(withdrawn.not_bought(place, demand, shortfall));
        let kind = demand.order(snapshot).kind;
        if qty <= ignored || !snapshot.policy.demand_kinds.contains(&kind) {
            continue;
        }
        match need(snapshot, facts, demand, qty, exceptions) {
            Ok(Some(offer)) => {
                let offer = u32::try_from(facts.offers.range(demand.item).start + offer).unwrap_or(NONE);
                needs.push(Need { demand: place, offer, qty });
            }
            Ok(None) => {}
            Err((kind, text)) => exceptions.push(exception(snapshot, facts, demand, kind, text)),
        }
    }
    needs
}

/// Which of the item's offers it is bought from; `None`: not yet.
fn need(
    snapshot: &Snapshot,
    facts: &Facts<'_>,
    demand: &Demand,
    qty: Quantity,
    exceptions: &mut Vec<PlanException>,
) -> Result<Option<usize>, (ExceptionKind, String)> {
    if demand.drop_ship && demand.order(snapshot).ship_to.is_none() {
        let text = "a drop shipment whose document has no ship-to address".to_owned();
        return Err((ExceptionKind::NoShipTo, text));
    }
    let offers = facts.offers.of(demand.item);
    let request = facts.request(snapshot, demand, qty);
    let index = match choose(&snapshot.policy, offers, &request) {
        Chosen::Offer(index) => index,
        Chosen::NoExactQuantity => {
            let text = format!("no vendor delivers exactly {qty}, and a drop shipment is never raised");
            return Err((ExceptionKind::DropShipQuantity, text));
        }
        Chosen::NoVendor => return Err((ExceptionKind::NoVendor, no_vendor(request.named, qty))),
    };
    let offer = &offers[index];
    if let Some((kind, text)) = &offer.problem {
        return Err((*kind, text.clone()));
    }
    offer.terms.parts(qty).map_err(|error| rounding_exception(offer, error))?;
    if !is_due(snapshot, demand, offer) {
        return Ok(None);
    }
    if let Some(vendor) = without_rate(&snapshot.policy, offers, &request) {
        let text = format!("{vendor} could not be compared: its currency has no rate");
        exceptions.push(exception(snapshot, facts, demand, ExceptionKind::NoRate, text));
    }
    Ok(Some(index))
}

fn no_vendor(named: Option<&super::name::Name>, qty: Quantity) -> String {
    match named {
        Some(vendor) => format!("{qty} short, and {vendor}, which the line names, does not sell it or is blocked"),
        None => format!("{qty} short, and no vendor sells it"),
    }
}

/// Whether it is time to buy: the need-by date is within today + lead days + the days to buy ahead.
fn is_due(snapshot: &Snapshot, demand: &Demand, offer: &Offer<'_>) -> bool {
    let (Some(ahead), Some(need_by)) = (snapshot.policy.buy_ahead_days, demand.need_by) else {
        return true;
    };
    add_days(snapshot.today, offer.row.lead_days.saturating_add(ahead)).is_none_or(|last| need_by <= last)
}
