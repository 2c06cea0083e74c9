//! Changed documents are read from the host into the mirror.
//!
//! Invariants: only what is read again is believed. Purchase orders are read before stock: goods that are received
//! while we read are then seen twice rather than not at all, which never buys too much. (Goods that leave while we
//! read are the replan's concern: it buys nothing on documents that were read before the stock last changed.)
//! A document that the host no longer has is cancelled, not an error.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::access::OpenHost;
use super::{WorkError, Worker};
use crate::db::{self, changed_document, items, line_record, mirror, stuck_intent};
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};
use crate::domain::purchase_order::{PurchaseOrder, PurchaseState};
use crate::domain::sales_document::SalesDocument;
use crate::domain::vendor::ItemFacts;
use crate::host::{HostError, Read};

/// What the host said, each with the time at which the call began.
#[derive(Debug, Default)]
pub(super) struct Reading {
    sales: Vec<(DocumentRef, Option<Read<SalesDocument>>, Timestamp)>,
    purchases: Vec<(String, Option<Read<PurchaseOrder>>, Timestamp)>,
    items: Vec<String>,
    facts: ItemFacts,
    facts_read_at: Timestamp,
    open_orders: Vec<Read<PurchaseOrder>>,
    open_orders_read_at: Timestamp,
}

impl Reading {
    /// The items that must be planned again.
    pub(super) fn items(&self) -> &[String] {
        &self.items
    }
}

impl Worker {
    /// Reads these documents, and stock, open purchase orders and vendors of all items that they concern.
    pub(super) async fn read(&self, open: &OpenHost, documents: &[DocumentRef]) -> Result<Reading, WorkError> {
        let tenant = open.connection.tenant;
        let mut reading = Reading::default();
        let mut items = self.mirrored_items(tenant, documents).await?;
        let (mut purchases, mut sales) = (Vec::new(), Vec::new());
        for document in documents {
            match document.kind {
                DocumentKind::Item => {
                    items.insert(document.id.clone());
                }
                DocumentKind::PurchaseOrder => purchases.push(document.id.clone()),
                DocumentKind::Quotation | DocumentKind::SalesOrder | DocumentKind::Invoice => {
                    sales.push(document.clone());
                }
                DocumentKind::List => {}
            }
        }
        let read_at = self.clock.now();
        for (id, read) in purchases.iter().zip(open.host.read_purchase_orders(&purchases).await?) {
            items.extend(read.iter().flat_map(|read| &read.value.lines).map(|line| line.item.clone()));
            reading.purchases.push((id.clone(), read, read_at));
        }
        let read_at = self.clock.now();
        let read = open.host.read_sales_documents(&sales).await?;
        for (document, read) in sales.into_iter().zip(read) {
            items.extend(read.iter().flat_map(|read| &read.value.lines).map(|line| line.item.clone()));
            reading.sales.push((document, read, read_at));
        }
        items.remove("");
        reading.items = items.into_iter().collect();
        if !reading.items.is_empty() {
            self.read_items(open, &mut reading).await?;
            self.read_sales_again(open, &mut reading).await?;
        }
        Ok(reading)
    }

    /// Where stock has moved, what was read of the sales before it may have been delivered since, and nothing is bought
    /// on it: it is read once more now, so that no second look must read everything again. (What leaves after the stock
    /// was read is then owed no more, though it is still counted as there: that never buys too much.)
    async fn read_sales_again(&self, open: &OpenHost, reading: &mut Reading) -> Result<(), WorkError> {
        let tenant = open.connection.tenant;
        if reading.sales.iter().all(|(_, read, _)| read.is_none()) {
            return Ok(());
        }
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let moved = items::stock_is_news(&tx, tenant, &reading.items, &reading.facts).await?;
        tx.commit().await?;
        drop(client);
        if !moved {
            return Ok(());
        }
        let documents: Vec<DocumentRef> = reading.sales.iter().map(|(document, ..)| document.clone()).collect();
        let read_at = self.clock.now();
        let again = open.host.read_sales_documents(&documents).await?;
        for ((_, read, at), again) in reading.sales.iter_mut().zip(again) {
            let lines = again.iter().flat_map(|again| &again.value.lines);
            // With an item that was not looked at, the next look must be a whole one.
            if lines.into_iter().all(|line| line.item.is_empty() || reading.items.contains(&line.item)) {
                (*read, *at) = (again, read_at);
            }
        }
        Ok(())
    }

    async fn read_items(&self, open: &OpenHost, reading: &mut Reading) -> Result<(), HostError> {
        reading.open_orders_read_at = self.clock.now();
        reading.open_orders = open.host.open_purchase_orders(&reading.items).await?;
        reading.facts_read_at = self.clock.now();
        reading.facts = open.host.read_items(&reading.items).await?;
        // The components of kits are demands of their own. The host has told of them along with their kits; one that it
        // no longer has is planned as gone.
        let facts = &reading.facts;
        let parts = facts.items.iter().flat_map(|item| &item.components).map(|component| &component.item);
        let parts: BTreeSet<&String> = parts.chain(facts.items.iter().map(|item| &item.id)).collect();
        let parts: Vec<String> = parts.into_iter().filter(|part| !reading.items.contains(part)).cloned().collect();
        if !parts.is_empty() {
            reading.open_orders.extend(open.host.open_purchase_orders(&parts).await?);
            reading.items.extend(parts);
        }
        Ok(())
    }

    async fn mirrored_items(&self, tenant: TenantId, documents: &[DocumentRef]) -> Result<BTreeSet<String>, WorkError> {
        let mut client = self.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_tenant(&tx, tenant).await?;
        let items = mirror::items_of_all(&tx, tenant, documents).await?;
        tx.commit().await?;
        Ok(items.into_iter().collect())
    }

    /// Keeps a reading in the mirror, in the caller's transaction.
    pub(super) async fn keep_reading(
        &self,
        tx: &tokio_postgres::Transaction<'_>,
        tenant: TenantId,
        reading: &Reading,
    ) -> Result<(), WorkError> {
        for (document, read, read_at) in &reading.sales {
            match read {
                Some(read) => {
                    mirror::put_sales_document(tx, tenant, &read.value, &read.fingerprint, *read_at).await?;
                }
                None => {
                    mirror::forget_sales_document(tx, tenant, document, *read_at).await?;
                }
            }
        }
        for (id, read, read_at) in &reading.purchases {
            match read {
                Some(read) => {
                    mirror::put_purchase_order(tx, tenant, &read.value, &read.fingerprint, *read_at).await?;
                }
                None => {
                    mirror::forget_purchase_order(tx, tenant, id, *read_at).await?;
                }
            }
        }
        let read = reading.purchases.iter().filter_map(|(_, read, _)| read.as_ref());
        let issued: Vec<&str> = read
            .filter(|read| matches!(read.value.state, PurchaseState::Confirmed | PurchaseState::Received))
            .map(|read| read.value.id.as_str())
            .collect();
        if !issued.is_empty() {
            stuck_intent::issued(tx, tenant, &issued, self.clock.now()).await?;
        }
        let at = reading.open_orders_read_at;
        let open: Vec<_> =
            reading.open_orders.iter().map(|read| (read.value.id.as_str(), read.fingerprint.as_str())).collect();
        let unchanged = mirror::keep_unchanged_purchase_orders(tx, tenant, &open, at).await?;
        for read in reading.open_orders.iter().filter(|read| !unchanged.contains(&read.value.id)) {
            mirror::put_purchase_order(tx, tenant, &read.value, &read.fingerprint, at).await?;
        }
        let read = reading.purchases.iter().map(|(id, _, _)| id);
        let read: Vec<String> = read.chain(reading.open_orders.iter().map(|read| &read.value.id)).cloned().collect();
        let today = super::replan::today(&db::settings::load(tx, tenant, false).await?, self.clock.now());
        line_record::record_purchases(tx, tenant, &read, today).await?;
        if !reading.items.is_empty() {
            // open in the mirror and no longer in the host's list of open ones: received, closed or gone
            let vanished = mirror::vanished_orders(tx, tenant, &reading.items, at).await?;
            let again: Vec<_> =
                vanished.into_iter().map(|id| (tenant, DocumentRef::new(DocumentKind::PurchaseOrder, id))).collect();
            changed_document::mark(tx, &again, self.clock.now(), None).await?;
            items::put(tx, tenant, &reading.items, &reading.facts, reading.facts_read_at).await?;
        }
        Ok(())
    }
}
