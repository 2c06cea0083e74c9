//! Purchase orders: as the host tells them, and as we ask for them.
//!
//! Invariants: quantities of [`PurchaseOrder`] are in the item's stock unit; those of [`NewPurchaseOrder`] carry
//! both the vendor's unit and the stock unit; a new one is frozen before the first byte leaves.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::DocumentRef;
use super::sales_document::{Address, Party};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PurchaseState {
    Draft,
    Confirmed,
    Received,
    Cancelled,
}

impl PurchaseState {
    /// The stable name used in the database and in snapshots.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Confirmed => "confirmed",
            Self::Received => "received",
            Self::Cancelled => "cancelled",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Draft, Self::Confirmed, Self::Received, Self::Cancelled].into_iter().find(|s| s.as_str() == name)
    }
}

/// A purchase order as the host has it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseOrder {
    /// The host's id (Deskera: `poCode`).
    pub id: String,
    /// What people call it.
    pub number: String,
    pub state: PurchaseState,
    pub vendor: Party,
    /// Our marker, if it carries one (trust.md section 3): then it is ours.
    pub marker: Option<String>,
    pub drop_ship: bool,
    pub ship_to: Option<Address>,
    pub currency: Option<String>,
    pub expected: Option<Date>,
    pub url: Option<String>,
    pub lines: Vec<PurchaseLine>,
}

/// One line of a purchase order. Open = ordered − received − closed, never below 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseLine {
    pub id: String,
    pub item: String,
    /// None for a drop shipment.
    pub warehouse: Option<String>,
    pub ordered: Decimal,
    pub received: Decimal,
    pub closed: Decimal,
    pub due: Option<Date>,
    pub unit_price: Option<Decimal>,
    /// The sales lines that the host itself ordered it for; none of a purchase order of ours, which has pegs of its own.
    // Left out where there are none, so that their fingerprints are what they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pegs: Vec<HostPeg>,
}

/// The tie from a purchase order line that the host ordered by itself to the sales line that it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostPeg {
    pub document: DocumentRef,
    /// Of the sales document.
    pub line: String,
    /// In the stock unit of the purchase order line's item.
    pub quantity: Decimal,
}

/// A purchase order to be made. Hosts get exactly this; a retry sends the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPurchaseOrder {
    /// Printable, deterministic, unique: how it is found again after an unknown outcome.
    pub marker: String,
    pub vendor: Party,
    pub currency: Option<String>,
    /// Where stock goes; None for a drop shipment.
    pub warehouse: Option<String>,
    /// The customer's own address; Some for a drop shipment only.
    pub ship_to: Option<Address>,
    pub date: Date,
    pub expected: Option<Date>,
    /// The sales documents that it was raised for.
    pub links: Vec<LinkedDocument>,
    pub lines: Vec<NewPurchaseLine>,
    /// For the people who read it in the host: why it was made, one line for each line.
    pub note: String,
}

impl NewPurchaseOrder {
    #[must_use]
    pub fn is_drop_ship(&self) -> bool {
        self.ship_to.is_some()
    }
}

/// A document that another is tied to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedDocument {
    pub reference: DocumentRef,
    pub number: String,
}

/// One line of a purchase order to be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPurchaseLine {
    pub item: String,
    pub description: String,
    /// In the vendor's unit.
    pub quantity: Decimal,
    /// The vendor's unit; None = the stock unit.
    pub unit: Option<String>,
    /// The same in the stock unit.
    pub stock_quantity: Decimal,
    /// Per vendor unit; None = no price is known, a person must look.
    pub unit_price: Option<Decimal>,
    pub expected: Option<Date>,
    /// The sum that led to the quantity.
    pub why: String,
}

/// A change to a purchase order that we made: the lines' new quantities in stock units; 0 removes the line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseOrderChange {
    /// The host's id of the purchase order.
    pub id: String,
    pub lines: Vec<PurchaseLineChange>,
    /// Every line is at 0: cancel the draft.
    pub cancel: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseLineChange {
    pub line: String,
    /// In the stock unit, as it must be afterwards.
    pub to: Decimal,
}
