//! Random snapshots: small, so that a law is tried on many; quantities are whole tenths, but for the wild ones.

use backorders::domain::factor::Factor;
use backorders::domain::policy::{
    Buy, CountIncoming, GroupBy, MinQtyMeans, Policy, ShipPolicy, StockScope, SupplyRule, VendorChoice,
};
use backorders::domain::quantity::Quantity;
use backorders::domain::snapshot::{
    Component, Kit, Order, OrderKind, OrderLine, OrderStatus, Peg, PriceTier, Snapshot, StockRow, SupplyLine,
    SupplyState, VendorOffer,
};
use jiff::civil::{Date, date};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::oracle::UNIT;

pub(crate) const ITEMS: [&str; 3] = ["A", "B", "C"];
pub(crate) const WAREHOUSES: [&str; 3] = ["W1", "W2", "W3"];
const TODAY: Date = date(2026, 1, 5);

/// How much of the rules a snapshot tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Breadth {
    All,
    /// All but the release of blocked stock.
    NoRelease,
    /// All but pooled supply. There the rank may hand goods that were bought for one demand to another that nobody
    /// buys for, so the first is short again: the law that planning again plans nothing cannot hold.
    Pegged,
    /// What the slow allocation knows: no kits, one plain vendor per item.
    Oracle,
    /// Figures of any size, also senseless ones.
    Wild,
}

fn tenths(most: i64) -> BoxedStrategy<Quantity> {
    (0..=most).prop_map(|tenths| Quantity::from_millionths(tenths * UNIT)).boxed()
}

fn figure(breadth: Breadth, most: i64) -> BoxedStrategy<Quantity> {
    if breadth != Breadth::Wild {
        return tenths(most);
    }
    prop_oneof![
        4 => tenths(most),
        2 => (0..=Quantity::MAX.millionths()).prop_map(Quantity::from_millionths),
        1 => Just(Quantity::MAX),
        1 => any::<i64>().prop_map(Quantity::from_millionths),
        1 => Just(Quantity::OUT_OF_BOUNDS),
        1 => Just(Quantity::from_millionths(1)),
    ]
    .boxed()
}

fn some_date() -> BoxedStrategy<Option<Date>> {
    prop_oneof![2 => Just(None), 5 => (1_i8..=28, 1_i8..=2).prop_map(|(day, month)| Some(date(2026, month, day)))]
        .boxed()
}

fn item() -> BoxedStrategy<&'static str> {
    prop_oneof![4 => Just(ITEMS[0]), 2 => Just(ITEMS[1]), 1 => Just(ITEMS[2])].boxed()
}

fn warehouse() -> BoxedStrategy<&'static str> {
    prop_oneof![4 => Just(WAREHOUSES[0]), 2 => Just(WAREHOUSES[1]), 1 => Just(WAREHOUSES[2])].boxed()
}

fn policy(breadth: Breadth) -> BoxedStrategy<Policy> {
    let scope = prop_oneof![
        3 => Just(StockScope::OrderWarehouse),
        1 => Just(StockScope::All),
        1 => Just(StockScope::Listed(vec!["W2".into(), "W1".into()])),
    ];
    let incoming =
        prop_oneof![3 => Just(CountIncoming::InTime), 1 => Just(CountIncoming::Any), 1 => Just(CountIncoming::None)];
    let group = prop_oneof![2 => Just(GroupBy::OrderAndVendor), 1 => Just(GroupBy::Vendor), 1 => Just(GroupBy::Line)];
    let choice = prop_oneof![
        2 => Just(VendorChoice::Preferred), 1 => Just(VendorChoice::Cheapest),
        1 => Just(VendorChoice::Earliest), 1 => Just(VendorChoice::OnTimeElseEarliest),
    ];
    let flags = (
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
        proptest::bool::weighted(0.7),
        proptest::bool::weighted(0.2),
        proptest::bool::weighted(0.3),
    );
    let small = (tenths(30), proptest::option::weighted(0.2, 0..20_i32), any::<bool>(), proptest::bool::weighted(0.1));
    (scope, incoming, group, choice, flags, small)
        .prop_map(move |(stock_scope, count_incoming, group_by, vendor_choice, flags, small)| {
            let (hold_for_order, count_foreign_drafts, merge_equal_items, pegged, rebuy_after_cancel, any_part) = flags;
            let (ignore_below, buy_ahead_days, threshold, buy_nothing) = small;
            let is_plain = breadth == Breadth::Oracle;
            Policy {
                stock_scope,
                count_incoming,
                supply: if pegged || breadth == Breadth::Pegged { SupplyRule::Pegged } else { SupplyRule::Pooled },
                hold_for_order,
                count_foreign_drafts,
                ship_policy: if any_part { ShipPolicy::AnyPart } else { ShipPolicy::WholeOrder },
                release_blocked_stock: !matches!(breadth, Breadth::NoRelease | Breadth::Oracle) && !merge_equal_items,
                buy: if buy_nothing { Buy::Nothing } else { Buy::Shortfall },
                vendor_choice: if is_plain { VendorChoice::Preferred } else { vendor_choice },
                group_by,
                merge_equal_items,
                min_qty_means: if threshold && !is_plain { MinQtyMeans::PriceThreshold } else { MinQtyMeans::Floor },
                fractional_vendor_units: rebuy_after_cancel,
                ignore_below: if ignore_below > Quantity::ONE { Quantity::ZERO } else { ignore_below },
                buy_ahead_days,
                rebuy_after_cancel,
                ..Policy::default()
            }
        })
        .boxed()
}

fn stock(breadth: Breadth) -> BoxedStrategy<Vec<StockRow>> {
    let row =
        (item(), warehouse(), figure(breadth, 100), prop_oneof![3 => Just(Quantity::ZERO), 1 => figure(breadth, 30)]);
    let row = row.prop_map(|(item, warehouse, on_hand, held)| StockRow {
        item: item.into(),
        warehouse: warehouse.into(),
        on_hand,
        held,
    });
    vec(row, 0..5).boxed()
}

fn line(breadth: Breadth) -> BoxedStrategy<OrderLine> {
    let name = if breadth == Breadth::Oracle { item() } else { prop_oneof![6 => item(), 1 => Just("KIT")].boxed() };
    let seldom = |most| prop_oneof![4 => Just(Quantity::ZERO), 1 => figure(breadth, most)];
    let amounts = (figure(breadth, 120), seldom(60), seldom(30), seldom(60), seldom(60));
    (name, warehouse(), amounts, some_date(), proptest::bool::weighted(0.15), proptest::bool::weighted(0.1))
        .prop_map(
            move |(item, warehouse, (ordered, fulfilled, closed, received, not_bought), need_by, drop_ship, named)| {
                OrderLine {
                    id: "".into(),
                    item: item.into(),
                    warehouse: (!drop_ship).then(|| warehouse.into()),
                    ordered,
                    fulfilled,
                    closed,
                    need_by,
                    drop_ship,
                    vendor: (named && breadth != Breadth::Oracle).then(|| "V2".into()),
                    received_for: received.into(),
                    not_bought: not_bought.into(),
                    tracked: true,
                }
            },
        )
        .boxed()
}

fn order(breadth: Breadth) -> BoxedStrategy<Order> {
    let kind =
        prop_oneof![6 => Just(OrderKind::SalesOrder), 1 => Just(OrderKind::Quotation), 1 => Just(OrderKind::Invoice)];
    let status =
        prop_oneof![8 => Just(OrderStatus::Open), 1 => Just(OrderStatus::Cancelled), 1 => Just(OrderStatus::Closed)];
    (kind, status, 1_i8..10, some_date(), 0..2_i32, vec(line(breadth), 1..3), any::<bool>())
        .prop_map(|(kind, status, day, need_by, priority, lines, other_customer)| Order {
            kind,
            status,
            date: date(2026, 1, day),
            need_by,
            priority,
            customer: Some(if other_customer { "C2".into() } else { "C1".into() }),
            ship_to: Some(if other_customer { "C2/main".into() } else { "C1/main".into() }),
            lines: lines
                .into_iter()
                .enumerate()
                .map(|(index, line)| OrderLine { id: format!("{}", index + 9).into(), ..line })
                .collect(),
            ..Order::default()
        })
        .boxed()
}

fn supply(breadth: Breadth) -> BoxedStrategy<SupplyLine> {
    let state = prop_oneof![3 => Just(SupplyState::Draft), 3 => Just(SupplyState::Confirmed), 1 => Just(SupplyState::Received), 1 => Just(SupplyState::Cancelled)];
    let seldom = |most| prop_oneof![4 => Just(Quantity::ZERO), 1 => figure(breadth, most)];
    let wanted = prop_oneof![1 => Just(None), 4 => figure(breadth, 150).prop_map(Some)];
    let pegs = vec((8_u8..12, 9_u8..11, figure(breadth, 60), wanted), 0..3);
    let flags = (any::<bool>(), proptest::bool::weighted(0.2), proptest::bool::weighted(0.15));
    (item(), warehouse(), (figure(breadth, 100), seldom(40), seldom(20)), some_date(), state, flags, pegs, 1..3_u8)
        .prop_map(
            |(item, warehouse, (ordered, received, closed), due, state, (ours, edited, drop_ship), pegs, vendor)| {
                SupplyLine {
                    vendor: Some(format!("V{vendor}").into()),
                    item: item.into(),
                    warehouse: (!drop_ship).then(|| warehouse.into()),
                    ordered,
                    received,
                    closed,
                    due,
                    state,
                    ours,
                    edited,
                    drop_ship,
                    pegs: one_per_demand(pegs.into_iter().filter(|_| ours)),
                    ..SupplyLine::default()
                }
            },
        )
        .boxed()
}

/// A line has one peg for a demand.
fn one_per_demand(pegs: impl Iterator<Item = (u8, u8, Quantity, Option<Quantity>)>) -> Vec<Peg> {
    let mut seen = std::collections::HashSet::new();
    pegs.filter(|(order, line, ..)| seen.insert((*order, *line)))
        .map(|(order, line, qty, wanted)| Peg {
            order: format!("SO-{order}").into(),
            line: format!("{line}").into(),
            component: None,
            qty,
            wanted,
        })
        .collect()
}

fn offer(breadth: Breadth) -> BoxedStrategy<VendorOffer> {
    let plain = breadth == Breadth::Oracle;
    let terms = (
        prop_oneof![1 => Just(Quantity::ZERO), 1 => figure(breadth, 100)],
        prop_oneof![2 => Just(Quantity::ZERO), 1 => (1_i64..60).prop_map(|tenths| Quantity::from_millionths(tenths * UNIT))],
    );
    let most = proptest::option::weighted(0.2, figure(breadth, 400));
    let factor = prop_oneof![
        3 => Just(None),
        1 => (1_i128..13).prop_map(|units| Some(Factor::ratio(units, 1))),
        1 => (1_i128..7, 1_i128..7).prop_map(|(above, below)| Some(Factor::ratio(above, below))),
        1 => if breadth == Breadth::Wild { (any::<i64>(), any::<i64>()).prop_map(|(a, b)| Some(Factor::ratio(a.into(), b.into()))).boxed() } else { Just(None).boxed() },
    ];
    let prices = vec((figure(breadth, 100), 1_u32..100), 0..3);
    (
        item(),
        1..4_u8,
        proptest::option::of(0..3_i32),
        proptest::bool::weighted(0.1),
        0..30_i32,
        terms,
        most,
        factor,
        prices,
    )
        .prop_map(move |(item, vendor, rank, blocked, lead_days, (min_qty, multiple), max_qty, factor, prices)| {
            VendorOffer {
                item: item.into(),
                vendor: format!("V{vendor}").into(),
                rank,
                blocked: blocked && !plain,
                lead_days,
                min_qty: if plain { Quantity::ZERO } else { min_qty },
                multiple: if plain { Quantity::ZERO } else { multiple },
                max_qty: if plain { None } else { max_qty },
                unit: factor.filter(|_| !plain).map(|_| "unit".into()),
                unit_factor: factor.filter(|_| !plain),
                currency: Some("EUR".into()),
                prices: prices
                    .into_iter()
                    .map(|(from_qty, price)| PriceTier {
                        from_qty,
                        price: price.to_string().parse().unwrap(),
                        ..PriceTier::default()
                    })
                    .collect(),
            }
        })
        .boxed()
}

/// A snapshot of a few orders; names are there once, as in a real one.
pub(crate) fn snapshot(breadth: Breadth) -> BoxedStrategy<Snapshot> {
    let parts = (
        policy(breadth),
        stock(breadth),
        vec(supply(breadth), 0..5),
        vec(order(breadth), 1..5),
        vec(offer(breadth), 0..5),
    );
    (parts, 1_i64..4, 0_i64..3)
        .prop_map(move |((policy, stock, supply, orders, vendors), per_kit, fixed)| {
            let mut seen = std::collections::HashSet::new();
            let plain = breadth == Breadth::Oracle;
            Snapshot {
                today: TODAY,
                policy,
                stock,
                supply: supply
                    .into_iter()
                    .enumerate()
                    .map(|(index, row)| SupplyLine { po: format!("PO-{}", index + 8).into(), line: "1".into(), ..row })
                    .collect(),
                orders: orders
                    .into_iter()
                    .enumerate()
                    .map(|(index, order)| Order { id: format!("SO-{}", index + 8).into(), ..order })
                    .collect(),
                kits: vec![Kit {
                    item: "KIT".into(),
                    components: vec![
                        Component {
                            item: ITEMS[0].into(),
                            per_kit: Some(Quantity::units(per_kit).into()),
                            fixed: None,
                        },
                        Component { item: ITEMS[1].into(), per_kit: None, fixed: Some(Quantity::units(fixed)) },
                    ],
                }],
                vendors: vendors
                    .into_iter()
                    .filter(|row| seen.insert((row.item.clone(), if plain { "".into() } else { row.vendor.clone() })))
                    .collect(),
                costs: Vec::new(),
            }
        })
        .boxed()
}

/// The same rows in another order.
pub(crate) fn shuffled(snapshot: &Snapshot, seed: u64) -> Snapshot {
    let mut state = seed | 1;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below.max(1)
    };
    let mut other = snapshot.clone();
    shuffle(&mut other.stock, &mut next);
    shuffle(&mut other.supply, &mut next);
    shuffle(&mut other.orders, &mut next);
    shuffle(&mut other.vendors, &mut next);
    other.kits.iter_mut().for_each(|kit| shuffle(&mut kit.components, &mut next));
    other.orders.iter_mut().for_each(|order| shuffle(&mut order.lines, &mut next));
    other.supply.iter_mut().for_each(|row| shuffle(&mut row.pegs, &mut next));
    other.vendors.iter_mut().for_each(|row| shuffle(&mut row.prices, &mut next));
    other
}

fn shuffle<T>(rows: &mut [T], next: &mut impl FnMut(usize) -> usize) {
    for last in (1..rows.len()).rev() {
        rows.swap(last, next(last + 1));
    }
}
