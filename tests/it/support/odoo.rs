//! A company in a real Odoo, and the program beside it as its users have it: a process, connected by its page, told of
//! changes by Odoo's own rules. `scripts/real-odoo test` brings the Odoo up and says where it is.

use std::net::SocketAddr;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use backorders::clock::{Clock as _, SystemClock};
use backorders::db::{self, settings};
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef, TenantId};
use backorders::domain::settings::{Mode, Settings};
use backorders::secret::{self, Keyring};
use deadpool_postgres::Pool;
use secrecy::ExposeSecret as _;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::NoTls;

use super::app::{Browser, Page};
use super::db::TestDatabase;
use super::program;
use super::proxy::Proxy;
use super::temp_dir::TempDir;

/// Set by `scripts/real-odoo test`: the file that says where Odoo is.
const WHERE: &str = "BACKORDERS_TEST_ODOO";
/// How long a thing may take to come about: Odoo loads a database when it is first asked for it, beside other tests.
const PATIENCE: Duration = Duration::from_secs(180);

/// The company that every database begins with.
pub const FIRST_COMPANY: i64 = 1;

/// Why goods go back to their vendor.
#[derive(Debug, Clone, Copy)]
pub enum GoneFor {
    Good,
    /// He sends others on the same purchase order.
    Others,
}

/// Where Odoo is, as `scripts/real-odoo up` wrote it.
#[derive(Debug, Clone, Deserialize)]
struct Where {
    url: String,
    template: String,
    postgres: String,
    admin_key: String,
}

/// A database of its own in Odoo, and an administrator's way into it.
pub struct Odoo {
    place: Where,
    pub database: String,
    client: reqwest::Client,
    /// The company that the administrator works in.
    company: AtomicI64,
    /// Where the program finds it: every byte passes here.
    pub proxy: Proxy,
}

impl Odoo {
    pub async fn new() -> Self {
        let place = place();
        let database = format!("t_{}", SystemClock.new_id().simple());
        let server = server(&place).await;
        let copy = format!("CREATE DATABASE {database} TEMPLATE {} STRATEGY file_copy", place.template);
        server.batch_execute(&copy).await.unwrap();
        // One that is installed already is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build().unwrap();
        let address = place.url.trim_start_matches("http://").parse().unwrap();
        Self { place, database, client, company: AtomicI64::new(FIRST_COMPANY), proxy: Proxy::start(address).await }
    }

    /// Another address of the same Odoo.
    pub async fn alias(&self) -> Proxy {
        Proxy::start(self.place.url.trim_start_matches("http://").parse().unwrap()).await
    }

    /// Waits until so many purchase orders are issued, looking into Odoo's database, which costs Odoo itself nothing.
    pub async fn issued(&self, count: i64) {
        let mut config = tokio_postgres::Config::new();
        config.host_path(&self.place.postgres).user("odoo").dbname(&self.database);
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        let (begun, issued) = (Instant::now(), "SELECT count(*) FROM purchase_order WHERE state = 'purchase'");
        while client.query_one(issued, &[]).await.unwrap().get::<_, i64>(0) < count {
            assert!(begun.elapsed() < PATIENCE, "{count} purchase orders");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// Calls a method as the administrator.
    pub async fn call(&self, model: &str, method: &str, arguments: Value) -> Value {
        let answer = self.try_call(model, method, &arguments).await;
        answer.unwrap_or_else(|error| panic!("{model} {method} {arguments}: {error}"))
    }

    async fn try_call(&self, model: &str, method: &str, arguments: &Value) -> Result<Value, String> {
        let mut arguments = arguments.clone();
        arguments["context"]["allowed_company_ids"] = json!([self.company.load(Ordering::SeqCst)]);
        let request = self
            .client
            .post(format!("{}/json/2/{model}/{method}", self.place.url))
            .header("authorization", format!("bearer {}", self.place.admin_key))
            .header("x-odoo-database", &self.database)
            .json(&arguments);
        let answer = request.send().await.unwrap();
        let (ok, text) = (answer.status().is_success(), answer.text().await.unwrap());
        if ok { Ok(serde_json::from_str(&text).unwrap()) } else { Err(text) }
    }

    pub async fn create(&self, model: &str, values: Value) -> i64 {
        self.call(model, "create", json!({ "vals_list": [values] })).await[0].as_i64().unwrap()
    }

    pub async fn write(&self, model: &str, id: i64, values: Value) {
        self.call(model, "write", json!({ "ids": [id], "vals": values })).await;
    }

    pub async fn find(&self, model: &str, domain: Value, fields: &[&str]) -> Vec<Value> {
        let arguments = json!({ "domain": domain, "fields": fields, "order": "id" });
        self.call(model, "search_read", arguments).await.as_array().unwrap().clone()
    }

    pub async fn one(&self, model: &str, id: i64, fields: &[&str]) -> Value {
        self.find(model, json!([["id", "=", id]]), fields).await.remove(0)
    }

    /// A vendor.
    pub async fn vendor(&self, name: &str) -> i64 {
        self.create("res.partner", json!({ "name": name, "supplier_rank": 1 })).await
    }

    /// A product with so many in stock, bought from those vendors at those prices, the first preferred.
    pub async fn product(&self, name: &str, stock: i64, vendors: &[(i64, f64)]) -> i64 {
        let sellers: Vec<Value> = vendors
            .iter()
            .map(|(vendor, price)| json!([0, 0, { "partner_id": vendor, "price": price, "delay": 2 }]))
            .collect();
        let product = json!({
            "name": name, "default_code": name, "type": "consu", "is_storable": true, "list_price": 20,
            "standard_price": 9, "seller_ids": sellers,
        });
        let product = self.create("product.product", product).await;
        self.count(product, stock).await;
        product
    }

    /// Counts what lies in the first warehouse.
    pub async fn count(&self, product: i64, quantity: i64) {
        let location = self.find("stock.warehouse", json!([]), &["lot_stock_id"]).await[0]["lot_stock_id"][0].clone();
        let counted = json!({ "product_id": product, "location_id": location, "inventory_quantity": quantity });
        let arguments = json!({ "vals_list": [counted], "context": { "inventory_mode": true } });
        let quant = self.call("stock.quant", "create", arguments).await;
        self.call("stock.quant", "action_apply_inventory", json!({ "ids": quant })).await;
    }

    /// A confirmed sale to a customer with a delivery address of its own.
    pub async fn sell(&self, lines: &[(i64, i64)]) -> i64 {
        let sale = self.quote(lines).await;
        self.call("sale.order", "action_confirm", json!({ "ids": [sale] })).await;
        sale
    }

    pub async fn quote(&self, lines: &[(i64, i64)]) -> i64 {
        let customer =
            json!({ "name": "Harbour Outfitters", "customer_rank": 1, "street": "High St 1", "city": "Hull" });
        let customer = self.create("res.partner", customer).await;
        let dock = json!({ "name": "Dock 4", "type": "delivery", "parent_id": customer, "street": "Dock Rd 4", "city": "Hull" });
        let dock = self.create("res.partner", dock).await;
        let lines: Vec<Value> = lines
            .iter()
            .map(|(product, quantity)| json!([0, 0, { "product_id": product, "product_uom_qty": quantity }]))
            .collect();
        // The whole order at once, so that a part of it in stock is not ready.
        let sale = json!({
            "partner_id": customer, "partner_shipping_id": dock, "picking_policy": "one", "order_line": lines,
        });
        self.create("sale.order", sale).await
    }

    /// The first line of a sale.
    pub async fn line(&self, sale: i64) -> i64 {
        self.find("sale.order.line", json!([["order_id", "=", sale]]), &["id"]).await[0]["id"].as_i64().unwrap()
    }

    /// The purchase orders that are not cancelled, with the lines' quantities in place of their ids.
    pub async fn purchase_orders(&self) -> Vec<Value> {
        let fields = ["name", "state", "partner_id", "partner_ref", "origin", "dest_address_id", "order_line"];
        let mut orders = self.find("purchase.order", json!([["state", "!=", "cancel"]]), &fields).await;
        for order in &mut orders {
            let lines = json!([["order_id", "=", order["id"]]]);
            let lines = self.find("purchase.order.line", lines, &["product_id", "product_qty"]).await;
            order["lines"] = lines.iter().map(|line| json!([line["product_id"][0], line["product_qty"]])).collect();
        }
        orders
    }

    /// The receipt of a purchase order that is still to be done.
    pub async fn receipt(&self, order: i64) -> i64 {
        let open = json!([
            ["purchase_id", "=", order],
            ["picking_type_code", "=", "incoming"],
            ["state", "not in", ["done", "cancel"]]
        ]);
        self.find("stock.picking", open, &["id"]).await[0]["id"].as_i64().unwrap()
    }

    /// Writes how much is taken of each move of a transfer, all of it where no quantity is given.
    async fn take(&self, picking: i64, quantity: Option<i64>) {
        for one in self.find("stock.move", json!([["picking_id", "=", picking]]), &["product_uom_qty"]).await {
            let taken = quantity.map_or_else(|| one["product_uom_qty"].clone(), |quantity| json!(quantity));
            self.write("stock.move", one["id"].as_i64().unwrap(), json!({ "quantity": taken, "picked": true })).await;
        }
    }

    /// Receives so much of each line of a purchase order, all that is open where no quantity is given.
    pub async fn receive(&self, order: i64, quantity: Option<i64>) {
        let receipt = self.receipt(order).await;
        self.take(receipt, quantity).await;
        self.validate(receipt).await;
    }

    /// Receives so much of each line of a purchase order, and refuses the back order for the rest.
    pub async fn receive_no_more_than(&self, order: i64, quantity: i64) {
        let receipt = self.receipt(order).await;
        self.take(receipt, Some(quantity)).await;
        let asked = self.call("stock.picking", "button_validate", json!({ "ids": [receipt] })).await;
        let (model, context) = (asked["res_model"].as_str().unwrap(), asked["context"].clone());
        let wizard = self.call(model, "create", json!({ "vals_list": [{}], "context": context })).await;
        self.call(model, "process_cancel_backorder", json!({ "ids": wizard, "context": context })).await;
    }

    /// Sends back to the vendor all that was received last of a purchase order.
    pub async fn give_back(&self, order: i64, gone_for: GoneFor) {
        let received =
            json!([["purchase_id", "=", order], ["picking_type_code", "=", "incoming"], ["state", "=", "done"]]);
        let receipts = self.find("stock.picking", received, &["id"]).await;
        let receipt = receipts.last().unwrap()["id"].clone();
        let context = json!({ "active_model": "stock.picking", "active_id": receipt, "active_ids": [receipt] });
        let asked = json!({ "vals_list": [{ "picking_id": receipt }], "context": context });
        let wizard = self.call("stock.return.picking", "create", asked).await[0].clone();
        let lines = json!([["wizard_id", "=", wizard]]);
        for line in self.find("stock.return.picking.line", lines, &["move_quantity"]).await {
            let all = json!({ "quantity": line["move_quantity"], "to_refund": true });
            self.write("stock.return.picking.line", line["id"].as_i64().unwrap(), all).await;
        }
        let way = match gone_for {
            GoneFor::Good => "action_create_returns",
            GoneFor::Others => "action_create_exchanges",
        };
        let made = self.call("stock.return.picking", way, json!({ "ids": [wizard] })).await;
        let back = made["res_id"].as_i64().unwrap();
        self.take(back, None).await;
        self.validate(back).await;
    }

    /// Validates a transfer; what is left of it becomes a back order.
    pub async fn validate(&self, picking: i64) {
        let arguments = json!({ "ids": [picking], "context": { "skip_backorder": true } });
        self.call("stock.picking", "button_validate", arguments).await;
    }

    /// Delivers all that is reserved for a sale.
    pub async fn deliver(&self, sale: i64) {
        let open = json!([["sale_id", "=", sale], ["state", "=", "assigned"]]);
        let picking = self.find("stock.picking", open, &["move_ids"]).await.remove(0);
        for at in picking["move_ids"].as_array().unwrap() {
            self.write("stock.move", at.as_i64().unwrap(), json!({ "picked": true })).await;
        }
        self.validate(picking["id"].as_i64().unwrap()).await;
    }
}

impl Drop for Odoo {
    fn drop(&mut self) {
        let (place, drop) = (self.place.clone(), format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.database));
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { server(&place).await.batch_execute(&drop).await })
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("a database of Odoo is left behind: {error}");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "where the Odoo of this run is, is told by the environment")]
fn place() -> Where {
    let path = std::env::var(WHERE).unwrap_or_else(|_| panic!("{WHERE} is not set: run scripts/real-odoo test"));
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Odoo's own PostgreSQL.
async fn server(place: &Where) -> tokio_postgres::Client {
    let mut config = tokio_postgres::Config::new();
    config.host_path(&place.postgres).user("odoo").dbname("postgres");
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// The tenant that a company of an Odoo is.
fn tenant_of(odoo: &Odoo, company: i64) -> TenantId {
    let base_url = format!("http://{}/", odoo.proxy.address);
    secret::tenant_id("odoo", &base_url, &format!("{}#{company}", odoo.database))
}

/// The program, connected to a company in Odoo.
pub struct Store {
    pub odoo: Odoo,
    pub pool: Pool,
    pub tenant: TenantId,
    pub browser: Browser,
    pub database: TestDatabase,
    program: Mutex<Option<Child>>,
    key: String,
    /// Where its users and Odoo find the program, whatever port it listens on.
    front: Proxy,
    at: Arc<Mutex<Option<SocketAddr>>>,
    said: Arc<Mutex<Vec<String>>>,
    dir: TempDir,
}

impl Store {
    /// A new Odoo, connected as an administrator does it, in this mode; purchase orders are issued.
    pub async fn open(mode: Mode) -> Self {
        Self::open_with(Settings { mode, issue: true, ..Settings::default() }).await
    }

    pub async fn open_with(settings: Settings) -> Self {
        Self::over(Odoo::new().await, settings).await
    }

    /// The program connected to this Odoo.
    pub async fn over(odoo: Odoo, settings: Settings) -> Self {
        let database = TestDatabase::new().await;
        let at = Arc::default();
        let front = Proxy::before_program(Arc::clone(&at)).await;
        let key = Keyring::generate("test", &SystemClock).expose_secret().to_owned();
        let pool = db::pool(&database.url(), db::PoolLimits::default()).unwrap();
        let base_url = format!("http://{}/", odoo.proxy.address);
        let tenant = tenant_of(&odoo, FIRST_COMPANY);
        let browser = Browser::at(format!("http://{}/", front.address).parse().unwrap());
        let said = Arc::default();
        let mut store = Self {
            odoo,
            pool,
            tenant,
            browser,
            database,
            program: Mutex::default(),
            key,
            front,
            at,
            said,
            dir: TempDir::new(),
        };
        store.start();
        store.connect(&base_url).await;
        store.begin(settings).await;
        store
    }

    async fn begin(&self, settings: Settings) {
        self.set(|kept| *kept = Settings { buyer_emails: vec!["buyer@example.com".to_owned()], ..settings }).await;
    }

    /// Turns to another company of the database; all that is asked from now on is of that.
    pub fn turn_to(&mut self, company: i64) {
        self.odoo.company.store(company, Ordering::SeqCst);
        self.tenant = tenant_of(&self.odoo, company);
    }

    /// Connects another company of the database, turning to it.
    pub async fn connect_company(&mut self, company: i64, settings: Settings) {
        self.turn_to(company);
        let page = self.enter("/connect/odoo", &[("company", &company.to_string())]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/backorders")), "{}", page.text);
        self.begin(settings).await;
    }

    /// Sends the form of the connect page, with these fields in place of the usual.
    pub async fn enter(&mut self, path: &str, others: &[(&str, &str)]) -> Page {
        let entered = self.entered();
        let usual = entered.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let usual = usual.filter(|(name, _)| others.iter().all(|(other, _)| other != name));
        let fields: Vec<(&str, &str)> = usual.chain(others.iter().copied()).collect();
        self.browser.post(path, &fields).await
    }

    /// Starts the program; returns when it is ready.
    pub fn start(&self) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_backorders"));
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").arg("serve");
        command.env("BACKORDERS_LISTEN", "127.0.0.1:0");
        command.env("BACKORDERS_PUBLIC_URL", format!("http://{}", self.front.address));
        command.env("DATABASE_URL", self.database.url()).env("BACKORDERS_MASTER_KEYS", &self.key);
        command.env("BACKORDERS_STATE_DIR", self.dir.path()).env("BACKORDERS_MAIL_FROM", "b@example.com");
        command.env("BACKORDERS_MAIL_DIR", self.dir.path().join("mails"));
        command.env("BACKORDERS_ALLOWED_PRIVATE_CIDRS", "127.0.0.0/8").env("BACKORDERS_LOG_FILTER", "info");
        // What events do not tell is looked for by hand: `check`.
        command.env("BACKORDERS_SWEEP_INTERVAL", "1h").env("BACKORDERS_POLL_INTERVAL", "1h");
        let (child, _, address) = program::begin(command, &self.said);
        *self.at.lock().unwrap() = Some(address.parse().unwrap());
        *self.program.lock().unwrap() = Some(child);
    }

    /// Kills the program where it stands.
    pub fn kill(&self) {
        if let Some(mut child) = self.program.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Connects, or signs in, by the page.
    pub async fn connect(&mut self, base_url: &str) {
        let (database, key) = (self.odoo.database.clone(), self.odoo.place.admin_key.clone());
        let fields =
            [("base_url", base_url), ("database", database.as_str()), ("login", "admin"), ("key", key.as_str())];
        let begun = Instant::now();
        let mut page = self.browser.post("/connect/odoo", &fields).await;
        // On a busy machine Odoo may need longer for its first answers than the program waits: a person tries again then.
        while page.text.contains("timed out") && begun.elapsed() < PATIENCE {
            page = self.browser.post("/connect/odoo", &fields).await;
        }
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/backorders")), "{}", page.text);
    }

    /// The fields of the connect page.
    pub fn entered(&self) -> Vec<(String, String)> {
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        vec![
            text("base_url", &format!("http://{}/", self.odoo.proxy.address)),
            text("database", &self.odoo.database),
            text("login", "admin"),
            text("key", &self.odoo.place.admin_key),
        ]
    }

    pub async fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        let stored = settings::load(&tx, self.tenant, true).await.unwrap();
        let mut settings = stored.settings;
        change(&mut settings);
        settings::save(&tx, self.tenant, &settings, stored.version, "test", SystemClock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Looks through Odoo's lists, as the page's button does.
    pub async fn check(&self) {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        db::connection::request_sweep(&tx, self.tenant, SystemClock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub async fn state(&self, sale: i64) -> Option<BackorderState> {
        let document = DocumentRef::new(DocumentKind::SalesOrder, sale.to_string());
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        let found = db::backorder::of_documents(&tx, self.tenant, std::slice::from_ref(&document)).await.unwrap();
        found.first().map(|backorder| backorder.state)
    }

    pub async fn proposals(&self) -> Vec<db::proposal::StoredProposal> {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, self.tenant).await.unwrap();
        db::proposal::open(&tx, self.tenant, 100).await.unwrap()
    }

    /// Approves an option of a proposal on its page.
    pub async fn approve(&mut self, proposal: &db::proposal::StoredProposal, option: usize) {
        let path = format!("/decisions/{}", proposal.id);
        let page = self.browser.get(&path).await;
        let (token, version, option) = (page.field("form_token"), page.field("version"), option.to_string());
        let fields =
            [("form_token", token.as_str()), ("act", "approve"), ("option", &option), ("version", version.as_str())];
        let answer = self.browser.post(&path, &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
    }

    /// Mails with an attachment that were sent so far: to whom, and what is attached.
    pub fn prints(&self) -> Vec<(String, Vec<u8>)> {
        let Ok(sent) = std::fs::read_dir(self.dir.path().join("mails")) else { return Vec::new() };
        let read = |path: std::path::PathBuf| {
            let raw = std::fs::read(path).ok()?;
            let mail = mail_parser::MessageParser::default().parse(&raw)?;
            let to = mail.to()?.first()?.address.as_ref()?.to_string();
            let attached = mail.attachments().next()?.contents().to_vec();
            Some((to, attached))
        };
        let paths = sent.filter_map(|entry| Some(entry.ok()?.path()));
        paths.filter(|path| path.extension().is_some_and(|end| end == "eml")).filter_map(read).collect()
    }

    /// How often Odoo was asked so far, and how many seconds it took in all.
    pub async fn asked(&self) -> (f64, f64) {
        let answer =
            reqwest::get(format!("http://{}/metrics", self.front.address)).await.unwrap().text().await.unwrap();
        let figure = |name: &str| {
            let name = format!("backorders_host_request_seconds_{name}{{host=\"odoo\"}} ");
            answer.lines().find_map(|line| line.strip_prefix(&name)?.parse::<f64>().ok()).unwrap_or_default()
        };
        (figure("count"), figure("sum"))
    }

    /// Waits until it is so.
    pub async fn until(&self, what: &str, mut is_so: impl AsyncFnMut(&Self) -> bool) {
        let begun = Instant::now();
        while !is_so(self).await {
            if begun.elapsed() > PATIENCE {
                let lines = self.said.lock().unwrap().clone();
                let told: Vec<_> = lines.iter().filter(|line| !line.contains("\"INFO\"")).collect();
                panic!("still not: {what}; orders {:#?}; log {told:#?}", self.odoo.purchase_orders().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until a sale's backorder is in that state.
    pub async fn until_state(&self, sale: i64, state: BackorderState) {
        self.until(&format!("{state:?}"), async |store| store.state(sale).await == Some(state)).await;
    }

    /// Waits until there are so many purchase orders and nothing is left to be done; gives them.
    pub async fn until_bought(&self, count: usize) -> Vec<Value> {
        self.until(&format!("{count} purchase orders"), async |store| {
            let issued = json!([["state", "in", ["purchase", "done"]]]);
            store.odoo.find("purchase.order", issued, &["id"]).await.len() >= count
        })
        .await;
        self.until_quiet().await;
        self.odoo.purchase_orders().await
    }

    /// Waits until nothing is left to be done: no document, intent, mark or notice.
    pub async fn until_quiet(&self) {
        const WAITING: &str = "
            SELECT (SELECT count(*) FROM changed_document WHERE seen_seq < changed_seq)
                + (SELECT count(*) FROM intent WHERE state IN ('planned', 'sending', 'unknown') OR (state = 'created' AND issue))
                + (SELECT count(*) FROM host_mark WHERE shown_seq < wanted_seq)
                + (SELECT count(*) FROM connection WHERE next_sweep_at <= now() OR sweep_lease_until > now()) AS waiting";
        let client = self.database.client().await;
        self.until("quiet", async |_| client.query_one(WAITING, &[]).await.unwrap().get::<_, i64>("waiting") == 0)
            .await;
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the program had said: {:#?}", self.said.lock().unwrap());
        }
    }
}
