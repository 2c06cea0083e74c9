//! The vendors, customers and items that settings can be about.

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::ids::TenantId;
use crate::domain::scope::ScopeOf;

/// One that a person may have meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub id: String,
    pub name: String,
    /// What tells it from another of the same name: a customer's latest document, an item's number; may be empty.
    pub beside: String,
}

/// Of those that may be meant by one entry.
const MOST: i64 = 10;

/// The one of this id, else all of this name or number, up to `MOST`.
pub async fn find(tx: &Transaction<'_>, tenant: TenantId, of: ScopeOf, what: &str) -> DbResult<Vec<Found>> {
    const VENDOR: &str = "
        SELECT contact_id AS id, name, '' AS beside FROM contact
        WHERE tenant_id = $1 AND is_vendor AND (contact_id = $2 OR lower(name) = lower($2))
        ORDER BY contact_id = $2 DESC, contact_id LIMIT $3";
    // customers are read when one is written to; until then its documents know it
    const CUSTOMER: &str = "
        SELECT id, name, beside
        FROM (
            SELECT DISTINCT ON (customer_id) customer_id AS id, customer_name AS name, number AS beside
            FROM sales_document
            WHERE tenant_id = $1 AND (customer_id = $2 OR lower(customer_name) = lower($2))
            ORDER BY customer_id, document_date DESC, number DESC
        ) AS customers
        ORDER BY id = $2 DESC, id LIMIT $3";
    const ITEM: &str = "
        SELECT item_id AS id, name, sku AS beside FROM item
        WHERE tenant_id = $1 AND (item_id = $2 OR lower(sku) = lower($2) OR lower(name) = lower($2))
        ORDER BY item_id = $2 DESC, lower(sku) = lower($2) DESC, item_id LIMIT $3";
    let sql = match of {
        ScopeOf::Vendor => VENDOR,
        ScopeOf::Customer => CUSTOMER,
        ScopeOf::Item => ITEM,
    };
    let rows = tx.query_typed(sql, &[(&tenant.0, Type::UUID), (&what, Type::TEXT), (&MOST, Type::INT8)]).await?;
    let mut found = rows
        .iter()
        .map(|row| Ok(Found { id: row.try_get("id")?, name: row.try_get("name")?, beside: row.try_get("beside")? }))
        .collect::<DbResult<Vec<_>>>()?;
    let is_number = |one: &Found| of == ScopeOf::Item && one.beside.eq_ignore_ascii_case(what);
    if found.first().is_some_and(|first| first.id == what || is_number(first)) {
        found.truncate(1);
    }
    Ok(found)
}
