//! Who is signed in.
//!
//! Invariants: the cookie holds a random token that names its tenant, the database its hash; a session ends by
//! idleness, by age, by signing out and when its company disconnects; a role is asked of the database each time.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use super::AppState;
use super::error::WebError;
use super::language;
use crate::db::person::SignedIn;
use crate::db::{self, person};
use crate::domain::ids::TenantId;
use crate::secret::{Token, TokenKey};
use crate::wording::Words;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) tenant: TenantId,
    pub(super) person: person::Person,
    pub(super) session: TokenKey,
    /// What each form of this session carries.
    pub(super) form_token: String,
    /// The language and form that this person is spoken to in.
    pub(super) words: Words,
    /// The page that was asked for, to come back to.
    pub(super) at: String,
    /// When it was asked for.
    pub(super) now: Timestamp,
}

impl Member {
    /// For what only administrators may do.
    pub(super) fn administrator(&self) -> Result<(), WebError> {
        if self.person.administrator { Ok(()) } else { Err(WebError::Administrators) }
    }

    /// The name that decisions are kept under.
    pub(super) fn name(&self) -> &str {
        [self.person.name.as_str(), self.person.email.as_deref().unwrap_or_default(), self.person.id.as_str()]
            .into_iter()
            .find(|name| !name.trim().is_empty())
            .unwrap_or("somebody")
    }
}

impl FromRequest for Member {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { signed_in(&request).await })
    }
}

async fn signed_in(request: &HttpRequest) -> Result<Member, WebError> {
    let next = (request.method() == Method::GET)
        .then(|| request.uri().path_and_query().map_or_else(String::new, ToString::to_string));
    let out = || WebError::SignedOut { next: next.clone() };
    let state = request.app_data::<Data<AppState>>().ok_or_else(out)?;
    let cookie = request.cookie(cookie_name(state)).ok_or_else(out)?;
    let session = Token::parse(cookie.value()).ok_or_else(out)?;
    let now = state.parts.clock.now();
    let idle_since = now - signed(state.settings.session_idle);
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, session.tenant).await?;
    let found = person::find_session(&tx, session.tenant, &session.hash, now, idle_since).await?;
    tx.commit().await?;
    let SignedIn { person, settings } = found.ok_or_else(out)?;
    let words = language::of_member(request, person.language, &settings);
    // for what is said where the member is not at hand
    request.extensions_mut().insert(words);
    let form_token = form_token(cookie.value());
    Ok(Member { tenant: session.tenant, person, session, form_token, words, at: language::at(request), now })
}

/// Of a session's token, so that only a page of that session can hold it.
fn form_token(session: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(session.as_bytes()).map(|mut mac| {
        mac.update(b"backorders form");
        mac.finalize().into_bytes()
    });
    // a key of any length is taken
    mac.map(|bytes| URL_SAFE_NO_PAD.encode(bytes)).unwrap_or_default()
}

/// `__Host-`: set by this host over https and by nobody else; a browser takes that over https only.
pub(super) fn cookie_name(state: &AppState) -> &'static str {
    if is_https(state) { "__Host-backorders" } else { "backorders" }
}

pub(super) fn is_https(state: &AppState) -> bool {
    state.settings.public_url.scheme() == "https"
}

/// The cookie of a session that has just been opened. Lax, so that the links in mails find it.
pub(super) fn cookie(state: &AppState, token: &Token) -> Cookie<'static> {
    own_cookie(state, cookie_name(state), token.expose().to_owned(), state.settings.session_absolute)
}

/// A cookie with the attributes that all of ours have.
pub(super) fn own_cookie(state: &AppState, name: &'static str, value: String, life: Duration) -> Cookie<'static> {
    let life = i64::try_from(life.as_secs()).unwrap_or(0);
    Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .secure(is_https(state))
        .same_site(SameSite::Lax)
        .max_age(actix_web::cookie::time::Duration::seconds(life))
        .finish()
}

/// When a session that begins now ends at the latest.
pub(super) fn end_of(state: &AppState, now: Timestamp) -> Timestamp {
    now + signed(state.settings.session_absolute)
}

fn signed(duration: Duration) -> jiff::SignedDuration {
    jiff::SignedDuration::try_from(duration).unwrap_or(jiff::SignedDuration::ZERO)
}
