//! Walks through the running demo in Chromium and takes a picture of each page: see `scripts/screenshots`.
//!
//! Not a test that runs with the others: its result is to be looked at. It still fails when the story does not go on.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use base64::Engine as _;
use serde_json::{Value, json};

/// How long a page may take to show what the story needs.
const PATIENCE: Duration = Duration::from_secs(30);
/// WebDriver's name for the id of an element in its answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Where the demo is, and where pictures go; all from the command line.
struct Tour {
    erp: String,
    app: String,
    mails: String,
    out: PathBuf,
}

/// A window of the browser.
struct Browser {
    client: reqwest::Client,
    session: String,
}

impl Browser {
    async fn open(driver: &str, width: u32) -> anyhow::Result<Self> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(PATIENCE).build()?;
        let size = format!("--window-size={width},1000");
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", &size];
        let options = json!({ "args": arguments, "binary": "/usr/bin/chromium" });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let answer: Value = client.post(format!("{driver}/session")).json(&wanted).send().await?.json().await?;
        let id = answer["value"]["sessionId"].as_str().with_context(|| format!("no browser: {answer}"))?;
        Ok(Self { client, session: format!("{driver}/session/{id}") })
    }

    async fn post(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let answer: Value =
            self.client.post(format!("{}/{path}", self.session)).json(&body).send().await?.json().await?;
        match answer["value"]["error"].as_str() {
            Some(error) => bail!("{path} {body}: {error}: {}", answer["value"]["message"]),
            None => Ok(answer["value"].clone()),
        }
    }

    async fn go(&self, url: &str) -> anyhow::Result<()> {
        self.post("url", json!({ "url": url })).await.map(drop)
    }

    /// Runs a script in the page and gives what it returns.
    async fn script(&self, script: &str) -> anyhow::Result<Value> {
        self.post("execute/sync", json!({ "script": script, "args": [] })).await
    }

    async fn find(&self, css: &str) -> anyhow::Result<String> {
        let element = self.post("element", json!({ "using": "css selector", "value": css })).await?;
        element[ELEMENT].as_str().map(str::to_owned).with_context(|| format!("no {css}"))
    }

    async fn click(&self, css: &str) -> anyhow::Result<()> {
        let element = self.find(css).await?;
        self.post(&format!("element/{element}/click"), json!({})).await.map(drop)
    }

    async fn fill(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let element = self.find(css).await?;
        self.post(&format!("element/{element}/clear"), json!({})).await?;
        self.post(&format!("element/{element}/value"), json!({ "text": text })).await.map(drop)
    }

    /// Chooses the first option of a select whose text contains this.
    async fn choose(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let script = format!(
            "const s = document.querySelector({}); const o = [...s.options].find(o => o.text.includes({}));
             if (!o) return false; s.value = o.value; return true;",
            json!(css),
            json!(text)
        );
        ensure!(self.script(&script).await? == json!(true), "{css} has no '{text}'");
        Ok(())
    }

    async fn text(&self) -> anyhow::Result<String> {
        let text = self.script("return document.body ? document.body.innerText : ''").await?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Loads the page again and again until it says this.
    async fn until(&self, url: &str, words: &[&str]) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            self.go(url).await?;
            let text = self.text().await?;
            if words.iter().any(|word| text.contains(word)) {
                return Ok(());
            }
            ensure!(begun.elapsed() < PATIENCE, "{url} does not say {words:?}:\n{text}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Takes pictures of the page that is shown: light, dark, and as wide as a telephone.
    async fn picture(&self, out: &Path, name: &str) -> anyhow::Result<()> {
        for (ending, scheme, width) in [("light", "light", 1280), ("dark", "dark", 1280), ("narrow", "light", 360)] {
            let media = json!({ "cmd": "Emulation.setEmulatedMedia",
                "params": { "features": [{ "name": "prefers-color-scheme", "value": scheme }] } });
            self.post("goog/cdp/execute", media).await?;
            let size = json!({ "cmd": "Emulation.setDeviceMetricsOverride",
                "params": { "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500 } });
            self.post("goog/cdp/execute", size).await?;
            let shot = json!({ "cmd": "Page.captureScreenshot", "params": { "captureBeyondViewport": true } });
            let answer = self.post("goog/cdp/execute", shot).await?;
            let data = answer["data"].as_str().context("no picture")?;
            let bytes = base64::engine::general_purpose::STANDARD.decode(data)?;
            std::fs::write(out.join(format!("{name}-{ending}.png")), bytes)?;
        }
        println!("  {name}");
        Ok(())
    }

    async fn close(&self) {
        // The driver ends with the script in any case.
        let _ = self.client.delete(&self.session).send().await;
    }
}

impl Tour {
    async fn walk(&self, browser: &Browser) -> anyhow::Result<()> {
        let out = self.out.as_path();
        let company = self.connect(browser).await.context("connecting")?;
        self.ask_mode(browser).await.context("settings")?;
        let sell = format!("{}{company}/sell", self.erp);
        self.sell(browser, &sell).await.context("selling")?;
        browser.until(&sell, &["Short", "Asked"]).await?;
        browser.picture(out, "sell-records-asked").await?;
        browser.until(&format!("{}/backorders", self.app), &["Asked"]).await?;
        browser.picture(out, "work-list").await?;
        browser.click("table a[href^='/backorders/']").await?;
        browser.picture(out, "one-backorder").await?;
        self.approve(browser).await.context("approving from the mail")?;
        browser.until(&sell, &["On order", "On Order"]).await?;
        browser.picture(out, "sell-records-on-order").await?;
        browser.go(&format!("{}/activity", self.app)).await?;
        browser.picture(out, "activity").await
    }

    /// Connects the sandbox's company by its consent page; gives the path of the company in the sandbox.
    async fn connect(&self, browser: &Browser) -> anyhow::Result<String> {
        browser.go(&format!("{}/connect", self.app)).await?;
        browser.picture(&self.out, "connect").await?;
        browser.click("button.first").await?;
        browser.picture(&self.out, "consent").await?;
        browser.click("button[value='allow']").await?;
        browser.until(&format!("{}/backorders", self.app), &["Backorders"]).await?;
        browser.go(&self.erp).await?;
        let path = browser.script("return location.pathname.split('/').slice(0, 3).join('/')").await?;
        Ok(path.as_str().unwrap_or_default().to_owned())
    }

    async fn ask_mode(&self, browser: &Browser) -> anyhow::Result<()> {
        browser.go(&format!("{}/settings", self.app)).await?;
        browser.choose("select[name='mode']", "Ask").await?;
        browser.fill("input[name='buyer_emails']", "buyer@demo.example").await?;
        browser.fill("input[name='seller_emails']", "seller@demo.example").await?;
        browser.click(".save button.first, form.settings button.first").await?;
        // What waits already is asked about as well.
        if browser.text().await?.contains("include them") {
            browser.click("button[value='yes']").await?;
        }
        browser.until(&format!("{}/settings", self.app), &["Settings"]).await?;
        browser.picture(&self.out, "settings").await
    }

    async fn sell(&self, browser: &Browser, sell: &str) -> anyhow::Result<()> {
        browser.go(&format!("{sell}/new")).await?;
        let first_item =
            "const s = document.querySelector(\"select[name^='item']\"); s.selectedIndex = 1; return s.value";
        ensure!(
            browser.script(first_item).await?.as_str().is_some_and(|item| !item.is_empty()),
            "the sandbox has no item"
        );
        browser.fill("input[name^='quantity']", "12").await?;
        browser.picture(&self.out, "new-sale").await?;
        browser.click("p.actions button.first").await
    }

    /// The buyer's mail and its link: what the buyer sees, and the decision.
    async fn approve(&self, browser: &Browser) -> anyhow::Result<()> {
        browser.until(&self.mails, &["buyer@demo.example"]).await?;
        let short =
            "const a = [...document.querySelectorAll('.mails li a')].find(a => a.textContent.includes('buyer@'));
                     return a ? a.href : ''";
        let mail = browser.script(short).await?;
        browser.go(mail.as_str().context("no mail asks")?).await?;
        browser.picture(&self.out, "mail").await?;
        let page = browser.script("return document.querySelector('iframe').src").await?;
        browser.go(page.as_str().context("the mail has no page")?).await?;
        let approve = "const a = [...document.querySelectorAll('a')].find(a => a.textContent.trim() === 'Approve');
                       return a ? a.href : ''";
        let link = browser.script(approve).await?;
        ensure!(
            link.as_str().is_some_and(|link| link.starts_with(&self.app)),
            "the mail has no link to approve: {link}"
        );
        browser.go(link.as_str().unwrap_or_default()).await?;
        browser.picture(&self.out, "approval").await?;
        browser.click("button[value='approve']").await?;
        browser.picture(&self.out, "approved").await
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [erp, app, mails, driver, out] = &arguments[..] else {
        bail!("addresses of ERP, app, mails and WebDriver, and a folder for the pictures: run scripts/screenshots");
    };
    let address = |text: &String| text.trim_end_matches('/').to_owned();
    let tour = Tour { erp: address(erp), app: address(app), mails: address(mails), out: PathBuf::from(out) };
    std::fs::create_dir_all(&tour.out)?;
    let browser = Browser::open(&address(driver), 1280).await?;
    let walked = tour.walk(&browser).await;
    if walked.is_err() {
        // What the browser shows says more than the error.
        let _ = browser.picture(&tour.out, "where-it-stopped").await;
    }
    browser.close().await;
    walked
}
