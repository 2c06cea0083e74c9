//! What operators watch, of a process that serves no pages.

use backorders::clock::SystemClock;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;
use backorders::secret::Keyring;
use secrecy::ExposeSecret as _;

use crate::support::program::Program;
use crate::support::shop::Shop;
use crate::support::temp_dir::TempDir;

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

#[tokio::test]
async fn a_worker_without_pages_says_that_it_is_ready_and_what_waits() {
    let key = Keyring::generate("test", &SystemClock);
    let shop = Shop::open_with_key(Mode::Automatic, &key).await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.request_sweep().await;
    let dir = TempDir::new();
    let process = Program::start(&shop, key.expose_secret(), &dir, &[]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: &str| {
        let answer = client.get(format!("http://{}{path}", process.address)).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(get("/livez").await.0, 200);
    assert_eq!(get("/readyz").await, (200, "ready\n".to_owned()));
    assert_eq!(get("/connect").await.0, 404, "it has no pages");
    shop.wait_for("SELECT EXISTS (SELECT FROM intent WHERE state = 'confirmed') AS done").await;
    let (_, text) = get("/metrics").await;
    for name in [
        "backorders_build_info{version=",
        "backorders_dirty_documents ",
        "backorders_inbox_oldest_seconds ",
        "backorders_intents{state=\"planned\"}",
        "backorders_intents_unknown 0",
        "backorders_token_expiry_seconds ",
        "backorders_sweep_lag_seconds ",
        "backorders_db_oldest_xact_seconds ",
        "backorders_table_dead_ratio ",
        "backorders_db_pool_wait_seconds_bucket",
        "backorders_host_request_seconds_bucket{host=\"deskera\"",
        "backorders_job_seconds_bucket",
        "backorders_event_to_plan_seconds_bucket",
        "backorders_plan_to_po_seconds_bucket",
        "backorders_po_created_total 1",
        "backorders_po_duplicates_detected_total 0",
    ] {
        assert!(text.contains(name), "no {name} in {text}");
    }
    assert!(!text.contains(&shop.tenant.to_string()), "no company is named");
}
