//! The audit: every event and decision, appended and never changed.

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::{DbError, DbResult};
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub id: Uuid,
    pub at: Timestamp,
    /// A person's name, or "backorders".
    pub actor: String,
    /// Past tense, snake case: `shortfall_found`, `purchase_order_made`, `approved`.
    pub event: String,
    pub document: Option<DocumentRef>,
    pub details: Value,
}

/// Appends an entry.
pub async fn append(tx: &Transaction<'_>, tenant: TenantId, entry: &Entry) -> DbResult<()> {
    append_all(tx, tenant, std::slice::from_ref(entry)).await
}

/// Appends entries.
pub async fn append_all(tx: &Transaction<'_>, tenant: TenantId, entries: &[Entry]) -> DbResult<()> {
    const APPEND: &str = "
        INSERT INTO audit (tenant_id, audit_id, at, actor, event, kind, document_id, details)
        SELECT $1, * FROM unnest($2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[])";
    fn column<'a, T>(entries: &'a [Entry], of: impl Fn(&'a Entry) -> T) -> Vec<T> {
        entries.iter().map(of).collect()
    }
    let document = |entry: &Entry| entry.document.clone().map(|document| (document.kind.as_str(), document.id));
    let rows = tx
        .execute_typed(
            APPEND,
            &[
                (&tenant.0, Type::UUID),
                (&column(entries, |entry| entry.id), Type::UUID_ARRAY),
                (&column(entries, |entry| entry.at), Type::TIMESTAMPTZ_ARRAY),
                (&column(entries, |entry| entry.actor.as_str()), Type::TEXT_ARRAY),
                (&column(entries, |entry| entry.event.as_str()), Type::TEXT_ARRAY),
                (&column(entries, |entry| document(entry).map(|(kind, _)| kind)), Type::TEXT_ARRAY),
                (&column(entries, |entry| document(entry).map(|(_, id)| id)), Type::TEXT_ARRAY),
                (&column(entries, |entry| &entry.details), Type::JSONB_ARRAY),
            ],
        )
        .await?;
    if usize::try_from(rows).is_ok_and(|rows| rows == entries.len()) {
        Ok(())
    } else {
        Err(DbError::Lost { what: "the audit entries" })
    }
}

/// What happened to a document, oldest first.
pub async fn of_document(
    tx: &Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
    limit: i64,
) -> DbResult<Vec<Entry>> {
    const OF: &str = "
        SELECT audit_id, at, actor, event, kind, document_id, details FROM audit
        WHERE tenant_id = $1 AND kind = $2 AND document_id = $3
        ORDER BY at, audit_id
        LIMIT $4";
    let rows = tx
        .query_typed(
            OF,
            &[
                (&tenant.0, Type::UUID),
                (&document.kind.as_str(), Type::TEXT),
                (&document.id, Type::TEXT),
                (&limit, Type::INT8),
            ],
        )
        .await?;
    rows.iter().map(entry).collect()
}

/// The newest entries of the tenant, newest first.
pub async fn newest(tx: &Transaction<'_>, tenant: TenantId, limit: i64) -> DbResult<Vec<Entry>> {
    // ids sort by time (UUID v7): the primary key serves
    const NEWEST: &str = "
        SELECT audit_id, at, actor, event, kind, document_id, details FROM audit
        WHERE tenant_id = $1
        ORDER BY audit_id DESC
        LIMIT $2";
    let rows = tx.query_typed(NEWEST, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter().map(entry).collect()
}

fn entry(row: &tokio_postgres::Row) -> DbResult<Entry> {
    let kind: Option<String> = row.try_get("kind")?;
    let id: Option<String> = row.try_get("document_id")?;
    let document =
        kind.and_then(|kind| DocumentKind::parse(&kind)).and_then(|kind| id.map(|id| DocumentRef::new(kind, id)));
    Ok(Entry {
        id: row.try_get("audit_id")?,
        at: row.try_get("at")?,
        actor: row.try_get("actor")?,
        event: row.try_get("event")?,
        document,
        details: row.try_get("details")?,
    })
}
