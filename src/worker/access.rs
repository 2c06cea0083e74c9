//! Opens a tenant's host: decrypts its tokens, refreshes them before they end, one refresh at a time.
//!
//! Invariants: the credential of a call is the tenant's own (trust.md I7); a token that the host no longer accepts
//! pauses the connection and says so once, it is not tried for ever.

use std::sync::Arc;
use std::time::Duration;

use super::replan::Ground;
use super::{WorkError, Worker, news, retry};
use crate::db::connection::{self, StoredConnection};
use crate::domain::ids::TenantId;
use crate::domain::notice::NoticeEvent;
use crate::domain::problem::Problem;
use crate::domain::remark::Remark;
use crate::host::{self, Access, Connection, Grant, Host, HostError, HostKind, NotApplied};

/// A token is renewed when it has less than this left: longer than the longest call.
const RENEW_BEFORE: Duration = Duration::from_secs(120);
/// Longer than a refresh takes, shorter than anybody wants to wait for a dead one.
const REFRESH_LEASE: Duration = Duration::from_secs(60);

/// A tenant's host, ready to be called.
pub(super) struct OpenHost {
    pub(super) host: Arc<dyn Host>,
    pub(super) connection: StoredConnection,
}

impl Worker {
    /// Opens the tenant's host with a token that is still good.
    pub(super) async fn open_host(&self, tenant: TenantId) -> Result<OpenHost, WorkError> {
        self.open_host_for(tenant, RENEW_BEFORE).await
    }

    /// Opens the tenant's host for a sweep: a token that would end before the next one is renewed now, in quiet.
    pub(super) async fn open_host_to_sweep(&self, tenant: TenantId) -> Result<OpenHost, WorkError> {
        self.open_host_for(tenant, RENEW_BEFORE + self.settings.sweep_interval).await
    }

    async fn open_host_for(&self, tenant: TenantId, renew_before: Duration) -> Result<OpenHost, WorkError> {
        let stored = self.connection(tenant).await?;
        if stored.state != "connected" {
            let reason = stored.state_reason.unwrap_or(stored.state);
            return Err(WorkError::NotConnected(Problem::read(&reason)));
        }
        let stored = if self.must_renew(&stored, renew_before) { self.renew(stored).await? } else { stored };
        let connection = connection_of(&stored)?;
        let access = self.access(&stored)?;
        let host = host::open(&self.http, &self.apps, &connection, access).map_err(WorkError::Host)?;
        Ok(OpenHost { host, connection: stored })
    }

    /// Forgets that the token is good, so that the next job renews it; called when the host refused it.
    pub(super) async fn token_refused(&self, open: &OpenHost) -> Result<(), WorkError> {
        let tenant = open.connection.tenant;
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        crate::db::enter_tenant(&tx, tenant).await?;
        connection::expire_token(&tx, tenant, open.connection.token_version, self.clock.now()).await?;
        tx.commit().await?;
        Ok(())
    }

    pub(super) async fn connection(&self, tenant: TenantId) -> Result<StoredConnection, WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        crate::db::enter_tenant(&tx, tenant).await?;
        let found = connection::find(&tx, tenant).await?;
        tx.commit().await?;
        found.ok_or_else(|| WorkError::NotConnected(Problem::NeverConnected))
    }

    fn must_renew(&self, stored: &StoredConnection, before: Duration) -> bool {
        stored.refresh_token.is_some()
            && stored.token_expires_at.is_some_and(|ends| ends <= retry::after(self.clock.now(), before))
    }

    fn access(&self, stored: &StoredConnection) -> Result<Access, WorkError> {
        let open = |field: &str, value: &[u8]| {
            self.keyring.decrypt(stored.tenant, field, value).map_err(|error| WorkError::Secret(error.to_string()))
        };
        let access = stored.access_token.as_deref().ok_or_else(|| WorkError::NotConnected(Problem::NoAccess))?;
        Ok(Access {
            access_token: open("access_token", access)?,
            refresh_token: stored.refresh_token.as_deref().map(|token| open("refresh_token", token)).transpose()?,
        })
    }

    async fn renew(&self, stored: StoredConnection) -> Result<StoredConnection, WorkError> {
        let tenant = stored.tenant;
        if !self.lease_refresh(&stored).await? {
            // somebody else is at it: come back when it is done
            return Err(WorkError::Host(HostError::not_applied(
                NotApplied::RateLimited { retry_after: Duration::from_secs(1) },
                "the access token is being renewed",
            )));
        }
        let connection = connection_of(&stored)?;
        let access = self.access(&stored)?;
        match host::refresh(&self.http, &self.apps, &connection, &access).await {
            Ok(grant) => {
                self.keep(&stored, &grant).await?;
                self.connection(tenant).await
            }
            Err(HostError::Rejected { code, detail }) => {
                Err(self.revoke(&stored, Problem::Said(format!("{detail} ({code})"))).await?)
            }
            Err(error) if error.is_unauthorized() => Err(self.revoke(&stored, error.problem()).await?),
            Err(error) => Err(WorkError::Host(error)),
        }
    }

    async fn lease_refresh(&self, stored: &StoredConnection) -> Result<bool, WorkError> {
        let now = self.clock.now();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        crate::db::enter_tenant(&tx, stored.tenant).await?;
        let until = retry::after(now, REFRESH_LEASE);
        let leased = connection::lease_refresh(&tx, stored.tenant, stored.token_version, now, until).await?;
        tx.commit().await?;
        Ok(leased)
    }

    async fn keep(&self, stored: &StoredConnection, grant: &Grant) -> Result<(), WorkError> {
        let tenant = stored.tenant;
        let seal = |field: &str, value| self.keyring.encrypt(tenant, field, value, &*self.clock);
        let access = seal("access_token", &grant.access.access_token);
        let refresh = grant.access.refresh_token.as_ref().map(|token| seal("refresh_token", token));
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        crate::db::enter_tenant(&tx, tenant).await?;
        connection::set_tokens(&tx, tenant, stored.token_version, &access, refresh.as_deref(), grant.expires_at)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The host took our access away: nothing more is tried until somebody signs in again, and that is told once.
    async fn revoke(&self, stored: &StoredConnection, reason: Problem) -> Result<WorkError, WorkError> {
        let (tenant, now) = (stored.tenant, self.clock.now());
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        crate::db::enter_tenant(&tx, tenant).await?;
        let first = connection::set_state(&tx, tenant, "revoked", Some(&reason.kept())).await?;
        if first {
            self.audit(&tx, tenant, "access_revoked", None, serde_json::json!({ "reason": reason })).await?;
            let settings = crate::db::settings::load(&tx, tenant, false).await?;
            let ground = Ground::outside_a_plan(tenant, &settings, now);
            // the version of the token: after the next sign-in it is news again
            let key = format!("access_revoked|{}", stored.token_version);
            let news = news::about_company(&ground, NoticeEvent::AccessRevoked, key, Remark::of(reason.clone()));
            self.address(&tx, &ground, &news).await?;
        }
        tx.commit().await?;
        Ok(WorkError::NotConnected(reason))
    }
}

/// The stored connection in the host's terms.
fn connection_of(stored: &StoredConnection) -> Result<Connection, WorkError> {
    let unreadable = |what: &str| WorkError::NotConnected(Problem::Said(format!("the stored {what} cannot be read")));
    Ok(Connection {
        kind: HostKind::parse(&stored.host_kind).ok_or_else(|| unreadable("host kind"))?,
        base_url: stored.base_url.parse().map_err(|_| unreadable("address"))?,
        company: stored.company.clone(),
        options: serde_json::from_value(stored.options.clone()).map_err(|_| unreadable("options"))?,
    })
}
