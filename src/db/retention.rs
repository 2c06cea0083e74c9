//! What is old and over is forgotten, so that the tables of a company that goes on for years do not grow for ever.
//!
//! Invariants: nothing goes that is open, on its way, or still says what may not happen twice: an order with something
//! open keeps all its history; a purchase order goes after the intent that made it, never before, or it would count as on
//! its way again. Only this role may take history away, a company's own, a few rows at a time.

use std::time::Duration;

use jiff::Timestamp;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::due_sum::{self, Counted};
use super::{DbResult, reference};
use crate::domain::ids::TenantId;

/// How long what is over is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Deliveries, and that a document was looked at: longer than any sender repeats itself.
    pub deliveries: Duration,
    /// Everything that people look back at.
    pub history: Duration,
    /// All of a company that was disconnected.
    pub disconnected: Duration,
}

impl Keep {
    /// As long as a company wants it, and no longer than the operator keeps it.
    #[must_use]
    pub fn at_most(self, days: Option<u32>) -> Self {
        let wanted = days.map(|days| Duration::from_secs(u64::from(days) * 24 * 3600));
        Self { history: wanted.map_or(self.history, |wanted| wanted.min(self.history)), ..self }
    }
}

/// One kind of rows, in the order in which they go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Old {
    Delivery,
    Change,
    ApprovalLink,
    Proposal,
    ProposedChange,
    Intent,
    PurchaseOrder,
    Notice,
    Digest,
    Backorder,
    Allocation,
    NotBought,
    Mark,
    CustomerTold,
    SalesDocument,
    LineRecord,
    PurchaseRecord,
    UnsubscribeLink,
    Audit,
}

impl Old {
    pub const ALL: [Self; 19] = [
        Self::Delivery,
        Self::Change,
        Self::ApprovalLink,
        Self::Proposal,
        Self::ProposedChange,
        Self::Intent,
        Self::PurchaseOrder,
        Self::Notice,
        Self::Digest,
        Self::Backorder,
        Self::Allocation,
        Self::NotBought,
        Self::Mark,
        Self::CustomerTold,
        Self::SalesDocument,
        Self::LineRecord,
        Self::PurchaseRecord,
        Self::UnsubscribeLink,
        Self::Audit,
    ];

    /// The kind's name, for what is measured.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Change => "change",
            Self::ApprovalLink => "approval_link",
            Self::Proposal => "proposal",
            Self::ProposedChange => "proposed_change",
            Self::Intent => "intent",
            Self::PurchaseOrder => "purchase_order",
            Self::Notice => "notice",
            Self::Digest => "digest",
            Self::Backorder => "backorder",
            Self::Allocation => "allocation",
            Self::NotBought => "not_bought",
            Self::Mark => "mark",
            Self::CustomerTold => "customer_told",
            Self::SalesDocument => "sales_document",
            Self::LineRecord => "line_record",
            Self::PurchaseRecord => "purchase_record",
            Self::UnsubscribeLink => "unsubscribe_link",
            Self::Audit => "audit",
        }
    }

    /// How long such rows are kept.
    #[must_use]
    pub fn kept(self, keep: Keep) -> Duration {
        match self {
            Self::Delivery | Self::Change | Self::ApprovalLink => keep.deliveries,
            Self::Proposal
            | Self::ProposedChange
            | Self::Intent
            | Self::PurchaseOrder
            | Self::Notice
            | Self::Digest
            | Self::Backorder
            | Self::Allocation
            | Self::NotBought
            | Self::Mark
            | Self::CustomerTold
            | Self::SalesDocument
            | Self::LineRecord
            | Self::PurchaseRecord
            | Self::UnsubscribeLink
            | Self::Audit => keep.history,
        }
    }
}

/// Makes the rest of this transaction one that forgets rows of this tenant, and can do nothing else.
pub async fn enter(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<()> {
    const ENTER: &str = "
        SELECT set_config('app.tenant', $1, true), set_config('role', 'backorders_keeper', true),
            set_config('idle_in_transaction_session_timeout', '10s', true)";
    tx.query_typed(ENTER, &[(&tenant.to_string(), Type::TEXT)]).await?;
    Ok(())
}

/// The rows of a tenant that were over before `before`, up to `limit` of them.
#[derive(Debug, Clone, Copy)]
pub struct Over {
    pub tenant: TenantId,
    pub before: Timestamp,
    pub limit: i64,
}

/// Forgets such rows of a kind; gives how many. A kind that is added must be placed here, and one that is placed wrongly
/// forgets nothing: no statement is anybody's default.
pub async fn forget(tx: &Transaction<'_>, what: Old, over: Over) -> DbResult<u64> {
    match what {
        Old::Delivery | Old::Change | Old::ApprovalLink => of_deliveries(tx, what, over).await,
        Old::Proposal | Old::ProposedChange | Old::Intent | Old::PurchaseOrder => of_buying(tx, what, over).await,
        Old::Notice | Old::Digest | Old::CustomerTold | Old::UnsubscribeLink => of_telling(tx, what, over).await,
        Old::LineRecord => of_lines(tx, over).await,
        Old::PurchaseRecord | Old::Audit => of_records(tx, what, over).await,
        Old::Backorder | Old::Allocation | Old::NotBought | Old::Mark | Old::SalesDocument => {
            of_documents(tx, what, over).await
        }
    }
}

async fn run(tx: &Transaction<'_>, delete: &str, over: Over) -> DbResult<u64> {
    let Over { tenant, before, limit } = over;
    let rows = tx
        .execute_typed(delete, &[(&tenant.0, Type::UUID), (&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)])
        .await?;
    Ok(rows)
}

async fn of_deliveries(tx: &Transaction<'_>, what: Old, over: Over) -> DbResult<u64> {
    const DELIVERY: &str = "
        DELETE FROM delivery WHERE tenant_id = $1 AND delivery_id IN (
            SELECT delivery_id FROM delivery WHERE tenant_id = $1 AND received_at < $2 ORDER BY received_at LIMIT $3)";
    const CHANGE: &str = "
        DELETE FROM changed_document WHERE tenant_id = $1 AND (kind, document_id) IN (
            SELECT kind, document_id FROM changed_document
            WHERE tenant_id = $1 AND changed_at < $2 AND seen_seq >= changed_seq AND lease_until IS NULL
            LIMIT $3)
            -- an event may have come since
            AND seen_seq >= changed_seq AND lease_until IS NULL";
    const LINK: &str = "
        DELETE FROM approval_link WHERE tenant_id = $1 AND token_hash IN (
            SELECT token_hash FROM approval_link WHERE tenant_id = $1 AND expires_at < $2 LIMIT $3)";
    let delete = match what {
        Old::Delivery => DELIVERY,
        Old::Change => CHANGE,
        Old::ApprovalLink => LINK,
        _ => return Ok(0),
    };
    run(tx, delete, over).await
}

async fn of_buying(tx: &Transaction<'_>, what: Old, over: Over) -> DbResult<u64> {
    const PROPOSAL: &str = "
        DELETE FROM proposal WHERE tenant_id = $1 AND proposal_id IN (
            SELECT proposal_id FROM proposal
            WHERE tenant_id = $1 AND changed_at < $2 AND state NOT IN ('watched', 'asked') LIMIT $3)";
    const PROPOSED_CHANGE: &str = "
        DELETE FROM proposed_change WHERE tenant_id = $1 AND (purchase_order_id, line_id) IN (
            SELECT c.purchase_order_id, c.line_id FROM proposed_change c
            WHERE c.tenant_id = $1 AND c.created_at < $2 AND c.state <> 'open'
                AND NOT EXISTS (SELECT FROM purchase_order p WHERE p.tenant_id = $1
                    AND p.purchase_order_id = c.purchase_order_id AND NOT p.gone AND p.state IN ('draft', 'confirmed'))
            LIMIT $3)";
    // its goods are there or will never come, and nothing is open of the orders that it was for
    const INTENT: &str = "
        DELETE FROM intent WHERE tenant_id = $1 AND intent_id IN (
            SELECT i.intent_id FROM intent i
            LEFT JOIN purchase_order p ON p.tenant_id = $1 AND p.purchase_order_id = i.purchase_order_id
            WHERE i.tenant_id = $1 AND i.changed_at < $2 AND i.lease_until IS NULL
                AND (i.state = 'cancelled' OR (i.state IN ('created', 'confirmed')
                    AND (p.gone OR p.state IN ('received', 'cancelled')) AND p.read_at < $2))
                AND NOT EXISTS (SELECT FROM peg g
                    JOIN sales_document d ON d.tenant_id = $1 AND d.kind = g.kind AND d.document_id = g.document_id
                    WHERE g.tenant_id = $1 AND g.intent_id = i.intent_id AND d.status IN ('open', 'draft'))
            LIMIT $3)";
    const PURCHASE_ORDER: &str = "
        DELETE FROM purchase_order WHERE tenant_id = $1 AND purchase_order_id IN (
            SELECT p.purchase_order_id FROM purchase_order p
            WHERE p.tenant_id = $1 AND p.read_at < $2 AND (p.gone OR p.state IN ('received', 'cancelled'))
                AND NOT EXISTS (SELECT FROM intent i
                    WHERE i.tenant_id = $1 AND i.purchase_order_id = p.purchase_order_id)
            LIMIT $3)";
    let delete = match what {
        Old::Proposal => PROPOSAL,
        Old::ProposedChange => PROPOSED_CHANGE,
        Old::Intent => INTENT,
        Old::PurchaseOrder => PURCHASE_ORDER,
        _ => return Ok(0),
    };
    run(tx, delete, over).await
}

async fn of_telling(tx: &Transaction<'_>, what: Old, over: Over) -> DbResult<u64> {
    // its key keeps the same news from being told twice while its order is open; news of no order is kept
    const NOTICE: &str = "
        DELETE FROM notice WHERE tenant_id = $1 AND notice_id IN (
            SELECT n.notice_id FROM notice n
            WHERE n.tenant_id = $1 AND n.created_at < $2 AND n.state IN ('sent', 'refused', 'given_up')
                AND n.lease_until IS NULL
                AND COALESCE(n.body -> 'document' -> 'reference' ->> 'id', n.body -> 'document' ->> 'id') IS NOT NULL
                AND NOT EXISTS (SELECT FROM sales_document d
                    WHERE d.tenant_id = $1 AND d.status IN ('open', 'draft')
                        AND d.document_id IN (n.body -> 'document' -> 'reference' ->> 'id', n.body -> 'document' ->> 'id'))
            LIMIT $3)";
    const DIGEST: &str = "
        DELETE FROM notice WHERE tenant_id = $1 AND notice_id IN (
            SELECT n.notice_id FROM notice n
            WHERE n.tenant_id = $1 AND n.created_at < $2 AND n.event = 'digest'
                AND n.state IN ('sent', 'refused', 'given_up') AND n.lease_until IS NULL
                AND NOT EXISTS (SELECT FROM notice c WHERE c.tenant_id = $1 AND c.digest_id = n.notice_id)
            LIMIT $3)";
    const CUSTOMER_TOLD: &str = "
        DELETE FROM customer_told WHERE tenant_id = $1 AND (kind, document_id) IN (
            SELECT t.kind, t.document_id FROM customer_told t
            LEFT JOIN backorder b USING (tenant_id, kind, document_id)
            WHERE t.tenant_id = $1 AND t.expected < $2::timestamptz::date AND b.document_id IS NULL LIMIT $3)";
    const UNSUBSCRIBE_LINK: &str = "
        DELETE FROM unsubscribe_link WHERE tenant_id = $1 AND token_hash IN (
            SELECT token_hash FROM unsubscribe_link WHERE tenant_id = $1 AND created_at < $2 LIMIT $3)";
    let delete = match what {
        Old::Notice => NOTICE,
        Old::Digest => DIGEST,
        Old::CustomerTold => CUSTOMER_TOLD,
        Old::UnsubscribeLink => UNSUBSCRIBE_LINK,
        _ => return Ok(0),
    };
    run(tx, delete, over).await
}

async fn of_documents(tx: &Transaction<'_>, what: Old, over: Over) -> DbResult<u64> {
    const BACKORDER: &str = "
        DELETE FROM backorder WHERE tenant_id = $1 AND (kind, document_id) IN (
            SELECT b.kind, b.document_id FROM backorder b
            WHERE b.tenant_id = $1 AND b.changed_at < $2 AND b.state IN ('delivered', 'cancelled')
                AND NOT EXISTS (SELECT FROM sales_document d WHERE d.tenant_id = $1 AND d.kind = b.kind
                    AND d.document_id = b.document_id AND d.status IN ('open', 'draft'))
            LIMIT $3)";
    const ALLOCATION: &str = "
        DELETE FROM allocation WHERE tenant_id = $1 AND (kind, document_id, line_id, component) IN (
            SELECT a.kind, a.document_id, a.line_id, a.component FROM allocation a
            LEFT JOIN backorder b USING (tenant_id, kind, document_id)
            LEFT JOIN sales_document d ON d.tenant_id = $1 AND d.kind = a.kind AND d.document_id = a.document_id
                AND d.status IN ('open', 'draft')
            WHERE a.tenant_id = $1 AND a.planned_at < $2 AND b.document_id IS NULL AND d.document_id IS NULL
            LIMIT $3)";
    const NOT_BOUGHT: &str = "
        DELETE FROM not_bought WHERE tenant_id = $1 AND (kind, document_id, line_id, component) IN (
            SELECT n.kind, n.document_id, n.line_id, n.component FROM not_bought n
            LEFT JOIN backorder b USING (tenant_id, kind, document_id)
            LEFT JOIN sales_document d ON d.tenant_id = $1 AND d.kind = n.kind AND d.document_id = n.document_id
                AND d.status IN ('open', 'draft')
            WHERE n.tenant_id = $1 AND n.decided_at < $2 AND b.document_id IS NULL AND d.document_id IS NULL
            LIMIT $3)";
    const MARK: &str = "
        DELETE FROM host_mark WHERE tenant_id = $1 AND (kind, document_id) IN (
            SELECT m.kind, m.document_id FROM host_mark m
            JOIN sales_document d ON d.tenant_id = $1 AND d.kind = m.kind AND d.document_id = m.document_id
            LEFT JOIN backorder b ON b.tenant_id = $1 AND b.kind = m.kind AND b.document_id = m.document_id
            WHERE m.tenant_id = $1 AND d.read_at < $2 AND d.status NOT IN ('open', 'draft') AND b.document_id IS NULL
                AND m.shown_seq >= m.wanted_seq AND m.lease_until IS NULL
            LIMIT $3)";
    const SALES_DOCUMENT: &str = "
        DELETE FROM sales_document WHERE tenant_id = $1 AND (kind, document_id) IN (
            SELECT d.kind, d.document_id FROM sales_document d
            LEFT JOIN backorder b USING (tenant_id, kind, document_id)
            LEFT JOIN host_mark m USING (tenant_id, kind, document_id)
            WHERE d.tenant_id = $1 AND d.read_at < $2 AND d.status NOT IN ('open', 'draft')
                AND b.document_id IS NULL AND m.document_id IS NULL
            LIMIT $3)";
    let delete = match what {
        Old::Backorder => BACKORDER,
        Old::Allocation => ALLOCATION,
        Old::NotBought => NOT_BOUGHT,
        Old::Mark => MARK,
        Old::SalesDocument => SALES_DOCUMENT,
        _ => return Ok(0),
    };
    run(tx, delete, over).await
}

/// Lines leave the sums that Insights shows with them: the caller holds the tenant's lock.
async fn of_lines(tx: &Transaction<'_>, over: Over) -> DbResult<u64> {
    const DOCUMENTS: &str = "
        SELECT DISTINCT l.kind, l.document_id FROM (
            SELECT l.kind, l.document_id FROM line_record l
            LEFT JOIN sales_document d USING (tenant_id, kind, document_id)
            WHERE l.tenant_id = $1 AND (l.due_on IS NULL OR l.due_on < $2::timestamptz::date) AND d.document_id IS NULL
            LIMIT $3) AS l";
    const LINES: &str = "
        DELETE FROM line_record l USING unnest($3::text[], $4::text[]) AS gone (kind, document_id)
        WHERE l.tenant_id = $1 AND (l.due_on IS NULL OR l.due_on < $2::timestamptz::date) AND l.kind = gone.kind
            AND l.document_id = gone.document_id";
    let Over { tenant, before, limit } = over;
    let rows = tx
        .query_typed(DOCUMENTS, &[(&tenant.0, Type::UUID), (&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)])
        .await?;
    let documents = rows.iter().map(|row| reference(row, "line_record")).collect::<DbResult<Vec<_>>>()?;
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    due_sum::count(tx, tenant, &documents, Counted::Out).await?;
    let gone = tx
        .execute_typed(
            LINES,
            &[
                (&tenant.0, Type::UUID),
                (&before, Type::TIMESTAMPTZ),
                (&kinds, Type::TEXT_ARRAY),
                (&ids, Type::TEXT_ARRAY),
            ],
        )
        .await?;
    due_sum::count(tx, tenant, &documents, Counted::In).await?;
    Ok(gone)
}

async fn of_records(tx: &Transaction<'_>, what: Old, over: Over) -> DbResult<u64> {
    const PURCHASE_RECORD: &str = "
        DELETE FROM purchase_record WHERE tenant_id = $1 AND (purchase_order_id, line_id) IN (
            SELECT r.purchase_order_id, r.line_id FROM purchase_record r
            LEFT JOIN purchase_order p USING (tenant_id, purchase_order_id)
            WHERE r.tenant_id = $1 AND (r.due_on IS NULL OR r.due_on < $2::timestamptz::date)
                AND p.purchase_order_id IS NULL
            LIMIT $3)";
    const AUDIT: &str = "
        DELETE FROM audit WHERE tenant_id = $1 AND audit_id IN (
            SELECT a.audit_id FROM audit a
            WHERE a.tenant_id = $1 AND a.at < $2
                AND NOT EXISTS (SELECT FROM sales_document d WHERE d.tenant_id = $1 AND d.kind = a.kind
                    AND d.document_id = a.document_id AND d.status IN ('open', 'draft'))
            ORDER BY a.at LIMIT $3)";
    let delete = match what {
        Old::PurchaseRecord => PURCHASE_RECORD,
        Old::Audit => AUDIT,
        _ => return Ok(0),
    };
    run(tx, delete, over).await
}
