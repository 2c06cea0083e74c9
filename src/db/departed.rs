//! Companies that no sweep looks through: those that are gone for good are deleted, with everything that is kept of them.
//!
//! Invariants: nothing of a company goes before its time is over, nor once it is connected again; what is large goes a few
//! rows at a time, the company itself last, so that a deletion that was cut off goes on.

use jiff::Timestamp;
use tokio_postgres::Transaction;
use tokio_postgres::types::Type;

use super::DbResult;
use crate::domain::ids::TenantId;

/// Companies that were disconnected before `before`, longest gone first. In a claim ([`super::enter_queue`]).
pub async fn departed(tx: &Transaction<'_>, before: Timestamp, limit: i64) -> DbResult<Vec<TenantId>> {
    const DEPARTED: &str = "
        SELECT tenant_id FROM connection WHERE state = 'disconnected' AND disconnected_at < $1
        ORDER BY disconnected_at
        LIMIT $2";
    let rows = tx.query_typed(DEPARTED, &[(&before, Type::TIMESTAMPTZ), (&limit, Type::INT8)]).await?;
    rows.iter().map(|row| Ok(TenantId(row.try_get("tenant_id")?))).collect()
}

/// Companies that no sweep looks through, in the order of their ids, after this one. In a claim.
pub async fn unswept(tx: &Transaction<'_>, after: TenantId, limit: i64) -> DbResult<Vec<TenantId>> {
    const UNSWEPT: &str = "
        SELECT tenant_id FROM (
            SELECT tenant_id FROM connection WHERE state <> 'connected' AND tenant_id > $1
            UNION
            SELECT tenant_id FROM tenant WHERE paused AND tenant_id > $1
        ) AS unswept
        ORDER BY tenant_id
        LIMIT $2";
    let rows = tx.query_typed(UNSWEPT, &[(&after.0, Type::UUID), (&limit, Type::INT8)]).await?;
    rows.iter().map(|row| Ok(TenantId(row.try_get("tenant_id")?))).collect()
}

/// Deletes some rows of a company that was disconnected before `before`; gives how many. None are left, or it is
/// connected again: 0. Where history may be forgotten ([`super::retention::enter`]).
pub async fn delete_some(tx: &Transaction<'_>, tenant: TenantId, before: Timestamp, limit: i64) -> DbResult<u64> {
    // some rows of a table; what hangs on them goes with them
    macro_rules! some {
        ($table:literal) => {
            concat!(
                "DELETE FROM ",
                $table,
                " WHERE tenant_id = $1 AND ctid = ANY (ARRAY(SELECT ctid FROM ",
                $table,
                " WHERE tenant_id = $1 LIMIT $2))"
            )
        };
    }
    const IS_DEPARTED: &str = "
        SELECT EXISTS (SELECT FROM connection
            WHERE tenant_id = $1 AND state = 'disconnected' AND disconnected_at < $2) AS departed";
    const SOME: [&str; 30] = [
        some!("delivery"),
        some!("changed_document"),
        some!("notice"),
        some!("host_mark"),
        some!("customer_told"),
        some!("unsubscribe_link"),
        some!("unsubscribed"),
        some!("mail_template"),
        some!("approval_link"),
        some!("proposal"),
        some!("proposed_change"),
        some!("intent"),
        some!("not_bought"),
        some!("line_choice"),
        some!("item_need"),
        some!("allocation"),
        some!("backorder"),
        some!("line_record"),
        some!("due_sum"),
        some!("purchase_record"),
        some!("sales_document"),
        some!("purchase_order"),
        some!("vendor_offer"),
        some!("stock_level"),
        some!("item_component"),
        some!("item"),
        some!("contact"),
        some!("warehouse"),
        some!("setting_up"),
        some!("audit"),
    ];
    let over = tx.query_typed_one(IS_DEPARTED, &[(&tenant.0, Type::UUID), (&before, Type::TIMESTAMPTZ)]).await?;
    if !over.try_get::<_, bool>("departed")? {
        return Ok(0);
    }
    for some in SOME {
        let rows = tx.execute_typed(some, &[(&tenant.0, Type::UUID), (&limit, Type::INT8)]).await?;
        if rows > 0 {
            return Ok(rows);
        }
    }
    Ok(0)
}

/// Deletes the company itself, with its people, settings and hooks. False: it is connected again, or gone already. In a
/// transaction of the company ([`super::enter_tenant`]).
pub async fn delete(tx: &Transaction<'_>, tenant: TenantId, before: Timestamp) -> DbResult<bool> {
    // in the order in which connecting takes them: the two cannot deadlock
    const LOCK: &str = "SELECT FROM tenant WHERE tenant_id = $1 FOR UPDATE";
    const CONNECTION: &str = "
        DELETE FROM connection WHERE tenant_id = $1 AND state = 'disconnected' AND disconnected_at < $2";
    const TENANT: &str = "DELETE FROM tenant WHERE tenant_id = $1";
    tx.query_typed(LOCK, &[(&tenant.0, Type::UUID)]).await?;
    let rows = tx.execute_typed(CONNECTION, &[(&tenant.0, Type::UUID), (&before, Type::TIMESTAMPTZ)]).await?;
    if rows == 1 {
        tx.execute_typed(TENANT, &[(&tenant.0, Type::UUID)]).await?;
    }
    Ok(rows == 1)
}
