//! How much waits and how old it is, over all tenants: what operators watch.

use tokio_postgres::Transaction;

use super::DbResult;

/// What waits now. Ages in seconds, 0 where nothing waits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Gauges {
    /// Changed documents that were not looked at yet.
    pub changed_documents: i64,
    /// Since when the oldest of them waits; of companies that are connected.
    pub oldest_change: i64,
    /// Intents by state, those that are under way or wait for a person.
    pub intents: Vec<(String, i64)>,
    /// Until the first access token ends; None: there is none.
    pub token_ends_in: Option<i64>,
    /// Since when the longest unchecked company was looked through.
    pub longest_unchecked: i64,
    /// The age of the oldest transaction of this database.
    pub oldest_transaction: i64,
    /// Of a hundred rows of the table that is worst off, how many are dead.
    pub dead_percent: i64,
}

/// Reads all gauges, as the queue sees them: no content.
pub async fn read(tx: &Transaction<'_>) -> DbResult<Gauges> {
    const WAITING: &str = "
        SELECT count(*) AS changed,
            COALESCE(extract(epoch FROM now() - min(changed_at) FILTER (WHERE n.state = 'connected')), 0)::bigint AS oldest
        FROM changed_document c
        LEFT JOIN connection n ON n.tenant_id = c.tenant_id
        WHERE c.seen_seq < c.changed_seq";
    const INTENTS: &str = "
        SELECT state, count(*) AS intents FROM intent
        WHERE state IN ('planned', 'sending', 'unknown', 'created') AND due_at < 'infinity'
        GROUP BY state";
    const CONNECTIONS: &str = "
        SELECT extract(epoch FROM min(token_expires_at) - now())::bigint AS ends_in,
            COALESCE(extract(epoch FROM now() - min(last_checked_at)), 0)::bigint AS unchecked
        FROM connection WHERE state = 'connected'";
    const SERVER: &str = "
        SELECT COALESCE((SELECT extract(epoch FROM max(now() - xact_start)) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()), 0)::bigint AS oldest,
            COALESCE((SELECT max(100 * n_dead_tup / greatest(n_live_tup + n_dead_tup, 1000))
                FROM pg_stat_user_tables), 0)::bigint AS dead";
    let waiting = tx.query_typed_one(WAITING, &[]).await?;
    let intents = tx.query_typed(INTENTS, &[]).await?;
    let connections = tx.query_typed_one(CONNECTIONS, &[]).await?;
    let server = tx.query_typed_one(SERVER, &[]).await?;
    Ok(Gauges {
        changed_documents: waiting.try_get("changed")?,
        oldest_change: waiting.try_get("oldest")?,
        intents: intents
            .iter()
            .map(|row| Ok((row.try_get("state")?, row.try_get("intents")?)))
            .collect::<DbResult<_>>()?,
        token_ends_in: connections.try_get("ends_in")?,
        longest_unchecked: connections.try_get("unchecked")?,
        oldest_transaction: server.try_get("oldest")?,
        dead_percent: server.try_get("dead")?,
    })
}
