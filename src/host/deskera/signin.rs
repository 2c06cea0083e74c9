//! Signing in to Deskera: the consent link, the exchange of a code, the refresh of tokens.
//!
//! Invariants: the code and the tokens, which travel in the query string as the host wants it, are never logged and
//! never part of an error; a refresh gives a new refresh token, so its callers run one at a time per connection. The
//! claims of the access token are believed without its signature (the keys are not published) because it comes over
//! TLS straight from the token endpoint, and from nowhere else. The app's secret leaves for the operator's addresses of
//! Deskera's API only (`DeskeraApp::secret_for`), whatever address a connection has.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::client::{Client, error_text};
use crate::host::error::{HostError, NotApplied};
use crate::host::http::{Call, Effect, HostHttp};
use crate::host::json::{self, Fields, bounded};
use crate::host::{Access, Grant, HostKind, Identity};

/// The app as it is registered with Deskera.
#[derive(Debug, Clone)]
pub struct DeskeraApp {
    pub client_id: String,
    /// Sent only where `DeskeraApp::secret_for` says.
    pub client_secret: SecretString,
    /// The addresses of Deskera's API, one for each region; anything else that calls itself Deskera is a stranger.
    pub api_urls: Vec<Url>,
    /// Where the person is sent to consent: `https://oauth.deskera.com/`.
    pub consent_url: Url,
    /// The address that the person comes back to; fixed at registration.
    pub redirect_url: Url,
}

impl DeskeraApp {
    /// Whether this is an address of Deskera's API.
    #[must_use]
    pub fn is_api(&self, base_url: &Url) -> bool {
        self.api_urls.iter().any(|known| known.origin() == base_url.origin())
    }

    /// The secret, for a call to that address.
    ///
    /// # Errors
    /// When it is not an address of Deskera's API.
    pub(super) fn secret_for(&self, base_url: &Url) -> Result<&SecretString, HostError> {
        if self.is_api(base_url) {
            return Ok(&self.client_secret);
        }
        let detail = "this address is none of those of Deskera that this installation is set up for";
        Err(HostError::not_applied(NotApplied::Unreachable, detail))
    }
}

/// What the access token says of itself.
#[derive(Debug, Default, Clone)]
pub(super) struct Claims {
    pub(super) identity: Identity,
    expires_at: Option<Timestamp>,
}

/// The link that a person follows to let us in; `state` comes back with the code.
#[must_use]
pub fn consent_url(app: &DeskeraApp, state: &str) -> Url {
    let mut url = app.consent_url.clone();
    url.query_pairs_mut()
        .append_pair("client_id", &app.client_id)
        .append_pair("response_type", "code")
        .append_pair("scope", "write")
        .append_pair("state", state);
    url
}

/// Exchanges the code of a consent. `base_url` is the API address of the connection that is being made.
///
/// # Errors
/// `Rejected` if the code is used, too old or not ours.
pub async fn exchange_code(http: &HostHttp, app: &DeskeraApp, base_url: &Url, code: &str) -> Result<Grant, HostError> {
    let secret = SecretString::from(code.to_owned());
    let query = [("grant_type", "authorization_code"), ("scope", "write"), ("code", code)];
    let mut grant = token(http, app, base_url, &query, vec![secret]).await?;
    describe(http, base_url, &mut grant).await;
    if grant.identity.company.is_empty() {
        return Err(HostError::not_applied(NotApplied::Unreadable, "the token names no company"));
    }
    Ok(grant)
}

/// Gives new tokens for a refresh token, which may be of no use afterwards.
///
/// # Errors
/// `Rejected` if access was withdrawn: a person must connect again. `Unknown` if the answer was lost: the old refresh
/// token may still be good.
pub async fn refresh(
    http: &HostHttp,
    app: &DeskeraApp,
    base_url: &Url,
    refresh_token: &SecretString,
) -> Result<Grant, HostError> {
    let query = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose_secret())];
    token(http, app, base_url, &query, vec![refresh_token.clone()]).await
}

async fn token(
    http: &HostHttp,
    app: &DeskeraApp,
    base_url: &Url,
    query: &[(&str, &str)],
    mut secrets: Vec<SecretString>,
) -> Result<Grant, HostError> {
    let client_secret = app.secret_for(base_url)?;
    let pair = format!("{}:{}", app.client_id, client_secret.expose_secret());
    let basic = SecretString::from(format!("Basic {}", STANDARD.encode(pair)));
    secrets.extend([client_secret.clone(), basic.clone()]);
    let channel = http.channel(HostKind::Deskera, base_url.as_str(), secrets, error_text);
    let mut url = base_url.clone();
    url.set_path("/v2/oauth/token");
    url.query_pairs_mut().extend_pairs(query);
    let headers = [("authorization", basic)];
    let call = Call { effect: Effect::Write, method: Method::POST, url, headers: &headers, body: None };
    let answer = channel.send(call).await.map_err(|error| match error {
        // There is no token to refresh here: the client or the grant is not accepted.
        HostError::NotApplied { reason: NotApplied::Unauthorized, detail } => {
            HostError::Rejected { code: "401".to_owned(), detail }
        }
        error => error,
    })?;
    // The answer is never quoted: it holds the tokens.
    let unfit = |()| channel.unfit(Effect::Write, "the token endpoint answered something that we cannot read");
    let value = json::parse(&answer).map_err(|_| unfit(()))?;
    let fields = Fields::of(&value, "token").map_err(|_| unfit(()))?;
    let part = |key: &str| fields.text(key).ok().flatten().map(|text| SecretString::from(text.to_owned()));
    let access_token = part("access_token").ok_or_else(|| unfit(()))?;
    let refresh_token = part("refresh_token");
    let claims = claims(&access_token).unwrap_or_default();
    Ok(Grant {
        access: Access { access_token, refresh_token },
        expires_at: claims.expires_at,
        identity: claims.identity,
    })
}

/// The claims of a token, if it is a JWT.
pub(super) fn claims(token: &SecretString) -> Option<Claims> {
    let mut parts = token.expose_secret().split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    let value = json::parse(&payload).ok()?;
    let fields = Fields::of(&value, "claims").ok()?;
    let text = |key: &str| fields.text(key).ok().flatten().map(|text| bounded(text, 200));
    let exp = fields.decimal("exp").ok().flatten().and_then(|seconds| i64::try_from(seconds.trunc()).ok());
    Some(Claims {
        identity: Identity {
            company: text("tenantId").unwrap_or_default(),
            user_id: text("userId").unwrap_or_default(),
            user_name: text("name").or_else(|| text("given_name")).unwrap_or_default(),
            email: text("email"),
            currency: text("currency"),
            ..Identity::default()
        },
        expires_at: exp.and_then(|seconds| Timestamp::from_second(seconds).ok()),
    })
}

/// Adds the company's name, currency and time zone where the host tells them; the sign-in does not depend on it.
async fn describe(http: &HostHttp, base_url: &Url, grant: &mut Grant) {
    let secrets = vec![grant.access.access_token.clone()];
    let client = Client {
        channel: http.channel(HostKind::Deskera, base_url.as_str(), secrets, error_text),
        base_url: base_url.clone(),
        country: None,
        access_token: grant.access.access_token.clone(),
    };
    let Ok(company) = client.get(&["v1", "tenants", "details"], &[], &[]).await else { return };
    let Ok(fields) = Fields::of(&company, "company") else { return };
    let text = |key: &str| fields.text(key).ok().flatten().map(|text| bounded(text, 200));
    let id = text("id").unwrap_or_default();
    if grant.identity.company.is_empty() {
        grant.identity.company = id;
    } else if grant.identity.company != id {
        return;
    }
    grant.identity.company_name = text("name").unwrap_or_default();
    grant.identity.currency = text("currency").or_else(|| grant.identity.currency.take());
    grant.identity.time_zone = text("timezone");
}
