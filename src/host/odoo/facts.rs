//! What hardly ever changes in an Odoo, asked for once in a while instead of with each job.
//!
//! Invariant: nothing that a decision rests on is kept here but units, routes and which warehouses there are, and those
//! for minutes only.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::purchase::OperationType;
use super::series::Series;
use super::wire::Units;
use crate::domain::stock::Warehouse;
use crate::domain::vendor::Contact;

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
    pub(super) warehouses: OnceCell<Vec<Warehouse>>,
    /// Email addresses of users that were asked for.
    pub(super) emails: Mutex<BTreeMap<i64, Option<String>>>,
    /// Vendors that were read. Whether one is archived is not asked of these, the price lists are those of active ones.
    pub(super) vendors: Mutex<BTreeMap<i64, Contact>>,
    /// Moves of goods that were told of already, with when they were last written.
    pub(super) moves: Mutex<BTreeMap<i64, String>>,
    /// Transfers that were told of already, with when they were last written.
    pub(super) transfers: Mutex<BTreeMap<i64, String>>,
    /// Ids of currencies by their code.
    pub(super) currencies: Mutex<BTreeMap<String, i64>>,
    /// The unit of each product that was read.
    pub(super) stock_units: Mutex<BTreeMap<i64, i64>>,
}

impl Facts {
    /// What is kept of these keys; `None` where one is missing.
    pub(super) fn all<K: Ord + Clone, V: Clone>(of: &Mutex<BTreeMap<K, V>>, keys: &[K]) -> Option<BTreeMap<K, V>> {
        let kept = of.lock().unwrap_or_else(PoisonError::into_inner);
        keys.iter().map(|key| Some((key.clone(), kept.get(key)?.clone()))).collect()
    }

    /// Keeps these, and gives those that were not kept as they are.
    pub(super) fn news<K: Ord + Clone, V: Eq>(of: &Mutex<BTreeMap<K, V>>, found: Vec<(K, V)>) -> BTreeSet<K> {
        let mut kept = of.lock().unwrap_or_else(PoisonError::into_inner);
        let mut news = BTreeSet::new();
        for (key, value) in found {
            if kept.get(&key) != Some(&value) {
                kept.insert(key.clone(), value);
                news.insert(key);
            }
        }
        news
    }

    pub(super) fn keep<K: Ord, V>(of: &Mutex<BTreeMap<K, V>>, found: impl IntoIterator<Item = (K, V)>) {
        of.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
    }
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
