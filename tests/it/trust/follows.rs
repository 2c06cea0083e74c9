//! What was ordered follows what is needed, and people hear of it once.

use backorders::decision::{self, Shown};
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::{Mode, Settings};
use serde_json::{Value, json};
use std::time::Duration;

use crate::support::shop::{BUYER, SELLER, Shop};

on_odoo! {
    a_cancelled_sale_takes_its_untouched_draft_with_it,
    a_sale_that_is_amended_down_lowers_the_draft_and_up_orders_the_rest,
    an_issued_purchase_order_is_not_changed_but_the_change_is_proposed_once,
    goods_that_turn_out_not_to_be_there_take_ready_back_once_and_give_it_again_once,
}

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

/// A company whose purchase orders stay drafts, with a sale of 12 for which 8 were ordered.
async fn drafted() -> (Shop, DocumentRef, String) {
    let shop = Shop::open_with(Settings { mode: Mode::Automatic, issue: false, ..Settings::default() }).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let code = shop.purchase_orders().await.last().unwrap()["code"].as_str().unwrap().to_owned();
    (shop, sale, code)
}

async fn order(shop: &Shop, code: &str) -> Option<Value> {
    shop.purchase_orders().await.into_iter().find(|order| order["code"] == code)
}

async fn amend(shop: &Shop, sale: &DocumentRef, quantity: i64) {
    let line = shop.sale(sale).await["lines"][0]["code"].clone();
    let body = json!({ "code": sale.id, "lines": [{ "line": line, "quantity": quantity }] });
    shop.erp.control("/sandbox/edit", body).await;
    shop.sweep().await;
}

#[tokio::test]
async fn a_cancelled_sale_takes_its_untouched_draft_with_it() {
    let (shop, sale, code) = drafted().await;
    shop.erp.control("/sandbox/cancel", json!({ "code": sale.id })).await;
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Cancelled));
    let left = order(&shop, &code).await;
    assert!(left.as_ref().is_none_or(|order| order["status"] == "CLOSED"), "{left:#?}");
}

#[tokio::test]
async fn a_sale_that_is_amended_down_lowers_the_draft_and_up_orders_the_rest() {
    let (shop, sale, code) = drafted().await;
    amend(&shop, &sale, 10).await;
    assert_eq!(order(&shop, &code).await.unwrap()["lines"][0]["quantity"], "6");
    let count = shop.purchase_orders().await.len();
    amend(&shop, &sale, 15).await;
    let orders = shop.purchase_orders().await;
    let ours: rust_decimal::Decimal = orders[count - 1..]
        .iter()
        .flat_map(|order| order["lines"].as_array().unwrap())
        .map(|line| line["quantity"].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap())
        .sum();
    assert_eq!(ours, 11.into(), "{:#?}", &orders[count - 1..]);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
}

#[tokio::test]
async fn an_issued_purchase_order_is_not_changed_but_the_change_is_proposed_once() {
    let shop = Shop::open(Mode::Automatic).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let code = shop.purchase_orders().await.last().unwrap()["code"].as_str().unwrap().to_owned();
    amend(&shop, &sale, 10).await;
    shop.sweep().await;
    assert_eq!(order(&shop, &code).await.unwrap()["lines"][0]["quantity"], "8");
    assert_eq!(shop.mails_to(BUYER, "has changed").len(), 1, "{:?}", shop.subjects());
}

#[tokio::test]
async fn goods_that_turn_out_not_to_be_there_take_ready_back_once_and_give_it_again_once() {
    let shop = Shop::open(Mode::Automatic).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let code = shop.purchase_orders().await.last().unwrap()["code"].clone();
    let received = shop.erp.control("/sandbox/receive", json!({ "code": code })).await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Ready));
    shop.erp.control("/sandbox/undo-receipt", json!({ "receipt": received["receipt"] })).await;
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    assert_eq!(shop.mails_to(SELLER, "cannot go after all").len(), 1, "{:?}", shop.subjects());
    shop.erp.control("/sandbox/receive", json!({ "code": code })).await;
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.mails_to(SELLER, "can go").len(), 2, "once for each time that it came in: {:?}", shop.subjects());
}

#[tokio::test]
async fn a_vendor_that_closes_short_leaves_the_rest_to_a_person() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let code = shop.purchase_orders().await.last().unwrap()["code"].clone();
    let part = json!({ "code": code, "lines": [{ "line": GRINDER, "quantity": 3 }] });
    shop.erp.control("/sandbox/receive", part).await;
    shop.erp.control("/sandbox/cancel", json!({ "code": code })).await;
    shop.sweep().await;
    shop.sweep().await;
    // 12 wanted, 4 and 3 are there: 5 are short, and what was ordered once is never ordered twice
    let ours: rust_decimal::Decimal = shop.purchase_orders().await[before + 1..]
        .iter()
        .flat_map(|order| order["lines"].as_array().unwrap())
        .map(|line| line["quantity"].as_str().unwrap().parse::<rust_decimal::Decimal>().unwrap())
        .sum();
    let state = shop.state(&sale).await;
    match ours.to_string().as_str() {
        "0" => assert_eq!(state, Some(BackorderState::Short)),
        "5" => assert_eq!(state, Some(BackorderState::OnOrder)),
        other => panic!("{other} were ordered for 5 that are short"),
    }
}

#[tokio::test]
async fn what_was_put_off_is_asked_again_when_its_time_has_come() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let proposal = shop.proposals().await.remove(0);
    let until =
        backorders::worker::retry::after(backorders::clock::Clock::now(&*shop.clock), Duration::from_secs(3600));
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    backorders::db::enter_tenant(&tx, shop.tenant).await.unwrap();
    let shown = Shown { tenant: shop.tenant, proposal: proposal.id, version: proposal.version, by: "Buyer" };
    decision::decline(&tx, shown, "not this week", Some(until), &*shop.clock).await.unwrap();
    tx.commit().await.unwrap();
    drop(client);
    shop.sweep().await;
    assert!(shop.proposals().await.is_empty());
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Declined));
    shop.clock.advance(Duration::from_secs(3700));
    shop.sweep().await;
    assert_eq!(shop.proposals().await.len(), 1);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Asked));
    assert_eq!(shop.mails_to(BUYER, "").len(), 2, "{:?}", shop.subjects());
}

#[tokio::test]
async fn goods_that_do_not_come_are_noticed_when_the_day_has_passed() {
    let shop = Shop::open(Mode::Automatic).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let planned = planned_at(&shop).await;
    shop.clock.advance(Duration::from_secs(24 * 3600));
    shop.sweep().await;
    assert!(planned_at(&shop).await > planned, "{:?} was planned again for the new day", shop.state(&sale).await);
    let planned = planned_at(&shop).await;
    shop.clock.advance(Duration::from_secs(60));
    shop.sweep().await;
    assert_eq!(planned_at(&shop).await, planned, "once a day");
}

async fn planned_at(shop: &Shop) -> jiff::Timestamp {
    let row = shop.database.client().await.query_one("SELECT max(planned_at) AS at FROM allocation", &[]).await;
    row.unwrap().get("at")
}

#[tokio::test]
async fn f31_a_list_that_shifts_while_it_is_read_hides_no_sale_for_longer_than_a_sweep() {
    let shop = Shop::open(Mode::Automatic).await;
    // more than one page, newest first
    shop.erp.control("/sandbox/stock", json!({ "item": GRINDER, "to": 97 })).await;
    let mut sold = Vec::new();
    for _ in 0..105 {
        sold.push(shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 1)]).await);
    }
    // while a sweep reads the two pages slowly, sales come and go: rows move from page to page
    let slow = json!({ "method": "GET", "path": "/v1/invoices", "times": 2, "kind": "slow", "ms": 200 });
    shop.erp.control("/sandbox/faults", slow).await;
    let shift = async {
        let mut short = Vec::new();
        for gone in &sold[..8] {
            short.push(shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 2)]).await);
            shop.erp.control("/sandbox/cancel", json!({ "code": gone.id })).await;
        }
        short
    };
    let ((), short) = tokio::join!(shop.sweep(), shift);
    shop.sweep().await;
    shop.until_settled().await;
    for sale in &short {
        assert_eq!(shop.state(sale).await, Some(BackorderState::OnOrder), "{sale:?}");
    }
    assert_eq!(shop.state(&sold[8]).await, None, "there is enough for those that were there before");
}
