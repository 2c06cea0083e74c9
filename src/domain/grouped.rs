//! Rows by group, and names by number: what lets a million rows be planned without searching.
//!
//! Invariants: rows keep their order inside a group; numbers are given in the order of first sight and mean nothing.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

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
        let starts = starts(rows.iter().map(group_of), groups);
        Self { rows, starts }
    }

    /// Groups rows that are cheap to copy, without sorting them; the order inside a group stays.
    pub(super) fn scattered(rows: &[T], groups: usize, group_of: impl Fn(&T) -> u32) -> Self
    where
        T: Copy,
    {
        let starts = starts(rows.iter().map(&group_of), groups);
        let (mut next, mut sources) = (starts.clone(), vec![0_u32; rows.len()]);
        for (row, index) in rows.iter().zip(0..) {
            let place = &mut next[group_of(row) as usize];
            sources[*place as usize] = index;
            *place += 1;
        }
        Self { rows: sources.into_iter().map(|index| rows[index as usize]).collect(), starts }
    }

    /// Rows that stand by group already, and how many each group has.
    pub(super) fn from_counts(rows: Vec<T>, mut counts: Vec<u32>) -> Self {
        counts.push(0);
        let mut sum = 0;
        for count in &mut counts {
            sum += std::mem::replace(count, sum);
        }
        Self { rows, starts: counts }
    }

    /// Rows that stand by group already, and where each group starts; one more for the end.
    pub(super) fn from_parts(rows: Vec<T>, starts: Vec<u32>) -> Self {
        Self { rows, starts }
    }

    pub(super) fn range(&self, group: u32) -> Range<usize> {
        // Often nothing is incoming, or nothing comes from elsewhere: then no look at a million starts.
        if self.rows.is_empty() {
            return 0..0;
        }
        let group = group as usize;
        match (self.starts.get(group), self.starts.get(group + 1)) {
            (Some(start), Some(end)) => *start as usize..*end as usize,
            _ => 0..0,
        }
    }

    /// The rows of all groups from one up to another, without that.
    pub(super) fn range_of(&self, groups: &Range<usize>) -> Range<usize> {
        let at = |group: usize| self.starts.get(group).map_or(self.rows.len(), |start| *start as usize);
        at(groups.start)..at(groups.end)
    }

    pub(super) fn of(&self, group: u32) -> &[T] {
        &self.rows[self.range(group)]
    }

    pub(super) fn rows(&self) -> &[T] {
        &self.rows
    }

    /// The starts of the groups, and the rows.
    pub(super) fn parts_mut(&mut self) -> (&[u32], &mut [T]) {
        (&self.starts, &mut self.rows)
    }

    /// The rows of a group.
    pub(super) fn of_mut(&mut self, group: u32) -> &mut [T] {
        let range = self.range(group);
        &mut self.rows[range]
    }

    /// The rows that `keep` keeps.
    pub(super) fn retained(self, keep: impl Fn(&T) -> bool, group_of: impl Fn(&T) -> u32) -> Self {
        let (groups, mut rows) = (self.groups(), self.rows);
        rows.retain(keep);
        let starts = starts(rows.iter().map(group_of), groups);
        Self { rows, starts }
    }

    /// Each row as something else.
    pub(super) fn map<U>(self, each: impl FnMut(T) -> U) -> Grouped<U> {
        Grouped { rows: self.rows.into_iter().map(each).collect(), starts: self.starts }
    }

    pub(super) fn groups(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
}

/// Where each group starts when its rows stand together; one more for the end.
pub(super) fn starts(group_of_rows: impl Iterator<Item = u32>, groups: usize) -> Vec<u32> {
    let mut starts = vec![0_u32; groups + 1];
    for group in group_of_rows {
        starts[group as usize + 1] += 1;
    }
    let mut sum = 0;
    for start in &mut starts {
        sum += *start;
        *start = sum;
    }
    starts
}

/// A map whose keys are names or small numbers. Its hash is seeded, so that no books can be made to collide.
pub(super) type QuickMap<K, V> = HashMap<K, V, RandomState>;

/// Names as small numbers.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    numbers: QuickMap<Name, u32>,
    names: Vec<&'a Name>,
    /// The number that was asked for last: rows of one warehouse follow each other.
    last: u32,
}

impl<'a> Names<'a> {
    /// The number of that name, a new one if it was not seen before.
    pub(super) fn number(&mut self, name: &'a Name) -> u32 {
        if self.name(self.last) == Some(name) {
            return self.last;
        }
        self.last = self.find(name).unwrap_or_else(|| {
            let number = u32::try_from(self.names.len()).unwrap_or(NONE);
            self.names.push(name);
            self.numbers.insert(name.clone(), number);
            number
        });
        self.last
    }

    pub(super) fn number_or_none(&mut self, name: Option<&'a Name>) -> u32 {
        name.map_or(NONE, |name| self.number(name))
    }

    /// Takes in names that have numbers of their own, in their order: their numbers here, by their own.
    pub(super) fn take_in(&mut self, other: Self) -> Vec<u32> {
        other.names.into_iter().map(|name| self.number(name)).collect()
    }

    /// The number of that name, if it was seen.
    pub(super) fn find(&self, name: &str) -> Option<u32> {
        self.numbers.get(name).copied()
    }

    /// The name of that number.
    pub(super) fn name(&self, number: u32) -> Option<&'a Name> {
        self.names.get(number as usize).copied()
    }

    /// Where each name stands among all by its bytes, by its number.
    pub(super) fn places(&self) -> Vec<u32> {
        let mut sorted: Vec<(&Name, usize)> = self.names.iter().copied().zip(0..).collect();
        sorted.sort_unstable();
        let mut places = vec![0; sorted.len()];
        for ((_, number), place) in sorted.into_iter().zip(0..) {
            places[number] = place;
        }
        places
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}
