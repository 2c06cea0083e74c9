//! A mail to a customer that a person sends by hand from the page of a backorder.
//!
//! Invariants: nothing goes while mail to customers is off; the address is the host's, never typed in; the form carries
//! the id of the mail that it makes, so that a form that is sent twice sends one.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use askama::Template;
use rust_decimal::Decimal;

use super::AppState;
use super::customer_mail::{event_name, languages};
use super::error::WebError;
use super::form::Posted;
use super::page::{self, Frame, see};
use super::session::Member;
use super::text;
use crate::db::backorder::Allocation;
use crate::db::work_list::ItemName;
use crate::db::{self, audit, notice, snapshot, work_list};
use crate::domain::customer_mail::{CustomerEvent, CustomerLine, CustomerNotice};
use crate::domain::ids::{DocumentKind, DocumentRef, NoticeId, TenantId};
use crate::domain::sales_document::{SalesDocument, SalesLine};
use crate::wording::Language;

/// Characters of a person's own sentence.
const MOST_MESSAGE: usize = 2000;

#[derive(Template)]
#[template(path = "web/templates/customer_email.html", config = ".askama.toml")]
struct EmailPage {
    frame: Frame,
    path: String,
    number: String,
    customer: String,
    on: bool,
    mail_id: String,
    events: Vec<(&'static str, String)>,
    languages: Vec<(&'static str, &'static str, bool)>,
}

fn reference(path: &(String, String)) -> Result<DocumentRef, WebError> {
    let kind = DocumentKind::parse(&path.0).filter(|kind| kind.is_sales()).ok_or(WebError::NotFound)?;
    Ok(DocumentRef::new(kind, path.1.clone()))
}

pub(super) async fn show(
    state: Data<AppState>,
    member: Member,
    path: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let document = reference(&path)?;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, &member, "backorders").await?;
    let sale = snapshot::documents(&tx, member.tenant, std::slice::from_ref(&document)).await?;
    tx.commit().await?;
    let sale = sale.into_iter().next().ok_or(WebError::NotFound)?;
    page::html(&EmailPage {
        path: text::path(&document),
        number: sale.number,
        customer: sale.customer.name,
        on: ground.settings.settings.customer_mail.on,
        mail_id: state.parts.clock.new_id().to_string(),
        events: CustomerEvent::ALL.into_iter().map(|event| (event.as_str(), event_name(member.words, event))).collect(),
        languages: languages(None),
        frame: ground.frame,
    })
}

pub(super) async fn send(
    state: Data<AppState>,
    posted: Posted,
    path: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let document = reference(&path)?;
    let Posted { member, fields } = posted;
    let event = fields.get("event").and_then(CustomerEvent::parse).ok_or(WebError::NotFound)?;
    let id = fields.get("mail_id").and_then(|id| id.parse().ok()).ok_or(WebError::NotFound)?;
    let message: Option<String> = fields.get("message").map(|text| {
        let text = text.replace("\r\n", "\n");
        text.chars().filter(|c| !c.is_control() || *c == '\n').take(MOST_MESSAGE).collect()
    });
    let now = state.parts.clock.now();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let settings = db::settings::load(&tx, member.tenant, false).await?;
    if !settings.settings.customer_mail.on {
        return Err(WebError::Invalid(member.words.say("customer-email-off").into()));
    }
    let mut notice = waiting(&tx, member.tenant, &document, event).await?;
    notice.company = settings.company;
    notice.message = message;
    notice.attach = event == CustomerEvent::Document || fields.get("attach").is_some();
    notice.language = fields.get("language").and_then(Language::parse);
    let key = format!("customer|by hand|{id}");
    if notice::insert_customer(&tx, member.tenant, NoticeId(id), &key, &notice, now).await? {
        let entry = audit::Entry {
            id: state.parts.clock.new_id(),
            at: now,
            actor: member.name().to_owned(),
            event: "customer_mail_asked".to_owned(),
            document: Some(document.clone()),
            details: serde_json::json!({ "what": event.as_str().replace('_', " ") }),
        };
        audit::append(&tx, member.tenant, &entry).await?;
    }
    tx.commit().await?;
    state.parts.wake.now();
    Ok(see(&text::path(&document)))
}

/// The notice of a document as it stands now.
async fn waiting(
    tx: &tokio_postgres::Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
    event: CustomerEvent,
) -> Result<CustomerNotice, WebError> {
    let found = waiting_all(tx, tenant, std::slice::from_ref(document), event).await?;
    found.into_iter().next().ok_or(WebError::NotFound)
}

/// The notices of documents as they stand now; one that is not known has none.
pub(super) async fn waiting_all(
    tx: &tokio_postgres::Transaction<'_>,
    tenant: TenantId,
    documents: &[DocumentRef],
    event: CustomerEvent,
) -> Result<Vec<CustomerNotice>, WebError> {
    let sales = snapshot::documents(tx, tenant, documents).await?;
    let backorders = db::backorder::of_documents(tx, tenant, documents).await?;
    let allocations = db::backorder::allocations(tx, tenant, documents).await?;
    let items: Vec<String> = sales.iter().flat_map(|sale| &sale.lines).map(|line| line.item.clone()).collect();
    let names = work_list::item_names(tx, tenant, &items).await?;
    let names: HashMap<&str, &ItemName> = names.iter().map(|name| (name.id.as_str(), name)).collect();
    let told = db::customer_mail::told(tx, tenant, documents).await?;
    let notice = |sale: &SalesDocument| {
        let of_sale = |row: &&Allocation| row.kind == sale.reference.kind && row.document_id == sale.reference.id;
        let allocations: Vec<_> = allocations.iter().filter(of_sale).collect();
        let backorder = backorders.iter().find(|row| row.document == sale.reference);
        let told = told.get(&sale.reference).map(|told| told.expected);
        CustomerNotice {
            event,
            document: sale.reference.clone(),
            number: sale.number.clone(),
            company: String::new(),
            expected: backorder.and_then(|backorder| backorder.promise),
            said_before: told.filter(|_| event == CustomerEvent::DateMoved),
            lines: lines(sale, &allocations, &names, event),
            customer: sale.customer.clone(),
            attach: false,
            message: None,
            try_on: None,
            language: None,
        }
    };
    Ok(sales.iter().map(notice).collect())
}

/// The lines that the notice of a document names: what waits, or what is on its way.
fn lines(
    sale: &SalesDocument,
    allocations: &[&Allocation],
    names: &HashMap<&str, &ItemName>,
    event: CustomerEvent,
) -> Vec<CustomerLine> {
    let line = |line: &SalesLine| {
        let covers = || allocations.iter().filter(|row| row.line_id == line.id);
        let name = names.get(line.item.as_str());
        let open = (line.ordered - line.fulfilled - line.closed).max(Decimal::ZERO);
        let waits = covers().any(|row| row.open > row.from_stock);
        let single = covers().find(|row| row.component.is_empty());
        let quantity = match event {
            CustomerEvent::OnItsWay => line.fulfilled,
            _ if waits => single.map_or(open, |row| row.open - row.from_stock),
            _ => Decimal::ZERO,
        };
        let whole = covers().all(|row| row.promise.is_some());
        (quantity > Decimal::ZERO).then(|| CustomerLine {
            sku: name.map(|name| name.sku.clone()).unwrap_or_default(),
            name: name.map_or_else(|| line.description.clone(), |name| name.name.clone()),
            quantity,
            unit: name.map(|name| name.unit.clone()).unwrap_or_default(),
            expected: covers().filter_map(|row| row.promise).max().filter(|_| whole),
        })
    };
    sale.lines.iter().filter(|line| line.tracked && !line.counted_elsewhere).filter_map(line).collect()
}
