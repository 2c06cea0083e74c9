//! Where a call of the API comes in: read, recorded, answered, and spoilt if that was asked for.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::Value;

use super::connection::Connection;
use super::faults::FaultKind;
use super::oauth::Caller;
use super::shared::{RecordedRequest, Shared};
use super::{deskera, odoo};

/// A request of an API as it came.
#[derive(Debug)]
pub(super) struct Request {
    face: Face,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) authorization: Option<String>,
    pub(super) access_token: Option<String>,
    pub(super) database: Option<String>,
    pub(super) traceparent: Option<String>,
    /// `None` where it is not JSON.
    pub(super) body: Option<Value>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
}

/// Whose API is asked.
#[derive(Debug, Clone, Copy)]
enum Face {
    Deskera,
    Odoo,
}

impl Request {
    pub(super) fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The path, with the model and method that a call of JSON-RPC has in its body.
    fn named_path(&self) -> String {
        match self.face {
            Face::Deskera => self.path.clone(),
            Face::Odoo => odoo::named_path(self),
        }
    }

    fn respond(&self, shared: &Shared) -> (Option<Caller>, Answer) {
        match self.face {
            Face::Deskera => deskera::respond(shared, self),
            Face::Odoo => odoo::respond(shared, self),
        }
    }

    fn respond_as_other_company(&self, shared: &Shared) -> (Option<Caller>, Answer) {
        match self.face {
            Face::Deskera => deskera::respond_as_other_company(shared, self),
            Face::Odoo => odoo::respond_as_other_company(shared, self),
        }
    }

    /// An error that nothing of the company caused.
    fn error(&self, shared: &Shared, status: u16, message: &str) -> Answer {
        match self.face {
            Face::Deskera => deskera::gateway_error(status, message, &self.path),
            Face::Odoo => odoo::error_on_request(shared, self, status, message),
        }
    }
}

/// Answers every call of Deskera's API.
pub(super) async fn deskera(http: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    serve(Face::Deskera, http, body, shared).await
}

/// Answers every call of Odoo's.
pub(super) async fn odoo(http: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    serve(Face::Odoo, http, body, shared).await
}

async fn serve(face: Face, http: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    let header = |name: &str| http.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let query = url::form_urlencoded::parse(http.query_string().as_bytes()).into_owned().collect();
    let path = percent_decoded(http.path());
    let request = Arc::new(Request {
        face,
        method: http.method().to_string(),
        path,
        query,
        authorization: header("authorization"),
        access_token: header("x-access-token"),
        database: header("x-odoo-database"),
        traceparent: header("traceparent"),
        body: if body.is_empty() { Some(Value::Null) } else { serde_json::from_slice(&body).ok() },
    });
    let fault = shared.faults.strike(&request.method, &request.named_path());
    let Some(fault) = fault else {
        return http_answer(&answered(&shared, &request, None));
    };
    spoilt(&http, &shared, &request, fault).await
}

/// Answers with that fault.
async fn spoilt(http: &HttpRequest, shared: &Data<Shared>, request: &Arc<Request>, fault: FaultKind) -> HttpResponse {
    let name = format!("{fault:?}");
    let answer = |name: String| answered(shared, request, Some(name));
    let unanswered = |answer: Answer| {
        record(shared, request, None, &answer, Some(name.clone()));
        http_answer(&answer)
    };
    match fault {
        FaultKind::Slow { ms } => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            http_answer(&answer(name))
        }
        FaultKind::SlowAfterCommit { ms } => {
            let answer = answer(name);
            tokio::time::sleep(Duration::from_millis(ms)).await;
            http_answer(&answer)
        }
        FaultKind::StatusBefore { status } => {
            unanswered(request.error(shared, status, "Fault on request, nothing was changed"))
        }
        FaultKind::StatusAfterCommit { status } => {
            answer(name);
            http_answer(&request.error(shared, status, "Fault on request, after the change"))
        }
        FaultKind::CutBefore => {
            record(shared, request, None, &Answer { status: 0, body: None }, Some(name));
            cut(http)
        }
        FaultKind::CutAfterCommit => {
            answer(name);
            cut(http)
        }
        FaultKind::TooManyRequests { retry_after } => {
            let mut response = unanswered(request.error(shared, 429, "Too Many Requests"));
            if let Some(value) = retry_after.and_then(|value| value.parse().ok()) {
                response.headers_mut().insert(actix_web::http::header::RETRY_AFTER, value);
            }
            response
        }
        FaultKind::ExpiredToken => unanswered(request.error(shared, 401, "Access token expired")),
        FaultKind::TruncatedBody => {
            let body = answer(name).body.map(|body| body.to_string()).unwrap_or_default();
            let half: String = body.chars().take(body.chars().count() / 2).collect();
            HttpResponse::Ok().content_type("application/json").body(half)
        }
        FaultKind::HtmlBody => {
            answer(name);
            HttpResponse::Ok().content_type("text/html").body("<html><body>We will be back soon.</body></html>")
        }
        FaultKind::EmptyBody => {
            answer(name);
            HttpResponse::Ok().finish()
        }
        FaultKind::CommitLater { ms } => {
            drop(tokio::spawn(later(shared.clone(), request.clone(), ms, name)));
            cut(http)
        }
        FaultKind::SlowCommit { ms } => {
            let answer = tokio::spawn(later(shared.clone(), request.clone(), ms, name)).await;
            answer.map_or_else(|_| cut(http), |answer| http_answer(&answer))
        }
        FaultKind::Drip { ms } => drip(&answer(name), ms),
        FaultKind::OtherCompany => {
            let (caller, answer) = request.respond_as_other_company(shared);
            record(shared, request, caller, &answer, Some(name));
            http_answer(&answer)
        }
    }
}

/// Answers after a while. Run on its own, because a connection that ends takes all that belongs to it along.
async fn later(shared: Data<Shared>, request: Arc<Request>, ms: u64, fault: String) -> Answer {
    tokio::time::sleep(Duration::from_millis(ms)).await;
    answered(&shared, &request, Some(fault))
}

/// The answer, a byte each so many milliseconds.
fn drip(answer: &Answer, ms: u64) -> HttpResponse {
    let body = answer.body.as_ref().map(Value::to_string).unwrap_or_default().into_bytes();
    let bytes = futures_util::stream::unfold(body.into_iter(), move |mut rest| async move {
        tokio::time::sleep(Duration::from_millis(ms)).await;
        let byte = rest.next()?;
        Some((Ok::<_, std::io::Error>(Bytes::from(vec![byte])), rest))
    });
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    HttpResponseBuilder::new(status).content_type("application/json").streaming(Box::pin(bytes))
}

fn answered(shared: &Shared, request: &Request, fault: Option<String>) -> Answer {
    let (caller, answer) = request.respond(shared);
    record(shared, request, caller, &answer, fault);
    answer
}

fn record(shared: &Shared, request: &Request, caller: Option<Caller>, answer: &Answer, fault: Option<String>) {
    shared.record(RecordedRequest {
        at: shared.now(),
        company: caller.map(|caller| caller.company),
        method: request.method.clone(),
        path: request.named_path(),
        query: request.query.clone(),
        traceparent: request.traceparent.clone(),
        body: request.body.clone().unwrap_or(Value::Null),
        status: answer.status,
        fault,
    });
}

fn http_answer(answer: &Answer) -> HttpResponse {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = HttpResponseBuilder::new(status);
    match &answer.body {
        Some(body) => response.content_type("application/json").body(body.to_string()),
        None => response.finish(),
    }
}

/// Closes the connection without a byte of an answer.
fn cut(http: &HttpRequest) -> HttpResponse {
    if let Some(connection) = http.conn_data::<Connection>() {
        connection.cut();
    }
    HttpResponse::InternalServerError().finish()
}

fn percent_decoded(path: &str) -> String {
    // A plus stands for itself in a path, unlike in a query.
    let path = path.replace('+', "%2B");
    url::form_urlencoded::parse(format!("p={}", path.replace('&', "%26").replace('=', "%3D")).as_bytes())
        .next()
        .map_or_else(String::new, |(_, value)| value.into_owned())
}
