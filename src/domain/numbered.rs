//! A snapshot whose names are small numbers: what a plan is made from.
//!
//! Invariants: each name is looked up once, so that the steps of the plan compare and sort numbers only; nothing is
//! decided here. A number says which name it is and nothing else, but for the documents': theirs are their natural order.

use super::grouped::{Grouped, NONE, Names};
use super::parallel::{in_parallel, joined, share, threads_for};
use super::rank::number_ordinals;
use super::snapshot::{Order, Snapshot, StockRow, SupplyLine};

/// A snapshot, and its names in numbers.
#[derive(Debug)]
pub struct Numbered<'a> {
    pub(super) snapshot: &'a Snapshot,
    /// Of all lines of documents and purchase orders, and of components of kits; other items concern nobody.
    pub(super) items: Names<'a>,
    pub(super) warehouses: Names<'a>,
    pub(super) vendors: Names<'a>,
    /// Where each document stands among all by its number.
    pub(super) documents: Vec<u32>,
    /// Of the lines of each document.
    pub(super) lines: Grouped<Place>,
    /// Of each row of stock; the item is [`NONE`] where no line names it.
    pub(super) stock: Vec<Place>,
    /// Of each purchase order line.
    pub(super) supply: Vec<Place>,
    pub(super) offers: Vec<OfferNames>,
}

/// An item somewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) item: u32,
    /// [`NONE`] where the row names none.
    pub(super) warehouse: u32,
}

/// What an offer names.
#[derive(Debug, Clone, Copy)]
pub(super) struct OfferNames {
    /// [`NONE`] where no line names it.
    pub(super) item: u32,
    pub(super) vendor: u32,
    /// [`NONE`]: neither the offer nor the policy names one.
    pub(super) currency: u32,
}

impl<'a> Numbered<'a> {
    /// Gives the names of a snapshot their numbers.
    #[must_use]
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let Lines { mut items, mut warehouses, places, counts } = lines(&snapshot.orders);
        for component in snapshot.kits.iter().flat_map(|kit| &kit.components) {
            items.number(&component.item);
        }
        let mut place_of = |row: &'a SupplyLine| Place {
            item: items.number(&row.item),
            warehouse: warehouses.number_or_none(row.warehouse.as_ref()),
        };
        let supply = snapshot.supply.iter().map(&mut place_of).collect();
        let known = |item| items.find(item).unwrap_or(NONE);
        let place_of =
            |row: &'a StockRow| Place { item: known(&row.item), warehouse: warehouses.number(&row.warehouse) };
        let stock = snapshot.stock.iter().map(place_of).collect();
        let (mut vendors, mut currencies) = (Names::default(), Names::default());
        let offers = snapshot.vendors.iter();
        let offers = offers
            .map(|row| OfferNames {
                item: known(&row.item),
                vendor: vendors.number(&row.vendor),
                currency: currencies.number_or_none(row.currency.as_ref().or(snapshot.policy.base_currency.as_ref())),
            })
            .collect();
        Self {
            snapshot,
            documents: number_ordinals(&snapshot.orders),
            lines: Grouped::from_counts(places, counts),
            items,
            warehouses,
            vendors,
            stock,
            supply,
            offers,
        }
    }
}

/// The lines of some documents, with numbers of their own for the names.
#[derive(Default)]
struct Lines<'a> {
    items: Names<'a>,
    warehouses: Names<'a>,
    places: Vec<Place>,
    /// How many lines each document has.
    counts: Vec<u32>,
}

/// All lines, on several threads where there are many.
fn lines(orders: &[Order]) -> Lines<'_> {
    let share = share(orders.len(), threads_for(orders.len()));
    let parts = in_parallel(orders.chunks(share), |orders| {
        let mut part = Lines::default();
        part.places.reserve(orders.len());
        part.counts.reserve(orders.len());
        for order in orders {
            part.counts.push(u32::try_from(order.lines.len()).unwrap_or(NONE));
            for line in &order.lines {
                let warehouse = part.warehouses.number_or_none(line.warehouse.as_ref());
                part.places.push(Place { item: part.items.number(&line.item), warehouse });
            }
        }
        part
    });
    parts.into_iter().reduce(Lines::followed_by).unwrap_or_default()
}

impl Lines<'_> {
    /// These lines, then the others, whose names get the numbers that they have, or get, here.
    fn followed_by(mut self, other: Self) -> Self {
        let (items, warehouses) = (self.items.take_in(other.items), self.warehouses.take_in(other.warehouses));
        let number = |numbers: &[u32], own: u32| numbers.get(own as usize).copied().unwrap_or(NONE);
        self.places.extend(other.places.into_iter().map(|Place { item, warehouse }| Place {
            item: number(&items, item),
            warehouse: number(&warehouses, warehouse),
        }));
        self.counts = joined(self.counts, other.counts);
        self
    }
}
