//! A company's data: all of it as a file, and one customer's taken out of it.
//!
//! Invariants: only an administrator takes or erases; it is kept who did; nothing of a customer goes while something of
//! it is open.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use futures_util::{TryStreamExt as _, stream};
use tokio::sync::mpsc;

use super::AppState;
use super::error::WebError;
use super::form::Posted;
use super::page::see;
use super::session::Member;
use super::settings_scopes;
use crate::db::{self, DbResult, audit, erase, export, listing, retention, scope};
use crate::domain::ids::TenantId;
use crate::domain::scope::ScopeOf;

/// Bytes that are sent at once.
const CHUNK: usize = 64 << 10;
/// Chunks that wait for a slow reader.
const WAITING: usize = 4;
/// Numbers of open documents that are named.
const MOST_NAMED: usize = 5;

fn entry(state: &AppState, member: &Member, event: &str, details: serde_json::Value) -> audit::Entry {
    audit::Entry {
        id: state.parts.clock.new_id(),
        at: state.parts.clock.now(),
        actor: member.name().to_owned(),
        event: event.to_owned(),
        document: None,
        details,
    }
}

/// All that is kept of the company, a JSON object in each line.
pub(super) async fn take(state: Data<AppState>, member: Member) -> Result<HttpResponse, WebError> {
    member.administrator()?;
    let tenant = member.tenant;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    audit::append(&tx, tenant, &entry(&state, &member, "data_exported", serde_json::json!({}))).await?;
    tx.commit().await?;
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        // the file ends in the middle, which the reader's browser shows: there is nobody else to tell
        if let Err(error) = write(&mut client, tenant, &sender).await {
            tracing::warn!(%tenant, %error, "the export of a company's data broke off");
            let _ = sender.send(Err(std::io::Error::other("broken off"))).await;
        }
    });
    let chunks = stream::unfold(receiver, async |mut receiver| Some((receiver.recv().await?, receiver)));
    Ok(HttpResponse::Ok()
        .content_type("application/x-ndjson")
        .insert_header((header::CONTENT_DISPOSITION, "attachment; filename=\"backorders.jsonl\""))
        .streaming(chunks))
}

/// Sends the lines, for as long as somebody reads.
async fn write(
    client: &mut deadpool_postgres::Client,
    tenant: TenantId,
    sender: &mpsc::Sender<std::io::Result<Bytes>>,
) -> DbResult<()> {
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    let mut lines = std::pin::pin!(export::lines(&tx, tenant).await?);
    let mut chunk = String::new();
    loop {
        let line = lines.try_next().await?;
        if let Some(line) = &line {
            chunk.push_str(line.try_get("line")?);
            chunk.push('\n');
        }
        let is_full = chunk.len() >= CHUNK || line.is_none();
        if is_full && sender.send(Ok(Bytes::from(std::mem::take(&mut chunk)))).await.is_err() {
            return Ok(());
        }
        if line.is_none() {
            return Ok(());
        }
    }
}

/// Takes a customer out of everything that is kept.
pub(super) async fn erase_customer(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let Posted { member, fields } = posted;
    member.administrator()?;
    let (tenant, words) = (member.tenant, member.words);
    let what = fields.get("customer").unwrap_or_default();
    if fields.get("sure") != Some("yes") {
        return Err(WebError::Invalid(words.say("settings-erase-sure").into()));
    }
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    // no replan may write in between
    db::settings::load(&tx, tenant, true).await?;
    let found = scope::find(&tx, tenant, ScopeOf::Customer, what).await?;
    let customer = settings_scopes::only(found, what, words)?.id;
    let documents = erase::documents(&tx, tenant, &customer).await?;
    if !documents.open.is_empty() {
        let named = documents.open.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        return Err(WebError::Conflict(words.say("settings-erase-open").with("documents", named).into()));
    }
    let stand_in = words.say("settings-erased").to_string();
    erase::erase(&tx, tenant, &customer, &documents.all, &stand_in).await?;
    listing::refresh(&tx, tenant, &documents.all).await?;
    let details = serde_json::json!({ "documents": documents.all.len() });
    audit::append(&tx, tenant, &entry(&state, &member, "customer_erased", details)).await?;
    // in the same commit: were it cut off before this, nobody would find the customer again
    retention::enter(&tx, tenant).await?;
    erase::erase_history(&tx, tenant, &customer, &documents.all, &stand_in).await?;
    tx.commit().await?;
    Ok(see("/settings?said=erased"))
}
