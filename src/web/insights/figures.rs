//! The figures of Insights as panels: drawing, table and definition.
//!
//! Invariants: the table holds what the drawing shows, exact; percentages come from `domain::difot`, which gives none
//! for few orders.

use jiff::ToSpan as _;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::chart::{self, Bar, Part, Tone};
use super::{AGES, Cell, Panel, definition};
use crate::db::insights::{Age, Due, Figures, Period, Punctuality};
use crate::domain::difot::{DifotRule, MIN_ORDERS_FOR_PERCENT, MissCause};
use crate::web::error::WebError;
use crate::wording::{Said, Words};

fn drawn(words: Words, svg: Result<String, String>) -> Result<String, WebError> {
    svg.map_err(|error| WebError::Invalid(words.say("error-chart").with("error", error).into()))
}

pub(super) fn cell(text: impl Into<String>) -> Cell {
    Cell { text: text.into(), path: None }
}

fn whole(words: Words, value: u64) -> Cell {
    cell(words.quantity(Decimal::from(value)))
}

fn count(words: Words, value: u64, path: impl Into<String>) -> Cell {
    let path = (value > 0).then(|| path.into());
    Cell { path, ..whole(words, value) }
}

fn size(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

/// Tenths of a percent as `97.5%`, or a dash.
fn percent(words: Words, tenths: Option<u64>) -> String {
    let exact = |tenths| Decimal::from(tenths) / Decimal::TEN;
    tenths.map_or_else(|| "–".to_owned(), |tenths| words.percent(exact(tenths)))
}

/// The orders that were due in a period, as an address.
fn orders_path(first: Date, last: Date, which: &str) -> String {
    format!("/insights/orders?first={first}&last={last}&which={which}")
}

/// Weeks that are named below a drawing.
const MOST_LABELS: usize = 8;

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

/// As many labels as there is room for: one for each week only where there are few.
fn label(words: Words, at: usize, of: usize, monday: Date) -> String {
    if at.is_multiple_of(of.div_ceil(MOST_LABELS)) { words.day(monday) } else { String::new() }
}

pub(super) fn difot(words: Words, rule: &DifotRule, period: Period, due: &Due) -> Result<Panel, WebError> {
    let weeks = every_week(period, &due.weeks);
    let bars: Vec<Bar> = weeks
        .iter()
        .enumerate()
        .map(|(at, (monday, sunday, figures))| {
            let (week, all) = (words.day(*monday), figures.orders.counted);
            let missed = all - figures.orders.passed;
            let part = |count: u64, good: bool| Part {
                size: size(count),
                tone: if good { Tone::Good } else { Tone::Bad },
                says: words
                    .say(if good { "insights-bar-passed" } else { "insights-bar-missed" })
                    .with("week", &week)
                    .with("part", count)
                    .with("whole", all)
                    .to_string(),
                path: orders_path(*monday, *sunday, if good { "passed" } else { "missed" }),
            };
            Bar {
                label: label(words, at, weeks.len(), *monday),
                parts: vec![part(figures.orders.passed, true), part(missed, false)],
            }
        })
        .collect();
    let rows = weeks
        .iter()
        .filter(|(_, _, figures)| figures.orders.counted > 0)
        .map(|(monday, sunday, figures)| {
            let (orders, lines) = (figures.orders, figures.lines);
            vec![
                cell(words.day(*monday)),
                whole(words, orders.counted),
                count(words, orders.passed, orders_path(*monday, *sunday, "passed")),
                count(words, orders.counted - orders.passed, orders_path(*monday, *sunday, "missed")),
                cell(percent(words, orders.tenths_of_percent())),
                cell(words.say("insights-part-of").with("part", lines.passed).with("whole", lines.counted)),
            ]
        })
        .collect();
    let orders = due.whole.orders;
    let part = match orders.tenths_of_percent() {
        Some(tenths) => percent(words, Some(tenths)),
        None => words.quantity(Decimal::from(orders.passed)),
    };
    Ok(Panel {
        id: "difot",
        title: words.say("insights-difot").into(),
        definition: definition::of(words, rule),
        headline: Some(words.say("insights-of-orders").with("part", part).with("whole", orders.counted).into()),
        chart: drawn(words, chart::standing(words, &words.say("insights-difot-chart").to_string(), &bars))?,
        legend: vec![("good", words.say("insights-passed").into()), ("bad", words.say("insights-missed").into())],
        columns: vec![
            words.say("insights-week").into(),
            words.say("insights-column-orders-due").into(),
            words.say("insights-column-passed").into(),
            words.say("insights-column-missed").into(),
            words.say("insights-difot-short").into(),
            words.say("insights-column-lines-passed").into(),
        ],
        rows,
        nothing: words.say("insights-nothing-due").into(),
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

pub(super) fn fill_rate(words: Words, period: Period, due: &Due) -> Result<Panel, WebError> {
    let weeks = every_week(period, &due.weeks);
    let bars: Vec<Bar> = weeks
        .iter()
        .enumerate()
        .map(|(at, (monday, sunday, figures))| {
            let week = words.day(*monday);
            let missing = figures.units_due - figures.units_delivered;
            let part = |units: Decimal, good: bool| Part {
                size: height(units),
                tone: if good { Tone::Good } else { Tone::Bad },
                says: words
                    .say(if good { "insights-bar-filled" } else { "insights-bar-not-filled" })
                    .with("week", &week)
                    .with("part", units)
                    .with("whole", figures.units_due)
                    .to_string(),
                path: orders_path(*monday, *sunday, if good { "all" } else { "missed" }),
            };
            Bar {
                label: label(words, at, weeks.len(), *monday),
                parts: vec![part(figures.units_delivered, true), part(missing, false)],
            }
        })
        .collect();
    let rows = weeks
        .iter()
        .filter(|(_, _, figures)| figures.orders.counted > 0)
        .map(|(monday, sunday, figures)| {
            vec![
                Cell { text: words.day(*monday), path: Some(orders_path(*monday, *sunday, "all")) },
                cell(words.quantity(figures.units_due)),
                cell(words.quantity(figures.units_delivered)),
                cell(percent(words, fill_tenths(figures))),
            ]
        })
        .collect();
    let (delivered, wanted) = (due.whole.units_delivered, due.whole.units_due);
    Ok(Panel {
        id: "fill-rate",
        title: words.say("insights-fill-rate").into(),
        definition: words.say("insights-fill-rate-what").into(),
        headline: Some(match fill_tenths(&due.whole) {
            Some(tenths) => percent(words, Some(tenths)),
            None => words.say("insights-of-units").with("part", delivered).with("whole", wanted).into(),
        }),
        chart: drawn(words, chart::standing(words, &words.say("insights-fill-chart").to_string(), &bars))?,
        legend: vec![("good", words.say("insights-filled").into()), ("bad", words.say("insights-not-filled").into())],
        columns: vec![
            words.say("insights-week").into(),
            words.say("insights-column-units-due").into(),
            words.say("insights-column-delivered").into(),
            words.say("insights-column-fill-rate").into(),
        ],
        rows,
        nothing: words.say("insights-nothing-due").into(),
    })
}

/// A cause in words.
pub(super) fn cause(words: Words, cause: MissCause) -> String {
    words
        .say(match cause {
            MissCause::VendorLate => "insights-cause-vendor-late",
            MissCause::WaitingForApproval => "insights-cause-approval",
            MissCause::AllocatedElsewhere => "insights-cause-elsewhere",
            MissCause::OrderedTooLate => "insights-cause-too-late",
            MissCause::NotShippedThoughReady => "insights-cause-not-shipped",
        })
        .to_string()
}

pub(super) fn causes(words: Words, period: Period, found: &[(MissCause, u64, u64)]) -> Result<Panel, WebError> {
    let path = |cause: MissCause| orders_path(period.first, period.last, cause.as_str());
    let bars: Vec<Bar> = found
        .iter()
        .map(|(of, lines, orders)| {
            let says = words
                .say("insights-bar-cause")
                .with("cause", cause(words, *of))
                .with("lines", *lines)
                .with("orders", *orders)
                .to_string();
            Bar {
                label: cause(words, *of),
                parts: vec![Part { size: size(*lines), tone: Tone::Bad, says, path: path(*of) }],
            }
        })
        .collect();
    let rows = found
        .iter()
        .map(|(of, lines, orders)| {
            vec![cell(cause(words, *of)), whole(words, *lines), count(words, *orders, path(*of))]
        })
        .collect();
    Ok(Panel {
        id: "causes",
        title: words.say("insights-causes").into(),
        definition: words.say("insights-causes-what").into(),
        headline: None,
        chart: lying(words, &words.say("insights-causes-chart"), &bars)?,
        legend: Vec::new(),
        columns: vec![
            words.say("insights-cause").into(),
            words.say("insights-lines").into(),
            words.say("insights-orders").into(),
        ],
        rows,
        nothing: words.say("insights-causes-none").into(),
    })
}

/// Lying bars, if there are any.
pub(super) fn lying(words: Words, name: &Said, bars: &[Bar]) -> Result<String, WebError> {
    if bars.is_empty() {
        return Ok(String::new());
    }
    drawn(words, chart::lying(words, &name.to_string(), bars))
}

/// The name of a range of ages.
pub(super) fn age_name(words: Words, range: usize) -> String {
    let from = range.checked_sub(1).and_then(|before| AGES.get(before)).copied().unwrap_or(0);
    match AGES.get(range) {
        Some(to) => words.say("insights-days").with("from", from).with("to", to - 1).to_string(),
        None => words.say("insights-days-more").with("from", from).to_string(),
    }
}

pub(super) fn age(words: Words, found: &[Age]) -> Result<Panel, WebError> {
    let orders = |range: usize| -> i64 { found.iter().filter(|age| age.range == range).map(|age| age.orders).sum() };
    let path = |range: usize| format!("/insights/open?age={range}");
    let any = found.iter().any(|age| age.orders > 0);
    let ranges = (0..=AGES.len()).filter(|_| any);
    let bars: Vec<Bar> = ranges
        .clone()
        .map(|range| {
            let (age, orders) = (age_name(words, range), orders(range));
            let says = words.say("insights-bar-age").with("age", &age).with("orders", orders).to_string();
            Bar { label: age, parts: vec![Part { size: orders, tone: Tone::Plain, says, path: path(range) }] }
        })
        .collect();
    let rows = ranges
        .map(|range| vec![cell(age_name(words, range)), count(words, unsigned(orders(range)), path(range))])
        .collect();
    Ok(Panel {
        id: "age",
        title: words.say("insights-age").into(),
        definition: words.say("insights-age-what").into(),
        headline: None,
        chart: lying(words, &words.say("insights-age-chart"), &bars)?,
        legend: Vec::new(),
        columns: vec![words.say("insights-column-age").into(), words.say("insights-column-backorders").into()],
        rows,
        nothing: words.say("insights-nothing-short").into(),
    })
}

/// Open value by currency and age: sums of money in two currencies are two sums.
pub(super) fn value(words: Words, found: &[Age]) -> Result<Panel, WebError> {
    let mut currencies: Vec<&Option<String>> = found.iter().map(|age| &age.currency).collect();
    currencies.sort();
    currencies.dedup();
    let total = |currency: &Option<String>| -> Decimal {
        found.iter().filter(|age| age.currency == *currency).map(|age| age.value).sum()
    };
    let said: Vec<String> =
        currencies.iter().map(|currency| words.money(Some(total(currency)), currency.as_deref())).collect();
    let path = |range: usize| format!("/insights/open?age={range}");
    // one scale holds one currency: the one of most orders is drawn, all are in the table
    let orders = |currency: &Option<String>| -> i64 {
        found.iter().filter(|age| age.currency == *currency).map(|age| age.orders).sum()
    };
    let main = currencies.iter().copied().max_by_key(|currency| orders(currency));
    let bar = |main: &Option<String>, range: usize| {
        let of = |age: &&Age| age.range == range && age.currency == *main;
        let value: Decimal = found.iter().filter(of).map(|age| age.value).sum();
        let money = words.money(Some(value), main.as_deref());
        let says = words.say("insights-bar-value").with("age", age_name(words, range)).with("value", money).to_string();
        let part = Part { size: height(value), tone: Tone::Plain, says, path: path(range) };
        Bar { label: age_name(words, range), parts: vec![part] }
    };
    let chart = match main {
        None => String::new(),
        Some(main) => {
            let bars: Vec<Bar> = (0..=AGES.len()).map(|range| bar(main, range)).collect();
            let name = main.clone().unwrap_or_else(|| words.say("insights-no-currency").to_string());
            lying(words, &words.say("insights-value-chart").with("currency", name), &bars)?
        }
    };
    let rows = found
        .iter()
        .map(|age| {
            vec![
                Cell { text: age_name(words, age.range), path: Some(path(age.range)) },
                cell(words.money(Some(age.value), age.currency.as_deref())),
                whole(words, unsigned(age.orders)),
                whole(words, unsigned(age.without_price)),
            ]
        })
        .collect();
    Ok(Panel {
        id: "value",
        title: words.say("insights-value").into(),
        definition: words.say("insights-value-what").into(),
        headline: (!said.is_empty()).then(|| said.join(" · ")),
        chart,
        legend: Vec::new(),
        columns: vec![
            words.say("insights-column-age").into(),
            words.say("insights-value").into(),
            words.say("insights-column-backorders").into(),
            words.say("insights-column-no-price").into(),
        ],
        rows,
        nothing: words.say("insights-nothing-short").into(),
    })
}

pub(super) fn vendors(words: Words, period: Period, found: &[Punctuality]) -> Result<Panel, WebError> {
    let path = |vendor: &str, on_time: bool| {
        let vendor: String = url::form_urlencoded::byte_serialize(vendor.as_bytes()).collect();
        let which = if on_time { "passed" } else { "missed" };
        format!("/insights/vendor?first={}&last={}&which={which}&vendor={vendor}", period.first, period.last)
    };
    let bars: Vec<Bar> = found
        .iter()
        .map(|vendor| {
            let part = |count: i64, on_time: bool| Part {
                size: count,
                tone: if on_time { Tone::Good } else { Tone::Bad },
                says: words
                    .say(if on_time { "insights-bar-on-time" } else { "insights-bar-late" })
                    .with("vendor", &vendor.name)
                    .with("part", count)
                    .with("whole", vendor.due)
                    .to_string(),
                path: path(&vendor.vendor, on_time),
            };
            Bar {
                label: vendor.name.clone(),
                parts: vec![part(vendor.on_time, true), part(vendor.due - vendor.on_time, false)],
            }
        })
        .collect();
    let rows = found
        .iter()
        .map(|vendor| {
            let (due, on_time) = (unsigned(vendor.due), unsigned(vendor.on_time));
            let tenths = (due >= MIN_ORDERS_FOR_PERCENT).then(|| (on_time * 2000 + due) / (2 * due));
            vec![
                cell(vendor.name.clone()),
                whole(words, due),
                count(words, on_time, path(&vendor.vendor, true)),
                count(words, due.saturating_sub(on_time), path(&vendor.vendor, false)),
                cell(percent(words, tenths)),
            ]
        })
        .collect();
    Ok(Panel {
        id: "vendors",
        title: words.say("insights-vendors").into(),
        definition: words.say("insights-vendors-what").into(),
        headline: None,
        chart: lying(words, &words.say("insights-vendors-chart"), &bars)?,
        legend: vec![
            ("good", words.say("insights-on-time-word").into()),
            ("bad", words.say("insights-late-word").into()),
        ],
        columns: vec![
            words.say("insights-column-vendor").into(),
            words.say("insights-column-lines-due").into(),
            words.say("insights-column-on-time").into(),
            words.say("insights-column-late").into(),
            words.say("insights-column-share").into(),
        ],
        rows,
        nothing: words.say("insights-vendors-none").into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_no_gap() {
        let names: Vec<String> = (0..=AGES.len()).map(|range| age_name(Words::default(), range)).collect();
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
        assert_eq!(percent(Words::default(), fill_tenths(&of(19))), "–");
        assert_eq!(percent(Words::default(), fill_tenths(&of(20))), "66.7%");
    }
}
