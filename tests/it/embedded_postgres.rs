//! The private PostgreSQL: data outlives a stop, a folder has one user, no server outlives its process.

use std::fs;
use std::path::Path;

use backorders::embedded_postgres::{EmbeddedPostgres, EmbeddedPostgresError};
use tokio_postgres::NoTls;

use crate::support::temp_dir::TempDir;

/// Runs one statement over a connection of its own and gives the first value.
async fn ask(postgres: &EmbeddedPostgres, sql: &str) -> Option<String> {
    let (client, connection) = tokio_postgres::connect(&postgres.url(), NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    let rows = client.simple_query(sql).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
    rows.iter().find_map(|row| match row {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    })
}

fn server_pid(state_dir: &Path) -> Option<String> {
    let text = fs::read_to_string(state_dir.join("pg/data/postmaster.pid")).ok()?;
    text.lines().next().map(str::to_owned)
}

#[tokio::test]
async fn private_database_keeps_its_data_from_one_start_to_the_next() {
    let dir = TempDir::new();
    let postgres = EmbeddedPostgres::start(dir.path(), None).unwrap();
    ask(&postgres, "CREATE TABLE kept AS SELECT 'still here' AS text").await;
    postgres.stop();
    assert_eq!(server_pid(dir.path()), None, "the server has ended when stop returns");

    let mut postgres = EmbeddedPostgres::start(dir.path(), None).unwrap();
    assert_eq!(ask(&postgres, "SELECT text FROM kept").await.as_deref(), Some("still here"));
    assert_eq!(ask(&postgres, "SHOW listen_addresses").await.as_deref(), Some(""), "no network");
    assert_eq!(ask(&postgres, "SHOW fsync").await.as_deref(), Some("on"));
    assert!(postgres.is_running());
}

#[test]
fn server_stops_when_it_is_dropped() {
    let dir = TempDir::new();
    drop(EmbeddedPostgres::start(dir.path(), None).unwrap());
    assert_eq!(server_pid(dir.path()), None);
}

#[test]
fn second_user_of_a_folder_is_told_that_it_is_taken() {
    let dir = TempDir::new();
    let _first = EmbeddedPostgres::start(dir.path(), None).unwrap();
    let second = EmbeddedPostgres::start(dir.path(), None).unwrap_err();
    assert!(matches!(second, EmbeddedPostgresError::Taken(_)), "{second}");
}

#[test]
fn path_that_is_too_long_for_a_socket_is_refused_before_anything_is_made() {
    let dir = TempDir::new();
    let long = dir.path().join("x".repeat(80));
    let error = EmbeddedPostgres::start(&long, None).unwrap_err();
    assert!(error.to_string().contains("BACKORDERS_STATE_DIR"), "{error}");
    assert!(!long.exists());
}

#[test]
fn unfinished_data_folder_of_a_killed_start_is_made_anew() {
    let dir = TempDir::new();
    fs::create_dir_all(dir.path().join("pg/data.new/base")).unwrap();
    fs::write(dir.path().join("pg/data.new/PG_VERSION"), "15").unwrap();
    let mut postgres = EmbeddedPostgres::start(dir.path(), None).unwrap();
    assert!(postgres.is_running());
    assert!(!dir.path().join("pg/data.new").exists());
}

#[test]
fn folder_that_the_server_cannot_enter_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    if !nix::unistd::geteuid().is_root() {
        // Only root starts the server as somebody else.
        return;
    }
    let dir = TempDir::new();
    let closed = dir.path().join("closed");
    fs::create_dir(&closed).unwrap();
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o700)).unwrap();
    let error = EmbeddedPostgres::start(&closed, None).unwrap_err();
    assert!(error.to_string().starts_with(closed.to_str().unwrap()), "{error}");
}
