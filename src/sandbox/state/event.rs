//! What happened, for whoever listens: named, without quantities.

use super::SaleKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    Created,
    Updated,
    Deleted,
}

/// Something that another system could care about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    Sale { kind: SaleKind, change: Change, code: String },
    PurchaseOrder { code: String },
    Receipt { code: String, purchase_order: String },
    Stock { item: String, up: bool },
}
