//! The story of the product, over real HTTP, PostgreSQL and SMTP: a sale that is short becomes a purchase order, and
//! the goods that arrive free it.

use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;
use serde_json::json;

use crate::support::shop::{BUYER, SELLER, Shop};

on_odoo! {
    a_short_invoice_is_asked_approved_bought_received_and_told,
    automatic_buys_the_shortfall_by_itself_and_buys_it_once,
    watch_tells_what_it_would_do_and_does_nothing,
    a_drop_shipment_goes_to_the_customers_own_address_and_delivers_the_sale,
    the_drop_shipment_that_is_offered_follows_the_address_of_the_sale,
    a_connection_cut_after_the_commit_does_not_buy_twice,
    a_connection_cut_before_the_commit_is_tried_again,
    a_500_after_the_commit_does_not_buy_twice,
    an_answer_that_cannot_be_read_does_not_buy_twice,
    a_host_that_commits_after_we_gave_up_is_not_asked_again,
    an_expired_token_is_renewed_and_the_order_is_made_once,
    a_kit_that_is_short_buys_only_the_components_that_are_missing,
    a_sale_in_cases_buys_single_pieces,
    a_sale_from_another_warehouse_is_bought_into_that_one,
}

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

#[tokio::test]
async fn a_short_invoice_is_asked_approved_bought_received_and_told() {
    let shop = Shop::open(Mode::Ask).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;

    assert_eq!(shop.state(&sale).await, Some(BackorderState::Asked));
    let proposals = shop.proposals().await;
    let [proposal] = &proposals[..] else { panic!("one proposal: {proposals:?}") };
    assert_eq!(proposal.body.options[0].lines[0].stock_quantity, 8.into());
    let asked = shop.mails_to(BUYER, "");
    let [mail] = &asked[..] else { panic!("one mail to the buyer: {asked:?}") };
    assert!(mail.text.contains("12 ordered − 4 from stock = 8 short"), "{}", mail.text);
    assert!(mail.text.contains("/d/"), "{}", mail.text);
    assert_eq!(shop.purchase_orders().await.len(), before, "nothing is bought before somebody says so");
    assert!(shop.is_marked(&sale).await);

    shop.approve(proposal.id, 0).await;
    let orders = shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 1);
    let order = orders.last().unwrap();
    assert_eq!(order["lines"][0]["quantity"], "8", "{order}");
    assert!(shop.erp.face.is_odoo() || order["back_order"] == true, "{order}");
    assert_eq!(order["status"], "OPEN", "{order}");
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    let code = order["code"].as_str().unwrap();

    shop.erp.control("/sandbox/receive", json!({ "code": code, "lines": [{ "line": GRINDER, "quantity": 3 }] })).await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    assert_eq!(shop.mails_to(SELLER, "can go").len(), 0);

    shop.erp.control("/sandbox/receive", json!({ "code": code, "lines": [{ "line": GRINDER, "quantity": 5 }] })).await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Ready));
    shop.sweep().await;
    assert_eq!(shop.mails_to(SELLER, "can go").len(), 1, "{:?}", shop.subjects());
    assert_eq!(shop.purchase_orders().await.len(), before + 1);

    shop.erp.control("/sandbox/fulfil", json!({ "code": sale.id })).await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Delivered));
    assert!(!shop.is_marked(&sale).await);
}

#[tokio::test]
async fn automatic_buys_the_shortfall_by_itself_and_buys_it_once() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.sweep().await;
    shop.sweep().await;
    let orders = shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 1);
    assert_eq!(orders.last().unwrap()["lines"][0]["quantity"], "8");
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    assert!(shop.proposals().await.is_empty());
    assert_eq!(shop.mails_to(BUYER, "").len(), 0, "{:?}", shop.subjects());
}

#[tokio::test]
async fn watch_tells_what_it_would_do_and_does_nothing() {
    let shop = Shop::open(Mode::Watch).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Short));
    assert_eq!(shop.purchase_orders().await.len(), before);
    assert!(!shop.is_marked(&sale).await, "the host is not touched");
    let told = shop.mails_to(BUYER, "");
    assert_eq!(told.len(), 1, "{:?}", shop.subjects());
    assert!(!told[0].text.contains("/d/"), "there is nothing to decide: {}", told[0].text);
}

#[tokio::test]
async fn a_drop_shipment_goes_to_the_customers_own_address_and_delivers_the_sale() {
    let shop = Shop::open(Mode::Ask).await;
    let before = shop.purchase_orders().await.len();
    let _sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let proposal = shop.proposals().await.remove(0);
    let options = &proposal.body.options;
    let shipped = options
        .iter()
        .position(backorders::domain::proposal::PurchaseOption::is_drop_ship)
        .expect("a drop shipment is offered");
    assert_eq!(options[shipped].lines[0].stock_quantity, 12.into(), "a drop-shipped line draws on no stock");
    shop.approve(proposal.id, shipped).await;
    let orders = shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 1);
    let order = orders.last().unwrap();
    assert_eq!(order["drop_ship"], true, "{order}");
    assert!(order["ship_to"].to_string().contains("Schillerstr. 40"), "{order}");
}

#[tokio::test]
async fn the_drop_shipment_that_is_offered_follows_the_address_of_the_sale() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let offered = async || {
        let proposal = shop.proposals().await.remove(0);
        let shipped = proposal.body.options.into_iter().find(|option| option.ship_to.is_some());
        (proposal.version, shipped.expect("a drop shipment is offered").ship_to.unwrap().one_line())
    };
    let (version, address) = offered().await;
    assert!(address.contains("Schillerstr. 40"), "{address}");
    shop.event(std::slice::from_ref(&sale)).await;
    shop.work().await;
    assert_eq!(offered().await, (version, address), "nothing has changed");
    let moved = json!({ "address1": "Hafenweg 3", "city": "Kiel", "postal_code": "24103", "country": "Germany" });
    shop.erp.control("/sandbox/edit", json!({ "code": sale.id, "ship_to": moved })).await;
    shop.event(std::slice::from_ref(&sale)).await;
    shop.work().await;
    let (after, address) = offered().await;
    assert!(address.contains("Hafenweg 3"), "{address}");
    assert_eq!(after, version + 1, "a link to the old one says that it has changed");
}

/// Whatever the host does with the call, one purchase order stands in the end.
async fn bought_once_despite(fault: serde_json::Value) {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    shop.erp.fault("POST", "/v1/orders/purchase", fault.clone()).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.until_settled().await;
    let orders = shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 1, "after {fault}: {orders:#?}");
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "after {fault}");
}

#[tokio::test]
async fn a_connection_cut_after_the_commit_does_not_buy_twice() {
    bought_once_despite(json!({ "kind": "cut_after_commit" })).await;
}

#[tokio::test]
async fn a_connection_cut_before_the_commit_is_tried_again() {
    bought_once_despite(json!({ "kind": "cut_before" })).await;
}

#[tokio::test]
async fn a_500_after_the_commit_does_not_buy_twice() {
    bought_once_despite(json!({ "kind": "status_after_commit", "status": 500 })).await;
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_does_not_buy_twice() {
    for kind in ["truncated_body", "html_body", "empty_body"] {
        bought_once_despite(json!({ "kind": kind })).await;
    }
}

#[tokio::test]
async fn a_host_that_commits_after_we_gave_up_is_not_asked_again() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    shop.erp.fault("POST", "/v1/orders/purchase", json!({ "kind": "commit_later", "ms": 300 })).await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    // whatever it does meanwhile, it does not ask again before the host's own limit has passed
    shop.wait_for_purchase_orders(before + 1).await;
    shop.until_settled().await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
}

#[tokio::test]
async fn an_expired_token_is_renewed_and_the_order_is_made_once() {
    bought_once_despite(json!({ "kind": "expired_token" })).await;
}

/// Starter kit: a grinder (4 in stock), a kettle (18) and two boxes of filters (120).
const KIT: &str = "P-0000007";

#[tokio::test]
async fn a_kit_that_is_short_buys_only_the_components_that_are_missing() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(KIT, 6)]).await;
    shop.sweep().await;
    shop.sweep().await;
    let orders = shop.purchase_orders().await;
    let [order] = &orders[before..] else { panic!("one order: {orders:?}") };
    let lines: Vec<_> = order["lines"].as_array().unwrap().iter().map(|one| (&one["item"], &one["quantity"])).collect();
    assert_eq!(lines, [(&json!(GRINDER), &json!("2"))]);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    shop.erp.control("/sandbox/receive", json!({ "code": order["code"] })).await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Ready));
}

#[tokio::test]
async fn a_sales_order_is_bought_for_in_both_of_its_shapes() {
    for shape in ["new", "old"] {
        let shop = Shop::open(Mode::Automatic).await;
        shop.erp.control("/sandbox/settings", json!({ "sales_order_shape": shape })).await;
        let before = shop.purchase_orders().await.len();
        let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        shop.sweep().await;
        let orders = shop.purchase_orders().await;
        let [order] = &orders[before..] else { panic!("{shape}: one order: {orders:?}") };
        assert_eq!(order["lines"][0]["quantity"], "8", "{shape}");
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{shape}");
        shop.erp.control("/sandbox/receive", json!({ "code": order["code"] })).await;
        shop.sweep().await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::Ready), "{shape}");
        shop.sweep().await;
        shop.sweep().await;
        assert_eq!(shop.purchase_orders().await.len(), before + 1, "{shape}");
        assert_eq!(shop.mails_to(SELLER, "can go").len(), 1, "{shape}: {:?}", shop.subjects());
    }
}

#[tokio::test]
async fn an_order_and_the_invoice_made_from_it_are_bought_for_once() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.erp.control("/sandbox/sales", json!({ "kind": "invoice", "from": sale.id, "lines": [] })).await;
    shop.sweep().await;
    shop.sweep().await;
    let orders = shop.purchase_orders().await;
    let [order] = &orders[before..] else { panic!("one order: {orders:?}") };
    assert_eq!(order["lines"][0]["quantity"], "8");
}

#[tokio::test]
async fn a_sale_from_another_warehouse_is_bought_into_that_one() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    // Gooseneck kettle: 18 in Cork, 5 in Dublin.
    let lines = json!([{ "item": "KT-10", "quantity": 8 }]);
    let kind = shop.erp.face.kind(DocumentKind::Invoice).as_str();
    let sale = json!({ "kind": kind, "customer": "Blue Heron Café", "warehouse": "Dublin shop", "lines": lines });
    shop.erp.control("/sandbox/sales", sale).await;
    shop.sweep().await;
    let orders = shop.purchase_orders().await;
    let [order] = &orders[before..] else { panic!("one order: {orders:?}") };
    assert_eq!((&order["warehouse"], &order["lines"][0]["quantity"]), (&json!("WH-0000002"), &json!("3")), "{order}");
}

#[tokio::test]
async fn a_sale_in_cases_buys_single_pieces() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    // Descaler: 24 in stock, sold by the case of 12.
    let lines = json!([{ "item": "DC-1", "quantity": 3, "packed": true }]);
    let kind = shop.erp.face.kind(DocumentKind::Invoice).as_str();
    let sale = json!({ "kind": kind, "customer": "Blue Heron Café", "lines": lines });
    shop.erp.control("/sandbox/sales", sale).await;
    shop.sweep().await;
    let orders = shop.purchase_orders().await;
    let [order] = &orders[before..] else { panic!("one order: {orders:?}") };
    assert_eq!(order["lines"][0]["quantity"], "12");
    assert_eq!(
        (&order["lines"][0]["unit_price"], &order["lines"][0]["total"]),
        (&json!("3.9"), &json!("46.8")),
        "{order}"
    );
}

#[tokio::test]
async fn goods_that_are_reserved_for_the_order_are_not_bought_again() {
    for less_reserved in [false, true] {
        let shop = Shop::open(Mode::Automatic).await;
        shop.erp.control("/sandbox/settings", json!({ "available_less_reserved": less_reserved })).await;
        let before = shop.purchase_orders().await.len();
        let sale = shop.erp.sell(DocumentKind::Quotation, &[(GRINDER, 4)]).await;
        shop.erp.reserve(GRINDER, &sale.id, 4).await;
        let made = json!({ "kind": "invoice", "from": sale.id, "lines": [] });
        shop.erp.control("/sandbox/sales", made).await;
        shop.sweep().await;
        assert_eq!(shop.purchase_orders().await.len(), before, "less reserved: {less_reserved}");
    }
}
