//! Where a call of the API comes in: read, recorded, answered, and spoilt if that was asked for.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use serde_json::Value;

use super::call::Answer;
use super::{Request, gateway_error, respond, respond_as_other_company};
use crate::sandbox::connection::Connection;
use crate::sandbox::faults::FaultKind;
use crate::sandbox::oauth::Caller;
use crate::sandbox::shared::{RecordedRequest, Shared};

/// Answers every call below `/v1` and `/v2`.
pub(in crate::sandbox) async fn serve(http: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    let header = |name: &str| http.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let query = url::form_urlencoded::parse(http.query_string().as_bytes()).into_owned().collect();
    let path = percent_decoded(http.path());
    let request = Arc::new(Request {
        method: http.method().to_string(),
        path,
        query,
        authorization: header("authorization"),
        access_token: header("x-access-token"),
        traceparent: header("traceparent"),
        body: if body.is_empty() { Some(Value::Null) } else { serde_json::from_slice(&body).ok() },
    });
    let fault = shared.faults.strike(&request.method, &request.path);
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
            unanswered(gateway_error(status, "Fault on request, nothing was changed", &request.path))
        }
        FaultKind::StatusAfterCommit { status } => {
            answer(name);
            http_answer(&gateway_error(status, "Fault on request, after the change", &request.path))
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
            let mut response = unanswered(gateway_error(429, "Too Many Requests", &request.path));
            if let Some(value) = retry_after.and_then(|value| value.parse().ok()) {
                response.headers_mut().insert(actix_web::http::header::RETRY_AFTER, value);
            }
            response
        }
        FaultKind::ExpiredToken => unanswered(gateway_error(401, "Access token expired", &request.path)),
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
            let (caller, answer) = respond_as_other_company(shared, request);
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
    let (caller, answer) = respond(shared, request);
    record(shared, request, caller, &answer, fault);
    answer
}

fn record(shared: &Shared, request: &Request, caller: Option<Caller>, answer: &Answer, fault: Option<String>) {
    shared.record(RecordedRequest {
        at: shared.now(),
        company: caller.map(|caller| caller.company),
        method: request.method.clone(),
        path: request.path.clone(),
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
