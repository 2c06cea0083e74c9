//! The work list as its page shows it: tabs, filters, rows, and what can be done with those that are chosen.
//!
//! Invariants: what is chosen stays chosen while it is sorted and paged, without a script; every name of a host is text.

use actix_web::HttpResponse;
use askama::Template;
use jiff::civil::Date;
use tokio_postgres::Transaction;

use super::query::{Column, Wanted, key};
use crate::db::work_list::{self, ListedBackorder, SortBy};
use crate::db::{counts, listing, mirror, person, saved_view};
use crate::domain::backorder::BackorderState;
use crate::domain::customer_mail::CustomerEvent;
use crate::domain::ids::DocumentRef;
use crate::domain::remark::CAUSES;
use crate::web::AppState;
use crate::web::customer_mail::event_name;
use crate::web::decisions::DAYS;
use crate::web::error::WebError;
use crate::web::page::{self, Frame, Ground};
use crate::web::session::Member;
use crate::web::text;
use crate::wording::Words;

/// Rows of one page.
pub(super) const PAGE: i64 = 50;
/// Vendors and people that a field offers; others are entered.
const MOST_OFFERED: i64 = 300;
/// What may be chosen at once.
pub(super) const MOST_CHOSEN: usize = 500;

/// A tab over the list.
struct Tab {
    query: String,
    word: String,
    count: String,
    chosen: bool,
}

struct Row {
    key: String,
    chosen: bool,
    path: String,
    class: &'static str,
    word: String,
    help: String,
    /// Why it is short and nobody is asked, in two or three words.
    cause: Option<String>,
    number: String,
    kind: String,
    ordered_on: String,
    customer: String,
    item: String,
    more: i64,
    open: String,
    from_stock: String,
    short: String,
    on_order: String,
    orders: Vec<(String, String)>,
    vendors: String,
    need_by: String,
    promised: String,
    expected: String,
    late_days: i32,
    age_days: i64,
    owner: String,
    /// The columns that were asked for, in their order: heading and what stands there.
    more_columns: Vec<(String, String)>,
}

/// A heading by which the list can be sorted.
struct Heading {
    word: String,
    query: String,
    /// `ascending` or `descending` if it is sorted by this.
    sorted: &'static str,
}

#[derive(Template)]
#[template(path = "web/templates/backorders.html", config = ".askama.toml")]
struct ListPage {
    frame: Frame,
    wanted: Wanted,
    /// The filters and the order, as a form sends them again.
    query: String,
    dates: [String; 6],
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    headings: [Heading; 5],
    form_id: String,
    columns: Vec<(&'static str, String, bool)>,
    /// Chosen on other pages.
    elsewhere: Vec<String>,
    chosen: usize,
    results: Vec<String>,
    last_checked: Option<String>,
    next: Option<String>,
    views: Vec<(String, String)>,
    vendors: Vec<(String, String)>,
    warehouses: Vec<String>,
    people: Vec<String>,
    events: Vec<(&'static str, String)>,
    days: [i64; 4],
    causes: Vec<(&'static str, String)>,
}

/// A heading as it stands in the table.
#[derive(Template)]
#[template(path = "web/templates/heading.html", config = ".askama.toml")]
struct HeadingCell<'a> {
    heading: &'a Heading,
}

impl ListPage {
    fn heading(&self, index: usize) -> HeadingCell<'_> {
        HeadingCell { heading: &self.headings[index.min(self.headings.len() - 1)] }
    }
}

/// The page of the list; `chosen` are ticked, wherever they stand.
pub(super) async fn page(
    state: &AppState,
    tx: &Transaction<'_>,
    member: &Member,
    wanted: Wanted,
    chosen: &[DocumentRef],
    results: Vec<String>,
) -> Result<HttpResponse, WebError> {
    let ground = page::ground(tx, member, "backorders").await?;
    let tenant = member.tenant;
    let counts = counts::counts(tx, tenant).await?;
    let mut listed = work_list::list(tx, tenant, &wanted.filter, wanted.after.as_ref(), PAGE + 1).await?;
    let views = saved_view::of_person(tx, tenant, &member.person.id).await?;
    let vendors = listing::vendors(tx, tenant, MOST_OFFERED).await?;
    let warehouses = mirror::warehouses(tx, tenant).await?;
    let people = person::emails(tx, tenant, MOST_OFFERED).await?;
    let words = member.words;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = listed.len() > shown;
    listed.truncate(shown);
    let after = listed.last().filter(|_| more).map(|row| row.place(wanted.filter.sort));
    let rows: Vec<Row> = listed.iter().map(|listed| row(listed, &wanted, &ground, chosen, words)).collect();
    let on_page = |document: &&DocumentRef| listed.iter().any(|listed| listed.document == **document);
    page::html(&ListPage {
        tabs: tabs(&wanted, &counts, words),
        headings: SortBy::ALL.map(|sort| heading(&wanted, sort, words)),
        columns: Column::ALL
            .iter()
            .map(|column| (column.as_str(), column_name(*column, words), wanted.columns.contains(column)))
            .collect(),
        elsewhere: chosen.iter().filter(|document| !on_page(document)).map(key).collect(),
        chosen: chosen.len(),
        results,
        last_checked: ground.connection.last_checked_at.map(|at| words.time(at, &ground.zone)),
        next: after.map(|after| Wanted { after: Some(after), ..wanted.clone() }.query()),
        query: wanted.query(),
        dates: wanted.days(),
        form_id: state.parts.clock.new_id().to_string(),
        rows,
        views,
        vendors,
        warehouses: warehouses.into_iter().map(|warehouse| warehouse.name).collect(),
        people,
        events: CustomerEvent::ALL.into_iter().map(|event| (event.as_str(), event_name(words, event))).collect(),
        days: DAYS,
        causes: CAUSES.into_iter().map(|cause| (cause, words.cause(cause))).collect(),
        wanted,
        frame: ground.frame,
    })
}

fn tabs(wanted: &Wanted, counts: &[(BackorderState, i64)], words: Words) -> Vec<Tab> {
    let count = |state| counts.iter().find(|(known, _)| *known == state).map_or(0, |(_, count)| *count);
    let mut tabs = vec![Tab {
        query: wanted.changed(|wanted| wanted.filter.state = None),
        word: words.say("list-all").into(),
        count: text::counted(words, counts.iter().map(|(_, count)| count).sum()),
        chosen: wanted.filter.state.is_none(),
    }];
    for state in BackorderState::ALL.into_iter().filter(|state| state.is_open()) {
        tabs.push(Tab {
            query: wanted.changed(|wanted| wanted.filter.state = Some(state)),
            word: text::state_name(words, state),
            count: text::counted(words, count(state)),
            chosen: wanted.filter.state == Some(state),
        });
    }
    tabs
}

fn heading(wanted: &Wanted, sort: SortBy, words: Words) -> Heading {
    let word = words.say(match sort {
        SortBy::Expected => "list-expected",
        SortBy::NeedBy => "list-need-by",
        SortBy::Number => "list-order",
        SortBy::Customer => "list-customer",
        SortBy::Age => "list-age",
    });
    let filter = &wanted.filter;
    let is_sorted = filter.sort == sort;
    Heading {
        word: word.into(),
        query: wanted.changed(|other| {
            other.filter.sort = sort;
            other.filter.descending = is_sorted && !filter.descending;
        }),
        sorted: match (is_sorted, filter.descending) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        },
    }
}

fn column_name(column: Column, words: Words) -> String {
    words
        .say(match column {
            Column::Warehouse => "list-warehouse",
            Column::DropShip => "list-drop-ship",
            Column::Value => "list-value",
            Column::Reason => "list-reason",
        })
        .to_string()
}

/// What stands below the state: why it is short. That somebody declined is the state itself.
fn cause(listed: &ListedBackorder, words: Words) -> Option<String> {
    let is_short = matches!(listed.state, BackorderState::Short | BackorderState::Declined);
    listed.cause.as_ref().filter(|_| is_short).map(|cause| words.cause(cause.kind()))
}

fn row(listed: &ListedBackorder, wanted: &Wanted, ground: &Ground, chosen: &[DocumentRef], words: Words) -> Row {
    let today = ground.today;
    let days = |from: Date, to: Date| from.until(to).map_or(0, |span| span.get_days());
    let late_days = match (listed.promise, listed.need_by) {
        (Some(promise), Some(need_by)) => days(need_by, promise),
        (None, Some(need_by)) => days(need_by, today),
        _ => 0,
    };
    let help = text::state_help(words, listed.state);
    let why = listed.reason.clone().or_else(|| listed.cause.as_ref().map(|cause| words.remark(cause)));
    let help = why.as_ref().map_or_else(|| help.clone(), |why| format!("{help}: {why}"));
    let since = listed.since.to_zoned(ground.zone.clone()).date();
    let being_made = || words.say("list-being-made").to_string();
    let orders = listed.purchase_orders.iter().map(|order| if order.is_empty() { being_made() } else { order.clone() });
    let column = |column: &Column| {
        let text = match column {
            Column::Warehouse => listed.warehouses.join(", "),
            Column::DropShip if listed.drop_ship => words.say("list-yes").into(),
            Column::DropShip => String::new(),
            Column::Value => {
                listed.value.map_or_else(String::new, |value| words.money(Some(value), listed.currency.as_deref()))
            }
            Column::Reason => why.clone().unwrap_or_default(),
        };
        (column_name(*column, words), text)
    };
    Row {
        key: key(&listed.document),
        chosen: chosen.contains(&listed.document),
        path: text::path(&listed.document),
        class: listed.state.as_str(),
        word: text::state(words, listed.state),
        help,
        cause: cause(listed, words),
        number: listed.number.clone(),
        kind: text::kind(words, listed.document.kind),
        ordered_on: words.date(listed.ordered_on),
        customer: listed.customer.clone(),
        item: listed.item.clone(),
        more: listed.more_items.max(0),
        open: words.quantity(listed.open),
        from_stock: words.quantity(listed.from_stock),
        short: words.quantity(listed.short),
        on_order: words.quantity(listed.on_order),
        orders: orders.map(|order| text::order_number(&order)).collect(),
        vendors: if listed.no_vendor { words.say("list-no-vendor").into() } else { listed.vendors.join(", ") },
        need_by: words.date(listed.need_by),
        promised: words.date(listed.first_promised),
        expected: if listed.state == BackorderState::Ready {
            words.say("term-now").into()
        } else {
            words.date(listed.promise)
        },
        late_days: late_days.max(0),
        age_days: i64::from(days(since, today).max(0)),
        owner: listed.owner.clone().unwrap_or_default(),
        more_columns: wanted.columns.iter().map(column).collect(),
    }
}
