//! How much there is of what, for the pages: states, causes, what waits.
//!
//! Invariant: counted up to a bound, so that a million cost what a thousand cost.

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::backorder::BackorderState;
use crate::domain::ids::TenantId;

/// What is counted for a page is counted up to this and one more: "1,000+" says as much, and counting costs the same
/// whether there are a thousand or a million.
pub const MOST_COUNTED: i64 = 1000;

/// How many open backorders there are of each state, up to [`MOST_COUNTED`] and one more.
pub async fn counts(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<(BackorderState, i64)>> {
    const COUNTS: &str = "
        SELECT known.state, (SELECT count(*) FROM (
                SELECT FROM backorder b
                WHERE b.tenant_id = $1 AND b.state = known.state AND b.state NOT IN ('delivered', 'cancelled')
                LIMIT $3 + 1) AS few) AS how_many
        FROM unnest($2::text[]) AS known (state)";
    let states: Vec<_> =
        BackorderState::ALL.iter().filter(|state| state.is_open()).map(|state| state.as_str()).collect();
    let rows = tx
        .query_typed(COUNTS, &[(&tenant.0, Type::UUID), (&states, Type::TEXT_ARRAY), (&MOST_COUNTED, Type::INT8)])
        .await?;
    rows.iter().map(|row| Ok((super::work_list::state(row)?, row.try_get("how_many")?))).collect()
}

/// How many open backorders are short for each of these causes, up to [`MOST_COUNTED`] and one more.
pub async fn causes(tx: &Transaction<'_>, tenant: TenantId, kinds: &[&str]) -> DbResult<Vec<(String, i64)>> {
    const CAUSES: &str = "
        SELECT known.cause, (SELECT count(*) FROM (
                SELECT FROM backorder b
                WHERE b.tenant_id = $1 AND b.cause = known.cause AND b.cause IS NOT NULL
                    AND b.state NOT IN ('delivered', 'cancelled')
                LIMIT $3 + 1) AS few) AS how_many
        FROM unnest($2::text[]) AS known (cause)";
    let rows = tx
        .query_typed(CAUSES, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&MOST_COUNTED, Type::INT8)])
        .await?;
    rows.iter().map(|row| Ok((row.try_get("cause")?, row.try_get("how_many")?))).collect()
}

/// How many decisions wait for a person: purchase orders to be made, and changes of those that were made; each counted
/// up to [`MOST_COUNTED`] and one more.
pub async fn waiting(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<i64> {
    const WAITING: &str = "
        SELECT (SELECT count(*) FROM (SELECT FROM proposal
                WHERE tenant_id = $1 AND state IN ('watched', 'asked') LIMIT $2 + 1) AS few)
            + (SELECT count(*) FROM (SELECT FROM proposed_change
                WHERE tenant_id = $1 AND state = 'open' LIMIT $2 + 1) AS few) AS waiting";
    let row = tx.query_typed_one(WAITING, &[(&tenant.0, Type::UUID), (&MOST_COUNTED, Type::INT8)]).await?;
    Ok(row.try_get("waiting")?)
}
