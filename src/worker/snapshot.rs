//! Rows of the mirror become the planner's snapshot. Pure.
//!
//! Invariants: everything of ours is supply, with its pegs, from the moment when it is decided, and so is what the host
//! itself ordered for a sale; a document's name in the snapshot ranks as its number does; what the planner names can be
//! traced back to the row that it came from.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::pegs::{Came, Pegs, came_for, still_held};
use crate::db::items::ItemRows;
use crate::db::snapshot::{DemandRow, HostPegRow, IntentSupplyRow, NotBoughtRow, PegRow, SupplyRow};
use crate::domain::factor::Factor;
use crate::domain::ids::{DocumentRef, IntentId};
use crate::domain::name::Name;
use crate::domain::policy::ShipPolicy;
use crate::domain::price::Price;
use crate::domain::purchase_order::PurchaseState;
use crate::domain::quantity::Quantity;
use crate::domain::sales_document::{Address, DocumentStatus, SalesDocument, SalesLine};
use crate::domain::scope::Concerns;
use crate::domain::settings::{DropShipment, Settings};
use crate::domain::snapshot::{
    Component, ItemCost, Kit, Order, OrderKind, OrderLine, OrderStatus, PerComponent, PriceTier, Snapshot, StockRow,
    SupplyLine, SupplyState, VendorOffer,
};
use crate::domain::stock::{Warehouse, WarehouseUse};
use crate::domain::vendor::Item;

/// All rows that a replan read.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    pub demand: Vec<DemandRow>,
    pub supply: Vec<SupplyRow>,
    pub intents: Vec<IntentSupplyRow>,
    pub pegs: Vec<PegRow>,
    pub host_pegs: Vec<HostPegRow>,
    pub not_bought: Vec<NotBoughtRow>,
    pub items: ItemRows,
    pub warehouses: Vec<Warehouse>,
}

/// A snapshot, and the way back from its names.
#[derive(Debug)]
pub struct Assembled {
    pub snapshot: Snapshot,
    pub(super) documents: HashMap<Name, SalesDocument>,
    addresses: HashMap<Name, Address>,
    items: HashMap<String, Item>,
    vendors: HashMap<String, String>,
    pub(super) warehouses: HashMap<String, String>,
    /// What people call the purchase orders of the snapshot.
    pub(super) orders: HashMap<String, String>,
    drop_shipped: HashSet<(Name, Name)>,
}

impl Assembled {
    /// The name of a warehouse; its id where it has none.
    #[must_use]
    pub fn warehouse_name(&self, id: &str) -> String {
        self.warehouses.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// Whether the snapshot sends a line straight to the customer.
    #[must_use]
    pub fn is_drop_ship(&self, order: &Name, line: &Name) -> bool {
        self.drop_shipped.contains(&(order.clone(), line.clone()))
    }

    #[must_use]
    pub fn vendor_name(&self, id: &str) -> Option<&str> {
        self.vendors.get(id).map(String::as_str)
    }

    /// The document behind a name of the snapshot.
    #[must_use]
    pub fn document(&self, name: &Name) -> Option<&SalesDocument> {
        self.documents.get(name)
    }

    /// The address behind a ship-to of the snapshot.
    #[must_use]
    pub fn address(&self, name: &Name) -> Option<&Address> {
        self.addresses.get(name)
    }

    #[must_use]
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.get(id)
    }

    /// The component name of a demand: the item where the line is a kit, else empty.
    #[must_use]
    pub fn component(&self, order: &Name, line: &str, item: &str) -> String {
        let is_line = self
            .documents
            .get(order)
            .and_then(|document| document.lines.iter().find(|candidate| candidate.id == line))
            .is_none_or(|line| line.item == item);
        if is_line { String::new() } else { item.to_owned() }
    }
}

/// A document's name in a snapshot: its number first, so that it ranks by it; then what makes it unique.
#[must_use]
pub fn order_name(document: &DocumentRef, number: &str) -> Name {
    Name::from(format!("{number}{APART}{document}"))
}

/// Stands in a document's name between its number and what makes it unique.
pub(super) const APART: char = '\u{1f}';

/// How the name of a supply begins that the host has no number for.
pub(super) const INTENT: &str = "intent:";

/// The supply name of an intent that the host's list does not show yet.
#[must_use]
pub fn intent_name(intent: IntentId) -> Name {
    Name::from(format!("{INTENT}{intent}"))
}

/// Makes the snapshot of one tenant for its day.
#[must_use]
pub fn assemble(mut rows: Rows, settings: &Settings, base_currency: Option<&str>, today: Date) -> Assembled {
    for row in &mut rows.demand {
        settings.leave_out(&mut row.document);
    }
    let warehouses = Warehouses::new(&rows.warehouses, settings);
    let items: HashMap<String, Item> = rows.items.items.iter().map(|item| (item.id.clone(), item.clone())).collect();
    let mut policy = settings.planner_policy();
    if policy.base_currency.is_none() {
        policy.base_currency = base_currency.map(Name::from);
    }
    let kits: Vec<Kit> = rows.items.items.iter().filter(|item| !item.components.is_empty()).map(kit).collect();
    let names: HashMap<DocumentRef, Name> = rows
        .demand
        .iter()
        .map(|row| (row.document.reference.clone(), order_name(&row.document.reference, &row.document.number)))
        .collect();
    let pegs = Pegs::new(&rows, &names);
    let came = came_for(&rows, &pegs);

    let warehouse_names =
        rows.warehouses.iter().map(|warehouse| (warehouse.id.clone(), warehouse.name.clone())).collect();
    let vendor_names: HashMap<String, String> =
        rows.items.vendors.iter().map(|vendor| (vendor.id.clone(), vendor.name.clone())).collect();
    let orders_called = orders_called(&rows, &vendor_names);
    let mut addresses = HashMap::new();
    let orders = rows
        .demand
        .iter()
        .map(|row| {
            let ship_to = Name::from(row.document.ship_to.one_line());
            addresses.insert(ship_to.clone(), row.document.ship_to.clone());
            order(&row.document, ship_to, &items, &warehouses, settings, &came, &rows.not_bought)
        })
        .collect();
    let snapshot = Snapshot {
        today,
        policy,
        stock: stock(&rows.items, &warehouses, settings),
        supply: supply(&rows, &pegs),
        orders,
        kits,
        vendors: vendors(&rows.items),
        costs: costs(&rows.items),
    };
    let documents = rows
        .demand
        .into_iter()
        .map(|row| (order_name(&row.document.reference, &row.document.number), row.document))
        .collect();
    let drop_shipped = snapshot
        .orders
        .iter()
        .flat_map(|order| {
            order.lines.iter().filter(|line| line.drop_ship).map(|line| (order.id.clone(), line.id.clone()))
        })
        .collect();
    Assembled {
        snapshot,
        documents,
        addresses,
        items,
        vendors: vendor_names,
        warehouses: warehouse_names,
        orders: orders_called,
        drop_shipped,
    }
}

/// By the names of a snapshot: a purchase order's number in the host; until it has one, its vendor.
fn orders_called(rows: &Rows, vendors: &HashMap<String, String>) -> HashMap<String, String> {
    let in_host = rows.supply.iter().map(|row| (row.purchase_order.clone(), row.number.clone()));
    let vendor = |id: &String| vendors.get(id).unwrap_or(id).clone();
    let not_yet = rows.intents.iter().map(|row| (intent_name(row.intent).to_string(), vendor(&row.vendor)));
    in_host.chain(not_yet).filter(|(_, name)| !name.is_empty()).collect()
}

/// Which warehouses count as stock, and where a line without one is delivered from.
struct Warehouses {
    not_stock: HashSet<String>,
    primary: Option<String>,
}

impl Warehouses {
    fn new(warehouses: &[Warehouse], settings: &Settings) -> Self {
        let mut not_stock: HashSet<String> = settings.warehouses_left_out.iter().cloned().collect();
        not_stock.extend(
            warehouses.iter().filter(|w| w.use_as == WarehouseUse::NotStock).map(|warehouse| warehouse.id.clone()),
        );
        let counts = |warehouse: &&Warehouse| !not_stock.contains(&warehouse.id);
        let primary = warehouses
            .iter()
            .filter(counts)
            .find(|warehouse| warehouse.primary)
            .or_else(|| warehouses.iter().find(counts))
            .map(|warehouse| warehouse.id.clone());
        Self { not_stock, primary }
    }
}

fn stock(items: &ItemRows, warehouses: &Warehouses, settings: &Settings) -> Vec<StockRow> {
    let safety = |item: &str| {
        let concerns = Concerns { item: Some(item), ..Concerns::default() };
        settings.particular(concerns, |scope| scope.safety_stock).unwrap_or(settings.safety_stock)
    };
    items
        .stock
        .iter()
        .filter(|level| !warehouses.not_stock.contains(&level.warehouse))
        .map(|level| StockRow {
            item: Name::from(level.item.as_str()),
            warehouse: Name::from(level.warehouse.as_str()),
            // a host that allows negative stock owes goods that are not there: nothing is on hand
            on_hand: Quantity::from_decimal(level.on_hand.max(Decimal::ZERO)),
            held: Quantity::from_decimal(level.held.max(Decimal::ZERO) + safety(&level.item)),
        })
        .collect()
}

fn kit(item: &Item) -> Kit {
    let components = item
        .components
        .iter()
        .map(|component| {
            let quantity = Quantity::from_decimal(component.quantity);
            Component {
                item: Name::from(component.item.as_str()),
                per_kit: (!component.fixed).then(|| Factor::from(quantity)),
                fixed: component.fixed.then_some(quantity),
            }
        })
        .collect();
    Kit { item: Name::from(item.id.as_str()), components }
}

fn vendors(items: &ItemRows) -> Vec<VendorOffer> {
    items
        .offers
        .iter()
        .map(|offer| VendorOffer {
            item: Name::from(offer.item.as_str()),
            vendor: Name::from(offer.vendor.as_str()),
            rank: Some(offer.rank),
            blocked: items.vendors.iter().any(|vendor| vendor.id == offer.vendor && vendor.blocked),
            lead_days: offer.lead_days,
            min_qty: Quantity::from_decimal(offer.min_qty),
            multiple: Quantity::from_decimal(offer.multiple),
            max_qty: offer.max_qty.map(Quantity::from_decimal),
            unit: offer.unit.as_deref().map(Name::from),
            // a factor that cannot be read is none: an exception for a person, never a guess
            unit_factor: offer.unit_factor.as_deref().and_then(|text| text.parse().ok()),
            currency: offer.currency.as_deref().map(Name::from),
            prices: offer
                .prices
                .iter()
                .map(|tier| PriceTier {
                    from_qty: Quantity::from_decimal(tier.from_qty),
                    price: Price::from_decimal(tier.price),
                    valid_from: tier.valid_from,
                    valid_to: tier.valid_to,
                })
                .collect(),
        })
        .collect()
}

fn costs(items: &ItemRows) -> Vec<ItemCost> {
    items
        .items
        .iter()
        .filter_map(|item| {
            item.cost.map(|cost| ItemCost {
                item: Name::from(item.id.as_str()),
                price: Price::from_decimal(cost),
                currency: item.cost_currency.as_deref().map(Name::from),
            })
        })
        .collect()
}

fn supply(rows: &Rows, pegs: &Pegs<'_>) -> Vec<SupplyLine> {
    let in_host = rows.supply.iter().map(|row| SupplyLine {
        po: Name::from(row.purchase_order.as_str()),
        line: Name::from(row.line.as_str()),
        vendor: Some(Name::from(row.vendor.as_str())),
        item: Name::from(row.item.as_str()),
        warehouse: row.warehouse.as_deref().map(Name::from),
        ordered: Quantity::from_decimal(row.ordered),
        received: Quantity::from_decimal(row.received),
        closed: Quantity::from_decimal(row.closed),
        due: row.due,
        state: supply_state(row),
        ours: row.intent.is_some() || row.marked,
        edited: row.edited,
        drop_ship: row.drop_ship,
        // who has pegs and is not ours was ordered by the host for them
        tied: row.intent.is_none() && !row.marked,
        pegs: pegs.of(pegs.in_host(row)),
    });
    let not_yet = rows.intents.iter().map(|row| SupplyLine {
        po: intent_name(row.intent),
        line: Name::from(row.line_no.to_string()),
        vendor: Some(Name::from(row.vendor.as_str())),
        item: Name::from(row.item.as_str()),
        warehouse: row.warehouse.as_deref().map(Name::from),
        ordered: Quantity::from_decimal(row.quantity),
        due: row.expected,
        // refused by the host: what it was for is short again and waits for a person
        state: if row.rejected { SupplyState::Cancelled } else { SupplyState::Confirmed },
        ours: true,
        drop_ship: row.drop_ship,
        pegs: pegs.of(pegs.ours((row.intent, row.line_no))),
        ..SupplyLine::default()
    });
    in_host.chain(not_yet).collect()
}

fn supply_state(row: &SupplyRow) -> SupplyState {
    match row.state {
        _ if row.gone => SupplyState::Cancelled,
        // it is issued any moment: a change that is planned now would come too late
        PurchaseState::Draft if row.issuing => SupplyState::Confirmed,
        PurchaseState::Draft => SupplyState::Draft,
        PurchaseState::Confirmed => SupplyState::Confirmed,
        PurchaseState::Received => SupplyState::Received,
        PurchaseState::Cancelled => SupplyState::Cancelled,
    }
}

fn order(
    document: &SalesDocument,
    ship_to: Name,
    items: &HashMap<String, Item>,
    warehouses: &Warehouses,
    settings: &Settings,
    came: &Came,
    not_bought: &[NotBoughtRow],
) -> Order {
    let lines = document
        .lines
        .iter()
        .map(|line| {
            let item = items.get(&line.item);
            let marked = line.drop_ship || item.is_some_and(|item| item.drop_ship);
            let key = |component: &str| (document.reference.clone(), line.id.clone(), component.to_owned());
            let shipped = |component: &str| came.shipped.get(&key(component)).copied().unwrap_or_default();
            OrderLine {
                id: Name::from(line.id.as_str()),
                item: Name::from(line.item.as_str()),
                warehouse: line.warehouse.as_deref().or(warehouses.primary.as_deref()).map(Name::from),
                ordered: Quantity::from_decimal(line.ordered),
                fulfilled: Quantity::from_decimal(line.fulfilled.max(shipped(""))),
                closed: Quantity::from_decimal(line.closed),
                need_by: line.need_by,
                drop_ship: marked && drop_shipment(settings, document, line) != DropShipment::Off,
                vendor: line.vendor.as_deref().map(Name::from),
                received_for: per_component(item, |component, factor| {
                    let (got, pegged) = came.received.get(&key(component)).copied().unwrap_or_default();
                    still_held(got, pegged, line.ordered * factor, line.fulfilled * factor)
                }),
                not_bought: per_component(item, |component, factor| {
                    let declined: Decimal = not_bought
                        .iter()
                        .filter(|row| {
                            row.document == document.reference && row.line == line.id && row.component == component
                        })
                        .map(|row| row.quantity)
                        .sum();
                    // a kit's parts may be shipped one by one, while no kit is delivered yet
                    let parts = if component.is_empty() { Decimal::ZERO } else { shipped(component) };
                    declined + (parts - line.fulfilled * factor).max(Decimal::ZERO)
                }),
                tracked: line.tracked && !line.counted_elsewhere && item.is_some_and(|item| item.tracked),
            }
        })
        .collect();
    Order {
        id: order_name(&document.reference, &document.number),
        kind: OrderKind::of(document.reference.kind),
        status: match document.status {
            DocumentStatus::Draft => OrderStatus::Draft,
            DocumentStatus::Open => OrderStatus::Open,
            DocumentStatus::Closed => OrderStatus::Closed,
            DocumentStatus::Cancelled => OrderStatus::Cancelled,
        },
        date: document.date,
        need_by: document.need_by,
        priority: document.priority,
        customer: Some(Name::from(document.customer.id.as_str())),
        ship_to: (!ship_to.is_empty()).then_some(ship_to),
        ship_policy: document.ship_policy.as_deref().and_then(ship_policy),
        min_shipment: document.min_shipment.map(Quantity::from_decimal),
        lines,
    }
}

/// Whether marked lines of this item, customer and vendor are shipped by the vendor.
fn drop_shipment(settings: &Settings, document: &SalesDocument, line: &SalesLine) -> DropShipment {
    let concerns =
        Concerns { vendor: line.vendor.as_deref(), customer: Some(&document.customer.id), item: Some(&line.item) };
    settings.particular(concerns, |scope| scope.drop_shipment).unwrap_or(settings.drop_shipment)
}

fn ship_policy(name: &str) -> Option<ShipPolicy> {
    match name {
        "whole_order" => Some(ShipPolicy::WholeOrder),
        "each_line" => Some(ShipPolicy::EachLine),
        "any_part" => Some(ShipPolicy::AnyPart),
        _ => None,
    }
}

/// A figure of a line, or of each component where its item is a kit. `factor` is the component's stock units per kit.
fn per_component(item: Option<&Item>, figure: impl Fn(&str, Decimal) -> Decimal) -> PerComponent {
    match item.filter(|item| !item.components.is_empty()) {
        None => PerComponent::Line(Quantity::from_decimal(figure("", Decimal::ONE))),
        Some(kit) => {
            let figures: BTreeMap<Name, Quantity> = kit
                .components
                .iter()
                .map(|component| {
                    let quantity = figure(&component.item, component.quantity);
                    (Name::from(component.item.as_str()), Quantity::from_decimal(quantity))
                })
                .filter(|(_, quantity)| *quantity != Quantity::ZERO)
                .collect();
            if figures.is_empty() { PerComponent::default() } else { PerComponent::Components(Box::new(figures)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::DocumentKind;

    #[test]
    fn documents_rank_by_their_number_whatever_their_ids() {
        let name = |number, id| order_name(&DocumentRef::new(DocumentKind::Invoice, id), number);
        assert!(name("INV-9", "zzz").natural_cmp(&name("INV-10", "aaa")).is_lt());
        assert!(name("INV-9", "b").natural_cmp(&name("INV-9", "a")).is_gt());
    }
}
