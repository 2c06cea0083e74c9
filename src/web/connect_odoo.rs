//! Connecting an Odoo and signing in to it: address, database, login and key.
//!
//! Invariants: a person's key is used for this request and never kept; what is kept is the access of the integration
//! user, which an administrator's key makes here; only an administrator of ours sets up again what is connected; how
//! often one network may have a key tried is limited, and the address that is called passes the guard; a company of a
//! database is one tenant, and who comes by another address is sent to the one that is known: what a server says of
//! itself opens nobody's data. It is set up by one at a time, whatever becomes of the browser that asked for it: two would
//! give the integration user two passwords and keep one.

use std::time::Duration;

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse, http::header};
use askama::Template;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;
use uuid::Uuid;

use super::connect::{self, Next, tenant_of};
use super::connection;
use super::error::WebError;
use super::form::{Fields, OwnForm};
use super::language::Guest;
use super::security::caller;
use super::session::cookie;
use super::{AppState, page, sign_in};
use crate::db::{self, delivery, person, setting_up};
use crate::domain::ids::TenantId;
use crate::domain::problem::Problem;
use crate::host::address::check_base_url;
use crate::host::odoo::{self, Credentials};
use crate::host::{self, Connection, Grant, HostError};
use crate::secret::Token;
use crate::wording::Words;

/// Characters of a database's name, a login or a key.
const MOST_TEXT: usize = 200;

#[derive(Template)]
#[template(path = "web/templates/connect_odoo.html", config = ".askama.toml")]
struct OdooPage {
    words: Words,
    base_url: String,
    database: String,
    login: String,
    company: String,
    next: String,
    said: Option<String>,
    error: Option<String>,
}

fn form(words: Words, fields: &Fields, said: Option<String>, error: Option<String>) -> Result<HttpResponse, WebError> {
    let field = |name: &str| fields.get(name).unwrap_or_default().to_owned();
    page::html(&OdooPage {
        words,
        base_url: field("base_url"),
        database: field("database"),
        login: field("login"),
        company: field("company"),
        next: fields.get("next").and_then(sign_in::own_path).unwrap_or_default(),
        said,
        error,
    })
}

pub(super) async fn page(guest: Guest, next: Query<Next>) -> Result<HttpResponse, WebError> {
    let next = next.into_inner().next.map(|next| ("next".to_owned(), next));
    form(guest.words, &Fields::from(next.into_iter().collect::<Vec<_>>()), None, None)
}

fn entered(state: &AppState, request: &HttpRequest, words: Words, fields: &Fields) -> Result<Credentials, String> {
    if caller(state, request).is_some_and(|address| !state.keys_tried.admits(address)) {
        return Err(words.say("odoo-too-often").into());
    }
    let address = fields.get("base_url").unwrap_or_default();
    let base_url =
        check_base_url(address, &state.settings.addresses).map_err(|error| format!("{address}: {error}."))?;
    let text = |name: &str| fields.get(name).filter(|text| text.len() <= MOST_TEXT && !text.contains('#'));
    let missing = || String::from(words.say("odoo-incomplete"));
    Ok(Credentials {
        base_url,
        database: text("database").ok_or_else(missing)?.to_owned(),
        login: text("login").ok_or_else(missing)?.to_owned(),
        key: text("key").ok_or_else(missing)?.to_owned().into(),
        company: text("company").filter(|name| !name.is_empty()).map(str::to_owned),
    })
}

/// What a person is told of an error of Odoo.
fn told(words: Words, error: &HostError) -> String {
    match error {
        HostError::Rejected { code, .. } if code == "sign_in" => words.say("odoo-refused").into(),
        HostError::Rejected { code, .. } if code == "403" || code == "AccessError" => {
            words.say("odoo-not-administrator").into()
        }
        HostError::Rejected { code, detail } if code == odoo::NO_COMPANY => {
            words.say("odoo-no-company").with("companies", detail.clone()).into()
        }
        error => words.say("odoo-failed").with("why", error.to_string()).into(),
    }
}

/// Signs in; connects first where it is not connected, or where it is to be set up again.
pub(super) async fn enter(
    state: Data<AppState>,
    request: HttpRequest,
    guest: Guest,
    posted: OwnForm,
) -> Result<HttpResponse, WebError> {
    let (words, fields) = (guest.words, posted.0);
    let known = match entered(&state, &request, words, &fields) {
        Ok(known) => known,
        Err(error) => return form(words, &fields, None, Some(error)),
    };
    let http = &state.parts.http;
    let person = match odoo::sign_in(http, &known).await {
        Ok(person) => person,
        Err(error) => return form(words, &fields, None, Some(told(words, &error))),
    };
    let connection = odoo::connection(&known.base_url, &person.identity.company, &known.login);
    let again = fields.get("again") == Some("yes");
    let entered = if must_set_up(&state, &connection, &person, again).await? {
        let identity = match odoo::host_identity(http, &connection, &person).await {
            Ok(identity) => identity,
            Err(error) => return form(words, &fields, None, Some(told(words, &error))),
        };
        match set_up_alone(&state, words, connection, person, identity, again).await? {
            Ok(token) => token,
            Err(said) => return form(words, &fields, None, Some(said)),
        }
    } else {
        connect::enter(&state, &connection, &person.identity, None).await?
    };
    state.parts.wake.now();
    let next = fields.get("next").and_then(sign_in::own_path).unwrap_or_else(|| "/backorders".to_owned());
    Ok(HttpResponse::SeeOther().cookie(cookie(&state, &entered)).insert_header((header::LOCATION, next)).finish())
}

/// Whether Odoo is to be set up: it is new to us, or an administrator of ours may restore or renew it.
async fn must_set_up(state: &AppState, connection: &Connection, person: &Grant, again: bool) -> Result<bool, WebError> {
    let tenant = tenant_of(connection);
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    let known = db::connection::find(&tx, tenant).await?;
    let administrator = person::is_administrator(&tx, tenant, &person.identity.user_id).await?;
    tx.commit().await?;
    Ok(known.is_none_or(|known| administrator && (again || matches!(known.state.as_str(), "revoked" | "disconnected"))))
}

/// The address by which this company of the same database is connected already, if it is another.
async fn elsewhere(state: &AppState, connection: &Connection, identity: &str) -> Result<Option<String>, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_queue(&tx).await?;
    let kind = connection.kind.as_str();
    let address = db::connection::elsewhere(&tx, tenant_of(connection), kind, identity).await?;
    tx.commit().await?;
    Ok(address)
}

/// So long one may set a company up before somebody else may, and so long somebody else waits for it.
const MOST_SETTING_UP: SignedDuration = SignedDuration::from_mins(5);
const MOST_WAITING: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Sets a company up when nobody else does; what is said where it cannot be. Who has waited finds it connected.
async fn set_up_alone(
    state: &Data<AppState>,
    words: Words,
    connection: Connection,
    mut person: Grant,
    identity: String,
    again: bool,
) -> Result<Result<Token, String>, WebError> {
    let Some(claim) = claim(state, &connection, &identity).await? else {
        return Ok(Err(words.say("odoo-busy").into()));
    };
    let state = state.clone();
    // A browser that goes away leaves nothing half done.
    let work = tokio::spawn(async move {
        let outcome = async {
            if !must_set_up(&state, &connection, &person, again).await? {
                return connect::enter(&state, &connection, &person.identity, None).await.map(Ok);
            }
            if let Some(address) = elsewhere(&state, &connection, &identity).await? {
                return Ok(Err(words.say("odoo-elsewhere").with("address", address).into()));
            }
            person.identity.host_identity = Some(identity);
            Ok(set_up(&state, &connection, &person, again).await?.map_err(|error| told(words, &error)))
        };
        let outcome = outcome.await;
        if let Err(error) = release(&state, &connection, claim).await {
            tracing::warn!(%error, "setting up goes on holding others up until its time is over");
        }
        outcome
    });
    work.await.map_err(|error| WebError::Host(error.to_string()))?
}

/// Waits for the right to set a company up; `None`: somebody else has it for longer.
async fn claim(state: &AppState, connection: &Connection, identity: &str) -> Result<Option<Uuid>, WebError> {
    let (id, begun) = (state.parts.clock.new_id(), tokio::time::Instant::now());
    let claim = setting_up::Claim {
        id,
        tenant: tenant_of(connection),
        host_kind: connection.kind.as_str(),
        host_identity: identity,
    };
    loop {
        let now = state.parts.clock.now();
        let mut client = state.parts.pool.get().await?;
        let tx = client.transaction().await?;
        db::enter_queue(&tx).await?;
        let is_ours = setting_up::claim(&tx, &claim, now, now + MOST_SETTING_UP).await?;
        tx.commit().await?;
        drop(client);
        if is_ours || begun.elapsed() > MOST_WAITING {
            return Ok(is_ours.then_some(id));
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn release(state: &AppState, connection: &Connection, claim: Uuid) -> Result<(), WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_queue(&tx).await?;
    setting_up::release(&tx, tenant_of(connection), claim).await?;
    Ok(tx.commit().await?)
}

/// Sets Odoo up, keeps the integration user's access, and makes the rules that tell us of changes; with new addresses
/// where it is set up `again`.
async fn set_up(
    state: &AppState,
    administrator: &Connection,
    person: &Grant,
    again: bool,
) -> Result<Result<Token, HostError>, WebError> {
    let mut random = [0_u8; 32];
    state.parts.clock.random(&mut random);
    let password = SecretString::from(URL_SAFE_NO_PAD.encode(random));
    let (http, apps) = (&state.parts.http, &state.parts.apps);
    let (connection, grant) = match odoo::install(http, administrator, person, &password).await {
        Ok(installed) => installed,
        Err(error) => return Ok(Err(error)),
    };
    let token = connect::enter(state, &connection, &person.identity, Some(&grant)).await?;
    let registered = async {
        let host = host::open(http, apps, administrator, person.access.clone())?;
        if again {
            renew(state, tenant_of(&connection), &person.identity.user_name).await?;
        }
        for (event, url) in hooks(state, tenant_of(&connection)).await? {
            host.register_hook(&event, &url).await?;
        }
        Ok::<_, HookError>(())
    };
    match registered.await {
        Ok(()) => Ok(Ok(token)),
        Err(HookError::Host(error)) => Ok(Err(error)),
        Err(HookError::Web(error)) => Err(error),
    }
}

/// Why the rules could not be made.
enum HookError {
    Host(HostError),
    Web(WebError),
}

impl From<HostError> for HookError {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl From<WebError> for HookError {
    fn from(error: WebError) -> Self {
        Self::Web(error)
    }
}

/// Renews the addresses of a company's hooks.
async fn renew(state: &AppState, tenant: TenantId, by: &str) -> Result<(), WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    connection::renew_addresses(state, &tx, tenant, by).await?;
    tx.commit().await?;
    Ok(())
}

/// The addresses of a company's hooks, by event.
async fn hooks(state: &AppState, tenant: TenantId) -> Result<Vec<(String, Url)>, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    let hooks = delivery::hooks(&tx, tenant).await?;
    tx.commit().await?;
    let url = |hook: delivery::Hook| {
        let token = state.parts.keyring.decrypt(tenant, "hook.path_token", &hook.path_token);
        let token = token.map_err(|error| WebError::Host(error.to_string()))?;
        let url = state.settings.public_url.join(&format!("hooks/{}", token.expose_secret()));
        Ok((hook.event, url.map_err(|error| WebError::Host(error.to_string()))?))
    };
    hooks.into_iter().map(url).collect()
}

/// Takes everything of ours out of an Odoo, and ends the connection if there is one.
pub(super) async fn remove(
    state: Data<AppState>,
    request: HttpRequest,
    guest: Guest,
    posted: OwnForm,
) -> Result<HttpResponse, WebError> {
    let (words, fields) = (guest.words, posted.0);
    let known = match entered(&state, &request, words, &fields) {
        Ok(known) => known,
        Err(error) => return form(words, &fields, None, Some(error)),
    };
    let http = &state.parts.http;
    let asked = async {
        let person = odoo::sign_in(http, &known).await?;
        let connection = odoo::connection(&known.base_url, &person.identity.company, &known.login);
        let identity = odoo::host_identity(http, &connection, &person).await?;
        Ok::<_, HostError>((person, connection, identity))
    };
    let (person, connection, identity) = match asked.await {
        Ok(asked) => asked,
        Err(error) => return form(words, &fields, None, Some(told(words, &error))),
    };
    // By another address the connection would be left behind.
    if let Some(address) = elsewhere(&state, &connection, &identity).await? {
        return form(words, &fields, None, Some(words.say("odoo-elsewhere").with("address", address).into()));
    }
    if let Err(error) = odoo::uninstall(http, &connection, &person).await {
        return form(words, &fields, None, Some(told(words, &error)));
    }
    let tenant = tenant_of(&connection);
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, tenant).await?;
    db::connection::disconnect(&tx, tenant, &Problem::Removed.kept(), state.parts.clock.now()).await?;
    person::close_all_sessions(&tx, tenant).await?;
    tx.commit().await?;
    form(words, &fields, Some(words.say("odoo-removed").into()), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_rights_is_told_in_words_that_help() {
        let error = |code: &str| HostError::Rejected { code: code.to_owned(), detail: "no".to_owned() };
        let words = Words::default();
        assert!(told(words, &error("403")).contains("administrator"));
        assert!(told(words, &error("AccessError")).contains("administrator"));
        assert!(told(words, &error("setup")).contains("no"));
    }
}
