//! Leases of what is claimed, whatever it is: taken, still held, or given back.
//!
//! Invariants: a lease is written only by the fence that took it, and only while it runs, so that what was settled in
//! between stays settled; a row that somebody writes just now is left out, it is looked at again soon.

use jiff::Timestamp;
use tokio_postgres::types::Type;
use tokio_postgres::{Row, Transaction};
use uuid::Uuid;

use super::connection::SweepClaim;
use super::notice::MarkClaim;
use super::{DbResult, changed_document, intent, notice};
use crate::domain::ids::TenantId;

/// What one job holds.
#[derive(Debug, Clone)]
pub enum Held {
    /// Of one tenant.
    Documents(Vec<changed_document::Claim>),
    Intent(intent::Claim),
    Mark(MarkClaim),
    Notice(notice::Claim),
    Sweep(SweepClaim),
}

impl Held {
    /// Whose it is; None: it is nothing.
    #[must_use]
    pub fn tenant(&self) -> Option<TenantId> {
        match self {
            Self::Documents(claims) => claims.first().map(|claim| claim.tenant),
            Self::Intent(claim) => Some(claim.tenant),
            Self::Mark(claim) => Some(claim.tenant),
            Self::Notice(claim) => Some(claim.tenant),
            Self::Sweep(claim) => Some(claim.tenant),
        }
    }
}

/// What a claim asks for.
#[derive(Debug, Clone, Copy)]
pub struct Due<'a> {
    /// What is due by then.
    pub now: Timestamp,
    /// Until when it is ours.
    pub until: Timestamp,
    /// Rows at most.
    pub limit: i64,
    /// Tenants that have their share already.
    pub busy: &'a [Uuid],
}

impl Due<'_> {
    /// Runs a claim: $1 now, $2 until when, $3 how many, $4 of which tenants none.
    pub(super) async fn claim(&self, tx: &Transaction<'_>, claim: &str) -> DbResult<Vec<Row>> {
        let rows = tx
            .query_typed(
                claim,
                &[
                    (&self.now, Type::TIMESTAMPTZ),
                    (&self.until, Type::TIMESTAMPTZ),
                    (&self.limit, Type::INT8),
                    (&self.busy, Type::UUID_ARRAY),
                ],
            )
            .await?;
        Ok(rows)
    }
}

/// What becomes of a lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lease {
    /// Its job goes on: held until then.
    Until(Timestamp),
    /// Its job was cut off: another worker may have it at once.
    GivenBack,
    /// Its job was not begun: another may have it at once, and the try does not count.
    NotBegun,
}

/// Writes the lease of what is held. False: nothing of it is ours any more.
pub async fn write(tx: &Transaction<'_>, held: &Held, lease: Lease) -> DbResult<bool> {
    let until = match lease {
        Lease::Until(until) => Some(until),
        Lease::GivenBack | Lease::NotBegun => None,
    };
    let uncounted = i32::from(lease == Lease::NotBegun);
    let rows = match held {
        Held::Documents(claims) => documents(tx, claims, until, uncounted).await?,
        Held::Mark(claim) => mark(tx, claim, until, uncounted).await?,
        Held::Intent(claim) => {
            const INTENT: &str = "
                UPDATE intent SET lease_until = $4, attempt = attempt - $5
                WHERE tenant_id = $1 AND intent_id = $2 AND fence = $3 AND lease_until IS NOT NULL";
            one(tx, INTENT, claim.tenant, claim.id.0, claim.fence, until, uncounted).await?
        }
        Held::Notice(claim) => {
            const NOTICE: &str = "
                UPDATE notice SET lease_until = $4, attempt = attempt - $5
                WHERE tenant_id = $1 AND notice_id = $2 AND fence = $3 AND lease_until IS NOT NULL";
            one(tx, NOTICE, claim.tenant, claim.id.0, claim.fence, until, uncounted).await?
        }
        Held::Sweep(claim) => sweep(tx, *claim, until).await?,
    };
    Ok(rows > 0)
}

async fn one(
    tx: &Transaction<'_>,
    statement: &str,
    tenant: TenantId,
    id: uuid::Uuid,
    fence: i64,
    until: Option<Timestamp>,
    uncounted: i32,
) -> DbResult<u64> {
    let parameters: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 5] = [
        (&tenant.0, Type::UUID),
        (&id, Type::UUID),
        (&fence, Type::INT8),
        (&until, Type::TIMESTAMPTZ),
        (&uncounted, Type::INT4),
    ];
    Ok(tx.execute_typed(statement, &parameters).await?)
}

async fn documents(
    tx: &Transaction<'_>,
    claims: &[changed_document::Claim],
    until: Option<Timestamp>,
    uncounted: i32,
) -> DbResult<u64> {
    const DOCUMENTS: &str = "
        UPDATE changed_document AS c SET lease_until = $5, attempt = c.attempt - $6
        FROM (
            SELECT d.tenant_id, d.kind, d.document_id
            FROM unnest($2::text[], $3::text[], $4::int8[]) AS h (kind, document_id, fence)
            JOIN changed_document d ON d.tenant_id = $1 AND d.kind = h.kind AND d.document_id = h.document_id
                AND d.fence = h.fence
            WHERE d.lease_until IS NOT NULL
            FOR UPDATE OF d SKIP LOCKED     -- never in the way of an intake or of the commit that settles
        ) AS held
        WHERE (c.tenant_id, c.kind, c.document_id) = (held.tenant_id, held.kind, held.document_id)";
    let Some(tenant) = claims.first().map(|claim| claim.tenant) else { return Ok(0) };
    let kinds: Vec<_> = claims.iter().map(|claim| claim.document.kind.as_str()).collect();
    let ids: Vec<_> = claims.iter().map(|claim| claim.document.id.as_str()).collect();
    let fences: Vec<_> = claims.iter().map(|claim| claim.fence).collect();
    let rows = tx
        .execute_typed(
            DOCUMENTS,
            &[
                (&tenant.0, Type::UUID),
                (&kinds, Type::TEXT_ARRAY),
                (&ids, Type::TEXT_ARRAY),
                (&fences, Type::INT8_ARRAY),
                (&until, Type::TIMESTAMPTZ),
                (&uncounted, Type::INT4),
            ],
        )
        .await?;
    Ok(rows)
}

async fn mark(tx: &Transaction<'_>, claim: &MarkClaim, until: Option<Timestamp>, uncounted: i32) -> DbResult<u64> {
    const MARK: &str = "
        UPDATE host_mark SET lease_until = $5, attempt = attempt - $6
        WHERE tenant_id = $1 AND kind = $2 AND document_id = $3 AND fence = $4 AND lease_until IS NOT NULL";
    let rows = tx
        .execute_typed(
            MARK,
            &[
                (&claim.tenant.0, Type::UUID),
                (&claim.document.kind.as_str(), Type::TEXT),
                (&claim.document.id, Type::TEXT),
                (&claim.fence, Type::INT8),
                (&until, Type::TIMESTAMPTZ),
                (&uncounted, Type::INT4),
            ],
        )
        .await?;
    Ok(rows)
}

/// A sweep that is given back is due again at once: its next times were moved on when it was claimed.
async fn sweep(tx: &Transaction<'_>, claim: SweepClaim, until: Option<Timestamp>) -> DbResult<u64> {
    const SWEEP: &str = "
        UPDATE connection
        SET sweep_lease_until = $3,
            next_poll_at = CASE WHEN $3::timestamptz IS NULL THEN '-infinity' ELSE next_poll_at END,
            next_sweep_at = CASE WHEN $3::timestamptz IS NULL AND $4 THEN '-infinity' ELSE next_sweep_at END
        WHERE tenant_id = $1 AND sweep_fence = $2 AND sweep_lease_until IS NOT NULL";
    let rows = tx
        .execute_typed(
            SWEEP,
            &[
                (&claim.tenant.0, Type::UUID),
                (&claim.fence, Type::INT8),
                (&until, Type::TIMESTAMPTZ),
                (&claim.whole, Type::BOOL),
            ],
        )
        .await?;
    Ok(rows)
}
