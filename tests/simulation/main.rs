//! Simulation: the worker's pure decisions, driven by many workers over a store and a host that fail at every step.
//!
//! `BACKORDERS_SIMULATION_SEEDS` says how many seeds are tried (1,000 if it is left out), `BACKORDERS_SIMULATION_SEED`
//! replays one. A seed decides everything: the same seed runs the same, alone or among others.

#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test says what it found, or fails")]

mod model;
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
    let mut faults = 0;
    for seed in 0..seeds {
        match run(seed, None) {
            Ok(struck) => faults += struck,
            Err(error) => panic!("{error}\nreplay: BACKORDERS_SIMULATION_SEED={seed} scripts/test whatever_fails"),
        }
    }
    assert!(faults > seeds, "only {faults} faults struck in {seeds} runs");
    println!("{seeds} seeds, {faults} faults");
}

#[test]
fn every_planted_bug_is_caught() {
    const SEEDS: u64 = 1000;
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        let caught: Vec<u64> = (0..SEEDS).filter(|seed| run(*seed, Some(bug)).is_err()).collect();
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
