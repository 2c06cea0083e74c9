//! Builds the parts and runs them: the only module that knows all others.

mod gauges;
mod replay;
mod sandbox;
mod serve;
mod tasks;

use std::path::Path;
use std::process::ExitCode;

pub use replay::ReplayArgs;
pub use sandbox::SandboxArgs;

#[must_use]
pub fn serve() -> ExitCode {
    exit_code(serve::serve())
}

#[must_use]
pub fn migrate() -> ExitCode {
    exit_code(serve::migrate())
}

#[must_use]
pub fn replay(args: ReplayArgs) -> ExitCode {
    exit_code(serve::replay(args))
}

#[must_use]
pub fn sandbox(args: SandboxArgs) -> ExitCode {
    let run = |runtime: tokio::runtime::Runtime| runtime.block_on(sandbox::run(args));
    exit_code(tokio::runtime::Runtime::new().map_err(anyhow::Error::from).and_then(run))
}

/// Tells a failure on standard error, in one paragraph for a person.
fn exit_code(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("backorders: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Plans one snapshot from a file or standard input.
#[must_use]
pub fn plan(file: Option<&Path>, explain: bool) -> ExitCode {
    crate::plan_command::run(file, explain)
}
