//! Digests: one mail that carries many notices to one person.
//!
//! Invariants: a notice is in one digest or a mail of its own; once a digest is being sent nothing joins it; what becomes
//! of the digest becomes of all that is in it.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::{DbResult, json as from_json, one};
use crate::domain::ids::{NoticeId, TenantId};
use crate::domain::notice::Notice;

/// Opens the digest that goes to this person then, or joins it. None: it is being sent or has gone.
pub async fn open(
    tx: &Transaction<'_>,
    tenant: TenantId,
    id: NoticeId,
    recipient: &str,
    due_at: Timestamp,
    now: Timestamp,
) -> DbResult<Option<NoticeId>> {
    // the row stays locked until the notice that joins it is there as well
    const OPEN: &str = "
        INSERT INTO notice AS n (tenant_id, notice_id, notice_key, event, recipient, body, state, due_at, created_at)
        VALUES ($1, $2, $3, 'digest', $4, $5, 'due', $6, $7)
        ON CONFLICT (tenant_id, notice_key) DO UPDATE SET due_at = n.due_at
        WHERE n.state = 'due' AND n.lease_until IS NULL
        RETURNING notice_id";
    let key = format!("digest|{recipient}|{due_at}");
    let row = tx
        .query_typed_opt(
            OPEN,
            &[
                (&tenant.0, Type::UUID),
                (&id.0, Type::UUID),
                (&key, Type::TEXT),
                (&recipient, Type::TEXT),
                (&json!({}), Type::JSONB),
                (&due_at, Type::TIMESTAMPTZ),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    row.map(|row| Ok(NoticeId(row.try_get("notice_id")?))).transpose()
}

/// Puts a notice that is not being sent yet into a digest.
pub async fn join(tx: &Transaction<'_>, tenant: TenantId, notice: NoticeId, digest: NoticeId) -> DbResult<()> {
    const JOIN: &str = "
        UPDATE notice SET digest_id = $3, due_at = 'infinity'
        WHERE tenant_id = $1 AND notice_id = $2 AND state = 'due' AND lease_until IS NULL";
    let rows =
        tx.execute_typed(JOIN, &[(&tenant.0, Type::UUID), (&notice.0, Type::UUID), (&digest.0, Type::UUID)]).await?;
    one(rows, "the notice")
}

/// How many single mails were made since then for each of these people who had any.
pub async fn single_mails(
    tx: &Transaction<'_>,
    tenant: TenantId,
    recipients: &[&str],
    since: Timestamp,
) -> DbResult<HashMap<String, i64>> {
    const COUNT: &str = "
        SELECT recipient, count(*) AS mails FROM notice
        WHERE tenant_id = $1 AND recipient = ANY($2) AND created_at > $3 AND digest_id IS NULL AND event <> 'digest'
        GROUP BY recipient";
    let rows = tx
        .query_typed(COUNT, &[(&tenant.0, Type::UUID), (&recipients, Type::TEXT_ARRAY), (&since, Type::TIMESTAMPTZ)])
        .await?;
    rows.iter().map(|row| Ok((row.try_get("recipient")?, row.try_get("mails")?))).collect()
}

/// What a digest carries, oldest first, and how many there are in all.
pub async fn carried(
    tx: &Transaction<'_>,
    tenant: TenantId,
    digest: NoticeId,
    limit: i64,
) -> DbResult<(Vec<Notice>, i64)> {
    const CARRIED: &str = "
        SELECT body, count(*) OVER () AS in_all FROM notice
        WHERE tenant_id = $1 AND digest_id = $2 ORDER BY created_at, notice_id LIMIT $3";
    let rows =
        tx.query_typed(CARRIED, &[(&tenant.0, Type::UUID), (&digest.0, Type::UUID), (&limit, Type::INT8)]).await?;
    let in_all = rows.first().map(|row| row.try_get("in_all")).transpose()?.unwrap_or(0);
    let notices = rows
        .iter()
        .map(|row| from_json(row.try_get::<_, Value>("body")?, "notice", "body"))
        .collect::<DbResult<Vec<Notice>>>()?;
    Ok((notices, in_all))
}

/// Everything that a digest carries becomes what the digest has become.
pub async fn settle(
    tx: &Transaction<'_>,
    tenant: TenantId,
    digest: NoticeId,
    state: &str,
    sent_at: Option<Timestamp>,
) -> DbResult<()> {
    const SETTLE: &str = "UPDATE notice SET state = $3, sent_at = $4 WHERE tenant_id = $1 AND digest_id = $2";
    tx.execute_typed(
        SETTLE,
        &[(&tenant.0, Type::UUID), (&digest.0, Type::UUID), (&state, Type::TEXT), (&sent_at, Type::TIMESTAMPTZ)],
    )
    .await?;
    Ok(())
}
