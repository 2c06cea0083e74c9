//! The sandbox ERP, over real HTTP and SMTP: its answers against the document, and how it behaves.

mod conformance;
mod erp;
mod faults;
mod hooks;
mod mails;
mod oauth;
mod odoo;
mod odoo_rules;
mod openapi;
mod pages;
mod purchasing;
mod selling;
