//! What is bought, from whom, how much, at what price (domain.md section 3).

use backorders::domain::plan::HeldBack;
use backorders::domain::quantity::Quantity;
use serde_json::{Value, json};

use crate::support::*;

fn buy(vendors: Value, policy: Value) -> Vec<String> {
    bought(&planned(json!({"policy": policy, "orders": [order("S", "7")], "vendors": vendors})))
}

#[test]
fn only_the_shortfall_is_bought_and_nothing_where_nothing_shall_be() {
    let parts = |buy: &str| json!({"policy": {"buy": buy}, "orders": [order("S", "7")], "stock": [stock("A", "3")], "vendors": [vendor("V", 0)]});
    assert_eq!(bought(&planned(parts("shortfall"))), ["V A 4"]);
    let nothing = planned(parts("nothing"));
    assert!(nothing.purchase_orders.is_empty() && nothing.exceptions.is_empty());
    assert_eq!(covers(&nothing), ["S 3+0+0+4"]);
}

#[test]
fn what_a_person_decided_not_to_buy_is_shown_short_and_what_exceeds_it_is_bought() {
    let parts = |not_bought: &str| {
        let lines = json!([with(line("1", "A", "7"), json!({"not_bought": not_bought}))]);
        json!({"orders": [order_of("S", lines)], "vendors": [vendor("V", 0)]})
    };
    let plan = planned(parts("5"));
    assert_eq!(bought(&plan), ["V A 2"]);
    assert_eq!(covers(&plan), ["S 0+0+0+7"]);
    assert_eq!(plan.lines[0].not_bought.to_string(), "5");
    assert_eq!(plan.lines[0].promise, None);
    assert_eq!(plan.purchase_orders[0].lines[0].why, "7 ordered = 7 short − 5 not to be bought = 2");
    let all = planned(parts("9"));
    assert!(all.purchase_orders.is_empty() && all.exceptions.is_empty());
    assert_eq!(all.lines[0].not_bought.to_string(), "7");
}

#[test]
fn a_shortfall_is_bought_only_above_ignore_below() {
    assert!(buy(json!([vendor("V", 0)]), json!({"ignore_below": "7"})).is_empty());
    assert_eq!(buy(json!([vendor("V", 0)]), json!({"ignore_below": "6.999999"})), ["V A 7"]);
}

#[test]
fn what_is_needed_later_than_lead_time_and_buy_ahead_days_waits() {
    let parts = |need_by: Value| json!({"policy": {"buy_ahead_days": 3}, "orders": [with(order("S", "1"), json!({"need_by": need_by}))], "vendors": [vendor("V", 10)]});
    assert_eq!(bought(&planned(parts(json!("2026-01-18")))), ["V A 1"]);
    assert!(bought(&planned(parts(json!("2026-01-19")))).is_empty());
    assert_eq!(bought(&planned(parts(json!(null)))), ["V A 1"]);
}

#[test]
fn a_line_says_why_the_rules_leave_what_is_short_alone() {
    let held = |policy: Value, keys: Value| {
        let order = with(order("S", "7"), keys);
        planned(json!({"policy": policy, "orders": [order], "vendors": [vendor("V", 10)]})).lines[0].held_back
    };
    assert_eq!(held(json!({}), json!({})), None);
    assert_eq!(held(json!({"buy": "nothing"}), json!({})), Some(HeldBack::NotBoughtFor));
    assert_eq!(held(json!({}), json!({"kind": "quotation"})), Some(HeldBack::NotBoughtFor));
    let of_vendor = json!({"overrides": [{"vendor": "V", "buy": "nothing"}]});
    assert_eq!(held(of_vendor, json!({})), Some(HeldBack::NotBoughtFor));
    let most = Quantity::units(7);
    assert_eq!(held(json!({"ignore_below": "7"}), json!({})), Some(HeldBack::TooLittle { most }));
    let date = jiff::civil::date(2026, 2, 16);
    let ahead = || json!({"buy_ahead_days": 3});
    assert_eq!(held(ahead(), json!({"need_by": "2026-03-01"})), Some(HeldBack::NotBefore { date }));
    assert_eq!(held(ahead(), json!({"need_by": "2026-01-18"})), None);
    // What stands in the way is an exception, and what a person decided is a step of the sum.
    let nobody = planned(json!({"policy": ahead(), "orders": [order("S", "7")]}));
    assert_eq!((kinds(&nobody), nobody.lines[0].held_back), (vec!["no_vendor".to_owned()], None));
    let lines = json!([with(line("1", "A", "7"), json!({"not_bought": "7"}))]);
    let decided = planned(json!({"policy": {"buy": "nothing"}, "orders": [order_of("S", lines)]}));
    assert_eq!(decided.lines[0].held_back, None);
}

#[test]
fn preferred_is_the_hosts_rank_then_the_name() {
    let ranked = |name: &str, rank: Value| with(vendor(name, 0), json!({"rank": rank}));
    assert_eq!(
        buy(json!([ranked("Z", json!(2)), ranked("Y", json!(1)), ranked("A", json!(null))]), json!({})),
        ["Y A 7"]
    );
    assert_eq!(buy(json!([ranked("Z", json!(1)), ranked("Y", json!(1))]), json!({})), ["Y A 7"]);
}

#[test]
fn blocked_vendors_are_passed_over() {
    let blocked = with(vendor("V1", 0), json!({"blocked": true, "rank": 1}));
    assert_eq!(buy(json!([blocked.clone(), vendor("V2", 0)]), json!({})), ["V2 A 7"]);
    let plan = planned(
        json!({"orders": [order_of("S", json!([line("1", "A", "7"), line("2", "B", "1")]))], "vendors": [blocked, with(vendor("V2", 0), json!({"item": "B"}))]}),
    );
    assert_eq!(kinds(&plan), ["no_vendor"]);
    assert_eq!(bought(&plan), ["V2 B 1"]);
}

#[test]
fn a_line_may_name_its_vendor() {
    let parts = |name: &str| {
        let lines = json!([with(line("1", "A", "7"), json!({"vendor": name}))]);
        json!({"orders": [order_of("S", lines)], "vendors": [with(vendor("V1", 0), json!({"rank": 1})), vendor("V2", 0)]})
    };
    assert_eq!(bought(&planned(parts("V2"))), ["V2 A 7"]);
    assert_eq!(kinds(&planned(parts("V3"))), ["no_vendor"]);
}

#[test]
fn earliest_and_first_on_time_else_earliest() {
    let vendors = json!([
        with(vendor("SLOW", 9), json!({"rank": 1})),
        with(vendor("MIDDLE", 5), json!({"rank": 2})),
        with(vendor("QUICK", 2), json!({"rank": 3}))
    ]);
    let choose = |choice: &str, need_by: Value| {
        let orders = json!([with(order("S", "7"), json!({"need_by": need_by}))]);
        bought(&planned(json!({"policy": {"vendor_choice": choice}, "orders": orders, "vendors": vendors.clone()})))
    };
    assert_eq!(choose("earliest", json!("2026-01-10")), ["QUICK A 7"]);
    assert_eq!(choose("on_time_else_earliest", json!("2026-01-10")), ["MIDDLE A 7"]);
    assert_eq!(choose("on_time_else_earliest", json!("2026-01-06")), ["QUICK A 7"]);
    assert_eq!(choose("on_time_else_earliest", json!(null)), ["SLOW A 7"]);
    assert_eq!(choose("preferred", json!("2026-01-10")), ["SLOW A 7"]);
}

fn priced(name: &str, price: &str, keys: Value) -> Value {
    with(with(vendor(name, 0), json!({"prices": [{"from_qty": "0", "price": price}]})), keys)
}

#[test]
fn cheapest_compares_one_stock_unit_in_the_base_currency() {
    let policy = json!({"vendor_choice": "cheapest", "base_currency": "EUR", "rates": {"USD": "0.9"}});
    let euro = priced("EURO", "10", json!({}));
    assert_eq!(
        buy(json!([euro.clone(), priced("DOLLAR", "11", json!({"currency": "USD"}))]), policy.clone()),
        ["DOLLAR A 7"]
    );
    assert_eq!(
        buy(json!([euro.clone(), priced("DOLLAR", "11.2", json!({"currency": "USD"}))]), policy.clone()),
        ["EURO A 7"]
    );
    let pack = priced("PACK", "59", json!({"unit": "pack6", "unit_factor": "6"}));
    assert_eq!(buy(json!([euro.clone(), pack]), policy.clone()), ["PACK A 2"]);
    assert_eq!(buy(json!([priced("B", "5", json!({})), priced("A", "5.0", json!({}))]), policy), ["A A 7"]);
}

#[test]
fn a_vendor_without_a_rate_comes_last_and_a_person_is_told() {
    let policy = json!({"vendor_choice": "cheapest", "base_currency": "EUR"});
    let vendors = json!([priced("POUND", "1", json!({"currency": "GBP"})), priced("EURO", "10", json!({}))]);
    let plan = planned(json!({"policy": policy, "orders": [order("S", "7")], "vendors": vendors}));
    assert_eq!(bought(&plan), ["EURO A 7"]);
    assert_eq!(kinds(&plan), ["no_rate"]);
    // One currency needs no rate.
    let both = json!([priced("P1", "3", json!({"currency": "GBP"})), priced("P2", "2", json!({"currency": "GBP"}))]);
    let plan = planned(json!({"policy": {"vendor_choice": "cheapest"}, "orders": [order("S", "7")], "vendors": both}));
    assert_eq!((bought(&plan), kinds(&plan)), (vec!["P2 A 7".to_owned()], vec![]));
}

#[test]
fn the_vendor_is_chosen_on_each_demands_own_rounded_shortfall() {
    let tiers = json!({"prices": [{"from_qty": "0", "price": "10"}, {"from_qty": "100", "price": "1"}]});
    let vendors = json!([with(vendor("BULK", 0), tiers), priced("FLAT", "5", json!({}))]);
    let orders = json!([order("S1", "60"), order("S2", "60")]);
    let plan = planned(
        json!({"policy": {"vendor_choice": "cheapest", "group_by": "vendor"}, "orders": orders, "vendors": vendors.clone()}),
    );
    assert_eq!(bought(&plan), ["FLAT A 120"]);
    let rounded = json!([with(vendors[0].clone(), json!({"multiple": "100"})), vendors[1]]);
    let plan =
        planned(json!({"policy": {"vendor_choice": "cheapest"}, "orders": [order("S1", "60")], "vendors": rounded}));
    assert_eq!(bought(&plan), ["BULK A 100"]);
}

#[test]
fn a_minimum_is_a_floor_or_a_price_threshold() {
    let vendors =
        json!([with(vendor("V1", 0), json!({"min_qty": "10", "rank": 1})), with(vendor("V2", 0), json!({"rank": 2}))]);
    assert_eq!(buy(vendors.clone(), json!({})), ["V1 A 10"]);
    assert_eq!(buy(vendors.clone(), json!({"min_qty_means": "price_threshold"})), ["V2 A 7"]);
    let low = json!([with(vendor("V1", 0), json!({"min_qty": "7", "rank": 1})), vendor("V2", 0)]);
    assert_eq!(buy(low, json!({"min_qty_means": "price_threshold"})), ["V1 A 7"]);
}

#[test]
fn terms_that_cannot_be_met_are_for_a_person_whatever_the_threshold_is() {
    let terms = json!({"min_qty": "100", "multiple": "10", "max_qty": "5", "rank": 1});
    let vendors = json!([with(vendor("V1", 0), terms), with(vendor("V2", 0), json!({"rank": 2}))]);
    for means in ["floor", "price_threshold"] {
        let parts =
            json!({"policy": {"min_qty_means": means}, "orders": [order("S", "7")], "vendors": vendors.clone()});
        assert_eq!(kinds(&planned(parts)), ["bad_vendor"], "{means}");
    }
}

#[test]
fn orders_are_grouped_as_the_setting_says() {
    let lines = || json!([line("1", "A", "1"), line("2", "A", "2"), line("3", "B", "1")]);
    let vendors = json!([vendor("V", 0), with(vendor("V", 0), json!({"item": "B"}))]);
    let group = |by: &str| {
        let plan = planned(
            json!({"policy": {"group_by": by}, "orders": [order_of("S1", lines()), order_of("S2", lines())], "vendors": vendors.clone()}),
        );
        plan.purchase_orders
            .iter()
            .map(|order| {
                order.lines.iter().map(|line| format!("{}{}", line.item, line.qty)).collect::<Vec<_>>().join(" ")
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(group("order_and_vendor"), ["A3 B1", "A3 B1"]);
    assert_eq!(group("vendor"), ["A6 B2"]);
    assert_eq!(group("line"), ["A1", "A2", "B1", "A1", "A2", "B1"]);
}

#[test]
fn equal_items_stay_apart_if_they_shall_not_be_merged() {
    let parts = |merge: bool| {
        let vendors = json!([with(vendor("V", 0), json!({"multiple": "2"}))]);
        json!({"policy": {"merge_equal_items": merge}, "orders": [order_of("S", json!([line("1", "A", "2"), line("2", "A", "4")]))], "vendors": vendors})
    };
    assert_eq!(bought(&planned(parts(true))), ["V A 6"]);
    assert_eq!(bought(&planned(parts(false))), ["V A 2", "V A 4"]);
}

#[test]
fn two_warehouses_addresses_or_currencies_and_drop_ship_and_stock_are_never_in_one_order() {
    let policy = json!({"group_by": "vendor"});
    let far = with(line("2", "A", "1"), json!({"warehouse": "FAR"}));
    let dropped = json!({"id": "3", "item": "A", "ordered": "1", "drop_ship": true});
    let dollars = line("4", "B", "1");
    let orders = json!([
        order_of("S1", json!([line("1", "A", "1"), far, dropped.clone(), dollars])),
        with(order_of("S2", json!([dropped])), json!({"ship_to": "ELSEWHERE"})),
    ]);
    let vendors = json!([vendor("V", 0), with(vendor("V", 0), json!({"item": "B", "currency": "USD"}))]);
    let plan = planned(json!({"policy": policy, "orders": orders, "vendors": vendors}));
    let places: Vec<_> = plan
        .purchase_orders
        .iter()
        .map(|order| (order.warehouse.as_deref(), order.ship_to.as_deref(), order.drop_ship, order.currency.as_deref()))
        .collect();
    let eur = Some("EUR");
    assert_eq!(
        places,
        [
            (Some("FAR"), None, false, eur),
            (Some("W"), None, false, eur),
            (Some("W"), None, false, Some("USD")),
            (None, Some("C/main"), true, eur),
            (None, Some("ELSEWHERE"), true, eur),
        ]
    );
}

#[test]
fn quantities_are_rounded_up_to_the_minimum_and_then_to_a_multiple_in_the_vendors_unit() {
    let terms = |keys| buy(json!([with(vendor("V", 0), keys)]), json!({}));
    assert_eq!(terms(json!({"min_qty": "8", "multiple": "5"})), ["V A 10"]);
    assert_eq!(terms(json!({"multiple": "4"})), ["V A 8"]);
    assert_eq!(terms(json!({"unit": "pack", "unit_factor": "3", "multiple": "2"})), ["V A 4"]);
    assert_eq!(terms(json!({"min_qty": "10", "multiple": "5", "max_qty": "5"})), Vec::<String>::new());
}

#[test]
fn whole_vendor_units_are_bought_unless_fractions_are_allowed() {
    let pack = || json!([with(vendor("V", 0), json!({"unit": "pack6", "unit_factor": "6"}))]);
    assert_eq!(buy(pack(), json!({})), ["V A 2"]);
    assert_eq!(buy(pack(), json!({"fractional_vendor_units": true})), ["V A 1.166667"]);
    let half = json!({"orders": [order("S", "0.5")], "vendors": [vendor("V", 0)]});
    assert_eq!(bought(&planned(half)), ["V A 0.5"]);
}

#[test]
fn above_the_maximum_it_is_split_and_each_part_says_whom_it_is_for() {
    let offer = with(vendor("V", 0), json!({"min_qty": "10", "multiple": "5", "max_qty": "25"}));
    let plan = planned(
        json!({"policy": {"group_by": "vendor"}, "orders": [order("S1", "20"), order("S2", "8")], "vendors": [offer]}),
    );
    assert_eq!(bought(&plan), ["V A 25", "V A 10"]);
    let pegs = |line: usize| {
        let line = &plan.purchase_orders[0].lines[line];
        (line.pegs.iter().map(|peg| format!("{} {}", peg.order, peg.qty)).collect::<Vec<_>>(), line.surplus.to_string())
    };
    assert_eq!(pegs(0), (vec!["S1 20".to_owned(), "S2 5".to_owned()], "0".to_owned()));
    assert_eq!(pegs(1), (vec!["S2 3".to_owned()], "7".to_owned()));
}

#[test]
fn terms_that_cannot_be_met_are_an_exception() {
    for keys in [
        json!({"min_qty": "10", "max_qty": "5"}),
        json!({"max_qty": "0.001"}),
        json!({"lead_days": -1}),
        json!({"multiple": "-5"}),
        json!({"unit_factor": "-2"}),
        json!({"prices": [{"price": "-1"}]}),
    ] {
        let plan = planned(json!({"orders": [order("S", "7")], "vendors": [with(vendor("V", 0), keys.clone())]}));
        assert_eq!((kinds(&plan), bought(&plan)), (vec!["bad_vendor".to_owned()], vec![]), "{keys}");
    }
}

#[test]
fn a_missing_or_zero_factor_is_an_exception_and_never_a_guess() {
    for keys in [
        json!({"unit": "box"}),
        json!({"unit": "box", "unit_factor": "0"}),
        json!({"unit_factor": 0}),
        json!({"unit_factor": "1/0"}),
    ] {
        let plan = planned(json!({"orders": [order("S", "7")], "vendors": [with(vendor("V", 0), keys.clone())]}));
        assert_eq!((kinds(&plan), bought(&plan)), (vec!["no_unit_factor".to_owned()], vec![]), "{keys}");
    }
}

fn dropped(ordered: &str) -> Value {
    json!({"id": "1", "item": "A", "ordered": ordered, "drop_ship": true})
}

#[test]
fn a_drop_shipment_goes_to_the_documents_own_address_and_is_never_raised() {
    let vendors = json!([
        with(vendor("V1", 0), json!({"min_qty": "10", "rank": 1})),
        with(vendor("V2", 0), json!({"unit": "pack", "unit_factor": "2"}))
    ]);
    let plan = |ordered: &str| {
        planned(json!({"orders": [order_of("S", json!([dropped(ordered)]))], "vendors": vendors.clone()}))
    };
    let ten = plan("10");
    assert_eq!(bought(&ten), ["V1 A 10"]);
    assert_eq!(
        (ten.purchase_orders[0].ship_to.as_deref(), ten.purchase_orders[0].warehouse.as_deref()),
        (Some("C/main"), None)
    );
    assert_eq!(bought(&plan("8")), ["V2 A 4"]);
    let none = plan("7");
    assert_eq!((kinds(&none), bought(&none)), (vec!["drop_ship_quantity".to_owned()], vec![]));
    assert!(ten.purchase_orders[0].lines.iter().all(|line| line.surplus.is_zero()));
}

#[test]
fn a_drop_shipment_without_an_address_or_a_vendor_is_an_exception() {
    let no_address = with(order_of("S", json!([dropped("1")])), json!({"ship_to": null}));
    assert_eq!(kinds(&planned(json!({"orders": [no_address], "vendors": [vendor("V", 0)]}))), ["no_ship_to"]);
    assert_eq!(kinds(&planned(json!({"orders": [order_of("S", json!([dropped("1")]))]}))), ["no_vendor"]);
}

#[test]
fn drop_shipments_that_cannot_be_merged_exactly_stay_apart() {
    let lines = json!([dropped("20"), with(dropped("8"), json!({"id": "2"}))]);
    let offer = with(vendor("V", 0), json!({"min_qty": "5", "max_qty": "25"}));
    let plan = planned(json!({"orders": [order_of("S", lines)], "vendors": [offer]}));
    assert_eq!(bought(&plan), ["V A 20", "V A 8"]);
}

fn price_of(quantity: &str, prices: Value, costs: Value) -> (Option<String>, bool) {
    let offer = with(vendor("V", 0), json!({"prices": prices}));
    let plan = planned(json!({"orders": [order("S", quantity)], "vendors": [offer], "costs": costs}));
    let line = &plan.purchase_orders[0].lines[0];
    (line.price.map(|price| price.to_string()), line.price_note.is_some())
}

#[test]
fn the_price_is_the_tier_of_the_rounded_quantity_that_is_valid_today() {
    let tier = |from: &str, price: &str, first: Value, last: Value| json!({"from_qty": from, "price": price, "valid_from": first, "valid_to": last});
    let null = || json!(null);
    let tiers = || {
        json!([
            tier("1", "10", null(), null()),
            tier("5", "8", null(), null()),
            tier("5", "1", json!("2026-01-06"), null()),
            tier("5", "2", null(), json!("2026-01-04"))
        ])
    };
    assert_eq!(price_of("4", tiers(), json!([])), (Some("10".to_owned()), false));
    assert_eq!(price_of("5", tiers(), json!([])), (Some("8".to_owned()), false));
    // Equal tiers: the latest valid-from, then the lowest.
    let equal = json!([
        tier("1", "3", json!("2025-01-01"), null()),
        tier("1", "9", json!("2026-01-05"), json!("2026-01-05")),
        tier("1", "7", json!("2026-01-05"), null()),
        tier("1", "1", null(), null())
    ]);
    assert_eq!(price_of("1", equal, json!([])), (Some("7".to_owned()), false));
}

#[test]
fn without_a_valid_price_the_items_cost_is_taken_and_marked() {
    let expired = || json!([{"from_qty": "0", "price": "5", "valid_to": "2026-01-04"}]);
    let cost = |currency: &str| json!([{"item": "A", "price": "3.5", "currency": currency}]);
    assert_eq!(price_of("1", expired(), cost("EUR")), (Some("3.5".to_owned()), true));
    assert_eq!(price_of("1", expired(), cost("USD")), (None, true));
    assert_eq!(price_of("1", json!([]), json!([])), (None, true));
    assert_eq!(price_of("1", json!([{"from_qty": "2", "price": "5"}]), cost("EUR")), (Some("3.5".to_owned()), true));
    let pack = with(vendor("V", 0), json!({"unit": "pack6", "unit_factor": 6, "prices": []}));
    let plan = planned(json!({"orders": [order("S", "7")], "vendors": [pack], "costs": cost("EUR")}));
    assert_eq!(plan.purchase_orders[0].total.unwrap().to_string(), "42");
    let plan = planned(json!({"orders": [order("S", "7")], "vendors": [with(vendor("V", 0), json!({"prices": []}))]}));
    assert_eq!(plan.purchase_orders[0].total, None);
}

#[test]
fn a_vendor_whose_prices_have_all_run_out_is_taken_only_if_there_is_no_other() {
    let expired = with(vendor("OLD", 0), json!({"rank": 1, "prices": [{"price": "1", "valid_to": "2026-01-04"}]}));
    assert_eq!(buy(json!([expired.clone(), vendor("NEW", 0)]), json!({})), ["NEW A 7"]);
    assert_eq!(buy(json!([expired]), json!({})), ["OLD A 7"]);
}

#[test]
fn surplus_is_used_by_later_groups_before_another_line_is_planned() {
    let offer = with(vendor("V", 0), json!({"unit": "pack6", "unit_factor": "6"}));
    let plan = planned(json!({"orders": [order("S1", "7"), order("S2", "3"), order("S3", "4")], "vendors": [offer]}));
    assert_eq!(bought(&plan), ["V A 2", "V A 1"]);
    let lines: Vec<_> = plan
        .purchase_orders
        .iter()
        .map(|order| {
            let line = &order.lines[0];
            let pegs: Vec<String> = line.pegs.iter().map(|peg| format!("{} {}", peg.order, peg.qty)).collect();
            (pegs.join(", "), line.surplus.to_string())
        })
        .collect();
    assert_eq!(lines, [("S1 7, S2 3, S3 2".to_owned(), "0".to_owned()), ("S3 2".to_owned(), "4".to_owned())]);
    assert!(plan.lines.iter().all(|line| line.promise.is_some()));
}

#[test]
fn surplus_stays_with_its_vendor_and_warehouse() {
    let offer = with(vendor("V", 0), json!({"multiple": "10"}));
    let far = order_of("S2", json!([with(line("1", "A", "3"), json!({"warehouse": "FAR"}))]));
    let dropped = order_of("S3", json!([dropped("10")]));
    let plan = planned(json!({"orders": [order("S1", "7"), far, dropped], "vendors": [offer]}));
    assert_eq!(bought(&plan), ["V A 10"; 3]);
}

#[test]
fn goods_are_expected_after_the_lead_days_on_the_next_working_day() {
    let policy = json!({"working_days": ["mon", "tue", "wed", "thu", "fri"], "holidays": ["2026-01-12"]});
    let vendors = json!([vendor("V", 5), with(vendor("V", 1), json!({"item": "B"}))]);
    let plan = planned(
        json!({"policy": policy, "orders": [order_of("S", json!([line("1", "B", "1"), line("2", "A", "1")]))], "vendors": vendors}),
    );
    let order = &plan.purchase_orders[0];
    assert_eq!(order.expected.to_string(), "2026-01-13");
    assert_eq!(
        order.lines.iter().map(|line| line.expected.to_string()).collect::<Vec<_>>(),
        ["2026-01-06", "2026-01-13"]
    );
}

#[test]
fn every_line_carries_the_sum_that_led_to_it() {
    let offer = with(vendor("V", 0), json!({"min_qty": "10"}));
    let lines = json!([with(line("1", "A", "12"), json!({"fulfilled": "2", "closed": "1"})), line("2", "A", "1")]);
    let plan = planned(json!({"orders": [order_of("S", lines)], "stock": [stock("A", "4")], "vendors": [offer]}));
    assert_eq!(
        plan.purchase_orders[0].lines[0].why,
        "S line 1: 12 ordered − 2 delivered − 1 closed − 4 from stock = 5 short; S line 2: 1 ordered = 1 short; 6 in all; rounded up to 10, 4 over"
    );
}

#[test]
fn the_most_particular_override_wins() {
    let choice = |overrides: Value| {
        let vendors = json!([with(vendor("SLOW", 9), json!({"rank": 1})), vendor("QUICK", 1)]);
        buy(vendors, json!({"overrides": overrides}))
    };
    let rule = |key: &str, value: &str, choice: &str| json!({key: value, "vendor_choice": choice});
    assert_eq!(choice(json!([rule("customer", "C", "earliest")])), ["QUICK A 7"]);
    assert_eq!(choice(json!([rule("customer", "D", "earliest")])), ["SLOW A 7"]);
    assert_eq!(choice(json!([rule("customer", "C", "earliest"), rule("item", "A", "preferred")])), ["SLOW A 7"]);
    assert_eq!(choice(json!([rule("vendor", "SLOW", "preferred"), rule("customer", "C", "earliest")])), ["QUICK A 7"]);
    assert_eq!(choice(json!([rule("vendor", "SLOW", "earliest")])), ["QUICK A 7"]);
}

#[test]
fn an_override_says_whether_and_from_which_quantity_it_is_bought_for() {
    let bought = |policy: Value| buy(json!([vendor("V", 1)]), policy);
    let for_item = |key: &str, value: Value| json!({"overrides": [{"item": "A", key: value}]});
    assert_eq!(bought(for_item("buy", json!("nothing"))), [""; 0]);
    assert_eq!(bought(json!({"buy": "nothing", "overrides": [{"customer": "C", "buy": "shortfall"}]})), ["V A 7"]);
    assert_eq!(bought(for_item("ignore_below", json!("7"))), [""; 0]);
    assert_eq!(bought(for_item("ignore_below", json!("6.5"))), ["V A 7"]);
    assert_eq!(bought(json!({"ignore_below": "9", "overrides": [{"vendor": "V", "ignore_below": "0"}]})), ["V A 7"]);
    assert_eq!(bought(json!({"overrides": [{"item": "B", "buy": "nothing"}]})), ["V A 7"]);
}

#[test]
fn one_unit_is_bought_as_the_pack_that_holds_it() {
    let pack = with(vendor("V", 0), json!({"unit": "box", "unit_factor": "12"}));
    let plan = planned(json!({"orders": [order("S", "1")], "vendors": [pack]}));
    let bought = &plan.purchase_orders[0].lines[0];
    assert_eq!([bought.qty, bought.stock_qty, bought.surplus].map(|qty| qty.to_string()), ["1", "12", "11"]);
}

#[test]
fn a_currency_without_a_rate_is_told_only_where_prices_are_compared() {
    let told = |choice: &str, of_line: Value| {
        let vendors = json!([vendor("V", 0), with(vendor("U", 9), json!({"currency": "USD"}))]);
        let lines = json!([with(line("1", "A", "7"), of_line)]);
        let policy = json!({"vendor_choice": choice, "base_currency": "EUR"});
        kinds(&planned(json!({"policy": policy, "orders": [order_of("S", lines)], "vendors": vendors})))
    };
    assert_eq!(told("cheapest", json!({})), ["no_rate"]);
    assert!(told("earliest", json!({})).is_empty());
    assert!(told("cheapest", json!({"vendor": "V"})).is_empty());
}

#[test]
fn of_equally_particular_overrides_the_first_holds() {
    let bought_under = |first: &str, second: &str| {
        buy(json!([vendor("V", 0)]), json!({"overrides": [{"item": "A", "buy": first}, {"item": "A", "buy": second}]}))
    };
    assert_eq!(bought_under("shortfall", "nothing"), ["V A 7"]);
    assert!(bought_under("nothing", "shortfall").is_empty());
}
