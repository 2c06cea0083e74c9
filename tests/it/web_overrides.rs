//! What differs for one vendor, customer or item: entered on its page, and held by planner and worker.

use std::time::Duration;

use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::{Mode, Settings};

use crate::support::app::{App, Browser, Page};
use crate::support::shop::{BUYER, Shop};

/// Burr grinder: 4 in stock, of Molino Meccanica.
const GRINDER: &str = "P-0000001";
/// Gooseneck kettle: 18 in stock, of Kettleworks.
const KETTLE: &str = "P-0000003";
/// Who buys from Molino, and who approves that.
const OWN_BUYER: &str = "molino@fairlight.test";
const OWN_HEAD: &str = "molino.head@fairlight.test";
const HEAD: &str = "head@fairlight.test";

fn site(shop: &Shop) -> App {
    App::over(shop.pool.clone(), &shop.erp, shop.clock.clone())
}

async fn post(anna: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let page = anna.get("/settings").await;
    let (token, version) = (page.field("form_token"), page.field("settings_version"));
    let all = [&[("form_token", token.as_str()), ("settings_version", version.as_str())], fields].concat();
    anna.post(path, &all).await
}

/// The page of the vendor, customer or item that is called so.
async fn page_of(anna: &mut Browser, of: &str, what: &str) -> String {
    let found = post(anna, "/settings/for", &[("of", of), ("what", what)]).await;
    found.location.unwrap_or_else(|| panic!("{}", found.text))
}

#[tokio::test]
async fn a_vendor_has_its_own_buyer_approver_hours_and_wait() {
    let shop = Shop::open_with(Settings {
        mode: Mode::Ask,
        ask_above: Some(500.into()),
        approver_emails: vec![HEAD.to_owned()],
        escalate_hours: 48,
        ..Settings::default()
    })
    .await;
    shop.set(|settings| settings.buyer_emails = vec![BUYER.to_owned()]).await;
    // a vendor is known from the first order that needs it
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 5)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let path = page_of(&mut anna, "vendor", "Molino Meccanica S.r.l.").await;
    let page = anna.get(&path).await;
    for offered in ["group_by", "wait_minutes", "approver_emails", "escalate_hours", "buyer_emails", "count_incoming"] {
        assert!(page.text.contains(&format!("name=\"{offered}\"")), "{offered}: {}", page.text);
    }
    for not_a_vendor_s in ["supply", "hold_for_order", "safety_stock", "seller_emails", "ship_policy"] {
        assert!(!page.text.contains(&format!("name=\"{not_a_vendor_s}\"")), "{not_a_vendor_s}: {}", page.text);
    }
    let own = [
        ("group_by", "vendor"),
        ("wait_minutes", "30"),
        ("buyer_emails", OWN_BUYER),
        ("approver_emails", OWN_HEAD),
        ("escalate_hours", "2"),
        ("supply", "pooled"),
    ];
    let saved = post(&mut anna, &path, &own).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let page = anna.get(&path).await;
    assert!(page.text.contains(&format!("value=\"{OWN_BUYER}\"")), "{}", page.text);
    let wrong = post(&mut anna, &path, &[("buyer_emails", "nobody at all")]).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);

    shop.erp.sell(DocumentKind::Invoice, &[(KETTLE, 60)]).await;
    let grinder = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let waits: Vec<_> = shop.proposals().await.into_iter().filter(|one| one.gathers_until.is_some()).collect();
    assert_eq!(waits.len(), 1, "{waits:?}");
    assert_eq!(waits[0].body.options[0].vendor.name, "Molino Meccanica S.r.l.");
    assert!(shop.mails_to(OWN_BUYER, "").is_empty(), "{:?}", shop.subjects());
    assert_eq!(shop.mails_to(HEAD, "").len(), 1, "the kettles' approver is the company's: {:?}", shop.subjects());

    shop.clock.advance(Duration::from_secs(31 * 60));
    shop.sweep().await;
    assert_eq!(shop.state(&grinder).await, Some(BackorderState::Asked));
    assert_eq!(shop.mails_to(OWN_BUYER, "").len(), 1, "{:?}", shop.subjects());
    assert_eq!(shop.mails_to(OWN_HEAD, "").len(), 1, "{:?}", shop.subjects());
    assert_eq!(shop.mails_to(HEAD, "").len(), 1, "{:?}", shop.subjects());

    shop.clock.advance(Duration::from_secs(3 * 3600));
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.mails_to(OWN_HEAD, "").len(), 2, "after Molino's two hours: {:?}", shop.subjects());
    assert_eq!(shop.mails_to(HEAD, "").len(), 1, "after the company's 48: {:?}", shop.subjects());
    shop.clock.advance(Duration::from_secs(48 * 3600));
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.mails_to(HEAD, "").len(), 2, "{:?}", shop.subjects());
}

#[tokio::test]
async fn a_customer_takes_parts_and_only_such_a_customer() {
    let shop = Shop::open(Mode::Automatic).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.until_settled().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "the company sends whole orders");
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let customer = shop.sale(&sale).await["customer"].as_str().unwrap().to_owned();
    let path = page_of(&mut anna, "customer", &customer).await;
    let page = anna.get(&path).await;
    for offered in ["ship_policy", "seller_emails", "buyer_emails", "hold_for_order", "group_by"] {
        assert!(page.text.contains(&format!("name=\"{offered}\"")), "{offered}: {}", page.text);
    }
    for not_a_customer_s in ["wait_minutes", "approver_emails", "min_qty_means", "count_incoming", "supply"] {
        assert!(!page.text.contains(&format!("name=\"{not_a_customer_s}\"")), "{not_a_customer_s}: {}", page.text);
    }
    assert_eq!(post(&mut anna, &path, &[("ship_policy", "any_part")]).await.status, 303);
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::PartReady));
    // the item is more particular than the customer
    let item = page_of(&mut anna, "item", GRINDER).await;
    assert_eq!(post(&mut anna, &item, &[("ship_policy", "whole_order")]).await.status, 303);
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
}

#[tokio::test]
async fn what_the_rules_of_one_item_would_do_is_shown_before_they_are_saved() {
    let shop = Shop::open(Mode::Ask).await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let path = page_of(&mut anna, "item", GRINDER).await;
    let shown = post(&mut anna, &path, &[("act", "preview"), ("buy", "nothing"), ("group_by", "line")]).await;
    assert_eq!(shown.status, 200, "{}", shown.text);
    assert!(
        shown.text.contains("1 would buy something") && shown.text.contains("0 would buy something"),
        "{}",
        shown.text
    );
    assert!(shown.text.contains("<option value=\"nothing\" selected>"), "what was entered stays: {}", shown.text);
    let page = anna.get(&path).await;
    assert!(!page.text.contains("<option value=\"nothing\" selected>"), "nothing was saved: {}", page.text);
}
