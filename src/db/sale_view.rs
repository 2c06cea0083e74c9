//! One sales document as its page shows it: head, lines with their cover, purchase orders, proposed changes.
//!
//! Invariant: reads only.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::ids::{DocumentRef, IntentId, TenantId};

/// The document's own head.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    pub number: String,
    pub status: String,
    pub customer: String,
    pub date: Date,
    pub need_by: Option<Date>,
    pub url: Option<String>,
    pub owner_email: Option<String>,
    pub read_at: Timestamp,
}

/// The head of a document, if the mirror has it.
pub async fn head(tx: &Transaction<'_>, tenant: TenantId, document: &DocumentRef) -> DbResult<Option<Head>> {
    const HEAD: &str = "
        SELECT number, status, customer_name, document_date, need_by, url, owner_email, read_at FROM sales_document
        WHERE tenant_id = $1 AND kind = $2 AND document_id = $3";
    let kind = document.kind.as_str();
    let row = tx
        .query_typed_opt(HEAD, &[(&tenant.0, Type::UUID), (&kind, Type::TEXT), (&document.id, Type::TEXT)])
        .await?;
    row.map(|row| {
        Ok(Head {
            number: row.try_get("number")?,
            status: row.try_get("status")?,
            customer: row.try_get("customer_name")?,
            date: row.try_get("document_date")?,
            need_by: row.try_get("need_by")?,
            url: row.try_get("url")?,
            owner_email: row.try_get("owner_email")?,
            read_at: row.try_get("read_at")?,
        })
    })
    .transpose()
}

/// A line with how it is covered; a kit line comes once per component.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub description: String,
    /// Of the component where the line is a kit.
    pub sku: String,
    pub item: String,
    /// The stock unit.
    pub unit: String,
    pub ordered: Decimal,
    pub fulfilled: Decimal,
    pub closed: Decimal,
    pub warehouse: Option<String>,
    pub cover: Option<LineCover>,
}

/// How a demand is covered, in stock units.
#[derive(Debug, Clone, PartialEq)]
pub struct LineCover {
    pub open: Decimal,
    pub from_stock: Decimal,
    pub from_own: Decimal,
    pub from_incoming: Decimal,
    pub shortfall: Decimal,
    pub not_bought: Decimal,
    pub drop_ship: bool,
    pub promise: Option<Date>,
    pub late_days: Option<i32>,
    /// `domain::plan::WhyStep`s.
    pub why: Value,
}

/// The document's lines that carry demand, in their order.
pub async fn lines(tx: &Transaction<'_>, tenant: TenantId, document: &DocumentRef) -> DbResult<Vec<Line>> {
    const LINES: &str = "
        SELECT l.description, l.ordered, l.fulfilled, l.closed, w.name AS warehouse,
            COALESCE(i.sku, '') AS sku, COALESCE(i.name, '') AS item, COALESCE(i.unit, '') AS unit,
            a.open, a.from_stock, a.from_own, a.from_incoming, a.shortfall, a.not_bought, a.drop_ship, a.promise,
            a.late_days, a.why
        FROM sales_line l
        LEFT JOIN allocation a USING (tenant_id, kind, document_id, line_id)
        LEFT JOIN item i ON i.tenant_id = l.tenant_id AND i.item_id = COALESCE(a.item_id, l.item_id)
        LEFT JOIN warehouse w ON w.tenant_id = l.tenant_id AND w.warehouse_id = l.warehouse_id
        WHERE l.tenant_id = $1 AND l.kind = $2 AND l.document_id = $3
            AND l.tracked AND NOT l.counted_elsewhere AND l.item_id <> ''
        ORDER BY l.position, a.component";
    let kind = document.kind.as_str();
    let rows =
        tx.query_typed(LINES, &[(&tenant.0, Type::UUID), (&kind, Type::TEXT), (&document.id, Type::TEXT)]).await?;
    rows.iter()
        .map(|row| {
            let cover = match row.try_get::<_, Option<Decimal>>("open")? {
                None => None,
                Some(open) => Some(LineCover {
                    open,
                    from_stock: row.try_get("from_stock")?,
                    from_own: row.try_get("from_own")?,
                    from_incoming: row.try_get("from_incoming")?,
                    shortfall: row.try_get("shortfall")?,
                    not_bought: row.try_get("not_bought")?,
                    drop_ship: row.try_get("drop_ship")?,
                    promise: row.try_get("promise")?,
                    late_days: row.try_get("late_days")?,
                    why: row.try_get("why")?,
                }),
            };
            Ok(Line {
                description: row.try_get("description")?,
                sku: row.try_get("sku")?,
                item: row.try_get("item")?,
                unit: row.try_get("unit")?,
                ordered: row.try_get("ordered")?,
                fulfilled: row.try_get("fulfilled")?,
                closed: row.try_get("closed")?,
                warehouse: row.try_get("warehouse")?,
                cover,
            })
        })
        .collect()
}

/// A purchase order of ours for a document, made or on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct RaisedOrder {
    pub intent: IntentId,
    /// Of the intent: planned | sending | unknown | created | confirmed | rejected | `needs_human` | cancelled
    pub state: String,
    pub number: Option<String>,
    pub vendor: String,
    /// Of the purchase order in the host, if the mirror has it: draft | confirmed | received | cancelled
    pub host_state: Option<String>,
    pub gone: bool,
    pub expected: Option<Date>,
    pub drop_ship: bool,
    pub url: Option<String>,
    /// Stock units that it brings for this document.
    pub quantity: Decimal,
    pub made_by: String,
    pub created_at: Timestamp,
    pub quarantine_until: Option<Timestamp>,
    pub last_error: Option<String>,
}

/// The purchase orders that were raised for a document, oldest first.
pub async fn raised_orders(
    tx: &Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
) -> DbResult<Vec<RaisedOrder>> {
    const RAISED: &str = "
        SELECT i.intent_id, i.state, COALESCE(p.number, i.purchase_order_number) AS number,
            COALESCE(p.vendor_name, i.payload -> 'vendor' ->> 'name', '') AS vendor, p.state AS host_state,
            COALESCE(p.gone, false) AS gone, COALESCE(p.expected, (i.payload ->> 'expected')::date) AS expected,
            COALESCE(p.drop_ship, jsonb_typeof(i.payload -> 'ship_to') = 'object') AS drop_ship, p.url,
            g.quantity, i.made_by, i.created_at, i.quarantine_until, i.last_error
        FROM (SELECT intent_id, sum(quantity) AS quantity FROM peg
              WHERE tenant_id = $1 AND kind = $2 AND document_id = $3 GROUP BY intent_id) AS g
        JOIN intent i ON i.tenant_id = $1 AND i.intent_id = g.intent_id
        LEFT JOIN purchase_order p ON p.tenant_id = $1 AND p.purchase_order_id = i.purchase_order_id
        ORDER BY i.created_at, i.intent_id";
    let kind = document.kind.as_str();
    let rows =
        tx.query_typed(RAISED, &[(&tenant.0, Type::UUID), (&kind, Type::TEXT), (&document.id, Type::TEXT)]).await?;
    rows.iter()
        .map(|row| {
            Ok(RaisedOrder {
                intent: IntentId(row.try_get("intent_id")?),
                state: row.try_get("state")?,
                number: row.try_get("number")?,
                vendor: row.try_get("vendor")?,
                host_state: row.try_get("host_state")?,
                gone: row.try_get("gone")?,
                expected: row.try_get("expected")?,
                drop_ship: row.try_get::<_, Option<bool>>("drop_ship")?.unwrap_or(false),
                url: row.try_get("url")?,
                quantity: row.try_get("quantity")?,
                made_by: row.try_get("made_by")?,
                created_at: row.try_get("created_at")?,
                quarantine_until: row.try_get("quarantine_until")?,
                last_error: row.try_get("last_error")?,
            })
        })
        .collect()
}

/// A change of what was ordered for a document, that a person must decide.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenChange {
    pub purchase_order: String,
    pub line: String,
    pub number: String,
    pub vendor: String,
    pub item: String,
    pub unit: String,
    /// Stock units.
    pub from: Decimal,
    pub to: Decimal,
}

/// The open changes of purchase orders that were raised for a document.
pub async fn open_changes(tx: &Transaction<'_>, tenant: TenantId, document: &DocumentRef) -> DbResult<Vec<OpenChange>> {
    const OPEN: &str = "
        SELECT c.purchase_order_id, c.line_id, c.from_quantity, c.to_quantity,
            p.number, p.vendor_name, COALESCE(i.name, '') AS item, COALESCE(i.unit, '') AS unit
        FROM proposed_change c
        JOIN purchase_order p USING (tenant_id, purchase_order_id)
        LEFT JOIN purchase_line l USING (tenant_id, purchase_order_id, line_id)
        LEFT JOIN item i ON i.tenant_id = c.tenant_id AND i.item_id = l.item_id
        WHERE c.tenant_id = $1 AND c.state = 'open' AND EXISTS (
            SELECT FROM intent n JOIN peg g USING (tenant_id, intent_id)
            WHERE n.tenant_id = $1 AND n.purchase_order_id = c.purchase_order_id
                AND g.kind = $2 AND g.document_id = $3)
        ORDER BY p.number, c.line_id";
    let kind = document.kind.as_str();
    let rows =
        tx.query_typed(OPEN, &[(&tenant.0, Type::UUID), (&kind, Type::TEXT), (&document.id, Type::TEXT)]).await?;
    rows.iter()
        .map(|row| {
            Ok(OpenChange {
                purchase_order: row.try_get("purchase_order_id")?,
                line: row.try_get("line_id")?,
                number: row.try_get("number")?,
                vendor: row.try_get("vendor_name")?,
                item: row.try_get("item")?,
                unit: row.try_get("unit")?,
                from: row.try_get("from_quantity")?,
                to: row.try_get("to_quantity")?,
            })
        })
        .collect()
}
