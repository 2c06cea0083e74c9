//! Builds the parts and runs them: the only module that knows all others.

use std::path::PathBuf;
use std::process::ExitCode;

/// What the sandbox ERP can be told on the command line.
#[derive(Debug, clap::Args)]
pub struct SandboxArgs {}

#[must_use]
pub fn serve() -> ExitCode {
    ExitCode::FAILURE
}

#[must_use]
pub fn migrate() -> ExitCode {
    ExitCode::FAILURE
}

#[must_use]
pub fn sandbox(_args: SandboxArgs) -> ExitCode {
    ExitCode::FAILURE
}

#[must_use]
pub fn plan(_file: Option<PathBuf>, _explain: bool) -> ExitCode {
    ExitCode::FAILURE
}
