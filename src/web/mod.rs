//! Hooks in, pages for people.

mod pages;
