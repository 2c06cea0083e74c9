//! After the trouble: everything must come to its end by itself, and what asks for a person gets one.

use std::time::{Duration, Instant};

use anyhow::Result;
use backorders::clock::{Clock as _, SystemClock};
use backorders::db::{self, connection};

use crate::scene::Scene;
use crate::watch::Person;

/// Longer than a lease, the quarantine and two sweeps take together.
const LONGEST: Duration = Duration::from_secs(240);

/// Waits until nothing waits any more and a sweep after that finds nothing; gives what still waits, and how long it took.
///
/// Delays between tries and the ten minutes that a mail rests after an unclear answer are put forward, so that nobody
/// waits for them; leases and quarantines run as they are.
pub(crate) async fn until_quiet(scene: &Scene, person: &mut Person) -> Result<(Vec<String>, Duration)> {
    const PUT_FORWARD: &str = "
        UPDATE changed_document SET due_at = now() WHERE seen_seq < changed_seq AND due_at > now();
        UPDATE host_mark SET due_at = now() WHERE shown_seq < wanted_seq AND due_at > now() AND due_at < 'infinity';
        UPDATE notice SET due_at = now() WHERE state IN ('due', 'unknown') AND due_at > now() AND due_at < 'infinity';
        UPDATE intent SET due_at = now() WHERE due_at > now() AND due_at < 'infinity'
            AND (state IN ('planned', 'created') OR (state = 'unknown' AND COALESCE(quarantine_until <= now(), true)))";
    let begun = Instant::now();
    let mut swept_since = None;
    loop {
        person.do_what_is_asked(&scene.office, &scene.tenants).await?;
        scene.pool.get().await?.batch_execute(PUT_FORWARD).await?;
        let waiting = waiting(scene).await?;
        if begun.elapsed() > LONGEST {
            return Ok((waiting, begun.elapsed()));
        }
        match swept_since {
            _ if !waiting.is_empty() => swept_since = None,
            None => {
                swept_since = Some(SystemClock.now());
                for tenant in scene.tenants.clone() {
                    request_sweep(scene, tenant.id).await?;
                }
            }
            // looked through since, and still nothing: it is quiet
            Some(since) if swept(scene, since).await? => return Ok((waiting, begun.elapsed())),
            Some(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn waiting(scene: &Scene) -> Result<Vec<String>> {
    const WAITING: &str = "
        SELECT 'document ' || kind || ' ' || document_id || ': ' || COALESCE(last_error, '') AS what
        FROM changed_document WHERE seen_seq < changed_seq
        UNION ALL SELECT 'intent ' || action || ' ' || state || ' ' || marker || ': ' || COALESCE(last_error, '')
        FROM intent WHERE state IN ('planned', 'sending', 'unknown') OR (state = 'created' AND issue)
            OR (action = 'create' AND state IN ('rejected', 'needs_human'))
        UNION ALL SELECT 'mark ' || document_id || ': ' || COALESCE(last_error, '') FROM host_mark
        WHERE shown_seq < wanted_seq
        UNION ALL SELECT 'notice ' || state || ' ' || notice_key || ': ' || COALESCE(last_error, '')
        FROM notice WHERE state IN ('due', 'sending', 'unknown')
        UNION ALL SELECT 'connection ' || state || ': ' || COALESCE(state_reason, '') FROM connection
        WHERE state <> 'connected'
        UNION ALL SELECT 'proposal ' || group_key FROM proposal WHERE state = 'asked'";
    let rows = scene.pool.get().await?.query(WAITING, &[]).await?;
    Ok(rows.iter().map(|row| row.try_get("what")).collect::<Result<_, _>>()?)
}

async fn request_sweep(scene: &Scene, tenant: backorders::domain::ids::TenantId) -> Result<()> {
    let mut client = scene.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    connection::request_sweep(&tx, tenant, SystemClock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn swept(scene: &Scene, since: jiff::Timestamp) -> Result<bool> {
    const SWEPT: &str = "
        SELECT bool_and(last_checked_at > $1 AND sweep_lease_until IS NULL) AS swept FROM connection";
    Ok(scene.pool.get().await?.query_one(SWEPT, &[&since]).await?.try_get("swept")?)
}
