//! The orders behind a bar.
//!
//! Invariants: the same conditions as the bar's, carried in the address; a period longer than any that is offered is
//! refused; paged by key.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use url::form_urlencoded;

use super::figures::{age_name, cause};
use super::{AGES, Cell, borders};
use crate::db;
use crate::db::insights::{MOST_DAYS, Period};
use crate::db::insights_behind::{self, AgedOrder, DueFromVendor, DueOrder, Which};
use crate::domain::difot::MissCause;
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::web::AppState;
use crate::web::error::WebError;
use crate::web::page::{self, Frame};
use crate::web::session::Member;
use crate::web::text;
use crate::wording::Words;

/// Rows of one page.
const PAGE: usize = 50;

#[derive(Template)]
#[template(path = "web/templates/insights_behind.html", config = ".askama.toml")]
struct BehindPage {
    frame: Frame,
    title: String,
    /// Name, and whether numbers stand in it.
    columns: Vec<(String, bool)>,
    rows: Vec<Vec<Cell>>,
    next: Option<String>,
    nothing: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::web) struct AskedOrders {
    first: Date,
    last: Date,
    /// `all`, `passed`, `missed` or a cause.
    which: String,
    /// `due~kind~id` of the last row of the page before.
    after: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(in crate::web) struct AskedAge {
    age: usize,
    /// `since~kind~id`.
    after: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(in crate::web) struct AskedVendor {
    first: Date,
    last: Date,
    which: String,
    vendor: String,
    /// `due~purchase order~line`.
    after: Option<String>,
}

/// A period of an address. Refused: one that ends before it begins, and one longer than any that is offered.
fn period(first: Date, last: Date, today: Date) -> Result<Period, WebError> {
    let days = first.until(last).map_or(-1, |span| span.get_days());
    if (0..=MOST_DAYS).contains(&days) { Ok(Period { first, last, today }) } else { Err(WebError::NotFound) }
}

fn which(name: &str) -> Result<Which, WebError> {
    match name {
        "all" => Ok(Which::All),
        "passed" => Ok(Which::Passed),
        "missed" => Ok(Which::Missed),
        cause => MissCause::parse(cause).map(Which::MissedFor).ok_or(WebError::NotFound),
    }
}

/// `key~kind~id` of an address.
fn after<K: std::str::FromStr>(text: Option<&String>) -> Option<(K, DocumentRef)> {
    let mut parts = text?.splitn(3, '~');
    let (key, kind, id) = (parts.next()?, parts.next()?, parts.next()?);
    Some((key.parse().ok()?, DocumentRef::new(DocumentKind::parse(kind)?, id)))
}

/// The same address with another beginning.
fn address(path: &str, pairs: &[(&str, &str)]) -> String {
    format!("{path}?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
}

/// Cuts off the row that only tells that there are more.
fn page_of<R>(mut rows: Vec<R>) -> (Vec<R>, bool) {
    let more = rows.len() > PAGE;
    rows.truncate(PAGE);
    (rows, more)
}

fn limit() -> i64 {
    i64::try_from(PAGE).unwrap_or(i64::MAX).saturating_add(1)
}

fn cell(text: String) -> Cell {
    Cell { text, path: None }
}

pub(in crate::web) async fn orders(
    state: Data<AppState>,
    member: Member,
    asked: Query<AskedOrders>,
) -> Result<HttpResponse, WebError> {
    let which = which(&asked.which)?;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, &member, "insights").await?;
    let today = state.parts.clock.now().to_zoned(ground.zone.clone()).date();
    let period = period(asked.first, asked.last, today)?;
    let begin = after(asked.after.as_ref());
    let found = insights_behind::orders(&tx, member.tenant, period, which, begin.as_ref(), limit()).await?;
    tx.commit().await?;
    let (found, more) = page_of(found);
    let (first, last) = (asked.first.to_string(), asked.last.to_string());
    let next = found.last().filter(|_| more).map(|row: &DueOrder| {
        let after = format!("{}~{}~{}", row.due, row.document.kind, row.document.id);
        address("/insights/orders", &[("first", &first), ("last", &last), ("which", &asked.which), ("after", &after)])
    });
    let words = ground.frame.words;
    let missed_for = if let Which::MissedFor(of) = which { cause(words, of) } else { String::new() };
    page::html(&BehindPage {
        title: words
            .say(match which {
                Which::All => "insights-behind-all",
                Which::Passed => "insights-behind-passed",
                Which::Missed => "insights-behind-missed",
                Which::MissedFor(_) => "insights-behind-cause",
            })
            .with("from", asked.first)
            .with("to", asked.last)
            .with("cause", missed_for)
            .into(),
        columns: vec![
            (words.say("insights-column-order").into(), false),
            (words.say("insights-column-customer").into(), false),
            (words.say("insights-column-due").into(), false),
            (words.say("insights-column-units-due").into(), true),
            (words.say("insights-column-delivered").into(), true),
            (words.say("insights-cause").into(), false),
        ],
        rows: found.into_iter().map(|order| order_row(words, order)).collect(),
        next,
        nothing: words.say("insights-behind-none").into(),
        frame: ground.frame,
    })
}

fn order_row(words: Words, order: DueOrder) -> Vec<Cell> {
    let causes: Vec<String> = order.causes.iter().map(|of| cause(words, *of)).collect();
    vec![
        Cell { path: Some(text::path(&order.document)), text: order.number },
        cell(order.customer),
        cell(words.date(order.due)),
        cell(words.quantity(order.ordered)),
        cell(words.quantity(order.delivered_by_due)),
        cell(if causes.is_empty() { "–".to_owned() } else { causes.join(", ") }),
    ]
}

pub(in crate::web) async fn aged(
    state: Data<AppState>,
    member: Member,
    asked: Query<AskedAge>,
) -> Result<HttpResponse, WebError> {
    if asked.age > AGES.len() {
        return Err(WebError::NotFound);
    }
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, &member, "insights").await?;
    let today = state.parts.clock.now().to_zoned(ground.zone.clone()).date();
    let borders = borders(today, &ground.zone)?;
    let to = asked.age.checked_sub(1).and_then(|before| borders.get(before)).copied();
    let from = borders.get(asked.age).copied();
    let begin: Option<(Timestamp, DocumentRef)> = after(asked.after.as_ref());
    let found = insights_behind::aged(&tx, member.tenant, (from, to), begin.as_ref(), limit()).await?;
    tx.commit().await?;
    let (found, more) = page_of(found);
    let age = asked.age.to_string();
    let next = found.last().filter(|_| more).map(|row: &AgedOrder| {
        let after = format!("{}~{}~{}", row.since, row.document.kind, row.document.id);
        address("/insights/open", &[("age", &age), ("after", &after)])
    });
    let (words, zone) = (ground.frame.words, ground.zone.clone());
    let rows = found
        .into_iter()
        .map(|row| {
            vec![
                Cell { path: Some(text::path(&row.document)), text: row.number },
                cell(row.customer),
                cell(words.date(row.since.to_zoned(zone.clone()).date())),
                cell(words.money(row.value, row.currency.as_deref())),
            ]
        })
        .collect();
    page::html(&BehindPage {
        title: words.say("insights-behind-age").with("age", age_name(words, asked.age)).into(),
        columns: vec![
            (words.say("insights-column-order").into(), false),
            (words.say("insights-column-customer").into(), false),
            (words.say("insights-column-since").into(), false),
            (words.say("insights-value").into(), true),
        ],
        rows,
        next,
        nothing: words.say("insights-behind-age-none").into(),
        frame: ground.frame,
    })
}

pub(in crate::web) async fn vendor(
    state: Data<AppState>,
    member: Member,
    asked: Query<AskedVendor>,
) -> Result<HttpResponse, WebError> {
    let on_time = match asked.which.as_str() {
        "passed" => true,
        "missed" => false,
        _ => return Err(WebError::NotFound),
    };
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, &member, "insights").await?;
    let today = state.parts.clock.now().to_zoned(ground.zone.clone()).date();
    let period = period(asked.first, asked.last, today)?;
    let begin = asked.after.as_deref().and_then(|text| {
        let mut parts = text.splitn(3, '~');
        Some((parts.next()?.parse::<Date>().ok()?, parts.next()?.to_owned(), parts.next()?.to_owned()))
    });
    let wanted = (asked.vendor.as_str(), on_time);
    let found = insights_behind::from_vendor(&tx, member.tenant, period, wanted, begin.as_ref(), limit()).await?;
    tx.commit().await?;
    let (found, more) = page_of(found);
    let (first, last) = (asked.first.to_string(), asked.last.to_string());
    let next = found.last().filter(|_| more).map(|row: &DueFromVendor| {
        let after = format!("{}~{}~{}", row.due, row.purchase_order, row.line);
        let pairs = [
            ("first", first.as_str()),
            ("last", &last),
            ("which", &asked.which),
            ("vendor", &asked.vendor),
            ("after", &after),
        ];
        address("/insights/vendor", &pairs)
    });
    let name = found.first().map_or_else(|| asked.vendor.clone(), |row| row.vendor.clone());
    let words = ground.frame.words;
    page::html(&BehindPage {
        title: words
            .say(if on_time { "insights-behind-on-time" } else { "insights-behind-late" })
            .with("vendor", name)
            .with("from", asked.first)
            .with("to", asked.last)
            .into(),
        columns: vec![
            (words.say("insights-column-purchase-order").into(), false),
            (words.say("insights-column-item").into(), false),
            (words.say("insights-column-due").into(), false),
            (words.say("insights-column-ordered").into(), true),
            (words.say("insights-column-received").into(), true),
            (words.say("insights-column-all-there").into(), false),
        ],
        rows: found.into_iter().map(|row| vendor_row(words, row)).collect(),
        next,
        nothing: words.say("insights-behind-vendor-none").into(),
        frame: ground.frame,
    })
}

fn vendor_row(words: Words, row: DueFromVendor) -> Vec<Cell> {
    vec![
        Cell { text: row.number, path: text::link(row.url) },
        cell(row.item),
        cell(words.date(row.due)),
        cell(words.quantity(row.ordered)),
        cell(words.quantity(row.received)),
        cell(row.received_on.map_or_else(|| words.say("insights-not-yet").to_string(), |day| words.date(day))),
    ]
}
