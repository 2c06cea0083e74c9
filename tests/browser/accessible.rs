//! axe-core finds nothing wrong with any page, light and dark; none is wider than a telephone, none is heavy.

use std::time::Duration;

use backorders::domain::settings::Mode;

use crate::company::{Company, GRINDER, KETTLE};
use crate::support::app::Browser;
use crate::window::{Scripts, Theme, Window};

/// Bytes of a page.
const MOST_BYTES: usize = 150_000;

/// What is wrong with the page that is open; `name` for the report.
async fn look(window: &Window, name: &str, wrong: &mut Vec<String>) {
    let file = name.replace(' ', "-");
    for theme in [Theme::Dark, Theme::Light] {
        window.theme(theme).await;
        window.picture(&format!("{file}-{}", format!("{theme:?}").to_lowercase())).await;
        let found = window.violations().await.unwrap();
        wrong.extend(found.into_iter().map(|one| format!("{name}, {theme:?}: {one}")));
    }
    for width in [320, 360, 1920] {
        window.width(width).await;
        let over = window.overflow().await;
        if width == 360 {
            window.picture(&format!("{file}-narrow")).await;
        }
        if over > 0 {
            wrong.push(format!("{name}: {over} px wider than {width} px"));
        }
    }
    window.width(1280).await;
}

/// Looks at pages; each has a name of its own, under which its pictures are kept.
async fn look_at(window: &Window, who: &mut Browser, pages: &[(&str, &str)], wrong: &mut Vec<String>) {
    for (name, path) in pages {
        window.go(path).await;
        look(window, name, wrong).await;
        let bytes = who.get(path).await.text.len();
        if bytes > MOST_BYTES {
            wrong.push(format!("{path}: {bytes} bytes"));
        }
    }
}

fn nothing_is(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn nothing_is_wrong_with_the_pages_of_the_work() {
    let company = Company::open(Mode::Automatic).await;
    let changed = company.sell(&[(GRINDER, 12)]).await;
    company.amend(&changed, 10).await;
    company.shop.set(|settings| settings.mode = Mode::Ask).await;
    let asked = company.sell(&[(KETTLE, 40)]).await;
    let link = company.link();
    let decision = format!("/decisions/{}", company.shop.proposals().await.remove(0).id);
    let mut buyer = company.app.member(company.shop.tenant, "buyer").await;
    let window = company.window(&buyer, Scripts::On).await;
    let (one, other) = (format!("/backorders/invoice/{}", asked.id), format!("/backorders/invoice/{}", changed.id));
    let email = format!("{one}/email");
    let mut wrong = Vec::new();
    let pages = [
        ("backorders", "/backorders"),
        ("backorders none found", "/backorders?search=nothing%20fits"),
        ("backorders by item", "/backorders/items"),
        ("decisions", "/decisions"),
        ("activity", "/activity"),
        ("one backorder asked", one.as_str()),
        ("one backorder changed", &other),
        ("email to a customer", &email),
        ("decision", &decision),
        ("decision from the mail", &link),
        ("nothing here", "/nothing-here"),
    ];
    look_at(&window, &mut buyer, &pages, &mut wrong).await;
    // all columns of the work list are seen at once on a usual screen
    window.go("/backorders").await;
    window.width(1280).await;
    let hidden = window.hidden().await;
    if hidden > 0 {
        wrong.push(format!("/backorders: {hidden} px of the list must be scrolled to"));
    }
    company.shop.set(|settings| settings.customer_mail.on = true).await;
    look_at(&window, &mut buyer, &[("email to a customer turned on", &email)], &mut wrong).await;
    window.go(&decision).await;
    window.click("button[value='approve']").await;
    look(&window, "after approving", &mut wrong).await;
    look_at(&window, &mut buyer, &[("decided", &decision), ("decided from the mail", &link)], &mut wrong).await;
    nothing_is(&wrong);
    window.close().await;
}

#[tokio::test]
async fn nothing_is_wrong_with_settings_insights_and_the_way_in() {
    let company = Company::open(Mode::Automatic).await;
    let quick = company.sell(&[(GRINDER, 2)]).await;
    let code = serde_json::json!({ "code": quick.id });
    company.shop.erp.control("/sandbox/fulfil", code).await;
    company.sell(&[(GRINDER, 12)]).await;
    company.shop.until_settled().await;
    company.shop.clock.advance(Duration::from_secs(30 * 24 * 3600));
    company.shop.sweep().await;
    company.shop.set(|settings| settings.mode = Mode::Ask).await;
    company.sell(&[(KETTLE, 90)]).await;
    let mut anna = company.app.member(company.shop.tenant, "anna").await;
    let window = company.window(&anna, Scripts::On).await;
    let page = anna.get("/insights").await;
    let behind = |start: &str| {
        let link = page.text.split("href=\"").find(|rest| rest.starts_with(start)).unwrap();
        link.split('"').next().unwrap().replace("&#38;", "&").replace("&amp;", "&")
    };
    let (orders, vendor) = (behind("/insights/orders"), behind("/insights/vendor"));
    let mut wrong = Vec::new();
    let item = format!("/settings/for/item/{GRINDER}");
    let pages = [
        ("insights", "/insights"),
        ("insights orders", orders.as_str()),
        ("insights by age", "/insights/open?age=0"),
        ("insights vendor", &vendor),
        ("settings", "/settings"),
        ("settings of an item", &item),
        ("settings alerts", "/settings/alerts"),
        ("customer mail", "/settings/customer-mail"),
        ("customer mail template", "/settings/customer-mail/backorder/de"),
    ];
    look_at(&window, &mut anna, &pages, &mut wrong).await;
    window.go("/settings").await;
    window.choose("select[name='mode']", "automatic").await;
    window.click(".save button.first").await;
    look(&window, "switching to Automatic", &mut wrong).await;
    window.close().await;
    let stranger = Window::open(&company.app.url, Scripts::On).await;
    let mut nobody = company.app.browser();
    look_at(&stranger, &mut nobody, &[("connect", "/connect"), ("signed out", "/backorders")], &mut wrong).await;
    nothing_is(&wrong);
    stranger.close().await;
}
