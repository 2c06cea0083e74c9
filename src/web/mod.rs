//! Hooks in, pages for people.
