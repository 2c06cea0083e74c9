//! A snapshot of so many demands that several threads plan it.

use backorders::domain::name::Name;
use backorders::domain::plan::{Numbered, PlanLine, PurchaseOrder, compact, plan};
use backorders::domain::quantity::Quantity;
use backorders::domain::snapshot::{Order, OrderLine, Snapshot, StockRow, SupplyLine, VendorOffer};
use backorders::plan_command::write_json;
use jiff::civil::date;

use crate::random::shuffled;

const ORDERS: usize = 12_000;
const ITEMS: usize = 40;

/// Orders of one line, mixed; packs of seven leave surplus for later orders.
fn many() -> Snapshot {
    let item = |number: usize| Name::from(format!("ITEM-{}", number % ITEMS));
    let small = |number: usize, most: i8| 1 + i8::try_from(number * 31 % 97).unwrap() % most;
    let quantity = |number: usize, most: i8| Quantity::units(small(number, most).into());
    Snapshot {
        today: date(2026, 1, 5),
        stock: (0..ITEMS)
            .map(|number| StockRow {
                item: item(number),
                warehouse: "W".into(),
                on_hand: Quantity::units(900),
                ..StockRow::default()
            })
            .collect(),
        supply: (0..2 * ITEMS)
            .map(|number| SupplyLine {
                po: format!("PO-{number}").into(),
                line: "1".into(),
                item: item(number),
                warehouse: Some("W".into()),
                ordered: quantity(number, 90),
                due: Some(date(2026, 1, small(number, 28))),
                ..SupplyLine::default()
            })
            .collect(),
        orders: (0..ORDERS)
            .map(|number| Order {
                id: format!("SO-{}", number * 7 % ORDERS).into(),
                date: date(2026, 1, small(number, 5)),
                need_by: Some(date(2026, 2, small(number / 3, 28))),
                priority: i32::from(small(number / 7, 3)),
                lines: vec![OrderLine {
                    id: "1".into(),
                    item: item(number / 3),
                    warehouse: Some("W".into()),
                    ordered: quantity(number / 2, 12),
                    ..OrderLine::default()
                }],
                ..Order::default()
            })
            .collect(),
        vendors: (0..ITEMS)
            .map(|number| VendorOffer {
                item: item(number),
                vendor: format!("V{}", number % 3).into(),
                multiple: Quantity::units(7),
                lead_days: 9,
                ..VendorOffer::default()
            })
            .collect(),
        ..Snapshot::default()
    }
}

#[test]
fn many_items_side_by_side_are_planned_as_each_alone() {
    let whole = many();
    let together = plan(&whole);
    assert!(together.lines.iter().any(|line| line.from_incoming.is_positive()));
    let mut bought = 0;
    for number in 0..ITEMS {
        let item = Name::from(format!("ITEM-{number}"));
        let mut part = whole.clone();
        part.orders.retain(|order| order.lines[0].item == item);
        let alone = plan(&part);
        let of_item = |line: &&PlanLine| line.item == item;
        assert!(together.lines.iter().filter(of_item).eq(&alone.lines), "{item}");
        let orders: Vec<&PurchaseOrder> =
            together.purchase_orders.iter().filter(|order| order.lines[0].item == item).collect();
        assert!(orders.iter().copied().eq(&alone.purchase_orders), "{item}");
        bought += orders.len();
    }
    assert!(bought > 100 && bought == together.purchase_orders.len());
}

#[test]
fn many_rows_in_another_order_are_the_same_bytes_written_side_by_side_or_in_one_piece() {
    let whole = many();
    let numbered = Numbered::new(&whole);
    let in_numbers = compact(&numbered);
    let mut text = Vec::new();
    write_json(&in_numbers, &mut text).unwrap();
    assert_eq!(String::from_utf8(text).unwrap().trim_end(), serde_json::to_string(&in_numbers).unwrap());
    let plain = in_numbers.into_plan();
    assert_eq!(serde_json::to_string(&plan(&shuffled(&whole, 7))).unwrap(), serde_json::to_string(&plain).unwrap());
}
