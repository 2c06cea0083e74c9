//! A company that is connected: its ERP, its database, its mail server and a worker that does what is due when told.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use backorders::clock::{Clock, SystemClock};
use backorders::db::{self, connection, delivery, settings};
use backorders::decision;
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentRef, ProposalId, TenantId};
use backorders::domain::settings::{Mode, Settings};
use backorders::host::http::HttpSettings;
use backorders::host::{HostApps, deskera as host_deskera};
use backorders::mail::{MailConfig, Mailer, SmtpConfig, SmtpTls};
use backorders::sandbox::mailbox::Mail;
use backorders::secret::{self, Keyring, Token};
use backorders::worker::{Wake, Worker, WorkerSettings};
use deadpool_postgres::Pool;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::Value;

use super::db::TestDatabase;
use super::deskera::{self, Erp};

pub const BUYER: &str = "buyer@fairlight.test";
pub const SELLER: &str = "seller@fairlight.test";
/// Claims in a row after which a test gives up: something marks itself for ever.
const MOST_ROUNDS: usize = 400;

/// The system's clock, put forward when a test says so.
#[derive(Debug, Default)]
pub struct MovableClock(AtomicI64);

impl MovableClock {
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Puts it back, as a machine whose clock was wrong does.
    pub fn go_back(&self, by: Duration) {
        self.0.fetch_sub(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for MovableClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_millis(self.0.load(Ordering::SeqCst))
    }

    fn random(&self, buffer: &mut [u8]) {
        SystemClock.random(buffer);
    }
}

pub struct Shop {
    pub erp: Erp,
    pub database: Arc<TestDatabase>,
    pub pool: Pool,
    pub tenant: TenantId,
    pub worker: Arc<Worker>,
    pub clock: Arc<MovableClock>,
    pub keyring: Arc<Keyring>,
}

impl Shop {
    /// A company that has just been connected, in this mode; purchase orders are issued.
    pub async fn open(mode: Mode) -> Self {
        Self::open_with(Settings { mode, issue: true, ..Settings::default() }).await
    }

    pub async fn open_with(settings: Settings) -> Self {
        Self::open_as(settings, &Keyring::generate("test", &SystemClock)).await
    }

    /// As [`Self::open`], with a master key that another process is given too.
    pub async fn open_with_key(mode: Mode, key: &SecretString) -> Self {
        Self::open_as(Settings { mode, issue: true, ..Settings::default() }, key).await
    }

    async fn open_as(settings: Settings, key: &SecretString) -> Self {
        let database = Arc::new(TestDatabase::new().await);
        Self::open_in(database, Arc::default(), settings, key).await
    }

    /// Another company in an ERP of its own, in the database of this one; `key` is the master key of both.
    pub async fn beside(&self, mode: Mode, key: &SecretString) -> Self {
        let settings = Settings { mode, issue: true, ..Settings::default() };
        Self::open_in(self.database.clone(), self.clock.clone(), settings, key).await
    }

    async fn open_in(
        database: Arc<TestDatabase>,
        clock: Arc<MovableClock>,
        settings: Settings,
        key: &SecretString,
    ) -> Self {
        let erp = Erp::start().await;
        let pool = db::pool(&database.url(), db::PoolLimits::default()).unwrap();
        let keyring = Arc::new(Keyring::parse(key).unwrap());
        let tenant = secret::tenant_id(erp.connection.kind.as_str(), erp.url.as_str(), &erp.connection.company);
        let worker = Arc::new(worker(&pool, &(clock.clone() as Arc<dyn Clock>), &keyring, &erp, |_| {}));
        let shop = Self { erp, database, pool, tenant, worker, clock, keyring };
        shop.connect(settings).await;
        shop.work().await;
        shop
    }

    /// Connects the company again, as somebody who signs in does.
    pub async fn reconnect(&self) {
        let seal = |field: &str, value: &SecretString| self.keyring.encrypt(self.tenant, field, value, &SystemClock);
        let code =
            self.erp.control("/sandbox/tokens", serde_json::json!({})).await["code"].as_str().unwrap().to_owned();
        let url = &self.erp.url;
        let grant = host_deskera::exchange_code(&self.erp.http, &deskera::app(url), url, &code).await.unwrap();
        let access = seal("access_token", &grant.access.access_token);
        let refresh = seal("refresh_token", grant.access.refresh_token.as_ref().unwrap());
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        let options = serde_json::json!({});
        let new = connection::NewConnection {
            token_expires_at: grant.expires_at,
            ..self.new_connection(&access, &refresh, &options)
        };
        connection::connect(&tx, self.tenant, &new, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn new_connection<'a>(
        &'a self,
        access: &'a [u8],
        refresh: &'a [u8],
        options: &'a Value,
    ) -> connection::NewConnection<'a> {
        connection::NewConnection {
            tenant_name: "Fairlight Coffee Works",
            time_zone: "Europe/Dublin",
            base_currency: Some("EUR"),
            host_kind: self.erp.connection.kind.as_str(),
            base_url: self.erp.url.as_str(),
            company: &self.erp.connection.company,
            host_identity: None,
            options,
            access_token: access,
            refresh_token: Some(refresh),
            token_expires_at: self.erp.grant.expires_at,
            connected_by: "Administrator",
        }
    }

    /// Another worker on the same database, as a second process has it.
    pub fn another_worker(&self) -> Worker {
        worker(&self.pool, &(self.clock.clone() as Arc<dyn Clock>), &self.keyring, &self.erp, |_| {})
    }

    /// A worker that reaches the database by another way.
    pub fn worker_on(&self, pool: &Pool) -> Worker {
        worker(pool, &(self.clock.clone() as Arc<dyn Clock>), &self.keyring, &self.erp, |_| {})
    }

    /// A worker with a clock of its own.
    pub fn worker_by(&self, clock: &Arc<dyn Clock>) -> Worker {
        worker(&self.pool, clock, &self.keyring, &self.erp, |_| {})
    }

    /// A worker whose master keys are these.
    pub fn worker_with_keys(&self, keys: &str) -> Worker {
        let keyring = Arc::new(Keyring::parse(&SecretString::from(keys.to_owned())).unwrap());
        worker(&self.pool, &(self.clock.clone() as Arc<dyn Clock>), &keyring, &self.erp, |_| {})
    }

    /// A worker that was started on a restored backup.
    pub fn worker_after_restore(&self) -> Worker {
        self.worker_as(|settings| settings.reconcile_only = true)
    }

    /// A worker that works otherwise.
    pub fn worker_as(&self, change: impl FnOnce(&mut WorkerSettings)) -> Worker {
        worker(&self.pool, &(self.clock.clone() as Arc<dyn Clock>), &self.keyring, &self.erp, change)
    }

    /// Does everything that is due, until nothing is, with that worker.
    pub async fn work_with(&self, worker: &Worker) {
        for _ in 0..MOST_ROUNDS {
            if worker.run_once().await.unwrap() == 0 {
                return;
            }
        }
        panic!("there is always something due: {:?}", self.due().await);
    }

    /// Changes the settings.
    pub async fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        let stored = settings::load(&tx, self.tenant, true).await.unwrap();
        let mut settings = stored.settings;
        change(&mut settings);
        settings::save(&tx, self.tenant, &settings, stored.version, "test", self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// An event told of these documents.
    pub async fn event(&self, documents: &[DocumentRef]) {
        let changed: Vec<_> = documents.iter().map(|document| (self.tenant, document.clone())).collect();
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_intake(&tx).await.unwrap();
        db::changed_document::mark(&tx, &changed, self.clock.now(), None).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The stored connection.
    pub async fn connection(&self) -> connection::StoredConnection {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        connection::find(&tx, self.tenant).await.unwrap().unwrap()
    }

    /// How many audit entries of an event there are.
    pub async fn audited(&self, event: &str) -> i64 {
        let client = self.database.client().await;
        client.query_one("SELECT count(*) AS n FROM audit WHERE event = $1", &[&event]).await.unwrap().get("n")
    }

    /// Asks for a sweep, to be done by whichever worker comes first.
    pub async fn request_sweep(&self) {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        connection::request_sweep(&tx, self.tenant, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn connect(&self, settings: Settings) {
        let now = self.clock.now();
        let seal = |field: &str, value: &SecretString| self.keyring.encrypt(self.tenant, field, value, &SystemClock);
        let access = seal("access_token", &self.erp.grant.access.access_token);
        let refresh = seal("refresh_token", self.erp.grant.access.refresh_token.as_ref().unwrap());
        let options = serde_json::json!(self.erp.connection.options);
        let new = self.new_connection(&access, &refresh, &options);
        let settings =
            Settings { buyer_emails: vec![BUYER.to_owned()], seller_emails: vec![SELLER.to_owned()], ..settings };
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        connection::connect(&tx, self.tenant, &new, now).await.unwrap();
        settings::save(&tx, self.tenant, &settings, 0, "test", now).await.unwrap();
        let token = Token::new(self.tenant, &SystemClock);
        let sealed = seal("hook.path_token", &SecretString::from(token.expose().to_owned()));
        let hook = delivery::NewHook {
            token_hash: &token.key().hash,
            event: "CREATE_INVOICE",
            scheme: "path_token",
            path_token: &sealed,
            secret: None,
        };
        if !self.erp.face.is_odoo() {
            delivery::upsert_hook(&tx, self.tenant, &hook, now).await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    /// Does everything that is due, until nothing is.
    pub async fn work(&self) {
        self.work_with(&self.worker).await;
    }

    /// Looks through the ERP's lists now, then does what is due.
    pub async fn sweep(&self) {
        self.request_sweep().await;
        self.work().await;
    }

    /// Works and puts the clock forward until nothing waits for its time any more.
    pub async fn until_settled(&self) {
        for _ in 0..40 {
            self.work().await;
            if self.waiting().await.is_empty() {
                return;
            }
            self.clock.advance(Duration::from_secs(60));
        }
        panic!("something waits for ever: {:?}", self.waiting().await);
    }

    /// What is not done: due later, or claimed by somebody who is gone.
    pub async fn waiting(&self) -> Vec<String> {
        const WAITING: &str = "
            SELECT 'document ' || kind || ' ' || document_id || ': ' || COALESCE(last_error, '') AS what
            FROM changed_document WHERE seen_seq < changed_seq
            UNION ALL SELECT 'intent ' || state || ': ' || COALESCE(last_error, '') FROM intent
            WHERE state IN ('planned', 'sending', 'unknown') OR (state = 'created' AND issue)
            UNION ALL SELECT 'mark: ' || COALESCE(last_error, '') FROM host_mark WHERE shown_seq < wanted_seq
            UNION ALL SELECT 'notice ' || state || ': ' || COALESCE(last_error, '') FROM notice
            WHERE state IN ('due', 'sending', 'unknown')";
        let rows = self.database.client().await.query(WAITING, &[]).await.unwrap();
        rows.iter().map(|row| row.get("what")).collect()
    }

    async fn due(&self) -> Vec<String> {
        let rows = self
            .database
            .client()
            .await
            .query(
                "SELECT kind || ' ' || document_id || ' ' || COALESCE(last_error, '') AS due FROM changed_document
             WHERE seen_seq < changed_seq",
                &[],
            )
            .await
            .unwrap();
        rows.iter().map(|row| row.get("due")).collect()
    }

    /// The backorder of a document.
    pub async fn state(&self, document: &DocumentRef) -> Option<BackorderState> {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        let found = db::backorder::of_documents(&tx, self.tenant, std::slice::from_ref(document)).await.unwrap();
        found.first().map(|backorder| backorder.state)
    }

    /// The open proposals.
    pub async fn proposals(&self) -> Vec<db::proposal::StoredProposal> {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        db::proposal::open(&tx, self.tenant, 100).await.unwrap()
    }

    /// Approves an option of a proposal, as the buyer, and does what is due.
    pub async fn approve(&self, id: ProposalId, option: usize) {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        let now = self.clock.now();
        let proposal = db::proposal::find(&tx, self.tenant, id, true).await.unwrap().unwrap();
        let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
        let intent =
            decision::freeze_intent(&tx, self.tenant, &proposal.body, option, "Buyer", true, today, &SystemClock)
                .await
                .unwrap();
        let decision = db::proposal::Decision { state: "approved", by: "Buyer", reason: None, intent: Some(intent) };
        assert!(db::proposal::decide(&tx, self.tenant, id, proposal.version, &decision, now).await.unwrap());
        let changed: Vec<_> =
            proposal.body.documents.iter().map(|document| (self.tenant, document.reference.clone())).collect();
        db::changed_document::mark(&tx, &changed, now, None).await.unwrap();
        tx.commit().await.unwrap();
        drop(client);
        self.work().await;
    }

    /// The purchase orders in the ERP that are not cancelled.
    pub async fn purchase_orders(&self) -> Vec<Value> {
        self.erp.control_state("purchase_orders").await.as_array().unwrap().clone()
    }

    /// Waits until the ERP itself has so many purchase orders.
    pub async fn wait_for_purchase_orders(&self, count: usize) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        while self.purchase_orders().await.len() < count {
            assert!(tokio::time::Instant::now() < deadline, "the ERP never made the purchase order");
            tokio::task::yield_now().await;
        }
    }

    /// Waits until the database says `done`.
    pub async fn wait_for(&self, sql: &str) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        let client = self.database.client().await;
        while client.query_one(sql, &[]).await.unwrap().get::<_, Option<bool>>("done") != Some(true) {
            assert!(tokio::time::Instant::now() < deadline, "never: {sql}; {:?}", self.waiting().await);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// A sale as the ERP has it.
    pub async fn sale(&self, document: &DocumentRef) -> Value {
        let sales = self.erp.control_state("sales").await;
        let is_it = |sale: &&Value| self.erp.face.id(sale["code"].as_str().unwrap()) == document.id;
        sales.as_array().unwrap().iter().find(is_it).unwrap().clone()
    }

    /// Whether the ERP shows a sale as a backorder.
    pub async fn is_marked(&self, document: &DocumentRef) -> bool {
        if !self.erp.face.is_odoo() {
            return self.sale(document).await["back_order"] == true;
        }
        self.erp.control_state("odoo").await["custom"][&document.id]["x_backorder"] == true
    }

    /// The mails so far, oldest first.
    pub fn mails(&self) -> Vec<Mail> {
        self.erp.mails()
    }

    /// Who was told what, for a failure's text.
    pub fn subjects(&self) -> Vec<String> {
        self.mails().iter().map(|mail| format!("{:?}: {}", mail.to, mail.subject)).collect()
    }

    /// The mails to that person whose subject has those words.
    pub fn mails_to(&self, person: &str, words: &str) -> Vec<Mail> {
        let wanted = |mail: &Mail| mail.to.iter().any(|to| to == person) && mail.subject.contains(words);
        self.mails().into_iter().filter(wanted).collect()
    }
}

pub fn worker(
    pool: &Pool,
    clock: &Arc<dyn Clock>,
    keyring: &Arc<Keyring>,
    erp: &Erp,
    change: impl FnOnce(&mut WorkerSettings),
) -> Worker {
    let from = "Backorders <backorders@fairlight.test>".parse().unwrap();
    let smtp = erp.smtp_address();
    let mail = SmtpConfig { host: smtp.ip().to_string(), port: smtp.port(), tls: SmtpTls::None, login: None, from };
    let mailer = Mailer::new(MailConfig::Smtp(mail)).unwrap();
    let mut settings = WorkerSettings {
        public_url: "http://127.0.0.1:8080/".parse().unwrap(),
        poll_interval: Duration::from_secs(3600),
        sweep_interval: Duration::from_secs(3600),
        concurrency: 8,
        host_timeout: Duration::from_secs(5),
        slow_job: Duration::from_secs(5),
        unknown_quarantine: Duration::from_secs(150),
        reconcile_only: false,
        keep: db::retention::Keep {
            deliveries: Duration::from_secs(45 * 86_400),
            history: Duration::from_secs(1100 * 86_400),
            disconnected: Duration::from_secs(30 * 86_400),
        },
    };
    change(&mut settings);
    let total_timeout = HttpSettings::default().total_timeout.max(settings.host_timeout);
    let http = deskera::http_with(HttpSettings { total_timeout, ..HttpSettings::default() });
    let apps = HostApps { deskera: Some(deskera::app(&erp.url)), ..HostApps::default() };
    Worker::new(
        pool.clone(),
        clock.clone(),
        keyring.clone(),
        Arc::new(mailer),
        http,
        Arc::new(apps),
        Wake::new(),
        settings,
    )
}
