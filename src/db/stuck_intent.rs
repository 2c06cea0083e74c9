//! Intents that wait for a person: the host refused, or what happened could not be found out.
//!
//! Invariant: a person's move guards itself by the state that it leaves; it never sends anything itself.

use jiff::Timestamp;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::{DbResult, reference};
use crate::domain::ids::{DocumentRef, IntentId, TenantId};

/// A purchase order (or a change of one) that a person must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StuckIntent {
    pub id: IntentId,
    /// create | change
    pub action: String,
    pub marker: String,
    /// rejected | `needs_human`
    pub state: String,
    pub number: Option<String>,
    pub vendor: String,
    pub document: DocumentRef,
    pub document_number: String,
    pub error: String,
    pub changed_at: Timestamp,
}

/// What waits for a person, newest first.
pub async fn list(tx: &Transaction<'_>, tenant: TenantId, limit: i64) -> DbResult<Vec<StuckIntent>> {
    const STUCK: &str = "
        SELECT i.intent_id, i.action, i.marker, i.state, i.purchase_order_number, i.kind, i.document_id,
            COALESCE(i.payload -> 'vendor' ->> 'name', '') AS vendor, COALESCE(d.number, i.document_id) AS document_number,
            COALESCE(i.last_error, '') AS error, i.changed_at
        FROM intent i
        LEFT JOIN sales_document d USING (tenant_id, kind, document_id)
        WHERE i.tenant_id = $1 AND i.state IN ('rejected', 'needs_human')
        ORDER BY i.changed_at DESC, i.intent_id
        LIMIT $2";
    let rows = tx.query_typed(STUCK, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter()
        .map(|row| {
            Ok(StuckIntent {
                id: IntentId(row.try_get("intent_id")?),
                action: row.try_get("action")?,
                marker: row.try_get("marker")?,
                state: row.try_get("state")?,
                number: row.try_get("purchase_order_number")?,
                vendor: row.try_get("vendor")?,
                document: reference(row, "intent")?,
                document_number: row.try_get("document_number")?,
                error: row.try_get("error")?,
                changed_at: row.try_get("changed_at")?,
            })
        })
        .collect()
}

/// A purchase order (or a change of one) that is tried again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailingIntent {
    pub document: DocumentRef,
    pub attempt: i32,
    pub due_at: Timestamp,
    pub error: String,
}

/// What has failed since before `since` and is tried again by itself, oldest first.
pub async fn failing(
    tx: &Transaction<'_>,
    tenant: TenantId,
    since: Timestamp,
    limit: i64,
) -> DbResult<Vec<FailingIntent>> {
    const FAILING: &str = "
        SELECT kind, document_id, attempt, due_at, last_error FROM intent
        WHERE tenant_id = $1 AND state IN ('planned', 'sending', 'unknown', 'created') AND last_error IS NOT NULL
            AND created_at < $2
        ORDER BY created_at
        LIMIT $3";
    let rows =
        tx.query_typed(FAILING, &[(&tenant.0, Type::UUID), (&since, Type::TIMESTAMPTZ), (&limit, Type::INT8)]).await?;
    rows.iter()
        .map(|row| {
            Ok(FailingIntent {
                document: reference(row, "intent")?,
                attempt: row.try_get("attempt")?,
                due_at: row.try_get("due_at")?,
                error: row.try_get("last_error")?,
            })
        })
        .collect()
}

/// Has the host looked through again for the marker of a purchase order; if nothing is there, what is short now is
/// planned anew. False: it no longer waits for a person.
pub async fn look_again(tx: &Transaction<'_>, tenant: TenantId, id: IntentId, now: Timestamp) -> DbResult<bool> {
    // 'unknown' begins with a lookup; that nothing was sent since (sent_at) keeps it from being sent as it is: it was
    // no supply while it waited, and others may have been bought for instead
    const AGAIN: &str = "
        UPDATE intent SET state = 'unknown', due_at = $3, attempt = 0, sent_at = NULL, lease_until = NULL, changed_at = $3
        WHERE tenant_id = $1 AND intent_id = $2 AND action = 'create' AND state IN ('rejected', 'needs_human')";
    let rows =
        tx.execute_typed(AGAIN, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID), (&now, Type::TIMESTAMPTZ)]).await?;
    Ok(rows == 1)
}

/// Takes up again what waited for a person to issue it: these purchase orders of the host are issued now.
pub async fn issued(tx: &Transaction<'_>, tenant: TenantId, orders: &[&str], now: Timestamp) -> DbResult<()> {
    const ISSUED: &str = "
        UPDATE intent SET state = 'unknown', due_at = $3, attempt = 0, lease_until = NULL, changed_at = $3
        WHERE tenant_id = $1 AND purchase_order_id = ANY($2) AND action = 'create' AND issue AND state = 'needs_human'";
    tx.execute_typed(ISSUED, &[(&tenant.0, Type::UUID), (&orders, Type::TEXT_ARRAY), (&now, Type::TIMESTAMPTZ)])
        .await?;
    Ok(())
}

/// Gives an intent up: a person has seen to it. It is no supply any more. False: it no longer waits for a person.
pub async fn resolve(tx: &Transaction<'_>, tenant: TenantId, id: IntentId, now: Timestamp) -> DbResult<bool> {
    const RESOLVE: &str = "
        UPDATE intent SET state = 'cancelled', due_at = 'infinity', lease_until = NULL, changed_at = $3
        WHERE tenant_id = $1 AND intent_id = $2 AND state IN ('rejected', 'needs_human')";
    let rows =
        tx.execute_typed(RESOLVE, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID), (&now, Type::TIMESTAMPTZ)]).await?;
    Ok(rows == 1)
}
