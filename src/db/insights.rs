//! What Insights shows: sums over the recorded lines, and the orders behind each of them.
//!
//! Invariants: a period is at most [`MOST_DAYS`] long and each sum runs over an index of it; units and money are exact;
//! what stands behind a bar is counted by the same conditions as the bar.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Transaction};

use super::{DbError, DbResult};
use crate::domain::difot::{MissCause, Rate};
use crate::domain::ids::TenantId;

/// Days of the longest period.
pub const MOST_DAYS: i32 = 53 * 7;

/// A period by due date, and the day as of which it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub first: Date,
    pub last: Date,
    pub today: Date,
}

/// The figures of the lines that were due in a week, or in the whole period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Monday of the week; None: the whole period.
    pub week: Option<Date>,
    /// Orders whose counted lines all passed, of those that were due.
    pub orders: Rate,
    pub lines: Rate,
    pub units_due: Decimal,
    pub units_delivered: Decimal,
}

fn figures(row: &Row, week: Option<Date>) -> DbResult<Figures> {
    let count = |column| -> DbResult<u64> { Ok(u64::try_from(row.try_get::<_, i64>(column)?).unwrap_or(0)) };
    let orders = count("orders")?;
    Ok(Figures {
        week,
        orders: Rate { passed: count("orders_passed")?, counted: orders, orders },
        lines: Rate { passed: count("lines_passed")?, counted: count("lines")?, orders },
        units_due: row.try_get("units_due")?,
        units_delivered: row.try_get("units_delivered")?,
    })
}

/// The figures of each week of the period that has any.
pub async fn weeks(tx: &Transaction<'_>, tenant: TenantId, period: Period) -> DbResult<Vec<Figures>> {
    // an order whose lines are due on one day stands together in its index: it is counted as it is read
    const WEEKS: &str = "
        SELECT week, count(*) AS orders, count(*) FILTER (WHERE missed = 0) AS orders_passed,
            sum(lines)::bigint AS lines, sum(lines - missed)::bigint AS lines_passed,
            sum(units_due) AS units_due, sum(units_delivered) AS units_delivered
        FROM (
            SELECT date_trunc('week', due_on::timestamp)::date AS week, lines, missed, units_due, units_delivered
            FROM (
                SELECT due_on, kind, document_id, count(*) AS lines, count(miss) AS missed, sum(ordered) AS units_due,
                    sum(delivered_by_due) AS units_delivered
                FROM line_record
                WHERE tenant_id = $1 AND due_on BETWEEN $2 AND $3 AND counts_from IS NOT NULL AND counts_from <= $4
                    AND NOT several
                GROUP BY due_on, kind, document_id
            ) AS single
            UNION ALL
            SELECT date_trunc('week', due_on::timestamp)::date AS week, count(*), count(miss), sum(ordered),
                sum(delivered_by_due)
            FROM line_record
            WHERE tenant_id = $1 AND due_on BETWEEN $2 AND $3 AND counts_from IS NOT NULL AND counts_from <= $4
                AND several
            GROUP BY 1, kind, document_id
        ) AS of_order
        GROUP BY week
        ORDER BY week";
    let rows = tx.query_typed(WEEKS, &in_period(&tenant, &period)).await?;
    rows.iter().map(|row| figures(row, Some(row.try_get("week")?))).collect()
}

fn in_period<'a>(tenant: &'a TenantId, period: &'a Period) -> [(&'a (dyn ToSql + Sync), Type); 4] {
    [(&tenant.0, Type::UUID), (&period.first, Type::DATE), (&period.last, Type::DATE), (&period.today, Type::DATE)]
}

/// The figures of the whole period, of which these are the weeks: an order with lines due in several weeks counts once.
pub async fn whole(tx: &Transaction<'_>, tenant: TenantId, period: Period, weeks: &[Figures]) -> DbResult<Figures> {
    const TOO_OFTEN: &str = "
        SELECT COALESCE(sum(weeks - 1), 0)::bigint AS orders,
            COALESCE(sum(weeks_passed - CASE WHEN missed = 0 THEN 1 ELSE 0 END), 0)::bigint AS passed
        FROM (
            SELECT count(*) AS weeks, count(*) FILTER (WHERE missed = 0) AS weeks_passed, sum(missed) AS missed
            FROM (
                SELECT date_trunc('week', due_on::timestamp)::date AS week, kind, document_id, count(miss) AS missed
                FROM line_record
                WHERE tenant_id = $1 AND due_on BETWEEN $2 AND $3 AND counts_from IS NOT NULL AND counts_from <= $4
                    AND several
                GROUP BY 1, kind, document_id
            ) AS of_week
            GROUP BY kind, document_id
        ) AS of_order";
    let row = tx.query_typed_one(TOO_OFTEN, &in_period(&tenant, &period)).await?;
    let sum = |count: fn(&Figures) -> u64| weeks.iter().map(count).sum::<u64>();
    // an order that passes in one week and misses in the other was never counted as passed in the whole
    let once = |sum: u64, column| -> DbResult<u64> {
        Ok(u64::try_from(i64::try_from(sum).unwrap_or(i64::MAX) - row.try_get::<_, i64>(column)?).unwrap_or(0))
    };
    let orders = once(sum(|week| week.orders.orders), "orders")?;
    Ok(Figures {
        week: None,
        orders: Rate { passed: once(sum(|week| week.orders.passed), "passed")?, counted: orders, orders },
        lines: Rate { passed: sum(|week| week.lines.passed), counted: sum(|week| week.lines.counted), orders },
        units_due: weeks.iter().map(|week| week.units_due).sum(),
        units_delivered: weeks.iter().map(|week| week.units_delivered).sum(),
    })
}

/// How many lines missed for each cause, the most first, and in how many orders.
pub async fn causes(tx: &Transaction<'_>, tenant: TenantId, period: Period) -> DbResult<Vec<(MissCause, i64, i64)>> {
    const CAUSES: &str = "
        SELECT miss, sum(lines)::bigint AS lines, count(*) AS orders
        FROM (
            SELECT due_on, kind, document_id, miss, count(*) AS lines
            FROM line_record
            WHERE tenant_id = $1 AND due_on BETWEEN $2 AND $3 AND counts_from IS NOT NULL AND counts_from <= $4
                AND miss IS NOT NULL AND NOT several
            GROUP BY due_on, kind, document_id, miss
            UNION ALL
            SELECT NULL, kind, document_id, miss, count(*) AS lines
            FROM line_record
            WHERE tenant_id = $1 AND due_on BETWEEN $2 AND $3 AND counts_from IS NOT NULL AND counts_from <= $4
                AND miss IS NOT NULL AND several
            GROUP BY kind, document_id, miss
        ) AS of_order
        GROUP BY miss
        ORDER BY lines DESC, miss";
    let rows = tx.query_typed(CAUSES, &in_period(&tenant, &period)).await?;
    rows.iter().map(|row| Ok((cause(row)?, row.try_get("lines")?, row.try_get("orders")?))).collect()
}

fn cause(row: &Row) -> DbResult<MissCause> {
    let name: String = row.try_get("miss")?;
    MissCause::parse(&name).ok_or(DbError::Inconsistent { table: "line_record", column: "miss", detail: name })
}

/// Backorders that are open since a time of one range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    /// The range's place in the borders that were asked for; 0 is the youngest.
    pub range: usize,
    pub currency: Option<String>,
    pub orders: i64,
    /// Of those whose prices are known.
    pub value: Decimal,
    pub without_price: i64,
}

/// Open backorders by age. `borders` are times, the latest first: a backorder since a border or later is in its range,
/// an older one in the last.
pub async fn ages(tx: &Transaction<'_>, tenant: TenantId, borders: &[Timestamp]) -> DbResult<Vec<Age>> {
    const AGES: &str = "
        SELECT r.range - 1 AS range, b.currency, b.orders, b.value, b.without_price
        FROM unnest($2::text[]::timestamptz[], $3::text[]::timestamptz[]) WITH ORDINALITY AS r (since, before, range)
        CROSS JOIN LATERAL (
            SELECT currency, count(*) AS orders, COALESCE(sum(open_value), 0) AS value,
                count(*) - count(open_value) AS without_price
            FROM backorder
            WHERE tenant_id = $1 AND state NOT IN ('delivered', 'cancelled')
                AND since >= r.since AND since < r.before
            GROUP BY currency
        ) AS b
        ORDER BY r.range, b.currency";
    let mut since: Vec<String> = borders.iter().map(ToString::to_string).collect();
    let mut before = vec!["infinity".to_owned()];
    before.extend(since.iter().cloned());
    since.push("-infinity".to_owned());
    let rows = tx
        .query_typed(AGES, &[(&tenant.0, Type::UUID), (&since, Type::TEXT_ARRAY), (&before, Type::TEXT_ARRAY)])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Age {
                range: usize::try_from(row.try_get::<_, i64>("range")?).unwrap_or(0),
                currency: row.try_get("currency")?,
                orders: row.try_get("orders")?,
                value: row.try_get("value")?,
                without_price: row.try_get("without_price")?,
            })
        })
        .collect()
}

/// How punctual a vendor was: purchase order lines that were due in the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Punctuality {
    pub vendor: String,
    pub name: String,
    pub on_time: i64,
    pub due: i64,
}

/// The vendors with the most lines due in the period.
pub async fn vendors(tx: &Transaction<'_>, tenant: TenantId, period: Period, limit: i64) -> DbResult<Vec<Punctuality>> {
    const VENDORS: &str = "
        SELECT vendor_id, max(vendor_name) AS name, count(*) FILTER (WHERE received_on <= due_on) AS on_time,
            count(*) AS due
        FROM purchase_record
        WHERE tenant_id = $1 AND due_on BETWEEN $2 AND $3 AND ordered > 0
            AND (received_on IS NOT NULL OR due_on < $4)
        GROUP BY vendor_id
        ORDER BY due DESC, vendor_id
        LIMIT $5";
    let rows = tx
        .query_typed(
            VENDORS,
            &[
                (&tenant.0, Type::UUID),
                (&period.first, Type::DATE),
                (&period.last, Type::DATE),
                (&period.today, Type::DATE),
                (&limit, Type::INT8),
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Punctuality {
                vendor: row.try_get("vendor_id")?,
                name: row.try_get("name")?,
                on_time: row.try_get("on_time")?,
                due: row.try_get("due")?,
            })
        })
        .collect()
}
