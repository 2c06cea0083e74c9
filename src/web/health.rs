//! What the platform asks: alive, ready, measured.
//!
//! Invariants: liveness asks nothing outside the process; readiness is the database, its schema and that we are not
//! stopping, never a host or a mail server.

use std::time::Duration;

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use super::AppState;
use super::security::caller;
use crate::db;

/// A database that takes longer than this for nothing is not ready (trust.md section 10).
const DATABASE_WITHIN: Duration = Duration::from_millis(500);

pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("alive\n")
}

pub(super) async fn ready(state: Data<AppState>) -> HttpResponse {
    let not = |why: &'static str| {
        HttpResponse::ServiceUnavailable().content_type("text/plain").body(format!("not ready: {why}\n"))
    };
    if *state.stopping.borrow() {
        return not("stopping");
    }
    let look = async { db::applied_version(&*state.parts.pool.get().await?).await };
    match tokio::time::timeout(DATABASE_WITHIN, look).await {
        Ok(Ok(version)) if version >= db::schema_version() => {
            HttpResponse::Ok().content_type("text/plain").body("ready\n")
        }
        Ok(Ok(_)) => not("the database's schema is older than this program"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            not("the database does not answer")
        }
        Err(_) => not("the database is slow"),
    }
}

/// For a scraper beside us: whoever calls from a public address, or through a proxy, finds nothing here.
pub(super) async fn metrics(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    let forwarded = request.headers().contains_key("x-forwarded-for");
    let near = caller(&state, &request).is_some_and(|address| match address {
        std::net::IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        std::net::IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    });
    match &state.parts.metrics {
        Some(handle) if near && !forwarded => {
            HttpResponse::Ok().content_type("text/plain; version=0.0.4").body(handle.render())
        }
        _ => super::error::not_found(&state, &request),
    }
}
