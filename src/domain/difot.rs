//! DIFOT, delivered in full and on time, and the fill rate (domain.md section 7).
//!
//! Invariants: judged by due date, never by ship date; a line passes or fails as a whole, an order only with all its
//! counted lines; on-time and in-full rates are never multiplied; few orders give counts and no percentage.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::add_days;
use super::name::Name;
use super::quantity::Quantity;

/// Fewer orders than this give no percentage: one order more or less would move it by 5 points.
pub const MIN_ORDERS_FOR_PERCENT: u64 = 20;

/// What counts as on time and in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DifotRule {
    /// Days before the due date that are still on time; `None`: any earlier.
    pub before_days: Option<i32>,
    /// Days after it; `None`: any later.
    pub after_days: Option<i32>,
    /// Percent of the ordered quantity that may be missing.
    pub under_percent: Quantity,
    /// Percent that may be delivered above; `None`: any.
    pub over_percent: Option<Quantity>,
    /// Lines that the vendor ships to the customer count too.
    pub drop_ship_counted: bool,
}

impl Default for DifotRule {
    fn default() -> Self {
        Self {
            before_days: None,
            after_days: Some(0),
            under_percent: Quantity::ZERO,
            over_percent: None,
            drop_ship_counted: true,
        }
    }
}

/// What is known about one line of a sales order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineRecord {
    pub order: Name,
    pub line: Name,
    /// First promised date, else need-by date, frozen when first known; `None`: never due, not counted.
    pub due: Option<Date>,
    /// Stock units.
    pub ordered: Quantity,
    /// In any order.
    pub deliveries: Vec<(Date, Quantity)>,
    pub cancelled: Option<Cancelled>,
    pub course: Course,
}

/// Why and when a line was cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancelled {
    ByCustomer(Date),
    ForLackOfStock(Date),
}

/// How a line went, for the cause of a miss.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Course {
    /// When stock covered all of it.
    pub ready_on: Option<Date>,
    /// When a person was asked, and when that person decided.
    pub asked_on: Option<Date>,
    pub decided_on: Option<Date>,
    /// When it was ordered from the vendor, what date the vendor gave, and when the last of it came.
    pub bought_on: Option<Date>,
    pub vendor_due: Option<Date>,
    pub received_on: Option<Date>,
    /// Stock that would have covered it went to another order by rank.
    pub given_to_others: bool,
}

/// Why a line missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MissCause {
    VendorLate,
    WaitingForApproval,
    AllocatedElsewhere,
    OrderedTooLate,
    NotShippedThoughReady,
}

impl MissCause {
    pub const ALL: [Self; 5] = [
        Self::VendorLate,
        Self::WaitingForApproval,
        Self::AllocatedElsewhere,
        Self::OrderedTooLate,
        Self::NotShippedThoughReady,
    ];

    /// The stable name used in the database and in URLs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VendorLate => "vendor_late",
            Self::WaitingForApproval => "waiting_for_approval",
            Self::AllocatedElsewhere => "allocated_elsewhere",
            Self::OrderedTooLate => "ordered_too_late",
            Self::NotShippedThoughReady => "not_shipped_though_ready",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == name)
    }
}

/// What a line counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Passed,
    Missed(MissCause),
    /// Its time has not run out yet.
    Pending,
    /// Without due date, or cancelled by the customer before it.
    NotCounted,
}

/// Judges one line as of `today`.
#[must_use]
pub fn judge(rule: &DifotRule, line: &LineRecord, today: Date) -> Outcome {
    let Some(due) = line.due else { return Outcome::NotCounted };
    let last_day = rule.after_days.map(|days| add_days(due, days).unwrap_or(Date::MAX));
    match line.cancelled {
        Some(Cancelled::ByCustomer(on)) if on < due => return Outcome::NotCounted,
        Some(Cancelled::ForLackOfStock(_)) => return Outcome::Missed(cause(line, due)),
        _ => {}
    }
    let first_day = rule.before_days.map(|days| add_days(due, days.saturating_neg()).unwrap_or(Date::MIN));
    let in_window = |date: Date| last_day.is_none_or(|last| date <= last);
    let delivered = total(line.deliveries.iter().filter(|(date, _)| in_window(*date)));
    let completed = completed_on(rule, line);
    let is_over = rule.over_percent.is_some_and(|over| exceeds(delivered, line.ordered, over));
    match completed.filter(|date| in_window(*date)) {
        Some(date) if is_over || first_day.is_some_and(|first| date < first) => Outcome::Missed(cause(line, due)),
        Some(_) => Outcome::Passed,
        None if completed.is_none() && last_day.is_none_or(|last| today <= last) && line.cancelled.is_none() => {
            Outcome::Pending
        }
        None => Outcome::Missed(cause(line, due)),
    }
}

/// What a line counts as from a day on, if nothing else becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verdict {
    /// Before it the line is pending.
    pub from: Date,
    pub miss: Option<MissCause>,
}

/// The verdict that holds as of `today`, also for a line whose time has not run out yet: it misses on the day after.
/// `None`: not counted, ever.
#[must_use]
pub fn verdict(rule: &DifotRule, line: &LineRecord, today: Date) -> Option<Verdict> {
    match judge(rule, line, today) {
        Outcome::Passed => Some(Verdict { from: today, miss: None }),
        Outcome::Missed(cause) => Some(Verdict { from: today, miss: Some(cause) }),
        Outcome::NotCounted => None,
        Outcome::Pending => {
            let after = rule.after_days?.saturating_add(1);
            let from = add_days(line.due?, after)?;
            match judge(rule, line, from) {
                Outcome::Missed(cause) => Some(Verdict { from, miss: Some(cause) }),
                _ => None,
            }
        }
    }
}

/// Stock units delivered by the due date, at most what was ordered: what is above it does not fill another line.
#[must_use]
pub fn delivered_by_due(line: &LineRecord) -> Quantity {
    let Some(due) = line.due else { return Quantity::ZERO };
    total(line.deliveries.iter().filter(|(date, _)| *date <= due)).min(line.ordered)
}

/// The date of the last needed delivery: the first by which enough was delivered.
fn completed_on(rule: &DifotRule, line: &LineRecord) -> Option<Date> {
    let mut by_date = line.deliveries.clone();
    by_date.sort();
    let mut sum = Quantity::ZERO;
    by_date.iter().find_map(|(date, qty)| {
        sum = sum.plus(*qty);
        reaches(sum, line.ordered, rule.under_percent).then_some(*date)
    })
}

const HUNDRED_PERCENT: i128 = 100 * Quantity::SCALE as i128;

/// `delivered ≥ ordered × (1 − under%)`, exactly.
fn reaches(delivered: Quantity, ordered: Quantity, under: Quantity) -> bool {
    let least = i128::from(ordered.millionths()) * (HUNDRED_PERCENT - i128::from(under.millionths()));
    i128::from(delivered.millionths()) * HUNDRED_PERCENT >= least
}

/// `delivered > ordered × (1 + over%)`, exactly.
fn exceeds(delivered: Quantity, ordered: Quantity, over: Quantity) -> bool {
    let most = i128::from(ordered.millionths()) * (HUNDRED_PERCENT + i128::from(over.millionths()));
    i128::from(delivered.millionths()) * HUNDRED_PERCENT > most
}

fn total<'d>(deliveries: impl Iterator<Item = &'d (Date, Quantity)>) -> Quantity {
    deliveries.map(|(_, qty)| *qty).fold(Quantity::ZERO, Quantity::plus)
}

/// The first reason along the way without which the line could have made it.
fn cause(line: &LineRecord, due: Date) -> MissCause {
    let course = &line.course;
    let by_due = |date: Option<Date>| date.is_some_and(|date| date <= due);
    if by_due(course.ready_on) {
        return MissCause::NotShippedThoughReady;
    }
    if by_due(course.vendor_due) && !by_due(course.received_on) {
        return MissCause::VendorLate;
    }
    if waited_too_long(course, due) {
        return MissCause::WaitingForApproval;
    }
    if course.given_to_others {
        return MissCause::AllocatedElsewhere;
    }
    MissCause::OrderedTooLate
}

/// Asked in time, and not decided in time: without the wait the vendor's date would have held.
fn waited_too_long(course: &Course, due: Date) -> bool {
    let Some(asked) = course.asked_on.filter(|asked| *asked <= due) else { return false };
    let Some(decided) = course.decided_on else { return true };
    match (course.bought_on, course.vendor_due) {
        (Some(bought), Some(vendor_due)) => {
            let waited = decided.since(asked).map_or(0, |span| span.get_days());
            decided <= bought
                && waited > 0
                && add_days(vendor_due, waited.saturating_neg()).is_some_and(|earlier| earlier <= due)
        }
        _ => decided > due,
    }
}

/// So many of so many, and whether that is enough for a percentage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rate {
    pub passed: u64,
    pub counted: u64,
    /// Orders behind it.
    pub orders: u64,
}

impl Rate {
    /// In tenths of a percent, rounded half up; `None` for fewer than [`MIN_ORDERS_FOR_PERCENT`] orders.
    #[must_use]
    pub fn tenths_of_percent(&self) -> Option<u64> {
        let enough = self.orders >= MIN_ORDERS_FOR_PERCENT && self.counted > 0;
        enough.then(|| (self.passed * 2000 + self.counted) / (2 * self.counted))
    }
}

/// The figures of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DifotReport {
    /// The headline: orders whose counted lines all passed, of the orders due in the period.
    pub orders: Rate,
    pub lines: Rate,
    /// Stock units delivered by the due date, of those due.
    pub units_delivered: i128,
    pub units_due: i128,
    pub causes: BTreeMap<MissCause, u64>,
    /// Orders that missed, with the first cause in the order of their lines.
    pub missed_orders: Vec<(Name, MissCause)>,
}

impl DifotReport {
    /// Tenths of a percent of units delivered by due; `None` for few orders. Units are in millionths.
    #[must_use]
    pub fn fill_rate_tenths(&self) -> Option<u64> {
        let enough = self.orders.orders >= MIN_ORDERS_FOR_PERCENT && self.units_due > 0;
        enough
            .then(|| u64::try_from((self.units_delivered * 2000 + self.units_due) / (2 * self.units_due)).unwrap_or(0))
    }
}

/// The report of the lines that are due from `first` to `last`, as of `today`.
#[must_use]
pub fn report(rule: &DifotRule, lines: &[LineRecord], first: Date, last: Date, today: Date) -> DifotReport {
    let mut report = DifotReport::default();
    let mut orders: BTreeMap<&Name, Option<MissCause>> = BTreeMap::new();
    for line in lines {
        if line.due.is_none_or(|due| due < first || last < due) {
            continue;
        }
        let miss = match judge(rule, line, today) {
            Outcome::Passed => None,
            Outcome::Missed(cause) => Some(cause),
            Outcome::Pending | Outcome::NotCounted => continue,
        };
        report.lines.counted += 1;
        report.lines.passed += u64::from(miss.is_none());
        if let Some(cause) = miss {
            *report.causes.entry(cause).or_default() += 1;
        }
        let of_order = orders.entry(&line.order).or_default();
        *of_order = of_order.or(miss);
        report.units_due += i128::from(line.ordered.millionths());
        report.units_delivered += i128::from(delivered_by_due(line).millionths());
    }
    report.orders.counted = orders.len() as u64;
    report.orders.passed = orders.values().filter(|miss| miss.is_none()).count() as u64;
    report.orders.orders = report.orders.counted;
    report.lines.orders = report.orders.counted;
    report.missed_orders = orders.into_iter().filter_map(|(order, miss)| Some((order.clone(), miss?))).collect();
    report
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: i8) -> Date {
        jiff::civil::date(2026, 1, day)
    }

    fn line(ordered: i64, deliveries: &[(i8, i64)]) -> LineRecord {
        LineRecord {
            order: "S".into(),
            line: "1".into(),
            due: Some(day(10)),
            ordered: Quantity::units(ordered),
            deliveries: deliveries.iter().map(|(on, qty)| (day(*on), Quantity::units(*qty))).collect(),
            ..LineRecord::default()
        }
    }

    fn passes(rule: &DifotRule, line: &LineRecord) -> bool {
        judge(rule, line, day(20)) == Outcome::Passed
    }

    #[test]
    fn in_full_by_the_due_date_passes_however_early() {
        let rule = DifotRule::default();
        assert!(passes(&rule, &line(10, &[(1, 4), (10, 6)])));
        assert!(passes(&rule, &line(10, &[(10, 6), (1, 4)])));
        assert!(!passes(&rule, &line(10, &[(1, 4), (11, 6)])));
        assert!(!passes(&rule, &line(10, &[(1, 9)])));
        assert!(passes(&rule, &line(10, &[(1, 99)])));
    }

    #[test]
    fn the_window_has_its_days_before_and_after() {
        let rule = DifotRule { before_days: Some(2), after_days: Some(3), ..DifotRule::default() };
        assert!(passes(&rule, &line(5, &[(8, 5)])));
        assert!(!passes(&rule, &line(5, &[(7, 5)])));
        assert!(passes(&rule, &line(5, &[(13, 5)])));
        assert!(!passes(&rule, &line(5, &[(14, 5)])));
        // Only the last needed delivery counts.
        assert!(passes(&rule, &line(5, &[(1, 4), (9, 1)])));
        let blank = DifotRule { after_days: None, ..DifotRule::default() };
        assert!(passes(&blank, &line(5, &[(31, 5)])));
    }

    #[test]
    fn tolerances_are_exact_percentages_of_what_was_ordered() {
        let rule = DifotRule {
            under_percent: Quantity::units(10),
            over_percent: Some(Quantity::units(5)),
            ..DifotRule::default()
        };
        assert!(passes(&rule, &line(100, &[(10, 90)])));
        assert!(!passes(&rule, &line(100, &[(10, 89)])));
        assert!(passes(&rule, &line(100, &[(10, 105)])));
        assert!(!passes(&rule, &line(100, &[(10, 106)])));
        // What comes after the window makes nothing too much.
        assert!(passes(&rule, &line(100, &[(10, 100), (15, 50)])));
    }

    #[test]
    fn overdue_and_undelivered_is_a_fail_now_and_before_that_pending() {
        let rule = DifotRule::default();
        let open = line(5, &[(1, 4)]);
        assert_eq!(judge(&rule, &open, day(10)), Outcome::Pending);
        assert_eq!(judge(&rule, &open, day(11)), Outcome::Missed(MissCause::OrderedTooLate));
        assert_eq!(judge(&rule, &LineRecord { due: None, ..open }, day(11)), Outcome::NotCounted);
    }

    #[test]
    fn a_verdict_tells_when_a_pending_line_begins_to_miss() {
        let rule = DifotRule { after_days: Some(2), ..DifotRule::default() };
        let open = line(5, &[(1, 4)]);
        let missed = Some(Verdict { from: day(13), miss: Some(MissCause::OrderedTooLate) });
        assert_eq!(verdict(&rule, &open, day(3)), missed);
        assert_eq!(verdict(&rule, &open, day(12)), missed);
        for today in 1..=31 {
            let from = verdict(&rule, &open, day(today)).unwrap().from;
            let pending = judge(&rule, &open, day(today)) == Outcome::Pending;
            assert_eq!(pending, day(today) < from, "{today}");
        }
        assert_eq!(verdict(&rule, &line(5, &[(1, 5)]), day(3)), Some(Verdict { from: day(3), miss: None }));
        assert_eq!(verdict(&rule, &LineRecord { due: None, ..open.clone() }, day(20)), None);
        assert_eq!(verdict(&DifotRule { after_days: None, ..rule }, &open, day(20)), None);
    }

    #[test]
    fn who_cancelled_and_when_decides_whether_it_counts() {
        let rule = DifotRule::default();
        let cancelled = |cancelled| judge(&rule, &LineRecord { cancelled: Some(cancelled), ..line(5, &[]) }, day(9));
        assert_eq!(cancelled(Cancelled::ByCustomer(day(9))), Outcome::NotCounted);
        assert!(matches!(cancelled(Cancelled::ByCustomer(day(10))), Outcome::Missed(_)));
        assert!(matches!(cancelled(Cancelled::ForLackOfStock(day(1))), Outcome::Missed(_)));
    }

    #[test]
    fn each_miss_carries_its_cause() {
        let cause = |course: Course| match judge(&DifotRule::default(), &LineRecord { course, ..line(5, &[]) }, day(20))
        {
            Outcome::Missed(cause) => cause,
            other => panic!("{other:?}"),
        };
        let none = Course::default;
        assert_eq!(cause(Course { ready_on: Some(day(10)), ..none() }), MissCause::NotShippedThoughReady);
        assert_eq!(cause(Course { ready_on: Some(day(11)), ..none() }), MissCause::OrderedTooLate);
        assert_eq!(
            cause(Course { vendor_due: Some(day(10)), received_on: Some(day(11)), ..none() }),
            MissCause::VendorLate
        );
        assert_eq!(
            cause(Course { vendor_due: Some(day(10)), received_on: Some(day(10)), ..none() }),
            MissCause::OrderedTooLate
        );
        assert_eq!(cause(Course { asked_on: Some(day(2)), ..none() }), MissCause::WaitingForApproval);
        let waited = |decided: i8, vendor_due: i8| Course {
            asked_on: Some(day(2)),
            decided_on: Some(day(decided)),
            bought_on: Some(day(decided)),
            vendor_due: Some(day(vendor_due)),
            ..none()
        };
        assert_eq!(cause(waited(6, 14)), MissCause::WaitingForApproval);
        assert_eq!(cause(waited(6, 15)), MissCause::OrderedTooLate);
        assert_eq!(cause(waited(2, 11)), MissCause::OrderedTooLate);
        // it was bought without waiting for the answer
        assert_eq!(cause(Course { bought_on: Some(day(3)), ..waited(6, 14) }), MissCause::OrderedTooLate);
        // nobody waited, and the goods came by the vendor's date, in time
        assert_eq!(cause(Course { received_on: Some(day(10)), ..waited(2, 10) }), MissCause::OrderedTooLate);
        // decided, and not bought
        let decided = |on: i8| Course { asked_on: Some(day(2)), decided_on: Some(day(on)), ..none() };
        assert_eq!(cause(decided(10)), MissCause::OrderedTooLate);
        assert_eq!(cause(decided(11)), MissCause::WaitingForApproval);
        assert_eq!(cause(Course { given_to_others: true, ..none() }), MissCause::AllocatedElsewhere);
    }

    #[test]
    fn an_order_passes_only_with_all_its_counted_lines() {
        let good = line(10, &[(9, 10)]);
        let bad = LineRecord { line: "2".into(), ..line(10, &[(9, 4), (11, 20)]) };
        let pending = LineRecord { line: "3".into(), due: Some(day(15)), ..line(7, &[]) };
        let other = LineRecord { order: "T".into(), ..good.clone() };
        let outside = LineRecord { order: "U".into(), due: Some(day(31)), ..good.clone() };
        let report = report(&DifotRule::default(), &[good, bad, pending, other, outside], day(1), day(30), day(12));
        assert_eq!(report.orders, Rate { passed: 1, counted: 2, orders: 2 });
        assert_eq!(report.lines, Rate { passed: 2, counted: 3, orders: 2 });
        assert_eq!((report.units_delivered, report.units_due), (24_000_000, 30_000_000));
        assert_eq!(report.missed_orders, [("S".into(), MissCause::OrderedTooLate)]);
        assert_eq!(report.causes[&MissCause::OrderedTooLate], 1);
        assert_eq!(report.fill_rate_tenths(), None);
    }

    #[test]
    fn a_period_has_its_first_and_its_last_day() {
        let due_on = |on: i8| LineRecord { due: Some(day(on)), ..line(10, &[(1, 10)]) };
        let counted = |on: i8| report(&DifotRule::default(), &[due_on(on)], day(5), day(15), day(31)).lines.counted;
        assert_eq!([4, 5, 6, 14, 15, 16].map(counted), [0, 1, 1, 1, 1, 0]);
    }

    #[test]
    fn of_nothing_there_is_no_percentage() {
        let orders = Rate { passed: 0, counted: 0, orders: 20 };
        assert_eq!(orders.tenths_of_percent(), None);
        assert_eq!(DifotReport { orders, ..DifotReport::default() }.fill_rate_tenths(), None);
    }

    #[test]
    fn fewer_than_twenty_orders_give_no_percentage() {
        assert_eq!(Rate { passed: 19, counted: 19, orders: 19 }.tenths_of_percent(), None);
        assert_eq!(Rate { passed: 19, counted: 20, orders: 20 }.tenths_of_percent(), Some(950));
        assert_eq!(Rate { passed: 2, counted: 3, orders: 20 }.tenths_of_percent(), Some(667));
        let of = |passed: usize| {
            let lines: Vec<LineRecord> = (0..20)
                .map(|number| LineRecord {
                    order: format!("S{number}").into(),
                    ..line(10, &[(9, if number < passed { 10 } else { 5 })])
                })
                .collect();
            report(&DifotRule::default(), &lines, day(1), day(30), day(12)).fill_rate_tenths()
        };
        assert_eq!(of(20), Some(1000));
        assert_eq!(of(10), Some(750));
    }

    #[test]
    fn what_was_cancelled_for_lack_of_stock_misses_though_enough_of_it_came() {
        let rule = DifotRule { under_percent: Quantity::units(50), ..DifotRule::default() };
        let enough = line(10, &[(1, 6)]);
        assert!(passes(&rule, &enough));
        let cancelled = LineRecord { cancelled: Some(Cancelled::ForLackOfStock(day(2))), ..enough };
        assert!(matches!(judge(&rule, &cancelled, day(20)), Outcome::Missed(_)));
    }
}
