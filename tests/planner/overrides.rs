//! What holds for one vendor, customer or item in place of the company's rule.

use backorders::plan_command::read_snapshot;
use serde_json::{Value, json};

use crate::support::*;

/// A policy with one override.
fn but(rule: Value) -> Value {
    json!({"overrides": [rule]})
}

#[test]
fn goods_on_their_way_count_as_their_vendor_or_item_says() {
    let late = json!([with(order("S", "5"), json!({"need_by": "2026-01-06"}))]);
    let covered = |policy: Value, due: Value, state: &str| {
        let theirs = with(supply("P", "5", due), json!({"state": state}));
        let parts = json!({"policy": policy, "orders": late.clone(), "supply": [theirs], "vendors": [vendor("V", 1)]});
        covers(&planned(parts))
    };
    let (day, far) = (json!("2026-01-06"), json!("2026-03-01"));
    assert_eq!(covered(json!({}), day.clone(), "confirmed"), ["S 0+0+5+0"]);
    assert_eq!(
        covered(but(json!({"vendor": "V9", "count_incoming": "none"})), day.clone(), "confirmed"),
        ["S 0+0+0+5"]
    );
    assert_eq!(covered(but(json!({"vendor": "V", "count_incoming": "none"})), day.clone(), "confirmed"), ["S 0+0+5+0"]);
    assert_eq!(covered(json!({}), far.clone(), "confirmed"), ["S 0+0+0+5"]);
    assert_eq!(covered(but(json!({"item": "A", "count_incoming": "any"})), far.clone(), "confirmed"), ["S 0+0+5+0"]);
    let both =
        json!({"overrides": [{"vendor": "V9", "count_incoming": "none"}, {"item": "A", "count_incoming": "any"}]});
    assert_eq!(covered(both, far, "confirmed"), ["S 0+0+5+0"], "the item is more particular");
    assert_eq!(covered(json!({}), day.clone(), "draft"), ["S 0+0+0+5"]);
    let drafts = |of: Value| but(with(of, json!({"count_foreign_drafts": true})));
    assert_eq!(covered(drafts(json!({"vendor": "V9"})), day.clone(), "draft"), ["S 0+0+5+0"]);
    assert_eq!(covered(drafts(json!({"vendor": "V"})), day.clone(), "draft"), ["S 0+0+0+5"]);
    assert_eq!(covered(drafts(json!({"item": "A"})), day, "draft"), ["S 0+0+5+0"]);
}

#[test]
fn an_item_s_supply_may_be_pooled_and_its_receipts_not_be_held() {
    let ours = with(
        supply("P", "5", json!("2026-01-06")),
        json!({"ours": true, "for": [{"order": "LATER", "line": "1", "qty": "5", "wanted": "5"}]}),
    );
    let orders = json!([with(order("FIRST", "5"), json!({"priority": 1})), order("LATER", "5")]);
    let pegged = |policy: Value| covers(&planned(json!({"policy": policy, "orders": orders, "supply": [ours]})));
    assert_eq!(pegged(json!({})), ["FIRST 0+0+0+5", "LATER 0+5+0+0"]);
    assert_eq!(pegged(but(json!({"item": "A", "supply": "pooled"}))), ["FIRST 0+0+5+0", "LATER 0+0+0+5"]);
    assert_eq!(pegged(but(json!({"item": "B", "supply": "pooled"}))), ["FIRST 0+0+0+5", "LATER 0+5+0+0"]);

    let lines = json!([with(line("1", "A", "4"), json!({"received_for": "3"}))]);
    let orders = json!([
        with(order("FIRST", "5"), json!({"priority": 1})),
        with(order_of("LATER", lines), json!({"customer": "D"}))
    ]);
    let held =
        |policy: Value| covers(&planned(json!({"policy": policy, "orders": orders, "stock": [stock("A", "6")]})));
    assert_eq!(held(but(json!({"customer": "C", "hold_for_order": false}))), ["FIRST 3+0+0+2", "LATER 3+0+0+1"]);
    assert_eq!(held(but(json!({"customer": "D", "hold_for_order": false}))), ["FIRST 5+0+0+0", "LATER 1+0+0+3"]);
    let on = json!({"hold_for_order": false, "overrides": [{"item": "A", "hold_for_order": true}]});
    assert_eq!(held(on), ["FIRST 3+0+0+2", "LATER 3+0+0+1"]);
}

#[test]
fn a_vendor_takes_several_orders_together_while_others_keep_them_apart() {
    let lines = || json!([line("1", "A", "2"), line("2", "B", "3")]);
    let vendors = json!([vendor("V", 0), with(vendor("U", 0), json!({"item": "B"}))]);
    let orders = |policy: Value| {
        let parts =
            json!({"policy": policy, "orders": [order_of("S1", lines()), order_of("S2", lines())], "vendors": vendors});
        let mut orders: Vec<String> = planned(parts)
            .purchase_orders
            .iter()
            .map(|order| {
                let quantities: Vec<_> = order.lines.iter().map(|line| line.qty.to_string()).collect();
                format!("{} {}", order.vendor, quantities.join(" "))
            })
            .collect();
        orders.sort();
        orders
    };
    assert_eq!(orders(json!({})), ["U 3", "U 3", "V 2", "V 2"]);
    assert_eq!(orders(but(json!({"vendor": "V", "group_by": "vendor"}))), ["U 3", "U 3", "V 4"]);
    assert_eq!(orders(but(json!({"item": "B", "group_by": "vendor"}))), ["U 6", "V 2", "V 2"]);
    assert_eq!(orders(but(json!({"customer": "C", "group_by": "vendor"}))), ["U 6", "V 4"]);
    let apart = json!({"group_by": "vendor", "overrides": [{"vendor": "V", "merge_equal_items": false}]});
    assert_eq!(orders(apart), ["U 6", "V 2 2"]);
}

#[test]
fn a_draft_is_raised_for_its_own_line_only_where_lines_are_kept_apart() {
    let draft = with(
        supply("P", "5", json!("2026-01-06")),
        json!({"vendor": "V", "ours": true, "state": "draft", "for": [{"order": "S", "line": "1", "qty": "5", "wanted": "5"}]}),
    );
    let lines = json!([line("1", "A", "5"), line("2", "A", "2")]);
    let plan = |policy: Value| {
        planned(
            json!({"policy": policy, "orders": [order_of("S", lines.clone())], "supply": [draft.clone()], "vendors": [vendor("V", 1)]}),
        )
    };
    let together = plan(json!({}));
    assert_eq!((together.changes.len(), bought(&together)), (1, vec![]));
    let apart = plan(but(json!({"vendor": "V", "merge_equal_items": false})));
    assert_eq!((apart.changes.len(), bought(&apart)), (0, vec!["V A 2".to_owned()]));
}

#[test]
fn a_vendor_s_terms_are_meant_as_is_said_of_the_vendor_or_the_item() {
    let buys = |terms: Value, policy: Value| {
        let offer = with(vendor("V", 0), terms);
        bought(&planned(json!({"policy": policy, "orders": [order("S", "7")], "vendors": [offer]})))
    };
    let least = json!({"min_qty": "10"});
    assert_eq!(buys(least.clone(), json!({})), ["V A 10"]);
    let threshold = |of: Value| but(with(of, json!({"min_qty_means": "price_threshold"})));
    assert!(buys(least.clone(), threshold(json!({"vendor": "V"}))).is_empty());
    assert!(buys(least.clone(), threshold(json!({"item": "A"}))).is_empty());
    assert_eq!(buys(least, threshold(json!({"vendor": "U"}))), ["V A 10"]);
    let packs = json!({"unit": "pack", "unit_factor": "4"});
    assert_eq!(buys(packs.clone(), json!({})), ["V A 2"]);
    assert_eq!(buys(packs, but(json!({"vendor": "V", "fractional_vendor_units": true}))), ["V A 1.75"]);
}

#[test]
fn what_was_cancelled_is_bought_again_where_its_vendor_customer_or_item_says_so() {
    let cancelled = with(
        supply("P", "7", json!("2026-01-06")),
        json!({"ours": true, "state": "cancelled", "for": [{"order": "S", "line": "1", "qty": "7", "wanted": "7"}]}),
    );
    let again = |rule: Value| {
        let rule = with(rule, json!({"rebuy_after_cancel": true}));
        let parts = json!({"policy": but(rule), "orders": [order("S", "9")], "supply": [cancelled], "vendors": [vendor("V", 1)]});
        bought(&planned(parts))
    };
    assert_eq!(again(json!({"vendor": "V9"})), ["V A 9"]);
    assert_eq!(again(json!({"customer": "C"})), ["V A 9"]);
    assert_eq!(again(json!({"item": "A"})), ["V A 9"]);
    assert_eq!(again(json!({"vendor": "V"})), ["V A 2"], "it is the vendor who was cancelled that counts");
}

#[test]
fn what_is_said_of_a_kit_holds_for_its_components() {
    let kit = json!([{"item": "K", "components": [{"item": "A", "per_kit": "2"}]}]);
    let parts = |policy: Value| json!({"policy": policy, "orders": [order_of("S", json!([line("1", "K", "3")]))], "kits": kit, "vendors": [vendor("V", 1)]});
    assert_eq!(bought(&planned(parts(json!({})))), ["V A 6"]);
    assert!(bought(&planned(parts(but(json!({"item": "K", "buy": "nothing"}))))).is_empty());
    let both = json!({"overrides": [{"customer": "C", "buy": "nothing"}, {"item": "K", "buy": "shortfall"}]});
    assert_eq!(bought(&planned(parts(both))), ["V A 6"]);
}

#[test]
fn what_nobody_decides_by_those_whom_it_is_said_of_is_refused() {
    let problem = |rule: Value| {
        let text = json!({"today": "2026-01-05", "policy": but(rule)}).to_string();
        read_snapshot(text.as_bytes()).map_or_else(|error| error.to_string(), |_| "taken".to_owned())
    };
    for (key, value, taken, refused) in [
        ("count_incoming", json!("any"), ["vendor", "item"], vec!["customer"]),
        ("count_foreign_drafts", json!(true), ["vendor", "item"], vec!["customer"]),
        ("supply", json!("pooled"), ["item", "item"], vec!["vendor", "customer"]),
        ("hold_for_order", json!(false), ["customer", "item"], vec!["vendor"]),
        ("min_qty_means", json!("floor"), ["vendor", "item"], vec!["customer"]),
        ("fractional_vendor_units", json!(true), ["vendor", "item"], vec!["customer"]),
    ] {
        for of in taken {
            assert_eq!(problem(json!({of: "X", key: value})), "taken", "{key} of {of}");
        }
        for of in refused {
            let said = format!("policy.overrides[0].{key}: can only be said of ");
            let found = problem(json!({of: "X", key: value}));
            assert!(found.starts_with(&said), "{key} of {of}: {found}");
        }
    }
}
