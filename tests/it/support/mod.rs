//! What the integration tests stand on.

pub mod app;
pub mod db;
pub mod deskera;
pub mod mailbox;
pub mod program;
pub mod shop;
pub mod temp_dir;
