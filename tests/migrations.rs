//! Each migration is applied on data of the version before it; the data of two companies whose ids are the same never
//! mix.
//!
//! `tests/data/migrations/V0001.sql` is what a database of version 1 may hold. A new migration needs its own file: one
//! row at least in every table that it makes.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![expect(unreachable_pub, reason = "a test binary has no outside")]

#[path = "it/support/db.rs"]
#[expect(dead_code, reason = "no program of ours runs here")]
mod db;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use backorders::db::{departed, enter_queue, enter_tenant, retention};
use backorders::domain::ids::TenantId;
use db::TestDatabase;
use jiff::Timestamp;
use tokio_postgres::Client;

const TENANTS: [&str; 2] = ["'00000000-0000-0000-0000-00000000000a'", "'00000000-0000-0000-0000-00000000000b'"];

/// Version and text of each migration, in order.
fn migrations() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/db/migrations");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let version = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().split_once("__").unwrap().0.to_owned();
    files.map(|path| (version(&path), fs::read_to_string(&path).unwrap())).collect()
}

/// What a database of this version may hold, for both companies.
fn sample(version: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/migrations/{version}.sql"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    TENANTS.map(|tenant| text.replace(":tenant", tenant)).concat()
}

async fn tables(client: &Client) -> Vec<String> {
    let sql = "SELECT relname::text FROM pg_class
               WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname <> 'refinery_schema_history'
               ORDER BY relname";
    client.query(sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

async fn count(client: &Client, table: &str) -> i64 {
    client.query_one(&format!("SELECT count(*) FROM {table}"), &[]).await.unwrap().get(0)
}

/// A database at the newest version that holds the samples of all versions.
async fn grown() -> (TestDatabase, Client) {
    let database = TestDatabase::unmigrated().await;
    let client = database.client().await;
    for (version, migration) in migrations() {
        client
            .batch_execute(&format!("BEGIN; {migration}; COMMIT"))
            .await
            .unwrap_or_else(|error| panic!("{version}: {error:?}"));
        client.batch_execute(&sample(&version)).await.unwrap_or_else(|error| panic!("sample of {version}: {error:?}"));
    }
    (database, client)
}

#[tokio::test]
async fn every_migration_goes_over_data_of_the_version_before() {
    let (_database, client) = grown().await;
    for table in tables(&client).await {
        assert!(count(&client, &table).await > 0, "no sample data for {table}: add some to tests/data/migrations");
    }
}

#[tokio::test]
async fn step_by_step_leads_to_the_schema_that_the_program_makes() {
    const COLUMNS: &str = "
        SELECT table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
        FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'refinery_schema_history'
        ORDER BY 1";
    let (_database, grown) = grown().await;
    let fresh_database = TestDatabase::new().await;
    let fresh = fresh_database.client().await;
    let columns = async |client: &Client| -> Vec<String> {
        client.query(COLUMNS, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
    };
    assert_eq!(columns(&grown).await, columns(&fresh).await);
}

#[test]
fn migration_never_waits_long_for_a_lock_and_asks_nothing_of_older_rows() {
    for (version, text) in migrations() {
        for limit in ["SET LOCAL lock_timeout = '2s';", "SET LOCAL statement_timeout = '30s';"] {
            assert!(text.contains(limit), "{version} does not begin with: {limit}");
        }
        for statement in text.split(';').filter(|statement| statement.contains("ADD COLUMN")) {
            let is_safe = !statement.contains("NOT NULL") || statement.contains("DEFAULT");
            assert!(is_safe, "{version}: a new NOT NULL column without a default: {statement}");
        }
    }
}

#[tokio::test]
async fn company_sees_and_touches_its_own_rows_only() {
    let (_database, client) = grown().await;
    for table in tables(&client).await {
        let all = count(&client, &table).await;
        client.batch_execute("BEGIN").await.unwrap();
        let enter = format!(
            "SELECT set_config('app.tenant', {}, true), set_config('role', 'backorders_app', true)",
            TENANTS[0]
        );
        client.batch_execute(&enter).await.unwrap();
        assert_eq!(count(&client, &table).await * 2, all, "{table}: half of the rows are the company's");

        let steal = client.execute(&format!("UPDATE {table} SET tenant_id = {}", TENANTS[1]), &[]).await;
        let refusal = steal.unwrap_err();
        let is_refused = refusal.code() == Some(&tokio_postgres::error::SqlState::INSUFFICIENT_PRIVILEGE);
        assert!(is_refused, "{table}: a row can be given to another company: {refusal:?}");
        client.batch_execute("ROLLBACK; BEGIN").await.unwrap();
        client.batch_execute(&enter).await.unwrap();
        // History may not be deleted at all; elsewhere only the own rows go.
        let _ = client.execute(&format!("DELETE FROM {table}"), &[]).await;
        client.batch_execute("COMMIT").await.unwrap();
        let of_the_other = format!("SELECT count(*) FROM {table} WHERE tenant_id = {}", TENANTS[1]);
        let left: i64 = client.query_one(&of_the_other, &[]).await.unwrap().get(0);
        assert!(left > 0, "{table}: the other company's rows are gone");
        restore(&client).await;
    }
}

/// Puts back what a deletion took, also from the tables that hang on it.
async fn restore(client: &Client) {
    let all = tables(client).await.join(", ");
    client.batch_execute(&format!("TRUNCATE {all}")).await.unwrap();
    for version in migrations().keys() {
        client.batch_execute(&sample(version)).await.unwrap();
    }
}

#[tokio::test]
async fn without_a_company_nothing_is_seen() {
    let (_database, client) = grown().await;
    for table in tables(&client).await {
        client.batch_execute("BEGIN; SELECT set_config('role', 'backorders_app', true)").await.unwrap();
        let seen = client.query(&format!("SELECT FROM {table}"), &[]).await;
        assert!(seen.is_err(), "{table}: read without a company");
        client.batch_execute("ROLLBACK").await.unwrap();
    }
}

#[tokio::test]
async fn everything_of_a_company_that_left_is_deleted_from_every_table() {
    let (_database, mut client) = grown().await;
    let left = TenantId(uuid::Uuid::from_u128(0xa));
    let sql = format!(
        "UPDATE connection SET state = 'disconnected', disconnected_at = '2026-01-01T00:00Z' WHERE tenant_id = {}",
        TENANTS[0]
    );
    client.batch_execute(&sql).await.unwrap();
    let sql = format!("UPDATE tenant SET settings = '{{\"paused\": true}}' WHERE tenant_id = {}", TENANTS[1]);
    client.batch_execute(&sql).await.unwrap();
    let before: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
    let tx = client.transaction().await.unwrap();
    enter_queue(&tx).await.unwrap();
    assert_eq!(departed::departed(&tx, before, 10).await.unwrap(), [left]);
    let everybody = TenantId(uuid::Uuid::nil());
    let paused = TenantId(uuid::Uuid::from_u128(0xb));
    assert_eq!(departed::unswept(&tx, everybody, 10).await.unwrap(), [left, paused]);
    tx.commit().await.unwrap();
    loop {
        let tx = client.transaction().await.unwrap();
        retention::enter(&tx, left).await.unwrap();
        // one row at a time: each step can be the last before a restart
        let gone = departed::delete_some(&tx, left, before, 1).await.unwrap();
        tx.commit().await.unwrap();
        if gone == 0 {
            break;
        }
    }
    let tx = client.transaction().await.unwrap();
    enter_tenant(&tx, left).await.unwrap();
    assert!(departed::delete(&tx, left, before).await.unwrap());
    tx.commit().await.unwrap();
    for table in tables(&client).await {
        let of = async |tenant: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM {table} WHERE tenant_id = {tenant}");
            client.query_one(&sql, &[]).await.unwrap().get(0)
        };
        assert_eq!(of(TENANTS[0]).await, 0, "{table}");
        assert!(of(TENANTS[1]).await > 0, "{table}: of the other company");
    }
}
