//! Odoo 17 to 19, by JSON-RPC and, where it has it, JSON-2.
//!
//! Facts: recorded from running systems; requests and answers are in `tests/data/odoo`. 18 was not run and is unproven.
//!
//! Invariants: an id of Odoo is a number in text; a quotation and a sales order are one record, told apart by its state;
//! what Odoo orders for a sale by itself is on order for that sale, and not ordered again. A company is one of its
//! database's: its orders, warehouses and rules are asked for by its id, and its user is in no other.

mod buy;
mod client;
mod coming;
mod drop_ship;
mod event;
mod facts;
mod install;
mod items;
mod mark;
mod printed;
mod purchase;
mod read;
mod rules;
mod sales;
mod series;
mod session;
mod signin;
mod tied;
mod wire;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use url::Url;

use self::client::Client;
use super::http::HostHttp;
use super::{
    Access, BackorderMark, Capabilities, Connection, Host, HostError, HostKind, ListPage, ListedDocument, Read,
    RegisteredHook, Unreadable,
};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::printed::PrintedDocument;
use crate::domain::purchase_order::{LinkedDocument, NewPurchaseOrder, PurchaseOrder, PurchaseOrderChange};
use crate::domain::sales_document::{Address, SalesDocument};
use crate::domain::stock::Warehouse;
use crate::domain::vendor::{Contact, ItemFacts};

pub use self::event::{changed_documents, settling};
pub use self::facts::KnownOdoos;
pub use self::install::{install, uninstall};
pub use self::signin::{Credentials, NO_COMPANY, connection, host_identity, refresh, sign_in};

/// A rule's delivery is tried once and given up after a second, so everything is swept as well.
pub const CAPABILITIES: Capabilities = Capabilities {
    events: rules::EVENTS,
    polled: &[],
    swept: &[DocumentKind::Quotation, DocumentKind::SalesOrder, DocumentKind::PurchaseOrder],
    // An external id is unique in Odoo's own database.
    create_is_unique: true,
    drafts: true,
    // `limit_time_real`, with a margin.
    request_limit: Duration::from_secs(150),
    scopes: &["Sales / User: All Documents", "Inventory / User", "Purchase / User"],
    // A rule can run anything: the integration user may take ours away and make none.
    makes_hooks: false,
};

/// One company in one database of an Odoo.
///
/// It is opened for one job: what was read of products and addresses is not read again within it.
#[derive(Debug)]
pub(super) struct Odoo {
    client: Client,
    /// Rows of products by id.
    products: Mutex<BTreeMap<i64, Value>>,
    /// Delivery addresses by the contact's id.
    addresses: Mutex<BTreeMap<i64, Address>>,
}

/// Refuses options that are not known, before they are saved.
pub(super) fn check_options(options: &BTreeMap<String, String>) -> Result<(), String> {
    for (key, value) in options {
        let fits = match key.as_str() {
            "login" => !value.is_empty() && value.len() <= 200,
            _ => return Err(format!("there is no option {key}")),
        };
        if !fits {
            return Err(format!("option {key}: this value is not possible"));
        }
    }
    if options.contains_key("login") {
        Ok(())
    } else {
        Err("option login: the user that the key belongs to".to_owned())
    }
}

/// The ids among these texts that can be Odoo's.
fn ids_of(texts: &[String]) -> Vec<i64> {
    texts.iter().filter_map(|text| text.parse().ok()).collect::<BTreeSet<i64>>().into_iter().collect()
}

impl Odoo {
    pub(super) fn open(http: &HostHttp, known: &KnownOdoos, connection: &Connection, access: Access) -> Self {
        // Several companies may share a database.
        let (database, company_id) = match connection.company.split_once('#') {
            Some((database, company_id)) => (database, Some(company_id)),
            None => (connection.company.as_str(), None),
        };
        let company = format!("{} {}", connection.base_url, connection.company);
        let login = connection.options.get("login").cloned().unwrap_or_default();
        let facts = known.of(&format!("{company} {login}"));
        let secrets = [Some(access.access_token.clone()), access.refresh_token.clone()].into_iter().flatten().collect();
        let client = Client {
            channel: http.channel(HostKind::Odoo, &company, secrets, client::error_text),
            base_url: connection.base_url.clone(),
            database: database.to_owned(),
            login,
            key: access.access_token,
            password: access.refresh_token,
            company: company_id.and_then(|id| id.parse().ok()),
            facts,
        };
        Self { client, products: Mutex::default(), addresses: Mutex::default() }
    }
}

#[async_trait]
impl Host for Odoo {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn changed_documents(&self, _event: &str, body: &[u8]) -> Result<Vec<DocumentRef>, Unreadable> {
        event::changed_documents(body)
    }

    async fn list_documents(&self, kind: DocumentKind, page: u32) -> Result<ListPage, HostError> {
        self.list(kind, page).await
    }

    async fn list_written(&self, since: jiff::Timestamp) -> Result<Option<Vec<ListedDocument>>, HostError> {
        written::list(self, since).await.map(Some)
    }

    async fn read_sales_document(&self, reference: &DocumentRef) -> Result<Option<Read<SalesDocument>>, HostError> {
        Ok(self.sales_documents(std::slice::from_ref(reference)).await?.pop().flatten().map(read::read_whole))
    }

    async fn read_sales_documents(
        &self,
        references: &[DocumentRef],
    ) -> Result<Vec<Option<Read<SalesDocument>>>, HostError> {
        let found = self.sales_documents(references).await?;
        Ok(found.into_iter().map(|one| one.map(read::read_whole)).collect())
    }

    async fn read_printed(&self, reference: &DocumentRef) -> Result<Option<PrintedDocument>, HostError> {
        self.printed(reference).await
    }

    async fn read_pdf(&self, reference: &DocumentRef) -> Result<Option<Vec<u8>>, HostError> {
        self.pdf(reference).await
    }

    async fn read_purchase_order(&self, id: &str) -> Result<Option<Read<PurchaseOrder>>, HostError> {
        Ok(self.one_purchase(id).await?.map(read::read_whole))
    }

    async fn read_purchase_orders(&self, ids: &[String]) -> Result<Vec<Option<Read<PurchaseOrder>>>, HostError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.purchases(json!([["id", "in", ids_of(ids)]]), None).await?;
        let one = |id: &String| found.iter().find(|order| order.id == *id).cloned().map(read::read_whole);
        Ok(ids.iter().map(one).collect())
    }

    async fn open_purchase_orders(&self, items: &[String]) -> Result<Vec<Read<PurchaseOrder>>, HostError> {
        self.open_purchases(items).await
    }

    async fn read_items(&self, items: &[String]) -> Result<ItemFacts, HostError> {
        self.item_facts(items).await
    }

    async fn read_warehouses(&self) -> Result<Vec<Warehouse>, HostError> {
        self.warehouses().await
    }

    async fn read_contact(&self, id: &str) -> Result<Option<Contact>, HostError> {
        Ok(self.contacts(&ids_of(&[id.to_owned()])).await?.pop())
    }

    async fn find_by_marker(&self, marker: &str) -> Result<Vec<PurchaseOrder>, HostError> {
        buy::find(self, marker).await
    }

    async fn create_purchase_order(&self, order: &NewPurchaseOrder) -> Result<PurchaseOrder, HostError> {
        buy::create(self, order).await
    }

    async fn confirm_purchase_order(&self, id: &str) -> Result<PurchaseOrder, HostError> {
        buy::confirm(self, id).await
    }

    async fn change_purchase_order(&self, change: &PurchaseOrderChange) -> Result<(), HostError> {
        buy::change(self, change).await
    }

    async fn delete_draft(&self, id: &str) -> Result<(), HostError> {
        buy::delete_draft(self, id).await
    }

    async fn mark_backorder(&self, mark: &BackorderMark) -> Result<(), HostError> {
        mark::mark(self, mark).await
    }

    /// Odoo does so itself: the drop shipment's move raises what the sale's line has delivered.
    async fn mark_drop_shipped(
        &self,
        _document: &LinkedDocument,
        _purchase_order: &LinkedDocument,
        _delivered: &[(String, Decimal)],
    ) -> Result<(), HostError> {
        Ok(())
    }

    async fn list_hooks(&self) -> Result<Vec<RegisteredHook>, HostError> {
        rules::list(self).await
    }

    async fn register_hook(&self, event: &str, url: &Url) -> Result<RegisteredHook, HostError> {
        rules::register(self, event, url).await
    }

    async fn remove_hook(&self, host_id: &str) -> Result<(), HostError> {
        rules::remove(self, host_id).await
    }
}

#[cfg(test)]
mod tests;
