//! The sandbox's other wire face: Odoo 17 or 19, as its answers were recorded (`tests/data/odoo`).
//!
//! JSON-RPC for both, JSON-2 for 19. Records are the ERP's own documents in Odoo's fields (`rows`), beside those that
//! only an Odoo has (`kept`): fields, views and rules that an app adds, activities, notes, external ids.
//!
//! Invariants: JSON-RPC answers an error with HTTP 200; empty is `false`; times are naive UTC; a figure is a float with
//! a point; a call is answered from one state of the company and changes it in one step. On 17 a rule's delivery leaves
//! before the commit: until it has ended, the record is read as it was. Companies of one
//! database have its users, rules, views and external ids in common, and nothing else; a call is about the company that
//! its context names.

mod buy;
mod call;
mod fields;
mod hooks;
mod kept;
mod loose;
mod parties;
mod pickings;
mod procure;
mod purchase_rows;
mod receipts;
mod rows;
mod sale_rows;
mod search;
mod sell;
mod session;
mod trouble;
mod wire;

use serde_json::{Value, json};

use self::call::Call;
use self::trouble::Trouble;
use super::entry::{Answer, Request};
use super::oauth::Caller;
use super::shared::Shared;
use super::state::{Company, Refusal, World};

pub(super) use self::hooks::{Delivery, Uncommitted, deliveries};
pub(super) use self::kept::{Kept, Series};
pub(super) use self::session::{new_key, routes as session_routes};

/// How a company's database is called.
pub(super) fn database(company: &Company) -> String {
    format!("sandbox_{}", company.settings.odoo_database.unwrap_or(company.id))
}

/// The id of a company in its database.
pub(super) fn id_in_database(company: &Company) -> i64 {
    if company.settings.odoo_database.is_some() { 2 } else { 1 }
}

/// The first company of a database.
fn company_of(shared: &Shared, database: &str) -> Option<i64> {
    shared.read(|world| world.companies.iter().find(|one| self::database(one) == database).map(|one| one.id))
}

/// Puts a company into the database of another; gives its id there.
pub(super) fn add_company(world: &mut World, first: i64, other: Company) -> Result<i64, Refusal> {
    let beside = world.company(first)?.beside(other);
    let id = id_in_database(&beside);
    let home = world.company_mut(first)?;
    home.odoo.companies = [(id_in_database(home), home.name.clone()), (id, beside.name.clone())].into();
    world.companies.push(beside);
    Ok(id)
}

/// What one company of a database changed of what all of them have in common, all have.
pub(super) fn share(world: &mut World, before: &World) {
    if world.companies.iter().all(|one| one.settings.odoo_database.is_none()) {
        return;
    }
    let is_changed = |one: &&Company| match before.company(one.id) {
        Ok(was) => one.odoo.shares_else(&was.odoo) || one.users != was.users,
        Err(_) => false,
    };
    let Some(changed) = world.companies.iter().find(is_changed).cloned() else { return };
    for one in &mut world.companies {
        if one.id != changed.id && database(one) == database(&changed) {
            one.odoo.share(&changed.odoo);
            one.users.clone_from(&changed.users);
        }
    }
}

/// `/jsonrpc/purchase.order/load`: a call of JSON-RPC with what its body asks for.
pub(super) fn named_path(request: &Request) -> String {
    let params = request.body.as_ref().and_then(|body| body.get("params"));
    let Some(params) = params.filter(|_| request.path == "/jsonrpc") else { return request.path.clone() };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    let (mut of, mut method) = (text(params.get("service")), text(params.get("method")));
    if of == "object" {
        (of, method) = (text(params.pointer("/args/3")), text(params.pointer("/args/4")));
    }
    format!("/jsonrpc/{of}/{method}")
}

/// Who asked (where that is known), and the answer.
pub(super) fn respond(shared: &Shared, request: &Request) -> (Option<Caller>, Answer) {
    respond_from(shared, request, |company| company)
}

/// The same, mixed up: the caller gets what the company after its own would get.
pub(super) fn respond_as_other_company(shared: &Shared, request: &Request) -> (Option<Caller>, Answer) {
    respond_from(shared, request, |company| {
        let ids: Vec<i64> = shared.read(|world| world.companies.iter().map(|one| one.id).collect());
        ids.iter().copied().find(|id| *id > company).or(ids.first().copied()).unwrap_or(company)
    })
}

/// An error that was asked for: Odoo's own where it has one of that status, else a proxy's.
pub(super) fn error_on_request(shared: &Shared, request: &Request, status: u16, message: &str) -> Answer {
    match Trouble::with_status(status, message) {
        Some(trouble) if request.path == "/jsonrpc" => trouble.over_rpc(series(shared, request), &json!(1)),
        Some(trouble) => trouble.over_json2(),
        None => Answer { status, body: None },
    }
}

fn series(shared: &Shared, request: &Request) -> Series {
    let args = request.body.as_ref().and_then(|body| body.pointer("/params/args/0"));
    let company = args.and_then(Value::as_str).and_then(|database| company_of(shared, database));
    shared.read(|world| {
        let company = company.and_then(|id| world.company(id).ok()).or_else(|| world.companies.first());
        company.map_or(Series::default(), |company| company.settings.odoo_series)
    })
}

fn respond_from(shared: &Shared, request: &Request, of: impl Fn(i64) -> i64) -> (Option<Caller>, Answer) {
    if request.path == "/jsonrpc" {
        let body = request.body.as_ref().unwrap_or(&Value::Null);
        let (series, id) = (series(shared, request), body.get("id").cloned().unwrap_or(Value::Null));
        let Some(params) = body.get("params") else { return (None, Answer { status: 400, body: None }) };
        let (caller, outcome) = match params.get("service").and_then(Value::as_str) {
            Some("common") => (None, common(shared, series, params)),
            _ => object(shared, params, of),
        };
        let answer = match outcome {
            Ok(result) => Answer { status: 200, body: Some(json!({ "jsonrpc": "2.0", "id": id, "result": result })) },
            Err(trouble) => trouble.over_rpc(series, &id),
        };
        return (caller, answer);
    }
    let (caller, outcome) = json2(shared, request, of);
    let answer = match outcome {
        Ok(result) => Answer { status: 200, body: Some(result) },
        Err(trouble) => trouble.over_json2(),
    };
    (caller, answer)
}

/// The service that asks for no user.
fn common(shared: &Shared, series: Series, params: &Value) -> Result<Value, Trouble> {
    let text = |at: usize| params.pointer(&format!("/args/{at}")).and_then(Value::as_str).unwrap_or_default();
    match params.get("method").and_then(Value::as_str) {
        Some("version") => {
            let major = if series == Series::V17 { 17 } else { 19 };
            Ok(json!({
                "server_version": format!("{major}.0"), "server_version_info": [major, 0, 0, "final", 0, ""],
                "server_serie": format!("{major}.0"), "protocol_version": 1,
            }))
        }
        Some("authenticate" | "login") => {
            let company = company_of(shared, text(0)).ok_or_else(|| Trouble::no_database(text(0)))?;
            // Nobody is no error but false.
            Ok(session::user_of(shared, company, text(1), text(2)).map_or(json!(false), |user| json!(user)))
        }
        other => Err(Trouble::value(format!("no method {}", other.unwrap_or_default()))),
    }
}

/// `execute_kw`: the database, the user, the password or key, the model, the method, its arguments.
fn object(shared: &Shared, params: &Value, of: impl Fn(i64) -> i64) -> (Option<Caller>, Result<Value, Trouble>) {
    let at = |at: usize| params.pointer(&format!("/args/{at}"));
    let text = |one: usize| at(one).and_then(Value::as_str).unwrap_or_default();
    let Some(company) = company_of(shared, text(0)) else { return (None, Err(Trouble::no_database(text(0)))) };
    let user = at(1).and_then(Value::as_i64).unwrap_or_default();
    let Some(caller) = session::caller_by_secret(shared, company, user, text(2)) else {
        return (None, Err(Trouble::denied()));
    };
    let call = Call::by_position(text(3), text(4), at(5), at(6), user);
    let answer = |call: Call| call.answer(shared, of(call.company(shared, company)?), caller);
    (Some(caller), call.and_then(answer))
}

/// `/json/2/<model>/<method>` with a key in the header.
fn json2(shared: &Shared, request: &Request, of: impl Fn(i64) -> i64) -> (Option<Caller>, Result<Value, Trouble>) {
    let first = shared.read(|world| world.companies.first().map(|company| company.id));
    let company = match &request.database {
        Some(database) => company_of(shared, database),
        None => first,
    };
    let bearer = request.authorization.as_deref().unwrap_or_default();
    let key = bearer.get(..7).filter(|word| word.eq_ignore_ascii_case("bearer ")).map_or("", |_| &bearer[7..]);
    let Some((company, user, caller)) = company.and_then(|company| {
        let (user, caller) = session::caller_by_key(shared, company, key)?;
        Some((company, user, caller))
    }) else {
        return (None, Err(Trouble::denied()));
    };
    if shared.read(|world| world.company(company).is_ok_and(|one| one.settings.odoo_series == Series::V17)) {
        return (Some(caller), Err(Trouble::no_model("json/2")));
    }
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let [_, _, model, method] = parts[..] else {
        return (Some(caller), Err(Trouble::no_model(&request.path)));
    };
    let call = Call::by_name(model, method, request.body.as_ref(), user);
    let answer = |call: Call| call.answer(shared, of(call.company(shared, company)?), caller);
    (Some(caller), call.and_then(answer))
}
