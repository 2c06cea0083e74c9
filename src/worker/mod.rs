//! The only place that joins domain, host and database: one changed document after another.
//!
//! The line: a changed document is claimed ([`Worker::run_once`]), read from the host (`refresh`), planned with
//! everything that shares its items (`replan`) and recorded with what must be told (`record`, `news`); what was
//! decided is bought (`purchase`), shown in the host (`marks`) and told (`notify`). `sweep` finds what no event told
//! of.
//!
//! Invariants: a claim is a short transaction (`claims`), the work runs outside it under a lease with a fence; nothing outside
//! is called inside a transaction; a failure is logged once, where it is settled; what can run again does.

mod access;
mod amend;
mod causes;
mod change;
mod claims;
mod customer;
mod departed;
mod letters;
mod lines;
mod marks;
mod named;
mod news;
mod notify;
mod offers;
mod outcome;
mod pegs;
pub mod preview;
mod proposals;
mod purchase;
mod record;
mod refresh;
mod replan;
pub mod retry;
pub mod settle;
pub mod snapshot;
mod sweep;
mod upkeep;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use jiff::Timestamp;
use thiserror::Error;
use tokio::sync::Notify;
use tokio_postgres::Transaction;
use tracing::Instrument as _;
use url::Url;

use crate::clock::Clock;
use crate::db::changed_document::Claim;
use crate::db::lease::Held;
use crate::db::retention::Keep;
use crate::db::{self, DbError, audit, changed_document};
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};
use crate::domain::problem::Problem;
use crate::host::http::{HostHttp, TRACEPARENT};
use crate::host::{HostApps, HostError, NotApplied};
use crate::mail::Mailer;
use crate::secret::Keyring;
use claims::Job;

/// Wakes the worker: something is due.
#[derive(Debug, Clone, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Something is due now. Kept until somebody waits, so that no wake-up is lost.
    pub fn now(&self) {
        self.0.notify_one();
    }

    /// Waits until something is due.
    pub async fn notified(&self) {
        self.0.notified().await;
    }
}

/// What stops a job, by what is done about it.
#[derive(Debug, Error)]
pub enum WorkError {
    #[error(transparent)]
    Db(#[from] DbError),
    #[error(transparent)]
    Host(#[from] HostError),
    /// Waits until somebody connects the company again.
    #[error("the company is not connected: {0}")]
    NotConnected(Problem),
    /// What we have made is there, and the host's list does not have it yet.
    #[error("the host does not list its purchase order yet")]
    NotListed,
    #[error("a stored secret cannot be opened: {0}")]
    Secret(String),
    #[error("stored data cannot be read: {0}")]
    Stored(String),
}

impl WorkError {
    /// What is told of it.
    fn problem(&self) -> Problem {
        match self {
            Self::Host(error) => error.problem(),
            Self::NotConnected(because) => Problem::NotConnected { because: Box::new(because.clone()) },
            Self::NotListed => Problem::NotListed,
            Self::Secret(_) => Problem::Secret,
            Self::Stored(_) => Problem::Stored,
            Self::Db(error) => Problem::Said(error.to_string()),
        }
    }

    /// How long the host asked us to wait.
    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Host(HostError::NotApplied { reason: NotApplied::RateLimited { retry_after }, .. }) => {
                Some(*retry_after)
            }
            // nobody knows when: look again now and then
            Self::NotConnected(_) => Some(Duration::from_secs(300)),
            _ => None,
        }
    }
}

/// The trace of the work in hand.
fn trace() -> Option<String> {
    TRACEPARENT.try_with(Clone::clone).ok()
}

/// Does work in a trace, if it has one: the host's calls and what is written carry it on.
async fn traced<T>(trace: Option<String>, work: impl Future<Output = T>) -> T {
    match trace {
        Some(trace) => {
            let span = tracing::info_span!("trace", traceparent = %trace);
            TRACEPARENT.scope(trace, work.instrument(span)).await
        }
        None => work.await,
    }
}

impl From<deadpool_postgres::PoolError> for WorkError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Db(error.into())
    }
}

impl From<tokio_postgres::Error> for WorkError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Db(error.into())
    }
}

/// How the worker works; from the configuration.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    pub public_url: Url,
    /// Between two looks at documents that have no event.
    pub poll_interval: Duration,
    pub sweep_interval: Duration,
    /// Jobs at a time.
    pub concurrency: usize,
    /// The longest call to a host.
    pub host_timeout: Duration,
    /// A job that takes longer has to do with a slow host.
    pub slow_job: Duration,
    /// How long an unknown outcome is left alone.
    pub unknown_quarantine: Duration,
    /// After a restored backup: a company buys only when it was looked through since this start.
    pub reconcile_only: bool,
    /// How long what is over is kept.
    pub keep: Keep,
}

/// Everything that a job needs.
pub struct Worker {
    pool: Pool,
    clock: Arc<dyn Clock>,
    keyring: Arc<Keyring>,
    mailer: Arc<Mailer>,
    http: HostHttp,
    apps: Arc<HostApps>,
    wake: Wake,
    settings: WorkerSettings,
    /// Some: a company buys only when it was looked through since then.
    reconcile_since: Option<Timestamp>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker").field("public_url", &self.settings.public_url.as_str()).finish_non_exhaustive()
    }
}

impl Worker {
    #[must_use]
    #[expect(clippy::too_many_arguments, reason = "the parts of the house, each of its own type")]
    pub fn new(
        pool: Pool,
        clock: Arc<dyn Clock>,
        keyring: Arc<Keyring>,
        mailer: Arc<Mailer>,
        http: HostHttp,
        apps: Arc<HostApps>,
        wake: Wake,
        settings: WorkerSettings,
    ) -> Self {
        let reconcile_since = settings.reconcile_only.then(|| clock.now());
        Self { pool, clock, keyring, mailer, http, apps, wake, settings, reconcile_since }
    }

    async fn work(&self, job: Job) {
        let begun = self.clock.now();
        let (what, done) = match job.held {
            Held::Documents(claims) => {
                // the host is told which delivery its calls are for
                let trace = claims.iter().find_map(|claim| claim.traceparent.clone());
                ("documents", traced(trace, self.documents(claims)).await)
            }
            Held::Intent(claim) => ("intent", Box::pin(self.advance(&claim, job.until)).await),
            Held::Mark(claim) => ("mark", Box::pin(self.show_mark(&claim)).await),
            Held::Notice(claim) => ("notice", self.send_notice(&claim).await),
            Held::Sweep(claim) => ("sweep", self.sweep(claim).await),
        };
        let outcome = match &done {
            Ok(()) => "settled",
            Err(WorkError::Db(DbError::Lost { .. })) => "lost",
            Err(_) => "failed",
        };
        let took = self.clock.now().duration_since(begun);
        metrics::counter!("backorders_jobs_claimed_total", "kind" => what).increment(1);
        metrics::histogram!("backorders_job_seconds", "kind" => what, "outcome" => outcome).record(took.as_secs_f64());
        if outcome == "lost" {
            metrics::counter!("backorders_lease_lost_total").increment(1);
        }
        if let Err(error) = done {
            // its lease ends, then it is claimed again
            tracing::error!(job = what, %error, "a job could not be settled");
        }
        self.wake.now();
    }

    /// Reads changed documents of one tenant and plans their items, all in one commit; each that cannot be read is
    /// tried again by itself.
    async fn documents(&self, claims: Vec<Claim>) -> Result<(), WorkError> {
        let Some(tenant) = claims.first().map(|claim| claim.tenant) else { return Ok(()) };
        let open = match self.open_host(tenant).await {
            Ok(open) => open,
            Err(error) => return self.give_back(&claims, &error).await,
        };
        let (lists, documents): (Vec<_>, Vec<_>) =
            claims.into_iter().partition(|claim| claim.document.kind == DocumentKind::List);
        for list in lists {
            self.list(&open, list).await?;
        }
        match self.together(&open, &documents).await {
            Err(error @ WorkError::Host(_)) if documents.len() > 1 => {
                tracing::info!(%tenant, %error, "reading documents together failed, reading them one by one");
                for claim in &documents {
                    let one = std::slice::from_ref(claim);
                    if let Err(error) = self.together(&open, one).await {
                        self.failed(&open, one, error).await?;
                    }
                }
                Ok(())
            }
            Err(error) => self.failed(&open, &documents, error).await,
            Ok(()) => Ok(()),
        }
    }

    async fn together(&self, open: &access::OpenHost, claims: &[Claim]) -> Result<(), WorkError> {
        let Some(tenant) = claims.first().map(|claim| claim.tenant) else { return Ok(()) };
        let documents: Vec<DocumentRef> = claims.iter().map(|claim| claim.document.clone()).collect();
        let reading = self.read(open, &documents).await?;
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        // the lock before the mirror: two replans of one tenant never wait for each other's rows
        db::settings::load(&tx, tenant, true).await?;
        db::follow(&tx, trace().as_deref()).await?;
        self.keep_reading(&tx, tenant, &reading).await?;
        self.replan(&tx, tenant, reading.items(), &documents).await?;
        changed_document::finish(&tx, claims).await?;
        tx.commit().await?;
        let now = self.clock.now();
        for claim in claims {
            let waited = now.duration_since(claim.changed_at).as_secs_f64();
            metrics::histogram!("backorders_event_to_plan_seconds").record(waited);
        }
        Ok(())
    }

    async fn list(&self, open: &access::OpenHost, claim: Claim) -> Result<(), WorkError> {
        let looked = match DocumentKind::parse(&claim.document.id) {
            Some(kind) if kind != DocumentKind::List && kind != DocumentKind::Item => {
                self.look_through(open, kind).await.map(drop)
            }
            _ => Ok(()),
        };
        match looked {
            Ok(()) => {
                let mut client = self.pool.get().await?;
                let tx = client.transaction().await?;
                db::enter_tenant(&tx, claim.tenant).await?;
                changed_document::finish(&tx, std::slice::from_ref(&claim)).await?;
                tx.commit().await?;
                Ok(())
            }
            Err(error) => self.failed(open, &[claim], error).await,
        }
    }

    async fn failed(&self, open: &access::OpenHost, claims: &[Claim], error: WorkError) -> Result<(), WorkError> {
        match error {
            WorkError::Db(DbError::Lost { .. }) => Err(error),
            error => {
                if matches!(&error, WorkError::Host(error) if error.is_unauthorized()) {
                    self.token_refused(open).await?;
                }
                self.give_back(claims, &error).await
            }
        }
    }

    async fn give_back(&self, claims: &[Claim], error: &WorkError) -> Result<(), WorkError> {
        let Some(tenant) = claims.first().map(|claim| claim.tenant) else { return Ok(()) };
        tracing::warn!(%tenant, documents = claims.len(), %error, "changed documents will be tried again");
        let text = error.problem().kept();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let due: Vec<_> = claims.iter().map(|claim| self.next_attempt(claim.attempt, error)).collect();
        changed_document::retry(&tx, claims, &due, &text).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Appends to the audit in the name of the app.
    async fn audit(
        &self,
        tx: &Transaction<'_>,
        tenant: TenantId,
        event: &str,
        document: Option<&DocumentRef>,
        details: serde_json::Value,
    ) -> Result<(), WorkError> {
        let entry = audit::Entry {
            id: self.clock.new_id(),
            at: self.clock.now(),
            actor: "backorders".to_owned(),
            event: event.to_owned(),
            document: document.cloned(),
            details,
        };
        Ok(audit::append(tx, tenant, &entry).await?)
    }
}
