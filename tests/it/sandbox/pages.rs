//! The pages: what a seller, a buyer and the warehouse do by forms, and that the state outlives a restart.

use backorders::sandbox::{Sandbox, SandboxConfig, Seed};
use reqwest::Method;
use serde_json::json;

use super::erp::{Erp, answer, http, real_clock};
use crate::support::temp_dir::TempDir;

impl Erp {
    async fn page(&self, path: &str) -> String {
        let (status, page) = answer(self.http.get(format!("{}{path}", self.running.url())).send().await.unwrap()).await;
        assert_eq!(status, 200, "{path}: {page}");
        page.as_str().unwrap().to_owned()
    }

    /// Sends a form; where it leads to.
    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> String {
        let url = format!("{}{path}", self.running.url());
        let answer = self.http.post(url).form(fields).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 303, "{path}");
        answer.headers()["location"].to_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_seller_makes_an_invoice_and_delivers_what_there_is() {
    let erp = Erp::seeded(Seed::Demo).await;
    let fields = [
        ("kind", "invoice"),
        ("customer", "C-0000004"),
        ("warehouse", "WH-0000001"),
        ("need_by", "2026-12-10"),
        ("item0", "P-0000001"),
        ("quantity0", "12"),
        ("item1", ""),
        ("quantity1", ""),
    ];
    let sale = erp.form("/c/1001/sell/new", &fields).await;
    let page = erp.page(&sale).await;
    assert!(page.contains("Blue Heron Café") && page.contains("Burr grinder G2"));
    let refused = erp.form(&format!("{sale}/fulfil"), &[]).await;
    assert!(erp.page(&refused).await.contains("only 4 of Burr grinder G2 in the warehouse, 12 needed"));
    let state = erp.look("state").await;
    let sales = state["companies"][0]["sales"].as_array().unwrap().clone();
    let line = sales.last().unwrap()["lines"][0]["code"].as_str().unwrap().to_owned();
    erp.form(&format!("{sale}/fulfil"), &[(&format!("deliver-{line}"), "4")]).await;
    assert!(erp.page(&sale).await.contains("4 of 12 delivered"));
    erp.form(&format!("{sale}/edit"), &[(&format!("quantity-{line}"), "10")]).await;
    assert!(erp.page("/c/1001/sell").await.contains("4 of 10 delivered"));
    let missing = erp.form("/c/1001/sell/new", &[("kind", "invoice"), ("customer", "C-0000004")]).await;
    assert!(missing.contains("said="), "{missing}");
}

#[tokio::test]
async fn the_package_icon_stands_beside_the_fulfilment_with_its_state_and_its_order() {
    let erp = Erp::start().await;
    let invoice = erp.sell("invoice", "GR-2", 12).await;
    assert!(!erp.page("/c/1001/sell").await.contains("class=\"pkg"), "not a back order yet");
    let path = format!("/v1/invoices/sales/code/{invoice}");
    let mark = |text: &str| {
        let field = json!([{ "label": "Backorder", "module": "INVOICE", "value": { "value": text } }]);
        json!({ "backOrder": true, "customField": field })
    };
    erp.call(Method::PATCH, &path, Some(&mark("Short"))).await;
    let page = erp.page("/c/1001/sell").await;
    assert!(page.contains("class=\"pkg short\" title=\"Short: no purchase order yet\""), "{page}");
    let order = erp.buy(|_| {}).await;
    let code = order["poCode"].as_str().unwrap();
    let mut ordered = mark("On order 08-12-2026");
    ordered["linkedDocuments"] = json!([{ "documentType": "PURCHASE_ORDER", "documentCode": code }]);
    erp.call(Method::PATCH, &path, Some(&ordered)).await;
    let page = erp.page("/c/1001/sell").await;
    assert!(page.contains("class=\"pkg order\" title=\"On order 08-12-2026: purchase order PO-00001\""), "{page}");
    assert!(page.contains(&format!("href=\"/c/1001/purchase/{code}\"")));
    erp.call(Method::PATCH, &path, Some(&json!({ "backOrder": false, "customField": mark("")["customField"] }))).await;
    assert!(!erp.page("/c/1001/sell").await.contains("class=\"pkg"));
}

#[tokio::test]
async fn the_warehouse_receives_by_a_form_and_undoes_it() {
    let erp = Erp::start().await;
    let order = erp.buy(|order| order["draft"] = json!(true)).await;
    let code = order["poCode"].as_str().unwrap();
    let line = order["purchaseOrderItems"][0]["purchaseOrderItemCode"].as_str().unwrap();
    let path = format!("/c/1001/purchase/{code}");
    erp.form(&format!("{path}/issue"), &[]).await;
    erp.form(&format!("{path}/receive"), &[(&format!("receive-{line}"), "3")]).await;
    assert!(erp.page(&path).await.contains("3 of 8 received"));
    erp.form(&format!("{path}/receive"), &[]).await;
    assert!(erp.page("/c/1001/purchase").await.contains("received"));
    assert_eq!(erp.on_hand("P-0000001").await, "12");
    let state = erp.look("state").await;
    let receipt = state["companies"][0]["receipts"][1]["code"].as_str().unwrap().to_owned();
    erp.form(&format!("{path}/undo"), &[("receipt", &receipt)]).await;
    assert_eq!(erp.on_hand("P-0000001").await, "7");
    let adjust = [("item", "P-0000001"), ("warehouse", "WH-0000001"), ("how", "to"), ("quantity", "2.5")];
    erp.form("/c/1001/stock", &adjust).await;
    assert!(erp.page("/c/1001/stock").await.contains("2.5"));
}

#[tokio::test]
async fn a_hostile_name_is_text_on_every_page() {
    let erp = Erp::start().await;
    let name = "\"><img src=x onerror=alert(1)>";
    erp.control("items", json!({ "name": name, "sku": "EVIL", "stock": 1 })).await;
    erp.control("contacts", json!({ "name": name, "customer": true })).await;
    let lines = json!([{ "item": "EVIL", "quantity": 1 }]);
    let sale = erp.control("sales", json!({ "kind": "invoice", "customer": name, "memo": name, "lines": lines })).await;
    for path in [
        "/c/1001/sell".to_owned(),
        format!("/c/1001/sales/{}", sale["code"].as_str().unwrap()),
        "/c/1001/stock".to_owned(),
    ] {
        assert!(!erp.page(&path).await.contains("<img"), "{path}");
    }
}

#[tokio::test]
async fn hooks_and_faults_are_set_by_forms() {
    let erp = Erp::start().await;
    let fields = [("loss_percent", "25"), ("delay_ms", "10"), ("copies", "3"), ("reorder", "on")];
    erp.form("/c/1001/hooks", &fields).await;
    let settings = erp.look("hooks").await;
    assert_eq!(
        (&settings["loss_percent"], &settings["copies"], &settings["reorder"]),
        (&json!(25), &json!(3), &json!(true))
    );
    let fault = [("kind", "status_before"), ("method", "GET"), ("path", "/contacts"), ("times", "1")];
    erp.form("/c/1001/faults", &fault).await;
    assert!(erp.page("/c/1001/hooks").await.contains("GET /contacts"));
    assert_eq!(erp.call(Method::GET, "/v1/contacts", None).await.0, 500);
    erp.form("/c/1001/faults", &[("clear", "yes")]).await;
    assert_eq!(erp.look("faults").await, json!([]));
}

#[tokio::test]
async fn the_state_outlives_a_restart() {
    let folder = TempDir::new();
    let config = || SandboxConfig {
        state_file: Some(folder.path().join("sandbox.json")),
        clock: real_clock(),
        ..SandboxConfig::default()
    };
    let running = Sandbox::start(config()).await.unwrap();
    let lines = json!([{ "item": "GR-2", "quantity": "12.50" }]);
    let sale = json!({ "kind": "invoice", "customer": "Blue Heron Café", "lines": lines });
    let url = format!("{}/sandbox/sales", running.url());
    let (status, made) = answer(http().post(url).json(&sale).send().await.unwrap()).await;
    assert_eq!(status, 200, "{made}");
    running.stop().await;
    let running = Sandbox::start(config()).await.unwrap();
    let (_, state) = answer(http().get(format!("{}/sandbox/state", running.url())).send().await.unwrap()).await;
    let sale = &state["companies"][0]["sales"][0];
    assert_eq!((&sale["code"], &sale["lines"][0]["quantity"]), (&made["code"], &json!("12.50")));
    running.stop().await;
}
