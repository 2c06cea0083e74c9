//! The database itself: migrations, and row security for every table.

use std::collections::BTreeMap;

use backorders::db;

use crate::support::db::TestDatabase;

#[tokio::test]
async fn starts_at_the_same_time_migrate_once() {
    let database = TestDatabase::unmigrated().await;
    let url = database.url();
    let starts = (0..4).map(|_| db::migrate(&url));
    for outcome in futures_util::future::join_all(starts).await {
        outcome.unwrap();
    }
    let client = database.client().await;
    let history =
        "SELECT count(*) = count(DISTINCT version) AS once, max(version) AS newest FROM refinery_schema_history";
    let row = client.query_one(history, &[]).await.unwrap();
    assert!(row.get::<_, bool>("once"));
    assert_eq!(row.get::<_, i32>("newest"), db::schema_version());
}

#[tokio::test]
async fn every_table_is_closed_to_other_tenants() {
    let database = TestDatabase::new().await;
    let client = database.client().await;
    let rows = client
        .query(
            "SELECT relname::text AS table, relrowsecurity AND relforcerowsecurity AS closed
             FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace
               AND relname <> 'refinery_schema_history'",
            &[],
        )
        .await
        .unwrap();
    let closed: BTreeMap<String, bool> = rows.iter().map(|row| (row.get("table"), row.get("closed"))).collect();
    assert!(closed.len() > 5, "{closed:?}");
    let open: Vec<_> = closed.iter().filter(|(_, closed)| !**closed).collect();
    assert!(open.is_empty(), "without row security: {open:?}");
}

#[tokio::test]
async fn databases_of_one_server_can_be_migrated_at_the_same_time() {
    let databases = futures_util::future::join_all((0..4).map(|_| TestDatabase::unmigrated())).await;
    let urls: Vec<_> = databases.iter().map(TestDatabase::url).collect();
    for outcome in futures_util::future::join_all(urls.iter().map(|url| db::migrate(url))).await {
        outcome.unwrap();
    }
}
