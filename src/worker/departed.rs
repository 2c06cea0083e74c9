//! What is kept of companies that no sweep looks through: what is old is forgotten there too, and a company that was
//! disconnected is deleted after a while.
//!
//! Invariants: a company that is connected again in time keeps everything; several workers at it do no harm.

use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::{WorkError, Worker, retry};
use crate::db::{self, departed, retention};
use crate::domain::ids::TenantId;

/// How often it is looked for.
const EVERY: Duration = Duration::from_secs(3600);
/// Companies that are deleted in one run; the others in the next.
const MOST: i64 = 100;
/// Companies whose ids are read at a time.
const PAGE: i64 = 100;
/// Rows that go in one commit.
const AT_ONCE: i64 = 1000;

impl Worker {
    /// Forgets and deletes, now and then, until `stopping` becomes true.
    pub async fn keep_house(&self, mut stopping: watch::Receiver<bool>) {
        let work = async {
            loop {
                if let Err(error) = self.forget_departed().await {
                    tracing::error!(%error, "what is kept of companies that left could not be looked through");
                }
                tokio::time::sleep(EVERY).await;
            }
        };
        // an error means that nobody is left to say so: stop as well
        let stop = async { drop(stopping.wait_for(|stop| *stop).await) };
        tokio::select! {
            () = stop => {}
            () = work => {}
        }
    }

    /// Deletes the companies whose time is over, then forgets what is old of the others that no sweep looks through.
    ///
    /// # Errors
    /// When the database does not do its part: the rest goes the next time.
    pub async fn forget_departed(&self) -> Result<(), WorkError> {
        let now = self.clock.now();
        let before = retry::before(now, self.settings.keep.disconnected);
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_queue(&tx).await?;
        let over = departed::departed(&tx, before, MOST).await?;
        tx.commit().await?;
        for tenant in over {
            self.delete(tenant, before).await?;
        }
        let mut after = TenantId(Uuid::nil());
        loop {
            let tx = client.transaction().await?;
            db::enter_queue(&tx).await?;
            let page = departed::unswept(&tx, after, PAGE).await?;
            tx.commit().await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = *last;
            for tenant in page {
                self.forget(tenant, now).await?;
            }
        }
    }

    async fn delete(&self, tenant: TenantId, before: jiff::Timestamp) -> Result<(), WorkError> {
        let mut client = self.pool.get().await?;
        loop {
            let tx = client.transaction().await?;
            retention::enter(&tx, tenant).await?;
            let gone = departed::delete_some(&tx, tenant, before, AT_ONCE).await?;
            tx.commit().await?;
            if gone == 0 {
                break;
            }
        }
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let gone = departed::delete(&tx, tenant, before).await?;
        tx.commit().await?;
        if gone {
            tracing::info!(%tenant, "a company that was disconnected is deleted");
        }
        Ok(())
    }
}
