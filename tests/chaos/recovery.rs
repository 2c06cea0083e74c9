//! How long it takes until work goes on: after a kill -9, until nothing is held by the dead any more; after
//! PostgreSQL was restarted, until a worker claims again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use deadpool_postgres::Pool;

/// Longer than anything that is allowed: it counts as never.
const GIVEN_UP: Duration = Duration::from_secs(180);

/// The times that were measured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recovery(Arc<Mutex<Times>>);

#[derive(Debug, Clone, Default)]
pub(crate) struct Times {
    pub(crate) kills: Vec<Duration>,
    /// Since PostgreSQL takes connections again.
    pub(crate) restarts: Vec<Duration>,
    /// Since it was stopped, its own start included.
    pub(crate) outages: Vec<Duration>,
    /// Measurements that are under way.
    open: usize,
}

impl Recovery {
    /// A worker was killed just now. Measures beside the run.
    pub(crate) async fn after_kill(&self, pool: &Pool) {
        let begun = Instant::now();
        let Some(held) = held(pool).await else { return };
        self.lock().open += 1;
        let (this, pool) = (self.clone(), pool.clone());
        tokio::spawn(async move {
            // another server may be starting: an answer that does not come says nothing
            while begun.elapsed() < GIVEN_UP && self::held(&pool).await.is_none_or(|now| !held.is_disjoint(&now)) {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            let mut times = this.lock();
            times.kills.push(begun.elapsed());
            times.open -= 1;
        });
    }

    /// PostgreSQL was stopped at `begun`, and takes connections again since `back`.
    pub(crate) fn after_restart(&self, pool: &Pool, begun: Instant, back: Instant) {
        self.lock().open += 1;
        let (this, pool) = (self.clone(), pool.clone());
        tokio::spawn(async move {
            let before = claims(&pool).await.unwrap_or_default();
            // something must be due
            let _ = mark(&pool).await;
            while begun.elapsed() < GIVEN_UP && claims(&pool).await.is_none_or(|now| now <= before) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let mut times = this.lock();
            times.restarts.push(back.elapsed());
            times.outages.push(begun.elapsed());
            times.open -= 1;
        });
    }

    /// The times, once all that is under way has ended.
    pub(crate) async fn times(&self) -> Times {
        while self.lock().open > 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Times> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All that is claimed, with its fence: who takes it over has another one.
async fn held(pool: &Pool) -> Option<BTreeSet<(String, i64)>> {
    const HELD: &str = "
        SELECT tenant_id || kind || document_id AS what, fence FROM changed_document WHERE lease_until IS NOT NULL
        UNION ALL SELECT 'intent ' || intent_id, fence FROM intent WHERE lease_until IS NOT NULL
        UNION ALL SELECT 'notice ' || notice_id, fence FROM notice WHERE lease_until IS NOT NULL
        UNION ALL SELECT 'mark ' || tenant_id || kind || document_id, fence FROM host_mark WHERE lease_until IS NOT NULL
        UNION ALL SELECT 'sweep ' || tenant_id, sweep_fence FROM connection WHERE sweep_lease_until IS NOT NULL";
    let rows = pool.get().await.ok()?.query(HELD, &[]).await.ok()?;
    rows.iter().map(|row| Some((row.try_get("what").ok()?, row.try_get("fence").ok()?))).collect()
}

/// How often anything was claimed so far.
async fn claims(pool: &Pool) -> Option<i64> {
    const CLAIMS: &str = "SELECT (SELECT COALESCE(sum(fence), 0) FROM changed_document)::bigint AS claims";
    pool.get().await.ok()?.query_one(CLAIMS, &[]).await.ok()?.try_get("claims").ok()
}

async fn mark(pool: &Pool) -> Option<()> {
    const MARK: &str = "
        UPDATE changed_document SET changed_seq = changed_seq + 1, due_at = now(), attempt = 0
        WHERE (tenant_id, kind, document_id) IN (SELECT tenant_id, kind, document_id FROM changed_document LIMIT 1)";
    pool.get().await.ok()?.execute(MARK, &[]).await.ok().map(drop)
}
