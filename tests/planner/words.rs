//! What a plan says in words, and rules that only show when several things come together.

use backorders::domain::explain::sum_of;
use serde_json::json;

use crate::support::{bought, line, order, order_of, part_ready, planned, stock, supply, vendor, with};

#[test]
fn an_exception_says_how_much_is_short_and_which_vendor_does_not_sell_it() {
    let text = |order: serde_json::Value| planned(json!({"orders": [order]})).exceptions[0].text.clone();
    assert_eq!(text(order("SO-1", "7")), "7 short, and no vendor sells it");
    let named = order_of("SO-1", json!([with(line("1", "A", "7"), json!({"vendor": "V1"}))]));
    assert_eq!(text(named), "7 short, and V1, which the line names, does not sell it or is blocked");
}

#[test]
fn a_price_note_says_why_a_person_must_look() {
    let note = |costs: serde_json::Value| {
        let vendors = json!([with(vendor("V1", 3), json!({"prices": []}))]);
        let plan = planned(json!({"orders": [order("SO-1", "7")], "vendors": vendors, "costs": costs}));
        plan.purchase_orders[0].lines[0].price_note.clone().unwrap()
    };
    let start = "no price of V1 is valid for 7 today";
    assert_eq!(note(json!([])), format!("{start}, and the item's cost is not known"));
    assert_eq!(
        note(json!([{"item": "A", "price": "3", "currency": "USD"}])),
        format!("{start}, and the item's cost is in another currency")
    );
    assert_eq!(
        note(json!([{"item": "A", "price": "3", "currency": "EUR"}])),
        format!("{start}: this is the item's cost, please review")
    );
}

#[test]
fn what_stock_covers_may_go_though_another_line_is_in_doubt_where_parts_may_go() {
    let is_part_ready = |ship_policy: &str, of_first: serde_json::Value, on_hand: &str| {
        let lines = json!([with(line("1", "A", "5"), of_first), line("2", "B", "-1")]);
        let order = with(order_of("SO-1", lines), json!({"ship_policy": ship_policy}));
        part_ready(&planned(json!({"orders": [order], "stock": [stock("A", on_hand)]}))) == ["SO-1"]
    };
    assert!(is_part_ready("each_line", json!({}), "5"));
    assert!(!is_part_ready("whole_order", json!({}), "5"));
    assert!(!is_part_ready("each_line", json!({"drop_ship": true}), "5"));
    assert!(!is_part_ready("each_line", json!({}), "0"));
}

#[test]
fn the_sum_of_a_line_names_when_goods_come_and_that_they_are_late() {
    let why = |due: &str| {
        let plan = planned(json!({
            "orders": [order("SO-1", "7")],
            "vendors": [vendor("V1", 3)],
            "supply": [supply("PO-1", "2", json!(due))],
        }));
        plan.purchase_orders[0].lines[0].why.clone()
    };
    assert_eq!(why("2026-01-07"), "7 ordered − 2 arriving 2026-01-07 = 5 short");
    assert_eq!(why("2026-01-01"), "7 ordered − 2 arriving overdue since 2026-01-01 = 5 short");
}

#[test]
fn drop_shipments_of_two_orders_to_one_address_are_one_purchase_order_where_vendors_are_grouped() {
    let dropped = |id: &str, ship_to: &str| {
        let line = json!({"id": "1", "item": "A", "ordered": "5", "drop_ship": true});
        with(order_of(id, json!([line])), json!({"ship_to": ship_to}))
    };
    let orders = |second: &str| {
        let plan = planned(json!({
            "policy": {"group_by": "vendor"},
            "orders": [dropped("SO-1", "C/main"), dropped("SO-2", second)],
            "vendors": [vendor("V1", 3)],
        }));
        (plan.purchase_orders.len(), bought(&plan))
    };
    assert_eq!(orders("C/main"), (1, vec!["V1 A 10".to_owned()]));
    assert_eq!(orders("C/other").0, 2);
}

#[test]
fn what_is_free_elsewhere_is_said_of_a_line_that_is_short_and_draws_on_stock() {
    let why = |of_line: serde_json::Value| {
        let order = order_of("SO-1", json!([with(line("1", "A", "7"), of_line)]));
        let stock = json!([stock("A", "5"), with(stock("A", "9"), json!({"warehouse": "FAR"}))]);
        let plan = planned(json!({"orders": [order], "stock": stock, "policy": {"stock_scope": "order_warehouse"}}));
        sum_of(&plan.lines[0])
    };
    assert_eq!(why(json!({})), "7 ordered − 5 from stock = 2 short; 9 free in FAR");
    assert_eq!(why(json!({"ordered": "4"})), "4 ordered − 4 from stock");
    assert_eq!(why(json!({"drop_ship": true})), "7 ordered = 7 short");
}

#[test]
fn one_figure_on_the_line_of_a_kit_counts_kits() {
    let kits = json!([{"item": "K", "components": [{"item": "A", "per_kit": "3"}, {"item": "B", "fixed": "1"}]}]);
    let not_bought = |figure: serde_json::Value| {
        let order = order_of("SO-1", json!([with(line("1", "K", "4"), json!({"not_bought": figure}))]));
        let plan = planned(json!({"orders": [order], "kits": kits}));
        plan.lines.iter().map(|line| format!("{} {} of {}", line.item, line.not_bought, line.open)).collect::<Vec<_>>()
    };
    assert_eq!(not_bought(json!("2")), ["A 6 of 12", "B 1 of 1"]);
    assert_eq!(not_bought(json!({"A": "2"})), ["A 2 of 12", "B 0 of 1"]);
}
