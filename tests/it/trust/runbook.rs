//! What manifest/runbook.md tells an operator to do works as it is written.

use backorders::clock::SystemClock;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;
use backorders::secret::Keyring;
use secrecy::ExposeSecret as _;

use crate::support::shop::Shop;

const RUNBOOK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/manifest/runbook.md"));

/// The statement of the runbook that begins so: a block of lines, or what stands between two backticks.
fn statement(begin: &str) -> String {
    let at = RUNBOOK.find(begin).unwrap_or_else(|| panic!("the runbook no longer has: {begin}"));
    let rest = &RUNBOOK[at..];
    let block = RUNBOOK[..at].ends_with("    ");
    if block { rest.split("\n\n").next().unwrap().to_owned() } else { rest.split('`').next().unwrap().to_owned() }
}

#[tokio::test]
async fn each_statement_of_the_runbook_runs_and_does_what_it_says() {
    let key = Keyring::generate("k1", &SystemClock);
    let shop = Shop::open_with_key(Mode::Automatic, &key).await;
    let other = shop.beside(Mode::Automatic, &key).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[("P-0000001", 12)]).await;
    shop.event(&[sale]).await;
    shop.work().await;
    let client = shop.database.client().await;

    let marker: String = client.query_one("SELECT marker FROM intent", &[]).await.unwrap().get(0);
    let audit = statement("SELECT at, details FROM audit").replace("BO-…", &marker);
    assert_ne!(client.query(&audit, &[]).await.unwrap().len(), 0, "{audit}");
    client.query(&statement("SELECT pid, xact_start"), &[]).await.unwrap();

    // both companies have something under k1, until a sweep with a newer key
    let keys = statement("SELECT tenant_id FROM connection WHERE substring");
    assert_eq!(client.query(keys.trim_end_matches(';'), &[]).await.unwrap().len(), 2);
    let newer = Keyring::generate("k2", &SystemClock);
    let keyring = format!("{},{}", newer.expose_secret(), key.expose_secret());
    shop.request_sweep().await;
    other.request_sweep().await;
    shop.work_with(&shop.worker_with_keys(&keyring)).await;
    assert_eq!(client.query(keys.trim_end_matches(';'), &[]).await.unwrap().len(), 0, "all is under k2");

    // a company is taken out whole, the other stays
    let before = rows(&shop, &other.tenant.0.to_string()).await;
    client.batch_execute(&statement("DO $$").replace("'ID'", &format!("'{}'", shop.tenant.0))).await.unwrap();
    assert_eq!(rows(&shop, &shop.tenant.0.to_string()).await, 0);
    assert_eq!(rows(&shop, &other.tenant.0.to_string()).await, before);
}

/// The rows of a company in all tables.
async fn rows(shop: &Shop, tenant: &str) -> i64 {
    let client = shop.database.client().await;
    let tables = client
        .query("SELECT table_name::text FROM information_schema.columns WHERE column_name = 'tenant_id' AND table_schema = 'public'", &[])
        .await
        .unwrap();
    let counts: Vec<_> = tables
        .iter()
        .map(|table| format!("SELECT count(*) AS n FROM {} WHERE tenant_id = '{tenant}'", table.get::<_, String>(0)))
        .collect();
    let sum = format!("SELECT sum(n)::bigint FROM ({}) AS counts", counts.join(" UNION ALL "));
    client.query_one(&sum, &[]).await.unwrap().get(0)
}
