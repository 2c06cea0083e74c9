//! A company in the sandbox ERP, connected by one of its faces; and the check of what was asked of it against the documented API.

use std::sync::{Arc, LazyLock, Mutex};

use backorders::clock::{Clock, SystemClock};
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::host::address::AddressPolicy;
use backorders::host::deskera::{self, DeskeraApp};
use backorders::host::http::{HostHttp, HttpSettings};
use backorders::host::{Connection, Grant, Host, HostApps, HostKind, odoo};
use backorders::sandbox::{Running, Sandbox, SandboxConfig};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use url::Url;

use super::face::Face;

/// When what is sold is needed: in six days.
pub static NEED_BY: LazyLock<Date> = LazyLock::new(|| SystemClock.now().to_zoned(TimeZone::UTC).date() + 6.days());

/// The client for tests: it may call loopback.
pub fn http() -> HostHttp {
    http_with(HttpSettings::default())
}

pub fn http_with(mut settings: HttpSettings) -> HostHttp {
    settings.addresses = AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]);
    HostHttp::new(settings).unwrap()
}

/// The ERPs of this test: a worker works for the companies of all of them.
static ERPS: Mutex<Vec<Url>> = Mutex::new(Vec::new());

pub fn app(address: &Url) -> DeskeraApp {
    let mut api_urls = ERPS.lock().unwrap().clone();
    api_urls.push(address.clone());
    DeskeraApp {
        client_id: "backorders".to_owned(),
        client_secret: "sandbox-secret".to_owned().into(),
        api_urls,
        consent_url: address.join("/").unwrap(),
        redirect_url: "http://127.0.0.1:8080/connect/deskera/callback".parse().unwrap(),
    }
}

/// A connection to whatever listens at that address.
pub fn connection(address: &Url, company: &str, options: &[(&str, &str)]) -> Connection {
    Connection {
        kind: HostKind::Deskera,
        base_url: address.clone(),
        company: company.to_owned(),
        options: options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
    }
}

pub struct Erp {
    running: Running,
    pub face: Face,
    /// How the company is connected, without options that a test adds.
    pub connection: Connection,
    client: reqwest::Client,
    pub http: HostHttp,
    pub url: Url,
    pub grant: Grant,
}

impl Erp {
    pub async fn start() -> Self {
        let running = Sandbox::start(SandboxConfig::default()).await.unwrap();
        let url: Url = running.url().parse().unwrap();
        ERPS.lock().unwrap().push(url.clone());
        let http = http();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let face = Face::current();
        let (connection, grant) = if face.is_odoo() {
            post(&client, &url, "/sandbox/settings", &json!({ "odoo_series": face.series() })).await;
            let (administrator, person) = as_administrator(&client, &http, &url).await;
            // Nobody but us knows it.
            let password = "a password of the integration user".to_owned().into();
            odoo::install(&http, &administrator, &person, &password).await.unwrap()
        } else {
            let code = post(&client, &url, "/sandbox/tokens", &json!({})).await["code"].as_str().unwrap().to_owned();
            let grant = deskera::exchange_code(&http, &app(&url), &url, &code).await.unwrap();
            (connection(&url, &grant.identity.company, &[]), grant)
        };
        Self { running, face, connection, client, http, url, grant }
    }

    /// The Odoo of the sandbox as its administrator sees it.
    pub async fn administrator(&self) -> Arc<dyn Host> {
        let (connection, person) = as_administrator(&self.client, &self.http, &self.url).await;
        backorders::host::open(&self.http, &HostApps::default(), &connection, person.access).unwrap()
    }

    /// Calls a method of the sandbox's Odoo as its administrator.
    pub async fn odoo(&self, model: &str, method: &str, positional: Value) -> Value {
        let args = json!(["sandbox_1001", 4, "sandbox", model, method, positional, {}]);
        let body = json!({ "id": 1, "params": { "service": "object", "method": "execute_kw", "args": args } });
        let answer = post(&self.client, &self.url, "/jsonrpc", &body).await;
        assert!(answer.get("error").is_none(), "{model} {method}: {answer}");
        answer["result"].clone()
    }

    /// The host's reference to the sandbox's record with that code.
    pub fn reference(&self, kind: DocumentKind, code: &str) -> DocumentRef {
        DocumentRef::new(self.face.kind(kind), self.face.id(code))
    }

    pub fn host(&self) -> Arc<dyn Host> {
        self.host_with(&[])
    }

    pub fn host_with(&self, options: &[(&str, &str)]) -> Arc<dyn Host> {
        let mut connection = self.connection.clone();
        connection.options.extend(options.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
        let apps = HostApps { deskera: Some(app(&self.url)), ..HostApps::default() };
        backorders::host::open(&self.http, &apps, &connection, self.grant.access.clone()).unwrap()
    }

    /// Where the mail server listens.
    pub fn smtp_address(&self) -> std::net::SocketAddr {
        self.running.smtp_address
    }

    /// The mails that the mail server took, oldest first.
    pub fn mails(&self) -> Vec<backorders::sandbox::mailbox::Mail> {
        self.running.mailbox.mails()
    }

    /// A call of the sandbox's control API.
    pub async fn control(&self, path: &str, body: Value) -> Value {
        post(&self.client, &self.url, path, &body).await
    }

    /// Sells to a customer of the seed; gives the reference.
    pub async fn sell(&self, kind: DocumentKind, lines: &[(&str, i64)]) -> DocumentRef {
        let lines: Vec<Value> =
            lines.iter().map(|(item, quantity)| json!({ "item": item, "quantity": quantity })).collect();
        let sale = json!({ "kind": self.face.kind(kind).as_str(), "customer": "Rösterei Anselm", "need_by": *NEED_BY, "lines": lines });
        let made = self.control("/sandbox/sales", sale).await;
        self.reference(kind, made["code"].as_str().unwrap())
    }

    /// Makes a call of Deskera's API go wrong once; over Odoo the call that does the same.
    pub async fn fault(&self, method: &str, path: &str, kind: Value) {
        let (method, path) = self.face.call(method, path);
        let mut fault = json!({ "method": method, "path": path, "times": 1 });
        fault.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
        self.control("/sandbox/faults", fault).await;
    }

    /// Makes the mail server misbehave for a recipient.
    pub fn mail_fault(&self, recipient: &str, kind: &Value) {
        let mut fault = json!({ "recipient": recipient });
        fault.as_object_mut().unwrap().extend(kind.as_object().unwrap().clone());
        self.running.mailbox.add_fault(serde_json::from_value(fault).unwrap());
    }

    pub async fn requests(&self) -> Vec<Value> {
        let answer = self.client.get(self.url.join("/sandbox/requests").unwrap()).send().await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// Sets goods of the main warehouse aside for a document.
    pub async fn reserve(&self, item: &str, document: &str, quantity: u32) {
        let token = secrecy::ExposeSecret::expose_secret(&self.grant.access.access_token);
        let url = self.url.join("/v1/products/inventories/reserved-quantity/add").unwrap();
        let body = json!([{
            "warehouseCode": "WH-0000001", "productCode": item, "documentCode": document, "reservedQuantity": quantity,
        }]);
        let answer = self.client.post(url).header("x-access-token", token).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// Sets the flag "backorder" of an invoice, as somebody does in the ERP.
    pub async fn set_flag(&self, invoice: &DocumentRef, on: bool) {
        let token = secrecy::ExposeSecret::expose_secret(&self.grant.access.access_token);
        let url = self.url.join(&format!("/v1/invoices/sales/code/{}", invoice.id)).unwrap();
        let body = json!({ "backOrder": on });
        let answer = self.client.patch(url).header("x-access-token", token).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    /// A list of the first company's state, by its name there.
    pub async fn control_state(&self, list: &str) -> Value {
        let answer = self.client.get(self.url.join("/sandbox/state").unwrap()).send().await.unwrap();
        let state: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        state["companies"][0][list].clone()
    }

    /// Every call that was made so far is one that the API documents, as it documents it.
    pub async fn stop_with_documented_calls_only(self) {
        for request in self.requests().await {
            check_request(&request);
        }
        self.running.stop().await;
    }

    pub async fn stop(self) {
        self.running.stop().await;
    }
}

async fn as_administrator(client: &reqwest::Client, http: &HostHttp, url: &Url) -> (Connection, Grant) {
    let access = post(client, url, "/sandbox/odoo", &json!({})).await;
    let text = |name: &str| access[name].as_str().unwrap().to_owned();
    let entered = odoo::Credentials {
        base_url: url.clone(),
        database: text("database"),
        login: text("login"),
        key: text("key").into(),
        company: None,
    };
    let person = odoo::sign_in(http, &entered).await.unwrap();
    (odoo::connection(url, &person.identity.company, &text("login")), person)
}

async fn post(client: &reqwest::Client, url: &Url, path: &str, body: &Value) -> Value {
    let request =
        client.post(url.join(path).unwrap()).header("content-type", "application/json").body(body.to_string());
    let answer = request.send().await.unwrap();
    let status = answer.status();
    let text = answer.text().await.unwrap();
    assert!(status.is_success(), "{path} {body}: {status} {text}");
    serde_json::from_str(&text).unwrap_or(Value::Null)
}

static API: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/manifest/deskera/openapi.yaml");
    serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});

/// What we tell administrators that we call, and why.
static LISTING: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/manifest/deskera/app.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});

/// Members that a request may carry although the documentation's table of it does not name them: its text does
/// (drop shipment of a quotation).
const NAMED_ELSEWHERE: [&str; 1] = ["itemToFulfilledQtyMap"];

/// Holds one request against the API's document: the path, the method, the parameters, the body.
pub fn check_request(request: &Value) {
    let (method, path) = (request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
    let what = format!("{method} {path}");
    let Some((template, operation)) = operation(method, path) else { panic!("{what} is not documented") };
    let permitted = |one: &Value| one["operation"] == method && one["path"] == template;
    assert!(LISTING["permissions"].as_array().unwrap().iter().any(permitted), "{what} is not among the permissions");
    let declared: Vec<&Value> =
        operation["parameters"].as_array().into_iter().flatten().map(|one| resolve(one)).collect();
    let named = |name: &str| declared.iter().any(|one| one["in"] == "query" && one["name"] == name);
    let sent: Vec<&str> = request["query"].as_array().unwrap().iter().map(|pair| pair[0].as_str().unwrap()).collect();
    for name in &sent {
        assert!(named(name), "{what}: the parameter {name} is not documented");
    }
    for parameter in declared.iter().filter(|one| one["in"] == "query" && one["required"] == true) {
        assert!(sent.contains(&parameter["name"].as_str().unwrap()), "{what} lacks {}", parameter["name"]);
    }
    let body = &request["body"];
    let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") else {
        assert!(body.is_null(), "{what} ({template}) takes no body, but got {body}");
        return;
    };
    let mut whole = schema.clone();
    whole["components"] = API["components"].clone();
    let validator = jsonschema::validator_for(&whole).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(body).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{what}: {errors:#?}\n{body}");
    only_documented(body, schema, &what);
}

/// No member is sent that its table does not have.
fn only_documented(value: &Value, schema: &'static Value, what: &str) {
    let schema = resolve(schema);
    match value {
        Value::Array(items) => items.iter().for_each(|item| only_documented(item, &schema["items"], what)),
        Value::Object(members) => {
            let Some(known) = schema["properties"].as_object() else { return };
            for (name, member) in members {
                match known.get(name) {
                    Some(schema) => only_documented(member, schema, what),
                    None => assert!(NAMED_ELSEWHERE.contains(&name.as_str()), "{what}: {name} is not documented"),
                }
            }
        }
        _ => {}
    }
}

fn resolve(value: &'static Value) -> &'static Value {
    match value["$ref"].as_str() {
        Some(reference) => API.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

/// The most literal template that the path fits.
fn operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == segments.len()
            && parts.iter().zip(&segments).all(|(part, one)| part.starts_with('{') || part == one)
    };
    let paths = API["paths"].as_object().unwrap().iter().filter(|(template, _)| fits(template));
    let operations =
        paths.filter_map(|(template, operations)| Some((template.as_str(), operations.get(method.to_lowercase())?)));
    operations.min_by_key(|(template, _)| template.matches('{').count())
}
