//! The command line: parses it and calls [`backorders::app`].

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Watches your ERP's sales for what is short, buys exactly that, and says when it is in.
#[derive(Parser)]
#[command(name = "backorders", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the webhook intake, the pages, the worker and the sweep until stopped.
    #[command(after_help = backorders::config::help())]
    Serve,
    /// Bring the database to this version's schema, then exit.
    Migrate,
    /// Have documents looked at again; only says which, unless told to do it.
    Replay(backorders::app::ReplayArgs),
    /// Run the sandbox ERP and the mail catcher to try the app on.
    Sandbox(backorders::app::SandboxArgs),
    /// Plan one JSON snapshot: what is short, who gets what, what to buy.
    ///
    /// Quantities and prices go to 10^12, quantities with 6 decimals, prices with 12. A kit has at most 1,000 components, a
    /// purchase order line at most 1,000 parts; beyond that its lines are exceptions in the plan. The why of a quantity
    /// names at most ten other warehouses with free stock.
    Plan {
        /// The snapshot; standard input when left out.
        file: Option<PathBuf>,
        /// Write the plan for people instead of JSON.
        #[arg(long)]
        explain: bool,
    },
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Serve => backorders::app::serve(),
        Command::Migrate => backorders::app::migrate(),
        Command::Replay(args) => backorders::app::replay(args),
        Command::Sandbox(args) => backorders::app::sandbox(args),
        Command::Plan { file, explain } => backorders::app::plan(file.as_deref(), explain),
    }
}
