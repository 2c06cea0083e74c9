//! PostgreSQL: SQL text and row mapping, nothing else. The tenant is an argument of every function.
//!
//! Invariants: SQL is a `const` inside the one function that runs it; no named prepared statement (`PgBouncer` in
//! transaction mode must do); rows are read by name; every write checks its row count; state moves guard themselves
//! in WHERE. Nothing here begins or commits: worker and web do, in plain sight, and each transaction first takes a
//! role and a tenant ([`enter_tenant`], [`enter_intake`], [`enter_queue`]): row security lets it see nothing else.

use std::str::FromStr;
use std::time::Duration;

use deadpool_postgres::{Client, Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use thiserror::Error;
use tokio_postgres::types::Type;
use tokio_postgres::{NoTls, Transaction};

use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};

pub mod audit;
pub mod backorder;
pub mod change;
pub mod changed_document;
pub mod connection;
pub mod counts;
pub mod customer_mail;
pub mod delivery;
pub mod departed;
pub mod differing;
pub mod digest;
pub mod due_sum;
pub mod erase;
pub mod export;
pub mod gauges;
pub mod insights;
pub mod insights_behind;
pub mod intent;
pub mod items;
pub mod lease;
pub mod line_choice;
pub mod line_record;
pub mod listing;
pub mod mirror;
pub mod named;
pub mod not_bought;
pub mod notice;
pub mod open_order;
pub mod person;
pub mod proposal;
pub mod retention;
pub mod saved_view;
pub mod scope;
pub mod setting_up;
pub mod settings;
pub mod snapshot;
pub mod stuck_intent;
pub mod work_list;

/// A statement that did not do what it must.
#[derive(Debug, Error)]
pub enum DbError {
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    #[error("no connection to the database: {0}")]
    Pool(#[from] deadpool_postgres::PoolError),
    /// A stored value is not one that this version knows.
    #[error("stored value of {table}.{column} cannot be read: {detail}")]
    Inconsistent { table: &'static str, column: &'static str, detail: String },
    /// Another worker has taken over, or the row moved on: what was to be written is no longer true.
    #[error("{what} is no longer ours to write")]
    Lost { what: &'static str },
    #[error("migration failed: {0}")]
    Migration(#[from] refinery::Error),
    #[error("database address: {0}")]
    Address(String),
    /// What was asked of it may have been done.
    #[error("the database does not answer")]
    Silent,
}

impl DbError {
    /// Serialisation failure, deadlock or a lost connection: the transaction may simply be run again.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Postgres(error) => {
                error.is_closed() || matches!(self.class(), Some("40" | "08" | "57" | "53" | "55"))
            }
            Self::Pool(_) | Self::Silent => true,
            _ => false,
        }
    }

    /// Serialisation failure or deadlock: nothing was done, and there is no reason to wait before the next try.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.class() == Some("40")
    }

    /// The class of the SQLSTATE.
    fn class(&self) -> Option<&str> {
        match self {
            Self::Postgres(error) => error.code().map(|code| &code.code()[..2]),
            _ => None,
        }
    }
}

pub type DbResult<T> = Result<T, DbError>;

/// How many connections, and how long to wait for one.
#[derive(Debug, Clone, Copy)]
pub struct PoolLimits {
    pub connections: usize,
    /// Also for what [`within`] asks of one.
    pub wait: Duration,
}

/// A connection over which nothing comes is given up: after so long without a word it is asked whether it stands, so
/// often, at this distance; what was sent is acknowledged within so long.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(15);
const KEEPALIVE_EVERY: Duration = Duration::from_secs(5);
const KEEPALIVES: u32 = 3;
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(15);

impl Default for PoolLimits {
    fn default() -> Self {
        Self { connections: 16, wait: Duration::from_secs(5) }
    }
}

/// A pool of connections to the database at `url`. TLS is verified unless the server is on this machine.
pub fn pool(url: &str, limits: PoolLimits) -> DbResult<Pool> {
    let mut config = tokio_postgres::Config::from_str(url).map_err(|error| DbError::Address(error.to_string()))?;
    config.keepalives_idle(KEEPALIVE_AFTER).keepalives_interval(KEEPALIVE_EVERY).keepalives_retries(KEEPALIVES);
    config.tcp_user_timeout(ACKNOWLEDGED_WITHIN);
    let manager_config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = if is_local(&config) {
        Manager::from_config(config, NoTls, manager_config)
    } else {
        Manager::from_config(config, tls()?, manager_config)
    };
    Pool::builder(manager)
        .max_size(limits.connections)
        .wait_timeout(Some(limits.wait))
        .create_timeout(Some(limits.wait))
        .runtime(Runtime::Tokio1)
        .build()
        .map_err(|error| DbError::Address(error.to_string()))
}

/// Work on a connection, within the time that the pool lets one wait for one: somebody outside waits for it. A connection
/// that does not answer in it is not used again.
///
/// # Errors
/// [`DbError::Silent`] when the time is over: the work may have been committed all the same.
pub async fn within<T>(pool: &Pool, work: impl AsyncFnOnce(&mut Client) -> DbResult<T>) -> DbResult<T> {
    let Some(wait) = pool.timeouts().wait else { return work(&mut pool.get().await?).await };
    let until = tokio::time::Instant::now() + wait;
    let mut client = tokio::time::timeout_at(until, pool.get()).await.map_err(|_| DbError::Silent)??;
    let outcome = tokio::time::timeout_at(until, work(&mut client)).await;
    outcome.unwrap_or_else(|_| {
        drop(Client::take(client));
        Err(DbError::Silent)
    })
}

fn is_local(config: &tokio_postgres::Config) -> bool {
    use tokio_postgres::config::Host;
    config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback()),
    })
}

fn tls() -> DbResult<tokio_postgres_rustls::MakeRustlsConnect> {
    let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| DbError::Address(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(tokio_postgres_rustls::MakeRustlsConnect::new(config))
}

mod embedded {
    refinery::embed_migrations!("src/db/migrations");
}

/// The newest migration of this version.
#[must_use]
pub fn schema_version() -> i32 {
    embedded::migrations::runner().get_migrations().iter().map(refinery::Migration::version).max().unwrap_or(0)
}

/// Brings the schema to this version; starts at the same time wait for each other.
pub async fn migrate(url: &str) -> DbResult<()> {
    // refinery takes no lock of its own. This one goes with a transaction: behind a pooler a session is not ours to lock.
    const ALONE: &str = "
        SET LOCAL idle_in_transaction_session_timeout = 0;
        SELECT pg_advisory_xact_lock(hashtext('backorders migrations'))";
    let mut waits = connect(url).await?;
    let alone = waits.transaction().await?;
    alone.batch_execute(ALONE).await?;
    embedded::migrations::runner().run_async(&mut connect(url).await?).await?;
    alone.commit().await?;
    Ok(())
}

/// A connection of its own, beside the pool.
async fn connect(url: &str) -> DbResult<tokio_postgres::Client> {
    let config = tokio_postgres::Config::from_str(url).map_err(|error| DbError::Address(error.to_string()))?;
    if is_local(&config) {
        let (client, connection) = config.connect(NoTls).await?;
        tokio::spawn(connection);
        return Ok(client);
    }
    let (client, connection) = config.connect(tls()?).await?;
    tokio::spawn(connection);
    Ok(client)
}

/// The version that the database is at; 0 when it has never been migrated.
pub async fn applied_version(client: &tokio_postgres::Client) -> DbResult<i32> {
    const APPLIED: &str = "SELECT max(version) AS version FROM refinery_schema_history";
    let row = client.query_typed(APPLIED, &[]).await?;
    Ok(row.first().and_then(|row| row.get::<_, Option<i32>>("version")).unwrap_or(0))
}

/// Makes the rest of this transaction see and write this tenant's rows only.
pub async fn enter_tenant(tx: &Transaction<'_>, tenant: TenantId) -> DbResult<()> {
    const ENTER: &str = "
        SELECT set_config('app.tenant', $1, true), set_config('role', 'backorders_app', true),
            -- a process that was stopped in the middle must not hold its locks for ever
            set_config('idle_in_transaction_session_timeout', '10s', true)";
    tx.query_typed(ENTER, &[(&tenant.to_string(), Type::TEXT)]).await?;
    Ok(())
}

/// Has what this transaction makes and marks belong to a trace (W3C trace context): intents, marks in the host, changed
/// documents.
pub async fn follow(tx: &Transaction<'_>, traceparent: Option<&str>) -> DbResult<()> {
    const FOLLOW: &str = "SELECT set_config('app.traceparent', $1, true)";
    if let Some(traceparent) = traceparent {
        tx.query_typed(FOLLOW, &[(&traceparent, Type::TEXT)]).await?;
    }
    Ok(())
}

/// Makes the rest of this transaction an intake: it can keep deliveries and mark documents, of any tenant.
pub async fn enter_intake(tx: &Transaction<'_>) -> DbResult<()> {
    const ENTER: &str = "
        SELECT set_config('role', 'backorders_intake', true),
            set_config('idle_in_transaction_session_timeout', '10s', true)";
    tx.query_typed(ENTER, &[]).await?;
    Ok(())
}

/// Makes the rest of this transaction a claim: it sees what is due of every tenant, and no content.
pub async fn enter_queue(tx: &Transaction<'_>) -> DbResult<()> {
    const ENTER: &str = "
        SELECT set_config('role', 'backorders_queue', true),
            set_config('idle_in_transaction_session_timeout', '10s', true)";
    tx.query_typed(ENTER, &[]).await?;
    Ok(())
}

/// Fails unless exactly one row was written.
fn one(rows: u64, what: &'static str) -> DbResult<()> {
    all(rows, 1, what)
}

/// Fails unless as many rows were written as were meant.
fn all(rows: u64, meant: usize, what: &'static str) -> DbResult<()> {
    if rows == meant as u64 { Ok(()) } else { Err(DbError::Lost { what }) }
}

/// The document that a row of a table is of: its `kind` and `document_id`.
fn reference(row: &tokio_postgres::Row, table: &'static str) -> DbResult<DocumentRef> {
    let kind: String = row.try_get("kind")?;
    let kind = DocumentKind::parse(&kind).ok_or(DbError::Inconsistent { table, column: "kind", detail: kind })?;
    Ok(DocumentRef::new(kind, row.try_get::<_, String>("document_id")?))
}

/// A stored JSON value as its type.
fn json<T: serde::de::DeserializeOwned>(
    value: serde_json::Value,
    table: &'static str,
    column: &'static str,
) -> DbResult<T> {
    serde_json::from_value(value).map_err(|error| DbError::Inconsistent { table, column, detail: error.to_string() })
}

/// A type's value as JSON to be stored.
fn to_json<T: serde::Serialize>(value: &T) -> serde_json::Value {
    serde_json::to_value(value).unwrap_or(serde_json::Value::Null)
}
