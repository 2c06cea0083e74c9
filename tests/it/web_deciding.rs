//! Deciding what is bought, over real HTTP: edited, above a limit, several at once, by two people, in another language;
//! and what becomes of orders that no longer fit.

use std::time::Duration;

use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::{Mode, Settings};

use crate::support::app::{App, Page};
use crate::support::shop::{BUYER, Shop};

/// Burr grinder: 4 in stock, of Molino Meccanica, 84.00.
const GRINDER: &str = "P-0000001";
/// Gooseneck kettle: 18 in stock, of Kettleworks.
const KETTLE: &str = "P-0000003";
const HEAD: &str = "head@fairlight.test";

fn site(shop: &Shop) -> App {
    App::over(shop.pool.clone(), &shop.erp, shop.clock.clone())
}

fn link_to(shop: &Shop, person: &str) -> String {
    let mails = shop.mails_to(person, "");
    let mail = mails.iter().rev().find(|mail| mail.text.contains("/d/")).unwrap();
    let (_, rest) = mail.text.split_once("/d/").unwrap();
    format!("/d/{}", rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next().unwrap())
}

/// The hidden fields of a page's form, with those that a test adds.
fn form<'a>(page: &'a (String, String), more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&[("form_token", page.0.as_str()), ("version", page.1.as_str())], more].concat()
}

fn hidden(page: &Page) -> (String, String) {
    (page.field("form_token"), page.field("version"))
}

#[tokio::test]
async fn a_purchase_order_is_edited_and_what_is_left_out_is_not_asked_again() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let path = format!("/decisions/{}", shop.proposals().await.remove(0).id);
    let page = buyer.get(&path).await;
    assert!(page.text.contains("to Cork"), "the warehouse by its name: {}", page.text);
    assert!(page.text.contains("Approving issues the purchase order"), "{}", page.text);
    let hidden = hidden(&page);
    let expected = page.field("expected.0.0");

    let bad = [("act", "approve"), ("option", "0"), ("quantity.0.0", "5,5,5"), ("price.0.0", "80")];
    let refused = buyer.post(&path, &form(&hidden, &bad)).await;
    assert_eq!(refused.status, 400, "{}", refused.text);
    assert!(refused.text.contains("The quantity of GR-2 is not a figure"), "{}", refused.text);
    assert_eq!(refused.field("quantity.0.0"), "5,5,5", "what was entered stands there still");
    let past = [("act", "approve"), ("option", "0"), ("quantity.0.0", "5"), ("expected.0.0", "2020-01-01")];
    assert!(buyer.post(&path, &form(&hidden, &past)).await.text.contains("has passed"));

    let edited = [
        ("act", "approve"),
        ("option", "0"),
        ("quantity.0.0", "5"),
        ("price.0.0", "80.50"),
        ("expected.0.0", expected.as_str()),
        ("reason", "only five on offer"),
    ];
    assert_eq!(buyer.post(&path, &form(&hidden, &edited)).await.status, 303);
    shop.work().await;
    let orders = shop.purchase_orders().await;
    let line = &orders.last().unwrap()["lines"][0];
    assert_eq!((line["quantity"].as_str(), line["unit_price"].as_str()), (Some("5"), Some("80.5")), "{line}");
    shop.sweep().await;
    assert!(shop.proposals().await.is_empty(), "the other three are not asked again");
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Declined));
    let one = buyer.get(&format!("/backorders/invoice/{}", sale.id)).await;
    assert!(one.text.contains("Undo not buying"), "{}", one.text);
}

#[tokio::test]
async fn above_the_limit_an_approver_decides_from_the_mail_that_is_asked_for() {
    let settings = Settings {
        mode: Mode::Ask,
        issue: true,
        ask_above: Some(500.into()),
        approver_emails: vec![HEAD.to_owned()],
        ..Settings::default()
    };
    let shop = Shop::open_with(settings).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    assert_eq!(shop.mails_to(HEAD, "").len(), 1, "{:?}", shop.subjects());
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let path = format!("/decisions/{}", shop.proposals().await.remove(0).id);
    let page = buyer.get(&path).await;
    assert!(page.text.contains("an approver decides") && page.text.contains("500.00"), "{}", page.text);
    assert!(page.text.contains("class=\"first\" name=\"act\" value=\"escalate\""), "{}", page.text);
    let hidden = hidden(&page);
    let refused = buyer.post(&path, &form(&hidden, &[("act", "approve"), ("option", "0")])).await;
    assert!(refused.status == 400 && refused.text.contains("You cannot approve this"), "{}", refused.text);
    let page = buyer.post(&path, &form(&hidden, &[("act", "escalate")])).await;
    assert!(page.status == 200 && page.text.contains("put to the approvers"), "{}", page.text);
    shop.work().await;
    assert_eq!(shop.mails_to(HEAD, "").len(), 2, "{:?}", shop.subjects());
    assert_eq!(buyer.post(&path, &form(&hidden, &[("act", "escalate")])).await.status, 200);
    shop.work().await;
    assert_eq!(shop.mails_to(HEAD, "").len(), 2, "the same version is put to them once");

    let link = link_to(&shop, HEAD);
    let mut head = app.browser();
    let version = head.get(&link).await.field("version");
    let fields = [("act", "approve"), ("option", "0"), ("version", version.as_str())];
    let page = head.post(&link, &fields).await;
    assert!(page.text.contains("Approved") && page.text.contains(HEAD), "{}", page.text);
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
}

#[tokio::test]
async fn a_buyer_stays_within_the_limit_by_ordering_less() {
    let shop = Shop::open_with(Settings {
        mode: Mode::Ask,
        ask_above: Some(500.into()),
        approver_emails: vec![HEAD.to_owned()],
        ..Settings::default()
    })
    .await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let path = format!("/decisions/{}", shop.proposals().await.remove(0).id);
    let page = buyer.get(&path).await;
    assert!(page.text.contains("Approving leaves a draft"), "{}", page.text);
    let less = [("act", "approve"), ("option", "0"), ("quantity.0.0", "5"), ("price.0.0", "84")];
    assert_eq!(buyer.post(&path, &form(&hidden(&page), &less)).await.status, 303);
}

#[tokio::test]
async fn what_nobody_decides_goes_to_the_approvers_after_the_hours_that_are_set() {
    let shop = Shop::open_with(Settings {
        mode: Mode::Ask,
        escalate_hours: 4,
        approver_emails: vec![HEAD.to_owned()],
        ..Settings::default()
    })
    .await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.sweep().await;
    assert!(shop.mails_to(HEAD, "").is_empty(), "{:?}", shop.subjects());
    shop.clock.advance(Duration::from_secs(4 * 3600 + 1));
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.mails_to(HEAD, "").len(), 1, "{:?}", shop.subjects());
    assert_eq!(shop.audited("escalated").await, 1);
}

#[tokio::test]
async fn two_people_who_decide_at_once_buy_once_and_both_hear_of_it() {
    let shop = Shop::open(Mode::Ask).await;
    let before = shop.purchase_orders().await.len();
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let (mut anna, mut ben) = (app.member(shop.tenant, "anna").await, app.member(shop.tenant, "ben").await);
    let path = format!("/decisions/{}", shop.proposals().await.remove(0).id);
    let of_anna = hidden(&anna.get(&path).await);
    let of_ben = hidden(&ben.get(&path).await);
    let approve = form(&of_anna, &[("act", "approve"), ("option", "0")]);
    let decline = form(&of_ben, &[("act", "decline"), ("reason", "we have some")]);
    let (first, second) = tokio::join!(anna.post(&path, &approve), ben.post(&path, &decline));
    let mut answers = [first, second];
    answers.sort_by_key(|page| page.status);
    assert_eq!([answers[0].status, answers[1].status], [200, 303], "{} {}", answers[0].text, answers[1].text);
    let said = &answers[0].text;
    assert!(said.contains("was approved by Person anna") || said.contains("was declined by Person ben"), "{said}");
    shop.work().await;
    assert!(shop.purchase_orders().await.len() <= before + 1);
}

#[tokio::test]
async fn a_link_that_has_expired_says_so_and_leads_to_the_app() {
    let shop = Shop::open(Mode::Ask).await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let (app, link) = (site(&shop), link_to(&shop, BUYER));
    let mut mail = app.browser();
    let version = mail.get(&link).await.field("version");
    shop.clock.advance(Duration::from_secs(73 * 3600));
    for page in [mail.get(&link).await, mail.post(&link, &[("act", "approve"), ("version", &version)]).await] {
        assert!(page.status == 200 && page.text.contains("This link has expired"), "{}", page.text);
        assert!(page.text.contains("href=\"/decisions/"), "{}", page.text);
    }
}

#[tokio::test]
async fn several_are_looked_at_by_vendor_and_each_says_what_became_of_it() {
    let shop = Shop::open(Mode::Ask).await;
    let before = shop.purchase_orders().await.len();
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12), (KETTLE, 40)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let list = buyer.get("/decisions").await;
    let token = list.field("form_token");
    let chosen: Vec<String> =
        shop.proposals().await.iter().map(|proposal| format!("{}.{}", proposal.id, proposal.version)).collect();
    let [first, second] = &chosen[..] else { panic!("{chosen:?}") };
    let both = [("form_token", token.as_str()), ("chosen", first), ("chosen", second)];
    let preview = buyer.post("/decisions", &[&both[..], &[("act", "preview")]].concat()).await;
    assert!(preview.text.contains("<h2>Molino Meccanica S.r.l."), "{}", preview.text);
    assert!(preview.text.contains("<h2>Kettleworks Ltd"), "{}", preview.text);

    // one cannot be read: the other is made, the bad one is shown again with what was entered
    let id = second.split('.').next().unwrap();
    let (quantity, from) = (format!("{id}.quantity.0.0"), ("from", "preview"));
    let bad = [&both[..], &[("act", "approve"), from, (quantity.as_str(), "many")]].concat();
    let page = buyer.post("/decisions", &bad).await;
    assert!(page.text.contains(": purchase order approved.") && page.text.contains("is not a figure"), "{}", page.text);
    assert!(page.text.contains("value=\"many\"") && !page.text.contains(first.as_str()), "{}", page.text);
    let good = [&both[..], &[("act", "approve"), from, (quantity.as_str(), "3")]].concat();
    let page = buyer.post("/decisions", &good).await;
    assert!(
        page.text.contains("was decided already") && page.text.contains(": purchase order approved."),
        "{}",
        page.text
    );
    shop.work().await;
    let orders = shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 2);
    let quantities: Vec<_> = orders[before..].iter().map(|order| order["lines"][0]["quantity"].clone()).collect();
    assert!(quantities.iter().any(|quantity| quantity == "3"), "{quantities:?}");
    assert!(buyer.get("/decisions").await.text.contains("Nothing waits for a decision."));
}

#[tokio::test]
async fn several_are_declined_with_one_reason_or_put_off() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12), (KETTLE, 40)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let token = buyer.get("/decisions").await.field("form_token");
    let chosen: Vec<String> =
        shop.proposals().await.iter().map(|proposal| format!("{}.{}", proposal.id, proposal.version)).collect();
    let of = |index: usize| [("form_token", token.as_str()), ("chosen", chosen[index].as_str())];
    let none = buyer.post("/decisions", &[&of(0)[..1], &[("act", "decline"), ("reason", "x")]].concat()).await;
    assert!(none.text.contains("Nothing was chosen"), "{}", none.text);
    let without = buyer.post("/decisions", &[&of(0)[..], &[("act", "decline")]].concat()).await;
    assert!(without.text.contains("Say in a few words why"), "{}", without.text);
    let declined = buyer.post("/decisions", &[&of(0)[..], &[("act", "decline"), ("reason", "x")]].concat()).await;
    assert!(declined.text.contains(": not bought."), "{}", declined.text);
    let put_off = buyer.post("/decisions", &[&of(1)[..], &[("act", "snooze"), ("days", "3")]].concat()).await;
    assert!(put_off.text.contains(": not bought."), "{}", put_off.text);
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Declined));
    shop.clock.advance(Duration::from_secs(3 * 86_400 + 60));
    shop.sweep().await;
    assert_eq!(shop.proposals().await.len(), 1, "what was put off is asked again, what was declined is not");
}

#[tokio::test]
async fn the_pages_of_decisions_speak_the_reader_s_language_and_read_its_figures() {
    let shop = Shop::open(Mode::Ask).await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let path = format!("/decisions/{}", shop.proposals().await.remove(0).id);
    for (language, words) in [
        ("de", "Das Fehlende kaufen?"),
        ("fr", "Acheter ce qui manque"),
        ("es", "¿Comprar lo que falta?"),
        ("ms", "Beli kekurangan ini?"),
        ("zh", "采购缺少的部分"),
    ] {
        assert_eq!(buyer.post("/language", &[("language", language), ("to", &path)]).await.status, 303);
        let page = buyer.get(&path).await;
        assert!(page.text.contains(words), "{language}: {}", page.text);
        let list = buyer.get("/decisions").await;
        assert!(!list.text.contains("Decisions"), "{language}: {}", list.text);
    }
    assert_eq!(buyer.post("/language", &[("language", "de"), ("to", "/decisions")]).await.status, 303);
    let page = buyer.get(&path).await;
    assert_eq!(page.field("price.0.0"), "84,00");
    let edited = [("act", "approve"), ("option", "0"), ("quantity.0.0", "8"), ("price.0.0", "1.084,25")];
    assert_eq!(buyer.post(&path, &form(&hidden(&page), &edited)).await.status, 303);
    shop.work().await;
    let orders = shop.purchase_orders().await;
    assert_eq!(orders.last().unwrap()["lines"][0]["unit_price"], "1084.25");
}

/// A purchase order of ours that was confirmed, for a sale that now wants less: a change is proposed.
async fn shop_with_a_proposed_change() -> (Shop, App, String) {
    let shop = Shop::open(Mode::Automatic).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.until_settled().await;
    let lowered = serde_json::json!({ "code": sale.id, "lines": [{ "line": GRINDER, "quantity": 7 }] });
    shop.erp.control("/sandbox/edit", lowered).await;
    shop.event(std::slice::from_ref(&sale)).await;
    shop.work().await;
    let app = site(&shop);
    let page = app.member(shop.tenant, "buyer").await.get("/decisions").await;
    let (_, rest) = page.text.split_once("action=\"/changes/").unwrap_or_else(|| panic!("{}", page.text));
    let path = format!("/changes/{}", rest.split('"').next().unwrap());
    (shop, app, path)
}

#[tokio::test]
async fn a_change_that_is_proposed_has_three_choices_and_is_decided_once() {
    let (shop, app, path) = shop_with_a_proposed_change().await;
    let (mut anna, mut ben) = (app.member(shop.tenant, "anna").await, app.member(shop.tenant, "ben").await);
    let page = anna.get("/decisions").await;
    for words in
        ["Keep for stock", "Ask the vendor to reduce", "Cancel the line", "8 ordered, 3 needed", "The 5 that are"]
    {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let token = page.field("form_token");
    assert_eq!(anna.post(&path, &[("form_token", &token), ("act", "no")]).await.status, 400);
    let of_ben = ben.get("/decisions").await.field("form_token");
    assert_eq!(anna.post(&path, &[("form_token", &token), ("act", "keep")]).await.status, 303);
    let late = ben.post(&path, &[("form_token", &of_ben), ("act", "cancel")]).await;
    assert!(late.status == 409 && late.text.contains("decided already"), "{}", late.text);
    assert_eq!(shop.audited("change_kept").await, 1);
    shop.work().await;
    assert!(!anna.get("/decisions").await.text.contains(&path), "it is not proposed again");
}

#[tokio::test]
async fn a_cancellation_that_the_host_refuses_is_told_and_asked_again() {
    let (shop, app, order, path) = shop_with_an_edited_draft().await;
    for method in ["PUT", "DELETE"] {
        let fault = serde_json::json!({ "method": method, "path": "/v1/orders/purchase", "kind": "status_before",
            "status": 403, "times": 50 });
        shop.erp.control("/sandbox/faults", fault).await;
    }
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let token = buyer.get("/decisions").await.field("form_token");
    let told = shop.mails_to(BUYER, "has changed").len();
    assert_eq!(buyer.post(&path, &[("form_token", &token), ("act", "cancel")]).await.status, 303);
    shop.until_settled().await;
    assert!(shop.purchase_orders().await.iter().any(|there| there["code"] == order.as_str()), "it stands");
    let mails = shop.mails_to(BUYER, "has changed");
    assert_eq!(mails.len(), told + 1, "{:?}", shop.subjects());
    assert!(mails.last().unwrap().text.contains("403"), "{}", mails.last().unwrap().text);
    let page = buyer.get("/decisions").await;
    assert!(page.text.contains(&path), "the choice is there again: {}", page.text);
}

#[tokio::test]
async fn cancelling_a_line_takes_it_out_of_a_draft_that_somebody_edited() {
    let (shop, app, order, path) = shop_with_an_edited_draft().await;
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let page = buyer.get("/decisions").await;
    assert!(page.text.contains("It is still a draft"), "{}", page.text);
    let token = page.field("form_token");
    assert_eq!(buyer.post(&path, &[("form_token", &token), ("act", "cancel")]).await.status, 303);
    shop.until_settled().await;
    assert!(
        shop.purchase_orders().await.iter().all(|there| there["code"] != order.as_str()),
        "the ERP no longer has it"
    );
}

/// A draft of ours that somebody edited, and whose sale is cancelled: with its number and the path of its change.
async fn shop_with_an_edited_draft() -> (Shop, App, String, String) {
    let shop = Shop::open_with(Settings { mode: Mode::Automatic, issue: false, ..Settings::default() }).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.until_settled().await;
    let order = shop.purchase_orders().await.last().unwrap()["code"].as_str().unwrap().to_owned();
    // somebody edited our draft: it is no longer ours to lower
    let edited = serde_json::json!({ "code": order, "lines": [{ "line": GRINDER, "quantity": 9 }] });
    shop.erp.control("/sandbox/edit", edited).await;
    shop.sweep().await;
    let cancelled = serde_json::json!({ "code": sale.id });
    shop.erp.control("/sandbox/cancel", cancelled).await;
    shop.sweep().await;
    let app = site(&shop);
    let page = app.member(shop.tenant, "buyer").await.get("/decisions").await;
    let (_, rest) = page.text.split_once("action=\"/changes/").unwrap_or_else(|| panic!("{}", page.text));
    let path = format!("/changes/{}", rest.split('"').next().unwrap());
    (shop, app, order, path)
}
