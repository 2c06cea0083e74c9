//! Rows by group, and names by number: what lets a million rows be planned without searching.
//!
//! Invariants: rows keep their order inside a group; numbers are given in the order of first sight and mean nothing.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::name::Name;

/// No such thing: no warehouse, no component, no document.
pub(super) const NONE: u32 = u32::MAX;

/// Rows sorted by the number of their group, with the place where each group starts.
#[derive(Debug)]
pub(super) struct Grouped<T> {
    rows: Vec<T>,
    starts: Vec<u32>,
}

impl<T> Default for Grouped<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), starts: Vec::new() }
    }
}

impl<T> Grouped<T> {
    /// Groups the rows; the order inside a group stays.
    pub(super) fn new(mut rows: Vec<T>, groups: usize, group_of: impl Fn(&T) -> u32) -> Self {
        rows.sort_by_key(&group_of);
        let mut starts = vec![0; groups + 1];
        for row in &rows {
            starts[group_of(row) as usize + 1] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        Self { rows, starts }
    }

    pub(super) fn range(&self, group: u32) -> std::ops::Range<usize> {
        let group = group as usize;
        match (self.starts.get(group), self.starts.get(group + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }

    pub(super) fn of(&self, group: u32) -> &[T] {
        &self.rows[self.range(group)]
    }

    pub(super) fn rows(&self) -> &[T] {
        &self.rows
    }

    /// Groups copies of the rows, which stand in a group as `order` names them. Also the place of each, in that order.
    pub(super) fn in_order(
        rows: &[T],
        order: impl Iterator<Item = u32> + Clone,
        groups: usize,
        group_of: impl Fn(&T) -> u32,
    ) -> (Self, Vec<u32>)
    where
        T: Copy,
    {
        let mut starts = vec![0_u32; groups + 1];
        for row in rows {
            starts[group_of(row) as usize + 1] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut next = starts.clone();
        let mut sources = vec![0_u32; rows.len()];
        let mut places = Vec::with_capacity(rows.len());
        for index in order {
            let place = &mut next[group_of(&rows[index as usize]) as usize];
            sources[*place as usize] = index;
            places.push(*place);
            *place += 1;
        }
        let grouped = sources.iter().map(|index| rows[*index as usize]).collect();
        (Self { rows: grouped, starts }, places)
    }

    /// The starts of the groups, and the rows.
    pub(super) fn parts_mut(&mut self) -> (&[u32], &mut [T]) {
        (&self.starts, &mut self.rows)
    }

    pub(super) fn rows_mut(&mut self) -> &mut [T] {
        &mut self.rows
    }

    pub(super) fn groups(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
}

/// Names as small numbers.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    numbers: HashMap<&'a str, u32, BuildHasherDefault<NameHasher>>,
    names: Vec<&'a Name>,
}

impl<'a> Names<'a> {
    /// The number of that name, a new one if it was not seen before.
    pub(super) fn number(&mut self, name: &'a Name) -> u32 {
        *self.numbers.entry(name.as_str()).or_insert_with(|| {
            self.names.push(name);
            u32::try_from(self.names.len() - 1).unwrap_or(NONE)
        })
    }

    pub(super) fn number_or_none(&mut self, name: Option<&'a Name>) -> u32 {
        name.map_or(NONE, |name| self.number(name))
    }

    /// The number of that name, if it was seen.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name of that number.
    pub(super) fn name(&self, number: u32) -> Option<&'a Name> {
        self.names.get(number as usize).copied()
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}

/// Hashes short names: multiply and fold per eight bytes. Names come from one company's own books, and a snapshot
/// that is made to collide only slows its own plan.
#[derive(Debug, Default)]
pub(super) struct NameHasher(u64);

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word) ^ (bytes.len() as u64) << 56);
        }
    }

    fn write_u64(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
        let folded = (product >> 64) ^ (product & u128::from(u64::MAX));
        self.0 = u64::try_from(folded).unwrap_or(u64::MAX);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
