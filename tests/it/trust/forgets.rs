//! What is old and over is forgotten; what is open is not, however old it is. A company that left is deleted.

use std::time::Duration;

use backorders::clock::{Clock as _, SystemClock};
use backorders::db;
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::settings::Mode;
use backorders::secret::Keyring;
use serde_json::json;

use crate::support::shop::Shop;

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";
/// Tables of which rows go; each has some that are over and some that are open when the test begins.
const FORGOTTEN: [&str; 14] = [
    "delivery",
    "changed_document",
    "proposal",
    "approval_link",
    "intent",
    "intent_line",
    "peg",
    "purchase_order",
    "notice",
    "backorder",
    "sales_document",
    "line_record",
    "due_sum",
    "audit",
];

/// Everything that happened becomes older by so many days: whole weeks, which are counted by.
async fn age(shop: &Shop, days: u32) {
    const COLUMNS: &str = "
        SELECT table_name::text AS name, string_agg(
            format('%I = (%I - interval ''1 day'' * $days)::%s', column_name, column_name, data_type), ', ') AS set
        FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type IN ('timestamp with time zone', 'date')
            AND table_name NOT IN ('connection', 'hook', 'tenant', 'refinery_schema_history') AND is_generated = 'NEVER'
        GROUP BY table_name";
    let client = shop.database.client().await;
    for row in client.query(COLUMNS, &[]).await.unwrap() {
        let (name, set): (String, String) = (row.get("name"), row.get("set"));
        client.batch_execute(&format!("UPDATE {name} SET {}", set.replace("$days", &days.to_string()))).await.unwrap();
    }
    client.batch_execute("UPDATE connection SET last_checked_at = last_checked_at - interval '1 day'").await.unwrap();
}

async fn counts(shop: &Shop) -> Vec<(&'static str, i64)> {
    let client = shop.database.client().await;
    let mut counts = Vec::new();
    for table in FORGOTTEN {
        let row = client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap();
        counts.push((table, row.get::<_, i64>(0)));
    }
    counts
}

/// A sale of 12 of which 8 are asked for, approved and ordered; its purchase order.
async fn bought(shop: &Shop) -> (DocumentRef, String) {
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    keep_delivery(shop, &sale).await;
    shop.sweep().await;
    let proposal = shop.proposals().await.remove(0);
    shop.approve(proposal.id, 0).await;
    shop.until_settled().await;
    let code = shop.purchase_orders().await.last().unwrap()["code"].as_str().unwrap().to_owned();
    (sale, code)
}

/// As the intake keeps a delivery about it.
async fn keep_delivery(shop: &Shop, sale: &DocumentRef) {
    let documents = serde_json::to_value(std::slice::from_ref(sale)).unwrap();
    let sql = "INSERT INTO delivery (tenant_id, delivery_id, received_at, event, outcome, documents)
               VALUES ($1, gen_random_uuid(), now(), 'UPDATE_INVOICE', 'accepted', $2)";
    shop.database.client().await.execute(sql, &[&shop.tenant.0, &documents]).await.unwrap();
}

#[tokio::test]
async fn what_is_over_is_forgotten_in_its_time_and_what_is_open_stays() {
    let shop = Shop::open(Mode::Ask).await;
    let (over, order) = bought(&shop).await;
    shop.erp.control("/sandbox/receive", json!({ "code": order })).await;
    shop.erp.control("/sandbox/fulfil", json!({ "code": over.id })).await;
    shop.erp.control("/sandbox/cancel", json!({ "code": over.id })).await;
    shop.erp.control("/sandbox/cancel", json!({ "code": order })).await;
    shop.sweep().await;
    shop.until_settled().await;
    assert_eq!(shop.state(&over).await, Some(BackorderState::Delivered));
    let (open, _) = bought(&shop).await;
    let (mails, orders) = (shop.mails().len(), shop.purchase_orders().await.len());
    let before = counts(&shop).await;

    age(&shop, 105).await;
    shop.sweep().await;
    let later = counts(&shop).await;
    let count = |counts: &[(&str, i64)], table: &str| counts.iter().find(|(name, _)| *name == table).unwrap().1;
    assert_eq!(count(&later, "delivery"), 0, "deliveries go after weeks");
    assert_eq!(count(&later, "approval_link"), 0, "and links that have ended");
    for table in ["intent", "purchase_order", "backorder", "sales_document", "line_record", "notice"] {
        assert_eq!(count(&later, table), count(&before, table), "{table}: history stays for years");
    }

    age(&shop, 1204).await;
    shop.sweep().await;
    shop.until_settled().await;
    let later = counts(&shop).await;
    for table in FORGOTTEN {
        let (before, later) = (count(&before, table), count(&later, table));
        assert!(later < before, "{table}: {before} rows, then {later}");
    }
    assert_eq!(shop.state(&over).await, None);
    assert_eq!(shop.state(&open).await, Some(BackorderState::OnOrder), "what is open stays");
    for table in ["intent", "intent_line", "peg", "purchase_order", "backorder"] {
        assert!(count(&later, table) > 0, "{table}: the open order keeps its own");
    }
    assert_eq!(shop.mails().len(), mails, "nothing is told again: {:?}", shop.subjects());
    assert_eq!(shop.purchase_orders().await.len(), orders, "nothing is bought again");
}

/// Rows of a company, by table.
async fn rows(shop: &Shop) -> Vec<(String, i64)> {
    const TABLES: &str = "
        SELECT table_name::text AS name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_name = 'tenant_id' ORDER BY 1";
    let client = shop.database.client().await;
    let mut rows = Vec::new();
    for table in client.query(TABLES, &[]).await.unwrap() {
        let name: String = table.get("name");
        let count = format!("SELECT count(*) FROM {name} WHERE tenant_id = $1");
        rows.push((name, client.query_one(&count, &[&shop.tenant.0]).await.unwrap().get(0)));
    }
    rows
}

async fn disconnect(shop: &Shop) {
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, shop.tenant).await.unwrap();
    assert!(db::connection::disconnect(&tx, shop.tenant, "test", shop.clock.now()).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn attack_98_a_company_that_left_is_deleted_after_its_time_and_kept_if_it_comes_back_before() {
    let key = Keyring::generate("test", &SystemClock);
    let shop = Shop::open_with_key(Mode::Ask, &key).await;
    let other = shop.beside(Mode::Ask, &key).await;
    bought(&shop).await;
    let days = |days: u64| Duration::from_secs(days * 24 * 3600);
    let of_other = rows(&other).await;

    disconnect(&shop).await;
    let before = rows(&shop).await;
    shop.clock.advance(days(29));
    shop.worker.forget_departed().await.unwrap();
    assert_eq!(rows(&shop).await, before, "its time is not over");

    shop.reconnect().await;
    shop.clock.advance(days(5));
    shop.worker.forget_departed().await.unwrap();
    assert_eq!(rows(&shop).await, before, "it came back");

    disconnect(&shop).await;
    shop.clock.advance(days(31));
    shop.worker.forget_departed().await.unwrap();
    let left: Vec<_> = rows(&shop).await.into_iter().filter(|(_, rows)| *rows > 0).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(rows(&other).await, of_other, "nobody else's went");
}

#[tokio::test]
async fn what_is_old_is_forgotten_also_where_no_sweep_looks() {
    let shop = Shop::open(Mode::Ask).await;
    bought(&shop).await;
    let client = shop.database.client().await;
    client.batch_execute("UPDATE connection SET state = 'revoked'").await.unwrap();
    let deliveries = || async { counts(&shop).await.into_iter().find(|(name, _)| *name == "delivery").unwrap().1 };
    assert!(deliveries().await > 0);
    age(&shop, 100).await;
    shop.worker.forget_departed().await.unwrap();
    assert_eq!(deliveries().await, 0);
}
