//! Secrets: kept encrypted, compared in constant time, never printed.
