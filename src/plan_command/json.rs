//! Writes a plan as JSON, its rows side by side on several threads.
//!
//! Invariant: the bytes are those of the plan written in one piece by serde.

use std::io::{self, Write};
use std::ops::Range;

use super::rows::{Json, Row};
use crate::domain::parallel::{in_parallel, threads_for};
use crate::domain::plan::CompactPlan;

/// Rows that one thread writes before they go out: some megabytes of text.
const ROWS_AT_ONCE: usize = 8_192;

/// Writes the plan, and a line end.
///
/// # Errors
/// What the writer says; a figure that is out of bounds.
pub fn write_json(plan: &CompactPlan<'_>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"{\"lines\":[")?;
    write_rows(out, plan.lines().len(), |rows| plan.lines_at(rows))?;
    out.write_all(b"],\"orders\":[")?;
    write_rows(out, plan.orders().len(), |rows| plan.orders_at(rows))?;
    out.write_all(b"],\"purchase_orders\":[")?;
    write_rows(out, plan.purchase_orders().len(), |rows| plan.purchase_orders_at(rows))?;
    out.write_all(b"],\"changes\":")?;
    serde_json::to_writer(&mut *out, plan.changes())?;
    out.write_all(b",\"exceptions\":")?;
    serde_json::to_writer(&mut *out, plan.exceptions())?;
    out.write_all(b"}\n")?;
    out.flush()
}

/// Writes that many rows with commas between; `rows` makes some of them.
fn write_rows<R: Row, I: Iterator<Item = R>>(
    out: &mut impl Write,
    count: usize,
    rows: impl Fn(Range<usize>) -> I + Sync,
) -> io::Result<()> {
    let parts: Vec<usize> = (0..count).step_by(ROWS_AT_ONCE).collect();
    let mut texts: Vec<Json> = Vec::new();
    for at_once in parts.chunks(threads_for(count)) {
        texts.resize_with(at_once.len(), Json::default);
        let written = in_parallel(texts.iter_mut().zip(at_once), |(json, first)| {
            json.text.clear();
            json.rows(rows(*first..count.min(first + ROWS_AT_ONCE)))
        });
        for ((first, json), written) in at_once.iter().zip(&texts).zip(written) {
            written?;
            if *first > 0 {
                out.write_all(b",")?;
            }
            out.write_all(&json.text)?;
        }
    }
    Ok(())
}
