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

/// One of them, as the activity page shows it.
pub(super) struct StuckOrder {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) number: String,
    pub(super) path: String,
    pub(super) at: String,
    pub(super) error: String,
    pub(super) marker: String,
    /// Whether a search for the mark can settle it.
    pub(super) can_look: bool,
}

pub(super) fn view(stuck: StuckIntent, zone: &TimeZone) -> StuckOrder {
    let what = match (stuck.action.as_str(), stuck.number) {
        ("change", number) => format!("A change of {}", number.as_deref().unwrap_or("a purchase order")),
        (_, Some(number)) => format!("Purchase order {number}"),
        (_, None) => "A purchase order".to_owned(),
    };
    let state = if stuck.state == "rejected" { "was refused by the ERP" } else { "needs a person" };
    let vendor = if stuck.vendor.is_empty() { String::new() } else { format!(" from {}", stuck.vendor) };
    StuckOrder {
        id: stuck.id.to_string(),
        title: format!("{what}{vendor} {state}"),
        number: stuck.document_number,
        path: text::path(&stuck.document),
        at: text::time(stuck.changed_at, zone),
        error: stuck.error,
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
        _ => return Err(WebError::Invalid("Look for it again, or mark it as resolved: choose one.".to_owned())),
    };
    if !done {
        return Err(WebError::Conflict("It no longer waits for a person: somebody has seen to it.".to_owned()));
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
