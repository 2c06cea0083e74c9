//! Reads a snapshot from JSON, or says at which path it is none.
//!
//! Invariants: an unknown key is an error; a figure is read from its text; what the types alone cannot say (a
//! warehouse is needed but for drop shipments, an id is there once) is checked here, with the path of what is wrong.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::side_by_side;
use crate::domain::name::Name;
use crate::domain::parallel::threads_for;
use crate::domain::policy::Policy;
use crate::domain::snapshot::{OrderLine, Snapshot};

/// Why a text is no snapshot: the JSON path and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct SnapshotError {
    pub path: String,
    pub problem: String,
}

impl SnapshotError {
    fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { path: shortened(path.into()), problem: shortened(problem.into()) }
    }
}

/// Characters of a path or a problem that are shown: both quote the text.
const SHOWN: usize = 300;

fn shortened(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(SHOWN) {
        text.truncate(at);
        text.push('…');
    }
    text
}

/// What some programs write before text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads one JSON snapshot.
///
/// # Errors
/// The first thing that keeps it from being a snapshot.
pub fn read_snapshot(text: &[u8]) -> Result<Snapshot, SnapshotError> {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let snapshot = read_quickly(text).map_or_else(|| read_in_one_piece(text), Ok)?;
    check(&snapshot)?;
    Ok(snapshot)
}

/// Bytes of the shortest document, about: what is to be read on several threads has as many rows as this says.
const BYTES_OF_A_ROW: usize = 100;

/// A large snapshot, on several threads; `None` where one must look at the text as a whole.
fn read_quickly(text: &[u8]) -> Option<Snapshot> {
    let threads = threads_for(text.len() / BYTES_OF_A_ROW);
    if threads == 1 {
        return None;
    }
    side_by_side::read(std::str::from_utf8(text).ok()?, threads)
}

fn read_in_one_piece(text: &[u8]) -> Result<Snapshot, SnapshotError> {
    // Following the path costs a third of the time, so it is only done for a text that is known to be wrong.
    serde_json::from_slice(text).map_err(|error| locate(text, &error))
}

/// Reads again, now following the path.
fn locate(text: &[u8], error: &serde_json::Error) -> SnapshotError {
    let reader = &mut serde_json::Deserializer::from_slice(text);
    let Err(located) = serde_path_to_error::deserialize::<_, Snapshot>(reader) else {
        // The snapshot itself is well, so something follows it.
        return SnapshotError::new("snapshot", error.to_string());
    };
    // What stands for a key that could not be read says nothing.
    let path = located.path().to_string();
    let path = if path == "?" { String::new() } else { path.strip_suffix(".?").unwrap_or(&path).to_owned() };
    let error = located.inner();
    if !error.is_data() {
        let place = format!("line {} column {}", error.line(), error.column());
        return SnapshotError::new(path_or_root(&path), format!("not JSON at {place}: {}", without_place(error)));
    }
    let problem = in_words_of_json(without_place(error));
    if let Some(key) = quoted_after(&problem, "missing field `") {
        return SnapshotError::new(join(&path, key), "is missing");
    }
    if let Some(key) = quoted_after(&problem, "unknown field `") {
        let at =
            if !key.is_empty() && path == key || path.ends_with(&format!(".{key}")) { path } else { join(&path, key) };
        return SnapshotError::new(at, "unknown key");
    }
    if let Some(key) = quoted_after(&problem, "duplicate field `") {
        return SnapshotError::new(join(&path, key), "is there twice");
    }
    SnapshotError::new(path_or_root(&path), problem)
}

/// Names of types as a person knows them who writes JSON: what was found stands first, what was expected last.
fn in_words_of_json(mut problem: String) -> String {
    for (found, word) in [("sequence", "list"), ("map", "object")] {
        if let Some(rest) = problem.strip_prefix(&format!("invalid type: {found},")) {
            problem = format!("invalid type: {word},{rest}");
        }
    }
    for (expected, word) in [("a sequence", "a list"), ("i32", "a whole number of at most 2147483647")] {
        if let Some(rest) = problem.strip_suffix(&format!(", expected {expected}")) {
            problem = format!("{rest}, expected {word}");
        }
    }
    problem
}

fn path_or_root(path: &str) -> &str {
    if path.is_empty() || path == "." { "snapshot" } else { path }
}

fn join(path: &str, key: &str) -> String {
    let key = if key.is_empty() { "\"\"" } else { key };
    if path_or_root(path) == "snapshot" { key.to_owned() } else { format!("{path}.{key}") }
}

fn quoted_after<'t>(text: &'t str, start: &str) -> Option<&'t str> {
    text.strip_prefix(start)?.split('`').next()
}

/// The message without the line and column, which the path replaces.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).unwrap_or(&text).to_owned()
}

fn check(snapshot: &Snapshot) -> Result<(), SnapshotError> {
    // Seeded, so that no books can be made to collide.
    let mut orders: HashSet<&Name, RandomState> =
        HashSet::with_capacity_and_hasher(snapshot.orders.len(), RandomState::default());
    for (index, order) in snapshot.orders.iter().enumerate() {
        if !orders.insert(&order.id) {
            return Err(SnapshotError::new(format!("orders[{index}].id"), format!("{:?} is there twice", order.id)));
        }
        check_lines(index, &order.lines)?;
    }
    for (index, row) in snapshot.supply.iter().enumerate() {
        if row.warehouse.is_none() && !row.drop_ship {
            return Err(SnapshotError::new(format!("supply[{index}].warehouse"), "is missing"));
        }
    }
    let mut kits: HashSet<&Name, RandomState> = HashSet::default();
    for (index, kit) in snapshot.kits.iter().enumerate() {
        if !kits.insert(&kit.item) {
            return Err(SnapshotError::new(format!("kits[{index}].item"), format!("{:?} is there twice", kit.item)));
        }
        for (part, component) in kit.components.iter().enumerate() {
            if component.per_kit.is_some() == component.fixed.is_some() {
                let path = format!("kits[{index}].components[{part}]");
                return Err(SnapshotError::new(path, "needs exactly one of per_kit and fixed"));
            }
        }
    }
    check_policy(&snapshot.policy)
}

fn check_policy(policy: &Policy) -> Result<(), SnapshotError> {
    if policy.working_days.is_empty() {
        return Err(SnapshotError::new("policy.working_days", "names no day"));
    }
    for (index, given) in policy.overrides.iter().enumerate() {
        if given.item.is_none() && given.customer.is_none() && given.vendor.is_none() {
            let problem = "needs an item, a customer or a vendor that it is for";
            return Err(SnapshotError::new(format!("policy.overrides[{index}]"), problem));
        }
        if let Some((key, by)) = given.misplaced() {
            let path = format!("policy.overrides[{index}].{key}");
            return Err(SnapshotError::new(path, format!("can only be said of {by}")));
        }
    }
    Ok(())
}

fn check_lines(index: usize, lines: &[OrderLine]) -> Result<(), SnapshotError> {
    let mut ids: HashSet<&Name, RandomState> = HashSet::default();
    for (at, line) in lines.iter().enumerate() {
        if lines.len() > 1 && !ids.insert(&line.id) {
            let path = format!("orders[{index}].lines[{at}].id");
            return Err(SnapshotError::new(path, format!("{:?} is there twice", line.id)));
        }
        if line.warehouse.is_none() && !line.drop_ship && line.tracked {
            return Err(SnapshotError::new(format!("orders[{index}].lines[{at}].warehouse"), "is missing"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        read_snapshot(text.as_bytes()).unwrap_err().to_string()
    }

    fn order_with(line: &str) -> String {
        format!(r#"{{"today":"2026-01-05","orders":[{{"id":"SO-1","date":"2026-01-05","lines":[{line}]}}]}}"#)
    }

    #[test]
    fn the_smallest_snapshot_is_a_day() {
        let snapshot = read_snapshot(br#"{"today":"2026-01-05"}"#).unwrap();
        assert_eq!(snapshot.today, jiff::civil::date(2026, 1, 5));
        assert_eq!(snapshot.policy, crate::domain::policy::Policy::default());
    }

    #[test]
    fn what_is_wrong_is_named_by_its_path() {
        let line =
            |ordered: &str| order_with(&format!(r#"{{"id":"1","item":"A","warehouse":"W","ordered":{ordered}}}"#));
        assert_eq!(problem(&line(r#""5,0""#)), r#"orders[0].lines[0].ordered: not a decimal: "5,0""#);
        assert_eq!(problem(&line("null")).split(':').next(), Some("orders[0].lines[0].ordered"));
        assert_eq!(problem(&line("true")).split(':').next(), Some("orders[0].lines[0].ordered"));
        assert_eq!(problem("{}"), "today: is missing");
        assert_eq!(problem(r#"{"today":"2026-02-30"}"#), r#"today: not a date YYYY-MM-DD: "2026-02-30""#);
        assert_eq!(
            problem(&order_with(r#"{"id":"1","item":"A","warehouse":"W"}"#)),
            "orders[0].lines[0].ordered: is missing"
        );
        assert_eq!(
            problem(&order_with(r#"{"id":"1","item":"A","ordered":1}"#)),
            "orders[0].lines[0].warehouse: is missing"
        );
    }

    #[test]
    fn an_unknown_key_is_an_error_wherever_it_stands() {
        assert_eq!(problem(r#"{"today":"2026-01-05","stok":[]}"#), "stok: unknown key");
        assert_eq!(
            problem(r#"{"today":"2026-01-05","policy":{"stok_scope":"all"}}"#),
            "policy.stok_scope: unknown key"
        );
        assert_eq!(
            problem(&order_with(r#"{"id":"1","item":"A","warehouse":"W","ordered":1,"colour":2}"#)),
            "orders[0].lines[0].colour: unknown key"
        );
        assert_eq!(
            problem(r#"{"today":"2026-01-05","policy":{"buy":"all"}}"#),
            r#"policy.buy: not shortfall or nothing: "all""#
        );
    }

    #[test]
    fn what_is_no_json_is_said_with_its_place() {
        assert!(problem("").contains("not JSON"), "{}", problem(""));
        assert!(problem("{\"today\":").contains("line 1 column"));
        assert_eq!(problem(r#"{"today":"2026-01-05"} x"#), "snapshot: trailing characters at line 1 column 24");
        assert_eq!(problem(r#"{"today":"2026-01-05",}"#), "snapshot: not JSON at line 1 column 23: trailing comma");
        assert!(problem(&order_with(r#"{'id':"1"}"#)).starts_with("orders[0].lines[0]: not JSON at line 1 column"));
        assert!(problem(&"[".repeat(100_000)).starts_with("snapshot"));
        assert!(read_snapshot(b"\xff\xfe").is_err());
    }

    #[test]
    fn an_id_that_is_there_twice_is_refused() {
        let two = r#"{"today":"2026-01-05","orders":[{"id":"A","date":"2026-01-05"},{"id":"A","date":"2026-01-05"}]}"#;
        assert_eq!(problem(two), r#"orders[1].id: "A" is there twice"#);
        let line = r#"{"id":"1","item":"A","warehouse":"W","ordered":1}"#;
        assert_eq!(problem(&order_with(&format!("{line},{line}"))), r#"orders[0].lines[1].id: "1" is there twice"#);
        assert_eq!(problem(r#"{"today":"2026-01-05","today":"2026-01-05"}"#), "today: is there twice");
        let kit = r#"{"item":"K","components":[{"item":"A","per_kit":1}]}"#;
        let twice = format!(r#"{{"today":"2026-01-05","kits":[{kit},{kit}]}}"#);
        assert_eq!(problem(&twice), r#"kits[1].item: "K" is there twice"#);
        let rates = r#"{"today":"2026-01-05","policy":{"rates":{"USD":1,"USD":2}}}"#;
        assert_eq!(problem(rates), r#"policy.rates: "USD" is there twice"#);
    }

    #[test]
    fn an_object_is_not_read_from_a_list_nor_a_choice_from_anything_but_its_word() {
        let with = |key: &str, value: &str| problem(&format!(r#"{{"today":"2026-01-05","{key}":{value}}}"#));
        assert_eq!(problem(r#"["2026-01-05"]"#), "snapshot: invalid type: list, expected an object");
        assert_eq!(with("stock", r#"[["A","W","4"]]"#), "stock[0]: invalid type: list, expected an object");
        assert_eq!(with("policy", "[]"), "policy: invalid type: list, expected an object");
        assert_eq!(with("orders", "{}"), "orders: invalid type: object, expected a list");
        let kinds = "expected one of quotation, sales_order, invoice";
        for kind in ["5", "true", "[]", r#"{"invoice":null}"#] {
            let found = with("orders", &format!(r#"[{{"id":"A","date":"2026-01-05","kind":{kind}}}]"#));
            assert!(found.starts_with("orders[0].kind: invalid type: ") && found.ends_with(kinds), "{found}");
        }
        assert_eq!(
            with("policy", r#"{"overrides":[{"ship_policy":"any_part"}]}"#),
            "policy.overrides[0]: needs an item, a customer or a vendor that it is for"
        );
    }

    #[test]
    fn a_long_value_is_not_repeated_whole_and_a_mark_before_the_text_is_no_part_of_it() {
        let long = problem(&format!(r#"{{"today":"{}"}}"#, "é".repeat(100_000)));
        assert!(long.starts_with("today: not a date") && long.ends_with('…') && long.chars().count() < 400, "{long}");
        assert!(read_snapshot("\u{feff}{\"today\":\"2026-01-05\"}".as_bytes()).is_ok());
    }

    #[test]
    fn a_component_has_one_kind_of_quantity() {
        let kit =
            |component: &str| format!(r#"{{"today":"2026-01-05","kits":[{{"item":"K","components":[{component}]}}]}}"#);
        let wrong = "kits[0].components[0]: needs exactly one of per_kit and fixed";
        assert_eq!(problem(&kit(r#"{"item":"A"}"#)), wrong);
        assert_eq!(problem(&kit(r#"{"item":"A","per_kit":1,"fixed":1}"#)), wrong);
        assert!(read_snapshot(kit(r#"{"item":"A","per_kit":"1/3"}"#).as_bytes()).is_ok());
    }

    #[test]
    fn null_is_the_same_as_absent_where_a_key_may_be_absent() {
        let line = r#"{"id":"1","item":"A","warehouse":"W","ordered":1,"fulfilled":null,"received_for":null,"drop_ship":null,"tracked":null}"#;
        let absent = r#"{"id":"1","item":"A","warehouse":"W","ordered":1}"#;
        let read = |text: &str| read_snapshot(text.as_bytes()).unwrap();
        assert_eq!(read(&order_with(line)), read(&order_with(absent)));
        assert_eq!(read(r#"{"today":"2026-01-05","policy":null}"#), read(r#"{"today":"2026-01-05"}"#));
    }
}
