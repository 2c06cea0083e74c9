//! One busy company does not keep the others waiting (trust.md I14, F44); nor does a failure keep a company waiting.

use std::sync::Arc;
use std::time::Duration;

use backorders::clock::{Clock as _, SystemClock};
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::Mode;
use backorders::secret::Keyring;
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::support::shop::Shop;

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";
/// Documents that the busy company's ERP tells of at once.
const STORM: usize = 2000;

/// Sells more than there is; a worker that runs buys the rest within the time that anybody waits.
async fn sold_and_bought_for(shop: &Shop, else_says: &str) {
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.event(std::slice::from_ref(&sale)).await;
    let deadline = Instant::now() + Duration::from_secs(60);
    while shop.state(&sale).await != Some(BackorderState::OnOrder) {
        assert!(Instant::now() < deadline, "{else_says}: {:?}", shop.waiting().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_company_with_a_storm_of_events_does_not_keep_another_waiting() {
    let key = Keyring::generate("test", &SystemClock);
    let busy = Shop::open_with_key(Mode::Automatic, &key).await;
    let light = busy.beside(Mode::Automatic, &key).await;
    // every call of the busy company takes its time
    busy.erp.control("/sandbox/faults", json!({ "method": "GET", "path": "/v1/", "kind": "slow", "ms": 200 })).await;
    let storm: Vec<_> = (0..STORM).map(|id| DocumentRef::new(DocumentKind::Invoice, format!("SI-9{id:06}"))).collect();
    busy.event(&storm).await;
    let sale = light.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    light.event(std::slice::from_ref(&sale)).await;

    let (stop, stopping) = watch::channel(false);
    let worker = Arc::new(busy.another_worker());
    let working = tokio::spawn(worker.run(stopping, Duration::ZERO));
    let deadline = Instant::now() + Duration::from_secs(60);
    while light.state(&sale).await != Some(BackorderState::OnOrder) {
        assert!(
            Instant::now() < deadline,
            "the light company waits for the busy one: {:?}",
            light.waiting().await.len()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let left = busy.database.client().await;
    let left = left.query_one("SELECT count(*) AS n FROM changed_document WHERE seen_seq < changed_seq", &[]).await;
    let left: i64 = left.unwrap().get("n");
    assert!(left > i64::try_from(STORM / 2).unwrap(), "the storm was over already: {left}");
    stop.send_replace(true);
    working.await.unwrap();
}

#[tokio::test]
async fn sweeps_of_slow_erps_do_not_keep_an_event_waiting() {
    let key = Keyring::generate("test", &SystemClock);
    let light = Shop::open_with_key(Mode::Automatic, &key).await;
    let slow = [light.beside(Mode::Automatic, &key).await, light.beside(Mode::Automatic, &key).await];
    for shop in &slow {
        // longer than anybody waits here
        shop.erp.control("/sandbox/faults", json!({ "method": "GET", "kind": "slow", "ms": 600_000 })).await;
        shop.request_sweep().await;
    }
    let (stop, stopping) = watch::channel(false);
    let worker = light.worker_as(|settings| {
        settings.concurrency = slow.len();
        settings.host_timeout = Duration::from_secs(600);
    });
    let working = tokio::spawn(Arc::new(worker).run(stopping, Duration::ZERO));
    light.wait_for("SELECT count(*) > 0 AS done FROM connection WHERE sweep_lease_until IS NOT NULL").await;
    sold_and_bought_for(&light, "the event waits for the sweeps").await;
    stop.send_replace(true);
    working.await.unwrap();
}

#[tokio::test]
async fn companies_with_slow_erps_leave_half_of_the_places_to_the_others() {
    let key = Keyring::generate("test", &SystemClock);
    let light = Shop::open_with_key(Mode::Automatic, &key).await;
    let slow = [light.beside(Mode::Automatic, &key).await, light.beside(Mode::Automatic, &key).await];
    let (stop, stopping) = watch::channel(false);
    let worker = light.worker_as(|settings| {
        settings.concurrency = slow.len();
        settings.host_timeout = Duration::from_secs(600);
        settings.slow_job = Duration::from_millis(100);
    });
    let working = tokio::spawn(Arc::new(worker).run(stopping, Duration::ZERO));
    // slow once, and afterwards for longer than anybody waits here
    let answers_after = async |ms: u32, times: u32| {
        for shop in &slow {
            let slowness = json!({ "method": "GET", "kind": "slow", "ms": ms, "times": times });
            shop.erp.control("/sandbox/faults", slowness).await;
            shop.event(&[shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 1)]).await]).await;
        }
    };
    answers_after(200, 1).await;
    light
        .wait_for(
            "SELECT count(*) = 2 AND bool_and(seen_seq = changed_seq AND lease_until IS NULL) AS done
            FROM changed_document",
        )
        .await;
    answers_after(600_000, 1000).await;
    light.wait_for("SELECT count(*) > 0 AS done FROM changed_document WHERE lease_until IS NOT NULL").await;
    sold_and_bought_for(&light, "the event waits for slow companies").await;
    stop.send_replace(true);
    working.await.unwrap();
}

#[tokio::test]
async fn a_sweep_that_failed_is_tried_again_soon_but_not_before_the_host_says() {
    const NEXT: &str = "
        SELECT extract(epoch FROM next_sweep_at)::bigint AS sweep, extract(epoch FROM next_poll_at)::bigint AS poll,
            last_sweep_error AS error
        FROM connection";
    let shop = Shop::open(Mode::Watch).await;
    let client = shop.database.client().await;
    // an hour is between two sweeps
    for (fault, least, most) in [
        (json!({ "kind": "status_before", "status": 503, "times": 1 }), 59, 600),
        (json!({ "kind": "too_many_requests", "retry_after": "900", "times": 1 }), 899, 3000),
    ] {
        shop.erp.control("/sandbox/faults", fault.clone()).await;
        let now = shop.clock.now().as_second();
        shop.sweep().await;
        let row = client.query_one(NEXT, &[]).await.unwrap();
        let error: Option<String> = row.get("error");
        assert!(error.is_some(), "{fault}: the sweep did not fail");
        for next in ["sweep", "poll"] {
            let wait = row.get::<_, i64>(next) - now;
            assert!((least..most).contains(&wait), "{fault}: the next {next} is in {wait} s");
        }
        shop.clock.advance(Duration::from_secs(3000));
        shop.work().await;
        assert_eq!(client.query_one(NEXT, &[]).await.unwrap().get::<_, Option<String>>("error"), None, "{fault}");
    }
}
