//! Demands put into their order: by item, and inside an item by rank.
//!
//! Invariants: the order is total; no demand is moved or copied for it.

use super::demand::{Demand, Demands, Ranked};
use super::grouped::{Grouped, starts};
use super::kit::Kits;
use super::numbered::Numbered;
use super::pieces::Pieces;
use super::radix::sorted_by_key;
use super::rank::Ranking;

/// Demands as their documents hold them: by document, line and component.
#[derive(Debug, Default)]
pub(super) struct Unranked<'a> {
    pub(super) rows: Pieces<Demand>,
    pub(super) kits: Kits<'a>,
    pub(super) doubtful: Vec<bool>,
    /// What decides between them before the numbers of their documents do.
    pub(super) keys: Pieces<u128>,
}

impl<'a> Unranked<'a> {
    /// Sorts them by item and rank.
    pub(super) fn ranked(self, numbered: &Numbered<'_>) -> Demands<'a> {
        let Self { rows, kits, doubtful, keys } = self;
        let ranking = Ranking::new(&numbered.snapshot.policy);
        // Apart from the rows, which do not fit a processor's cache.
        let (item_of, document_of): (Vec<u32>, Vec<u32>) = rows.iter().map(|row| (row.item, row.document)).unzip();
        let by_document = starts(document_of.into_iter(), numbered.documents.len());
        let by_number = by_number(&rows, &by_document, &numbered.documents, ranking.need_by_before_line());
        let by_rank = sorted_by_key(by_number, |row| *keys.at(row));
        let by_item = starts(item_of.iter().copied(), numbered.items.len());
        let Places { ranked, by_rank, by_row } = places(&item_of, &by_rank, &by_item);
        Demands {
            rows,
            by_item: Grouped::from_parts(ranked, by_item),
            by_rank,
            by_document: Grouped::from_parts(by_row, by_document),
            kits,
            doubtful,
        }
    }
}

/// The rows of the demands in the order of their documents' numbers; of one document by line and component, or before
/// that by need-by date.
fn by_number(rows: &Pieces<Demand>, by_document: &[u32], numbers: &[u32], need_by_first: bool) -> Vec<u32> {
    let mut documents: Vec<u32> = vec![0; numbers.len()];
    for (number, document) in numbers.iter().zip(0..) {
        documents[*number as usize] = document;
    }
    let mut by_number = Vec::with_capacity(rows.len());
    for document in documents {
        let first = by_number.len();
        by_number.extend(by_document[document as usize]..by_document[document as usize + 1]);
        if need_by_first {
            let need_by = |row: u32| rows.at(row).need_by;
            by_number[first..].sort_by_key(|row| (need_by(*row).is_none(), need_by(*row)));
        }
    }
    by_number
}

/// Where demands come to stand.
struct Places {
    /// The demand at each place.
    ranked: Vec<Ranked>,
    /// The place of each rank.
    by_rank: Vec<u32>,
    /// The place of each row.
    by_row: Vec<u32>,
}

/// Demands by item, of one item by rank; `by_rank` are their rows, `by_item` where each item starts.
fn places(item_of: &[u32], by_rank: &[u32], by_item: &[u32]) -> Places {
    let mut next = by_item.to_vec();
    let mut ranked = vec![Ranked::default(); by_rank.len()];
    let mut by_row = vec![0; by_rank.len()];
    let by_rank = by_rank.iter().zip(0..).map(|(row, rank)| {
        let next = &mut next[item_of[*row as usize] as usize];
        let place = *next;
        *next += 1;
        ranked[place as usize] = Ranked { row: *row, rank };
        by_row[*row as usize] = place;
        place
    });
    Places { by_rank: by_rank.collect(), ranked, by_row }
}
