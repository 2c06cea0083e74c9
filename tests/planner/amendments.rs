//! What a change means for what we already ordered (domain.md section 4).

use serde_json::{Value, json};

use crate::support::*;

fn peg(order: &str, qty: &str, wanted: &str) -> Value {
    json!({"order": order, "line": "1", "qty": qty, "wanted": wanted})
}

/// A purchase order line of ours for item A from vendor V: an untouched draft.
fn draft(po: &str, ordered: &str, pegs: Value) -> Value {
    json!({"po": po, "line": "1", "vendor": "V", "item": "A", "warehouse": "W", "ordered": ordered, "due": "2026-01-15", "state": "draft", "ours": true, "for": pegs})
}

fn plan_with(orders: Value, supply: Value) -> backorders::domain::plan::Plan {
    planned(json!({"orders": orders, "supply": supply, "vendors": [vendor("V", 10)]}))
}

#[test]
fn our_untouched_draft_is_raised_for_the_same_order_item_vendor_and_place() {
    let plan = plan_with(json!([order("S", "9")]), json!([draft("P", "7", json!([peg("S", "7", "7")]))]));
    assert_eq!((changes(&plan), bought(&plan)), (vec!["P 1 7→9 apply".to_owned()], vec![]));
    assert_eq!(serde_json::to_value(&plan.changes[0].pegs).unwrap(), json!([peg("S", "9", "9")]));
    assert_eq!(plan.lines[0].promise.unwrap().to_string(), "2026-01-15");
}

#[test]
fn anything_else_is_not_raised_but_a_new_purchase_order_made_for_the_rest() {
    let own = || json!([peg("S", "7", "7")]);
    for keys in [
        json!({"state": "confirmed"}),
        json!({"edited": true}),
        json!({"vendor": "OTHER"}),
        json!({"ours": false, "for": [], "state": "confirmed"}),
    ] {
        let plan = plan_with(json!([order("S", "9")]), json!([with(draft("P", "7", own()), keys.clone())]));
        assert_eq!((changes(&plan), bought(&plan)), (vec![], vec!["V A 2".to_owned()]), "{keys}");
    }
    let others =
        plan_with(json!([order("S", "9"), order("T", "7")]), json!([draft("P", "7", json!([peg("T", "7", "7")]))]));
    assert_eq!((changes(&others), bought(&others)), (vec![], vec!["V A 9".to_owned()]));
}

#[test]
fn a_raised_draft_is_rounded_and_its_surplus_used() {
    let offer = with(vendor("V", 10), json!({"multiple": "10"}));
    let line = draft("P", "10", json!([peg("S", "10", "10")]));
    let plan = planned(json!({"orders": [order("S", "12"), order("T", "3")], "supply": [line], "vendors": [offer]}));
    assert_eq!((changes(&plan), bought(&plan)), (vec!["P 1 10→20 apply".to_owned()], vec![]));
    let pegs: Vec<String> = plan.changes[0].pegs.iter().map(|peg| format!("{} {}", peg.order, peg.qty)).collect();
    assert_eq!(pegs, ["S 12", "T 3"]);
}

#[test]
fn a_draft_that_cannot_hold_more_in_one_line_is_left_alone() {
    let offer = with(vendor("V", 10), json!({"max_qty": "8"}));
    let plan = planned(
        json!({"orders": [order("S", "12")], "supply": [draft("P", "7", json!([peg("S", "7", "7")]))], "vendors": [offer]}),
    );
    assert_eq!((changes(&plan), bought(&plan)), (vec![], vec!["V A 5".to_owned()]));
}

#[test]
fn our_untouched_draft_is_lowered_when_the_documents_want_less() {
    let plan = plan_with(json!([order("S", "4")]), json!([draft("P", "7", json!([peg("S", "7", "7")]))]));
    assert_eq!(changes(&plan), ["P 1 7→4 apply"]);
    assert_eq!(serde_json::to_value(&plan.changes[0].pegs).unwrap(), json!([peg("S", "4", "4")]));
}

#[test]
fn what_was_confirmed_or_edited_is_only_proposed_to_be_lowered() {
    for keys in [json!({"state": "confirmed"}), json!({"edited": true})] {
        let plan = plan_with(
            json!([order("S", "4")]),
            json!([with(draft("P", "7", json!([peg("S", "7", "7")])), keys.clone())]),
        );
        assert_eq!(changes(&plan), ["P 1 7→4 propose"], "{keys}");
    }
}

#[test]
fn a_removed_line_and_a_cancelled_document_want_nothing() {
    let line = || json!([draft("P", "7", json!([peg("S", "7", "7")]))]);
    for orders in [
        json!([]),
        json!([order_of("S", json!([line_two()]))]),
        json!([with(order("S", "7"), json!({"status": "cancelled"}))]),
    ] {
        let plan = plan_with(orders.clone(), line());
        assert_eq!(changes(&plan), ["P 1 7→0 apply"], "{orders}");
        assert!(plan.changes[0].pegs.is_empty());
    }
    let short_closed = json!([order_of("S", json!([with(line_one("7"), json!({"closed": "5"}))]))]);
    assert_eq!(changes(&plan_with(short_closed, line())), ["P 1 7→2 apply"]);
    let closed = json!([with(
        order_of("S", json!([with(line_one("7"), json!({"fulfilled": "3"}))])),
        json!({"status": "closed"})
    )]);
    assert_eq!(changes(&plan_with(closed, line())), ["P 1 7→3 apply"]);
}

fn line_one(ordered: &str) -> Value {
    line("1", "A", ordered)
}

fn line_two() -> Value {
    line("2", "B", "1")
}

#[test]
fn stock_that_rose_by_itself_changes_no_order_of_ours() {
    let parts = json!({"orders": [order("S", "7")], "stock": [stock("A", "7")], "supply": [draft("P", "7", json!([peg("S", "7", "7")]))], "vendors": [vendor("V", 1)]});
    let plan = planned(parts);
    assert!(plan.changes.is_empty() && plan.purchase_orders.is_empty());
    assert_eq!(ready(&plan), ["S"]);
}

#[test]
fn no_more_is_cut_than_this_plan_leaves_unused() {
    // The document wants 3 less, but another demand already counts on 2 of the goods.
    let orders = json!([order("S", "4"), order("T", "2")]);
    let plan = plan_with(orders.clone(), json!([draft("P", "7", json!([peg("S", "7", "7")]))]));
    assert_eq!(covers(&plan), ["S 0+4+0+0", "T 0+0+2+0"]);
    assert_eq!(changes(&plan), ["P 1 7→6 apply"]);
    let all_used =
        plan_with(json!([order("S", "4"), order("T", "3")]), json!([draft("P", "7", json!([peg("S", "7", "7")]))]));
    assert!(changes(&all_used).is_empty());
}

#[test]
fn no_more_is_cut_than_the_document_wants_less() {
    // Stock covers all of it, but the document only wants 3 less.
    let parts = json!({"orders": [order("S", "4")], "stock": [stock("A", "9")], "supply": [draft("P", "7", json!([peg("S", "7", "7")]))], "vendors": [vendor("V", 1)]});
    assert_eq!(changes(&planned(parts)), ["P 1 7→4 apply"]);
}

#[test]
fn a_peg_that_remembers_nothing_is_never_cut() {
    let forgotten = json!([{"order": "S", "line": "1", "qty": "7"}]);
    assert!(changes(&plan_with(json!([]), json!([draft("P", "7", forgotten)]))).is_empty());
}

#[test]
fn lowering_is_rounded_and_never_goes_below_what_was_received() {
    let offer = with(vendor("V", 10), json!({"unit": "pack6", "unit_factor": "6"}));
    let lower = |ordered: &str, keys: Value| {
        let line = with(draft("P", "12", json!([peg("S", "12", "12")])), keys);
        changes(&planned(json!({"orders": [order("S", ordered)], "supply": [line], "vendors": [offer.clone()]})))
    };
    assert_eq!(lower("5", json!({})), ["P 1 12→6 apply"]);
    assert!(lower("7", json!({})).is_empty());
    let gone = with(draft("P", "12", json!([peg("S", "12", "12")])), json!({"received": "5", "state": "confirmed"}));
    assert_eq!(changes(&plan_with(json!([]), json!([gone]))), ["P 1 12→5 propose"]);
}

#[test]
fn other_peoples_orders_are_never_changed_nor_proposed_to_be() {
    let theirs = with(draft("P", "7", json!([peg("S", "7", "7")])), json!({"ours": false, "state": "confirmed"}));
    assert!(changes(&plan_with(json!([]), json!([theirs]))).is_empty());
}

#[test]
fn a_cancelled_order_of_ours_is_short_again_told_and_not_bought_again() {
    let cancelled = with(draft("P", "7", json!([peg("S", "7", "7")])), json!({"state": "cancelled"}));
    let plan = plan_with(json!([order("S", "9")]), json!([cancelled.clone()]));
    assert_eq!(kinds(&plan), ["po_cancelled"]);
    assert_eq!(plan.lines[0].not_bought.to_string(), "7");
    assert_eq!(bought(&plan), ["V A 2"]);
    let parts = json!({"policy": {"rebuy_after_cancel": true}, "orders": [order("S", "9")], "supply": [cancelled.clone()], "vendors": [vendor("V", 1)]});
    let again = planned(parts);
    assert_eq!((kinds(&again), bought(&again)), (vec![], vec!["V A 9".to_owned()]));
    let covered = planned(json!({"orders": [order("S", "9")], "supply": [cancelled], "stock": [stock("A", "9")]}));
    assert!(covered.exceptions.is_empty());
}

#[test]
fn what_a_person_lowered_by_hand_is_short_and_not_bought_again() {
    let lowered = with(draft("P", "4", json!([peg("S", "7", "7")])), json!({"edited": true}));
    let plan = plan_with(json!([order("S", "7")]), json!([lowered]));
    assert_eq!(covers(&plan), ["S 0+4+0+3"]);
    assert_eq!((plan.lines[0].not_bought.to_string(), bought(&plan)), ("3".to_owned(), vec![]));
    assert!(kinds(&plan).is_empty(), "the person knows it: {:?}", plan.exceptions);
}

#[test]
fn a_vendor_who_delivers_less_and_closes_leaves_a_shortfall_that_is_bought() {
    let closed = with(
        draft("P", "7", json!([peg("S", "7", "7")])),
        json!({"state": "confirmed", "received": "4", "closed": "3"}),
    );
    let lines = json!([with(line_one("7"), json!({"received_for": "4"}))]);
    let plan = planned(
        json!({"orders": [order_of("S", lines)], "stock": [stock("A", "4")], "supply": [closed], "vendors": [vendor("V", 1)]}),
    );
    assert_eq!((covers(&plan), bought(&plan)), (vec!["S 4+0+0+3".to_owned()], vec!["V A 3".to_owned()]));
}

#[test]
fn a_vendor_who_delivers_more_leaves_nothing_negative() {
    let over = with(draft("P", "7", json!([peg("S", "7", "7")])), json!({"state": "confirmed", "received": "9"}));
    let plan = planned(json!({"orders": [order("S", "7")], "stock": [stock("A", "9")], "supply": [over]}));
    assert_eq!(covers(&plan), ["S 7+0+0+0"]);
    assert!(plan.changes.is_empty() && plan.exceptions.is_empty());
}

#[test]
fn a_drop_shipment_follows_exactly_and_its_surplus_is_for_nobody() {
    let dropped = |ordered: &str| {
        json!([
            order_of("S", json!([{"id": "1", "item": "A", "ordered": ordered, "drop_ship": true}])),
            order("T", "5")
        ])
    };
    let line =
        || json!([with(draft("P", "7", json!([peg("S", "7", "7")])), json!({"drop_ship": true, "warehouse": null}))]);
    let lowered = plan_with(dropped("4"), line());
    assert_eq!(changes(&lowered), ["P 1 7→4 apply"]);
    assert_eq!(line_of(&lowered, "T").from_incoming.to_string(), "0");
    assert_eq!(changes(&plan_with(dropped("9"), line())), ["P 1 7→9 apply"]);
}

#[test]
fn goods_for_a_line_that_became_another_item_or_place_are_given_up() {
    let line = || json!([draft("P", "7", json!([peg("S", "7", "7")]))]);
    let other_item = json!([order_of("S", json!([line_item("B")]))]);
    assert_eq!(changes(&plan_with(other_item, line())), ["P 1 7→0 apply"]);
    let elsewhere = json!([order_of("S", json!([with(line_one("7"), json!({"warehouse": "FAR"}))]))]);
    let plan = plan_with(elsewhere, line());
    assert_eq!((changes(&plan), bought(&plan)), (vec!["P 1 7→0 apply".to_owned()], vec!["V A 7".to_owned()]));
}

fn line_item(item: &str) -> Value {
    line("1", item, "7")
}

#[test]
fn a_kits_pegs_are_by_component() {
    let kits = json!([{"item": "K", "components": [{"item": "A", "per_kit": "2"}]}]);
    let pegs = json!([{"order": "S", "line": "1", "component": "A", "qty": "10", "wanted": "10"}]);
    let parts = |kits_ordered: &str| json!({"orders": [order_of("S", json!([line("1", "K", kits_ordered)]))], "kits": kits.clone(), "supply": [draft("P", "10", pegs.clone())], "vendors": [vendor("V", 1)]});
    let same = planned(parts("5"));
    assert_eq!((covers(&same), changes(&same)), (vec!["S 0+10+0+0".to_owned()], vec![]));
    assert_eq!(changes(&planned(parts("3"))), ["P 1 10→6 apply"]);
    let raised = planned(parts("6"));
    assert_eq!(changes(&raised), ["P 1 10→12 apply"]);
    assert_eq!(raised.changes[0].pegs[0].component.as_deref(), Some("A"));
}

#[test]
fn a_line_is_lowered_by_its_vendors_terms_though_nobody_else_wants_the_item() {
    let vendors = json!([with(vendor("V", 10), json!({"multiple": "4"}))]);
    // The second peg does not say what was wanted, so it is never cut.
    let pegs = json!([peg("S", "7", "7"), {"order": "GONE", "line": "1", "qty": "5"}]);
    let supply = json!([with(draft("P", "12", pegs), json!({"state": "confirmed"}))]);
    for orders in [json!([]), json!([with(order("S", "7"), json!({"status": "cancelled"}))])] {
        let plan = planned(json!({"orders": orders, "supply": supply, "vendors": vendors}));
        assert_eq!(changes(&plan), ["P 1 12→8 propose"], "{orders}");
    }
}

#[test]
fn a_line_is_lowered_by_the_terms_of_its_own_vendor_and_a_drop_shipment_exactly() {
    let lowered = |of_draft: Value, of_order: Value| {
        let draft = with(draft("P", "10", json!([peg("S", "10", "10")])), of_draft);
        let fives = with(vendor("V", 3), json!({"multiple": "5"}));
        let lines = json!([with(line("1", "A", "7"), of_order)]);
        let parts = json!({"orders": [order_of("S", lines)], "supply": [draft], "vendors": [vendor("U", 1), fives]});
        changes(&planned(parts))
    };
    assert!(lowered(json!({}), json!({})).is_empty());
    let drop_ship = || json!({"drop_ship": true, "warehouse": null});
    assert_eq!(lowered(drop_ship(), drop_ship()), ["P 1 10→7 apply"]);
}

#[test]
fn a_draft_of_which_something_came_is_not_raised() {
    let came = with(draft("P", "3", json!([peg("S", "3", "3")])), json!({"received": "3"}));
    let orders = json!([order_of("S", json!([with(line_one("7"), json!({"received_for": "3"}))]))]);
    let plan =
        planned(json!({"orders": orders, "supply": [came], "stock": [stock("A", "3")], "vendors": [vendor("V", 10)]}));
    assert_eq!(covers(&plan), ["S 3+0+0+4"]);
    assert_eq!((changes(&plan), bought(&plan)), (vec![], vec!["V A 4".to_owned()]));
}

#[test]
fn as_much_is_kept_of_what_documents_gave_up_as_others_use_of_surplus_of_that_place() {
    // S wants 2 less of Q. T, for which nothing was ordered, counts on P, which comes before Q.
    let changed = |scope: Value, item: &str, warehouse: &str| {
        let at = |mut row: Value| {
            row["item"] = json!(item);
            row["warehouse"] = json!(warehouse);
            row
        };
        let surplus = at(with(draft("P", "6", json!([])), json!({"due": "2026-01-12"})));
        let plan = planned(json!({
            "policy": {"stock_scope": scope},
            "orders": [order("S", "3"), order_of("T", json!([at(line_one("6"))]))],
            "supply": [surplus, draft("Q", "5", json!([peg("S", "5", "5")]))],
        }));
        assert_eq!(covers(&plan), ["S 0+3+0+0", "T 0+0+6+0"]);
        changes(&plan)
    };
    assert!(changed(json!("order_warehouse"), "A", "W").is_empty());
    assert_eq!(changed(json!("order_warehouse"), "A", "FAR"), ["Q 1 5→3 apply"]);
    assert!(changed(json!("all"), "A", "FAR").is_empty());
    assert_eq!(changed(json!("all"), "B", "FAR"), ["Q 1 5→3 apply"]);
}

#[test]
fn nothing_is_given_back_for_a_kit_that_nobody_can_take_apart() {
    let component = json!({"order": "S", "line": "1", "component": "A", "qty": "7", "wanted": "7"});
    let of = |components: Value| {
        let parts = json!({
            "orders": [order_of("S", json!([line("1", "K", "2")]))],
            "kits": [{"item": "K", "components": components}],
            "supply": [draft("P", "7", json!([component.clone()]))],
        });
        changes(&planned(parts))
    };
    assert_eq!(of(json!([{"item": "A", "per_kit": "1"}])), ["P 1 7→2 apply"]);
    assert!(of(json!([{"item": "K", "per_kit": "1"}])).is_empty());
}

#[test]
fn nothing_is_bought_again_for_a_line_of_ours_that_makes_no_sense() {
    for keys in [json!({"ordered": "2000000000000"}), json!({"received": "-1"}), json!({"closed": "-1"})] {
        let ours = with(draft("P", "5", json!([peg("S", "3", "3")])), keys.clone());
        let plan = plan_with(json!([order("S", "11")]), json!([ours]));
        assert_eq!(covers(&plan), ["S 0+0+0+11"], "{keys}");
        assert_eq!((changes(&plan), bought(&plan)), (vec![], vec!["V A 8".to_owned()]), "{keys}");
        assert!(kinds(&plan).contains(&"bad_quantity".to_owned()), "{keys}");
    }
}

#[test]
fn what_a_line_never_held_for_its_order_is_bought() {
    let less = draft("P", "3", json!([peg("S", "8", "8")]));
    let plan = plan_with(json!([order("S", "8")]), json!([with(less, json!({"state": "confirmed"}))]));
    assert_eq!(covers(&plan), ["S 0+3+0+5"]);
    assert_eq!(bought(&plan), ["V A 5"]);
}
