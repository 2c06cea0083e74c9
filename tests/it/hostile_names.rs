//! A hundred hostile names (trust.md section 9, attacks 48 to 56) are text wherever the app shows them: pages, the file
//! of the work list, mails and logs. Prints are tried beside their code, in `mail::pdf`.

use std::sync::Arc;

use backorders::clock::SystemClock;
use backorders::domain::settings::Mode;
use backorders::secret::Keyring;
use secrecy::ExposeSecret as _;
use serde_json::json;

use crate::support::app::App;
use crate::support::program::Program;
use crate::support::shop::Shop;
use crate::support::temp_dir::TempDir;

/// What would make a browser do more than show a text. Our own pages hold none of it.
const MARKUP: [&str; 16] = [
    "<script",
    "<img",
    "<svg/",
    "<iframe src=java",
    "<style",
    "<object",
    "<embed",
    "<video",
    "<base",
    "<meta http-equiv",
    "<body onload",
    "<details open ontoggle",
    "<math",
    "href=\"javascript",
    "\" onmouseover=\"",
    " style=\"background",
];

fn names() -> Vec<String> {
    let names: Vec<String> = serde_json::from_str(include_str!("../data/hostile_names.json")).unwrap();
    assert_eq!(names.len(), 100);
    names
}

/// A company in which each of the names is a customer's, whose order is short of a thing of that name.
async fn company(shop: &Shop) {
    for (at, name) in names().iter().enumerate() {
        let contact = json!({ "name": name, "customer": true, "vendor": true, "email": "c@harbour.test" });
        let contact = shop.erp.control("/sandbox/contacts", contact).await["code"].as_str().unwrap().to_owned();
        let item = json!({ "name": name, "sku": format!("H-{at}"), "vendor": contact, "price": "2.5", "stock": "1" });
        let item = shop.erp.control("/sandbox/items", item).await["code"].as_str().unwrap().to_owned();
        let sale = json!({ "kind": "invoice", "customer": contact, "lines": [{ "item": item, "quantity": 3 }] });
        shop.erp.control("/sandbox/sales", sale).await;
    }
}

fn is_text(what: &str, page: &str) {
    let body = page.split_once("<body").map_or(page, |(_, body)| body);
    // our own
    let body = body.replace("<script src=\"/static/", "");
    for markup in MARKUP {
        assert!(!body.contains(markup), "{what} holds {markup}");
    }
}

#[tokio::test]
async fn pages_mails_files_and_logs_show_them_as_text() {
    let key = Keyring::generate("test", &SystemClock);
    let shop = Shop::open_with_key(Mode::Ask, &key).await;
    // each mail on its own, none gathered
    shop.set(|settings| settings.alerts.hourly = 1000).await;
    company(&shop).await;
    let dir = TempDir::new();
    shop.request_sweep().await;
    let process = Program::start(&shop, key.expose_secret(), &dir, &[("BACKORDERS_LOG_FILTER", "debug")]);
    shop.wait_for("SELECT count(*) >= 100 AS done FROM backorder").await;
    // in stages: each has its own patience
    for sent in [40, 80, 120, 160, 200] {
        shop.wait_for(&format!("SELECT count(*) FILTER (WHERE state = 'sent') >= {sent} AS done FROM notice")).await;
    }
    let (_, said) = process.stop();

    // logs: each line is one JSON object of ours, none was begun by a name, none holds an escape of a terminal
    assert!(said.len() > 20, "{}", said.len());
    for line in &said {
        let entry: serde_json::Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        assert_ne!(entry["message"], "forged", "{line}");
        assert!(!line.contains(['\u{1b}', '\u{7}', '\u{8}']), "{line:?}");
    }

    // mails: one subject, nobody beside its recipient, a page without markup of a name
    assert!(shop.mails().len() >= 200, "{}", shop.mails().len());
    for mail in shop.mails() {
        assert!(mail.to.len() == 1 && mail.to[0].ends_with("@fairlight.test"), "{:?}", mail.to);
        assert!(!mail.subject.contains(|c: char| c.is_control()), "{:?}", mail.subject);
        assert!(mail.subject.chars().count() <= 200, "{:?}", mail.subject);
        let html = mail.html.as_deref().unwrap_or_default();
        is_text(&mail.subject, html.split_once("</style>").map_or(html, |(_, body)| body));
    }

    let app = App::over(shop.pool.clone(), &shop.erp, Arc::new(SystemClock));
    let mut buyer = app.member(shop.tenant, "buyer").await;
    // pages: the list as a whole and by each order's item, and the orders behind it
    let list = buyer.get("/backorders").await;
    is_text("/backorders", &list.text);
    let links = list.text.split("href=\"").filter(|rest| rest.starts_with("/backorders/invoice/"));
    let links: Vec<&str> = links.map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(links.len() >= 50, "{} orders are listed", links.len());
    let searches = (0..100).map(|at| format!("/backorders?search=H-{at}"));
    for path in searches.chain(links.into_iter().map(str::to_owned)) {
        let page = buyer.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        is_text(&path, &page.text);
    }
    for path in ["/decisions", "/activity", "/insights", "/insights/open?age=0"] {
        let page = buyer.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        is_text(path, &page.text);
    }
    let list = buyer.get("/backorders?search=HYPERLINK").await;
    assert!(list.text.contains("=HYPERLINK(&#34;http://evil.example&#34;)"), "it is shown as it is: {}", list.text);

    // the file: no cell is a formula, and a line end within a name does not end its row
    let file = buyer.get("/backorders.csv").await.text.trim_end().to_owned();
    for cell in file.replace("\"\r\n\"", "\",\"").split("\",\"") {
        let cell = cell.trim_start_matches(['"', '\u{feff}']);
        assert!(!cell.starts_with(['=', '+', '@', '\t', '\r', '＝', '＋']), "{cell:?}");
    }
}
