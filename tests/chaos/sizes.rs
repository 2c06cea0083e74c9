//! How much room it takes: the memory of the processes while they work, and the tables in the end.

use std::fs;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::watch as channel;
use tokio_postgres::Client;

/// What a process may take at most, in MiB; one at rest takes a sixth of it.
const MOST_MIB: u64 = 256;
/// By how much of a hundred a long run may end above its middle.
const MOST_GROWTH: u64 = 20;
/// So many looks make a run long enough to speak of growth.
const LONG: usize = 60;
/// Tables that are named: the largest.
const MOST_TABLES: i64 = 6;
/// Between two looks.
const EVERY: Duration = Duration::from_secs(2);

/// The memory of the largest of our processes, in KiB, look by look.
#[derive(Debug, Default)]
pub(crate) struct Sizes(Vec<u64>);

impl Sizes {
    /// Looks now and then, until told to stop.
    pub(crate) async fn watch(mut stopping: channel::Receiver<bool>) -> Self {
        let mut sizes = Self::default();
        while !*stopping.borrow() {
            sizes.0.extend(largest_child());
            let _ = tokio::time::timeout(EVERY, stopping.changed()).await;
        }
        sizes
    }

    /// What is to be told, and whether it is bounded.
    pub(crate) async fn verdict(&self, client: &Client) -> Result<(String, bool)> {
        const TABLES: &str = "
            SELECT c.relname::text AS name, pg_total_relation_size(c.oid) / 1024 AS kib, s.n_live_tup AS rows
            FROM pg_class c JOIN pg_stat_user_tables s ON s.relid = c.oid
            WHERE c.relkind = 'r' ORDER BY 2 DESC LIMIT $1";
        let quarter = self.0.len() / 4;
        let most = self.0.iter().max().copied().unwrap_or_default();
        let most_of = |part: &[u64]| part.iter().max().copied().unwrap_or_default();
        let middle = most_of(&self.0[quarter..quarter * 2]);
        let end = most_of(&self.0[quarter * 3..]);
        let grows = self.0.len() >= LONG && end * 100 > middle * (100 + MOST_GROWTH);
        let mut tables = Vec::new();
        for row in client.query(TABLES, &[&MOST_TABLES]).await? {
            let (name, kib, rows): (String, i64, i64) =
                (row.try_get("name")?, row.try_get("kib")?, row.try_get("rows")?);
            tables.push(format!("{name} {kib} KiB with {rows} rows"));
        }
        let text = format!(
            "a process took {} MiB at most, {} in the second quarter, {} in the last; {}",
            most >> 10,
            middle >> 10,
            end >> 10,
            tables.join(", ")
        );
        Ok((text, most >> 10 <= MOST_MIB && !grows))
    }
}

/// The resident memory of the largest process that we have started.
fn largest_child() -> Option<u64> {
    let own = format!("PPid:\t{}", std::process::id());
    let processes =
        fs::read_dir("/proc").ok()?.filter_map(|entry| fs::read_to_string(entry.ok()?.path().join("status")).ok());
    let memory = |status: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().trim_end_matches(" kB").parse::<u64>().ok()
    };
    processes
        .filter(|status| status.starts_with("Name:\tbackorders\n") && status.contains(&own))
        .filter_map(|status| memory(&status))
        .max()
}
