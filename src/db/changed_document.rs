//! What must be looked at again: one row per document, with a sequence instead of a queue of events.
//!
//! Invariant: a document is done only when `seen_seq` has reached the `changed_seq` that was claimed, so an event
//! that lands while its document is being worked on makes it run again (trust.md W10).

use jiff::Timestamp;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::lease::Due;
use super::{DbResult, all, reference};
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};

/// A changed document that this worker may work on until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub tenant: TenantId,
    pub document: DocumentRef,
    /// The change that will have been seen.
    pub changed_seq: i64,
    pub changed_at: Timestamp,
    pub fence: i64,
    /// 1 for the first try.
    pub attempt: i32,
    pub traceparent: Option<String>,
}

/// Marks documents as changed. One statement for all of them, in key order, so that two commits cannot deadlock.
pub async fn mark(
    tx: &Transaction<'_>,
    changed: &[(TenantId, DocumentRef)],
    now: Timestamp,
    traceparent: Option<&str>,
) -> DbResult<()> {
    let traced: Vec<_> = changed.iter().map(|(tenant, document)| (*tenant, document, traceparent)).collect();
    mark_traced(tx, &traced, now).await
}

/// As [`mark`], each with the trace that it belongs to; None: that of the transaction, if it has one.
pub async fn mark_traced(
    tx: &Transaction<'_>,
    changed: &[(TenantId, &DocumentRef, Option<&str>)],
    now: Timestamp,
) -> DbResult<()> {
    const MARK: &str = "
        INSERT INTO changed_document AS c
            (tenant_id, kind, document_id, changed_seq, changed_at, due_at, traceparent)
        SELECT DISTINCT ON (tenant_id, kind, document_id) tenant_id, kind, document_id, 1, $4::timestamptz,
            $4::timestamptz, COALESCE(traceparent, NULLIF(current_setting('app.traceparent', true), ''))
        FROM unnest($1::uuid[], $2::text[], $3::text[], $5::text[])
            AS changed (tenant_id, kind, document_id, traceparent)
        ORDER BY tenant_id, kind, document_id
        ON CONFLICT (tenant_id, kind, document_id) DO UPDATE SET
            changed_seq = c.changed_seq + 1,
            changed_at = excluded.changed_at,
            due_at = excluded.due_at,
            attempt = 0,
            traceparent = excluded.traceparent";
    if changed.is_empty() {
        return Ok(());
    }
    let tenants: Vec<_> = changed.iter().map(|(tenant, ..)| tenant.0).collect();
    let kinds: Vec<_> = changed.iter().map(|(_, document, _)| document.kind.as_str()).collect();
    let ids: Vec<_> = changed.iter().map(|(_, document, _)| document.id.as_str()).collect();
    let traces: Vec<_> = changed.iter().map(|(.., trace)| *trace).collect();
    tx.execute_typed(
        MARK,
        &[
            (&tenants, Type::UUID_ARRAY),
            (&kinds, Type::TEXT_ARRAY),
            (&ids, Type::TEXT_ARRAY),
            (&now, Type::TIMESTAMPTZ),
            (&traces, Type::TEXT_ARRAY),
        ],
    )
    .await?;
    Ok(())
}

/// Marks documents that a sweep found to differ; one that is already waiting for its turn (or for its next try) stays
/// as it is.
pub async fn mark_missed(tx: &Transaction<'_>, missed: &[(TenantId, DocumentRef)], now: Timestamp) -> DbResult<()> {
    const WAITING: &str = "
        SELECT c.kind, c.document_id FROM unnest($1::uuid[], $2::text[], $3::text[]) AS m (tenant_id, kind, document_id)
        JOIN changed_document c USING (tenant_id, kind, document_id)
        WHERE c.seen_seq < c.changed_seq";
    let tenants: Vec<_> = missed.iter().map(|(tenant, _)| tenant.0).collect();
    let kinds: Vec<_> = missed.iter().map(|(_, document)| document.kind.as_str()).collect();
    let ids: Vec<_> = missed.iter().map(|(_, document)| document.id.as_str()).collect();
    let rows = tx
        .query_typed(WAITING, &[(&tenants, Type::UUID_ARRAY), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)])
        .await?;
    let mut waiting = std::collections::HashSet::new();
    for row in &rows {
        waiting.insert((row.try_get::<_, String>("kind")?, row.try_get::<_, String>("document_id")?));
    }
    let fresh: Vec<_> = missed
        .iter()
        .filter(|(_, document)| !waiting.contains(&(document.kind.as_str().to_owned(), document.id.clone())))
        .cloned()
        .collect();
    mark(tx, &fresh, now, None).await
}

/// Whether a purchase order of the tenant still has to be read.
pub async fn has_purchase_orders(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<bool> {
    const HAS: &str = "
        SELECT EXISTS (SELECT FROM changed_document
            WHERE tenant_id = $1 AND kind = 'purchase_order' AND seen_seq < changed_seq) AS waiting";
    Ok(tx.query_typed_one(HAS, &[(&tenant.0, Type::UUID)]).await?.try_get("waiting")?)
}

/// Claims what is due of the one tenant whose turn it is, oldest first: they are replanned together. A tenant that is
/// paused or not connected has no turn, its changes are kept; nor has one that is busy, others come first. A document whose
/// lease ran out unsettled is claimed alone: should it be the one that broke its job down, it keeps no other waiting.
pub async fn claim(tx: &Transaction<'_>, due: &Due<'_>) -> DbResult<Vec<Claim>> {
    const CLAIM: &str = "
        WITH turn AS (
            SELECT tenant_id, kind, document_id, lease_until IS NOT NULL AS broke_off FROM changed_document AS c
            WHERE seen_seq < changed_seq AND due_at <= $1 AND (lease_until IS NULL OR lease_until < $1)
                AND tenant_id <> ALL($4)
                AND NOT EXISTS (SELECT FROM tenant t WHERE t.tenant_id = c.tenant_id AND t.paused)
                AND NOT EXISTS (SELECT FROM connection n WHERE n.tenant_id = c.tenant_id AND n.state <> 'connected')
            ORDER BY due_at
            LIMIT 1
            FOR UPDATE SKIP LOCKED          -- another worker's claim is not waited for
        ), due AS (
            SELECT c.tenant_id, c.kind, c.document_id FROM changed_document AS c
            JOIN turn ON turn.tenant_id = c.tenant_id
                AND CASE WHEN turn.broke_off THEN (c.kind, c.document_id) = (turn.kind, turn.document_id)
                    ELSE c.lease_until IS NULL END
            WHERE c.seen_seq < c.changed_seq AND c.due_at <= $1
            ORDER BY c.due_at
            LIMIT $3
            FOR UPDATE OF c SKIP LOCKED
        )
        UPDATE changed_document AS c
        SET lease_until = $2, fence = c.fence + 1, attempt = c.attempt + 1
        FROM due
        WHERE (c.tenant_id, c.kind, c.document_id) = (due.tenant_id, due.kind, due.document_id)
        RETURNING c.tenant_id, c.kind, c.document_id, c.changed_seq, c.changed_at, c.fence, c.attempt, c.traceparent";
    let rows = due.claim(tx, CLAIM).await?;
    rows.iter()
        .map(|row| {
            Ok(Claim {
                tenant: TenantId(row.try_get("tenant_id")?),
                document: reference(row, "changed_document")?,
                changed_seq: row.try_get("changed_seq")?,
                changed_at: row.try_get("changed_at")?,
                fence: row.try_get("fence")?,
                attempt: row.try_get("attempt")?,
                traceparent: row.try_get("traceparent")?,
            })
        })
        .collect()
}

/// Records that the claimed changes, of one tenant, have been seen. Fails when another worker has taken one of them over.
pub async fn finish(tx: &Transaction<'_>, claims: &[Claim]) -> DbResult<()> {
    const FINISH: &str = "
        WITH held AS (
            SELECT c.kind, c.document_id, h.changed_seq
            FROM unnest($2::text[], $3::text[], $4::int8[], $5::int8[]) AS h (kind, document_id, fence, changed_seq)
            JOIN changed_document c ON c.tenant_id = $1 AND c.kind = h.kind AND c.document_id = h.document_id
                AND c.fence = h.fence
            ORDER BY c.kind, c.document_id      -- as an intake takes them: the two cannot deadlock
            FOR UPDATE OF c
        )
        UPDATE changed_document AS c
        SET seen_seq = GREATEST(c.seen_seq, held.changed_seq), lease_until = NULL, attempt = 0, last_error = NULL
        FROM held
        WHERE c.tenant_id = $1 AND c.kind = held.kind AND c.document_id = held.document_id";
    let Some(tenant) = claims.first().map(|claim| claim.tenant) else { return Ok(()) };
    let (kinds, ids, fences, seen) = columns(claims);
    let rows = tx
        .execute_typed(
            FINISH,
            &[
                (&tenant.0, Type::UUID),
                (&kinds, Type::TEXT_ARRAY),
                (&ids, Type::TEXT_ARRAY),
                (&fences, Type::INT8_ARRAY),
                (&seen, Type::INT8_ARRAY),
            ],
        )
        .await?;
    all(rows, claims.len(), "the changed documents")
}

/// Gives documents of one tenant back, each to be tried again at its time; `error` is shown on the activity page. Fails
/// when another worker has taken one of them over.
pub async fn retry(tx: &Transaction<'_>, claims: &[Claim], due_at: &[Timestamp], error: &str) -> DbResult<()> {
    const RETRY: &str = "
        WITH held AS (
            SELECT c.kind, c.document_id, h.changed_seq, h.due_at
            FROM unnest($2::text[], $3::text[], $4::int8[], $5::int8[], $6::timestamptz[])
                AS h (kind, document_id, fence, changed_seq, due_at)
            JOIN changed_document c ON c.tenant_id = $1 AND c.kind = h.kind AND c.document_id = h.document_id
                AND c.fence = h.fence
            ORDER BY c.kind, c.document_id
            FOR UPDATE OF c
        )
        UPDATE changed_document AS c
        -- an event that came in meanwhile has already made it due
        SET lease_until = NULL, due_at = CASE WHEN c.changed_seq > held.changed_seq THEN c.due_at ELSE held.due_at END,
            last_error = $7
        FROM held
        WHERE c.tenant_id = $1 AND c.kind = held.kind AND c.document_id = held.document_id";
    let Some(tenant) = claims.first().map(|claim| claim.tenant) else { return Ok(()) };
    let (kinds, ids, fences, seen) = columns(claims);
    let rows = tx
        .execute_typed(
            RETRY,
            &[
                (&tenant.0, Type::UUID),
                (&kinds, Type::TEXT_ARRAY),
                (&ids, Type::TEXT_ARRAY),
                (&fences, Type::INT8_ARRAY),
                (&seen, Type::INT8_ARRAY),
                (&due_at, Type::TIMESTAMPTZ_ARRAY),
                (&error, Type::TEXT),
            ],
        )
        .await?;
    all(rows, claims.len(), "the changed documents")
}

/// Kinds, ids, fences and the changes that will have been seen, column by column.
fn columns(claims: &[Claim]) -> (Vec<&str>, Vec<&str>, Vec<i64>, Vec<i64>) {
    (
        claims.iter().map(|claim| claim.document.kind.as_str()).collect(),
        claims.iter().map(|claim| claim.document.id.as_str()).collect(),
        claims.iter().map(|claim| claim.fence).collect(),
        claims.iter().map(|claim| claim.changed_seq).collect(),
    )
}

/// A document that could not be looked at, for the activity page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    pub document: DocumentRef,
    pub attempt: i32,
    pub due_at: Timestamp,
    /// None: the work on it broke off without a word.
    pub error: Option<String>,
}

/// Documents whose last try failed, or that were tried twice without an outcome; longest waiting first.
pub async fn stuck(tx: &Transaction<'_>, tenant: TenantId, limit: i64) -> DbResult<Vec<Stuck>> {
    const STUCK: &str = "
        SELECT kind, document_id, attempt, due_at, last_error FROM changed_document
        WHERE tenant_id = $1 AND seen_seq < changed_seq AND (last_error IS NOT NULL OR attempt > 2)
        ORDER BY changed_at
        LIMIT $2";
    let rows = tx.query_typed(STUCK, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Stuck {
                document: DocumentRef::new(
                    DocumentKind::parse(row.try_get("kind")?).unwrap_or(DocumentKind::List),
                    row.try_get::<_, String>("document_id")?,
                ),
                attempt: row.try_get("attempt")?,
                due_at: row.try_get("due_at")?,
                error: row.try_get("last_error")?,
            })
        })
        .collect()
}
