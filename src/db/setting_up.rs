//! Who sets a company of a host up right now.
//!
//! Invariants: at most one at a time, by whatever address; a claim that nobody gives back ends by itself. Each function runs
//! in a claim ([`super::enter_queue`]): by another address the company would be another tenant.

use jiff::Timestamp;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;
use uuid::Uuid;

use super::DbResult;
use crate::domain::ids::TenantId;

/// What a claim is for.
#[derive(Debug, Clone, Copy)]
pub struct Claim<'a> {
    pub id: Uuid,
    pub tenant: TenantId,
    pub host_kind: &'a str,
    pub host_identity: &'a str,
}

/// Takes the right to set a company up until then; false while somebody else has it.
pub async fn claim(tx: &Transaction<'_>, claim: &Claim<'_>, now: Timestamp, until: Timestamp) -> DbResult<bool> {
    const ENDED: &str = "DELETE FROM setting_up WHERE lease_until <= $1";
    const CLAIM: &str = "
        INSERT INTO setting_up (tenant_id, host_kind, host_identity, claim_id, lease_until)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING";
    tx.execute_typed(ENDED, &[(&now, Type::TIMESTAMPTZ)]).await?;
    let rows = tx
        .execute_typed(
            CLAIM,
            &[
                (&claim.tenant.0, Type::UUID),
                (&claim.host_kind, Type::TEXT),
                (&claim.host_identity, Type::TEXT),
                (&claim.id, Type::UUID),
                (&until, Type::TIMESTAMPTZ),
            ],
        )
        .await?;
    Ok(rows == 1)
}

/// Gives the right back; one that has ended is somebody else's by now, or nobody's.
pub async fn release(tx: &Transaction<'_>, tenant: TenantId, claim: Uuid) -> DbResult<()> {
    const RELEASE: &str = "DELETE FROM setting_up WHERE tenant_id = $1 AND claim_id = $2";
    tx.execute_typed(RELEASE, &[(&tenant.0, Type::UUID), (&claim, Type::UUID)]).await?;
    Ok(())
}
