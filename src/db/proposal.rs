//! Proposals: purchase orders that wait for a person, and the links in the mails about them.
//!
//! Invariants: at most one open proposal of a group; its version counts up whenever its content changes; deciding
//! names the version that was seen and fails when it has moved on; a link is used once.

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::{DbResult, json, one, reference, to_json};
use crate::domain::ids::{DocumentRef, IntentId, ProposalId, TenantId};
use crate::domain::proposal::Proposal;

/// A proposal as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredProposal {
    pub id: ProposalId,
    pub group_key: String,
    pub version: i32,
    /// watched | asked | approved | declined | snoozed | replaced
    pub state: String,
    pub body: Proposal,
    pub created_at: Timestamp,
    pub changed_at: Timestamp,
    pub decided_by: Option<String>,
    pub reason: Option<String>,
    pub intent: Option<IntentId>,
    /// When it was put to the approvers.
    pub escalated_at: Option<Timestamp>,
    /// Until when it waits for more before it is asked or made.
    pub gathers_until: Option<Timestamp>,
}

impl StoredProposal {
    /// Whether it still waits for a decision.
    #[must_use]
    pub fn is_open(&self) -> bool {
        matches!(self.state.as_str(), "watched" | "asked")
    }

    /// The host's id of the vendor of the planner's own choice.
    #[must_use]
    pub fn vendor(&self) -> &str {
        self.body.options.first().map_or("", |option| &option.vendor.id)
    }
}

fn stored(row: &Row) -> DbResult<StoredProposal> {
    Ok(StoredProposal {
        id: ProposalId(row.try_get("proposal_id")?),
        group_key: row.try_get("group_key")?,
        version: row.try_get("version")?,
        state: row.try_get("state")?,
        body: json(row.try_get::<_, Value>("body")?, "proposal", "body")?,
        created_at: row.try_get("created_at")?,
        changed_at: row.try_get("changed_at")?,
        decided_by: row.try_get("decided_by")?,
        reason: row.try_get("reason")?,
        intent: row.try_get::<_, Option<Uuid>>("intent_id")?.map(IntentId),
        escalated_at: row.try_get("escalated_at")?,
        gathers_until: row.try_get("gathers_until")?,
    })
}

/// Open proposals that ask for any of these items.
pub async fn open_for_items(tx: &Transaction<'_>, tenant: TenantId, items: &[String]) -> DbResult<Vec<StoredProposal>> {
    const OPEN: &str = "
        SELECT p.* FROM proposal p
        WHERE p.tenant_id = $1 AND p.state IN ('watched', 'asked')
            AND EXISTS (SELECT FROM proposal_demand d
                WHERE d.tenant_id = p.tenant_id AND d.proposal_id = p.proposal_id AND d.item_id = ANY($2))
        ORDER BY p.group_key";
    let rows = tx.query_typed(OPEN, &[(&tenant.0, Type::UUID), (&items, Type::TEXT_ARRAY)]).await?;
    rows.iter().map(stored).collect()
}

/// Items other than these that open proposals of those groups ask for.
pub async fn other_items(
    tx: &Transaction<'_>,
    tenant: TenantId,
    groups: &[String],
    items: &[String],
) -> DbResult<Vec<String>> {
    const OTHERS: &str = "
        SELECT DISTINCT d.item_id FROM proposal p
        JOIN proposal_demand d ON d.tenant_id = $1 AND d.proposal_id = p.proposal_id
        WHERE p.tenant_id = $1 AND p.state IN ('watched', 'asked') AND p.group_key = ANY($2) AND d.item_id <> ALL($3)
        ORDER BY d.item_id";
    let rows = tx
        .query_typed(OTHERS, &[(&tenant.0, Type::UUID), (&groups, Type::TEXT_ARRAY), (&items, Type::TEXT_ARRAY)])
        .await?;
    rows.iter().map(|row| Ok(row.try_get("item_id")?)).collect()
}

/// All open proposals, oldest first.
pub async fn open(tx: &Transaction<'_>, tenant: TenantId, limit: i64) -> DbResult<Vec<StoredProposal>> {
    const OPEN: &str = "
        SELECT * FROM proposal WHERE tenant_id = $1 AND state IN ('watched', 'asked')
        ORDER BY created_at, proposal_id LIMIT $2";
    let rows = tx.query_typed(OPEN, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter().map(stored).collect()
}

/// Proposals that were asked before this time (where a vendor has its own: before that), are undecided and were not put
/// to the approvers yet; oldest first. None: never.
pub async fn undecided_since(
    tx: &Transaction<'_>,
    tenant: TenantId,
    before: Option<Timestamp>,
    of_vendors: &[(&str, Option<Timestamp>)],
    limit: i64,
) -> DbResult<Vec<StoredProposal>> {
    const UNDECIDED: &str = "
        SELECT proposal.* FROM proposal
        LEFT JOIN unnest($3::text[], $4::timestamptz[]) AS own (vendor, before)
            ON own.vendor = body #>> '{options,0,vendor,id}'
        WHERE tenant_id = $1 AND state IN ('watched', 'asked') AND state = 'asked' AND escalated_at IS NULL
            AND created_at < CASE WHEN own.vendor IS NULL THEN $2 ELSE own.before END
        ORDER BY created_at, proposal_id LIMIT $5";
    let (vendors, befores): (Vec<&str>, Vec<Option<Timestamp>>) = of_vendors.iter().copied().unzip();
    let rows = tx
        .query_typed(
            UNDECIDED,
            &[
                (&tenant.0, Type::UUID),
                (&before, Type::TIMESTAMPTZ),
                (&vendors, Type::TEXT_ARRAY),
                (&befores, Type::TIMESTAMPTZ_ARRAY),
                (&limit, Type::INT8),
            ],
        )
        .await?;
    rows.iter().map(stored).collect()
}

/// Keeps when a proposal was put to the approvers.
pub async fn set_escalated(tx: &Transaction<'_>, tenant: TenantId, id: ProposalId, now: Timestamp) -> DbResult<()> {
    const SET: &str = "UPDATE proposal SET escalated_at = $3 WHERE tenant_id = $1 AND proposal_id = $2";
    let rows =
        tx.execute_typed(SET, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID), (&now, Type::TIMESTAMPTZ)]).await?;
    one(rows, "the proposal")
}

/// Has an open proposal wait for more until then, or no longer.
pub async fn set_gathers(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: ProposalId,
    until: Option<Timestamp>,
) -> DbResult<()> {
    const SET: &str = "UPDATE proposal SET gathers_until = $3 WHERE tenant_id = $1 AND proposal_id = $2";
    let rows =
        tx.execute_typed(SET, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID), (&until, Type::TIMESTAMPTZ)]).await?;
    one(rows, "the proposal")
}

/// The documents of proposals that have waited for more until now: they must be planned again.
pub async fn gathered(tx: &Transaction<'_>, tenant: TenantId, now: Timestamp) -> DbResult<Vec<DocumentRef>> {
    const GATHERED: &str = "
        SELECT DISTINCT d.kind, d.document_id
        FROM proposal p
        JOIN proposal_demand d ON d.tenant_id = $1 AND d.proposal_id = p.proposal_id
        WHERE p.tenant_id = $1 AND p.state = 'watched' AND p.gathers_until IS NOT NULL AND p.gathers_until <= $2
        ORDER BY d.kind, d.document_id";
    let rows = tx.query_typed(GATHERED, &[(&tenant.0, Type::UUID), (&now, Type::TIMESTAMPTZ)]).await?;
    rows.iter().map(|row| reference(row, "proposal_demand")).collect()
}

/// Open proposals that ask for any of these documents, oldest first.
pub async fn open_of_documents(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
    limit: i64,
) -> DbResult<Vec<StoredProposal>> {
    const OPEN: &str = "
        SELECT p.* FROM proposal p
        WHERE p.tenant_id = $1 AND p.state IN ('watched', 'asked') AND p.proposal_id IN (
            SELECT d.proposal_id FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
            JOIN proposal_demand d
                ON d.tenant_id = $1 AND d.kind = wanted.kind AND d.document_id = wanted.document_id)
        ORDER BY p.created_at, p.proposal_id LIMIT $4";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let parameters: [(&(dyn ToSql + Sync), Type); 4] =
        [(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY), (&limit, Type::INT8)];
    tx.query_typed(OPEN, &parameters).await?.iter().map(stored).collect()
}

/// Proposals (open and decided) that concern a document, newest first.
pub async fn of_document(
    tx: &Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
) -> DbResult<Vec<StoredProposal>> {
    const OF: &str = "
        SELECT p.* FROM proposal p
        WHERE p.tenant_id = $1 AND EXISTS (SELECT FROM proposal_demand d
            WHERE d.tenant_id = p.tenant_id AND d.proposal_id = p.proposal_id AND d.kind = $2 AND d.document_id = $3)
        ORDER BY p.changed_at DESC LIMIT 50";
    let rows = tx
        .query_typed(OF, &[(&tenant.0, Type::UUID), (&document.kind.as_str(), Type::TEXT), (&document.id, Type::TEXT)])
        .await?;
    rows.iter().map(stored).collect()
}

/// Those of these proposals that are open, oldest first.
pub async fn open_among(tx: &Transaction<'_>, tenant: TenantId, ids: &[ProposalId]) -> DbResult<Vec<StoredProposal>> {
    const AMONG: &str = "
        SELECT * FROM proposal
        WHERE tenant_id = $1 AND proposal_id = ANY($2) AND state IN ('watched', 'asked')
        ORDER BY created_at, proposal_id";
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = tx.query_typed(AMONG, &[(&tenant.0, Type::UUID), (&ids, Type::UUID_ARRAY)]).await?;
    rows.iter().map(stored).collect()
}

/// One proposal; `lock` holds it until the end of the transaction.
pub async fn find(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: ProposalId,
    lock: bool,
) -> DbResult<Option<StoredProposal>> {
    const FIND: &str = "SELECT * FROM proposal WHERE tenant_id = $1 AND proposal_id = $2";
    const FIND_AND_LOCK: &str = "SELECT * FROM proposal WHERE tenant_id = $1 AND proposal_id = $2 FOR UPDATE";
    let sql = if lock { FIND_AND_LOCK } else { FIND };
    tx.query_typed_opt(sql, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID)]).await?.as_ref().map(stored).transpose()
}

/// Opens a proposal.
pub async fn insert(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: ProposalId,
    group_key: &str,
    state: &str,
    body: &Proposal,
    now: Timestamp,
) -> DbResult<()> {
    const INSERT: &str = "
        INSERT INTO proposal (tenant_id, proposal_id, group_key, version, state, body, created_at, changed_at)
        VALUES ($1, $2, $3, 1, $4, $5, $6, $6)";
    let rows = tx
        .execute_typed(
            INSERT,
            &[
                (&tenant.0, Type::UUID),
                (&id.0, Type::UUID),
                (&group_key, Type::TEXT),
                (&state, Type::TEXT),
                (&to_json(body), Type::JSONB),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the proposal")?;
    put_demands(tx, tenant, id, body).await
}

/// Replaces the content of an open proposal; its version counts up.
pub async fn update(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: ProposalId,
    state: &str,
    body: &Proposal,
    now: Timestamp,
) -> DbResult<()> {
    const UPDATE: &str = "
        UPDATE proposal SET body = $3, state = $4, version = version + 1, changed_at = $5, gathers_until = NULL
        WHERE tenant_id = $1 AND proposal_id = $2 AND state IN ('watched', 'asked')";
    let rows = tx
        .execute_typed(
            UPDATE,
            &[
                (&tenant.0, Type::UUID),
                (&id.0, Type::UUID),
                (&to_json(body), Type::JSONB),
                (&state, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the proposal")?;
    put_demands(tx, tenant, id, body).await
}

async fn put_demands(tx: &Transaction<'_>, tenant: TenantId, id: ProposalId, body: &Proposal) -> DbResult<()> {
    const CLEAR: &str = "DELETE FROM proposal_demand WHERE tenant_id = $1 AND proposal_id = $2";
    const PUT: &str = "
        INSERT INTO proposal_demand (tenant_id, proposal_id, kind, document_id, line_id, component, item_id, quantity)
        SELECT $1, $2, peg -> 'document' ->> 'kind', peg -> 'document' ->> 'id', peg ->> 'line', peg ->> 'component',
            line ->> 'item', sum((peg ->> 'quantity')::numeric)
        FROM jsonb_array_elements($3) AS l (line)
        CROSS JOIN LATERAL jsonb_array_elements(line -> 'pegs') AS p (peg)
        GROUP BY 3, 4, 5, 6, 7";
    let lines = body.options.first().map_or(Value::Array(Vec::new()), |option| to_json(&option.lines));
    tx.execute_typed(CLEAR, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID)]).await?;
    tx.execute_typed(PUT, &[(&tenant.0, Type::UUID), (&id.0, Type::UUID), (&lines, Type::JSONB)]).await?;
    Ok(())
}

/// A decision on an open proposal.
#[derive(Debug, Clone)]
pub struct Decision<'a> {
    /// approved | declined | snoozed | replaced
    pub state: &'a str,
    pub by: &'a str,
    pub reason: Option<&'a str>,
    pub intent: Option<IntentId>,
}

/// Decides an open proposal at the version that was seen. False: it has changed or was decided meanwhile.
pub async fn decide(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: ProposalId,
    version: i32,
    decision: &Decision<'_>,
    now: Timestamp,
) -> DbResult<bool> {
    const DECIDE: &str = "
        UPDATE proposal SET state = $4, decided_by = $5, decided_at = $6, reason = $7, intent_id = $8, changed_at = $6
        WHERE tenant_id = $1 AND proposal_id = $2 AND version = $3 AND state IN ('watched', 'asked')";
    let rows = tx
        .execute_typed(
            DECIDE,
            &[
                (&tenant.0, Type::UUID),
                (&id.0, Type::UUID),
                (&version, Type::INT4),
                (&decision.state, Type::TEXT),
                (&decision.by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&decision.reason, Type::TEXT),
                (&decision.intent.map(|intent| intent.0), Type::UUID),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// A link of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalLink {
    pub proposal: ProposalId,
    /// The version that the mail showed.
    pub version: i32,
    pub recipient: String,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

/// Keeps a link under the hash of its token.
pub async fn insert_link(
    tx: &Transaction<'_>,
    tenant: TenantId,
    token_hash: &[u8],
    link: &ApprovalLink,
    now: Timestamp,
) -> DbResult<()> {
    const INSERT: &str = "
        INSERT INTO approval_link (tenant_id, token_hash, proposal_id, version, recipient, created_at, expires_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let rows = tx
        .execute_typed(
            INSERT,
            &[
                (&tenant.0, Type::UUID),
                (&token_hash, Type::BYTEA),
                (&link.proposal.0, Type::UUID),
                (&link.version, Type::INT4),
                (&link.recipient, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&link.expires_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the approval link")
}

/// The link behind a token.
pub async fn find_link(tx: &Transaction<'_>, tenant: TenantId, token_hash: &[u8]) -> DbResult<Option<ApprovalLink>> {
    const FIND: &str = "
        SELECT proposal_id, version, recipient, expires_at, used_at FROM approval_link
        WHERE tenant_id = $1 AND token_hash = $2";
    let row = tx.query_typed_opt(FIND, &[(&tenant.0, Type::UUID), (&token_hash, Type::BYTEA)]).await?;
    row.map(|row| {
        Ok(ApprovalLink {
            proposal: ProposalId(row.try_get("proposal_id")?),
            version: row.try_get("version")?,
            recipient: row.try_get("recipient")?,
            expires_at: row.try_get("expires_at")?,
            used_at: row.try_get("used_at")?,
        })
    })
    .transpose()
}

/// Uses a link up. False: it was used or has expired.
pub async fn use_link(tx: &Transaction<'_>, tenant: TenantId, token_hash: &[u8], now: Timestamp) -> DbResult<bool> {
    const USE: &str = "
        UPDATE approval_link SET used_at = $3
        WHERE tenant_id = $1 AND token_hash = $2 AND used_at IS NULL AND expires_at > $3";
    let rows = tx
        .execute_typed(USE, &[(&tenant.0, Type::UUID), (&token_hash, Type::BYTEA), (&now, Type::TIMESTAMPTZ)])
        .await?;
    Ok(rows == 1)
}

/// What open proposals ask for of these documents: by document, line and component.
pub async fn asked_for(
    tx: &Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
) -> DbResult<std::collections::HashMap<(DocumentRef, String, String), rust_decimal::Decimal>> {
    const ASKED: &str = "
        SELECT d.kind, d.document_id, d.line_id, d.component, sum(d.quantity) AS quantity
        FROM unnest($2::text[], $3::text[]) AS wanted (kind, document_id)
        JOIN proposal_demand d ON d.tenant_id = $1 AND d.kind = wanted.kind AND d.document_id = wanted.document_id
        JOIN proposal p ON p.tenant_id = $1 AND p.proposal_id = d.proposal_id AND p.state = 'asked'
        GROUP BY d.kind, d.document_id, d.line_id, d.component";
    let kinds: Vec<_> = documents.iter().map(|document| document.kind.as_str()).collect();
    let ids: Vec<_> = documents.iter().map(|document| document.id.as_str()).collect();
    let rows =
        tx.query_typed(ASKED, &[(&tenant.0, Type::UUID), (&kinds, Type::TEXT_ARRAY), (&ids, Type::TEXT_ARRAY)]).await?;
    rows.iter()
        .map(|row| {
            let document = reference(row, "proposal_demand")?;
            Ok(((document, row.try_get("line_id")?, row.try_get("component")?), row.try_get("quantity")?))
        })
        .collect()
}
