//! Everything a plan is made from, exactly as plan-format.md writes it.
//!
//! Invariants: plain data, no rule; the order of rows means nothing. The worker builds it from rows of the database,
//! the command reads it from JSON: both get the same plan. Quantities are in the item's stock unit unless said.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize};

use super::date_text;
use super::factor::Factor;
use super::ids::DocumentKind;
use super::name::Name;
use super::policy::{Policy, ShipPolicy};
use super::price::Price;
use super::quantity::Quantity;
use strict::strict;

/// One tenant's facts, as of one day.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Snapshot {
    /// The tenant's day.
    #[serde(with = "date_text")]
    pub today: Date,
    #[serde(default, deserialize_with = "or_default")]
    pub policy: Policy,
    #[serde(default, deserialize_with = "or_default")]
    pub stock: Vec<StockRow>,
    #[serde(default, deserialize_with = "or_default")]
    pub supply: Vec<SupplyLine>,
    #[serde(default, deserialize_with = "or_default")]
    pub orders: Vec<Order>,
    #[serde(default, deserialize_with = "or_default")]
    pub kits: Vec<Kit>,
    #[serde(default, deserialize_with = "or_default")]
    pub vendors: Vec<VendorOffer>,
    #[serde(default, deserialize_with = "or_default")]
    pub costs: Vec<ItemCost>,
}

/// What is physically in one warehouse. Several rows of one place add up.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct StockRow {
    pub item: Name,
    pub warehouse: Name,
    pub on_hand: Quantity,
    /// No demand may use it; safety stock belongs here.
    #[serde(default, deserialize_with = "or_default")]
    pub held: Quantity,
}

/// One line of a purchase order.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct SupplyLine {
    pub po: Name,
    pub line: Name,
    #[serde(default)]
    pub vendor: Option<Name>,
    pub item: Name,
    /// `None` for a drop shipment only.
    #[serde(default)]
    pub warehouse: Option<Name>,
    pub ordered: Quantity,
    /// Only uses up pegs; it holds no stock.
    #[serde(default, deserialize_with = "or_default")]
    pub received: Quantity,
    #[serde(default, deserialize_with = "or_default")]
    pub closed: Quantity,
    #[serde(default, with = "date_text::option")]
    pub due: Option<Date>,
    #[serde(default, deserialize_with = "or_default")]
    pub state: SupplyState,
    /// Ordered by this app; drafts and intents that are not yet confirmed included.
    #[serde(default, deserialize_with = "or_default")]
    pub ours: bool,
    /// A person has changed it since we made it.
    #[serde(default, deserialize_with = "or_default")]
    pub edited: bool,
    #[serde(default, deserialize_with = "or_default")]
    pub drop_ship: bool,
    /// The host itself ordered it for its pegs' demands, and will give those nothing else. (Not in plan-format.md: Odoo
    /// orders by itself.)
    #[serde(default, deserialize_with = "or_default")]
    pub tied: bool,
    /// The demands that it was raised for. They count on a line of ours, and on one that is tied.
    #[serde(default, rename = "for", deserialize_with = "short_list::deserialize")]
    pub pegs: Vec<Peg>,
}

/// How far a purchase order line is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum SupplyState {
    Draft,
    #[default]
    Confirmed,
    /// Nothing more comes.
    Received,
    Cancelled,
}

/// The tie from a purchase order line to the demand that it was raised for.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Peg {
    pub order: Name,
    pub line: Name,
    /// The item of the component, where the line is of a kit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<Name>,
    pub qty: Quantity,
    /// What the document line wanted (ordered − closed) when the peg was made; of the component for a kit. `None`: never cut.
    #[serde(default)]
    pub wanted: Option<Quantity>,
}

/// A sales document: quotation, sales order or invoice.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Order {
    /// The document number; it ranks in natural order.
    pub id: Name,
    #[serde(default, deserialize_with = "or_default")]
    pub kind: OrderKind,
    #[serde(default, deserialize_with = "or_default")]
    pub status: OrderStatus,
    #[serde(with = "date_text")]
    pub date: Date,
    #[serde(default, with = "date_text::option")]
    pub need_by: Option<Date>,
    /// Higher first.
    #[serde(default, deserialize_with = "or_default")]
    pub priority: i32,
    #[serde(default)]
    pub customer: Option<Name>,
    /// The address that a drop shipment goes to.
    #[serde(default)]
    pub ship_to: Option<Name>,
    /// The host's own; `None`: the setting.
    #[serde(default)]
    pub ship_policy: Option<ShipPolicy>,
    /// Stock units over the document that a part must reach.
    #[serde(default)]
    pub min_shipment: Option<Quantity>,
    #[serde(default, deserialize_with = "short_list::deserialize")]
    pub lines: Vec<OrderLine>,
}

/// What a sales document is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum OrderKind {
    Quotation,
    #[default]
    SalesOrder,
    Invoice,
}

impl OrderKind {
    /// The kind of a document of the host; what is no sales document counts as an order.
    #[must_use]
    pub fn of(kind: DocumentKind) -> Self {
        match kind {
            DocumentKind::Quotation => Self::Quotation,
            DocumentKind::Invoice => Self::Invoice,
            _ => Self::SalesOrder,
        }
    }
}

/// Where a sales document stands. Only an open one has demand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum OrderStatus {
    Draft,
    #[default]
    Open,
    Closed,
    Cancelled,
}

/// A line of a sales document, in the item's stock unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct OrderLine {
    pub id: Name,
    pub item: Name,
    /// `None` for a drop-ship or untracked line only.
    #[serde(default)]
    pub warehouse: Option<Name>,
    pub ordered: Quantity,
    #[serde(default, deserialize_with = "or_default")]
    pub fulfilled: Quantity,
    /// Short-closed: ordered and never to be delivered.
    #[serde(default, deserialize_with = "or_default")]
    pub closed: Quantity,
    /// `None`: the document's.
    #[serde(default, with = "date_text::option")]
    pub need_by: Option<Date>,
    #[serde(default, deserialize_with = "or_default")]
    pub drop_ship: bool,
    /// The vendor that the line names.
    #[serde(default)]
    pub vendor: Option<Name>,
    /// Received for this very line and still in the house.
    #[serde(default, deserialize_with = "or_default")]
    pub received_for: PerComponent,
    /// The part of the shortfall that a person decided not to buy; what exceeds it is bought.
    #[serde(default, deserialize_with = "or_default")]
    pub not_bought: PerComponent,
    /// False for services and items without stock: no demand.
    #[serde(default = "tracked", deserialize_with = "or_tracked")]
    pub tracked: bool,
}

impl Default for OrderLine {
    fn default() -> Self {
        Self {
            id: Name::default(),
            item: Name::default(),
            warehouse: None,
            ordered: Quantity::ZERO,
            fulfilled: Quantity::ZERO,
            closed: Quantity::ZERO,
            need_by: None,
            drop_ship: false,
            vendor: None,
            received_for: PerComponent::default(),
            not_bought: PerComponent::default(),
            tracked: true,
        }
    }
}

/// A quantity of a line, or of each component of a kit line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum PerComponent {
    Line(Quantity),
    Components(Box<BTreeMap<Name, Quantity>>),
}

impl Default for PerComponent {
    fn default() -> Self {
        Self::Line(Quantity::ZERO)
    }
}

impl From<Quantity> for PerComponent {
    fn from(quantity: Quantity) -> Self {
        Self::Line(quantity)
    }
}

/// An item sold as its components.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Kit {
    pub item: Name,
    #[serde(default, deserialize_with = "or_default")]
    pub components: Vec<Component>,
}

/// A component of a kit: exactly one of `per_kit` and `fixed` is given.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct Component {
    pub item: Name,
    /// Stock units of the component in one kit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_kit: Option<Factor>,
    /// Stock units of the component with the line, however many kits; owed until the line's first fulfilment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Quantity>,
}

/// What a vendor sells an item for. Quantities are in the vendor's unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct VendorOffer {
    pub item: Name,
    pub vendor: Name,
    /// Lower first, none last.
    #[serde(default)]
    pub rank: Option<i32>,
    #[serde(default, deserialize_with = "or_default")]
    pub blocked: bool,
    /// Days from the order to the goods.
    #[serde(default, deserialize_with = "or_default")]
    pub lead_days: i32,
    #[serde(default, deserialize_with = "or_default")]
    pub min_qty: Quantity,
    /// 0: any quantity.
    #[serde(default, deserialize_with = "or_default")]
    pub multiple: Quantity,
    /// `None` or 0: no maximum.
    #[serde(default)]
    pub max_qty: Option<Quantity>,
    #[serde(default)]
    pub unit: Option<Name>,
    /// Stock units in one of the vendor's unit; 1 where there is no `unit`.
    #[serde(default)]
    pub unit_factor: Option<Factor>,
    #[serde(default)]
    pub currency: Option<Name>,
    #[serde(default, deserialize_with = "short_list::deserialize")]
    pub prices: Vec<PriceTier>,
}

/// The price from a quantity on, in the vendor's unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct PriceTier {
    #[serde(default, deserialize_with = "or_default")]
    pub from_qty: Quantity,
    pub price: Price,
    /// First day.
    #[serde(default, with = "date_text::option")]
    pub valid_from: Option<Date>,
    /// Last day.
    #[serde(default, with = "date_text::option")]
    pub valid_to: Option<Date>,
}

/// What one stock unit of an item costs where no vendor's price holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct ItemCost {
    pub item: Name,
    pub price: Price,
    #[serde(default)]
    pub currency: Option<Name>,
}

strict! {
    object Snapshot object StockRow object SupplyLine object Peg object Order object OrderLine object Kit
    object Component object VendorOffer object PriceTier object ItemCost
    choice SupplyState choice OrderKind choice OrderStatus
}

fn tracked() -> bool {
    true
}

fn or_tracked<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Option::deserialize(deserializer).map(|given| given.unwrap_or_else(tracked))
}

/// An explicit null is the same as an absent key.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    Option::deserialize(deserializer).map(Option::unwrap_or_default)
}

impl<'de> Deserialize<'de> for PerComponent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        per_component::deserialize(deserializer)
    }
}

mod per_component;
mod short_list;
pub(super) mod strict;
