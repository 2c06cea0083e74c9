//! Some hundred small snapshots whose plans were worked out by hand from domain.md and plan-format.md alone, one a line
//! of `worked.jsonl`: what it says, the snapshot, and what is expected of the plan, each row in a few words:
//!
//! - `lines`: order/line/item open=stock+own+incoming+shortfall, and `nb` what is not bought
//! - `dates`: order/line/item date:quantity of each delivery -> promise late days
//! - `purchase_orders`: vendor, warehouse or >ship-to, currency, total, expected [item quantity unit=stock units @price, `!`
//!   where the price is marked, surplus, for whom how much]
//! - `orders`: B backorder, R ready, P part ready, promise
//! - `changes`: po/line from->to how, and the pegs after it
//! - `exceptions`: kind order line item

use backorders::domain::plan::plan;
use backorders::plan_command::read_snapshot;
use serde_json::Value;

const WORKED: &str = include_str!("../data/worked.jsonl");

/// A value as it stands in a row; absent as `None`, as null is.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| if value.is_null() { "None".to_owned() } else { value.to_string() }, str::to_owned)
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn joined(value: &Value, separator: &str, row: impl Fn(&Value) -> String) -> String {
    rows(value).iter().map(row).collect::<Vec<_>>().join(separator)
}

fn place(row: &Value) -> String {
    format!("{}/{}/{}", text(&row["order"]), text(&row["line"]), text(&row["item"]))
}

fn peg(peg: &Value) -> String {
    let component = peg["component"].as_str().map(|item| format!("/{item}")).unwrap_or_default();
    format!("{}/{}{component}:{}", text(&peg["order"]), text(&peg["line"]), text(&peg["qty"]))
}

fn line(row: &Value) -> String {
    let [open, stock, own, incoming, short, not_bought] =
        ["open", "from_stock", "from_own", "from_incoming", "shortfall", "not_bought"].map(|key| text(&row[key]));
    let not_bought = if not_bought == "0" { String::new() } else { format!(" nb{not_bought}") };
    format!("{} {open}={stock}+{own}+{incoming}+{short}{not_bought}", place(row))
}

fn dates(row: &Value) -> String {
    let deliveries = joined(&row["deliveries"], ",", |part| format!("{}:{}", text(&part["date"]), text(&part["qty"])));
    format!("{} {deliveries} -> {} late {}", place(row), text(&row["promise"]), text(&row["late_days"]))
}

fn purchase_order(order: &Value) -> String {
    let place = match order["drop_ship"].as_bool() {
        Some(true) => format!(">{}", text(&order["ship_to"])),
        _ => text(&order["warehouse"]),
    };
    let [vendor, currency, total, expected] = ["vendor", "currency", "total", "expected"].map(|key| text(&order[key]));
    let lines = joined(&order["lines"], "; ", |line| {
        let [item, qty, stock_qty, price, surplus] =
            ["item", "qty", "stock_qty", "price", "surplus"].map(|key| text(&line[key]));
        let unit = line["unit"].as_str().unwrap_or_default();
        let mark = if line["price_note"].is_null() { "" } else { "!" };
        let pegs = joined(&line["for"], ",", peg);
        format!("{item} {qty} {unit}={stock_qty} @{price}{mark} sur {surplus} for {pegs}")
    });
    format!("{vendor} {place} {currency} {total} {expected} [{lines}]")
}

fn order(row: &Value) -> String {
    let mut said = text(&row["order"]) + if row["backorder"] == true { " B" } else { " -" };
    for (key, letter) in [("ready", " R"), ("part_ready", " P")] {
        said += if row[key] == true { letter } else { "" };
    }
    format!("{said} {}", text(&row["promise"]))
}

fn change(row: &Value) -> String {
    let [po, line, from, to, how] = ["po", "line", "from", "to", "how"].map(|key| text(&row[key]));
    format!("{po}/{line} {from}->{to} {how} {}", joined(&row["for"], ",", peg))
}

fn exception(row: &Value) -> String {
    ["kind", "order", "line", "item"].map(|key| text(&row[key])).join(" ")
}

/// How a row of the plan is written in few words.
type Row = fn(&Value) -> String;

#[test]
fn snapshots_worked_out_by_hand_give_the_plans_that_the_text_says() {
    let mut compared = 0;
    for worked in WORKED.lines() {
        let worked: Value = serde_json::from_str(worked).unwrap();
        let snapshot = read_snapshot(worked["snapshot"].to_string().as_bytes()).unwrap();
        let plan = serde_json::to_value(plan(&snapshot)).unwrap();
        let parts: [(&str, &str, Row); 6] = [
            ("lines", "lines", line),
            ("dates", "lines", dates),
            ("purchase_orders", "purchase_orders", purchase_order),
            ("orders", "orders", order),
            ("changes", "changes", change),
            ("exceptions", "exceptions", exception),
        ];
        for (expected, key, said) in parts {
            if let Some(expected) = worked.get(expected) {
                let planned: Vec<String> = rows(&plan[key]).iter().map(said).collect();
                assert_eq!(Value::from(planned), *expected, "{}", worked["says"]);
                compared += 1;
            }
        }
    }
    assert!(compared > 272, "{compared}");
}
