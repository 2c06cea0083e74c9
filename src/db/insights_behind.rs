//! The orders behind a bar of Insights.
//!
//! Invariants: counted by the same conditions as the bars of `insights`; paged by key, so that the last page costs what
//! the first does.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::insights::Period;
use super::{DbError, DbResult, reference};
use crate::domain::difot::MissCause;
use crate::domain::ids::{DocumentRef, TenantId};

/// Which orders of a period are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    All,
    Passed,
    Missed,
    /// With a line that missed for this cause.
    MissedFor(MissCause),
}

/// An order that was due in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueOrder {
    pub document: DocumentRef,
    pub number: String,
    pub customer: String,
    /// The earliest of its lines in the period.
    pub due: Date,
    pub ordered: Decimal,
    pub delivered_by_due: Decimal,
    /// Of its lines that missed, without repetition.
    pub causes: Vec<MissCause>,
}

/// The orders that were due in a period, earliest first; `after` is the last of the page before.
pub async fn orders(
    tx: &Transaction<'_>,
    tenant: TenantId,
    period: Period,
    which: Which,
    after: Option<&(Date, DocumentRef)>,
    limit: i64,
) -> DbResult<Vec<DueOrder>> {
    const ORDERS: &str = "
        SELECT o.*, COALESCE(d.number, o.document_id) AS number, COALESCE(d.customer_name, '') AS customer_name
        FROM (
            SELECT kind, document_id, min(due_on) AS due, sum(ordered) AS ordered,
                sum(delivered_by_due) AS delivered_by_due,
                array_agg(DISTINCT miss) FILTER (WHERE miss IS NOT NULL) AS causes
            FROM line_record
            WHERE tenant_id = $1 AND due_on BETWEEN $2 AND $3 AND counts_from <= $4
            GROUP BY kind, document_id
            HAVING ($5::boolean IS NULL OR (count(miss) > 0) = $5) AND ($6::text IS NULL OR bool_or(miss = $6))
                AND ($7::date IS NULL OR (min(due_on), kind, document_id) > ($7, $8, $9))
            ORDER BY min(due_on), kind, document_id
            LIMIT $10
        ) AS o
        LEFT JOIN sales_document d ON d.tenant_id = $1 AND d.kind = o.kind AND d.document_id = o.document_id
        ORDER BY o.due, o.kind, o.document_id";
    let (missed, cause) = match which {
        Which::All => (None, None),
        Which::Passed => (Some(false), None),
        Which::Missed => (Some(true), None),
        Which::MissedFor(cause) => (Some(true), Some(cause.as_str())),
    };
    let (date, kind, id) = match after {
        Some((date, document)) => (Some(*date), Some(document.kind.as_str()), Some(document.id.as_str())),
        None => (None, None, None),
    };
    let rows = tx
        .query_typed(
            ORDERS,
            &[
                (&tenant.0, Type::UUID),
                (&period.first, Type::DATE),
                (&period.last, Type::DATE),
                (&period.today, Type::DATE),
                (&missed, Type::BOOL),
                (&cause, Type::TEXT),
                (&date, Type::DATE),
                (&kind, Type::TEXT),
                (&id, Type::TEXT),
                (&limit, Type::INT8),
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let names: Vec<String> = row.try_get::<_, Option<Vec<String>>>("causes")?.unwrap_or_default();
            let parse = |name: String| {
                MissCause::parse(&name).ok_or(DbError::Inconsistent {
                    table: "line_record",
                    column: "miss",
                    detail: name,
                })
            };
            Ok(DueOrder {
                document: reference(row, "line_record")?,
                number: row.try_get("number")?,
                customer: row.try_get("customer_name")?,
                due: row.try_get("due")?,
                ordered: row.try_get("ordered")?,
                delivered_by_due: row.try_get("delivered_by_due")?,
                causes: names.into_iter().map(parse).collect::<DbResult<_>>()?,
            })
        })
        .collect()
}

/// An open backorder of an age.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgedOrder {
    pub document: DocumentRef,
    pub number: String,
    pub customer: String,
    pub since: Timestamp,
    pub value: Option<Decimal>,
    pub currency: Option<String>,
}

/// The backorders that are open since `from` (none: ever) and before `to` (none: now), oldest first.
pub async fn aged(
    tx: &Transaction<'_>,
    tenant: TenantId,
    (from, to): (Option<Timestamp>, Option<Timestamp>),
    after: Option<&(Timestamp, DocumentRef)>,
    limit: i64,
) -> DbResult<Vec<AgedOrder>> {
    const AGED: &str = "
        SELECT b.kind, b.document_id, b.since, b.open_value, b.currency, d.number, d.customer_name
        FROM backorder b
        JOIN sales_document d USING (tenant_id, kind, document_id)
        WHERE b.tenant_id = $1 AND b.state NOT IN ('delivered', 'cancelled')
            AND b.since >= COALESCE($2, '-infinity'::timestamptz) AND b.since < COALESCE($3, 'infinity'::timestamptz)
            AND ($4::timestamptz IS NULL OR (b.since, b.kind, b.document_id) > ($4, $5, $6))
        ORDER BY b.since, b.kind, b.document_id
        LIMIT $7";
    let (since, kind, id) = match after {
        Some((since, document)) => (Some(*since), Some(document.kind.as_str()), Some(document.id.as_str())),
        None => (None, None, None),
    };
    let rows = tx
        .query_typed(
            AGED,
            &[
                (&tenant.0, Type::UUID),
                (&from, Type::TIMESTAMPTZ),
                (&to, Type::TIMESTAMPTZ),
                (&since, Type::TIMESTAMPTZ),
                (&kind, Type::TEXT),
                (&id, Type::TEXT),
                (&limit, Type::INT8),
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(AgedOrder {
                document: reference(row, "backorder")?,
                number: row.try_get("number")?,
                customer: row.try_get("customer_name")?,
                since: row.try_get("since")?,
                value: row.try_get("open_value")?,
                currency: row.try_get("currency")?,
            })
        })
        .collect()
}

/// A line of a purchase order that a vendor had promised for a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueFromVendor {
    pub purchase_order: String,
    pub line: String,
    pub number: String,
    pub vendor: String,
    pub url: Option<String>,
    pub item: String,
    pub due: Date,
    pub ordered: Decimal,
    pub received: Decimal,
    pub received_on: Option<Date>,
}

/// The lines that a vendor had promised for a period: on time or not, earliest first.
pub async fn from_vendor(
    tx: &Transaction<'_>,
    tenant: TenantId,
    period: Period,
    (vendor, on_time): (&str, bool),
    after: Option<&(Date, String, String)>,
    limit: i64,
) -> DbResult<Vec<DueFromVendor>> {
    const LINES: &str = "
        SELECT r.purchase_order_id, r.line_id, r.due_on, r.ordered, r.received, r.received_on, r.vendor_name, p.url,
            COALESCE(p.number, r.purchase_order_id) AS number, COALESCE(i.sku || ' ' || i.name, r.item_id) AS item
        FROM purchase_record r
        LEFT JOIN purchase_order p USING (tenant_id, purchase_order_id)
        LEFT JOIN item i ON i.tenant_id = $1 AND i.item_id = r.item_id
        WHERE r.tenant_id = $1 AND r.due_on BETWEEN $2 AND $3 AND r.vendor_id = $5 AND r.ordered > 0
            AND (r.received_on IS NOT NULL OR r.due_on < $4)
            AND COALESCE(r.received_on <= r.due_on, false) = $6
            AND ($7::date IS NULL OR (r.due_on, r.purchase_order_id, r.line_id) > ($7, $8, $9))
        ORDER BY r.due_on, r.purchase_order_id, r.line_id
        LIMIT $10";
    let (date, order, line) = match after {
        Some((date, order, line)) => (Some(*date), Some(order.as_str()), Some(line.as_str())),
        None => (None, None, None),
    };
    let rows = tx
        .query_typed(
            LINES,
            &[
                (&tenant.0, Type::UUID),
                (&period.first, Type::DATE),
                (&period.last, Type::DATE),
                (&period.today, Type::DATE),
                (&vendor, Type::TEXT),
                (&on_time, Type::BOOL),
                (&date, Type::DATE),
                (&order, Type::TEXT),
                (&line, Type::TEXT),
                (&limit, Type::INT8),
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(DueFromVendor {
                purchase_order: row.try_get("purchase_order_id")?,
                line: row.try_get("line_id")?,
                number: row.try_get("number")?,
                vendor: row.try_get("vendor_name")?,
                url: row.try_get("url")?,
                item: row.try_get("item")?,
                due: row.try_get("due_on")?,
                ordered: row.try_get("ordered")?,
                received: row.try_get("received")?,
                received_on: row.try_get("received_on")?,
            })
        })
        .collect()
}
