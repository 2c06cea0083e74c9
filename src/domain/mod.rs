//! The rules: what is short, who gets what, what is bought, what a change means.
//!
//! Invariants: pure. No async, no IO, no clock, no SQL, no HTTP, no float. The same input gives the same answer,
//! whatever the order of its rows.

pub mod alerts;
mod allocation;
mod amendment;
pub mod backorder;
mod calendar;
mod compact;
pub mod customer_mail;
pub mod date_text;
mod decided;
mod decimal_text;
mod demand;
pub mod difot;
pub mod edit;
pub mod explain;
pub mod factor;
mod facts;
pub mod fulfilment;
mod grouped;
pub mod ids;
mod incoming;
mod kit;
pub mod language;
pub mod limit;
pub mod name;
mod needs;
pub mod notice;
mod numbered;
mod offer;
mod outlook;
pub mod overrides;
pub mod parallel;
mod pieces;
pub mod plan;
mod planning;
pub mod policy;
pub mod price;
pub mod printed;
pub mod proposal;
pub mod purchase_order;
mod purchasing;
pub mod quantity;
mod radix;
mod rank;
pub mod readiness;
mod release;
pub mod remark;
mod rounding;
pub mod sales_document;
pub mod scope;
pub mod settings;
pub mod snapshot;
pub mod stock;
mod unranked;
pub mod vendor;
