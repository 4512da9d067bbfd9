//! Documents in Markdown, reStructuredText, `AsciiDoc` and plain text.
//!
//! Markdown is read as GitHub reads it. Of the other two only headings, text, list items, code
//! and links are told apart, line by line.

mod anchor;
mod aside;
mod front_matter;
mod html;
mod line_by_line;
mod links;
mod outline;
mod past;
mod reviewed;
mod role;
mod standard;
mod walk;

use model::{Place, Placed};

use super::maintainers;
use super::vendored::is_vendored;
use crate::cursor::Cursor;
use crate::read::Source;
use crate::{Document, Facts, Role, Section};
use front_matter::front_matter;
use outline::Closed;

/// How a document is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Markup {
    Markdown,
    ReStructuredText,
    AsciiDoc,
}

fn markup(name: &str) -> Option<Markup> {
    let name = name.to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    match ending {
        "md" | "markdown" | "mdx" | "mdown" => Some(Markup::Markdown),
        "rst" | "rest" => Some(Markup::ReStructuredText),
        "adoc" | "asciidoc" => Some(Markup::AsciiDoc),
        // Most text files are inputs and logs.
        "txt" | "" => role::is_document(stem).then_some(Markup::Markdown),
        _ => None,
    }
}

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    markup(name).is_some() && !is_vendored(path)
}

/// Reads the file.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    maintainers::note_page(source, facts);
    if is_values(source) {
        return;
    }
    let front = front_matter(source.path, source.text);
    let body = source.text.get(front.end..).unwrap_or_default();
    let mut cursor = Cursor::new(source.path, source.text);
    let Closed { sections, links } = match markup(source.name) {
        Some(Markup::ReStructuredText) => {
            line_by_line::restructured_text(body, front.end, &mut cursor)
        }
        Some(Markup::AsciiDoc) => line_by_line::asciidoc(body, front.end, &mut cursor),
        Some(Markup::Markdown) | None => walk::markdown(body, front.end, &mut cursor),
    };
    let reviewed = reviewed::reviewed(&front.entries, body, front.end, &mut cursor);
    let title = title(&sections, &front.entries);
    let role = role::role(source.path, title.as_ref().map(|title| title.value.as_str()));
    let is_past = past::is_of_the_past(role, title.as_ref(), &front.entries, &sections);
    facts.documents.push(Document {
        // What a site shows its visitors tells at most of their data.
        is_aside: is_past
            || standard::is_of_standard(title.as_ref(), &sections)
            || aside::is_aside(source.folder(), source.name)
            || (is_shown(source.folder()) && role != Role::Data),
        place: Place::file(source.path.clone()),
        role,
        title,
        front_matter: front.entries,
        sections,
        links,
        reviewed,
    });
}

/// Whether a file without an ending holds values and no prose: `image_tag: v3`.
fn is_values(source: Source<'_>) -> bool {
    let is_value = |line: &str| {
        let (key, _) = line.split_once([':', '=']).unwrap_or_default();
        !key.is_empty() && !key.contains(char::is_whitespace)
    };
    let mut lines = source.text.lines().filter(|line| !line.trim().is_empty()).peekable();
    let may_be = !source.name.contains('.') && !source.name.eq_ignore_ascii_case("readme");
    may_be && lines.peek().is_some() && lines.all(is_value)
}

/// Whether a folder holds the pages of a site: `app/views/pages`.
fn is_shown(folder: &str) -> bool {
    folder == "app/views" || folder.contains("app/views/")
}

/// The first heading of the first level, else what the front matter says, else the first heading.
fn title(
    sections: &[Section],
    front_matter: &[(String, Placed<String>)],
) -> Option<Placed<String>> {
    let heading = |level: std::ops::RangeInclusive<u8>| {
        let found = sections.iter().find(|section| level.contains(&section.level));
        found.map(|section| &section.title).filter(|title| !title.is_empty())
    };
    let written = || front_matter.iter().find(|(key, _)| key == "title").map(|(_, title)| title);
    heading(1..=1).or_else(written).or_else(|| heading(2..=6)).cloned()
}

#[cfg(test)]
mod tests;
