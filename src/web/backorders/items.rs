//! The work list for whoever buys: what is needed of each item, by vendor.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::db::{self, listing, proposal};
use crate::web::error::WebError;
use crate::web::form::Posted;
use crate::web::page::{self, Frame};
use crate::web::session::Member;
use crate::web::{AppState, decisions};

/// Rows of one page.
const PAGE: i64 = 50;
/// Vendors that the filter offers.
const MOST_VENDORS: i64 = 300;

/// What stands behind the `?`.
#[derive(Debug, Default, Deserialize)]
pub(in crate::web) struct Asked {
    vendor: Option<String>,
    short: Option<String>,
    after_vendor: Option<String>,
    after_item: Option<String>,
}

struct Row {
    item: String,
    sku: String,
    name: String,
    vendor: String,
    open: String,
    on_order: String,
    short: String,
    is_short: bool,
    orders: i32,
    need_by: String,
    /// The orders that wait for it.
    query: String,
}

#[derive(Template)]
#[template(path = "web/templates/items.html", config = ".askama.toml")]
struct ItemsPage {
    frame: Frame,
    rows: Vec<Row>,
    vendors: Vec<(String, String)>,
    vendor: String,
    short: bool,
    next: Option<String>,
    results: Vec<String>,
}

pub(in crate::web) async fn show(
    state: Data<AppState>,
    member: Member,
    asked: Query<Asked>,
) -> Result<HttpResponse, WebError> {
    items_page(&state, &member, &asked, Vec::new()).await
}

async fn items_page(
    state: &AppState,
    member: &Member,
    asked: &Asked,
    results: Vec<String>,
) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, member, "backorders").await?;
    let vendor = asked.vendor.as_deref().filter(|vendor| !vendor.is_empty());
    let after = asked.after_vendor.clone().zip(asked.after_item.clone());
    let filter = (vendor, asked.short.is_some());
    let mut needs = listing::items(&tx, member.tenant, filter, after.as_ref(), PAGE + 1).await?;
    let vendors = listing::vendors(&tx, member.tenant, MOST_VENDORS).await?;
    tx.commit().await?;
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = needs.len() > shown;
    needs.truncate(shown);
    let query = |pairs: &[(&str, &str)]| {
        let given = pairs.iter().filter(|(_, value)| !value.is_empty());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish()
    };
    let words = member.words;
    let short = if asked.short.is_some() { "1" } else { "" };
    let next = needs.last().filter(|_| more).map(|last| {
        // a vendor may be none: then it is empty, and must be said all the same
        let place = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("after_vendor", &last.vendor)
            .append_pair("after_item", &last.item)
            .finish();
        format!("{}&{place}", query(&[("vendor", vendor.unwrap_or_default()), ("short", short)]))
    });
    let row = |need: listing::ItemNeed| Row {
        open: format!("{} {}", words.quantity(need.open), need.unit),
        on_order: words.quantity(need.on_order),
        short: words.quantity(need.short),
        is_short: !need.short.is_zero(),
        orders: need.orders,
        need_by: words.date(need.need_by),
        query: query(&[("search", &need.sku)]),
        vendor: if need.vendor.is_empty() { words.say("list-no-vendor").into() } else { need.vendor },
        item: need.item,
        sku: need.sku,
        name: need.name,
    };
    page::html(&ItemsPage {
        rows: needs.into_iter().map(row).collect(),
        vendors,
        vendor: vendor.unwrap_or_default().to_owned(),
        short: asked.short.is_some(),
        next,
        results,
        frame: ground.frame,
    })
}

/// Opens the purchase orders that wait for a decision on the chosen items.
pub(in crate::web) async fn act(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    let items: Vec<String> = fields.all("item").map(str::to_owned).take(super::list::MOST_CHOSEN).collect();
    if items.is_empty() {
        let said = vec![member.words.say("list-nothing-chosen").into()];
        return items_page(&state, &member, &Asked::default(), said).await;
    }
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let open = proposal::open_for_items(&tx, member.tenant, &items).await?;
    tx.commit().await?;
    drop(client);
    let ids: Vec<_> = open.iter().map(|stored| stored.id).collect();
    decisions::preview_page(&state, &member, &ids, Vec::new(), None).await
}
