//! The one model of the sandbox ERP: what a small company sells, buys, stores and ships.
//!
//! Invariants: quantities and money are exact decimals in the item's stock unit and the document's currency; ids and
//! codes are never used twice within a company, and two companies may well have the same; every change that another
//! system could care about is left in [`Company::events`]. Stock falls below nothing only where the company allows it.

mod company;
mod document;
mod event;
mod party;
mod purchasing;
mod sales;
mod seed;
mod stock;

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use company::{Client, SalesOrderShape};
pub(crate) use company::{Company, CompanySettings, RefreshToken, World};
pub(crate) use document::{
    Fulfilment, Link, MovedLine, PurchaseOrder, PurchaseOrderLine, Receipt, Sale, SaleKind, SaleLine, Status,
};
pub(crate) use event::{Change, Event};
pub(crate) use party::{Address, Contact, Role, User};
pub(crate) use purchasing::{NewPurchaseOrder, NewPurchaseOrderLine};
pub(crate) use sales::{NewSale, NewSaleLine, SaleEdit};
pub use seed::Seed;
pub(crate) use seed::company as seeded_company;
pub(crate) use stock::Adjustment;

/// Why the sandbox did not do something; nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0}")]
    Invalid(String),
    /// Fields that are missing or wrong, each with what is wrong about it.
    #[error("{}", .0.iter().map(|(field, error)| format!("{field} {error}")).collect::<Vec<_>>().join(", "))]
    Fields(Vec<(String, String)>),
    #[error("{0}")]
    Forbidden(String),
    #[error("{0} does not exist")]
    Missing(String),
}

impl Refusal {
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }

    pub(crate) fn missing(what: impl Into<String>) -> Self {
        Self::Missing(what.into())
    }
}

/// A unit of measure.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Uom {
    pub id: i64,
    pub name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum ItemKind {
    Tracked,
    Nontracked,
    /// A kit: sold as its components.
    BillOfMaterials,
}

/// One unit of measure in another: 1 `uom` is `factor` stock units.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Packing {
    pub uom: i64,
    pub factor: Decimal,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Component {
    pub item: String,
    /// Per kit, in the component's stock unit.
    pub quantity: Decimal,
}

/// Something that is sold or bought. Prices are per stock unit in the company's currency.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Item {
    pub id: i64,
    pub code: String,
    pub sku: String,
    pub name: String,
    pub kind: ItemKind,
    pub uom: i64,
    pub packing: Option<Packing>,
    pub purchase_price: Decimal,
    pub sales_price: Decimal,
    /// The contact code of the preferred vendor.
    pub vendor: Option<String>,
    pub lead_days: Option<u32>,
    pub components: Vec<Component>,
    pub active: bool,
    pub created: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum WarehouseKind {
    Primary,
    Rejected,
    JobWorkOut,
    Qa,
    None,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Warehouse {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub kind: WarehouseKind,
    pub active: bool,
    pub address: Address,
}

/// What lies in one warehouse of one item, in its stock unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stock {
    pub warehouse: String,
    pub item: String,
    pub on_hand: Decimal,
}

/// Stock that is set aside for one document.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Reservation {
    pub warehouse: String,
    pub item: String,
    pub document: String,
    pub document_line: String,
    pub quantity: Decimal,
}

/// A field that the company added to its documents.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CustomField {
    pub id: i64,
    pub label: String,
    /// `QUOTATION`, `ORDER`, `INVOICE` …
    pub modules: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CustomValue {
    pub id: i64,
    pub label: String,
    pub module: String,
    pub value: Value,
}

impl CustomValue {
    /// The value as a person reads it.
    pub(crate) fn text(&self) -> String {
        match &self.value {
            Value::String(text) => text.clone(),
            Value::Object(fields) => match fields.get("value").or_else(|| fields.values().next()) {
                Some(Value::String(text)) => text.clone(),
                other => other.map(Value::to_string).unwrap_or_default(),
            },
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }
}
