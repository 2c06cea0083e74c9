//! **Backorders** watches an ERP's sales for what is short, buys exactly that, and says when it is in.
//!
//! This page is the code map. Modules stand in reading order; the life of one webhook is the straight line
//! `web::hooks → worker::refresh → worker::replan → worker::purchase → worker::notify`.
//!
//! | module | what it is for | may use |
//! | --- | --- | --- |
//! | [`domain`] | the rules: pure arithmetic over a snapshot | nothing else |
//! | [`host`] | the ERP systems outside, one folder each | domain, secret |
//! | [`db`] | PostgreSQL: SQL text and row mapping | domain, secret |
//! | [`decision`] | a decision becomes an intent | domain, db, clock, secret |
//! | [`worker`] | joins the three: refresh, replan, purchase, notify, sweep | domain, host, db, mail, wording, clock |
//! | [`wording`] | what people read, in their language and form | domain |
//! | [`mail`] | renders and sends mails | domain, secret, wording |
//! | [`web`] | hooks in, pages for people | domain, db, clock, secret, mail, wording, host (intake, install, sign-in) |
//! | [`sandbox`] | a small ERP to try the app on and to test against | domain ids and quantity |
//! | [`config`] | the operator's settings; the only reader of the environment | mail (its settings), host (address policy) |
//! | [`embedded_postgres`] | the private PostgreSQL that runs when no database is given | nothing else |
//! | [`plan_command`] | `backorders plan`: a snapshot in, a plan out | domain |
//! | [`app`] | builds and runs all of it | everything |
//!
//! Invariants (held by `tests/architecture.rs`): the import directions of the table; no float in [`domain`];
//! no SQL outside [`db`]; time, randomness and ids are arguments everywhere but in [`clock`].

pub mod app;
pub mod clock;
pub mod config;
pub mod db;
pub mod decision;
pub mod domain;
pub mod embedded_postgres;
pub mod host;
pub mod mail;
pub mod plan_command;
pub mod sandbox;
pub mod secret;
pub mod web;
pub mod wording;
pub mod worker;
