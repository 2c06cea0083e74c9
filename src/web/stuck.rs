//! Purchase orders that wait for a person: what is known of them, and what a person says.
//!
//! Invariant: nothing is sent from here; looking again begins with a search for the mark, so that nothing is bought
//! twice.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use jiff::tz::TimeZone;
use uuid::Uuid;

use super::error::WebError;
use super::form::Posted;
use super::page::see;
use super::{AppState, text};
use crate::db::stuck_intent::{self, StuckIntent};
use crate::db::{self, audit, changed_document, intent};
use crate::domain::ids::IntentId;
use crate::wording::Words;

/// One of them, as the activity page shows it.
pub(super) struct StuckOrder {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) vendor: String,
    pub(super) number: String,
    pub(super) path: String,
    pub(super) at: String,
    pub(super) error: String,
    pub(super) marker: String,
    /// Whether a search for the mark can settle it.
    pub(super) can_look: bool,
}

pub(super) fn view(words: Words, stuck: StuckIntent, zone: &TimeZone) -> StuckOrder {
    let refused = stuck.state == "rejected";
    let title = match (stuck.action.as_str(), stuck.number) {
        ("change", number) => words
            .say(if refused { "activity-order-change" } else { "activity-order-change-person" })
            .with("number", number.unwrap_or_else(|| words.say("activity-the-order").to_string())),
        (_, Some(number)) => {
            words.say(if refused { "activity-order-refused" } else { "activity-order-person" }).with("number", number)
        }
        (_, None) => words.say(if refused { "activity-new-order-refused" } else { "activity-new-order-person" }),
    };
    StuckOrder {
        id: stuck.id.to_string(),
        title: title.to_string(),
        vendor: stuck.vendor,
        number: stuck.document_number,
        path: text::path(&stuck.document),
        at: words.time(stuck.changed_at, zone),
        error: words.problem(&stuck.error),
        marker: stuck.marker,
        can_look: stuck.action == "create",
    }
}

/// Looks for it again, or takes it as seen to.
pub(super) async fn act(state: Data<AppState>, id: Path<String>, posted: Posted) -> Result<HttpResponse, WebError> {
    let member = posted.member;
    let id = Uuid::parse_str(&id).map(IntentId).map_err(|_| WebError::NotFound)?;
    let now = state.parts.clock.now();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let stored = intent::find(&tx, member.tenant, id).await?.ok_or(WebError::NotFound)?;
    let (done, event) = match posted.fields.get("act") {
        Some("look") => (stuck_intent::look_again(&tx, member.tenant, id, now).await?, "purchase_order_sought"),
        Some("resolve") => (stuck_intent::resolve(&tx, member.tenant, id, now).await?, "purchase_order_resolved"),
        _ => return Err(WebError::Invalid(member.words.say("activity-choose").into())),
    };
    if !done {
        return Err(WebError::Conflict(member.words.say("activity-seen-to").into()));
    }
    let entry = audit::Entry {
        id: state.parts.clock.new_id(),
        at: now,
        actor: member.name().to_owned(),
        event: event.to_owned(),
        document: Some(stored.document.clone()),
        details: serde_json::json!({ "marker": stored.marker, "number": stored.purchase_order_number }),
    };
    audit::append(&tx, member.tenant, &entry).await?;
    let mut documents = intent::documents_of(&tx, member.tenant, id).await?;
    documents.push(stored.document);
    let changed: Vec<_> = documents.into_iter().map(|document| (member.tenant, document)).collect();
    changed_document::mark(&tx, &changed, now, None).await?;
    tx.commit().await?;
    state.parts.wake.now();
    Ok(see("/activity"))
}
