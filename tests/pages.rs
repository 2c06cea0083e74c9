//! How quick and how heavy the pages are for a company with many backorders: `scripts/bench pages` runs it.
//!
//! A program, not a test: it makes a database with the company of `tests/data/many_backorders.sql`, starts the program
//! that it is given, signs in, and asks for each page over HTTP again and again.

#![expect(clippy::print_stdout, reason = "a program: it prints what it measured")]

#[expect(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic, reason = "shared with the tests, which fail")]
#[path = "it/support/db.rs"]
mod database;

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use backorders::clock::{Clock as _, SystemClock};
use backorders::db::{self, person};
use backorders::domain::ids::TenantId;
use backorders::secret::{Keyring, Token};
use clap::Parser;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

const TENANT: TenantId = TenantId(Uuid::from_u128(0xa));
/// What a page may take and weigh.
const MOST_TIME: Duration = Duration::from_millis(200);
const MOST_BYTES: usize = 150_000;
/// The program starts, and a page answers, within this time or never.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Parser)]
struct Args {
    /// The program to measure.
    program: PathBuf,
    /// Backorders of the company, a multiple of 100.
    #[arg(long, default_value_t = 100_000)]
    count: i64,
    /// How often each page is asked for.
    #[arg(long, default_value_t = 20)]
    times: usize,
}

/// The program; it ends with the measurement.
struct Running {
    child: Child,
    address: String,
    folder: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        // it has nothing to finish
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn start(program: &PathBuf, database: &str) -> Result<Running> {
    let folder = std::env::temp_dir().join(format!("backorders-pages-{}", SystemClock.new_id().simple()));
    std::fs::create_dir_all(&folder)?;
    let mut child = Command::new(program)
        .arg("serve")
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("DATABASE_URL", database)
        .env("BACKORDERS_ROLE", "web")
        .env("BACKORDERS_LISTEN", "127.0.0.1:0")
        .env("BACKORDERS_PUBLIC_URL", "http://127.0.0.1:8080")
        .env("BACKORDERS_MASTER_KEYS", Keyring::generate("pages", &SystemClock).expose_secret())
        .env("BACKORDERS_STATE_DIR", &folder)
        .env("BACKORDERS_MAIL_DIR", folder.join("mail"))
        .env("BACKORDERS_MAIL_FROM", "b@example.com")
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| program.display().to_string())?;
    let out = child.stdout.take().context("no output")?;
    let mut running = Running { child, address: String::new(), folder };
    let mut lines = BufReader::new(out).lines();
    let ready = lines.by_ref().map_while(Result::ok).find(|line| line.contains("\"message\":\"ready\""));
    let ready: serde_json::Value = serde_json::from_str(&ready.context("the program does not start")?)?;
    ready["address"].as_str().context("it says no address")?.clone_into(&mut running.address);
    // what it says later is nobody's: it must not wait for a reader
    std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
    Ok(running)
}

/// Fills the database; gives the cookie of somebody who is signed in.
async fn company(database: &database::TestDatabase, count: i64) -> Result<String> {
    ensure!(count > 0 && count % 100 == 0, "--count is a multiple of 100");
    let sql = include_str!("data/many_backorders.sql");
    let sql = sql.replace(":tenant", &format!("'{TENANT}'::uuid")).replace(":count", &count.to_string());
    let owner = database.client().await;
    owner.batch_execute(&format!("BEGIN; {sql}; COMMIT")).await?;
    owner.batch_execute("VACUUM ANALYZE").await?;
    let pool = db::pool(&database.url(), db::PoolLimits::default())?;
    let mut client = pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, TENANT).await?;
    let now = SystemClock.now();
    let anna = person::Person {
        id: "anna".to_owned(),
        name: "Anna".to_owned(),
        email: Some("seller7@fairlight.test".to_owned()),
        administrator: true,
        language: None,
    };
    person::upsert(&tx, TENANT, &anna, now).await?;
    let token = Token::new(TENANT, &SystemClock);
    let until = now + jiff::SignedDuration::from_hours(8);
    person::open_session(&tx, TENANT, &token.key().hash, &anna.id, now, until).await?;
    tx.commit().await?;
    Ok(format!("backorders={}", token.expose()))
}

/// What the pages are called in the table, and where they are.
const PAGES: [(&str, &str); 24] = [
    ("list", "/backorders"),
    ("asked", "/backorders?state=asked"),
    ("by customer", "/backorders?sort=customer"),
    ("by need, latest first", "/backorders?sort=need_by&desc=1"),
    ("mine", "/backorders?owner=me"),
    ("nobody's", "/backorders?owner=nobody"),
    ("deep page", "/backorders?after=infinity&after_document=invoice%2FD-5"),
    ("deep page by number", "/backorders?sort=number&after=INV-0090000&after_document=invoice%2FD-90000"),
    ("search for one", "/backorders?search=0077777"),
    ("search for many", "/backorders?search=grinder"),
    ("search for nothing", "/backorders?search=nowhere+to+be+found"),
    ("one vendor", "/backorders?vendor=Vendor+7+Ltd"),
    ("one customer", "/backorders?customer=Customer+7+and+Sons"),
    ("late in Cork", "/backorders?warehouse=Cork&late=1"),
    ("overdue", "/backorders?overdue=1"),
    ("by item", "/backorders/items"),
    ("one backorder", "/backorders/invoice/D-4"),
    ("decisions", "/decisions"),
    // md5('proposal4'): the generator's id for what is asked for D-4
    ("one decision", "/decisions/13a41ad3-75b9-6d8f-9d9d-982f777f1ff4"),
    ("insights", "/insights"),
    ("insights of a year", "/insights?weeks=52"),
    ("orders of an age", "/insights/open?age=1"),
    ("activity", "/activity"),
    ("settings", "/settings"),
];

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let _ = rustls::crypto::ring::default_provider().install_default();
    let database = database::TestDatabase::new().await;
    let begun = Instant::now();
    let cookie = company(&database, args.count).await?;
    println!("{} backorders made in {} s", args.count, begun.elapsed().as_secs());
    let running = start(&args.program, &database.url())?;
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
    println!("{:<24} {:>9} {:>9} {:>9}", "page", "p50 ms", "p95 ms", "bytes");
    let mut beyond = Vec::new();
    for (name, path) in PAGES {
        let (mut times, mut bytes) = (Vec::new(), 0);
        for _ in 0..args.times {
            let begun = Instant::now();
            let url = format!("http://{}{path}", running.address);
            let answer = client.get(url).header("cookie", &cookie).send().await?;
            let status = answer.status();
            bytes = answer.text().await?.len();
            times.push(begun.elapsed());
            ensure!(status.is_success(), "{path}: {status}");
        }
        times.sort();
        let (p50, p95) = (times[times.len() / 2], times[(times.len() * 95 / 100).min(times.len() - 1)]);
        let ms = |time: Duration| format!("{:.1}", time.as_secs_f64() * 1000.0);
        let is_beyond = p95 > MOST_TIME || bytes > MOST_BYTES;
        println!("{name:<24} {:>9} {:>9} {bytes:>9}{}", ms(p50), ms(p95), if is_beyond { "  beyond" } else { "" });
        beyond.extend(is_beyond.then_some(name));
    }
    if beyond.is_empty() {
        println!("each page: p95 within {} ms, at most {MOST_BYTES} bytes", MOST_TIME.as_millis());
        return Ok(ExitCode::SUCCESS);
    }
    println!("beyond {} ms or {MOST_BYTES} bytes: {}", MOST_TIME.as_millis(), beyond.join(", "));
    Ok(ExitCode::FAILURE)
}
