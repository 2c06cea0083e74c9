//! What goes wrong in a request, by what the other side is told.
//!
//! Invariants: one exhaustive match decides status, code and text; what happened inside is logged, never shown; a
//! hook gets an empty body.

use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use thiserror::Error;

use super::AppState;
use super::security::caller;
use crate::db::DbError;

/// A request that cannot be answered as it was meant.
#[derive(Debug, Error)]
pub(super) enum WebError {
    /// There is nothing here, or nothing that may be seen.
    #[error("not found")]
    NotFound,
    /// Sign in first.
    #[error("not signed in")]
    SignedOut {
        /// The page that was asked for.
        next: Option<String>,
    },
    /// Signed in, but this is for administrators.
    #[error("for administrators only")]
    Administrators,
    /// A form that does not come from a page of ours.
    #[error("a form of another site")]
    ForeignForm,
    /// What was entered cannot be; the text says what to do.
    #[error("{0}")]
    Invalid(String),
    /// Somebody else saved meanwhile; the text says what to do.
    #[error("{0}")]
    Conflict(String),
    /// The host did not do its part; the text says what.
    #[error("the host: {0}")]
    Host(String),
    #[error(transparent)]
    Db(DbError),
    #[error("a page could not be written: {0}")]
    Template(#[from] askama::Error),
}

/// What a person reads.
struct Said {
    status: StatusCode,
    title: &'static str,
    text: String,
}

#[derive(Template)]
#[template(path = "web/templates/error.html", config = ".askama.toml")]
struct ErrorPage {
    title: &'static str,
    text: String,
    /// The link to sign in.
    sign_in: Option<String>,
}

impl WebError {
    fn said(&self) -> Said {
        let said = |status, title, text: &str| Said { status, title, text: text.to_owned() };
        match self {
            Self::NotFound => said(StatusCode::NOT_FOUND, "Nothing here", "This address does not exist, or no longer."),
            Self::SignedOut { .. } => {
                said(StatusCode::UNAUTHORIZED, "Please sign in", "You are not signed in, or were away for too long.")
            }
            Self::Administrators => {
                said(StatusCode::FORBIDDEN, "For administrators", "Only an administrator of your company can do this.")
            }
            Self::ForeignForm => said(
                StatusCode::FORBIDDEN,
                "Please try again",
                "This form was not sent from a page of this app, or the page was open for too long. Nothing was changed. Go back, reload the page and try again.",
            ),
            Self::Invalid(text) => said(StatusCode::BAD_REQUEST, "That cannot be", text),
            Self::Conflict(text) => said(StatusCode::CONFLICT, "Somebody was quicker", text),
            Self::Host(text) => said(StatusCode::BAD_GATEWAY, "Your ERP did not answer as expected", text),
            Self::Db(error) if error.is_transient() => said(
                StatusCode::SERVICE_UNAVAILABLE,
                "One moment",
                "The database does not answer. Nothing was lost; try again in a moment.",
            ),
            Self::Db(_) | Self::Template(_) => said(
                StatusCode::INTERNAL_SERVER_ERROR,
                "Something is broken here",
                "It is our mistake, not yours, and it has been logged. Nothing was changed.",
            ),
        }
    }
}

impl From<DbError> for WebError {
    fn from(error: DbError) -> Self {
        Self::Db(error)
    }
}

impl From<tokio_postgres::Error> for WebError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Db(error.into())
    }
}

impl From<deadpool_postgres::PoolError> for WebError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Db(error.into())
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        self.said().status
    }

    fn error_response(&self) -> HttpResponse {
        let said = self.said();
        if said.status.is_server_error() {
            tracing::error!(error = %self, status = said.status.as_u16(), "a request failed");
        }
        let mut response = HttpResponse::build(said.status);
        if said.status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, HeaderValue::from_static("5")));
        }
        let sign_in = match self {
            Self::SignedOut { next } => {
                let next = next.as_deref().unwrap_or("/backorders");
                Some(format!(
                    "/connect?next={}",
                    url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>()
                ))
            }
            _ => None,
        };
        let page = ErrorPage { title: said.title, text: said.text, sign_in };
        match page.render() {
            Ok(html) => response.content_type("text/html; charset=utf-8").body(html),
            Err(_) => response.finish(),
        }
    }
}

/// An address that does not exist: the same answer, empty, whatever was asked; slowed down for who asks a lot. A person
/// who followed a link reads a page.
pub(super) async fn nothing_here(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    let answer = not_found(&state, &request);
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let person = request.method() == Method::GET && accepted.contains("text/html");
    if person && answer.status() == StatusCode::NOT_FOUND { WebError::NotFound.error_response() } else { answer }
}

/// The one answer to what does not exist, hooks included.
pub(super) fn not_found(state: &AppState, request: &HttpRequest) -> HttpResponse {
    let known = caller(state, request).is_none_or(|address| state.strangers.check_key(&address).is_ok());
    if !known {
        return HttpResponse::TooManyRequests().insert_header((header::RETRY_AFTER, "5")).finish();
    }
    HttpResponse::NotFound().finish()
}
