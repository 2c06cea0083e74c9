//! Walks through the running demo in Chromium and takes a picture of each page: see `scripts/screenshots`.
//!
//! Not a test that runs with the others: its result is to be looked at. It still fails when the story does not go on.

#![expect(clippy::print_stdout, reason = "a program: it says how far it is")]

#[expect(dead_code, unreachable_pub, clippy::unwrap_used, clippy::panic, reason = "shared with the browser's tests")]
#[path = "browser/window.rs"]
mod window;

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use serde_json::json;
use url::Url;

use window::{Scripts, Theme, Window};

/// How long a page may take to show what the story needs.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the demo is, all from the command line, and the window in which it is looked at.
struct Tour {
    erp: String,
    app: String,
    mails: String,
    window: Window,
}

impl Tour {
    /// Takes pictures of the page that is shown: light, dark, and as wide as a telephone.
    async fn picture(&self, name: &str) {
        for (ending, theme, width) in
            [("light", Theme::Light, 1280), ("dark", Theme::Dark, 1280), ("narrow", Theme::Light, 360)]
        {
            self.window.theme(theme).await;
            self.window.width(width).await;
            self.window.picture(&format!("{name}-{ending}")).await;
        }
        self.window.width(1280).await;
        println!("  {name}");
    }

    /// Loads the page again and again until it says one of these.
    async fn until(&self, url: &str, words: &[&str]) -> anyhow::Result<()> {
        let begun = Instant::now();
        loop {
            self.window.go(url).await;
            let text = self.window.text().await;
            if words.iter().any(|word| text.contains(word)) {
                return Ok(());
            }
            ensure!(begun.elapsed() < PATIENCE, "{url} does not say {words:?}:\n{text}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What a script in the page gives as text.
    async fn script(&self, script: &str) -> String {
        self.window.script(script).await.as_str().unwrap_or_default().to_owned()
    }

    /// Chooses the first option of a select whose text contains this.
    async fn choose(&self, css: &str, text: &str) -> anyhow::Result<()> {
        let script = format!(
            "const s = document.querySelector({}); const o = [...s.options].find(o => o.text.includes({}));
             if (!o) return ''; s.value = o.value; return 'chosen';",
            json!(css),
            json!(text)
        );
        ensure!(self.script(&script).await == "chosen", "{css} has no '{text}'");
        Ok(())
    }

    async fn walk(&self) -> anyhow::Result<()> {
        let company = self.connect().await.context("connecting")?;
        self.ask_mode().await.context("settings")?;
        let sell = format!("{}{company}/sell", self.erp);
        self.sell(&sell).await.context("selling")?;
        self.until(&sell, &["Short", "Asked"]).await?;
        self.picture("sell-records-asked").await;
        self.until(&format!("{}/backorders", self.app), &["Asked"]).await?;
        self.picture("work-list").await;
        self.window.click("table a[href^='/backorders/']").await;
        self.picture("one-backorder").await;
        self.approve().await.context("approving from the mail")?;
        self.until(&sell, &["On order", "On Order"]).await?;
        self.picture("sell-records-on-order").await;
        self.receive(&company).await.context("receiving the goods")?;
        self.window.go(&format!("{}/activity", self.app)).await;
        self.picture("activity").await;
        self.window.go(&format!("{}/insights", self.app)).await;
        self.picture("insights").await;
        // more of it, as on an ordinary day
        for (item, quantity) in [(3, "25"), (2, "5")] {
            self.enter_sale(&sell, item, quantity).await?;
            self.window.click("p.actions button.first").await;
        }
        self.until(&format!("{}/decisions", self.app), &["Decisions 2", "Decisions\n2"]).await?;
        self.picture("decisions").await;
        self.window.go(&format!("{}/backorders", self.app)).await;
        self.picture("work-list-of-several").await;
        self.window.go(&sell).await;
        self.picture("sell-records-of-several").await;
        Ok(())
    }

    /// Connects the sandbox's company by its consent page; gives the path of the company in the sandbox.
    async fn connect(&self) -> anyhow::Result<String> {
        self.window.go(&format!("{}/connect", self.app)).await;
        self.picture("connect").await;
        self.window.click("button.first").await;
        self.picture("consent").await;
        self.window.click("button[value='allow']").await;
        self.until(&format!("{}/backorders", self.app), &["Backorders"]).await?;
        self.window.go(&self.erp).await;
        Ok(self.script("return location.pathname.split('/').slice(0, 3).join('/')").await)
    }

    async fn ask_mode(&self) -> anyhow::Result<()> {
        self.window.go(&format!("{}/settings", self.app)).await;
        self.choose("select[name='mode']", "Ask").await?;
        self.window.click("input[name='issue']").await;
        self.window.fill("input[name='buyer_emails']", "buyer@demo.example").await;
        self.window.fill("input[name='seller_emails']", "seller@demo.example").await;
        self.window.click(".save button.first").await;
        // What waits already is asked about as well.
        if self.window.text().await.contains("include them") {
            self.window.click("button[value='yes']").await;
        }
        self.until(&format!("{}/settings", self.app), &["Settings"]).await?;
        self.picture("settings").await;
        Ok(())
    }

    /// The goods come in: the order can go, and its owner hears of it.
    async fn receive(&self, company: &str) -> anyhow::Result<()> {
        let purchases = format!("{}{company}/purchase", self.erp);
        self.window.go(&purchases).await;
        self.window.click("table a[href*='/purchase/']").await;
        self.picture("purchase-order").await;
        self.window.click("p.actions button.first").await;
        self.until(&format!("{}/backorders", self.app), &["Ready 1", "Ready\n1"]).await?;
        self.picture("work-list-ready").await;
        self.until(&self.mails, &["can go"]).await?;
        self.picture("mails").await;
        Ok(())
    }

    /// Fills the form of a sale of one item, by its place in the list.
    async fn enter_sale(&self, sell: &str, item: usize, quantity: &str) -> anyhow::Result<()> {
        self.window.go(&format!("{sell}/new")).await;
        let choose = format!(
            "const s = document.querySelector(\"select[name^='item']\"); s.selectedIndex = {item}; return s.value"
        );
        ensure!(!self.script(&choose).await.is_empty(), "the sandbox has no such item");
        self.window.fill("input[name^='quantity']", quantity).await;
        Ok(())
    }

    async fn sell(&self, sell: &str) -> anyhow::Result<()> {
        self.enter_sale(sell, 1, "12").await?;
        self.picture("new-sale").await;
        self.window.click("p.actions button.first").await;
        Ok(())
    }

    /// The buyer's mail and its link: what the buyer sees, and the decision.
    async fn approve(&self) -> anyhow::Result<()> {
        self.until(&self.mails, &["buyer@demo.example"]).await?;
        let short =
            "const a = [...document.querySelectorAll('.mails li a')].find(a => a.textContent.includes('buyer@'));
                     return a ? a.href : ''";
        let mail = self.script(short).await;
        ensure!(!mail.is_empty(), "no mail asks");
        self.window.go(&mail).await;
        self.picture("mail").await;
        let page = self.script("return document.querySelector('iframe').src").await;
        ensure!(!page.is_empty(), "the mail has no page");
        self.window.go(&page).await;
        let approve = "const a = [...document.querySelectorAll('a')].find(a => a.textContent.trim() === 'Approve');
                       return a ? a.href : ''";
        let link = self.script(approve).await;
        ensure!(link.starts_with(&self.app), "the mail has no link to approve: {link}");
        self.window.go(&link).await;
        self.picture("approval").await;
        self.window.click("button[value='approve']").await;
        self.picture("approved").await;
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [erp, app, mails] = &arguments[..] else {
        bail!("addresses of ERP, app and mails: run scripts/screenshots");
    };
    let address = |text: &String| text.trim_end_matches('/').to_owned();
    let window = Window::open(&app.parse::<Url>()?, Scripts::On).await;
    let tour = Tour { erp: address(erp), app: address(app), mails: address(mails), window };
    let walked = tour.walk().await;
    if walked.is_err() {
        // What the browser shows says more than the error.
        tour.picture("where-it-stopped").await;
    }
    tour.window.close().await;
    walked
}
