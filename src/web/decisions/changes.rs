//! Changes of purchase orders that were made and no longer fit: three choices, and what each leads to.
//!
//! Invariants: what a person chose is done once; only *cancel* writes to the ERP, and only to a draft; what has been
//! received stays.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use jiff::tz::TimeZone;

use crate::db::change::{self, OpenChange};
use crate::db::{self, audit, changed_document};
use crate::decision;
use crate::domain::ids::{DocumentKind, DocumentRef};
use crate::web::AppState;
use crate::web::error::WebError;
use crate::web::form::Posted;
use crate::web::page::see;
use crate::wording::Words;

pub(super) struct ChangeView {
    pub(super) path: String,
    pub(super) number: String,
    pub(super) vendor: String,
    pub(super) item: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) surplus: String,
    pub(super) still_needed: bool,
    pub(super) drop_ship: bool,
    pub(super) draft: bool,
    pub(super) url: Option<String>,
    pub(super) since: String,
}

pub(super) fn change_view(change: &OpenChange, words: Words, zone: &TimeZone) -> ChangeView {
    let escaped =
        |id: &str| url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20");
    ChangeView {
        path: format!("/changes/{}/{}", escaped(&change.purchase_order), escaped(&change.line)),
        number: change.number.clone(),
        vendor: change.vendor.clone(),
        item: change.item.clone(),
        from: words.quantity(change.from),
        to: words.quantity(change.to),
        surplus: words.quantity(change.from - change.to),
        still_needed: !change.to.is_zero(),
        drop_ship: change.drop_ship,
        draft: change.draft,
        url: change.url.clone().filter(|url| url.starts_with("https://") || url.starts_with("http://")),
        since: words.time(change.since, zone),
    }
}

pub(in crate::web) async fn decide_change(
    state: Data<AppState>,
    address: Path<(String, String)>,
    posted: Posted,
) -> Result<HttpResponse, WebError> {
    let member = posted.member;
    let (decided, event) = match posted.fields.get("act") {
        Some("keep") => ("kept", "change_kept"),
        Some("ask_vendor") => ("asked_vendor", "change_asked_vendor"),
        Some("cancel") => ("cancelled", "change_cancelled"),
        _ => return Err(WebError::Invalid(member.words.say("decision-change-no-act").into())),
    };
    let now = state.parts.clock.now();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let line = (address.0.as_str(), address.1.as_str());
    // one decision or replan at a time
    db::settings::load(&tx, member.tenant, true).await?;
    let found = change::line_to_cancel(&tx, member.tenant, line).await?;
    let conflict = || WebError::Conflict(member.words.say("decision-change-decided").into());
    let Some(found) = found else { return Err(conflict()) };
    if !change::decide(&tx, member.tenant, line, decided, member.name(), now).await? {
        return Err(conflict());
    }
    // an order that was issued is changed with the vendor, by a person
    if decided == "cancelled" && found.draft {
        if change::is_in_flight(&tx, member.tenant, line.0).await? {
            return Err(WebError::Conflict(member.words.say("decision-change-in-flight").into()));
        }
        decision::cancel_line(&tx, member.tenant, line, &found, member.name(), &*state.parts.clock).await?;
    }
    let order = DocumentRef::new(DocumentKind::PurchaseOrder, line.0);
    let entry = audit::Entry {
        id: state.parts.clock.new_id(),
        at: now,
        actor: member.name().to_owned(),
        event: event.to_owned(),
        document: Some(order.clone()),
        details: serde_json::json!({ "number": found.number, "line": line.1 }),
    };
    audit::append(&tx, member.tenant, &entry).await?;
    changed_document::mark(&tx, &[(member.tenant, order)], now, None).await?;
    tx.commit().await?;
    state.parts.wake.now();
    Ok(see("/decisions"))
}
