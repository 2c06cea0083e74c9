//! What the integration tests stand on.

pub mod temp_dir;
