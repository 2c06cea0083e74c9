//! People at work in both companies: they sell, ask for more, receive what was ordered, deliver; and of some items they
//! also cancel and lower.

use std::time::Duration;

use anyhow::Result;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::chance::Chance;
use crate::scene::Erp;

/// Open sales of a company above which nothing more is sold.
const MOST_OPEN: usize = 40;

/// What a company sells. Of `steady` items nothing is ever lowered or cancelled: what was bought must be exactly what
/// was sold beyond stock.
#[derive(Debug, Clone)]
pub(crate) struct Range {
    pub(crate) company: i64,
    pub(crate) steady: Vec<Stocked>,
    pub(crate) moody: Vec<Stocked>,
}

/// An item and how much of it was there at first.
#[derive(Debug, Clone)]
pub(crate) struct Stocked {
    pub(crate) item: String,
    pub(crate) stock: Decimal,
}

/// Makes the items of a company.
pub(crate) async fn items(erp: &Erp, company: i64, chance: &mut Chance) -> Result<Range> {
    let mut range = Range { company, steady: Vec::new(), moody: Vec::new() };
    for number in 0..10_u32 {
        let stock = quantity(chance, 40);
        let body = json!({
            "company": company, "name": format!("Article {number}"), "vendor": format!("C-000000{}", number % 3 + 1),
            "lead_days": 3, "cost": "1.25", "stock": stock,
        });
        let made = erp.control("/sandbox/items", &body).await?;
        let item = made["code"].as_str().unwrap_or_default().to_owned();
        let list = if number < 7 { &mut range.steady } else { &mut range.moody };
        list.push(Stocked { item, stock });
    }
    Ok(range)
}

/// Eighths, so that a float would be exact and a third would not: some are thousandths.
fn quantity(chance: &mut Chance, most: u64) -> Decimal {
    let whole = Decimal::from(chance.between(1, most));
    match chance.below(3) {
        0 => whole + Decimal::new(i64::try_from(chance.below(1000)).unwrap_or_default(), 3),
        _ => whole,
    }
}

/// Works until told to stop; gives how many sales there were.
pub(crate) async fn work(
    erp: Erp,
    range: Range,
    mut chance: Chance,
    pause: Duration,
    stop: watch::Receiver<bool>,
) -> usize {
    let mut sales = 0;
    while !*stop.borrow() {
        let milliseconds = u64::try_from(pause.as_millis()).unwrap_or(1000);
        tokio::time::sleep(Duration::from_millis(chance.between(milliseconds / 2, milliseconds * 3 / 2))).await;
        // a refusal is an answer too: goods that are not there are not delivered
        let Ok(state) = erp.look("/sandbox/state").await else { continue };
        let company = state["companies"].as_array().into_iter().flatten().find(|one| one["id"] == range.company);
        let Some(company) = company else { continue };
        // as in a shop: when much is open, people deliver before they sell
        let open = open_sales(company, &range.steady).len() + open_sales(company, &range.moody).len();
        let least = if open > MOST_OPEN { 9 } else { 0 };
        let done = match chance.between(least, 19) {
            0..=6 => sell(&erp, &range, &mut chance).await.inspect(|()| sales += 1),
            7 | 8 => ask_for_more(&erp, &range, company, &mut chance).await,
            9..=14 => receive(&erp, &range, company, &mut chance).await,
            15..=18 => deliver(&erp, &range, company, &mut chance).await,
            _ => change_their_mind(&erp, &range, company, &mut chance).await,
        };
        drop(done);
    }
    sales
}

async fn sell(erp: &Erp, range: &Range, chance: &mut Chance) -> Result<()> {
    let list = if chance.below(4) == 0 { &range.moody } else { &range.steady };
    let mut lines: Vec<Value> = Vec::new();
    for _ in 0..chance.between(1, 2) {
        let Some(one) = chance.pick(list) else { continue };
        if lines.iter().all(|line| line["item"] != one.item.as_str()) {
            lines.push(json!({ "item": one.item, "quantity": quantity(chance, 12) }));
        }
    }
    let kind = if chance.below(3) == 0 { "sales_order" } else { "invoice" };
    let body = json!({
        "company": range.company, "kind": kind, "customer": "Rösterei Anselm", "need_by": "2027-12-05", "lines": lines,
    });
    erp.control("/sandbox/sales", &body).await.map(drop)
}

/// Open sales all of whose lines are of that list.
fn open_sales<'a>(company: &'a Value, list: &'a [Stocked]) -> Vec<&'a Value> {
    let of_list = |line: &Value| list.iter().any(|one| line["item"] == one.item.as_str());
    let sales = company["sales"].as_array().into_iter().flatten();
    let is_open = |sale: &&Value| matches!(sale["status"].as_str(), Some("OPEN" | "PARTIAL_PROCESSED"));
    sales
        .filter(is_open)
        .filter(|sale| sale["lines"].as_array().is_some_and(|lines| lines.iter().all(of_list)))
        .collect()
}

async fn ask_for_more(erp: &Erp, range: &Range, company: &Value, chance: &mut Chance) -> Result<()> {
    let open = open_sales(company, &range.steady);
    let Some(sale) = chance.pick(&open) else { return Ok(()) };
    let line = &sale["lines"][0];
    let more = decimal(&line["quantity"]) + quantity(chance, 5);
    let lines = json!([{ "line": line["code"], "quantity": more }]);
    let body = json!({ "company": range.company, "code": sale["code"], "lines": lines });
    erp.control("/sandbox/edit", &body).await.map(drop)
}

async fn receive(erp: &Erp, range: &Range, company: &Value, chance: &mut Chance) -> Result<()> {
    let orders: Vec<&Value> = company["purchase_orders"].as_array().into_iter().flatten().collect();
    let is_open = |order: &&&Value| matches!(order["status"].as_str(), Some("OPEN" | "PARTIAL_PROCESSED"));
    let open: Vec<&&Value> = orders.iter().filter(is_open).collect();
    let Some(order) = chance.pick(&open) else { return Ok(()) };
    let mut body = json!({ "company": range.company, "code": order["code"] });
    if chance.below(3) == 0 {
        // a part of it
        let line = &order["lines"][0];
        let left = decimal(&line["quantity"]) - decimal(&line["received"]);
        body["lines"] = json!([{ "line": line["code"], "quantity": (left / Decimal::TWO).round_dp(3) }]);
    }
    erp.control("/sandbox/receive", &body).await.map(drop)
}

async fn deliver(erp: &Erp, range: &Range, company: &Value, chance: &mut Chance) -> Result<()> {
    let mut open = open_sales(company, &range.steady);
    open.extend(open_sales(company, &range.moody));
    let Some(sale) = chance.pick(&open) else { return Ok(()) };
    let body = json!({ "company": range.company, "code": sale["code"] });
    erp.control("/sandbox/fulfil", &body).await.map(drop)
}

async fn change_their_mind(erp: &Erp, range: &Range, company: &Value, chance: &mut Chance) -> Result<()> {
    let open = open_sales(company, &range.moody);
    let Some(sale) = chance.pick(&open) else { return Ok(()) };
    let line = &sale["lines"][0];
    let half = (decimal(&line["quantity"]) / Decimal::TWO).round_dp(3).max(decimal(&line["fulfilled"]));
    if chance.below(2) == 0 {
        let body = json!({ "company": range.company, "code": sale["code"] });
        return erp.control("/sandbox/cancel", &body).await.map(drop);
    }
    let lines = json!([{ "line": line["code"], "quantity": half }]);
    let body = json!({ "company": range.company, "code": sale["code"], "lines": lines });
    erp.control("/sandbox/edit", &body).await.map(drop)
}

/// A quantity as the sandbox writes it.
pub(crate) fn decimal(value: &Value) -> Decimal {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    text.parse().unwrap_or_default()
}
