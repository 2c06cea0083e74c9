//! The reader of snapshots under hostile text: it answers, it does not panic, and what it takes can be planned.

use backorders::domain::plan::plan;
use backorders::domain::quantity::Quantity;
use backorders::domain::snapshot::{PerComponent, Snapshot};
use backorders::plan_command::read_snapshot;
use proptest::prelude::*;
use serde_json::json;

/// The pair of the format, which holds most keys, and one snapshot of the rest.
const SEEDS: [&str; 2] = [
    include_str!("../data/pair_snapshot.json"),
    r#"{"today":"2026-01-05","policy":{"stock_scope":["W"],"rates":{"USD":"1/3"},"overrides":[{"item":"K","ship_policy":"any_part"}],"holidays":["2026-01-06"]},"orders":[{"id":"S","kind":"invoice","status":"open","date":"2026-01-05","priority":-1,"min_shipment":1.5,"lines":[{"id":"1","item":"K","warehouse":"W","ordered":3e2,"received_for":{"A":"1"},"not_bought":0.5}]}],"kits":[{"item":"K","components":[{"item":"A","per_kit":"2/7"},{"item":"B","fixed":1}]}],"supply":[{"po":"P","line":"1","item":"A","ordered":"4","drop_ship":true,"ours":true,"for":[{"order":"S","line":"1","component":"A","qty":"4","wanted":"4"}]}],"costs":[{"item":"A","price":"0.000000000001"}]}"#,
];

/// Pieces that readers of numbers, dates and JSON stumble over.
const PIECES: [&str; 24] = [
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "null",
    "true",
    "-",
    "1e999999999",
    "1e-999999999",
    "0.0000000000000000000000001",
    "99999999999999999999999999999999999999999999",
    "\"1/0\"",
    "\"-0\"",
    "\"9999-12-31\"",
    "\"2026-02-30\"",
    "\\u0000",
    "\u{feff}",
    "NaN",
    "\"\"",
    "2147483648",
    "{\"$serde_json::private::Number\":\"5\"}",
];

#[test]
fn what_is_of_another_kind_is_refused_with_what_may_stand_there() {
    for (given, wants) in [
        (json!({"today": 5}), "today: invalid type: integer `5`, expected a date as \"YYYY-MM-DD\""),
        (json!({"policy": {"holidays": 5}}), "policy.holidays: invalid type: integer `5`, expected a list of dates"),
        (
            json!({"policy": {"stock_scope": 5}}),
            "policy.stock_scope: invalid type: integer `5`, expected \"order_warehouse\", \"all\" or a list of warehouses",
        ),
        (json!({"policy": {"rates": 5}}), "policy.rates: invalid type: integer `5`, expected an object"),
        (
            json!({"stock": [{"item": "A", "warehouse": "W", "on_hand": true}]}),
            "stock[0].on_hand: invalid type: boolean `true`, expected a decimal as a string or a number",
        ),
        (json!({"stock": [{"item": 7}]}), "stock[0].item: invalid type: integer `7`, expected a string"),
        (json!({"orders": [{"lines": 5}]}), "orders[0].lines: invalid type: integer `5`, expected a list"),
        (
            json!({"orders": [{"lines": [{"received_for": true}]}]}),
            "orders[0].lines[0].received_for: invalid type: boolean `true`, expected a decimal, or an object of decimals by component",
        ),
    ] {
        let mut snapshot = json!({"today": "2026-01-05"});
        snapshot.as_object_mut().unwrap().extend(given.as_object().unwrap().clone());
        let error = read_snapshot(snapshot.to_string().as_bytes()).unwrap_err();
        assert_eq!(format!("{}: {}", error.path, error.problem), wants);
    }
}

#[test]
fn a_quantity_by_component_is_an_object_and_one_for_the_line_a_figure_however_it_is_written() {
    let read = |received: &serde_json::Value| {
        let line = json!({"id": "1", "item": "K", "warehouse": "W", "ordered": 3, "received_for": received});
        let snapshot = json!({"today": "2026-01-05", "orders": [{"id": "A", "date": "2026-01-05", "lines": [line]}]});
        let from_text = read_snapshot(snapshot.to_string().as_bytes()).unwrap();
        assert_eq!(serde_json::from_value::<Snapshot>(snapshot).unwrap(), from_text);
        from_text.orders[0].lines[0].received_for.clone()
    };
    let quantity = |text: &str| text.parse::<Quantity>().unwrap();
    for (given, figure) in [(json!(2), "2"), (json!(-2), "-2"), (json!("2.5"), "2.5")] {
        assert_eq!(read(&given), PerComponent::Line(quantity(figure)));
        assert_eq!(read(&given), PerComponent::from(quantity(figure)));
    }
    let by_component = [("A".into(), quantity("2")), ("B".into(), quantity("0.5"))];
    assert_eq!(read(&json!({"A": 2, "B": "0.5"})), PerComponent::Components(Box::new(by_component.into())));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { 10_000 }, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_snapshot_or_an_error_of_one_line(
        seed in 0..SEEDS.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..PIECES.len() + 4, any::<u8>()), 1..6),
    ) {
        let mut text = SEEDS[seed].as_bytes().to_vec();
        for (at, what, byte) in edits {
            let at = at.index(text.len() + 1);
            match what.checked_sub(PIECES.len()) {
                None => drop(text.splice(at..at, PIECES[what].bytes())),
                Some(0) => drop(text.splice(at..text.len().min(at + usize::from(byte % 16)), [])),
                Some(1) => text.insert(at, byte),
                Some(2) => text.truncate(at),
                Some(_) => {
                    let end = text.len().min(at + usize::from(byte));
                    let again = text[at..end].to_vec();
                    drop(text.splice(at..at, again));
                }
            }
        }
        match read_snapshot(&text) {
            Ok(snapshot) => drop(serde_json::to_string(&plan(&snapshot)).unwrap()),
            Err(error) => prop_assert!(!error.path.is_empty() && !error.problem.is_empty()),
        }
    }
}
