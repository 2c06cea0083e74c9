//! The rank of demands (domain.md section 2, step 1): who comes first when there is not enough for all.
//!
//! Invariants: total, so the same snapshot gives the same answer whatever the order of its rows; compared as one
//! integer, because a million demands are sorted by it.

use jiff::civil::Date;

use super::name::natural_prefix;
use super::policy::{Policy, RankKey};
use super::snapshot::Order;

/// Bits of each part of the key; together at most 128.
const PRIORITY_BITS: u32 = 32;
const DATE_BITS: u32 = 23;
const NUMBER_BITS: u32 = 32;
const NO_DATE: u128 = (1 << DATE_BITS) - 1;

/// Where a document number stands among all, in natural order: one ordinal per order of the snapshot.
pub(super) fn number_ordinals(orders: &[Order]) -> Vec<u32> {
    let mut sorted: Vec<(u128, u32)> =
        orders.iter().zip(0..).map(|(order, index)| (natural_prefix(&order.id), index)).collect();
    let at = |index: u32| &orders[index as usize];
    sorted.sort_unstable_by(|(prefix, left), (other_prefix, right)| {
        prefix.cmp(other_prefix).then_with(|| {
            let (left, right) = (at(*left), at(*right));
            // Two documents of one number are told apart by what they say, never by their place in the input.
            left.id.natural_cmp(&right.id).then_with(|| left.kind.cmp(&right.kind)).then_with(|| left.cmp(right))
        })
    });
    let mut ordinals = vec![0; orders.len()];
    for ((_, index), ordinal) in sorted.into_iter().zip(0..) {
        ordinals[index as usize] = ordinal;
    }
    ordinals
}

/// The rank of a demand of `order`, whose number has that ordinal; smaller comes first. Demands of one document
/// that are equal in it follow by line and component.
pub(super) fn rank_key(policy: &Policy, order: &Order, number: u32, need_by: Option<Date>) -> u128 {
    let mut key = u128::from(!policy.demand_kinds.contains(&order.kind));
    let mut seen = [false; 4];
    for part in policy.rank.iter().copied().chain([RankKey::Number]) {
        if std::mem::replace(&mut seen[part as usize], true) {
            continue;
        }
        key = match part {
            RankKey::Priority => (key << PRIORITY_BITS) | descending(order.priority),
            RankKey::NeedBy => (key << DATE_BITS) | need_by.map_or(NO_DATE, date_ordinal),
            RankKey::OrderDate => (key << DATE_BITS) | date_ordinal(order.date),
            RankKey::Number => (key << NUMBER_BITS) | u128::from(number),
        };
    }
    key
}

fn descending(priority: i32) -> u128 {
    let distance = i64::from(i32::MAX) - i64::from(priority);
    u128::from(distance.unsigned_abs())
}

/// Grows with the date; below [`NO_DATE`].
fn date_ordinal(date: Date) -> u128 {
    let years = i32::from(date.year()) + 9999;
    let ordinal = (years * 13 + i32::from(date.month())) * 32 + i32::from(date.day());
    u128::from(ordinal.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::domain::snapshot::OrderKind;

    fn order(priority: i32, day: i8) -> Order {
        Order { priority, date: date(2026, 1, day), ..Order::default() }
    }

    #[test]
    fn priority_then_need_by_then_date_then_number_decide() {
        let policy = Policy::default();
        let key = |priority, need_by, day, number| rank_key(&policy, &order(priority, day), number, need_by);
        let soon = Some(date(2026, 1, 1));
        assert!(key(2, None, 9, 9) < key(1, soon, 1, 1));
        assert!(key(i32::MAX, None, 9, 9) < key(i32::MIN, soon, 1, 1));
        assert!(key(1, soon, 9, 9) < key(1, Some(date(2026, 1, 2)), 1, 1));
        assert!(key(1, Some(Date::MAX), 9, 9) < key(1, None, 1, 1));
        assert!(key(1, soon, 1, 9) < key(1, soon, 2, 1));
        assert!(key(1, soon, 1, 1) < key(1, soon, 1, 2));
    }

    #[test]
    fn the_last_day_of_a_year_comes_before_the_first_of_the_next() {
        assert!(date_ordinal(date(2025, 12, 31)) < date_ordinal(date(2026, 1, 1)));
        assert!(date_ordinal(date(2026, 1, 31)) < date_ordinal(date(2026, 2, 1)));
        assert!(date_ordinal(Date::MAX) < NO_DATE);
    }

    #[test]
    fn the_chosen_keys_decide_in_their_order_and_the_number_last() {
        let policy = Policy { rank: vec![RankKey::OrderDate, RankKey::OrderDate], ..Policy::default() };
        assert!(rank_key(&policy, &order(0, 1), 9, None) < rank_key(&policy, &order(9, 2), 1, None));
        assert!(rank_key(&policy, &order(0, 1), 1, None) < rank_key(&policy, &order(9, 1), 2, None));
    }

    #[test]
    fn what_is_not_bought_for_comes_after_all_else() {
        let quotation = Order { kind: OrderKind::Quotation, ..order(i32::MAX, 1) };
        let policy = Policy::default();
        assert!(rank_key(&policy, &order(i32::MIN, 9), 9, None) < rank_key(&policy, &quotation, 1, None));
    }
}
