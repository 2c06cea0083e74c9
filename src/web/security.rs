//! What every answer says to browsers, and who is calling.
//!
//! Invariants: no page of ours is kept by a cache, framed by a stranger or told to another site; hooks and health
//! answers carry nothing but what a machine needs.

use std::net::IpAddr;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::AppState;

/// Styles and forms of our own only; nothing is loaded from elsewhere, nothing frames us. (The session's cookie is
/// `SameSite=Lax`: in a frame of another site nobody would be signed in.)
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
    script-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Bytes of all headers of a request; browsers and hosts send a tenth of it.
const HEAD_BYTES: usize = 32 << 10;

/// Adds the headers, and takes no request with more of its own than anybody needs; a middleware.
pub(super) async fn headers<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    let head: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if head > HEAD_BYTES {
        let refused = HttpResponse::RequestHeaderFieldsTooLarge().force_close().finish();
        return Err(InternalError::from_response("a head too large", refused).into());
    }
    let is_static = request.path().starts_with("/static/");
    let https = request.app_data::<Data<AppState>>().is_some_and(|state| state.settings.public_url.scheme() == "https");
    let mut response = next.call(request).await?;
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    };
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    set(header::CACHE_CONTROL, if is_static { "public, max-age=3600" } else { "no-store" });
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
    if https {
        set(header::STRICT_TRANSPORT_SECURITY, "max-age=31536000; includeSubDomains");
    }
    Ok(response)
}

/// The network address of who calls: of the connection, or what our own proxy says of it.
pub(super) fn caller(state: &AppState, request: &HttpRequest) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    let ours = |address: &IpAddr| state.settings.trusted_proxies.iter().any(|range| range.contains(address));
    if !ours(&peer) {
        return Some(peer);
    }
    // the last entry that is not one of our proxies was written by one of them; those before it anybody can write
    let forwarded = request.headers().get_all(HeaderName::from_static("x-forwarded-for"));
    let chain: Vec<IpAddr> = forwarded
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|entry| entry.trim().parse().ok())
        .collect();
    chain.into_iter().rev().find(|address| !ours(address)).or(Some(peer))
}
