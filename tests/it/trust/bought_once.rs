//! However often and in whatever order it is looked at, a shortfall is bought once.

use backorders::clock::Clock as _;
use backorders::db;
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::purchase_order::NewPurchaseOrder;
use backorders::domain::settings::{Mode, Settings};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::shop::{BUYER, SELLER, Shop};

on_odoo! {
    two_workers_two_orders_one_item_an_intent_in_flight_and_a_mirror_that_lags_buy_once,
    what_was_made_is_not_written_down_while_a_replan_reads,
    events_that_are_lost_tripled_or_out_of_order_end_the_same,
    an_event_that_lands_while_its_document_is_worked_on_makes_it_run_again,
    a_purchase_order_that_the_host_refuses_is_shown_and_not_tried_again,
    what_is_given_up_before_it_was_sent_is_not_bought,
    a_purchase_order_of_ours_that_a_person_cancels_is_told_once_and_not_bought_again,
    a_draft_that_a_person_deletes_is_told_and_not_made_again,
    after_a_restored_backup_nothing_is_bought_again,
    a_decision_and_a_replan_at_the_same_time_buy_once,
}

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

/// What the ERP's purchase orders, from the `skip`-th on, order of the grinder.
fn ordered(orders: &[Value], skip: usize) -> Decimal {
    let lines = orders.iter().skip(skip).filter(|order| order["status"] != "CLOSED");
    let lines = lines.flat_map(|order| order["lines"].as_array().unwrap()).filter(|line| line["item"] == GRINDER);
    lines.map(|line| line["quantity"].as_str().unwrap().parse::<Decimal>().unwrap()).sum()
}

/// Both workers do what is due until neither finds anything.
async fn race(shop: &Shop) {
    let other = shop.another_worker();
    loop {
        let (one, two) = tokio::join!(shop.worker.run_once(), other.run_once());
        // losing a claim to the other is no error of a round
        if one.unwrap() + two.unwrap() == 0 {
            return;
        }
    }
}

#[tokio::test]
async fn two_workers_two_orders_one_item_an_intent_in_flight_and_a_mirror_that_lags_buy_once() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    shop.erp.fault("POST", "/v1/orders/purchase", json!({ "kind": "slow_after_commit", "ms": 300 })).await;
    shop.erp.fault("POST", "/v1/orders/purchase", json!({ "kind": "cut_after_commit" })).await;
    let one = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    let two = shop.erp.sell(DocumentKind::SalesOrder, &[(GRINDER, 12)]).await;
    for round in 0..6 {
        shop.event(std::slice::from_ref(&one)).await;
        shop.event(std::slice::from_ref(&two)).await;
        if round % 2 == 0 {
            shop.request_sweep().await;
        }
        Box::pin(race(&shop)).await;
        shop.clock.advance(std::time::Duration::from_secs(100));
    }
    shop.until_settled().await;
    // 24 are wanted, 4 are in stock
    let orders = shop.purchase_orders().await;
    assert_eq!(ordered(&orders, before), 20.into(), "{:#?}", &orders[before..]);
    for document in [&one, &two] {
        assert_eq!(shop.state(document).await, Some(BackorderState::OnOrder));
    }
}

#[tokio::test]
async fn a_look_up_that_fails_is_soon_tried_again_however_often_was_sent_before() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    let fault = |method: &str, times: u32| {
        let path = "/v1/orders/purchase";
        json!({ "method": method, "path": path, "kind": "status_before", "status": 502, "times": times })
    };
    shop.erp.control("/sandbox/faults", fault("POST", 2)).await;
    shop.event(std::slice::from_ref(&sale)).await;
    let client = shop.database.client().await;
    for _ in 0..2 {
        // sent, and nobody knows what became of it: looked for when the host can no longer be at it
        shop.work().await;
        let states = client.query("SELECT state FROM intent", &[]).await.unwrap();
        assert_eq!(states.iter().map(|row| row.get::<_, String>("state")).collect::<Vec<_>>(), ["unknown"]);
        shop.clock.advance(std::time::Duration::from_secs(100));
    }
    shop.erp.control("/sandbox/faults", fault("GET", 1)).await;
    shop.work().await;
    let row = client.query_one("SELECT state, due_at, last_error FROM intent", &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>("state"), "unknown", "{row:?}");
    let waits = row.get::<_, jiff::Timestamp>("due_at").duration_since(shop.clock.now());
    assert!(waits.as_secs() < 5, "{waits:?}");
    shop.until_settled().await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
}

#[tokio::test]
async fn what_certainly_did_nothing_is_sent_again_however_often() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    // a host that lets nobody write for hours, and then one outcome that nobody knows; it is looked for before it is sent again
    for (nth, status) in [429; 9].into_iter().chain([502]).enumerate() {
        let (path, skip) = ("/v1/orders/purchase", nth.min(1));
        let fault = json!({ "method": "POST", "path": path, "kind": "status_before", "status": status, "times": 1, "skip": skip });
        shop.erp.control("/sandbox/faults", fault).await;
    }
    shop.event(std::slice::from_ref(&sale)).await;
    for _ in 0..15 {
        // its order is read again first, then it is sent
        for wait in [2 * 3600, 60] {
            shop.work().await;
            shop.clock.advance(std::time::Duration::from_secs(wait));
        }
    }
    shop.until_settled().await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1, "{:?}", shop.subjects());
}

#[tokio::test]
async fn what_was_made_is_not_written_down_while_a_replan_reads() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.event(std::slice::from_ref(&sale)).await;
    let watcher = shop.database.client().await;
    let states = async || -> Vec<String> {
        let rows = watcher.query("SELECT state FROM intent", &[]).await.unwrap();
        rows.iter().map(|row| row.get("state")).collect()
    };
    while states().await.is_empty() {
        shop.worker.run_once().await.unwrap();
    }
    // a replan holds the tenant's row: between two of its queries the purchase order must not pass from the intents,
    // which it has not read yet, to the mirror, which it has read already
    let mut client = shop.pool.get().await.unwrap();
    let replan = client.transaction().await.unwrap();
    db::enter_tenant(&replan, shop.tenant).await.unwrap();
    db::settings::load(&replan, shop.tenant, true).await.unwrap();
    let waiting = async {
        const WAITING: &str = "
            SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while watcher.query_one(WAITING, &[]).await.unwrap().get::<_, i64>("n") == 0 {
            tokio::task::yield_now().await;
        }
    };
    let work = async { while shop.worker.run_once().await.unwrap() > 0 {} };
    tokio::pin!(work);
    tokio::select! {
        () = &mut work => panic!("it was written down: {:?}", states().await),
        () = waiting => {}
    }
    assert_eq!(shop.purchase_orders().await.len(), before + 1, "it was made");
    assert_eq!(states().await, ["sending"]);
    replan.rollback().await.unwrap();
    work.await;
    shop.until_settled().await;
    assert_eq!(states().await, ["confirmed"]);
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
}

#[tokio::test]
async fn events_that_are_lost_tripled_or_out_of_order_end_the_same() {
    for way in ["lost", "tripled", "out of order"] {
        let shop = Shop::open(Mode::Automatic).await;
        let before = shop.purchase_orders().await.len();
        let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
        let tell = async |documents: &[DocumentRef]| match way {
            "lost" => shop.sweep().await,
            "tripled" => {
                for _ in 0..3 {
                    shop.event(documents).await;
                    shop.work().await;
                }
            }
            _ => {
                for document in documents.iter().rev() {
                    shop.event(std::slice::from_ref(document)).await;
                    shop.work().await;
                }
            }
        };
        tell(std::slice::from_ref(&sale)).await;
        shop.until_settled().await;
        let orders = shop.purchase_orders().await;
        assert_eq!(orders.len(), before + 1, "{way}");
        let code = orders.last().unwrap()["code"].as_str().unwrap().to_owned();
        shop.erp.control("/sandbox/receive", json!({ "code": code })).await;
        let order = shop.erp.reference(DocumentKind::PurchaseOrder, &code);
        let item = shop.erp.reference(DocumentKind::Item, GRINDER);
        tell(&[sale.clone(), order, item]).await;
        shop.until_settled().await;
        assert_eq!(shop.state(&sale).await, Some(BackorderState::Ready), "{way}");
        assert_eq!(shop.mails_to(SELLER, "can go").len(), 1, "{way}: {:?}", shop.subjects());
        assert_eq!(shop.purchase_orders().await.len(), before + 1, "{way}");
    }
}

#[tokio::test]
async fn an_event_that_lands_while_its_document_is_worked_on_makes_it_run_again() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    // the item is known: where its stock is news, the document would be read once more
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 1)]).await;
    shop.sweep().await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 3)]).await;
    // the document is read quickly, then its items slowly: the edit comes between
    shop.erp.fault("GET", "/v1/products", json!({ "kind": "slow", "ms": 400 })).await;
    let asked = shop.erp.requests().await.len();
    shop.event(std::slice::from_ref(&sale)).await;
    let edit = async {
        let (_, path) = shop.erp.face.call("GET", "/v1/products");
        let is_read = |request: &Value| request["path"].as_str().unwrap().contains(path);
        while !shop.erp.requests().await.iter().skip(asked).any(is_read) {
            tokio::task::yield_now().await;
        }
        let line = shop.sale(&sale).await["lines"][0]["code"].clone();
        let more = json!({ "code": sale.id, "lines": [{ "line": line, "quantity": 12 }] });
        shop.erp.control("/sandbox/edit", more).await;
        shop.event(std::slice::from_ref(&sale)).await;
    };
    let (worked, ()) = tokio::join!(shop.worker.run_once(), edit);
    worked.unwrap();
    assert_eq!(shop.state(&sale).await, None, "1 and 3 of 4 were there when it was read");
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    assert_eq!(ordered(&shop.purchase_orders().await, before), 9.into());
}

#[tokio::test]
async fn a_purchase_order_that_the_host_refuses_is_shown_and_not_tried_again() {
    for status in [400, 403] {
        let shop = Shop::open(Mode::Automatic).await;
        let before = shop.purchase_orders().await.len();
        let (method, path) = shop.erp.face.call("POST", "/v1/orders/purchase");
        let fault = json!({ "method": method, "path": path, "kind": "status_before", "status": status });
        shop.erp.control("/sandbox/faults", fault).await;
        let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
        shop.sweep().await;
        shop.until_settled().await;
        shop.sweep().await;
        let tried = shop.erp.requests().await;
        let is_it = |one: &&Value| one["method"] == method && one["path"].as_str().unwrap().ends_with(path);
        let tried = tried.iter().filter(is_it).count();
        assert_eq!(tried, 1, "{status}");
        assert_eq!(shop.purchase_orders().await.len(), before, "{status}");
        assert_eq!(shop.mails_to(BUYER, "refused").len(), 1, "{status}: {:?}", shop.subjects());
        assert_eq!(shop.mails_to(BUYER, "").len(), 1, "and nothing else: {:?}", shop.subjects());
        assert_eq!(shop.state(&sale).await, Some(BackorderState::Declined), "{status}");
    }
}

#[tokio::test]
async fn an_outcome_that_cannot_be_found_out_is_shown_and_told_once() {
    let shop = Shop::open(Mode::Automatic).await;
    // neither made nor found: whatever is asked of purchase orders ends so
    let path = "/v1/orders/purchase";
    let fault = json!({ "method": "POST", "path": path, "kind": "status_before", "status": 500, "times": 1000 });
    shop.erp.control("/sandbox/faults", fault).await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    for _ in 0..120 {
        shop.clock.advance(std::time::Duration::from_secs(120));
        shop.work().await;
    }
    assert_eq!(shop.mails_to(BUYER, "not known").len(), 1, "{:?}", shop.subjects());
    let app = App::over(shop.pool.clone(), &shop.erp, shop.clock.clone());
    let page = app.member(shop.tenant, "buyer").await.get("/activity").await;
    assert!(page.text.contains("The purchase order waits: "), "{}", page.text);
}

#[tokio::test]
async fn what_is_given_up_before_it_was_sent_is_not_bought() {
    const DECIDED: &str = "SELECT count(*) AS n FROM intent WHERE state = 'planned'";
    for away in [false, true] {
        let shop = Shop::open(Mode::Automatic).await;
        let before = shop.purchase_orders().await.len();
        let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
        shop.event(std::slice::from_ref(&sale)).await;
        let client = shop.database.client().await;
        while client.query_one(DECIDED, &[]).await.unwrap().get::<_, i64>("n") == 0 {
            shop.worker.run_once().await.unwrap();
        }
        if away {
            // the company is paused for an hour, and nobody tells us what happens then
            shop.set(|settings| settings.paused = true).await;
            shop.clock.advance(std::time::Duration::from_secs(3600));
            shop.erp.control("/sandbox/cancel", json!({ "code": sale.id })).await;
            shop.set(|settings| settings.paused = false).await;
        } else {
            shop.erp.control("/sandbox/cancel", json!({ "code": sale.id })).await;
            shop.event(std::slice::from_ref(&sale)).await;
        }
        shop.until_settled().await;
        assert_eq!(shop.purchase_orders().await.len(), before, "away {away}");
        let named = client.query_one("SELECT count(*) AS n FROM proposed_change", &[]).await.unwrap();
        assert_eq!(named.get::<_, i64>("n"), 0, "nothing is proposed of what is not there");
        assert!(shop.mails().iter().all(|mail| !mail.text.contains("intent:")), "{:?}", shop.subjects());
    }
}

#[tokio::test]
async fn a_purchase_order_of_ours_that_a_person_cancels_is_told_once_and_not_bought_again() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let orders = shop.purchase_orders().await;
    let code = orders.last().unwrap()["code"].clone();
    shop.erp.control("/sandbox/cancel", json!({ "code": code })).await;
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Declined));
    assert_eq!(shop.mails_to(BUYER, "was cancelled").len(), 1, "{:?}", shop.subjects());
}

#[tokio::test]
async fn a_draft_that_a_person_deletes_is_told_and_not_made_again() {
    let shop = Shop::open_with(Settings { mode: Mode::Automatic, issue: false, ..Settings::default() }).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let orders = shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 1);
    shop.erp.control("/sandbox/delete", json!({ "code": orders.last().unwrap()["code"] })).await;
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.purchase_orders().await.len(), before);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Declined));
    assert_eq!(shop.mails_to(BUYER, "was cancelled").len(), 1, "{:?}", shop.subjects());
}

/// The frozen order of the only intent.
async fn payload(shop: &Shop) -> NewPurchaseOrder {
    let row = shop.database.client().await.query_one("SELECT payload FROM intent", &[]).await.unwrap();
    serde_json::from_value(row.get("payload")).unwrap()
}

#[tokio::test]
async fn a_second_draft_of_a_worker_that_was_held_up_is_deleted_by_the_sweep() {
    let shop = Shop::open_with(Settings { mode: Mode::Automatic, issue: false, ..Settings::default() }).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    // the request of a process that slept through its lease arrives now
    shop.erp.host().create_purchase_order(&payload(&shop).await).await.unwrap();
    assert_eq!(shop.purchase_orders().await.len(), before + 2);
    for _ in 0..3 {
        shop.sweep().await;
    }
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
}

#[tokio::test]
async fn after_a_restored_backup_nothing_is_bought_again() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    // the backup is from before the sale
    let forgotten = [
        "intent",
        "allocation",
        "backorder",
        "changed_document",
        "notice",
        "host_mark",
        "sales_document",
        "purchase_order",
        "item",
        "stock_level",
    ];
    let sql = format!("TRUNCATE {} CASCADE", forgotten.join(", "));
    shop.database.client().await.batch_execute(&sql).await.unwrap();
    shop.clock.advance(std::time::Duration::from_secs(60));

    let worker = shop.worker_after_restore();
    shop.event(std::slice::from_ref(&sale)).await;
    shop.work_with(&worker).await;
    assert_eq!(
        shop.purchase_orders().await.len(),
        before + 1,
        "nothing is bought before everything was looked through"
    );
    for _ in 0..3 {
        shop.clock.advance(std::time::Duration::from_secs(60));
        shop.request_sweep().await;
        shop.work_with(&worker).await;
    }
    assert_eq!(shop.purchase_orders().await.len(), before + 1, "our mark was found");
    assert_eq!(shop.audited("unbound_mark").await, 1, "and told");
    let other = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 5)]).await;
    shop.event(&[other]).await;
    shop.work_with(&worker).await;
    assert_eq!(ordered(&shop.purchase_orders().await, before), 13.into(), "what is new is bought");
}

#[tokio::test]
async fn a_decision_and_a_replan_at_the_same_time_buy_once() {
    let shop = Shop::open(Mode::Ask).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let proposal = shop.proposals().await.remove(0);
    // from now on it would buy by itself
    shop.set(|settings| settings.mode = Mode::Automatic).await;
    shop.event(std::slice::from_ref(&sale)).await;
    let approve = async {
        let mut client = shop.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, shop.tenant).await.unwrap();
        let shown = backorders::decision::Shown {
            tenant: shop.tenant,
            proposal: proposal.id,
            version: proposal.version,
            by: "Buyer",
        };
        backorders::decision::approve(&tx, shown, &backorders::decision::Choice::default(), &*shop.clock)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    };
    let (worked, ()) = tokio::join!(shop.worker.run_once(), approve);
    worked.unwrap();
    shop.until_settled().await;
    assert_eq!(ordered(&shop.purchase_orders().await, before), 8.into());
}
