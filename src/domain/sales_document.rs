//! Sales documents as every host can tell them: quotations, sales orders, invoices (domain.md section 1).
//!
//! Invariants: quantities are in the item's stock unit and exact; ids are the host's own strings; the connector
//! has resolved which of two linked lines counts.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::DocumentRef;

/// Whether a document's lines carry demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentStatus {
    Draft,
    Open,
    Closed,
    Cancelled,
}

impl DocumentStatus {
    /// The stable name used in the database and in snapshots.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Draft, Self::Open, Self::Closed, Self::Cancelled].into_iter().find(|status| status.as_str() == name)
    }
}

/// A customer, vendor or person of the host: its id and the name to show.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    pub id: String,
    pub name: String,
}

/// A postal address, field by field as the host has it; empty fields are empty strings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub street: String,
    #[serde(default)]
    pub city: String,
    #[serde(default)]
    pub state: String,
    #[serde(default)]
    pub postal_code: String,
    #[serde(default)]
    pub country: String,
    /// The host's id of the address, where it has one; then it is what a drop shipment is sent with.
    #[serde(default)]
    pub host_id: Option<String>,
}

impl Address {
    /// One line for people, and the key by which two ship-to addresses are told apart.
    #[must_use]
    pub fn one_line(&self) -> String {
        [&self.name, &self.street, &self.postal_code, &self.city, &self.state, &self.country]
            .into_iter()
            .map(|part| part.trim())
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// A quotation, sales order or sales invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesDocument {
    pub reference: DocumentRef,
    /// What people call it: "INV-12".
    pub number: String,
    pub status: DocumentStatus,
    /// The host's own word for its status, where it has one: a company can leave documents of a status out.
    pub host_status: Option<String>,
    pub date: Date,
    pub need_by: Option<Date>,
    /// Higher goes first; 0 where the host has none.
    pub priority: i32,
    pub customer: Party,
    /// Frozen on the document by the host; where a drop shipment goes.
    pub ship_to: Address,
    pub currency: Option<String>,
    /// Who owns the order: an email address, where the host tells one.
    pub owner_email: Option<String>,
    /// The host's own for the document: `whole_order`, `each_line` or `any_part`.
    pub ship_policy: Option<String>,
    /// Stock units over the document that a part shipment must reach.
    pub min_shipment: Option<Decimal>,
    /// Whether the host shows it as a backorder now (the flag that we set).
    pub backorder_flag: bool,
    /// What the host shows as its backorder state now (the text that we wrote), where it can.
    pub backorder_text: Option<String>,
    /// Where a person opens it in the host.
    pub url: Option<String>,
    pub lines: Vec<SalesLine>,
}

#[cfg(test)]
impl SalesDocument {
    /// An open document of which nothing else is known, for tests to fill in.
    pub(crate) fn blank(reference: DocumentRef, number: &str, date: Date) -> Self {
        Self {
            reference,
            number: number.to_owned(),
            status: DocumentStatus::Open,
            host_status: None,
            date,
            need_by: None,
            priority: 0,
            customer: Party::default(),
            ship_to: Address::default(),
            currency: None,
            owner_email: None,
            ship_policy: None,
            min_shipment: None,
            backorder_flag: false,
            backorder_text: None,
            url: None,
            lines: Vec::new(),
        }
    }
}

/// One line of a sales document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SalesLine {
    pub id: String,
    /// The host's item id; empty for a text line.
    pub item: String,
    pub description: String,
    /// None where neither the line nor the document names one; the connector fills in the host's default if it has one.
    pub warehouse: Option<String>,
    pub ordered: Decimal,
    /// Delivered to the customer from stock or by the vendor.
    pub fulfilled: Decimal,
    /// Short-closed: no longer owed.
    pub closed: Decimal,
    pub need_by: Option<Date>,
    pub drop_ship: bool,
    /// A vendor that the line itself names.
    pub vendor: Option<String>,
    /// False for services and untracked items: no demand.
    pub tracked: bool,
    /// True when another document's line counts instead of this one (domain.md section 1, demand).
    pub counted_elsewhere: bool,
    pub unit_price: Option<Decimal>,
}
