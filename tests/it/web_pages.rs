//! The pages over real HTTP: what they show, what they escape, and what a person can do about what is stuck.

use std::sync::Arc;

use backorders::clock::SystemClock;
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;
use serde_json::json;

use crate::support::app::App;
use crate::support::shop::{BUYER, Shop};

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

fn site(shop: &Shop) -> App {
    App::over(shop.pool.clone(), &shop.erp, Arc::new(SystemClock))
}

#[tokio::test]
async fn every_page_escapes_hostile_names_and_needs_no_inline_style_or_script() {
    let shop = Shop::open(Mode::Ask).await;
    let hostile = "<script>alert(1)</script>\"><img src=x onerror=alert(2)>";
    shop.erp.control("/sandbox/contacts", json!({ "name": hostile, "customer": true })).await;
    let sale = json!({ "kind": "invoice", "customer": hostile, "lines": [{ "item": GRINDER, "quantity": 12 }] });
    let code = shop.erp.control("/sandbox/sales", sale).await["code"].as_str().unwrap().to_owned();
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let decision = format!("/decisions/{}", shop.proposals().await.remove(0).id);
    let one = format!("/backorders/invoice/{code}");
    let email = format!("{one}/email");
    let paths = [
        "/backorders",
        "/backorders?search=%3Cscript%3E",
        &one,
        &email,
        "/decisions",
        &decision,
        "/settings",
        "/settings/alerts",
        "/settings/customer-mail",
        "/activity",
    ];
    for path in paths {
        let page = buyer.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        for forbidden in ["<script>", "<img", " style=", "<style", "onerror=\""] {
            assert!(!page.text.contains(forbidden), "{path} holds {forbidden}: {}", page.text);
        }
        assert!(page.headers.contains_key("content-security-policy"), "{path}");
    }
    let list = buyer.get("/backorders").await;
    assert!(list.text.contains("&#60;script&#62;") || list.text.contains("&lt;script&gt;"), "{}", list.text);
    assert!(list.text.contains("</svg>Asked"), "the state is a word beside the icon: {}", list.text);
}

#[tokio::test]
async fn an_empty_list_says_that_nothing_is_short_and_when_that_was_seen() {
    let shop = Shop::open(Mode::Watch).await;
    let client = shop.database.client().await;
    client.execute("DELETE FROM backorder", &[]).await.unwrap();
    let app = site(&shop);
    let list = app.member(shop.tenant, "ann").await.get("/backorders").await;
    assert!(list.text.contains("Nothing is short. Last checked"), "{}", list.text);
    assert!(list.text.contains("Watch mode"), "{}", list.text);
}

#[tokio::test]
async fn a_refusal_is_taken_back_and_the_shortfall_asked_again() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let one = format!("/backorders/invoice/{}", sale.id);
    assert!(!buyer.get(&one).await.text.contains("Undo not buying"));
    let path = format!("/decisions/{}", shop.proposals().await.remove(0).id);
    let page = buyer.get(&path).await;
    let (token, version) = (page.field("form_token"), page.field("version"));
    let decline =
        [("form_token", token.as_str()), ("act", "decline"), ("version", version.as_str()), ("reason", "too dear")];
    assert_eq!(buyer.post(&path, &decline).await.status, 303);
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Declined));
    assert!(buyer.get(&one).await.text.contains("Undo not buying"));

    let token = [("form_token", token.as_str())];
    assert_eq!(buyer.post(&format!("{one}/undo"), &token).await.status, 303);
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Asked));
    assert!(buyer.get(&one).await.text.contains("took back the decision not to buy"));
}

#[tokio::test]
async fn what_needs_a_person_is_shown_and_seen_to_once() {
    let shop = Shop::open(Mode::Automatic).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let before = shop.purchase_orders().await.len();
    let client = shop.database.client().await;
    let stick = "UPDATE intent SET state = 'needs_human', due_at = 'infinity', last_error = 'two <b>carry</b> the mark'
        WHERE document_id = $1 RETURNING intent_id::text";
    let intent: String = client.query_one(stick, &[&sale.id]).await.unwrap().get(0);
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let page = buyer.get("/activity").await;
    assert!(page.text.contains("Needs a person") && page.text.contains("BO-"), "{}", page.text);
    assert!(!page.text.contains("<b>carry"), "{}", page.text);
    let token = page.field("form_token");
    let path = format!("/intents/{intent}");

    // the purchase order stands in the ERP with its mark: it is found, and nothing is bought again
    let look = [("form_token", token.as_str()), ("act", "look")];
    assert_eq!(buyer.post(&path, &look).await.status, 303);
    shop.work().await;
    assert_eq!(shop.purchase_orders().await.len(), before);
    assert!(!buyer.get("/activity").await.text.contains("Needs a person"));
    assert_eq!(buyer.post(&path, &look).await.status, 409, "it waits no more");

    client.query_one(stick, &[&sale.id]).await.unwrap();
    let resolve = [("form_token", token.as_str()), ("act", "resolve")];
    assert_eq!(buyer.post(&path, &resolve).await.status, 303);
    assert_eq!(buyer.post(&path, &resolve).await.status, 409, "somebody has seen to it");
    let state: String =
        client.query_one("SELECT state FROM intent WHERE intent_id::text = $1", &[&intent]).await.unwrap().get(0);
    assert_eq!(state, "cancelled");
    assert_eq!(buyer.post("/intents/not-an-id", &look).await.status, 404);
}

#[tokio::test]
async fn settings_say_who_changed_what() {
    let shop = Shop::open(Mode::Watch).await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let page = anna.get("/settings").await;
    let (token, version) = (page.field("form_token"), page.field("settings_version"));
    let fields = [
        ("form_token", token.as_str()),
        ("settings_version", version.as_str()),
        ("daily_orders", "51"),
        ("link_hours", "24"),
        ("buyer_emails", BUYER),
    ];
    assert_eq!(anna.post("/settings", &fields).await.status, 303);
    let page = anna.get("/settings").await;
    let (_, history) = page.text.split_once("Who changed these settings").unwrap();
    assert!(history.contains("Person anna") && history.contains("Purchase orders in a day"), "{history}");
}
