//! The worked cases of public tests of other systems, and the true pair of the format.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use backorders::domain::plan::{Plan, plan};
use backorders::domain::quantity::Quantity;
use backorders::domain::snapshot::Snapshot;
use backorders::plan_command::read_snapshot;
use serde_json::Value;

fn data(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// JSON text without the blanks between its tokens.
fn compact(text: &str) -> String {
    let mut in_string = false;
    text.chars()
        .filter(|character| {
            in_string ^= *character == '"';
            in_string || !character.is_whitespace()
        })
        .collect()
}

#[test]
fn the_true_pair_is_byte_for_byte() {
    let snapshot = read_snapshot(data("pair_snapshot.json").as_bytes()).unwrap();
    assert_eq!(serde_json::to_string(&plan(&snapshot)).unwrap(), compact(&data("pair_plan.json")));
}

#[test]
fn a_plan_that_is_read_back_is_the_same_plan() {
    let read: Plan = serde_json::from_str(&data("pair_plan.json")).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), compact(&data("pair_plan.json")));
}

#[test]
fn every_worked_case_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cases");
    let mut checked = 0;
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let case: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let snapshot = read_snapshot(case["snapshot"].to_string().as_bytes()).unwrap();
        let plan = plan(&snapshot);
        let Value::Object(expected) = &case["expect"] else { panic!("{}: no expectation", path.display()) };
        for (what, expected) in expected {
            check(what, expected, &snapshot, &plan).unwrap_or_else(|problem| {
                panic!("{} {what}: {problem}\nexpected {expected:#}\nplan {plan:#?}", path.display())
            });
        }
        checked += 1;
    }
    assert!(checked >= 13, "only {checked} cases were found");
}

fn check(what: &str, expected: &Value, snapshot: &Snapshot, plan: &Plan) -> Result<(), String> {
    match what {
        "shortfalls" => same(&rows(expected), &plan_rows(plan, |line| line.shortfall)),
        "allocations" => same(&rows(expected), &plan_rows(plan, |line| line.from_stock)),
        "ready_orders" => {
            let ready: BTreeSet<String> =
                plan.orders.iter().filter(|order| order.ready).map(|order| order.order.to_string()).collect();
            same(&strings(expected), &ready)
        }
        "purchase_order_count" => same(&expected.as_u64().unwrap(), &(plan.purchase_orders.len() as u64)),
        "purchase_line_count" => {
            same(&expected.as_u64().unwrap(), &plan.purchase_orders.iter().map(|order| order.lines.len() as u64).sum())
        }
        "warehouse_shipments" => {
            let from_stock = plan.lines.iter().filter(|line| line.from_stock.is_positive()).count() as u64;
            same(&expected.as_u64().unwrap(), &from_stock)
        }
        "order_quantity_lines" => {
            let bought: BTreeSet<(String, Quantity)> = plan
                .purchase_orders
                .iter()
                .flat_map(|order| order.lines.iter().map(|line| (line.item.to_string(), line.qty)))
                .collect();
            let wanted =
                expected.as_array().unwrap().iter().map(|row| (text(&row["sku"]), figure(&row["qty"]))).collect();
            same(&wanted, &bought)
        }
        "promise_day" => expected.as_array().unwrap().iter().try_for_each(|row| {
            let line =
                plan.lines.iter().find(|line| line.order == *text(&row["order"]).as_str()).ok_or("no such line")?;
            let days = line.promise.map(|promise| snapshot.today.until(promise).unwrap().get_days());
            same(&row["day"].as_i64(), &days.map(i64::from))
        }),
        "purchase_orders" => purchase_orders(expected.as_array().unwrap(), snapshot, plan),
        other => Err(format!("nothing checks {other}")),
    }
}

fn purchase_orders(expected: &[Value], snapshot: &Snapshot, plan: &Plan) -> Result<(), String> {
    same(&expected.len(), &plan.purchase_orders.len())?;
    for row in expected {
        let order = plan
            .purchase_orders
            .iter()
            .find(|order| order.vendor == *text(&row["vendor"]).as_str())
            .ok_or_else(|| format!("nothing is bought from {}", row["vendor"]))?;
        let place = match (&order.ship_to, &order.warehouse) {
            (Some(customer), _) => format!("customer:{customer}"),
            (None, Some(warehouse)) => warehouse.to_string(),
            (None, None) => String::new(),
        };
        same(&text(&row["ship_to"]), &place)?;
        let lines: Vec<(String, Quantity)> = order.lines.iter().map(|line| (line.item.to_string(), line.qty)).collect();
        let wanted: Vec<(String, Quantity)> =
            row["lines"].as_array().unwrap().iter().map(|line| (text(&line["sku"]), figure(&line["qty"]))).collect();
        same(&wanted, &lines)?;
        if let Some(price) = row.get("unit_price") {
            same(&Some(price.to_string()), &order.lines[0].price.map(|price| price.to_string()))?;
        }
        if let Some(amount) = row.get("amount") {
            same(&Some(amount.to_string()), &order.total.map(|total| total.to_string()))?;
        }
        if let Some(days) = row.get("lead_days") {
            same(&days.as_i64().unwrap(), &i64::from(snapshot.today.until(order.expected).unwrap().get_days()))?;
        }
    }
    Ok(())
}

fn same<T: PartialEq + std::fmt::Debug>(expected: &T, actual: &T) -> Result<(), String> {
    if expected == actual { Ok(()) } else { Err(format!("expected {expected:?}, got {actual:?}")) }
}

fn rows(expected: &Value) -> BTreeSet<(String, String, Quantity)> {
    let rows = expected.as_array().unwrap().iter();
    rows.map(|row| (text(&row["order"]), text(&row["sku"]), figure(&row["qty"]))).collect()
}

fn plan_rows(
    plan: &Plan,
    of: impl Fn(&backorders::domain::plan::PlanLine) -> Quantity,
) -> BTreeSet<(String, String, Quantity)> {
    let lines = plan.lines.iter().filter(|line| of(line).is_positive());
    lines.map(|line| (line.order.to_string(), line.item.to_string(), of(line))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn figure(value: &Value) -> Quantity {
    value.to_string().parse().unwrap()
}

fn strings(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(text).collect()
}
