//! A database of its own for each test: a copy of one that was migrated once in this run.

use std::str::FromStr as _;

use backorders::clock::{Clock as _, SystemClock};
use tokio_postgres::{Client, Config, NoTls};

/// Set by `scripts/test` to the throwaway server.
const SERVER: &str = "BACKORDERS_TEST_DATABASE_URL";
/// Set by `scripts/test --pgbouncer`: what the program under test uses instead.
const POOLER: &str = "BACKORDERS_TEST_POOLER_URL";
const TEMPLATE: &str = "backorders_template";

/// A migrated, empty database. Dropping it removes the database, whoever is still connected.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
}

impl TestDatabase {
    pub async fn new() -> Self {
        let server = server();
        let admin = connect(&server).await;
        make_template(&admin, &server).await;
        let name = format!("test_{}", SystemClock.new_id().simple());
        admin.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")).await.unwrap();
        Self { server, name }
    }

    /// An empty database that no migration has touched.
    pub async fn unmigrated() -> Self {
        let server = server();
        let name = format!("test_{}", SystemClock.new_id().simple());
        connect(&server).await.batch_execute(&format!("CREATE DATABASE {name}")).await.unwrap();
        Self { server, name }
    }

    /// The address of the database for the program under test.
    #[expect(clippy::disallowed_methods, reason = "the pooler of this run is told by the environment")]
    pub fn url(&self) -> String {
        of_database(&std::env::var(POOLER).unwrap_or_else(|_| self.server.clone()), &self.name)
    }

    /// A connection as the owner of everything, for a test to look with.
    pub async fn client(&self) -> Client {
        connect(&of_database(&self.server, &self.name)).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (server, drop) = (self.server.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name));
        // A thread of its own: dropping happens inside the test's runtime, which may not be blocked.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { connect(&server).await.batch_execute(&drop).await })
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("test database is left behind: {error}");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the server of this run is told by the environment")]
fn server() -> String {
    std::env::var(SERVER).unwrap_or_else(|_| {
        panic!("{SERVER} is not set: run the tests with scripts/test, which starts a throwaway PostgreSQL for them")
    })
}

/// Makes the migrated template unless another test of this run has; each test is a process, so the database's own
/// lock keeps them in line.
async fn make_template(admin: &Client, server: &str) {
    admin.batch_execute("SELECT pg_advisory_lock(hashtext('backorders test template'))").await.unwrap();
    let there = admin.query("SELECT FROM pg_database WHERE datname = $1", &[&TEMPLATE]).await.unwrap();
    if there.is_empty() {
        let unfinished = format!("{TEMPLATE}_unfinished");
        admin.batch_execute(&format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).await.unwrap();
        admin.batch_execute(&format!("CREATE DATABASE {unfinished}")).await.unwrap();
        backorders::db::migrate(&of_database(server, &unfinished)).await.unwrap();
        // The rename waits until the migration's connection is gone.
        let rename = format!("ALTER DATABASE {unfinished} RENAME TO {TEMPLATE}");
        let begun = std::time::Instant::now();
        while let Err(error) = admin.batch_execute(&rename).await {
            assert!(begun.elapsed().as_secs() < 10, "the template cannot be finished: {error}");
        }
    }
    admin.batch_execute("SELECT pg_advisory_unlock(hashtext('backorders test template'))").await.unwrap();
}

/// The same server's address with another database.
fn of_database(server: &str, name: &str) -> String {
    let (base, _) = server.rsplit_once('/').unwrap();
    format!("{base}/{name}")
}

async fn connect(url: &str) -> Client {
    let (client, connection) = Config::from_str(url).unwrap().connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
