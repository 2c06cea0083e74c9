//! What a host lists held against the mirror: which documents must be read again.

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::{DbError, DbResult};
use crate::domain::ids::{DocumentKind, TenantId};

/// The documents of `listed` (id and fingerprint) that are not so in the mirror; one without a fingerprint differs where
/// the mirror has it as open.
pub async fn of(
    tx: &Transaction<'_>,
    tenant: TenantId,
    kind: DocumentKind,
    listed: &[(String, String)],
) -> DbResult<Vec<String>> {
    const SALES: &str = "
        SELECT l.id FROM unnest($3::text[], $4::text[]) AS l (id, fingerprint)
        LEFT JOIN sales_document d ON d.tenant_id = $1 AND d.kind = $2 AND d.document_id = l.id
        WHERE CASE l.fingerprint WHEN '' THEN d.status IN ('open', 'draft')
            ELSE d.fingerprint IS DISTINCT FROM l.fingerprint END
        ORDER BY 1";
    const PURCHASE: &str = "
        SELECT l.id FROM unnest($3::text[], $4::text[]) AS l (id, fingerprint)
        LEFT JOIN purchase_order p ON p.tenant_id = $1 AND $2 = 'purchase_order' AND p.purchase_order_id = l.id
        WHERE p.fingerprint IS DISTINCT FROM l.fingerprint
        ORDER BY 1";
    let (ids, fingerprints): (Vec<&str>, Vec<&str>) =
        listed.iter().map(|(id, fingerprint)| (id.as_str(), fingerprint.as_str())).unzip();
    let statement = if kind == DocumentKind::PurchaseOrder { PURCHASE } else { SALES };
    let rows = tx
        .query_typed(
            statement,
            &[
                (&tenant.0, Type::UUID),
                (&kind.as_str(), Type::TEXT),
                (&ids, Type::TEXT_ARRAY),
                (&fingerprints, Type::TEXT_ARRAY),
            ],
        )
        .await?;
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}

/// What the host's list of open documents of a kind (id and fingerprint) says otherwise than the mirror: listed and not
/// known so, or open in the mirror and no longer listed (closed, cancelled or gone).
pub async fn in_list(
    tx: &Transaction<'_>,
    tenant: TenantId,
    kind: DocumentKind,
    listed: &[(String, String)],
) -> DbResult<Vec<String>> {
    // a host may list what the mirror knows to have ended, such as an order that is received and not billed
    const SALES: &str = "
        WITH listed AS (SELECT * FROM unnest($3::text[], $4::text[]) AS l (id, fingerprint))
        SELECT l.id FROM listed l
        LEFT JOIN sales_document d ON d.tenant_id = $1 AND d.kind = $2 AND d.document_id = l.id
        WHERE d.fingerprint IS DISTINCT FROM l.fingerprint
        UNION
        (SELECT document_id FROM sales_document WHERE tenant_id = $1 AND kind = $2 AND status IN ('open', 'draft')
         EXCEPT SELECT id FROM listed)
        ORDER BY 1";
    const PURCHASE: &str = "
        WITH listed AS (SELECT * FROM unnest($2::text[], $3::text[]) AS l (id, fingerprint))
        SELECT l.id FROM listed l
        LEFT JOIN purchase_order p ON p.tenant_id = $1 AND p.purchase_order_id = l.id
        WHERE p.fingerprint IS DISTINCT FROM l.fingerprint
        UNION
        (SELECT purchase_order_id FROM purchase_order WHERE tenant_id = $1 AND NOT gone AND state IN ('draft', 'confirmed')
         EXCEPT SELECT id FROM listed)
        ORDER BY 1";
    let ids: Vec<_> = listed.iter().map(|(id, _)| id.as_str()).collect();
    let fingerprints: Vec<_> = listed.iter().map(|(_, fingerprint)| fingerprint.as_str()).collect();
    let lists =
        [(&ids as &(dyn tokio_postgres::types::ToSql + Sync), Type::TEXT_ARRAY), (&fingerprints, Type::TEXT_ARRAY)];
    let [ids, fingerprints] = lists;
    let rows = match kind {
        DocumentKind::PurchaseOrder => tx.query_typed(PURCHASE, &[(&tenant.0, Type::UUID), ids, fingerprints]).await?,
        DocumentKind::Quotation | DocumentKind::SalesOrder | DocumentKind::Invoice => {
            tx.query_typed(SALES, &[(&tenant.0, Type::UUID), (&kind.as_str(), Type::TEXT), ids, fingerprints]).await?
        }
        DocumentKind::Item | DocumentKind::List => {
            return Err(DbError::Inconsistent {
                table: "changed_document",
                column: "kind",
                detail: format!("{kind} has no list"),
            });
        }
    };
    rows.iter().map(|row| Ok(row.try_get("id")?)).collect()
}
