//! The working calendar: when goods that are ordered today can be received.
//!
//! Invariant: a calendar without any working day delays nothing, instead of looking for ever.

use jiff::Span;
use jiff::civil::{Date, Weekday};

use super::policy::{Policy, WorkingDay};

/// `today` + lead days, then the next working day that is no holiday (domain.md section 3, step 6).
///
/// `None`: lead days below zero, or a date beyond the calendar.
pub(super) fn expected_date(policy: &Policy, today: Date, lead_days: i32) -> Option<Date> {
    if lead_days < 0 {
        return None;
    }
    let mut date = add_days(today, lead_days)?;
    // Each holiday delays by at most one step, each week holds a working day.
    let limit = policy.holidays.len().saturating_mul(7).saturating_add(7);
    let earliest = date;
    for _ in 0..limit {
        if is_working_day(policy, date) {
            return Some(date);
        }
        date = add_days(date, 1)?;
    }
    Some(earliest)
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

    #[test]
    fn lead_days_are_calendar_days_and_the_goods_come_on_the_next_working_day() {
        // 2026-11-23 is a Monday.
        let monday = date(2026, 11, 23);
        assert_eq!(expected_date(&weekdays(), monday, 0), Some(monday));
        assert_eq!(expected_date(&weekdays(), monday, 4), Some(date(2026, 11, 27)));
        assert_eq!(expected_date(&weekdays(), monday, 5), Some(date(2026, 11, 30)));
        assert_eq!(expected_date(&Policy::default(), monday, 5), Some(date(2026, 11, 28)));
    }

    #[test]
    fn holidays_are_no_working_days() {
        let mut policy = weekdays();
        policy.holidays = BTreeSet::from([date(2026, 11, 30), date(2026, 12, 1)]);
        assert_eq!(expected_date(&policy, date(2026, 11, 23), 5), Some(date(2026, 12, 2)));
    }

    #[test]
    fn a_calendar_without_working_days_delays_nothing() {
        let policy = Policy { working_days: BTreeSet::new(), ..Policy::default() };
        assert_eq!(expected_date(&policy, date(2026, 11, 23), 3), Some(date(2026, 11, 26)));
    }

    #[test]
    fn senseless_lead_days_have_no_date() {
        assert_eq!(expected_date(&weekdays(), date(2026, 11, 23), -1), None);
        assert_eq!(expected_date(&weekdays(), date(2026, 11, 23), i32::MAX), None);
        assert_eq!(days_between(date(2026, 11, 23), date(2027, 11, 23)), 365);
        assert_eq!(days_between(date(2026, 11, 23), date(2026, 11, 20)), -3);
    }
}
