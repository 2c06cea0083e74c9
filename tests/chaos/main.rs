//! Chaos on real parts: two processes of the program, PostgreSQL, the sandbox ERP and its mail server under load, while
//! everything fails that can; then what each of them holds is compared. `scripts/chaos` runs it.

#![expect(clippy::print_stdout, reason = "a program: it prints its verdict")]

mod chance;
mod load;
mod proxy;
mod recovery;
mod scene;
mod settle;
mod sizes;
mod trouble;
mod verdict;
mod watch;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use backorders::clock::{Clock as _, SystemClock};
use clap::Parser;
use tokio::sync::watch as channel;

use chance::Chance;
use recovery::Recovery;
use scene::Scene;
use sizes::Sizes;
use trouble::Struck;
use watch::{Person, Witness};

/// After a kill -9, until nothing is held by the dead.
const RECOVERED_AFTER_KILL: Duration = Duration::from_secs(75);
/// After PostgreSQL was restarted, until a worker claims again.
const RECOVERED_AFTER_RESTART: Duration = Duration::from_secs(10);
/// A process that is told to stop has ended by then.
const DRAINED: Duration = Duration::from_secs(25);
/// Examples of what is wrong that are printed of one invariant.
const MOST_SHOWN: usize = 8;

#[derive(Debug, Parser)]
struct Args {
    /// How long there is trouble.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Decides what goes wrong and when.
    #[arg(long)]
    seed: Option<u64>,
    /// Milliseconds between two things that people of one company do.
    #[arg(long, default_value_t = 500)]
    pause: u64,
    /// No trouble: a soak, which shows whether memory grows.
    #[arg(long)]
    calm: bool,
    /// Where PostgreSQL's programs are.
    #[arg(long)]
    postgres: PathBuf,
    /// The program of the first and of the second process; both are this build's if left out. With the last release's
    /// binary as one of them, two releases run at once on this build's schema.
    #[arg(long, num_args = 2)]
    programs: Option<Vec<PathBuf>>,
    /// An empty folder for data and logs.
    #[arg(long)]
    folder: PathBuf,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            println!("chaos: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(&args)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("chaos: it could not be run: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs it and prints the verdict; whether everything held.
async fn run(args: &Args) -> Result<bool> {
    let seed = args.seed.unwrap_or_else(|| u64::try_from(SystemClock.now().as_millisecond()).unwrap_or(1) % 1_000_000);
    let length = Duration::from_secs(args.seconds);
    println!("chaos: seed {seed}, {} s of trouble", args.seconds);
    let mut chance = Chance::new(seed);
    let mut scene = {
        let own = PathBuf::from(env!("CARGO_BIN_EXE_backorders"));
        let programs = args.programs.clone().unwrap_or_else(|| vec![own.clone(), own]);
        Scene::set(&args.folder, &args.postgres, &programs).await?
    };
    let (stop, stopping) = channel::channel(false);
    let (mut ranges, mut people) = (Vec::new(), Vec::new());
    for tenant in scene.tenants.clone() {
        let mut part = chance.part();
        let range = load::items(&scene.sandbox, tenant.company, &mut part).await?;
        let pause = Duration::from_millis(args.pause);
        people.push(tokio::spawn(load::work(scene.sandbox.clone(), range.clone(), part, pause, stopping.clone())));
        ranges.push(range);
    }
    let witness = tokio::spawn(witness(scene.sandbox.clone(), stopping.clone()));
    let person = tokio::spawn(Person::work(scene.office.clone(), scene.tenants.clone(), stopping.clone()));
    let (recovery, mut struck) = (Recovery::default(), Struck::default());
    let sizes = tokio::spawn(Sizes::watch(stopping.clone()));
    if args.calm {
        tokio::time::sleep(length).await;
    } else {
        trouble::make(&mut scene, &mut chance, length, &recovery, &mut struck).await?;
        trouble::end(&scene).await?;
    }
    stop.send_replace(true);
    let mut sales = 0;
    for one in people {
        sales += one.await?;
    }
    let (mut witness, mut person) = (witness.await?, person.await?);
    let (waiting, settled) = settle::until_quiet(&scene, &mut person).await?;
    witness.look(&scene.sandbox).await?;
    let times = recovery.times().await;

    let state = scene.sandbox.look("/sandbox/state").await?;
    let client = scene.pool.get().await?;
    let evidence = verdict::Evidence {
        scene: &scene,
        ranges: &ranges,
        witness: &witness,
        state: &state,
        client: &client,
        waiting: &waiting,
    };
    let mut all_held = true;
    println!("{sales} sales");
    tell_what_struck(&scene, &struck);
    println!("{person}; all was quiet {:.1} s after the end", settled.as_secs_f64());
    for finding in evidence.findings().await? {
        all_held &= finding.wrong.is_empty();
        let word = if finding.wrong.is_empty() { "held  " } else { "BROKEN" };
        println!("{word}  {} ({})", finding.name, finding.looked_at);
        finding.wrong.iter().take(MOST_SHOWN).for_each(|wrong| println!("        {wrong}"));
    }
    let (room, bounded) = sizes.await?.verdict(&client).await?;
    all_held &= bounded;
    println!("{}  I13 memory is bounded ({room})", if bounded { "held  " } else { "BROKEN" });
    all_held &= tell_times(&times, &struck);
    let verdict = if all_held { "everything held" } else { "NOT everything held" };
    println!("chaos: {verdict}; again: scripts/chaos --seconds {} --seed {seed}", args.seconds);
    Ok(all_held)
}

/// Prints how long recovery and stopping took, and what processes did that they must not; whether all that held.
fn tell_times(times: &recovery::Times, struck: &Struck) -> bool {
    let mut held = timed("I9 recovery after kill -9", &times.kills, RECOVERED_AFTER_KILL);
    held &= timed("recovery after a restart of PostgreSQL", &times.restarts, RECOVERED_AFTER_RESTART);
    let outage = times.outages.iter().max().copied().unwrap_or_default();
    println!("        (since it was stopped, its own start included: {:.1} s at most)", outage.as_secs_f64());
    held &= timed("a process told to stop has ended", &struck.drains, DRAINED);
    struck.wrong.iter().for_each(|wrong| println!("BROKEN  {wrong}"));
    held && struck.wrong.is_empty()
}

/// Prints how often what went wrong.
fn tell_what_struck(scene: &Scene, struck: &Struck) {
    for (name, times) in &struck.by_name {
        println!("  {times:4} x {name}");
    }
    let cut = |at: usize| scene.cuts.struck[at].load(std::sync::atomic::Ordering::Relaxed);
    println!("  COMMITs cut: {} before, {} as they were sent, {} unheard", cut(0), cut(1), cut(2));
}

/// Prints times and whether the longest is within the limit.
fn timed(what: &str, times: &[Duration], limit: Duration) -> bool {
    let longest = times.iter().max().copied().unwrap_or_default();
    let held = longest <= limit;
    let all: Vec<String> = times.iter().map(|time| format!("{:.1}", time.as_secs_f64())).collect();
    let word = if held { "held  " } else { "BROKEN" };
    println!(
        "{word}  {what} within {} s (longest {:.1} s of: {})",
        limit.as_secs(),
        longest.as_secs_f64(),
        all.join(" ")
    );
    held
}

/// Looks twice a second, until told to stop.
async fn witness(erp: scene::Erp, stopping: channel::Receiver<bool>) -> Witness {
    let mut witness = Witness::default();
    while !*stopping.borrow() {
        // the next look sees it too
        let _ = witness.look(&erp).await;
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    witness
}
