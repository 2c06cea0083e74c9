//! Who is told what by which way: the matrix of event, way and person, the digest's hour and the quiet hours.
//!
//! Invariants: what is not set is the default of domain.md section 6; a moment is never earlier than now; an hour that
//! a change of clocks leaves out is the next one that there is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use super::notice::{Audience, NoticeEvent};

/// Single mails to one person in an hour, unless set otherwise; what comes on top is gathered.
const HOURLY: u32 = 20;

/// The ways in which one event is told.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlertRow {
    /// Who gets a mail at once.
    pub mail: BTreeSet<Audience>,
    /// Who finds it in the digest.
    pub digest: BTreeSet<Audience>,
    /// A note on the host's document.
    pub host: bool,
}

/// A company's matrix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// Only the rows that somebody has changed.
    pub rows: BTreeMap<NoticeEvent, AlertRow>,
    /// Beside buyers and owners, such as the warehouse.
    pub team_emails: Vec<String>,
    /// The hour of the tenant's day at which the digest goes, 0 to 23.
    pub digest_hour: u8,
    /// No mail goes from this hour to the other; equal: always.
    pub quiet_from: u8,
    pub quiet_to: u8,
    /// Single mails to one person in an hour; the others of that hour come as one mail.
    pub hourly: u32,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            rows: BTreeMap::new(),
            team_emails: Vec::new(),
            digest_hour: 8,
            quiet_from: 0,
            quiet_to: 0,
            hourly: HOURLY,
        }
    }
}

impl Alerts {
    /// How an event is told.
    #[must_use]
    pub fn row(&self, event: NoticeEvent) -> AlertRow {
        self.rows.get(&event).cloned().unwrap_or_else(|| AlertRow {
            mail: event.audience().iter().copied().collect(),
            digest: BTreeSet::new(),
            host: event.noted_by_default(),
        })
    }

    /// When a mail may go: now, or when the quiet hours end.
    #[must_use]
    pub fn not_quiet(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let hour = now.to_zoned(zone.clone()).hour();
        let (from, to) = (hour_of(self.quiet_from), hour_of(self.quiet_to));
        let quiet = if from <= to { (from..to).contains(&hour) } else { hour >= from || hour < to };
        if quiet { next(now, zone, to) } else { now }
    }

    /// When the next digest goes: always later than now.
    #[must_use]
    pub fn next_digest(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        next(now, zone, hour_of(self.digest_hour))
    }

    /// When the mails that are too many for this hour go together: at its end, unless that is quiet.
    #[must_use]
    pub fn end_of_hour(&self, now: Timestamp, zone: &TimeZone) -> Timestamp {
        let zoned = now.to_zoned(zone.clone());
        let passed = i64::from(zoned.minute()) * 60 + i64::from(zoned.second());
        let passed = SignedDuration::new(passed, zoned.subsec_nanosecond());
        self.not_quiet(now + SignedDuration::from_hours(1) - passed, zone)
    }
}

fn hour_of(hour: u8) -> i8 {
    i8::try_from(hour.min(23)).unwrap_or(0)
}

/// The next time that it is this hour, after now.
fn next(now: Timestamp, zone: &TimeZone, hour: i8) -> Timestamp {
    let today = now.to_zoned(zone.clone()).date();
    let at = Time::new(hour, 0, 0, 0).unwrap_or(Time::midnight());
    let days = [0, 1, 2].into_iter().filter_map(|days| today.checked_add(days.days()).ok());
    let moments = days.filter_map(|day| day.to_datetime(at).to_zoned(zone.clone()).ok()).map(|zoned| zoned.timestamp());
    moments.into_iter().find(|moment| *moment > now).unwrap_or(now + SignedDuration::from_hours(24))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn berlin() -> TimeZone {
        TimeZone::get("Europe/Berlin").unwrap()
    }

    #[test]
    fn digest_goes_at_its_hour_of_the_tenants_day() {
        let alerts = Alerts::default();
        assert_eq!(alerts.next_digest(at("2026-11-23T06:59:00Z"), &berlin()), at("2026-11-23T07:00:00Z"));
        assert_eq!(alerts.next_digest(at("2026-11-23T07:00:00Z"), &berlin()), at("2026-11-24T07:00:00Z"));
        // the clocks go forward that night: eight o'clock comes an hour earlier
        assert_eq!(alerts.next_digest(at("2026-03-28T12:00:00Z"), &berlin()), at("2026-03-29T06:00:00Z"));
    }

    #[test]
    fn an_hour_that_the_clocks_leave_out_is_the_next_there_is() {
        let alerts = Alerts { digest_hour: 2, ..Alerts::default() };
        assert_eq!(alerts.next_digest(at("2026-03-28T12:00:00Z"), &berlin()), at("2026-03-29T01:00:00Z"));
    }

    #[test]
    fn mails_wait_until_the_quiet_hours_end() {
        let alerts = Alerts { quiet_from: 20, quiet_to: 7, ..Alerts::default() };
        assert_eq!(alerts.not_quiet(at("2026-11-23T22:00:00Z"), &berlin()), at("2026-11-24T06:00:00Z"));
        assert_eq!(alerts.not_quiet(at("2026-11-24T05:59:59Z"), &berlin()), at("2026-11-24T06:00:00Z"));
        assert_eq!(alerts.not_quiet(at("2026-11-24T06:00:00Z"), &berlin()), at("2026-11-24T06:00:00Z"));
        let never = Alerts::default();
        assert_eq!(never.not_quiet(at("2026-11-23T22:00:00Z"), &berlin()), at("2026-11-23T22:00:00Z"));
    }

    #[test]
    fn what_nobody_changed_is_told_as_the_rules_say() {
        let row = Alerts::default().row(NoticeEvent::ShortfallFound);
        assert_eq!(row.mail, [Audience::Buyer, Audience::Owner].into());
        assert!(row.digest.is_empty());
        assert!(Alerts::default().row(NoticeEvent::PartReady).mail.is_empty());
    }

    #[test]
    fn what_is_too_much_for_an_hour_goes_at_its_end() {
        let alerts = Alerts::default();
        for now in ["2026-11-23T10:20:30Z", "2026-11-23T10:20:30.123456789Z", "2026-11-23T10:00:00Z"] {
            assert_eq!(alerts.end_of_hour(at(now), &berlin()), at("2026-11-23T11:00:00Z"), "{now}");
        }
    }
}
