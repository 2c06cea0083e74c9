//! What no event told of: documents that have no event are polled, everything is looked through now and then, and
//! hooks that are gone are registered again.
//!
//! Invariants: a sweep only marks documents as changed, the same straight line does the rest; a list that shifts
//! while it is read only means that a document is marked twice.

use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::access::OpenHost;
use super::{WorkError, Worker, retry};
use crate::db::connection::{self, SweepClaim, SweepResult};
use crate::db::{self, changed_document, delivery, differing, mirror, not_bought, proposal};
use crate::decision;
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};
use crate::host::{HostError, RegisteredHook};
use crate::secret::Token;

/// How much further back than two polls is looked for what was written: the longest that a host's transaction may have
/// taken, and its clock may be behind ours. What is older is found by the next whole sweep.
const WRITTEN_OVERLAP: Duration = Duration::from_secs(300);

/// A sweep that failed waits as long as a job whose so many tries failed.
const SWEEP_AGAIN: i32 = 4;
/// Pages of a list that one sweep reads: at 100 documents a page more open documents than a company has.
const MOST_PAGES: u32 = 1000;

impl Worker {
    /// Runs one claimed poll or sweep.
    pub(super) async fn sweep(&self, claim: SweepClaim) -> Result<(), WorkError> {
        let result = self.try_sweep(claim).await;
        if let Err(error) = &result {
            tracing::warn!(tenant = %claim.tenant, %error, "looking for missed changes failed");
        }
        let said = result.as_ref().map_err(|error| error.problem().kept());
        let outcome = match (&said, &result) {
            (Err(said), Err(error)) => Err((said.as_str(), self.sweep_again_at(error))),
            _ => Ok(result.as_ref().ok().copied().unwrap_or_default()),
        };
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, claim.tenant).await?;
        let now = self.clock.now();
        connection::finish_sweep(&tx, claim, outcome, now).await?;
        // what a person put off until now is asked again
        let again: Vec<_> = not_bought::end_snoozes(&tx, claim.tenant, now)
            .await?
            .into_iter()
            // and what a purchase order has waited for long enough is asked or bought
            .chain(proposal::gathered(&tx, claim.tenant, now).await?)
            .map(|document| (claim.tenant, document))
            .collect();
        changed_document::mark(&tx, &again, now, None).await?;
        decision::escalate_overdue(&tx, claim.tenant, &*self.clock).await?;
        if let Ok(found) = &result
            && claim.whole
            && (found.missed > 0 || found.repaired > 0)
        {
            let details = serde_json::json!({ "missed": found.missed, "repaired": found.repaired });
            self.audit(&tx, claim.tenant, "sweep", None, details).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// When a sweep that failed is tried again: when the host said, else soon, but not so soon that long lists would be
    /// read again and again.
    fn sweep_again_at(&self, error: &WorkError) -> Timestamp {
        if error.retry_after().is_some() {
            return self.next_attempt(1, error);
        }
        self.next_attempt(SWEEP_AGAIN, error).min(retry::after(self.clock.now(), self.settings.poll_interval))
    }

    async fn try_sweep(&self, claim: SweepClaim) -> Result<SweepResult, WorkError> {
        let open = self.open_host_to_sweep(claim.tenant).await?;
        let mut found = SweepResult::default();
        let swept = async {
            let capabilities = open.host.capabilities();
            if claim.whole {
                let read_at = self.clock.now();
                let warehouses = open.host.read_warehouses().await?;
                self.keep_warehouses(claim.tenant, &warehouses, read_at).await?;
                found.repaired = self.repair_hooks(&open).await?;
            }
            if !claim.whole {
                found.missed += self.look_at_written(&open).await?;
            }
            let kinds = if claim.whole { capabilities.swept } else { capabilities.polled };
            for kind in kinds {
                found.missed += self.look_through(&open, *kind).await?;
            }
            if claim.whole {
                found.repaired += self.audit_marks(&open).await?;
                found.repaired += self.plan_the_day(&open.connection).await?;
                self.judge_again(&open.connection).await?;
                self.seal_anew(&open.connection).await?;
            }
            Ok::<_, WorkError>(())
        };
        if let Err(error) = swept.await {
            if matches!(&error, WorkError::Host(error) if error.is_unauthorized()) {
                self.token_refused(&open).await?;
            }
            return Err(error);
        }
        if found.missed > 0 {
            self.wake.now();
        }
        Ok(found)
    }

    async fn keep_warehouses(
        &self,
        tenant: TenantId,
        warehouses: &[crate::domain::stock::Warehouse],
        read_at: jiff::Timestamp,
    ) -> Result<(), WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        mirror::put_warehouses(&tx, tenant, warehouses, read_at).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Compares the host's list of open documents with the mirror and marks what differs; gives how many.
    pub(super) async fn look_through(&self, open: &OpenHost, kind: DocumentKind) -> Result<i32, WorkError> {
        let tenant = open.connection.tenant;
        let mut listed: Vec<(String, String)> = Vec::new();
        for page in 0..MOST_PAGES {
            let list = open.host.list_documents(kind, page).await?;
            listed.extend(list.documents.into_iter().map(|listed| (listed.reference.id, listed.fingerprint)));
            if list.last {
                break;
            }
        }
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let differing = differing::in_list(&tx, tenant, kind, &listed).await?;
        let changed: Vec<(TenantId, DocumentRef)> =
            differing.into_iter().map(|id| (tenant, DocumentRef::new(kind, id))).collect();
        changed_document::mark_missed(&tx, &changed, self.clock.now()).await?;
        tx.commit().await?;
        Ok(i32::try_from(changed.len()).unwrap_or(i32::MAX))
    }

    /// Marks what the host says was written lately and is not as the mirror has it; gives how many.
    async fn look_at_written(&self, open: &OpenHost) -> Result<i32, WorkError> {
        let tenant = open.connection.tenant;
        let since = retry::before(self.clock.now(), self.settings.poll_interval * 2 + WRITTEN_OVERLAP);
        let Some(listed) = open.host.list_written(since).await? else { return Ok(0) };
        let mut changed: Vec<(TenantId, DocumentRef)> = Vec::new();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        for kind in [DocumentKind::Quotation, DocumentKind::SalesOrder, DocumentKind::PurchaseOrder] {
            let of_kind = listed.iter().filter(|one| one.reference.kind == kind);
            let of_kind: Vec<(String, String)> =
                of_kind.map(|one| (one.reference.id.clone(), one.fingerprint.clone())).collect();
            let differing = differing::of(&tx, tenant, kind, &of_kind).await?;
            changed.extend(differing.into_iter().map(|id| (tenant, DocumentRef::new(kind, id))));
        }
        let items = listed.into_iter().map(|one| one.reference).filter(|one| one.kind == DocumentKind::Item);
        changed.extend(items.map(|item| (tenant, item)));
        changed_document::mark_missed(&tx, &changed, self.clock.now()).await?;
        tx.commit().await?;
        Ok(i32::try_from(changed.len()).unwrap_or(i32::MAX))
    }

    /// Registers the hooks that the host does not have, and takes away those of ours whose address was renewed; gives
    /// how many were lost there.
    pub(super) async fn repair_hooks(&self, open: &OpenHost) -> Result<i32, WorkError> {
        let tenant = open.connection.tenant;
        let registered = open.host.list_hooks().await?;
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let hooks = delivery::hooks(&tx, tenant).await?;
        tx.commit().await?;
        let mut repaired = 0;
        for hook in &hooks {
            let token = self
                .keyring
                .decrypt(tenant, "hook.path_token", &hook.path_token)
                .map_err(|error| WorkError::Secret(error.to_string()))?;
            let url = self.hook_url(&token)?;
            let is_this = |known: &&RegisteredHook| known.event == hook.event && known.url == url.as_str();
            let known = registered.iter().filter(is_this).find(|known| known.enabled);
            if known.is_some_and(|known| hook.host_hook_id.as_ref() == Some(&known.host_id)) {
                continue;
            }
            let lost = known.is_none() && hook.host_hook_id.is_some();
            let made = match known {
                Some(known) => Ok(known.clone()),
                None => open.host.register_hook(&hook.event, &url).await,
            };
            let made = match made {
                Ok(made) => made,
                // Our access may not make any: an administrator must set it up again, and until then the sweep alone
                // finds what changes.
                Err(HostError::Rejected { detail, .. }) => {
                    tracing::warn!(%tenant, event = hook.event, detail, "a hook is missing and cannot be registered");
                    continue;
                }
                Err(error) => return Err(error.into()),
            };
            let tx = client.transaction().await?;
            db::enter_tenant(&tx, tenant).await?;
            delivery::set_hook_registered(&tx, tenant, &hook.event, &made.host_id).await?;
            tx.commit().await?;
            repaired += i32::from(lost);
        }
        for former in registered.iter().filter(|known| self.is_former(tenant, &hooks, &known.url)) {
            open.host.remove_hook(&former.host_id).await?;
        }
        Ok(repaired)
    }

    /// Whether an address that the host tells leads to this company here, and is none of its hooks' now.
    fn is_former(&self, tenant: TenantId, hooks: &[delivery::Hook], url: &str) -> bool {
        let ours = self.settings.public_url.join("hooks/").ok();
        let token = ours.and_then(|ours| Token::parse(url.strip_prefix(ours.as_str())?));
        token.is_some_and(|key| key.tenant == tenant && hooks.iter().all(|hook| hook.token_hash != key.hash))
    }

    fn hook_url(&self, token: &secrecy::SecretString) -> Result<Url, WorkError> {
        use secrecy::ExposeSecret;
        self.settings
            .public_url
            .join(&format!("hooks/{}", token.expose_secret()))
            .map_err(|error| WorkError::Stored(format!("the hook's address: {error}")))
    }
}
