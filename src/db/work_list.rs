//! The work list: open backorders with their sums, filtered, a page at a time.
//!
//! Invariant: paging is by key, so that a page costs the same wherever it is.

use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

use super::backorder::{Backorder, backorder};
use super::{DbError, DbResult};
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentRef, TenantId};

/// A row of the work list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedBackorder {
    pub backorder: Backorder,
    pub number: String,
    pub customer: String,
    pub ordered_on: Date,
    pub need_by: Option<Date>,
    /// Stock units over all lines.
    pub open: Decimal,
    pub from_stock: Decimal,
    pub on_order: Decimal,
    pub short: Decimal,
    /// Days after the need-by date of the latest line; 0 if none is late.
    pub late_days: i32,
    /// SKU and name of the line that is short of most.
    pub sku: String,
    pub item: String,
    /// How many other items are on it.
    pub more_items: i64,
}

/// Where a page of the work list begins: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    pub promise: Option<Date>,
    pub document: DocumentRef,
}

/// What is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: Option<BackorderState>,
    /// Part of a number, a customer, a SKU or an item's name; empty: all.
    pub text: String,
    /// Only what an open proposal asks for.
    pub to_decide: bool,
    /// Only what is expected after its need-by date.
    pub late: bool,
}

/// Open backorders, oldest promise first (none last).
pub async fn list(
    tx: &Transaction<'_>,
    tenant: TenantId,
    filter: &Filter,
    after: Option<&After>,
    limit: i64,
) -> DbResult<Vec<ListedBackorder>> {
    const LIST: &str = "
        SELECT b.*, d.number, d.customer_name, d.document_date, d.need_by, sums.*
        FROM backorder b
        JOIN sales_document d USING (tenant_id, kind, document_id)
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(a.open), 0) AS open, COALESCE(sum(a.from_stock), 0) AS from_stock,
                COALESCE(sum(a.from_own + a.from_incoming), 0) AS on_order, COALESCE(sum(a.shortfall), 0) AS short,
                COALESCE(max(a.late_days), 0) AS late_days, count(DISTINCT a.item_id) AS items,
                (array_agg(i.sku ORDER BY a.shortfall DESC, a.open - a.from_stock DESC, a.line_id))[1] AS sku,
                (array_agg(i.name ORDER BY a.shortfall DESC, a.open - a.from_stock DESC, a.line_id))[1] AS item
            FROM allocation a
            LEFT JOIN item i USING (tenant_id, item_id)
            WHERE a.tenant_id = b.tenant_id AND a.kind = b.kind AND a.document_id = b.document_id AND a.open > 0
        ) AS sums
        WHERE b.tenant_id = $1 AND b.state NOT IN ('delivered', 'cancelled')
            AND ($2::text IS NULL OR b.state = $2)
            AND ($3::text IS NULL OR (COALESCE(b.promise, 'infinity'), b.kind, b.document_id)
                > (COALESCE($5::date, 'infinity'), $3, $4))
            AND ($6 = '' OR d.number ILIKE $6 OR d.customer_name ILIKE $6
                OR EXISTS (SELECT FROM allocation a JOIN item i USING (tenant_id, item_id)
                    WHERE a.tenant_id = b.tenant_id AND a.kind = b.kind AND a.document_id = b.document_id
                        AND (i.sku ILIKE $6 OR i.name ILIKE $6)))
            AND (NOT $7 OR EXISTS (SELECT FROM proposal_demand pd JOIN proposal p USING (tenant_id, proposal_id)
                WHERE pd.tenant_id = b.tenant_id AND pd.kind = b.kind AND pd.document_id = b.document_id
                    AND p.state IN ('watched', 'asked')))
            AND (NOT $8 OR sums.late_days > 0)
        ORDER BY COALESCE(b.promise, 'infinity'), b.kind, b.document_id
        LIMIT $9";
    let state = filter.state.map(BackorderState::as_str);
    let kind = after.map(|after| after.document.kind.as_str());
    let id = after.map(|after| after.document.id.as_str());
    let promise = after.and_then(|after| after.promise);
    let rows = tx
        .query_typed(
            LIST,
            &[
                (&tenant.0, Type::UUID),
                (&state, Type::TEXT),
                (&kind, Type::TEXT),
                (&id, Type::TEXT),
                (&promise, Type::DATE),
                (&pattern(&filter.text), Type::TEXT),
                (&filter.to_decide, Type::BOOL),
                (&filter.late, Type::BOOL),
                (&limit, Type::INT8),
            ],
        )
        .await?;
    rows.iter().map(listed).collect()
}

/// The pattern that finds a text anywhere, taken literally.
fn pattern(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let literal = text.trim().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{literal}%")
}

fn listed(row: &Row) -> DbResult<ListedBackorder> {
    Ok(ListedBackorder {
        backorder: backorder(row)?,
        number: row.try_get("number")?,
        customer: row.try_get("customer_name")?,
        ordered_on: row.try_get("document_date")?,
        need_by: row.try_get("need_by")?,
        open: row.try_get("open")?,
        from_stock: row.try_get("from_stock")?,
        on_order: row.try_get("on_order")?,
        short: row.try_get("short")?,
        late_days: row.try_get("late_days")?,
        sku: row.try_get::<_, Option<String>>("sku")?.unwrap_or_default(),
        item: row.try_get::<_, Option<String>>("item")?.unwrap_or_default(),
        more_items: (row.try_get::<_, i64>("items")? - 1).max(0),
    })
}

/// How many open backorders there are of each state.
pub async fn counts(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<(BackorderState, i64)>> {
    const COUNTS: &str = "
        SELECT state, count(*) AS how_many FROM backorder
        WHERE tenant_id = $1 AND state NOT IN ('delivered', 'cancelled')
        GROUP BY state";
    let rows = tx.query_typed(COUNTS, &[(&tenant.0, Type::UUID)]).await?;
    rows.iter()
        .map(|row| {
            let state: String = row.try_get("state")?;
            let state = BackorderState::parse(&state).ok_or(DbError::Inconsistent {
                table: "backorder",
                column: "state",
                detail: state,
            })?;
            Ok((state, row.try_get("how_many")?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_is_taken_literally() {
        assert_eq!(pattern(" 50%_a\\b "), r"%50\%\_a\\b%");
        assert_eq!(pattern("  "), "");
    }
}
