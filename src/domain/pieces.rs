//! Rows in the pieces in which several threads made them: to put a million into one list takes as long as to make them.
//!
//! Invariant: numbered through from 0, those of each piece after those of the one before it.

use super::grouped::NONE;

/// Rows that are one list to read.
#[derive(Debug)]
pub(super) struct Pieces<T> {
    pieces: Vec<Vec<T>>,
    /// Where all pieces but the first begin.
    begins: Vec<u32>,
    count: u32,
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self { pieces: Vec::new(), begins: Vec::new(), count: 0 }
    }
}

impl<T> Pieces<T> {
    /// Adds a piece at the end.
    pub(super) fn add(&mut self, piece: Vec<T>) {
        if !self.pieces.is_empty() {
            self.begins.push(self.count);
        }
        self.count = self.count.saturating_add(u32::try_from(piece.len()).unwrap_or(NONE));
        self.pieces.push(piece);
    }

    pub(super) fn len(&self) -> usize {
        self.count as usize
    }

    pub(super) fn at(&self, row: u32) -> &T {
        let (piece, index) = self.find(row);
        &self.pieces[piece][index]
    }

    pub(super) fn at_mut(&mut self, row: u32) -> &mut T {
        let (piece, index) = self.find(row);
        &mut self.pieces[piece][index]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.pieces.iter().flatten()
    }

    /// The pieces, each with the number of its first row.
    pub(super) fn each(&self) -> impl Iterator<Item = (u32, &[T])> {
        [0].into_iter().chain(self.begins.iter().copied()).zip(&self.pieces).map(|(begin, piece)| (begin, &piece[..]))
    }

    /// The pieces, for a thread each to change.
    pub(super) fn each_mut(&mut self) -> impl Iterator<Item = &mut [T]> {
        self.pieces.iter_mut().map(Vec::as_mut_slice)
    }

    fn find(&self, row: u32) -> (usize, usize) {
        // There are as many pieces as threads: to look at each is quicker than to guess which.
        let piece = self.begins.iter().filter(|begin| **begin <= row).count();
        let begin = if piece == 0 { 0 } else { self.begins[piece - 1] };
        (piece, (row - begin) as usize)
    }
}

impl<T> FromIterator<Vec<T>> for Pieces<T> {
    fn from_iter<I: IntoIterator<Item = Vec<T>>>(pieces: I) -> Self {
        let mut all = Self::default();
        pieces.into_iter().for_each(|piece| all.add(piece));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_several_pieces_are_one_list() {
        let mut rows: Pieces<u32> = [vec![0, 1, 2], vec![], vec![3], vec![4, 5]].into_iter().collect();
        assert_eq!(rows.len(), 6);
        assert!(rows.iter().copied().eq(0..6));
        assert!((0..6).all(|row| *rows.at(row) == row));
        *rows.at_mut(3) = 30;
        for piece in rows.each_mut() {
            for row in piece {
                *row += 1;
            }
        }
        let pieces: Vec<(u32, usize)> = rows.each().map(|(first, piece)| (first, piece.len())).collect();
        assert_eq!(pieces, [(0, 3), (3, 0), (3, 1), (4, 2)]);
        assert_eq!(Pieces::<u32>::default().each().count(), 0);
        assert!(rows.iter().copied().eq([1, 2, 3, 31, 5, 6]));
        assert_eq!(Pieces::<u32>::default().len(), 0);
    }
}
