//! The work list and one backorder.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, web};
use jiff::tz::TimeZone;

use super::error::WebError;
use super::form::Posted;
use super::page::{self, see};
use super::session::Member;
use super::{AppState, text};
use crate::db::{self, audit, changed_document, not_bought, proposal, saved_view, snapshot, work_list};
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};

mod bulk;
mod csv;
mod items;
mod list;
mod one;
mod query;

pub(super) use items::{act as act_on_items, show as items};

use query::Wanted;

/// Entries of a timeline.
const TIMELINE: i64 = 200;
/// Characters of a saved view's name.
const MOST_NAME: usize = 40;

pub(super) async fn start() -> HttpResponse {
    see("/backorders")
}

/// Reads what stands behind a `?`, in the company's day.
async fn wanted(tx: &tokio_postgres::Transaction<'_>, member: &Member, query: &str) -> Result<Wanted, WebError> {
    let settings = db::settings::load(tx, member.tenant, false).await?;
    let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
    Ok(Wanted::read(query, member.person.email.as_deref(), member.now.to_zoned(zone).date()))
}

pub(super) async fn list(
    state: Data<AppState>,
    request: HttpRequest,
    member: Member,
) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let wanted = wanted(&tx, &member, request.query_string()).await?;
    list::page(&state, &tx, &member, wanted, &[], Vec::new()).await
}

/// Another page or order with what is chosen, or something done with it.
pub(super) async fn act(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    let mut chosen: Vec<DocumentRef> = fields.all("chosen").filter_map(query::document).collect();
    chosen.sort();
    chosen.dedup();
    chosen.truncate(list::MOST_CHOSEN);
    let go = fields.sent("go");
    let query = go.or_else(|| fields.sent("query")).unwrap_or_default();
    if go.is_some() && chosen.is_empty() {
        return Ok(see(&format!("/backorders?{}", only_query(query))));
    }
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let wanted = wanted(&tx, &member, query).await?;
    if go.is_some() {
        return list::page(&state, &tx, &member, wanted, &chosen, Vec::new()).await;
    }
    tx.commit().await?;
    drop(client);
    bulk::act(&state, &member, &fields, wanted, chosen).await
}

/// A query of ours written anew, so that nothing else gets into the address.
fn only_query(query: &str) -> String {
    let pairs = url::form_urlencoded::parse(query.as_bytes());
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Keeps or forgets a view of this person.
pub(super) async fn save_view(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    let name: String =
        fields.get("name").unwrap_or_default().chars().filter(|c| !c.is_control()).take(MOST_NAME).collect();
    if name.is_empty() {
        return Err(WebError::Invalid(member.words.say("list-view-no-name").into()));
    }
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let query = wanted(&tx, &member, fields.sent("query").unwrap_or_default()).await?.changed(|_| {});
    if fields.get("act") == Some("forget") {
        saved_view::delete(&tx, member.tenant, &member.person.id, &name).await?;
    } else {
        let views = saved_view::of_person(&tx, member.tenant, &member.person.id).await?;
        let full = i64::try_from(views.len()).is_ok_and(|count| count >= saved_view::MOST);
        if full && views.iter().all(|(known, _)| *known != name) {
            return Err(WebError::Invalid(
                member.words.say("list-view-too-many").with("count", saved_view::MOST).into(),
            ));
        }
        saved_view::put(&tx, member.tenant, &member.person.id, &name, &query).await?;
    }
    tx.commit().await?;
    Ok(see(&format!("/backorders?{query}")))
}

/// The list, as it is filtered and sorted, as a file.
pub(super) async fn csv(state: Data<AppState>, request: HttpRequest, member: Member) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let wanted = wanted(&tx, &member, request.query_string()).await?;
    let listed = work_list::list(&tx, member.tenant, &wanted.filter, None, csv::MOST_ROWS).await?;
    tx.commit().await?;
    Ok(csv::file(&listed, member.words))
}

/// The document of an address.
fn reference(kind: &str, id: &str) -> Result<DocumentRef, WebError> {
    let kind = DocumentKind::parse(kind).filter(|kind| kind.is_sales()).ok_or(WebError::NotFound)?;
    Ok(DocumentRef::new(kind, id))
}

pub(super) async fn one(
    state: Data<AppState>,
    member: Member,
    address: Path<(String, String)>,
) -> Result<HttpResponse, WebError> {
    let document = reference(&address.0, &address.1)?;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, &member, "backorders").await?;
    let found = read(&tx, member.tenant, &document).await?;
    tx.commit().await?;
    page::html(&one::page(found, ground))
}

async fn read(
    tx: &tokio_postgres::Transaction<'_>,
    tenant: TenantId,
    document: &DocumentRef,
) -> Result<one::Found, WebError> {
    let only = std::slice::from_ref(document);
    let sale = snapshot::documents(tx, tenant, only).await?.into_iter().next().ok_or(WebError::NotFound)?;
    let allocations = db::backorder::allocations(tx, tenant, only).await?;
    let items: Vec<String> = allocations
        .iter()
        .map(|row| row.item_id.clone())
        .chain(sale.lines.iter().map(|line| line.item.clone()))
        .collect();
    Ok(one::Found {
        backorder: db::backorder::of_documents(tx, tenant, only).await?.into_iter().next(),
        names: work_list::item_names(tx, tenant, &items).await?,
        orders: work_list::orders_for(tx, tenant, document).await?,
        proposals: proposal::of_document(tx, tenant, document).await?,
        timeline: audit::of_document(tx, tenant, document, TIMELINE).await?,
        sale,
        allocations,
    })
}

/// Reads the document again now.
pub(super) async fn look_again(
    state: Data<AppState>,
    address: web::Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, WebError> {
    let document = reference(&address.0, &address.1)?;
    let member = posted.member;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let known = snapshot::documents(&tx, member.tenant, std::slice::from_ref(&document)).await?;
    if known.is_empty() {
        return Err(WebError::NotFound);
    }
    changed_document::mark(&tx, &[(member.tenant, document.clone())], state.parts.clock.now(), None).await?;
    tx.commit().await?;
    state.parts.wake.now();
    Ok(see(&text::path(&document)))
}

/// Takes back what was declined or put off for the document: what is short is asked again.
pub(super) async fn undo(
    state: Data<AppState>,
    address: web::Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, WebError> {
    let document = reference(&address.0, &address.1)?;
    let (member, now) = (posted.member, state.parts.clock.now());
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    if not_bought::clear(&tx, member.tenant, &document).await? > 0 {
        let entry = audit::Entry {
            id: state.parts.clock.new_id(),
            at: now,
            actor: member.name().to_owned(),
            event: "undo_not_buying".to_owned(),
            document: Some(document.clone()),
            details: serde_json::json!({}),
        };
        audit::append(&tx, member.tenant, &entry).await?;
        changed_document::mark(&tx, &[(member.tenant, document.clone())], now, None).await?;
    }
    tx.commit().await?;
    state.parts.wake.now();
    Ok(see(&text::path(&document)))
}
