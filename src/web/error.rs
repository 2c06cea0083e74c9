//! What goes wrong in a request, by what the other side is told.
//!
//! Invariants: an exhaustive match decides the status, another what a person reads; what happened inside is logged, never shown; a
//! hook gets an empty body.

use std::borrow::Cow;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use thiserror::Error;

use super::security::caller;
use super::{AppState, language};
use crate::db::DbError;
use crate::wording::Words;

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

#[derive(Template)]
#[template(path = "web/templates/error.html", config = ".askama.toml")]
struct ErrorPage<'a> {
    words: Words,
    title: String,
    text: Cow<'a, str>,
    /// The link to sign in.
    sign_in: Option<String>,
}

impl WebError {
    /// What a person reads.
    fn page(&self, words: Words) -> ErrorPage<'_> {
        let (title, text) = match self {
            Self::NotFound => (words.say("error-not-found"), Ok(words.say("error-not-found-text"))),
            Self::SignedOut { .. } => (words.say("error-signed-out"), Ok(words.say("error-signed-out-text"))),
            Self::Administrators => (words.say("error-administrators"), Ok(words.say("error-administrators-text"))),
            Self::ForeignForm => (words.say("error-foreign-form"), Ok(words.say("error-foreign-form-text"))),
            Self::Invalid(text) => (words.say("error-invalid"), Err(text)),
            Self::Conflict(text) => (words.say("error-conflict"), Err(text)),
            Self::Host(text) => (words.say("error-host"), Err(text)),
            Self::Db(error) if error.is_transient() => (words.say("error-moment"), Ok(words.say("error-moment-text"))),
            Self::Db(_) | Self::Template(_) => (words.say("error-broken"), Ok(words.say("error-broken-text"))),
        };
        let sign_in = match self {
            Self::SignedOut { next } => {
                let next = next.as_deref().unwrap_or("/backorders").as_bytes();
                Some(format!("/connect?next={}", url::form_urlencoded::byte_serialize(next).collect::<String>()))
            }
            _ => None,
        };
        let text = text.map_or_else(|given| Cow::Borrowed(given.as_str()), |said| Cow::Owned(said.to_string()));
        ErrorPage { words, title: title.to_string(), text, sign_in }
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
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignedOut { .. } => StatusCode::UNAUTHORIZED,
            Self::Administrators | Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::Invalid(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Host(_) => StatusCode::BAD_GATEWAY,
            Self::Db(error) if error.is_transient() => StatusCode::SERVICE_UNAVAILABLE,
            Self::Db(_) | Self::Template(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Without its page: [`with_page`] knows the language.
    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        if status.is_server_error() {
            tracing::error!(error = %self, status = status.as_u16(), "a request failed");
        }
        let mut response = HttpResponse::build(status);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.insert_header((header::RETRY_AFTER, HeaderValue::from_static("5")));
        }
        response.content_type("text/html; charset=utf-8").finish()
    }
}

/// Gives errors their page, in the language of whoever asked; a middleware.
pub(super) async fn with_page<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let response = next.call(request).await?.map_into_boxed_body();
    let page = response.response().error().and_then(|error| error.as_error::<WebError>()).and_then(|error| {
        let known = response.request().extensions().get::<Words>().copied();
        error.page(known.unwrap_or_else(|| language::of_anybody(response.request()))).render().ok()
    });
    Ok(match page {
        Some(page) => response.map_body(|_, _| BoxBody::new(page)),
        None => response,
    })
}

/// An address that does not exist: the same answer, empty, whatever was asked; slowed down for who asks a lot. A person
/// who followed a link reads a page.
pub(super) async fn nothing_here(state: Data<AppState>, request: HttpRequest) -> HttpResponse {
    let answer = not_found(&state, &request);
    let accepted = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let person = request.method() == Method::GET && accepted.contains("text/html");
    if person && answer.status() == StatusCode::NOT_FOUND {
        HttpResponse::from_error(WebError::NotFound)
    } else {
        answer
    }
}

/// The one answer to what does not exist, hooks included.
pub(super) fn not_found(state: &AppState, request: &HttpRequest) -> HttpResponse {
    let known = caller(state, request).is_none_or(|address| state.strangers.admits(address));
    if !known {
        return HttpResponse::TooManyRequests().insert_header((header::RETRY_AFTER, "5")).finish();
    }
    HttpResponse::NotFound().finish()
}
