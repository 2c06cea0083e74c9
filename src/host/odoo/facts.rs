//! What hardly ever changes in an Odoo, asked for once in a while instead of with each job.
//!
//! Invariant: nothing that a decision rests on is kept here but units and routes, and those for minutes only.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::purchase::OperationType;
use super::series::Series;
use super::wire::Units;

/// How long it is believed.
const LIFE: Duration = Duration::from_secs(300);

/// What is known of one company of one Odoo, as one user sees it.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub(super) series: OnceCell<Series>,
    pub(super) user: OnceCell<i64>,
    /// Our fields on orders, as far as they were made.
    pub(super) own: OnceCell<Vec<String>>,
    pub(super) operations: OnceCell<Vec<OperationType>>,
    /// Routes by which a vendor ships to the customer.
    pub(super) routes: OnceCell<BTreeSet<i64>>,
    /// Whether manufacturing is installed, which brings kits.
    pub(super) has_kits: OnceCell<bool>,
    pub(super) units: OnceCell<Units>,
}

/// The facts of all connected Odoos; cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct KnownOdoos(Arc<Mutex<Kept>>);

/// By key, since when.
type Kept = HashMap<String, (Instant, Arc<Facts>)>;

impl KnownOdoos {
    /// What is known under a key that names address, company and user.
    pub(super) fn of(&self, key: &str) -> Arc<Facts> {
        self.at(key, Instant::now())
    }

    fn at(&self, key: &str, now: Instant) -> Arc<Facts> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, (since, _)| now.duration_since(*since) < LIFE);
        known.entry(key.to_owned()).or_insert_with(|| (now, Arc::default())).1.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_asked_for_again_after_a_while() {
        let (known, now) = (KnownOdoos::default(), Instant::now());
        known.at("a", now).user.set(7).unwrap();
        assert_eq!(known.at("a", now).user.get(), Some(&7));
        assert_eq!(known.at("b", now).user.get(), None);
        assert_eq!(known.at("a", now + LIFE).user.get(), None);
    }
}
