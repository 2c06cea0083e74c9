//! The OAuth consent page: a person picks who to be and allows the app to act.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::{Data, Form, Query};
use askama::Template;
use serde::Deserialize;

use crate::sandbox::shared::Shared;

#[derive(Deserialize)]
pub(in crate::sandbox) struct Asked {
    client_id: Option<String>,
    response_type: Option<String>,
    scope: Option<String>,
    state: Option<String>,
}

struct User {
    company: i64,
    id: i64,
    name: String,
    role: &'static str,
    checked: bool,
}

#[derive(Template)]
#[template(path = "sandbox/templates/consent.html", config = ".askama.toml")]
struct Page {
    companies: Vec<(String, Vec<User>)>,
    redirect_uri: String,
    state: String,
}

/// The page; without a client the address is the start of the sandbox's own pages.
pub(in crate::sandbox) async fn page(shared: Data<Shared>, asked: Query<Asked>) -> HttpResponse {
    let Some(client_id) = &asked.client_id else {
        return to("/sell");
    };
    let client = shared.read(|world| world.client.clone());
    if *client_id != client.client_id {
        return HttpResponse::BadRequest().body("This app is not registered.");
    }
    if asked.response_type.as_deref() != Some("code") || asked.scope.as_deref() != Some("write") {
        return HttpResponse::BadRequest().body("response_type must be code and scope must be write.");
    }
    let mut first = true;
    let companies = shared.read(|world| {
        let users = |company: &crate::sandbox::state::Company, first: &mut bool| {
            let user = |user: &crate::sandbox::state::User| User {
                company: company.id,
                id: user.id,
                name: user.name.clone(),
                role: user.role.as_str(),
                checked: user.role == crate::sandbox::state::Role::Administrator && std::mem::take(first),
            };
            company.users.iter().map(user).collect()
        };
        world.companies.iter().map(|company| (company.name.clone(), users(company, &mut first))).collect()
    });
    super::html(&Page { companies, redirect_uri: client.redirect_uri, state: asked.state.clone().unwrap_or_default() })
}

#[derive(Deserialize)]
pub(in crate::sandbox) struct Decision {
    /// `company:user`
    who: Option<String>,
    state: String,
    #[serde(rename = "decision")]
    answer: String,
}

/// Back to the app, with a code or with `access_denied`.
pub(in crate::sandbox) async fn allow(shared: Data<Shared>, form: Form<Decision>) -> HttpResponse {
    let redirect_uri = shared.read(|world| world.client.redirect_uri.clone());
    let Ok(mut target) = url::Url::parse(&redirect_uri) else {
        return HttpResponse::InternalServerError().body("The registered redirect address is not a URL.");
    };
    let who = form.who.as_deref().and_then(|who| who.split_once(':'));
    let who = who.and_then(|(company, user)| Some((company.parse().ok()?, user.parse().ok()?)));
    match (form.answer.as_str(), who) {
        ("allow", Some((company, user))) => {
            let known = shared.read(|world| world.company(company).is_ok_and(|one| one.user(user).is_some()));
            if !known {
                return HttpResponse::BadRequest().body("There is no such user.");
            }
            let code = shared.codes.issue(company, user, &*shared.clock);
            target.query_pairs_mut().append_pair("code", &code);
        }
        ("allow", None) => return HttpResponse::BadRequest().body("Pick a user."),
        _ => {
            target.query_pairs_mut().append_pair("error", "access_denied");
        }
    }
    if !form.state.is_empty() {
        target.query_pairs_mut().append_pair("state", &form.state);
    }
    to(target.as_str())
}

pub(super) fn to(target: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, target.to_owned())).finish()
}
