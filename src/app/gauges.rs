//! What is measured: the recorder, and the gauges that are read from the database now and then.
//!
//! Invariants: no label names a company, a person or an item; a database that is away is not waited for.

use std::time::Duration;

use anyhow::Context as _;
use deadpool_postgres::Pool;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::sync::watch;

use crate::db::{self, DbResult, gauges};

/// How often the gauges are read: as often as scrapers commonly come.
const EVERY: Duration = Duration::from_secs(15);
/// Upper bounds in seconds, tight where the promises are (50 ms, 250 ms, 800 ms).
const ACK_SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.8, 1.0, 3.0, 5.0];
/// Upper bounds in seconds of jobs and calls to hosts.
const WORK_SECONDS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0];
/// The states of an intent on its way: a gauge that nothing is in must say 0.
const ON_THE_WAY: [&str; 4] = ["planned", "sending", "unknown", "created"];

/// Begins to measure; the handle writes it all out.
pub(super) fn recorder() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full("backorders_webhook_ack_seconds".to_owned()), &ACK_SECONDS)
        .and_then(|builder| builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &WORK_SECONDS))
        .and_then(PrometheusBuilder::install_recorder)
        .context("preparing to measure")?;
    metrics::gauge!("backorders_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    // what must never happen must be seen to be 0
    metrics::counter!("backorders_po_duplicates_detected_total").absolute(0);
    Ok(handle)
}

/// Reads the gauges now and then, until `stopping` becomes true.
pub(super) async fn keep(pool: Pool, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        match read(&pool).await {
            Ok(gauges) => show(&gauges),
            Err(error) => tracing::warn!(%error, "the gauges could not be read"),
        }
        let _ = tokio::time::timeout(EVERY, stopping.changed()).await;
    }
}

async fn read(pool: &Pool) -> DbResult<gauges::Gauges> {
    let begun = std::time::Instant::now();
    let mut client = pool.get().await?;
    metrics::histogram!("backorders_db_pool_wait_seconds").record(begun.elapsed());
    let tx = client.transaction().await?;
    db::enter_queue(&tx).await?;
    let gauges = gauges::read(&tx).await?;
    tx.commit().await?;
    Ok(gauges)
}

fn show(now: &gauges::Gauges) {
    let set = |name: &'static str, value: i64| metrics::gauge!(name).set(to_float(value));
    set("backorders_dirty_documents", now.changed_documents);
    set("backorders_inbox_oldest_seconds", now.oldest_change);
    for state in ON_THE_WAY {
        let count = now.intents.iter().find(|(name, _)| name == state).map_or(0, |(_, count)| *count);
        metrics::gauge!("backorders_intents", "state" => state).set(to_float(count));
        if state == "unknown" {
            set("backorders_intents_unknown", count);
        }
    }
    if let Some(seconds) = now.token_ends_in {
        set("backorders_token_expiry_seconds", seconds);
    }
    set("backorders_sweep_lag_seconds", now.longest_unchecked);
    set("backorders_db_oldest_xact_seconds", now.oldest_transaction);
    metrics::gauge!("backorders_table_dead_ratio").set(to_float(now.dead_percent) / 100.0);
}

/// A gauge is a float; what is counted here is far below where that loses anything.
fn to_float(value: i64) -> f64 {
    f64::from(i32::try_from(value).unwrap_or(i32::MAX))
}
