//! What a change means for what we already ordered (domain.md section 4).
//!
//! Invariants: only purchase orders of ours are changed, and only an untouched draft without a person; a line is never
//! lowered below what was received and closed, nor below what this plan uses of it; what is free by flapping stock
//! changes nothing.

use std::collections::BTreeMap;

use super::allocation::FromIncoming;
use super::facts::Facts;
use super::grouped::{NONE, QuickMap};
use super::incoming::{PegState, open_quantity, take};
use super::name::Name;
use super::offer::Offer;
use super::plan::{Change, ChangeHow};
use super::policy::StockScope;
use super::quantity::Quantity;
use super::rounding::OrderTerms;
use super::snapshot::{Peg, Snapshot, SupplyLine, SupplyState};

/// The lines of ours that this plan changes, or may raise.
#[derive(Debug, Default)]
pub(super) struct Amendments<'a> {
    /// By row of the line in the snapshot.
    lines: BTreeMap<u32, Amended>,
    /// Untouched drafts of ours by what they may be raised for: of several the first by po and line.
    drafts: QuickMap<DraftKey<'a>, u32>,
}

/// Item, vendor and place, and the numbers of document and line; no line where any of the document will do.
type DraftKey<'a> = (u32, u32, u32, &'a str, Option<&'a str>);

/// One line of ours, and what is to become of it.
#[derive(Debug, Clone)]
struct Amended {
    /// What must stay open of it: what the plan uses, and what no document gave up.
    keep: Quantity,
    /// Taken from each peg, by its place in the line.
    cuts: Vec<Quantity>,
    /// Added for demands.
    added: Vec<(Peg, u32)>,
    added_qty: Quantity,
    /// Open after the change.
    open: Quantity,
    how: ChangeHow,
}

impl<'a> Amendments<'a> {
    /// What the documents of the pegs gave up, given what this plan uses.
    pub(super) fn new(snapshot: &'a Snapshot, facts: &Facts<'a>, used: &[FromIncoming]) -> Self {
        let mut amendments = Self::default();
        if facts.incoming.ours.is_empty() {
            return amendments;
        }
        let used = Used::new(snapshot, facts, used);
        let mut surplus = used.surplus(snapshot, facts);
        for index in by_ordinal(facts) {
            let row = &snapshot.supply[index as usize];
            let is_sensible = [row.ordered, row.received, row.closed].into_iter().all(Quantity::is_sensible);
            if row.ours && is_sensible && matches!(row.state, SupplyState::Draft | SupplyState::Confirmed) {
                let spared = if row.drop_ship { None } else { surplus.get_mut(&surplus_key(snapshot, row)) };
                amendments.look_at(facts, row, index, &used, spared);
            }
        }
        amendments
    }

    fn look_at(
        &mut self,
        facts: &Facts<'a>,
        row: &'a SupplyLine,
        index: u32,
        plan_uses: &Used,
        spared: Option<&mut Quantity>,
    ) {
        let (mut own, mut freed) = (Quantity::ZERO, Quantity::ZERO);
        let mut given_back: Vec<(u32, Quantity)> = Vec::new();
        for (place, peg) in facts.incoming.pegs.range(index).zip(facts.incoming.pegs.of(index)) {
            let used = plan_uses.own(place);
            let unused = peg.holds.minus_or_zero(used);
            (own, freed) = (own.plus(used), freed.plus(unused));
            given_back.push((peg.peg, given_up(row, peg).min(unused)));
        }
        // Goods that others already count on are not given back, whoever gave them up.
        let free_used = plan_uses.free(index);
        let mut cut = given_back.iter().map(|(_, qty)| *qty).fold(Quantity::ZERO, Quantity::plus);
        cut = cut.min(freed.minus_or_zero(free_used));
        cut = cut.minus_or_zero(spared.map_or(Quantity::ZERO, |spared| take(spared, cut)));
        let keep = own.plus(freed.minus_or_zero(cut).max(free_used));
        let mut cuts = vec![Quantity::ZERO; row.pegs.len()];
        let mut left = cut;
        for (peg, qty) in given_back.into_iter().rev() {
            cuts[peg as usize] = take(&mut left, qty);
        }
        let open = open_quantity(row);
        let untouched = row.state == SupplyState::Draft && !row.edited;
        // What was received would use up a new peg at once, so such a line is not raised.
        if untouched && row.received.is_zero() {
            self.learn_draft(facts, row, index);
        }
        let lowered = if cut.is_positive() { lowered(facts, row, keep).min(open) } else { open };
        if lowered < open || untouched {
            let how = if untouched { ChangeHow::Apply } else { ChangeHow::Propose };
            let amended = Amended { keep, cuts, added: Vec::new(), added_qty: Quantity::ZERO, open: lowered, how };
            self.lines.insert(index, amended);
        }
    }

    fn learn_draft(&mut self, facts: &Facts<'a>, row: &'a SupplyLine, index: u32) {
        let vendor = row.vendor.as_ref().and_then(|vendor| facts.names.vendors.find(vendor));
        let Some((item, vendor)) = facts.names.items.find(&row.item).zip(vendor) else { return };
        let warehouse = if row.drop_ship { None } else { row.warehouse.as_ref() };
        let place = warehouse.and_then(|name| facts.names.warehouses.find(name)).unwrap_or(NONE);
        for state in facts.incoming.pegs.of(index).iter().filter(|state| state.document != NONE) {
            let peg = &row.pegs[state.peg as usize];
            for line in [None, Some(peg.line.as_str())] {
                self.drafts.entry((item, vendor, place, peg.order.as_str(), line)).or_insert(index);
            }
        }
    }

    pub(super) fn has_drafts(&self) -> bool {
        !self.drafts.is_empty()
    }

    /// Raises an untouched draft of ours that is for the same order, item, vendor and place; the row that was raised.
    ///
    /// `None`: there is none, or the vendor's terms do not let one line hold it all.
    pub(super) fn raise(&mut self, raise: &Raise<'_>) -> Option<u32> {
        let Raise { snapshot, offer, place, peg, .. } = raise;
        let line = raise.same_line.then_some(peg.line.as_str());
        let drafts: &QuickMap<DraftKey<'_>, u32> = &self.drafts;
        let row = *drafts.get(&(offer.item, offer.vendor, *place, peg.order.as_str(), line))?;
        let line = self.lines.get_mut(&row)?;
        let needed = line.keep.plus(line.added_qty).plus(peg.qty);
        let open = whole_line(&offer.terms, needed, snapshot.supply[row as usize].drop_ship)?;
        line.added_qty = line.added_qty.plus(peg.qty);
        line.added.push((peg.clone(), raise.demand));
        line.open = open;
        Some(row)
    }

    /// What a raised line has left after what it was raised for.
    pub(super) fn surplus(&self, row: u32) -> Quantity {
        self.lines
            .get(&row)
            .map_or(Quantity::ZERO, |line| line.open.minus_or_zero(line.keep).minus_or_zero(line.added_qty))
    }

    /// Lets a demand use the surplus of a raised line.
    pub(super) fn use_surplus(&mut self, row: u32, peg: Peg, demand: u32) {
        if let Some(line) = self.lines.get_mut(&row) {
            line.added_qty = line.added_qty.plus(peg.qty);
            line.added.push((peg, demand));
        }
    }

    /// The changes, by po and line; and what was added for which demand, on which row.
    pub(super) fn finish(self, snapshot: &Snapshot, facts: &Facts<'_>) -> (Vec<Change>, Vec<(u32, Quantity, u32)>) {
        let mut changes: Vec<(u32, Change)> = Vec::new();
        let mut added = Vec::new();
        for (index, line) in self.lines {
            let row = &snapshot.supply[index as usize];
            let open = open_quantity(row);
            if line.open == open && line.added.is_empty() {
                continue;
            }
            added.extend(line.added.iter().map(|(peg, demand)| (*demand, peg.qty, index)));
            // Also where more was received than ordered: what is raised comes on top.
            let settled = row.received.plus(row.closed);
            let change = Change {
                po: row.po.clone(),
                line: row.line.clone(),
                from: row.ordered,
                to: settled.plus(line.open),
                how: line.how,
                pegs: pegs_after(row, facts.incoming.pegs.of(index), &line),
            };
            changes.push((index, change));
        }
        changes.sort_by(|(left, _), (right, _)| {
            by_number(&snapshot.supply[*left as usize], &snapshot.supply[*right as usize])
        });
        (changes.into_iter().map(|(_, change)| change).collect(), added)
    }
}

/// What this plan uses of our lines.
struct Used {
    /// By the peg's place.
    own: Vec<Quantity>,
    /// By the line's row: what is free of it.
    free: Vec<Quantity>,
}

impl Used {
    fn new(snapshot: &Snapshot, facts: &Facts<'_>, used: &[FromIncoming]) -> Self {
        let mut own = vec![Quantity::ZERO; facts.incoming.pegs.rows().len()];
        let mut free = vec![Quantity::ZERO; snapshot.supply.len()];
        for source in used {
            let supply = &facts.incoming.by_item.rows()[source.supply as usize];
            if supply.ours {
                let sum =
                    if source.peg == NONE { &mut free[supply.row as usize] } else { &mut own[source.peg as usize] };
                *sum = sum.plus(source.qty);
            }
        }
        Self { own, free }
    }

    fn own(&self, peg: usize) -> Quantity {
        self.own.get(peg).copied().unwrap_or_default()
    }

    fn free(&self, row: u32) -> Quantity {
        self.free.get(row as usize).copied().unwrap_or_default()
    }

    /// How much of what rounding added is in use, by item and place.
    ///
    /// Demands change over to new surplus as soon as it is there, and leave what documents gave up. Giving that back
    /// then would change orders because of orders: so that much of it is kept, and planning again changes nothing.
    fn surplus<'s>(&self, snapshot: &'s Snapshot, facts: &Facts<'_>) -> QuickMap<SurplusKey<'s>, Quantity> {
        let mut surplus: QuickMap<SurplusKey<'s>, Quantity> = QuickMap::default();
        for ((used, row), index) in
            self.free.iter().zip(&snapshot.supply).zip(0..).filter(|((used, _), _)| used.is_positive())
        {
            let pegs = facts.incoming.pegs.range(index).zip(facts.incoming.pegs.of(index));
            let freed =
                pegs.map(|(place, peg)| peg.holds.minus_or_zero(self.own(place))).fold(Quantity::ZERO, Quantity::plus);
            let sum = surplus.entry(surplus_key(snapshot, row)).or_default();
            *sum = sum.plus(used.minus_or_zero(freed));
        }
        surplus
    }
}

/// Item, and the warehouse where goods do not cross from one to another.
type SurplusKey<'s> = (&'s str, Option<&'s str>);

fn surplus_key<'s>(snapshot: &Snapshot, row: &'s SupplyLine) -> SurplusKey<'s> {
    let is_apart = snapshot.policy.stock_scope == StockScope::OrderWarehouse;
    (row.item.as_str(), row.warehouse.as_deref().filter(|_| is_apart))
}

/// The rows of our lines by po and line.
fn by_ordinal(facts: &Facts<'_>) -> Vec<u32> {
    let mut rows: Vec<(u32, u32)> = facts.incoming.ours.clone();
    rows.sort_unstable();
    rows.into_iter().map(|(_, row)| row).collect()
}

/// What is to be raised, and for whom.
pub(super) struct Raise<'r> {
    pub(super) snapshot: &'r Snapshot,
    pub(super) offer: &'r Offer<'r>,
    /// The warehouse; [`NONE`] for a drop shipment.
    pub(super) place: u32,
    pub(super) peg: Peg,
    pub(super) demand: u32,
    /// Only a line that is for the same document line may be raised.
    pub(super) same_line: bool,
}

fn by_number(left: &SupplyLine, right: &SupplyLine) -> std::cmp::Ordering {
    left.po.natural_cmp(&right.po).then_with(|| left.line.natural_cmp(&right.line)).then_with(|| left.cmp(right))
}

/// How much less a peg's document wants now than when the peg was made.
fn given_up(row: &SupplyLine, peg: &PegState) -> Quantity {
    match (row.pegs[peg.peg as usize].wanted, peg.wanted) {
        (Some(then), Some(now)) => then.minus_or_zero(now),
        _ => Quantity::ZERO,
    }
}

/// The open quantity that keeps what must stay, by the terms of the line's vendor.
fn lowered(facts: &Facts<'_>, row: &SupplyLine, keep: Quantity) -> Quantity {
    if keep.is_zero() || row.drop_ship {
        return keep;
    }
    let is_vendors = |name: &Name, offer: &Offer<'_>| offer.problem.is_none() && offer.row.vendor == *name;
    facts
        .names
        .items
        .find(&row.item)
        .zip(row.vendor.as_ref())
        .and_then(|(item, vendor)| facts.offers.of(item).iter().find(|offer| is_vendors(vendor, offer)))
        .and_then(|offer| {
            let total = offer.terms.parts(keep).ok()?.total()?;
            // What was rounded up at 6 decimals in the vendor's unit may be counted a hair below in stock units.
            offer.terms.stock_quantity(total).map(|rounded| rounded.max(keep))
        })
        .unwrap_or(keep)
}

/// The open quantity of one line that holds `needed`; a drop shipment holds exactly that.
fn whole_line(terms: &OrderTerms, needed: Quantity, drop_ship: bool) -> Option<Quantity> {
    let parts = if drop_ship { terms.exact_parts(needed)? } else { terms.parts(needed).ok()? };
    if parts.each().count() != 1 {
        return None;
    }
    terms.stock_quantity(parts.total()?).filter(|open| *open >= needed)
}

fn pegs_after(row: &SupplyLine, states: &[PegState], line: &Amended) -> Vec<Peg> {
    let mut pegs: Vec<Peg> = Vec::new();
    for state in states {
        let peg = &row.pegs[state.peg as usize];
        let cut = line.cuts[state.peg as usize];
        // What no goods are open for any more is forgotten, but for what a person took away: that must be remembered.
        let held = if row.edited { peg.qty } else { state.received.plus(state.holds) };
        let qty = held.minus_or_zero(cut);
        if qty.is_positive() {
            pegs.push(Peg { qty, wanted: peg.wanted.map(|wanted| wanted.minus_or_zero(cut)), ..peg.clone() });
        }
    }
    let mut places: QuickMap<(Name, Name, Option<Name>), usize> = QuickMap::default();
    let key = |peg: &Peg| (peg.order.clone(), peg.line.clone(), peg.component.clone());
    if !line.added.is_empty() {
        // The first of several for one demand.
        places.extend(pegs.iter().enumerate().rev().map(|(place, peg)| (key(peg), place)));
    }
    for (added, _) in &line.added {
        if let Some(place) = places.get(&key(added)) {
            pegs[*place].qty = pegs[*place].qty.plus(added.qty);
            pegs[*place].wanted = added.wanted;
        } else {
            places.insert(key(added), pegs.len());
            pegs.push(added.clone());
        }
    }
    pegs
}
