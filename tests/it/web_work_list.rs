//! The work list over real HTTP: filters, order and pages with what is chosen, saved views, and what is done with several.

use backorders::db::listing;
use backorders::domain::backorder::BackorderState;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::policy::Buy;
use backorders::domain::quantity::Quantity;
use backorders::domain::scope::{Scope, ScopeOf};
use backorders::domain::settings::Mode;
use serde_json::json;

use crate::support::app::{App, Browser};
use crate::support::shop::Shop;

/// Burr grinder: 4 in stock, of Molino Meccanica.
const GRINDER: &str = "P-0000001";
/// Gooseneck kettle: 18 in stock, of Kettleworks.
const KETTLE: &str = "P-0000003";
const KETTLEWORKS: &str = "C-0000002";

fn site(shop: &Shop) -> App {
    App::over(shop.pool.clone(), &shop.erp, shop.clock.clone())
}

/// A company with a grinder and a kettle short, each on an invoice of its own.
async fn two_short() -> (Shop, App, Browser, [DocumentRef; 2]) {
    let shop = Shop::open(Mode::Ask).await;
    let grinder = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    let kettle = shop.erp.sell(DocumentKind::Invoice, &[(KETTLE, 40)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let buyer = app.member(shop.tenant, "buyer").await;
    (shop, app, buyer, [grinder, kettle])
}

fn row(document: &DocumentRef) -> String {
    format!("value=\"invoice/{}\"", document.id)
}

fn key(document: &DocumentRef) -> String {
    format!("invoice/{}", document.id)
}

#[tokio::test]
async fn the_list_is_narrowed_by_what_stands_in_a_row() {
    let (_shop, _app, mut buyer, [grinder, kettle]) = two_short().await;
    for (query, shown) in [
        ("", [true, true]),
        ("state=asked", [true, true]),
        ("state=ready", [false, false]),
        ("search=gr-2", [true, false]),
        ("search=KETTLE", [false, true]),
        ("search=kettleworks", [false, true]),
        ("search=100%25", [false, false]),
        ("vendor=Molino+Meccanica+S.r.l.", [true, false]),
        ("vendor=nobody", [false, false]),
        ("warehouse=Cork+main", [true, true]),
        ("owner=nobody", [true, true]),
        ("owner=me", [false, false]),
        ("no_vendor=1", [false, false]),
        ("drop_ship=1", [false, false]),
        ("ordered_from=2020-01-01&ordered_to=2099-01-01", [true, true]),
        ("ordered_to=2020-01-01", [false, false]),
        ("expected_from=2099-01-01", [false, false]),
        (
            "late=1&overdue=1&sort=customer&desc=1&column=warehouse&column=value&column=reason&column=drop_ship",
            [false, false],
        ),
        ("sort=number&after=zzz&after_document=invoice/x", [false, false]),
        ("sort=age&after=garbage&after_document=x", [true, true]),
    ] {
        let page = buyer.get(&format!("/backorders?{query}")).await;
        assert_eq!(page.status, 200, "{query}: {}", page.text);
        let found = [page.text.contains(&row(&grinder)), page.text.contains(&row(&kettle))];
        assert_eq!(found, shown, "{query}: {}", page.text);
    }
}

#[tokio::test]
async fn each_order_is_paged_through_without_loss_or_repetition() {
    let (shop, _app, mut buyer, _) = two_short().await;
    let client = shop.database.client().await;
    let fill = "
        INSERT INTO sales_document (tenant_id, kind, document_id, number, status, document_date, need_by, priority,
            customer_id, customer_name, ship_to, backorder_flag, fingerprint, read_at)
        SELECT $1, 'invoice', 'X-' || n, 'N-' || (n % 7), 'open', '2026-11-01', CASE WHEN n % 3 > 0 THEN '2026-12-01'::date END,
            0, 'C', 'Customer ' || (n % 5), '{}', false, '', now() FROM generate_series(1, 120) n";
    client.execute(fill, &[&shop.tenant.0]).await.unwrap();
    let fill = "
        INSERT INTO backorder (tenant_id, kind, document_id, state, promise, since, episode, changed_at, number, customer,
            ordered_on, need_by)
        SELECT tenant_id, kind, document_id, 'short', CASE WHEN document_id LIKE '%1' THEN '2026-12-03'::date END,
            now() - interval '1 hour' * (hashtext(document_id) % 9), 1, now(), number, customer_name, document_date, need_by
        FROM sales_document WHERE document_id LIKE 'X-%'";
    client.execute(fill, &[]).await.unwrap();
    for sort in ["expected", "need_by", "number", "customer", "age"] {
        for descending in ["", "&desc=1"] {
            let (mut seen, mut path) = (Vec::new(), format!("/backorders?sort={sort}{descending}"));
            loop {
                let page = buyer.get(&path).await;
                assert_eq!(page.status, 200, "{path}: {}", page.text);
                let keys =
                    page.text.split("name=\"chosen\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
                seen.extend(keys.map(str::to_owned));
                let Some((before, _)) = page.text.split_once("accesskey=\"n\"") else { break };
                let next = before.rsplit("value=\"").next().unwrap().split('"').next().unwrap();
                path = format!("/backorders?{}", next.replace("&#38;", "&").replace("&amp;", "&"));
            }
            assert_eq!(seen.len(), 122, "{sort}{descending}");
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 122, "{sort}{descending}");
        }
    }
}

#[tokio::test]
async fn what_is_chosen_stays_chosen_while_it_is_sorted_and_paged() {
    let (_shop, _app, mut buyer, [grinder, kettle]) = two_short().await;
    let token = buyer.get("/backorders").await.field("form_token");
    let (first, second) = (key(&grinder), key(&kettle));
    let go = [("form_token", token.as_str()), ("go", "sort=customer"), ("chosen", first.as_str())];
    let page = buyer.post("/backorders", &go).await;
    assert!(page.text.contains(&format!("value=\"{first}\" aria-label=\"Choose")), "{}", page.text);
    let checked = |text: &str, key: &str| {
        let (_, rest) = text.split_once(&format!("value=\"{key}\" aria-label")).unwrap();
        rest.split('>').next().unwrap().contains("checked")
    };
    assert!(checked(&page.text, &first) && !checked(&page.text, &second), "{}", page.text);
    // on a page where it does not stand it is carried along
    let away = [("form_token", token.as_str()), ("go", "search=kettle"), ("chosen", first.as_str())];
    let page = buyer.post("/backorders", &away).await;
    assert!(page.text.contains(&format!("type=\"hidden\" name=\"chosen\" value=\"{first}\"")), "{}", page.text);
    let none = [("form_token", token.as_str()), ("go", "search=kettle&evil=\r\nx")];
    let page = buyer.post("/backorders", &none).await;
    assert_eq!(page.status, 303);
    assert!(
        page.location.unwrap().starts_with("/backorders?search=kettle&evil=%0D%0Ax"),
        "nothing gets out of the query"
    );
}

#[tokio::test]
async fn purchase_orders_of_the_chosen_are_looked_at_by_vendor() {
    let (shop, _app, mut buyer, [grinder, kettle]) = two_short().await;
    let token = buyer.get("/backorders").await.field("form_token");
    let (first, second) = (key(&grinder), key(&kettle));
    let act = [
        ("form_token", token.as_str()),
        ("chosen", first.as_str()),
        ("chosen", second.as_str()),
        ("chosen", "invoice/nothing"),
        ("act", "purchase"),
    ];
    let page = buyer.post("/backorders", &act).await;
    assert!(page.text.contains("<h2>Molino") && page.text.contains("<h2>Kettleworks"), "{}", page.text);
    let none = buyer.post("/backorders", &[("form_token", token.as_str()), ("act", "purchase")]).await;
    assert!(none.text.contains("Nothing was chosen"), "{}", none.text);
    let by_item = buyer.get("/backorders/items?short=1").await;
    assert!(by_item.text.contains("Kettleworks Ltd") && by_item.text.contains("GR-2"), "{}", by_item.text);
    let act = [("form_token", token.as_str()), ("item", GRINDER), ("act", "purchase")];
    let page = buyer.post("/backorders/items", &act).await;
    assert!(page.text.contains("<h2>Molino") && !page.text.contains("<h2>Kettleworks"), "{}", page.text);
    assert_eq!(shop.proposals().await.len(), 2, "looking decides nothing");
}

#[tokio::test]
async fn several_are_declined_assigned_and_recalculated_each_with_its_result() {
    let (shop, app, mut buyer, [grinder, kettle]) = two_short().await;
    let token = buyer.get("/backorders").await.field("form_token");
    let (first, second) = (key(&grinder), key(&kettle));
    let both = [("form_token", token.as_str()), ("chosen", first.as_str()), ("chosen", second.as_str())];
    let assign = [&both[..], &[("act", "assign"), ("assignee", "me")]].concat();
    let page = buyer.post("/backorders", &assign).await;
    assert_eq!(page.text.matches("assigned to buyer@fairlight.test.").count(), 2, "{}", page.text);
    let mine = buyer.get("/backorders?owner=me").await;
    assert!(mine.text.contains(&row(&grinder)) && mine.text.contains(&row(&kettle)), "{}", mine.text);
    let bad = [&both[..], &[("act", "assign"), ("assignee", "a@b\r\nBcc: c@d.e")]].concat();
    assert!(buyer.post("/backorders", &bad).await.text.contains("is not one address"));
    let unassign = [&both[..2], &[("act", "assign"), ("assignee", "")]].concat();
    assert!(buyer.post("/backorders", &unassign).await.text.contains("no longer assigned"));

    let without = [&both[..], &[("act", "decline")]].concat();
    let page = buyer.post("/backorders", &without).await;
    assert!(page.text.contains("Say in a few words why"), "{}", page.text);
    assert!(page.text.contains("checked"), "what was chosen is chosen still: {}", page.text);
    let decline = [&both[..2], &[("act", "decline"), ("reason", "<b>too dear</b>")]].concat();
    let page = buyer.post("/backorders", &decline).await;
    assert!(page.text.contains(": not bought."), "{}", page.text);
    shop.work().await;
    assert_eq!(shop.state(&grinder).await, Some(BackorderState::Declined));
    let again = buyer.post("/backorders", &[&both[..], &[("act", "snooze"), ("days", "3")]].concat()).await;
    assert!(again.text.contains("nothing waits for a decision."), "{}", again.text);
    assert!(again.text.contains(": not bought."), "the other one is put off: {}", again.text);
    let list = buyer.get("/backorders?column=reason").await;
    assert!(!list.text.contains("<b>too"), "{}", list.text);

    let again = buyer.post("/backorders", &[&both[..], &[("act", "recalculate")]].concat()).await;
    assert_eq!(again.text.matches("is read and planned again.").count(), 2, "{}", again.text);
    assert_eq!(shop.waiting().await.len(), 2);
    let mut german = app.member(shop.tenant, "german").await;
    assert_eq!(german.post("/language", &[("language", "de"), ("to", "/backorders")]).await.status, 303);
    let list = german.get("/backorders?column=warehouse").await;
    for words in ["Rückstände", "Bedarfstermin", "Abgelehnt", "Nach Lieferant und Artikel", "Mit den ausgewählten"] {
        assert!(list.text.contains(words), "{words}: {}", list.text);
    }
}

#[tokio::test]
async fn another_vendor_and_a_drop_shipment_are_planned_as_they_were_chosen() {
    let (shop, _app, mut buyer, [grinder, kettle]) = two_short().await;
    // the second vendor offers the grinder too
    let client = shop.database.client().await;
    let offer = "
        INSERT INTO vendor_offer (tenant_id, item_id, position, vendor_id, rank, lead_days, min_qty, multiple, prices)
        SELECT tenant_id, $1, 9, vendor_id, 9, 3, 0, 0, '[{\"from_qty\": \"0\", \"price\": \"70\", \"valid_from\": null, \"valid_to\": null}]'
        FROM vendor_offer WHERE item_id = $2 LIMIT 1 RETURNING vendor_id";
    let vendor: String = client.query_one(offer, &[&GRINDER, &KETTLE]).await.unwrap().get("vendor_id");
    let token = buyer.get("/backorders").await.field("form_token");
    let (first, second) = (key(&grinder), key(&kettle));
    let molino: String =
        client.query_one("SELECT contact_id FROM contact WHERE name LIKE 'Molino%'", &[]).await.unwrap().get(0);
    let chosen = [("form_token", token.as_str()), ("chosen", second.as_str()), ("act", "vendor")];
    let page = buyer.post("/backorders", &[&chosen[..], &[("vendor_choice", molino.as_str())]].concat()).await;
    assert!(page.text.contains("Molino Meccanica S.r.l. offers nothing of what is short."), "{}", page.text);
    assert!(page.text.contains("checked"), "what failed is chosen still: {}", page.text);
    let page = buyer.post("/backorders", &[&chosen[..], &[("vendor_choice", "no such")]].concat()).await;
    assert!(page.text.contains("There is no such vendor."), "{}", page.text);

    let change = [
        ("form_token", token.as_str()),
        ("chosen", first.as_str()),
        ("act", "vendor"),
        ("vendor_choice", vendor.as_str()),
    ];
    let page = buyer.post("/backorders", &change).await;
    assert!(page.text.contains("is planned again with Kettleworks Ltd."), "{}", page.text);
    let choices: i64 = client.query_one("SELECT count(*) FROM line_choice", &[]).await.unwrap().get(0);
    assert_eq!(choices, 1);
    let back =
        [("form_token", token.as_str()), ("chosen", first.as_str()), ("act", "vendor"), ("vendor_choice", "rules")];
    assert!(buyer.post("/backorders", &back).await.text.contains("as the rules choose."));
    shop.work().await;

    let ship = [("form_token", token.as_str()), ("chosen", second.as_str()), ("act", "drop_ship")];
    let page = buyer.post("/backorders", &ship).await;
    assert!(page.text.contains("1 line is planned again as a drop shipment."), "{}", page.text);
    shop.work().await;
    let proposals = shop.proposals().await;
    let shipped = proposals.iter().find(|proposal| proposal.body.options[0].is_drop_ship()).unwrap();
    assert_eq!(shipped.body.options[0].lines[0].item, KETTLE);
    assert!(buyer.get("/backorders?drop_ship=1").await.text.contains(&row(&kettle)));
}

#[tokio::test]
async fn customers_of_the_chosen_are_written_to_once() {
    let (shop, _app, mut buyer, [grinder, _]) = two_short().await;
    let page = buyer.get("/backorders").await;
    let (token, form) = (page.field("form_token"), page.field("form_id"));
    let chosen = key(&grinder);
    let email = [
        ("form_token", token.as_str()),
        ("form_id", form.as_str()),
        ("chosen", chosen.as_str()),
        ("act", "email"),
        ("event", "backorder"),
    ];
    assert!(buyer.post("/backorders", &email).await.text.contains("Mail to customers is off"));
    shop.set(|settings| settings.customer_mail.on = true).await;
    assert!(buyer.post("/backorders", &email).await.text.contains("is on its way."));
    assert!(buyer.post("/backorders", &email).await.text.contains("was asked for already."));
    assert_eq!(shop.audited("customer_mail_asked").await, 1);
}

#[tokio::test]
async fn the_file_holds_what_is_chosen_or_filtered_in_the_reader_s_words() {
    let (shop, _app, mut buyer, [grinder, _]) = two_short().await;
    let hostile = "=HYPERLINK(\"http://x\")";
    shop.erp.control("/sandbox/contacts", json!({ "name": hostile, "customer": true })).await;
    let sale = json!({ "kind": "invoice", "customer": hostile, "lines": [{ "item": GRINDER, "quantity": 9 }] });
    shop.erp.control("/sandbox/sales", sale).await;
    shop.sweep().await;
    let file = buyer.get("/backorders.csv?search=gr-2").await;
    assert_eq!(file.text.lines().count(), 3, "{}", file.text);
    assert!(file.text.contains("\"'=HYPERLINK(\"\"http://x\"\")\""), "{}", file.text);
    assert!(file.headers["content-type"].to_str().unwrap().starts_with("text/csv"));
    let token = buyer.get("/backorders").await.field("form_token");
    let chosen = key(&grinder);
    let csv = [("form_token", token.as_str()), ("chosen", chosen.as_str()), ("act", "csv")];
    let file = buyer.post("/backorders", &csv).await;
    assert_eq!(file.text.lines().count(), 2, "{}", file.text);
}

#[tokio::test]
async fn a_view_is_kept_for_its_person_and_nobody_else() {
    let (shop, app, mut buyer, _) = two_short().await;
    let mut other = app.member(shop.tenant, "other").await;
    let token = buyer.get("/backorders").await.field("form_token");
    let name = "<Mine> & late";
    let save = [("form_token", token.as_str()), ("query", "state=asked&sort=need_by"), ("name", name), ("act", "save")];
    assert_eq!(buyer.post("/backorders/views", &save).await.status, 303);
    let list = buyer.get("/backorders").await;
    assert!(list.text.contains("sort=need_by\">&#60;Mine&#62; &#38; late</a>"), "{}", list.text);
    assert!(!other.get("/backorders").await.text.contains("&#60;Mine"));
    assert_eq!(buyer.post("/backorders/views", &[("form_token", token.as_str()), ("act", "save")]).await.status, 400);
    let forget = [("form_token", token.as_str()), ("name", name), ("act", "forget")];
    assert_eq!(buyer.post("/backorders/views", &forget).await.status, 303);
    assert!(!buyer.get("/backorders").await.text.contains("&#60;Mine"));
}

#[tokio::test]
async fn what_is_needed_of_an_item_follows_its_backorders() {
    let (shop, ..) = two_short().await;
    let needs = async || {
        let mut client = shop.pool.get().await.unwrap();
        let tx = client.transaction().await.unwrap();
        backorders::db::enter_tenant(&tx, shop.tenant).await.unwrap();
        listing::items(&tx, shop.tenant, (None, false), None, 50).await.unwrap()
    };
    let grinder = |needs: Vec<listing::ItemNeed>| needs.into_iter().find(|need| need.item == GRINDER);
    let before = grinder(needs().await).unwrap();
    assert_eq!((before.short, before.orders, before.vendor.as_str()), (8.into(), 1, "Molino Meccanica S.r.l."));
    let proposal = shop.proposals().await.into_iter().find(|one| one.body.options[0].lines[0].item == GRINDER).unwrap();
    shop.approve(proposal.id, 0).await;
    let after = grinder(needs().await).unwrap();
    assert_eq!((after.short, after.on_order), (0.into(), 8.into()));
}

#[tokio::test]
async fn what_was_declined_is_listed_with_its_reason_and_told_by_the_number_of_its_document() {
    let shop = Shop::open(Mode::Ask).await;
    let sale = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let app = App::over(shop.pool.clone(), &shop.erp, shop.clock.clone());
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let page = buyer.get("/backorders").await;
    let key = format!("invoice/{}", sale.id);
    let fields = [
        ("form_token", page.field("form_token")),
        ("chosen", key),
        ("act", "decline".to_owned()),
        ("reason", "too dear <now>".to_owned()),
    ];
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(buyer.post("/backorders", &fields).await.status, 200);
    shop.work().await;
    let listed = buyer.get("/backorders?column=reason&state=declined").await;
    assert!(listed.text.contains("<td data-l=\"Reason\">too dear &#60;now&#62;</td>"), "{}", listed.text);
    let number = shop.sale(&sale).await["number"].as_str().unwrap().to_owned();
    assert_ne!(number, sale.id, "the sandbox's ids are not its numbers");
    let activity = buyer.get("/activity").await;
    assert!(activity.text.contains(&format!(">Invoice {number}</a>")), "{}", activity.text);
    assert!(!activity.text.contains(&format!(">Invoice {}<", sale.id)), "{}", activity.text);
}

#[tokio::test]
async fn what_is_short_and_not_asked_says_why_on_the_list_on_its_page_and_in_insights() {
    let shop = Shop::open(Mode::Watch).await;
    let watched = shop.erp.sell(DocumentKind::Invoice, &[(KETTLE, 40)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    let page = buyer.get("/backorders?cause=watched").await;
    assert!(page.text.contains(&row(&watched)) && page.text.contains("cause\">Only watched<"), "{}", page.text);
    assert!(!buyer.get("/backorders?cause=no_vendor").await.text.contains(&row(&watched)));
    let one = buyer.get(&format!("/backorders/{}", key(&watched))).await;
    assert!(one.text.contains("The mode is Watch: it is told what would be bought"), "{}", one.text);
    assert!(!one.text.contains("late\">The mode is Watch"), "said in the head, not with its line again: {}", one.text);

    shop.set(|settings| settings.mode = Mode::Automatic).await;
    let sold = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    let order = shop.purchase_orders().await.last().unwrap()["code"].clone();
    shop.erp.control("/sandbox/cancel", json!({ "code": order })).await;
    shop.sweep().await;
    let page = buyer.get("/backorders?cause=po_cancelled").await;
    assert!(
        page.text.contains(&row(&sold)) && page.text.contains("cause\">Purchase order cancelled<"),
        "{}",
        page.text
    );
    assert_eq!(buyer.post("/language", &[("language", "de"), ("to", "/backorders")]).await.status, 303);
    let one = buyer.get(&format!("/backorders/{}", key(&sold))).await;
    let number = shop.purchase_orders().await.last().unwrap()["poNumber"].as_str().unwrap_or_default().to_owned();
    assert!(one.text.contains("wurde storniert. Was wieder fehlt, wird nicht von selbst neu gekauft."), "{}", one.text);
    assert!(one.text.contains(&format!("{number} wurde storniert")), "{number}: {}", one.text);
    let insights = buyer.get("/insights").await;
    assert!(insights.text.contains("Bestellung storniert: 1 Aufträge"), "{}", insights.text);
    assert!(insights.text.contains("/backorders?cause=po_cancelled"), "{}", insights.text);
    let csv = buyer.get("/backorders.csv?cause=po_cancelled").await;
    assert!(csv.text.contains("wurde storniert."), "{}", csv.text);
}

#[tokio::test]
async fn what_the_settings_leave_alone_is_listed_with_the_rule_that_does() {
    let shop = Shop::open(Mode::Automatic).await;
    let before = shop.purchase_orders().await.len();
    shop.set(|settings| settings.policy.ignore_below = Quantity::units(20)).await;
    let little = shop.erp.sell(DocumentKind::Invoice, &[(GRINDER, 12)]).await;
    shop.sweep().await;
    shop.set(|settings| {
        let nothing_of_theirs = Scope { buy: Some(Buy::Nothing), ..Scope::new(ScopeOf::Vendor, KETTLEWORKS, "") };
        settings.scopes = vec![nothing_of_theirs];
    })
    .await;
    let kettle = shop.erp.sell(DocumentKind::Invoice, &[(KETTLE, 40)]).await;
    shop.sweep().await;
    let app = site(&shop);
    let mut buyer = app.member(shop.tenant, "buyer").await;
    for (sale, cause, name, why) in [
        (&little, "too_little", "Too little", "It is not more than the settings ignore: 20."),
        (&kettle, "not_bought_for", "Nothing is bought for this", "By the settings nothing is bought for it."),
    ] {
        let page = buyer.get(&format!("/backorders?cause={cause}")).await;
        assert!(page.text.contains(&row(sale)) && page.text.contains(&format!("cause\">{name}<")), "{}", page.text);
        let one = buyer.get(&format!("/backorders/{}", key(sale))).await;
        assert!(one.text.contains(why), "{}", one.text);
    }
    assert_eq!(shop.purchase_orders().await.len(), before);
}
