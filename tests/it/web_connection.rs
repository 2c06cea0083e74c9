//! The connection's section of the settings: what it may do and why, and the secret of its hooks.

use std::time::Duration;

use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;

use crate::support::app::{App, Browser, Page};
use crate::support::shop::Shop;

/// Burr grinder: 4 in stock, of Molino Meccanica.
const GRINDER: &str = "P-0000001";

async fn post(browser: &mut Browser, path: &str) -> Page {
    let token = browser.get("/settings").await.field("form_token");
    browser.post(path, &[("form_token", &token)]).await
}

/// What the ERP sends to an address, and the answer.
async fn told(app: &App, path: &str) -> u16 {
    let json = [("content-type", "application/json")];
    let body = r#"{"salesInvoiceCode":"SI-1"}"#.to_owned();
    app.browser().send(reqwest::Method::POST, path, &json, Some(body)).await.status
}

/// The path that the ERP has for its only hook.
async fn at_the_erp(shop: &Shop) -> String {
    let hooks = shop.erp.host().list_hooks().await.unwrap();
    assert_eq!(hooks.len(), 1, "{hooks:?}");
    hooks[0].url.parse::<url::Url>().unwrap().path().to_owned()
}

#[tokio::test]
async fn w3_a_renewed_secret_loses_nothing_and_the_former_ends_after_its_grace() {
    let shop = Shop::open(Mode::Ask).await;
    let app = App::of(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let former = at_the_erp(&shop).await;
    assert_eq!(told(&app, &former).await, 200);
    let page = anna.get("/settings").await;
    assert!(page.text.contains("CREATE_INVOICE: last "), "when it was last heard of: {}", page.text);

    let mut ben = app.member(shop.tenant, "ben").await;
    assert_eq!(post(&mut ben, "/connection/rotate").await.status, 403, "an administrator's alone");
    assert_eq!(post(&mut anna, "/connection/rotate").await.status, 303);
    assert_eq!(told(&app, &former).await, 200, "the ERP knows no other yet");
    // twice before the ERP was told: the one that it has is still let in
    assert_eq!(post(&mut anna, "/connection/rotate").await.status, 303);
    assert_eq!(told(&app, &former).await, 200);

    shop.work().await;
    let renewed = at_the_erp(&shop).await;
    assert_ne!(renewed, former);
    assert_eq!(shop.connection().await.last_repaired, 0, "nothing was lost");
    assert_eq!((told(&app, &renewed).await, told(&app, &former).await), (200, 200));
    let page = anna.get("/settings").await;
    for words in ["by Person anna", "the former ones are let in until"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert!(anna.get("/activity").await.text.contains("renewed the secret addresses of the events"));

    shop.clock.advance(Duration::from_secs(24 * 3600 + 1));
    assert_eq!((told(&app, &renewed).await, told(&app, &former).await), (200, 404));
    let page = app.member(shop.tenant, "anna").await.get("/settings").await;
    assert!(!page.text.contains("the former ones are let in"), "{}", page.text);
}

#[tokio::test]
async fn each_right_is_named_with_its_reason_and_whether_it_is_in_use() {
    let shop = Shop::open(Mode::Automatic).await;
    let app = App::of(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let row = |page: &Page, right: &str| -> String {
        let (_, rest) = page.text.split_once(right).unwrap_or_else(|| panic!("{right}: {}", page.text));
        rest.split("</tr>").next().unwrap().to_owned()
    };
    let page = anna.get("/settings").await;
    assert!(page.text.contains("Asked for when the company was connected: write"), "{}", page.text);
    assert!(row(&page, "Read, make and change purchase orders").contains("not used yet"), "{}", page.text);
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let page = anna.get("/settings").await;
    for right in [
        "Read quotations, orders and invoices",
        "Read items, stock, warehouses",
        "Read, make and change purchase orders",
        "Show on the sale how it stands",
        "Have events sent to us",
    ] {
        assert!(row(&page, right).contains(">in use<"), "{right}: {}", row(&page, right));
    }
    assert_eq!(post(&mut anna, "/connection/disconnect").await.status, 400, "said by accident");
}
