//! A real process of ours is killed at the worst moment.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use backorders::clock::SystemClock;
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;
use backorders::secret::Keyring;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::support::shop::Shop;
use crate::support::temp_dir::TempDir;

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

/// `backorders serve` as a worker of the shop's database; killed when the test ends.
struct Process(Child);

impl Process {
    fn start(shop: &Shop, key: &str, dir: &TempDir) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backorders"));
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").arg("serve");
        command.env("BACKORDERS_ROLE", "worker").env("BACKORDERS_LISTEN", "127.0.0.1:0");
        command.env("DATABASE_URL", shop.database.url()).env("BACKORDERS_MASTER_KEYS", key);
        command.env("BACKORDERS_STATE_DIR", dir.path()).env("BACKORDERS_MAIL_DIR", dir.path().join("mails"));
        command.env("BACKORDERS_MAIL_FROM", "b@example.com");
        command.env("BACKORDERS_ALLOWED_PRIVATE_CIDRS", "127.0.0.0/8");
        command.env("BACKORDERS_DESKERA_CLIENT_ID", "backorders");
        command.env("BACKORDERS_DESKERA_CLIENT_SECRET", "sandbox-secret");
        command.env("BACKORDERS_DESKERA_CONSENT_URL", shop.erp.url.as_str());
        command.env("BACKORDERS_DESKERA_API_URL", shop.erp.url.as_str());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.by_ref().any(|line| line.unwrap().contains("\"message\":\"ready\"")), "it does not start");
        std::thread::spawn(move || lines.for_each(drop));
        Self(child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn a_worker_killed_between_the_hosts_commit_and_ours_leaves_one_purchase_order() {
    let key = Keyring::generate("test", &SystemClock);
    let shop = Shop::open_with_key(Mode::Automatic, &key).await;
    let before = shop.purchase_orders().await.len();
    // the ERP makes the purchase order at once and answers after a minute
    shop.erp.fault("POST", "/v1/orders/purchase", json!({ "kind": "slow_after_commit", "ms": 60_000 })).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.request_sweep().await;
    let dir = TempDir::new();
    let process = Process::start(&shop, key.expose_secret(), &dir);
    shop.wait_for_purchase_orders(before + 1).await;
    drop(process);
    let row = shop.database.client().await.query_one("SELECT state FROM intent", &[]).await.unwrap();
    assert_eq!(row.get::<_, String>("state"), "sending", "it never heard the answer");

    // its lease ends, another worker takes over
    shop.clock.advance(Duration::from_secs(200));
    shop.until_settled().await;
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    assert_eq!(shop.state(&sale).await, Some(BackorderState::OnOrder));
}
