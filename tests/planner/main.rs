//! The planner held against its rules: one sentence of them per test, worked cases, laws on random snapshots.

mod cases;
mod command;
mod rules;
mod support;
