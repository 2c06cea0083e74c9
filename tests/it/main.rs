//! The integration tests: one binary, a module for each area, real PostgreSQL, HTTP and SMTP.

#![expect(unreachable_pub, reason = "a test binary has no outside")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

/// Runs these scenarios of the module over both Odoos too.
macro_rules! on_odoo {
    ($($scenario:ident),* $(,)?) => {
        mod on_odoo_17 {
            $(#[test]
            fn $scenario() {
                $crate::support::face::Face::Odoo17.run(super::$scenario);
            })*
        }
        mod on_odoo_19 {
            $(#[test]
            fn $scenario() {
                $crate::support::face::Face::Odoo19.run(super::$scenario);
            })*
        }
    };
}

mod customer_mail;
mod database;
mod embedded_postgres;
mod gathering;
mod host_deskera;
mod host_http;
mod host_odoo;
mod hostile_names;
mod mail;
mod manifest;
mod many_backorders;
mod odoo_companies;
mod odoo_hooks;
mod odoo_orders;
mod process;
mod real_odoo;
mod sandbox;
mod story;
mod support;
mod trust;
mod web_connection;
mod web_data;
mod web_deciding;
mod web_decisions;
mod web_hooks;
mod web_insights;
mod web_overrides;
mod web_pages;
mod web_settings;
mod web_sign_in;
mod web_wire;
mod web_work_list;
