//! A plan in numbers, put into names, prices and words where it is read.
//!
//! Invariants: it holds all that was decided, the terms of every why included, and decides nothing any more; written as
//! JSON it is the [`Plan`] that it becomes, byte for byte.

use std::hint::black_box;
use std::ops::Range;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::decided::Decided;
use super::explain::purchase_why;
use super::name::Name;
use super::offer::Offer;
use super::outlook::Outlooks;
use super::plan::{Change, OrderOutlook, Plan, PlanException, PlanLine, PurchaseLine, PurchaseOrder};
use super::price::{Amount, Price};
use super::purchasing::{OrderRow, Purchases, peg};
use super::quantity::Quantity;

/// The plan of a snapshot, which it reads its names from.
#[derive(Debug)]
pub struct CompactPlan<'a> {
    pub(super) decided: Decided<'a>,
    pub(super) outlooks: Outlooks,
    pub(super) purchases: Purchases,
    pub(super) changes: Vec<Change>,
    pub(super) exceptions: Vec<PlanException>,
}

impl CompactPlan<'_> {
    /// One line per demand, by rank.
    pub fn lines(&self) -> impl ExactSizeIterator<Item = PlanLine> + Clone {
        self.lines_at(0..self.decided.facts.demands.by_rank.len())
    }

    /// The lines of some ranks.
    pub fn lines_at(&self, ranks: Range<usize>) -> impl ExactSizeIterator<Item = PlanLine> + Clone {
        read_ahead(
            &self.decided.facts.demands.by_rank[ranks],
            |place| self.touch(*place),
            |place| self.decided.line(*place),
        )
    }

    /// One per sales document, by rank.
    pub fn orders(&self) -> impl ExactSizeIterator<Item = OrderOutlook> + Clone {
        self.orders_at(0..self.outlooks.by_rank.len())
    }

    /// The sales documents of some ranks.
    pub fn orders_at(&self, ranks: Range<usize>) -> impl ExactSizeIterator<Item = OrderOutlook> + Clone {
        let order = |document: &u32| &self.decided.snapshot.orders[*document as usize];
        let made = move |document: &u32| {
            let outlook = self.outlooks.all.at(*document);
            OrderOutlook {
                order: order(document).id.clone(),
                backorder: outlook.backorder,
                ready: outlook.ready,
                part_ready: outlook.part_ready,
                promise: outlook.promise,
            }
        };
        let touch = move |document: &u32| {
            black_box((order(document).id.len(), self.outlooks.all.at(*document).ready));
        };
        read_ahead(&self.outlooks.by_rank[ranks], touch, made)
    }

    /// By vendor, ship-to, warehouse, rank of the first demand.
    pub fn purchase_orders(&self) -> impl ExactSizeIterator<Item = PurchaseOrder> + Clone {
        self.purchase_orders_at(0..self.purchases.orders.len())
    }

    /// The purchase orders of some places in that order.
    pub fn purchase_orders_at(&self, places: Range<usize>) -> impl ExactSizeIterator<Item = PurchaseOrder> + Clone {
        let touch = |order: &OrderRow| {
            let row = self.offer(order.first_line).row;
            black_box((row.vendor.len(), row.prices.len()));
            self.touch(order.demand);
        };
        read_ahead(&self.purchases.orders[places], touch, |order| self.purchase_order(order))
    }

    /// Reads a little of what is known of the demand at that place.
    fn touch(&self, place: u32) {
        let Decided { snapshot, facts, covers, incoming, planned, .. } = &self.decided;
        let demand = facts.demands.at(place);
        let (order, line) = (demand.order(snapshot), demand.line(snapshot));
        black_box((order.id.len(), line.id.len(), line.ordered, covers.at(place).shortfall));
        black_box((facts.names.items.name(demand.item).map(|item| item.len()), incoming.of(place).len()));
        for planned in planned.of(place) {
            black_box(self.decided.expected(planned.source));
        }
    }

    /// What to change on purchase orders of ours, by po and line.
    #[must_use]
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// What a person must look at, by order rank, line, kind.
    #[must_use]
    pub fn exceptions(&self) -> &[PlanException] {
        &self.exceptions
    }

    /// The same plan as plain data that stands for itself.
    #[must_use]
    pub fn into_plan(self) -> Plan {
        Plan {
            lines: self.lines().collect(),
            orders: self.orders().collect(),
            purchase_orders: self.purchase_orders().collect(),
            changes: self.changes,
            exceptions: self.exceptions,
        }
    }

    fn purchase_order(&self, order: &OrderRow) -> PurchaseOrder {
        let (snapshot, facts) = (self.decided.snapshot, &self.decided.facts);
        let lines: Vec<PurchaseLine> =
            (order.first_line..order.end_line).map(|line| self.purchase_line(line)).collect();
        let demand = facts.demands.at(order.demand);
        let row = self.offer(order.first_line).row;
        PurchaseOrder {
            vendor: row.vendor.clone(),
            warehouse: if demand.drop_ship { None } else { demand.line(snapshot).warehouse.clone() },
            ship_to: if demand.drop_ship { demand.order(snapshot).ship_to.clone() } else { None },
            drop_ship: demand.drop_ship,
            currency: row.currency.clone().or_else(|| snapshot.policy.base_currency.clone()),
            total: total(&lines),
            expected: lines.iter().map(|line| line.expected).max().unwrap_or(snapshot.today),
            lines,
        }
    }

    fn purchase_line(&self, line: u32) -> PurchaseLine {
        let (snapshot, facts) = (self.decided.snapshot, &self.decided.facts);
        let row = &self.purchases.lines[line as usize];
        let offer = self.offer(line);
        let pegs = self.purchases.pegs.of(line);
        let (price, price_note) = self.price(offer, row.qty);
        let demands: Vec<(PlanLine, Quantity)> =
            pegs.iter().map(|peg| (self.decided.sum(peg.demand), peg.qty)).collect();
        let mut made = PurchaseLine {
            item: offer.row.item.clone(),
            qty: row.qty,
            unit: offer.row.unit.clone(),
            stock_qty: row.stock_qty,
            price,
            price_note,
            expected: offer.expected,
            surplus: row.surplus,
            pegs: pegs.iter().map(|row| peg(snapshot, facts, row.demand, row.qty)).collect(),
            why: String::new(),
        };
        made.why = purchase_why(&made, offer.terms.factor, &demands);
        made
    }

    fn offer(&self, line: u32) -> &Offer<'_> {
        &self.decided.facts.offers.rows()[self.purchases.lines[line as usize].offer as usize]
    }

    /// The vendor's price; where none is valid the item's cost, marked for review.
    fn price(&self, offer: &Offer<'_>, qty: Quantity) -> (Option<Price>, Option<String>) {
        let snapshot = self.decided.snapshot;
        let price = offer.price(qty, snapshot.today);
        if price.is_some() {
            return (price, None);
        }
        let vendor = &offer.row.vendor;
        let base = snapshot.policy.base_currency.as_ref();
        let currency = offer.row.currency.as_ref().or(base);
        let costs = self.decided.facts.costs.of(offer.item);
        let known = !costs.is_empty();
        let cost = costs
            .iter()
            .map(|(_, cost)| cost)
            .filter(|cost| cost.currency.as_ref().or(base) == currency)
            .map(|cost| cost.price)
            .min()
            .and_then(|price| price.for_units(offer.terms.factor));
        (cost, Some(price_note(vendor, qty, cost, known)))
    }
}

/// Rows that the memory is asked for at once.
const AHEAD: usize = 32;

/// Makes something of each row. What it is made from lies about in a million rows: to wait for each of them alone takes
/// longer than to write it, so a few are touched together before.
fn read_ahead<'r, R, T>(
    rows: &'r [R],
    touch: impl Fn(&'r R) + Clone,
    make: impl Fn(&'r R) -> T + Clone,
) -> impl ExactSizeIterator<Item = T> + Clone {
    rows.iter().enumerate().map(move |(index, row)| {
        if index.is_multiple_of(AHEAD) {
            rows[index..].iter().take(AHEAD).for_each(&touch);
        }
        make(row)
    })
}

fn price_note(vendor: &Name, qty: Quantity, cost: Option<Price>, known: bool) -> String {
    match (cost, known) {
        (Some(_), _) => {
            format!("no price of {vendor} is valid for {qty} today: this is the item's cost, please review")
        }
        (None, true) => {
            format!("no price of {vendor} is valid for {qty} today, and the item's cost is in another currency")
        }
        (None, false) => format!("no price of {vendor} is valid for {qty} today, and the item's cost is not known"),
    }
}

fn total(lines: &[PurchaseLine]) -> Option<Amount> {
    lines.iter().try_fold(Amount::default(), |mut sum, line| {
        sum += Amount::of(line.price?, line.qty);
        Some(sum)
    })
}

impl Serialize for CompactPlan<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut plan = serializer.serialize_struct("Plan", 5)?;
        plan.serialize_field("lines", &Rows(self.lines()))?;
        plan.serialize_field("orders", &Rows(self.orders()))?;
        plan.serialize_field("purchase_orders", &Rows(self.purchase_orders()))?;
        plan.serialize_field("changes", &self.changes)?;
        plan.serialize_field("exceptions", &self.exceptions)?;
        plan.end()
    }
}

/// A list whose rows are made one by one as they are written.
struct Rows<I>(I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Rows<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}
