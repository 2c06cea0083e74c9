//! Insights over real data: what the worker keeps of each line, what the page counts, what stands behind a bar.

use std::sync::Arc;
use std::time::Duration;

use backorders::clock::Clock;
use backorders::db;
use backorders::db::insights::{self, Period};
use backorders::db::insights_behind::{self, Which};
use backorders::db::line_record::{self, Judged, RecordedLine};
use backorders::db::retention::{self, Old, Over};
use backorders::domain::difot::{self, DifotRule, LineRecord};
use backorders::domain::fulfilment::Fulfilment;
use backorders::domain::ids::{DocumentKind, DocumentRef};
use backorders::domain::quantity::Quantity;
use backorders::domain::settings::Mode;
use jiff::civil::{Date, date};
use serde_json::json;

use crate::support::app::App;
use crate::support::shop::Shop;

/// Burr grinder: 4 in stock.
const GRINDER: &str = "P-0000001";

async fn sell(shop: &Shop, quantity: i64, need_by: Date) -> DocumentRef {
    let sale = json!({ "kind": "invoice", "customer": "Rösterei Anselm", "need_by": need_by.to_string(),
        "lines": [{ "item": GRINDER, "quantity": quantity }] });
    let made = shop.erp.control("/sandbox/sales", sale).await;
    DocumentRef::new(DocumentKind::Invoice, made["code"].as_str().unwrap())
}

fn today(shop: &Shop) -> Date {
    shop.clock.now().to_zoned(jiff::tz::TimeZone::get("Europe/Dublin").unwrap()).date()
}

async fn recorded(shop: &Shop, document: &DocumentRef) -> RecordedLine {
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, shop.tenant).await.unwrap();
    let lines = line_record::of_documents(&tx, shop.tenant, std::slice::from_ref(document)).await.unwrap();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.into_iter().next().unwrap()
}

#[tokio::test]
async fn what_is_delivered_passes_what_is_not_misses_and_each_bar_opens_its_orders() {
    let shop = Shop::open(Mode::Automatic).await;
    let day = today(&shop);
    let needed = day.tomorrow().unwrap();
    let quick = sell(&shop, 3, needed).await;
    shop.sweep().await;
    assert_eq!(recorded(&shop, &quick).await.fulfilment.due, Some(needed));
    shop.erp.control("/sandbox/fulfil", json!({ "code": quick.id })).await;
    let short = sell(&shop, 12, needed).await;
    shop.sweep().await;
    shop.until_settled().await;
    let delivered = recorded(&shop, &quick).await;
    assert_eq!(delivered.fulfilment.deliveries, [(day, Quantity::units(3))]);
    assert_eq!((delivered.judged.miss, delivered.judged.counts_from), (None, Some(day)));
    let due = recorded(&shop, &short).await.fulfilment.due.unwrap();
    assert!(due > needed, "what is short is due when the vendor promised it: {due}");

    // nothing comes until long after
    while today(&shop) <= due {
        shop.clock.advance(Duration::from_secs(24 * 3600));
    }
    shop.sweep().await;
    shop.until_settled().await;
    assert_eq!(recorded(&shop, &short).await.judged.miss.as_deref(), Some("vendor_late"));

    let app = App::over(shop.pool.clone(), &shop.erp, shop.clock.clone() as Arc<dyn Clock>);
    let mut anna = app.member(shop.tenant, "anna").await;
    let page = anna.get("/insights?weeks=26").await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("Vendor late") && page.text.contains("on or before the due date"), "{}", page.text);
    assert!(page.text.contains("<svg class=\"chart\""), "{}", page.text);
    for forbidden in ["<script", " style=", "<style"] {
        assert!(!page.text.contains(forbidden), "{forbidden}");
    }
    assert!(page.text.len() < 150_000, "{} bytes", page.text.len());
    let links: Vec<&str> = page
        .text
        .split("href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|l| l.contains("which="))
        .collect();
    let mut missed = 0;
    for link in &links {
        let behind = anna.get(&link.replace("&#38;", "&").replace("&amp;", "&")).await;
        assert_eq!(behind.status, 200, "{link}: {}", behind.text);
        if link.contains("orders?") && (link.contains("which=missed") || link.contains("which=vendor_late")) {
            missed += 1;
            assert!(behind.text.contains(&format!("/backorders/invoice/{}", short.id)), "{link}: {}", behind.text);
            assert!(!behind.text.contains(&format!("/backorders/invoice/{}", quick.id)), "{link}: {}", behind.text);
        }
    }
    assert!(missed >= 3, "the bar, its row and the cause: {links:?}");
    let open = anna.get("/insights/open?age=2").await;
    assert_eq!(open.status, 200);
    for wrong in ["/insights/open?age=9", "/insights/orders?first=2020-01-01&last=2026-01-01&which=missed"] {
        assert_eq!(anna.get(wrong).await.status, 404, "{wrong}");
    }
}

#[tokio::test]
async fn another_rule_judges_again() {
    let shop = Shop::open(Mode::Automatic).await;
    let day = today(&shop);
    let sale = sell(&shop, 3, day).await;
    shop.sweep().await;
    shop.clock.advance(Duration::from_secs(48 * 3600));
    shop.sweep().await;
    shop.erp.control("/sandbox/fulfil", json!({ "code": sale.id })).await;
    shop.sweep().await;
    assert_eq!(recorded(&shop, &sale).await.judged.miss.as_deref(), Some("not_shipped_though_ready"));
    shop.set(|settings| settings.difot.after_days = Some(5)).await;
    shop.sweep().await;
    assert_eq!(recorded(&shop, &sale).await.judged.miss, None);
}

/// Where the sums that are kept differ from those of the lines: no rows if they are the same.
const DIFFERENT_SUMS: &str = "
    WITH line AS (
        SELECT *, due_on - (extract(isodow FROM due_on)::int - 1) AS week FROM line_record
        WHERE due_on IS NOT NULL AND counts_from IS NOT NULL
    ),
    counted AS (
        SELECT 'all' AS what, * FROM line
        UNION ALL SELECT 'missed', * FROM line WHERE miss IS NOT NULL
        UNION ALL SELECT miss, * FROM line WHERE miss IS NOT NULL
    ),
    of_lines AS (
        SELECT tenant_id, week, what, counts_from, count(*) AS lines, sum(ordered) AS due, sum(delivered_by_due) AS done
        FROM counted GROUP BY tenant_id, week, what, counts_from
    ),
    of_orders AS (
        SELECT tenant_id, week, what, counts_from, count(*) AS orders
        FROM (
            SELECT tenant_id, week, what, min(counts_from) AS counts_from FROM counted
            GROUP BY tenant_id, week, what, kind, document_id
        ) AS first
        GROUP BY tenant_id, week, what, counts_from
    )
    SELECT COALESCE(s.week, l.week)::text || ' ' || COALESCE(s.what, l.what)
    FROM due_sum s
    FULL JOIN (SELECT * FROM of_lines LEFT JOIN of_orders USING (tenant_id, week, what, counts_from)) AS l
        USING (tenant_id, week, what, counts_from)
    WHERE (s.orders, s.lines, s.units_due, s.units_delivered)
        IS DISTINCT FROM (COALESCE(l.orders, 0), l.lines, l.due, l.done)";

async fn assert_sums_of_lines(tx: &tokio_postgres::Transaction<'_>) {
    let different: Vec<String> =
        tx.query(DIFFERENT_SUMS, &[]).await.unwrap().iter().map(|row| row.get::<_, String>(0)).collect();
    assert_eq!(different, Vec::<String>::new());
}

#[tokio::test]
async fn kept_sums_stay_those_of_the_lines_when_lines_change_and_are_forgotten() {
    let shop = Shop::open(Mode::Watch).await;
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, shop.tenant).await.unwrap();
    let rule = DifotRule::default();
    let judged = |seed: u64, today: Date| {
        let (mut row, record) = random_line(seed);
        let verdict = difot::verdict(&rule, &record, today);
        row.judged = Judged {
            counts_from: verdict.map(|verdict| verdict.from),
            miss: verdict.and_then(|verdict| verdict.miss).map(|cause| cause.as_str().to_owned()),
            delivered_by_due: difot::delivered_by_due(&record),
            rule: String::new(),
        };
        row
    };
    let rows: Vec<RecordedLine> = (1..=400).map(|seed| judged(seed, date(2026, 10, 20))).collect();
    line_record::put(&tx, shop.tenant, &rows).await.unwrap();
    assert_sums_of_lines(&tx).await;
    // every third line becomes what another one was, a few days later
    let changed: Vec<RecordedLine> = rows
        .iter()
        .step_by(3)
        .zip(1000..)
        .map(|(row, seed)| {
            let other = judged(seed, date(2026, 10, 25));
            RecordedLine { document: row.document.clone(), line: row.line.clone(), ..other }
        })
        .collect();
    line_record::put(&tx, shop.tenant, &changed).await.unwrap();
    assert_sums_of_lines(&tx).await;

    // of documents that are no longer known, what was due before a day goes, a few lines at a time
    let count = async || -> i64 { tx.query_one("SELECT count(*) FROM line_record", &[]).await.unwrap().get(0) };
    let before = count().await;
    retention::enter(&tx, shop.tenant).await.unwrap();
    let over = Over { tenant: shop.tenant, before: "2026-10-22T00:00:00Z".parse().unwrap(), limit: 7 };
    for _ in 0..5 {
        assert!(retention::forget(&tx, Old::LineRecord, over).await.unwrap() > 0);
        assert_sums_of_lines(&tx).await;
    }
    while retention::forget(&tx, Old::LineRecord, over).await.unwrap() > 0 {}
    assert_sums_of_lines(&tx).await;
    assert!((1..before).contains(&count().await), "what was due later stays");
    let after = Over { before: "2027-01-01T00:00:00Z".parse().unwrap(), limit: 1000, ..over };
    while retention::forget(&tx, Old::LineRecord, after).await.unwrap() > 0 {}
    let left: i64 = tx.query_one("SELECT count(*) FROM due_sum", &[]).await.unwrap().get(0);
    assert_eq!((count().await, left), (0, 0), "with the last line the last sum goes");
}

/// A line of the random test: everything from a few numbers.
fn random_line(seed: u64) -> (RecordedLine, LineRecord) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut pick = |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        i32::try_from(state % below).unwrap()
    };
    let base = date(2026, 10, 5);
    let day = |days: i32| base.checked_add(jiff::Span::new().days(days)).unwrap();
    let order = format!("S{}", pick(200));
    let fulfilment = Fulfilment {
        due: (pick(8) > 0).then(|| day(pick(40))),
        ordered: Quantity::from_millionths(1_500_000 * i64::from(1 + pick(9))),
        deliveries: (0..pick(3)).map(|n| (day(10 * n + pick(9)), Quantity::units(i64::from(1 + pick(8))))).collect(),
        cancelled_on: (pick(6) == 0).then(|| day(pick(40))),
        for_lack_of_stock: pick(2) == 0,
        ready_on: (pick(3) == 0).then(|| day(pick(40))),
        given_to_others: pick(3) == 0,
    };
    let mut record = fulfilment.record();
    record.order = order.as_str().into();
    record.line = seed.to_string().as_str().into();
    record.course.ready_on = fulfilment.ready_on;
    record.course.given_to_others = fulfilment.given_to_others;
    let document = DocumentRef::new(DocumentKind::Invoice, order);
    let line =
        RecordedLine { document, line: seed.to_string(), drop_ship: false, fulfilment, judged: Judged::default() };
    (line, record)
}

#[tokio::test]
async fn sums_of_the_database_are_those_of_the_rules() {
    let shop = Shop::open(Mode::Watch).await;
    let rule = DifotRule { after_days: Some(1), under_percent: Quantity::units(10), ..DifotRule::default() };
    let seen_on = date(2026, 10, 30);
    let (mut rows, records): (Vec<RecordedLine>, Vec<LineRecord>) = (1..=400).map(random_line).unzip();
    for (row, record) in rows.iter_mut().zip(&records) {
        let verdict = difot::verdict(&rule, record, seen_on);
        row.judged = Judged {
            counts_from: verdict.map(|verdict| verdict.from),
            miss: verdict.and_then(|verdict| verdict.miss).map(|cause| cause.as_str().to_owned()),
            delivered_by_due: difot::delivered_by_due(record),
            rule: String::new(),
        };
    }
    let mut client = shop.pool.get().await.unwrap();
    let tx = client.transaction().await.unwrap();
    db::enter_tenant(&tx, shop.tenant).await.unwrap();
    line_record::put(&tx, shop.tenant, &rows).await.unwrap();
    let (first, last) = (date(2026, 10, 12), date(2026, 11, 8));
    // on the day itself, and later, when the time of more lines has run out with no more news of them
    for day in [seen_on, date(2026, 11, 3), date(2026, 11, 20)] {
        let period = Period { first, last, today: day };
        let expected = difot::report(&rule, &records, first, last, day);
        let due = insights::due(&tx, shop.tenant, period).await.unwrap();
        let (weeks, found) = (&due.weeks, &due.whole);
        assert!(expected.orders.counted > 10 && expected.orders.passed > 0, "{expected:?}");
        assert_eq!((found.orders, found.lines), (expected.orders, expected.lines), "{day}");
        let millionths = |units: rust_decimal::Decimal| i128::from(Quantity::from_decimal(units).millionths());
        assert_eq!(millionths(found.units_due), expected.units_due);
        assert_eq!(millionths(found.units_delivered), expected.units_delivered);
        let causes: std::collections::BTreeMap<_, u64> =
            due.causes.iter().map(|(cause, lines, _)| (*cause, *lines)).collect();
        assert_eq!(causes, expected.causes);
        for (cause, _, orders) in &due.causes {
            let which = Which::MissedFor(*cause);
            let behind = insights_behind::orders(&tx, shop.tenant, period, which, None, 1000).await.unwrap();
            assert_eq!(behind.len() as u64, *orders, "{cause:?}: the bar opens the orders that it counts");
        }
        // page by page, the bar opens as many orders as it counts
        let mut missed = Vec::new();
        loop {
            let after = missed.last().map(|row: &insights_behind::DueOrder| (row.due, row.document.clone()));
            let page =
                insights_behind::orders(&tx, shop.tenant, period, Which::Missed, after.as_ref(), 3).await.unwrap();
            if page.is_empty() {
                break;
            }
            missed.extend(page);
        }
        assert_eq!(missed.len(), expected.missed_orders.len());
        assert_eq!(weeks.iter().map(|week| week.lines.counted).sum::<u64>(), expected.lines.counted);
    }
}
