//! What an administrator does with the connection: check now, pause, go on, renew its secret, disconnect.
//!
//! Invariant: a hook's former address is let in until its grace ends, so that nothing is refused while the host still
//! has it.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use secrecy::SecretString;
use tokio_postgres::Transaction;

use super::AppState;
use super::error::WebError;
use super::form::Posted;
use super::page::see;
use super::session::Member;
use crate::db::connection::{self, StoredConnection};
use crate::db::{self, audit, delivery, person, settings};
use crate::domain::ids::TenantId;
use crate::domain::problem::Problem;
use crate::host::{self, Access, Connection, HostKind};
use crate::secret::Token;

/// How long the former address of a hook is let in: a host changes over within a sweep, and what it had under way is
/// sent again within hours.
const GRACE: Duration = Duration::from_secs(24 * 3600);

pub(super) async fn act(state: Data<AppState>, action: Path<String>, posted: Posted) -> Result<HttpResponse, WebError> {
    let member = posted.member;
    member.administrator()?;
    let to = match action.as_str() {
        "check" => check_now(&state, &member).await?,
        "pause" => pause(&state, &member, true).await?,
        "resume" => pause(&state, &member, false).await?,
        "rotate" => rotate(&state, &member).await?,
        "disconnect" => {
            if posted.fields.get("sure") != Some("yes") {
                return Err(WebError::Invalid(member.words.say("connect-disconnect-sure").into()));
            }
            disconnect(&state, &member).await?
        }
        _ => return Err(WebError::NotFound),
    };
    state.parts.wake.now();
    Ok(see(to))
}

async fn check_now(state: &AppState, member: &Member) -> Result<&'static str, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    connection::request_sweep(&tx, member.tenant, state.parts.clock.now()).await?;
    tx.commit().await?;
    Ok("/settings?said=checking#connection")
}

async fn pause(state: &AppState, member: &Member, paused: bool) -> Result<&'static str, WebError> {
    let now = state.parts.clock.now();
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let stored = settings::load(&tx, member.tenant, true).await?;
    if stored.settings.paused != paused {
        let changed = crate::domain::settings::Settings { paused, ..stored.settings };
        settings::save(&tx, member.tenant, &changed, stored.version, member.name(), now).await?;
    }
    let known = connection::find(&tx, member.tenant).await?.ok_or(WebError::NotFound)?;
    // what is connected can pause; what is revoked or disconnected must be connected again
    match (paused, known.state.as_str()) {
        (true, "connected") => {
            connection::set_state(&tx, member.tenant, "paused", Some(&Problem::Paused.kept())).await?;
        }
        (false, "paused") => {
            connection::set_state(&tx, member.tenant, "connected", None).await?;
            // what happened meanwhile is looked for at once
            connection::request_sweep(&tx, member.tenant, now).await?;
        }
        _ => {}
    }
    keep(state, &tx, member, if paused { "paused" } else { "resumed" }).await?;
    tx.commit().await?;
    Ok("/settings#connection")
}

/// Renews the addresses of the hooks; the sweep, due at once, registers them at the host and takes the former ones away
/// there.
async fn rotate(state: &AppState, member: &Member) -> Result<&'static str, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let known = connection::find(&tx, member.tenant).await?.ok_or(WebError::NotFound)?;
    let makes_hooks = HostKind::parse(&known.host_kind).is_some_and(|kind| host::capabilities(kind).makes_hooks);
    if !makes_hooks || known.state != "connected" {
        return Err(WebError::Invalid(member.words.say("settings-rotate-again").into()));
    }
    renew_addresses(state, &tx, member.tenant, member.name()).await?;
    connection::request_sweep(&tx, member.tenant, state.parts.clock.now()).await?;
    tx.commit().await?;
    Ok("/settings?said=rotated#connection")
}

/// Gives each hook of a company a new address. Who does so has yet to tell the host.
pub(super) async fn renew_addresses(
    state: &AppState,
    tx: &Transaction<'_>,
    tenant: TenantId,
    by: &str,
) -> Result<(), WebError> {
    let clock = &*state.parts.clock;
    let now = clock.now();
    for hook in delivery::hooks(tx, tenant).await? {
        let token = Token::new(tenant, clock);
        let sealed = state.parts.keyring.encrypt(tenant, "hook.path_token", &token.expose().to_owned().into(), clock);
        let address = delivery::NewAddress {
            token_hash: &token.key().hash,
            path_token: &sealed,
            former_until: now.checked_add(GRACE).unwrap_or(now),
            by,
        };
        delivery::rotate_hook(tx, tenant, &hook.event, &address, now).await?;
    }
    let entry = audit::Entry {
        id: clock.new_id(),
        at: now,
        actor: by.to_owned(),
        event: "secret_rotated".to_owned(),
        document: None,
        details: serde_json::json!({}),
    };
    Ok(audit::append(tx, tenant, &entry).await?)
}

/// Ends the connection here first; then the host is told, as far as it still listens.
async fn disconnect(state: &Data<AppState>, member: &Member) -> Result<&'static str, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let known = connection::find(&tx, member.tenant).await?.ok_or(WebError::NotFound)?;
    connection::disconnect(&tx, member.tenant, &Problem::Disconnected.kept(), state.parts.clock.now()).await?;
    person::close_all_sessions(&tx, member.tenant).await?;
    keep(state, &tx, member, "disconnected").await?;
    tx.commit().await?;
    let state = state.clone();
    tokio::spawn(async move {
        if let Err(error) = remove_hooks(&state, &known).await {
            tracing::warn!(tenant = %known.tenant, error, "hooks stay registered at the host; they lead nowhere");
        }
    });
    Ok("/connect")
}

async fn remove_hooks(state: &AppState, known: &StoredConnection) -> Result<(), String> {
    let open = |field: &str, value: &Option<Vec<u8>>| -> Result<Option<SecretString>, String> {
        let opened = value.as_deref().map(|value| state.parts.keyring.decrypt(known.tenant, field, value));
        opened.transpose().map_err(|error| error.to_string())
    };
    let access_token = open("access_token", &known.access_token)?.ok_or("there is no token")?;
    let access = Access { access_token, refresh_token: open("refresh_token", &known.refresh_token)? };
    let connection = Connection {
        kind: HostKind::parse(&known.host_kind).ok_or("the kind of host is unknown")?,
        base_url: known.base_url.parse().map_err(|_| "the address cannot be read")?,
        company: known.company.clone(),
        options: serde_json::from_value(known.options.clone()).unwrap_or_default(),
    };
    let host = host::open(&state.parts.http, &state.parts.apps, &connection, access).map_err(|e| e.to_string())?;
    let ours = format!("{}hooks/", state.settings.public_url);
    for hook in host.list_hooks().await.map_err(|error| error.to_string())? {
        if hook.url.starts_with(&ours) {
            host.remove_hook(&hook.host_id).await.map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

async fn keep(state: &AppState, tx: &Transaction<'_>, member: &Member, event: &str) -> Result<(), WebError> {
    let entry = audit::Entry {
        id: state.parts.clock.new_id(),
        at: state.parts.clock.now(),
        actor: member.name().to_owned(),
        event: event.to_owned(),
        document: None,
        details: serde_json::json!({}),
    };
    Ok(audit::append(tx, member.tenant, &entry).await?)
}
