//! Hooks out: what is told to whom, lost, sent again, out of order, signed.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::erp::{Erp, until};

/// Somebody who listens.
struct Listener {
    server: MockServer,
    heard: Arc<Mutex<Vec<Request>>>,
}

impl Listener {
    async fn start() -> Self {
        let server = MockServer::start().await;
        let heard: Arc<Mutex<Vec<Request>>> = Arc::default();
        let log = heard.clone();
        let note = move |request: &Request| {
            log.lock().unwrap().push(request.clone());
            ResponseTemplate::new(200)
        };
        Mock::given(any()).respond_with(note).mount(&server).await;
        Self { server, heard }
    }

    fn heard(&self) -> Vec<Request> {
        self.heard.lock().unwrap().clone()
    }

    fn bodies(&self) -> Vec<Value> {
        self.heard().iter().map(|request| serde_json::from_slice(&request.body).unwrap()).collect()
    }

    async fn register(&self, erp: &Erp, event: &str) {
        register(erp, event, &self.server.uri()).await;
    }
}

async fn register(erp: &Erp, event: &str, receiver: &str) {
    let hook = json!({
        "clientId": "backorders", "clientSecret": "sandbox-secret", "accessToken": "a", "refreshToken": "r",
        "eventType": event, "webhookUrl": format!("{receiver}/hooks/{event}"),
    });
    let (status, answer) = erp.call(Method::POST, "/v1/webhooks/register", Some(&hook)).await;
    assert_eq!(status, 200, "{answer}");
}

async fn settled(erp: &Erp, count: usize) -> Vec<Value> {
    until("settled deliveries", async || {
        let sent = erp.look("deliveries").await;
        let sent = sent.as_array().unwrap().clone();
        (sent.len() == count && sent.iter().all(|one| one["outcome"] != "sending")).then_some(sent)
    })
    .await
}

#[tokio::test]
async fn invoices_and_stock_are_told_to_who_registered_for_them() {
    let erp = Erp::start().await;
    let listener = Listener::start().await;
    for event in ["CREATE_INVOICE", "UPDATE_INVOICE", "DELETE_INVOICE", "STOCK_IN", "STOCK_OUT"] {
        listener.register(&erp, event).await;
    }
    let invoice = erp.sell("invoice", "KT-10", 2).await;
    erp.control("fulfil", json!({ "code": invoice })).await;
    erp.control("stock", json!({ "item": "KT-10", "by": 7 })).await;
    let sent = settled(&erp, 4).await;
    let events: Vec<&str> = sent.iter().map(|one| one["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["CREATE_INVOICE", "STOCK_OUT", "UPDATE_INVOICE", "STOCK_IN"]);
    assert!(sent.iter().all(|one| one["outcome"] == "200"), "{sent:?}");
    let created = json!({ "eventType": "CREATE_INVOICE", "salesInvoiceCode": invoice });
    assert!(listener.bodies().contains(&created));
}

#[tokio::test]
async fn there_is_no_event_for_orders_and_quotations_nor_for_a_drop_shipment() {
    let erp = Erp::start().await;
    let listener = Listener::start().await;
    for event in ["CREATE_INVOICE", "STOCK_IN"] {
        listener.register(&erp, event).await;
    }
    erp.sell("sales_order", "KT-10", 2).await;
    erp.sell("quotation", "KT-10", 2).await;
    let order = erp
        .buy(|order| {
            order["dropShip"] = json!(true);
            order["shipTo"] = json!({ "city": "Galway" });
        })
        .await;
    erp.control("receive", json!({ "code": order["poCode"] })).await;
    assert_eq!(erp.look("deliveries").await, json!([]));
}

#[tokio::test]
async fn told_to_lose_them_it_sends_none() {
    let erp = Erp::start().await;
    let listener = Listener::start().await;
    listener.register(&erp, "CREATE_INVOICE").await;
    erp.control("hooks", json!({ "loss_percent": 100 })).await;
    erp.sell("invoice", "KT-10", 2).await;
    assert_eq!(settled(&erp, 1).await[0]["outcome"], json!("lost"));
    assert!(listener.heard().is_empty());
}

#[tokio::test]
async fn told_to_repeat_and_reorder_it_sends_each_three_times() {
    let erp = Erp::start().await;
    let listener = Listener::start().await;
    listener.register(&erp, "CREATE_INVOICE").await;
    erp.control("hooks", json!({ "copies": 3, "reorder": true, "empty_body": true })).await;
    for _ in 0..8 {
        erp.sell("invoice", "KT-10", 1).await;
    }
    settled(&erp, 24).await;
    assert_eq!(listener.bodies(), vec![json!({}); 24]);
    let sent = erp.look("deliveries").await;
    let ids: BTreeSet<&str> = sent.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 8, "copies have the id of the first");
}

#[tokio::test]
async fn signed_events_carry_a_signature_that_holds() {
    let erp = Erp::start().await;
    let listener = Listener::start().await;
    let key = b"a key of thirty-two bytes, for MAC";
    let secret = format!("whsec_{}", STANDARD.encode(key));
    let receiver = json!({ "company": 1001, "url": format!("{}/signed", listener.server.uri()), "secret": secret });
    erp.control("hooks", json!({ "signed": [receiver] })).await;
    let order = erp.sell("sales_order", "KT-10", 2).await;
    let purchase = erp.buy(|_| {}).await["poCode"].clone();
    erp.control("receive", json!({ "code": purchase })).await;
    settled(&erp, 5).await;
    for request in listener.heard() {
        let header = |name: &str| request.headers[name].to_str().unwrap().to_owned();
        let signed =
            [header("webhook-id"), header("webhook-timestamp"), String::from_utf8(request.body.clone()).unwrap()];
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(signed.join(".").as_bytes());
        let signature = header("webhook-signature");
        let signature = STANDARD.decode(signature.strip_prefix("v1,").unwrap()).unwrap();
        mac.verify_slice(&signature).unwrap();
    }
    let bodies = listener.bodies();
    assert!(bodies.contains(&json!({ "type": "sales_order.changed", "data": { "id": order } })));
    assert!(bodies.contains(&json!({ "type": "purchase_order.changed", "data": { "id": purchase } })));
    assert!(bodies.contains(&json!({ "type": "stock.changed", "data": { "id": "P-0000001" } })));
    let receipt = bodies.iter().find(|body| body["type"] == "goods_receipt.created").unwrap();
    assert_eq!(receipt["data"]["purchaseOrderCode"], purchase);
}

#[tokio::test]
async fn a_listener_that_is_gone_costs_nothing_but_the_delivery() {
    let erp = Erp::start().await;
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    register(&erp, "CREATE_INVOICE", &format!("http://{gone}")).await;
    erp.sell("invoice", "KT-10", 2).await;
    let outcome = settled(&erp, 1).await[0]["outcome"].clone();
    assert!(outcome.as_str().unwrap().contains("error sending request"), "{outcome}");
}
