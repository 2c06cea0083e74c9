//! What only an Odoo has, over the sandbox's: rules that tell our intake once, three times or not at all, times at which
//! records were written, approvals; and how often it is asked for one sale.

use backorders::clock::{Clock as _, SystemClock};
use backorders::db::{self, delivery};
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::Mode;
use backorders::secret::Token;
use jiff::SignedDuration;
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::face::Face;
use crate::support::shop::{BUYER, Shop};

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

/// Calls of Odoo from a sale's event to its issued purchase order, at most.
const MOST_UNTIL_BOUGHT: usize = 30;
/// The same until nothing is left to be done: the order is shown, the purchase order is read back with what still comes.
const MOST_UNTIL_QUIET: usize = 67;

/// Our pages and hooks beside a shop, and the rules of its Odoo lead there.
async fn listening(shop: &Shop) -> App {
    let app = App::over(shop.pool.clone(), &shop.erp, shop.clock.clone());
    let administrator = shop.erp.administrator().await;
    for event in ["sale.order", "sale.order.line", "purchase.order", "stock.move"] {
        let token = Token::new(shop.tenant, &SystemClock);
        let secret = SecretString::from(token.expose().to_owned());
        let sealed = shop.keyring.encrypt(shop.tenant, "hook.path_token", &secret, &SystemClock);
        let hook = delivery::NewHook {
            token_hash: &token.key().hash,
            event,
            scheme: "path_token",
            path_token: &sealed,
            secret: None,
        };
        let mut client = shop.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, shop.tenant).await.unwrap();
        delivery::upsert_hook(&tx, shop.tenant, &hook, shop.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let url = app.url.join(&format!("hooks/{}", token.expose())).unwrap();
        administrator.register_hook(event, &url).await.unwrap();
    }
    app
}

/// Waits until nothing that the rules told is on its way.
async fn told(shop: &Shop) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(30);
    loop {
        let sent = client.get(shop.erp.url.join("/sandbox/deliveries").unwrap()).send().await.unwrap();
        let sent: Vec<Value> = serde_json::from_str(&sent.text().await.unwrap()).unwrap();
        if sent.iter().all(|one| one["outcome"] != "sending") {
            return;
        }
        assert!(tokio::time::Instant::now() < deadline, "still on their way: {sent:?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// Does what is due and what the rules then tell, until there is nothing.
async fn until_quiet(shop: &Shop) {
    loop {
        told(shop).await;
        shop.until_settled().await;
        told(shop).await;
        if shop.waiting().await.is_empty() {
            return;
        }
    }
}

#[tokio::test]
async fn what_the_rules_tell_once_or_three_times_is_bought_once_and_what_they_lose_is_found() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        let _app = listening(&shop).await;
        for (copies, expected) in [(1, 8), (3, 20)] {
            shop.erp.control("/sandbox/hooks", json!({ "copies": copies, "odoo_timeout_ms": 60_000 })).await;
            let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
            until_quiet(&shop).await;
            assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}, {copies} times");
            assert_eq!(ordered(&shop).await, expected, "{face:?}, {copies} times");
        }
        shop.erp.control("/sandbox/hooks", json!({ "loss_percent": 100 })).await;
        let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 5)]).await;
        until_quiet(&shop).await;
        assert_eq!(shop.state(&sale).await, None, "{face:?}: nobody told");
        shop.sweep().await;
        shop.until_settled().await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}: it was found");
        assert_eq!(ordered(&shop).await, 25, "{face:?}");
    }
}

/// Whether administrators are told that we call this, and why (manifest/odoo/app.json).
fn is_listed(call: &str) -> bool {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/manifest/odoo/app.json");
    let listing: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let call = format!("/json/2/{}", call.trim_start_matches("/jsonrpc/"));
    listing["permissions"].as_array().unwrap().iter().any(|one| one["path"] == call.as_str())
}

/// What all purchase orders order.
async fn ordered(shop: &Shop) -> i64 {
    let orders = shop.purchase_orders().await;
    let lines = orders.iter().flat_map(|order| order["lines"].as_array().unwrap());
    lines.map(|line| line["quantity"].as_str().unwrap().parse::<i64>().unwrap()).sum()
}

#[tokio::test]
async fn a_sale_costs_few_calls_of_odoo() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        let _app = listening(&shop).await;
        shop.erp.control("/sandbox/hooks", json!({ "odoo_timeout_ms": 60_000 })).await;
        // what hardly ever changes is known by then
        shop.erp.sell(DocumentKind::SalesOrder, &[("P-0000003", 20)]).await;
        until_quiet(&shop).await;
        let before = shop.erp.requests().await.len();
        shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12), ("P-0000002", 9)]).await;
        until_quiet(&shop).await;
        assert_eq!(ordered(&shop).await, 2 + 8 + 6, "{face:?}");
        let calls: Vec<String> = shop.erp.requests().await[before..]
            .iter()
            .map(|request| request["path"].as_str().unwrap().trim_start_matches("/json/2/").to_owned())
            .collect();
        for call in &calls {
            assert!(is_listed(call), "{call} is not among the permissions that administrators are told of");
        }
        let issued = calls.iter().position(|call| call.ends_with("button_confirm")).unwrap() + 1;
        println!("{face:?}: {issued} calls until it is issued, {} in all", calls.len());
        assert!(issued <= MOST_UNTIL_BOUGHT, "{face:?}: {issued} calls: {calls:#?}");
        assert!(calls.len() <= MOST_UNTIL_QUIET, "{face:?}: {} calls: {calls:#?}", calls.len());
    }
}

/// Looks at what was written lately, and not through everything.
async fn poll(shop: &Shop) {
    const DUE: &str =
        "UPDATE connection SET next_poll_at = now() - interval '1 minute', next_sweep_at = now() + interval '9 days'";
    shop.database.client().await.batch_execute(DUE).await.unwrap();
    shop.work().await;
}

#[tokio::test]
async fn what_the_rules_do_not_tell_is_found_by_when_it_was_written() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        let offer = shop.erp.sell(DocumentKind::Quotation, &[(GRINDER, 12)]).await;
        poll(&shop).await;
        assert_eq!(ordered(&shop).await, 0, "{face:?}: nobody owes what is only offered");
        let id: i64 = offer.id.parse().unwrap();
        shop.erp.odoo("sale.order", "action_confirm", json!([[id]])).await;
        poll(&shop).await;
        shop.until_settled().await;
        let sale = shop.erp.reference(DocumentKind::SalesOrder, &format!("SO-{id}"));
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}");
        assert_eq!(ordered(&shop).await, 8, "{face:?}");
        let open = "SELECT count(*) FROM sales_document WHERE kind = 'quotation' AND status = 'open'";
        let open: i64 = shop.database.client().await.query_one(open, &[]).await.unwrap().get(0);
        assert_eq!(open, 0, "{face:?}: it is no quotation any more");

        let code = shop.purchase_orders().await[0]["code"].clone();
        shop.erp.control("/sandbox/receive", json!({ "code": code })).await;
        poll(&shop).await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::Ready), "{face:?}");
        shop.erp.control("/sandbox/fulfil", json!({ "code": sale.id })).await;
        poll(&shop).await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::Delivered), "{face:?}");

        poll(&shop).await;
        let marked = async || {
            let row = shop.database.client().await;
            let row = row.query_one("SELECT sum(changed_seq)::bigint FROM changed_document", &[]).await.unwrap();
            row.get::<_, i64>(0)
        };
        let before = marked().await;
        poll(&shop).await;
        assert_eq!(marked().await, before, "{face:?}: what is known is not looked at again and again");
    }
}

#[tokio::test]
async fn a_purchase_order_that_a_manager_must_approve_is_shown_and_goes_on_when_that_is_done() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        shop.erp.control("/sandbox/settings", json!({ "approval_from": "500" })).await;
        let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        shop.sweep().await;
        shop.sweep().await;
        let state = async || {
            let client = shop.database.client().await;
            client.query_one("SELECT state FROM intent", &[]).await.unwrap().get::<_, String>("state")
        };
        let orders = shop.purchase_orders().await;
        let [order] = &orders[..] else { panic!("{face:?}: one: {orders:?}") };
        assert_eq!((&order["to_approve"], state().await.as_str()), (&json!(true), "needs_human"), "{face:?}");
        let told = shop.mails_to(BUYER, "");
        assert!(told.iter().any(|mail| mail.text.contains("manager has approved")), "{face:?}: {told:#?}");

        // the manager writes the vendor's own reference over our mark: the order is known by its id
        shop.erp.odoo("purchase.order", "write", json!([[order["id"]], { "partner_ref": "V-77" }])).await;
        shop.erp.odoo("purchase.order", "button_approve", json!([[order["id"]]])).await;
        let reference = shop.erp.reference(DocumentKind::PurchaseOrder, order["code"].as_str().unwrap());
        shop.event(&[reference]).await;
        shop.until_settled().await;
        assert_eq!(state().await, "confirmed", "{face:?}");
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}");
        assert_eq!(ordered(&shop).await, 8, "{face:?}: it was bought once");
        let row = shop.erp.odoo("purchase.order", "read", json!([[order["id"]], ["partner_ref"]])).await;
        assert_eq!(row[0]["partner_ref"], "V-77", "{face:?}: nothing was written over it");
    }
}

#[tokio::test]
async fn a_purchase_order_that_never_arrives_is_sent_ever_more_rarely_and_then_put_before_a_person() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        let before = shop.purchase_orders().await.len();
        let (method, path) = face.call("POST", "/v1/orders/purchase");
        let fault = json!({ "method": method, "path": path, "kind": "status_before", "status": 500, "times": 1000 });
        shop.erp.control("/sandbox/faults", fault).await;
        shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        shop.sweep().await;
        for _ in 0..200 {
            shop.clock.advance(std::time::Duration::from_secs(60));
            shop.work().await;
        }
        let tried = shop.erp.requests().await;
        let is_it = |one: &&Value| one["method"] == method && one["path"].as_str().unwrap().ends_with(path);
        let tried = tried.iter().filter(is_it).count();
        assert!((5..=8).contains(&tried), "{tried}");
        assert!(shop.waiting().await.is_empty(), "{:?}", shop.waiting().await);
        let told = shop.mails_to(BUYER, "refused");
        assert!(told.len() == 1 && told[0].text.contains("8 times"), "{told:#?}");
        assert_eq!(shop.purchase_orders().await.len(), before);
    }
}

#[tokio::test]
async fn a_purchase_order_that_was_locked_is_on_its_way_and_is_looked_through_like_any_other() {
    for (face, lock) in [(Face::Odoo17, "button_done"), (Face::Odoo19, "button_lock")] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        shop.sweep().await;
        shop.until_settled().await;
        let order = shop.purchase_orders().await[0].clone();
        shop.erp.odoo("purchase.order", lock, json!([[order["id"]]])).await;
        let listed = shop.erp.host().list_documents(DocumentKind::PurchaseOrder, 0).await.unwrap();
        let reference = DocumentRef::new(DocumentKind::PurchaseOrder, order["id"].to_string());
        assert!(listed.documents.iter().any(|one| one.reference == reference), "{face:?}: {listed:?}");
        // What comes on it is found by the look through everything, when nobody tells.
        shop.sweep().await;
        shop.until_settled().await;
        assert_eq!((ordered(&shop).await, shop.state(&sale).await), (8, Some(BackorderState::OnOrder)), "{face:?}");
        shop.erp.control("/sandbox/receive", json!({ "code": order["code"] })).await;
        shop.sweep().await;
        shop.until_settled().await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::Ready), "{face:?}");
        assert_eq!(ordered(&shop).await, 8, "{face:?}");
    }
}

/// Cancels what is still to be received of the newest purchase order.
async fn cancel_receipt(shop: &Shop) {
    let live = json!([[["purchase_id", "!=", false], ["state", "=", "assigned"]], ["purchase_id"]]);
    let live = shop.erp.odoo("stock.picking", "search_read", live).await;
    let receipt = live.as_array().unwrap().iter().max_by_key(|one| one["purchase_id"][0].as_i64()).unwrap();
    shop.erp.odoo("stock.picking", "action_cancel", json!([[receipt["id"]]])).await;
}

#[tokio::test]
async fn a_receipt_that_is_cancelled_makes_its_goods_short_again_and_a_person_is_told() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        for by_rule in [true, false] {
            let shop = Shop::open(Mode::Automatic).await;
            let app = if by_rule { Some(listening(&shop).await) } else { None };
            shop.erp.control("/sandbox/hooks", json!({ "odoo_timeout_ms": 60_000 })).await;
            let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
            shop.sweep().await;
            until_quiet(&shop).await;
            assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}");

            cancel_receipt(&shop).await;
            if by_rule {
                until_quiet(&shop).await;
            } else {
                poll(&shop).await;
                shop.until_settled().await;
            }
            let bought = shop.purchase_orders().await;
            assert_eq!(bought.len(), 1, "{face:?}, told {by_rule}: what a person cancelled is not bought by itself");
            assert_eq!(bought[0]["status"], "OPEN", "{face:?}: Odoo itself still calls it issued");
            assert_eq!(shop.state(&sale).await, Some(BackorderState::Declined), "{face:?}, told {by_rule}");
            let told = shop.mails_to(BUYER, "cancelled");
            assert_eq!(told.len(), 1, "{face:?}, told {by_rule}: {:#?}", shop.subjects());
            drop(app);
        }
    }
}

#[tokio::test]
async fn what_is_missing_of_a_receipt_whose_back_order_is_refused_is_bought_again() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        let sale = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        shop.sweep().await;
        shop.until_settled().await;
        let code = shop.purchase_orders().await[0]["code"].clone();
        let part = json!({ "code": code, "lines": [{ "line": GRINDER, "quantity": 3 }] });
        shop.erp.control("/sandbox/receive", part).await;
        poll(&shop).await;
        shop.until_settled().await;
        assert_eq!((ordered(&shop).await, shop.state(&sale).await), (8, Some(BackorderState::OnOrder)), "{face:?}");
        cancel_receipt(&shop).await;
        poll(&shop).await;
        shop.until_settled().await;
        assert_eq!(ordered(&shop).await, 8 + 5, "{face:?}: the vendor delivers no more of the first");
        assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder), "{face:?}");
        let code = shop.purchase_orders().await[1]["code"].clone();
        shop.erp.control("/sandbox/receive", json!({ "code": code })).await;
        poll(&shop).await;
        shop.until_settled().await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::Ready), "{face:?}");
        assert_eq!(ordered(&shop).await, 8 + 5, "{face:?}: nothing more is bought");
    }
}

#[tokio::test]
async fn a_transfer_that_is_written_by_itself_has_its_order_looked_at_once() {
    for face in [Face::Odoo17, Face::Odoo19] {
        face.set();
        let shop = Shop::open(Mode::Automatic).await;
        shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
        shop.sweep().await;
        shop.until_settled().await;
        let host = shop.erp.host();
        let orders = [
            ("sale_id", "sale.order", DocumentKind::SalesOrder),
            ("purchase_id", "purchase.order", DocumentKind::PurchaseOrder),
        ];
        for (field, model, kind) in orders {
            let transfers = json!([[[field, "!=", false]], [field]]);
            let transfer = shop.erp.odoo("stock.picking", "search_read", transfers).await[0].clone();
            let order = &transfer[field][0];
            let written = shop.erp.odoo(model, "read", json!([[order], ["write_date"]])).await;
            let written = written[0]["write_date"].as_str().unwrap().replace(' ', "T") + "Z";
            // nothing of the order itself is as new as that
            let since = written.parse::<jiff::Timestamp>().unwrap() + SignedDuration::from_secs(1);
            let reference = DocumentRef::new(kind, order.to_string());
            let told = async || {
                let listed = host.list_written(since).await.unwrap().unwrap();
                listed.iter().any(|one| one.reference == reference)
            };
            assert!(!told().await, "{face:?}: {field}");
            shop.erp.odoo("stock.picking", "write", json!([[transfer["id"]], { "note": "at the back door" }])).await;
            assert!(told().await, "{face:?}: {field}");
            assert!(!told().await, "{face:?}: {field}: not again and again");
        }
    }
}

#[tokio::test]
async fn a_key_is_renewed_two_weeks_before_it_ends_and_old_ones_are_taken_back() {
    Face::Odoo19.set();
    let shop = Shop::open(Mode::Automatic).await;
    let day = |days: i64| SignedDuration::from_hours(24 * days);
    for _ in 0..3 {
        let before = shop.connection().await;
        let due = before.token_expires_at.unwrap();
        assert!(due > SystemClock.now() + day(75) && due < SystemClock.now() + day(77), "of 90 days: {due}");
        shop.sweep().await;
        assert_eq!(shop.connection().await.token_version, before.token_version, "it is good for long");
        shop.clock.advance(std::time::Duration::from_secs(77 * 86_400));
        shop.sweep().await;
        shop.clock.go_back(std::time::Duration::from_secs(77 * 86_400));
        let after = shop.connection().await;
        assert_eq!((after.token_version, after.state.as_str()), (before.token_version + 1, "connected"));
        let keys = shop.erp.control_state("odoo").await["keys"].clone();
        let ours: Vec<&Value> = keys.as_array().unwrap().iter().filter(|key| key["name"] == "Backorders").collect();
        assert!(ours.len() <= 2, "the newest, and the one that may be in use: {ours:#?}");
    }
    shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.until_settled().await;
    assert_eq!(ordered(&shop).await, 8, "the newest opens");
}
