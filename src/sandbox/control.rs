//! The control API below `/sandbox`: what a person does on the pages, and what only a test or demo does.
//!
//! All bodies are JSON. `company` may be left out everywhere (the first one is meant). Items may be named by code, SKU
//! or name, partners and warehouses by code or name; lines by code, id or item.

mod make;

use actix_web::web::{Data, Json, Query, ServiceConfig, delete, get, post};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::faults::Fault;
use super::shared::Shared;
use super::state::{CompanySettings, Refusal};

type Answer = Result<Json<Value>, Refused>;

/// A refusal as an HTTP answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct Refused(Refusal);

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self(refusal)
    }
}

impl ResponseError for Refused {
    fn error_response(&self) -> HttpResponse {
        let body = json!({ "error": self.0.to_string() });
        match self.0 {
            Refusal::Missing(_) => HttpResponse::NotFound().json(body),
            Refusal::Forbidden(_) => HttpResponse::Forbidden().json(body),
            Refusal::Invalid(_) | Refusal::Fields(_) => HttpResponse::BadRequest().json(body),
        }
    }
}

pub(super) fn bad_json(error: actix_web::error::JsonPayloadError, _: &HttpRequest) -> actix_web::Error {
    let answer = HttpResponse::BadRequest().json(json!({ "error": error.to_string() }));
    actix_web::error::InternalError::from_response(error, answer).into()
}

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/sandbox/state", get().to(state))
        .route("/sandbox/requests", get().to(requests))
        .route("/sandbox/requests", delete().to(forget_requests))
        .route("/sandbox/deliveries", get().to(deliveries))
        .route("/sandbox/deliveries", delete().to(forget_deliveries))
        .route("/sandbox/faults", get().to(faults))
        .route("/sandbox/faults", post().to(add_fault))
        .route("/sandbox/faults", delete().to(clear_faults))
        .route("/sandbox/hooks", get().to(hook_settings))
        .route("/sandbox/hooks", post().to(set_hook_settings))
        .route("/sandbox/hooks", delete().to(lose_hooks))
        .route("/sandbox/settings", post().to(settings))
        .route("/sandbox/client", post().to(client))
        .route("/sandbox/tokens", post().to(tokens))
        .route("/sandbox/expire-tokens", post().to(expire_tokens))
        .route("/sandbox/odoo", post().to(odoo_access))
        .route("/sandbox/odoo/companies", post().to(add_odoo_company))
        .configure(make::routes);
}

/// The whole state; a restart with this as its state file would go on from here.
async fn state(shared: Data<Shared>) -> Answer {
    let state =
        shared.read(|world| serde_json::to_value(world)).map_err(|error| Refusal::invalid(error.to_string()))?;
    Ok(Json(state))
}

async fn requests(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(shared.requests())
}

async fn forget_requests(shared: Data<Shared>) -> HttpResponse {
    shared.forget_requests();
    HttpResponse::NoContent().finish()
}

async fn deliveries(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(shared.hooks.deliveries())
}

async fn forget_deliveries(shared: Data<Shared>) -> HttpResponse {
    shared.hooks.clear();
    HttpResponse::NoContent().finish()
}

async fn faults(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(shared.faults.list())
}

/// By way of a JSON value, because a number in a tagged enum must be one already.
fn read<T: serde::de::DeserializeOwned>(body: Value) -> Result<T, Refusal> {
    serde_json::from_value(body).map_err(|error| Refusal::invalid(error.to_string()))
}

async fn add_fault(shared: Data<Shared>, body: Json<Value>) -> Answer {
    let fault: Fault = read(body.into_inner())?;
    shared.faults.add(fault);
    Ok(Json(json!({ "faults": shared.faults.list().len() })))
}

async fn clear_faults(shared: Data<Shared>) -> HttpResponse {
    shared.faults.clear();
    HttpResponse::NoContent().finish()
}

async fn hook_settings(shared: Data<Shared>) -> HttpResponse {
    HttpResponse::Ok().json(shared.read(|world| world.hook_settings.clone()))
}

/// Replaces the settings; what is left out is as it is by default.
async fn set_hook_settings(shared: Data<Shared>, body: Json<Value>) -> Answer {
    let settings = read(body.into_inner())?;
    shared.change(|world| {
        world.hook_settings = settings;
        Ok::<_, Refusal>(())
    })?;
    Ok(Json(json!({})))
}

/// Every registered hook is gone, as after somebody tidied up.
async fn lose_hooks(shared: Data<Shared>) -> Answer {
    shared.change(|world| {
        world.webhooks.clear();
        for company in &mut world.companies {
            company.odoo.forget("base.automation");
        }
        Ok::<_, Refusal>(())
    })?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct Settings {
    company: Option<i64>,
    token_life_seconds: Option<i64>,
    #[serde(flatten)]
    rest: serde_json::Map<String, Value>,
}

/// Changes what is named of the company's settings, and the life of access tokens.
async fn settings(shared: Data<Shared>, body: Json<Value>) -> Answer {
    let asked: Settings = read(body.into_inner())?;
    let now = shared.change(|world| {
        if let Some(seconds) = asked.token_life_seconds {
            world.token_life_seconds = seconds;
        }
        let id = make::company_id(world, asked.company)?;
        let company = world.company_mut(id)?;
        let mut settings =
            serde_json::to_value(&company.settings).map_err(|error| Refusal::invalid(error.to_string()))?;
        if let Some(members) = settings.as_object_mut() {
            members.extend(asked.rest);
        }
        company.settings = read::<CompanySettings>(settings.clone())?;
        Ok::<_, Refusal>(settings)
    })?;
    Ok(Json(now))
}

/// Changes the app that is registered: `client_id`, `client_secret`, `redirect_uri`.
async fn client(shared: Data<Shared>, body: Json<Value>) -> Answer {
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    shared.change(|world| {
        let client = &mut world.client;
        client.client_id = text("client_id").unwrap_or_else(|| client.client_id.clone());
        client.client_secret = text("client_secret").unwrap_or_else(|| client.client_secret.clone());
        client.redirect_uri = text("redirect_uri").unwrap_or_else(|| client.redirect_uri.clone());
        Ok::<_, Refusal>(())
    })?;
    Ok(Json(json!({})))
}

#[derive(Deserialize)]
struct Who {
    company: Option<i64>,
    user: Option<i64>,
}

/// A code as the consent page gives one (`user`: the Administrator, if left out), to be exchanged for tokens.
async fn tokens(shared: Data<Shared>, who: Query<Who>) -> Answer {
    let (company, user) = shared.read(|world| {
        let id = make::company_id(world, who.company)?;
        let company = world.company(id)?;
        let administrator = company.users.iter().find(|user| user.role == super::state::Role::Administrator);
        let user = who.user.or(administrator.map(|user| user.id)).ok_or_else(|| Refusal::missing("a user"))?;
        Ok::<_, Refusal>((id, user))
    })?;
    Ok(Json(json!({ "code": shared.codes.issue(company, user, &*shared.clock) })))
}

/// How to connect to the Odoo face: database, login and a new API key (`user`: the Administrator, if left out).
async fn odoo_access(shared: Data<Shared>, who: Query<Who>) -> Answer {
    let (company, user, login) = shared.read(|world| {
        let id = make::company_id(world, who.company)?;
        let company = world.company(id)?;
        let administrator = company.users.iter().find(|user| user.role == super::state::Role::Administrator);
        let user = who.user.and_then(|id| company.user(id)).or(administrator);
        let user = user.ok_or_else(|| Refusal::missing("a user"))?;
        Ok::<_, Refusal>((id, user.id, user.email.clone()))
    })?;
    let key = super::odoo::new_key(&shared, company, user, "Control")?;
    let database = shared.read(|world| world.company(company).map(super::odoo::database))?;
    Ok(Json(json!({ "database": database, "login": login, "key": key })))
}

#[derive(Deserialize)]
struct NewCompany {
    company: Option<i64>,
    name: String,
}

/// Adds a company, with stock and partners as the seed has them, to the database of another.
async fn add_odoo_company(shared: Data<Shared>, asked: Json<NewCompany>) -> Answer {
    let now = shared.now();
    let (company, id) = shared.change(|world| {
        let first = make::company_id(world, asked.company)?;
        let company = world.companies.iter().map(|one| one.id).max().unwrap_or(first) + 1;
        let made = super::state::seeded_company(company, &asked.name, now);
        Ok::<_, Refusal>((company, super::odoo::add_company(world, first, made)?))
    })?;
    Ok(Json(json!({ "company": company, "id": id })))
}

/// All access tokens of before now are withdrawn; refresh tokens stay good.
async fn expire_tokens(shared: Data<Shared>) -> Answer {
    let now = shared.now();
    shared.change(|world| {
        world.tokens_valid_from = now;
        for company in &mut world.companies {
            company.odoo.keys.clear();
        }
        Ok::<_, Refusal>(())
    })?;
    Ok(Json(json!({})))
}
