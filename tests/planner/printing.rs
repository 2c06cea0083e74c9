//! The plan as JSON text: written by hand for speed, to the byte what serde writes.

use backorders::domain::name::Name;
use backorders::domain::plan::{Numbered, compact};
use backorders::domain::snapshot::Snapshot;
use backorders::plan_command::write_json;
use proptest::prelude::*;

use crate::laws::config;
use crate::random::{self, Breadth};

/// Ends of names that a writer of JSON stumbles over.
const ENDS: [&str; 9] = ["", "\"", "\\", "\u{0}\u{1f}\u{7f}", "\n\r\t\u{8}\u{c}", "é/漢\u{2028}", "\\u0041", "😀", " "];

/// The same snapshot whose names end as they like, the same ones alike.
fn renamed(mut snapshot: Snapshot, ends: &[usize]) -> Snapshot {
    let rename = |name: &mut Name| {
        let place = name.bytes().map(usize::from).sum::<usize>() % ends.len();
        *name = format!("{name}{}", ENDS[ends[place]]).as_str().into();
    };
    snapshot.stock.iter_mut().for_each(|row| [&mut row.item, &mut row.warehouse].into_iter().for_each(rename));
    for row in &mut snapshot.supply {
        [&mut row.po, &mut row.line, &mut row.item].into_iter().for_each(rename);
        row.vendor.iter_mut().chain(&mut row.warehouse).for_each(rename);
        row.pegs.iter_mut().flat_map(|peg| [&mut peg.order, &mut peg.line]).for_each(rename);
    }
    for order in &mut snapshot.orders {
        rename(&mut order.id);
        order.customer.iter_mut().chain(&mut order.ship_to).for_each(rename);
        for line in &mut order.lines {
            [&mut line.id, &mut line.item].into_iter().for_each(rename);
            line.warehouse.iter_mut().chain(&mut line.vendor).for_each(rename);
        }
    }
    for kit in &mut snapshot.kits {
        rename(&mut kit.item);
        kit.components.iter_mut().map(|component| &mut component.item).for_each(rename);
    }
    for row in &mut snapshot.vendors {
        [&mut row.item, &mut row.vendor].into_iter().for_each(rename);
        row.unit.iter_mut().chain(&mut row.currency).for_each(rename);
    }
    snapshot
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_plan_is_written_as_serde_writes_it_whatever_its_names_and_figures_are(
        snapshot in prop_oneof![random::snapshot(Breadth::All), random::snapshot(Breadth::Wild)],
        ends in prop::collection::vec(0..ENDS.len(), 1..8),
    ) {
        let snapshot = renamed(snapshot, &ends);
        let numbered = Numbered::new(&snapshot);
        let plan = compact(&numbered);
        let mut written = Vec::new();
        let by_hand = write_json(&plan, &mut written).map(|()| String::from_utf8(written).unwrap());
        match serde_json::to_string(&plan) {
            Ok(by_serde) => {
                prop_assert_eq!(by_hand.unwrap(), by_serde.clone() + "\n");
                prop_assert_eq!(serde_json::to_string(&plan.into_plan()).unwrap(), by_serde);
            }
            // A figure of a change that is none.
            Err(_) => prop_assert!(by_hand.is_err()),
        }
    }
}
