//! A sandbox of one's own, and short ways to speak to it.

use std::sync::Arc;
use std::time::Duration;

use backorders::clock::{SystemClock, TestClock};
use backorders::sandbox::{Running, Sandbox, SandboxConfig, Seed};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

/// Monday 23 November 2026, noon in UTC.
pub const NOW: &str = "2026-11-23T12:00:00Z";

pub const CLIENT: (&str, &str) = ("backorders", "sandbox-secret");

pub struct Erp {
    pub running: Running,
    pub http: reqwest::Client,
    pub clock: Arc<TestClock>,
    pub token: String,
}

impl Erp {
    pub async fn start() -> Self {
        Self::seeded(Seed::Bare).await
    }

    /// On a clock that stands, with the Administrator's token of the first company.
    pub async fn seeded(seed: Seed) -> Self {
        let clock = Arc::new(TestClock::at(NOW.parse::<Timestamp>().unwrap()));
        let config = SandboxConfig { seed, clock: clock.clone(), ..SandboxConfig::default() };
        let running = Sandbox::start(config).await.unwrap();
        let http = http();
        let mut erp = Self { running, http, clock, token: String::new() };
        erp.token = erp.token_of(1001, 4).await;
        erp
    }

    /// An access token of that user.
    pub async fn token_of(&self, company: i64, user: i64) -> String {
        let code = self.code(company, user).await;
        let (status, tokens) = self.exchange(&[("grant_type", "authorization_code"), ("code", &code)]).await;
        assert_eq!(status, 200, "{tokens}");
        tokens["access_token"].as_str().unwrap().to_owned()
    }

    pub async fn code(&self, company: i64, user: i64) -> String {
        let answer = self.control(&format!("tokens?company={company}&user={user}"), json!({})).await;
        answer["code"].as_str().unwrap().to_owned()
    }

    pub async fn exchange(&self, query: &[(&str, &str)]) -> (u16, Value) {
        let url = format!("{}/v2/oauth/token", self.running.url());
        let request = self.http.post(url).query(query).basic_auth(CLIENT.0, Some(CLIENT.1));
        answer(request.send().await.unwrap()).await
    }

    /// Calls the API as the Administrator.
    pub async fn call(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        self.call_as(&self.token, method, path, body).await
    }

    pub async fn call_as(&self, token: &str, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        answer(self.request(token, method, path, body).send().await.unwrap()).await
    }

    pub fn request(&self, token: &str, method: Method, path: &str, body: Option<&Value>) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.running.url()));
        let request = request.header("x-access-token", token);
        match body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// A GET that must be answered with 200.
    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call(Method::GET, path, None).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// A control call that must succeed.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.try_control(path, body).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    pub async fn try_control(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/sandbox/{path}", self.running.url());
        answer(self.http.post(url).json(&body).send().await.unwrap()).await
    }

    pub async fn look(&self, path: &str) -> Value {
        let url = format!("{}/sandbox/{path}", self.running.url());
        answer(self.http.get(url).send().await.unwrap()).await.1
    }

    /// A new invoice, sales order or quotation for the Blue Heron Café; its code.
    pub async fn sell(&self, kind: &str, item: &str, quantity: u32) -> String {
        let lines = json!([{ "item": item, "quantity": quantity }]);
        let sale = json!({ "kind": kind, "customer": "Blue Heron Café", "need_by": "2026-12-10", "lines": lines });
        self.control("sales", sale).await["code"].as_str().unwrap().to_owned()
    }

    /// A purchase order over the API; the whole answer.
    pub async fn buy(&self, change: impl FnOnce(&mut Value)) -> Value {
        let mut order = order();
        change(&mut order);
        let (status, made) = self.call(Method::POST, "/v1/orders/purchase", Some(&order)).await;
        assert_eq!(status, 201, "{made}");
        made
    }

    /// What lies in the main warehouse.
    pub async fn on_hand(&self, item: &str) -> String {
        let path = "/v1/products/inventories/warehouses/warehouse-products-code?warehouseCode=WH-0000001";
        let (_, stock) = self.call(Method::POST, path, Some(&json!([item]))).await;
        stock["warehouses"][0]["productAvailableQuantity"][item].to_string()
    }
}

/// Eight grinders from Molino Meccanica for the main warehouse.
pub fn order() -> Value {
    json!({
        "vendorCode": "C-0000001",
        "contact": { "name": "Molino Meccanica S.r.l.", "address": "Via dei Mulini 8" },
        "currencyCode": "EUR",
        "documentDate": "23-11-2026",
        "dueDate": "23-12-2026",
        "receiveByDate": "02-12-2026",
        "totalAmount": 672,
        "warehouseCode": "WH-0000001",
        "purchaseOrderItems": [{
            "productCode": "P-0000001",
            "productQuantity": 8,
            "unitPrice": 84,
            "documentUom": 1,
            "documentUOMSchemaDefinition": {},
            "uomQuantity": 8,
            "uomUnitPrice": 84,
            "totalAmount": 672,
        }],
    })
}

pub fn http() -> reqwest::Client {
    // A provider that is installed already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    client.timeout(Duration::from_secs(10)).build().unwrap()
}

pub async fn answer(response: reqwest::Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// Looks until there is something, for at most five seconds.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.unwrap_or_else(|_| panic!("no {what} within 30 s"))
}

/// The system's clock, for what waits on real time.
pub fn real_clock() -> Arc<SystemClock> {
    Arc::new(SystemClock)
}
