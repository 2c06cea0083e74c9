//! Purchase orders for the needs (domain.md section 3): grouped, rounded, priced, surplus used up.
//!
//! Invariants: one purchase order has one vendor, one place, one currency and is a drop shipment or not; what is
//! bought is never less than needed; a drop shipment is exactly what was sold; surplus is used before more is planned.

use std::collections::HashMap;

use jiff::civil::Date;

use super::amendment::{Amendments, Raise};
use super::facts::Facts;
use super::grouped::{NONE, Names};
use super::incoming::take;
use super::needs::Need;
use super::offer::Offer;
use super::plan::{PurchaseLine, PurchaseOrder};
use super::policy::GroupBy;
use super::price::{Amount, Price};
use super::quantity::Quantity;
use super::rounding::Parts;
use super::snapshot::{Peg, Snapshot};

/// A demand in a line of a purchase order to make, as its peg stands there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Placed {
    pub(super) order: u32,
    pub(super) line: u32,
    /// The demand's place.
    pub(super) demand: u32,
    /// The offer's place.
    pub(super) offer: u32,
    pub(super) qty: Quantity,
}

/// What came of buying.
#[derive(Debug, Default)]
pub(super) struct Purchases {
    pub(super) orders: Vec<PurchaseOrder>,
    /// By order, line and peg.
    pub(super) placed: Vec<Placed>,
}

/// Needs that go into one purchase order have equal keys: document, line, vendor, currency, place, drop shipment.
type GroupKey = [u32; 6];

/// Makes the purchase orders. Lines of ours that can be raised are raised in `amendments` instead.
pub(super) fn purchase(
    snapshot: &Snapshot,
    facts: &Facts<'_>,
    needs: &[Need],
    amendments: &mut Amendments,
) -> Purchases {
    let mut ship_to = Names::default();
    let mut keyed: Vec<(GroupKey, u32, u32)> = needs
        .iter()
        .zip(0..)
        .map(|(need, index)| {
            let rank = facts.demands.all()[need.demand as usize].rank;
            (group_key(snapshot, facts, need, &mut ship_to), rank, index)
        })
        .collect();
    keyed.sort_unstable();
    let mut groups: Vec<&[(GroupKey, u32, u32)]> = keyed.chunk_by(|left, right| left.0 == right.0).collect();
    // Inside a group needs stand by rank, so its first need has the rank of the group.
    groups.sort_unstable_by_key(|group| group[0].1);
    let mut buyer = Buyer {
        snapshot,
        facts,
        amendments,
        purchases: Purchases::default(),
        surplus: HashMap::new(),
        fresh: Vec::new(),
    };
    let mut units: Vec<Vec<Need>> = Vec::new();
    let mut unit_of: HashMap<(u32, u32), usize> = HashMap::new();
    for group in groups {
        units.clear();
        unit_of.clear();
        for (_, _, index) in group {
            let need = needs[*index as usize];
            let apart = if snapshot.policy.merge_equal_items { NONE } else { need.demand };
            let unit = *unit_of.entry((need.offer, apart)).or_insert_with(|| {
                units.push(Vec::new());
                units.len() - 1
            });
            units[unit].push(need);
        }
        buyer.buy_group(&units);
    }
    let mut purchases = buyer.purchases;
    // Surplus that later groups used was noted late; inside a line the pegs stand as they were noted.
    purchases.placed.sort_by_key(|placed| (placed.order, placed.line));
    purchases
}

fn group_key<'a>(snapshot: &'a Snapshot, facts: &Facts<'a>, need: &Need, ship_to: &mut Names<'a>) -> GroupKey {
    let demand = &facts.demands.all()[need.demand as usize];
    let offer = &facts.offers.rows()[need.offer as usize];
    let (document, line) = match snapshot.policy.group_by {
        GroupBy::OrderAndVendor => (demand.document, NONE),
        GroupBy::Vendor => (NONE, NONE),
        GroupBy::Line => (demand.document, demand.line),
    };
    let place = if demand.drop_ship {
        ship_to.number_or_none(demand.order(snapshot).ship_to.as_ref())
    } else {
        demand.warehouse
    };
    [document, line, offer.vendor, offer.currency, place, u32::from(demand.drop_ship)]
}

/// Where surplus of this run lies.
#[derive(Debug, Clone, Copy)]
enum SurplusIn {
    /// Of a new purchase order, its line.
    New(u32, u32),
    /// Of a line of ours that was raised, its row.
    Raised(u32),
}

struct Buyer<'b, 'a> {
    snapshot: &'a Snapshot,
    facts: &'b Facts<'a>,
    amendments: &'b mut Amendments,
    purchases: Purchases,
    /// By item, vendor and warehouse.
    surplus: HashMap<(u32, u32, u32), Vec<SurplusIn>>,
    /// Of the group at hand: later groups may use it, its own other lines are rounded apart.
    fresh: Vec<((u32, u32, u32), SurplusIn)>,
}

impl Buyer<'_, '_> {
    /// Buys what one purchase order is for: units of needs of one item each.
    fn buy_group(&mut self, units: &[Vec<Need>]) {
        let mut lines: Vec<PurchaseLine> = Vec::new();
        for unit in units {
            let mut left = unit.clone();
            self.use_surplus(&mut left);
            self.raise_drafts(&mut left);
            self.add_lines(&left, &mut lines);
        }
        let (Some(first), Some(expected)) = (units.first().and_then(|unit| unit.first()), latest(&lines)) else {
            return;
        };
        for (key, source) in self.fresh.drain(..) {
            self.surplus.entry(key).or_default().push(source);
        }
        let demand = &self.facts.demands.all()[first.demand as usize];
        let offer = &self.facts.offers.rows()[first.offer as usize];
        let document = demand.order(self.snapshot);
        let warehouse = demand.line(self.snapshot).warehouse.clone();
        self.purchases.orders.push(PurchaseOrder {
            vendor: offer.row.vendor.clone(),
            warehouse: if demand.drop_ship { None } else { warehouse },
            ship_to: if demand.drop_ship { document.ship_to.clone() } else { None },
            drop_ship: demand.drop_ship,
            currency: offer.row.currency.clone().or_else(|| self.snapshot.policy.base_currency.clone()),
            total: total(&lines),
            expected,
            lines,
        });
    }

    fn surplus_key(&self, need: &Need) -> (u32, u32, u32) {
        let demand = &self.facts.demands.all()[need.demand as usize];
        (demand.item, self.facts.offers.rows()[need.offer as usize].vendor, demand.warehouse)
    }

    /// Takes what rounding added before from the needs of one item.
    fn use_surplus(&mut self, unit: &mut Vec<Need>) {
        let Some(key) = unit.first().map(|need| self.surplus_key(need)) else { return };
        // A drop shipment has no surplus and uses none: it has no warehouse.
        let Some(sources) = self.surplus.remove(&key) else { return };
        for need in &mut *unit {
            for source in &sources {
                let qty = self.use_one(*source, need);
                need.qty = need.qty.minus_or_zero(qty);
            }
        }
        self.surplus.insert(key, sources);
        unit.retain(|need| need.qty.is_positive());
    }

    /// How much of one surplus the need takes.
    fn use_one(&mut self, source: SurplusIn, need: &Need) -> Quantity {
        let peg = peg_of(self.snapshot, self.facts, need);
        match source {
            SurplusIn::New(order, line) => {
                let target = &mut self.purchases.orders[order as usize].lines[line as usize];
                let qty = take(&mut target.surplus, need.qty);
                if qty.is_positive() {
                    target.pegs.push(Peg { qty, ..peg });
                    let Need { demand, offer, .. } = *need;
                    self.purchases.placed.push(Placed { order, line, demand, offer, qty });
                }
                qty
            }
            SurplusIn::Raised(row) => {
                let qty = self.amendments.surplus(row).min(need.qty);
                if qty.is_positive() {
                    self.amendments.use_surplus(row, Peg { qty, ..peg }, need.demand);
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
        let policy = &self.snapshot.policy;
        let same_line = policy.group_by == GroupBy::Line || !policy.merge_equal_items;
        let mut left = Vec::with_capacity(needs.len());
        for need in needs.drain(..) {
            let demand = &self.facts.demands.all()[need.demand as usize];
            let raised = self.amendments.raise(&Raise {
                snapshot: self.snapshot,
                facts: self.facts,
                offer: &self.facts.offers.rows()[need.offer as usize],
                place: demand.warehouse,
                peg: peg_of(self.snapshot, self.facts, &need),
                demand: need.demand,
                same_line,
            });
            match raised {
                Some(row) if !demand.drop_ship => {
                    self.surplus.entry(self.surplus_key(&need)).or_default().push(SurplusIn::Raised(row));
                }
                Some(_) => {}
                None => left.push(need),
            }
        }
        *needs = left;
    }

    /// Adds the lines for the needs of one item: merged if that can be ordered, else each alone.
    fn add_lines(&mut self, needs: &[Need], lines: &mut Vec<PurchaseLine>) {
        let Some(first) = needs.first() else { return };
        let facts = self.facts;
        let offer = &facts.offers.rows()[first.offer as usize];
        let drop_ship = facts.demands.all()[first.demand as usize].drop_ship;
        let parts_of =
            |qty: Quantity| if drop_ship { offer.terms.exact_parts(qty) } else { offer.terms.parts(qty).ok() };
        let together = needs.iter().map(|need| need.qty).fold(Quantity::ZERO, Quantity::plus);
        match parts_of(together).filter(|parts| parts.total().is_some()) {
            Some(parts) => self.add_parts(needs, offer, parts, lines),
            None => {
                for need in needs {
                    if let Some(parts) = parts_of(need.qty) {
                        self.add_parts(std::slice::from_ref(need), offer, parts, lines);
                    }
                }
            }
        }
    }

    /// One line per part; the needs fill the parts by rank.
    fn add_parts(&mut self, needs: &[Need], offer: &Offer<'_>, parts: Parts, lines: &mut Vec<PurchaseLine>) {
        let order = u32::try_from(self.purchases.orders.len()).unwrap_or(NONE);
        let (mut ordered, mut stocked) = (Quantity::ZERO, Quantity::ZERO);
        let mut waiting = needs.iter().copied();
        let mut need = waiting.next();
        for qty in parts.each() {
            let line = u32::try_from(lines.len()).unwrap_or(NONE);
            // Counted from the start, so that a factor's endless decimals are lost once and not once per part.
            ordered = ordered.plus(qty);
            let until_here = offer.terms.stock_quantity(ordered).unwrap_or(stocked);
            let stock_qty = until_here.minus_or_zero(stocked);
            stocked = until_here;
            let (mut surplus, mut pegs) = (stock_qty, Vec::new());
            while let Some(current) = need.as_mut() {
                let here = take(&mut surplus, current.qty);
                if here.is_positive() {
                    pegs.push(Peg { qty: here, ..peg_of(self.snapshot, self.facts, current) });
                    let Need { demand, offer, .. } = *current;
                    self.purchases.placed.push(Placed { order, line, demand, offer, qty: here });
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
                self.fresh.push((self.surplus_key(first), SurplusIn::New(order, line)));
            }
            let (price, price_note) = self.price(offer, qty);
            lines.push(PurchaseLine {
                item: offer.row.item.clone(),
                qty,
                unit: offer.row.unit.clone(),
                stock_qty,
                price,
                price_note,
                expected: offer.expected,
                surplus,
                pegs,
                why: String::new(),
            });
        }
    }

    /// The vendor's price; where none is valid the item's cost, marked for review.
    fn price(&self, offer: &Offer<'_>, qty: Quantity) -> (Option<Price>, Option<String>) {
        let price = offer.price(qty, self.snapshot.today);
        if price.is_some() {
            return (price, None);
        }
        let vendor = &offer.row.vendor;
        let base = self.snapshot.policy.base_currency.as_ref();
        let currency = offer.row.currency.as_ref().or(base);
        let costs = self.facts.costs.of(offer.item);
        let known = !costs.is_empty();
        let cost = costs
            .iter()
            .map(|(_, cost)| cost)
            .filter(|cost| cost.currency.as_ref().or(base) == currency)
            .map(|cost| cost.price)
            .min()
            .and_then(|price| price.for_units(offer.terms.factor));
        let note = match (cost, known) {
            (Some(_), _) => {
                format!("no price of {vendor} is valid for {qty} today: this is the item's cost, please review")
            }
            (None, true) => {
                format!("no price of {vendor} is valid for {qty} today, and the item's cost is in another currency")
            }
            (None, false) => format!("no price of {vendor} is valid for {qty} today, and the item's cost is not known"),
        };
        (cost, Some(note))
    }
}

fn peg_of(snapshot: &Snapshot, facts: &Facts<'_>, need: &Need) -> Peg {
    let demand = &facts.demands.all()[need.demand as usize];
    let wanted = facts.demands.wanted(snapshot, demand);
    Peg {
        order: demand.order(snapshot).id.clone(),
        line: demand.line(snapshot).id.clone(),
        component: (demand.component != NONE).then(|| wanted.item.clone()),
        qty: need.qty,
        wanted: Some(wanted.wanted),
    }
}

fn latest(lines: &[PurchaseLine]) -> Option<Date> {
    lines.iter().map(|line| line.expected).max()
}

fn total(lines: &[PurchaseLine]) -> Option<Amount> {
    lines.iter().try_fold(Amount::default(), |mut sum, line| {
        sum += Amount::of(line.price?, line.qty);
        Some(sum)
    })
}
