//! Simulation: the worker's pure decisions, driven by many workers over a store and a host that fail at every step.
//!
//! `BACKORDERS_SIMULATION_SEEDS` says how many seeds are tried (1,000 if it is left out), `BACKORDERS_SIMULATION_SEED`
//! replays one. A seed decides everything: the same seed runs the same, alone or among others.

#![expect(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test says what it found, or fails")]

mod model;
mod oracle;
mod run;

use model::Bug;
use run::run;

fn number(name: &str) -> Option<u64> {
    #[expect(clippy::disallowed_methods, reason = "how much is tried is said from outside")]
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn whatever_fails_a_shortfall_is_bought_once_and_told_once() {
    if let Some(seed) = number("BACKORDERS_SIMULATION_SEED") {
        run(seed, None).unwrap();
        return;
    }
    let seeds = number("BACKORDERS_SIMULATION_SEEDS").unwrap_or(1000);
    let begun = std::time::Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get) as u64;
    let faults: u64 = std::thread::scope(|scope| {
        let parts: Vec<_> = (0..threads).map(|part| scope.spawn(move || try_seeds(part, threads, seeds))).collect();
        parts.into_iter().map(|part| part.join().unwrap()).sum()
    });
    assert!(faults > seeds, "only {faults} faults struck in {seeds} runs");
    let each_second = u128::from(seeds) * 1000 / begun.elapsed().as_millis().max(1);
    println!("{seeds} seeds, {faults} faults, {each_second} seeds a second");
}

/// Every `of`-th seed; gives how many faults struck.
fn try_seeds(first: u64, of: u64, seeds: u64) -> u64 {
    let mut faults = 0;
    for seed in (first..seeds).step_by(usize::try_from(of).unwrap()) {
        match run(seed, None) {
            Ok(struck) => faults += struck,
            Err(error) => panic!("{error}\nreplay: BACKORDERS_SIMULATION_SEED={seed} scripts/test whatever_fails"),
        }
    }
    faults
}

#[test]
fn every_planted_bug_is_caught() {
    const SEEDS: u64 = 1000;
    let mut missed = Vec::new();
    let all: Vec<(Bug, Vec<u64>)> = std::thread::scope(|scope| {
        let search = |bug| move || (bug, (0..SEEDS).filter(|seed| run(*seed, Some(bug)).is_err()).collect());
        let searches: Vec<_> = Bug::ALL.into_iter().map(|bug| scope.spawn(search(bug))).collect();
        searches.into_iter().map(|search| search.join().unwrap()).collect()
    });
    for (bug, caught) in all {
        let first = caught.first().map_or_else(|| "never".to_owned(), |seed| format!("first by seed {seed}"));
        let why = caught.first().and_then(|seed| run(*seed, Some(bug)).err()).unwrap_or_default();
        println!("{bug:?}: {} of {SEEDS} seeds, {first}: {why}", caught.len());
        if caught.is_empty() {
            missed.push(bug);
        }
    }
    assert!(missed.is_empty(), "not caught: {missed:?}");
}

#[test]
fn a_seed_runs_the_same_each_time() {
    for seed in 0..20 {
        assert_eq!(run(seed, None), run(seed, None));
    }
}
