//! Decisions by people, over real HTTP: in the app and by the link of a mail; settings; who may see what.

use std::sync::Arc;

use backorders::clock::SystemClock;
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, TenantId};
use backorders::domain::settings::Mode;

use crate::support::app::App;
use crate::support::shop::{BUYER, Shop};

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

fn site(shop: &Shop) -> App {
    App::over(shop.pool.clone(), &shop.erp, Arc::new(SystemClock))
}

fn link(shop: &Shop) -> String {
    let mails = shop.mails_to(BUYER, "");
    let (_, rest) = mails.last().unwrap().text.split_once("/d/").unwrap();
    format!("/d/{}", rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').next().unwrap())
}

#[tokio::test]
async fn a_link_of_a_mail_shows_on_get_and_buys_once_on_post() {
    let shop = Shop::open(Mode::Ask).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let (app, link) = (site(&shop), link(&shop));
    let mut mail = app.browser();
    for _ in 0..3 {
        let page = mail.get(&link).await;
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(page.text.contains("12 ordered − 4 from stock = 8 short"), "{}", page.text);
    }
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Asked), "looking decides nothing");

    let version = mail.get(&link).await.field("version");
    let stale = mail.post(&link, &[("act", "approve"), ("option", "0"), ("version", "99")]).await;
    assert!(stale.text.contains("changed"), "{}", stale.text);
    let fields = [("act", "approve"), ("option", "0"), ("version", version.as_str())];
    assert_eq!(mail.post_from("cross-site", &link, &fields).await.status, 403);
    let mut other = mail.clone();
    let (first, second) = tokio::join!(mail.post(&link, &fields), other.post(&link, &fields));
    assert_eq!((first.status, second.status), (200, 200), "{} {}", first.text, second.text);
    shop.work().await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    assert!(mail.get(&link).await.text.contains("Approved"));
}

#[tokio::test]
async fn a_member_approves_in_the_app_and_sees_what_became_of_it() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let list = buyer.get("/backorders").await;
    assert!(list.text.contains("state asked"), "{}", list.text);
    let proposal = shop.proposals().await.remove(0);
    let path = format!("/decisions/{}", proposal.id);
    let page = buyer.get(&path).await;
    let (token, version) = (page.field("form_token"), page.field("version"));
    let fields = [("form_token", token.as_str()), ("act", "approve"), ("option", "0"), ("version", version.as_str())];
    assert_eq!(buyer.post(&path, &fields).await.status, 303);
    shop.work().await;
    let one = buyer.get(&format!("/backorders/invoice/{}", sale.id)).await;
    assert!(one.text.contains("On order"), "{}", one.text);
    assert!(one.text.contains("Person buyer"), "{}", one.text);
    let again = buyer.post(&path, &fields).await;
    assert!(again.text.contains("was approved by Person buyer"), "{}", again.text);
}

#[tokio::test]
async fn declining_needs_a_reason_and_shows_it() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let path = format!("/decisions/{}", shop.proposals().await.remove(0).id);
    let page = buyer.get(&path).await;
    let (token, version) = (page.field("form_token"), page.field("version"));
    let base = [("form_token", token.as_str()), ("act", "decline"), ("version", version.as_str())];
    assert_eq!(buyer.post(&path, &base).await.status, 400);
    let reason = [&base[..], &[("reason", "<script>alert(1)</script> too dear")]].concat();
    assert_eq!(buyer.post(&path, &reason).await.status, 303);
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Declined));
    let one = buyer.get(&format!("/backorders/invoice/{}", sale.id)).await;
    assert!(one.text.contains("too dear") && !one.text.contains("<script>"), "{}", one.text);
}

#[tokio::test]
async fn attack_80_another_company_sees_and_decides_nothing_of_ours() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let stranger = TenantId(uuid::Uuid::from_u128(99));
    let client = shop.database.client().await;
    let copy = "INSERT INTO tenant SELECT $1, name, time_zone, base_currency, created_at FROM tenant";
    client.execute(copy, &[&stranger.0]).await.unwrap();
    let copy = "INSERT INTO connection (tenant_id, host_kind, base_url, company, state, connected_by, connected_at,
            next_poll_at, next_sweep_at)
        SELECT $1, host_kind, base_url, 'other', 'paused', connected_by, connected_at, 'infinity', 'infinity'
        FROM connection";
    client.execute(copy, &[&stranger.0]).await.unwrap();
    let app = site(&shop);
    let mut other = app.member(stranger, "mallory").await;
    let list = other.get("/backorders").await;
    assert_eq!(list.status, 200, "{}", list.text);
    let token = other.get("/settings").await.field("form_token");
    let decision = format!("/decisions/{}", shop.proposals().await.remove(0).id);
    assert_eq!(other.get(&decision).await.status, 404);
    assert_eq!(other.get(&format!("/backorders/invoice/{}", sale.id)).await.status, 404);
    let fields = [("form_token", token.as_str()), ("act", "approve"), ("version", "1")];
    assert_eq!(other.post(&decision, &fields).await.status, 404);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Asked));
}

#[tokio::test]
async fn attack_84_settings_are_for_administrators_and_never_overwrite_a_newer_version() {
    let shop = Shop::open(Mode::Watch).await;
    let app = site(&shop);
    let mut administrator = app.member(shop.tenant, "anna").await;
    let mut member = app.member(shop.tenant, "ben").await;
    let page = member.get("/settings").await;
    let token = page.field("form_token");
    let fields = [("form_token", token.as_str()), ("settings_version", "1"), ("mode", "automatic")];
    assert_eq!(member.post("/settings", &fields).await.status, 403);

    let page = administrator.get("/settings").await;
    let (token, version) = (page.field("form_token"), page.field("settings_version"));
    let fields = [
        ("form_token", token.as_str()),
        ("settings_version", version.as_str()),
        ("daily_orders", "7"),
        ("link_hours", "24"),
        ("buyer_emails", BUYER),
    ];
    assert_eq!(administrator.post("/settings", &fields).await.status, 303);
    assert_eq!(administrator.post("/settings", &fields).await.status, 409, "the version has been replaced");
    let bad = [&fields[..1], &[("buyer_emails", "a@b.c\r\nBcc: x@y.z"), ("daily_orders", "-1")]].concat();
    assert_ne!(administrator.post("/settings", &bad).await.status, 303);
}
