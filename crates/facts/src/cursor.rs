//! Turns byte offsets into lines and columns in one walk over the text.

use std::sync::Arc;

use model::Place;

/// A walker that remembers where it was.
///
/// Its cost is the distance walked, so nearly ordered offsets cost linear time even when all
/// stand on one long line. Offsets outside the text or inside a character are moved to the next
/// position before them: every place lies inside the text.
pub(crate) struct Cursor<'t> {
    path: Arc<str>,
    text: &'t str,
    at: Position,
}

/// A byte offset with its line and column.
#[derive(Clone, Copy, Debug)]
struct Position {
    offset: usize,
    line: u32,
    column: u32,
}

impl<'t> Cursor<'t> {
    /// Starts at the first character of `text`.
    pub(crate) fn new(path: &Arc<str>, text: &'t str) -> Self {
        let at = Position { offset: 0, line: 1, column: 1 };
        Self { path: Arc::clone(path), text, at }
    }

    /// The text walked over.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// The place from `start` to before `end`; a point when `end` is not behind `start`.
    pub(crate) fn place(&mut self, start: usize, end: usize) -> Place {
        let start = self.seek(start);
        let end = self.seek(end.max(start.offset));
        Place {
            path: Arc::clone(&self.path),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    /// The place of a single position.
    pub(crate) fn point(&mut self, offset: usize) -> Place {
        self.place(offset, offset)
    }

    fn seek(&mut self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        if offset >= self.at.offset {
            self.walk_on(offset);
        } else {
            self.walk_back(offset);
        }
        self.at
    }

    fn walk_on(&mut self, offset: usize) {
        let between = self.text.get(self.at.offset..offset).unwrap_or_default();
        let breaks = count(breaks_in(between));
        if breaks == 0 {
            self.at.column = self.at.column.saturating_add(count(between.chars()));
        } else {
            self.at.line = self.at.line.saturating_add(breaks);
            self.at.column = self.column_of(offset);
        }
        self.at.offset = offset;
    }

    fn walk_back(&mut self, offset: usize) {
        let between = self.text.get(offset..self.at.offset).unwrap_or_default();
        let breaks = count(breaks_in(between));
        if breaks == 0 {
            self.at.column = self.at.column.saturating_sub(count(between.chars())).max(1);
        } else {
            self.at.line = self.at.line.saturating_sub(breaks).max(1);
            self.at.column = self.column_of(offset);
        }
        self.at.offset = offset;
    }

    fn column_of(&self, offset: usize) -> u32 {
        let before = self.text.get(..offset).unwrap_or_default();
        let line = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |at| at + 1);
        count(before.get(line..).unwrap_or_default().chars()).saturating_add(1)
    }
}

fn breaks_in(text: &str) -> impl Iterator<Item = usize> + '_ {
    memchr::memchr_iter(b'\n', text.as_bytes())
}

fn count(things: impl Iterator) -> u32 {
    u32::try_from(things.count()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let path = Arc::from("a.yaml");
        let mut cursor = Cursor::new(&path, "äö: x\n  é\n");
        let place = cursor.place(6, 7);
        assert_eq!((place.line, place.column, place.end_column), (1, 5, 6));
        let place = cursor.place(10, 12);
        assert_eq!((place.line, place.column, place.end_column), (2, 3, 4));
        let back = cursor.point(6);
        assert_eq!((back.line, back.column), (1, 5));
    }

    #[test]
    fn offsets_outside_the_text_or_inside_a_character_are_moved_into_it() {
        let path = Arc::from("a.yaml");
        let mut cursor = Cursor::new(&path, "é\n");
        assert_eq!(cursor.point(1).column, 1);
        let end = cursor.point(99);
        assert_eq!((end.line, end.column), (2, 1));
    }
}
