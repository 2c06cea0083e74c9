//! Connecting a company and signing in: one flow, by the host's consent page.
//!
//! Invariants: the tokens come straight from the host's token endpoint, at the one of the operator's addresses that the
//! person chose before going there; whoever signs in belongs to the company that the token names; a company that is connected twice is one
//! tenant; only an administrator renews or restores a connection that exists.

use std::collections::BTreeMap;

use actix_web::http::header;
use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::Deserialize;
use tokio_postgres::Transaction;

use super::error::WebError;
use super::form::{OwnForm, Posted};
use super::language::Guest;
use super::session::{cookie, cookie_name, end_of, own_cookie};
use super::sign_in;
use super::{AppState, page, security};
use crate::db::connection::{NewConnection, StoredConnection};
use crate::db::{self, audit, delivery, person};
use crate::domain::ids::TenantId;
use crate::host::address::check_base_url;
use crate::host::deskera::{self, DeskeraApp};
use crate::host::{self, Connection, Grant, HostKind, Identity};
use crate::secret::{self, Token};
use crate::wording::Words;

/// The countries whose documents have resources of their own at Deskera, by the English names' order.
fn countries(words: Words) -> Vec<(&'static str, String)> {
    vec![
        ("ae", words.say("connect-country-ae").into()),
        ("au", words.say("connect-country-au").into()),
        ("be", words.say("connect-country-be").into()),
        ("ca", words.say("connect-country-ca").into()),
        ("de", words.say("connect-country-de").into()),
        ("id", words.say("connect-country-id").into()),
        ("il", words.say("connect-country-il").into()),
        ("in", words.say("connect-country-in").into()),
        ("my", words.say("connect-country-my").into()),
        ("nl", words.say("connect-country-nl").into()),
        ("nz", words.say("connect-country-nz").into()),
        ("ph", words.say("connect-country-ph").into()),
        ("sa", words.say("connect-country-sa").into()),
        ("uk", words.say("connect-country-uk").into()),
    ]
}

#[derive(Template)]
#[template(path = "web/templates/connect.html", config = ".askama.toml")]
struct ConnectPage {
    words: Words,
    /// To choose from.
    base_urls: Vec<String>,
    countries: Vec<(&'static str, String)>,
    next: String,
    available: bool,
    error: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Next {
    pub(super) next: Option<String>,
}

fn app(state: &AppState, words: Words) -> Result<&DeskeraApp, WebError> {
    let missing = || WebError::Invalid(words.say("connect-unavailable").with("host", "Deskera").into());
    state.parts.apps.deskera.as_ref().ok_or_else(missing)
}

fn connect_page(
    state: &AppState,
    words: Words,
    next: Option<String>,
    error: Option<String>,
) -> Result<HttpResponse, WebError> {
    let known = state.parts.apps.deskera.iter().flat_map(|app| &app.api_urls);
    let shown = ConnectPage {
        words,
        base_urls: known.map(|url| url.as_str().trim_end_matches('/').to_owned()).collect(),
        countries: countries(words),
        next: next.unwrap_or_default(),
        available: state.parts.apps.deskera.is_some(),
        error,
    };
    let mut response = page::html(&shown)?;
    if let Some(app) = &state.parts.apps.deskera {
        // the form leads on to the consent page, which some browsers count as its target
        let to = format!("form-action 'self' {}", app.consent_url.origin().ascii_serialization());
        let policy = security::CONTENT_SECURITY_POLICY.replace("form-action 'self'", &to);
        if let Ok(policy) = header::HeaderValue::from_str(&policy) {
            response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    Ok(response)
}

pub(super) async fn page(state: Data<AppState>, guest: Guest, next: Query<Next>) -> Result<HttpResponse, WebError> {
    let next = next.into_inner().next.as_deref().and_then(sign_in::own_path);
    connect_page(&state, guest.words, next, None)
}

/// To the consent page.
pub(super) async fn begin(state: Data<AppState>, guest: Guest, form: OwnForm) -> Result<HttpResponse, WebError> {
    let words = guest.words;
    let app = app(&state, words)?;
    let fields = form.0;
    let next = fields.get("next").and_then(sign_in::own_path);
    let entered = fields.get("base_url").unwrap_or_default();
    let base_url = match check_base_url(entered, &state.settings.addresses) {
        Ok(url) if app.is_api(&url) => url,
        Ok(_) => return connect_page(&state, words, next, Some(words.say("connect-foreign-api").into())),
        Err(error) => return connect_page(&state, words, next, Some(format!("{entered}: {error}."))),
    };
    let mut options = BTreeMap::new();
    for name in ["country", "sales_order_shape", "web_url"] {
        if let Some(value) = fields.get(name) {
            options.insert(name.to_owned(), value.to_owned());
        }
    }
    if let Err(error) = host::check_options(HostKind::Deskera, &options) {
        return connect_page(&state, words, next, Some(error));
    }
    let (token, cookie) = sign_in::begin(&state, base_url, options, next);
    let to = deskera::consent_url(app, &token);
    Ok(HttpResponse::SeeOther().cookie(cookie).insert_header((header::LOCATION, to.as_str())).finish())
}

/// What the consent page sends back.
#[derive(Deserialize)]
pub(super) struct Consent {
    state: Option<String>,
    code: Option<String>,
}

pub(super) async fn deskera_callback(
    state: Data<AppState>,
    request: HttpRequest,
    guest: Guest,
    consent: Query<Consent>,
) -> Result<HttpResponse, WebError> {
    let words = guest.words;
    let again = || WebError::Invalid(words.say("connect-again").into());
    let begun = consent.state.as_deref().and_then(|token| sign_in::end(&state, &request, token)).ok_or_else(again)?;
    let Some(code) = consent.code.as_deref().filter(|code| !code.is_empty() && code.len() <= 2000) else {
        return Err(WebError::Invalid(words.say("connect-no-consent").into()));
    };
    let grant = deskera::exchange_code(&state.parts.http, app(&state, words)?, &begun.base_url, code)
        .await
        .map_err(|error| WebError::Host(words.say("connect-failed").with("error", error.to_string()).into()))?;
    let connection = Connection {
        kind: HostKind::Deskera,
        base_url: begun.base_url,
        company: grant.identity.company.clone(),
        options: begun.options,
    };
    let token = enter(&state, &connection, &grant.identity, Some(&grant)).await?;
    state.parts.wake.now();
    let next = begun.next.as_deref().unwrap_or("/backorders");
    Ok(HttpResponse::SeeOther()
        .cookie(cookie(&state, &token))
        .cookie(sign_in::forget(&state))
        .insert_header((header::LOCATION, next))
        .finish())
}

/// The tenant that a company of a host is.
pub(super) fn tenant_of(connection: &Connection) -> TenantId {
    secret::tenant_id(connection.kind.as_str(), connection.base_url.as_str(), &connection.company)
}

/// Connects the company if it is not and there is access to keep, and opens a session for whoever signed in, in one
/// commit.
pub(super) async fn enter(
    state: &AppState,
    connection: &Connection,
    identity: &Identity,
    grant: Option<&Grant>,
) -> Result<Token, WebError> {
    let tenant = tenant_of(connection);
    let now = state.parts.clock.now();
    let somebody = person_of(identity);
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    let known = db::connection::find(&tx, tenant).await?;
    let mut event = "signed_in";
    let who = match (&known, grant) {
        (None, None) => return Err(WebError::NotFound),
        (None, Some(grant)) => {
            event = "connected";
            connect(state, &tx, tenant, connection, grant, now).await?;
            person::upsert(&tx, tenant, &somebody, now).await?
        }
        (Some(known), grant) => {
            let who = person::upsert(&tx, tenant, &somebody, now).await?;
            match (known.state.as_str(), grant) {
                ("revoked" | "disconnected", Some(grant)) if who.administrator => {
                    event = "connected";
                    connect(state, &tx, tenant, connection, grant, now).await?;
                }
                // It was set up under another login: the new access belongs to that.
                ("connected" | "paused", Some(grant))
                    if who.administrator && known.options != options_of(connection) =>
                {
                    event = "connected";
                    connect(state, &tx, tenant, connection, grant, now).await?;
                }
                ("connected" | "paused", Some(grant)) if who.administrator => {
                    renew(state, &tx, known, grant).await?;
                }
                _ => {}
            }
            who
        }
    };
    let token = Token::new(tenant, &*state.parts.clock);
    person::open_session(&tx, tenant, &token.key().hash, &who.id, now, end_of(state, now)).await?;
    let entry = audit::Entry {
        id: state.parts.clock.new_id(),
        at: now,
        actor: if who.name.is_empty() { who.id.clone() } else { who.name.clone() },
        event: event.to_owned(),
        document: None,
        details: serde_json::json!({}),
    };
    audit::append(&tx, tenant, &entry).await?;
    tx.commit().await?;
    Ok(token)
}

fn options_of(connection: &Connection) -> serde_json::Value {
    serde_json::to_value(&connection.options).unwrap_or_default()
}

fn person_of(identity: &Identity) -> person::Person {
    let id =
        if identity.user_id.is_empty() { identity.email.clone().unwrap_or_default() } else { identity.user_id.clone() };
    person::Person {
        id,
        name: identity.user_name.clone(),
        email: identity.email.clone(),
        administrator: false,
        language: None,
    }
}

/// Keeps the connection, its tokens encrypted, and a hook for each event; the sweep, due at once, registers the hooks
/// at the host and looks through everything for the first time.
async fn connect(
    state: &AppState,
    tx: &Transaction<'_>,
    tenant: TenantId,
    connection: &Connection,
    grant: &Grant,
    now: Timestamp,
) -> Result<(), WebError> {
    let seal =
        |field: &str, value: &SecretString| state.parts.keyring.encrypt(tenant, field, value, &*state.parts.clock);
    let refresh = grant.access.refresh_token.as_ref().map(|token| seal("refresh_token", token));
    let identity = &grant.identity;
    let name = if identity.company_name.is_empty() { &identity.company } else { &identity.company_name };
    let zone = identity.time_zone.as_deref().filter(|zone| TimeZone::get(zone).is_ok()).unwrap_or("UTC");
    let options = options_of(connection);
    let new = NewConnection {
        tenant_name: name,
        time_zone: zone,
        base_currency: identity.currency.as_deref(),
        host_kind: connection.kind.as_str(),
        base_url: connection.base_url.as_str(),
        company: &connection.company,
        host_identity: identity.host_identity.as_deref(),
        options: &options,
        access_token: &seal("access_token", &grant.access.access_token),
        refresh_token: refresh.as_deref(),
        token_expires_at: grant.expires_at,
        connected_by: &identity.user_name,
    };
    db::connection::connect(tx, tenant, &new, now).await?;
    let kept: Vec<String> = delivery::hooks(tx, tenant).await?.into_iter().map(|hook| hook.event).collect();
    for event in
        host::capabilities(connection.kind).events.iter().filter(|event| !kept.iter().any(|kept| kept == *event))
    {
        let token = Token::new(tenant, &*state.parts.clock);
        let path_token = seal("hook.path_token", &token.expose().to_owned().into());
        let hash = token.key().hash;
        let hook =
            delivery::NewHook { token_hash: &hash, event, scheme: "path_token", path_token: &path_token, secret: None };
        delivery::upsert_hook(tx, tenant, &hook, now).await?;
    }
    Ok(())
}

/// Keeps the newer tokens of a connection that works, unless somebody renewed them meanwhile: theirs are as good.
async fn renew(
    state: &AppState,
    tx: &Transaction<'_>,
    known: &StoredConnection,
    grant: &Grant,
) -> Result<(), WebError> {
    let seal = |field: &str, value| state.parts.keyring.encrypt(known.tenant, field, value, &*state.parts.clock);
    let access = seal("access_token", &grant.access.access_token);
    let refresh = grant.access.refresh_token.as_ref().map(|token| seal("refresh_token", token));
    let (tenant, version) = (known.tenant, known.token_version);
    match db::connection::set_tokens(tx, tenant, version, &access, refresh.as_deref(), grant.expires_at).await {
        Ok(()) | Err(db::DbError::Lost { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn sign_out(state: Data<AppState>, posted: Posted) -> Result<HttpResponse, WebError> {
    let member = posted.member;
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    person::close_session(&tx, member.tenant, &member.session.hash).await?;
    tx.commit().await?;
    let gone = own_cookie(&state, cookie_name(&state), String::new(), std::time::Duration::ZERO);
    Ok(HttpResponse::SeeOther().cookie(gone).insert_header((header::LOCATION, "/connect")).finish())
}
