//! The planner held against its rules: one sentence of them per test, worked cases, laws on random snapshots.

mod allocation;
mod amendments;
mod buying;
mod cases;
mod command;
mod demands;
mod ready;
mod support;
