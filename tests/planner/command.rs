//! `backorders plan` as a person or a script runs it.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::json;

use crate::support::{order, supply, with};

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_backorders"))
        .arg("plan")
        .args(arguments)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

const PAIR: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/pair_snapshot.json");

#[test]
fn a_snapshot_on_standard_input_or_in_a_file_gives_one_json_plan() {
    let text = std::fs::read_to_string(PAIR).unwrap();
    let from_input = run(&[], &text);
    let from_file = run(&[PAIR], "");
    assert_eq!(from_input.status.code(), Some(0));
    assert_eq!(from_input.stdout, from_file.stdout);
    assert!(from_input.stderr.is_empty());
    let plan: serde_json::Value = serde_json::from_slice(&from_input.stdout).unwrap();
    assert_eq!(plan["lines"][0]["shortfall"], "7");
}

#[test]
fn text_that_is_no_snapshot_exits_2_with_one_line_that_names_the_path() {
    let text = r#"{"today":"2026-01-05","orders":[{"id":"A","date":"2026-01-05","lines":[{"id":"1","item":"A","warehouse":"W","ordered":"5,0"}]}]}"#;
    let output = run(&[], text);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "orders[0].lines[0].ordered: not a decimal: \"5,0\"\n");
}

#[test]
fn a_file_that_is_not_there_exits_2_and_says_so() {
    let output = run(&["/nowhere/snapshot.json"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}

#[test]
fn explain_writes_the_plan_for_people() {
    let output = run(&["--explain", PAIR], "");
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        text,
        "Plan of 2026-11-23

SO-1 for C1: complete on 2026-12-08
  line 1 A: 12 ordered − 4 from stock − 1 arriving 2026-12-03 = 7 short, 3 days late
    4 on 2026-11-23
    1 on 2026-12-03
    7 on 2026-12-08

Buy from V1 to WH, expected 2026-12-08
  2 pack6 of A at 10 EUR
    12 ordered − 4 from stock − 1 arriving 2026-12-03 = 7 short; 2 packs of 6 = 12, 5 over
    for SO-1 line 1: 7
  total 20 EUR
"
    );
}

#[test]
fn explain_says_what_changes_and_who_decides() {
    let order = |id: &str, status: &str, item: &str, ordered: &str| {
        let lines = json!([{"id": "1", "item": item, "warehouse": "W", "ordered": ordered}]);
        json!({"id": id, "status": status, "date": "2026-01-05", "lines": lines})
    };
    let supply = |po: &str, state: &str, item: &str, pegs: &[(&str, &str)]| {
        let ordered: u32 = pegs.iter().map(|(_, qty)| qty.parse::<u32>().unwrap()).sum();
        let pegs: Vec<_> =
            pegs.iter().map(|(order, qty)| json!({"order": order, "line": "1", "qty": qty, "wanted": qty})).collect();
        json!({"po": po, "line": "1", "item": item, "warehouse": "W", "vendor": "V1", "ordered": ordered, "ours": true,
            "state": state, "due": "2026-01-05", "for": pegs})
    };
    let snapshot = json!({
        "today": "2026-01-05",
        "orders": [
            order("SO-1", "open", "A", "5"),
            order("SO-2", "cancelled", "A", "3"),
            order("SO-3", "cancelled", "B", "4"),
        ],
        "supply": [
            supply("PO-1", "draft", "A", &[("SO-1", "5"), ("SO-2", "3")]),
            supply("PO-2", "confirmed", "B", &[("SO-3", "4")]),
        ],
    });
    let output = run(&["--explain"], &snapshot.to_string());
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        "Plan of 2026-01-05

SO-1: complete on 2026-01-05
  line 1 A: 5 ordered − 5 on PO-1 2026-01-05
    5 on 2026-01-05

Changes to purchase orders of ours
  PO-1 line 1: 5 instead of 8 (our untouched draft, changed by itself)
  PO-2 line 1: 0 instead of 4 (a person decides)
"
    );
}

#[test]
fn explain_says_why_nothing_is_bought() {
    let explained = |policy: serde_json::Value| {
        let order = with(order("S", "5"), json!({"need_by": "2026-03-01"}));
        let vendor = json!({"item": "A", "vendor": "V", "lead_days": 10});
        let snapshot = json!({"today": "2026-01-05", "policy": policy, "orders": [order], "vendors": [vendor]});
        let text = String::from_utf8(run(&["--explain"], &snapshot.to_string()).stdout).unwrap();
        text.lines().find(|line| line.starts_with("  line 1")).unwrap().trim_start().to_owned()
    };
    for (policy, reason) in [
        (json!({}), ""),
        (json!({"buy": "nothing"}), ", nothing is bought for it"),
        (json!({"ignore_below": "5"}), ", not bought: 5 and less is ignored"),
        (json!({"buy_ahead_days": 3}), ", bought on 2026-02-16, not before"),
    ] {
        assert_eq!(explained(policy), format!("line 1 A: 5 ordered = 5 short{reason}"));
    }
}

#[test]
fn explain_says_how_late_a_line_is_and_nothing_where_it_is_in_time() {
    let explained = |due: &str| {
        let order = with(order("S", "5"), json!({"need_by": "2026-01-12"}));
        let snapshot = json!({"today": "2026-01-05", "orders": [order], "supply": [supply("P", "5", json!(due))]});
        let text = String::from_utf8(run(&["--explain"], &snapshot.to_string()).stdout).unwrap();
        text.lines().find(|line| line.starts_with("  line 1")).unwrap().to_owned()
    };
    assert!(explained("2026-01-15").ends_with(", 3 days late"), "{}", explained("2026-01-15"));
    assert!(!explained("2026-01-12").contains("late"));
    assert!(!explained("2026-01-08").contains("late"));
}
