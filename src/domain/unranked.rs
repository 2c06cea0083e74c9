//! Demands put into their order: by item, and inside an item by rank.
//!
//! Invariants: the order is total; a demand is copied once, from where its document was read to where its item stands.

use super::demand::{Demand, Demands};
use super::grouped::{Grouped, NONE, starts};
use super::kit::Kits;
use super::parallel::{in_parallel, joined, share, threads_for};
use super::radix::sorted_by_key;
use super::rank::Ranking;
use super::snapshot::Snapshot;

/// Demands as their documents hold them: by document, line and component.
#[derive(Debug, Default)]
pub(super) struct Unranked<'a> {
    pub(super) rows: Rows,
    pub(super) kits: Kits<'a>,
    pub(super) doubtful: Vec<bool>,
    /// Natural order of the document numbers.
    pub(super) numbers: Vec<u32>,
    /// What decides between them before the numbers of their documents do.
    pub(super) keys: Vec<u128>,
}

impl<'a> Unranked<'a> {
    /// Sorts them by item and rank. `items` is the number of items.
    pub(super) fn ranked(self, snapshot: &Snapshot, items: usize) -> Demands<'a> {
        let Self { rows, kits, doubtful, numbers, keys } = self;
        let by_document = starts(rows.each().map(|row| row.document), snapshot.orders.len());
        let ranking = Ranking::new(&snapshot.policy);
        let by_number = by_number(&rows, &by_document, &numbers, ranking.need_by_before_line());
        let by_rank = sorted_by_key(by_number, &keys);
        drop(keys);
        // Apart from the rows, which do not fit a processor's cache.
        let item_of: Vec<u32> = rows.each().map(|row| row.item).collect();
        let by_item = starts(item_of.iter().copied(), items);
        let Places { sources, by_rank, by_index } = places(&item_of, &by_rank, &by_item);
        drop(item_of);
        let share = share(sources.len(), threads_for(sources.len()));
        let grouped = in_parallel(sources.chunks(share), |sources| {
            sources.iter().map(|(index, rank)| Demand { rank: *rank, ..*rows.at(*index) }).collect()
        });
        let grouped = grouped.into_iter().reduce(joined).unwrap_or_default();
        Demands {
            by_item: Grouped::from_parts(grouped, by_item),
            by_rank,
            by_document: Grouped::from_parts(by_index, by_document),
            kits,
            doubtful,
            numbers,
        }
    }
}

/// Rows as the threads found them, each thread's after those of the one before it: to put them into one list would take
/// as long as to find them.
#[derive(Debug, Default)]
pub(super) struct Rows {
    parts: Vec<Vec<Demand>>,
    /// Where all parts but the first begin.
    begins: Vec<u32>,
    count: u32,
}

impl Rows {
    pub(super) fn add(&mut self, part: Vec<Demand>) {
        if !self.parts.is_empty() {
            self.begins.push(self.count);
        }
        self.count = self.count.saturating_add(u32::try_from(part.len()).unwrap_or(NONE));
        self.parts.push(part);
    }

    fn each(&self) -> impl Iterator<Item = &Demand> {
        self.parts.iter().flatten()
    }

    fn at(&self, index: u32) -> &Demand {
        let part = self.begins.iter().filter(|begin| **begin <= index).count();
        let begin = if part == 0 { 0 } else { self.begins[part - 1] };
        &self.parts[part][(index - begin) as usize]
    }
}

/// The indexes of the demands in the order of their documents' numbers; of one document by line and component, or before
/// that by need-by date.
fn by_number(rows: &Rows, by_document: &[u32], numbers: &[u32], need_by_first: bool) -> Vec<u32> {
    let mut documents: Vec<u32> = vec![0; numbers.len()];
    for (number, document) in numbers.iter().zip(0..) {
        documents[*number as usize] = document;
    }
    let mut indexes = Vec::with_capacity(rows.count as usize);
    for document in documents {
        let first = indexes.len();
        indexes.extend(by_document[document as usize]..by_document[document as usize + 1]);
        if need_by_first {
            let need_by = |index: u32| rows.at(index).need_by;
            indexes[first..].sort_by_key(|index| (need_by(*index).is_none(), need_by(*index)));
        }
    }
    indexes
}

/// Where demands come to stand.
struct Places {
    /// Index and rank of the demand at each place.
    sources: Vec<(u32, u32)>,
    /// The place of each rank.
    by_rank: Vec<u32>,
    /// The place of each index.
    by_index: Vec<u32>,
}

/// Demands by item, of one item by rank; `by_rank` are their indexes.
fn places(item_of: &[u32], by_rank: &[u32], by_item: &[u32]) -> Places {
    let mut next = by_item.to_vec();
    let mut sources = vec![(0, 0); by_rank.len()];
    let mut by_index = vec![0; by_rank.len()];
    let by_rank = by_rank.iter().zip(0..).map(|(index, rank)| {
        let place = &mut next[item_of[*index as usize] as usize];
        sources[*place as usize] = (*index, rank);
        by_index[*index as usize] = *place;
        *place += 1;
        *place - 1
    });
    Places { by_rank: by_rank.collect(), sources, by_index }
}
