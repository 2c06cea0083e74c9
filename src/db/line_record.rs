//! What becomes of sales lines and purchase lines, as it is seen: written by the replan, counted by `insights`.
//!
//! Invariants: one row for each line, brought to its new state in the commit that saw it; a line is judged when it is
//! written, by the rule of that time, and again when the rule changes.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

use super::due_sum::{self, Counted};
use super::{DbResult, all, json, reference, to_json};
use crate::domain::fulfilment::Fulfilment;
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};
use crate::domain::quantity::Quantity;

/// A recorded line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedLine {
    pub document: DocumentRef,
    pub line: String,
    pub drop_ship: bool,
    pub fulfilment: Fulfilment,
    pub judged: Judged,
}

/// What a line counts as.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Judged {
    /// None: never counted.
    pub counts_from: Option<Date>,
    /// The cause's name; None: passed.
    pub miss: Option<String>,
    pub delivered_by_due: Quantity,
    /// The rule that it was judged by.
    pub rule: String,
}

fn recorded(row: &Row) -> DbResult<RecordedLine> {
    let quantity = |column| -> DbResult<Quantity> { Ok(Quantity::from_decimal(row.try_get::<_, Decimal>(column)?)) };
    Ok(RecordedLine {
        document: reference(row, "line_record")?,
        line: row.try_get("line_id")?,
        drop_ship: row.try_get("drop_ship")?,
        fulfilment: Fulfilment {
            due: row.try_get("due_on")?,
            ordered: quantity("ordered")?,
            deliveries: json(row.try_get::<_, Value>("deliveries")?, "line_record", "deliveries")?,
            cancelled_on: row.try_get("cancelled_on")?,
            for_lack_of_stock: row.try_get("for_lack_of_stock")?,
            ready_on: row.try_get("ready_on")?,
            given_to_others: row.try_get("given_to_others")?,
        },
        judged: Judged {
            counts_from: row.try_get("counts_from")?,
            miss: row.try_get("miss")?,
            delivered_by_due: quantity("delivered_by_due")?,
            rule: row.try_get("rule")?,
        },
    })
}

/// The recorded lines of these documents.
pub async fn of_documents(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
) -> DbResult<Vec<RecordedLine>> {
    const OF: &str = "
        SELECT r.* FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN line_record r ON r.tenant_id = $1 AND r.kind = wanted.kind AND r.document_id = wanted.document_id";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows =
        tx.query_typed(OF, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(recorded).collect()
}

/// Lines that were judged by another rule than this one.
pub async fn judged_otherwise(
    tx: &Transaction<'_>,
    tenant: TenantId,
    rule: &str,
    limit: i64,
) -> DbResult<Vec<RecordedLine>> {
    const OTHERWISE: &str = "
        SELECT * FROM line_record WHERE tenant_id = $1 AND (rule < $2 OR rule > $2) LIMIT $3";
    let rows = tx.query_typed(OTHERWISE, &[(&tenant.0, Type::UUID), (&rule, Type::TEXT), (&limit, Type::INT8)]).await?;
    rows.iter().map(recorded).collect()
}

/// A line's row as the database takes it.
#[derive(Serialize)]
struct Put<'a> {
    kind: &'a str,
    document_id: &'a str,
    line_id: &'a str,
    due_on: Option<Date>,
    ordered: Quantity,
    deliveries: &'a [(Date, Quantity)],
    cancelled_on: Option<Date>,
    for_lack_of_stock: bool,
    ready_on: Option<Date>,
    given_to_others: bool,
    drop_ship: bool,
    counts_from: Option<Date>,
    miss: Option<&'a str>,
    delivered_by_due: Quantity,
    rule: &'a str,
}

/// Keeps lines: new ones, and the new state of those that are known. The caller holds the tenant's lock.
pub async fn put(tx: &Transaction<'_>, tenant: TenantId, lines: &[RecordedLine]) -> DbResult<()> {
    const PUT: &str = "
        INSERT INTO line_record (tenant_id, kind, document_id, line_id, due_on, ordered, deliveries, cancelled_on,
            for_lack_of_stock, ready_on, given_to_others, drop_ship, counts_from, miss, delivered_by_due, rule)
        SELECT $1, r.kind, r.document_id, r.line_id, r.due_on, r.ordered, r.deliveries, r.cancelled_on,
            r.for_lack_of_stock, r.ready_on, r.given_to_others, r.drop_ship, r.counts_from, r.miss,
            r.delivered_by_due, r.rule
        FROM jsonb_to_recordset($2) AS r (kind text, document_id text, line_id text, due_on date, ordered numeric,
            deliveries jsonb, cancelled_on date, for_lack_of_stock boolean, ready_on date, given_to_others boolean,
            drop_ship boolean, counts_from date, miss text, delivered_by_due numeric, rule text)
        ON CONFLICT (tenant_id, kind, document_id, line_id) DO UPDATE SET
            due_on = excluded.due_on, ordered = excluded.ordered, deliveries = excluded.deliveries,
            cancelled_on = excluded.cancelled_on, for_lack_of_stock = excluded.for_lack_of_stock,
            ready_on = excluded.ready_on, given_to_others = excluded.given_to_others, drop_ship = excluded.drop_ship,
            counts_from = excluded.counts_from, miss = excluded.miss, delivered_by_due = excluded.delivered_by_due,
            rule = excluded.rule";
    // whether the lines of a document are due in several weeks (db::insights counts it once in a period)
    const MARK: &str = "
        UPDATE line_record r SET several = s.several
        FROM (
            SELECT o.kind, o.document_id, count(DISTINCT date_trunc('week', o.due_on::timestamp)) > 1 AS several
            FROM (SELECT DISTINCT * FROM unnest($2::text[], $3::text[]) AS w (kind, document_id)) AS wanted
            JOIN line_record o ON o.tenant_id = $1 AND o.kind = wanted.kind AND o.document_id = wanted.document_id
            GROUP BY o.kind, o.document_id
        ) AS s
        WHERE r.tenant_id = $1 AND r.kind = s.kind AND r.document_id = s.document_id AND r.several <> s.several";
    if lines.is_empty() {
        return Ok(());
    }
    let rows: Vec<Put<'_>> = lines
        .iter()
        .map(|line| Put {
            kind: line.document.kind.as_str(),
            document_id: &line.document.id,
            line_id: &line.line,
            due_on: line.fulfilment.due,
            ordered: line.fulfilment.ordered,
            deliveries: &line.fulfilment.deliveries,
            cancelled_on: line.fulfilment.cancelled_on,
            for_lack_of_stock: line.fulfilment.for_lack_of_stock,
            ready_on: line.fulfilment.ready_on,
            given_to_others: line.fulfilment.given_to_others,
            drop_ship: line.drop_ship,
            counts_from: line.judged.counts_from,
            miss: line.judged.miss.as_deref(),
            delivered_by_due: line.judged.delivered_by_due,
            rule: &line.judged.rule,
        })
        .collect();
    let documents: Vec<DocumentRef> = lines.iter().map(|line| line.document.clone()).collect();
    due_sum::count(tx, tenant, &documents, Counted::Out).await?;
    let written = tx.execute_typed(PUT, &[(&tenant.0, Type::UUID), (&to_json(&rows), Type::JSONB)]).await?;
    all(written, lines.len(), "the records of lines")?;
    let kinds: Vec<_> = lines.iter().map(|line| line.document.kind.as_str()).collect();
    let ids: Vec<_> = lines.iter().map(|line| line.document.id.as_str()).collect();
    tx.execute_typed(MARK, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    due_sum::count(tx, tenant, &documents, Counted::In).await
}

/// How what was missing of a line was asked for and bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoughtFor {
    pub document: DocumentRef,
    pub line: String,
    pub asked_at: Option<Timestamp>,
    pub decided_at: Option<Timestamp>,
    pub bought_at: Option<Timestamp>,
    /// The latest date that a vendor first gave.
    pub vendor_due: Option<Date>,
    /// When the last of it came; None while something has not.
    pub received_on: Option<Date>,
}

/// How what was missing of these documents was bought.
pub async fn bought_for(tx: &Transaction<'_>, tenant: TenantId, documents: &[DocumentRef]) -> DbResult<Vec<BoughtFor>> {
    const COURSE: &str = "
        SELECT kind, document_id, line_id, min(asked_at) AS asked_at, max(decided_at) AS decided_at,
            min(bought_at) AS bought_at, max(vendor_due) AS vendor_due,
            CASE WHEN bool_and(received_on IS NOT NULL) FILTER (WHERE bought_at IS NOT NULL)
                THEN max(received_on) END AS received_on
        FROM (
            SELECT d.kind, d.document_id, d.line_id, p.created_at AS asked_at, p.decided_at,
                NULL::timestamptz AS bought_at, NULL::date AS vendor_due, NULL::date AS received_on
            FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
            JOIN proposal_demand d ON d.tenant_id = $1 AND d.kind = wanted.kind
                AND d.document_id = wanted.document_id
            JOIN proposal p ON p.tenant_id = $1 AND p.proposal_id = d.proposal_id
                AND p.state IN ('asked', 'approved', 'declined', 'snoozed')
            UNION ALL
            SELECT g.kind, g.document_id, g.line_id, NULL, NULL, i.created_at, COALESCE(r.due_on, l.expected),
                r.received_on
            FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
            JOIN peg g ON g.tenant_id = $1 AND g.kind = wanted.kind AND g.document_id = wanted.document_id
            JOIN intent i ON i.tenant_id = $1 AND i.intent_id = g.intent_id AND i.action = 'create'
                AND i.state NOT IN ('rejected', 'cancelled')
            JOIN intent_line l ON l.tenant_id = $1 AND l.intent_id = g.intent_id AND l.line_no = g.line_no
            LEFT JOIN purchase_record r ON r.tenant_id = $1 AND r.purchase_order_id = i.purchase_order_id
                AND r.item_id = l.item_id
        ) AS steps (kind, document_id, line_id, asked_at, decided_at, bought_at, vendor_due, received_on)
        GROUP BY kind, document_id, line_id";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows = tx
        .query_typed(COURSE, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(BoughtFor {
                document: reference(row, "peg")?,
                line: row.try_get("line_id")?,
                asked_at: row.try_get("asked_at")?,
                decided_at: row.try_get("decided_at")?,
                bought_at: row.try_get("bought_at")?,
                vendor_due: row.try_get("vendor_due")?,
                received_on: row.try_get("received_on")?,
            })
        })
        .collect()
}

/// Keeps what these purchase orders, as the mirror has them, say of their vendors. `today`: of what is seen to be there.
pub async fn record_purchases(
    tx: &Transaction<'_>,
    tenant: TenantId,
    purchase_orders: &[String],
    today: Date,
) -> DbResult<()> {
    const RECORD: &str = "
        INSERT INTO purchase_record AS r (tenant_id, purchase_order_id, line_id, item_id, vendor_id, vendor_name, due_on,
            ordered, received, received_on)
        SELECT $1, l.purchase_order_id, l.line_id, l.item_id, p.vendor_id, p.vendor_name, COALESCE(l.due, p.expected),
            l.ordered - l.closed, l.received,
            CASE WHEN l.received > 0 AND l.received >= l.ordered - l.closed THEN $3 END
        FROM purchase_order p
        JOIN purchase_line l USING (tenant_id, purchase_order_id)
        WHERE p.tenant_id = $1 AND p.purchase_order_id = ANY($2)
            -- a draft is not the vendor's word; a known line is followed until its end
            AND ((p.state IN ('confirmed', 'received') AND NOT p.gone)
                OR EXISTS (SELECT FROM purchase_record k WHERE k.tenant_id = $1
                    AND k.purchase_order_id = l.purchase_order_id AND k.line_id = l.line_id))
        ON CONFLICT (tenant_id, purchase_order_id, line_id) DO UPDATE SET
            item_id = excluded.item_id, vendor_id = excluded.vendor_id, vendor_name = excluded.vendor_name,
            due_on = COALESCE(r.due_on, excluded.due_on), ordered = excluded.ordered, received = excluded.received,
            received_on = CASE WHEN excluded.received_on IS NOT NULL
                THEN COALESCE(r.received_on, excluded.received_on) END
        WHERE (r.item_id, r.vendor_id, r.vendor_name, r.ordered, r.received) IS DISTINCT FROM
            (excluded.item_id, excluded.vendor_id, excluded.vendor_name, excluded.ordered, excluded.received)
            OR (r.due_on IS NULL AND excluded.due_on IS NOT NULL)";
    // cancelled: what never came is no longer expected, and counts neither for nor against the vendor
    const CANCEL: &str = "
        UPDATE purchase_record r SET ordered = r.received
        FROM purchase_order p
        WHERE r.tenant_id = $1 AND r.purchase_order_id = ANY($2) AND r.ordered <> r.received
            AND p.tenant_id = $1 AND p.purchase_order_id = r.purchase_order_id
            AND (p.gone OR p.state = 'cancelled')";
    if purchase_orders.is_empty() {
        return Ok(());
    }
    tx.execute_typed(RECORD, &[(&tenant.0, Type::UUID), (&purchase_orders, Type::TEXT_ARRAY), (&today, Type::DATE)])
        .await?;
    tx.execute_typed(CANCEL, &[(&tenant.0, Type::UUID), (&purchase_orders, Type::TEXT_ARRAY)]).await?;
    Ok(())
}

/// What is open of a backorder, in its document's currency.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct OpenValue {
    pub kind: DocumentKind,
    pub document_id: String,
    /// None: a price is not known.
    pub value: Option<Decimal>,
    pub currency: Option<String>,
}

/// Keeps what is open of these backorders.
pub async fn put_open_values(tx: &Transaction<'_>, tenant: TenantId, values: &[OpenValue]) -> DbResult<()> {
    const PUT: &str = "
        UPDATE backorder b SET open_value = r.value, currency = r.currency
        FROM jsonb_to_recordset($2) AS r (kind text, document_id text, value numeric, currency text)
        WHERE b.tenant_id = $1 AND b.kind = r.kind AND b.document_id = r.document_id
            AND (b.open_value, b.currency) IS DISTINCT FROM (r.value, r.currency)";
    if !values.is_empty() {
        tx.execute_typed(PUT, &[(&tenant.0, Type::UUID), (&to_json(&values), Type::JSONB)]).await?;
    }
    Ok(())
}
