//! The plan: who gets what, what is bought, what changes, and why, exactly as plan-format.md writes it.
//!
//! Invariants: plain data; the same snapshot gives the same plan, byte for byte, whatever the order of its rows;
//! every quantity carries its why.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use super::compact::CompactPlan;
use super::date_text;
use super::name::Name;
pub use super::numbered::Numbered;
use super::planning;
pub use super::planning::measure;
use super::price::{Amount, Price};
use super::quantity::Quantity;
use super::snapshot::{Peg, Snapshot};

/// Plans a snapshot: the one function that the product is. Pure; it cannot fail, because what is senseless is an
/// exception in the plan.
#[must_use]
pub fn plan(snapshot: &Snapshot) -> Plan {
    compact(&Numbered::new(snapshot)).into_plan()
}

/// The same plan in numbers that refer to the snapshot: what a plan of a million demands is kept and written as.
#[must_use]
pub fn compact<'a>(numbered: &'a Numbered<'a>) -> CompactPlan<'a> {
    planning::plan(numbered)
}

/// The answer to a [`super::snapshot::Snapshot`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// One per demand, by rank.
    pub lines: Vec<PlanLine>,
    /// One per sales document, by rank.
    pub orders: Vec<OrderOutlook>,
    /// By vendor, ship-to, warehouse, rank of the first demand.
    pub purchase_orders: Vec<PurchaseOrder>,
    /// What to change on purchase orders of ours, by po and line.
    pub changes: Vec<Change>,
    /// What a person must look at, by order rank, line, kind.
    pub exceptions: Vec<PlanException>,
}

/// How one demand is covered. A kit line has one per component, with the component's item.
///
/// `from_stock + from_own + from_incoming + shortfall = open`, to the last decimal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLine {
    pub order: Name,
    pub line: Name,
    pub item: Name,
    pub open: Quantity,
    pub from_stock: Quantity,
    /// From purchase orders of ours that were raised for this demand.
    pub from_own: Quantity,
    pub from_incoming: Quantity,
    pub shortfall: Quantity,
    /// The part of the shortfall that a person decided not to buy.
    pub not_bought: Quantity,
    /// When what comes, by date; what has no date is not among them.
    pub deliveries: Vec<Delivery>,
    /// When the last unit is expected; `None` if some of it has no plan.
    #[serde(with = "date_text::option")]
    pub promise: Option<Date>,
    /// Days after the need-by date; 0 if not late, `None` without promise or need-by date.
    pub late_days: Option<i32>,
    pub why: Vec<WhyStep>,
    /// Why nothing is bought of what is short though nobody decided so and nothing stands in the way.
    /// (Not in plan-format.md: `--explain` says it.)
    #[serde(skip)]
    pub held_back: Option<HeldBack>,
}

/// Why the rules leave a shortfall alone (domain.md section 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    /// By `buy`, or by `demand_kinds`.
    NotBoughtFor,
    /// It is not above `ignore_below`.
    TooLittle { most: Quantity },
    /// By `buy_ahead_days` it is bought from that day on.
    NotBefore { date: Date },
}

/// Goods that are expected on one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    #[serde(with = "date_text")]
    pub date: Date,
    pub qty: Quantity,
}

/// One term of the sum that led to a quantity. A term of zero is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum WhyStep {
    /// Of the item; for a kit line, of the component.
    Ordered {
        qty: Quantity,
    },
    Fulfilled {
        qty: Quantity,
    },
    /// Short-closed.
    Closed {
        qty: Quantity,
    },
    FromStock {
        qty: Quantity,
        /// Where it is another warehouse than the line's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        warehouse: Option<Name>,
    },
    FromOwn(Incoming),
    FromIncoming(Incoming),
    Short {
        qty: Quantity,
    },
    /// A person decided so.
    NotBought {
        qty: Quantity,
    },
    /// Stock that nobody needs, out of the demand's reach.
    FreeElsewhere {
        qty: Quantity,
        warehouse: Name,
    },
}

/// What one purchase order line gives to a demand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incoming {
    pub qty: Quantity,
    pub po: Name,
    #[serde(default, with = "date_text::option", skip_serializing_if = "Option::is_none")]
    pub due: Option<Date>,
    /// It was due before today.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub late: bool,
}

/// Where a sales document stands after the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderOutlook {
    pub order: Name,
    /// Stock on hand does not cover all of it.
    pub backorder: bool,
    /// Every demand that draws on stock is covered by stock on hand.
    pub ready: bool,
    /// Not ready, and its ship policy lets something go.
    pub part_ready: bool,
    #[serde(with = "date_text::option")]
    pub promise: Option<Date>,
}

/// A purchase order to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseOrder {
    pub vendor: Name,
    /// Where the goods go; `None` for a drop shipment.
    pub warehouse: Option<Name>,
    /// The document's own address, for a drop shipment; else `None`.
    pub ship_to: Option<Name>,
    pub drop_ship: bool,
    pub currency: Option<Name>,
    /// Unrounded; `None` if a price is.
    pub total: Option<Amount>,
    /// The latest of its lines.
    #[serde(with = "date_text")]
    pub expected: Date,
    pub lines: Vec<PurchaseLine>,
}

/// A line of a purchase order to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseLine {
    pub item: Name,
    /// In the vendor's unit.
    pub qty: Quantity,
    pub unit: Option<Name>,
    pub stock_qty: Quantity,
    /// Of one vendor's unit.
    pub price: Option<Price>,
    /// Why a person should review the price; `None` if it is the vendor's.
    pub price_note: Option<String>,
    #[serde(with = "date_text")]
    pub expected: Date,
    /// Stock units that rounding added.
    pub surplus: Quantity,
    /// The demands that it is for, by rank.
    #[serde(rename = "for")]
    pub pegs: Vec<Peg>,
    /// The sum that led to the quantity, for people.
    pub why: String,
}

/// A change to a purchase order line of ours, in stock units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub po: Name,
    pub line: Name,
    pub from: Quantity,
    /// 0: the line goes; on the last line of a draft, the draft is cancelled.
    pub to: Quantity,
    pub how: ChangeHow,
    /// The pegs after it.
    #[serde(rename = "for")]
    pub pegs: Vec<Peg>,
}

/// Who acts on a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeHow {
    /// Our draft, untouched since we made it: the worker changes it.
    Apply,
    /// A person decides.
    Propose,
}

/// Something that a person must look at; everything else goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanException {
    pub kind: ExceptionKind,
    pub order: Option<Name>,
    pub line: Option<Name>,
    pub item: Option<Name>,
    /// The purchase order or vendor that it is about, where it is about one. (Not in plan-format.md: the text names it.)
    #[serde(skip)]
    pub about: Option<Name>,
    pub text: String,
}

/// What kind of thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionKind {
    BadQuantity,
    BadVendor,
    DropShipQuantity,
    NoRate,
    /// A drop shipment whose document has no address. (Not in plan-format.md: an address is never guessed.)
    NoShipTo,
    NoUnitFactor,
    NoVendor,
    PoCancelled,
}
