//! What a replan reads: all open demand, supply, stock and vendors of some items, in a fixed number of queries.
//!
//! Invariant: nothing here decides; [`crate::worker::snapshot`] makes the planner's snapshot from these rows.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::{DbError, DbResult, json, reference};
use crate::domain::ids::{DocumentRef, IntentId, TenantId};
use crate::domain::purchase_order::PurchaseState;
use crate::domain::sales_document::{DocumentStatus, Party, SalesDocument, SalesLine};

/// The items that must be planned together with these: whatever shares a kit with them, to the end.
pub async fn closure(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<String>> {
    const CLOSURE: &str = "
        WITH RECURSIVE together (item_id) AS (
            SELECT unnest($2::text[])
            UNION
            SELECT next.item_id
            FROM together t
            CROSS JOIN LATERAL (
                SELECT c.component_id FROM item_component c WHERE c.tenant_id = $1 AND c.item_id = t.item_id
                UNION
                SELECT k.item_id FROM item_component k WHERE k.tenant_id = $1 AND k.component_id = t.item_id
                UNION
                -- what is asked for in one proposal is planned together, or a part of it would be lost
                SELECT other.item_id FROM proposal_demand d
                JOIN proposal p ON p.tenant_id = $1 AND p.proposal_id = d.proposal_id AND p.state IN ('watched', 'asked')
                JOIN proposal_demand other ON other.tenant_id = $1 AND other.proposal_id = d.proposal_id
                WHERE d.tenant_id = $1 AND d.item_id = t.item_id
            ) AS next (item_id)
        )
        SELECT item_id FROM together ORDER BY item_id";
    let rows = tx.query_typed(CLOSURE, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(|row| Ok(row.try_get("item_id")?)).collect()
}

/// A sales document with those of its lines that are of the items asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct DemandRow {
    pub document: SalesDocument,
    pub read_at: Timestamp,
}

/// Sales documents with a line of these items, that are open or that we have a backorder of.
pub async fn demand(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<DemandRow>> {
    const DEMAND: &str = "
        SELECT d.*, l.line_id, l.item_id, l.description, l.warehouse_id, l.ordered, l.fulfilled, l.closed,
            l.need_by AS line_need_by, COALESCE(c.drop_ship, l.drop_ship) AS drop_ship,
            -- a person's choice before what the host says
            COALESCE(c.vendor_id, l.vendor_id) AS vendor_id, l.tracked, l.counted_elsewhere, l.unit_price
        FROM sales_line l
        JOIN sales_document d USING (tenant_id, kind, document_id)
        LEFT JOIN line_choice c USING (tenant_id, kind, document_id, line_id)
        WHERE l.tenant_id = $1 AND l.item_id = ANY($2)
            AND (d.status = 'open' OR EXISTS (SELECT FROM backorder b
                WHERE b.tenant_id = $1 AND b.kind = d.kind AND b.document_id = d.document_id
                    AND b.state NOT IN ('delivered', 'cancelled')))
        ORDER BY d.kind, d.document_id, l.position";
    let rows = tx.query_typed(DEMAND, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    let mut demand: Vec<DemandRow> = Vec::new();
    for row in &rows {
        let reference = reference(row, "sales_document")?;
        if demand.last().is_none_or(|last| last.document.reference != reference) {
            demand.push(DemandRow { document: head(row, reference)?, read_at: row.try_get("read_at")? });
        }
        if let Some(last) = demand.last_mut() {
            last.document.lines.push(line(row)?);
        }
    }
    Ok(demand)
}

/// The newest sales documents that are or were open, newest first.
pub async fn latest(tx: &Transaction<'_>, tenant: TenantId, limit: i64) -> DbResult<Vec<DocumentRef>> {
    const LATEST: &str = "
        SELECT kind, document_id FROM sales_document
        WHERE tenant_id = $1 AND status IN ('open', 'closed')
        ORDER BY document_date DESC, kind, document_id LIMIT $2";
    let rows = tx.query_typed(LATEST, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter().map(|row| reference(row, "sales_document")).collect()
}

/// Whole sales documents.
pub async fn documents(
    tx: &Transaction<'_>,
    tenant: TenantId,
    references: &[DocumentRef],
) -> DbResult<Vec<SalesDocument>> {
    const WHOLE: &str = "
        SELECT d.*, l.line_id, l.item_id, l.description, l.warehouse_id, l.ordered, l.fulfilled, l.closed,
            l.need_by AS line_need_by, l.drop_ship, l.vendor_id, l.tracked, l.counted_elsewhere, l.unit_price
        FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN sales_document d ON d.tenant_id = $1 AND d.kind = wanted.kind AND d.document_id = wanted.document_id
        LEFT JOIN sales_line l ON l.tenant_id = $1 AND l.kind = d.kind AND l.document_id = d.document_id
        ORDER BY d.kind, d.document_id, l.position";
    let kinds: Vec<_> = references.iter().map(|reference| reference.kind.as_str()).collect();
    let ids: Vec<_> = references.iter().map(|reference| reference.id.as_str()).collect();
    let rows =
        tx.query_typed(WHOLE, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    let mut documents: Vec<SalesDocument> = Vec::new();
    for row in &rows {
        let reference = reference(row, "sales_document")?;
        if documents.last().is_none_or(|last| last.reference != reference) {
            documents.push(head(row, reference)?);
        }
        if row.try_get::<_, Option<String>>("line_id")?.is_some()
            && let Some(last) = documents.last_mut()
        {
            last.lines.push(line(row)?);
        }
    }
    Ok(documents)
}

fn head(row: &Row, reference: DocumentRef) -> DbResult<SalesDocument> {
    let status: String = row.try_get("status")?;
    Ok(SalesDocument {
        reference,
        number: row.try_get("number")?,
        status: DocumentStatus::parse(&status).ok_or(DbError::Inconsistent {
            table: "sales_document",
            column: "status",
            detail: status,
        })?,
        host_status: row.try_get("host_status")?,
        date: row.try_get("document_date")?,
        need_by: row.try_get("need_by")?,
        priority: row.try_get("priority")?,
        customer: Party { id: row.try_get("customer_id")?, name: row.try_get("customer_name")? },
        ship_to: json(row.try_get::<_, Value>("ship_to")?, "sales_document", "ship_to")?,
        currency: row.try_get("currency")?,
        owner_email: row.try_get("owner_email")?,
        ship_policy: row.try_get("ship_policy")?,
        min_shipment: row.try_get("min_shipment")?,
        backorder_flag: row.try_get("backorder_flag")?,
        backorder_text: row.try_get("backorder_text")?,
        url: row.try_get("url")?,
        lines: Vec::new(),
    })
}

fn line(row: &Row) -> DbResult<SalesLine> {
    Ok(SalesLine {
        id: row.try_get("line_id")?,
        item: row.try_get("item_id")?,
        description: row.try_get("description")?,
        warehouse: row.try_get("warehouse_id")?,
        ordered: row.try_get("ordered")?,
        fulfilled: row.try_get("fulfilled")?,
        closed: row.try_get("closed")?,
        need_by: row.try_get("line_need_by")?,
        drop_ship: row.try_get("drop_ship")?,
        vendor: row.try_get("vendor_id")?,
        tracked: row.try_get("tracked")?,
        counted_elsewhere: row.try_get("counted_elsewhere")?,
        unit_price: row.try_get("unit_price")?,
    })
}

/// A purchase order line of the host, with what it has to do with us.
#[expect(clippy::struct_excessive_bools, reason = "each is a column, and any of them may hold with any other")]
#[derive(Debug, Clone, PartialEq)]
pub struct SupplyRow {
    pub purchase_order: String,
    pub number: String,
    pub line: String,
    pub state: PurchaseState,
    pub gone: bool,
    pub vendor: String,
    pub item: String,
    pub warehouse: Option<String>,
    pub drop_ship: bool,
    pub ordered: Decimal,
    pub received: Decimal,
    pub closed: Decimal,
    pub due: Option<Date>,
    /// The intent that made it, and its line there.
    pub intent: Option<(IntentId, i32)>,
    /// It carries a marker of ours, even if we have forgotten the intent (a restored backup).
    pub marked: bool,
    pub edited: bool,
    /// A draft that we are about to issue.
    pub issuing: bool,
}

/// Purchase order lines of these items: the open ones, what the host ordered for open sales, and all of ours.
pub async fn supply(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<SupplyRow>> {
    const SUPPLY: &str = "
        SELECT p.purchase_order_id, p.number, l.line_id, p.state, p.gone, p.vendor_id, l.item_id, l.warehouse_id,
            p.drop_ship, l.ordered, l.received, l.closed, l.due, i.intent_id, il.line_no,
            p.marker IS NOT NULL AS marked, COALESCE(i.made_fingerprint <> p.fingerprint, false) AS edited,
            COALESCE(i.issue AND i.state = 'created', false) AS issuing
        FROM purchase_line l
        JOIN purchase_order p USING (tenant_id, purchase_order_id)
        LEFT JOIN intent i ON i.tenant_id = $1 AND i.purchase_order_id = p.purchase_order_id AND i.action = 'create'
        LEFT JOIN intent_line il
            ON il.tenant_id = $1 AND il.intent_id = i.intent_id AND il.host_line_id = l.line_id
        WHERE l.tenant_id = $1 AND l.item_id = ANY($2)
            AND (i.intent_id IS NOT NULL OR (NOT p.gone AND p.state IN ('draft', 'confirmed'))
                -- what came of it is held for its sale
                OR (NOT p.gone AND p.state = 'received' AND EXISTS (SELECT FROM host_peg h
                    JOIN sales_document d ON d.tenant_id = $1 AND d.kind = h.kind AND d.document_id = h.document_id
                    WHERE h.tenant_id = $1 AND h.purchase_order_id = l.purchase_order_id AND h.line_id = l.line_id
                        AND d.status = 'open')))
        ORDER BY p.purchase_order_id, l.position";
    let rows = tx.query_typed(SUPPLY, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            let state: String = row.try_get("state")?;
            let intent: Option<Uuid> = row.try_get("intent_id")?;
            let line_no: Option<i32> = row.try_get("line_no")?;
            Ok(SupplyRow {
                purchase_order: row.try_get("purchase_order_id")?,
                number: row.try_get("number")?,
                line: row.try_get("line_id")?,
                state: PurchaseState::parse(&state).ok_or(DbError::Inconsistent {
                    table: "purchase_order",
                    column: "state",
                    detail: state,
                })?,
                gone: row.try_get("gone")?,
                vendor: row.try_get("vendor_id")?,
                item: row.try_get("item_id")?,
                warehouse: row.try_get("warehouse_id")?,
                drop_ship: row.try_get("drop_ship")?,
                ordered: row.try_get("ordered")?,
                received: row.try_get("received")?,
                closed: row.try_get("closed")?,
                due: row.try_get("due")?,
                // 0: the host has a line that we did not order
                intent: intent.map(|intent| (IntentId(intent), line_no.unwrap_or(0))),
                marked: row.try_get("marked")?,
                edited: row.try_get("edited")?,
                issuing: row.try_get("issuing")?,
            })
        })
        .collect()
}

/// A line of an intent whose purchase order the mirror does not have: planned, sending, unknown, or needs a person.
#[derive(Debug, Clone, PartialEq)]
pub struct IntentSupplyRow {
    pub intent: IntentId,
    pub line_no: i32,
    pub vendor: String,
    pub item: String,
    pub warehouse: Option<String>,
    pub drop_ship: bool,
    pub quantity: Decimal,
    pub expected: Option<Date>,
    /// The host refused it: it is no supply, and what it was for waits for a person.
    pub rejected: bool,
}

/// Lines of live intents that are not in the mirror: supply of ours, or a second run buys again.
pub async fn intent_supply(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<IntentSupplyRow>> {
    const SUPPLY: &str = "
        SELECT i.intent_id, l.line_no, i.payload -> 'vendor' ->> 'id' AS vendor_id, l.item_id, l.warehouse_id,
            COALESCE(i.payload -> 'ship_to', 'null') <> 'null' AS drop_ship, l.stock_quantity, l.expected,
            i.state = 'rejected' AS rejected
        FROM intent_line l
        JOIN intent i USING (tenant_id, intent_id)
        WHERE l.tenant_id = $1 AND l.item_id = ANY($2) AND i.action = 'create'
            AND i.state IN ('planned', 'sending', 'unknown', 'created', 'confirmed', 'needs_human', 'rejected')
            AND NOT EXISTS (SELECT FROM purchase_order p
                WHERE p.tenant_id = $1 AND p.purchase_order_id = i.purchase_order_id)
        ORDER BY i.created_at, i.intent_id, l.line_no";
    let rows = tx.query_typed(SUPPLY, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            Ok(IntentSupplyRow {
                intent: IntentId(row.try_get("intent_id")?),
                line_no: row.try_get("line_no")?,
                vendor: row.try_get("vendor_id")?,
                item: row.try_get("item_id")?,
                warehouse: row.try_get("warehouse_id")?,
                drop_ship: row.try_get("drop_ship")?,
                quantity: row.try_get("stock_quantity")?,
                expected: row.try_get("expected")?,
                rejected: row.try_get("rejected")?,
            })
        })
        .collect()
}

/// A peg of ours.
#[derive(Debug, Clone, PartialEq)]
pub struct PegRow {
    pub intent: IntentId,
    pub line_no: i32,
    pub document: DocumentRef,
    pub line: String,
    /// Empty unless the line is a kit.
    pub component: String,
    pub quantity: Decimal,
    pub wanted: Decimal,
}

/// The pegs of every line of ours of these items.
pub async fn pegs(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<PegRow>> {
    const PEGS: &str = "
        SELECT g.intent_id, g.line_no, g.kind, g.document_id, g.line_id, g.component, g.quantity, g.wanted
        FROM intent_line l
        JOIN peg g USING (tenant_id, intent_id, line_no)
        WHERE l.tenant_id = $1 AND l.item_id = ANY($2)
        ORDER BY g.intent_id, g.line_no, g.kind, g.document_id, g.line_id, g.component";
    let rows = tx.query_typed(PEGS, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            Ok(PegRow {
                intent: IntentId(row.try_get("intent_id")?),
                line_no: row.try_get("line_no")?,
                document: reference(row, "sales_document")?,
                line: row.try_get("line_id")?,
                component: row.try_get("component")?,
                quantity: row.try_get("quantity")?,
                wanted: row.try_get("wanted")?,
            })
        })
        .collect()
}

/// What the host itself ordered for a sales line.
#[derive(Debug, Clone, PartialEq)]
pub struct HostPegRow {
    pub purchase_order: String,
    pub line: String,
    pub document: DocumentRef,
    pub sales_line: String,
    pub quantity: Decimal,
}

/// What the host ordered of these items for sales, as far as the order or the sale is open.
pub async fn host_pegs(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<HostPegRow>> {
    const PEGS: &str = "
        SELECT h.purchase_order_id, h.line_id, h.kind, h.document_id, h.sales_line_id, h.quantity
        FROM purchase_line l
        JOIN host_peg h USING (tenant_id, purchase_order_id, line_id)
        JOIN purchase_order p USING (tenant_id, purchase_order_id)
        LEFT JOIN sales_document d ON d.tenant_id = $1 AND d.kind = h.kind AND d.document_id = h.document_id
        WHERE l.tenant_id = $1 AND l.item_id = ANY($2) AND NOT p.gone
            AND (p.state IN ('draft', 'confirmed') OR d.status = 'open')
        ORDER BY h.purchase_order_id, h.line_id, h.kind, h.document_id, h.sales_line_id";
    let rows = tx.query_typed(PEGS, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            Ok(HostPegRow {
                purchase_order: row.try_get("purchase_order_id")?,
                line: row.try_get("line_id")?,
                document: reference(row, "host_peg")?,
                sales_line: row.try_get("sales_line_id")?,
                quantity: row.try_get("quantity")?,
            })
        })
        .collect()
}

/// A quantity that a person decided not to buy.
#[derive(Debug, Clone, PartialEq)]
pub struct NotBoughtRow {
    pub document: DocumentRef,
    pub line: String,
    pub component: String,
    pub quantity: Decimal,
    pub reason: String,
}

/// Decisions not to buy that hold now, for documents with these items.
pub async fn not_bought(
    tx: &Transaction<'_>,
    tenant: TenantId,
    items: &[String],
    now: Timestamp,
) -> DbResult<Vec<NotBoughtRow>> {
    const NOT_BOUGHT: &str = "
        SELECT n.kind, n.document_id, n.line_id, n.component, n.quantity, n.reason
        FROM sales_line l
        JOIN not_bought n USING (tenant_id, kind, document_id, line_id)
        WHERE l.tenant_id = $1 AND l.item_id = ANY($2) AND (n.snoozed_until IS NULL OR n.snoozed_until > $3)";
    let rows = tx
        .query_typed(NOT_BOUGHT, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY), (&now, Type::TIMESTAMPTZ)])
        .await?;
    rows.iter().map(not_bought_row).collect()
}

/// Decisions not to buy that hold now, for these documents.
pub async fn not_bought_of(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
    now: Timestamp,
) -> DbResult<Vec<NotBoughtRow>> {
    const NOT_BOUGHT: &str = "
        SELECT n.kind, n.document_id, n.line_id, n.component, n.quantity, n.reason
        FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN not_bought n ON n.tenant_id = $1 AND n.kind = wanted.kind AND n.document_id = wanted.document_id
        WHERE n.snoozed_until IS NULL OR n.snoozed_until > $4";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows = tx
        .query_typed(
            NOT_BOUGHT,
            &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY), (&now, Type::TIMESTAMPTZ)],
        )
        .await?;
    rows.iter().map(not_bought_row).collect()
}

fn not_bought_row(row: &Row) -> DbResult<NotBoughtRow> {
    Ok(NotBoughtRow {
        document: reference(row, "sales_document")?,
        line: row.try_get("line_id")?,
        component: row.try_get("component")?,
        quantity: row.try_get("quantity")?,
        reason: row.try_get("reason")?,
    })
}
