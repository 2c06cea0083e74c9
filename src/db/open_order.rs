//! What is on its way already: shown beside a purchase that is about to be made.

use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::ids::TenantId;

/// A purchase order line of which something is still to come.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenOrder {
    pub item: String,
    pub number: String,
    pub vendor: String,
    /// Stock units.
    pub open: Decimal,
    pub due: Option<Date>,
}

/// Purchase orders in the host by which these items are still to come, the soonest of each item first.
pub async fn of_items(
    tx: &Transaction<'_>,
    tenant: TenantId,
    items: &[String],
    limit: i64,
) -> DbResult<Vec<OpenOrder>> {
    const OPEN: &str = "
        SELECT l.item_id, p.number, p.vendor_name, l.ordered - l.received - l.closed AS open, l.due
        FROM purchase_line l
        JOIN purchase_order p USING (tenant_id, purchase_order_id)
        WHERE l.tenant_id = $1 AND l.item_id = ANY($2) AND NOT p.gone AND p.state IN ('draft', 'confirmed')
            AND l.ordered - l.received - l.closed > 0
        ORDER BY l.item_id, l.due, p.number
        LIMIT $3";
    let rows =
        tx.query_typed(OPEN, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY), (&limit, Type::INT8)]).await?;
    rows.iter()
        .map(|row| {
            Ok(OpenOrder {
                item: row.try_get("item_id")?,
                number: row.try_get("number")?,
                vendor: row.try_get("vendor_name")?,
                open: row.try_get("open")?,
                due: row.try_get("due")?,
            })
        })
        .collect()
}
