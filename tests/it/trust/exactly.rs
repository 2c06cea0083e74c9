//! What is bought is exactly what is short, also when people and the host are quicker than we are.

use backorders::clock::Clock as _;
use backorders::db::{self, stuck_intent};
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::{DropShipment, Mode, Settings};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::shop::{BUYER, Shop};

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

/// A company that orders by itself; its purchase orders stay drafts.
async fn drafts() -> Shop {
    Shop::open_with(Settings { mode: Mode::Automatic, issue: false, ..Settings::default() }).await
}

/// What purchase orders, from the `skip`-th on, order of the grinder.
async fn ordered(shop: &Shop, skip: usize) -> Decimal {
    let orders = shop.purchase_orders().await;
    let lines = orders.iter().skip(skip).filter(|order| order["status"] != "CLOSED");
    let lines = lines.flat_map(|order| order["lines"].as_array().unwrap()).filter(|line| line["item"] == GRINDER);
    lines.map(|line| line["quantity"].as_str().unwrap().parse::<Decimal>().unwrap()).sum()
}

async fn last_order(shop: &Shop) -> Value {
    shop.purchase_orders().await.pop().unwrap()
}

async fn edit(shop: &Shop, sale: &DocumentRef, quantity: i64) {
    let line = shop.sale(sale).await["lines"][0]["code"].clone();
    let body = json!({ "code": sale.id, "lines": [{ "line": line, "quantity": quantity }] });
    shop.erp.control("/sandbox/edit", body).await;
    shop.event(std::slice::from_ref(sale)).await;
}

/// Does one thing after another until the database says `done`.
async fn work_until(shop: &Shop, sql: &str) {
    let client = shop.database.client().await;
    for _ in 0..100 {
        if client.query_one(sql, &[]).await.unwrap().get::<_, bool>("done") {
            return;
        }
        shop.worker.run_once().await.unwrap();
    }
    panic!("never: {sql}; {:?}", shop.waiting().await);
}

async fn count(shop: &Shop, sql: &str) -> i64 {
    shop.database.client().await.query_one(sql, &[]).await.unwrap().get(0)
}

const CHANGE_IS_PLANNED: &str =
    "SELECT EXISTS (SELECT FROM intent WHERE action = 'change' AND state = 'planned') AS done";

#[tokio::test]
async fn a_draft_that_a_person_issues_while_it_is_to_be_raised_leaves_the_rest_to_another() {
    let shop = drafts().await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let code = last_order(&shop).await["code"].clone();
    edit(&shop, &sale, 15).await;
    work_until(&shop, CHANGE_IS_PLANNED).await;
    // a person is quicker: issues it, and the goods are there already
    shop.erp.control("/sandbox/issue", json!({ "code": code })).await;
    shop.erp.control("/sandbox/receive", json!({ "code": code })).await;
    shop.sweep().await;
    shop.until_settled().await;
    assert_eq!(ordered(&shop, before).await, 11.into(), "{:#?}", shop.purchase_orders().await.split_off(before));
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    let stuck = count(&shop, "SELECT count(*) FROM intent WHERE state IN ('rejected', 'needs_human')").await;
    assert_eq!(stuck, 0, "nobody has to do anything");
}

#[tokio::test]
async fn a_draft_that_a_person_edits_while_it_is_to_be_lowered_stays_and_the_change_is_proposed() {
    let shop = drafts().await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let order = last_order(&shop).await;
    edit(&shop, &sale, 10).await;
    work_until(&shop, CHANGE_IS_PLANNED).await;
    let lines = json!([{ "line": order["lines"][0]["code"], "quantity": 20 }]);
    shop.erp.control("/sandbox/edit", json!({ "code": order["code"], "lines": lines })).await;
    shop.sweep().await;
    shop.until_settled().await;
    assert_eq!(ordered(&shop, before).await, 20.into(), "what a person wrote stands");
    assert_eq!(shop.mails_to(BUYER, "has changed").len(), 1, "{:?}", shop.subjects());
}

#[tokio::test]
async fn a_draft_that_the_host_does_not_let_us_change_is_not_tried_for_ever() {
    let shop = drafts().await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let path = "/v1/orders/purchase";
    let fault = json!({ "method": "PUT", "path": path, "kind": "status_before", "status": 403, "times": 50 });
    shop.erp.control("/sandbox/faults", fault).await;
    edit(&shop, &sale, 15).await;
    shop.until_settled().await;
    let tried = |one: &&Value| one["method"] == "PUT" && one["path"].as_str().is_some_and(|at| at.starts_with(path));
    assert_eq!(shop.erp.requests().await.iter().filter(tried).count(), 1);
    assert_eq!(ordered(&shop, before).await, 11.into(), "the rest is ordered anew");
}

#[tokio::test]
async fn a_draft_that_is_gone_before_it_is_cancelled_stands_in_nobodys_way() {
    let shop = drafts().await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let code = last_order(&shop).await["code"].clone();
    edit(&shop, &sale, 4).await;
    work_until(&shop, CHANGE_IS_PLANNED).await;
    shop.erp.control("/sandbox/delete", json!({ "code": code })).await;
    shop.until_settled().await;
    assert_eq!(count(&shop, "SELECT count(*) FROM intent WHERE action = 'change' AND state = 'confirmed'").await, 1);
    edit(&shop, &sale, 12).await;
    shop.until_settled().await;
    assert_eq!(ordered(&shop, before).await, 8.into(), "it is bought: {:?}", shop.subjects());
}

#[tokio::test]
async fn a_draft_that_is_about_to_be_issued_is_not_raised() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.event(std::slice::from_ref(&sale)).await;
    work_until(&shop, "SELECT EXISTS (SELECT FROM intent WHERE state = 'created') AS done").await;
    edit(&shop, &sale, 15).await;
    shop.until_settled().await;
    assert_eq!(ordered(&shop, before).await, 11.into());
    assert_eq!(count(&shop, "SELECT count(*) FROM intent WHERE action = 'change'").await, 0);
    for order in shop.purchase_orders().await.split_off(before) {
        assert_eq!(order["status"], "OPEN", "{order}");
    }
}

#[tokio::test]
async fn a_draft_follows_its_sale_also_where_documents_have_links() {
    let shop = drafts().await;
    let options = r#"{"web_url": "https://erp.fairlight.test/{kind}/{code}"}"#;
    let sql = format!("UPDATE connection SET options = '{options}'");
    shop.database.client().await.batch_execute(&sql).await.unwrap();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let code = last_order(&shop).await["code"].clone();
    edit(&shop, &sale, 10).await;
    shop.sweep().await;
    let order = shop.purchase_orders().await.into_iter().find(|order| order["code"] == code).unwrap();
    assert_eq!(order["lines"][0]["quantity"], "6");
}

#[tokio::test]
async fn what_was_refused_is_not_sent_again_when_others_were_bought_for_meanwhile() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let covered = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 4)]).await;
    shop.sweep().await;
    shop.erp.fault("POST", "/v1/orders/purchase", json!({ "kind": "status_before", "status": 403 })).await;
    let short = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    assert_eq!(shop.state(&short).await, Some(BackorderState::Declined));
    // it becomes urgent and takes the stock: the other one is short instead
    shop.erp.control("/sandbox/edit", json!({ "code": short.id, "need_by": "2026-11-30" })).await;
    shop.sweep().await;
    assert_eq!(ordered(&shop, before).await, 4.into(), "{:?}", shop.state(&covered).await);
    // the buyer has mended what was refused
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, shop.tenant).await.unwrap();
    let stuck = stuck_intent::list(&tx, shop.tenant, 10).await.unwrap().remove(0);
    assert!(stuck_intent::look_again(&tx, shop.tenant, stuck.id, shop.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
    shop.until_settled().await;
    shop.sweep().await;
    assert_eq!(ordered(&shop, before).await, 12.into(), "16 are wanted, 4 are there");
    assert_eq!(shop.state(&short).await, Some(BackorderState::OnOrder));
}

#[tokio::test]
async fn goods_that_came_in_and_went_out_between_two_looks_are_not_bought_again() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    shop.erp.control("/sandbox/stock", json!({ "item": GRINDER, "to": 0 })).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 8)]).await;
    shop.sweep().await;
    let code = last_order(&shop).await["code"].as_str().unwrap().to_owned();
    shop.erp.control("/sandbox/receive", json!({ "code": code })).await;
    shop.erp.control("/sandbox/fulfil", json!({ "code": sale.id })).await;
    // of the two only the receipt is told; the stock is 0 as before
    shop.event(&[DocumentRef::new(DocumentKind::PurchaseOrder, code)]).await;
    shop.work().await;
    assert_eq!(ordered(&shop, before).await, 8.into());
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Delivered), "it was looked at again");
}

#[tokio::test]
async fn what_a_vendor_has_shipped_to_the_customer_is_not_bought_again() {
    let settings =
        Settings { mode: Mode::Automatic, issue: true, drop_shipment: DropShipment::AsMarked, ..Settings::default() };
    let shop = Shop::open_with(settings).await;
    let before = shop.purchase_orders().await.len();
    let sale = json!({
        "kind": "invoice", "customer": "Rösterei Anselm", "need_by": "2026-12-05", "drop_ship": true,
        "lines": [{ "item": GRINDER, "quantity": 12 }],
    });
    let made = shop.erp.control("/sandbox/sales", sale).await;
    let sale = DocumentRef::new(DocumentKind::Invoice, made["code"].as_str().unwrap());
    shop.sweep().await;
    assert_eq!(ordered(&shop, before).await, 12.into());
    let order = last_order(&shop).await;
    assert_eq!(order["drop_ship"], true, "{order}");
    let code = order["code"].as_str().unwrap().to_owned();
    for part in [5, 7] {
        let lines = json!([{ "line": GRINDER, "quantity": part }]);
        shop.erp.control("/sandbox/receive", json!({ "code": code, "lines": lines })).await;
        shop.event(&[DocumentRef::new(DocumentKind::PurchaseOrder, code.clone())]).await;
        shop.work().await;
        assert_eq!(ordered(&shop, before).await, 12.into());
    }
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Delivered), "{}", shop.sale(&sale).await);
    assert_eq!(ordered(&shop, before).await, 12.into());
}
