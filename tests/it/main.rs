//! The integration tests: one binary, a module for each area, real PostgreSQL, HTTP and SMTP.

#![expect(unreachable_pub, reason = "a test binary has no outside")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod customer_mail;
mod database;
mod embedded_postgres;
mod host_deskera;
mod host_http;
mod host_odoo;
mod hostile_names;
mod mail;
mod manifest;
mod process;
mod real_odoo;
mod sandbox;
mod story;
mod support;
mod trust;
mod web_deciding;
mod web_decisions;
mod web_hooks;
mod web_insights;
mod web_pages;
mod web_settings;
mod web_sign_in;
mod web_work_list;
