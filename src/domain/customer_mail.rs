//! What customers are told, and how a company wants to be seen by them.
//!
//! Invariants: nothing goes to a customer until a person has turned it on; an event that is turned on concerns only
//! backorders that begin after that.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::DocumentRef;
use super::language::Language;
use super::sales_document::Party;

/// What a customer is told of. The stable name is the template's and, after `customer_`, the notice's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerEvent {
    /// The quotation, order or invoice itself, with its PDF.
    Document,
    /// Some of it waits, until this date.
    Backorder,
    /// It comes later than we said.
    DateMoved,
    /// It has left.
    OnItsWay,
}

impl CustomerEvent {
    pub const ALL: [Self; 4] = [Self::Document, Self::Backorder, Self::DateMoved, Self::OnItsWay];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Document => "document",
            Self::Backorder => "backorder",
            Self::DateMoved => "date_moved",
            Self::OnItsWay => "on_its_way",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }
}

/// What stands on the company's own documents. Several lines each, where it makes sense.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Letterhead {
    pub name: String,
    /// Address, telephone, web, tax number: one a line.
    pub address: String,
    /// At the foot of each page.
    pub footer: String,
    pub quotation_terms: String,
    pub order_terms: String,
    pub invoice_terms: String,
}

/// A company's settings for mail to its customers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CustomerMail {
    /// Off: nothing at all goes to a customer, not even by hand.
    pub on: bool,
    /// What goes by itself, with since when: backorders that began earlier are left alone.
    pub events: BTreeMap<CustomerEvent, Timestamp>,
    /// Where the host does not tell the customer's.
    pub language: Language,
    /// Where answers go.
    pub reply_to: Option<String>,
    pub letterhead: Letterhead,
}

impl CustomerMail {
    /// Whether an event of a backorder that began then is told by itself.
    #[must_use]
    pub fn tells(&self, event: CustomerEvent, began: Timestamp) -> bool {
        self.on && self.events.get(&event).is_some_and(|since| *since <= began)
    }
}

/// One mail to a customer, before it is put into words. Address and language are the host's at the time it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerNotice {
    pub event: CustomerEvent,
    pub document: DocumentRef,
    pub number: String,
    pub customer: Party,
    pub company: String,
    /// When the last of it is expected.
    pub expected: Option<Date>,
    /// What we said before.
    pub said_before: Option<Date>,
    /// What waits (or, on its way, what left).
    pub lines: Vec<CustomerLine>,
    /// With the document's PDF.
    pub attach: bool,
    /// A sentence of the person who sends it by hand.
    pub message: Option<String>,
    /// Goes to this address instead of the customer's: to try a template out.
    pub try_on: Option<String>,
    /// The language that a person chose; else the customer's.
    pub language: Option<Language>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerLine {
    pub sku: String,
    pub name: String,
    pub quantity: Decimal,
    pub unit: String,
    pub expected: Option<Date>,
}

/// Subject and text that a company wrote itself, in the template language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub subject: String,
    pub body: String,
}
