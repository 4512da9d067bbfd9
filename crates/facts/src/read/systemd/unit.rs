//! Sections, keys and values of a unit.

use model::{Place, Placed};

use crate::cursor::Cursor;
use crate::read::Source;
use crate::read::joined::Joined;

/// A unit file.
pub(super) struct Unit {
    sections: Vec<Placed<String>>,
    entries: Vec<Entry>,
}

struct Entry {
    /// Number of its section, from 1; 0 before the first one.
    section: usize,
    key: Placed<String>,
    value: Placed<String>,
}

impl Unit {
    /// Reads all assignments; what is neither section nor assignment is passed over, as systemd
    /// does.
    pub(super) fn read(source: Source<'_>) -> Self {
        let mut cursor = Cursor::new(source.path, source.text);
        let mut unit = Self { sections: Vec::new(), entries: Vec::new() };
        for line in lines(source.text) {
            unit.take(&line, &mut cursor);
        }
        unit
    }

    /// Where the first section of this name begins.
    pub(super) fn section(&self, name: &str) -> Option<&Place> {
        self.sections.iter().find(|section| section.value == name).map(|section| &section.place)
    }

    /// All values of `key`, but those before an empty one, which takes them back.
    pub(super) fn all(&self, section: &'static str, key: &'static str) -> Vec<&Placed<String>> {
        let mut values = Vec::new();
        for (_, value) in self.assignments(section, key) {
            if value.is_empty() {
                values.clear();
            } else {
                values.push(value);
            }
        }
        values
    }

    /// The value of `key` that holds: the last one.
    pub(super) fn last(&self, section: &'static str, key: &'static str) -> Option<&Placed<String>> {
        self.all(section, key).pop()
    }

    /// Keys and values of all assignments to `key`, empty ones included.
    pub(super) fn assignments(
        &self,
        section: &'static str,
        key: &'static str,
    ) -> impl Iterator<Item = (&Placed<String>, &Placed<String>)> {
        let is_wanted = move |entry: &&Entry| {
            let named = entry.section.checked_sub(1).and_then(|index| self.sections.get(index));
            entry.key.value == key && named.is_some_and(|named| named.value == section)
        };
        self.entries.iter().filter(is_wanted).map(|entry| (&entry.key, &entry.value))
    }

    fn take(&mut self, line: &Joined, cursor: &mut Cursor<'_>) {
        let mut placed = |start: usize, text: &str| {
            let blank = text.len() - text.trim_start().len();
            let text = text.trim();
            let source = line.source(start + blank..start + blank + text.len());
            Placed::new(text.to_owned(), cursor.place(source.start, source.end))
        };
        let text = line.text();
        if let Some(name) = text.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            self.sections.push(Placed::new(name.to_owned(), placed(0, text).place));
        } else if let Some((key, value)) = text.split_once('=') {
            let section = self.sections.len();
            let (key, value) = (placed(0, key), placed(key.len() + 1, value));
            self.entries.push(Entry { section, key, value });
        }
    }
}

/// The lines of a unit without comments, each with the lines that continue it; a backslash at the
/// end of a line becomes a blank.
fn lines(text: &str) -> Vec<Joined> {
    let mut lines = Vec::new();
    let mut open: Option<Joined> = None;
    let mut offset = 0;
    for raw in text.split_inclusive('\n') {
        let content = raw.trim();
        let start = offset + (raw.len() - raw.trim_start().len());
        offset += raw.len();
        if content.starts_with(['#', ';']) || (content.is_empty() && open.is_none()) {
            continue;
        }
        let mut line = open.take().unwrap_or_default();
        if let Some(part) = content.strip_suffix('\\') {
            line.push(part, start);
            line.push(" ", start + part.len());
            open = Some(line);
        } else {
            line.push(content, start);
            lines.push(line);
        }
    }
    lines.extend(open);
    lines
}
