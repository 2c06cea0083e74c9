//! Who calls: passwords, API keys, and the web session in which a key is made, as Odoo's own page makes one.

use actix_web::cookie::Cookie;
use actix_web::web::{Data, Json, Path, ServiceConfig, get, post};
use actix_web::{HttpRequest, HttpResponse};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::kept::{Key, Series};
use super::rows::View;
use super::trouble::Trouble;
use super::wire;
use crate::sandbox::oauth::{self, Caller};
use crate::sandbox::shared::Shared;
use crate::sandbox::state::{Company, World};

const COOKIE: &str = "session_id";

/// How long a key lives where nothing else is said.
const DAYS: i64 = 90;

pub(in crate::sandbox) fn routes(config: &mut ServiceConfig) {
    config
        .route("/web/session/authenticate", post().to(authenticate))
        .route("/web/session/destroy", post().to(destroy))
        .route("/report/pdf/{report}/{id}", get().to(report))
        .route("/web/dataset/call_kw/{model}/{method}", post().to(call_kw));
}

/// The user of a login whose password or key that is.
pub(super) fn user_of(shared: &Shared, company: i64, login: &str, secret: &str) -> Option<i64> {
    let now = shared.now();
    shared.read(|world| {
        let company = world.company(company).ok()?;
        let user = company.users.iter().find(|user| user.email == login)?.id;
        is_secret(company, user, secret, now).then_some(user)
    })
}

fn is_secret(company: &Company, user: i64, secret: &str, now: Timestamp) -> bool {
    !secret.is_empty() && (company.odoo.password(user) == secret || company.odoo.key_of(secret, now) == Some(user))
}

pub(super) fn caller_by_secret(shared: &Shared, company: i64, user: i64, secret: &str) -> Option<Caller> {
    let now = shared.now();
    shared.read(|world| {
        let found = world.company(company).ok()?;
        is_secret(found, user, secret, now).then_some(Caller { company, role: found.user(user)?.role })
    })
}

pub(super) fn caller_by_key(shared: &Shared, company: i64, key: &str) -> Option<(i64, Caller)> {
    let now = shared.now();
    shared.read(|world| {
        let found = world.company(company).ok()?;
        let user = found.odoo.key_of(key, now)?;
        Some((user, Caller { company, role: found.user(user)?.role }))
    })
}

/// Gives a user a new key.
pub(in crate::sandbox) fn new_key(
    shared: &Shared,
    company: i64,
    user: i64,
    name: &str,
) -> Result<String, crate::sandbox::state::Refusal> {
    let (key, now) = (oauth::random_token(&*shared.clock), shared.now());
    shared.change_company(company, |company, _| {
        // On 17 keys do not end.
        let ends = match company.settings.odoo_series {
            Series::V17 => None,
            Series::V19 => now.checked_add(SignedDuration::from_hours(24 * DAYS)).ok(),
        };
        let id = company.odoo.next_id();
        company.odoo.keys.push(Key { id, user, name: name.to_owned(), key: key.clone(), ends });
        Ok(())
    })?;
    Ok(key)
}

fn result(value: &Value) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "jsonrpc": "2.0", "id": 1, "result": value }))
}

fn refused(trouble: &Trouble) -> HttpResponse {
    HttpResponse::Ok().json(trouble.over_rpc(Series::V19, &json!(1)).body)
}

async fn authenticate(shared: Data<Shared>, body: Json<Value>) -> HttpResponse {
    let text = |key: &str| body.pointer(&format!("/params/{key}")).and_then(Value::as_str).unwrap_or_default();
    let Some(company) = super::company_of(&shared, text("db")) else {
        return refused(&Trouble::no_database(text("db")));
    };
    // A key is no password here.
    let user = shared.read(|world| {
        let company = world.company(company).ok()?;
        let user = company.users.iter().find(|user| user.email == text("login"))?.id;
        (company.odoo.password(user) == text("password")).then_some(user)
    });
    let Some(user) = user else { return refused(&Trouble::denied()) };
    let cookie = oauth::random_token(&*shared.clock);
    let opened = shared.change_company(company, |company, _| {
        company.odoo.sessions.push((cookie.clone(), user));
        Ok(())
    });
    if opened.is_err() {
        return refused(&Trouble::denied());
    }
    let mut answer = result(&json!({ "uid": user, "db": text("db") }));
    // One that cannot be set is missed by whoever asked.
    let _ = answer.add_cookie(&Cookie::build(COOKIE, cookie).path("/").http_only(true).finish());
    answer
}

/// The company and user of the request's session.
fn of_session(world: &World, cookie: &str) -> Option<(i64, i64)> {
    let mut sessions = world
        .companies
        .iter()
        .flat_map(|company| company.odoo.sessions.iter().map(move |(known, user)| (company.id, known, *user)));
    sessions.find(|(_, known, _)| *known == cookie).map(|(company, _, user)| (company, user))
}

fn cookie(http: &HttpRequest) -> String {
    http.cookie(COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
}

async fn destroy(http: HttpRequest, shared: Data<Shared>) -> HttpResponse {
    let cookie = cookie(&http);
    let closed = shared.change(|world| {
        for company in &mut world.companies {
            company.odoo.sessions.retain(|(known, _)| *known != cookie);
        }
        Ok::<_, Trouble>(())
    });
    closed.map_or_else(|trouble| refused(&trouble), |()| result(&Value::Null))
}

/// A report as a PDF, for who has a session; else the page to sign in. A company without the program that prints gets a
/// failure, as Odoo answers then.
async fn report(http: HttpRequest, shared: Data<Shared>, path: Path<(String, i64)>) -> HttpResponse {
    let cookie = cookie(&http);
    let (report, id) = path.into_inner();
    let known = shared.read(|world| {
        let (company, _) = of_session(world, &cookie)?;
        let company = world.company(company).ok()?;
        Some((company.settings.odoo_prints, View::of(company).rows("sale.order").unwrap_or_default()))
    });
    let Some((prints, orders)) = known else {
        return HttpResponse::Ok().content_type("text/html").body("<html>Log in</html>");
    };
    let order = orders.iter().find(|row| row.get("id") == Some(&json!(id)));
    let (true, "sale.report_saleorder", Some(order)) = (prints, report.as_str(), order) else {
        return HttpResponse::InternalServerError().content_type("text/html").body("<html>wkhtmltopdf</html>");
    };
    let name = order.get("name").and_then(Value::as_str).unwrap_or_default();
    HttpResponse::Ok().content_type("application/pdf").body(format!("%PDF-1.4\n% {name} as Odoo prints it\n%%EOF\n"))
}

/// The calls by which the page makes a key: describe it, ask for it, answer the question for the password; then those
/// that list and take away.
async fn call_kw(
    http: HttpRequest,
    shared: Data<Shared>,
    path: Path<(String, String)>,
    body: Json<Value>,
) -> HttpResponse {
    let cookie = cookie(&http);
    let Some((company, user)) = shared.read(|world| of_session(world, &cookie)) else {
        return refused(&Trouble::denied());
    };
    let (model, method) = path.into_inner();
    let at = |place: &str| body.pointer(&format!("/params{place}")).cloned().unwrap_or(Value::Null);
    match (model.as_str(), method.as_str()) {
        ("res.users.apikeys.description", "create") => result(&json!([1])),
        ("res.users.apikeys.description", "make_key") => {
            result(&json!({ "type": "ir.actions.act_window", "res_model": "res.users.identitycheck", "res_id": 1 }))
        }
        ("res.users.identitycheck", "run_check") => {
            let given = at("/kwargs/context/password");
            let known = shared
                .read(|world| world.company(company).is_ok_and(|one| Some(one.odoo.password(user)) == given.as_str()));
            if !known {
                return refused(&Trouble::user(
                    "Incorrect Password, try again or click on Forgot Password to reset your password.",
                ));
            }
            match new_key(&shared, company, user, "Backorders") {
                Ok(key) => result(&json!({ "type": "ir.actions.act_window", "context": { "default_key": key } })),
                Err(refusal) => refused(&refusal.into()),
            }
        }
        ("res.users.apikeys", "search_read") => {
            let keys = shared.read(|world| world.company(company).map(|one| one.odoo.keys.clone()).unwrap_or_default());
            let row = |key: &Key| json!({ "id": key.id, "expiration_date": key.ends.map_or(json!(false), wire::time) });
            result(&keys.iter().rev().filter(|key| key.user == user).map(row).collect())
        }
        ("res.users.apikeys", "remove") => {
            let ids: Vec<i64> = at("/args/0").as_array().into_iter().flatten().filter_map(Value::as_i64).collect();
            let removed = shared.change_company(company, |company, _| {
                company.odoo.keys.retain(|key| key.user != user || !ids.contains(&key.id));
                Ok(())
            });
            removed.map_or_else(|refusal| refused(&refusal.into()), |()| result(&json!(true)))
        }
        (model, method) => refused(&Trouble::no_method(model, method)),
    }
}
