//! What becomes of one line of a sales document, kept as it is seen: the ground of DIFOT (domain.md section 7).
//!
//! Invariants: pure steps. A due date is frozen when it is first known; a delivery is dated by the day on which it was
//! seen and taken back, newest first, when the host takes it back; what is lowered after the due date stays owed.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::difot::{Cancelled, LineRecord};
use super::quantity::Quantity;

/// What is kept of a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fulfilment {
    pub due: Option<Date>,
    /// Stock units that count as ordered.
    pub ordered: Quantity,
    /// Oldest first, one for each day.
    pub deliveries: Vec<(Date, Quantity)>,
    pub cancelled_on: Option<Date>,
    /// Cancelled after a person had decided not to buy what was missing.
    pub for_lack_of_stock: bool,
    /// Since when stock covers all of it.
    pub ready_on: Option<Date>,
    /// Stock that would have covered it went to other orders at some time.
    pub given_to_others: bool,
}

/// A line as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SeenLine {
    /// Ordered less what was closed.
    pub wanted: Quantity,
    pub fulfilled: Quantity,
    /// The document is open, or was closed when all was delivered.
    pub alive: bool,
    pub promise: Option<Date>,
    pub need_by: Option<Date>,
    /// Stock covers all that is open.
    pub covered: bool,
    /// Other orders hold stock that would cover it.
    pub others_hold_it: bool,
    /// A person decided not to buy what is missing.
    pub declined: bool,
}

impl Fulfilment {
    /// The line after it was seen on that day.
    #[must_use]
    pub fn step(before: Option<Self>, seen: &SeenLine, today: Date) -> Self {
        let is_new = before.is_none();
        let mut kept = before.unwrap_or_default();
        kept.due = kept.due.or_else(|| due(seen, today));
        // what was delivered before the line was first seen has no date of its own
        let day = if is_new { kept.due.map_or(today, |due| due.min(today)) } else { today };
        kept.deliver(seen.fulfilled, day);
        if seen.alive && seen.wanted.is_positive() {
            let may_fall = is_new || kept.due.is_none_or(|due| today <= due);
            kept.ordered = if may_fall { seen.wanted } else { kept.ordered.max(seen.wanted) };
            kept.cancelled_on = None;
            kept.for_lack_of_stock = false;
        } else if kept.cancelled_on.is_none() && kept.delivered() < kept.ordered {
            kept.cancelled_on = Some(today);
            kept.for_lack_of_stock = seen.declined;
        }
        let is_open = seen.alive && seen.wanted > seen.fulfilled;
        if is_open {
            kept.ready_on = if seen.covered { kept.ready_on.or(Some(today)) } else { None };
            kept.given_to_others |= !seen.covered && seen.others_hold_it;
        }
        kept
    }

    fn delivered(&self) -> Quantity {
        self.deliveries.iter().map(|(_, qty)| *qty).fold(Quantity::ZERO, Quantity::plus)
    }

    /// Brings the deliveries to this sum.
    fn deliver(&mut self, fulfilled: Quantity, day: Date) {
        let more = fulfilled.minus_or_zero(self.delivered());
        if more.is_positive() {
            match self.deliveries.last_mut() {
                Some((last, qty)) if *last == day => *qty = qty.plus(more),
                _ => self.deliveries.push((day, more)),
            }
            return;
        }
        let mut back = self.delivered().minus_or_zero(fulfilled);
        while back.is_positive()
            && let Some((day, qty)) = self.deliveries.pop()
        {
            let rest = qty.minus_or_zero(back);
            back = back.minus_or_zero(qty);
            if rest.is_positive() {
                self.deliveries.push((day, rest));
                break;
            }
        }
    }

    /// As DIFOT judges it, without its course.
    #[must_use]
    pub fn record(&self) -> LineRecord {
        let cancelled = |day| {
            if self.for_lack_of_stock { Cancelled::ForLackOfStock(day) } else { Cancelled::ByCustomer(day) }
        };
        LineRecord {
            due: self.due,
            ordered: self.ordered,
            deliveries: self.deliveries.clone(),
            cancelled: self.cancelled_on.map(cancelled),
            ..LineRecord::default()
        }
    }
}

/// The date that holds from now on. A line that stock does not cover is due on its first promise; one that it covers
/// was promised for the day that was asked for, else for the day on which it could go.
fn due(seen: &SeenLine, today: Date) -> Option<Date> {
    let is_open = seen.wanted > seen.fulfilled;
    if is_open && !seen.covered { seen.promise.or(seen.need_by) } else { seen.need_by.or(Some(today)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i8) -> Date {
        jiff::civil::date(2026, 1, day)
    }

    fn open(wanted: i64, fulfilled: i64) -> SeenLine {
        SeenLine {
            wanted: Quantity::units(wanted),
            fulfilled: Quantity::units(fulfilled),
            alive: true,
            ..SeenLine::default()
        }
    }

    #[test]
    fn the_due_date_is_frozen_when_it_is_first_known() {
        let short = SeenLine { promise: None, ..open(10, 0) };
        let kept = Fulfilment::step(None, &short, day(1));
        assert_eq!(kept.due, None);
        let promised = SeenLine { promise: Some(day(9)), need_by: Some(day(5)), ..short };
        let kept = Fulfilment::step(Some(kept), &promised, day(2));
        assert_eq!(kept.due, Some(day(9)));
        let moved = SeenLine { promise: Some(day(20)), ..promised };
        assert_eq!(Fulfilment::step(Some(kept), &moved, day(3)).due, Some(day(9)));
        let without_plan = SeenLine { promise: None, need_by: Some(day(5)), ..short };
        assert_eq!(Fulfilment::step(None, &without_plan, day(1)).due, Some(day(5)));
    }

    #[test]
    fn what_stock_covers_is_due_when_it_is_needed() {
        let covered = SeenLine { covered: true, promise: Some(day(1)), need_by: Some(day(8)), ..open(3, 0) };
        assert_eq!(Fulfilment::step(None, &covered, day(1)).due, Some(day(8)));
        let whenever = SeenLine { need_by: None, ..covered };
        assert_eq!(Fulfilment::step(None, &whenever, day(1)).due, Some(day(1)));
    }

    #[test]
    fn deliveries_are_dated_as_they_are_seen_and_taken_back_newest_first() {
        let kept = Fulfilment::step(None, &SeenLine { need_by: Some(day(5)), ..open(10, 0) }, day(1));
        let kept = Fulfilment::step(Some(kept), &open(10, 4), day(3));
        let kept = Fulfilment::step(Some(kept), &open(10, 6), day(3));
        let kept = Fulfilment::step(Some(kept), &open(10, 10), day(4));
        assert_eq!(kept.deliveries, [(day(3), Quantity::units(6)), (day(4), Quantity::units(4))]);
        let kept = Fulfilment::step(Some(kept), &open(10, 5), day(5));
        assert_eq!(kept.deliveries, [(day(3), Quantity::units(5))]);
        assert_eq!(Fulfilment::step(Some(kept), &open(10, 0), day(5)).deliveries, []);
    }

    #[test]
    fn a_line_that_has_all_it_ordered_is_not_cancelled_when_its_document_is_gone() {
        let kept = Fulfilment::step(None, &open(10, 10), day(1));
        let gone = Fulfilment::step(Some(kept.clone()), &SeenLine { alive: false, ..open(10, 10) }, day(2));
        assert_eq!(gone.cancelled_on, None);
        let nothing_wanted = Fulfilment::step(Some(kept), &open(0, 10), day(2));
        assert_eq!((nothing_wanted.ordered, nothing_wanted.cancelled_on), (Quantity::units(10), None));
    }

    #[test]
    fn a_cancelled_line_keeps_the_day_and_the_reason_it_was_cancelled_with() {
        let kept = Fulfilment::step(None, &open(10, 4), day(1));
        let gone = SeenLine { alive: false, ..open(10, 4) };
        let kept = Fulfilment::step(Some(kept), &gone, day(2));
        let later = Fulfilment::step(Some(kept), &SeenLine { declined: true, ..gone }, day(3));
        assert_eq!(
            (later.ordered, later.cancelled_on, later.for_lack_of_stock),
            (Quantity::units(10), Some(day(2)), false)
        );
        assert_eq!(later.ready_on, None);
    }

    #[test]
    fn only_an_open_line_becomes_ready_and_only_one_that_is_not_covered_is_given_to_others() {
        let covered = SeenLine { covered: true, ..open(10, 0) };
        let ready = |seen: SeenLine| Fulfilment::step(None, &seen, day(2)).ready_on;
        assert_eq!(ready(covered), Some(day(2)));
        assert_eq!(ready(SeenLine { alive: false, ..covered }), None);
        assert_eq!(ready(SeenLine { fulfilled: Quantity::units(10), ..covered }), None);
        let to_others = |seen: SeenLine| Fulfilment::step(None, &seen, day(2)).given_to_others;
        assert!(to_others(SeenLine { others_hold_it: true, ..open(10, 0) }));
        assert!(!to_others(open(10, 0)) && !to_others(SeenLine { others_hold_it: true, ..covered }));
    }

    #[test]
    fn what_is_delivered_whole_when_it_is_first_seen_was_due_when_it_was_needed() {
        let done = SeenLine { promise: Some(day(9)), need_by: Some(day(5)), ..open(10, 10) };
        assert_eq!(Fulfilment::step(None, &done, day(7)).due, Some(day(5)));
    }

    #[test]
    fn what_was_delivered_before_it_was_first_seen_is_not_late() {
        let kept = Fulfilment::step(None, &SeenLine { need_by: Some(day(5)), ..open(10, 4) }, day(9));
        assert_eq!(kept.deliveries, [(day(5), Quantity::units(4))]);
    }

    #[test]
    fn lowering_counts_until_the_due_date_and_no_longer() {
        let seen = SeenLine { need_by: Some(day(5)), ..open(10, 0) };
        let kept = Fulfilment::step(None, &seen, day(1));
        let kept = Fulfilment::step(Some(kept), &open(8, 0), day(5));
        assert_eq!(kept.ordered, Quantity::units(8));
        assert_eq!(Fulfilment::step(Some(kept), &open(2, 0), day(6)).ordered, Quantity::units(8));
    }

    #[test]
    fn a_cancelled_line_keeps_what_was_ordered_and_why() {
        let kept = Fulfilment::step(None, &SeenLine { need_by: Some(day(5)), ..open(10, 0) }, day(1));
        let gone = SeenLine { declined: true, ..SeenLine::default() };
        let kept = Fulfilment::step(Some(kept), &gone, day(3));
        assert_eq!(
            (kept.ordered, kept.cancelled_on, kept.for_lack_of_stock),
            (Quantity::units(10), Some(day(3)), true)
        );
        assert_eq!(kept.record().cancelled, Some(Cancelled::ForLackOfStock(day(3))));
        let reopened = Fulfilment::step(Some(kept), &open(10, 0), day(4));
        assert_eq!((reopened.cancelled_on, reopened.for_lack_of_stock), (None, false));
    }

    #[test]
    fn ready_is_taken_back_when_others_get_the_stock() {
        let kept = Fulfilment::step(None, &SeenLine { covered: true, need_by: Some(day(9)), ..open(4, 0) }, day(1));
        assert_eq!(kept.ready_on, Some(day(1)));
        let taken = SeenLine { others_hold_it: true, ..open(4, 0) };
        let kept = Fulfilment::step(Some(kept), &taken, day(2));
        assert_eq!((kept.ready_on, kept.given_to_others), (None, true));
    }

    #[test]
    fn a_line_is_judged_by_what_is_kept_of_it() {
        let kept = Fulfilment::step(None, &SeenLine { need_by: Some(day(5)), ..open(10, 0) }, day(1));
        let record = Fulfilment::step(Some(kept), &open(10, 4), day(3)).record();
        assert_eq!((record.due, record.ordered), (Some(day(5)), Quantity::units(10)));
        assert_eq!((record.deliveries, record.cancelled), (vec![(day(3), Quantity::units(4))], None));
    }
}
