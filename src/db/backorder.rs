//! Recorded allocations and the state of each backorder, written by the replan and read by the pages.
//!
//! Invariant: written in the one commit of a replan; a page never sees an allocation without its state.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

use super::{DbError, DbResult, all, json, one, reference, to_json};
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};
use crate::domain::remark::Remark;

/// How one demand is covered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    pub kind: DocumentKind,
    pub document_id: String,
    pub line_id: String,
    /// The component's item where the line is a kit; else empty.
    pub component: String,
    pub item_id: String,
    pub open: Decimal,
    pub from_stock: Decimal,
    pub from_own: Decimal,
    pub from_incoming: Decimal,
    pub shortfall: Decimal,
    pub not_bought: Decimal,
    pub drop_ship: bool,
    pub promise: Option<Date>,
    pub late_days: Option<i32>,
    /// `domain::plan::WhyStep`s.
    pub why: Value,
    pub episode: i32,
    pub in_episode: bool,
    pub asked: Decimal,
    /// Why it is short and nobody is asked.
    #[serde(default)]
    pub cause: Option<Remark>,
}

fn allocation(row: &Row) -> DbResult<Allocation> {
    let kind: String = row.try_get("kind")?;
    Ok(Allocation {
        kind: DocumentKind::parse(&kind).ok_or(DbError::Inconsistent {
            table: "allocation",
            column: "kind",
            detail: kind,
        })?,
        document_id: row.try_get("document_id")?,
        line_id: row.try_get("line_id")?,
        component: row.try_get("component")?,
        item_id: row.try_get("item_id")?,
        open: row.try_get("open")?,
        from_stock: row.try_get("from_stock")?,
        from_own: row.try_get("from_own")?,
        from_incoming: row.try_get("from_incoming")?,
        shortfall: row.try_get("shortfall")?,
        not_bought: row.try_get("not_bought")?,
        drop_ship: row.try_get("drop_ship")?,
        promise: row.try_get("promise")?,
        late_days: row.try_get("late_days")?,
        why: row.try_get("why")?,
        episode: row.try_get("episode")?,
        in_episode: row.try_get("in_episode")?,
        asked: row.try_get("asked")?,
        cause: row.try_get::<_, Option<Value>>("cause")?.map(|cause| json(cause, "allocation", "cause")).transpose()?,
    })
}

/// The recorded allocations of these documents, all lines.
pub async fn allocations(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
) -> DbResult<Vec<Allocation>> {
    const OF: &str = "
        SELECT a.* FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN allocation a ON a.tenant_id = $1 AND a.kind = wanted.kind AND a.document_id = wanted.document_id
        ORDER BY a.kind, a.document_id, a.line_id, a.component";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows =
        tx.query_typed(OF, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(allocation).collect()
}

/// The documents that are backorders now.
pub async fn open_documents(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<DocumentRef>> {
    const OPEN: &str = "
        SELECT kind, document_id FROM backorder WHERE tenant_id = $1 AND state NOT IN ('delivered', 'cancelled')";
    let rows = tx.query_typed(OPEN, &[(&tenant.0, Type::UUID)]).await?;
    rows.iter().map(|row| reference(row, "backorder")).collect()
}

/// Documents that have a recorded allocation of these items: their lines may have gone since.
pub async fn documents_with(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<DocumentRef>> {
    const WITH: &str = "
        SELECT DISTINCT kind, document_id FROM allocation WHERE tenant_id = $1 AND item_id = ANY($2)";
    let rows = tx.query_typed(WITH, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(|row| reference(row, "allocation")).collect()
}

/// Replaces the recorded allocations of these items.
pub async fn record(
    tx: &Transaction<'_>,
    tenant: TenantId,
    items: &[String],
    allocations: &[Allocation],
    now: Timestamp,
) -> DbResult<()> {
    const CLEAR: &str = "DELETE FROM allocation WHERE tenant_id = $1 AND item_id = ANY($2)";
    const RECORD: &str = "
        INSERT INTO allocation (tenant_id, kind, document_id, line_id, component, item_id, open, from_stock, from_own,
            from_incoming, shortfall, not_bought, drop_ship, promise, late_days, why, episode, in_episode, asked,
            cause, planned_at)
        SELECT $1, r.kind, r.document_id, r.line_id, r.component, r.item_id, r.open, r.from_stock, r.from_own,
            r.from_incoming, r.shortfall, r.not_bought, r.drop_ship, r.promise, r.late_days, r.why, r.episode,
            r.in_episode, r.asked, r.cause, $3
        FROM jsonb_to_recordset($2) AS r (kind text, document_id text, line_id text, component text, item_id text,
            open numeric, from_stock numeric, from_own numeric, from_incoming numeric, shortfall numeric,
            not_bought numeric, drop_ship boolean, promise date, late_days int, why jsonb, episode int,
            in_episode boolean, asked numeric, cause jsonb)
        -- a line whose item was changed has a row under the old one
        ON CONFLICT (tenant_id, kind, document_id, line_id, component) DO UPDATE SET
            item_id = excluded.item_id, open = excluded.open, from_stock = excluded.from_stock,
            from_own = excluded.from_own, from_incoming = excluded.from_incoming, shortfall = excluded.shortfall,
            not_bought = excluded.not_bought, drop_ship = excluded.drop_ship, promise = excluded.promise,
            late_days = excluded.late_days, why = excluded.why, episode = excluded.episode,
            in_episode = excluded.in_episode, asked = excluded.asked, cause = excluded.cause, planned_at = excluded.planned_at";
    tx.execute_typed(CLEAR, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    let rows = tx
        .execute_typed(
            RECORD,
            &[(&tenant.0, Type::UUID), (&to_json(&allocations), Type::JSONB), (&now, Type::TIMESTAMPTZ)],
        )
        .await?;
    all(rows, allocations.len(), "the recorded allocations")
}

/// A document's backorder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backorder {
    pub document: DocumentRef,
    pub state: BackorderState,
    pub promise: Option<Date>,
    pub first_promised: Option<Date>,
    pub since: Timestamp,
    pub episode: i32,
    pub late_told: bool,
    pub reason: Option<String>,
    pub assigned_to: Option<String>,
    pub changed_at: Timestamp,
}

fn backorder(row: &Row) -> DbResult<Backorder> {
    let state: String = row.try_get("state")?;
    Ok(Backorder {
        document: reference(row, "backorder")?,
        state: BackorderState::parse(&state).ok_or(DbError::Inconsistent {
            table: "backorder",
            column: "state",
            detail: state,
        })?,
        promise: row.try_get("promise")?,
        first_promised: row.try_get("first_promised")?,
        since: row.try_get("since")?,
        episode: row.try_get("episode")?,
        late_told: row.try_get("late_told")?,
        reason: row.try_get("reason")?,
        assigned_to: row.try_get("assigned_to")?,
        changed_at: row.try_get("changed_at")?,
    })
}

/// The backorders of these documents, where they are or were one.
pub async fn of_documents(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
) -> DbResult<Vec<Backorder>> {
    const OF: &str = "
        SELECT b.* FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN backorder b ON b.tenant_id = $1 AND b.kind = wanted.kind AND b.document_id = wanted.document_id
        ORDER BY b.kind, b.document_id";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows =
        tx.query_typed(OF, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(backorder).collect()
}

/// Keeps a document's backorder; `first_promised` is frozen once it is known.
pub async fn put(tx: &Transaction<'_>, tenant: TenantId, row: &Backorder) -> DbResult<()> {
    const PUT: &str = "
        INSERT INTO backorder AS b (tenant_id, kind, document_id, state, promise, first_promised, since, episode,
            late_told, reason, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        ON CONFLICT (tenant_id, kind, document_id) DO UPDATE SET
            state = excluded.state, promise = excluded.promise,
            first_promised = COALESCE(b.first_promised, excluded.first_promised), since = excluded.since,
            episode = excluded.episode, late_told = excluded.late_told, reason = excluded.reason,
            changed_at = excluded.changed_at";
    let rows = tx
        .execute_typed(
            PUT,
            &[
                (&tenant.0, Type::UUID),
                (&row.document.kind.as_str(), Type::TEXT),
                (&row.document.id, Type::TEXT),
                (&row.state.as_str(), Type::TEXT),
                (&row.promise, Type::DATE),
                (&row.first_promised, Type::DATE),
                (&row.since, Type::TIMESTAMPTZ),
                (&row.episode, Type::INT4),
                (&row.late_told, Type::BOOL),
                (&row.reason, Type::TEXT),
                (&row.changed_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the backorder")
}
