//! Intents: the writes to a host that must happen exactly once (trust.md section 3).
//!
//! Invariants: the payload is frozen with its hash when the intent is planned; `sending` is committed before the
//! first byte leaves; every move guards itself by the state that it leaves and by the fence of the claim.

use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::lease::Due;
use super::{DbResult, all, changed_document, one, reference, to_json};
use crate::domain::ids::{DocumentRef, IntentId, TenantId};
use crate::domain::proposal::PurchaseOption;
use crate::domain::purchase_order::PurchaseOrder;

/// An intent to be kept.
#[derive(Debug, Clone)]
pub struct NewIntent<'a> {
    pub id: IntentId,
    /// create | change
    pub action: &'static str,
    pub marker: &'a str,
    pub payload: &'a Value,
    pub payload_hash: &'a [u8],
    pub issue: bool,
    /// The first document that it is for: one write in flight per document.
    pub document: &'a DocumentRef,
    /// For a change: the purchase order.
    pub purchase_order: Option<&'a str>,
    pub made_by: &'a str,
}

/// Keeps an intent, due at once.
pub async fn insert(tx: &Transaction<'_>, tenant: TenantId, intent: &NewIntent<'_>, now: Timestamp) -> DbResult<()> {
    const INSERT: &str = "
        INSERT INTO intent (tenant_id, intent_id, action, marker, state, payload, payload_hash, issue, kind,
            document_id, purchase_order_id, made_by, due_at, created_at, changed_at, traceparent)
        VALUES ($1, $2, $3, $4, 'planned', $5, $6, $7, $8, $9, $10, $11, $12, $12, $12,
            NULLIF(current_setting('app.traceparent', true), ''))";
    let rows = tx
        .execute_typed(
            INSERT,
            &[
                (&tenant.0, Type::UUID),
                (&intent.id.0, Type::UUID),
                (&intent.action, Type::TEXT),
                (&intent.marker, Type::TEXT),
                (&intent.payload, Type::JSONB),
                (&intent.payload_hash, Type::BYTEA),
                (&intent.issue, Type::BOOL),
                (&intent.document.kind.as_str(), Type::TEXT),
                (&intent.document.id, Type::TEXT),
                (&intent.purchase_order, Type::TEXT),
                (&intent.made_by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the intent")
}

/// Keeps the lines and pegs of a purchase order to be made: from now on they are supply.
pub async fn insert_lines(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: IntentId,
    option: &PurchaseOption,
) -> DbResult<()> {
    const LINES: &str = "
        INSERT INTO intent_line (tenant_id, intent_id, line_no, item_id, warehouse_id, stock_quantity, expected, why)
        SELECT $1, $2, line_no, line ->> 'item', $4, (line ->> 'stock_quantity')::numeric, (line ->> 'expected')::date,
            line ->> 'why'
        FROM jsonb_array_elements($3) WITH ORDINALITY AS l (line, line_no)";
    const PEGS: &str = "
        INSERT INTO peg (tenant_id, intent_id, line_no, kind, document_id, line_id, component, quantity, wanted)
        SELECT $1, $2, line_no, peg -> 'document' ->> 'kind', peg -> 'document' ->> 'id', peg ->> 'line',
            peg ->> 'component', sum((peg ->> 'quantity')::numeric), max((peg ->> 'wanted')::numeric)
        FROM jsonb_array_elements($3) WITH ORDINALITY AS l (line, line_no)
        CROSS JOIN LATERAL jsonb_array_elements(line -> 'pegs') AS p (peg)
        GROUP BY 3, 4, 5, 6, 7";
    let lines = to_json(&option.lines);
    let rows = tx
        .execute_typed(
            LINES,
            &[(&tenant.0, Type::UUID), (&id.0, Type::UUID), (&lines, Type::JSONB), (&option.warehouse, Type::TEXT)],
        )
        .await?;
    all(rows, option.lines.len(), "the lines of the intent")?;
    tx.execute_typed(PEGS, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID), (&lines, Type::JSONB)]).await?;
    Ok(())
}

/// An intent that this worker may act on until the lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    pub tenant: TenantId,
    pub id: IntentId,
    pub fence: i64,
    pub attempt: i32,
}

/// Claims intents that are due, of documents that have no other write in flight and of tenants that are not busy: of
/// one document the one that is due first.
pub async fn claim(tx: &Transaction<'_>, due: &Due<'_>) -> DbResult<Vec<Claim>> {
    const CLAIM: &str = "
        WITH due AS (
            SELECT tenant_id, intent_id FROM intent AS i
            WHERE state IN ('planned', 'sending', 'unknown', 'created')
                AND due_at <= $1 AND (lease_until IS NULL OR lease_until < $1)
                AND tenant_id <> ALL($4)
                AND NOT EXISTS (SELECT FROM intent AS other
                    WHERE other.tenant_id = i.tenant_id AND other.kind = i.kind AND other.document_id = i.document_id
                        AND other.intent_id <> i.intent_id
                        AND (other.lease_until >= $1
                            OR (other.state IN ('planned', 'sending', 'unknown', 'created')
                                AND (other.due_at, other.intent_id) < (i.due_at, i.intent_id))))
                AND NOT EXISTS (SELECT FROM tenant t WHERE t.tenant_id = i.tenant_id AND t.paused)
                AND NOT EXISTS (SELECT FROM connection n WHERE n.tenant_id = i.tenant_id AND n.state <> 'connected')
            ORDER BY due_at
            LIMIT $3
            FOR UPDATE SKIP LOCKED
        )
        UPDATE intent AS i
        SET lease_until = $2, fence = i.fence + 1, attempt = i.attempt + 1
        FROM due
        WHERE i.tenant_id = due.tenant_id AND i.intent_id = due.intent_id
        RETURNING i.tenant_id, i.intent_id, i.fence, i.attempt";
    let rows = due.claim(tx, CLAIM).await?;
    rows.iter()
        .map(|row| {
            Ok(Claim {
                tenant: TenantId(row.try_get("tenant_id")?),
                id: IntentId(row.try_get("intent_id")?),
                fence: row.try_get("fence")?,
                attempt: row.try_get("attempt")?,
            })
        })
        .collect()
}

/// An intent as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredIntent {
    pub id: IntentId,
    pub action: String,
    pub marker: String,
    /// planned | sending | unknown | created | confirmed | rejected | `needs_human` | cancelled
    pub state: String,
    pub payload: Value,
    pub payload_hash: Vec<u8>,
    pub issue: bool,
    pub document: DocumentRef,
    pub purchase_order: Option<String>,
    pub purchase_order_number: Option<String>,
    pub made_by: String,
    pub sent_at: Option<Timestamp>,
    /// How often it was sent.
    pub sends: i32,
    pub quarantine_until: Option<Timestamp>,
    pub last_error: Option<String>,
    pub created_at: Timestamp,
    /// Of the delivery that it goes back to.
    pub traceparent: Option<String>,
}

fn stored(row: &Row) -> DbResult<StoredIntent> {
    Ok(StoredIntent {
        id: IntentId(row.try_get("intent_id")?),
        action: row.try_get("action")?,
        marker: row.try_get("marker")?,
        state: row.try_get("state")?,
        payload: row.try_get("payload")?,
        payload_hash: row.try_get("payload_hash")?,
        issue: row.try_get("issue")?,
        document: reference(row, "intent")?,
        purchase_order: row.try_get("purchase_order_id")?,
        purchase_order_number: row.try_get("purchase_order_number")?,
        made_by: row.try_get("made_by")?,
        sent_at: row.try_get("sent_at")?,
        sends: row.try_get("sends")?,
        quarantine_until: row.try_get("quarantine_until")?,
        last_error: row.try_get("last_error")?,
        created_at: row.try_get("created_at")?,
        traceparent: row.try_get("traceparent")?,
    })
}

/// One intent.
pub async fn find(tx: &Transaction<'_>, tenant: TenantId, id: IntentId) -> DbResult<Option<StoredIntent>> {
    const FIND: &str = "SELECT * FROM intent WHERE tenant_id = $1 AND intent_id = $2";
    tx.query_typed_opt(FIND, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID)]).await?.as_ref().map(stored).transpose()
}

/// Intents that were raised for a document, oldest first.
pub async fn of_document(
    tx: &Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
) -> DbResult<Vec<StoredIntent>> {
    const OF: &str = "
        SELECT i.* FROM intent i
        WHERE i.tenant_id = $1 AND i.intent_id IN (
            SELECT intent_id FROM peg WHERE tenant_id = $1 AND kind = $2 AND document_id = $3)
        ORDER BY i.created_at, i.intent_id";
    let rows = tx
        .query_typed(OF, &[(&tenant.0, Type::UUID), (&document.kind.as_str(), Type::TEXT), (&document.id, Type::TEXT)])
        .await?;
    rows.iter().map(stored).collect()
}

/// How many purchase orders were decided since a time (the daily cap).
pub async fn count_since(tx: &Transaction<'_>, tenant: TenantId, since: Timestamp) -> DbResult<i64> {
    const COUNT: &str = "
        SELECT count(*) AS made FROM intent WHERE tenant_id = $1 AND action = 'create' AND created_at >= $2";
    let row = tx.query_typed_one(COUNT, &[(&tenant.0, Type::UUID), (&since, Type::TIMESTAMPTZ)]).await?;
    Ok(row.try_get("made")?)
}

/// What was decided to be bought since a time, by currency, where prices are known (the daily cap).
pub async fn totals_since(
    tx: &Transaction<'_>,
    tenant: TenantId,
    since: Timestamp,
) -> DbResult<Vec<(Option<String>, Decimal)>> {
    const TOTALS: &str = "
        SELECT i.payload ->> 'currency' AS currency,
            sum((line ->> 'quantity')::numeric * COALESCE((line ->> 'unit_price')::numeric, 0)) AS total
        FROM intent i
        CROSS JOIN LATERAL jsonb_array_elements(i.payload -> 'lines') AS l (line)
        WHERE i.tenant_id = $1 AND i.action = 'create' AND i.created_at >= $2 AND i.state NOT IN ('rejected', 'cancelled')
        GROUP BY 1";
    let rows = tx.query_typed(TOTALS, &[(&tenant.0, Type::UUID), (&since, Type::TIMESTAMPTZ)]).await?;
    rows.iter().map(|row| Ok((row.try_get("currency")?, row.try_get("total")?))).collect()
}

/// The next state of an intent, written by the worker that holds its lease.
#[derive(Debug, Clone)]
pub struct Move<'a> {
    pub from: &'a str,
    pub to: &'a str,
    /// When it is looked at next; None: never.
    pub due_at: Option<Timestamp>,
    pub sent_at: Option<Timestamp>,
    pub quarantine_until: Option<Timestamp>,
    pub error: Option<&'a str>,
    /// Until when the lease goes on; None: it is given back.
    pub lease_until: Option<Timestamp>,
}

/// Moves an intent on. Fails when it is no longer in `from`, or another worker has taken it over.
///
/// Tries are counted anew where it comes further: what a look-up waits after its first failure does not depend on how
/// often was sent before.
pub async fn move_on(tx: &Transaction<'_>, claim: &Claim, next: &Move<'_>, now: Timestamp) -> DbResult<()> {
    const MOVE: &str = "
        UPDATE intent
        SET state = $5, due_at = COALESCE($6, 'infinity'), sent_at = COALESCE($7, sent_at), quarantine_until = $8,
            last_error = $9, lease_until = $10, changed_at = $11,
            -- what certainly did nothing does not count
            sends = sends + CASE WHEN $5 = 'sending' THEN 1 WHEN $4 = 'sending' AND $5 = 'planned' THEN -1 ELSE 0 END,
            attempt = CASE WHEN $4 = $5 OR $5 = 'sending' OR ($4 = 'sending' AND $5 = 'planned') THEN attempt ELSE 0 END
        WHERE tenant_id = $1 AND intent_id = $2 AND fence = $3 AND state = $4";
    let rows = tx
        .execute_typed(
            MOVE,
            &[
                (&claim.tenant.0, Type::UUID),
                (&claim.id.0, Type::UUID),
                (&claim.fence, Type::INT8),
                (&next.from, Type::TEXT),
                (&next.to, Type::TEXT),
                (&next.due_at, Type::TIMESTAMPTZ),
                (&next.sent_at, Type::TIMESTAMPTZ),
                (&next.quarantine_until, Type::TIMESTAMPTZ),
                (&next.error, Type::TEXT),
                (&next.lease_until, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the intent")
}

/// Has the documents read again that an intent is for, as far as they were read before `since` or have changed. False: all
/// stand as they are.
pub async fn read_again(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: IntentId,
    since: Timestamp,
    now: Timestamp,
) -> DbResult<bool> {
    const OLD: &str = "
        SELECT d.kind, d.document_id FROM sales_document d
        LEFT JOIN changed_document c USING (tenant_id, kind, document_id)
        WHERE d.tenant_id = $1
            AND (d.kind, d.document_id) IN (SELECT kind, document_id FROM peg WHERE tenant_id = $1 AND intent_id = $2)
            AND (d.read_at < $3 OR c.seen_seq < c.changed_seq)";
    let rows =
        tx.query_typed(OLD, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID), (&since, Type::TIMESTAMPTZ)]).await?;
    let old: Vec<_> =
        rows.iter().map(|row| Ok((tenant, reference(row, "sales_document")?))).collect::<DbResult<_>>()?;
    changed_document::mark_missed(tx, &old, now).await?;
    Ok(!old.is_empty())
}

/// Takes purchase orders back that were decided and are not on their way: they are no supply any more. A worker that holds one
/// can no longer begin to send it. Gives the document and the marker of each.
pub async fn withdraw(
    tx: &Transaction<'_>,
    tenant: TenantId,
    ids: &[Uuid],
    why: &str,
    now: Timestamp,
) -> DbResult<Vec<(DocumentRef, String)>> {
    const WITHDRAW: &str = "
        UPDATE intent SET state = 'cancelled', due_at = 'infinity', lease_until = NULL, last_error = $4, changed_at = $3
        WHERE tenant_id = $1 AND intent_id = ANY($2) AND action = 'create' AND state = 'planned'
        RETURNING kind, document_id, marker";
    let rows = tx
        .query_typed(
            WITHDRAW,
            &[(&tenant.0, Type::UUID), (&ids, Type::UUID_ARRAY), (&now, Type::TIMESTAMPTZ), (&why, Type::TEXT)],
        )
        .await?;
    rows.iter().map(|row| Ok((reference(row, "intent")?, row.try_get("marker")?))).collect()
}

/// Ties an intent to the purchase order that the host made: its id, and line by line in order per item.
pub async fn bind(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: IntentId,
    order: &PurchaseOrder,
    fingerprint: &str,
) -> DbResult<()> {
    const HEAD: &str = "
        UPDATE intent SET purchase_order_id = $3, purchase_order_number = $4, made_fingerprint = $5
        WHERE tenant_id = $1 AND intent_id = $2";
    const LINES: &str = "
        UPDATE intent_line AS l SET host_line_id = made.line_id
        FROM (SELECT line_id, item_id, row_number() OVER (PARTITION BY item_id ORDER BY position) AS nth
              FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS m (line_id, item_id, position)) AS made,
             (SELECT line_no, item_id, row_number() OVER (PARTITION BY item_id ORDER BY line_no) AS nth
              FROM intent_line WHERE tenant_id = $1 AND intent_id = $2) AS ours
        WHERE l.tenant_id = $1 AND l.intent_id = $2 AND l.line_no = ours.line_no
            AND made.item_id = ours.item_id AND made.nth = ours.nth";
    let lines: Vec<_> = order.lines.iter().map(|line| line.id.as_str()).collect();
    let items: Vec<_> = order.lines.iter().map(|line| line.item.as_str()).collect();
    let rows = tx
        .execute_typed(
            HEAD,
            &[
                (&tenant.0, Type::UUID),
                (&id.0, Type::UUID),
                (&order.id, Type::TEXT),
                (&order.number, Type::TEXT),
                (&fingerprint, Type::TEXT),
            ],
        )
        .await?;
    one(rows, "the intent")?;
    tx.execute_typed(
        LINES,
        &[(&tenant.0, Type::UUID), (&id.0, Type::UUID), (&lines, Type::TEXT_ARRAY), (&items, Type::TEXT_ARRAY)],
    )
    .await?;
    Ok(())
}

/// A purchase order line of ours that was raised for a sales line.
#[derive(Debug, Clone, PartialEq)]
pub struct PurchaseOrderFor {
    pub document: DocumentRef,
    /// The sales line.
    pub line: String,
    /// The host's id and number of the purchase order.
    pub id: String,
    pub number: String,
    pub drop_ship: bool,
    /// Received on the line so far, in stock units.
    pub received: Decimal,
}

/// The purchase orders in the host that were raised for these documents, and are still there.
pub async fn purchase_orders_for(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
) -> DbResult<Vec<PurchaseOrderFor>> {
    const FOR: &str = "
        SELECT g.kind, g.document_id, g.line_id, p.purchase_order_id, p.number, p.drop_ship,
            COALESCE(sum(pl.received), 0) AS received
        FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN peg g ON g.tenant_id = $1 AND g.kind = wanted.kind AND g.document_id = wanted.document_id
        JOIN intent i ON i.tenant_id = $1 AND i.intent_id = g.intent_id
        JOIN intent_line l ON l.tenant_id = $1 AND l.intent_id = g.intent_id AND l.line_no = g.line_no
        JOIN purchase_order p ON p.tenant_id = $1 AND p.purchase_order_id = i.purchase_order_id
        LEFT JOIN purchase_line pl ON pl.tenant_id = $1 AND pl.purchase_order_id = p.purchase_order_id
            AND pl.line_id = l.host_line_id
        WHERE NOT p.gone AND p.state <> 'cancelled'
        GROUP BY g.kind, g.document_id, g.line_id, p.purchase_order_id, p.number, p.drop_ship
        ORDER BY p.purchase_order_id, g.line_id";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows =
        tx.query_typed(FOR, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            Ok(PurchaseOrderFor {
                document: reference(row, "peg")?,
                line: row.try_get("line_id")?,
                id: row.try_get("purchase_order_id")?,
                number: row.try_get("number")?,
                drop_ship: row.try_get("drop_ship")?,
                received: row.try_get("received")?,
            })
        })
        .collect()
}

/// The intent that made a purchase order, if it is ours.
pub async fn maker_of(tx: &Transaction<'_>, tenant: TenantId, purchase_order: &str) -> DbResult<Option<IntentId>> {
    const MAKER: &str = "
        SELECT intent_id FROM intent WHERE tenant_id = $1 AND purchase_order_id = $2 AND action = 'create'";
    let row = tx.query_typed_opt(MAKER, &[(&tenant.0, Type::UUID), (&purchase_order, Type::TEXT)]).await?;
    row.map(|row| Ok(IntentId(row.try_get("intent_id")?))).transpose()
}

/// The sales documents that an intent was raised for.
pub async fn documents_of(tx: &Transaction<'_>, tenant: TenantId, id: IntentId) -> DbResult<Vec<DocumentRef>> {
    const OF: &str = "
        SELECT DISTINCT kind, document_id FROM peg WHERE tenant_id = $1 AND intent_id = $2 ORDER BY kind, document_id";
    let rows = tx.query_typed(OF, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID)]).await?;
    rows.iter().map(|row| reference(row, "peg")).collect()
}
