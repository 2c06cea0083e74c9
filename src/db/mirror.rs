//! The mirror: what the host said last of its documents, items and stock.
//!
//! Invariants: a row never goes back to an older reading (`read_at` guards each write); a document's lines are
//! replaced whole with it; quantities pass as text and are exact.

use std::collections::HashSet;

use jiff::Timestamp;
use serde_json::json;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

use super::{DbResult, json as from_json, reference, to_json};
use crate::domain::ids::{DocumentRef, TenantId};
use crate::domain::purchase_order::PurchaseOrder;
use crate::domain::sales_document::{Party, SalesDocument};
use crate::domain::stock::{Warehouse, WarehouseUse};
use crate::domain::vendor::Contact;

/// Keeps a sales document as read at `read_at`. False: a newer reading is there already, nothing was written.
pub async fn put_sales_document(
    tx: &Transaction<'_>,
    tenant: TenantId,
    document: &SalesDocument,
    fingerprint: &str,
    read_at: Timestamp,
) -> DbResult<bool> {
    const HEAD: &str = "
        INSERT INTO sales_document AS d (tenant_id, kind, document_id, number, status, document_date, need_by, priority,
            customer_id, customer_name, ship_to, currency, owner_email, ship_policy, min_shipment, backorder_flag,
            backorder_text, url, host_status, fingerprint, read_at)
        SELECT $1, $2, $3, r.number, r.status, r.date, r.need_by, r.priority, r.customer ->> 'id',
            r.customer ->> 'name', r.ship_to, r.currency, r.owner_email, r.ship_policy, r.min_shipment,
            r.backorder_flag, r.backorder_text, r.url, r.host_status, $5, $6
        FROM jsonb_to_record($4) AS r (number text, status text, date date, need_by date, priority int, customer jsonb,
            ship_to jsonb, currency text, owner_email text, ship_policy text, min_shipment numeric,
            backorder_flag boolean, backorder_text text, url text, host_status text)
        ON CONFLICT (tenant_id, kind, document_id) DO UPDATE SET
            number = excluded.number, status = excluded.status, document_date = excluded.document_date,
            need_by = excluded.need_by, priority = excluded.priority, customer_id = excluded.customer_id,
            customer_name = excluded.customer_name, ship_to = excluded.ship_to, currency = excluded.currency,
            owner_email = excluded.owner_email, ship_policy = excluded.ship_policy,
            min_shipment = excluded.min_shipment, backorder_flag = excluded.backorder_flag,
            backorder_text = excluded.backorder_text, url = excluded.url, host_status = excluded.host_status,
            fingerprint = excluded.fingerprint, read_at = excluded.read_at
        WHERE d.read_at <= excluded.read_at";
    const CLEAR: &str = "DELETE FROM sales_line WHERE tenant_id = $1 AND kind = $2 AND document_id = $3";
    const LINES: &str = "
        INSERT INTO sales_line (tenant_id, kind, document_id, line_id, position, item_id, description, warehouse_id,
            ordered, fulfilled, closed, need_by, drop_ship, vendor_id, tracked, counted_elsewhere, unit_price)
        SELECT $1, $2, $3, line ->> 'id', position, line ->> 'item', line ->> 'description', line ->> 'warehouse',
            (line ->> 'ordered')::numeric, (line ->> 'fulfilled')::numeric, (line ->> 'closed')::numeric,
            (line ->> 'need_by')::date, (line ->> 'drop_ship')::boolean, line ->> 'vendor',
            (line ->> 'tracked')::boolean, (line ->> 'counted_elsewhere')::boolean, (line ->> 'unit_price')::numeric
        FROM jsonb_array_elements($4) WITH ORDINALITY AS l (line, position)";
    let body = to_json(document);
    let lines = body.get("lines").cloned().unwrap_or_else(|| json!([]));
    let kind = document.reference.kind.as_str();
    let id = &document.reference.id;
    let key: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] =
        [(&tenant.0, Type::UUID), (&kind, Type::TEXT), (id, Type::TEXT)];
    let written = tx
        .execute_typed(
            HEAD,
            &[
                key[0].clone(),
                key[1].clone(),
                key[2].clone(),
                (&body, Type::JSONB),
                (&fingerprint, Type::TEXT),
                (&read_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    if written == 0 {
        return Ok(false);
    }
    tx.execute_typed(CLEAR, &key).await?;
    tx.execute_typed(LINES, &[key[0].clone(), key[1].clone(), key[2].clone(), (&lines, Type::JSONB)]).await?;
    Ok(true)
}

/// A sales document that the host no longer has: its lines are gone, it counts as cancelled. False if we never had it.
pub async fn forget_sales_document(
    tx: &Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
    read_at: Timestamp,
) -> DbResult<bool> {
    const CANCEL: &str = "
        UPDATE sales_document SET status = 'cancelled', fingerprint = 'gone', read_at = $4
        WHERE tenant_id = $1 AND kind = $2 AND document_id = $3 AND read_at <= $4";
    let kind = document.kind.as_str();
    let rows = tx
        .execute_typed(
            CANCEL,
            &[(&tenant.0, Type::UUID), (&kind, Type::TEXT), (&document.id, Type::TEXT), (&read_at, Type::TIMESTAMPTZ)],
        )
        .await?;
    Ok(rows == 1)
}

/// Open sales documents that have one of these statuses in the host, whatever its capitals.
pub async fn with_host_status(
    tx: &Transaction<'_>,
    tenant: TenantId,
    statuses: &[String],
) -> DbResult<Vec<DocumentRef>> {
    const WITH: &str = "
        SELECT kind, document_id FROM sales_document
        WHERE tenant_id = $1 AND status = 'open' AND lower(host_status) = ANY($2)";
    let statuses: Vec<String> = statuses.iter().map(|status| status.to_lowercase()).collect();
    let rows = tx.query_typed(WITH, &[(&tenant.0, Type::UUID), (&statuses, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(|row| reference(row, "sales_document")).collect()
}

/// The items on these documents' lines as the mirror has them (before a new reading replaces them).
pub async fn items_of_all(tx: &Transaction<'_>, tenant: TenantId, documents: &[DocumentRef]) -> DbResult<Vec<String>> {
    const ITEMS: &str = "
        SELECT DISTINCT item_id FROM (
            SELECT l.item_id FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
            JOIN sales_line l ON l.tenant_id = $1 AND l.kind = wanted.kind AND l.document_id = wanted.document_id
            UNION ALL
            SELECT l.item_id FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
            JOIN purchase_line l ON l.tenant_id = $1 AND l.purchase_order_id = wanted.document_id
            WHERE wanted.kind = 'purchase_order'
        ) AS lines (item_id)
        WHERE item_id <> ''";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows =
        tx.query_typed(ITEMS, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(|row| Ok(row.try_get("item_id")?)).collect()
}

/// Keeps a purchase order as read at `read_at`. False: a newer reading is there already. Goods of it that have come in
/// count as a change of stock, also where the stock is the same again: they may have been delivered at once, and then
/// a sales document that was read before still wants them.
pub async fn put_purchase_order(
    tx: &Transaction<'_>,
    tenant: TenantId,
    order: &PurchaseOrder,
    fingerprint: &str,
    read_at: Timestamp,
) -> DbResult<bool> {
    const HEAD: &str = "
        INSERT INTO purchase_order AS p (tenant_id, purchase_order_id, number, state, vendor_id, vendor_name, marker,
            drop_ship, ship_to, currency, expected, url, fingerprint, gone, read_at)
        SELECT $1, $2, r.number, r.state, r.vendor ->> 'id', r.vendor ->> 'name', r.marker, r.drop_ship,
            NULLIF(r.ship_to, 'null'), r.currency, r.expected, r.url, $4, false, $5
        FROM jsonb_to_record($3) AS r (number text, state text, vendor jsonb, marker text, drop_ship boolean,
            ship_to jsonb, currency text, expected date, url text)
        ON CONFLICT (tenant_id, purchase_order_id) DO UPDATE SET
            number = excluded.number, state = excluded.state, vendor_id = excluded.vendor_id,
            vendor_name = excluded.vendor_name, marker = excluded.marker, drop_ship = excluded.drop_ship,
            ship_to = excluded.ship_to, currency = excluded.currency, expected = excluded.expected,
            url = excluded.url, fingerprint = excluded.fingerprint, gone = false, read_at = excluded.read_at
        WHERE p.read_at <= excluded.read_at";
    const ARRIVED: &str = "
        UPDATE item AS i SET stock_changed_at = $4
        FROM jsonb_array_elements($3) AS l (line)
        LEFT JOIN purchase_line p
            ON p.tenant_id = $1 AND p.purchase_order_id = $2 AND p.line_id = line ->> 'id'
        WHERE i.tenant_id = $1 AND i.item_id = line ->> 'item' AND i.stock_changed_at < $4
            AND (line ->> 'received')::numeric > COALESCE(p.received, 0)";
    const CLEAR: &str = "DELETE FROM purchase_line WHERE tenant_id = $1 AND purchase_order_id = $2";
    const LINES: &str = "
        INSERT INTO purchase_line (tenant_id, purchase_order_id, line_id, position, item_id, warehouse_id, ordered,
            received, closed, due, unit_price)
        SELECT $1, $2, line ->> 'id', position, line ->> 'item', line ->> 'warehouse', (line ->> 'ordered')::numeric,
            (line ->> 'received')::numeric, (line ->> 'closed')::numeric, (line ->> 'due')::date,
            (line ->> 'unit_price')::numeric
        FROM jsonb_array_elements($3) WITH ORDINALITY AS l (line, position)";
    const PEGS: &str = "
        INSERT INTO host_peg (tenant_id, purchase_order_id, line_id, kind, document_id, sales_line_id, quantity)
        SELECT $1, $2, line ->> 'id', peg #>> '{document,kind}', peg #>> '{document,id}', peg ->> 'line',
            (peg ->> 'quantity')::numeric
        FROM jsonb_array_elements($3) AS l (line)
        CROSS JOIN LATERAL jsonb_array_elements(line -> 'pegs') AS p (peg)";
    let body = to_json(order);
    let lines = body.get("lines").cloned().unwrap_or_else(|| json!([]));
    let written = tx
        .execute_typed(
            HEAD,
            &[
                (&tenant.0, Type::UUID),
                (&order.id, Type::TEXT),
                (&body, Type::JSONB),
                (&fingerprint, Type::TEXT),
                (&read_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    if written == 0 {
        return Ok(false);
    }
    let lines_key: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] =
        [(&tenant.0, Type::UUID), (&order.id, Type::TEXT), (&lines, Type::JSONB)];
    if !order.drop_ship {
        let [tenant, id, lines] = lines_key.clone();
        tx.execute_typed(ARRIVED, &[tenant, id, lines, (&read_at, Type::TIMESTAMPTZ)]).await?;
    }
    tx.execute_typed(CLEAR, &[(&tenant.0, Type::UUID), (&order.id, Type::TEXT)]).await?;
    tx.execute_typed(LINES, &lines_key).await?;
    if order.lines.iter().any(|line| !line.pegs.is_empty()) {
        tx.execute_typed(PEGS, &lines_key).await?;
    }
    Ok(true)
}

/// Of these purchase orders as just read, given as id and fingerprint, those that the mirror has
/// already, word for word, are only noted as read at
/// `read_at`. Gives their ids; the others must be put.
pub async fn keep_unchanged_purchase_orders(
    tx: &Transaction<'_>,
    tenant: TenantId,
    read: &[(&str, &str)],
    read_at: Timestamp,
) -> DbResult<HashSet<String>> {
    const KEEP: &str = "
        UPDATE purchase_order p SET read_at = $4
        FROM unnest($2::text[], $3::text[]) AS same (id, fingerprint)
        WHERE p.tenant_id = $1 AND p.purchase_order_id = same.id AND p.fingerprint = same.fingerprint
            AND NOT p.gone AND p.read_at <= $4
        RETURNING p.purchase_order_id";
    let ids: Vec<_> = read.iter().map(|(id, _)| *id).collect();
    let fingerprints: Vec<_> = read.iter().map(|(_, fingerprint)| *fingerprint).collect();
    let rows = tx
        .query_typed(
            KEEP,
            &[
                (&tenant.0, Type::UUID),
                (&ids, Type::TEXT_ARRAY),
                (&fingerprints, Type::TEXT_ARRAY),
                (&read_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    rows.iter().map(|row| Ok(row.try_get("purchase_order_id")?)).collect()
}

/// Purchase orders with these items that are open in the mirror and were last read before `read_at`.
pub async fn vanished_orders(
    tx: &Transaction<'_>,
    tenant: TenantId,
    items: &[String],
    read_at: Timestamp,
) -> DbResult<Vec<String>> {
    const VANISHED: &str = "
        SELECT DISTINCT p.purchase_order_id FROM purchase_line l
        JOIN purchase_order p USING (tenant_id, purchase_order_id)
        WHERE l.tenant_id = $1 AND l.item_id = ANY($2)
            AND NOT p.gone AND p.state IN ('draft', 'confirmed') AND p.read_at < $3";
    let rows = tx
        .query_typed(VANISHED, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY), (&read_at, Type::TIMESTAMPTZ)])
        .await?;
    rows.iter().map(|row| Ok(row.try_get("purchase_order_id")?)).collect()
}

/// A purchase order that the host no longer has. False if it was gone already or never there.
pub async fn forget_purchase_order(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: &str,
    read_at: Timestamp,
) -> DbResult<bool> {
    const GONE: &str = "
        UPDATE purchase_order SET gone = true, fingerprint = 'gone', read_at = $3
        WHERE tenant_id = $1 AND purchase_order_id = $2 AND NOT gone AND read_at <= $3";
    let rows =
        tx.execute_typed(GONE, &[(&tenant.0, Type::UUID), (&id, Type::TEXT), (&read_at, Type::TIMESTAMPTZ)]).await?;
    Ok(rows == 1)
}

/// A live purchase order that carries a mark of ours and that no intent is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkedOrder {
    pub id: String,
    pub number: String,
    pub vendor: Party,
    pub url: Option<String>,
    pub marker: String,
    pub is_draft: bool,
    /// An intent has the mark, but another purchase order.
    pub known: bool,
}

/// Live purchase orders with a mark of ours that are bound to no intent, and whose intent (if any) is not under way.
pub async fn unbound_marks(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<MarkedOrder>> {
    const UNBOUND: &str = "
        SELECT p.purchase_order_id, p.number, p.vendor_id, p.vendor_name, p.url, p.marker,
            p.state = 'draft' AS is_draft, i.intent_id IS NOT NULL AS known
        FROM purchase_order p
        LEFT JOIN intent i ON i.tenant_id = $1 AND i.marker = p.marker AND i.action = 'create'
        WHERE p.tenant_id = $1 AND p.marker IS NOT NULL AND NOT p.gone AND p.state IN ('draft', 'confirmed')
            AND i.purchase_order_id IS DISTINCT FROM p.purchase_order_id
            AND (i.intent_id IS NULL OR i.state NOT IN ('planned', 'sending', 'unknown'))
        ORDER BY p.purchase_order_id";
    let rows = tx.query_typed(UNBOUND, &[(&tenant.0, Type::UUID)]).await?;
    rows.iter()
        .map(|row| {
            Ok(MarkedOrder {
                id: row.try_get("purchase_order_id")?,
                number: row.try_get("number")?,
                vendor: Party { id: row.try_get("vendor_id")?, name: row.try_get("vendor_name")? },
                url: row.try_get("url")?,
                marker: row.try_get("marker")?,
                is_draft: row.try_get("is_draft")?,
                known: row.try_get("known")?,
            })
        })
        .collect()
}

/// Keeps a customer or vendor.
pub async fn put_contact(
    tx: &Transaction<'_>,
    tenant: TenantId,
    contact: &Contact,
    read_at: Timestamp,
) -> DbResult<()> {
    const PUT: &str = "
        INSERT INTO contact AS c (tenant_id, contact_id, name, email, language, is_vendor, is_customer, blocked,
            currency, address, read_at)
        SELECT $1, r.id, r.name, r.email, r.language, r.is_vendor, r.is_customer, r.blocked, r.currency, r.address, $3
        FROM jsonb_to_record($2) AS r (id text, name text, email text, language text, is_vendor boolean,
            is_customer boolean, blocked boolean, currency text, address jsonb)
        ON CONFLICT (tenant_id, contact_id) DO UPDATE SET
            name = excluded.name, email = excluded.email, language = excluded.language,
            is_vendor = excluded.is_vendor, is_customer = excluded.is_customer, blocked = excluded.blocked,
            currency = excluded.currency, address = excluded.address, read_at = excluded.read_at
        WHERE c.read_at <= excluded.read_at";
    tx.execute_typed(PUT, &[(&tenant.0, Type::UUID), (&to_json(contact), Type::JSONB), (&read_at, Type::TIMESTAMPTZ)])
        .await?;
    Ok(())
}

/// A contact that we have read before.
pub async fn contact(tx: &Transaction<'_>, tenant: TenantId, id: &str) -> DbResult<Option<Contact>> {
    const FIND: &str = "
        SELECT contact_id, name, email, language, is_vendor, is_customer, blocked, currency, address
        FROM contact WHERE tenant_id = $1 AND contact_id = $2";
    let row = tx.query_typed_opt(FIND, &[(&tenant.0, Type::UUID), (&id, Type::TEXT)]).await?;
    row.map(|row| contact_of(&row)).transpose()
}

pub(super) fn contact_of(row: &Row) -> DbResult<Contact> {
    Ok(Contact {
        id: row.try_get("contact_id")?,
        name: row.try_get("name")?,
        email: row.try_get("email")?,
        language: row.try_get("language")?,
        is_vendor: row.try_get("is_vendor")?,
        is_customer: row.try_get("is_customer")?,
        blocked: row.try_get("blocked")?,
        currency: row.try_get("currency")?,
        address: from_json(row.try_get("address")?, "contact", "address")?,
    })
}

/// Replaces the list of warehouses.
pub async fn put_warehouses(
    tx: &Transaction<'_>,
    tenant: TenantId,
    warehouses: &[Warehouse],
    read_at: Timestamp,
) -> DbResult<()> {
    const CLEAR: &str = "DELETE FROM warehouse WHERE tenant_id = $1";
    const PUT: &str = "
        INSERT INTO warehouse (tenant_id, warehouse_id, name, use_as, is_primary, read_at)
        SELECT $1, r.id, r.name, r.use_as, r.primary, $3
        FROM jsonb_to_recordset($2) AS r (id text, name text, use_as text, \"primary\" boolean)
        ON CONFLICT (tenant_id, warehouse_id) DO NOTHING";
    tx.execute_typed(CLEAR, &[(&tenant.0, Type::UUID)]).await?;
    tx.execute_typed(
        PUT,
        &[(&tenant.0, Type::UUID), (&to_json(&warehouses), Type::JSONB), (&read_at, Type::TIMESTAMPTZ)],
    )
    .await?;
    Ok(())
}

/// The warehouses that we know.
pub async fn warehouses(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<Warehouse>> {
    const ALL: &str = "
        SELECT warehouse_id, name, use_as, is_primary FROM warehouse WHERE tenant_id = $1 ORDER BY warehouse_id";
    let rows = tx.query_typed(ALL, &[(&tenant.0, Type::UUID)]).await?;
    rows.iter()
        .map(|row| {
            let use_as: String = row.try_get("use_as")?;
            Ok(Warehouse {
                id: row.try_get("warehouse_id")?,
                name: row.try_get("name")?,
                use_as: if use_as == "stock" { WarehouseUse::Stock } else { WarehouseUse::NotStock },
                primary: row.try_get("is_primary")?,
            })
        })
        .collect()
}
