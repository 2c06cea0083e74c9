//! What an Odoo's rules tell: one POST for each change, unsigned, tried once; on 17 before the commit.

use std::sync::{Arc, Mutex};

use backorders::domain::ids::DocumentKind;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::erp::until;
use crate::support::deskera::Erp;
use crate::support::face::Face;

const GRINDER: &str = "P-0000001";

/// Somebody who listens, and asks the sandbox for the order that it is told of before it answers.
struct Listener {
    url: url::Url,
    heard: Arc<Mutex<Vec<Heard>>>,
}

#[derive(Debug, Clone)]
struct Heard {
    head: String,
    body: Value,
    /// The state that the order read in at that moment.
    state: Value,
}

impl Listener {
    async fn start(erp: &Erp) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
        let key = erp.control("/sandbox/odoo", json!({})).await["key"].clone();
        let (log, sandbox) = (heard.clone(), erp.url.join("/jsonrpc").unwrap());
        tokio::spawn(async move {
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut bytes = Vec::new();
                let (head, body) = loop {
                    let mut part = [0_u8; 4096];
                    let read = stream.read(&mut part).await.unwrap();
                    bytes.extend(&part[..read]);
                    let text = String::from_utf8_lossy(&bytes).into_owned();
                    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
                    if read == 0 || serde_json::from_str::<Value>(body).is_ok() {
                        break (head.to_lowercase(), serde_json::from_str::<Value>(body).unwrap_or(Value::Null));
                    }
                };
                let args = json!(["sandbox_1001", 4, key, "sale.order", "read", [[body["_id"]], ["state"]], {}]);
                let params = json!({ "service": "object", "method": "execute_kw", "args": args });
                let answer = client.post(sandbox.clone()).json(&json!({ "id": 1, "params": params })).send().await;
                let answer: Value = serde_json::from_str(&answer.unwrap().text().await.unwrap()).unwrap();
                let state = answer["result"][0]["state"].clone();
                log.lock().unwrap().push(Heard { head, body, state });
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await;
            }
        });
        Self { url, heard }
    }

    /// Waits until it has heard so many, and nothing is on its way; gives what it heard since the last time.
    async fn heard(&self, erp: &Erp, count: usize) -> Vec<Heard> {
        until("deliveries", async || {
            let deliveries = reqwest::Client::builder().no_proxy().build().unwrap();
            let sent = deliveries.get(erp.url.join("/sandbox/deliveries").unwrap()).send().await.unwrap();
            let sent: Vec<Value> = serde_json::from_str(&sent.text().await.unwrap()).unwrap();
            let on_its_way = sent.iter().any(|one| one["outcome"] == "sending");
            (!on_its_way && self.heard.lock().unwrap().len() >= count).then_some(())
        })
        .await;
        self.heard.lock().unwrap().drain(..).collect()
    }
}

async fn with_rules(face: Face) -> (Erp, Listener) {
    face.set();
    let erp = Erp::start().await;
    let listener = Listener::start(&erp).await;
    // What it waits for is what is asked here, however long that takes on a busy machine.
    erp.control("/sandbox/hooks", json!({ "odoo_timeout_ms": 60_000 })).await;
    let administrator = erp.administrator().await;
    for event in ["sale.order", "sale.order.line", "purchase.order", "stock.move"] {
        administrator.register_hook(event, &listener.url.join(event).unwrap()).await.unwrap();
    }
    (erp, listener)
}

#[tokio::test]
async fn a_change_is_told_once_without_a_signature_in_the_words_that_were_recorded() {
    for face in [Face::Odoo17, Face::Odoo19] {
        let (erp, listener) = with_rules(face).await;
        let sale = erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        let heard = listener.heard(&erp, 1).await;
        let [told] = &heard[..] else { panic!("{face:?}: one: {heard:?}") };
        let id: i64 = sale.id.parse().unwrap();
        assert_eq!(told.body["_model"], "sale.order");
        assert_eq!(
            (&told.body["_id"], &told.body["id"], &told.body["state"]),
            (&json!(id), &json!(id), &json!("sale"))
        );
        let action = told.body["_action"].as_str().unwrap();
        let named = if face == Face::Odoo17 { "Send Webhook Notification(#" } else { "Backorders: sale.order #1(#" };
        assert!(action.starts_with(named), "{action}");
        let keys: Vec<&String> = told.body.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["_action", "_id", "_model", "id", "state"], "nothing but what the rule was given");
        assert!(!told.head.contains("signature") && !told.head.contains("webhook-id"), "{}", told.head);

        let line = erp.control_state("sales").await[0]["lines"][0]["code"].clone();
        let more = json!({ "code": sale.id, "lines": [{ "line": line, "quantity": 15 }] });
        erp.control("/sandbox/edit", more.clone()).await;
        let heard = listener.heard(&erp, 1).await;
        let [told] = &heard[..] else { panic!("{face:?}: one: {heard:?}") };
        assert_eq!((&told.body["_model"], &told.body["order_id"]), (&json!("sale.order.line"), &json!(id)));
        erp.control("/sandbox/edit", more).await;
        erp.control("/sandbox/stock", json!({ "item": GRINDER, "to": 9 })).await;
        let heard = listener.heard(&erp, 1).await;
        let [told] = &heard[..] else { panic!("{face:?}: the same quantity again is no change: {heard:?}") };
        assert_eq!((&told.body["_model"], &told.body["product_id"]), (&json!("stock.move"), &json!(1)));
        erp.stop().await;
    }
}

#[tokio::test]
async fn an_odoo_17_tells_before_it_has_committed_and_19_afterwards() {
    for (face, read) in [(Face::Odoo17, Value::Null), (Face::Odoo19, json!("sale"))] {
        let (erp, listener) = with_rules(face).await;
        let sale = erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        let heard = listener.heard(&erp, 1).await;
        assert_eq!((heard.len(), &heard[0].state), (1, &read), "{face:?}");
        let now = until("the commit", async || erp.host().read_sales_document(&sale).await.unwrap());
        assert_eq!(now.await.value.lines[0].ordered, 12.into());
        erp.stop().await;
    }
}

#[tokio::test]
async fn rules_that_are_lost_are_lost_for_good() {
    let (erp, listener) = with_rules(Face::Odoo19).await;
    erp.control("/sandbox/hooks", json!({ "loss_percent": 100 })).await;
    erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
    erp.control("/sandbox/hooks", json!({ "copies": 3, "odoo_timeout_ms": 60_000 })).await;
    erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 1)]).await;
    let heard = listener.heard(&erp, 3).await;
    assert_eq!(heard.len(), 3, "the second, three times");
    assert!(heard.iter().all(|one| one.body["_id"] == heard[0].body["_id"]), "{heard:?}");
    erp.stop().await;
}
