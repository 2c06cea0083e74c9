//! The ERP systems outside: what they can do, how they are read and written.
//!
//! Invariants: a host differs by what it can do and says so as data ([`Capabilities`]); nothing else in the crate
//! asks which host it is. Documents come back in domain terms, in stock units, exact. A write's error says whether
//! it may have happened ([`HostError`]).

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::domain::printed::PrintedDocument;
use crate::domain::purchase_order::{LinkedDocument, NewPurchaseOrder, PurchaseOrder, PurchaseOrderChange};
use crate::domain::sales_document::SalesDocument;
use crate::domain::stock::Warehouse;
use crate::domain::vendor::{Contact, ItemFacts};

pub mod address;
pub mod deskera;
pub mod error;
pub mod http;
mod json;
mod marker;
pub mod odoo;
pub mod signature;

pub use error::{HostError, NotApplied};

/// The systems that we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostKind {
    Deskera,
    Odoo,
}

impl HostKind {
    /// The stable name used in the database and in metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deskera => "deskera",
            Self::Odoo => "odoo",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Deskera, Self::Odoo].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What a host can do, as data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The events that we subscribe to.
    pub events: &'static [&'static str],
    /// Document kinds that it has no event for: polled at the short interval.
    pub polled: &'static [DocumentKind],
    /// Kinds that the sweep lists as a whole.
    pub swept: &'static [DocumentKind],
    /// Creating twice with one marker makes one document: an unknown outcome may be sent again at once.
    pub create_is_unique: bool,
    /// A purchase order can be made as a draft first and confirmed after exactly one was found.
    pub drafts: bool,
    /// The longest that the host itself works on one request: how long an unknown outcome is left alone
    /// before "not found" may be believed.
    pub request_limit: Duration,
    /// What is asked of the company at sign-in, by the host's own names (manifest/*/app.json gives the reasons).
    pub scopes: &'static [&'static str],
    /// The access that is kept may make hooks; else an administrator's key does, when the company is set up.
    pub makes_hooks: bool,
}

/// A connected company: where it is and how it wants to be spoken to. No secret in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub kind: HostKind,
    /// Without a path; checked by the address guard when it was saved.
    pub base_url: Url,
    /// The host's id of the company (Deskera: `tenantId`; Odoo: `database#company`).
    pub company: String,
    /// Host-specific choices by name; Deskera: `country` (a two-letter twin), `sales_order_shape` (`new` | `legacy`),
    /// `available_is` (`on_hand` | `less_reserved`), `web_url`; Odoo: `login`. [`check_options`] refuses
    /// others when it is saved.
    pub options: std::collections::BTreeMap<String, String>,
}

/// Refuses options of a connection that its host does not have; the text is for the person who entered them.
pub fn check_options(kind: HostKind, options: &std::collections::BTreeMap<String, String>) -> Result<(), String> {
    match kind {
        HostKind::Deskera => deskera::check_options(options),
        HostKind::Odoo => odoo::check_options(options),
    }
}

/// This installation as the hosts know it.
#[derive(Debug, Clone, Default)]
pub struct HostApps {
    /// None: Deskera companies cannot be connected.
    pub deskera: Option<deskera::DeskeraApp>,
    /// What was learnt of connected Odoos.
    pub odoo: odoo::KnownOdoos,
}

/// The way into one company. Nothing is called yet.
///
/// # Errors
/// None now; a kind of host may come that this version cannot speak to.
pub fn open(
    http: &http::HostHttp,
    apps: &HostApps,
    connection: &Connection,
    access: Access,
) -> Result<Arc<dyn Host>, HostError> {
    match connection.kind {
        HostKind::Deskera => {
            Ok(Arc::new(deskera::Deskera::open(http, apps.deskera.clone(), connection, access)) as Arc<dyn Host>)
        }
        HostKind::Odoo => Ok(Arc::new(odoo::Odoo::open(http, &apps.odoo, connection, access))),
    }
}

/// The documents that a verified delivery of `event` from a host of this kind names ([`Host::changed_documents`],
/// which needs no connection).
///
/// # Errors
/// [`Unreadable`] when the body is not of the host's format at all: it is kept for a person.
pub fn changed_documents(kind: HostKind, event: &str, body: &[u8]) -> Result<Vec<DocumentRef>, Unreadable> {
    match kind {
        HostKind::Deskera => deskera::changed_documents(event, body),
        HostKind::Odoo => odoo::changed_documents(body),
    }
}

/// How long what a delivery tells of may not be readable yet: some hosts tell before they have committed.
#[must_use]
pub fn settling(kind: HostKind, body: &[u8]) -> Duration {
    match kind {
        HostKind::Deskera => Duration::ZERO,
        HostKind::Odoo => odoo::settling(body),
    }
}

/// Renews the access to a connected company.
///
/// # Errors
/// [`HostError::Rejected`] or an unauthorized one: the host no longer accepts us, somebody must sign in again.
pub async fn refresh(
    http: &http::HostHttp,
    apps: &HostApps,
    connection: &Connection,
    access: &Access,
) -> Result<Grant, HostError> {
    let no_way = |detail: &str| HostError::Rejected { code: "refresh".to_owned(), detail: detail.to_owned() };
    match connection.kind {
        HostKind::Deskera => {
            let app = apps.deskera.as_ref().ok_or_else(|| no_way("Deskera is not set up"))?;
            let token = access.refresh_token.as_ref().ok_or_else(|| no_way("there is no refresh token"))?;
            deskera::signin::refresh(http, app, &connection.base_url, token).await
        }
        HostKind::Odoo => {
            let password = access.refresh_token.as_ref().ok_or_else(|| no_way("there is no password"))?;
            odoo::refresh(http, connection, password).await
        }
    }
}

/// SHA-256, in hex, of a document as it was read: equal documents have equal fingerprints.
pub fn fingerprint<T: Serialize>(document: &T) -> String {
    // A document of ours always serialises; should one not, its copy merely counts as stale.
    let bytes = serde_json::to_vec(document).unwrap_or_default();
    Sha256::digest(&bytes).iter().fold(String::with_capacity(64), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// What a host of this kind can do ([`Host::capabilities`], which needs no connection).
#[must_use]
pub fn capabilities(kind: HostKind) -> &'static Capabilities {
    match kind {
        HostKind::Deskera => &deskera::CAPABILITIES,
        HostKind::Odoo => &odoo::CAPABILITIES,
    }
}

/// What opens the host.
#[derive(Debug, Clone)]
pub struct Access {
    pub access_token: SecretString,
    pub refresh_token: Option<SecretString>,
}

/// What a sign-in or refresh gave.
#[derive(Debug, Clone)]
pub struct Grant {
    pub access: Access,
    /// From the token itself; None = unknown, refresh when refused.
    pub expires_at: Option<jiff::Timestamp>,
    pub identity: Identity,
}

/// Who signed in, and to which company.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    pub company: String,
    /// What tells the company from all others whatever its address is, where the host has such a thing.
    pub host_identity: Option<String>,
    pub company_name: String,
    pub user_id: String,
    pub user_name: String,
    pub email: Option<String>,
    pub currency: Option<String>,
    pub time_zone: Option<String>,
}

/// A subscription as the host has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredHook {
    pub host_id: String,
    pub event: String,
    pub url: String,
    pub enabled: bool,
}

/// One row of a list: enough to know whether our copy is stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDocument {
    pub reference: DocumentRef,
    /// Equal to [`fingerprint`] of the document when it is read whole, or the host's own version of it.
    pub fingerprint: String,
}

/// A page of a list, newest document first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    pub documents: Vec<ListedDocument>,
    /// No page follows.
    pub last: bool,
}

/// A document read whole, with the fingerprint that its row in a list would have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read<T> {
    pub value: T,
    pub fingerprint: String,
}

/// How a sales document is shown as a backorder in the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackorderMark {
    pub document: LinkedDocument,
    /// The flag beside fulfilment; false takes it away.
    pub backorder: bool,
    /// Which icon it is, where the host shows one.
    #[serde(default)]
    pub state: Option<BackorderState>,
    /// The state in words for the icon ("On order 08-12-2026"); None takes it away.
    pub text: Option<String>,
    /// Our purchase orders for it, to be linked from the sales side.
    pub purchase_orders: Vec<LinkedDocument>,
    /// A line for the document's notes, where the host has a place for it.
    pub note: Option<String>,
}

/// A host, connected to one company.
#[async_trait]
pub trait Host: Send + Sync {
    fn capabilities(&self) -> &'static Capabilities;

    /// The documents that a verified delivery of `event` names. Quantities in the body are never read.
    /// A body that names nothing we know gives the lists to look through.
    ///
    /// # Errors
    /// [`Unreadable`] when the body is not of the host's format at all: it is kept for a person.
    fn changed_documents(&self, event: &str, body: &[u8]) -> Result<Vec<DocumentRef>, Unreadable>;

    /// One page (from 0) of the open documents of a kind, newest first.
    async fn list_documents(&self, kind: DocumentKind, page: u32) -> Result<ListPage, HostError>;

    /// What was written since then, where the host can tell so; None where only its lists show what has changed. A row
    /// without a fingerprint counts only where the mirror has the document as open; an item's stock has moved.
    async fn list_written(&self, _since: jiff::Timestamp) -> Result<Option<Vec<ListedDocument>>, HostError> {
        Ok(None)
    }

    /// A sales document; None when the host no longer has it.
    async fn read_sales_document(&self, reference: &DocumentRef) -> Result<Option<Read<SalesDocument>>, HostError>;

    /// Sales documents, in the order of the references, in as few calls as the host allows.
    async fn read_sales_documents(
        &self,
        references: &[DocumentRef],
    ) -> Result<Vec<Option<Read<SalesDocument>>>, HostError> {
        let mut found = Vec::new();
        for reference in references {
            found.push(self.read_sales_document(reference).await?);
        }
        Ok(found)
    }

    /// A sales document as its customer is to read it; None when the host no longer has it.
    async fn read_printed(&self, reference: &DocumentRef) -> Result<Option<PrintedDocument>, HostError>;

    /// The host's own PDF of a sales document; None where the host has none for us (Deskera documents no such call).
    async fn read_pdf(&self, _reference: &DocumentRef) -> Result<Option<Vec<u8>>, HostError> {
        Ok(None)
    }

    /// A purchase order; None when the host no longer has it.
    async fn read_purchase_order(&self, id: &str) -> Result<Option<Read<PurchaseOrder>>, HostError>;

    /// Purchase orders, in the order of their ids, in as few calls as the host allows.
    async fn read_purchase_orders(&self, ids: &[String]) -> Result<Vec<Option<Read<PurchaseOrder>>>, HostError> {
        let mut found = Vec::new();
        for id in ids {
            found.push(self.read_purchase_order(id).await?);
        }
        Ok(found)
    }

    /// The open purchase orders (drafts too) that have a line of any of these items.
    async fn open_purchase_orders(&self, items: &[String]) -> Result<Vec<Read<PurchaseOrder>>, HostError>;

    /// Items with their stock, vendors and prices, and those that they are made of if they are kits (theirs as well), in
    /// as few calls as the host allows. Each item once.
    async fn read_items(&self, items: &[String]) -> Result<ItemFacts, HostError>;

    async fn read_warehouses(&self) -> Result<Vec<Warehouse>, HostError>;

    /// A customer or vendor; None when the host no longer has it.
    async fn read_contact(&self, id: &str) -> Result<Option<Contact>, HostError>;

    /// Every purchase order (in any state) that carries the marker.
    async fn find_by_marker(&self, marker: &str) -> Result<Vec<PurchaseOrder>, HostError>;

    /// Makes a purchase order, as a draft where the host has drafts. The answer is what the host made.
    async fn create_purchase_order(&self, order: &NewPurchaseOrder) -> Result<PurchaseOrder, HostError>;

    /// Turns a draft into an issued purchase order; doing it twice is harmless.
    async fn confirm_purchase_order(&self, id: &str) -> Result<PurchaseOrder, HostError>;

    /// Lowers, raises or removes lines of a draft that we made, or cancels it.
    async fn change_purchase_order(&self, change: &PurchaseOrderChange) -> Result<(), HostError>;

    /// Deletes one of several drafts of ours with one marker; never anything confirmed.
    async fn delete_draft(&self, id: &str) -> Result<(), HostError>;

    /// Shows (or no longer shows) a sales document as a backorder, with its links. Doing it twice is harmless.
    async fn mark_backorder(&self, mark: &BackorderMark) -> Result<(), HostError>;

    /// Records on the sales document that the vendor has shipped to the customer, where the host does not do so itself.
    /// `delivered` is the total per sales line so far, in stock units.
    async fn mark_drop_shipped(
        &self,
        document: &LinkedDocument,
        purchase_order: &LinkedDocument,
        delivered: &[(String, rust_decimal::Decimal)],
    ) -> Result<(), HostError>;

    async fn list_hooks(&self) -> Result<Vec<RegisteredHook>, HostError>;

    async fn register_hook(&self, event: &str, url: &Url) -> Result<RegisteredHook, HostError>;

    async fn remove_hook(&self, host_id: &str) -> Result<(), HostError>;
}

/// A delivery's body that is not of the host's format; the text says why, without quoting it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);
