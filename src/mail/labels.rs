//! The words of our own documents and of the frame around a customer's mail.

use crate::wording::Words;

/// A word that columns and rows are headed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    Quotation,
    Order,
    Invoice,
    BillTo,
    ShipTo,
    Date,
    DueDate,
    Delivery,
    Item,
    Quantity,
    UnitPrice,
    Discount,
    Tax,
    Amount,
    Subtotal,
    Total,
    Expected,
    NoDate,
    Unsubscribe,
    ValidUntil,
    YourReference,
    TaxIncluded,
}

/// The label in that language.
pub(super) fn label(words: Words, label: Label) -> String {
    words
        .say(match label {
            Label::Quotation => "customer-quotation",
            Label::Order => "customer-order",
            Label::Invoice => "customer-invoice",
            Label::BillTo => "customer-bill-to",
            Label::ShipTo => "customer-ship-to",
            Label::Date => "customer-date",
            Label::DueDate => "customer-due-date",
            Label::Delivery => "customer-delivery",
            Label::Item => "customer-item",
            Label::Quantity => "customer-quantity",
            Label::UnitPrice => "customer-unit-price",
            Label::Discount => "customer-discount",
            Label::Tax => "customer-tax",
            Label::Amount => "customer-amount",
            Label::Subtotal => "customer-subtotal",
            Label::Total => "customer-total",
            Label::Expected => "customer-expected",
            Label::NoDate => "customer-no-date",
            Label::Unsubscribe => "customer-unsubscribe",
            Label::ValidUntil => "customer-valid-until",
            Label::YourReference => "customer-your-reference",
            Label::TaxIncluded => "customer-tax-included",
        })
        .to_string()
}
