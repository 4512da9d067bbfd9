//! The sections of a document while it is read.

use model::Placed;

use super::anchor::Anchors;
use super::links;
use crate::Section;
use crate::cursor::Cursor;

/// Bytes of a link, item or cell that its place may span, so that the cursor never walks far back.
const LONGEST_PLACE: usize = 400;

/// Sections and links in the order of the document.
pub(super) struct Outline<'c, 't> {
    pub(super) sections: Vec<Section>,
    pub(super) links: Vec<Placed<String>>,
    anchors: Anchors,
    cursor: &'c mut Cursor<'t>,
    /// Where the text that is read begins in the file.
    start: usize,
}

impl<'c, 't> Outline<'c, 't> {
    pub(super) fn new(start: usize, cursor: &'c mut Cursor<'t>) -> Self {
        let title = Placed::new(String::new(), cursor.point(start));
        let mut outline = Self {
            sections: Vec::new(),
            links: Vec::new(),
            anchors: Anchors::default(),
            cursor,
            start,
        };
        outline.sections.push(section(0, title, String::new()));
        outline
    }

    /// Opens a section under a heading whose text stands from `from` to `to`.
    pub(super) fn open(
        &mut self,
        level: u8,
        title: &str,
        id: Option<&str>,
        from: usize,
        to: usize,
    ) {
        let anchor = id.map_or_else(|| self.anchors.give(title), str::to_owned);
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = Placed::new(title, self.cursor.place(self.start + from, self.start + to));
        self.sections.push(section(level, title, anchor));
    }

    /// The section that is open, and its number.
    pub(super) fn last(&mut self) -> Option<(usize, &mut Section)> {
        self.sections.iter_mut().enumerate().next_back()
    }

    /// Adds to the text of the open section.
    pub(super) fn add(&mut self, text: &str) {
        if let Some((_, section)) = self.last() {
            section.text.push_str(text);
        }
    }

    /// Ends the line of the open section's text.
    pub(super) fn end_line(&mut self) {
        if let Some((_, section)) = self.last()
            && !section.text.is_empty()
            && !section.text.ends_with('\n')
        {
            section.text.push('\n');
        }
    }

    pub(super) fn code(&mut self, language: &str, text: String, from: usize, to: usize) {
        let place = self.cursor.place(self.start + from, self.start + to);
        self.end_line();
        self.add(&text);
        self.end_line();
        if let Some((_, section)) = self.last() {
            section.code.push((language.to_owned(), Placed::new(text, place)));
        }
    }

    /// Pairs `text` with its place, which is cut where it would be long.
    pub(super) fn placed(&mut self, text: String, from: usize, to: usize) -> Placed<String> {
        let to = to.min(from + LONGEST_PLACE);
        Placed::new(text, self.cursor.place(self.start + from, self.start + to))
    }

    pub(super) fn link(&mut self, target: &str, from: usize, to: usize) {
        let link = self.placed(target.to_owned(), from, to);
        self.links.push(link);
    }

    /// Takes the addresses that stand in `text` as they are.
    pub(super) fn bare_links(&mut self, text: &str, from: usize) {
        for (at, address) in links::addresses(text) {
            self.link(address, from + at, from + at + address.len());
        }
    }

    /// Closes the document; an opening without text is left out.
    pub(super) fn close(mut self) -> Closed {
        for section in &mut self.sections {
            section.text.truncate(section.text.trim_end().len());
        }
        let is_empty = |s: &Section| {
            s.level == 0 && s.text.is_empty() && s.code.is_empty() && s.rows.is_empty()
        };
        self.sections.retain(|section| !is_empty(section));
        Closed { sections: self.sections, links: self.links }
    }
}

/// The sections and links of a document.
pub(super) struct Closed {
    pub(super) sections: Vec<Section>,
    pub(super) links: Vec<Placed<String>>,
}

fn section(level: u8, title: Placed<String>, anchor: String) -> Section {
    Section {
        level,
        title,
        anchor,
        text: String::new(),
        code: Vec::new(),
        rows: Vec::new(),
        items: Vec::new(),
    }
}
