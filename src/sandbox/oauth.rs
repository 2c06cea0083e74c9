//! The sandbox's OAuth server: codes, access tokens (JWT) and refresh tokens that rotate.
//!
//! Invariants: a code is good once and for a minute; a refresh token is good once; an access token carries the claims
//! that Deskera's carries (`userId`, `tenantId`, `currency`, `name`, `email`, `exp`) and nothing is read from one whose
//! signature does not hold.

use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use sha2::Sha256;

use super::state::{RefreshToken, Role, World};
use crate::clock::Clock;

const CODE_LIFE: SignedDuration = SignedDuration::from_secs(60);

/// Who calls the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Caller {
    pub(super) company: i64,
    pub(super) role: Role,
}

#[derive(Debug)]
struct Code {
    text: String,
    company: i64,
    user: i64,
    expires: Timestamp,
}

/// Codes that were given out and not yet exchanged; they do not outlive the process.
#[derive(Debug, Default)]
pub(super) struct Codes(Mutex<Vec<Code>>);

/// Why no token was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenRefusal {
    /// The Basic header does not name the registered app.
    Client,
    /// The code or refresh token is unknown, used or too old.
    Grant,
    /// A parameter is missing or has an unknown value.
    Request,
}

impl Codes {
    /// A code for that user of that company.
    pub(super) fn issue(&self, company: i64, user: i64, clock: &dyn Clock) -> String {
        let code = random_token(clock);
        let expires = clock.now().checked_add(CODE_LIFE).unwrap_or(Timestamp::MAX);
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|one| one.expires > clock.now());
        codes.push(Code { text: code.clone(), company, user, expires });
        code
    }

    fn take(&self, code: &str, now: Timestamp) -> Option<(i64, i64)> {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let position = codes.iter().position(|one| one.text == code)?;
        let code = codes.swap_remove(position);
        (code.expires > now).then_some((code.company, code.user))
    }
}

/// What `/v2/oauth/token` was asked, in its query string.
#[derive(Debug, Clone, Copy)]
pub(super) struct TokenRequest<'a> {
    pub(super) authorization: Option<&'a str>,
    pub(super) grant_type: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    pub(super) refresh_token: Option<&'a str>,
}

/// Exchanges a code or a refresh token for a pair of new tokens.
pub(super) fn exchange(
    world: &mut World,
    codes: &Codes,
    request: TokenRequest<'_>,
    clock: &dyn Clock,
) -> Result<Value, TokenRefusal> {
    let expected = format!("{}:{}", world.client.client_id, world.client.client_secret);
    let sent = request.authorization.and_then(|header| header.strip_prefix("Basic "));
    let sent = sent.and_then(|encoded| STANDARD.decode(encoded.trim()).ok()).ok_or(TokenRefusal::Client)?;
    if sent != expected.as_bytes() {
        return Err(TokenRefusal::Client);
    }
    let now = clock.now();
    let (company, user) = match (request.grant_type, request.code, request.refresh_token) {
        (Some("authorization_code"), Some(code), _) => codes.take(code, now).ok_or(TokenRefusal::Grant)?,
        (Some("refresh_token"), _, Some(token)) => {
            let known = world.refresh_tokens.iter_mut().find(|known| known.token == token && !known.used);
            let known = known.ok_or(TokenRefusal::Grant)?;
            known.used = true;
            (known.company, known.user)
        }
        _ => return Err(TokenRefusal::Request),
    };
    let access_token = access_token(world, company, user, now).ok_or(TokenRefusal::Grant)?;
    let refresh_token = random_token(clock);
    world.refresh_tokens.push(RefreshToken { token: refresh_token.clone(), company, user, used: false });
    Ok(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "refresh_token": refresh_token,
        "expires_in": 0,
    }))
}

fn access_token(world: &World, company: i64, user: i64, now: Timestamp) -> Option<String> {
    let company = world.company(company).ok()?;
    let user = company.user(user)?;
    let claims = json!({
        "userId": user.id,
        "tenantId": company.id,
        "currency": company.currency,
        "name": user.name,
        "email": user.email,
        "iat": now.as_second(),
        "exp": now.as_second() + world.token_life_seconds,
        "jti": world.refresh_tokens.len(),
    });
    let head = json!({ "alg": "HS256", "typ": "JWT" });
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", part(&head), part(&claims));
    let signature = URL_SAFE_NO_PAD.encode(mac(world, &signed)?.finalize().into_bytes());
    Some(format!("{signed}.{signature}"))
}

/// Who an access token stands for; `None` if it is forged, expired or withdrawn.
pub(super) fn caller(world: &World, token: &str, now: Timestamp) -> Option<Caller> {
    let (signed, signature) = token.rsplit_once('.')?;
    let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
    mac(world, signed)?.verify_slice(&signature).ok()?;
    let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.')?.1).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let claim = |name: &str| claims.get(name).and_then(Value::as_i64);
    if claim("exp")? <= now.as_second() || claim("iat")? < world.tokens_valid_from.as_second() {
        return None;
    }
    let company = world.company(claim("tenantId")?).ok()?;
    Some(Caller { company: company.id, role: company.user(claim("userId")?)?.role })
}

fn mac(world: &World, text: &str) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(world.token_key.as_bytes()).ok()?;
    mac.update(text.as_bytes());
    Some(mac)
}

/// 192 random bits, fit for a URL.
pub(super) fn random_token(clock: &dyn Clock) -> String {
    let mut random = [0_u8; 24];
    clock.random(&mut random);
    URL_SAFE_NO_PAD.encode(random)
}
