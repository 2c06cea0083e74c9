//! A real process of ours is killed, or cut off, at the worst moment.

use std::time::{Duration, Instant};

use backorders::clock::SystemClock;
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;
use backorders::secret::Keyring;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::support::program::Program;
use crate::support::shop::Shop;
use crate::support::temp_dir::TempDir;

on_odoo! {
    a_worker_killed_between_the_hosts_commit_and_ours_leaves_one_purchase_order,
    what_a_stop_cuts_off_is_given_back_at_once_and_bought_once,
}

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

#[tokio::test]
async fn a_worker_killed_between_the_hosts_commit_and_ours_leaves_one_purchase_order() {
    let key = Keyring::generate("test", &SystemClock);
    let shop = Shop::open_with_key(Mode::Automatic, &key).await;
    let before = shop.purchase_orders().await.len();
    // the ERP makes the purchase order at once and answers after a minute
    shop.erp.fault("POST", "/v1/orders/purchase", json!({ "kind": "slow_after_commit", "ms": 60_000 })).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.request_sweep().await;
    let dir = TempDir::new();
    let process = Program::start(&shop, key.expose_secret(), &dir, &[]);
    shop.wait_for_purchase_orders(before + 1).await;
    drop(process);
    let row = shop.database.client().await.query_one("SELECT state FROM intent", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>("state"), "sending", "it never heard the answer");

    // its lease ends, another worker takes over
    shop.clock.advance(Duration::from_secs(200));
    shop.until_settled().await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
}

#[tokio::test]
async fn what_a_stop_cuts_off_is_given_back_at_once_and_bought_once() {
    let key = Keyring::generate("test", &SystemClock);
    let shop = Shop::open_with_key(Mode::Automatic, &key).await;
    let before = shop.purchase_orders().await.len();
    shop.erp.fault("POST", "/v1/orders/purchase", json!({ "kind": "slow_after_commit", "ms": 60_000 })).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.request_sweep().await;
    let dir = TempDir::new();
    let process = Program::start(&shop, key.expose_secret(), &dir, &[("BACKORDERS_DRAIN", "2s")]);
    shop.wait_for_purchase_orders(before + 1).await;
    let begun = Instant::now();
    let (status, said) = process.stop();
    assert!(status.success(), "{said:?}");
    assert!(begun.elapsed() < Duration::from_secs(5), "it does not wait for the answer: {:?}", begun.elapsed());
    let client = shop.database.client().await;
    let row = client.query_one("SELECT state, lease_until IS NULL AS free FROM intent", &[]).await.unwrap();
    assert_eq!((row.get::<_, String>("state").as_str(), row.get::<_, bool>("free")), ("sending", true), "{said:?}");

    shop.until_settled().await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
}

#[tokio::test]
async fn a_process_that_can_open_no_more_files_goes_on_when_it_can_and_buys_once() {
    let key = Keyring::generate("test", &SystemClock);
    let shop = Shop::open_with_key(Mode::Automatic, &key).await;
    let before = shop.purchase_orders().await.len();
    let dir = TempDir::new();
    let process = Program::start(&shop, key.expose_secret(), &dir, &[]);
    process.limit_files(6);
    // whoever asks it something takes what is left
    let mut askers = Vec::new();
    for _ in 0..12 {
        askers.push(tokio::net::TcpStream::connect(&process.address).await.unwrap());
    }
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.event(std::slice::from_ref(&sale)).await;
    shop.wait_for("SELECT bool_or(attempt > 0) AS done FROM changed_document").await;
    assert_eq!(shop.purchase_orders().await.len(), before, "it cannot call the ERP");
    drop(askers);
    process.limit_files(200);
    shop.wait_for("SELECT bool_or(state = 'confirmed') AS done FROM intent").await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
    assert!(process.stop().0.success());
}
