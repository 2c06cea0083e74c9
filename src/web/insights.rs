//! Insights: how well orders were delivered, what is open and why, and the orders behind each figure.
//!
//! Invariants: a figure is counted by domain.md section 7 and stands in a table, exact, beside its drawing; fewer than
//! twenty orders show counts and no percentage; each bar opens the orders that it counts.

mod behind;
mod chart;
mod definition;
mod figures;
mod shortages;

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use jiff::Timestamp;
use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan as _};
use serde::Deserialize;

pub(super) use behind::{aged, orders, vendor};

use super::AppState;
use super::error::WebError;
use super::page::{self, Frame};
use super::session::Member;
use super::text;
use crate::db;
use crate::db::counts;
use crate::db::insights::{self, Period};
use crate::domain::difot::DifotRule;
use crate::domain::remark::CAUSES;

/// Weeks that can be looked at; the second is shown first.
const WEEKS: [i64; 4] = [4, 13, 26, 52];
/// Vendors of the chart.
const VENDORS: i64 = 12;
/// Days at which a backorder is taken to be older.
const AGES: [i64; 4] = [3, 8, 15, 31];

/// What stands behind the `?`.
#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    weeks: Option<i64>,
}

impl Asked {
    /// One of those that are offered: nothing else is counted.
    fn weeks(&self) -> i64 {
        self.weeks.filter(|weeks| WEEKS.contains(weeks)).unwrap_or(WEEKS[1])
    }
}

/// The period of so many whole weeks, up to this one.
fn period(weeks: i64, today: Date) -> Period {
    let monday = monday(today);
    let first = monday.checked_sub((weeks - 1).weeks()).unwrap_or(Date::MIN);
    Period { first, last: monday.saturating_add(6.days()), today }
}

fn monday(day: Date) -> Date {
    day.saturating_sub(Span::new().days(i64::from(day.weekday().since(Weekday::Monday))))
}

/// The times before which a backorder is of the next age, the latest first.
fn borders(today: Date, zone: &TimeZone) -> Result<Vec<Timestamp>, WebError> {
    AGES.iter()
        .map(|days| {
            let day = today.saturating_sub(Span::new().days(*days - 1));
            Ok(day.to_zoned(zone.clone()).map_err(|error| WebError::Invalid(error.to_string()))?.timestamp())
        })
        .collect()
}

/// A chart with its table.
struct Panel {
    id: &'static str,
    title: String,
    /// What is counted, in one or two sentences.
    definition: String,
    /// The figure of the whole period.
    headline: Option<String>,
    /// SVG; empty: there is nothing to draw.
    chart: String,
    /// The key of a colour and what it means.
    legend: Vec<(&'static str, String)>,
    columns: Vec<String>,
    rows: Vec<Vec<Cell>>,
    /// What is said when there is nothing to show.
    nothing: String,
}

/// A cell of a table.
struct Cell {
    text: String,
    path: Option<String>,
}

impl Cell {
    /// Its text in pieces, each with what it is in full.
    fn pieces(&self) -> Vec<(String, String)> {
        text::with_short_marks(&self.text)
    }
}

#[derive(Template)]
#[template(path = "web/templates/insights.html", config = ".askama.toml")]
struct InsightsPage {
    frame: Frame,
    /// Weeks, what they are called, and whether they are shown.
    periods: Vec<(i64, String, bool)>,
    due: String,
    panels: Vec<Panel>,
}

pub(super) async fn show(state: Data<AppState>, member: Member, asked: Query<Asked>) -> Result<HttpResponse, WebError> {
    let mut client = state.parts.pool.get().await?;
    let tx = client.transaction().await?;
    db::enter_tenant(&tx, member.tenant).await?;
    let ground = page::ground(&tx, &member, "insights").await?;
    let today = state.parts.clock.now().to_zoned(ground.zone.clone()).date();
    let weeks = asked.weeks();
    let period = period(weeks, today);
    let borders = borders(today, &ground.zone)?;
    let due = insights::due(&tx, member.tenant, period).await?;
    let ages = insights::ages(&tx, member.tenant, &borders).await?;
    let vendors = insights::vendors(&tx, member.tenant, period, VENDORS).await?;
    let short = counts::causes(&tx, member.tenant, &CAUSES).await?;
    let counts = counts::counts(&tx, member.tenant).await?;
    tx.commit().await?;
    let rule: &DifotRule = &ground.settings.settings.difot;
    let words = ground.frame.words;
    let panels = vec![
        figures::difot(words, rule, period, &due)?,
        figures::fill_rate(words, period, &due)?,
        figures::causes(words, period, &due.causes)?,
        shortages::panel(words, &counts, &short)?,
        figures::age(words, &ages)?,
        figures::value(words, &ages)?,
        figures::vendors(words, period, &vendors)?,
    ];
    page::html(&InsightsPage {
        periods: WEEKS
            .iter()
            .map(|offered| {
                let name = words.say("insights-weeks").with("weeks", *offered).to_string();
                (*offered, name, *offered == weeks)
            })
            .collect(),
        due: words.say("insights-due").with("from", period.first).with("to", period.last).to_string(),
        panels,
        frame: ground.frame,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_whole_weeks_up_to_this_one() {
        // a Tuesday
        let today = jiff::civil::date(2026, 11, 24);
        let period = period(4, today);
        assert_eq!(period.first, jiff::civil::date(2026, 11, 2));
        assert_eq!(period.last, jiff::civil::date(2026, 11, 29));
        assert_eq!(monday(jiff::civil::date(2026, 11, 29)), jiff::civil::date(2026, 11, 23));
        assert_eq!(Asked { weeks: Some(100_000) }.weeks(), 13);
    }
}
