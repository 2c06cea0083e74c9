//! PostgreSQL: SQL text and row mapping, nothing else. The tenant is an argument of every function.
