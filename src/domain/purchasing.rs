//! Purchase orders for the needs (domain.md section 3): grouped, rounded, surplus used up.
//!
//! Invariants: one purchase order has one vendor, one place, one currency and is a drop shipment or not; what is
//! bought is never less than needed; a drop shipment is exactly what was sold; surplus is used before more is planned.
//! Rows are numbers here; [`super::compact`] puts them into names, prices and words.

use std::collections::VecDeque;

use super::amendment::{Amendments, Raise};
use super::demand::Demands;
use super::facts::Facts;
use super::grouped::{Grouped, NONE, QuickMap};
use super::incoming::take;
use super::needs::{GroupKey, Need, join_addresses};
use super::offer::Offer;
use super::quantity::Quantity;
use super::rounding::Parts;
use super::snapshot::{Peg, Snapshot};

/// A purchase order to make.
#[derive(Debug, Clone, Copy)]
pub(super) struct OrderRow {
    /// Its lines, from the first up to the end.
    pub(super) first_line: u32,
    pub(super) end_line: u32,
    /// The place of the demand that its first line is for first: document, warehouse and address are that demand's.
    pub(super) demand: u32,
    pub(super) rank: u32,
    pub(super) vendor: u32,
    /// [`NONE`] for a drop shipment.
    pub(super) warehouse: u32,
}

/// A line of a purchase order to make.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineRow {
    /// The offer's place.
    pub(super) offer: u32,
    /// In the vendor's unit.
    pub(super) qty: Quantity,
    pub(super) stock_qty: Quantity,
    /// Stock units that rounding added.
    pub(super) surplus: Quantity,
}

/// What a line is for.
#[derive(Debug, Clone, Copy)]
pub(super) struct PegRow {
    /// Among all lines.
    pub(super) line: u32,
    /// The demand's place.
    pub(super) demand: u32,
    pub(super) qty: Quantity,
}

/// What came of buying.
#[derive(Debug, Default)]
pub(super) struct Purchases {
    /// By the rank of their first demand.
    pub(super) orders: Vec<OrderRow>,
    pub(super) lines: Vec<LineRow>,
    /// By line.
    pub(super) pegs: Grouped<PegRow>,
}

/// Makes the purchase orders. Lines of ours that can be raised are raised in `amendments` instead.
pub(super) fn purchase<'a>(
    snapshot: &'a Snapshot,
    facts: &Facts<'a>,
    mut needs: Vec<Need>,
    amendments: &mut Amendments<'a>,
) -> Purchases {
    join_addresses(snapshot, &mut needs);
    let groups = Groups::new(&needs, &facts.demands);
    let mut buyer = Buyer {
        snapshot,
        facts,
        amendments,
        orders: Vec::new(),
        lines: Vec::new(),
        pegs: Vec::with_capacity(needs.len()),
        surplus: QuickMap::default(),
        fresh: Vec::new(),
    };
    let mut units = Units::default();
    for group in groups.each(&needs) {
        buyer.buy_group(group, units.of_group(group));
    }
    let Buyer { orders, lines, pegs, .. } = buyer;
    // Surplus that later groups used was noted late; inside a line the pegs stand as they were noted.
    let pegs = Grouped::new(pegs, lines.len(), |peg| peg.line);
    Purchases { orders, lines, pegs }
}

/// Which needs go into one purchase order.
struct Groups {
    /// For each need the number of the group that it shares with others; [`NONE`]: it is bought alone.
    of_needs: Vec<u32>,
    /// Groups of several needs, numbered by the rank of their first; in a group needs stand by rank.
    shared: Grouped<Need>,
}

impl Groups {
    /// The needs stand by rank.
    fn new(needs: &[Need], demands: &Demands<'_>) -> Self {
        let mut of_document = vec![0_u32; demands.by_document.groups()];
        for need in needs {
            if let Some(count) = of_document.get_mut(need.group.document as usize) {
                *count += 1;
            }
        }
        let mut numbers: QuickMap<GroupKey, u32> = QuickMap::default();
        let group_of = |need: &Need| {
            if of_document.get(need.group.document as usize) == Some(&1) {
                return NONE;
            }
            let next = u32::try_from(numbers.len()).unwrap_or(NONE);
            *numbers.entry(need.group).or_insert(next)
        };
        let of_needs: Vec<u32> = needs.iter().map(group_of).collect();
        let shared = needs.iter().zip(&of_needs).filter(|(_, group)| **group != NONE);
        let shared: Vec<(Need, u32)> = shared.map(|(need, group)| (*need, *group)).collect();
        let shared = Grouped::scattered(&shared, numbers.len(), |(_, group)| *group).map(|(need, _)| need);
        Self { of_needs, shared }
    }

    /// The groups by the rank of their first needs.
    fn each<'g>(&'g self, needs: &'g [Need]) -> impl Iterator<Item = &'g [Need]> {
        let mut next = 0;
        needs.iter().zip(&self.of_needs).filter_map(move |(need, group)| {
            if *group == NONE {
                return Some(std::slice::from_ref(need));
            }
            // The other needs of a group went with its first.
            let is_first = *group == next;
            next += u32::from(is_first);
            is_first.then(|| self.shared.of(*group))
        })
    }
}

/// The needs of one purchase order by what becomes one line: those of one offer, or each apart.
#[derive(Default)]
struct Units {
    /// Offer, what keeps it apart, place in the group.
    keys: Vec<(u32, u32, u32)>,
    needs: Vec<Need>,
    /// Where each unit ends.
    ends: Vec<usize>,
}

impl Units {
    /// Units by the rank of their first need; in a unit needs stand by rank.
    fn of_group<'u>(&'u mut self, group: &'u [Need]) -> impl Iterator<Item = &'u [Need]> {
        let (needs, ends) = if group.len() == 1 {
            self.ends.clear();
            self.ends.push(1);
            (group, &self.ends)
        } else {
            self.arrange(group);
            (&self.needs[..], &self.ends)
        };
        let starts = std::iter::once(0).chain(ends.iter().copied());
        starts.zip(ends).map(|(start, end)| &needs[start..*end])
    }

    fn arrange(&mut self, group: &[Need]) {
        self.keys.clear();
        let apart = |need: &Need| if need.is_merged { NONE } else { need.demand };
        self.keys.extend(group.iter().zip(0..).map(|(need, place)| (need.offer, apart(need), place)));
        self.keys.sort_unstable();
        let is_one = |left: &(u32, u32, u32), right: &(u32, u32, u32)| (left.0, left.1) == (right.0, right.1);
        let mut units: Vec<&[(u32, u32, u32)]> = self.keys.chunk_by(is_one).collect();
        units.sort_unstable_by_key(|unit| unit[0].2);
        self.needs.clear();
        self.ends.clear();
        for unit in units {
            self.needs.extend(unit.iter().map(|(_, _, place)| group[*place as usize]));
            self.ends.push(self.needs.len());
        }
    }
}

/// Where surplus of this run lies.
#[derive(Debug, Clone, Copy)]
enum SurplusIn {
    /// Of a line to make.
    New(u32),
    /// Of a line of ours that was raised, its row.
    Raised(u32),
}

/// Item, vendor and warehouse.
type SurplusKey = (u32, u32, u32);

struct Buyer<'b, 'a> {
    snapshot: &'a Snapshot,
    facts: &'b Facts<'a>,
    amendments: &'b mut Amendments<'a>,
    orders: Vec<OrderRow>,
    lines: Vec<LineRow>,
    pegs: Vec<PegRow>,
    /// The oldest first; what is used up goes.
    surplus: QuickMap<SurplusKey, VecDeque<SurplusIn>>,
    /// Of the group at hand: later groups may use it, its own other lines are rounded apart.
    fresh: Vec<(SurplusKey, SurplusIn)>,
}

impl Buyer<'_, '_> {
    /// Buys what one purchase order is for: units of needs of one item each.
    fn buy_group<'n>(&mut self, group: &[Need], units: impl Iterator<Item = &'n [Need]>) {
        let (first_line, first_peg) = (self.lines.len(), self.pegs.len());
        for unit in units {
            if self.surplus.is_empty() && !self.amendments.has_drafts() {
                self.add_lines(unit);
            } else {
                let mut left = unit.to_vec();
                self.use_surplus(&mut left);
                self.raise_drafts(&mut left);
                self.add_lines(&left);
            }
        }
        for (key, source) in self.fresh.drain(..) {
            self.surplus.entry(key).or_default().push_back(source);
        }
        // Pegs before the first of its own lines use surplus of other orders.
        let own = self.pegs[first_peg..].iter().find(|peg| peg.line as usize >= first_line);
        let first = own.and_then(|own| group.iter().find(|need| need.demand == own.demand));
        if let Some(first) = first {
            let Need { demand, rank, group: GroupKey { vendor, place, drop_ship, .. }, .. } = *first;
            self.orders.push(OrderRow {
                first_line: number(first_line),
                end_line: number(self.lines.len()),
                demand,
                rank,
                vendor,
                warehouse: if drop_ship { NONE } else { place },
            });
        }
    }

    /// Takes what rounding added before from the needs of one item.
    fn use_surplus(&mut self, unit: &mut Vec<Need>) {
        let Some(key) = unit.first().map(surplus_key) else { return };
        // A drop shipment has no surplus and uses none: it has no warehouse.
        let Some(mut sources) = self.surplus.remove(&key) else { return };
        for need in &mut *unit {
            while need.qty.is_positive()
                && let Some(source) = sources.front()
            {
                need.qty = need.qty.minus_or_zero(self.use_one(*source, need));
                // A part of it may be below the vendor's minimum.
                need.is_exact = false;
                if need.qty.is_positive() {
                    sources.pop_front();
                }
            }
        }
        if !sources.is_empty() {
            self.surplus.insert(key, sources);
        }
        unit.retain(|need| need.qty.is_positive());
    }

    /// How much of one surplus the need takes.
    fn use_one(&mut self, source: SurplusIn, need: &Need) -> Quantity {
        match source {
            SurplusIn::New(line) => {
                let qty = take(&mut self.lines[line as usize].surplus, need.qty);
                if qty.is_positive() {
                    self.pegs.push(PegRow { line, demand: need.demand, qty });
                }
                qty
            }
            SurplusIn::Raised(row) => {
                let qty = self.amendments.surplus(row).min(need.qty);
                if qty.is_positive() {
                    self.amendments.use_surplus(row, peg(self.snapshot, self.facts, need.demand, qty), need.demand);
                }
                qty
            }
        }
    }

    /// Raises untouched drafts of ours for the needs, where there are any.
    fn raise_drafts(&mut self, needs: &mut Vec<Need>) {
        if !self.amendments.has_drafts() {
            return;
        }
        let mut left = Vec::with_capacity(needs.len());
        for need in needs.drain(..) {
            let GroupKey { place, drop_ship, .. } = need.group;
            let raised = self.amendments.raise(&Raise {
                snapshot: self.snapshot,
                offer: &self.facts.offers.rows()[need.offer as usize],
                place: if drop_ship { NONE } else { place },
                peg: peg(self.snapshot, self.facts, need.demand, need.qty),
                demand: need.demand,
                same_line: need.group.line != NONE || !need.is_merged,
            });
            match raised {
                Some(row) if !drop_ship => {
                    self.surplus.entry(surplus_key(&need)).or_default().push_back(SurplusIn::Raised(row));
                }
                Some(_) => {}
                None => left.push(need),
            }
        }
        *needs = left;
    }

    /// Adds the lines for the needs of one item: merged if that can be ordered, else each alone.
    fn add_lines(&mut self, needs: &[Need]) {
        let Some(first) = needs.first() else { return };
        if needs.len() == 1 && first.is_exact {
            let Need { offer, demand, qty, .. } = *first;
            self.pegs.push(PegRow { line: number(self.lines.len()), demand, qty });
            self.lines.push(LineRow { offer, qty, stock_qty: qty, surplus: Quantity::ZERO });
            return;
        }
        let offer = &self.facts.offers.rows()[first.offer as usize];
        let drop_ship = first.group.drop_ship;
        let parts_of =
            |qty: Quantity| if drop_ship { offer.terms.exact_parts(qty) } else { offer.terms.parts(qty).ok() };
        let together = needs.iter().map(|need| need.qty).fold(Quantity::ZERO, Quantity::plus);
        match parts_of(together).filter(|parts| parts.total().is_some()) {
            Some(parts) => self.add_parts(needs, offer, parts),
            None => {
                for need in needs {
                    if let Some(parts) = parts_of(need.qty) {
                        self.add_parts(std::slice::from_ref(need), offer, parts);
                    }
                }
            }
        }
    }

    /// One line per part; the needs fill the parts by rank.
    fn add_parts(&mut self, needs: &[Need], offer: &Offer<'_>, parts: Parts) {
        let (mut ordered, mut stocked) = (Quantity::ZERO, Quantity::ZERO);
        let mut waiting = needs.iter().copied();
        let mut need = waiting.next();
        for qty in parts.each() {
            let line = number(self.lines.len());
            // Counted from the start, so that a factor's endless decimals are lost once and not once per part.
            ordered = ordered.plus(qty);
            let until_here = offer.terms.stock_quantity(ordered).unwrap_or(stocked);
            let stock_qty = until_here.minus_or_zero(stocked);
            stocked = until_here;
            let mut surplus = stock_qty;
            while let Some(current) = need.as_mut() {
                let here = take(&mut surplus, current.qty);
                if here.is_positive() {
                    self.pegs.push(PegRow { line, demand: current.demand, qty: here });
                }
                current.qty = current.qty.minus_or_zero(here);
                if current.qty.is_positive() {
                    break;
                }
                need = waiting.next();
            }
            if surplus.is_positive()
                && let Some(first) = needs.first()
            {
                self.fresh.push((surplus_key(first), SurplusIn::New(line)));
            }
            let offer = needs.first().map_or(NONE, |first| first.offer);
            self.lines.push(LineRow { offer, qty, stock_qty, surplus });
        }
    }
}

fn surplus_key(need: &Need) -> SurplusKey {
    (need.item, need.group.vendor, if need.group.drop_ship { NONE } else { need.group.place })
}

/// The peg of a purchase order line for the demand at that place.
pub(super) fn peg(snapshot: &Snapshot, facts: &Facts<'_>, place: u32, qty: Quantity) -> Peg {
    let demand = facts.demands.at(place);
    let wanted = facts.demands.wanted(snapshot, demand);
    Peg {
        order: demand.order(snapshot).id.clone(),
        line: demand.line(snapshot).id.clone(),
        component: (demand.component != NONE).then(|| wanted.item.clone()),
        qty,
        wanted: Some(wanted.wanted),
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(NONE)
}
