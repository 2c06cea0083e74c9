//! What Insights shows: sums over what is recorded.
//!
//! Invariants: a period is whole weeks and at most [`MOST_DAYS`] long; what was due in it is read from sums that are kept
//! (`due_sum`), the rest is counted in an index; units and money are exact; what stands behind a bar is counted by the
//! same conditions as the bar.

use std::cmp::Reverse;
use std::collections::BTreeMap;

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

/// A period by due date, Monday to Sunday, and the day as of which it is looked at.
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

/// What was due in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// The weeks that have any.
    pub weeks: Vec<Figures>,
    pub whole: Figures,
    /// How many lines missed for each cause, the most first, and in how many orders.
    pub causes: Vec<(MissCause, u64, u64)>,
}

/// Sums of one kind ([`due_sum`](super::due_sum)) over a week or more.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    orders: u64,
    lines: u64,
    units_due: Decimal,
    units_delivered: Decimal,
}

impl Sum {
    fn plus(self, other: Self) -> Self {
        Self {
            orders: self.orders + other.orders,
            lines: self.lines + other.lines,
            units_due: self.units_due + other.units_due,
            units_delivered: self.units_delivered + other.units_delivered,
        }
    }
}

/// The sums of a week or of the whole, by their kind.
type Sums = BTreeMap<String, Sum>;

fn figures(sums: &Sums, week: Option<Date>) -> Figures {
    let of = |what: &str| sums.get(what).copied().unwrap_or_default();
    let (all, missed) = (of("all"), of("missed"));
    let rate = |counted: u64, missed: u64| Rate { passed: counted.saturating_sub(missed), counted, orders: all.orders };
    Figures {
        week,
        orders: rate(all.orders, missed.orders),
        lines: rate(all.lines, missed.lines),
        units_due: all.units_due,
        units_delivered: all.units_delivered,
    }
}

/// What was due in a period of whole weeks.
pub async fn due(tx: &Transaction<'_>, tenant: TenantId, period: Period) -> DbResult<Due> {
    let mut weeks: BTreeMap<Date, Sums> = BTreeMap::new();
    let mut whole = Sums::new();
    for (week, what, sum) in sums(tx, tenant, period).await? {
        weeks.entry(week).or_default().insert(what.clone(), sum);
        let all = whole.entry(what).or_default();
        *all = all.plus(sum);
    }
    for (what, too_often) in too_often(tx, tenant, period).await? {
        if let Some(sum) = whole.get_mut(&what) {
            sum.orders = sum.orders.saturating_sub(too_often);
        }
    }
    let mut causes: Vec<(MissCause, u64, u64)> = whole
        .iter()
        .filter(|(what, _)| !matches!(what.as_str(), "all" | "missed"))
        .map(|(what, sum)| Ok((cause(what)?, sum.lines, sum.orders)))
        .collect::<DbResult<_>>()?;
    causes.sort_by_key(|(cause, lines, _)| (Reverse(*lines), *cause));
    Ok(Due {
        weeks: weeks.iter().map(|(week, sums)| figures(sums, Some(*week))).collect(),
        whole: figures(&whole, None),
        causes,
    })
}

fn in_period<'a>(tenant: &'a TenantId, period: &'a Period) -> [(&'a (dyn ToSql + Sync), Type); 4] {
    [(&tenant.0, Type::UUID), (&period.first, Type::DATE), (&period.last, Type::DATE), (&period.today, Type::DATE)]
}

fn unsigned(row: &Row, column: &str) -> DbResult<u64> {
    Ok(u64::try_from(row.try_get::<_, i64>(column)?).unwrap_or(0))
}

/// The sums of each week, by their kind.
async fn sums(tx: &Transaction<'_>, tenant: TenantId, period: Period) -> DbResult<Vec<(Date, String, Sum)>> {
    const SUMS: &str = "
        SELECT week, what, sum(orders)::bigint AS orders, sum(lines)::bigint AS lines, sum(units_due) AS units_due,
            sum(units_delivered) AS units_delivered
        FROM due_sum
        WHERE tenant_id = $1 AND week BETWEEN $2 AND $3 AND counts_from <= $4
        GROUP BY week, what";
    let rows = tx.query_typed(SUMS, &in_period(&tenant, &period)).await?;
    rows.iter()
        .map(|row| {
            let sum = Sum {
                orders: unsigned(row, "orders")?,
                lines: unsigned(row, "lines")?,
                units_due: row.try_get("units_due")?,
                units_delivered: row.try_get("units_delivered")?,
            };
            Ok((row.try_get("week")?, row.try_get("what")?, sum))
        })
        .collect()
}

/// How often orders with lines due in several weeks are counted again by the sums of the weeks.
async fn too_often(tx: &Transaction<'_>, tenant: TenantId, period: Period) -> DbResult<Vec<(String, u64)>> {
    const TOO_OFTEN: &str = "
        SELECT what, sum(weeks - 1)::bigint AS too_often
        FROM (
            SELECT w.what, r.kind, r.document_id, count(DISTINCT date_trunc('week', r.due_on::timestamp)) AS weeks
            FROM line_record r
            CROSS JOIN LATERAL unnest(CASE WHEN r.miss IS NULL THEN ARRAY['all']
                ELSE ARRAY['all', 'missed', r.miss] END) AS w (what)
            WHERE r.tenant_id = $1 AND r.due_on BETWEEN $2 AND $3 AND r.counts_from IS NOT NULL AND r.counts_from <= $4
                AND r.several
            GROUP BY w.what, r.kind, r.document_id
        ) AS of_order
        GROUP BY what";
    let rows = tx.query_typed(TOO_OFTEN, &in_period(&tenant, &period)).await?;
    rows.iter().map(|row| Ok((row.try_get("what")?, unsigned(row, "too_often")?))).collect()
}

fn cause(name: &str) -> DbResult<MissCause> {
    MissCause::parse(name).ok_or_else(|| DbError::Inconsistent {
        table: "due_sum",
        column: "what",
        detail: name.to_owned(),
    })
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
