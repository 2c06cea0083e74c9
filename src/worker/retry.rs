//! When to try again. Pure.
//!
//! Invariant: the delay grows with each attempt, is never shorter than what the host asked for, and never longer
//! than an hour: nobody waits longer than that for a host that is back.

use std::time::Duration;

use jiff::Timestamp;

/// Delays by attempt; the last one goes on.
const DELAYS_S: [u64; 7] = [1, 5, 15, 60, 300, 900, 3600];

/// How long to wait after the `attempt`-th try (from 1) failed. `jitter` is a random byte: up to a fifth is added, so
/// that many workers do not come back at once.
#[must_use]
pub fn delay(attempt: i32, asked_for: Option<Duration>, jitter: u8) -> Duration {
    let index = usize::try_from(attempt.max(1) - 1).unwrap_or(0).min(DELAYS_S.len() - 1);
    let base = Duration::from_secs(DELAYS_S[index]).max(asked_for.unwrap_or_default());
    base + base * u32::from(jitter) / (5 * 255)
}

/// `now` and that much later.
#[must_use]
pub fn after(now: Timestamp, delay: Duration) -> Timestamp {
    jiff::SignedDuration::try_from(delay).ok().and_then(|delay| now.checked_add(delay).ok()).unwrap_or(Timestamp::MAX)
}

/// `now` and that much earlier.
#[must_use]
pub fn before(now: Timestamp, delay: Duration) -> Timestamp {
    jiff::SignedDuration::try_from(delay).ok().and_then(|delay| now.checked_sub(delay).ok()).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_to_an_hour_and_stay_there() {
        let delays: Vec<_> = (1..=9).map(|attempt| delay(attempt, None, 0).as_secs()).collect();
        assert_eq!(delays, [1, 5, 15, 60, 300, 900, 3600, 3600, 3600]);
    }

    #[test]
    fn a_host_that_asks_for_more_gets_more() {
        assert_eq!(delay(1, Some(Duration::from_secs(30)), 0), Duration::from_secs(30));
        assert_eq!(delay(5, Some(Duration::from_secs(30)), 0), Duration::from_secs(300));
    }

    #[test]
    fn jitter_adds_at_most_a_fifth() {
        assert_eq!(delay(4, None, 255), Duration::from_secs(72));
    }

    #[test]
    fn an_attempt_that_makes_no_sense_is_the_first() {
        assert_eq!(delay(0, None, 0), delay(1, None, 0));
        assert_eq!(delay(-5, None, 0), delay(1, None, 0));
    }
}
