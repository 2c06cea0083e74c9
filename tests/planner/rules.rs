//! One sentence of the rules per test.
