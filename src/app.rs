//! Builds the parts and runs them: the only module that knows all others.

mod sandbox;

use std::path::PathBuf;
use std::process::ExitCode;

pub use sandbox::SandboxArgs;

#[must_use]
pub fn serve() -> ExitCode {
    ExitCode::FAILURE
}

#[must_use]
pub fn migrate() -> ExitCode {
    ExitCode::FAILURE
}

#[must_use]
pub fn sandbox(args: SandboxArgs) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("no runtime: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(sandbox::run(args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[must_use]
pub fn plan(_file: Option<PathBuf>, _explain: bool) -> ExitCode {
    ExitCode::FAILURE
}
