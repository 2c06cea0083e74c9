//! What came in, what is stuck, what was done.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::web::Data;
use askama::Template;
use jiff::tz::TimeZone;

use super::error::WebError;
use super::page::{self, Frame};
use super::session::Member;
use super::stuck::{self, StuckOrder};
use super::{AppState, happened, text};
use crate::db::named::{self, Named};
use crate::db::{self, audit, changed_document, delivery, stuck_intent};
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::wording::Words;

/// Rows of each list.
const ROWS: i64 = 100;
/// A purchase order that failed is shown when trying again has not helped for so long.
const FAILING_FOR: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);

struct DeliveryView {
    at: String,
    event: String,
    outcome: String,
    documents: Vec<Link>,
    detail: String,
}

struct StuckView {
    document: Link,
    path: Option<String>,
    attempt: i32,
    next: String,
    error: String,
}

struct EntryView {
    at: String,
    actor: String,
    /// In pieces, each with what it is in full.
    what: Vec<(String, String)>,
    document: Option<Link>,
}

/// A document as people know it, and where it is shown.
struct Link {
    text: String,
    path: Option<String>,
}

fn link(words: Words, document: &DocumentRef, names: &HashMap<DocumentRef, Named>) -> Link {
    let named = names.get(document);
    let path = match document.kind {
        kind if kind.is_sales() => Some(text::path(document)),
        _ => text::link(named.and_then(|named| named.url.clone())),
    };
    let text = named.map_or_else(
        || text::document(words, document),
        |named| format!("{} {}", text::kind(words, document.kind), named.number),
    );
    Link { text, path }
}

#[derive(Template)]
#[template(path = "web/templates/activity.html", config = ".askama.toml")]
struct ActivityPage {
    frame: Frame,
    last_checked: String,
    orders: Vec<StuckOrder>,
    stuck: Vec<StuckView>,
    deliveries: Vec<DeliveryView>,
    entries: Vec<EntryView>,
}

pub(super) async fn show(state: Data<AppState>, member: Member) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, &member, "activity").await?;
    let orders = stuck_intent::list(&tx, member.tenant, ROWS).await?;
    let stuck = changed_document::stuck(&tx, member.tenant, ROWS).await?;
    let now = state.parts.clock.now();
    let failing = stuck_intent::failing(&tx, member.tenant, now - FAILING_FOR, ROWS).await?;
    let deliveries =
        delivery::newest(&tx, member.tenant, state.parts.clock.now() + jiff::SignedDuration::from_secs(60), ROWS)
            .await?;
    let entries = audit::newest(&tx, member.tenant, ROWS).await?;
    let documents = stuck.iter().map(|stuck| &stuck.document);
    let documents = documents.chain(failing.iter().map(|failing| &failing.document));
    let documents = documents.chain(deliveries.iter().flat_map(|kept| &kept.documents));
    let documents: Vec<_> =
        documents.chain(entries.iter().filter_map(|entry| entry.document.as_ref())).cloned().collect();
    let names = named::of(&tx, member.tenant, &documents).await?;
    tx.commit().await?;
    let (words, zone) = (ground.frame.words, &ground.zone);
    let stuck = tried_again(words, zone, &names, stuck, failing);
    let deliveries = deliveries.into_iter().map(|kept| DeliveryView {
        at: words.time(kept.received_at, zone),
        event: kept.event,
        outcome: words
            .say(match kept.outcome.as_str() {
                "accepted" => "activity-outcome-accepted",
                "ignored" => "activity-outcome-ignored",
                _ => "activity-outcome-kept",
            })
            .to_string(),
        documents: kept.documents.iter().map(|document| link(words, document, &names)).collect(),
        detail: kept.detail.unwrap_or_default(),
    });
    let entries = entries.into_iter().map(|entry| EntryView {
        at: words.time(entry.at, zone),
        what: text::with_short_marks(&happened::what(words, &entry)),
        document: entry
            .document
            .as_ref()
            .filter(|document| document.kind != DocumentKind::List)
            .map(|document| link(words, document, &names)),
        actor: happened::actor(&entry),
    });
    let known = &ground.connection;
    page::html(&ActivityPage {
        last_checked: match known.last_checked_at {
            Some(at) => words
                .say("activity-last-checked")
                .with("time", words.time(at, zone))
                .with("missed", known.last_missed)
                .with("repaired", known.last_repaired)
                .to_string(),
            None => words.say("activity-first-look").to_string(),
        },
        orders: orders.into_iter().map(|order| stuck::view(words, order, zone)).collect(),
        stuck,
        deliveries: deliveries.collect(),
        entries: entries.collect(),
        frame: ground.frame,
    })
}

/// What failed and is tried again by itself: documents, then purchase orders.
fn tried_again(
    words: Words,
    zone: &TimeZone,
    names: &HashMap<DocumentRef, Named>,
    stuck: Vec<changed_document::Stuck>,
    failing: Vec<stuck_intent::FailingIntent>,
) -> Vec<StuckView> {
    let stuck = stuck.into_iter().map(|stuck| StuckView {
        document: link(words, &stuck.document, names),
        path: stuck.document.kind.is_sales().then(|| text::path(&stuck.document)),
        attempt: stuck.attempt,
        next: words.time(stuck.due_at, zone),
        error: stuck.error.map_or_else(|| words.say("activity-broke-off").to_string(), |error| words.problem(&error)),
    });
    // a purchase order that waits for its next try is looked at when its time comes, not on demand: its outcome may rest
    let failing = failing.into_iter().map(|failing| StuckView {
        document: link(words, &failing.document, names),
        path: None,
        attempt: failing.attempt,
        next: words.time(failing.due_at, zone),
        error: words.say("activity-order-waits").with("error", words.problem(&failing.error)).to_string(),
    });
    stuck.chain(failing).collect()
}
