//! The work list and one backorder.

use actix_web::http::header;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpResponse, web};
use askama::Template;
use jiff::civil::Date;
use serde::Deserialize;

use super::error::WebError;
use super::form::Posted;
use super::page::{self, Frame, Ground, see};
use super::session::Member;
use super::{AppState, text};
use crate::db::work_list::{self, After, Filter, ListedBackorder};
use crate::db::{self, audit, changed_document, not_bought, proposal, snapshot};
use crate::domain::backorder::BackorderState;
use crate::domain::ids::{DocumentKind, DocumentRef, TenantId};
use crate::wording::Words;

mod one;

/// Rows of one page of the work list.
const PAGE: i64 = 50;
/// Rows of one file.
const MOST_ROWS: i64 = 20_000;
/// Entries of a timeline.
const TIMELINE: i64 = 200;

pub(super) async fn start() -> HttpResponse {
    see("/backorders")
}

/// What stands behind the `?`.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    search: Option<String>,
    late: Option<String>,
    /// `promise~kind~id` of the last row of the page before.
    after: Option<String>,
}

impl Asked {
    fn filter(&self) -> Filter {
        let search = self.search.as_deref().map(str::trim).filter(|search| !search.is_empty());
        Filter {
            state: self.state.as_deref().and_then(BackorderState::parse),
            search: search.map(|search| search.chars().take(100).collect()),
            late: self.late.is_some(),
        }
    }

    fn after(&self) -> Option<After> {
        let mut parts = self.after.as_deref()?.splitn(3, '~');
        let (promise, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
        let promise = if promise.is_empty() { None } else { Some(promise.parse::<Date>().ok()?) };
        Some(After { promise, document: DocumentRef::new(DocumentKind::parse(kind)?, id) })
    }
}

/// The same filters with another state, as what stands behind the `?`.
fn query(filter: &Filter, state: Option<BackorderState>, after: Option<&ListedBackorder>) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(state) = state {
        query.append_pair("state", state.as_str());
    }
    if let Some(search) = &filter.search {
        query.append_pair("search", search);
    }
    if filter.late {
        query.append_pair("late", "1");
    }
    if let Some(row) = after {
        let promise = row.promise.map(|date| date.to_string()).unwrap_or_default();
        query.append_pair("after", &format!("{promise}~{}~{}", row.document.kind, row.document.id));
    }
    query.finish()
}

/// A tab over the list.
struct Tab {
    query: String,
    word: String,
    count: i64,
    chosen: bool,
}

struct Row {
    path: String,
    class: &'static str,
    word: String,
    help: String,
    number: String,
    kind: String,
    customer: String,
    item: String,
    more: i64,
    open: String,
    from_stock: String,
    short: String,
    on_order: String,
    orders: String,
    vendors: String,
    need_by: String,
    expected: String,
    late: bool,
    since: String,
    owner: String,
}

#[derive(Template)]
#[template(path = "web/templates/backorders.html", config = ".askama.toml")]
struct ListPage {
    frame: Frame,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    search: String,
    late: bool,
    state: &'static str,
    filtered: bool,
    last_checked: Option<String>,
    next: Option<String>,
    csv: String,
}

pub(super) async fn list(state: Data<AppState>, member: Member, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let filter = asked.filter();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, &member, "backorders").await?;
    let counts = work_list::counts(&tx, member.tenant).await?;
    let mut listed = work_list::list(&tx, member.tenant, &filter, asked.after().as_ref(), PAGE + 1).await?;
    tx.commit().await?;
    let more = listed.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    listed.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let next = if more { listed.last().map(|row| query(&filter, filter.state, Some(row))) } else { None };
    let rows = listed.iter().map(|listed| row(listed, &ground)).collect();
    page::html(&ListPage {
        tabs: tabs(ground.frame.words, &filter, &counts),
        rows,
        search: filter.search.clone().unwrap_or_default(),
        late: filter.late,
        state: filter.state.map_or("", BackorderState::as_str),
        filtered: filter != Filter::default(),
        last_checked: ground.connection.last_checked_at.map(|at| text::time(at, &ground.zone)),
        next,
        csv: query(&filter, filter.state, None),
        frame: ground.frame,
    })
}

fn tabs(words: Words, filter: &Filter, counts: &[(BackorderState, i64)]) -> Vec<Tab> {
    let count = |state| counts.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
    let mut tabs = vec![Tab {
        query: query(filter, None, None),
        word: "All".to_owned(),
        count: counts.iter().map(|(_, count)| count).sum(),
        chosen: filter.state.is_none(),
    }];
    for state in BackorderState::ALL.into_iter().filter(|state| state.is_open()) {
        let word = text::state_name(words, state);
        tabs.push(Tab {
            query: query(filter, Some(state), None),
            word,
            count: count(state),
            chosen: filter.state == Some(state),
        });
    }
    tabs
}

fn row(listed: &ListedBackorder, ground: &Ground) -> Row {
    let late = match (listed.promise, listed.need_by) {
        (Some(promise), Some(need_by)) => promise > need_by,
        _ => false,
    };
    let words = ground.frame.words;
    let help = match (&listed.reason, listed.state) {
        (Some(reason), BackorderState::Declined) => format!("{}: {reason}", text::state_help(words, listed.state)),
        _ => text::state_help(words, listed.state),
    };
    Row {
        path: text::path(&listed.document),
        class: listed.state.as_str(),
        word: text::state(words, listed.state),
        help,
        number: listed.number.clone(),
        kind: text::kind(words, listed.document.kind),
        customer: listed.customer.clone(),
        item: listed.item.clone(),
        more: listed.more_items,
        open: text::quantity(listed.open),
        from_stock: text::quantity(listed.from_stock),
        short: text::quantity(listed.short),
        on_order: text::quantity(listed.on_order),
        orders: listed.purchase_orders.join(", "),
        vendors: listed.vendors.join(", "),
        need_by: text::date(listed.need_by),
        expected: if listed.state == BackorderState::Ready { "now".to_owned() } else { text::date(listed.promise) },
        late,
        since: text::time(listed.since, &ground.zone),
        owner: listed.owner_email.clone().unwrap_or_default(),
    }
}

/// The list as a file. Cells that a spreadsheet would take for a formula are quoted (trust.md attack 53).
pub(super) async fn csv(state: Data<AppState>, member: Member, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let listed = work_list::list(&tx, member.tenant, &asked.filter(), None, MOST_ROWS).await?;
    tx.commit().await?;
    let mut file = String::from(
        "\u{feff}State,Document,Number,Customer,Item,Open,From stock,Short,On order,Purchase orders,Vendors,Needed by,Expected,Owner\r\n",
    );
    for row in &listed {
        let day = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
        let cells = [
            row.state.word().to_owned(),
            text::kind(Words::default(), row.document.kind),
            row.number.clone(),
            row.customer.clone(),
            row.item.clone(),
            row.open.normalize().to_string(),
            row.from_stock.normalize().to_string(),
            row.short.normalize().to_string(),
            row.on_order.normalize().to_string(),
            row.purchase_orders.join(" "),
            row.vendors.join("; "),
            day(row.need_by),
            day(row.promise),
            row.owner_email.clone().unwrap_or_default(),
        ];
        file.push_str(&cells.map(|cell| csv_cell(&cell)).join(","));
        file.push_str("\r\n");
    }
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"backorders.csv\""))
        .body(file))
}

fn csv_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
        && text.parse::<rust_decimal::Decimal>().is_err();
    format!("\"{}{}\"", if formula { "'" } else { "" }, text.replace('"', "\"\""))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attack_53_no_cell_is_a_formula() {
        for bad in ["=HYPERLINK(\"x\")", "@SUM(A1)", "+cmd|' /C calc'!A0", "\t=1", "-2+3"] {
            assert!(csv_cell(bad).starts_with("\"'"), "{bad}");
        }
        assert_eq!(csv_cell("-5"), "\"-5\"");
        assert_eq!(csv_cell("a \"b\", c"), "\"a \"\"b\"\", c\"");
    }

    #[test]
    fn the_next_page_begins_after_the_last_row() {
        let asked = Asked { state: None, search: None, late: None, after: Some("2026-12-03~invoice~SI~1".to_owned()) };
        let after = asked.after().unwrap();
        assert_eq!(after.promise, Some("2026-12-03".parse().unwrap()));
        assert_eq!(after.document, DocumentRef::new(DocumentKind::Invoice, "SI~1"));
        let none = Asked { state: None, search: None, late: None, after: Some("~invoice~X".to_owned()) };
        assert_eq!(none.after().unwrap().promise, None);
    }
}
