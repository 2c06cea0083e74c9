//! Several companies of one Odoo database, connected by the page as their administrator does it, over the sandbox's Odoo 17
//! and 19: each has its own user, rules and purchase orders, and goes without the other. One company is one tenant, by
//! whatever address it is reached. The same is told of a real one in `real_odoo`.

use std::sync::Arc;
use std::time::Duration;

use backorders::clock::{Clock, SystemClock};
use backorders::db::{self, connection, settings};
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef, TenantId};
use backorders::domain::settings::{Mode, Settings};
use backorders::secret;
use backorders::worker::Worker;
use deadpool_postgres::Pool;
use serde_json::{Value, json};

use crate::support::app::{App, Browser, Page};
use crate::support::db::TestDatabase;
use crate::support::deskera::Erp;
use crate::support::face::Face;
use crate::support::proxy::Proxy;
use crate::support::shop::{self, BUYER};

/// Burr grinder: 4 in stock, in each company.
const GRINDER: &str = "P-0000001";

/// The seed's company, and the one beside it in the same database: the sandbox's id, the name, the id in the database.
const FIRST: (i64, &str, i64) = (1001, "Fairlight Coffee Works", 1);
const SECOND: (i64, &str, i64) = (1002, "Tallow Lane Roasters", 2);

/// A program that nobody has connected yet, beside an Odoo with two companies in one database.
struct Place {
    erp: Erp,
    database: TestDatabase,
    pool: Pool,
    app: App,
    browser: Browser,
    worker: Worker,
}

impl Place {
    async fn open(face: Face) -> Self {
        face.set();
        let erp = Erp::start().await;
        let second = erp.control("/sandbox/odoo/companies", json!({ "name": SECOND.1 })).await;
        assert_eq!((&second["company"], &second["id"]), (&json!(SECOND.0), &json!(SECOND.2)));
        let database = TestDatabase::new().await;
        let pool = db::pool(&database.url(), db::PoolLimits::default()).unwrap();
        let clock = Arc::new(SystemClock) as Arc<dyn Clock>;
        let app = App::over(pool.clone(), &erp, clock.clone());
        let worker = shop::worker(&pool, &clock, &app.keyring, &erp, |_| {});
        Self { browser: app.browser(), erp, database, pool, app, worker }
    }

    async fn post(&mut self, path: &str, address: &str, company: &str, more: &[(&str, &str)]) -> Page {
        self.browser = self.app.browser();
        let access = self.erp.control("/sandbox/odoo", json!({})).await;
        enter(&mut self.browser, path, &access, address, company, more).await
    }

    /// Connects a company; it buys by itself.
    async fn connect(&mut self, company: (i64, &str, i64)) -> TenantId {
        let address = self.erp.url.to_string();
        let page = self.post("/connect/odoo", &address, company.1, &[]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/backorders")), "{}", page.text);
        let tenant = self.tenant(company);
        self.buy_by_itself(tenant).await;
        tenant
    }

    async fn buy_by_itself(&self, tenant: TenantId) {
        let settings = Settings {
            mode: Mode::Automatic,
            issue: true,
            buyer_emails: vec![BUYER.to_owned()],
            ..Settings::default()
        };
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, tenant).await.unwrap();
        let version = settings::load(&tx, tenant, true).await.unwrap().version;
        settings::save(&tx, tenant, &settings, version, "test", SystemClock.now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    fn tenant(&self, company: (i64, &str, i64)) -> TenantId {
        secret::tenant_id("odoo", self.erp.url.as_str(), &format!("sandbox_{}#{}", FIRST.0, company.2))
    }

    async fn sell(&self, company: (i64, &str, i64), quantity: i64) -> DocumentRef {
        let sale = json!({
            "company": company.0, "kind": "sales_order", "customer": "Rösterei Anselm", "need_by": "2026-12-05",
            "lines": [{ "item": GRINDER, "quantity": quantity }],
        });
        let made = self.erp.control("/sandbox/sales", sale).await;
        self.told().await;
        self.erp.reference(DocumentKind::SalesOrder, made["code"].as_str().unwrap())
    }

    /// What the rules have told so far. On 17 a change can be read once that has ended.
    async fn told(&self) -> Vec<Value> {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let deadline = tokio::time::Instant::now() + Duration::from_secs(60);
        loop {
            let sent = client.get(self.erp.url.join("/sandbox/deliveries").unwrap()).send().await.unwrap();
            let sent: Vec<Value> = serde_json::from_str(&sent.text().await.unwrap()).unwrap();
            if sent.iter().all(|one| one["outcome"] != "sending") {
                return sent;
            }
            assert!(tokio::time::Instant::now() < deadline, "still on their way: {sent:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Looks through everything of all companies and does what is due.
    async fn look(&self) {
        const DUE: &str = "UPDATE connection SET next_sweep_at = now(), next_poll_at = now() WHERE state = 'connected'";
        self.database.client().await.batch_execute(DUE).await.unwrap();
        for _ in 0..400 {
            if self.worker.run_once().await.unwrap() == 0 {
                return;
            }
        }
        panic!("there is always something due");
    }

    async fn state(&self, tenant: TenantId, document: &DocumentRef) -> Option<BackorderState> {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, tenant).await.unwrap();
        let found = db::backorder::of_documents(&tx, tenant, std::slice::from_ref(document)).await.unwrap();
        found.first().map(|backorder| backorder.state)
    }

    async fn connection(&self, tenant: TenantId) -> Option<connection::StoredConnection> {
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, tenant).await.unwrap();
        connection::find(&tx, tenant).await.unwrap()
    }

    async fn tenants(&self) -> i64 {
        self.database.client().await.query_one("SELECT count(*) FROM connection", &[]).await.unwrap().get(0)
    }

    /// A company of the sandbox.
    async fn company(&self, company: (i64, &str, i64)) -> Value {
        let url = self.erp.url.join("/sandbox/state").unwrap();
        let answer = reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
        let state: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        state["companies"].as_array().unwrap().iter().find(|one| one["id"] == company.0).unwrap().clone()
    }

    /// What was ordered of purchase orders in a company, by quantity.
    async fn ordered(&self, company: (i64, &str, i64)) -> Vec<String> {
        let orders = self.company(company).await["purchase_orders"].clone();
        let lines = orders.as_array().unwrap().iter().flat_map(|order| order["lines"].as_array().unwrap().clone());
        lines.map(|line| line["quantity"].as_str().unwrap().to_owned()).collect()
    }

    /// What the database holds of a model, by name.
    async fn names(&self, model: &str) -> Vec<String> {
        let rows = self.company(FIRST).await["odoo"]["records"][model].clone();
        rows.as_array().into_iter().flatten().map(|row| row["name"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Where the rules of the first company lead.
    async fn addresses(&self) -> Vec<String> {
        let rows = self.company(FIRST).await["odoo"]["records"]["ir.actions.server"].clone();
        rows.as_array().into_iter().flatten().map(|row| row["webhook_url"].as_str().unwrap().to_owned()).collect()
    }

    async fn logins(&self) -> Vec<String> {
        let users = self.company(FIRST).await["users"].clone();
        let logins = users.as_array().unwrap().iter().map(|user| user["email"].as_str().unwrap().to_owned());
        logins.filter(|login| login.starts_with("backorders")).collect()
    }
}

/// Sends the form of the connect page, as whom this access is.
async fn enter(
    browser: &mut Browser,
    path: &str,
    access: &Value,
    address: &str,
    company: &str,
    more: &[(&str, &str)],
) -> Page {
    let text = |name: &str| access[name].as_str().unwrap();
    let mut fields = vec![
        ("base_url", address),
        ("database", text("database")),
        ("login", text("login")),
        ("key", text("key")),
        ("company", company),
    ];
    fields.extend(more);
    browser.post(path, &fields).await
}

#[tokio::test]
async fn a_company_that_is_connected_twice_at_once_is_set_up_once_and_its_access_opens() {
    for face in [Face::Odoo17, Face::Odoo19] {
        for by_one_address in [true, false] {
            let place = Place::open(face).await;
            let known = place.erp.url.to_string();
            let alias = Proxy::start(known.trim_start_matches("http://").trim_end_matches('/').parse().unwrap()).await;
            let other = if by_one_address { known.clone() } else { format!("http://{}/", alias.address) };
            // Both are under way before either has ended.
            let slow = json!({ "path": "res.users/create", "kind": "slow_after_commit", "ms": 700 });
            place.erp.control("/sandbox/faults", slow).await;
            let access = place.erp.control("/sandbox/odoo", json!({})).await;
            let (mut one, mut two) = (place.app.browser(), place.app.browser());
            let (first, second) = tokio::join!(
                enter(&mut one, "/connect/odoo", &access, &known, FIRST.1, &[]),
                enter(&mut two, "/connect/odoo", &access, &other, FIRST.1, &[]),
            );
            let pages = [(first, &known), (second, &other)];
            let refused: Vec<_> = pages.iter().filter(|(page, _)| page.status != 303).collect();
            assert_eq!(refused.len(), usize::from(!by_one_address), "{face:?}: {refused:#?}");
            for (page, _) in refused {
                assert!(page.status == 200 && page.text.contains("connected already"), "{face:?}: {}", page.text);
                let (_, in_place) = pages.iter().find(|(page, _)| page.status == 303).unwrap();
                assert!(page.text.contains(in_place.as_str()), "{face:?}: {}", page.text);
            }
            let tries = place.erp.requests().await;
            let made = tries.iter().filter(|call| call["path"].as_str().unwrap().ends_with("res.users/create"));
            assert_eq!((made.count(), place.tenants().await), (1, 1), "{face:?}");

            // The key opens, and so does the password, by which the next key is made.
            let client = place.database.client().await;
            let tenant = client.query_one("SELECT tenant_id FROM connection", &[]).await.unwrap();
            let tenant = TenantId(tenant.get(0));
            place.buy_by_itself(tenant).await;
            let sale = place.sell(FIRST, 12).await;
            place.look().await;
            assert_eq!(place.state(tenant, &sale).await, Some(BackorderState::OnOrder), "{face:?}");
            let ending = "UPDATE connection SET token_expires_at = now() WHERE token_expires_at IS NOT NULL";
            client.batch_execute(ending).await.unwrap();
            place.look().await;
            let kept = place.connection(tenant).await.unwrap();
            assert_eq!((kept.state.as_str(), kept.last_sweep_error), ("connected", None), "{face:?}");
            let held: i64 = client.query_one("SELECT count(*) FROM setting_up", &[]).await.unwrap().get(0);
            assert_eq!(held, 0, "{face:?}: nobody holds others up");
            place.erp.stop().await;
        }
    }
}

#[tokio::test]
async fn what_is_set_up_again_has_new_addresses_and_nothing_twice() {
    for face in [Face::Odoo17, Face::Odoo19] {
        let mut place = Place::open(face).await;
        place.erp.control("/sandbox/hooks", json!({ "odoo_timeout_ms": 60_000 })).await;
        let tenant = place.connect(FIRST).await;
        place.look().await;
        let (before, address) = (place.addresses().await, place.erp.url.to_string());
        assert_eq!(before.len(), 4, "{face:?}: {before:?}");

        // Somebody else of the company only signs in, whatever is asked for.
        let users = place.company(FIRST).await["users"].clone();
        let seller = users.as_array().unwrap().iter().find(|user| user["role"] == "Seller").unwrap()["id"].clone();
        let access = place.erp.control(&format!("/sandbox/odoo?user={seller}"), json!({})).await;
        let mut browser = place.app.browser();
        let page = enter(&mut browser, "/connect/odoo", &access, &address, FIRST.1, &[("again", "yes")]).await;
        assert_eq!((page.status, place.addresses().await), (303, before.clone()), "{face:?}: {}", page.text);

        let page = place.post("/connect/odoo", &address, FIRST.1, &[("again", "yes")]).await;
        assert_eq!((page.status, page.location.as_deref()), (303, Some("/backorders")), "{face:?}: {}", page.text);
        let after = place.addresses().await;
        assert!(after.len() == 4 && after.iter().all(|one| !before.contains(one)), "{face:?}: {before:?} {after:?}");
        assert_eq!(place.names("base.automation").await.len(), 4, "{face:?}");
        assert_eq!(place.logins().await, ["backorders-integration-1"], "{face:?}");
        let client = place.database.client().await;
        let rotated = "SELECT count(*) FROM audit WHERE event = 'secret_rotated'";
        assert_eq!(client.query_one(rotated, &[]).await.unwrap().get::<_, i64>(0), 1, "{face:?}");

        // The new addresses tell, with the new access; what is still on its way to the former ones is let in.
        let told = place.told().await.len();
        let sale = place.sell(FIRST, 12).await;
        let told = place.told().await.split_off(told);
        assert!(!told.is_empty() && told.iter().all(|one| after.contains(&one["url"].as_str().unwrap().to_owned())));
        for old in &before {
            let path = url::Url::parse(old).unwrap().path().to_owned();
            let body = format!("{{\"_action\": \"x\", \"_model\": \"sale.order\", \"_id\": {}}}", sale.id);
            let headers = [("content-type", "application/json")];
            let page = place.app.browser().send(reqwest::Method::POST, &path, &headers, Some(body)).await;
            assert_eq!(page.status, 200, "{face:?}: {old}");
        }
        while place.worker.run_once().await.unwrap() > 0 {}
        assert_eq!(place.state(tenant, &sale).await, Some(BackorderState::OnOrder), "{face:?}: it was told");
        place.look().await;
        let kept = place.connection(tenant).await.unwrap();
        assert_eq!((kept.state.as_str(), kept.last_sweep_error), ("connected", None), "{face:?}");
        assert_eq!(place.addresses().await, after, "{face:?}: the sweep leaves them");
        place.erp.stop().await;
    }
}

#[tokio::test]
async fn two_companies_of_one_database_work_side_by_side_and_one_goes_without_the_other() {
    for face in [Face::Odoo17, Face::Odoo19] {
        let mut place = Place::open(face).await;
        let first = place.connect(FIRST).await;
        let second = place.connect(SECOND).await;
        assert_ne!(first, second, "{face:?}");
        assert_eq!(place.logins().await, ["backorders-integration-1", "backorders-integration-2"], "{face:?}");
        let rules = place.names("base.automation").await;
        assert_eq!(rules.len(), 8, "{face:?}: {rules:?}");

        // connecting the second has taken nothing from the first
        let of_first = place.sell(FIRST, 12).await;
        let of_second = place.sell(SECOND, 9).await;
        place.look().await;
        assert_eq!(place.state(first, &of_first).await, Some(BackorderState::OnOrder), "{face:?}");
        assert_eq!(place.state(second, &of_second).await, Some(BackorderState::OnOrder), "{face:?}");
        assert_eq!((place.state(first, &of_second).await, place.state(second, &of_first).await), (None, None));
        assert_eq!(place.ordered(FIRST).await, ["8"], "{face:?}");
        assert_eq!(place.ordered(SECOND).await, ["5"], "{face:?}");
        assert!(place.company(SECOND).await["odoo"]["custom"][&of_second.id]["x_backorder"] == true, "{face:?}");
        for tenant in [first, second] {
            let connection = place.connection(tenant).await.unwrap();
            assert_eq!((connection.state.as_str(), connection.last_sweep_error), ("connected", None), "{face:?}");
        }

        let address = place.erp.url.to_string();
        let page = place.post("/connect/odoo/remove", &address, SECOND.1, &[]).await;
        assert!(page.text.contains("removed"), "{}", page.text);
        assert_eq!(place.connection(second).await.unwrap().state, "disconnected", "{face:?}");
        assert_eq!(place.connection(first).await.unwrap().state, "connected", "{face:?}");
        assert_eq!(place.logins().await, ["backorders-integration-1"], "{face:?}");
        let rules = place.names("base.automation").await;
        assert!(rules.len() == 4 && rules.iter().all(|name| name.ends_with(" #1")), "{face:?}: {rules:?}");
        let shown = place.company(SECOND).await["odoo"]["custom"][&of_second.id].clone();
        assert_eq!(shown["x_backorder"], json!(false), "{face:?}: nothing is shown for ever: {shown}");
        let markers = place.names("ir.model.data").await;
        assert!(!markers.is_empty(), "{face:?}: the other's orders are still made once");
        let again = place.sell(FIRST, 3).await;
        place.look().await;
        assert_eq!(place.state(first, &again).await, Some(BackorderState::OnOrder), "{face:?}: it works on");
        assert_eq!(place.ordered(FIRST).await, ["8", "3"], "{face:?}");

        let page = place.post("/connect/odoo/remove", &address, FIRST.1, &[]).await;
        assert!(page.text.contains("removed"), "{}", page.text);
        assert_eq!(place.logins().await, Vec::<String>::new(), "{face:?}");
        for model in [
            "base.automation",
            "ir.actions.server",
            "ir.ui.view",
            "ir.rule",
            "ir.model.access",
            "res.groups",
            "ir.model.fields",
            "ir.model.data",
        ] {
            assert_eq!(place.names(model).await, Vec::<String>::new(), "{face:?}: {model}");
        }
        place.erp.stop().await;
    }
}

#[tokio::test]
async fn what_one_company_does_is_told_to_nobody_else() {
    for face in [Face::Odoo17, Face::Odoo19] {
        let mut place = Place::open(face).await;
        let tenants = [place.connect(FIRST).await, place.connect(SECOND).await];
        for (company, tenant) in [FIRST, SECOND].into_iter().zip(tenants) {
            let before = place.told().await.len();
            place.sell(company, 12).await;
            place.erp.control("/sandbox/stock", json!({ "company": company.0, "item": GRINDER, "to": 9 })).await;
            let sent = place.told().await.split_off(before);
            assert_eq!(sent.len(), 2, "{face:?}: the sale and the count: {sent:#?}");
            for one in sent {
                let token = one["url"].as_str().unwrap().rsplit('/').next().unwrap();
                assert_eq!(secret::Token::parse(token).unwrap().tenant, tenant, "{face:?}: {one}");
            }
        }
        place.erp.stop().await;
    }
}

#[tokio::test]
async fn an_alias_address_is_the_same_company_and_makes_no_second_tenant() {
    for face in [Face::Odoo17, Face::Odoo19] {
        let mut place = Place::open(face).await;
        let tenant = place.connect(FIRST).await;
        let known = place.erp.url.to_string();
        let alias = Proxy::start(known.trim_start_matches("http://").trim_end_matches('/').parse().unwrap()).await;
        let alias = format!("http://{}/", alias.address);
        for path in ["/connect/odoo", "/connect/odoo/remove"] {
            for again in [&[][..], &[("again", "yes")]] {
                let page = place.post(path, &alias, FIRST.1, again).await;
                assert_eq!(page.status, 200, "{face:?}");
                assert!(page.text.contains("connected already") && page.text.contains(&known), "{}", page.text);
                assert!(
                    place.browser.cookies.is_empty(),
                    "{face:?}: nobody is signed in by what a server says of itself"
                );
            }
        }
        assert_eq!(place.tenants().await, 1, "{face:?}");
        // it has lost neither its user nor its rules
        let sale = place.sell(FIRST, 12).await;
        place.look().await;
        assert_eq!(place.state(tenant, &sale).await, Some(BackorderState::OnOrder), "{face:?}");
        assert_eq!(place.ordered(FIRST).await, ["8"], "{face:?}: bought once");

        // the other company of the database is another tenant, by whatever address
        let page = place.post("/connect/odoo", &alias, SECOND.1, &[]).await;
        assert_eq!(page.status, 303, "{face:?}: {}", page.text);
        assert_eq!(place.tenants().await, 2, "{face:?}");

        // an Odoo that has moved: disconnected there, it is connected here
        let page = place.post("/connect/odoo/remove", &known, FIRST.1, &[]).await;
        assert!(page.text.contains("removed"), "{face:?}: {}", page.text);
        let page = place.post("/connect/odoo", &alias, FIRST.1, &[]).await;
        assert_eq!(page.status, 303, "{face:?}: {}", page.text);
        let page = place.post("/connect/odoo", &known, FIRST.1, &[]).await;
        assert!(page.text.contains("connected already") && page.text.contains(&alias), "{face:?}: {}", page.text);
        place.erp.stop().await;
    }
}

#[tokio::test]
async fn who_names_a_company_that_the_user_is_not_in_is_told_which_there_are() {
    let mut place = Place::open(Face::Odoo19).await;
    let address = place.erp.url.to_string();
    let page = place.post("/connect/odoo", &address, "Nowhere Ltd", &[]).await;
    assert!(page.text.contains(FIRST.1) && page.text.contains(SECOND.1), "{}", page.text);
    assert_eq!(place.tenants().await, 0);
    // by its id as well, and by nothing: the user's own
    let page = place.post("/connect/odoo", &address, "2", &[]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    assert!(place.connection(place.tenant(SECOND)).await.is_some());
    let page = place.post("/connect/odoo", &address, "", &[]).await;
    assert_eq!(page.status, 303, "{}", page.text);
    assert!(place.connection(place.tenant(FIRST)).await.is_some());
    place.erp.stop().await;
}
