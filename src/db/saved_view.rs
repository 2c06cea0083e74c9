//! A person's own views of the work list.

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::{DbResult, one};
use crate::domain::ids::TenantId;

/// Views that one person may keep.
pub const MOST: i64 = 20;

/// The views of a person: name and filters, by name.
pub async fn of_person(tx: &Transaction<'_>, tenant: TenantId, person: &str) -> DbResult<Vec<(String, String)>> {
    const OF: &str = "
        SELECT name, query FROM saved_view WHERE tenant_id = $1 AND person_id = $2 ORDER BY name LIMIT $3";
    let rows = tx.query_typed(OF, &[(&tenant.0, Type::UUID), (&person, Type::TEXT), (&MOST, Type::INT8)]).await?;
    rows.iter().map(|row| Ok((row.try_get("name")?, row.try_get("query")?))).collect()
}

/// Keeps a view, in place of the one of that name.
pub async fn put(tx: &Transaction<'_>, tenant: TenantId, person: &str, name: &str, query: &str) -> DbResult<()> {
    const PUT: &str = "
        INSERT INTO saved_view (tenant_id, person_id, name, query) VALUES ($1, $2, $3, $4)
        ON CONFLICT (tenant_id, person_id, name) DO UPDATE SET query = excluded.query";
    let rows = tx
        .execute_typed(
            PUT,
            &[(&tenant.0, Type::UUID), (&person, Type::TEXT), (&name, Type::TEXT), (&query, Type::TEXT)],
        )
        .await?;
    one(rows, "the saved view")
}

/// Forgets a view.
pub async fn delete(tx: &Transaction<'_>, tenant: TenantId, person: &str, name: &str) -> DbResult<()> {
    const DELETE: &str = "DELETE FROM saved_view WHERE tenant_id = $1 AND person_id = $2 AND name = $3";
    tx.execute_typed(DELETE, &[(&tenant.0, Type::UUID), (&person, Type::TEXT), (&name, Type::TEXT)]).await?;
    Ok(())
}
