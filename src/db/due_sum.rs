//! Sums over recorded lines, kept as the lines are written: what Insights reads instead of the lines.
//!
//! A line counts from a day on, and an order with the first of its lines, so a sum is kept for each such day; whoever
//! reads adds up the days until today. Beside what counts at all (`all`) the same is kept of what missed (`missed`) and
//! of each cause of a miss.
//!
//! Invariants: whoever changes lines holds the tenant's lock and calls [`count`] before and after; so the sums are those
//! of the lines, to the last unit, also when lines change or are forgotten.

use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::ids::{DocumentRef, TenantId};

/// Whether the lines of documents, as they are now, join the sums or leave them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    In,
    Out,
}

/// Adds the lines of these documents to the sums, or takes them out.
pub async fn count(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
    counted: Counted,
) -> DbResult<()> {
    const COUNT: &str = "
        MERGE INTO due_sum s
        USING (
            SELECT week, what, counts_from, count(*) FILTER (WHERE place = 1) AS orders, count(*) AS lines,
                sum(ordered) AS units_due, sum(delivered_by_due) AS units_delivered
            FROM (
                SELECT l.week, w.what, l.counts_from, l.ordered, l.delivered_by_due,
                    row_number() OVER (PARTITION BY l.week, w.what, l.kind, l.document_id ORDER BY l.counts_from) AS place
                FROM (
                    SELECT r.*, date_trunc('week', r.due_on::timestamp)::date AS week
                    FROM (SELECT DISTINCT * FROM unnest($2::text[], $3::text[]) AS d (kind, document_id)) AS wanted
                    JOIN line_record r ON r.tenant_id = $1 AND r.kind = wanted.kind
                        AND r.document_id = wanted.document_id
                    WHERE r.due_on IS NOT NULL AND r.counts_from IS NOT NULL
                ) AS l
                CROSS JOIN LATERAL unnest(CASE WHEN l.miss IS NULL THEN ARRAY['all']
                    ELSE ARRAY['all', 'missed', l.miss] END) AS w (what)
            ) AS counted
            GROUP BY week, what, counts_from
        ) AS c
        ON s.tenant_id = $1 AND s.week = c.week AND s.what = c.what AND s.counts_from = c.counts_from
        WHEN MATCHED AND s.lines + $4 * c.lines = 0 THEN DELETE
        WHEN MATCHED THEN UPDATE SET orders = s.orders + $4 * c.orders, lines = s.lines + $4 * c.lines,
            units_due = s.units_due + $4 * c.units_due, units_delivered = s.units_delivered + $4 * c.units_delivered
        WHEN NOT MATCHED THEN INSERT (tenant_id, week, what, counts_from, orders, lines, units_due, units_delivered)
            VALUES ($1, c.week, c.what, c.counts_from, $4 * c.orders, $4 * c.lines, $4 * c.units_due,
                $4 * c.units_delivered)";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let sign: i64 = match counted {
        Counted::In => 1,
        Counted::Out => -1,
    };
    tx.execute_typed(
        COUNT,
        &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY), (&sign, Type::INT8)],
    )
    .await?;
    Ok(())
}
