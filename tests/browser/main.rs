//! What people do, in a real browser: Chromium, driven by `WebDriver`, over the app, the sandbox ERP and PostgreSQL.
//!
//! `scripts/test` starts the driver and hands over its address and axe-core's; where Chromium cannot be had it leaves
//! these tests out and says so.

#![expect(unreachable_pub, reason = "a test binary has no outside")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod accessible;
mod company;
mod decisions;
mod insights;
mod keyboard;
mod language;
mod settings;
#[path = "../it/support/mod.rs"]
#[expect(dead_code, reason = "the integration tests need more of it")]
mod support;
mod window;
