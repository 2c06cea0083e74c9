//! The people's pages: work list, one backorder, decisions, settings, activity.
//!
//! Invariants: views are made from rows and settings only, and escape all text of hosts; a GET changes nothing; no
//! page needs a script, and none holds one.

mod asked;
mod decision_view;
mod frame;
mod list;
mod one;
mod text;
mod words;
