//! One commit for all deliveries that wait for one: the next begins when the last has ended.
//!
//! Invariants: whoever handed a delivery in learns that it is kept only after the commit; a sender that goes away
//! cancels nothing; the queue is bounded, and full means "come again"; a database that does not answer holds nobody up
//! for ever.

use std::collections::HashSet;
use std::time::Duration;

use deadpool_postgres::{Client, Pool};
use tokio::sync::{mpsc, oneshot};

use crate::db::delivery::{self, Delivery};
use crate::db::{self, DbResult, changed_document};
use crate::worker::Wake;

/// Deliveries in one commit.
const BATCH: usize = 500;
/// Deliveries that may wait for a commit.
const QUEUE: usize = 4000;
/// Times that a commit is run again at once when another transaction was in its way.
const AGAIN: usize = 2;
/// The longest that a sender waits for its commit: then it is to come again, and what was committed counts all the same.
const LONGEST: Duration = Duration::from_secs(10);

/// A delivery was not kept: the sender must come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotKept {
    /// Too many wait already.
    Full,
    /// The database did not take it.
    Database,
}

struct Waiting {
    delivery: Delivery,
    kept: oneshot::Sender<Result<Kept, NotKept>>,
}

/// A delivery is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kept {
    New,
    /// It was kept before: nothing more is done.
    Repeated,
}

/// The way to the committing task.
#[derive(Debug, Clone)]
pub(super) struct Intake(mpsc::Sender<Waiting>);

impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").field("delivery", &self.delivery.id).finish_non_exhaustive()
    }
}

impl Intake {
    /// Starts the committing task; it ends when the last sender is gone.
    pub(super) fn start(pool: Pool, wake: Wake) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(run(receiver, pool, wake));
        Self(sender)
    }

    /// Keeps a delivery and marks what it names; returns after the commit.
    pub(super) async fn keep(&self, delivery: Delivery) -> Result<Kept, NotKept> {
        let (kept, outcome) = oneshot::channel();
        self.0.try_send(Waiting { delivery, kept }).map_err(|_| NotKept::Full)?;
        let outcome = tokio::time::timeout(LONGEST, outcome).await;
        outcome.ok().and_then(Result::ok).unwrap_or(Err(NotKept::Database))
    }
}

async fn run(mut queue: mpsc::Receiver<Waiting>, pool: Pool, wake: Wake) {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let (deliveries, waiting): (Vec<_>, Vec<_>) =
            batch.drain(..).map(|waiting| (waiting.delivery, waiting.kept)).unzip();
        metrics::histogram!("backorders_intake_batch").record(u32::try_from(deliveries.len()).unwrap_or(u32::MAX));
        let outcomes = match commit_again(&pool, &deliveries).await {
            Ok(new) => outcomes(&deliveries, &new),
            // one that the database cannot take must not hold up the others
            Err(error) if !error.is_transient() && deliveries.len() > 1 => {
                tracing::warn!(%error, deliveries = deliveries.len(), "keeping deliveries one by one");
                one_by_one(&pool, &deliveries).await
            }
            Err(error) => {
                tracing::error!(%error, deliveries = deliveries.len(), "deliveries could not be kept");
                vec![Err(NotKept::Database); deliveries.len()]
            }
        };
        for (kept, outcome) in waiting.into_iter().zip(outcomes) {
            // a sender that went away needs no answer
            let _ = kept.send(outcome);
        }
        wake.now();
    }
}

async fn one_by_one(pool: &Pool, deliveries: &[Delivery]) -> Vec<Result<Kept, NotKept>> {
    let mut all = Vec::with_capacity(deliveries.len());
    for one in deliveries {
        let one = std::slice::from_ref(one);
        match commit_again(pool, one).await {
            Ok(new) => all.extend(outcomes(one, &new)),
            Err(error) => {
                tracing::error!(%error, "a delivery could not be kept");
                all.push(Err(NotKept::Database));
                if error.is_transient() {
                    // it is the database: the others would only wait as long
                    break;
                }
            }
        }
    }
    all.resize(deliveries.len(), Err(NotKept::Database));
    all
}

fn outcomes(deliveries: &[Delivery], new: &HashSet<uuid::Uuid>) -> Vec<Result<Kept, NotKept>> {
    deliveries
        .iter()
        .map(|delivery| Ok(if new.contains(&delivery.id.0) { Kept::New } else { Kept::Repeated }))
        .collect()
}

/// As [`commit`], run again where another transaction was in its way.
async fn commit_again(pool: &Pool, deliveries: &[Delivery]) -> DbResult<HashSet<uuid::Uuid>> {
    let commit = || db::within(pool, async |client| commit(client, deliveries).await);
    let mut outcome = commit().await;
    for _ in 0..AGAIN {
        match &outcome {
            Err(error) if error.is_conflict() => tracing::warn!(%error, "keeping deliveries again"),
            _ => break,
        }
        outcome = commit().await;
    }
    outcome
}

/// Keeps deliveries and marks what the new ones name, in one commit; gives the new ones.
async fn commit(client: &mut Client, deliveries: &[Delivery]) -> DbResult<HashSet<uuid::Uuid>> {
    let tx = client.transaction().await?;
    db::enter_intake(&tx).await?;
    let new: HashSet<_> = delivery::insert(&tx, deliveries).await?.into_iter().map(|id| id.0).collect();
    let now = deliveries.iter().map(|delivery| delivery.received_at).max().unwrap_or_default();
    let later = deliveries.iter().map(|delivery| delivery.readable_at).max().unwrap_or_default();
    for (settles, at) in [(false, now), (true, later)] {
        let mut changed = Vec::new();
        for delivery in deliveries.iter().filter(|delivery| new.contains(&delivery.id.0)) {
            let trace = delivery.traceparent.as_deref();
            let documents = delivery.documents.iter().filter(|_| settles == (delivery.readable_at > now));
            changed.extend(documents.map(|document| (delivery.tenant, document, trace)));
        }
        changed_document::mark_traced(&tx, &changed, at).await?;
    }
    tx.commit().await?;
    Ok(new)
}
