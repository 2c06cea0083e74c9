//! Deliveries as they came in, kept for people and for proof; and the hooks that they came through.

use jiff::Timestamp;
use serde_json::Value;
use tokio_postgres::Transaction;
use tokio_postgres::types::{Json, Type};

use super::{DbResult, json, one};
use crate::domain::ids::{DeliveryId, DocumentRef, TenantId};

/// What became of a delivery at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Accepted,
    /// Verified, but of an event that means nothing to us.
    Ignored,
    /// Verified, but not readable: kept whole, for a person.
    Unreadable,
}

impl Outcome {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Ignored => "ignored",
            Self::Unreadable => "unreadable",
        }
    }
}

/// One verified delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    pub tenant: TenantId,
    pub id: DeliveryId,
    pub received_at: Timestamp,
    /// When what it names may be read: not before the sender has committed it.
    pub readable_at: Timestamp,
    pub event: String,
    /// The sender's own id of it, where the scheme has one: a second one is the same delivery.
    pub source_event_id: Option<String>,
    pub outcome: Outcome,
    pub documents: Vec<DocumentRef>,
    pub detail: Option<String>,
    /// Kept for unreadable ones only.
    pub body: Option<Vec<u8>>,
    pub traceparent: Option<String>,
}

/// Keeps deliveries; gives the ids of those that are new (a repeated `source_event_id` is not).
pub async fn insert(tx: &Transaction<'_>, deliveries: &[Delivery]) -> DbResult<Vec<DeliveryId>> {
    const INSERT: &str = "
        INSERT INTO delivery (tenant_id, delivery_id, received_at, event, source_event_id, outcome, documents, detail,
            body, traceparent)
        SELECT tenant_id, delivery_id, received_at, event, source_event_id, outcome, documents, detail,
            body, traceparent
        FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::jsonb[],
            $8::text[], $9::bytea[], $10::text[])
            AS d (tenant_id, delivery_id, received_at, event, source_event_id, outcome, documents, detail, body,
                traceparent)
        ORDER BY tenant_id, delivery_id
        ON CONFLICT DO NOTHING
        RETURNING delivery_id";
    let tenants: Vec<_> = deliveries.iter().map(|d| d.tenant.0).collect();
    let ids: Vec<_> = deliveries.iter().map(|d| d.id.0).collect();
    let received: Vec<_> = deliveries.iter().map(|d| d.received_at).collect();
    let events: Vec<_> = deliveries.iter().map(|d| d.event.as_str()).collect();
    let sources: Vec<_> = deliveries.iter().map(|d| d.source_event_id.as_deref()).collect();
    let outcomes: Vec<_> = deliveries.iter().map(|d| d.outcome.as_str()).collect();
    let documents: Vec<_> = deliveries.iter().map(|d| Json(&d.documents)).collect();
    let details: Vec<_> = deliveries.iter().map(|d| d.detail.as_deref()).collect();
    let bodies: Vec<_> = deliveries.iter().map(|d| d.body.as_deref()).collect();
    let traces: Vec<_> = deliveries.iter().map(|d| d.traceparent.as_deref()).collect();
    let rows = tx
        .query_typed(
            INSERT,
            &[
                (&tenants, Type::UUID_ARRAY),
                (&ids, Type::UUID_ARRAY),
                (&received, Type::TIMESTAMPTZ_ARRAY),
                (&events, Type::TEXT_ARRAY),
                (&sources, Type::TEXT_ARRAY),
                (&outcomes, Type::TEXT_ARRAY),
                (&documents, Type::JSONB_ARRAY),
                (&details, Type::TEXT_ARRAY),
                (&bodies, Type::BYTEA_ARRAY),
                (&traces, Type::TEXT_ARRAY),
            ],
        )
        .await?;
    rows.iter().map(|row| Ok(DeliveryId(row.try_get("delivery_id")?))).collect()
}

/// How deliveries of one hook are verified. The secrets are still encrypted.
#[derive(Debug, Clone)]
pub struct HookSecrets {
    pub tenant: TenantId,
    pub host_kind: String,
    pub event: String,
    pub scheme: String,
    pub secret: Option<Vec<u8>>,
    pub previous_secret: Option<Vec<u8>>,
    pub previous_valid_until: Option<Timestamp>,
}

/// The hook behind a path token, if the company is still connected; behind a former one as long as it is let in.
pub async fn find_hook(
    tx: &Transaction<'_>,
    tenant: TenantId,
    token_hash: &[u8],
    now: Timestamp,
) -> DbResult<Option<HookSecrets>> {
    const FIND: &str = "
        SELECT h.tenant_id, c.host_kind, h.event, h.scheme, h.secret, h.previous_secret, h.previous_valid_until
        FROM hook h
        JOIN connection c ON c.tenant_id = h.tenant_id
        WHERE h.tenant_id = $1 AND c.state <> 'disconnected'
            AND (h.token_hash = $2 OR (h.previous_token_hash = $2 AND h.previous_valid_until >= $3))";
    let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] =
        [(&tenant.0, Type::UUID), (&token_hash, Type::BYTEA), (&now, Type::TIMESTAMPTZ)];
    let row = tx.query_typed_opt(FIND, &parameters).await?;
    row.map(|row| {
        Ok(HookSecrets {
            tenant: TenantId(row.try_get("tenant_id")?),
            host_kind: row.try_get("host_kind")?,
            event: row.try_get("event")?,
            scheme: row.try_get("scheme")?,
            secret: row.try_get("secret")?,
            previous_secret: row.try_get("previous_secret")?,
            previous_valid_until: row.try_get("previous_valid_until")?,
        })
    })
    .transpose()
}

/// A hook of ours as it stands.
#[derive(Debug, Clone)]
pub struct Hook {
    pub token_hash: Vec<u8>,
    pub event: String,
    pub scheme: String,
    /// Encrypted; field name `hook.path_token`.
    pub path_token: Vec<u8>,
    /// Encrypted; field name `hook.secret`.
    pub secret: Option<Vec<u8>>,
    pub host_hook_id: Option<String>,
    /// When its address was last renewed, and by whom.
    pub rotated: Option<(Timestamp, String)>,
    /// Until when the former address is let in.
    pub previous_valid_until: Option<Timestamp>,
    pub last_delivery_at: Option<Timestamp>,
}

/// A hook to be kept; secrets encrypted.
#[derive(Debug, Clone)]
pub struct NewHook<'a> {
    pub token_hash: &'a [u8],
    pub event: &'a str,
    pub scheme: &'a str,
    pub path_token: &'a [u8],
    pub secret: Option<&'a [u8]>,
}

/// Keeps a hook; a hook of the same event is replaced.
pub async fn upsert_hook(tx: &Transaction<'_>, tenant: TenantId, hook: &NewHook<'_>, now: Timestamp) -> DbResult<()> {
    const UPSERT: &str = "
        INSERT INTO hook (tenant_id, token_hash, event, scheme, path_token, secret, created_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (tenant_id, event) DO UPDATE SET
            token_hash = excluded.token_hash, scheme = excluded.scheme, path_token = excluded.path_token,
            secret = excluded.secret, host_hook_id = NULL, created_at = excluded.created_at";
    let rows = tx
        .execute_typed(
            UPSERT,
            &[
                (&tenant.0, Type::UUID),
                (&hook.token_hash, Type::BYTEA),
                (&hook.event, Type::TEXT),
                (&hook.scheme, Type::TEXT),
                (&hook.path_token, Type::BYTEA),
                (&hook.secret, Type::BYTEA),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the hook")
}

/// A new address for a hook.
#[derive(Debug, Clone)]
pub struct NewAddress<'a> {
    pub token_hash: &'a [u8],
    /// Encrypted; field name `hook.path_token`.
    pub path_token: &'a [u8],
    /// Until when the former one is let in.
    pub former_until: Timestamp,
    pub by: &'a str,
}

/// Renews the address of a hook; the host has yet to be told of it.
pub async fn rotate_hook(
    tx: &Transaction<'_>,
    tenant: TenantId,
    event: &str,
    new: &NewAddress<'_>,
    now: Timestamp,
) -> DbResult<()> {
    const ROTATE: &str = "
        UPDATE hook SET
            -- one that the host was never told of needs no grace: the one before it is still in use there
            previous_token_hash = CASE WHEN host_hook_id IS NULL AND previous_token_hash IS NOT NULL
                THEN previous_token_hash ELSE token_hash END,
            previous_valid_until = $5, token_hash = $3, path_token = $4, host_hook_id = NULL,
            rotated_by = $6, rotated_at = $7
        WHERE tenant_id = $1 AND event = $2";
    let rows = tx
        .execute_typed(
            ROTATE,
            &[
                (&tenant.0, Type::UUID),
                (&event, Type::TEXT),
                (&new.token_hash, Type::BYTEA),
                (&new.path_token, Type::BYTEA),
                (&new.former_until, Type::TIMESTAMPTZ),
                (&new.by, Type::TEXT),
                (&now, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    one(rows, "the hook")
}

/// Records the host's id of a registered hook.
pub async fn set_hook_registered(
    tx: &Transaction<'_>,
    tenant: TenantId,
    event: &str,
    host_hook_id: &str,
) -> DbResult<()> {
    const SET: &str = "UPDATE hook SET host_hook_id = $3 WHERE tenant_id = $1 AND event = $2";
    let rows =
        tx.execute_typed(SET, &[(&tenant.0, Type::UUID), (&event, Type::TEXT), (&host_hook_id, Type::TEXT)]).await?;
    one(rows, "the hook")
}

/// Keeps the same secrets of a hook, encrypted anew.
pub async fn reseal_hook(
    tx: &Transaction<'_>,
    tenant: TenantId,
    event: &str,
    path_token: &[u8],
    secret: Option<&[u8]>,
) -> DbResult<()> {
    const RESEAL: &str = "UPDATE hook SET path_token = $3, secret = $4 WHERE tenant_id = $1 AND event = $2";
    let rows = tx
        .execute_typed(
            RESEAL,
            &[(&tenant.0, Type::UUID), (&event, Type::TEXT), (&path_token, Type::BYTEA), (&secret, Type::BYTEA)],
        )
        .await?;
    one(rows, "the hook")
}

/// All hooks of a tenant, by event.
pub async fn hooks(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<Vec<Hook>> {
    const HOOKS: &str = "
        SELECT h.token_hash, h.event, h.scheme, h.path_token, h.secret, h.host_hook_id, h.rotated_at, h.rotated_by,
            h.previous_valid_until,
            (SELECT d.received_at FROM delivery d WHERE d.tenant_id = h.tenant_id AND d.event = h.event
             ORDER BY d.received_at DESC LIMIT 1) AS last_delivery_at
        FROM hook h WHERE h.tenant_id = $1 ORDER BY h.event";
    let rows = tx.query_typed(HOOKS, &[(&tenant.0, Type::UUID)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Hook {
                token_hash: row.try_get("token_hash")?,
                event: row.try_get("event")?,
                scheme: row.try_get("scheme")?,
                path_token: row.try_get("path_token")?,
                secret: row.try_get("secret")?,
                host_hook_id: row.try_get("host_hook_id")?,
                rotated: row.try_get::<_, Option<_>>("rotated_at")?.zip(row.try_get("rotated_by")?),
                previous_valid_until: row.try_get("previous_valid_until")?,
                last_delivery_at: row.try_get("last_delivery_at")?,
            })
        })
        .collect()
}

/// A kept delivery, for the activity page.
#[derive(Debug, Clone)]
pub struct KeptDelivery {
    pub id: DeliveryId,
    pub received_at: Timestamp,
    pub event: String,
    pub outcome: String,
    pub documents: Vec<DocumentRef>,
    pub detail: Option<String>,
}

/// How many deliveries have come since then, up to `most` and one more.
pub async fn count_since(tx: &Transaction<'_>, tenant: TenantId, since: Timestamp, most: i64) -> DbResult<i64> {
    const COUNT: &str = "
        SELECT count(*) FROM (
            SELECT FROM delivery WHERE tenant_id = $1 AND received_at >= $2 LIMIT $3 + 1
        ) AS few";
    let row =
        tx.query_typed_one(COUNT, &[(&tenant.0, Type::UUID), (&since, Type::TIMESTAMPTZ), (&most, Type::INT8)]).await?;
    Ok(row.try_get(0)?)
}

/// The newest deliveries, up to `before`.
pub async fn newest(
    tx: &Transaction<'_>,
    tenant: TenantId,
    before: Timestamp,
    limit: i64,
) -> DbResult<Vec<KeptDelivery>> {
    const NEWEST: &str = "
        SELECT delivery_id, received_at, event, outcome, documents, detail FROM delivery
        WHERE tenant_id = $1 AND received_at < $2
        ORDER BY received_at DESC
        LIMIT $3";
    let rows =
        tx.query_typed(NEWEST, &[(&tenant.0, Type::UUID), (&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)]).await?;
    rows.iter()
        .map(|row| {
            Ok(KeptDelivery {
                id: DeliveryId(row.try_get("delivery_id")?),
                received_at: row.try_get("received_at")?,
                event: row.try_get("event")?,
                outcome: row.try_get("outcome")?,
                documents: json(row.try_get::<_, Value>("documents")?, "delivery", "documents")?,
                detail: row.try_get("detail")?,
            })
        })
        .collect()
}

/// The documents that deliveries of a time named.
pub async fn documents_between(
    tx: &Transaction<'_>,
    tenant: TenantId,
    from: Timestamp,
    to: Timestamp,
) -> DbResult<Vec<DocumentRef>> {
    const BETWEEN: &str = "
        SELECT documents FROM delivery WHERE tenant_id = $1 AND received_at >= $2 AND received_at <= $3";
    let rows = tx
        .query_typed(BETWEEN, &[(&tenant.0, Type::UUID), (&from, Type::TIMESTAMPTZ), (&to, Type::TIMESTAMPTZ)])
        .await?;
    let mut documents = Vec::new();
    for row in &rows {
        documents.extend(json::<Vec<DocumentRef>>(row.try_get::<_, Value>("documents")?, "delivery", "documents")?);
    }
    Ok(documents)
}
