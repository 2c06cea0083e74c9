//! With many backorders a page reads the rows that it shows and no more, behind row security too: PostgreSQL itself says
//! how many rows a statement has read.

use backorders::clock::{Clock as _, SystemClock};
use backorders::db::counts::{self, MOST_COUNTED};
use backorders::db::work_list::{self, After, Filter, SortBy};
use backorders::db::{self, audit, insights_behind, listing, proposal, stuck_intent};
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef, TenantId};
use deadpool_postgres::{Pool, Transaction};
use uuid::Uuid;

use crate::support::db::TestDatabase;

const TENANT: TenantId = TenantId(Uuid::from_u128(0xa));
const MANY: i64 = 3000;
/// Rows of a page.
const PAGE: i64 = 51;
/// Rows that may be looked at beside those that are shown.
const SLACK: i64 = 5;

/// A company with many backorders.
async fn company() -> (TestDatabase, Pool) {
    let database = TestDatabase::new().await;
    let sql = include_str!("../data/many_backorders.sql");
    let sql = sql.replace(":tenant", &format!("'{TENANT}'::uuid")).replace(":count", &MANY.to_string());
    let owner = database.client().await;
    owner.batch_execute(&format!("BEGIN; {sql}; COMMIT; ANALYZE")).await.unwrap();
    let pool = db::pool(&database.url(), db::PoolLimits::default()).unwrap();
    (database, pool)
}

/// What this connection has read of a table and not reported yet, which it does between transactions only: whole looks
/// through it, and rows.
async fn read(tx: &Transaction<'_>, table: &str) -> (i64, i64) {
    let sql =
        "SELECT seq_scan, seq_tup_read + COALESCE(idx_tup_fetch, 0) FROM pg_stat_xact_all_tables WHERE relname = $1";
    let row = tx.query_one(sql, &[&table]).await.unwrap();
    (row.get(0), row.get(1))
}

async fn reads_what_it_shows(pool: &Pool, filter: &Filter, after: Option<&After>) -> Vec<work_list::ListedBackorder> {
    let mut client = pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, TENANT).await.unwrap();
    let before = read(&tx, "backorder").await;
    let shown = work_list::list(&tx, TENANT, filter, after, PAGE).await.unwrap();
    let (whole, rows) = read(&tx, "backorder").await;
    let rows = rows - before.1;
    assert_eq!(whole - before.0, 0, "it looks through all of them: {filter:?} after {after:?}");
    assert!(rows <= PAGE + SLACK, "{rows} rows are read for {}: {filter:?} after {after:?}", shown.len());
    shown
}

#[tokio::test]
async fn a_page_of_the_list_reads_the_rows_that_it_shows_wherever_it_begins() {
    let (_database, pool) = company().await;
    for sort in SortBy::ALL {
        for descending in [false, true] {
            for state in [None, Some(BackorderState::Asked)] {
                // other orders of one state are looked through, which the counts of the tabs make plain
                if state.is_some() && sort != SortBy::Expected {
                    continue;
                }
                let filter = Filter { state, sort, descending, ..Filter::default() };
                let first = reads_what_it_shows(&pool, &filter, None).await;
                assert_eq!(first.len(), 51);
                let mut after = first.last().unwrap().place(sort);
                for _ in 0..5 {
                    let page = reads_what_it_shows(&pool, &filter, Some(&after)).await;
                    assert!(page.iter().all(|row| !first.contains(row)), "{filter:?}: a row stands on two pages");
                    after = page.last().unwrap().place(sort);
                }
                // far behind
                let end = if descending { "2000-01-01" } else { "infinity" };
                if matches!(sort, SortBy::Expected | SortBy::NeedBy) {
                    let document = DocumentRef::new(DocumentKind::Invoice, "D-1");
                    let after = After { value: end.to_owned(), document };
                    reads_what_it_shows(&pool, &filter, Some(&after)).await;
                }
            }
        }
    }
    let mine = Filter { owner: Some("seller7@fairlight.test".to_owned()), ..Filter::default() };
    let mine = reads_what_it_shows(&pool, &mine, None).await;
    assert!(!mine.is_empty() && mine.iter().all(|row| row.owner.as_deref() == Some("seller7@fairlight.test")));
    let nobody_s = Filter { owner: Some(String::new()), ..Filter::default() };
    let nobody_s = reads_what_it_shows(&pool, &nobody_s, None).await;
    assert!(!nobody_s.is_empty() && nobody_s.iter().all(|row| row.owner.is_none()));
    let theirs = Filter { customer: Some("Customer 7 and Sons".to_owned()), ..Filter::default() };
    assert!(!reads_what_it_shows(&pool, &theirs, None).await.is_empty());
}

#[tokio::test]
async fn what_is_chosen_is_found_by_its_key() {
    let (_database, pool) = company().await;
    let chosen: Vec<_> = (0..5).map(|n| DocumentRef::new(DocumentKind::Invoice, format!("D-{}", n * 500))).collect();
    let mut client = pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, TENANT).await.unwrap();
    let found = work_list::chosen(&tx, TENANT, &chosen).await.unwrap();
    assert_eq!(found.len(), 5);
    assert!(found.iter().all(|row| chosen.contains(&row.document)));
    let (whole, rows) = read(&tx, "backorder").await;
    assert_eq!((whole, rows), (0, 5));
}

#[tokio::test]
async fn counts_end_at_a_thousand() {
    let (_database, pool) = company().await;
    let mut client = pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, TENANT).await.unwrap();
    let counts = counts::counts(&tx, TENANT).await.unwrap();
    let of = |state| counts.iter().find(|(known, _)| *known == state).unwrap().1;
    assert_eq!(of(BackorderState::OnOrder), MOST_COUNTED + 1, "1,200 of them");
    assert_eq!(of(BackorderState::Asked), 900);
    assert_eq!(of(BackorderState::Short), 300);
    assert_eq!(of(BackorderState::Declined), 0);
    assert_eq!(counts::waiting(&tx, TENANT).await.unwrap(), 900);
    assert_eq!(read(&tx, "backorder").await.0, 0);
}

#[tokio::test]
async fn the_other_pages_look_through_no_table() {
    let (_database, pool) = company().await;
    let mut client = pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, TENANT).await.unwrap();
    assert_eq!(proposal::open(&tx, TENANT, 50).await.unwrap().len(), 50);
    assert_eq!(audit::newest(&tx, TENANT, 100).await.unwrap().len(), 100);
    assert!(stuck_intent::list(&tx, TENANT, 100).await.unwrap().is_empty());
    assert_eq!(listing::vendors(&tx, TENANT, 20).await.unwrap().len(), 20);
    assert_eq!(listing::items(&tx, TENANT, (None, true), None, 5).await.unwrap().len(), 5);
    let now = SystemClock.now();
    let aged = insights_behind::aged(&tx, TENANT, (None, Some(now)), None, PAGE).await.unwrap();
    assert_eq!(aged.len(), 51);
    for (table, most) in
        [("proposal", 50), ("audit", 100), ("intent", 0), ("contact", 20), ("item_need", 20), ("backorder", PAGE)]
    {
        let (whole, rows) = read(&tx, table).await;
        assert!(whole == 0 && rows <= most + SLACK, "{table} is looked through: {whole} times, {rows} rows");
    }
}
