//! What people decided not to buy, for good or until a time.
//!
//! Invariant: one decision of a demand at a time; a newer one replaces it.

use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::{DbResult, one, reference};
use crate::domain::ids::{DocumentRef, TenantId};

/// A person's decision not to buy a quantity, for good or until a time.
#[derive(Debug, Clone)]
pub struct NotBought<'a> {
    pub document: &'a DocumentRef,
    pub line: &'a str,
    pub component: &'a str,
    pub quantity: Decimal,
    pub reason: &'a str,
    pub by: &'a str,
    pub snoozed_until: Option<Timestamp>,
}

/// Records what is not to be bought; a newer decision on the same line replaces the older one.
pub async fn put(tx: &Transaction<'_>, tenant: TenantId, decision: &NotBought<'_>, now: Timestamp) -> DbResult<()> {
    const PUT: &str = "
        INSERT INTO not_bought (tenant_id, kind, document_id, line_id, component, quantity, reason, decided_by,
            decided_at, snoozed_until)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        ON CONFLICT (tenant_id, kind, document_id, line_id, component) DO UPDATE SET
            quantity = excluded.quantity, reason = excluded.reason, decided_by = excluded.decided_by,
            decided_at = excluded.decided_at, snoozed_until = excluded.snoozed_until";
    let rows = tx
        .execute_typed(
            PUT,
            &[
                (&tenant.0, Type::UUID),
                (&decision.document.kind.as_str(), Type::TEXT),
                (&decision.document.id, Type::TEXT),
                (&decision.line, Type::TEXT),
                (&decision.component, Type::TEXT),
                (&decision.quantity, Type::NUMERIC),
                (&decision.reason, Type::TEXT),
                (&decision.by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&decision.snoozed_until, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the decision not to buy")
}

/// Forgets the decisions that were only put off and whose time has come; their documents must be planned again.
pub async fn end_snoozes(tx: &Transaction<'_>, tenant: TenantId, now: Timestamp) -> DbResult<Vec<DocumentRef>> {
    const END: &str = "
        DELETE FROM not_bought WHERE tenant_id = $1 AND snoozed_until <= $2 RETURNING kind, document_id";
    let rows = tx.query_typed(END, &[(&tenant.0, Type::UUID), (&now, Type::TIMESTAMPTZ)]).await?;
    rows.iter().map(|row| reference(row, "not_bought")).collect()
}

/// Takes back the decisions not to buy for a document ("undo").
pub async fn clear(tx: &Transaction<'_>, tenant: TenantId, document: &DocumentRef) -> DbResult<u64> {
    const CLEAR: &str = "DELETE FROM not_bought WHERE tenant_id = $1 AND kind = $2 AND document_id = $3";
    Ok(tx
        .execute_typed(
            CLEAR,
            &[(&tenant.0, Type::UUID), (&document.kind.as_str(), Type::TEXT), (&document.id, Type::TEXT)],
        )
        .await?)
}
