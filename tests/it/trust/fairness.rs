//! One busy company does not keep the others waiting (trust.md I14, F44).

use std::sync::Arc;
use std::time::Duration;

use backorders::clock::SystemClock;
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
