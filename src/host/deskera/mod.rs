//! Deskera Books, by the public API of its developer documentation.
//!
//! Facts: hosts/deskera/notes.md of the project's research, `manifest/deskera/openapi.yaml` for the requests. Decode
//! leniently, send strictly: every field of an answer may be missing; a field of the wrong type, a quantity that is not
//! an exact decimal, a date that does not exist make a document unreadable with a clear error, never a guess.
//!
//! Invariants: no id of the host is interpreted; a list's row and the whole document are read by the same code, so their
//! fingerprints are equal; nothing is written that was not asked for.

mod buy;
mod client;
mod event;
mod install;
mod items;
mod mark;
mod printed;
mod purchase;
mod read;
mod sales;
pub mod signin;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use rust_decimal::Decimal;
use tokio::sync::OnceCell;
use url::Url;

use self::client::Client;
use self::items::Available;
use super::http::HostHttp;
use super::{
    Access, BackorderMark, Capabilities, Connection, Host, HostError, HostKind, ListPage, Read, RegisteredHook,
    Unreadable,
};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::printed::PrintedDocument;
use crate::domain::purchase_order::{LinkedDocument, NewPurchaseOrder, PurchaseOrder, PurchaseOrderChange};
use crate::domain::sales_document::SalesDocument;
use crate::domain::stock::Warehouse;
use crate::domain::vendor::{Contact, ItemFacts};

pub(super) use self::event::changed_documents;
pub(super) use self::install::check_options;
pub use self::signin::{DeskeraApp, consent_url, exchange_code, refresh};

/// Events: there are none for quotations, sales orders, purchase orders and receipts, so these are polled or nudged by
/// the stock's events. A purchase order that is received by a bill shows in the bill's.
pub const CAPABILITIES: Capabilities = Capabilities {
    events: &[
        "CREATE_INVOICE",
        "UPDATE_INVOICE",
        "DELETE_INVOICE",
        "CREATE_BILL",
        "UPDATE_BILL",
        "DELETE_BILL",
        "STOCK_IN",
        "STOCK_OUT",
        "CREATE_PRODUCTS",
    ],
    polled: &[DocumentKind::Quotation, DocumentKind::SalesOrder],
    swept: &[DocumentKind::Quotation, DocumentKind::SalesOrder, DocumentKind::Invoice, DocumentKind::PurchaseOrder],
    // Whether a second order with the same number is refused is not documented.
    create_is_unique: false,
    drafts: true,
    // Not documented: twice what its gateway is likely to hold a request for.
    request_limit: Duration::from_secs(150),
    scopes: &["write"],
    makes_hooks: true,
};

/// One company on Deskera Books.
#[derive(Debug)]
pub(super) struct Deskera {
    client: Client,
    app: Option<DeskeraApp>,
    access: Access,
    company: String,
    /// Of the access token; costs and prices are in it.
    base_currency: Option<String>,
    sales_order_shape: Option<String>,
    available: Available,
    web_url: Option<String>,
    primary: OnceCell<Option<String>>,
    /// Our custom field: its id by module.
    fields: OnceCell<Vec<(String, i64)>>,
}

impl Deskera {
    pub(super) fn open(http: &HostHttp, app: Option<DeskeraApp>, connection: &Connection, access: Access) -> Self {
        let mut secrets = vec![access.access_token.clone()];
        secrets.extend(access.refresh_token.clone());
        secrets.extend(app.as_ref().map(|app| app.client_secret.clone()));
        let option = |key: &str| connection.options.get(key).cloned();
        let client = Client {
            channel: http.channel(HostKind::Deskera, &connection.company, secrets, client::error_text),
            base_url: connection.base_url.clone(),
            country: option("country"),
            access_token: access.access_token.clone(),
        };
        Self {
            client,
            app,
            base_currency: signin::claims(&access.access_token).and_then(|claims| claims.identity.currency),
            access,
            company: connection.company.clone(),
            sales_order_shape: option("sales_order_shape"),
            available: match option("available_is").as_deref() {
                Some("on_hand") => Available::OnHand,
                Some("less_reserved") => Available::LessReserved,
                _ => Available::Unknown,
            },
            web_url: option("web_url"),
            primary: OnceCell::new(),
            fields: OnceCell::new(),
        }
    }

    /// Where a person opens a document: the option `web_url` with `{kind}`, `{code}` and `{number}` filled in.
    fn link_to(&self, kind: DocumentKind, code: &str, number: &str) -> Option<String> {
        let escaped =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let template = self.web_url.as_deref()?;
        let filled = template.replace("{kind}", kind.as_str()).replace("{code}", &escaped(code));
        Some(filled.replace("{number}", &escaped(number)))
    }
}

#[async_trait]
impl Host for Deskera {
    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn changed_documents(&self, event: &str, body: &[u8]) -> Result<Vec<DocumentRef>, Unreadable> {
        changed_documents(event, body)
    }

    async fn list_documents(&self, kind: DocumentKind, page: u32) -> Result<ListPage, HostError> {
        self.list(kind, page).await
    }

    async fn read_sales_document(&self, reference: &DocumentRef) -> Result<Option<Read<SalesDocument>>, HostError> {
        self.sales_document(reference).await
    }

    async fn read_printed(&self, reference: &DocumentRef) -> Result<Option<PrintedDocument>, HostError> {
        self.printed(reference).await
    }

    async fn read_purchase_order(&self, id: &str) -> Result<Option<Read<PurchaseOrder>>, HostError> {
        self.one_purchase_order(id).await
    }

    async fn open_purchase_orders(&self, items: &[String]) -> Result<Vec<Read<PurchaseOrder>>, HostError> {
        self.open_orders(items).await
    }

    async fn read_items(&self, items: &[String]) -> Result<ItemFacts, HostError> {
        self.item_facts(items).await
    }

    async fn read_warehouses(&self) -> Result<Vec<Warehouse>, HostError> {
        self.warehouses().await
    }

    async fn read_contact(&self, id: &str) -> Result<Option<Contact>, HostError> {
        self.contact(id).await
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
        mark::backorder(self, mark).await
    }

    async fn mark_drop_shipped(
        &self,
        document: &LinkedDocument,
        purchase_order: &LinkedDocument,
        delivered: &[(String, Decimal)],
    ) -> Result<(), HostError> {
        mark::drop_shipped(self, document, purchase_order, delivered).await
    }

    async fn list_hooks(&self) -> Result<Vec<RegisteredHook>, HostError> {
        install::list(self).await
    }

    async fn register_hook(&self, event: &str, url: &Url) -> Result<RegisteredHook, HostError> {
        install::register(self, event, url).await
    }

    async fn remove_hook(&self, host_id: &str) -> Result<(), HostError> {
        install::remove(self, host_id).await
    }
}

#[cfg(test)]
mod tests;
