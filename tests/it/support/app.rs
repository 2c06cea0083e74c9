//! The pages and hooks, served on a port of their own, and a browser that keeps cookies and follows nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use backorders::clock::{Clock, SystemClock};
use backorders::db::{self, person};
use backorders::domain::ids::TenantId;
use backorders::host::HostApps;
use backorders::host::address::AddressPolicy;
use backorders::secret::{Keyring, Token};
use backorders::web::{self, WebParts, WebSettings};
use backorders::worker::Wake;
use deadpool_postgres::Pool;
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Method, Response};
use tokio::sync::watch;
use url::Url;

use super::deskera::{self, Erp};
use super::shop::Shop;

pub const SESSION: &str = "backorders";

pub struct App {
    pub url: Url,
    pub pool: Pool,
    pub keyring: Arc<Keyring>,
    pub clock: Arc<dyn Clock>,
    /// One for all browsers: making one is slow.
    client: reqwest::Client,
    /// Dropping it stops the server.
    _stop: watch::Sender<bool>,
}

impl App {
    pub fn over(pool: Pool, erp: &Erp, clock: Arc<dyn Clock>) -> Self {
        Self::behind(pool, erp, clock, &[])
    }

    /// As [`App::over`], with reverse proxies in these ranges before it.
    pub fn behind(pool: Pool, erp: &Erp, clock: Arc<dyn Clock>, proxies: &[&str]) -> Self {
        let keyring = Arc::new(Keyring::parse(&Keyring::generate("test", &SystemClock)).unwrap());
        Self::start(pool, erp, clock, keyring, proxies)
    }

    /// The pages of a company whose worker opens what they seal.
    pub fn of(shop: &Shop) -> Self {
        Self::start(shop.pool.clone(), &shop.erp, shop.clock.clone(), shop.keyring.clone(), &[])
    }

    fn start(pool: Pool, erp: &Erp, clock: Arc<dyn Clock>, keyring: Arc<Keyring>, proxies: &[&str]) -> Self {
        let (stop, stopping) = watch::channel(false);
        let parts = WebParts {
            pool: pool.clone(),
            clock: clock.clone(),
            keyring: keyring.clone(),
            http: erp.http.clone(),
            apps: Arc::new(HostApps { deskera: Some(deskera::app(&erp.url)), ..HostApps::default() }),
            wake: Wake::new(),
            metrics: None,
        };
        let settings = WebSettings {
            public_url: "http://127.0.0.1:8080/".parse().unwrap(),
            addresses: AddressPolicy::new(vec!["127.0.0.0/8".parse().unwrap()]),
            trusted_proxies: proxies.iter().map(|range| range.parse().unwrap()).collect(),
            keep_disconnected: Duration::from_secs(30 * 86_400),
            hook_body_limit: 1 << 20,
            session_idle: Duration::from_secs(1800),
            session_absolute: Duration::from_secs(8 * 3600),
            drain: Duration::from_secs(1),
        };
        let serving = web::serve(parts, settings, "127.0.0.1:0".parse().unwrap(), stopping).unwrap();
        let url = format!("http://{}/", serving.address).parse().unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { url, pool, keyring, clock, client, _stop: stop }
    }

    pub fn browser(&self) -> Browser {
        Browser { client: self.client.clone(), url: self.url.clone(), cookies: BTreeMap::new() }
    }

    /// Somebody of the company who is signed in; the first is its administrator.
    pub async fn member(&self, tenant: TenantId, id: &str) -> Browser {
        let now = self.clock.now();
        let somebody = person::Person {
            id: id.to_owned(),
            name: format!("Person {id}"),
            email: Some(format!("{id}@fairlight.test")),
            administrator: false,
            language: None,
        };
        let token = Token::new(tenant, &SystemClock);
        let mut client = self.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        db::enter_tenant(&tx, tenant).await.unwrap();
        person::upsert(&tx, tenant, &somebody, now).await.unwrap();
        let until = now + jiff::SignedDuration::from_hours(8);
        person::open_session(&tx, tenant, &token.key().hash, id, now, until).await.unwrap();
        tx.commit().await.unwrap();
        let mut browser = self.browser();
        browser.cookies.insert(SESSION.to_owned(), token.expose().to_owned());
        browser
    }
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub location: Option<String>,
    pub headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Page {
    /// The value of the first field of that name.
    pub fn field(&self, name: &str) -> String {
        let (_, rest) = self.text.split_once(&format!("name=\"{name}\" value=\"")).unwrap_or_else(|| {
            panic!("no field {name} in {}", self.text);
        });
        rest.split('"').next().unwrap().to_owned()
    }
}

#[derive(Debug, Clone)]
pub struct Browser {
    client: reqwest::Client,
    url: Url,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    /// A browser at any address.
    pub fn at(url: Url) -> Self {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { client, url, cookies: BTreeMap::new() }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, &[], None).await
    }

    /// A form of the site's own.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_from("same-origin", path, fields).await
    }

    pub async fn post_from(&mut self, site: &str, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [(CONTENT_TYPE.as_str(), "application/x-www-form-urlencoded"), ("sec-fetch-site", site)];
        self.send(Method::POST, path, &headers, Some(body)).await
    }

    pub async fn send(&mut self, method: Method, path: &str, headers: &[(&str, &str)], body: Option<String>) -> Page {
        let mut request = self.client.request(method, self.url.join(path).unwrap());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let answer: Response = request.body(body.unwrap_or_default()).send().await.unwrap();
        let headers = answer.headers().clone();
        for cookie in headers.get_all(SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let location = headers.get(LOCATION).map(|value| value.to_str().unwrap().to_owned());
        Page { status: answer.status().as_u16(), location, headers, text: answer.text().await.unwrap() }
    }
}
