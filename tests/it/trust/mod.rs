//! Nothing lost, nothing twice: what must hold whatever fails, tried on real parts.

mod asked_whole;
mod bought_once;
mod breaks_down;
mod exactly;
mod fairness;
mod follows;
mod forgets;
mod keeps_working;
mod killed;
mod leases;
mod measured;
mod redaction;
mod replay;
mod runbook;
mod statements;
mod trace;
