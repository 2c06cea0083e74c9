//! Changes to what we already ordered: those that we make, and those that a person must decide (domain.md section 4).

use jiff::Timestamp;
use rust_decimal::Decimal;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

use super::{DbResult, reference, to_json};
use crate::domain::ids::TenantId;
use crate::domain::proposal::ProposedPeg;
use crate::domain::sales_document::Party;

/// Whether a change of this purchase order is planned or on its way.
pub async fn is_in_flight(tx: &Transaction<'_>, tenant: TenantId, purchase_order: &str) -> DbResult<bool> {
    const LIVE: &str = "
        SELECT EXISTS (SELECT FROM intent
            WHERE tenant_id = $1 AND purchase_order_id = $2 AND action = 'change'
                AND state IN ('planned', 'sending', 'unknown', 'needs_human')) AS live";
    let row = tx.query_typed_one(LIVE, &[(&tenant.0, Type::UUID), (&purchase_order, Type::TEXT)]).await?;
    Ok(row.try_get("live")?)
}

/// How many lines the mirror has of a purchase order.
pub async fn line_count(tx: &Transaction<'_>, tenant: TenantId, purchase_order: &str) -> DbResult<i64> {
    const COUNT: &str = "
        SELECT count(*) AS lines FROM purchase_line
        WHERE tenant_id = $1 AND purchase_order_id = $2 AND ordered > 0";
    let row = tx.query_typed_one(COUNT, &[(&tenant.0, Type::UUID), (&purchase_order, Type::TEXT)]).await?;
    Ok(row.try_get("lines")?)
}

/// Replaces the pegs of a purchase order line of ours; gives those that were there.
pub async fn replace_pegs(
    tx: &Transaction<'_>,
    tenant: TenantId,
    purchase_order: &str,
    line: &str,
    pegs: &[ProposedPeg],
) -> DbResult<Vec<ProposedPeg>> {
    const CLEAR: &str = "
        DELETE FROM peg g USING intent i, intent_line l
        WHERE g.tenant_id = $1 AND i.tenant_id = $1 AND l.tenant_id = $1
            AND i.purchase_order_id = $2 AND i.action = 'create' AND l.intent_id = i.intent_id AND l.host_line_id = $3
            AND g.intent_id = l.intent_id AND g.line_no = l.line_no
        RETURNING g.kind, g.document_id, g.line_id, g.component, g.quantity, g.wanted";
    const PUT: &str = "
        INSERT INTO peg (tenant_id, intent_id, line_no, kind, document_id, line_id, component, quantity, wanted)
        SELECT $1, l.intent_id, l.line_no, peg -> 'document' ->> 'kind', peg -> 'document' ->> 'id', peg ->> 'line',
            peg ->> 'component', (peg ->> 'quantity')::numeric, (peg ->> 'wanted')::numeric
        FROM intent i
        JOIN intent_line l ON l.tenant_id = $1 AND l.intent_id = i.intent_id AND l.host_line_id = $3
        CROSS JOIN LATERAL jsonb_array_elements($4) AS p (peg)
        WHERE i.tenant_id = $1 AND i.purchase_order_id = $2 AND i.action = 'create'";
    let before = tx
        .query_typed(CLEAR, &[(&tenant.0, Type::UUID), (&purchase_order, Type::TEXT), (&line, Type::TEXT)])
        .await?
        .iter()
        .map(peg)
        .collect::<DbResult<_>>()?;
    tx.execute_typed(
        PUT,
        &[(&tenant.0, Type::UUID), (&purchase_order, Type::TEXT), (&line, Type::TEXT), (&to_json(&pegs), Type::JSONB)],
    )
    .await?;
    Ok(before)
}

fn peg(row: &Row) -> DbResult<ProposedPeg> {
    Ok(ProposedPeg {
        document: reference(row, "peg")?,
        line: row.try_get("line_id")?,
        component: row.try_get("component")?,
        quantity: row.try_get("quantity")?,
        wanted: row.try_get("wanted")?,
    })
}

/// A change that only a person may decide.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedChange {
    pub purchase_order: String,
    pub line: String,
    pub from: Decimal,
    pub to: Decimal,
    /// open | kept | `asked_vendor` | cancelled | gone
    pub state: String,
}

/// Proposes a change. True: it is new, or its figures are.
pub async fn propose(
    tx: &Transaction<'_>,
    tenant: TenantId,
    change: &ProposedChange,
    now: Timestamp,
) -> DbResult<bool> {
    const PROPOSE: &str = "
        INSERT INTO proposed_change AS c
            (tenant_id, purchase_order_id, line_id, from_quantity, to_quantity, state, created_at)
        VALUES ($1, $2, $3, $4, $5, 'open', $6)
        ON CONFLICT (tenant_id, purchase_order_id, line_id) DO UPDATE SET
            from_quantity = excluded.from_quantity, to_quantity = excluded.to_quantity, state = 'open',
            decided_by = NULL, decided_at = NULL, created_at = excluded.created_at
        WHERE c.state = 'gone' OR c.from_quantity <> excluded.from_quantity OR c.to_quantity <> excluded.to_quantity";
    let rows = tx
        .execute_typed(
            PROPOSE,
            &[
                (&tenant.0, Type::UUID),
                (&change.purchase_order, Type::TEXT),
                (&change.line, Type::TEXT),
                (&change.from, Type::NUMERIC),
                (&change.to, Type::NUMERIC),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Closes open proposals of changes, for lines of these items, that the plan no longer makes.
pub async fn close_others(
    tx: &Transaction<'_>,
    tenant: TenantId,
    items: &[String],
    still: &[(String, String)],
) -> DbResult<()> {
    const CLOSE: &str = "
        UPDATE proposed_change AS c SET state = 'gone'
        FROM purchase_line l
        WHERE c.tenant_id = $1 AND c.state = 'open' AND l.tenant_id = $1
            AND l.purchase_order_id = c.purchase_order_id AND l.line_id = c.line_id AND l.item_id = ANY($2)
            AND NOT EXISTS (SELECT FROM unnest($3::text[], $4::text[]) AS s (purchase_order_id, line_id)
                WHERE s.purchase_order_id = c.purchase_order_id AND s.line_id = c.line_id)";
    let orders: Vec<_> = still.iter().map(|(order, _)| order.as_str()).collect();
    let lines: Vec<_> = still.iter().map(|(_, line)| line.as_str()).collect();
    tx.execute_typed(
        CLOSE,
        &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY), (&orders, Type::TEXT_ARRAY), (&lines, Type::TEXT_ARRAY)],
    )
    .await?;
    Ok(())
}

/// A change to what was ordered, that waits for a person.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenChange {
    pub purchase_order: String,
    pub line: String,
    pub number: String,
    pub vendor: String,
    pub item: String,
    pub from: Decimal,
    pub to: Decimal,
    pub drop_ship: bool,
    /// Still a draft in the host.
    pub draft: bool,
    pub url: Option<String>,
    pub since: Timestamp,
}

/// Changes that wait for a person, oldest first.
pub async fn open(tx: &Transaction<'_>, tenant: TenantId, limit: i64) -> DbResult<Vec<OpenChange>> {
    const OPEN: &str = "
        SELECT c.purchase_order_id, c.line_id, c.from_quantity, c.to_quantity, c.created_at, p.number, p.vendor_name,
            p.drop_ship, p.state = 'draft' AS draft, p.url, COALESCE(i.sku || ' ' || i.name, l.item_id, '') AS item
        FROM proposed_change c
        JOIN purchase_order p ON p.tenant_id = $1 AND p.purchase_order_id = c.purchase_order_id
        LEFT JOIN purchase_line l ON l.tenant_id = $1 AND l.purchase_order_id = c.purchase_order_id
            AND l.line_id = c.line_id
        LEFT JOIN item i ON i.tenant_id = $1 AND i.item_id = l.item_id
        WHERE c.tenant_id = $1 AND c.state = 'open'
        ORDER BY c.created_at, c.purchase_order_id, c.line_id
        LIMIT $2";
    let rows = tx.query_typed(OPEN, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter()
        .map(|row| {
            Ok(OpenChange {
                purchase_order: row.try_get("purchase_order_id")?,
                line: row.try_get("line_id")?,
                number: row.try_get("number")?,
                vendor: row.try_get("vendor_name")?,
                item: row.try_get("item")?,
                from: row.try_get("from_quantity")?,
                to: row.try_get("to_quantity")?,
                drop_ship: row.try_get("drop_ship")?,
                draft: row.try_get("draft")?,
                url: row.try_get("url")?,
                since: row.try_get("created_at")?,
            })
        })
        .collect()
}

/// What a purchase order line that is to be cancelled comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct CancelledLine {
    /// What people call the purchase order.
    pub number: String,
    /// What has come stays: stock units.
    pub received: Decimal,
    /// Still a draft in the host: only then is it ours to change.
    pub draft: bool,
    /// Nothing else of the purchase order is ordered.
    pub last: bool,
}

/// The line of an open change. None: there is no such change.
pub async fn line_to_cancel(
    tx: &Transaction<'_>,
    tenant: TenantId,
    (purchase_order, line): (&str, &str),
) -> DbResult<Option<CancelledLine>> {
    const LINE: &str = "
        SELECT p.number, p.state = 'draft' AS draft, l.received, NOT EXISTS (SELECT FROM purchase_line o
                WHERE o.tenant_id = $1 AND o.purchase_order_id = $2 AND o.line_id <> $3 AND o.ordered > 0) AS last
        FROM proposed_change c
        JOIN purchase_order p ON p.tenant_id = $1 AND p.purchase_order_id = c.purchase_order_id
        JOIN purchase_line l ON l.tenant_id = $1 AND l.purchase_order_id = c.purchase_order_id
            AND l.line_id = c.line_id
        WHERE c.tenant_id = $1 AND c.purchase_order_id = $2 AND c.line_id = $3 AND c.state = 'open'";
    let row = tx
        .query_typed_opt(LINE, &[(&tenant.0, Type::UUID), (&purchase_order, Type::TEXT), (&line, Type::TEXT)])
        .await?;
    row.map(|row| {
        Ok(CancelledLine {
            number: row.try_get("number")?,
            received: row.try_get("received")?,
            draft: row.try_get("draft")?,
            last: row.try_get("last")?,
        })
    })
    .transpose()
}

/// Decides an open change: `kept` or `asked_vendor`. False: it is no longer open.
pub async fn decide(
    tx: &Transaction<'_>,
    tenant: TenantId,
    (purchase_order, line): (&str, &str),
    state: &str,
    by: &str,
    now: Timestamp,
) -> DbResult<bool> {
    const DECIDE: &str = "
        UPDATE proposed_change SET state = $4, decided_by = $5, decided_at = $6
        WHERE tenant_id = $1 AND purchase_order_id = $2 AND line_id = $3 AND state = 'open'";
    let rows = tx
        .execute_typed(
            DECIDE,
            &[
                (&tenant.0, Type::UUID),
                (&purchase_order, Type::TEXT),
                (&line, Type::TEXT),
                (&state, Type::TEXT),
                (&by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Puts changes of these lines, which the host did not take, to a person again: the next plan proposes them anew if it still
/// makes them.
pub async fn ask_again(tx: &Transaction<'_>, tenant: TenantId, purchase_order: &str, lines: &[&str]) -> DbResult<()> {
    const AGAIN: &str = "
        UPDATE proposed_change SET state = 'gone'
        WHERE tenant_id = $1 AND purchase_order_id = $2 AND line_id = ANY($3) AND state = 'cancelled'";
    tx.execute_typed(AGAIN, &[(&tenant.0, Type::UUID), (&purchase_order, Type::TEXT), (&lines, Type::TEXT_ARRAY)])
        .await?;
    Ok(())
}

/// What people know a purchase order by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderHead {
    pub number: String,
    pub vendor: Party,
    pub url: Option<String>,
}

/// The head of a purchase order of the mirror.
pub async fn head(tx: &Transaction<'_>, tenant: TenantId, purchase_order: &str) -> DbResult<Option<OrderHead>> {
    const HEAD: &str = "
        SELECT number, vendor_id, vendor_name, url FROM purchase_order
        WHERE tenant_id = $1 AND purchase_order_id = $2";
    let row = tx.query_typed_opt(HEAD, &[(&tenant.0, Type::UUID), (&purchase_order, Type::TEXT)]).await?;
    row.map(|row| {
        let vendor = Party { id: row.try_get("vendor_id")?, name: row.try_get("vendor_name")? };
        Ok(OrderHead { number: row.try_get("number")?, vendor, url: row.try_get("url")? })
    })
    .transpose()
}
