//! `backorders serve` and `backorders migrate`: makes the parts from the settings and runs them until told to stop.
//!
//! Invariants: nothing is served before the schema is at least this version's; the private PostgreSQL outlives
//! everything that uses it; on a signal no new work is begun, and running work gets the drain time to finish.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use deadpool_postgres::{Pool, PoolError};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_postgres::error::SqlState;
use tracing_subscriber::EnvFilter;

use crate::clock::{Clock, SystemClock};
use crate::config::{Config, LogFormat};
use crate::db::{self, DbError};
use crate::embedded_postgres::EmbeddedPostgres;
use crate::mail::Mailer;
use crate::secret::Keyring;

/// How long a request waits for a connection to the database before it is told to come again.
const CONNECTION_WAIT: Duration = Duration::from_secs(5);
/// A database that does not answer is waited for this long at start.
const STARTING_WITHIN: Duration = Duration::from_secs(30);
/// How often we look whether the private PostgreSQL still runs.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The private key file in the state folder.
const KEY_FILE: &str = "master_key";

/// What web and worker are made from.
#[derive(Debug, Clone)]
pub(super) struct Parts {
    pub(super) config: Arc<Config>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) keyring: Arc<Keyring>,
    pub(super) pool: Pool,
    pub(super) mailer: Arc<Mailer>,
    /// Becomes true when no new work is to be begun.
    pub(super) stopping: watch::Receiver<bool>,
}

/// The database: its address, and the server if it is ours.
struct Database {
    url: SecretString,
    embedded: Option<EmbeddedPostgres>,
}

pub(super) fn serve() -> anyhow::Result<()> {
    let config = start()?;
    let database = Database::start(&config)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keyring = keyring(&config, clock.as_ref())?;
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    let outcome = runtime.block_on(run(config, database, clock, keyring));
    runtime.shutdown_timeout(LOOK_EVERY);
    outcome
}

pub(super) fn migrate() -> anyhow::Result<()> {
    let config = start()?;
    let database = Database::start(&config)?;
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    runtime.block_on(db::migrate(database.url.expose_secret())).context("bringing the database up to date")?;
    tracing::info!(version = db::schema_version(), "the database is up to date");
    Ok(())
}

pub(super) fn replay(args: super::replay::ReplayArgs) -> anyhow::Result<()> {
    let config = start()?;
    let database = Database::start(&config)?;
    let runtime = tokio::runtime::Runtime::new().context("starting the runtime")?;
    runtime.block_on(super::replay::run(args, database.url.expose_secret()))
}

/// Reads the settings and makes what every command needs.
fn start() -> anyhow::Result<Config> {
    let config = Config::from_environment()?;
    let filter = EnvFilter::try_new(&config.log_filter)
        .with_context(|| format!("BACKORDERS_LOG_FILTER: '{}' cannot be read", config.log_filter))?;
    let logs = tracing_subscriber::fmt().with_env_filter(filter);
    match config.log_format {
        LogFormat::Json => logs.json().flatten_event(true).init(),
        LogFormat::Text => logs.with_ansi(false).with_target(false).init(),
    }
    // A second start in one process finds it installed: it is the same one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    if !config.allowed_private_cidrs.is_empty() {
        tracing::warn!(ranges = ?config.allowed_private_cidrs, "ERPs and mail servers inside these ranges are reached without the address guard, also without TLS");
    }
    Ok(config)
}

impl Database {
    /// The operator's, else the private one. From the main thread, before the runtime has work: it blocks.
    fn start(config: &Config) -> anyhow::Result<Self> {
        if let Some(url) = &config.database_url {
            return Ok(Self { url: url.clone(), embedded: None });
        }
        let postgres = EmbeddedPostgres::start(&config.state_dir, config.pg_bin.as_deref())?;
        tracing::info!(folder = %config.state_dir.display(), "the private PostgreSQL runs");
        Ok(Self { url: SecretString::from(postgres.url()), embedded: Some(postgres) })
    }
}

/// The operator's keys, else the one in the state folder, made when there is none.
fn keyring(config: &Config, clock: &dyn Clock) -> anyhow::Result<Keyring> {
    if let Some(keys) = &config.master_keys {
        return Keyring::parse(keys).context("BACKORDERS_MASTER_KEYS");
    }
    let path = config.state_dir.join(KEY_FILE);
    let key = match read_key(&path) {
        Ok(key) => key,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let key = Keyring::generate("state", clock);
            write_key(&path, &key).with_context(|| format!("keeping a new master key in {}", path.display()))?;
            tracing::warn!(file = %path.display(), "made a master key for stored credentials: without this file every company must be connected anew");
            key
        }
        Err(error) => return Err(error).with_context(|| format!("reading the master key {}", path.display())),
    };
    Keyring::parse(&key).with_context(|| format!("the master key in {}", path.display()))
}

fn read_key(path: &Path) -> std::io::Result<SecretString> {
    let mut text = String::new();
    File::open(path)?.read_to_string(&mut text)?;
    Ok(SecretString::from(text))
}

/// Writes beside, then renames: a key that is cut off would lock everything that it encrypted.
fn write_key(path: &Path, key: &SecretString) -> std::io::Result<()> {
    let unfinished = path.with_extension("new");
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(&unfinished)?;
    file.write_all(key.expose_secret().as_bytes())?;
    file.sync_all()?;
    fs::rename(&unfinished, path)
}

/// Everything between a started database and a stopped one.
async fn run(config: Config, mut database: Database, clock: Arc<dyn Clock>, keyring: Keyring) -> anyhow::Result<()> {
    let mut signals = Signals::listen()?;
    let url = database.url.expose_secret();
    if database.embedded.is_some() {
        db::migrate(url).await.context("bringing the private database up to date")?;
    }
    let limits = db::PoolLimits { connections: config.database_connections, wait: CONNECTION_WAIT };
    let pool = db::pool(url, limits).context("DATABASE_URL")?;
    check_schema(&pool).await?;

    let (stop, stopping) = watch::channel(false);
    let drain = config.drain;
    let mailer = Mailer::new(config.mail.clone()).context("preparing to send mail")?;
    let parts = Parts {
        config: Arc::new(config),
        clock,
        keyring: Arc::new(keyring),
        pool: pool.clone(),
        mailer: Arc::new(mailer),
        stopping,
    };
    let mut tasks = super::tasks::spawn(&parts)?;
    let ended = wait_for_the_end(&mut signals, &mut tasks, database.embedded.as_mut()).await;
    if let Ok(reason) = &ended {
        tracing::info!(reason, "stopping: no new work, what runs may finish");
    }
    // Every receiver may be gone already: then there is nothing to tell.
    let _ = stop.send(true);
    let finished = tokio::time::timeout(drain, async { while tasks.join_next().await.is_some() {} }).await;
    if finished.is_err() {
        tracing::warn!(
            seconds = drain.as_secs(),
            "work was still running after the drain time; it is taken up again later"
        );
        tasks.shutdown().await;
    }
    pool.close();
    if let Some(postgres) = database.embedded.take() {
        // It waits for the server's end; nothing else is left to do on this thread.
        postgres.stop();
    }
    ended.map(|_| ())
}

/// What tells the process to stop.
struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("listening for signals");
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }
}

/// Until a signal, a task that ends, or a database of ours that ends.
async fn wait_for_the_end(
    signals: &mut Signals,
    tasks: &mut JoinSet<anyhow::Result<()>>,
    mut embedded: Option<&mut EmbeddedPostgres>,
) -> anyhow::Result<&'static str> {
    let mut look = tokio::time::interval(LOOK_EVERY);
    loop {
        tokio::select! {
            _ = signals.interrupt.recv() => return Ok("interrupted"),
            _ = signals.terminate.recv() => return Ok("told to stop"),
            Some(ended) = tasks.join_next() => {
                ended.context("a part of the program broke down")??;
                bail!("a part of the program ended by itself");
            }
            _ = look.tick() => {
                if embedded.as_mut().is_some_and(|postgres| !postgres.is_running()) {
                    bail!("the private PostgreSQL has ended: see postgres.log in the state folder");
                }
            }
        }
    }
}

/// The database may be starting, or away for a moment: that is waited for. What waiting cannot mend is told at once.
async fn first_connection(pool: &Pool) -> Result<deadpool_postgres::Client, PoolError> {
    let begun = Instant::now();
    loop {
        let error = match pool.get().await {
            Ok(client) => return Ok(client),
            Err(error) => error,
        };
        if begun.elapsed() > STARTING_WITHIN || !may_come(&error) {
            return Err(error);
        }
        tracing::warn!(%error, "the database does not answer yet");
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// No answer, or the answer of a server that starts, stops or is full (SQLSTATE classes 57 and 53).
fn may_come(error: &PoolError) -> bool {
    match error {
        PoolError::Backend(error) => {
            error.code().is_none_or(|code| code.code().starts_with("57") || code.code().starts_with("53"))
        }
        PoolError::Timeout(_) => true,
        _ => false,
    }
}

/// A database of the operator's is migrated by `backorders migrate` only, so that a deployment decides when.
async fn check_schema(pool: &Pool) -> anyhow::Result<()> {
    let client = first_connection(pool).await.context("reaching the database")?;
    let applied = match db::applied_version(&client).await {
        Err(DbError::Postgres(error)) if error.code() == Some(&SqlState::UNDEFINED_TABLE) => 0,
        other => other.context("reading the schema's version")?,
    };
    let ours = db::schema_version();
    if applied < ours {
        bail!("the database's schema is at version {applied}, this program needs {ours}: run backorders migrate first");
    }
    Ok(())
}
