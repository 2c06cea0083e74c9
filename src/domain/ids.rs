//! Names of things, as types, so that one cannot stand where another belongs.
//!
//! Ids of ours are UUIDs; ids of the host are its own strings, never parsed.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! our_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

our_id! {
    /// One company in one ERP. Derived from the host kind, its address and its company id
    /// (`secret::tenant_id`), so that the same company installed twice is the same tenant.
    TenantId
}
our_id! {
    /// One write to a host that must happen exactly once (trust.md section 3).
    IntentId
}
our_id! {
    /// A purchase order that waits for a person's decision.
    ProposalId
}
our_id! {
    /// One webhook delivery that was accepted.
    DeliveryId
}
our_id! {
    /// One message to one recipient.
    NoticeId
}

/// What a document of the host is. The `as_str` form is what the database and URLs hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    Quotation,
    SalesOrder,
    Invoice,
    PurchaseOrder,
    /// An item's stock, vendors or components changed; the id is the item's.
    Item,
    /// The host said that something of this sort changed, not what: look through the list. The id is
    /// the `as_str` of the kind to look through.
    List,
}

impl DocumentKind {
    pub const ALL: [Self; 6] =
        [Self::Quotation, Self::SalesOrder, Self::Invoice, Self::PurchaseOrder, Self::Item, Self::List];

    /// The stable name used in the database, in URLs and in audit entries.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Quotation => "quotation",
            Self::SalesOrder => "sales_order",
            Self::Invoice => "invoice",
            Self::PurchaseOrder => "purchase_order",
            Self::Item => "item",
            Self::List => "list",
        }
    }

    /// The kind of that stable name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it is a document that can be a backorder.
    #[must_use]
    pub fn is_sales(self) -> bool {
        matches!(self, Self::Quotation | Self::SalesOrder | Self::Invoice)
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Names one document of the host. It says "look again" and nothing else: it carries no quantity.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DocumentRef {
    pub kind: DocumentKind,
    /// The host's own id, at most [`DocumentRef::MAX_ID`] bytes, never interpreted.
    pub id: String,
}

impl DocumentRef {
    /// Bytes; longer ids in a delivery are not of any host that we know.
    pub const MAX_ID: usize = 200;

    #[must_use]
    pub fn new(kind: DocumentKind, id: impl Into<String>) -> Self {
        Self { kind, id: id.into() }
    }
}

impl fmt::Display for DocumentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind, self.id)
    }
}
