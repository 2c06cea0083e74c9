//! The sandbox's wire face: the documented subset of Deskera Books' API.
//!
//! Invariants: every answer has the shape that `manifest/deskera/openapi.yaml` gives it; nothing is answered without a
//! good access token; a call is answered from one state of the company and changes it in one step; faults that were
//! asked for strike here and nowhere else.

mod call;
mod email;
mod inventory;
mod invoices;
mod listing;
mod masters;
mod order_request;
mod products;
mod purchase_orders;
mod quotations;
mod receipts;
mod reports;
mod sales;
mod sales_orders;
mod webhooks;
mod wire;

use serde_json::{Value, json};

use self::call::{Call, Outcome, Route};
use super::entry::{Answer, Request};
use super::oauth::{self, Caller, TokenRefusal, TokenRequest};
use super::shared::Shared;
use super::state::Refusal;

/// Countries that have a path of their own for each document: `/v1/orders/purchase/in` …
const COUNTRY_TWINS: [&str; 14] = ["ae", "au", "be", "ca", "de", "id", "il", "in", "my", "nl", "nz", "ph", "sa", "uk"];

/// Who asked (where that is known), and the answer.
pub(super) fn respond(shared: &Shared, request: &Request) -> (Option<Caller>, Answer) {
    if (request.method.as_str(), request.path.as_str()) == ("POST", "/v2/oauth/token") {
        return (None, token(shared, request));
    }
    match caller(shared, request) {
        Some(caller) => (Some(caller), respond_to(shared, caller, request)),
        None => (None, gateway_error(401, "Unauthorized", &request.path)),
    }
}

/// The same, mixed up: the caller gets what the company after its own would get.
pub(super) fn respond_as_other_company(shared: &Shared, request: &Request) -> (Option<Caller>, Answer) {
    let Some(caller) = caller(shared, request) else { return respond(shared, request) };
    let ids: Vec<i64> = shared.read(|world| world.companies.iter().map(|one| one.id).collect());
    let next = ids.iter().copied().find(|id| *id > caller.company).or(ids.first().copied());
    let other = Caller { company: next.unwrap_or(caller.company), ..caller };
    (Some(caller), respond_to(shared, other, request))
}

fn caller(shared: &Shared, request: &Request) -> Option<Caller> {
    let token = request.access_token.as_deref()?;
    shared.read(|world| oauth::caller(world, token, shared.now()))
}

fn respond_to(shared: &Shared, caller: Caller, request: &Request) -> Answer {
    let outcome = match &request.body {
        Some(body) => answer(shared, caller, request, body),
        None => Err(Refusal::invalid("the body is not JSON")),
    };
    outcome.unwrap_or_else(|refusal| refused(&refusal, &request.path))
}

fn answer(shared: &Shared, caller: Caller, request: &Request, body: &Value) -> Outcome {
    let call = Call { query: &request.query, body, now: shared.now() };
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    let path = without_country(&path);
    match (request.method.as_str(), path.as_slice()) {
        ("GET", ["v1", "iam", "token", "app", "validate"]) => return call::done(),
        ("GET", ["v1", "webhooks"]) => return shared.read(|world| webhooks::list(world, caller)),
        ("POST", ["v1", "webhooks", "register"]) => {
            check_role(caller, "webhooks")?;
            return shared.change(|world| webhooks::register(world, caller, &call));
        }
        ("DELETE", ["v1", "webhooks", "delete", id]) => {
            check_role(caller, "webhooks")?;
            return shared.change(|world| webhooks::delete(world, caller, id));
        }
        _ => {}
    }
    match route(&request.method, &path) {
        Some(Route::Read(handler, key)) => shared.read(|world| handler(world.company(caller.company)?, &call, key)),
        Some(Route::Write(resource, handler, key)) => {
            check_role(caller, resource)?;
            shared.change_company(caller.company, |company, _| handler(company, &call, key))
        }
        None => Ok(gateway_error(404, "Not Found", &request.path)),
    }
}

/// All paths, by their first words; each table is in the file that it names.
fn route<'a>(method: &str, path: &[&'a str]) -> Option<Route<'a>> {
    match path {
        ["v1", "orders", "purchase", rest @ ..] => purchase_orders::route(method, rest),
        ["v1", "orders", "sales", rest @ ..] => sales_orders::route(method, rest),
        ["v1", "invoices", "sales", rest @ ..] => invoices::route(method, rest),
        ["v1", "invoices", rest @ ..] => email::route(method, rest),
        ["v1", "quotations", rest @ ..] => quotations::route(method, rest),
        ["v1", "products", "inventories", rest @ ..] | ["v1", "inventories", rest @ ..] => {
            inventory::route(method, rest)
        }
        ["v1", "products", rest @ ..] => products::route(method, rest).or_else(|| receipts::route(method, rest)),
        ["v1", "reports", rest @ ..] => reports::route(method, rest),
        ["v1", rest @ ..] => masters::route(method, rest),
        _ => None,
    }
}

/// The path without the country segment, where it has one.
fn without_country<'a>(path: &[&'a str]) -> Vec<&'a str> {
    let at = match path {
        ["v1", "orders" | "invoices", _, country, ..] if COUNTRY_TWINS.contains(country) => 3,
        ["v1", "quotations", country, ..] if COUNTRY_TWINS.contains(country) => 2,
        _ => return path.to_vec(),
    };
    path.iter().enumerate().filter(|(position, _)| *position != at).map(|(_, part)| *part).collect()
}

fn check_role(caller: Caller, resource: &str) -> Result<(), Refusal> {
    if caller.role.may_write(resource) {
        Ok(())
    } else {
        Err(Refusal::Forbidden(format!("a {} may not write {resource}", caller.role.as_str())))
    }
}

fn token(shared: &Shared, request: &Request) -> Answer {
    let asked = TokenRequest {
        authorization: request.authorization.as_deref(),
        grant_type: request.param("grant_type"),
        code: request.param("code"),
        refresh_token: request.param("refresh_token"),
    };
    match shared.change(|world| oauth::exchange(world, &shared.codes, asked, &*shared.clock)) {
        Ok(tokens) => Answer { status: 200, body: Some(tokens) },
        Err(TokenRefusal::Client) => gateway_error(401, "Bad client credentials", &request.path),
        Err(TokenRefusal::Grant) => error(400, "BAD_REQUEST", "invalid_grant", &[]),
        Err(TokenRefusal::Request) => error(400, "BAD_REQUEST", "invalid_request", &[]),
    }
}

fn refused(refusal: &Refusal, path: &str) -> Answer {
    match refusal {
        Refusal::Invalid(message) => error(400, "BAD_REQUEST", message, &[]),
        Refusal::Fields(fields) => error(400, "BAD_REQUEST", "Validation failed", fields),
        Refusal::Forbidden(_) => gateway_error(403, &refusal.to_string(), path),
        Refusal::Missing(_) => error(404, "NOT_FOUND", &refusal.to_string(), &[]),
    }
}

/// The SDK's `ErrorResponse`.
fn error(status: u16, name: &str, message: &str, fields: &[(String, String)]) -> Answer {
    let fields: Vec<Value> = fields.iter().map(|(field, error)| json!({ "field": field, "error": error })).collect();
    let body = json!({
        "code": status,
        "errorMessage": message,
        "debugMessage": message,
        "httpStatus": name,
        "errors": fields,
    });
    Answer { status, body: Some(body) }
}

/// The form of error that was seen on production.
pub(super) fn gateway_error(status: u16, message: &str, path: &str) -> Answer {
    let body = json!({ "status": "ERROR", "code": status, "message": message, "requestPath": path });
    Answer { status, body: Some(body) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_country_segment_changes_nothing_about_a_path() {
        let plain = ["v1", "orders", "purchase", "code", "PO-1"];
        assert_eq!(without_country(&["v1", "orders", "purchase", "in", "code", "PO-1"]), plain);
        assert_eq!(without_country(&plain), plain);
        assert_eq!(without_country(&["v1", "quotations", "uk"]), ["v1", "quotations"]);
    }
}
