//! A company's data over real HTTP: all of it as a file, one customer's taken out, and how long it is kept.

use std::collections::BTreeMap;
use std::time::Duration;

use backorders::domain::ids::DocumentKind;
use backorders::domain::settings::Mode;
use serde_json::Value;

use crate::support::app::{App, Browser, Page};
use crate::support::shop::Shop;

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";
const CUSTOMER: &str = "R\u{f6}sterei Anselm";

fn site(shop: &Shop) -> App {
    App::over(shop.pool.clone(), &shop.erp, shop.clock.clone())
}

async fn erase(anna: &mut Browser, customer: &str, sure: &str) -> Page {
    let token = anna.get("/settings").await.field("form_token");
    anna.post("/data/erase", &[("form_token", &token), ("customer", customer), ("sure", sure)]).await
}

/// Every row of every table, as text.
async fn everything(shop: &Shop) -> String {
    let client = shop.database.client().await;
    let tables = "SELECT string_agg(format('SELECT to_jsonb(t)::text AS row FROM %I t', relname), ' UNION ALL ') AS sql
        FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace";
    let sql: String = client.query_one(tables, &[]).await.unwrap().get("sql");
    client.query(&sql, &[]).await.unwrap().iter().map(|row| row.get::<_, String>("row")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn an_administrator_takes_all_data_and_no_secret() {
    let shop = Shop::open(Mode::Ask).await;
    shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let file = anna.get("/data.jsonl").await;
    assert_eq!(file.status, 200, "{}", file.text);
    let mut tables: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for line in file.text.lines() {
        let mut line: Value = serde_json::from_str(line).unwrap();
        tables.entry(line["table"].as_str().unwrap().to_owned()).or_default().push(line["row"].take());
    }
    for table in
        ["tenant", "person", "item", "sales_document", "sales_line", "backorder", "proposal", "notice", "audit"]
    {
        assert!(tables.contains_key(table), "{table} is missing: {:?}", tables.keys());
    }
    for table in ["session", "hook", "approval_link", "unsubscribe_link"] {
        assert!(!tables.contains_key(table), "{table} only opens doors");
    }
    assert!(tables["connection"][0].get("access_token").is_none(), "{:?}", tables["connection"]);
    assert!(anna.get("/activity").await.text.contains("took all data of the company"));
    let mut ben = app.member(shop.tenant, "ben").await;
    assert_eq!(ben.get("/data.jsonl").await.status, 403);
}

#[tokio::test]
async fn a_customer_is_erased_when_nothing_of_it_is_open() {
    let shop = Shop::open(Mode::Automatic).await;
    shop.set(|settings| settings.drop_shipment = backorders::domain::settings::DropShipment::AsMarked).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.until_settled().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    assert_eq!(erase(&mut anna, CUSTOMER, "no").await.status, 400);
    let open = erase(&mut anna, CUSTOMER, "yes").await;
    assert!(open.status == 409 && open.text.contains("is still open"), "{}", open.text);
    assert_eq!(erase(&mut anna, "nobody", "yes").await.status, 400);

    shop.erp.control("/sandbox/cancel", serde_json::json!({ "code": sale.id })).await;
    shop.sweep().await;
    shop.until_settled().await;
    // a setting of its own, saved twice: the former one is kept as well
    for mode in ["ask", "watch"] {
        let token = anna.get("/settings").await.field("form_token");
        let to = anna.post("/settings/for", &[("form_token", &token), ("of", "customer"), ("what", CUSTOMER)]).await;
        let path = to.location.clone().unwrap_or_default();
        let page = anna.get(&path).await;
        let version = page.field("settings_version");
        let fields =
            [("form_token", page.field("form_token")), ("settings_version", version), ("mode", mode.to_owned())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let saved = anna.post(&path, &fields).await;
        assert_eq!(saved.status, 303, "{path}: {}", saved.text);
    }
    assert!(everything(&shop).await.contains(CUSTOMER));
    let erased = erase(&mut anna, CUSTOMER, "yes").await;
    assert_eq!(erased.status, 303, "{}", erased.text);
    let left = everything(&shop).await;
    let where_ = left.lines().find(|line| line.contains(CUSTOMER));
    assert!(where_.is_none(), "{where_:?}");
    assert!(left.contains("(erased)"), "what was sold stays");
    assert_eq!(shop.audited("customer_erased").await, 1);
    let one = anna.get(&format!("/backorders/invoice/{}", sale.id)).await;
    assert!(one.status == 200 && one.text.contains("(erased)"), "{}", one.text);
    let mut ben = app.member(shop.tenant, "ben").await;
    assert_eq!(erase(&mut ben, CUSTOMER, "yes").await.status, 403);
}

#[tokio::test]
async fn of_two_customers_of_one_name_a_person_says_which_by_its_id() {
    let shop = Shop::open(Mode::Watch).await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let contact = serde_json::json!({ "name": "Twin Trading", "customer": true });
        let contact = shop.erp.control("/sandbox/contacts", contact).await["code"].as_str().unwrap().to_owned();
        let sale = serde_json::json!({ "kind": "invoice", "customer": contact,
            "lines": [{ "item": GRINDER, "quantity": 1 }] });
        let sale = shop.erp.control("/sandbox/sales", sale).await["code"].as_str().unwrap().to_owned();
        ids.push((contact, sale));
    }
    shop.sweep().await;
    for (_, sale) in &ids {
        shop.erp.control("/sandbox/cancel", serde_json::json!({ "code": sale })).await;
    }
    shop.sweep().await;
    let app = site(&shop);
    let mut anna = app.member(shop.tenant, "anna").await;
    let asked = erase(&mut anna, "twin trading", "yes").await;
    assert_eq!(asked.status, 400, "{}", asked.text);
    for (id, _) in &ids {
        assert!(asked.text.contains(id.as_str()), "{id}: {}", asked.text);
    }
    assert_eq!(everything(&shop).await.matches("(erased)").count(), 0, "nobody is erased on a guess");
    let erased = erase(&mut anna, &ids[1].0, "yes").await;
    assert_eq!(erased.status, 303, "{}", erased.text);
    let left = everything(&shop).await;
    assert!(left.contains("Twin Trading") && left.contains("(erased)"), "the other one stays");
}

#[test]
fn a_company_keeps_its_orders_as_long_as_it_wants_and_no_longer_than_the_operator() {
    let day = |days: u64| Duration::from_secs(days * 24 * 3600);
    let keep = backorders::db::retention::Keep { deliveries: day(45), history: day(1100), disconnected: day(30) };
    assert_eq!(keep.at_most(None), keep);
    assert_eq!(keep.at_most(Some(400)).history, day(400));
    assert_eq!(keep.at_most(Some(5000)).history, day(1100));
    assert_eq!(keep.at_most(Some(400)).deliveries, day(45));
}
