//! The figures of Insights as panels: drawing, table and definition.
//!
//! Invariants: the table holds what the drawing shows, exact; percentages come from `domain::difot`, which gives none
//! for few orders.

use std::fmt::Write as _;

use jiff::ToSpan as _;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::chart::{self, Bar, Part, Tone};
use super::{AGES, Cell, Panel};
use crate::db::insights::{Age, Figures, Period, Punctuality};
use crate::domain::difot::{DifotRule, MIN_ORDERS_FOR_PERCENT, MissCause};
use crate::web::error::WebError;
use crate::web::text;

fn drawn(svg: Result<String, String>) -> Result<String, WebError> {
    svg.map_err(|error| WebError::Invalid(format!("The chart could not be drawn: {error}")))
}

fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), path: None }
}

fn count(value: u64, path: impl Into<String>) -> Cell {
    let path = (value > 0).then(|| path.into());
    Cell { text: text::quantity(Decimal::from(value)), path }
}

fn size(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// `12 Nov`, as a week is called.
fn short(day: Date) -> String {
    day.strftime("%-d %b").to_string()
}

/// Tenths of a percent as `97.5 %`.
pub(super) fn percent(tenths: Option<u64>) -> String {
    tenths.map_or_else(|| "–".to_owned(), |tenths| format!("{}.{} %", tenths / 10, tenths % 10))
}

/// The orders that were due in a period, as an address.
fn orders_path(first: Date, last: Date, which: &str) -> String {
    format!("/insights/orders?first={first}&last={last}&which={which}")
}

/// The weeks of the period, those without figures too.
fn every_week(period: Period, known: &[Figures]) -> Vec<(Date, Date, Figures)> {
    let mut weeks = Vec::new();
    let mut monday = period.first;
    while monday <= period.last {
        let figures = known.iter().find(|figures| figures.week == Some(monday)).cloned().unwrap_or_default();
        weeks.push((monday, monday.saturating_add(6.days()), figures));
        monday = monday.saturating_add(7.days());
    }
    weeks
}

/// Weeks enough for the room: a label for each of them where there are few.
fn label(at: usize, of: usize, monday: Date) -> String {
    if of <= 13 || at.is_multiple_of(of.div_ceil(13)) { short(monday) } else { String::new() }
}

/// What counts, by the company's own rule.
fn definition(rule: &DifotRule) -> String {
    let days = |days: i32| if days == 1 { "1 day".to_owned() } else { format!("{days} days") };
    let mut said = String::from(
        "Delivered in full, on time: an order passes when each of its lines that was due had its last needed delivery ",
    );
    let _ = match (rule.before_days, rule.after_days) {
        (None, Some(0)) => write!(said, "on or before its due date"),
        (None, Some(after)) => write!(said, "at most {} after its due date", days(after)),
        (Some(before), Some(after)) => {
            write!(said, "from {} before its due date to {} after it", days(before), days(after))
        }
        (Some(before), None) => write!(said, "no more than {} before its due date", days(before)),
        (None, None) => write!(said, "at any time"),
    };
    if rule.under_percent.is_zero() {
        said.push_str(" and nothing was missing");
    } else {
        let _ = write!(said, " and at most {} % was missing", rule.under_percent);
    }
    if let Some(over) = rule.over_percent {
        let _ = write!(said, " and at most {over} % was too much");
    }
    said.push_str(
        ". The due date is the first date that was promised, else the date that was asked for; it is kept when it is \
         first known. Counted by due date, not by the day of shipping: what is overdue and not delivered is a miss now. \
         What the customer cancelled before it was due is not counted; what was cancelled because we did not buy it is a \
         miss.",
    );
    if !rule.drop_ship_counted {
        said.push_str(" Drop shipments are not counted.");
    }
    let _ = write!(said, " Fewer than {MIN_ORDERS_FOR_PERCENT} orders give counts and no percentage.");
    said
}

pub(super) fn difot(rule: &DifotRule, period: Period, known: &[Figures], whole: &Figures) -> Result<Panel, WebError> {
    let weeks = every_week(period, known);
    let bars: Vec<Bar> = weeks
        .iter()
        .enumerate()
        .map(|(at, (monday, sunday, figures))| {
            let week = format!("Week of {}", short(*monday));
            let missed = figures.orders.counted - figures.orders.passed;
            let part = |size: i64, tone, which: &str, word: &str| Part {
                size,
                tone,
                says: format!("{week}: {size} of {} orders {word}", figures.orders.counted),
                path: orders_path(*monday, *sunday, which),
            };
            Bar {
                label: label(at, weeks.len(), *monday),
                parts: vec![
                    part(size(figures.orders.passed), Tone::Good, "passed", "in full and on time"),
                    part(size(missed), Tone::Bad, "missed", "missed"),
                ],
            }
        })
        .collect();
    let rows = weeks
        .iter()
        .filter(|(_, _, figures)| figures.orders.counted > 0)
        .map(|(monday, sunday, figures)| {
            let orders = figures.orders;
            vec![
                cell(short(*monday)),
                cell(text::quantity(Decimal::from(orders.counted))),
                count(orders.passed, orders_path(*monday, *sunday, "passed")),
                count(orders.counted - orders.passed, orders_path(*monday, *sunday, "missed")),
                cell(percent(orders.tenths_of_percent())),
                cell(format!("{} of {}", figures.lines.passed, figures.lines.counted)),
            ]
        })
        .collect();
    let orders = whole.orders;
    Ok(Panel {
        id: "difot",
        title: "DIFOT by week",
        definition: definition(rule),
        headline: Some(match orders.tenths_of_percent() {
            Some(tenths) => format!("{} of {} orders", percent(Some(tenths)), orders.counted),
            None => format!("{} of {} orders", orders.passed, orders.counted),
        }),
        chart: drawn(chart::standing("Orders due by week, in full and on time or missed", &bars))?,
        legend: &[("good", "in full and on time"), ("bad", "missed")],
        columns: &["Week of", "Orders due", "Passed", "Missed", "DIFOT", "Lines passed"],
        rows,
        nothing: "No order was due in this period.",
    })
}

/// Units as a height: whole ones are near enough for a drawing.
fn height(units: Decimal) -> i64 {
    units.round().to_i64().unwrap_or(i64::MAX >> 8).min(i64::MAX >> 8)
}

/// Tenths of a percent, rounded half up; `None` for few orders.
fn fill_tenths(figures: &Figures) -> Option<u64> {
    let enough = figures.orders.orders >= MIN_ORDERS_FOR_PERCENT && figures.units_due > Decimal::ZERO;
    if !enough {
        return None;
    }
    let tenths = figures.units_delivered.checked_mul(Decimal::from(1000))?.checked_div(figures.units_due)?;
    tenths.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero).to_u64()
}

pub(super) fn fill_rate(period: Period, known: &[Figures], whole: &Figures) -> Result<Panel, WebError> {
    let weeks = every_week(period, known);
    let bars: Vec<Bar> = weeks
        .iter()
        .enumerate()
        .map(|(at, (monday, sunday, figures))| {
            let week = format!("Week of {}", short(*monday));
            let missing = figures.units_due - figures.units_delivered;
            let part = |units: Decimal, tone, which: &str, word: &str| Part {
                size: height(units),
                tone,
                says: format!(
                    "{week}: {} of {} units {word}",
                    text::quantity(units),
                    text::quantity(figures.units_due)
                ),
                path: orders_path(*monday, *sunday, which),
            };
            Bar {
                label: label(at, weeks.len(), *monday),
                parts: vec![
                    part(figures.units_delivered, Tone::Good, "all", "delivered by their due date"),
                    part(missing, Tone::Bad, "missed", "not delivered by their due date"),
                ],
            }
        })
        .collect();
    let rows = weeks
        .iter()
        .filter(|(_, _, figures)| figures.orders.counted > 0)
        .map(|(monday, sunday, figures)| {
            vec![
                Cell { text: short(*monday), path: Some(orders_path(*monday, *sunday, "all")) },
                cell(text::quantity(figures.units_due)),
                cell(text::quantity(figures.units_delivered)),
                cell(percent(fill_tenths(figures))),
            ]
        })
        .collect();
    Ok(Panel {
        id: "fill-rate",
        title: "Fill rate by week",
        definition: "Units delivered by their due date, of all units due. What was delivered above an order does not \
                     fill another."
            .to_owned(),
        headline: Some(match fill_tenths(whole) {
            Some(tenths) => percent(Some(tenths)),
            None => format!("{} of {} units", text::quantity(whole.units_delivered), text::quantity(whole.units_due)),
        }),
        chart: drawn(chart::standing("Units due by week, delivered by their due date or not", &bars))?,
        legend: &[("good", "delivered by the due date"), ("bad", "not")],
        columns: &["Week of", "Units due", "Delivered by then", "Fill rate"],
        rows,
        nothing: "No order was due in this period.",
    })
}

/// A cause in words.
pub(super) fn cause(cause: MissCause) -> &'static str {
    match cause {
        MissCause::VendorLate => "Vendor late",
        MissCause::WaitingForApproval => "Waiting for approval",
        MissCause::AllocatedElsewhere => "Allocated elsewhere",
        MissCause::OrderedTooLate => "Ordered too late",
        MissCause::NotShippedThoughReady => "Not shipped though ready",
    }
}

pub(super) fn causes(period: Period, found: &[(MissCause, i64, i64)]) -> Result<Panel, WebError> {
    let path = |cause: MissCause| orders_path(period.first, period.last, cause.as_str());
    let bars: Vec<Bar> = found
        .iter()
        .map(|(of, lines, orders)| Bar {
            label: cause(*of).to_owned(),
            parts: vec![Part {
                size: *lines,
                tone: Tone::Bad,
                says: format!("{}: {lines} lines of {orders} orders", cause(*of)),
                path: path(*of),
            }],
        })
        .collect();
    let rows = found
        .iter()
        .map(|(of, lines, orders)| {
            let orders = u64::try_from(*orders).unwrap_or(0);
            vec![cell(cause(*of)), cell(text::quantity(Decimal::from(*lines))), count(orders, path(*of))]
        })
        .collect();
    Ok(Panel {
        id: "causes",
        title: "Causes of misses",
        definition: "For each line that missed, the first thing along its way without which it could have made it."
            .to_owned(),
        headline: None,
        chart: if bars.is_empty() { String::new() } else { drawn(chart::lying("Lines that missed, by cause", &bars))? },
        legend: &[],
        columns: &["Cause", "Lines", "Orders"],
        rows,
        nothing: "Nothing missed in this period.",
    })
}

/// The name of a range of ages.
pub(super) fn age_name(range: usize) -> String {
    let from = range.checked_sub(1).and_then(|before| AGES.get(before)).copied().unwrap_or(0);
    match AGES.get(range) {
        Some(to) => format!("{from} to {} days", to - 1),
        None => format!("{from} days and more"),
    }
}

pub(super) fn age(found: &[Age]) -> Result<Panel, WebError> {
    let orders = |range: usize| -> i64 { found.iter().filter(|age| age.range == range).map(|age| age.orders).sum() };
    let path = |range: usize| format!("/insights/open?age={range}");
    let ranges = 0..=AGES.len();
    let bars: Vec<Bar> = ranges
        .clone()
        .map(|range| Bar {
            label: age_name(range),
            parts: vec![Part {
                size: orders(range),
                tone: Tone::Plain,
                says: format!("{}: {} backorders", age_name(range), orders(range)),
                path: path(range),
            }],
        })
        .collect();
    let any = found.iter().any(|age| age.orders > 0);
    let rows = ranges
        .filter(|_| any)
        .map(|range| vec![cell(age_name(range)), count(u64::try_from(orders(range)).unwrap_or(0), path(range))])
        .collect();
    Ok(Panel {
        id: "age",
        title: "Age of open backorders",
        definition: "Days since stock stopped covering the order. As of now, whatever period is chosen.".to_owned(),
        headline: None,
        chart: if any { drawn(chart::lying("Open backorders by age", &bars))? } else { String::new() },
        legend: &[],
        columns: &["Age", "Backorders"],
        rows,
        nothing: "Nothing is short.",
    })
}

/// Open value by currency and age: sums of money in two currencies are two sums.
pub(super) fn value(found: &[Age]) -> Result<Panel, WebError> {
    let mut currencies: Vec<&Option<String>> = found.iter().map(|age| &age.currency).collect();
    currencies.sort();
    currencies.dedup();
    let total = |currency: &Option<String>| -> Decimal {
        found.iter().filter(|age| age.currency == *currency).map(|age| age.value).sum()
    };
    let said: Vec<String> =
        currencies.iter().map(|currency| text::money(Some(total(currency)), currency.as_deref())).collect();
    let path = |range: usize| format!("/insights/open?age={range}");
    // one scale holds one currency: the one of most orders is drawn, all are in the table
    let orders = |currency: &Option<String>| -> i64 {
        found.iter().filter(|age| age.currency == *currency).map(|age| age.orders).sum()
    };
    let main = currencies.iter().copied().max_by_key(|currency| orders(currency));
    let chart = match main {
        None => String::new(),
        Some(main) => {
            let name = main.as_deref().unwrap_or("a currency that is not known");
            let bars: Vec<Bar> = (0..=AGES.len())
                .map(|range| {
                    let of = |age: &&Age| age.range == range && age.currency == *main;
                    let value: Decimal = found.iter().filter(of).map(|age| age.value).sum();
                    let says = format!("{}: {}", age_name(range), text::money(Some(value), main.as_deref()));
                    let part = Part { size: height(value), tone: Tone::Plain, says, path: path(range) };
                    Bar { label: age_name(range), parts: vec![part] }
                })
                .collect();
            drawn(chart::lying(&format!("Open value in {name}, by age"), &bars))?
        }
    };
    let rows = found
        .iter()
        .map(|age| {
            let money = text::money(Some(age.value), age.currency.as_deref());
            vec![
                Cell { text: age_name(age.range), path: Some(path(age.range)) },
                cell(money),
                cell(text::quantity(Decimal::from(age.orders))),
                cell(text::quantity(Decimal::from(age.without_price))),
            ]
        })
        .collect();
    Ok(Panel {
        id: "value",
        title: "Open value",
        definition:
            "What is ordered and not yet delivered on open backorders, at the prices of their documents. As of \
                     now, by age."
                .to_owned(),
        headline: (!said.is_empty()).then(|| said.join(" · ")),
        chart,
        legend: &[],
        columns: &["Age", "Open value", "Backorders", "Without a price"],
        rows,
        nothing: "Nothing is short.",
    })
}

pub(super) fn vendors(period: Period, found: &[Punctuality]) -> Result<Panel, WebError> {
    let path = |vendor: &str, on_time: bool| {
        let vendor: String = url::form_urlencoded::byte_serialize(vendor.as_bytes()).collect();
        let which = if on_time { "passed" } else { "missed" };
        format!("/insights/vendor?first={}&last={}&which={which}&vendor={vendor}", period.first, period.last)
    };
    let bars: Vec<Bar> = found
        .iter()
        .map(|vendor| {
            let part = |size: i64, on_time: bool, word: &str| Part {
                size,
                tone: if on_time { Tone::Good } else { Tone::Bad },
                says: format!("{}: {size} of {} lines {word}", vendor.name, vendor.due),
                path: path(&vendor.vendor, on_time),
            };
            Bar {
                label: vendor.name.clone(),
                parts: vec![part(vendor.on_time, true, "on time"), part(vendor.due - vendor.on_time, false, "late")],
            }
        })
        .collect();
    let rows = found
        .iter()
        .map(|vendor| {
            let (due, on_time) = (u64::try_from(vendor.due).unwrap_or(0), u64::try_from(vendor.on_time).unwrap_or(0));
            let tenths = (due >= MIN_ORDERS_FOR_PERCENT).then(|| (on_time * 2000 + due) / (2 * due));
            vec![
                cell(vendor.name.clone()),
                cell(text::quantity(Decimal::from(due))),
                count(on_time, path(&vendor.vendor, true)),
                count(due.saturating_sub(on_time), path(&vendor.vendor, false)),
                cell(percent(tenths)),
            ]
        })
        .collect();
    Ok(Panel {
        id: "vendors",
        title: "Vendors on time",
        definition:
            "Lines of purchase orders that were all there by the first date that the vendor gave; overdue is late \
                     now."
                .to_owned(),
        headline: None,
        chart: if bars.is_empty() {
            String::new()
        } else {
            drawn(chart::lying("Purchase order lines due, on time or late, by vendor", &bars))?
        },
        legend: &[("good", "on time"), ("bad", "late")],
        columns: &["Vendor", "Lines due", "On time", "Late", "On time"],
        rows,
        nothing: "Nothing was due from a vendor in this period.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::quantity::Quantity;

    #[test]
    fn the_definition_says_the_rule_that_is_set() {
        let usual = definition(&DifotRule::default());
        assert!(usual.contains("on or before its due date and nothing was missing"), "{usual}");
        let other = DifotRule {
            before_days: Some(1),
            after_days: Some(2),
            under_percent: Quantity::units(5),
            over_percent: Some(Quantity::units(10)),
            drop_ship_counted: false,
        };
        let other = definition(&other);
        for words in [
            "from 1 day before its due date to 2 days after it",
            "at most 5 % was missing",
            "10 % was too much",
            "Drop shipments are not",
        ] {
            assert!(other.contains(words), "{words}: {other}");
        }
    }

    #[test]
    fn ages_have_no_gap() {
        let names: Vec<String> = (0..=AGES.len()).map(age_name).collect();
        assert_eq!(names, ["0 to 2 days", "3 to 7 days", "8 to 14 days", "15 to 30 days", "31 days and more"]);
    }

    #[test]
    fn few_orders_have_no_fill_rate() {
        use crate::domain::difot::Rate;
        let of = |orders| Figures {
            orders: Rate { orders, counted: orders, passed: 0 },
            units_due: Decimal::from(3),
            units_delivered: Decimal::from(2),
            ..Figures::default()
        };
        assert_eq!(percent(fill_tenths(&of(19))), "–");
        assert_eq!(percent(fill_tenths(&of(20))), "66.7 %");
    }
}
