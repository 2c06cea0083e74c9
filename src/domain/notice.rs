//! Who must be told what (domain.md section 6): data, no wording. The wording is in the mail templates.
//!
//! Invariants: a notice holds what it says at the time it was decided; it holds no secret (links with tokens are
//! made when it is sent); its key is the same for the same news, so that news is told once.

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::ids::{DocumentRef, ProposalId};
use super::proposal::{OptionLine, PurchaseOption};
use super::remark::Remark;
use super::sales_document::Address;

/// What happened. The stable name is the setting's and the mail template's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeEvent {
    /// A shortfall was found: asked for a decision, or (Watch) only told.
    ShortfallFound,
    PurchaseOrderMade,
    Ready,
    PartReady,
    /// *Ready* is taken back: a receipt was undone.
    NotReady,
    /// The expected date moved past the need-by date.
    Late,
    PurchaseOrderCancelled,
    NoVendor,
    /// A write whose outcome could not be found out: a person must look.
    OutcomeUnknown,
    /// The host refused a purchase order.
    PurchaseOrderRefused,
    /// A change to what was ordered that a person must decide.
    ChangeProposed,
    /// The host took our access away: nothing goes on until somebody signs in again.
    AccessRevoked,
}

impl NoticeEvent {
    pub const ALL: [Self; 12] = [
        Self::ShortfallFound,
        Self::PurchaseOrderMade,
        Self::Ready,
        Self::PartReady,
        Self::NotReady,
        Self::Late,
        Self::PurchaseOrderCancelled,
        Self::NoVendor,
        Self::OutcomeUnknown,
        Self::PurchaseOrderRefused,
        Self::ChangeProposed,
        Self::AccessRevoked,
    ];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ShortfallFound => "shortfall_found",
            Self::PurchaseOrderMade => "purchase_order_made",
            Self::Ready => "ready",
            Self::PartReady => "part_ready",
            Self::NotReady => "not_ready",
            Self::Late => "late",
            Self::PurchaseOrderCancelled => "purchase_order_cancelled",
            Self::NoVendor => "no_vendor",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::PurchaseOrderRefused => "purchase_order_refused",
            Self::ChangeProposed => "change_proposed",
            Self::AccessRevoked => "access_revoked",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == name)
    }

    /// Who is told by default (domain.md section 6).
    #[must_use]
    pub fn audience(self) -> &'static [Audience] {
        match self {
            Self::ShortfallFound => &[Audience::Buyer, Audience::Owner],
            Self::Ready | Self::NotReady | Self::Late => &[Audience::Owner],
            Self::PurchaseOrderMade | Self::PartReady => &[],
            Self::PurchaseOrderCancelled
            | Self::NoVendor
            | Self::OutcomeUnknown
            | Self::PurchaseOrderRefused
            | Self::ChangeProposed
            | Self::AccessRevoked => &[Audience::Buyer],
        }
    }

    /// Whether it is also a note on the host's document by default (domain.md section 6).
    #[must_use]
    pub fn noted_by_default(self) -> bool {
        matches!(self, Self::ShortfallFound | Self::PurchaseOrderMade | Self::Ready)
    }
}

/// A role that a notice goes to; the addresses are settings, the owner's is the document's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    Buyer,
    /// The order's owner; the sellers' address of the settings where the host names none.
    Owner,
    /// Whoever else the settings name, such as the warehouse.
    Team,
}

impl Audience {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Buyer, Self::Team];

    /// The stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Owner => "owner",
            Self::Team => "team",
        }
    }
}

/// The news itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    pub event: NoticeEvent,
    /// The company, as people call it.
    pub company: String,
    pub document: Option<NoticeDocument>,
    pub lines: Vec<NoticeLine>,
    pub purchase_order: Option<NoticePurchaseOrder>,
    /// The decision that is asked for: a link is made when the mail is sent. None: nothing to decide.
    pub decision: Option<NoticeDecision>,
    /// Only told, nothing is done (Watch).
    pub watch: bool,
    /// What a person should know beside the figures.
    pub remark: Option<Remark>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeDocument {
    pub reference: DocumentRef,
    pub number: String,
    pub customer: String,
    pub need_by: Option<Date>,
    pub promise: Option<Date>,
    /// In the host.
    pub url: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeLine {
    pub sku: String,
    pub name: String,
    /// The stock unit.
    pub unit: String,
    pub open: Decimal,
    pub from_stock: Decimal,
    pub on_order: Decimal,
    pub short: Decimal,
    /// Where it lies or will lie.
    pub warehouse: Option<String>,
    /// The sum, in words.
    pub why: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePurchaseOrder {
    pub number: Option<String>,
    pub vendor: String,
    pub total: Option<Decimal>,
    pub currency: Option<String>,
    pub expected: Option<Date>,
    /// One line; Some for a drop shipment.
    pub ship_to: Option<String>,
    pub url: Option<String>,
    pub lines: Vec<NoticePurchaseLine>,
}

impl NoticePurchaseOrder {
    /// What is told of a purchase order that is proposed or has just been made.
    #[must_use]
    pub fn of(option: &PurchaseOption, number: Option<String>) -> Self {
        let line = |line: &OptionLine| NoticePurchaseLine {
            sku: line.sku.clone(),
            name: line.name.clone(),
            quantity: line.quantity,
            unit: line.unit.clone().unwrap_or_default(),
            price: line.price,
            why: line.why.clone(),
        };
        Self {
            number,
            vendor: option.vendor.name.clone(),
            total: option.total,
            currency: option.currency.clone(),
            expected: Some(option.expected),
            ship_to: option.ship_to.as_ref().map(Address::one_line),
            url: None,
            lines: option.lines.iter().map(line).collect(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticePurchaseLine {
    pub sku: String,
    pub name: String,
    /// In the vendor's unit.
    pub quantity: Decimal,
    pub unit: String,
    pub price: Option<Decimal>,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeDecision {
    pub proposal: ProposalId,
    pub version: i32,
}
