//! Chapters of documents: a heading with all that stands under it, its subsections included.

use facts::{Document, Section};
use model::Place;

use crate::prose;

/// A heading of a document with all that stands under it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chapter<'a> {
    /// The document.
    pub(crate) document: &'a Document,
    heading: &'a Section,
    below: &'a [Section],
}

/// What a document says of a subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Treatment<'a> {
    /// It says something, here.
    Said(&'a Place),
    /// There is a heading for it, and nothing but placeholders under it.
    Empty(&'a Place),
    /// It does not come up.
    Missing,
}

/// All chapters of `document`, the text before its first heading as one without a title.
pub(crate) fn chapters(document: &Document) -> impl Iterator<Item = Chapter<'_>> {
    document.sections.iter().enumerate().map(move |(at, heading)| {
        let after = document.sections.get(at + 1..).unwrap_or_default();
        let is_text_before = heading.level == 0;
        let count = after.iter().take_while(|s| !is_text_before && s.level > heading.level).count();
        Chapter { document, heading, below: after.get(..count).unwrap_or_default() }
    })
}

/// What `document` says under a heading, a label ("Impact: …") or in a table row called by one of
/// `phrases`, its title left out.
pub(crate) fn treatment<'a>(document: &'a Document, phrases: &[&str]) -> Treatment<'a> {
    let mut found = Treatment::Missing;
    for chapter in chapters(document).filter(|chapter| !chapter.is_title()) {
        if !chapter.title().is_empty() && prose::mentions(chapter.title(), phrases) {
            if chapter.says_something() {
                return Treatment::Said(chapter.place());
            }
            found = Treatment::Empty(chapter.place());
        }
    }
    let labelled = document.sections.iter().find(|section| has_label(section, phrases));
    labelled.map_or(found, |section| Treatment::Said(&section.title.place))
}

impl<'a> Chapter<'a> {
    /// The text of the heading.
    pub(crate) fn title(&self) -> &'a str {
        &self.heading.title.value
    }

    /// Where the heading stands.
    pub(crate) fn place(&self) -> &'a Place {
        &self.heading.title.place
    }

    /// Whether the heading is the title of the whole document.
    pub(crate) fn is_title(&self) -> bool {
        self.heading.level == 1
            && self.document.title.as_ref().is_some_and(|t| t.place == self.heading.title.place)
    }

    /// Its sections, its own first.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &'a Section> + use<'a> {
        std::iter::once(self.heading).chain(self.below)
    }

    /// Whether anything but placeholders stands in it.
    pub(crate) fn says_something(&self) -> bool {
        self.has_code() || self.sections().any(|section| prose::says_something(&section.text))
    }

    /// Whether it holds a block of code that is not empty.
    pub(crate) fn has_code(&self) -> bool {
        self.sections().any(|section| section.code.iter().any(|(_, c)| !c.value.trim().is_empty()))
    }

    /// Whether one of `phrases` stands in its text.
    pub(crate) fn mentions(&self, phrases: &[&str]) -> bool {
        self.sections().any(|section| prose::mentions(&section.text, phrases))
    }
}

/// Whether a line or a table row of the section is called by one of `phrases` and goes on.
fn has_label(section: &Section, phrases: &[&str]) -> bool {
    let is_label = |label: &str| label.len() <= 40 && prose::mentions(label, phrases);
    let in_lines = section.text.lines().any(|line| {
        label_of(line).is_some_and(|(label, rest)| is_label(label) && !prose::is_placeholder(rest))
    });
    in_lines
        || section.rows.iter().any(|row| match row.as_slice() {
            [label, value, ..] => is_label(&label.value) && !prose::is_placeholder(&value.value),
            _ => false,
        })
}

/// What stands before and after the first colon, dash or equals sign of a line.
fn label_of(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "-*•".contains(c));
    [": ", " — ", " – ", " - ", " = "]
        .iter()
        .filter_map(|mark| line.split_once(mark))
        .min_by_key(|(label, _)| label.len())
}
