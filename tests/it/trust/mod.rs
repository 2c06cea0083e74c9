//! Nothing lost, nothing twice: what must hold whatever fails, tried on real parts.

mod bought_once;
mod follows;
mod keeps_working;
mod killed;
