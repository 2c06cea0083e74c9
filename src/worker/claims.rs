//! Claiming what is due and holding it while it is worked on.
//!
//! Invariants: whoever dies holds nothing for longer than one lease, [`LEASE`] unless a call to a host may take longer;
//! a lease is renewed while its job goes on, so that a long job is not taken over; one company has no more than a part
//! of the places, so that a busy one does not keep the others waiting, and all sweeps together no more than that;
//! companies whose ERPs are slow share half of the places, the other half is for those that are quick; when the process
//! stops, what it still holds is given back at once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::task::{Id, JoinError, JoinSet};
use uuid::Uuid;

use super::{WorkError, Worker, retry};
use crate::db::lease::{self, Due, Held, Lease};
use crate::db::{self, changed_document, connection, intent, notice};

/// How long a claim lasts unless it is renewed: after a crash another worker goes on then, well within the 75 s that
/// are promised.
const LEASE: Duration = Duration::from_secs(45);
/// What a lease has at least beyond the longest call to a host.
const BEYOND_CALL: Duration = Duration::from_secs(15);
/// A lease is renewed this often in its length: one renewal may fail.
const RENEWALS: u32 = 3;
/// How often the tables are looked at when nobody has woken us.
const POLL: Duration = Duration::from_millis(500);
/// Changed documents of one tenant that are planned together.
const BATCH: i64 = 50;
/// See [`share`].
const SHARE: usize = 4;

/// One thing to do, and until when it is ours.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) held: Held,
    pub(super) until: Timestamp,
}

/// What is being worked on in this process.
#[derive(Debug, Default)]
struct Running {
    jobs: HashMap<Id, (Held, Instant)>,
    /// Tenants whose last job took longer than [`WorkerSettings::slow_job`](super::WorkerSettings).
    slow: HashSet<Uuid>,
}

impl Running {
    /// A job has ended. One that broke down is a defect of ours: it is told, and its lease ends by itself.
    fn forget(&mut self, ended: Result<(Id, ()), JoinError>, slow_job: Duration) {
        let id = match ended {
            Ok((id, ())) => id,
            Err(error) => {
                tracing::error!(%error, "a job broke down");
                error.id()
            }
        };
        let Some((held, begun)) = self.jobs.remove(&id) else { return };
        let Some(tenant) = held.tenant() else { return };
        if begun.elapsed() > slow_job {
            self.slow.insert(tenant.0);
        } else {
            self.slow.remove(&tenant.0);
        }
    }

    fn held(&self) -> impl Iterator<Item = &Held> {
        self.jobs.values().map(|(held, _)| held)
    }

    /// Tenants that get no place of this kind now: those that have their share, and the slow ones when they have half
    /// of all places together.
    fn busy(&self, places: usize, is_kind: fn(&Held) -> bool) -> Vec<Uuid> {
        let mut counts: HashMap<Uuid, usize> = HashMap::new();
        for tenant in self.held().filter(|held| is_kind(held)).filter_map(Held::tenant) {
            *counts.entry(tenant.0).or_default() += 1;
        }
        let share = share(places);
        let full = counts.into_iter().filter(|(_, count)| *count >= share).map(|(tenant, _)| tenant);
        let slow = self.held().filter_map(Held::tenant).filter(|tenant| self.slow.contains(&tenant.0)).count();
        let waits = self.slow.iter().filter(|_| slow >= (places / 2).max(1)).copied();
        full.chain(waits).collect()
    }
}

/// How many of the places one tenant's jobs of one kind may have, and the sweeps of all tenants.
fn share(places: usize) -> usize {
    (places / SHARE).max(1)
}

impl Worker {
    /// How long a claim lasts unless it is renewed.
    pub(super) fn lease(&self) -> Duration {
        LEASE.max(self.settings.host_timeout + BEYOND_CALL)
    }

    /// Works until `stopping` becomes true; what has begun may finish within `drain`, the rest is given back.
    pub async fn run(self: Arc<Self>, mut stopping: watch::Receiver<bool>, drain: Duration) {
        let permits = Arc::new(Semaphore::new(self.settings.concurrency));
        let mut jobs = JoinSet::new();
        let mut running = Running::default();
        while !*stopping.borrow() {
            while let Some(ended) = jobs.try_join_next_with_id() {
                running.forget(ended, self.settings.slow_job);
            }
            let claimed = match self.claim(&running, permits.available_permits()).await {
                Ok(claimed) => claimed,
                Err(error) => {
                    tracing::error!(%error, "claiming work failed");
                    Vec::new()
                }
            };
            let idle = claimed.is_empty();
            for job in claimed {
                let (worker, held) = (self.clone(), job.held.clone());
                let begun = worker.take_turn(job, permits.clone(), stopping.clone());
                running.jobs.insert(jobs.spawn(begun).id(), (held, Instant::now()));
            }
            if idle || permits.available_permits() == 0 {
                tokio::select! {
                    () = self.wake.notified() => {}
                    () = tokio::time::sleep(POLL) => {}
                    _ = stopping.changed() => {}
                }
            }
        }
        let finish = async {
            while let Some(ended) = jobs.join_next_with_id().await {
                running.forget(ended, self.settings.slow_job);
            }
        };
        if tokio::time::timeout(drain, finish).await.is_err() {
            jobs.shutdown().await;
            tracing::warn!(jobs = running.jobs.len(), "work was cut off; another worker may take it up at once");
            for held in running.held() {
                self.give_up(held, Lease::GivenBack).await;
            }
        }
    }

    /// Waits for a place and works, while the lease is renewed; gives the claim back if the process stops before.
    async fn take_turn(self: Arc<Self>, job: Job, permits: Arc<Semaphore>, mut stopping: watch::Receiver<bool>) {
        let held = job.held.clone();
        let turn = async {
            // an error means that nobody is left to say so: stop as well
            let stop = async { drop(stopping.wait_for(|stop| *stop).await) };
            let permit = tokio::select! {
                biased;
                () = stop => None,
                permit = permits.acquire_owned() => permit.ok(),
            };
            match permit {
                // boxed: every future that waits for a turn would carry it
                Some(_permit) => Box::pin(self.work(job)).await,
                None => self.give_up(&job.held, Lease::NotBegun).await,
            }
        };
        tokio::select! {
            () = turn => {}
            () = self.hold(&held) => {}
        }
    }

    /// Renews the lease of what is held, for as long as it is waited for.
    async fn hold(&self, held: &Held) {
        loop {
            tokio::time::sleep(self.lease() / RENEWALS).await;
            let until = retry::after(self.clock.now(), self.lease());
            match self.write_lease(held, Lease::Until(until)).await {
                Ok(true) => {}
                // written just now, or somebody else's: whoever holds it will find out when it settles
                Ok(false) => tracing::debug!("a lease could not be renewed"),
                Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
            }
        }
    }

    async fn give_up(&self, held: &Held, lease: Lease) {
        if let Err(error) = self.write_lease(held, lease).await {
            tracing::warn!(%error, "a claim could not be given back; its lease ends by itself");
        }
    }

    async fn write_lease(&self, held: &Held, lease: Lease) -> Result<bool, WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_queue(&tx).await?;
        let written = lease::write(&tx, held, lease).await?;
        tx.commit().await?;
        Ok(written)
    }

    /// Claims what is due and does it, one after the other; how many jobs that was. Tests drain the queue with it.
    ///
    /// # Errors
    /// When nothing could be claimed.
    pub async fn run_once(&self) -> Result<usize, WorkError> {
        let jobs = self.claim(&Running::default(), self.settings.concurrency).await?;
        let count = jobs.len();
        for job in jobs {
            Box::pin(self.work(job)).await;
        }
        Ok(count)
    }

    /// Claims what is due for so many free places, a part of them for each kind.
    async fn claim(&self, running: &Running, free: usize) -> Result<Vec<Job>, WorkError> {
        if free == 0 {
            return Ok(Vec::new());
        }
        let places = self.settings.concurrency;
        let share = share(places);
        let now = self.clock.now();
        let until = retry::after(now, self.lease());
        let limit = i64::try_from(share.min(free)).unwrap_or(1);
        let mut held = Vec::new();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_queue(&tx).await?;
        let due = |limit, busy| Due { now, until, limit, busy };
        let busy = running.busy(places, |held| matches!(held, Held::Documents(_)));
        let documents = changed_document::claim(&tx, &due(BATCH, &busy)).await?;
        if !documents.is_empty() {
            held.push(Held::Documents(documents));
        }
        let busy = running.busy(places, |held| matches!(held, Held::Intent(_)));
        held.extend(intent::claim(&tx, &due(limit, &busy)).await?.into_iter().map(Held::Intent));
        let busy = running.busy(places, |held| matches!(held, Held::Mark(_)));
        held.extend(notice::claim_marks(&tx, &due(limit, &busy)).await?.into_iter().map(Held::Mark));
        let busy = running.busy(places, |held| matches!(held, Held::Notice(_)));
        held.extend(notice::claim(&tx, &due(limit, &busy)).await?.into_iter().map(Held::Notice));
        if running.held().filter(|held| matches!(held, Held::Sweep(_))).count() < share {
            let (poll, sweep) =
                (retry::after(now, self.settings.poll_interval), retry::after(now, self.settings.sweep_interval));
            held.extend(connection::claim_sweep(&tx, now, until, poll, sweep).await?.map(Held::Sweep));
        }
        tx.commit().await?;
        Ok(held.into_iter().map(|held| Job { held, until }).collect())
    }
}
