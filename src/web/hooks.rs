//! `POST /hooks/{token}`: a host says that something changed.
//!
//! Invariants (trust.md section 1): the body is taken only for a hook that there is; the raw bytes are capped and
//! verified before anything reads them; nothing of the body is believed but the names of documents; 200 means
//! committed; no answer says more than its status, and none sets a cookie.

use std::future::Future;
use std::pin::Pin;
use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderMap};
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError};
use deadpool_postgres::Client;
use futures_util::StreamExt as _;
use secrecy::SecretString;
use thiserror::Error;

use super::intake::{Kept, NotKept};
use super::{AppState, SLOWEST_REQUEST, error};
use crate::clock::Clock;
use crate::db::delivery::{self, Delivery, HookSecrets, Outcome};
use crate::db::{self, DbResult};
use crate::domain::ids::{DeliveryId, TenantId};
use crate::host::signature::{self, Keys, Scheme, SigningKey};
use crate::host::{self, HostKind};
use crate::secret::{Keyring, Token, TokenKey};

/// Bytes of the header that ties our work to the sender's (W3C trace context).
const TRACEPARENT_BYTES: usize = 55;

/// A delivery that is the host's own, not yet kept.
#[derive(Debug)]
pub(super) struct VerifiedHook {
    hook: HookSecrets,
    kind: HostKind,
    body: Bytes,
    /// The sender's own id of the delivery, where the scheme has one.
    message_id: Option<String>,
    traceparent: Option<String>,
    begun: Instant,
}

/// Why a delivery is not taken. The answer is the status alone.
#[derive(Debug, Error)]
pub(super) enum Refused {
    #[error("larger than is taken")]
    TooLarge,
    #[error("compressed")]
    Compressed,
    #[error("too slow")]
    Slow,
    #[error("the connection broke")]
    Broken,
    /// The answer to an address that does not exist, or the slowing down of who asks too much.
    #[error("no such hook")]
    Unknown(StatusCode),
    #[error("the signature")]
    Signature(&'static str),
    #[error("too many")]
    TooMany,
    #[error("not kept")]
    Unavailable,
}

impl Refused {
    fn label(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Compressed => "compressed",
            Self::Slow => "slow",
            Self::Broken => "broken",
            Self::Unknown(_) => "unknown",
            Self::Signature(_) => "bad_signature",
            Self::TooMany => "rate_limited",
            Self::Unavailable => "unavailable",
        }
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Compressed => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
            Self::Unknown(status) => *status,
            Self::Signature(_) => StatusCode::UNAUTHORIZED,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        metrics::counter!("backorders_webhooks_received_total", "outcome" => self.label()).increment(1);
        if let Self::Signature(reason) = self {
            metrics::counter!("backorders_webhook_signature_failures_total", "reason" => *reason).increment(1);
        }
        let status = self.status_code();
        let mut response = HttpResponse::build(status);
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            response.insert_header((header::RETRY_AFTER, "5"));
        }
        if matches!(self, Self::TooLarge | Self::Slow) {
            // what is still coming is not read
            response.force_close();
        }
        response.finish()
    }
}

impl FromRequest for VerifiedHook {
    type Error = Refused;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Refused>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move { verified(&request, payload).await })
    }
}

async fn verified(request: &HttpRequest, payload: Payload) -> Result<VerifiedHook, Refused> {
    let begun = Instant::now();
    let state = request.app_data::<Data<AppState>>().ok_or(Refused::Unavailable)?;
    let headers = request.headers();
    let unknown = || Refused::Unknown(error::not_found(state, request).status());
    let token = request.match_info().get("token").and_then(Token::parse).ok_or_else(unknown)?;
    let hook = find(state, token).await.map_err(|error| {
        tracing::error!(%error, "a hook could not be looked up");
        Refused::Unavailable
    })?;
    let hook = hook.ok_or_else(unknown)?;
    let kind = HostKind::parse(&hook.host_kind).ok_or(Refused::Unavailable)?;
    if state.hooks_of.check_key(&hook.tenant).is_err() {
        return Err(Refused::TooMany);
    }
    let plain = |value: &header::HeaderValue| value.as_bytes().eq_ignore_ascii_case(b"identity");
    if headers.get_all(header::CONTENT_ENCODING).any(|value| !plain(value)) {
        return Err(Refused::Compressed);
    }
    let body = read(payload, headers, state.settings.hook_body_limit).await?;
    let keys = keys(&state.parts.keyring, &hook)?;
    let sent: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let verified = signature::verify(scheme(&hook.scheme)?, &keys, &sent, &body, state.parts.clock.now())
        .map_err(|error| Refused::Signature(error.as_str()))?;
    Ok(VerifiedHook { hook, kind, body, message_id: verified.message_id, traceparent: traceparent(headers), begun })
}

/// The raw body, up to the limit.
async fn read(mut payload: Payload, headers: &HeaderMap, limit: usize) -> Result<Bytes, Refused> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        return Err(Refused::TooLarge);
    }
    let whole = async {
        let mut body = BytesMut::with_capacity(declared.unwrap_or(1024).min(limit));
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Refused::Broken)?;
            if body.len() + chunk.len() > limit {
                return Err(Refused::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(SLOWEST_REQUEST, whole).await.unwrap_or(Err(Refused::Slow))
}

async fn find(state: &AppState, token: TokenKey) -> DbResult<Option<HookSecrets>> {
    let find = async |client: &mut Client| {
        let tx = client.transaction().await?;
        db::enter_intake(&tx).await?;
        let found = delivery::find_hook(&tx, token.tenant, &token.hash, state.parts.clock.now()).await?;
        tx.commit().await?;
        Ok(found)
    };
    db::within(&state.parts.pool, find).await
}

/// The scheme by its name in the database.
fn scheme(name: &str) -> Result<Scheme, Refused> {
    match name {
        "path_token" => Ok(Scheme::None),
        other => Scheme::parse(other).ok_or(Refused::Unavailable),
    }
}

fn keys(keyring: &Keyring, hook: &HookSecrets) -> Result<Keys, Refused> {
    let open = |stored: &Vec<u8>| -> Result<SigningKey, Refused> {
        let secret: SecretString = keyring.decrypt(hook.tenant, "hook.secret", stored).map_err(|error| {
            tracing::error!(tenant = %hook.tenant, %error, "the secret of a hook cannot be opened");
            Refused::Unavailable
        })?;
        SigningKey::parse(scheme(&hook.scheme)?, &secret).map_err(|_| Refused::Signature("no_secret"))
    };
    let previous = hook.previous_secret.as_ref().map(open).transpose()?;
    Ok(Keys { current: hook.secret.as_ref().map(open).transpose()?, previous: previous.zip(hook.previous_valid_until) })
}

/// The sender's trace, if it has the form that the standard gives it.
fn traceparent(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("traceparent")?.to_str().ok()?;
    let fits = value.len() == TRACEPARENT_BYTES
        && value.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
        && value.split('-').map(str::len).eq([2, 32, 16, 2]);
    fits.then(|| value.to_owned())
}

/// A trace of our own, for a sender that has none: what comes of the delivery is found by it.
fn new_trace(clock: &dyn Clock) -> String {
    let (mut trace, mut span) = ([0; 16], [0; 8]);
    clock.random(&mut trace);
    clock.random(&mut span);
    format!("00-{:032x}-{:016x}-01", u128::from_be_bytes(trace), u64::from_be_bytes(span))
}

/// Takes a verified delivery.
pub(super) async fn receive(state: Data<AppState>, hook: VerifiedHook) -> Result<HttpResponse, Refused> {
    let begun = hook.begun;
    let (tenant, kind, outcome) = (hook.hook.tenant, hook.kind, delivery(&state, hook));
    let label = outcome.outcome.as_str();
    let kept = state.intake.keep(outcome).await.map_err(|not_kept| refused(tenant, not_kept))?;
    let label = if kept == Kept::Repeated { "repeated" } else { label };
    metrics::counter!("backorders_webhooks_received_total", "host" => kind.as_str(), "outcome" => label).increment(1);
    metrics::histogram!("backorders_webhook_ack_seconds").record(begun.elapsed().as_secs_f64());
    Ok(HttpResponse::Ok().finish())
}

fn refused(tenant: TenantId, not_kept: NotKept) -> Refused {
    if not_kept == NotKept::Full {
        tracing::warn!(%tenant, "too many deliveries wait to be kept");
    }
    Refused::Unavailable
}

/// What is kept of it: the documents that it names, or, where it cannot be read, all of it.
fn delivery(state: &AppState, hook: VerifiedHook) -> Delivery {
    let read = host::changed_documents(hook.kind, &hook.hook.event, &hook.body);
    let (outcome, documents, detail) = match read {
        Ok(documents) if documents.is_empty() => (Outcome::Ignored, documents, None),
        Ok(documents) => (Outcome::Accepted, documents, None),
        Err(unreadable) => (Outcome::Unreadable, Vec::new(), Some(unreadable.0)),
    };
    let now = state.parts.clock.now();
    let settling = host::settling(hook.kind, &hook.body);
    Delivery {
        tenant: hook.hook.tenant,
        id: DeliveryId(state.parts.clock.new_id()),
        received_at: now,
        readable_at: now.checked_add(settling).unwrap_or(now),
        event: hook.hook.event,
        source_event_id: hook.message_id,
        outcome,
        documents,
        detail,
        body: (outcome == Outcome::Unreadable).then(|| hook.body.to_vec()),
        traceparent: Some(hook.traceparent.unwrap_or_else(|| new_trace(&*state.parts.clock))),
    }
}

/// Any other method (trust.md W16).
pub(super) async fn only_post() -> HttpResponse {
    HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, "POST")).finish()
}
