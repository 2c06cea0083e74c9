//! A purchase order line that is no longer needed is cancelled in the ERP, because a person said so.
//!
//! Invariant: what has been received stays; the ERP may refuse, and then a person is told.

use rust_decimal::Decimal;
use tokio_postgres::Transaction;

use crate::clock::Clock;
use crate::db::change::CancelledLine;
use crate::db::{DbResult, intent};
use crate::domain::ids::{DocumentKind, DocumentRef, IntentId, TenantId};
use crate::domain::purchase_order::{PurchaseLineChange, PurchaseOrderChange};
use crate::secret;

/// Plans the write that cancels what is still to come of a line, in the caller's transaction.
pub async fn cancel_line(
    tx: &Transaction<'_>,
    tenant: TenantId,
    (purchase_order, line): (&str, &str),
    known: &CancelledLine,
    by: &str,
    clock: &dyn Clock,
) -> DbResult<IntentId> {
    let to = known.received;
    let payload = PurchaseOrderChange {
        id: purchase_order.to_owned(),
        cancel: known.last && to == Decimal::ZERO,
        lines: vec![PurchaseLineChange { line: line.to_owned(), to }],
    };
    let payload = serde_json::to_value(&payload).unwrap_or_default();
    let id = IntentId(clock.new_id());
    let new = intent::NewIntent {
        id,
        action: "change",
        marker: "",
        payload: &payload,
        payload_hash: &secret::sha256(payload.to_string().as_bytes()),
        issue: false,
        document: &DocumentRef::new(DocumentKind::PurchaseOrder, purchase_order),
        purchase_order: Some(purchase_order),
        made_by: by,
    };
    intent::insert(tx, tenant, &new, clock.now()).await?;
    Ok(id)
}
