//! Work side by side on several threads, where there is enough of it to be worth their start.
//!
//! Invariants: the answer is the same on any number of threads; a thread's panic goes on in the caller.

use std::cmp::Ordering;

/// Rows from which on a second thread is worth its start.
const MANY_ROWS: usize = 10_000;

/// Threads at most: beyond this the memory is the limit, not the processor.
const MAX_THREADS: usize = 8;

/// How many threads to use for that many rows.
#[must_use]
pub fn threads_for(rows: usize) -> usize {
    if rows < MANY_ROWS {
        return 1;
    }
    std::thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS)
}

/// Does each share of the work on a thread of its own; the results stand in the order of the shares.
pub fn in_parallel<W: Send, T: Send>(shares: impl IntoIterator<Item = W>, work: impl Fn(W) -> T + Sync) -> Vec<T> {
    let mut shares: Vec<W> = shares.into_iter().collect();
    let Some(last) = shares.pop() else { return Vec::new() };
    if shares.is_empty() {
        return vec![work(last)];
    }
    std::thread::scope(|scope| {
        let work = &work;
        let others: Vec<_> = shares.into_iter().map(|share| scope.spawn(move || work(share))).collect();
        let last = work(last);
        let mut results = Vec::with_capacity(others.len() + 1);
        for other in others {
            match other.join() {
                Ok(result) => results.push(result),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        results.push(last);
        results
    })
}

/// How many rows each of the threads takes, at least one.
pub(super) fn share(rows: usize, threads: usize) -> usize {
    rows.div_ceil(threads).max(1)
}

/// The rows of one share, then those of the next.
pub(super) fn joined<T>(mut rows: Vec<T>, mut more: Vec<T>) -> Vec<T> {
    rows.append(&mut more);
    rows
}

/// Sorts rows of which no two are equal: two halves side by side, then merged.
pub(super) fn sort<T: Send>(rows: &mut [T], compare: impl Fn(&T, &T) -> Ordering + Sync) {
    if threads_for(rows.len()) == 1 {
        rows.sort_unstable_by(compare);
        return;
    }
    let halves = rows.chunks_mut(rows.len().div_ceil(2));
    in_parallel(halves, |half| half.sort_unstable_by(&compare));
    // The stable sort finds the two sorted halves by itself.
    rows.sort_by(compare);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_any_number_are_sorted() {
        for count in [0, 1, 2, 9_999, 10_000, 30_001] {
            let mut rows: Vec<u32> = (0..count).map(|row: u32| row.wrapping_mul(2_654_435_761)).collect();
            let mut sorted = rows.clone();
            sorted.sort_unstable();
            sort(&mut rows, u32::cmp);
            assert_eq!(rows, sorted);
        }
    }

    #[test]
    fn results_stand_in_the_order_of_the_shares() {
        assert_eq!(in_parallel([3_u64, 1, 2], |share| share * 10), [30, 10, 20]);
        assert!(in_parallel(Vec::<u64>::new(), |share| share).is_empty());
        assert_eq!((share(0, 2), share(5, 2), share(1, 8)), (1, 3, 1));
    }

    #[test]
    #[should_panic(expected = "of a thread")]
    fn a_panic_of_a_thread_is_the_callers() {
        in_parallel([true, false], |panics| assert!(!panics, "of a thread"));
    }
}
