//! What can go wrong with a host, by what must be done about it (trust.md section 3).
//!
//! Invariant: a write that may have happened is [`HostError::Unknown`], never a failure that is simply retried.

use std::time::Duration;

use thiserror::Error;

use crate::domain::problem::Problem;

/// A call that did not give what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum HostError {
    /// It certainly changed nothing: try again later.
    #[error("{reason}: {detail}")]
    NotApplied { reason: NotApplied, detail: String },
    /// The host understood and refused: a person must look.
    #[error("refused by the host: {detail}")]
    Rejected {
        /// The host's own code or HTTP status, for the page.
        code: String,
        detail: String,
    },
    /// It may have happened: wait out the host's limit, then look for the marker.
    #[error("outcome unknown: {detail}")]
    Unknown { detail: String },
}

/// Why a call certainly changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NotApplied {
    /// Name not resolved, connection refused, TLS failed: no byte of the request was written; or a read failed.
    #[error("the host cannot be reached")]
    Unreachable,
    /// The access token is no longer good: refresh it, then try again.
    #[error("the host does not accept our access token")]
    Unauthorized,
    /// Asked to slow down; clamped to 1 s .. 1 h.
    #[error("the host asked us to wait")]
    RateLimited { retry_after: Duration },
    /// A read answered with something that does not fit the contract. The detail holds its beginning, redacted.
    #[error("the host answered something that we cannot read")]
    Unreadable,
    /// A read failed on the host's side (5xx).
    #[error("the host has an internal problem")]
    HostFailed,
}

impl HostError {
    pub fn not_applied(reason: NotApplied, detail: impl Into<String>) -> Self {
        Self::NotApplied { reason, detail: detail.into() }
    }

    /// What is told of it.
    #[must_use]
    pub fn problem(&self) -> Problem {
        match self.clone() {
            Self::NotApplied { reason, detail } => match reason {
                NotApplied::Unreachable => Problem::Unreachable { detail },
                NotApplied::Unauthorized => Problem::Token { detail },
                NotApplied::RateLimited { .. } => Problem::Wait { detail },
                NotApplied::Unreadable => Problem::Unreadable { detail },
                NotApplied::HostFailed => Problem::Failed { detail },
            },
            Self::Rejected { detail, .. } => Problem::Refused { detail },
            Self::Unknown { detail } => Problem::Unknown { detail },
        }
    }

    /// Whether a fresh access token may help.
    #[must_use]
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Self::NotApplied { reason: NotApplied::Unauthorized, .. })
    }
}
