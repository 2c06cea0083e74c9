//! Connecting a company and signing in, over real HTTP, against the sandbox's OAuth server.

use std::sync::Arc;

use backorders::clock::SystemClock;
use backorders::db;
use backorders::host::{self, Access, HostApps};
use serde_json::json;

use crate::support::app::{App, Browser, Page, SESSION};
use crate::support::db::TestDatabase;
use crate::support::deskera::{self, Erp};

struct Site {
    erp: Erp,
    database: TestDatabase,
    app: App,
}

impl Site {
    async fn new() -> Self {
        let erp = Erp::start().await;
        let database = TestDatabase::new().await;
        let pool = db::pool(&database.url(), db::PoolLimits::default()).unwrap();
        let app = App::over(pool, &erp, Arc::new(SystemClock));
        Self { erp, database, app }
    }

    /// To the consent page; gives the state that it was sent there with.
    async fn begin(&self, browser: &mut Browser) -> String {
        let page = browser.post("/connect", &[("base_url", self.erp.url.as_str())]).await;
        assert_eq!(page.status, 303, "{}", page.text);
        let to: url::Url = page.location.unwrap().parse().unwrap();
        assert_eq!(to.origin(), self.erp.url.origin());
        to.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned()
    }

    async fn code(&self) -> String {
        self.erp.control("/sandbox/tokens", json!({})).await["code"].as_str().unwrap().to_owned()
    }

    async fn come_back(&self, browser: &mut Browser, state: &str) -> Page {
        let code = self.code().await;
        browser.get(&format!("/connect/deskera/callback?state={state}&code={code}")).await
    }

    async fn count(&self, sql: &str) -> i64 {
        self.database.client().await.query_one(sql, &[]).await.unwrap().get(0)
    }
}

#[tokio::test]
async fn a_company_is_connected_by_consent_and_its_first_person_is_signed_in() {
    let site = Site::new().await;
    let mut browser = site.app.browser();
    assert_eq!(browser.get("/connect").await.status, 200);
    let state = site.begin(&mut browser).await;
    let page = site.come_back(&mut browser, &state).await;
    assert_eq!((page.status, page.location.as_deref()), (303, Some("/backorders")), "{}", page.text);

    let list = browser.get("/backorders").await;
    assert_eq!(list.status, 200, "{}", list.text);
    assert!(list.text.contains("Nothing is short."), "{}", list.text);
    assert_eq!(list.headers["cache-control"], "no-store");
    assert!(list.headers["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    for path in ["/decisions", "/settings", "/activity", "/backorders.csv"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        assert!(page.text.len() < 150_000, "{path}");
    }
    assert_eq!(site.count("SELECT count(*) FROM hook").await, 9);
    let access = site.database.client().await.query_one("SELECT access_token FROM connection", &[]).await.unwrap();
    let access: Vec<u8> = access.get(0);
    assert!(!access.starts_with(b"ey"), "the token is stored encrypted");

    let state = site.begin(&mut browser).await;
    assert_eq!(site.come_back(&mut browser, &state).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM tenant").await, 1, "connected again is the same company");
    assert_eq!(site.count("SELECT count(*) FROM hook").await, 9);
}

#[tokio::test]
async fn attack_68_a_callback_without_its_own_state_signs_nobody_in() {
    let site = Site::new().await;
    let mut browser = site.app.browser();
    let state = site.begin(&mut browser).await;
    let sealed = browser.cookies.clone();
    let code = site.code().await;

    for path in [
        format!("/connect/deskera/callback?code={code}"),
        format!("/connect/deskera/callback?state=&code={code}"),
        format!("/connect/deskera/callback?state=foreign&code={code}"),
    ] {
        assert_eq!(browser.get(&path).await.status, 400, "{path}");
    }
    let mut victim = site.app.browser();
    let page = victim.get(&format!("/connect/deskera/callback?state={state}&code={code}")).await;
    assert_eq!(page.status, 400, "another browser did not begin it");
    assert_eq!(site.come_back(&mut browser, &state).await.status, 303);
    browser.cookies = sealed;
    assert_eq!(site.come_back(&mut browser, &state).await.status, 400, "a state is used once");
}

#[tokio::test]
async fn attack_57_an_address_inside_our_network_is_refused() {
    let site = Site::new().await;
    let mut browser = site.app.browser();
    for address in ["http://169.254.169.254", "https://10.0.0.1", "https://u@evil.example", "ftp://x.example", ""] {
        let page = browser.post("/connect", &[("base_url", address)]).await;
        assert_eq!((page.status, page.location), (200, None), "{address}");
        assert!(page.text.contains("role=\"alert\""), "{address}");
    }
}

#[tokio::test]
async fn nobody_gets_the_secret_of_the_app_by_calling_himself_deskera() {
    let site = Site::new().await;
    let stranger = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    stranger.set_nonblocking(true).unwrap();
    let address: url::Url = format!("http://{}", stranger.local_addr().unwrap()).parse().unwrap();
    let mut browser = site.app.browser();
    let page = browser.post("/connect", &[("base_url", address.as_str())]).await;
    assert_eq!((page.status, page.location), (200, None), "{}", page.text);
    assert!(page.text.contains("none of the addresses of Deskera"), "{}", page.text);

    let (http, app, token) = (&site.erp.http, deskera::app(&site.erp.url), "token".to_owned().into());
    host::deskera::exchange_code(http, &app, &address, "code").await.unwrap_err();
    host::deskera::refresh(http, &app, &address, &token).await.unwrap_err();
    let apps = HostApps { deskera: Some(app), ..HostApps::default() };
    let access = Access { access_token: token.clone(), refresh_token: Some(token) };
    let elsewhere = host::open(http, &apps, &deskera::connection(&address, "1001", &[]), access).unwrap();
    elsewhere.register_hook("CREATE_INVOICE", &site.app.url).await.unwrap_err();
    assert!(stranger.accept().is_err(), "the stranger was called");
}

#[tokio::test]
async fn nobody_sees_a_page_without_a_session() {
    let site = Site::new().await;
    let mut browser = site.app.browser();
    for path in ["/backorders", "/decisions", "/settings", "/activity", "/backorders/invoice/SI-1"] {
        assert_eq!(browser.get(path).await.status, 401, "{path}");
        browser.cookies.insert(SESSION.to_owned(), "A".repeat(64));
        assert_eq!(browser.get(path).await.status, 401, "{path}");
        browser.cookies.clear();
    }
}

#[tokio::test]
async fn attack_76_a_form_of_another_site_does_nothing() {
    let site = Site::new().await;
    let mut browser = site.app.browser();
    let state = site.begin(&mut browser).await;
    site.come_back(&mut browser, &state).await;
    let token = browser.get("/settings").await.field("form_token");
    let good = [("form_token", token.as_str())];

    assert_eq!(browser.post_from("cross-site", "/connection/pause", &good).await.status, 403);
    assert_eq!(browser.post_from("same-site", "/connection/pause", &good).await.status, 403);
    assert_eq!(browser.post("/connection/pause", &[]).await.status, 403);
    assert_eq!(browser.post("/connection/pause", &[("form_token", "x")]).await.status, 403);
    let text = [("content-type", "text/plain"), ("sec-fetch-site", "same-origin")];
    let sent = browser.send(reqwest::Method::POST, "/connection/pause", &text, Some("{}".to_owned())).await;
    assert_eq!(sent.status, 403);
    let origin = [("content-type", "application/x-www-form-urlencoded"), ("origin", "https://evil.example")];
    let body = format!("form_token={token}");
    assert_eq!(browser.send(reqwest::Method::POST, "/connection/pause", &origin, Some(body)).await.status, 403);
    assert_eq!(site.count("SELECT count(*) FROM connection WHERE state = 'paused'").await, 0);

    assert_eq!(browser.post("/connection/pause", &good).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM connection WHERE state = 'paused'").await, 1);
    assert_eq!(browser.post("/sign-out", &good).await.status, 303);
    assert_eq!(site.count("SELECT count(*) FROM session").await, 0);
}

#[tokio::test]
async fn attack_75_a_session_ends_with_its_connection_and_the_tokens_are_forgotten() {
    let site = Site::new().await;
    let mut browser = site.app.browser();
    let state = site.begin(&mut browser).await;
    site.come_back(&mut browser, &state).await;
    let token = browser.get("/settings").await.field("form_token");
    let unsure = browser.post("/connection/disconnect", &[("form_token", &token)]).await;
    assert_eq!(unsure.status, 400);
    let page = browser.post("/connection/disconnect", &[("form_token", &token), ("sure", "yes")]).await;
    assert_eq!(page.status, 303);
    assert_eq!(browser.get("/backorders").await.status, 401);
    assert_eq!(site.count("SELECT count(*) FROM connection WHERE access_token IS NOT NULL").await, 0);
}

#[tokio::test]
async fn the_process_says_whether_it_lives_and_is_ready() {
    let site = Site::new().await;
    let mut browser = site.app.browser();
    assert_eq!(browser.get("/livez").await.status, 200);
    assert_eq!(browser.get("/readyz").await.status, 200);
    site.app.pool.close();
    assert_eq!(browser.get("/livez").await.status, 200);
    assert_eq!(browser.get("/readyz").await.status, 503);
}
