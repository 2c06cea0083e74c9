//! The working calendar: when goods that are ordered today can be received.
//!
//! Invariant: a calendar without any working day delays nothing, instead of looking for ever.

use std::collections::HashMap;

use jiff::Span;
use jiff::civil::{Date, Weekday};

use super::policy::{Policy, WorkingDay};

/// When goods come, as the policy's calendar has it. It remembers what it walked over, so that no calendar is slow.
#[derive(Debug)]
pub(super) struct Calendar<'a> {
    policy: &'a Policy,
    today: Date,
    /// The first working day after days that are none; `None`: beyond the calendar.
    next: HashMap<Date, Option<Date>>,
}

impl<'a> Calendar<'a> {
    pub(super) fn new(policy: &'a Policy, today: Date) -> Self {
        Self { policy, today, next: HashMap::new() }
    }

    /// Today + lead days, then the next working day that is no holiday (domain.md section 3, step 6).
    ///
    /// `None`: lead days below zero, or a date beyond the calendar.
    pub(super) fn expected(&mut self, lead_days: i32) -> Option<Date> {
        if lead_days < 0 {
            return None;
        }
        let mut date = add_days(self.today, lead_days)?;
        if self.policy.working_days.is_empty() {
            return Some(date);
        }
        let mut passed = Vec::new();
        let found = loop {
            if let Some(known) = self.next.get(&date) {
                break *known;
            }
            if is_working_day(self.policy, date) {
                break Some(date);
            }
            passed.push(date);
            match add_days(date, 1) {
                Some(next) => date = next,
                None => break None,
            }
        };
        self.next.extend(passed.into_iter().map(|date| (date, found)));
        found
    }
}

/// That many days later; `None` beyond the calendar.
pub(super) fn add_days(date: Date, days: i32) -> Option<Date> {
    date.checked_add(Span::new().try_days(days).ok()?).ok()
}

/// Whole days from `from` to `to`.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map_or(0, |span| span.get_days())
}

fn is_working_day(policy: &Policy, date: Date) -> bool {
    let day = match date.weekday() {
        Weekday::Monday => WorkingDay::Mon,
        Weekday::Tuesday => WorkingDay::Tue,
        Weekday::Wednesday => WorkingDay::Wed,
        Weekday::Thursday => WorkingDay::Thu,
        Weekday::Friday => WorkingDay::Fri,
        Weekday::Saturday => WorkingDay::Sat,
        Weekday::Sunday => WorkingDay::Sun,
    };
    policy.working_days.contains(&day) && !policy.holidays.contains(&date)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::civil::date;

    use super::*;

    fn weekdays() -> Policy {
        Policy { working_days: WorkingDay::ALL.into_iter().take(5).collect(), ..Policy::default() }
    }

    fn expected(policy: &Policy, today: Date, lead_days: i32) -> Option<Date> {
        Calendar::new(policy, today).expected(lead_days)
    }

    #[test]
    fn lead_days_are_calendar_days_and_the_goods_come_on_the_next_working_day() {
        // 2026-11-23 is a Monday.
        let monday = date(2026, 11, 23);
        assert_eq!(expected(&weekdays(), monday, 0), Some(monday));
        assert_eq!(expected(&weekdays(), monday, 4), Some(date(2026, 11, 27)));
        assert_eq!(expected(&weekdays(), monday, 5), Some(date(2026, 11, 30)));
        assert_eq!(expected(&Policy::default(), monday, 5), Some(date(2026, 11, 28)));
    }

    #[test]
    fn holidays_are_no_working_days() {
        let mut policy = weekdays();
        policy.holidays = BTreeSet::from([date(2026, 11, 30), date(2026, 12, 1)]);
        assert_eq!(expected(&policy, date(2026, 11, 23), 5), Some(date(2026, 12, 2)));
    }

    #[test]
    fn what_was_passed_over_once_is_known_and_the_same() {
        let mut policy = weekdays();
        policy.holidays = (1..=20).map(|day| date(2026, 12, day)).collect();
        let mut calendar = Calendar::new(&policy, date(2026, 11, 23));
        for lead_days in [20, 9, 8, 27, 28, 20] {
            let open = date(2026, 12, 21);
            assert_eq!(calendar.expected(lead_days), Some(if lead_days <= 28 { open } else { date(2026, 12, 22) }));
        }
        policy.holidays = (1..=31).map(|day| date(9999, 12, day)).collect();
        let mut calendar = Calendar::new(&policy, date(9999, 12, 1));
        assert_eq!((calendar.expected(2), calendar.expected(0)), (None, None));
    }

    #[test]
    fn a_calendar_without_working_days_delays_nothing() {
        let policy = Policy { working_days: BTreeSet::new(), ..Policy::default() };
        assert_eq!(expected(&policy, date(2026, 11, 23), 3), Some(date(2026, 11, 26)));
    }

    #[test]
    fn senseless_lead_days_have_no_date() {
        assert_eq!(expected(&weekdays(), date(2026, 11, 23), -1), None);
        assert_eq!(expected(&weekdays(), date(2026, 11, 23), i32::MAX), None);
        assert_eq!(days_between(date(2026, 11, 23), date(2027, 11, 23)), 365);
        assert_eq!(days_between(date(2026, 11, 23), date(2026, 11, 20)), -3);
    }
}
