//! The sandbox's own pages: plain forms, server-rendered, without scripts.

mod consent;

use actix_web::HttpResponse;
use actix_web::web::{ServiceConfig, get, post};
use askama::Template;

pub(super) fn routes(config: &mut ServiceConfig) {
    config.route("/", get().to(consent::page)).route("/allow", post().to(consent::allow));
}

/// A page, or a plain error if it cannot be written.
pub(super) fn html(page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(text) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(text),
        Err(error) => HttpResponse::InternalServerError().body(error.to_string()),
    }
}
