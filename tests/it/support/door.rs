//! The way in for hooks, ready for what a sender does.

use std::sync::Arc;

use backorders::clock::{Clock as _, SystemClock, TestClock};
use backorders::db::delivery::{self, NewHook};
use backorders::db::{self, connection};
use backorders::domain::ids::TenantId;
use backorders::secret::{Keyring, Token};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use deadpool_postgres::Pool;
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Method;
use secrecy::SecretString;
use sha2::Sha256;

use super::app::{App, Page};
use super::db::TestDatabase;
use super::deskera::Erp;

pub const TENANT: TenantId = TenantId(uuid::Uuid::from_u128(7));
const SECRET: [u8; 32] = [9; 32];
pub const BODY: &str = r#"{"salesInvoiceCode":"SI-1"}"#;

/// Fairlight's two hooks, before it a sender.
pub struct Door {
    pub database: TestDatabase,
    pub app: App,
    /// Stands: what is signed a second too late stays so on a slow machine.
    pub clock: Arc<TestClock>,
    /// Unsigned, as Deskera sends them.
    pub plain: String,
    /// Standard Webhooks.
    pub signed: String,
    _erp: Erp,
}

impl Door {
    pub async fn new() -> Self {
        let database = TestDatabase::new().await;
        let pool = db::pool(&database.url(), db::PoolLimits::default()).unwrap();
        Self::before(database, pool, &[]).await
    }

    /// Behind reverse proxies in these ranges.
    pub async fn before(database: TestDatabase, pool: Pool, proxies: &[&str]) -> Self {
        let erp = Erp::start().await;
        let clock = Arc::new(TestClock::at(SystemClock.now()));
        let app = App::behind(pool, &erp, clock.clone(), proxies);
        let (plain, signed) = install(&app).await;
        Self { database, app, clock, plain, signed, _erp: erp }
    }

    pub async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Page {
        self.app.browser().send(Method::POST, path, headers, Some(body.to_owned())).await
    }

    pub async fn sign(&self, id: &str, seconds: i64, body: &str, signature: Option<&str>) -> Page {
        let stamp = (self.clock.now().as_second() + seconds).to_string();
        let made = format!("v1,{}", mac(&format!("{id}.{stamp}.{body}")));
        let signature = signature.unwrap_or(&made);
        let headers = [("webhook-id", id), ("webhook-timestamp", &stamp), ("webhook-signature", signature)];
        self.post(&self.signed, &headers, body).await
    }

    pub async fn count(&self, sql: &str) -> i64 {
        self.database.client().await.query_one(sql, &[]).await.unwrap().get(0)
    }

    pub async fn deliveries(&self) -> i64 {
        self.count("SELECT count(*) FROM delivery").await
    }
}

pub fn mac(text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(&SECRET).unwrap();
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

async fn install(app: &App) -> (String, String) {
    let now = SystemClock.now();
    let keyring: &Keyring = &app.keyring;
    let seal = |field: &str, text: &str| keyring.encrypt(TENANT, field, &SecretString::from(text), &SystemClock);
    let mut client = app.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, TENANT).await.unwrap();
    let new = connection::NewConnection {
        tenant_name: "Fairlight",
        time_zone: "UTC",
        base_currency: None,
        host_kind: "deskera",
        base_url: "https://api.example.com/",
        company: "1",
        host_identity: None,
        options: &serde_json::json!({}),
        access_token: b"x",
        refresh_token: None,
        token_expires_at: None,
        connected_by: "test",
    };
    connection::connect(&tx, TENANT, &new, now).await.unwrap();
    let mut paths = Vec::new();
    let secret = seal("hook.secret", &format!("whsec_{}", STANDARD.encode(SECRET)));
    for (event, scheme, secret) in
        [("CREATE_INVOICE", "path_token", None), ("sales_order.changed", "standard_webhooks", Some(&secret[..]))]
    {
        let token = Token::new(TENANT, &SystemClock);
        let path_token = seal("hook.path_token", token.expose());
        let hook = NewHook { token_hash: &token.key().hash, event, scheme, path_token: &path_token, secret };
        delivery::upsert_hook(&tx, TENANT, &hook, now).await.unwrap();
        paths.push(format!("/hooks/{}", token.expose()));
    }
    tx.commit().await.unwrap();
    let signed = paths.pop().unwrap();
    (paths.pop().unwrap(), signed)
}
