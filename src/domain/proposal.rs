//! A purchase order that is ready to be made: what a person is asked, and what is frozen when it is decided.
//!
//! Invariants: every option was planned by the planner and is made exactly as shown; the first is the planner's own
//! choice; nothing is computed again between the decision and the host.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::DocumentRef;
use super::limit::Limit;
use super::purchase_order::{LinkedDocument, NewPurchaseLine, NewPurchaseOrder};
use super::sales_document::{Address, Party};

/// What is asked: one purchase order, in the ways in which it can be bought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The sales documents that it is for, by rank.
    pub documents: Vec<ProposalDocument>,
    /// Never empty. The first is the planner's choice; the others differ by vendor, or by stock and drop shipment.
    pub options: Vec<PurchaseOption>,
    /// What the other options were planned from, as a fingerprint: they are planned again when it differs.
    #[serde(default)]
    pub basis: String,
    /// Why a person must decide although the mode is Automatic: a limit was passed.
    pub limit: Option<Limit>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalDocument {
    pub reference: DocumentRef,
    pub number: String,
    pub customer: String,
    /// The host's id.
    #[serde(default)]
    pub customer_id: String,
}

/// One way to buy it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurchaseOption {
    pub vendor: Party,
    /// None for a drop shipment.
    pub warehouse: Option<String>,
    /// Some for a drop shipment only.
    pub ship_to: Option<Address>,
    pub currency: Option<String>,
    /// None if a price is not known.
    pub total: Option<Decimal>,
    pub expected: Date,
    pub lines: Vec<OptionLine>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionLine {
    pub item: String,
    pub sku: String,
    pub name: String,
    /// In the vendor's unit.
    pub quantity: Decimal,
    /// None = the stock unit.
    pub unit: Option<String>,
    pub stock_quantity: Decimal,
    pub price: Option<Decimal>,
    /// Why the price must be looked at.
    pub price_note: Option<String>,
    pub expected: Date,
    /// What rounding adds, in stock units.
    pub surplus: Decimal,
    pub why: String,
    pub pegs: Vec<ProposedPeg>,
}

/// The demand that a line is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedPeg {
    pub document: DocumentRef,
    pub line: String,
    /// The component's item where the line is a kit; else empty.
    pub component: String,
    /// In stock units.
    pub quantity: Decimal,
    pub wanted: Decimal,
}

impl Proposal {
    /// Whether a person sees the same: only then does a link to the one decide the other.
    #[must_use]
    pub fn shows_the_same(&self, other: &Self) -> bool {
        self.documents == other.documents && self.options == other.options && self.limit == other.limit
    }
}

impl PurchaseOption {
    #[must_use]
    pub fn is_drop_ship(&self) -> bool {
        self.ship_to.is_some()
    }

    /// The purchase order as it will be sent, under its marker.
    #[must_use]
    pub fn freeze(&self, marker: String, documents: &[ProposalDocument], today: Date) -> NewPurchaseOrder {
        let note = self.lines.iter().map(|line| format!("{}: {}", line.sku, line.why)).collect::<Vec<_>>().join("\n");
        NewPurchaseOrder {
            marker,
            vendor: self.vendor.clone(),
            currency: self.currency.clone(),
            warehouse: self.warehouse.clone(),
            ship_to: self.ship_to.clone(),
            date: today,
            expected: Some(self.expected),
            links: documents
                .iter()
                .map(|document| LinkedDocument {
                    reference: document.reference.clone(),
                    number: document.number.clone(),
                })
                .collect(),
            lines: self
                .lines
                .iter()
                .map(|line| NewPurchaseLine {
                    item: line.item.clone(),
                    description: line.name.clone(),
                    quantity: line.quantity,
                    unit: line.unit.clone(),
                    stock_quantity: line.stock_quantity,
                    unit_price: line.price,
                    expected: Some(line.expected),
                    why: line.why.clone(),
                })
                .collect(),
            note,
        }
    }
}

/// The marker of an intent: printable, 29 characters, the same after a restored backup (trust.md section 3).
/// `digest` is SHA-256 of `tenant|intent`; its first 128 bits are kept.
#[must_use]
pub fn marker(digest: &[u8; 32]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(29);
    text.push_str("BO-");
    let mut bits = 0_u32;
    let mut count = 0_u32;
    for byte in &digest[..16] {
        bits = (bits << 8) | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(ALPHABET[((bits >> count) & 31) as usize]));
        }
    }
    text.push(char::from(ALPHABET[((bits << (5 - count)) & 31) as usize]));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_29_printable_characters_and_keeps_128_bits() {
        let mut digest = [0_u8; 32];
        assert_eq!(marker(&digest).len(), 29);
        let zero = marker(&digest);
        digest[15] = 1;
        assert_ne!(marker(&digest), zero);
        digest[15] = 0;
        digest[16] = 1;
        assert_eq!(marker(&digest), zero);
        assert_eq!(zero, format!("BO-{}", "A".repeat(26)));
    }
}
