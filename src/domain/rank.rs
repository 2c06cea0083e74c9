//! The rank of demands (domain.md section 2, step 1): who comes first when there is not enough for all.
//!
//! Invariants: total, so the same snapshot gives the same answer whatever the order of its rows; compared as one
//! integer, because a million demands are sorted by it.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::name::natural_prefix;
use super::parallel::{in_parallel, joined, share, sort, threads_for};
use super::policy::{Policy, RankKey};
use super::snapshot::{Order, OrderKind};

/// Bits of each part of the key; together at most 128.
const PRIORITY_BITS: u32 = 32;
const DATE_BITS: u32 = 23;
const NUMBER_BITS: u32 = 32;
const NO_DATE: u128 = (1 << DATE_BITS) - 1;

/// Where a document number stands among all, in natural order: one ordinal per order of the snapshot.
pub(super) fn number_ordinals(orders: &[Order]) -> Vec<u32> {
    let share = share(orders.len(), threads_for(orders.len()));
    let is_sorted = in_parallel((0..orders.len()).step_by(share), |first| {
        let end = orders.len().min(first + share);
        orders[first.saturating_sub(1)..end].is_sorted_by(|left, right| left.id.natural_cmp(&right.id).is_lt())
    });
    if is_sorted.into_iter().all(|is_sorted| is_sorted) {
        return (0..).take(orders.len()).collect();
    }
    let prefixes = in_parallel(orders.chunks(share).zip((0..).step_by(share)), |(orders, first)| {
        orders.iter().zip(first..).map(|(order, index)| (natural_prefix(&order.id), index)).collect()
    });
    let mut sorted: Vec<(u128, u32)> = prefixes.into_iter().reduce(joined).unwrap_or_default();
    let at = |index: u32| &orders[index as usize];
    sort(&mut sorted, |(prefix, left), (other_prefix, right)| {
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

/// What decides between demands, by the policy.
#[derive(Debug)]
pub(super) struct Ranking<'a> {
    demand_kinds: &'a BTreeSet<OrderKind>,
    /// Each once, the number among them.
    parts: Vec<RankKey>,
}

impl<'a> Ranking<'a> {
    pub(super) fn new(policy: &'a Policy) -> Self {
        let mut parts = Vec::with_capacity(4);
        for part in policy.rank.iter().copied().chain([RankKey::Number]) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        Self { demand_kinds: &policy.demand_kinds, parts }
    }

    /// The rank of a demand of `order`, whose number has that ordinal; smaller comes first. Demands of one document
    /// that are equal in it follow by line and component.
    pub(super) fn key(&self, order: &Order, number: u32, need_by: Option<Date>) -> u128 {
        self.parts.iter().fold(self.kind_key(order), |key, part| with_part(key, *part, order, number, need_by))
    }

    /// What decides between two demands before the numbers of their documents do.
    pub(super) fn key_before_number(&self, order: &Order, need_by: Option<Date>) -> u128 {
        let before_number = self.parts.iter().take_while(|part| **part != RankKey::Number);
        before_number.fold(self.kind_key(order), |key, part| with_part(key, *part, order, 0, need_by))
    }

    /// Whether demands of one document stand by their need-by date before they stand by line and component.
    pub(super) fn need_by_before_line(&self) -> bool {
        self.parts.iter().skip_while(|part| **part != RankKey::Number).any(|part| *part == RankKey::NeedBy)
    }

    fn kind_key(&self, order: &Order) -> u128 {
        u128::from(!self.demand_kinds.contains(&order.kind))
    }
}

fn with_part(key: u128, part: RankKey, order: &Order, number: u32, need_by: Option<Date>) -> u128 {
    match part {
        RankKey::Priority => (key << PRIORITY_BITS) | descending(order.priority),
        RankKey::NeedBy => (key << DATE_BITS) | need_by_ordinal(need_by),
        RankKey::OrderDate => (key << DATE_BITS) | date_ordinal(order.date),
        RankKey::Number => (key << NUMBER_BITS) | u128::from(number),
    }
}

/// Grows with the date, none last.
pub(super) fn need_by_ordinal(need_by: Option<Date>) -> u128 {
    need_by.map_or(NO_DATE, date_ordinal)
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

    fn order(priority: i32, day: i8) -> Order {
        Order { priority, date: date(2026, 1, day), ..Order::default() }
    }

    #[test]
    fn priority_then_need_by_then_date_then_number_decide() {
        let policy = Policy::default();
        let ranking = Ranking::new(&policy);
        let key = |priority, need_by, day, number| ranking.key(&order(priority, day), number, need_by);
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
        let ranking = Ranking::new(&policy);
        assert!(ranking.key(&order(0, 1), 9, None) < ranking.key(&order(9, 2), 1, None));
        assert!(ranking.key(&order(0, 1), 1, None) < ranking.key(&order(9, 1), 2, None));
    }

    #[test]
    fn what_is_not_bought_for_comes_after_all_else() {
        let quotation = Order { kind: OrderKind::Quotation, ..order(i32::MAX, 1) };
        let policy = Policy::default();
        let ranking = Ranking::new(&policy);
        assert!(ranking.key(&order(i32::MIN, 9), 9, None) < ranking.key(&quotation, 1, None));
        let before = |order: &Order| ranking.key_before_number(order, None);
        assert!(before(&order(i32::MIN, 9)) < before(&quotation));
    }

    #[test]
    fn what_is_chosen_after_the_number_decides_inside_a_document_only() {
        let soon = Some(date(2026, 1, 1));
        let number_first = Policy { rank: vec![RankKey::Number, RankKey::NeedBy], ..Policy::default() };
        let ranking = Ranking::new(&number_first);
        assert!(ranking.need_by_before_line());
        assert_eq!(ranking.key_before_number(&order(0, 1), None), ranking.key_before_number(&order(9, 1), soon));
        assert!(ranking.key(&order(0, 1), 1, soon) < ranking.key(&order(0, 1), 1, None));
        assert!(!Ranking::new(&Policy::default()).need_by_before_line());
    }
}
