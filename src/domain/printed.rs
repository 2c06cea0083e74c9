//! A sales document as its customer is to read it: parties, lines, taxes and totals, as the host has them.
//!
//! Invariants: nothing is computed and nothing is filled in. A figure that the host does not tell is `None`, and is left
//! out of the print; amounts are in the document's currency and exact.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::DocumentRef;
use super::sales_document::{Address, Party};

/// A quotation, sales order or invoice to be printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintedDocument {
    pub reference: DocumentRef,
    /// What people call it: "INV-12".
    pub number: String,
    pub date: Date,
    /// Until when a quotation is valid or an invoice is to be paid.
    pub until: Option<Date>,
    /// When it is to be delivered, where the document says so.
    pub delivery: Option<Date>,
    /// The customer's own order number.
    pub customer_reference: Option<String>,
    pub customer: Party,
    pub bill_to: Option<Address>,
    pub ship_to: Option<Address>,
    /// ISO 4217.
    pub currency: Option<String>,
    pub lines: Vec<PrintedLine>,
    /// The sum before taxes.
    pub untaxed: Option<Decimal>,
    pub tax: Option<Decimal>,
    pub total: Option<Decimal>,
    /// Prices and the lines' amounts hold the tax already.
    pub tax_included: bool,
    /// What the seller wrote on it.
    pub note: Option<String>,
}

/// A line of it; quantity and price in the unit that it was sold in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrintedLine {
    pub sku: String,
    pub description: String,
    /// None: a heading or a note between the lines.
    pub quantity: Option<Decimal>,
    pub unit: String,
    pub unit_price: Option<Decimal>,
    pub discount: Option<Discount>,
    pub tax: Option<Decimal>,
    pub amount: Option<Decimal>,
}

/// What a line is reduced by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Discount {
    Percent(Decimal),
    Amount(Decimal),
}
