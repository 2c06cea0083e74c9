//! How a person wants the lines of a document bought, in place of what host and rules say.
//!
//! Invariant: a vendor is chosen only for lines whose item that vendor offers.

use jiff::Timestamp;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::ids::{DocumentRef, TenantId};

/// Has the lines of a document that are not covered by stock bought from this vendor; gives how many lines that are.
pub async fn choose_vendor(
    tx: &Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
    vendor: &str,
    (by, now): (&str, Timestamp),
) -> DbResult<u64> {
    const CHOOSE: &str = "
        INSERT INTO line_choice AS c (tenant_id, kind, document_id, line_id, vendor_id, chosen_by, chosen_at)
        SELECT DISTINCT $1::uuid, a.kind, a.document_id, a.line_id, $4, $5, $6::timestamptz
        FROM allocation a
        JOIN vendor_offer o ON o.tenant_id = $1 AND o.item_id = a.item_id AND o.vendor_id = $4
        WHERE a.tenant_id = $1 AND a.kind = $2 AND a.document_id = $3 AND a.shortfall > 0
        ON CONFLICT (tenant_id, kind, document_id, line_id) DO UPDATE SET vendor_id = excluded.vendor_id,
            chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at";
    Ok(tx
        .execute_typed(
            CHOOSE,
            &[
                (&tenant.0, Type::UUID),
                (&document.kind.as_str(), Type::TEXT),
                (&document.id, Type::TEXT),
                (&vendor, Type::TEXT),
                (&by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?)
}

/// Has the lines of a document that are short shipped by the vendor to the customer; gives how many lines that are.
pub async fn ship_to_customer(
    tx: &Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
    (by, now): (&str, Timestamp),
) -> DbResult<u64> {
    const SHIP: &str = "
        INSERT INTO line_choice AS c (tenant_id, kind, document_id, line_id, drop_ship, chosen_by, chosen_at)
        SELECT DISTINCT $1::uuid, a.kind, a.document_id, a.line_id, true, $4, $5::timestamptz
        FROM allocation a
        WHERE a.tenant_id = $1 AND a.kind = $2 AND a.document_id = $3 AND a.shortfall > 0 AND NOT a.drop_ship
        ON CONFLICT (tenant_id, kind, document_id, line_id) DO UPDATE SET drop_ship = true,
            chosen_by = excluded.chosen_by, chosen_at = excluded.chosen_at";
    Ok(tx
        .execute_typed(
            SHIP,
            &[
                (&tenant.0, Type::UUID),
                (&document.kind.as_str(), Type::TEXT),
                (&document.id, Type::TEXT),
                (&by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?)
}

/// Leaves the lines of a document to host and rules again; gives how many lines that are.
pub async fn clear(tx: &Transaction<'_>, tenant: TenantId, document: &DocumentRef) -> DbResult<u64> {
    const CLEAR: &str = "DELETE FROM line_choice WHERE tenant_id = $1 AND kind = $2 AND document_id = $3";
    Ok(tx
        .execute_typed(
            CLEAR,
            &[(&tenant.0, Type::UUID), (&document.kind.as_str(), Type::TEXT), (&document.id, Type::TEXT)],
        )
        .await?)
}
