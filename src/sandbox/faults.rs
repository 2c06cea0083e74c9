//! Faults by request: what the sandbox's API is told to do wrong, for which calls, how often.
//!
//! Invariant: a fault either happens before anything was changed or after all of it was, and says which.

use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers rightly, but late.
    Slow { ms: u64 },
    /// Commits at once, and answers rightly, but late.
    SlowAfterCommit { ms: u64 },
    /// A status of its own before anything was changed: 500, 502, 403, 404 …
    StatusBefore { status: u16 },
    /// The change is made, the answer says that status.
    StatusAfterCommit { status: u16 },
    /// The connection is closed without an answer, and nothing was changed.
    CutBefore,
    /// The connection is closed without an answer after the change was made.
    CutAfterCommit,
    /// 429; the value of `Retry-After` is sent as it is, absurd ones too.
    TooManyRequests { retry_after: Option<String> },
    /// 401 as for an expired access token.
    ExpiredToken,
    /// The change is made, the answer is 200 with half of its body.
    TruncatedBody,
    /// The change is made, the answer is 200 with a page of HTML.
    HtmlBody,
    /// The change is made, the answer is 200 with nothing.
    EmptyBody,
    /// The connection is closed at once, and the change is made that much later.
    CommitLater { ms: u64 },
    /// The change is made that much later whether or not the caller still waits; who waits is answered then.
    SlowCommit { ms: u64 },
    /// The answer comes rightly, a byte each so many milliseconds.
    Drip { ms: u64 },
    /// The call is answered as for the next company: somebody else's documents.
    OtherCompany,
}

/// A fault, the calls it is for and how often it strikes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fault {
    /// `GET`, `POST` …; every method where left out.
    #[serde(default)]
    pub method: Option<String>,
    /// A part of the path; every path where left out.
    #[serde(default)]
    pub path: String,
    /// How many calls it strikes; until it is cleared where left out.
    #[serde(default)]
    pub times: Option<u32>,
    /// Calls that are let through first.
    #[serde(default)]
    pub skip: u32,
    /// How often it has struck.
    #[serde(default)]
    pub struck: u32,
    #[serde(flatten)]
    pub kind: FaultKind,
}

impl Fault {
    fn is_for(&self, method: &str, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method)) && path.contains(&self.path)
    }

    fn is_spent(&self) -> bool {
        self.times.is_some_and(|times| self.struck >= times)
    }
}

/// The faults that are set.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(super) fn add(&self, fault: Fault) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
    }

    pub(super) fn list(&self) -> Vec<Fault> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The first fault for that call that is not spent; it has struck once more then.
    pub(super) fn strike(&self, method: &str, path: &str) -> Option<FaultKind> {
        let mut faults = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fault = faults.iter_mut().find(|fault| !fault.is_spent() && fault.is_for(method, path))?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.struck += 1;
        Some(fault.kind.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_strikes_its_calls_as_often_as_told() {
        let faults = Faults::default();
        let json = serde_json::json!({
            "method": "POST", "path": "/orders", "times": 2, "skip": 1, "kind": "status_before", "status": 500
        });
        faults.add(serde_json::from_value(json).unwrap());
        let struck: Vec<bool> = (0..4).map(|_| faults.strike("post", "/v1/orders/purchase").is_some()).collect();
        assert_eq!(struck, [false, true, true, false]);
        assert_eq!(faults.strike("GET", "/v1/orders/purchase"), None);
    }
}
