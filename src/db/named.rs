//! Documents as people know them: by their number, not by the host's id.

use std::collections::HashMap;

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};

/// What a document is called, and where the host shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    pub number: String,
    pub url: Option<String>,
}

/// The names of these documents and items, as far as they are known.
pub async fn of(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
) -> DbResult<HashMap<DocumentRef, Named>> {
    const NAMES: &str = "
        SELECT wanted.kind, wanted.id, COALESCE(d.number, p.number, i.sku) AS number, COALESCE(d.url, p.url) AS url
        FROM (SELECT DISTINCT * FROM unnest($2::text[], $3::text[]) AS w (kind, id)) AS wanted
        LEFT JOIN sales_document d ON d.tenant_id = $1 AND d.kind = wanted.kind AND d.document_id = wanted.id
        LEFT JOIN purchase_order p
            ON p.tenant_id = $1 AND wanted.kind = 'purchase_order' AND p.purchase_order_id = wanted.id
        LEFT JOIN item i ON i.tenant_id = $1 AND wanted.kind = 'item' AND i.item_id = wanted.id
        WHERE COALESCE(d.number, p.number, i.sku) IS NOT NULL";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows =
        tx.query_typed(NAMES, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    let mut named = HashMap::new();
    for row in &rows {
        let kind: String = row.try_get("kind")?;
        // what was asked for is of a kind that is known
        let Some(kind) = DocumentKind::parse(&kind) else { continue };
        let document = DocumentRef::new(kind, row.try_get::<_, String>("id")?);
        named.insert(document, Named { number: row.try_get("number")?, url: row.try_get("url")? });
    }
    Ok(named)
}
