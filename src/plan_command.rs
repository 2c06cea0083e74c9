//! `backorders plan`: the planner as a command, for what-if and for tests.
//!
//! Invariants: needs no database, no host and no configuration; text that is not a snapshot exits 2 with nothing on
//! standard output and one line on standard error that names the JSON path; the plan is the worker's own.
//!
//! Limits: figures to 10^12 (quantities with 6 decimals, prices with 12); a kit of more than 1,000 components and a need of
//! more than 1,000 parts of a vendor's maximum are exceptions in the plan; a why names at most ten other warehouses.

use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::mem::ManuallyDrop;
use std::path::Path;
use std::process::ExitCode;

use crate::domain::plan::{Numbered, compact};

mod json;
mod people;
mod reader;
mod rows;
mod side_by_side;

pub use json::write_json;
pub use people::write_for_people;
pub use reader::{SnapshotError, read_snapshot};

/// The exit code for text that is not a snapshot.
const NOT_A_SNAPSHOT: u8 = 2;

/// Plans the snapshot in `file`, or on standard input, onto standard output.
#[must_use]
pub fn run(file: Option<&Path>, explain: bool) -> ExitCode {
    let text = match read_text(file) {
        Ok(text) => text,
        Err(error) => return fail(&error),
    };
    let snapshot = match read_snapshot(&text) {
        Ok(snapshot) => snapshot,
        Err(error) => return fail(&error),
    };
    drop(text);
    // The process ends when the plan is written: to give back a million documents one by one is time for nothing.
    let snapshot = ManuallyDrop::new(snapshot);
    let numbered = ManuallyDrop::new(Numbered::new(&snapshot));
    let plan = ManuallyDrop::new(compact(&numbered));
    let written = if explain {
        write_for_people(&snapshot, &ManuallyDrop::into_inner(plan).into_plan(), &mut stdout())
    } else {
        write_json(&plan, &mut stdout())
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("the plan could not be written: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn read_text(file: Option<&Path>) -> Result<Vec<u8>, String> {
    let mut text = Vec::new();
    match file {
        Some(file) => {
            text = fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        }
        None => {
            io::stdin().lock().read_to_end(&mut text).map_err(|error| format!("standard input: {error}"))?;
        }
    }
    Ok(text)
}

fn stdout() -> BufWriter<io::StdoutLock<'static>> {
    BufWriter::with_capacity(1 << 16, io::stdout().lock())
}

fn fail(error: &impl ToString) -> ExitCode {
    complain(&error.to_string());
    ExitCode::from(NOT_A_SNAPSHOT)
}

/// One line on standard error; there is nowhere to go if even that is closed.
fn complain(problem: &str) {
    let _ = writeln!(io::stderr(), "{}", problem.replace(['\n', '\r'], " "));
}
