//! What must be told: mails to people, and the mark on the host's document.
//!
//! Invariants: the same news (its key) is kept once; the mark is level-triggered, only the newest state is shown.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::lease::Due;
use super::{DbResult, one, reference, to_json};
use crate::domain::customer_mail::CustomerNotice;
use crate::domain::ids::{DocumentRef, NoticeId, TenantId};
use crate::domain::notice::Notice;

/// Keeps news for one recipient, to be told then. False: it was told (or is due) already.
pub async fn insert(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: NoticeId,
    key: &str,
    recipient: &str,
    notice: &Notice,
    (due_at, now): (Timestamp, Timestamp),
) -> DbResult<bool> {
    let row = Row { id, key, event: notice.event.as_str(), recipient, body: to_json(notice), due_at };
    put(tx, tenant, &row, now).await
}

/// Keeps news for a customer; the address is asked of the host when it is sent. False: it was told (or is due) already.
pub async fn insert_customer(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: NoticeId,
    key: &str,
    notice: &CustomerNotice,
    now: Timestamp,
) -> DbResult<bool> {
    Ok(!insert_customers(tx, tenant, &[(id, key.to_owned(), notice)], now).await?.is_empty())
}

/// Keeps news for customers, each under its key; gives those that are new.
pub async fn insert_customers(
    tx: &Transaction<'_>,
    tenant: TenantId,
    news: &[(NoticeId, String, &CustomerNotice)],
    now: Timestamp,
) -> DbResult<HashSet<NoticeId>> {
    const INSERT: &str = "
        INSERT INTO notice (tenant_id, notice_id, notice_key, event, recipient, body, state, due_at, created_at)
        SELECT $1, new.*, 'due', $6::timestamptz, $6::timestamptz
        FROM (SELECT id, key, event, '' AS recipient, body
            FROM unnest($2::uuid[], $3::text[], $4::text[], $5::jsonb[]) AS n (id, key, event, body)) AS new
        ON CONFLICT (tenant_id, notice_key) DO NOTHING
        RETURNING notice_id";
    let ids: Vec<_> = news.iter().map(|(id, ..)| id.0).collect();
    let keys: Vec<_> = news.iter().map(|(_, key, _)| key.as_str()).collect();
    let events: Vec<_> = news.iter().map(|(.., notice)| format!("customer_{}", notice.event.as_str())).collect();
    let bodies: Vec<_> = news.iter().map(|(.., notice)| to_json(notice)).collect();
    let rows = tx
        .query_typed(
            INSERT,
            &[
                (&tenant.0, Type::UUID),
                (&ids, Type::UUID_ARRAY),
                (&keys, Type::TEXT_ARRAY),
                (&events, Type::TEXT_ARRAY),
                (&bodies, Type::JSONB_ARRAY),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    rows.iter().map(|row| Ok(NoticeId(row.try_get("notice_id")?))).collect()
}

struct Row<'a> {
    id: NoticeId,
    key: &'a str,
    event: &'a str,
    recipient: &'a str,
    body: Value,
    due_at: Timestamp,
}

async fn put(tx: &Transaction<'_>, tenant: TenantId, row: &Row<'_>, now: Timestamp) -> DbResult<bool> {
    const INSERT: &str = "
        INSERT INTO notice (tenant_id, notice_id, notice_key, event, recipient, body, state, due_at, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'due', $7, $8)
        ON CONFLICT (tenant_id, notice_key) DO NOTHING";
    let rows = tx
        .execute_typed(
            INSERT,
            &[
                (&tenant.0, Type::UUID),
                (&row.id.0, Type::UUID),
                (&row.key, Type::TEXT),
                (&row.event, Type::TEXT),
                (&row.recipient, Type::TEXT),
                (&row.body, Type::JSONB),
                (&row.due_at, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Those of these keys under which something was told, or will be.
pub async fn known(tx: &Transaction<'_>, tenant: TenantId, keys: &[String]) -> DbResult<HashSet<String>> {
    const KNOWN: &str = "SELECT notice_key FROM notice WHERE tenant_id = $1 AND notice_key = ANY($2)";
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = tx.query_typed(KNOWN, &[(&tenant.0, Type::UUID), (&keys, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(|row| Ok(row.try_get("notice_key")?)).collect()
}

/// A notice that this worker may send until the lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub tenant: TenantId,
    pub id: NoticeId,
    pub fence: i64,
    pub attempt: i32,
}

/// Claims notices that are due, of tenants that are not busy.
pub async fn claim(tx: &Transaction<'_>, due: &Due<'_>) -> DbResult<Vec<Claim>> {
    const CLAIM: &str = "
        WITH due AS (
            SELECT tenant_id, notice_id FROM notice AS n
            WHERE state IN ('due', 'sending', 'unknown') AND due_at <= $1
                AND (lease_until IS NULL OR lease_until < $1)
                AND tenant_id <> ALL($4)
                AND NOT EXISTS (SELECT FROM tenant t WHERE t.tenant_id = n.tenant_id AND t.paused)
            ORDER BY due_at
            LIMIT $3
            FOR UPDATE SKIP LOCKED
        )
        UPDATE notice AS n
        SET lease_until = $2, fence = n.fence + 1, attempt = n.attempt + 1
        FROM due
        WHERE n.tenant_id = due.tenant_id AND n.notice_id = due.notice_id
        RETURNING n.tenant_id, n.notice_id, n.fence, n.attempt";
    let rows = due.claim(tx, CLAIM).await?;
    rows.iter()
        .map(|row| {
            Ok(Claim {
                tenant: TenantId(row.try_get("tenant_id")?),
                id: NoticeId(row.try_get("notice_id")?),
                fence: row.try_get("fence")?,
                attempt: row.try_get("attempt")?,
            })
        })
        .collect()
}

/// A notice as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredNotice {
    /// due | sending | sent | unknown | refused | `given_up`
    pub state: String,
    /// A [`crate::domain::notice::NoticeEvent`], `customer_` with a customer's event, or `digest`.
    pub event: String,
    /// Empty: a customer, whose address the host has.
    pub recipient: String,
    /// [`Notice`] or [`CustomerNotice`], by the event.
    pub body: Value,
}

/// One notice.
pub async fn find(tx: &Transaction<'_>, tenant: TenantId, id: NoticeId) -> DbResult<Option<StoredNotice>> {
    const FIND: &str = "
        SELECT state, event, recipient, body FROM notice WHERE tenant_id = $1 AND notice_id = $2";
    let row = tx.query_typed_opt(FIND, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID)]).await?;
    row.map(|row| {
        Ok(StoredNotice {
            state: row.try_get("state")?,
            event: row.try_get("event")?,
            recipient: row.try_get("recipient")?,
            body: row.try_get("body")?,
        })
    })
    .transpose()
}

/// Moves a notice on; fails when another worker has taken it over. `due_at` None: never again.
pub async fn move_on(
    tx: &Transaction<'_>,
    claim: &Claim,
    to: &str,
    due_at: Option<Timestamp>,
    sent_at: Option<Timestamp>,
    error: Option<&str>,
) -> DbResult<()> {
    const MOVE: &str = "
        UPDATE notice
        SET state = $4, due_at = COALESCE($5, 'infinity'), sent_at = $6, last_error = $7,
            lease_until = CASE WHEN $4 = 'sending' THEN lease_until END
        WHERE tenant_id = $1 AND notice_id = $2 AND fence = $3 AND state IN ('due', 'sending', 'unknown')";
    let rows = tx
        .execute_typed(
            MOVE,
            &[
                (&claim.tenant.0, Type::UUID),
                (&claim.id.0, Type::UUID),
                (&claim.fence, Type::INT8),
                (&to, Type::TEXT),
                (&due_at, Type::TIMESTAMPTZ),
                (&sent_at, Type::TIMESTAMPTZ),
                (&error, Type::TEXT),
            ],
        )
        .await?;
    one(rows, "the notice")
}

/// Wants sales documents to be shown in the host as these marks (`host::BackorderMark` as JSON) say. Nothing is due for
/// one for which that is what was wanted already.
pub async fn want_marks(
    tx: &Transaction<'_>,
    tenant: TenantId,
    marks: &[(DocumentRef, Value)],
    now: Timestamp,
) -> DbResult<()> {
    const WANT: &str = "
        INSERT INTO host_mark AS m (tenant_id, kind, document_id, mark, wanted_seq, due_at, traceparent)
        SELECT $1, w.kind, w.document_id, w.mark, 1, $5, NULLIF(current_setting('app.traceparent', true), '')
        FROM unnest($2::text[], $3::text[], $4::jsonb[]) AS w (kind, document_id, mark)
        ORDER BY w.kind, w.document_id
        ON CONFLICT (tenant_id, kind, document_id) DO UPDATE SET
            mark = excluded.mark, wanted_seq = m.wanted_seq + 1, due_at = excluded.due_at, attempt = 0,
            traceparent = excluded.traceparent
        WHERE m.mark <> excluded.mark";
    if marks.is_empty() {
        return Ok(());
    }
    let kinds: Vec<_> = marks.iter().map(|(document, _)| document.kind.as_str()).collect();
    let ids: Vec<_> = marks.iter().map(|(document, _)| document.id.as_str()).collect();
    let marks: Vec<_> = marks.iter().map(|(_, mark)| mark).collect();
    tx.execute_typed(
        WANT,
        &[
            (&tenant.0, Type::UUID),
            (&kinds, Type::TEXT_ARRAY),
            (&ids, Type::TEXT_ARRAY),
            (&marks, Type::JSONB_ARRAY),
            (&now, Type::TIMESTAMPTZ),
        ],
    )
    .await?;
    Ok(())
}

/// A mark that this worker may show until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkClaim {
    pub tenant: TenantId,
    pub document: DocumentRef,
    pub wanted_seq: i64,
    pub fence: i64,
    pub attempt: i32,
}

/// Claims marks that are not yet shown, of tenants that are not busy.
pub async fn claim_marks(tx: &Transaction<'_>, due: &Due<'_>) -> DbResult<Vec<MarkClaim>> {
    const CLAIM: &str = "
        WITH due AS (
            SELECT tenant_id, kind, document_id FROM host_mark AS m
            WHERE shown_seq < wanted_seq AND due_at <= $1 AND (lease_until IS NULL OR lease_until < $1)
                AND tenant_id <> ALL($4)
                AND NOT EXISTS (SELECT FROM tenant t WHERE t.tenant_id = m.tenant_id AND t.paused)
                AND NOT EXISTS (SELECT FROM connection n WHERE n.tenant_id = m.tenant_id AND n.state <> 'connected')
            ORDER BY due_at
            LIMIT $3
            FOR UPDATE SKIP LOCKED
        )
        UPDATE host_mark AS m
        SET lease_until = $2, fence = m.fence + 1, attempt = m.attempt + 1
        FROM due
        WHERE (m.tenant_id, m.kind, m.document_id) = (due.tenant_id, due.kind, due.document_id)
        RETURNING m.tenant_id, m.kind, m.document_id, m.wanted_seq, m.fence, m.attempt";
    let rows = due.claim(tx, CLAIM).await?;
    rows.iter()
        .map(|row| {
            Ok(MarkClaim {
                tenant: TenantId(row.try_get("tenant_id")?),
                document: reference(row, "host_mark")?,
                wanted_seq: row.try_get("wanted_seq")?,
                fence: row.try_get("fence")?,
                attempt: row.try_get("attempt")?,
            })
        })
        .collect()
}

/// The mark that is wanted now, with its sequence and the trace that it belongs to.
pub async fn wanted_mark(
    tx: &Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
) -> DbResult<Option<(Value, i64, Option<String>)>> {
    const FIND: &str = "
        SELECT mark, wanted_seq, traceparent FROM host_mark WHERE tenant_id = $1 AND kind = $2 AND document_id = $3";
    let row = tx
        .query_typed_opt(
            FIND,
            &[(&tenant.0, Type::UUID), (&document.kind.as_str(), Type::TEXT), (&document.id, Type::TEXT)],
        )
        .await?;
    row.map(|row| Ok((row.try_get("mark")?, row.try_get("wanted_seq")?, row.try_get("traceparent")?))).transpose()
}

/// Ends a claim: shown up to `shown_seq`, or to be tried again at `retry_at` (None: given up until it changes).
pub async fn settle_mark(
    tx: &Transaction<'_>,
    claim: &MarkClaim,
    result: Result<i64, (Option<Timestamp>, &str)>,
) -> DbResult<()> {
    const SETTLE: &str = "
        UPDATE host_mark
        SET shown_seq = GREATEST(shown_seq, $5),
            -- one that was wanted meanwhile has already made it due
            due_at = CASE WHEN $5 > 0 OR wanted_seq > $8 THEN due_at ELSE COALESCE($6, 'infinity') END,
            last_error = $7, lease_until = NULL
        WHERE tenant_id = $1 AND kind = $2 AND document_id = $3 AND fence = $4";
    let (shown, retry_at, error) = match result {
        Ok(shown) => (shown, None, None),
        Err((retry_at, error)) => (0, retry_at, Some(error)),
    };
    let rows = tx
        .execute_typed(
            SETTLE,
            &[
                (&claim.tenant.0, Type::UUID),
                (&claim.document.kind.as_str(), Type::TEXT),
                (&claim.document.id, Type::TEXT),
                (&claim.fence, Type::INT8),
                (&shown, Type::INT8),
                (&retry_at, Type::TIMESTAMPTZ),
                (&error, Type::TEXT),
                (&claim.wanted_seq, Type::INT8),
            ],
        )
        .await?;
    one(rows, "the mark")
}

/// Has marks shown again where the host's document, as it was read last, says otherwise than what we showed: lost there,
/// or set by nobody we know of; and those that were given up because the host refused them. Gives how many.
pub async fn reshow_differing(tx: &Transaction<'_>, tenant: TenantId, now: Timestamp) -> DbResult<u64> {
    const RESHOW: &str = "
        UPDATE host_mark AS m SET wanted_seq = m.wanted_seq + 1, due_at = $2, attempt = 0
        FROM sales_document d
        WHERE m.tenant_id = $1 AND d.tenant_id = $1 AND d.kind = m.kind AND d.document_id = m.document_id
            AND m.lease_until IS NULL AND d.status IN ('open', 'draft')
            AND ((m.shown_seq = m.wanted_seq AND d.backorder_flag <> (m.mark -> 'mark' ->> 'backorder')::boolean)
                OR (m.shown_seq < m.wanted_seq AND m.due_at = 'infinity'))";
    Ok(tx.execute_typed(RESHOW, &[(&tenant.0, Type::UUID), (&now, Type::TIMESTAMPTZ)]).await?)
}
