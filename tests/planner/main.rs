//! The planner held against its rules: one sentence of them per test, worked cases, laws on random snapshots.

#![expect(
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they mean in few words"
)]

mod allocation;
mod amendments;
mod buying;
mod cases;
mod command;
mod demands;
mod laws;
mod many;
mod oracle;
mod overrides;
mod printing;
mod random;
mod reader;
mod ready;
mod stored;
mod support;
mod words;
mod worked;
