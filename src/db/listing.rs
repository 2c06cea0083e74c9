//! What the work list is filtered, sorted and searched by: kept in each backorder's own row, and summed by item.
//!
//! Invariants: written in the commit that changes what it is made from; only what is shown of the rows of one page is
//! read from elsewhere.

use jiff::civil::Date;
use rust_decimal::Decimal;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::ids::{DocumentRef, TenantId};

/// Brings the listed columns of these backorders up to date.
pub async fn refresh(tx: &Transaction<'_>, tenant: TenantId, documents: &[DocumentRef]) -> DbResult<()> {
    const REFRESH: &str = "
        UPDATE backorder b SET number = d.number, customer = d.customer_name, ordered_on = d.document_date,
            need_by = d.need_by, owner = COALESCE(b.assigned_to, d.owner_email),
            cause = COALESCE(covers.cause, CASE b.state WHEN 'declined' THEN 'declined' END),
            drop_ship = covers.drop_ship, no_vendor = covers.no_vendor, warehouses = covers.warehouses,
            vendors = ARRAY(SELECT DISTINCT unnest(covers.vendors || orders.vendors) ORDER BY 1),
            -- longer than any name; a search beyond it finds the document by what comes before
            search = left(lower(concat_ws(' ', d.number, d.customer_name, covers.items,
                array_to_string(covers.vendors || orders.vendors, ' '), orders.numbers)), 4000)
        FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN sales_document d ON d.tenant_id = $1 AND d.kind = wanted.kind AND d.document_id = wanted.document_id
        CROSS JOIN LATERAL (
            SELECT COALESCE(bool_or(a.drop_ship), false) AS drop_ship,
                COALESCE(bool_or(a.shortfall > 0 AND offer.vendor IS NULL), false) AS no_vendor,
                string_agg(DISTINCT i.sku || ' ' || i.name, ' ') AS items,
                (array_agg(a.cause ->> 'kind' ORDER BY a.shortfall DESC, a.line_id, a.component)
                    FILTER (WHERE a.cause IS NOT NULL))[1] AS cause,
                COALESCE(array_agg(DISTINCT offer.vendor) FILTER (WHERE a.shortfall > 0 AND offer.vendor IS NOT NULL), '{}')
                    AS vendors,
                COALESCE(array_agg(DISTINCT w.name) FILTER (WHERE w.name IS NOT NULL), '{}') AS warehouses
            FROM allocation a
            LEFT JOIN item i ON i.tenant_id = $1 AND i.item_id = a.item_id
            LEFT JOIN sales_line l ON l.tenant_id = $1 AND l.kind = a.kind AND l.document_id = a.document_id
                AND l.line_id = a.line_id
            LEFT JOIN warehouse w ON w.tenant_id = $1 AND w.warehouse_id = l.warehouse_id
            LEFT JOIN LATERAL (
                SELECT c.name AS vendor FROM vendor_offer o
                JOIN contact c ON c.tenant_id = $1 AND c.contact_id = o.vendor_id AND NOT c.blocked
                WHERE o.tenant_id = $1 AND o.item_id = a.item_id ORDER BY o.rank, c.name LIMIT 1
            ) AS offer ON true
            WHERE a.tenant_id = $1 AND a.kind = d.kind AND a.document_id = d.document_id
        ) AS covers
        CROSS JOIN LATERAL (
            SELECT COALESCE(array_agg(DISTINCT t.payload #>> '{vendor,name}')
                    FILTER (WHERE t.payload #>> '{vendor,name}' IS NOT NULL), '{}') AS vendors,
                string_agg(DISTINCT t.purchase_order_number, ' ') AS numbers
            FROM intent t
            WHERE t.tenant_id = $1 AND t.action = 'create' AND t.state NOT IN ('rejected', 'cancelled')
                AND t.intent_id IN (SELECT g.intent_id FROM peg g
                    WHERE g.tenant_id = $1 AND g.kind = d.kind AND g.document_id = d.document_id)
        ) AS orders
        WHERE b.tenant_id = $1 AND b.kind = d.kind AND b.document_id = d.document_id";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    tx.execute_typed(REFRESH, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    Ok(())
}

/// Sums up anew what is needed of these items.
pub async fn refresh_items(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<()> {
    const CLEAR: &str = "DELETE FROM item_need WHERE tenant_id = $1 AND item_id = ANY($2)";
    const SUM: &str = "
        INSERT INTO item_need (tenant_id, item_id, vendor_id, vendor, open, on_order, short, orders, need_by)
        SELECT $1, needs.item_id, COALESCE(offer.vendor_id, ''), COALESCE(offer.vendor, ''), needs.open, needs.on_order,
            needs.short, needs.orders, needs.need_by
        FROM (
            SELECT a.item_id, sum(a.open - a.from_stock) AS open, sum(a.from_own + a.from_incoming) AS on_order,
                sum(a.shortfall) AS short, count(DISTINCT (a.kind, a.document_id))::int AS orders, min(b.need_by) AS need_by
            FROM allocation a
            JOIN backorder b USING (tenant_id, kind, document_id)
            WHERE a.tenant_id = $1 AND a.item_id = ANY($2) AND a.open > a.from_stock
                AND b.state NOT IN ('delivered', 'cancelled')
            GROUP BY a.item_id
        ) AS needs
        LEFT JOIN LATERAL (
            SELECT o.vendor_id, c.name AS vendor FROM vendor_offer o
            JOIN contact c ON c.tenant_id = $1 AND c.contact_id = o.vendor_id AND NOT c.blocked
            WHERE o.tenant_id = $1 AND o.item_id = needs.item_id ORDER BY o.rank, c.name LIMIT 1
        ) AS offer ON true";
    tx.execute_typed(CLEAR, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    tx.execute_typed(SUM, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    Ok(())
}

/// What is needed of an item over all backorders.
#[derive(Debug, Clone, PartialEq)]
pub struct ItemNeed {
    pub item: String,
    pub sku: String,
    pub name: String,
    pub unit: String,
    /// Empty: nobody offers it.
    pub vendor: String,
    pub open: Decimal,
    pub on_order: Decimal,
    pub short: Decimal,
    pub orders: i32,
    pub need_by: Option<Date>,
}

/// Where a page of the items begins: after this vendor and item.
pub type AfterItem = (String, String);

/// A page of the items that backorders wait for, by vendor; only those that are short, or of one vendor, if so wanted.
pub async fn items(
    tx: &Transaction<'_>,
    tenant: TenantId,
    (vendor, short): (Option<&str>, bool),
    after: Option<&AfterItem>,
    limit: i64,
) -> DbResult<Vec<ItemNeed>> {
    const ITEMS: &str = "
        SELECT n.item_id, COALESCE(i.sku, n.item_id) AS sku, COALESCE(i.name, '') AS name, COALESCE(i.unit, '') AS unit,
            n.vendor, n.open, n.on_order, n.short, n.orders, n.need_by
        FROM item_need n
        LEFT JOIN item i ON i.tenant_id = $1 AND i.item_id = n.item_id
        WHERE n.tenant_id = $1 AND ($2::text IS NULL OR n.vendor = $2) AND (NOT $3 OR n.short > 0)
            AND ($4::text IS NULL OR (n.vendor, n.item_id) > ($4, $5))
        ORDER BY n.vendor, n.item_id
        LIMIT $6";
    let (after_vendor, after_item) = after.map_or((None, None), |(vendor, item)| (Some(vendor), Some(item)));
    let rows = tx
        .query_typed(
            ITEMS,
            &[
                (&tenant.0, Type::UUID),
                (&vendor, Type::TEXT),
                (&short, Type::BOOL),
                (&after_vendor, Type::TEXT),
                (&after_item, Type::TEXT),
                (&limit, Type::INT8),
            ],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ItemNeed {
                item: row.try_get("item_id")?,
                sku: row.try_get("sku")?,
                name: row.try_get("name")?,
                unit: row.try_get("unit")?,
                vendor: row.try_get("vendor")?,
                open: row.try_get("open")?,
                on_order: row.try_get("on_order")?,
                short: row.try_get("short")?,
                orders: row.try_get("orders")?,
                need_by: row.try_get("need_by")?,
            })
        })
        .collect()
}

/// Vendors that backorders may be bought from: id and name, by name.
pub async fn vendors(tx: &Transaction<'_>, tenant: TenantId, limit: i64) -> DbResult<Vec<(String, String)>> {
    const VENDORS: &str = "
        SELECT contact_id, name FROM contact
        WHERE tenant_id = $1 AND is_vendor AND NOT blocked ORDER BY name, contact_id LIMIT $2";
    let rows = tx.query_typed(VENDORS, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter().map(|row| Ok((row.try_get("contact_id")?, row.try_get("name")?))).collect()
}

/// Gives backorders to somebody (None: to nobody in particular); those that there are.
pub async fn assign(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
    to: Option<&str>,
) -> DbResult<u64> {
    const ASSIGN: &str = "
        UPDATE backorder b SET assigned_to = $4, owner = COALESCE($4, d.owner_email)
        FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN sales_document d ON d.tenant_id = $1 AND d.kind = wanted.kind AND d.document_id = wanted.document_id
        WHERE b.tenant_id = $1 AND b.kind = d.kind AND b.document_id = d.document_id";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    Ok(tx
        .execute_typed(
            ASSIGN,
            &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY), (&to, Type::TEXT)],
        )
        .await?)
}
