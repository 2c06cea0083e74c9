//! The language that somebody is spoken to in: chosen in the foot of each page, kept for the account and in a cookie.
//!
//! Invariants: the choice is the account's, else the cookie's, else the company's, else the browser's wish, else
//! English; choosing changes nothing but that, and leads back to a page of ours.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::cookie::Cookie;
use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};

use super::AppState;
use super::error::WebError;
use super::form::OwnForm;
use super::page::see;
use super::session::{Member, is_https, own_cookie};
use super::sign_in::own_path;
use crate::db::{self, person};
use crate::domain::settings::Settings;
use crate::wording::{Language, Words};

/// A choice is remembered for a year.
const LIFE: Duration = Duration::from_secs(365 * 24 * 3600);
/// Entries of a browser's wish that are looked at.
const MOST_WISHES: usize = 20;

/// Somebody who need not be signed in, and how they are spoken to.
#[derive(Debug, Clone)]
pub(super) struct Guest {
    pub(super) words: Words,
}

impl FromRequest for Guest {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self { words: of_anybody(request) }))
    }
}

fn name(state: &AppState) -> &'static str {
    if is_https(state) { "__Host-backorders-language" } else { "backorders-language" }
}

fn cookie(state: &AppState, language: Language) -> Cookie<'static> {
    own_cookie(state, name(state), language.as_str().to_owned(), LIFE)
}

/// What the cookie says.
fn chosen(request: &HttpRequest) -> Option<Language> {
    let state = request.app_data::<Data<AppState>>()?;
    Language::parse(request.cookie(name(state))?.value())
}

/// What the browser asks for, of what there is.
fn wished(request: &HttpRequest) -> Language {
    let wish = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    wish.and_then(of_wish).unwrap_or_default()
}

/// The language of the highest weight that there is: of `fr-CH, fr;q=0.9, en;q=0.8` French.
fn of_wish(wish: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for entry in wish.split(',').take(MOST_WISHES) {
        let (tag, parameter) = entry.split_once(';').map_or((entry, "q=1"), |(tag, rest)| (tag, rest.trim()));
        let language = tag.trim().split('-').next().map(str::to_ascii_lowercase);
        let Some(language) = language.as_deref().and_then(Language::parse) else { continue };
        let Some(weight) = parameter.strip_prefix("q=").and_then(weight) else { continue };
        if weight > best.map_or(0, |(best, _)| best) {
            best = Some((weight, language));
        }
    }
    best.map(|(_, language)| language)
}

/// Thousandths of `1`, `0.9`, `0.125`.
fn weight(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let digits = rest.len() <= 3 && rest.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths = format!("{rest:0<3}").parse::<u16>().ok().filter(|_| digits)?;
    match whole {
        "0" => Some(thousandths),
        "1" if thousandths == 0 => Some(1000),
        _ => None,
    }
}

/// How somebody who has not signed in is spoken to.
pub(super) fn of_anybody(request: &HttpRequest) -> Words {
    Words::of(chosen(request).unwrap_or_else(|| wished(request)))
}

/// How somebody of this company is spoken to.
pub(super) fn of_member(request: &HttpRequest, account: Option<Language>, company: &Settings) -> Words {
    Words::choose(account.or_else(|| chosen(request)), company, wished(request))
}

/// The page that was asked for, to come back to after a choice.
pub(super) fn at(request: &HttpRequest) -> String {
    let asked = (request.method() == Method::GET).then(|| request.uri().path_and_query().map(ToString::to_string));
    asked.flatten().unwrap_or_else(|| "/backorders".to_owned())
}

/// Takes the choice.
pub(super) async fn choose(
    state: Data<AppState>,
    request: HttpRequest,
    form: OwnForm,
) -> Result<HttpResponse, WebError> {
    let fields = form.0;
    let language = fields.get("language").and_then(Language::parse).ok_or(WebError::NotFound)?;
    match Member::extract(&request).await {
        Ok(member) => {
            let mut client = state.parts.pool.get().await?;
            let tx = client.transaction().await?;
            db::enter_tenant(&tx, member.tenant).await?;
            person::set_language(&tx, member.tenant, &member.person.id, language).await?;
            tx.commit().await?;
        }
        Err(WebError::SignedOut { .. }) => {}
        Err(error) => return Err(error),
    }
    let mut response = see(&fields.get("to").and_then(own_path).unwrap_or_else(|| "/backorders".to_owned()));
    response.add_cookie(&cookie(&state, language)).map_err(|_| WebError::NotFound)?;
    Ok(response)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_s_wish_is_heard() {
        assert_eq!(of_wish("fr-CH, fr;q=0.9, en;q=0.8"), Some(Language::Fr));
        assert_eq!(of_wish("nl, en;q=0.7, DE;q=0.8"), Some(Language::De));
        assert_eq!(of_wish("zh-CN"), Some(Language::Zh));
        assert_eq!(of_wish("de;q=0, es;q=0.1"), Some(Language::Es));
        for none in ["", "nl", "*", "de;q=2", "de;q=-1", "de;q=0.1234", "de;q=x", ";;;,,,", "de;q=0"] {
            assert_eq!(of_wish(none), None, "{none:?}");
        }
    }
}
