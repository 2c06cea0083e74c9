//! Who gets what (domain.md section 2).

use backorders::domain::plan::{Plan, WhyStep};
use serde_json::{Value, json};

use crate::support::*;

fn ranked(orders: Value) -> Vec<String> {
    let plan = planned(json!({"orders": orders}));
    plan.lines.iter().map(|line| line.order.to_string()).collect()
}

#[test]
fn rank_is_priority_then_need_by_then_date_then_number() {
    let orders = json!([
        with(order("SO-10", "1"), json!({})),
        with(order("SO-9", "1"), json!({})),
        with(order("SO-8", "1"), json!({"date": "2026-01-06"})),
        with(order("SO-11", "1"), json!({"need_by": "2026-03-01"})),
        with(order("SO-12", "1"), json!({"need_by": "2026-02-01"})),
        with(order("SO-13", "1"), json!({"priority": 1, "need_by": "2026-09-01"})),
        with(order("SO-09", "1"), json!({})),
    ]);
    assert_eq!(ranked(orders), ["SO-13", "SO-12", "SO-11", "SO-09", "SO-9", "SO-10", "SO-8"]);
}

#[test]
fn lines_go_in_natural_order_and_a_lines_own_need_by_decides() {
    let lines = json!([
        line("10", "A", "1"),
        line("9", "B", "1"),
        with(line("11", "C", "1"), json!({"need_by": "2026-02-01"}))
    ]);
    let plan = planned(json!({"orders": [with(order_of("S", lines), json!({"need_by": "2026-03-01"}))]}));
    let lines: Vec<&str> = plan.lines.iter().map(|line| line.line.as_str()).collect();
    assert_eq!(lines, ["11", "9", "10"]);
}

#[test]
fn quotations_come_after_everything_that_is_bought_for_and_are_not_bought() {
    let orders = json!([
        with(order("Q", "5"), json!({"kind": "quotation", "priority": 9})),
        with(order("I", "3"), json!({"kind": "invoice"}))
    ]);
    let plan = planned(json!({"orders": orders.clone(), "stock": [stock("A", "4")], "vendors": [vendor("V", 0)]}));
    assert_eq!(covers(&plan), ["I 3+0+0+0", "Q 1+0+0+4"]);
    assert!(plan.purchase_orders.is_empty());
    let plan = planned(
        json!({"policy": {"demand_kinds": ["quotation"]}, "orders": orders, "stock": [stock("A", "4")], "vendors": [vendor("V", 0)]}),
    );
    assert_eq!(covers(&plan), ["Q 4+0+0+1", "I 0+0+0+3"]);
    assert_eq!(bought(&plan), ["V A 1"]);
}

#[test]
fn the_setting_may_rank_otherwise() {
    let orders = json!([with(order("S2", "1"), json!({"priority": 5})), order("S1", "1")]);
    let plan = planned(json!({"policy": {"rank": ["number"]}, "orders": orders}));
    assert_eq!(plan.lines[0].order, "S1");
}

#[test]
fn received_goods_are_held_for_their_order_ahead_of_rank() {
    let lines = json!([with(line("1", "A", "4"), json!({"received_for": "3"}))]);
    let orders = json!([with(order("FIRST", "5"), json!({"priority": 1})), order_of("LATER", lines)]);
    let parts = |policy: Value| json!({"policy": policy, "orders": orders.clone(), "stock": [stock("A", "6")]});
    assert_eq!(covers(&planned(parts(json!({})))), ["FIRST 3+0+0+2", "LATER 3+0+0+1"]);
    assert_eq!(covers(&planned(parts(json!({"hold_for_order": false})))), ["FIRST 5+0+0+0", "LATER 1+0+0+3"]);
}

#[test]
fn no_more_is_held_than_is_open_or_there() {
    let lines = |received: &str| json!([with(line("1", "A", "2"), json!({"received_for": received}))]);
    let plan = planned(
        json!({"orders": [with(order("FIRST", "9"), json!({"priority": 1})), order_of("LATER", lines("8"))], "stock": [stock("A", "5")]}),
    );
    assert_eq!(covers(&plan), ["FIRST 3+0+0+6", "LATER 2+0+0+0"]);
    let plan = planned(json!({"orders": [order_of("LATER", lines("2"))], "stock": [stock("A", "1")]}));
    assert_eq!(covers(&plan), ["LATER 1+0+0+1"]);
}

#[test]
fn what_was_received_for_a_kits_components_is_held_component_by_component() {
    let kits = json!([{"item": "K", "components": [{"item": "A", "per_kit": 1}, {"item": "B", "per_kit": 1}]}]);
    let kit_line = with(line("1", "K", "2"), json!({"received_for": {"A": "2"}}));
    let orders = json!([with(order("FIRST", "2"), json!({"priority": 1})), order_of("KIT", json!([kit_line]))]);
    let plan = planned(json!({"orders": orders, "kits": kits, "stock": [stock("A", "2"), stock("B", "2")]}));
    assert_eq!(covers(&plan), ["FIRST 0+0+0+2", "KIT 2+0+0+0", "KIT 2+0+0+0"]);
    assert_eq!(ready(&plan), ["KIT"]);
}

#[test]
fn stock_of_another_warehouse_is_not_drawn_on_but_named() {
    let elsewhere = json!({"item": "A", "warehouse": "FAR", "on_hand": "7"});
    let plan = planned(json!({"orders": [order("S", "5")], "stock": [elsewhere], "vendors": [vendor("V", 0)]}));
    assert_eq!(covers(&plan), ["S 0+0+0+5"]);
    assert_eq!(plan.purchase_orders[0].lines[0].why, "5 ordered = 5 short; 7 free in FAR");
    let steps = serde_json::to_value(&plan.lines[0].why).unwrap();
    assert_eq!(steps[2], json!({"step": "free_elsewhere", "qty": "7", "warehouse": "FAR"}));
}

#[test]
fn a_pool_draws_on_its_own_warehouse_first_for_stock_and_supply_alike() {
    let row = |warehouse: &str, on_hand: &str| json!({"item": "A", "warehouse": warehouse, "on_hand": on_hand});
    let stock = json!([row("B2", "2"), row("B1", "2"), row("W", "3")]);
    let scope = |scope: Value| {
        planned(json!({"policy": {"stock_scope": scope}, "orders": [order("S", "6")], "stock": stock.clone()}))
    };
    assert_eq!(covers(&scope(json!("order_warehouse"))), ["S 3+0+0+3"]);
    assert_eq!(covers(&scope(json!(["B2"]))), ["S 5+0+0+1"]);
    let all = scope(json!("all"));
    assert_eq!(covers(&all), ["S 6+0+0+0"]);
    let steps = serde_json::to_value(&all.lines[0].why).unwrap();
    assert_eq!(
        steps,
        json!([
            {"step": "ordered", "qty": "6"}, {"step": "from_stock", "qty": "3"},
            {"step": "from_stock", "qty": "2", "warehouse": "B1"}, {"step": "from_stock", "qty": "1", "warehouse": "B2"},
        ])
    );
    let listed = scope(json!(["B2", "B1"]));
    assert_eq!(serde_json::to_value(&listed.lines[0].why).unwrap()[2]["warehouse"], "B2");
    let far = with(supply("P", "4", json!("2026-01-06")), json!({"warehouse": "B1"}));
    let plan = planned(json!({"policy": {"stock_scope": "all"}, "orders": [order("S", "3")], "supply": [far]}));
    assert_eq!(covers(&plan), ["S 0+0+3+0"]);
}

fn peg(order: &str, qty: &str) -> Value {
    json!({"order": order, "line": "1", "qty": qty, "wanted": qty})
}

fn ours(po: &str, ordered: &str, due: &str, pegs: Value) -> Value {
    with(supply(po, ordered, json!(due)), json!({"ours": true, "for": pegs}))
}

#[test]
fn a_demands_own_pegged_supply_covers_it_whatever_its_date_and_rank() {
    let orders = json!([
        with(order("FIRST", "5"), json!({"priority": 1})),
        with(order("OWN", "5"), json!({"need_by": "2026-01-06"}))
    ]);
    let plan = planned(json!({"orders": orders, "supply": [ours("P", "8", "2026-12-31", json!([peg("OWN", "5")]))]}));
    assert_eq!(covers(&plan), ["FIRST 0+0+3+2", "OWN 0+5+0+0"]);
    assert_eq!(line_of(&plan, "OWN").promise.unwrap().to_string(), "2026-12-31");
}

#[test]
fn received_goods_use_up_the_pegs_of_their_line_by_rank() {
    let orders = json!([with(order("FIRST", "5"), json!({"priority": 1})), order("LATER", "5")]);
    let line =
        with(ours("P", "10", "2026-01-09", json!([peg("LATER", "5"), peg("FIRST", "5")])), json!({"received": "6"}));
    let plan = planned(json!({"orders": orders, "supply": [line], "stock": [stock("A", "6")]}));
    assert_eq!(covers(&plan), ["FIRST 5+0+0+0", "LATER 1+4+0+0"]);
}

#[test]
fn what_a_pegs_demand_no_longer_needs_is_free_for_others() {
    let orders = json!([order("S1", "5"), order("S2", "4")]);
    let plan = planned(
        json!({"orders": orders, "stock": [stock("A", "5")], "supply": [ours("P", "5", "2026-06-01", json!([peg("S1", "5")]))]}),
    );
    assert_eq!(covers(&plan), ["S1 5+0+0+0", "S2 0+0+4+0"]);
    assert!(plan.changes.is_empty());
}

#[test]
fn what_the_host_ordered_for_a_line_covers_it_before_stock_does() {
    let orders = json!([order("S1", "12"), order("S2", "4")]);
    let tied = |more: Value| {
        let line = with(
            supply("P", "12", json!("2026-12-31")),
            json!({"state": "draft", "tied": true, "for": [peg("S1", "12")]}),
        );
        planned(json!({"orders": orders, "stock": [stock("A", "4")], "supply": [with(line, more)]}))
    };
    let plan = tied(json!({}));
    assert_eq!(covers(&plan), ["S1 0+0+12+0", "S2 4+0+0+0"]);
    assert!(plan.purchase_orders.is_empty() && plan.changes.is_empty());
    assert_eq!(
        covers(&tied(json!({"tied": false, "state": "confirmed"}))),
        ["S1 4+0+8+0", "S2 0+0+4+0"],
        "pegs of others"
    );
    // what came of it lies in stock, for whoever it is held for
    assert_eq!(covers(&tied(json!({"received": "8"}))), ["S1 4+0+4+4", "S2 0+0+0+4"]);
    assert_eq!(covers(&tied(json!({"state": "cancelled"}))), ["S1 4+0+0+8", "S2 0+0+0+4"]);
}

#[test]
fn pooled_supply_ignores_pegs_and_ours_counts_at_any_date() {
    let orders = json!([with(order("FIRST", "5"), json!({"priority": 1, "need_by": "2026-01-06"})), order("OWN", "5")]);
    let line = ours("P", "8", "2026-12-31", json!([peg("OWN", "5")]));
    let plan = planned(json!({"policy": {"supply": "pooled"}, "orders": orders, "supply": [line]}));
    assert_eq!(covers(&plan), ["FIRST 0+0+5+0", "OWN 0+0+3+2"]);
}

#[test]
fn the_earliest_incoming_that_comes_first_is_used_and_later_only_for_the_rest() {
    let lines = json!([
        supply("P3", "2", json!("2026-01-20")),
        supply("P2", "2", json!("2026-01-10")),
        supply("P1", "9", json!("2026-01-30"))
    ]);
    let plan = planned(json!({"orders": [order("S", "3")], "supply": lines}));
    let pos: Vec<String> =
        plan.lines[0].deliveries.iter().map(|delivery| format!("{} {}", delivery.date, delivery.qty)).collect();
    assert_eq!(pos, ["2026-01-10 2", "2026-01-20 1"]);
}

#[test]
fn incoming_is_in_time_by_the_need_by_date_or_no_later_than_an_order_placed_today() {
    let due = |date: &str, vendors: Value, keys: Value| {
        let parts = json!({"orders": [with(order("S", "5"), keys)], "supply": [supply("P", "5", json!(date))], "vendors": vendors});
        planned(parts).lines[0].from_incoming.to_string()
    };
    let need_by = || json!({"need_by": "2026-01-10"});
    let slow = || json!([vendor("V", 20)]);
    assert_eq!(due("2026-01-10", slow(), need_by()), "5");
    assert_eq!(due("2026-01-25", slow(), need_by()), "5");
    assert_eq!(due("2026-01-26", slow(), need_by()), "0");
    assert_eq!(due("2026-01-11", json!([vendor("V", 0)]), need_by()), "0");
    // Any date where there is no need-by date or no vendor.
    assert_eq!(due("2026-12-31", slow(), json!({})), "5");
    assert_eq!(due("2026-12-31", json!([]), need_by()), "5");
}

#[test]
fn other_incoming_counts_as_the_setting_says() {
    let lines = json!([supply("LATE", "2", json!("2026-09-01")), supply("NEVER", "3", json!(null))]);
    let count = |count: &str| {
        let orders = json!([with(order("S", "9"), json!({"need_by": "2026-01-10"}))]);
        planned(
            json!({"policy": {"count_incoming": count}, "orders": orders, "supply": lines.clone(), "vendors": [vendor("V", 1)]}),
        )
    };
    assert_eq!(covers(&count("in_time")), ["S 0+0+0+9"]);
    assert_eq!(covers(&count("none")), ["S 0+0+0+9"]);
    let any = count("any");
    assert_eq!(covers(&any), ["S 0+0+5+4"]);
    // A line without a date promises nothing.
    assert_eq!(any.lines[0].promise, None);
    assert_eq!(any.lines[0].late_days, None);
}

#[test]
fn an_overdue_line_counts_as_due_today_and_is_marked_late() {
    let plan = planned(
        json!({"orders": [with(order("S", "2"), json!({"need_by": "2026-01-05"}))], "supply": [supply("P", "2", json!("2025-12-01"))], "vendors": [vendor("V", 0)]}),
    );
    assert_eq!(covers(&plan), ["S 0+0+2+0"]);
    assert_eq!(plan.lines[0].promise.unwrap().to_string(), "2026-01-05");
    assert_eq!(
        serde_json::to_value(&plan.lines[0].why).unwrap()[1],
        json!({"step": "from_incoming", "qty": "2", "po": "P", "due": "2025-12-01", "late": true})
    );
}

#[test]
fn drafts_of_persons_count_only_if_the_setting_says_so_and_our_own_always() {
    let orders = || json!([order("S", "5")]);
    let draft = with(supply("P", "5", json!("2026-01-06")), json!({"state": "draft"}));
    let parts =
        |count: bool| json!({"policy": {"count_foreign_drafts": count}, "orders": orders(), "supply": [draft.clone()]});
    assert_eq!(covers(&planned(parts(false))), ["S 0+0+0+5"]);
    assert_eq!(covers(&planned(parts(true))), ["S 0+0+5+0"]);
    let ours = with(draft.clone(), json!({"ours": true, "due": null}));
    assert_eq!(covers(&planned(json!({"orders": orders(), "supply": [ours]}))), ["S 0+0+5+0"]);
}

#[test]
fn received_and_cancelled_lines_bring_nothing() {
    for state in ["received", "cancelled"] {
        let gone = with(supply("P", "5", json!("2026-01-06")), json!({"state": state}));
        assert_eq!(covers(&planned(json!({"orders": [order("S", "5")], "supply": [gone]}))), ["S 0+0+0+5"], "{state}");
    }
    let part = with(supply("P", "9", json!("2026-01-06")), json!({"received": "3", "closed": "4"}));
    assert_eq!(covers(&planned(json!({"orders": [order("S", "5")], "supply": [part]}))), ["S 0+0+2+3"]);
}

#[test]
fn a_drop_shipments_supply_is_for_its_own_demand_only() {
    let dropped = json!([json!({"id": "1", "item": "A", "ordered": "4", "drop_ship": true})]);
    let line = json!({"po": "P", "line": "1", "item": "A", "ordered": "6", "due": "2026-01-09", "drop_ship": true, "ours": true, "for": [peg("S1", "6")]});
    let orders = json!([order_of("S1", dropped.clone()), order_of("S2", dropped)]);
    for policy in ["pegged", "pooled"] {
        let plan = planned(json!({"policy": {"supply": policy}, "orders": orders.clone(), "supply": [line.clone()]}));
        assert_eq!(covers(&plan), ["S1 0+4+0+0", "S2 0+0+0+4"], "{policy}");
    }
}

/// The purchase orders of others that the line of that sales order waits for.
fn waits_for<'p>(plan: &'p Plan, order: &str) -> Vec<&'p str> {
    let steps = &line_of(plan, order).why;
    steps
        .iter()
        .filter_map(|step| if let WhyStep::FromIncoming(source) = step { Some(&*source.po) } else { None })
        .collect()
}

#[test]
fn of_goods_that_come_on_one_day_those_for_the_own_warehouse_go_first_else_the_earliest() {
    let far = |due: &str| with(supply("P1", "5", json!(due)), json!({"warehouse": "FAR"}));
    let here = supply("P2", "5", json!("2026-01-20"));
    let source = |far: Value| {
        let parts = json!({"policy": {"stock_scope": "all"}, "orders": [order("S", "5")], "supply": [far, here]});
        waits_for(&planned(parts), "S").join(" ")
    };
    assert_eq!(source(far("2026-01-20")), "P2");
    assert_eq!(source(far("2026-01-19")), "P1");
    assert_eq!(source(far("2026-01-21")), "P2");
}

#[test]
fn goods_of_any_day_are_in_time_where_the_vendor_to_be_chosen_cannot_deliver() {
    let late = supply("P", "7", json!("2026-03-02"));
    let short = |multiple: &str| {
        let offer = with(vendor("V", 3), json!({"multiple": multiple}));
        let order = with(order("S", "7"), json!({"need_by": "2026-01-12"}));
        covers(&planned(json!({"orders": [order], "vendors": [offer], "supply": [late]})))
    };
    assert_eq!(short("1"), ["S 0+0+0+7"]);
    assert_eq!(short("-1"), ["S 0+0+7+0"]);
}

#[test]
fn pegs_of_orders_that_are_not_ours_tie_nothing() {
    let pegged = |state: &str| {
        let pegs = json!([{"order": "S-2", "line": "1", "qty": "5", "wanted": "5"}]);
        let supply = with(supply("P", "5", json!("2026-01-12")), json!({"for": pegs, "state": state}));
        planned(
            json!({"orders": [order("S-1", "5"), order("S-2", "5")], "supply": [supply], "vendors": [vendor("V", 3)]}),
        )
    };
    let plan = pegged("confirmed");
    assert_eq!(covers(&plan), ["S-1 0+0+5+0", "S-2 0+0+0+5"]);
    // What becomes of them is no decision about what is to be bought.
    assert_eq!(bought(&pegged("cancelled")), ["V A 5", "V A 5"]);
    assert!(kinds(&pegged("cancelled")).is_empty());
}

#[test]
fn ours_that_is_less_than_its_pegs_is_held_for_those_that_are_still_wanted() {
    let pegs = json!([{"order": "GONE", "line": "1", "qty": "5"}, {"order": "S", "line": "1", "qty": "5"}]);
    let ours = with(supply("P", "5", json!("2026-01-12")), json!({"for": pegs, "ours": true}));
    let plan = planned(json!({"orders": [order("S-0", "5"), order("S", "5")], "supply": [ours]}));
    assert_eq!(covers(&plan), ["S 0+5+0+0", "S-0 0+0+0+5"]);
}

#[test]
fn ours_is_for_its_order_where_the_order_draws_on_the_warehouse_that_it_goes_to() {
    let ours = |warehouse: &str| {
        let pegs = json!([{"order": "S", "line": "1", "qty": "5"}]);
        let row =
            with(supply("P", "5", json!("2026-01-12")), json!({"for": pegs, "ours": true, "warehouse": warehouse}));
        covers(&planned(json!({"policy": {"stock_scope": ["FAR"]}, "orders": [order("S", "5")], "supply": [row]})))
    };
    assert_eq!(ours("FAR"), ["S 0+5+0+0"]);
    assert_eq!(ours("W"), ["S 0+5+0+0"]);
    assert_eq!(ours("OTHER"), ["S 0+0+0+5"]);
}

#[test]
fn a_peg_to_a_component_ties_nothing_to_a_line_that_is_no_kit() {
    let of = |component: &str| {
        let pegs = json!([{"order": "S", "line": "1", "component": component, "qty": "5"}]);
        let ours = with(supply("P", "5", json!("2026-01-12")), json!({"for": pegs, "ours": true}));
        let orders = json!([order("S-0", "5"), with(order("S", "5"), json!({"priority": -1}))]);
        covers(&planned(json!({"orders": orders, "supply": [ours]})))
    };
    assert_eq!(of("A"), ["S-0 0+0+0+5", "S 0+5+0+0"]);
    assert_eq!(of("B"), ["S-0 0+0+5+0", "S 0+0+0+5"]);
}

/// What the host itself ordered for S, if `ours` is not set.
fn tied(po: &str, qty: &str, due: &str, keys: Value) -> Value {
    let pegs = json!([{"order": "S", "line": "1", "qty": qty}]);
    with(with(supply(po, qty, json!(due)), json!({"for": pegs, "tied": true})), keys)
}

#[test]
fn what_the_host_ordered_for_a_line_covers_it_before_ours_whichever_comes_first() {
    let theirs = tied("P-1", "5", "2026-03-02", json!({}));
    let ours = tied("P-2", "5", "2026-01-12", json!({"tied": false, "ours": true}));
    let plan = planned(json!({"orders": [order("S", "8")], "supply": [theirs, ours]}));
    let deliveries: Vec<String> =
        plan.lines[0].deliveries.iter().map(|delivery| format!("{} {}", delivery.date, delivery.qty)).collect();
    assert_eq!(deliveries, ["2026-01-12 3", "2026-03-02 5"]);
}

#[test]
fn only_what_others_ordered_is_tied_and_keeps_its_order_from_stock() {
    let covered = |keys: Value| {
        let parts = json!({"orders": [order("S", "5")], "stock": [stock("A", "5")], "supply": [tied("P", "5", "2026-01-12", keys)]});
        covers(&planned(parts))
    };
    assert_eq!(covered(json!({})), ["S 0+0+5+0"]);
    assert_eq!(covered(json!({"ours": true})), ["S 5+0+0+0"]);
    assert_eq!(covered(json!({"tied": false})), ["S 5+0+0+0"]);
}

#[test]
fn what_becomes_of_an_order_that_the_host_tied_is_no_decision_about_what_is_bought() {
    for keys in [json!({"state": "cancelled"}), json!({"ordered": "2000000000000"})] {
        let supply = tied("P", "5", "2026-01-12", keys.clone());
        let plan = planned(json!({"orders": [order("S", "5")], "supply": [supply], "vendors": [vendor("V", 3)]}));
        assert_eq!(bought(&plan), ["V A 5"], "{keys}");
    }
}
