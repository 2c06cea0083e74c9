//! How a person wants the lines of documents bought, in place of what host and rules say.
//!
//! Invariants: a vendor is chosen only for lines whose item that vendor offers; one statement serves many documents.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tokio_postgres::Transaction;
use tokio_postgres::types::{ToSql, Type};

use super::{DbResult, reference};
use crate::domain::ids::{DocumentRef, TenantId};

/// How many lines of each document were chosen for; a document without any is left out.
pub type Chosen = BTreeMap<DocumentRef, u64>;

/// Has the lines of documents that are not covered by stock bought from this vendor.
pub async fn choose_vendor(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
    vendor: &str,
    (by, now): (&str, Timestamp),
) -> DbResult<Chosen> {
    const CHOOSE: &str = "
        INSERT INTO line_choice AS c (tenant_id, kind, document_id, line_id, vendor_id, chosen_by, chosen_at)
        SELECT DISTINCT $1::uuid, a.kind, a.document_id, a.line_id, $4, $5, $6::timestamptz
        FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN allocation a ON a.tenant_id = $1 AND a.kind = wanted.kind AND a.document_id = wanted.document_id
        JOIN vendor_offer o ON o.tenant_id = $1 AND o.item_id = a.item_id AND o.vendor_id = $4
        WHERE a.shortfall > 0
        ON CONFLICT (tenant_id, kind, document_id, line_id) DO UPDATE SET vendor_id = excluded.vendor_id,
            chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at
        RETURNING kind, document_id";
    chosen(tx, CHOOSE, tenant, documents, &[(&vendor, Type::TEXT), (&by, Type::TEXT), (&now, Type::TIMESTAMPTZ)]).await
}

/// Has the lines of documents that are short shipped by the vendor to the customer.
pub async fn ship_to_customer(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
    (by, now): (&str, Timestamp),
) -> DbResult<Chosen> {
    const SHIP: &str = "
        INSERT INTO line_choice AS c (tenant_id, kind, document_id, line_id, drop_ship, chosen_by, chosen_at)
        SELECT DISTINCT $1::uuid, a.kind, a.document_id, a.line_id, true, $4, $5::timestamptz
        FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN allocation a ON a.tenant_id = $1 AND a.kind = wanted.kind AND a.document_id = wanted.document_id
        WHERE a.shortfall > 0 AND NOT a.drop_ship
        ON CONFLICT (tenant_id, kind, document_id, line_id) DO UPDATE SET drop_ship = true,
            chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at
        RETURNING kind, document_id";
    chosen(tx, SHIP, tenant, documents, &[(&by, Type::TEXT), (&now, Type::TIMESTAMPTZ)]).await
}

/// Leaves the lines of documents to host and rules again.
pub async fn clear(tx: &Transaction<'_>, tenant: TenantId, documents: &[DocumentRef]) -> DbResult<Chosen> {
    const CLEAR: &str = "
        DELETE FROM line_choice c USING unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        WHERE c.tenant_id = $1 AND c.kind = wanted.kind AND c.document_id = wanted.document_id
        RETURNING c.kind, c.document_id";
    chosen(tx, CLEAR, tenant, documents, &[]).await
}

/// Runs a statement that gives a row for each line that it chose for.
async fn chosen(
    tx: &Transaction<'_>,
    sql: &str,
    tenant: TenantId,
    documents: &[DocumentRef],
    more: &[(&(dyn ToSql + Sync), Type)],
) -> DbResult<Chosen> {
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let mut parameters: Vec<(&(dyn ToSql + Sync), Type)> =
        vec![(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)];
    parameters.extend(more.iter().cloned());
    let mut chosen = Chosen::new();
    for row in tx.query_typed(sql, &parameters).await? {
        *chosen.entry(reference(&row, "line_choice")?).or_default() += 1;
    }
    Ok(chosen)
}
