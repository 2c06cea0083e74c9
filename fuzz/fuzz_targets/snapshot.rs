//! Any bytes are a snapshot that is planned and written, or an error with a path: no panic, no hang, bounded memory.
//!
//! `scripts/fuzz` runs it.

#![no_main]

use backorders::domain::plan::{Numbered, compact};
use backorders::plan_command::{read_snapshot, write_json};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &[u8]| match read_snapshot(text) {
    Ok(snapshot) => {
        let mut written = Vec::new();
        write_json(&compact(&Numbered::new(&snapshot)), &mut written).unwrap();
        serde_json::from_slice::<backorders::domain::plan::Plan>(&written).unwrap();
    }
    Err(error) => assert!(!error.path.is_empty() && !error.problem.is_empty()),
});
