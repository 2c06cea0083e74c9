//! The settings over real HTTP: what is saved, previewed, exported and imported, and what differs for one of them.

use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::{Mode, Settings};

use crate::support::app::{App, Browser, Page};
use crate::support::shop::{BUYER, Shop};

/// Burr grinder: 4 in stock, of Molino Meccanica.
const GRINDER: &str = "P-0000001";
/// Gooseneck kettle: 18 in stock, of Kettleworks.
const KETTLE: &str = "P-0000003";

fn site(shop: &Shop) -> App {
    App::over(shop.pool.clone(), &shop.erp, shop.clock.clone())
}

/// A page's form token and the version of the settings that it shows.
fn hidden(page: &Page) -> (String, String) {
    (page.field("form_token"), page.field("settings_version"))
}

async fn post(anna: &mut Browser, path: &str, fields: &[(&str, &str)]) -> Page {
    let (token, version) = hidden(&anna.get("/settings").await);
    let all = [&[("form_token", token.as_str()), ("settings_version", version.as_str())], fields].concat();
    anna.post(path, &all).await
}

async fn settings(shop: &Shop) -> Settings {
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    backorders::db::enter_tenant(&tx, shop.tenant).await.unwrap();
    backorders::db::settings::load(&tx, shop.tenant, false).await.unwrap().settings
}

#[tokio::test]
async fn a_field_is_saved_in_the_company_s_form_and_the_others_stay() {
    let shop = Shop::open(Mode::Watch).await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let before = settings(&shop).await;
    assert_eq!(anna.post("/language", &[("language", "de"), ("to", "/settings")]).await.status, 303);
    let page = anna.get("/settings").await;
    for words in ["Einstellungen", "Freigebende", "Wer zuerst kommt", "Verbunden seit", "Prozent, die fehlen dürfen"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    let saved = post(
        &mut anna,
        "/settings",
        &[
            ("ask_above", "1.250,50"),
            ("policy.rates", "USD = 0,92; GBP = 7/6"),
            ("policy.holidays", "2026-12-25, 2026-12-26"),
            ("policy.rank", "need_by"),
            ("policy.rank", "priority"),
            ("shown", "policy.working_days"),
            ("policy.working_days", "mon"),
            ("shown", "policy.hold_for_order"),
            ("difot.after_days", "2"),
        ],
    )
    .await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    let after = settings(&shop).await;
    assert_eq!(after.ask_above, Some("1250.5".parse().unwrap()));
    assert_eq!((after.policy.rates.len(), after.policy.holidays.len(), after.policy.rank.len()), (2, 2, 2));
    assert_eq!((after.policy.working_days.len(), after.policy.hold_for_order), (1, false));
    assert_eq!(after.difot.after_days, Some(2));
    assert_eq!((after.buyer_emails, after.issue), (before.buyer_emails, before.issue), "not in the form");

    for (name, value) in [
        ("ask_above", "1,250.50"),
        ("link_hours", "721"),
        ("policy.base_currency", "euro"),
        ("policy.holidays", "25.12.2026"),
        ("policy.rates", "USD 0.92"),
        ("mode", "bold"),
        ("buyer_emails", "a@b.c\r\nBcc: x@y.z"),
    ] {
        let refused = post(&mut anna, "/settings", &[(name, value)]).await;
        assert_eq!(refused.status, 400, "{name} {value}: {}", refused.text);
    }
}

#[tokio::test]
async fn the_effect_of_other_rules_is_shown_and_nothing_is_done() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let page = post(&mut anna, "/settings", &[("act", "preview"), ("policy.buy", "nothing")]).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(
        page.text.contains("With the rules that hold: 1 would buy something, 1 purchase order in all"),
        "{}",
        page.text
    );
    assert!(page.text.contains("With these rules: 0 would buy something, 0 purchase orders in all"), "{}", page.text);
    assert!(page.text.contains("<option value=\"nothing\" selected>"), "what was entered stands there: {}", page.text);
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Asked));
    assert_eq!(settings(&shop).await.policy.buy, backorders::domain::policy::Buy::Shortfall);
}

#[tokio::test]
async fn the_page_begins_with_how_it_stands_and_a_way_to_pause() {
    let shop = Shop::open(Mode::Ask).await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let page = app.member(shop.tenant, "anna").await.get("/settings").await;
    let (strip, rest) = page.text.split_once("Who is told what").unwrap();
    for words in ["Deskera Books", "connected", "Events today: 0", "Last checked", "Decisions waiting: 1"] {
        assert!(strip.contains(words), "{words}: {strip}");
    }
    assert!(strip.contains("/connection/pause") && !rest.contains("/connection/pause"), "one way to pause: {rest}");
    let page = app.member(shop.tenant, "ben").await.get("/settings").await;
    assert!(!page.text.contains("/connection/pause"), "an administrator's alone: {}", page.text);
}

#[tokio::test]
async fn documents_of_a_status_that_is_left_out_are_left_alone_until_it_is_taken_in_again() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Asked));
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    // as a person types it: the sandbox says OPEN
    let saved = post(&mut anna, "/settings", &[("statuses_left_out", "on hold, open")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert_eq!(settings(&shop).await.statuses_left_out, ["on hold", "open"]);
    shop.work().await;
    assert!(shop.state(&sale).await.is_none_or(|state| !state.is_open()), "{:?}", shop.state(&sale).await);
    assert_eq!(shop.proposals().await.len(), 0, "what was asked for it is no longer");
    shop.sweep().await;
    assert!(shop.state(&sale).await.is_none_or(|state| !state.is_open()), "a sweep does not bring it back");
    let saved = post(&mut anna, "/settings", &[("statuses_left_out", "on hold")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    shop.work().await;
    assert_eq!(shop.state(&sale).await, Some(BackorderState::Asked), "and it counts again at once");
}

#[tokio::test]
async fn what_was_only_watched_is_asked_by_mail_once_the_mode_is_ask() {
    let shop = Shop::open(Mode::Watch).await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let told = shop.mails_to(BUYER, "is short").len();
    let saved = post(&mut anna, "/settings", &[("mode", "ask"), ("include", "yes")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    shop.work().await;
    let asked = shop.mails_to(BUYER, "is short");
    assert_eq!(asked.len(), told + 1, "{:?}", shop.subjects());
    shop.sweep().await;
    assert_eq!(shop.mails_to(BUYER, "is short").len(), told + 1, "asked once: {:?}", shop.subjects());
}

#[tokio::test]
async fn switching_to_a_mode_that_does_more_asks_about_what_waits() {
    let shop = Shop::open(Mode::Ask).await;
    let before = shop.purchase_orders().await.len();
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let question = post(&mut anna, "/settings", &[("mode", "automatic")]).await;
    assert!(question.text.contains("Switch to Automatic?") && question.text.contains("672.00"), "{}", question.text);
    assert_eq!(settings(&shop).await.mode, Mode::Ask);
    let saved = post(&mut anna, "/settings", &[("mode", "automatic"), ("include", "no")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    shop.work().await;
    assert_eq!((shop.state(&sale).await, shop.purchase_orders().await.len()), (Some(BackorderState::Declined), before));
}

#[tokio::test]
async fn settings_are_taken_from_one_company_to_another_as_json() {
    let shop = Shop::open(Mode::Watch).await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let exported = anna.get("/settings.json").await;
    assert_eq!(exported.status, 200);
    let schema: serde_json::Value = serde_json::from_str(&anna.get("/settings.schema.json").await.text).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&exported.text).unwrap();
    assert!(jsonschema::is_valid(&schema, &value), "{}", exported.text);
    value["link_hours"] = 5.into();
    value["paused"] = true.into();
    let imported = post(&mut anna, "/settings/import", &[("json", &value.to_string())]).await;
    assert_eq!(imported.status, 303, "{}", imported.text);
    let after = settings(&shop).await;
    assert_eq!((after.link_hours, after.paused), (5, false), "a pause is not imported");

    value["policy"]["nonsense"] = 1.into();
    for (text, said) in [
        (value.to_string(), "policy"),
        ("{\"link_hours\": 0}".to_owned(), "Hours that a link"),
        ("{\"scopes\": [{\"of\": \"item\"}]}".to_owned(), "scopes.0"),
        ("[".to_owned(), "This is no JSON"),
        ("[]".to_owned(), "/"),
    ] {
        let refused = post(&mut anna, "/settings/import", &[("json", &text)]).await;
        assert!(refused.status == 400 && refused.text.contains(said), "{text}: {}", refused.text);
    }
    let mut ben = app.member(shop.tenant, "ben").await;
    assert_eq!(post(&mut ben, "/settings/import", &[("json", "{}")]).await.status, 403);
}

#[tokio::test]
async fn one_item_is_bought_by_itself_while_the_company_asks() {
    let shop = Shop::open(Mode::Ask).await;
    let before = shop.purchase_orders().await.len();
    // an item is known from the first order that names it
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 1)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let found = post(&mut anna, "/settings/for", &[("of", "item"), ("what", "gr-2")]).await;
    let path = found.location.unwrap_or_else(|| panic!("{}", found.text));
    assert_eq!(path, format!("/settings/for/item/{GRINDER}"));
    let page = anna.get(&path).await;
    assert!(page.text.contains("inherited from the company: Ask:"), "{}", page.text);
    let saved = post(&mut anna, &path, &[("mode", "automatic"), ("issue", "no"), ("safety_stock", "2")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    assert!(anna.get("/settings").await.text.contains(&format!("href=\"{path}\">GR-2")));

    let grinder = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    let kettle = shop.erp.sell(DocumentKind::Invoice, &[(KETTLE, 40)]).await;
    shop.sweep().await;
    shop.until_settled().await;
    assert_eq!(shop.state(&grinder).await, Some(BackorderState::OnOrder));
    assert_eq!(shop.state(&kettle).await, Some(BackorderState::Asked));
    let orders = shop.purchase_orders().await;
    assert_eq!(orders.len(), before + 1);
    let order = orders.last().unwrap();
    assert_eq!(order["lines"][0]["quantity"], "11", "of the four in stock one is sold and two are held back: {order}");

    // never bought, whatever the mode
    let never = [("mode", "automatic"), ("buy", "nothing"), ("ignore_below", "1.5"), ("buy_ahead_days", "10")];
    assert_eq!(post(&mut anna, &path, &never).await.status, 303);
    let page = anna.get(&path).await;
    for kept in ["<option value=\"nothing\" selected>", "value=\"1.5\"", "value=\"10\""] {
        assert!(page.text.contains(kept), "{kept}: {}", page.text);
    }
    let more = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 30)]).await;
    shop.sweep().await;
    assert_eq!(shop.state(&more).await, Some(BackorderState::Short));
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
    let one = anna.get(&format!("/backorders/invoice/{}", more.id)).await;
    assert!(one.text.contains("By the settings nothing is bought"), "{}", one.text);
    let wrong = post(&mut anna, &path, &[("buy_ahead_days", "soon")]).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text);

    assert_eq!(post(&mut anna, &path, &[("act", "clear")]).await.status, 303);
    assert!(settings(&shop).await.scopes.is_empty());
    let nothing = post(&mut anna, "/settings/for", &[("of", "vendor"), ("what", "nobody")]).await;
    assert!(nothing.status == 400 && nothing.text.contains("There is no such"), "{}", nothing.text);
    assert_eq!(anna.get("/settings/for/item/nothing").await.status, 404);
    let mut ben = app.member(shop.tenant, "ben").await;
    assert_eq!(post(&mut ben, &path, &[("mode", "watch")]).await.status, 403);
}

#[tokio::test]
async fn a_bolder_mode_for_one_item_asks_about_what_waits_of_it() {
    let shop = Shop::open(Mode::Ask).await;
    let before = shop.purchase_orders().await.len();
    let grinder = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    let kettle = shop.erp.sell(DocumentKind::Invoice, &[(KETTLE, 40)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let path = format!("/settings/for/item/{GRINDER}");
    let question = post(&mut anna, &path, &[("mode", "automatic")]).await;
    assert!(question.text.contains("Another mode for") && question.text.contains("Molino"), "{}", question.text);
    assert!(!question.text.contains("Kettleworks"), "another item's is not part of it: {}", question.text);
    assert!(question.text.contains(&format!("action=\"{path}\"")), "{}", question.text);
    assert!(settings(&shop).await.scopes.is_empty(), "nothing is saved before the answer");
    let saved = post(&mut anna, &path, &[("mode", "automatic"), ("include", "yes")]).await;
    assert_eq!(saved.status, 303, "{}", saved.text);
    shop.until_settled().await;
    assert_eq!(shop.state(&grinder).await, Some(BackorderState::OnOrder));
    assert_eq!(shop.state(&kettle).await, Some(BackorderState::Asked));
    assert_eq!(shop.purchase_orders().await.len(), before + 1);
}

#[tokio::test]
async fn a_company_that_has_watched_for_a_week_is_asked_how_it_goes_on() {
    let shop = Shop::open(Mode::Watch).await;
    let app = site(&shop);
    let page = app.member(shop.tenant, "anna").await.get("/backorders").await;
    assert!(page.text.contains("Watch mode: this app tells what it would do"), "{}", page.text);
    shop.clock.advance(std::time::Duration::from_secs(8 * 24 * 3600));
    let page = app.member(shop.tenant, "anna").await.get("/backorders").await;
    assert!(page.text.contains("It has watched for 8 days now."), "{}", page.text);
    assert_eq!(settings(&shop).await.mode, Mode::Watch, "nothing switches by itself");
}
