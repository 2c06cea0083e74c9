//! Which documents a delivery of an automation rule names.
//!
//! A delivery holds `_model`, `_id` and the fields that the rule was given; relations are bare ids. On 17 it is sent
//! before the commit, so nothing of it is believed (hosts/odoo/notes.md).

use std::time::Duration;

use serde_json::Value;

use super::client::without_false;
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::host::{Unreadable, json};

/// An order changes its kind when it is confirmed or set back: whichever it is now, the other is looked at too.
const SALES: &[DocumentKind] = &[DocumentKind::Quotation, DocumentKind::SalesOrder];

/// How 17 calls the action of every rule, whatever its name is; later series give the rule's own.
const ACTION_OF_17: &str = "Send Webhook Notification";

/// How long 17 may need to commit what it has told of: what a person does there takes a second or two.
const SETTLING: Duration = Duration::from_secs(3);

/// How long what a delivery tells of may not be readable yet.
#[must_use]
pub fn settling(body: &[u8]) -> Duration {
    let of_17 = json::parse(body).is_ok_and(|body| {
        body.get("_action").and_then(Value::as_str).is_some_and(|name| name.starts_with(ACTION_OF_17))
    });
    if of_17 { SETTLING } else { Duration::ZERO }
}

/// The documents that a delivery names: one POST is about one record.
pub fn changed_documents(body: &[u8]) -> Result<Vec<DocumentRef>, Unreadable> {
    let body = without_false(json::parse(body).map_err(Unreadable)?);
    let number = |key: &str| body.get(key).and_then(Value::as_i64).filter(|id| *id > 0);
    let named = |kinds: &[DocumentKind], id: Option<i64>, lists: &[DocumentKind]| match id {
        Some(id) => kinds.iter().map(|kind| DocumentRef::new(*kind, id.to_string())).collect(),
        None => lists.iter().map(|kind| DocumentRef::new(DocumentKind::List, kind.as_str())).collect(),
    };
    match body.get("_model").and_then(Value::as_str) {
        Some("sale.order") => Ok(named(SALES, number("_id"), SALES)),
        Some("sale.order.line") => Ok(named(SALES, number("order_id"), SALES)),
        Some("purchase.order") => {
            Ok(named(&[DocumentKind::PurchaseOrder], number("_id"), &[DocumentKind::PurchaseOrder]))
        }
        // Goods moved: in, out, to a customer, or by an adjustment, which has no picking.
        Some("stock.move") => {
            let lists = [DocumentKind::Item, DocumentKind::PurchaseOrder];
            Ok(named(&[DocumentKind::Item], number("product_id"), &lists))
        }
        Some("stock.picking") => Ok(named(&[], None, &[DocumentKind::PurchaseOrder, DocumentKind::SalesOrder])),
        Some(_) => Ok(Vec::new()),
        None => Err(Unreadable("not a delivery of Odoo: it names no model".to_owned())),
    }
}
