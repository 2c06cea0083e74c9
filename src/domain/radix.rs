//! Sorts many numbers by the bits in which they differ, a million of them in a few passes without a comparison.
//!
//! Invariant: what is equal stays in the order in which it came.

use super::parallel::{in_parallel, share, threads_for};

/// Bits that one pass sorts by: its counters stay in a processor's nearest cache.
const BITS_OF_A_PASS: u32 = 12;

/// Rows below which passes are not worth their counters.
const FEW_ROWS: usize = 5_000;

/// The indexes in the order of their keys.
pub(super) fn sorted_by_key(mut indexes: Vec<u32>, key: impl Fn(u32) -> u128 + Sync) -> Vec<u32> {
    if indexes.len() < FEW_ROWS {
        indexes.sort_by_key(|index| key(*index));
        return indexes;
    }
    for digit in digits(varying_bits(&indexes, &key)) {
        indexes = pass(&indexes, &key, &digit);
    }
    indexes
}

/// The bits in which not all keys are equal.
fn varying_bits(indexes: &[u32], key: &(impl Fn(u32) -> u128 + Sync)) -> u128 {
    let first = key(indexes[0]);
    let share = share(indexes.len(), threads_for(indexes.len()));
    let varying = in_parallel(indexes.chunks(share), |indexes| {
        indexes.iter().fold(0, |bits, index| bits | (key(*index) ^ first))
    });
    varying.into_iter().fold(0, |bits, more| bits | more)
}

/// Neighbouring bits of a key: from where, how many, and where they stand in the digit.
struct Run {
    shift: u32,
    mask: u128,
    to: u32,
}

/// The part of a key that one pass sorts by.
type Digit = Vec<Run>;

/// All bits of `varying`, the lowest digit first.
fn digits(mut varying: u128) -> Vec<Digit> {
    let mut digits = Vec::new();
    let (mut digit, mut to) = (Digit::new(), 0);
    while varying != 0 {
        let shift = varying.trailing_zeros();
        let bits = (varying >> shift).trailing_ones().min(BITS_OF_A_PASS - to);
        let mask = (1 << bits) - 1;
        varying &= !(mask << shift);
        digit.push(Run { shift, mask, to });
        to += bits;
        if to == BITS_OF_A_PASS || varying == 0 {
            digits.push(std::mem::take(&mut digit));
            to = 0;
        }
    }
    digits
}

fn value(key: u128, digit: &[Run]) -> u16 {
    let value = digit.iter().fold(0, |value, run| value | (((key >> run.shift) & run.mask) << run.to));
    u16::try_from(value).unwrap_or(u16::MAX)
}

/// The indexes in the order of one digit of their keys.
fn pass(indexes: &[u32], key: &(impl Fn(u32) -> u128 + Sync), digit: &[Run]) -> Vec<u32> {
    let share = share(indexes.len(), threads_for(indexes.len()));
    let values: Vec<Vec<u16>> =
        in_parallel(indexes.chunks(share), |indexes| indexes.iter().map(|index| value(key(*index), digit)).collect());
    let mut next = [0_u32; 1 << BITS_OF_A_PASS];
    values.iter().flatten().for_each(|value| next[usize::from(*value)] += 1);
    let mut sum = 0;
    for count in &mut next {
        sum += std::mem::replace(count, sum);
    }
    let mut sorted = vec![0; indexes.len()];
    for (index, value) in indexes.iter().zip(values.iter().flatten()) {
        let place = &mut next[usize::from(*value)];
        sorted[*place as usize] = *index;
        *place += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers that look random, of some bits only.
    fn keys(count: u32, bits: u128) -> Vec<u128> {
        let mut state = 7_u128;
        let mut next = || {
            state = state.wrapping_mul(0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645).wrapping_add(99);
            (state ^ (state >> 61)) & bits | !bits & 0xf0f0
        };
        (0..count).map(|_| next()).collect()
    }

    #[test]
    fn rows_are_sorted_by_whatever_bits_differ_and_equal_ones_stay_as_they_came() {
        let few = u32::try_from(FEW_ROWS).unwrap();
        for bits in [0, 1, 0b1011 << 126, 0xfff, 0x1fff, 0xffff << 50 | 7, 1 << 127 | 1, u128::MAX] {
            for count in [0, 1, few - 1, few, 30_011] {
                let keys = keys(count, bits);
                let given: Vec<u32> = (0..count).rev().collect();
                let mut sorted = given.clone();
                sorted.sort_by_key(|index| keys[*index as usize]);
                assert_eq!(sorted_by_key(given, |index| keys[index as usize]), sorted, "{count} rows, bits {bits:x}");
            }
        }
    }

    #[test]
    fn bits_that_do_not_differ_take_no_pass() {
        assert!(digits(0).is_empty());
        assert_eq!(digits(0xfff).len(), 1);
        assert_eq!(digits(0b11 << 100 | 0x3ff).len(), 1);
        assert_eq!(digits(0x1fff).len(), 2);
        assert_eq!(digits(u128::MAX).len(), 11);
    }
}
