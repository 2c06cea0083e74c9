//! Ready, part ready, promises, release of blocked stock (domain.md sections 1 and 2).

use serde_json::{Value, json};

use crate::support::*;

#[test]
fn an_order_is_ready_when_stock_covers_all_that_draws_on_it() {
    let dropped = json!({"id": "2", "item": "B", "ordered": "4", "drop_ship": true});
    let orders = json!([
        order_of("MIXED", json!([line("1", "A", "2"), dropped.clone()])),
        order_of("DROPPED", json!([dropped])),
        order("SHORT", "1")
    ]);
    let plan = planned(json!({"orders": orders, "stock": [stock("A", "2")]}));
    assert_eq!(ready(&plan), ["MIXED"]);
    assert!(plan.orders.iter().all(|order| order.backorder));
}

#[test]
fn incoming_goods_make_nothing_ready() {
    let plan = planned(json!({"orders": [order("S", "2")], "supply": [supply("P", "2", json!("2026-01-05"))]}));
    assert!(ready(&plan).is_empty());
    assert!(plan.orders[0].backorder);
}

#[test]
fn part_ready_follows_the_documents_ship_policy_else_the_setting() {
    let parts = |setting: &str, own: Value, lines: Value| {
        let orders = json!([with(order_of("S", lines), json!({"ship_policy": own}))]);
        json!({"policy": {"ship_policy": setting}, "orders": orders, "stock": [stock("A", "2"), stock("B", "1")]})
    };
    let some_of_one = || json!([line("1", "A", "3"), line("2", "B", "3")]);
    let all_of_one = || json!([line("1", "A", "2"), line("2", "B", "3")]);
    let is_part = |parts| !part_ready(&planned(parts)).is_empty();
    assert!(!is_part(parts("whole_order", json!(null), all_of_one())));
    assert!(is_part(parts("any_part", json!(null), some_of_one())));
    assert!(!is_part(parts("each_line", json!(null), some_of_one())));
    assert!(is_part(parts("each_line", json!(null), all_of_one())));
    assert!(is_part(parts("whole_order", json!("any_part"), some_of_one())));
    assert!(!is_part(parts("any_part", json!("whole_order"), some_of_one())));
}

#[test]
fn a_part_must_reach_the_minimum_shipment_in_stock_units() {
    let parts = |least: &str| {
        let orders = json!([with(
            order_of("S", json!([line("1", "A", "3"), line("2", "B", "3")])),
            json!({"ship_policy": "any_part", "min_shipment": least})
        )]);
        json!({"orders": orders, "stock": [stock("A", "2"), stock("B", "1")]})
    };
    assert_eq!(part_ready(&planned(parts("3"))), ["S"]);
    assert!(part_ready(&planned(parts("3.5"))).is_empty());
}

#[test]
fn kits_are_never_sold_as_loose_parts() {
    let kits = json!([{"item": "K", "components": [{"item": "A", "per_kit": "2"}, {"item": "B", "per_kit": "1"}]}]);
    let part = |a: &str, b: &str, policy: &str| {
        let orders = json!([with(order_of("S", json!([line("1", "K", "3")])), json!({"ship_policy": policy}))]);
        let plan = planned(json!({"orders": orders, "kits": kits.clone(), "stock": [stock("A", a), stock("B", b)]}));
        (!part_ready(&plan).is_empty(), !ready(&plan).is_empty())
    };
    assert_eq!(part("6", "0", "any_part"), (false, false));
    assert_eq!(part("1", "3", "any_part"), (false, false));
    assert_eq!(part("2", "1", "any_part"), (true, false));
    assert_eq!(part("6", "2", "each_line"), (false, false));
    assert_eq!(part("6", "3", "each_line"), (false, true));
}

#[test]
fn the_promise_is_the_last_date_of_all_that_covers_the_demand() {
    let parts = json!({
        "orders": [with(order("S", "10"), json!({"need_by": "2026-01-12"}))],
        "stock": [stock("A", "4")],
        "supply": [supply("P", "1", json!("2026-01-08"))],
        "vendors": [vendor("V", 9)],
    });
    let plan = planned(parts);
    let deliveries: Vec<String> =
        plan.lines[0].deliveries.iter().map(|delivery| format!("{} {}", delivery.date, delivery.qty)).collect();
    assert_eq!(deliveries, ["2026-01-05 4", "2026-01-08 1", "2026-01-14 5"]);
    assert_eq!(plan.lines[0].promise.unwrap().to_string(), "2026-01-14");
    assert_eq!(plan.lines[0].late_days, Some(2));
    assert_eq!(plan.orders[0].promise, plan.lines[0].promise);
}

#[test]
fn deliveries_of_one_day_are_one() {
    let lines = json!([supply("P", "1", json!("2026-01-08")), supply("Q", "2", json!("2026-01-08"))]);
    let plan = planned(json!({"orders": [order("S", "3")], "supply": lines}));
    assert_eq!(plan.lines[0].deliveries.len(), 1);
    assert_eq!(plan.lines[0].deliveries[0].qty.to_string(), "3");
}

#[test]
fn there_is_no_promise_while_some_of_it_has_no_plan() {
    let plan = planned(
        json!({"orders": [with(order_of("S", json!([line("1", "A", "3"), line("2", "B", "1")])), json!({"need_by": "2026-01-12"}))], "stock": [stock("A", "2"), stock("B", "1")]}),
    );
    assert_eq!(plan.lines[0].promise, None);
    assert_eq!(plan.lines[0].late_days, None);
    assert_eq!(plan.lines[1].promise.unwrap().to_string(), "2026-01-05");
    assert_eq!(plan.lines[1].late_days, Some(0));
    assert_eq!(plan.orders[0].promise, None);
}

/// FIRST has 3 of A but lacks B; SECOND lacks 2 of A; THIRD lacks 5 of A.
fn blocked(policy: Value, first: Value) -> Value {
    let first = with(order_of("FIRST", json!([line("1", "A", "3"), line("2", "B", "1")])), first);
    json!({"policy": policy, "orders": [first, order("SECOND", "2"), order("THIRD", "1")], "stock": [stock("A", "3")]})
}

#[test]
fn blocked_stock_stays_where_it_is_unless_the_setting_releases_it() {
    assert!(ready(&planned(blocked(json!({}), json!({})))).is_empty());
    let plan = planned(blocked(json!({"release_blocked_stock": true}), json!({})));
    assert_eq!(ready(&plan), ["SECOND", "THIRD"]);
    assert_eq!(covers(&plan), ["FIRST 0+0+0+3", "FIRST 0+0+0+1", "SECOND 2+0+0+0", "THIRD 1+0+0+0"]);
}

#[test]
fn blocked_stock_goes_only_to_what_it_completes_entirely() {
    let policy = json!({"release_blocked_stock": true});
    let first = order_of("FIRST", json!([line("1", "A", "3"), line("2", "B", "1")]));
    let plan = planned(
        json!({"policy": policy, "orders": [first, order("TOO-MUCH", "4"), order("FITS", "3")], "stock": [stock("A", "3")]}),
    );
    assert_eq!(ready(&plan), ["FITS"]);
    assert_eq!(covers(&plan), ["FIRST 0+0+0+3", "FIRST 0+0+0+1", "FITS 3+0+0+0", "TOO-MUCH 0+0+0+4"]);
}

#[test]
fn only_whole_orders_give_up_their_stock_and_never_what_was_received_for_them() {
    let policy = || json!({"release_blocked_stock": true});
    let plan = planned(blocked(policy(), json!({"ship_policy": "any_part"})));
    assert!(ready(&plan).is_empty());
    let held = order_of("FIRST", json!([with(line("1", "A", "3"), json!({"received_for": "2"})), line("2", "B", "1")]));
    let plan = planned(
        json!({"policy": policy(), "orders": [held, order("SECOND", "2"), order("THIRD", "1")], "stock": [stock("A", "3")]}),
    );
    assert_eq!(covers(&plan), ["FIRST 2+0+0+1", "FIRST 0+0+0+1", "SECOND 0+0+0+2", "THIRD 1+0+0+0"]);
}

#[test]
fn an_order_that_is_completed_by_released_stock_keeps_its_own() {
    let policy = json!({"release_blocked_stock": true});
    let first = order_of("O1", json!([line("1", "A", "3"), line("2", "B", "1")]));
    let second = order_of("O2", json!([line("1", "A", "1"), line("2", "C", "2")]));
    let third = order_of("O3", json!([line("1", "C", "2")]));
    let plan = planned(
        json!({"policy": policy, "orders": [first, second, third], "stock": [stock("A", "3"), stock("C", "2")]}),
    );
    assert_eq!(ready(&plan), ["O2"]);
}

#[test]
fn an_override_of_a_customer_says_what_may_go() {
    let policy = json!({"overrides": [{"customer": "C", "ship_policy": "any_part"}, {"customer": "D", "ship_policy": "each_line"}]});
    let plan = planned(json!({"policy": policy, "orders": [order("S", "3")], "stock": [stock("A", "2")]}));
    assert_eq!(part_ready(&plan), ["S"]);
}

#[test]
fn nothing_is_promised_for_an_order_of_which_some_part_has_no_date_or_is_in_doubt() {
    let promise = |second: &str| {
        let order = order_of("S", json!([line("1", "A", "5"), line("2", "B", second)]));
        let stock = json!([stock("A", "5"), stock("B", "5")]);
        planned(json!({"orders": [order], "stock": stock})).orders[0].promise
    };
    assert_eq!(promise("5").map(|day| day.to_string()).as_deref(), Some("2026-01-05"));
    assert_eq!(promise("6"), None);
    assert_eq!(promise("-1"), None);
}

#[test]
fn of_a_kit_whole_kits_go_and_what_is_fixed_goes_with_the_first() {
    let kits = json!([{"item": "K", "components": [{"item": "A", "per_kit": "1"}, {"item": "B", "fixed": "2"}]}]);
    let goes = |ordered: &str, a: &str, b: &str, of_order: Value| {
        let lines = json!([line("1", "K", ordered), line("2", "C", "1")]);
        let order = with(with(order_of("S", lines), json!({"ship_policy": "any_part"})), of_order);
        let stock = json!([stock("A", a), stock("B", b)]);
        !part_ready(&planned(json!({"orders": [order], "kits": kits, "stock": stock}))).is_empty()
    };
    assert!(goes("3", "1", "2", json!({})));
    assert!(!goes("3", "1", "1", json!({})));
    assert!(!goes("3", "0.5", "2", json!({})));
    assert!(!goes("3", "2", "2", json!({"min_shipment": "3"})));
    // A line that is covered whole goes whole, half kits and all.
    assert!(goes("2.5", "2.5", "2", json!({"min_shipment": "2.5"})));
}

#[test]
fn blocked_stock_goes_to_nothing_that_waits_for_more_than_stock() {
    let first = order_of("FIRST", json!([line("1", "A", "3"), line("2", "B", "1")]));
    let given = |second: Value, supply: Value| {
        let parts = json!({"policy": {"release_blocked_stock": true}, "orders": [first, second], "stock": [stock("A", "3")], "supply": supply});
        covers(&planned(parts))[2..].to_vec()
    };
    assert_eq!(given(order("SECOND", "2"), json!([])), ["SECOND 2+0+0+0"]);
    // Of its other line nobody knows how much it is.
    let doubtful = order_of("SECOND", json!([line("1", "A", "2"), line("2", "A", "-1")]));
    assert_eq!(given(doubtful, json!([])), ["SECOND 0+0+0+2"]);
    // The host ordered a part of it for it.
    let pegs = json!([{"order": "SECOND", "line": "1", "qty": "1"}]);
    let tied = with(supply("P", "1", json!("2026-01-12")), json!({"tied": true, "for": pegs}));
    assert_eq!(given(order("SECOND", "2"), json!([tied])), ["SECOND 0+0+1+1"]);
}

#[test]
fn blocked_stock_comes_from_the_own_warehouse_before_an_earlier_one_of_the_pool() {
    let at = |warehouse: &str| with(line("1", "A", "2"), json!({"warehouse": warehouse}));
    let blocked = |id: &str, warehouse: &str| order_of(id, json!([at(warehouse), line("2", "B", "1")]));
    let there = json!({"item": "A", "warehouse": "FAR", "on_hand": "2"});
    let plan = planned(json!({
        "policy": {"release_blocked_stock": true, "stock_scope": ["FAR", "W"]},
        "orders": [blocked("S1", "W"), blocked("S2", "FAR"), order_of("S3", json!([at("W")]))],
        "stock": [stock("A", "2"), there],
    }));
    let of_a: Vec<String> = covers(&plan).into_iter().step_by(2).collect();
    assert_eq!(of_a, ["S1 0+0+0+2", "S2 2+0+0+0", "S3 2+0+0+0"]);
}
