//! Lines that go on in the next line.

use std::ops::Range;

/// A line put together from several lines of a file, which knows where each part of it stands.
#[derive(Debug, Default)]
pub(super) struct Joined {
    text: String,
    pieces: Vec<Piece>,
}

#[derive(Debug)]
struct Piece {
    /// Where it begins in the joined text.
    at: usize,
    /// Where it begins in the file.
    offset: usize,
}

impl Joined {
    /// Appends a piece of the file that begins at `offset`.
    pub(super) fn push(&mut self, piece: &str, offset: usize) {
        self.pieces.push(Piece { at: self.text.len(), offset });
        self.text.push_str(piece);
    }

    /// The whole line.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing was appended.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Where a stretch of the line stands in the file; other lines may stand within.
    pub(super) fn source(&self, stretch: Range<usize>) -> Range<usize> {
        let start = self.offset(stretch.start);
        if stretch.end <= stretch.start {
            return start..start;
        }
        start..self.offset(stretch.end - 1) + 1
    }

    fn offset(&self, at: usize) -> usize {
        let next = self.pieces.partition_point(|piece| piece.at <= at);
        let piece = next.checked_sub(1).and_then(|index| self.pieces.get(index));
        piece.map_or(at, |piece| piece.offset + (at - piece.at))
    }
}

#[cfg(test)]
mod tests {
    use super::Joined;

    #[test]
    fn stretches_are_found_in_the_file_again() {
        let mut line = Joined::default();
        assert!(line.is_empty());
        line.push("ab", 10);
        line.push("", 15);
        line.push("cd", 20);
        assert_eq!(line.text(), "abcd");
        assert_eq!(line.source(0..2), 10..12);
        assert_eq!(line.source(1..3), 11..21);
        assert_eq!(line.source(2..4), 20..22);
        assert_eq!(line.source(4..4), 22..22);
    }
}
