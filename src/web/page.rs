//! What all pages have in common: the frame around them and our own files.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;
use askama::Template;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio_postgres::Transaction;

use super::error::WebError;
use super::session::Member;
use super::text;
use crate::db::settings::StoredSettings;
use crate::db::{connection, counts, settings};
use crate::domain::settings::Mode;
use crate::wording::Words;

const STYLE: &str = include_str!("static/style.css");
const PREVIEW: &str = include_str!("static/preview.js");
const LIST: &str = include_str!("static/list.js");
/// Days after which a company that watches is asked how it goes on.
const WATCHED_DAYS: i64 = 7;
const ICON: &str = include_str!("../../manifest/icon.svg");

/// What stands around each page of somebody who is signed in.
pub(super) struct Frame {
    /// The language and form that the page is written in.
    pub(super) words: Words,
    /// The page itself, to come back to when another language was chosen.
    pub(super) at: String,
    pub(super) company: String,
    pub(super) person: String,
    pub(super) form_token: String,
    /// The page's entry in the navigation.
    pub(super) here: &'static str,
    /// How many decisions wait; none: nothing does.
    pub(super) waiting: Option<String>,
    /// Why nothing happens now, if so.
    pub(super) banner: Option<String>,
    /// What is said while nothing is done, if so.
    pub(super) watching: Option<String>,
    pub(super) said: Option<String>,
}

/// The frame, and what its page needs as well.
pub(super) struct Ground {
    pub(super) frame: Frame,
    pub(super) settings: StoredSettings,
    pub(super) connection: connection::StoredConnection,
    pub(super) zone: TimeZone,
    /// The company's day.
    pub(super) today: Date,
}

/// Reads what stands around a page.
pub(super) async fn ground(tx: &Transaction<'_>, member: &Member, here: &'static str) -> Result<Ground, WebError> {
    let settings = settings::load(tx, member.tenant, false).await?;
    let connection = connection::find(tx, member.tenant).await?.ok_or(WebError::NotFound)?;
    let waiting = counts::waiting(tx, member.tenant).await?;
    let words = member.words;
    let banner = match connection.state.as_str() {
        "revoked" => {
            let reason = connection.state_reason.as_deref().map(|reason| words.problem(reason));
            let reason = reason.unwrap_or_else(|| words.say("frame-no-reason").into());
            Some(words.say("frame-revoked").with("reason", reason).into())
        }
        "disconnected" => Some(words.say("frame-disconnected").into()),
        _ if settings.settings.paused || connection.state == "paused" => Some(words.say("frame-paused").into()),
        _ => connection
            .last_sweep_error
            .as_ref()
            .map(|error| words.say("frame-check-failed").with("error", words.problem(error)).into()),
    };
    let frame = Frame {
        words: member.words,
        at: member.at.clone(),
        company: settings.company.clone(),
        person: member.name().to_owned(),
        form_token: member.form_token.clone(),
        here,
        waiting: (waiting > 0).then(|| text::counted(words, waiting)),
        banner,
        watching: (settings.settings.mode == Mode::Watch).then(|| watching(words, connection.connected_at, member.now)),
        said: None,
    };
    let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
    let today = member.now.to_zoned(zone.clone()).date();
    Ok(Ground { frame, settings, connection, zone, today })
}

/// What a company reads that watches. After a week it is asked how it goes on; nothing switches by itself.
fn watching(words: Words, since: Timestamp, now: Timestamp) -> String {
    let days = now.duration_since(since).as_hours() / 24;
    if days < WATCHED_DAYS {
        return words.say("frame-watching").into();
    }
    words.say("frame-watched").with("days", days).into()
}

/// A page as an answer.
pub(super) fn html(page: &impl Template) -> Result<HttpResponse, WebError> {
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page.render()?))
}

/// Where to go after something was done; GET, so that reloading does not do it again.
pub(super) fn see(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// A file of ours.
pub(super) async fn asset(name: Path<String>) -> Result<HttpResponse, WebError> {
    match name.as_str() {
        "style.css" => Ok(HttpResponse::Ok().content_type("text/css; charset=utf-8").body(STYLE)),
        "preview.js" => Ok(HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(PREVIEW)),
        "list.js" => Ok(HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(LIST)),
        "icon.svg" => Ok(HttpResponse::Ok().content_type("image/svg+xml").body(ICON)),
        _ => Err(WebError::NotFound),
    }
}
