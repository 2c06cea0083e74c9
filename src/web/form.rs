//! What a form of ours sent.
//!
//! Invariant: nothing is acted on unless the browser says that the form is of this site, and the form carries the
//! token of the session that it is sent with (trust.md attack 76).

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::{Data, Form};
use actix_web::{FromRequest, HttpRequest};

use super::AppState;
use super::error::WebError;
use super::session::Member;
use crate::secret::constant_time_eq;

/// The fields, in the order in which they stood.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl From<Vec<(String, String)>> for Fields {
    fn from(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
}

impl Fields {
    #[cfg(test)]
    pub(super) fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first of that name, without white space around it; None when it is not there or empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.trim());
        found.into_iter().find(|value| !value.is_empty())
    }

    /// As [`Self::get`], but also what is empty.
    pub(super) fn sent(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// All of them, to be sent again.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        self.0.clone()
    }

    /// All of that name that are not empty.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim()).filter(|v| !v.is_empty())
    }
}

/// A form of this site, from anybody: for pages that need no session.
#[derive(Debug)]
pub(super) struct OwnForm(pub(super) Fields);

impl FromRequest for OwnForm {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let own = is_own(request);
        let form = Form::<Vec<(String, String)>>::from_request(request, payload);
        Box::pin(async move {
            if !own {
                return Err(WebError::ForeignForm);
            }
            // a body of another type is no form of ours
            let fields = form.await.map_err(|_| WebError::ForeignForm)?;
            Ok(Self(Fields(fields.into_inner())))
        })
    }
}

/// A form of somebody who is signed in, checked.
#[derive(Debug)]
pub(super) struct Posted {
    pub(super) member: Member,
    pub(super) fields: Fields,
}

impl FromRequest for Posted {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let form = OwnForm::from_request(request, payload);
        let member = Member::from_request(request, &mut Payload::None);
        Box::pin(async move {
            let fields = form.await?.0;
            let member = member.await?;
            let token = fields.get("form_token").unwrap_or_default();
            if !constant_time_eq(token.as_bytes(), member.form_token.as_bytes()) {
                return Err(WebError::ForeignForm);
            }
            Ok(Self { member, fields })
        })
    }
}

/// Whether the browser says that the request comes from a page of ours. Browsers that do not say so send an origin;
/// with our referrer policy it may be `null`, and the form's token decides.
fn is_own(request: &HttpRequest) -> bool {
    let text = |name: header::HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text(header::HeaderName::from_static("sec-fetch-site")) {
        return matches!(site, "same-origin" | "none");
    }
    let Some(state) = request.app_data::<Data<AppState>>() else { return false };
    match text(header::ORIGIN) {
        None | Some("null") => true,
        Some(origin) => origin == state.settings.public_url.origin().ascii_serialization(),
    }
}
