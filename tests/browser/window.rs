//! A window of Chromium.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::key::Key;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::Url;

/// Set by `scripts/test`.
const DRIVER: &str = "BACKORDERS_TEST_WEBDRIVER";
const AXE: &str = "BACKORDERS_TEST_AXE";
/// A folder for pictures of the pages, set by `scripts/screenshots`.
const PICTURES: &str = "BACKORDERS_TEST_PICTURES";
/// How long a page may take to show what is waited for; a machine under load is slow, not wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether the pages' scripts run. Everything that decides works without them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

/// Light or dark, as the system says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

#[derive(Debug)]
pub struct Window {
    client: Client,
    site: Url,
    width: Cell<u32>,
    /// None: it was closed.
    session: Option<String>,
}

impl Drop for Window {
    /// A test that fails leaves no browser behind.
    fn drop(&mut self) {
        let Some(session) = self.session.take() else { return };
        let driver: Url = told(DRIVER).parse().unwrap();
        let host = format!("{}:{}", driver.host_str().unwrap(), driver.port_or_known_default().unwrap());
        // without the test's runtime, which may be what ends; the driver has closed the window when it answers
        let closed = TcpStream::connect(&host).and_then(|mut stream| {
            stream.set_read_timeout(Some(PATIENCE))?;
            write!(stream, "DELETE /session/{session} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
            stream.read(&mut [0; 64])
        });
        if let Err(error) = closed {
            eprintln!("a window is left open: {error}");
        }
    }
}

/// A command of the browser's own protocol.
#[derive(Debug)]
struct Devtools(Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (reqwest::Method, Option<String>) {
        (reqwest::Method::POST, Some(self.0.to_string()))
    }
}

#[expect(clippy::disallowed_methods, reason = "the programs of this run are told by the environment")]
fn told_of(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn told(name: &str) -> String {
    told_of(name).unwrap_or_else(|| {
        panic!("{name} is not set: run the browser's tests with scripts/test, which starts Chromium's driver for them")
    })
}

impl Window {
    /// A window that has nothing open, for the pages of this site.
    pub async fn open(site: &Url, scripts: Scripts) -> Self {
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000"];
        let capabilities = json!({ "goog:chromeOptions": { "args": arguments } });
        let capabilities = capabilities.as_object().unwrap().clone();
        let client =
            ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(&told(DRIVER)).await.unwrap();
        let session = client.session_id().await.unwrap();
        let window = Self { client, site: site.clone(), width: Cell::new(1280), session };
        if scripts == Scripts::Off {
            window.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
        }
        window
    }

    /// Lets the site know this window by a cookie.
    pub async fn cookie(&self, name: &str, value: &str) {
        let cookie = json!({ "name": name, "value": value, "url": self.site.as_str() });
        self.devtools("Network.setCookie", cookie).await;
    }

    pub async fn close(mut self) {
        self.session = None;
        self.client.clone().close().await.unwrap();
    }

    async fn devtools(&self, command: &str, parameters: Value) -> Value {
        let sent = Devtools(json!({ "cmd": command, "params": parameters }));
        self.client.issue_cmd(sent).await.unwrap()
    }

    pub async fn go(&self, path: &str) {
        self.client.goto(self.site.join(path).unwrap().as_str()).await.unwrap();
    }

    /// The path that is open, with what stands behind its `?`.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// What a person reads.
    pub async fn text(&self) -> String {
        self.client.find(Locator::Css("body")).await.unwrap().text().await.unwrap()
    }

    /// Waits until the page says this.
    pub async fn says(&self, words: &str) -> String {
        let begun = Instant::now();
        loop {
            // a page that is just being left has no body
            let text = match self.client.find(Locator::Css("body")).await {
                Ok(body) => body.text().await.unwrap_or_default(),
                Err(_) => String::new(),
            };
            if text.contains(words) {
                return text;
            }
            assert!(begun.elapsed() < PATIENCE, "{} does not say {words:?}:\n{text}", self.path().await);
            tokio::task::yield_now().await;
        }
    }

    pub async fn find(&self, css: &str) -> Element {
        match self.client.find(Locator::Css(css)).await {
            Ok(element) => element,
            Err(error) => panic!("{} has no {css}: {error}\n{}", self.path().await, self.text().await),
        }
    }

    pub async fn find_all(&self, css: &str) -> Vec<Element> {
        self.client.find_all(Locator::Css(css)).await.unwrap()
    }

    pub async fn has(&self, css: &str) -> bool {
        !self.find_all(css).await.is_empty()
    }

    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        if let Err(error) = element.click().await {
            panic!("{css} of {} cannot be clicked: {error}", self.path().await);
        }
    }

    pub async fn fill(&self, css: &str, text: &str) {
        let field = self.find(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses an option by its value.
    pub async fn choose(&self, css: &str, value: &str) {
        self.find(css).await.select_by_value(value).await.unwrap();
    }

    /// Types a key into whatever has the focus.
    pub async fn press(&self, key: Key) {
        self.client.active_element().await.unwrap().send_keys(&String::from(char::from(key))).await.unwrap();
    }

    pub async fn type_text(&self, text: &str) {
        self.client.active_element().await.unwrap().send_keys(text).await.unwrap();
    }

    /// Whether what has the focus is this; and that the focus can be seen.
    pub async fn is_focused(&self, css: &str) -> bool {
        let script = "const e = document.activeElement, s = getComputedStyle(e);
            return [e.matches(arguments[0]), e === document.body || s.outlineStyle !== 'none' && s.outlineWidth !== '0px']";
        let found = self.client.execute(script, vec![json!(css)]).await.unwrap();
        if found[1] == false {
            let what = "return document.activeElement.outerHTML.slice(0, 300)";
            let what = self.script(what).await;
            panic!("{}: nobody can see that this has the focus: {what}", self.path().await);
        }
        found[0] == true
    }

    /// Goes on with Tab until this has the focus.
    pub async fn tab_to(&self, css: &str) {
        for _ in 0..200 {
            if self.is_focused(css).await {
                return;
            }
            self.press(Key::Tab).await;
        }
        panic!("{css} of {} cannot be reached by Tab:\n{}", self.path().await, self.text().await);
    }

    pub async fn theme(&self, theme: Theme) {
        let value = if theme == Theme::Dark { "dark" } else { "light" };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    pub async fn width(&self, width: u32) {
        self.width.set(width);
        self.size(width, 900).await;
    }

    async fn size(&self, width: u32, height: i64) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500 });
        self.devtools("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Keeps a picture of the whole page, if somebody asked for pictures. Two pages of one name would be one picture.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = told_of(PICTURES) else { return };
        self.until_frames_are_filled().await;
        // as high as the page: what sticks to the window's edge would lie in the middle of the picture
        let height = "return Math.max(900, document.documentElement.scrollHeight)";
        let height = self.script(height).await.as_i64().unwrap();
        self.size(self.width.get(), height).await;
        let shot = self.devtools("Page.captureScreenshot", json!({})).await;
        self.size(self.width.get(), 900).await;
        let bytes = base64::engine::general_purpose::STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        let file = Path::new(&folder).join(format!("{name}.png"));
        let written = std::fs::File::create_new(&file).and_then(|mut file| file.write_all(&bytes));
        written.unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    }

    /// Runs a script in the page and gives what it returns.
    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits until what the page shows in frames has come.
    async fn until_frames_are_filled(&self) {
        let begun = Instant::now();
        loop {
            let tree = self.devtools("Page.getFrameTree", json!({})).await;
            let frames = tree["frameTree"]["childFrames"].as_array().cloned().unwrap_or_default();
            if frames.iter().all(|frame| frame["frame"]["url"].as_str().is_some_and(|url| url.starts_with("http"))) {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{}: a frame stays empty", self.path().await);
            tokio::task::yield_now().await;
        }
    }

    /// How much of tables must be scrolled to sideways, in pixels.
    pub async fn hidden(&self) -> i64 {
        let script =
            "return Math.max(0, ...[...document.querySelectorAll('.scroll')].map(e => e.scrollWidth - e.clientWidth))";
        self.script(script).await.as_i64().unwrap()
    }

    /// How much wider the page is than the window, in pixels.
    pub async fn overflow(&self) -> i64 {
        let script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        self.script(script).await.as_i64().unwrap()
    }

    /// What axe-core finds wrong with the page.
    pub async fn violations(&self) -> Result<Vec<String>, CmdError> {
        let axe = std::fs::read_to_string(Path::new(&told(AXE))).unwrap();
        self.client.execute(&axe, Vec::new()).await?;
        let run = "const done = arguments[arguments.length - 1];
            const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
            axe.run(document, { runOnly: tags, resultTypes: ['violations'] }).then(found => done(found.violations.map(
                one => one.id + ': ' + one.help + '\\n' + one.nodes.map(node =>
                    '    ' + node.target.join(' ') + '  ' + node.html.slice(0, 160) + '\\n      '
                    + node.any.concat(node.all, node.none).map(check => check.message).join('; ')).join('\\n'))),
                error => done(['axe-core failed: ' + error]))";
        let found = self.client.execute_async(run, Vec::new()).await?;
        Ok(found.as_array().unwrap().iter().map(|one| one.as_str().unwrap_or_default().to_owned()).collect())
    }
}
