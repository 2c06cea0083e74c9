//! Time and randomness, the only place that asks the system for them.
//!
//! Invariant: everything else takes them as arguments, so that a test or a simulation decides.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Where the time, random bytes and new ids come from.
pub trait Clock: Send + Sync + std::fmt::Debug {
    fn now(&self) -> Timestamp;

    /// Fills `buffer` from the system's CSPRNG.
    fn random(&self, buffer: &mut [u8]);

    /// A new id that sorts by time (UUID v7).
    fn new_id(&self) -> Uuid {
        let mut random = [0_u8; 10];
        self.random(&mut random);
        let milliseconds = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(milliseconds, &random).into_uuid()
    }
}

/// The system's clock and CSPRNG.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that asks for randomness")]
    #[expect(clippy::expect_used, reason = "without a CSPRNG nothing here may go on")]
    fn random(&self, buffer: &mut [u8]) {
        getrandom::fill(buffer).expect("the system's random source answers");
    }
}

/// A clock that stands until it is moved. Randomness is the system's.
#[derive(Debug)]
pub struct TestClock(Mutex<Timestamp>);

impl TestClock {
    #[must_use]
    pub fn at(now: Timestamp) -> Self {
        Self(Mutex::new(now))
    }

    /// Moves the clock by that much.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now = now.checked_add(by).unwrap_or(*now);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn random(&self, buffer: &mut [u8]) {
        SystemClock.random(buffer);
    }
}
