//! What a sweep checks beyond the host's lists: marks without their intent, drafts made twice, and what a new day
//! changes.
//!
//! Invariants: of several drafts with one mark all but the one that counts are deleted, an issued one never; what we
//! do not know of is told once and counts as on order, so that it is not bought again.

use jiff::Timestamp;

use super::access::OpenHost;
use super::replan::Ground;
use super::settle::{AfterLookup, after_lookup};
use super::{WorkError, Worker, news, retry};
use crate::db::connection::StoredConnection;
use crate::db::mirror::MarkedOrder;
use crate::db::retention::{Old, Over};
use crate::db::{self, backorder, changed_document, delivery, mirror, notice, retention};
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};
use crate::domain::notice::{NoticeEvent, NoticePurchaseOrder};
use crate::domain::remark::Remark;

/// Old rows that go in one commit.
const AT_ONCE: i64 = 1000;
/// Commits for one kind of rows in a night: what is left goes the next.
const MOST_COMMITS: usize = 1000;

impl Worker {
    /// Looks at purchase orders that carry a mark of ours and are bound to no intent; gives how many were put right or
    /// newly told.
    pub(super) async fn audit_marks(&self, open: &OpenHost) -> Result<i32, WorkError> {
        let tenant = open.connection.tenant;
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let unbound = mirror::unbound_marks(&tx, tenant).await?;
        tx.commit().await?;
        drop(client);
        let mut found = 0;
        for order in unbound {
            metrics::counter!("backorders_po_duplicates_detected_total").increment(u64::from(order.known));
            if order.known {
                found += self.delete_duplicates(open, &order).await?;
            }
            found += self.tell_of_mark(tenant, &order).await?;
        }
        Ok(found)
    }

    /// A worker that was held up may have made a second draft long after another had taken over.
    async fn delete_duplicates(&self, open: &OpenHost, order: &MarkedOrder) -> Result<i32, WorkError> {
        let AfterLookup::Found { delete, .. } = after_lookup(&open.host.find_by_marker(&order.marker).await?) else {
            return Ok(0);
        };
        let tenant = open.connection.tenant;
        for draft in &delete {
            open.host.delete_draft(draft).await?;
        }
        let changed: Vec<_> =
            delete.iter().map(|id| (tenant, DocumentRef::new(DocumentKind::PurchaseOrder, id.clone()))).collect();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        changed_document::mark(&tx, &changed, self.clock.now(), None).await?;
        for (_, draft) in &changed {
            let details = serde_json::json!({ "marker": order.marker });
            self.audit(&tx, tenant, "duplicate_deleted", Some(draft), details).await?;
        }
        tx.commit().await?;
        Ok(i32::try_from(delete.len()).unwrap_or(i32::MAX))
    }

    /// Tells of a purchase order of ours that we do not know of, or that stands beside another; once.
    async fn tell_of_mark(&self, tenant: TenantId, order: &MarkedOrder) -> Result<i32, WorkError> {
        if order.known && order.is_draft {
            return Ok(0);
        }
        let now = self.clock.now();
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let stored = db::settings::load(&tx, tenant, false).await?;
        let ground = Ground::outside_a_plan(tenant, &stored, now);
        let about = NoticePurchaseOrder {
            number: Some(order.number.clone()),
            vendor: order.vendor.name.clone(),
            total: None,
            currency: None,
            expected: None,
            ship_to: None,
            url: order.url.clone(),
            lines: Vec::new(),
        };
        let remark = if order.known { Remark::MarkTwice } else { Remark::MarkUnknown };
        let kind = remark.kind();
        let key = format!("unbound_mark|{}", order.id);
        let news = news::about_purchase_order(
            &ground,
            NoticeEvent::OutcomeUnknown,
            None,
            (&order.vendor.id, &[]),
            about,
            key,
            Some(remark),
        );
        let new = self.address(&tx, &ground, &news).await?;
        if new > 0 {
            let document = DocumentRef::new(DocumentKind::PurchaseOrder, order.id.clone());
            let details = serde_json::json!({ "marker": order.marker, "remark": kind });
            self.audit(&tx, tenant, "unbound_mark", Some(&document), details).await?;
        }
        tx.commit().await?;
        Ok(i32::from(new > 0))
    }

    /// Has all open backorders planned again when a new day has begun for the company (what was expected may be
    /// overdue), and after a restored backup, when what was held back may be bought. Then too, what the host shows of
    /// backorders is held against ours, both ways: a flag without a backorder, a backorder without its flag. Gives how
    /// many flags are put right.
    pub(super) async fn plan_the_day(&self, connection: &StoredConnection) -> Result<i32, WorkError> {
        let now = self.clock.now();
        let zone = jiff::tz::TimeZone::get(&connection.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        let day = |at: jiff::Timestamp| at.to_zoned(zone.clone()).date();
        let new_day = connection.last_checked_at.is_some_and(|checked| day(checked) != day(now));
        if !new_day && self.reconcile_since.is_none() {
            return Ok(0);
        }
        let tenant = connection.tenant;
        if new_day {
            self.forget(tenant, now).await?;
        }
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let open: Vec<_> =
            backorder::open_documents(&tx, tenant).await?.into_iter().map(|document| (tenant, document)).collect();
        changed_document::mark_missed(&tx, &open, now).await?;
        let shown_again = notice::reshow_differing(&tx, tenant, now).await?;
        tx.commit().await?;
        Ok(i32::try_from(shown_again).unwrap_or(i32::MAX))
    }

    /// Encrypts with the current master key what an older one has encrypted, so that the older one can be taken away.
    pub(super) async fn seal_anew(&self, connection: &StoredConnection) -> Result<(), WorkError> {
        let tenant = connection.tenant;
        let anew = |field: &str, sealed: &[u8]| -> Result<Vec<u8>, WorkError> {
            let open =
                self.keyring.decrypt(tenant, field, sealed).map_err(|error| WorkError::Secret(error.to_string()))?;
            Ok(self.keyring.encrypt(tenant, field, &open, &*self.clock))
        };
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        if let Some(access) = connection.access_token.as_deref().filter(|sealed| self.keyring.is_outdated(sealed)) {
            let access = anew("access_token", access)?;
            let refresh =
                connection.refresh_token.as_deref().map(|sealed| anew("refresh_token", sealed)).transpose()?;
            let (version, ends) = (connection.token_version, connection.token_expires_at);
            db::connection::set_tokens(&tx, tenant, version, &access, refresh.as_deref(), ends).await?;
        }
        for hook in delivery::hooks(&tx, tenant).await? {
            if self.keyring.is_outdated(&hook.path_token) {
                let path_token = anew("hook.path_token", &hook.path_token)?;
                let secret = hook.secret.as_deref().map(|sealed| anew("hook.secret", sealed)).transpose()?;
                delivery::reseal_hook(&tx, tenant, &hook.event, &path_token, secret.as_deref()).await?;
            }
        }
        tx.commit().await?;
        Ok(())
    }

    /// Forgets what is old and over, a few rows in each commit so that nobody waits for them.
    pub(super) async fn forget(&self, tenant: TenantId, now: Timestamp) -> Result<(), WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let days = db::settings::load(&tx, tenant, false).await?.settings.keep_days;
        tx.commit().await?;
        let keep = self.settings.keep.at_most(days);
        for what in Old::ALL {
            let over = Over { tenant, before: retry::before(now, what.kept(keep)), limit: AT_ONCE };
            for _ in 0..MOST_COMMITS {
                let tx = client.transaction().await?;
                if what == Old::LineRecord {
                    // the sums over lines change with them, as a replan changes them
                    db::enter_tenant(&tx, tenant).await?;
                    db::settings::load(&tx, tenant, true).await?;
                }
                retention::enter(&tx, tenant).await?;
                let gone = retention::forget(&tx, what, over).await?;
                tx.commit().await?;
                if gone == 0 {
                    break;
                }
                metrics::counter!("backorders_rows_forgotten_total", "kind" => what.as_str()).increment(gone);
            }
        }
        Ok(())
    }

    /// Whether this company may buy. After a restored backup only when its lists were looked through since the start,
    /// and the purchase orders that were found have been read.
    pub(super) async fn may_buy(
        &self,
        tx: &tokio_postgres::Transaction<'_>,
        tenant: TenantId,
    ) -> Result<bool, WorkError> {
        let Some(since) = self.reconcile_since else { return Ok(true) };
        let checked = db::connection::find(tx, tenant).await?.and_then(|connection| connection.last_checked_at);
        Ok(checked.is_some_and(|checked| checked >= since)
            && !changed_document::has_purchase_orders(tx, tenant).await?)
    }
}
