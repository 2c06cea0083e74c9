//! What is demand (domain.md section 1), and what is senseless.

use serde_json::json;

use crate::support::*;

#[test]
fn demand_is_ordered_less_fulfilled_less_short_closed_and_never_below_zero() {
    let lines = json!([
        with(line("1", "A", "10"), json!({"fulfilled": "3", "closed": "2"})),
        with(line("2", "A", "10"), json!({"fulfilled": "12"})),
    ]);
    let plan = planned(json!({"orders": [order_of("S", lines)]}));
    assert_eq!(covers(&plan), ["S 0+0+0+5"]);
    let why = serde_json::to_value(&plan.lines[0].why).unwrap();
    assert_eq!(
        why,
        json!([{"step": "ordered", "qty": "10"}, {"step": "fulfilled", "qty": "3"}, {"step": "closed", "qty": "2"}, {"step": "short", "qty": "5"}])
    );
}

#[test]
fn services_and_untracked_items_carry_no_demand() {
    let service = json!({"id": "1", "item": "HOURS", "ordered": "5", "tracked": false});
    let plan =
        planned(json!({"orders": [order_of("S", json!([service, line("2", "A", "1")]))], "stock": [stock("A", "1")]}));
    assert_eq!(covers(&plan), ["S 1+0+0+0"]);
    assert_eq!(ready(&plan), ["S"]);
}

#[test]
fn draft_closed_and_cancelled_documents_carry_no_demand() {
    for status in ["draft", "closed", "cancelled"] {
        let plan =
            planned(json!({"orders": [with(order("S", "5"), json!({"status": status}))], "vendors": [vendor("V", 0)]}));
        assert!(plan.lines.is_empty() && plan.purchase_orders.is_empty(), "{status}");
        assert!(!plan.orders[0].ready && !plan.orders[0].backorder, "{status}");
    }
}

#[test]
fn a_document_of_nothing_to_ship_is_not_ready() {
    let plan =
        planned(json!({"orders": [order_of("S", json!([with(line("1", "A", "2"), json!({"fulfilled": "2"}))]))]}));
    assert!(plan.lines.is_empty());
    assert!(ready(&plan).is_empty());
}

fn kit() -> serde_json::Value {
    json!([{"item": "K", "components": [{"item": "A", "per_kit": "2"}, {"item": "B", "fixed": "1"}]}])
}

#[test]
fn a_kit_lines_demand_is_its_components_demand() {
    let orders = json!([order_of("S", json!([line("7", "K", "3")]))]);
    let plan = planned(json!({"orders": orders, "kits": kit(), "stock": [stock("A", "5")]}));
    assert_eq!(covers(&plan), ["S 5+0+0+1", "S 0+0+0+1"]);
    assert!(plan.lines.iter().all(|line| line.line == "7"));
    assert_eq!(plan.lines[0].item, "A");
    assert_eq!(plan.lines[1].item, "B");
}

#[test]
fn what_scales_follows_the_open_kits_and_what_is_fixed_is_owed_until_the_first_fulfilment() {
    let kits = |keys| json!([order_of("S", json!([with(line("1", "K", "3"), keys)]))]);
    let open = |keys| covers(&planned(json!({"orders": kits(keys), "kits": kit()})));
    assert_eq!(open(json!({"closed": "1"})), ["S 0+0+0+4", "S 0+0+0+1"]);
    assert_eq!(open(json!({"fulfilled": "1"})), ["S 0+0+0+4"]);
    assert!(open(json!({"closed": "3"})).is_empty());
    assert!(open(json!({"fulfilled": "3"})).is_empty());
}

#[test]
fn components_that_kits_share_are_not_given_twice() {
    let kits = json!([
        {"item": "K1", "components": [{"item": "A", "per_kit": "1"}]},
        {"item": "K2", "components": [{"item": "A", "per_kit": "2"}, {"item": "B", "per_kit": "1"}]},
    ]);
    let orders = json!([
        order_of("S1", json!([line("1", "K1", "3")])),
        order_of("S2", json!([line("1", "K2", "2"), line("2", "A", "1")]))
    ]);
    let plan = planned(json!({"orders": orders, "kits": kits, "stock": [stock("A", "5"), stock("B", "2")]}));
    assert_eq!(covers(&plan), ["S1 3+0+0+0", "S2 2+0+0+2", "S2 2+0+0+0", "S2 0+0+0+1"]);
}

#[test]
fn a_kit_of_kits_is_taken_apart_and_a_component_on_several_ways_is_one_demand() {
    let kits = json!([
        {"item": "K", "components": [{"item": "INNER", "per_kit": "2"}, {"item": "A", "per_kit": "1"}]},
        {"item": "INNER", "components": [{"item": "A", "per_kit": "3"}, {"item": "B", "fixed": "1"}]},
    ]);
    let plan = planned(json!({"orders": [order_of("S", json!([line("1", "K", "2")]))], "kits": kits}));
    assert_eq!(covers(&plan), ["S 0+0+0+14", "S 0+0+0+1"]);
}

#[test]
fn a_kit_that_contains_itself_is_an_exception_and_the_other_lines_go_on() {
    let kits = json!([{"item": "K", "components": [{"item": "J", "per_kit": 1}]}, {"item": "J", "components": [{"item": "K", "per_kit": 1}]}]);
    let plan = planned(
        json!({"orders": [order_of("S", json!([line("1", "K", "2"), line("2", "A", "1")]))], "kits": kits, "stock": [stock("A", "1")]}),
    );
    assert_eq!(kinds(&plan), ["bad_quantity"]);
    assert_eq!(covers(&plan), ["S 1+0+0+0"]);
    assert!(ready(&plan).is_empty());
}

#[test]
fn a_component_quantity_with_endless_decimals_is_rounded_up() {
    let kits = json!([{"item": "K", "components": [{"item": "A", "per_kit": "1/3"}]}]);
    let open = |ordered| {
        covers(&planned(json!({"orders": [order_of("S", json!([line("1", "K", ordered)]))], "kits": kits.clone()})))
    };
    assert_eq!(open("3"), ["S 0+0+0+1"]);
    assert_eq!(open("1"), ["S 0+0+0+0.333334"]);
}

#[test]
fn held_stock_is_for_no_demand_and_rows_of_one_place_add_up() {
    let held = json!({"item": "A", "warehouse": "W", "on_hand": "4", "held": "3"});
    let plan = planned(json!({"orders": [order("S", "10")], "stock": [held, stock("A", "2")]}));
    assert_eq!(covers(&plan), ["S 3+0+0+7"]);
    let more_held_than_there = json!({"item": "A", "warehouse": "W", "on_hand": "1", "held": "3"});
    assert_eq!(
        covers(&planned(json!({"orders": [order("S", "10")], "stock": [more_held_than_there]}))),
        ["S 0+0+0+10"]
    );
}

#[test]
fn a_drop_ship_line_neither_draws_on_nor_adds_to_a_warehouse() {
    let dropped = json!({"id": "1", "item": "A", "ordered": "4", "drop_ship": true});
    let incoming = json!({"po": "P", "line": "1", "item": "A", "ordered": "9", "due": "2026-01-05", "drop_ship": true, "ours": true});
    let orders = json!([order_of("S1", json!([dropped])), order("S2", "5")]);
    let plan = planned(json!({"orders": orders, "stock": [stock("A", "3")], "supply": [incoming]}));
    assert_eq!(covers(&plan), ["S1 0+0+0+4", "S2 3+0+0+2"]);
}

#[test]
fn a_senseless_figure_is_an_exception_and_everything_else_goes_on() {
    for (figure, keys) in [
        ("-1", json!({})),
        ("1000000000001", json!({})),
        ("0.0000001", json!({})),
        ("5", json!({"fulfilled": "-1"})),
        ("5", json!({"closed": 1e13})),
    ] {
        let lines = json!([with(line("1", "A", figure), keys), line("2", "A", "1")]);
        let plan = planned(json!({"orders": [order_of("S", lines)], "stock": [stock("A", "9")]}));
        assert_eq!(kinds(&plan), ["bad_quantity"], "{figure}");
        assert_eq!(covers(&plan), ["S 1+0+0+0"], "{figure}");
        assert_eq!(plan.exceptions[0].line.as_deref(), Some("1"));
        assert!(ready(&plan).is_empty(), "{figure}");
    }
}

#[test]
fn senseless_stock_and_supply_count_as_nothing_and_are_exceptions() {
    let plan = planned(json!({
        "orders": [order("S", "5")],
        "stock": [stock("A", "-3"), stock("A", "4"), {"item": "A", "warehouse": "W", "on_hand": "5", "held": "-1"}, stock("A", "1e15")],
        "supply": [supply("P", "-4", json!("2026-01-05")), supply("Q", "1e20", json!("2026-01-05"))],
    }));
    assert_eq!(covers(&plan), ["S 1+0+0+4"]);
    assert_eq!(kinds(&plan).iter().filter(|kind| *kind == "bad_quantity").count(), 5);
}

#[test]
fn the_largest_figures_are_planned_without_overflow() {
    let most = "1000000000000";
    let offer =
        with(vendor("V", 0), json!({"unit": "u", "unit_factor": "0.000000000001", "prices": [{"price": most}]}));
    let plan = planned(json!({
        "orders": [order("S1", most), order("S2", most)],
        "stock": [stock("A", most), stock("A", "999999999999.999999")],
        "vendors": [offer],
    }));
    assert_eq!(covers(&plan), ["S1 1000000000000+0+0+0", "S2 999999999999.999999+0+0+0.000001"]);
    assert_eq!(bought(&plan), ["V A 1000000"]);
    assert_eq!(plan.purchase_orders[0].total.unwrap().to_string(), "1000000000000000000");
}

#[test]
fn more_than_can_be_ordered_in_one_line_is_ordered_in_several() {
    let most = "1000000000000";
    let keys = json!({"policy": {"group_by": "vendor"}, "orders": [order("S1", most), order("S2", most)], "vendors": [vendor("V", 0)]});
    assert_eq!(bought(&planned(keys)), ["V A 1000000000000", "V A 1000000000000"]);
}

#[test]
fn a_senseless_figure_of_a_kit_line_is_told_as_it_was_given() {
    let lines = json!([with(line("1", "K", "5"), json!({"received_for": "-1"}))]);
    let kits = json!([{"item": "K", "components": [{"item": "A", "per_kit": "3"}]}]);
    let plan = planned(json!({"orders": [order_of("S", lines)], "kits": kits}));
    assert_eq!(kinds(&plan), ["bad_quantity", "no_vendor"]);
    assert_eq!(plan.exceptions[0].text, "received_for is -1: nothing is held for this line");
}
