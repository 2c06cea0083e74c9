//! The only place that joins domain, host and database: one changed document after another.

pub mod retry;
pub mod snapshot;
