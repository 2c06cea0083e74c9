//! What the integration tests stand on.

pub mod app;
pub mod db;
pub mod deskera;
pub mod door;
pub mod face;
pub mod full_disk;
pub mod mailbox;
pub mod odoo;
pub mod program;
pub mod proxy;
pub mod shop;
pub mod temp_dir;
