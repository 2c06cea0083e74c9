//! Tenants and how their host is reached; tokens are stored encrypted and leave as they are.
//!
//! Invariant: at most one refresh of a token at a time ([`lease_refresh`]), because a host may take back the old
//! refresh token. A company of a host is connected once, by whatever address ([`elsewhere`]).

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};

use super::{DbResult, one};
use crate::domain::ids::TenantId;

/// A stored connection. `access_token` and `refresh_token` are encrypted under those field names.
#[derive(Debug, Clone)]
pub struct StoredConnection {
    pub tenant: TenantId,
    pub tenant_name: String,
    pub time_zone: String,
    pub base_currency: Option<String>,
    pub host_kind: String,
    pub base_url: String,
    pub company: String,
    pub options: Value,
    pub state: String,
    pub state_reason: Option<String>,
    pub access_token: Option<Vec<u8>>,
    pub refresh_token: Option<Vec<u8>>,
    pub token_expires_at: Option<Timestamp>,
    pub token_version: i64,
    pub connected_by: String,
    pub connected_at: Timestamp,
    pub last_checked_at: Option<Timestamp>,
    pub last_missed: i32,
    pub last_repaired: i32,
    pub last_sweep_error: Option<String>,
}

fn stored(row: &Row) -> DbResult<StoredConnection> {
    Ok(StoredConnection {
        tenant: TenantId(row.try_get("tenant_id")?),
        tenant_name: row.try_get("name")?,
        time_zone: row.try_get("time_zone")?,
        base_currency: row.try_get("base_currency")?,
        host_kind: row.try_get("host_kind")?,
        base_url: row.try_get("base_url")?,
        company: row.try_get("company")?,
        options: row.try_get("options")?,
        state: row.try_get("state")?,
        state_reason: row.try_get("state_reason")?,
        access_token: row.try_get("access_token")?,
        refresh_token: row.try_get("refresh_token")?,
        token_expires_at: row.try_get("token_expires_at")?,
        token_version: row.try_get("token_version")?,
        connected_by: row.try_get("connected_by")?,
        connected_at: row.try_get("connected_at")?,
        last_checked_at: row.try_get("last_checked_at")?,
        last_missed: row.try_get("last_missed")?,
        last_repaired: row.try_get("last_repaired")?,
        last_sweep_error: row.try_get("last_sweep_error")?,
    })
}

/// The tenant's connection, if it was ever connected.
pub async fn find(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Option<StoredConnection>> {
    const FIND: &str = "
        SELECT t.name, t.time_zone, t.base_currency, c.*
        FROM connection c
        JOIN tenant t ON t.tenant_id = c.tenant_id
        WHERE c.tenant_id = $1";
    tx.query_typed_opt(FIND, &[(&tenant.0, Type::UUID)]).await?.as_ref().map(stored).transpose()
}

/// Which rights have been made use of, because what they lead to is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// A purchase order of ours is in the host.
    pub orders: bool,
    /// A sale shows there how it stands.
    pub marks: bool,
    /// A customer's or vendor's address was read.
    pub contacts: bool,
}

/// What is known of the rights that the host gave.
pub async fn used(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Used> {
    const USED: &str = "
        SELECT EXISTS (SELECT FROM intent WHERE tenant_id = $1 AND purchase_order_id IS NOT NULL) AS orders,
            EXISTS (SELECT FROM host_mark WHERE tenant_id = $1 AND shown_seq > 0) AS marks,
            EXISTS (SELECT FROM contact WHERE tenant_id = $1) AS contacts";
    let row = tx.query_typed_one(USED, &[(&tenant.0, Type::UUID)]).await?;
    Ok(Used { orders: row.try_get("orders")?, marks: row.try_get("marks")?, contacts: row.try_get("contacts")? })
}

/// A company that has just been connected.
#[derive(Debug, Clone)]
pub struct NewConnection<'a> {
    pub tenant_name: &'a str,
    /// IANA name.
    pub time_zone: &'a str,
    pub base_currency: Option<&'a str>,
    pub host_kind: &'a str,
    pub base_url: &'a str,
    pub company: &'a str,
    /// What tells the company from all others of this kind of host, whatever its address is.
    pub host_identity: Option<&'a str>,
    pub options: &'a Value,
    pub access_token: &'a [u8],
    pub refresh_token: Option<&'a [u8]>,
    pub token_expires_at: Option<Timestamp>,
    pub connected_by: &'a str,
}

/// Connects a company, or connects it again; its settings and history stay. The first sweep is due at once.
pub async fn connect(tx: &Transaction<'_>, tenant: TenantId, new: &NewConnection<'_>, now: Timestamp) -> DbResult<()> {
    const TENANT: &str = "
        INSERT INTO tenant (tenant_id, name, time_zone, base_currency, created_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (tenant_id) DO UPDATE SET
            name = excluded.name, time_zone = excluded.time_zone, base_currency = excluded.base_currency";
    const CONNECTION: &str = "
        INSERT INTO connection (tenant_id, host_kind, base_url, company, options, state, access_token, refresh_token,
            token_expires_at, connected_by, connected_at, next_poll_at, next_sweep_at, host_identity)
        VALUES ($1, $2, $3, $4, $5, 'connected', $6, $7, $8, $9, $10, $10, $10, $11)
        ON CONFLICT (tenant_id) DO UPDATE SET
            options = excluded.options, state = 'connected', state_reason = NULL,
            access_token = excluded.access_token, refresh_token = excluded.refresh_token,
            token_expires_at = excluded.token_expires_at, token_version = connection.token_version + 1,
            refresh_lease_until = NULL, connected_by = excluded.connected_by, connected_at = excluded.connected_at,
            next_poll_at = excluded.next_poll_at, next_sweep_at = excluded.next_sweep_at,
            host_identity = COALESCE(excluded.host_identity, connection.host_identity)";
    let rows = tx
        .execute_typed(
            TENANT,
            &[
                (&tenant.0, Type::UUID),
                (&new.tenant_name, Type::TEXT),
                (&new.time_zone, Type::TEXT),
                (&new.base_currency, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the tenant")?;
    let rows = tx
        .execute_typed(
            CONNECTION,
            &[
                (&tenant.0, Type::UUID),
                (&new.host_kind, Type::TEXT),
                (&new.base_url, Type::TEXT),
                (&new.company, Type::TEXT),
                (&new.options, Type::JSONB),
                (&new.access_token, Type::BYTEA),
                (&new.refresh_token, Type::BYTEA),
                (&new.token_expires_at, Type::TIMESTAMPTZ),
                (&new.connected_by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&new.host_identity, Type::TEXT),
            ],
        )
        .await?;
    one(rows, "the connection")?;
    resume(tx, tenant, now).await
}

/// The address by which another tenant is connected that is the same company of the same host. In a claim
/// ([`super::enter_queue`]): it looks over all tenants.
pub async fn elsewhere(
    tx: &Transaction<'_>,
    tenant: TenantId,
    host_kind: &str,
    host_identity: &str,
) -> DbResult<Option<String>> {
    const ELSEWHERE: &str = "
        SELECT base_url FROM connection
        WHERE host_kind = $2 AND host_identity = $3 AND state <> 'disconnected' AND tenant_id <> $1";
    let row = tx
        .query_typed_opt(ELSEWHERE, &[(&tenant.0, Type::UUID), (&host_kind, Type::TEXT), (&host_identity, Type::TEXT)])
        .await?;
    row.map(|row| Ok(row.try_get("base_url")?)).transpose()
}

/// Makes due at once what waits for its next try, because its cause is gone. What rests because its outcome is unknown
/// goes on resting.
async fn resume(tx: &Transaction<'_>, tenant: TenantId, now: Timestamp) -> DbResult<()> {
    const RESUME: [&str; 3] = [
        "UPDATE changed_document SET due_at = $2, attempt = 0
         WHERE tenant_id = $1 AND seen_seq < changed_seq AND due_at > $2",
        "UPDATE intent SET due_at = $2, attempt = 0
         WHERE tenant_id = $1 AND due_at > $2 AND due_at < 'infinity'
            AND (state IN ('planned', 'created') OR (state = 'unknown' AND COALESCE(quarantine_until <= $2, true)))",
        "UPDATE host_mark SET due_at = $2, attempt = 0
         WHERE tenant_id = $1 AND shown_seq < wanted_seq AND due_at > $2",
    ];
    for resume in RESUME {
        tx.execute_typed(resume, &[(&tenant.0, Type::UUID), (&now, Type::TIMESTAMPTZ)]).await?;
    }
    Ok(())
}

/// Takes the right to refresh the token, if nobody else is at it and it is still this version.
pub async fn lease_refresh(
    tx: &Transaction<'_>,
    tenant: TenantId,
    version: i64,
    now: Timestamp,
    until: Timestamp,
) -> DbResult<bool> {
    const LEASE: &str = "
        UPDATE connection SET refresh_lease_until = $4
        WHERE tenant_id = $1 AND token_version = $2
            AND (refresh_lease_until IS NULL OR refresh_lease_until < $3)";
    let rows = tx
        .execute_typed(
            LEASE,
            &[(&tenant.0, Type::UUID), (&version, Type::INT8), (&now, Type::TIMESTAMPTZ), (&until, Type::TIMESTAMPTZ)],
        )
        .await?;
    Ok(rows == 1)
}

/// Keeps refreshed tokens (encrypted) in place of version `version`.
pub async fn set_tokens(
    tx: &Transaction<'_>,
    tenant: TenantId,
    version: i64,
    access: &[u8],
    refresh: Option<&[u8]>,
    expires_at: Option<Timestamp>,
) -> DbResult<()> {
    const SET: &str = "
        UPDATE connection
        SET access_token = $3, refresh_token = COALESCE($4, refresh_token), token_expires_at = $5,
            token_version = token_version + 1, refresh_lease_until = NULL
        WHERE tenant_id = $1 AND token_version = $2";
    let rows = tx
        .execute_typed(
            SET,
            &[
                (&tenant.0, Type::UUID),
                (&version, Type::INT8),
                (&access, Type::BYTEA),
                (&refresh, Type::BYTEA),
                (&expires_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the access token")
}

/// Pauses, revokes, disconnects or resumes, with the reason for people. True if it was not so before.
pub async fn set_state(tx: &Transaction<'_>, tenant: TenantId, state: &str, reason: Option<&str>) -> DbResult<bool> {
    const SET: &str = "
        UPDATE connection SET state = $2, state_reason = $3, refresh_lease_until = NULL
        WHERE tenant_id = $1 AND state <> $2";
    let rows = tx.execute_typed(SET, &[(&tenant.0, Type::UUID), (&state, Type::TEXT), (&reason, Type::TEXT)]).await?;
    Ok(rows == 1)
}

/// Ends a connection: its tokens are forgotten at once, the rest after a while ([`super::departed`]). True if it was
/// connected before.
pub async fn disconnect(tx: &Transaction<'_>, tenant: TenantId, reason: &str, now: Timestamp) -> DbResult<bool> {
    const DISCONNECT: &str = "
        UPDATE connection
        SET state = 'disconnected', state_reason = $2, access_token = NULL, refresh_token = NULL,
            token_expires_at = NULL, token_version = token_version + 1, refresh_lease_until = NULL,
            disconnected_at = $3
        WHERE tenant_id = $1 AND state <> 'disconnected'";
    let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] =
        [(&tenant.0, Type::UUID), (&reason, Type::TEXT), (&now, Type::TIMESTAMPTZ)];
    Ok(tx.execute_typed(DISCONNECT, &parameters).await? == 1)
}

/// A tenant whose list is due to be looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepClaim {
    pub tenant: TenantId,
    pub fence: i64,
    /// The whole sweep; else only the kinds that have no event.
    pub whole: bool,
}

/// Claims one tenant whose poll or sweep is due and moves its next times on.
pub async fn claim_sweep(
    tx: &Transaction<'_>,
    now: Timestamp,
    lease_until: Timestamp,
    next_poll: Timestamp,
    next_sweep: Timestamp,
) -> DbResult<Option<SweepClaim>> {
    const CLAIM: &str = "
        WITH due AS (
            SELECT tenant_id, next_sweep_at <= $1 AS whole FROM connection AS c
            WHERE state = 'connected' AND (next_poll_at <= $1 OR next_sweep_at <= $1)
                AND (sweep_lease_until IS NULL OR sweep_lease_until < $1)
                AND NOT EXISTS (SELECT FROM tenant t WHERE t.tenant_id = c.tenant_id AND t.paused)
            ORDER BY next_poll_at
            LIMIT 1
            FOR UPDATE SKIP LOCKED
        )
        UPDATE connection AS c
        SET sweep_lease_until = $2, sweep_fence = c.sweep_fence + 1, next_poll_at = $3,
            next_sweep_at = CASE WHEN due.whole THEN $4 ELSE c.next_sweep_at END
        FROM due
        WHERE c.tenant_id = due.tenant_id
        RETURNING c.tenant_id, c.sweep_fence, due.whole";
    let row = tx
        .query_typed_opt(
            CLAIM,
            &[
                (&now, Type::TIMESTAMPTZ),
                (&lease_until, Type::TIMESTAMPTZ),
                (&next_poll, Type::TIMESTAMPTZ),
                (&next_sweep, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    row.map(|row| {
        Ok(SweepClaim {
            tenant: TenantId(row.try_get("tenant_id")?),
            fence: row.try_get("sweep_fence")?,
            whole: row.try_get("whole")?,
        })
    })
    .transpose()
}

/// What a sweep found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SweepResult {
    /// Changes that no event had told of.
    pub missed: i32,
    /// Hooks registered again, marks of ours found without their document.
    pub repaired: i32,
}

/// Ends a sweep; a whole one is shown as "last checked". One that failed is tried again at its time, and none before.
pub async fn finish_sweep(
    tx: &Transaction<'_>,
    claim: SweepClaim,
    result: Result<SweepResult, (&str, Timestamp)>,
    now: Timestamp,
) -> DbResult<()> {
    const FINISH: &str = "
        UPDATE connection
        SET sweep_lease_until = NULL,
            last_checked_at = CASE WHEN $3 AND $6::text IS NULL THEN $7 ELSE last_checked_at END,
            last_missed = CASE WHEN $3 AND $6::text IS NULL THEN $4 ELSE last_missed END,
            last_repaired = CASE WHEN $3 AND $6::text IS NULL THEN $5 ELSE last_repaired END,
            last_sweep_error = $6,
            next_poll_at = COALESCE($8, next_poll_at),
            next_sweep_at = CASE WHEN $3 THEN COALESCE($8, next_sweep_at) ELSE GREATEST(next_sweep_at, $8) END
        WHERE tenant_id = $1 AND sweep_fence = $2";
    let (found, error, again_at) = match result {
        Ok(found) => (found, None, None),
        Err((error, again_at)) => (SweepResult::default(), Some(error), Some(again_at)),
    };
    let rows = tx
        .execute_typed(
            FINISH,
            &[
                (&claim.tenant.0, Type::UUID),
                (&claim.fence, Type::INT8),
                (&claim.whole, Type::BOOL),
                (&found.missed, Type::INT4),
                (&found.repaired, Type::INT4),
                (&error, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
                (&again_at, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the sweep")
}

/// Makes the next sweep due now ("check now").
pub async fn request_sweep(tx: &Transaction<'_>, tenant: TenantId, now: Timestamp) -> DbResult<()> {
    const REQUEST: &str = "UPDATE connection SET next_sweep_at = $2, next_poll_at = $2 WHERE tenant_id = $1";
    let rows = tx.execute_typed(REQUEST, &[(&tenant.0, Type::UUID), (&now, Type::TIMESTAMPTZ)]).await?;
    one(rows, "the connection")
}

/// Makes the token of version `version` due to be renewed: the host refused it.
pub async fn expire_token(tx: &Transaction<'_>, tenant: TenantId, version: i64, now: Timestamp) -> DbResult<()> {
    const EXPIRE: &str = "
        UPDATE connection SET token_expires_at = $3 WHERE tenant_id = $1 AND token_version = $2";
    // a newer version is as good: nothing to do
    tx.execute_typed(EXPIRE, &[(&tenant.0, Type::UUID), (&version, Type::INT8), (&now, Type::TIMESTAMPTZ)]).await?;
    Ok(())
}
