//! Writes a plan as JSON, its rows side by side on several threads.
//!
//! Invariant: the bytes are those of the plan written in one piece.

use std::io::{self, Write};
use std::ops::Range;

use serde::Serialize;

use crate::domain::parallel::{in_parallel, threads_for};
use crate::domain::plan::CompactPlan;

/// Rows that one thread writes before they go out: some megabytes of text.
const ROWS_AT_ONCE: usize = 8_192;

/// Writes the plan, and a line end.
///
/// # Errors
/// What the writer says.
pub fn write_json(plan: &CompactPlan<'_>, out: &mut impl Write) -> io::Result<()> {
    out.write_all(b"{\"lines\":")?;
    write_rows(out, plan.lines().len(), |rows| text_of(plan.lines_at(rows)))?;
    out.write_all(b",\"orders\":")?;
    write_rows(out, plan.orders().len(), |rows| text_of(plan.orders_at(rows)))?;
    out.write_all(b",\"purchase_orders\":")?;
    write_rows(out, plan.purchase_orders().len(), |rows| text_of(plan.purchase_orders_at(rows)))?;
    out.write_all(b",\"changes\":")?;
    serde_json::to_writer(&mut *out, plan.changes())?;
    out.write_all(b",\"exceptions\":")?;
    serde_json::to_writer(&mut *out, plan.exceptions())?;
    out.write_all(b"}\n")?;
    out.flush()
}

/// Writes a list of that many rows; `text` gives some of them with commas between.
fn write_rows(
    out: &mut impl Write,
    count: usize,
    text: impl Fn(Range<usize>) -> serde_json::Result<Vec<u8>> + Sync,
) -> io::Result<()> {
    out.write_all(b"[")?;
    let parts: Vec<usize> = (0..count).step_by(ROWS_AT_ONCE).collect();
    for at_once in parts.chunks(threads_for(count)) {
        let texts = in_parallel(at_once.iter().copied(), |first| text(first..count.min(first + ROWS_AT_ONCE)));
        for (first, text) in at_once.iter().zip(texts) {
            if *first > 0 {
                out.write_all(b",")?;
            }
            out.write_all(&text?)?;
        }
    }
    out.write_all(b"]")
}

fn text_of(rows: impl Iterator<Item: Serialize>) -> serde_json::Result<Vec<u8>> {
    let mut text = Vec::new();
    for row in rows {
        if !text.is_empty() {
            text.push(b',');
        }
        serde_json::to_writer(&mut text, &row)?;
    }
    Ok(text)
}
