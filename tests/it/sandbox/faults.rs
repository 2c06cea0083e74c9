//! Faults by request: before the change, after it, late, and with no answer at all.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::erp::{Erp, order, until};

const ORDERS: &str = "/v1/orders/purchase";

async fn fault(erp: &Erp, kind: Value) {
    let mut fault = json!({ "method": "POST", "path": ORDERS, "times": 1 });
    fault.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
    erp.control("faults", fault).await;
}

async fn post(erp: &Erp) -> Result<reqwest::Response, reqwest::Error> {
    erp.request(&erp.token, Method::POST, ORDERS, Some(&order())).send().await
}

async fn orders(erp: &Erp) -> usize {
    erp.get(ORDERS).await["content"].as_array().unwrap().len()
}

#[tokio::test]
async fn an_error_before_the_change_leaves_nothing_and_one_after_it_leaves_the_order() {
    let erp = Erp::start().await;
    fault(&erp, json!({ "kind": "status_before", "status": 500 })).await;
    assert_eq!(post(&erp).await.unwrap().status().as_u16(), 500);
    assert_eq!(orders(&erp).await, 0);
    fault(&erp, json!({ "kind": "status_after_commit", "status": 502 })).await;
    assert_eq!(post(&erp).await.unwrap().status().as_u16(), 502);
    assert_eq!(orders(&erp).await, 1);
    assert_eq!(post(&erp).await.unwrap().status().as_u16(), 201, "the faults are spent");
}

#[tokio::test]
async fn a_cut_connection_is_no_answer_at_all() {
    let erp = Erp::start().await;
    fault(&erp, json!({ "kind": "cut_before" })).await;
    let error = post(&erp).await.unwrap_err();
    assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
    assert_eq!(orders(&erp).await, 0);
    fault(&erp, json!({ "kind": "cut_after_commit" })).await;
    post(&erp).await.unwrap_err();
    assert_eq!(orders(&erp).await, 1);
}

#[tokio::test]
async fn an_order_can_appear_after_its_caller_gave_up() {
    let erp = Erp::start().await;
    fault(&erp, json!({ "kind": "commit_later", "ms": 50 })).await;
    post(&erp).await.unwrap_err();
    assert_eq!(orders(&erp).await, 0);
    until("late order", async || (orders(&erp).await == 1).then_some(())).await;
}

#[tokio::test]
async fn an_order_is_made_although_its_caller_stopped_waiting() {
    let erp = Erp::start().await;
    fault(&erp, json!({ "kind": "slow_commit", "ms": 300 })).await;
    let request = erp.request(&erp.token, Method::POST, ORDERS, Some(&order()));
    let error = request.timeout(Duration::from_millis(50)).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(orders(&erp).await, 0);
    until("late order", async || (orders(&erp).await == 1).then_some(())).await;
    fault(&erp, json!({ "kind": "slow_commit", "ms": 1 })).await;
    assert_eq!(post(&erp).await.unwrap().status().as_u16(), 201, "who waits is answered");
}

#[tokio::test]
async fn an_answer_can_drip() {
    let erp = Erp::start().await;
    fault(&erp, json!({ "kind": "drip", "ms": 50 })).await;
    let request = erp.request(&erp.token, Method::POST, ORDERS, Some(&order()));
    let answer = request.timeout(Duration::from_millis(500)).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 201, "the head comes at once");
    assert!(answer.text().await.unwrap_err().is_timeout());
}

#[tokio::test]
async fn a_host_can_answer_with_somebody_elses_document() {
    let erp = Erp::seeded(backorders::sandbox::Seed::TwoCompanies).await;
    let lines = json!([{ "item": "GR-2", "quantity": 99 }]);
    let theirs = json!({ "company": 1002, "kind": "invoice", "customer": "Blue Heron Café", "lines": lines });
    let code = erp.control("sales", theirs).await["code"].as_str().unwrap().to_owned();
    let path = format!("/v1/invoices/sales/code/{code}");
    assert_eq!(erp.call(Method::GET, &path, None).await.0, 404);
    erp.control("faults", json!({ "kind": "other_company", "path": "/invoices", "times": 1 })).await;
    assert_eq!(erp.get(&path).await["salesInvoiceItems"][0]["productQuantity"], json!(99));
}

#[tokio::test]
async fn lists_can_lag_behind_and_orders_can_be_rounded() {
    let erp = Erp::start().await;
    erp.control("settings", json!({ "list_lag_ms": 2000, "rounds_to": 2 })).await;
    let made = erp
        .buy(|order| {
            order["documentSequenceCode"] = json!("BO-LAG");
            order["purchaseOrderItems"][0]["unitPrice"] = json!(84.005);
        })
        .await;
    assert_eq!(made["purchaseOrderItems"][0]["unitPrice"].to_string(), "84.00", "half to even");
    let by_number = async || {
        let path = "/v1/orders/purchase/bulk-details-by-seq";
        erp.call(Method::POST, path, Some(&json!(["BO-LAG"]))).await.1.as_array().unwrap().len()
    };
    assert_eq!((orders(&erp).await, by_number().await), (0, 0));
    erp.get(&format!("{ORDERS}/code/{}", made["poCode"].as_str().unwrap())).await;
    erp.clock.advance(jiff::SignedDuration::from_secs(2));
    assert_eq!((orders(&erp).await, by_number().await), (1, 1));
}

#[tokio::test]
async fn a_slow_answer_outlasts_an_impatient_caller() {
    let erp = Erp::start().await;
    fault(&erp, json!({ "kind": "slow_after_commit", "ms": 60_000 })).await;
    let request = erp.request(&erp.token, Method::POST, ORDERS, Some(&order()));
    let error = request.timeout(Duration::from_millis(100)).send().await.unwrap_err();
    assert!(error.is_timeout());
    assert_eq!(orders(&erp).await, 1);
}

#[tokio::test]
async fn too_many_requests_carry_whatever_retry_after_was_asked_for() {
    let erp = Erp::start().await;
    for value in ["0", "-1", "1000000000", "Mon, 23 Nov 2026 12:00:00 GMT"] {
        fault(&erp, json!({ "kind": "too_many_requests", "retry_after": value })).await;
        let answer = post(&erp).await.unwrap();
        assert_eq!((answer.status().as_u16(), answer.headers()["retry-after"].to_str().unwrap()), (429, value));
    }
    fault(&erp, json!({ "kind": "too_many_requests" })).await;
    assert!(!post(&erp).await.unwrap().headers().contains_key("retry-after"));
    assert_eq!(orders(&erp).await, 0);
}

#[tokio::test]
async fn answers_can_be_broken_although_the_change_was_made() {
    let erp = Erp::start().await;
    for (made, kind) in (1..).zip(["truncated_body", "html_body", "empty_body"]) {
        fault(&erp, json!({ "kind": kind })).await;
        let answer = post(&erp).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
        assert!(serde_json::from_str::<Value>(&answer.text().await.unwrap()).is_err(), "{kind}");
        assert_eq!(orders(&erp).await, made);
    }
}

#[tokio::test]
async fn a_token_can_expire_in_the_middle() {
    let erp = Erp::start().await;
    fault(&erp, json!({ "kind": "expired_token" })).await;
    assert_eq!(post(&erp).await.unwrap().status().as_u16(), 401);
    assert_eq!(post(&erp).await.unwrap().status().as_u16(), 201);
}

#[tokio::test]
async fn faults_are_listed_and_cleared_and_every_call_is_recorded() {
    let erp = Erp::start().await;
    erp.control("faults", json!({ "kind": "status_before", "status": 503, "path": "/contacts" })).await;
    assert_eq!(erp.call(Method::GET, "/v1/contacts", None).await.0, 503);
    assert_eq!(erp.call(Method::GET, "/v1/products", None).await.0, 200);
    let listed = erp.look("faults").await;
    assert_eq!((&listed[0]["kind"], &listed[0]["struck"]), (&json!("status_before"), &json!(1)));
    erp.http.delete(format!("{}/sandbox/faults", erp.running.url())).send().await.unwrap();
    assert_eq!(erp.call(Method::GET, "/v1/contacts", None).await.0, 200);
    let recorded = erp.look("requests").await;
    let recorded: Vec<(&str, u64)> = recorded
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["path"].as_str().unwrap(), one["status"].as_u64().unwrap()))
        .filter(|(path, _)| *path != "/v2/oauth/token")
        .collect();
    assert_eq!(recorded, [("/v1/contacts", 503), ("/v1/products", 200), ("/v1/contacts", 200)]);
    let (status, _) = erp.try_control("faults", json!({ "kind": "nonsense" })).await;
    assert_eq!(status, 400);
}
