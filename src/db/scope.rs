//! The vendors, customers and items that settings can be about.

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::ids::TenantId;
use crate::domain::scope::ScopeOf;

/// The one of this id, else of this name or number: id and name.
pub async fn find(
    tx: &Transaction<'_>,
    tenant: TenantId,
    of: ScopeOf,
    what: &str,
) -> DbResult<Option<(String, String)>> {
    const VENDOR: &str = "
        SELECT contact_id AS id, name FROM contact
        WHERE tenant_id = $1 AND is_vendor AND (contact_id = $2 OR lower(name) = lower($2))
        ORDER BY contact_id = $2 DESC, contact_id LIMIT 1";
    // customers are read when one is written to; until then its documents know it
    const CUSTOMER: &str = "
        SELECT customer_id AS id, customer_name AS name FROM sales_document
        WHERE tenant_id = $1 AND (customer_id = $2 OR lower(customer_name) = lower($2))
        ORDER BY customer_id = $2 DESC, document_date DESC, customer_id LIMIT 1";
    const ITEM: &str = "
        SELECT item_id AS id, sku || ' ' || name AS name FROM item
        WHERE tenant_id = $1 AND (item_id = $2 OR lower(sku) = lower($2) OR lower(name) = lower($2))
        ORDER BY item_id = $2 DESC, lower(sku) = lower($2) DESC, item_id LIMIT 1";
    let sql = match of {
        ScopeOf::Vendor => VENDOR,
        ScopeOf::Customer => CUSTOMER,
        ScopeOf::Item => ITEM,
    };
    let row = tx.query_typed_opt(sql, &[(&tenant.0, Type::UUID), (&what, Type::TEXT)]).await?;
    row.map(|row| Ok((row.try_get("id")?, row.try_get("name")?))).transpose()
}
