//! The documents: what was offered, sold, ordered, received and delivered.
//!
//! Invariant: every quantity is in the item's stock unit; a packing only says how the document prints it.

use jiff::{Timestamp, civil::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Address, CustomValue, Packing};

/// A document that this one belongs with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Link {
    /// Deskera's `DocumentType`: `SALES_INVOICE`, `PURCHASE_ORDER` …
    pub document_type: String,
    pub code: String,
    pub number: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SaleKind {
    Quotation,
    SalesOrder,
    Invoice,
}

impl SaleKind {
    pub(crate) const ALL: [Self; 3] = [Self::Quotation, Self::SalesOrder, Self::Invoice];

    /// Deskera's `DocumentType`.
    pub(crate) fn document_type(self) -> &'static str {
        match self {
            Self::Quotation => "QUOTATION",
            Self::SalesOrder => "SALES_ORDER",
            Self::Invoice => "SALES_INVOICE",
        }
    }

    /// The module that its custom fields belong to.
    pub(crate) fn module(self) -> &'static str {
        match self {
            Self::Quotation => "QUOTATION",
            Self::SalesOrder => "ORDER",
            Self::Invoice => "INVOICE",
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Quotation => "quotation",
            Self::SalesOrder => "sales order",
            Self::Invoice => "invoice",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Status {
    Draft,
    Open,
    Closed,
    Archived,
    Processed,
    PartialProcessed,
}

impl Status {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "DRAFT",
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Archived => "ARCHIVED",
            Self::Processed => "PROCESSED",
            Self::PartialProcessed => "PARTIAL_PROCESSED",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Draft, Self::Open, Self::Closed, Self::Archived, Self::Processed, Self::PartialProcessed]
            .into_iter()
            .find(|status| status.as_str() == name)
    }
}

/// A quotation, a sales order or an invoice.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sale {
    pub kind: SaleKind,
    pub id: i64,
    pub code: String,
    /// What people call it (`documentSequenceCode`).
    pub number: String,
    pub customer: String,
    pub date: Date,
    pub due: Date,
    /// When the customer needs it (`shipByDate`).
    pub need_by: Option<Date>,
    pub warehouse: String,
    pub status: Status,
    pub currency: String,
    pub memo: String,
    pub lines: Vec<SaleLine>,
    pub bill_to: Address,
    pub ship_to: Address,
    pub back_order: bool,
    pub drop_ship: bool,
    pub custom: Vec<CustomValue>,
    pub links: Vec<Link>,
    pub created: Timestamp,
    pub changed: Timestamp,
}

/// One line of a sale; quantities in the item's stock unit, price per stock unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SaleLine {
    pub id: i64,
    pub code: String,
    pub item: String,
    pub quantity: Decimal,
    pub unit_price: Decimal,
    /// The unit on the document, where it is not the stock unit.
    pub packing: Option<Packing>,
    /// Delivered from a warehouse.
    pub fulfilled: Decimal,
    /// Delivered by the vendor.
    pub drop_shipped: Decimal,
    pub short_closed: Decimal,
    /// The line of the quotation or sales order that this one was made from.
    pub from_line: Option<String>,
}

/// What was ordered from a vendor.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PurchaseOrder {
    pub id: i64,
    pub code: String,
    /// `documentSequenceCode`: chosen by whoever makes the order, and not unique.
    pub number: String,
    pub vendor: String,
    pub contact_name: String,
    pub contact_address: String,
    pub date: Date,
    pub due: Date,
    pub receive_by: Option<Date>,
    pub delivery: Option<Date>,
    pub warehouse: String,
    pub status: Status,
    pub currency: String,
    pub total: Decimal,
    pub memo: String,
    pub lines: Vec<PurchaseOrderLine>,
    pub bill_to: Option<Address>,
    pub ship_to: Option<Address>,
    pub ship_from: Option<Address>,
    pub back_order: bool,
    pub drop_ship: bool,
    pub custom: Vec<CustomValue>,
    pub links: Vec<Link>,
    /// What the vendor calls it, and what it was made for: Odoo's `partner_ref` and `origin`.
    #[serde(default)]
    pub vendor_reference: String,
    #[serde(default)]
    pub origin: String,
    /// A draft that somebody has issued and a manager must still approve.
    #[serde(default)]
    pub to_approve: bool,
    /// Nobody changes it any more (Odoo).
    #[serde(default)]
    pub locked: bool,
    pub created: Timestamp,
    pub changed: Timestamp,
}

/// One line of a purchase order; quantities in the item's stock unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct PurchaseOrderLine {
    pub id: i64,
    pub code: String,
    pub item: String,
    pub description: String,
    pub quantity: Decimal,
    pub unit_price: Decimal,
    pub packing: Option<Packing>,
    pub tax_code: Option<String>,
    pub total: Decimal,
    pub received: Decimal,
    pub expected: Option<Date>,
    /// The code of the sale's line that the vendor ships it for, where the ERP ties them itself.
    #[serde(default)]
    pub sale_line: Option<String>,
}

/// Goods that came in on a purchase order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Receipt {
    pub id: i64,
    pub code: String,
    pub number: String,
    pub purchase_order: String,
    pub warehouse: String,
    pub date: Date,
    pub lines: Vec<MovedLine>,
}

/// Goods that went out on a sale.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fulfilment {
    pub id: i64,
    pub code: String,
    pub number: String,
    pub sale: String,
    pub warehouse: String,
    pub date: Date,
    pub drop_ship: bool,
    pub lines: Vec<MovedLine>,
}

/// What moved for one line of a document, in the stock unit.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct MovedLine {
    pub id: i64,
    pub code: String,
    pub document_line: String,
    pub item: String,
    pub quantity: Decimal,
}
