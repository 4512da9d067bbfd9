//! Walks over the events of Markdown.

use std::ops::Range;

use model::Placed;
use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd};

use super::html;
use super::outline::{Closed, Outline};
use crate::cursor::Cursor;

/// Bytes of an item's first line that its place spans at most.
const LONGEST_LINE: usize = 400;

/// Reads `body`, which begins at `start` in the file.
pub(super) fn markdown(body: &str, start: usize, cursor: &mut Cursor<'_>) -> Closed {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_HEADING_ATTRIBUTES;
    let mut walk = Walk::new(body, Outline::new(start, cursor));
    for (event, range) in Parser::new_ext(body, options).into_offset_iter() {
        walk.take(event, range);
    }
    walk.outline.close()
}

struct Walk<'b, 'c, 't> {
    body: &'b str,
    outline: Outline<'c, 't>,
    heading: Option<Heading>,
    code: Option<Code>,
    /// Items that are open, each by the number of its section and its own.
    items: Vec<(usize, usize)>,
    row: Vec<Placed<String>>,
    cell: Option<Stretch>,
    /// Links and pictures that are open.
    links: usize,
    /// Pictures that are open.
    pictures: usize,
    is_in_html: bool,
}

struct Heading {
    level: u8,
    id: Option<String>,
    stretch: Stretch,
}

struct Code {
    language: String,
    stretch: Stretch,
}

/// Text with where it stands.
struct Stretch {
    text: String,
    from: Option<usize>,
    to: usize,
}

impl Stretch {
    fn new(start: usize) -> Self {
        Self { text: String::new(), from: None, to: start }
    }

    fn add(&mut self, text: &str, range: &Range<usize>) {
        self.text.push_str(text);
        self.from.get_or_insert(range.start);
        self.to = range.end.max(self.to);
    }

    fn from(&self) -> usize {
        self.from.unwrap_or(self.to)
    }
}

impl<'b, 'c, 't> Walk<'b, 'c, 't> {
    fn new(body: &'b str, outline: Outline<'c, 't>) -> Self {
        Self {
            body,
            outline,
            heading: None,
            code: None,
            items: Vec::new(),
            row: Vec::new(),
            cell: None,
            links: 0,
            pictures: 0,
            is_in_html: false,
        }
    }

    fn take(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => self.open(tag, &range),
            Event::End(tag) => self.close(tag),
            Event::Text(text) => {
                if self.links == 0 && self.code.is_none() {
                    self.outline.bare_links(&text, range.start);
                }
                self.text(&text, &range);
            }
            Event::Code(text) => self.text(&text, &range),
            Event::SoftBreak => self.text(" ", &range),
            Event::HardBreak => self.text("\n", &range),
            Event::TaskListMarker(is_done) => {
                self.text(if is_done { "[x] " } else { "[ ] " }, &range);
            }
            Event::InlineHtml(tag) => self.inline_html(&tag, &range),
            Event::Rule => self.end_line(),
            Event::Html(_)
            | Event::FootnoteReference(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_) => {}
        }
    }

    fn open(&mut self, tag: Tag<'_>, range: &Range<usize>) {
        match tag {
            Tag::Heading { level, id, .. } => {
                let id = id.map(CowStr::into_string);
                let stretch = Stretch::new(range.start);
                self.heading = Some(Heading { level: level as u8, id, stretch });
            }
            Tag::CodeBlock(kind) => {
                let language = match &kind {
                    CodeBlockKind::Fenced(info) => info.split_whitespace().next(),
                    CodeBlockKind::Indented => None,
                };
                let language = language.unwrap_or_default().to_owned();
                self.code = Some(Code { language, stretch: Stretch::new(range.start) });
            }
            Tag::HtmlBlock => {
                self.is_in_html = true;
                let html = self.body.get(range.clone()).unwrap_or_default();
                html::block(html, range.start, &mut self.outline);
            }
            Tag::Item => self.open_item(range),
            Tag::TableCell => self.cell = Some(Stretch::new(range.start)),
            Tag::Link { ref dest_url, .. } | Tag::Image { ref dest_url, .. } => {
                self.links += 1;
                self.pictures += usize::from(matches!(tag, Tag::Image { .. }));
                self.outline.link(dest_url, range.start, range.end);
            }
            _ => {}
        }
    }

    fn close(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.close_heading(),
            TagEnd::CodeBlock => {
                if let Some(Code { language, stretch }) = self.code.take() {
                    let from = stretch.from();
                    self.outline.code(&language, stretch.text, from, stretch.to);
                }
            }
            TagEnd::HtmlBlock => self.is_in_html = false,
            TagEnd::Item => {
                self.end_line();
                if let Some(item) = self.item() {
                    item.truncate(item.trim_end().len());
                }
                self.items.pop();
            }
            TagEnd::Paragraph => self.end_line(),
            TagEnd::TableCell => self.close_cell(),
            TagEnd::TableHead | TagEnd::TableRow => {
                let row = std::mem::take(&mut self.row);
                self.end_line();
                if let Some((_, section)) = self.outline.last() {
                    section.rows.push(row);
                }
            }
            TagEnd::Link => self.links = self.links.saturating_sub(1),
            TagEnd::Image => {
                self.links = self.links.saturating_sub(1);
                self.pictures = self.pictures.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn close_heading(&mut self) {
        if let Some(Heading { level, id, stretch }) = self.heading.take() {
            let from = stretch.from();
            self.outline.open(level, &stretch.text, id.as_deref(), from, stretch.to);
        }
    }

    /// The place of an item is its first line: later ones would lead the cursor back and forth.
    fn open_item(&mut self, range: &Range<usize>) {
        self.end_line();
        let most = range.end.min(range.start.saturating_add(LONGEST_LINE));
        let line = self.body.as_bytes().get(range.start..most).unwrap_or_default();
        let length = memchr::memchr(b'\n', line).unwrap_or(line.len());
        let item = self.outline.placed(String::new(), range.start, range.start + length);
        if let Some((number, section)) = self.outline.last() {
            section.items.push(item);
            self.items.push((number, section.items.len() - 1));
        }
    }

    fn close_cell(&mut self) {
        if let Some(cell) = self.cell.take() {
            let from = cell.from();
            self.outline.add(&cell.text);
            self.outline.add(" ");
            let text = cell.text.trim().to_owned();
            let cell = self.outline.placed(text, from, cell.to);
            self.row.push(cell);
        }
    }

    /// The text of the innermost item that is open.
    fn item(&mut self) -> Option<&mut String> {
        let (section, item) = *self.items.last()?;
        Some(&mut self.outline.sections.get_mut(section)?.items.get_mut(item)?.value)
    }

    fn text(&mut self, text: &str, range: &Range<usize>) {
        if let Some(code) = &mut self.code {
            code.stretch.add(text, range);
        } else if let Some(heading) = &mut self.heading {
            // What a picture shows is no part of a title.
            if self.pictures == 0 {
                heading.stretch.add(text, range);
            }
        } else if let Some(cell) = &mut self.cell {
            cell.add(text, range);
        } else if !self.is_in_html {
            self.outline.add(text);
            if let Some(item) = self.item() {
                item.push_str(text);
            }
        }
    }

    fn end_line(&mut self) {
        self.outline.end_line();
        if let Some(item) = self.item()
            && !item.is_empty()
            && !item.ends_with('\n')
        {
            item.push('\n');
        }
    }

    fn inline_html(&mut self, tag: &str, range: &Range<usize>) {
        if tag.len() >= 3 && tag.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("<br")) {
            self.text("\n", range);
        }
        html::links(tag, range.start, &mut self.outline);
    }
}
