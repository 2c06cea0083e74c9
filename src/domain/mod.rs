//! The rules: what is short, who gets what, what is bought, what a change means.
//!
//! Invariants: pure. No async, no IO, no clock, no SQL, no HTTP, no float. The same input gives the same answer,
//! whatever the order of its rows.

pub mod backorder;
pub mod date_text;
mod decimal_text;
pub mod factor;
pub mod ids;
pub mod name;
pub mod notice;
pub mod plan;
pub mod policy;
pub mod price;
pub mod proposal;
pub mod purchase_order;
pub mod quantity;
pub mod sales_document;
pub mod settings;
pub mod snapshot;
pub mod stock;
pub mod vendor;
