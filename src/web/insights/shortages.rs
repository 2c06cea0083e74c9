//! What is short now and why, as a panel: what waits for a decision, and the causes of what nobody is asked about.
//!
//! Invariant: a bar leads to the work list that it counts; counts end where the list's own do.

use super::chart::{Bar, Part, Tone};
use super::figures::{cell, lying};
use super::{Cell, Panel};
use crate::db::counts::MOST_COUNTED;
use crate::domain::backorder::BackorderState;
use crate::web::error::WebError;
use crate::web::text;
use crate::wording::Words;

/// The panel; the most first.
pub(super) fn panel(
    words: Words,
    states: &[(BackorderState, i64)],
    causes: &[(String, i64)],
) -> Result<Panel, WebError> {
    let asked = states.iter().find(|(state, _)| *state == BackorderState::Asked).map_or(0, |(_, count)| *count);
    let asked = (words.say("insights-short-asked").to_string(), asked, "/backorders?state=asked".to_owned());
    let causes = causes.iter().map(|(kind, count)| (words.cause(kind), *count, format!("/backorders?cause={kind}")));
    let mut found: Vec<(String, i64, String)> =
        std::iter::once(asked).chain(causes).filter(|(_, count, _)| *count > 0).collect();
    found.sort_by_key(|(_, count, _)| std::cmp::Reverse(*count));
    let bars: Vec<Bar> = found
        .iter()
        .map(|(cause, count, path)| {
            let counted = text::counted(words, *count);
            let says = words.say("insights-bar-short").with("cause", cause).with("orders", &counted).to_string();
            let part = Part { size: (*count).min(MOST_COUNTED), tone: Tone::Bad, says, path: path.clone() };
            Bar { label: cause.clone(), parts: vec![part] }
        })
        .collect();
    let row = |(cause, count, path): (String, i64, String)| {
        vec![cell(cause), Cell { text: text::counted(words, count), path: Some(path) }]
    };
    Ok(Panel {
        id: "shortages",
        title: words.say("insights-short").into(),
        definition: words.say("insights-short-what").into(),
        headline: None,
        chart: lying(words, &words.say("insights-short-chart"), &bars)?,
        legend: Vec::new(),
        columns: vec![words.say("insights-cause").into(), words.say("insights-orders").into()],
        rows: found.into_iter().map(row).collect(),
        nothing: words.say("insights-nothing-short").into(),
    })
}
