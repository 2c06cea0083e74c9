//! What the pages read: the work list, counts, purchase orders of a document, names of items.
//!
//! Invariant: a page costs the same whether there are ten backorders or a hundred thousand: keyset paging in the
//! order of an index, sums only for the rows that are shown.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

use super::{DbError, DbResult};
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef, IntentId, TenantId};

/// A row of the work list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedBackorder {
    pub document: DocumentRef,
    pub state: BackorderState,
    pub promise: Option<Date>,
    pub since: Timestamp,
    pub reason: Option<String>,
    pub number: String,
    pub customer: String,
    pub need_by: Option<Date>,
    pub owner_email: Option<String>,
    pub open: Decimal,
    pub from_stock: Decimal,
    pub on_order: Decimal,
    pub short: Decimal,
    /// "sku name" of the first short or waiting line, and how many more there are.
    pub item: String,
    pub more_items: i64,
    /// Numbers of our purchase orders for it, or what is being made of them.
    pub purchase_orders: Vec<String>,
    pub vendors: Vec<String>,
}

/// Where a page of the work list begins: after this row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    pub promise: Option<Date>,
    pub document: DocumentRef,
}

/// What of the work list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    pub state: Option<BackorderState>,
    /// Part of a number, customer, item, vendor or purchase order.
    pub search: Option<String>,
    /// Expected too late, or no date yet.
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
        SELECT b.kind, b.document_id, b.state, b.promise, b.since, b.reason, d.number, d.customer_name, d.need_by,
            d.owner_email, sums.open, sums.from_stock, sums.on_order, sums.short, sums.item,
            sums.items - 1 AS more_items, orders.numbers, orders.vendors
        FROM backorder b
        JOIN sales_document d USING (tenant_id, kind, document_id)
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(a.open), 0) AS open, COALESCE(sum(a.from_stock), 0) AS from_stock,
                COALESCE(sum(a.from_own + a.from_incoming), 0) AS on_order, COALESCE(sum(a.shortfall), 0) AS short,
                count(DISTINCT a.item_id) AS items,
                (array_agg(i.sku || ' ' || i.name ORDER BY a.shortfall DESC, a.open - a.from_stock DESC))[1] AS item
            FROM allocation a
            LEFT JOIN item i USING (tenant_id, item_id)
            WHERE a.tenant_id = b.tenant_id AND a.kind = b.kind AND a.document_id = b.document_id
        ) AS sums
        CROSS JOIN LATERAL (
            SELECT array_agg(DISTINCT COALESCE(t.purchase_order_number, 'being made')) AS numbers,
                array_agg(DISTINCT t.payload #>> '{vendor,name}') AS vendors
            FROM intent t
            WHERE t.tenant_id = b.tenant_id AND t.action = 'create' AND t.state NOT IN ('rejected', 'cancelled')
                AND t.intent_id IN (SELECT g.intent_id FROM peg g
                    WHERE g.tenant_id = b.tenant_id AND g.kind = b.kind AND g.document_id = b.document_id)
        ) AS orders
        WHERE b.tenant_id = $1 AND b.state NOT IN ('delivered', 'cancelled')
            AND ($2::text IS NULL OR b.state = $2)
            AND (NOT $7 OR b.promise IS NULL OR b.promise > d.need_by)
            AND ($8::text IS NULL OR d.number ILIKE $8 OR d.customer_name ILIKE $8
                OR EXISTS (SELECT FROM unnest(orders.numbers || orders.vendors) AS o (name) WHERE o.name ILIKE $8)
                OR EXISTS (SELECT FROM allocation a JOIN item i USING (tenant_id, item_id)
                    WHERE a.tenant_id = b.tenant_id AND a.kind = b.kind AND a.document_id = b.document_id
                        AND (i.sku ILIKE $8 OR i.name ILIKE $8)))
            AND ($3::text IS NULL OR (COALESCE(b.promise, 'infinity'), b.kind, b.document_id)
                > (COALESCE($5::date, 'infinity'), $3, $4))
        ORDER BY COALESCE(b.promise, 'infinity'), b.kind, b.document_id
        LIMIT $6";
    let state = filter.state.map(BackorderState::as_str);
    let kind = after.map(|after| after.document.kind.as_str());
    let id = after.map(|after| after.document.id.as_str());
    let promise = after.and_then(|after| after.promise);
    let search = filter.search.as_deref().map(containing);
    let rows = tx
        .query_typed(
            LIST,
            &[
                (&tenant.0, Type::UUID),
                (&state, Type::TEXT),
                (&kind, Type::TEXT),
                (&id, Type::TEXT),
                (&promise, Type::DATE),
                (&limit, Type::INT8),
                (&filter.late, Type::BOOL),
                (&search, Type::TEXT),
            ],
        )
        .await?;
    rows.iter().map(listed).collect()
}

/// A pattern that fits whatever contains the text.
fn containing(text: &str) -> String {
    format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"))
}

fn listed(row: &Row) -> DbResult<ListedBackorder> {
    Ok(ListedBackorder {
        document: reference(row, "backorder")?,
        state: state(row)?,
        promise: row.try_get("promise")?,
        since: row.try_get("since")?,
        reason: row.try_get("reason")?,
        number: row.try_get("number")?,
        customer: row.try_get("customer_name")?,
        need_by: row.try_get("need_by")?,
        owner_email: row.try_get("owner_email")?,
        open: row.try_get("open")?,
        from_stock: row.try_get("from_stock")?,
        on_order: row.try_get("on_order")?,
        short: row.try_get("short")?,
        item: row.try_get::<_, Option<String>>("item")?.unwrap_or_default(),
        more_items: row.try_get("more_items")?,
        purchase_orders: row.try_get::<_, Option<Vec<String>>>("numbers")?.unwrap_or_default(),
        vendors: row.try_get::<_, Option<Vec<Option<String>>>>("vendors")?.into_iter().flatten().flatten().collect(),
    })
}

fn state(row: &Row) -> DbResult<BackorderState> {
    let state: String = row.try_get("state")?;
    BackorderState::parse(&state).ok_or(DbError::Inconsistent { table: "backorder", column: "state", detail: state })
}

fn reference(row: &Row, table: &'static str) -> DbResult<DocumentRef> {
    let kind: String = row.try_get("kind")?;
    let kind = DocumentKind::parse(&kind).ok_or(DbError::Inconsistent { table, column: "kind", detail: kind })?;
    Ok(DocumentRef::new(kind, row.try_get::<_, String>("document_id")?))
}

/// How many open backorders there are of each state.
pub async fn counts(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<(BackorderState, i64)>> {
    const COUNTS: &str = "
        SELECT state, count(*) AS how_many FROM backorder
        WHERE tenant_id = $1 AND state NOT IN ('delivered', 'cancelled')
        GROUP BY state";
    let rows = tx.query_typed(COUNTS, &[(&tenant.0, Type::UUID)]).await?;
    rows.iter().map(|row| Ok((state(row)?, row.try_get("how_many")?))).collect()
}

/// The documents that are backorders now.
pub async fn open_documents(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<DocumentRef>> {
    const OPEN: &str = "
        SELECT kind, document_id FROM backorder WHERE tenant_id = $1 AND state NOT IN ('delivered', 'cancelled')";
    let rows = tx.query_typed(OPEN, &[(&tenant.0, Type::UUID)]).await?;
    rows.iter().map(|row| reference(row, "backorder")).collect()
}

/// How many decisions wait for a person: purchase orders to be made, and changes of those that were made.
pub async fn waiting(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<i64> {
    const WAITING: &str = "
        SELECT (SELECT count(*) FROM proposal WHERE tenant_id = $1 AND state IN ('watched', 'asked'))
            + (SELECT count(*) FROM proposed_change WHERE tenant_id = $1 AND state = 'open') AS waiting";
    Ok(tx.query_typed_one(WAITING, &[(&tenant.0, Type::UUID)]).await?.try_get("waiting")?)
}

/// What an item is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemName {
    pub id: String,
    pub sku: String,
    pub name: String,
    pub unit: String,
}

/// The names of these items, as far as they are known.
pub async fn item_names(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<ItemName>> {
    const NAMES: &str = "
        SELECT item_id, sku, name, unit FROM item WHERE tenant_id = $1 AND item_id = ANY($2)";
    let rows = tx.query_typed(NAMES, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            Ok(ItemName {
                id: row.try_get("item_id")?,
                sku: row.try_get("sku")?,
                name: row.try_get("name")?,
                unit: row.try_get("unit")?,
            })
        })
        .collect()
}

/// A purchase order that was decided for a document: how far it is, here and in the host.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderFor {
    pub intent: IntentId,
    /// Of the intent: planned … cancelled.
    pub state: String,
    pub vendor: String,
    pub made_by: String,
    pub created_at: Timestamp,
    pub expected: Option<Date>,
    pub drop_ship: bool,
    /// Ordered for this document, in stock units.
    pub quantity: Decimal,
    pub number: Option<String>,
    pub error: Option<String>,
    /// In the host: draft, confirmed, received, cancelled; None until it has been seen there.
    pub host_state: Option<String>,
    pub url: Option<String>,
    /// "sku: sum" of each line.
    pub why: Vec<String>,
}

/// The purchase orders that were decided for a document, oldest first.
pub async fn orders_for(tx: &Transaction<'_>, tenant: TenantId, document: &DocumentRef) -> DbResult<Vec<OrderFor>> {
    const ORDERS: &str = "
        SELECT t.intent_id, t.state, t.payload #>> '{vendor,name}' AS vendor, t.made_by, t.created_at,
            COALESCE(p.expected, (t.payload ->> 'expected')::date) AS expected,
            t.payload -> 'ship_to' <> 'null' AS drop_ship, pegged.quantity, pegged.why, t.last_error,
            COALESCE(p.number, t.purchase_order_number) AS number, p.url,
            CASE WHEN p.gone THEN 'cancelled' ELSE p.state END AS host_state
        FROM (
            SELECT g.intent_id, sum(g.quantity) AS quantity, array_agg(DISTINCT l.why) AS why
            FROM peg g
            JOIN intent_line l ON l.tenant_id = $1 AND l.intent_id = g.intent_id AND l.line_no = g.line_no
            WHERE g.tenant_id = $1 AND g.kind = $2 AND g.document_id = $3
            GROUP BY g.intent_id
        ) AS pegged
        JOIN intent t ON t.tenant_id = $1 AND t.intent_id = pegged.intent_id AND t.action = 'create'
        LEFT JOIN purchase_order p ON p.tenant_id = $1 AND p.purchase_order_id = t.purchase_order_id
        ORDER BY t.created_at, t.intent_id";
    let rows = tx
        .query_typed(
            ORDERS,
            &[(&tenant.0, Type::UUID), (&document.kind.as_str(), Type::TEXT), (&document.id, Type::TEXT)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(OrderFor {
                intent: IntentId(row.try_get("intent_id")?),
                state: row.try_get("state")?,
                vendor: row.try_get::<_, Option<String>>("vendor")?.unwrap_or_default(),
                made_by: row.try_get("made_by")?,
                created_at: row.try_get("created_at")?,
                expected: row.try_get("expected")?,
                drop_ship: row.try_get::<_, Option<bool>>("drop_ship")?.unwrap_or(false),
                quantity: row.try_get("quantity")?,
                number: row.try_get("number")?,
                error: row.try_get("last_error")?,
                host_state: row.try_get("host_state")?,
                url: row.try_get("url")?,
                why: row.try_get("why")?,
            })
        })
        .collect()
}
