//! Reads YAML: the parser's events become trees.

use std::borrow::Cow;
use std::sync::Arc;

use granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle, Tag,
    options,
};
use model::{Place, Placed};

use super::build::{Builder, Properties, Refusal};
use super::scalar::Lines;
use super::{MAX_DEPTH, Read, Scalar, without_mark};
use crate::cursor::Cursor;

/// Documents that may be given up before the rest of the file is.
const MAX_LOST: usize = 1_000;

/// Comments that may stand between two nodes where the parser has to look ahead.
const MAX_COMMENTS_IN_A_ROW: usize = 10_000;

/// Reads all documents of a YAML text; `path` goes into the places.
///
/// After an error reading goes on at the next `---`. Aliases and merge keys (`<<`) are resolved;
/// empty documents are left out.
pub fn read_yaml(path: &Arc<str>, text: &str) -> Read {
    let text = without_mark(text);
    let mut reader = Reader { cursor: Cursor::new(path, text), builder: Builder::default() };
    // The parser takes a NUL for the end of the text and would be silent about the rest.
    if let Some(at) = memchr::memchr(0, text.as_bytes()) {
        let place = reader.cursor.point(at);
        let refusal = Refusal::new(place, "a NUL character stands in the text");
        reader.builder.lose_document(refusal);
    } else {
        reader.read(&mut Parser::new_from_str_with_options(text, bounds()));
    }
    reader.builder.into_read()
}

fn bounds() -> Options {
    options! {
        flow_nesting_limit: MAX_DEPTH + 1,
        block_nesting_limit: MAX_DEPTH + 1,
        max_buffered_comment_events: MAX_COMMENTS_IN_A_ROW,
    }
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    builder: Builder,
}

type Source<'t> = Parser<'t, StrInput<'t>>;

impl<'t> Reader<'t> {
    fn read(&mut self, parser: &mut Source<'t>) {
        let mut lost = 0;
        while let Some(next) = parser.next_event() {
            let taken = match next {
                Ok((event, span)) => self.take(event, &span),
                Err(error) => Err(self.fault(&error)),
            };
            let Err(refusal) = taken else { continue };
            let place = refusal.place.clone();
            self.builder.lose_document(refusal);
            lost += 1;
            let went_on = parser.proceed_next_document();
            if went_on.is_err() || lost == MAX_LOST {
                let reason = "the rest of the file was not read";
                self.builder.lose_document(Refusal::new(place, reason));
                return;
            }
        }
    }

    fn fault(&mut self, error: &ScanError) -> Refusal {
        let at = error.marker().byte_offset();
        let at = at.unwrap_or(self.cursor.text().len());
        let place = self.cursor.point(at);
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => Refusal::too_deep(place),
            ErrorKind::ExpectedDocumentStart => {
                // What stands before it was taken for a whole document, but is a part of this one.
                self.builder.take_back_document();
                Refusal::new(place, "something stands behind what looked like the document's end")
            }
            _ => Refusal::new(place, error.info()),
        }
    }

    fn take(&mut self, event: Event<'t>, span: &Span) -> Result<(), Refusal> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(text, style, properties(anchor, tag.as_deref()), tag.as_deref(), span)
            }
            Event::SequenceStart(style, anchor, tag) => {
                let place = self.opening(style, span)?;
                let properties = properties(anchor, tag.as_deref());
                self.builder.sequence(place, properties)
            }
            Event::MappingStart(style, anchor, tag) => {
                let place = self.opening(style, span)?;
                let properties = properties(anchor, tag.as_deref());
                self.builder.mapping(place, properties)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let end = self.closing(span);
                self.builder.close(end)
            }
            Event::Alias(anchor) => {
                let place = self.place(span);
                self.builder.alias(&place, anchor)
            }
            Event::Comment(text, _) => {
                self.comment(&text, span);
                Ok(())
            }
            Event::DocumentEnd => {
                self.builder.end_document();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn scalar(
        &mut self,
        text: Cow<'t, str>,
        style: ScalarStyle,
        properties: Properties,
        tag: Option<&Tag>,
        span: &Span,
    ) -> Result<(), Refusal> {
        let (start, end) = range(span);
        let source = self.cursor.text().get(start..end).unwrap_or_default();
        let place = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                self.cursor.place(start, start + source.trim_end().len())
            }
            _ => self.cursor.place(start, end),
        };
        let is_plain = style == ScalarStyle::Plain && tag.is_none_or(is_typed);
        let lines =
            (style == ScalarStyle::Literal).then(|| lines_of(&text, source, &place)).flatten();
        // The parser writes a value that is left out as `~`.
        let is_left_out = style == ScalarStyle::Plain && source.is_empty();
        let text = if is_left_out { String::new() } else { text.into_owned() };
        let scalar = Scalar { text, is_plain, lines };
        self.builder.scalar(place, properties, scalar)
    }

    fn opening(&mut self, style: StructureStyle, span: &Span) -> Result<Place, Refusal> {
        let (mut start, end) = range(span);
        if style == StructureStyle::Block {
            let before = self.cursor.text().get(..start).unwrap_or_default();
            if self.builder.awaits_value()
                && let Some(dash) = dash_before(before)
            {
                start = dash;
            }
            if is_indented_with_tab(before) {
                let place = self.cursor.point(start);
                return Err(Refusal::new(place, "a tab stands in the indentation"));
            }
        }
        Ok(self.cursor.place(start, end))
    }

    /// The end of a collection that has a closing bracket.
    fn closing(&mut self, span: &Span) -> Option<Place> {
        let (start, end) = range(span);
        (start < end).then(|| self.cursor.place(start, end))
    }

    fn comment(&mut self, text: &str, span: &Span) {
        let place = self.place(span);
        let text = text.trim().to_owned();
        self.builder.comment(Placed::new(text, place));
    }

    fn place(&mut self, span: &Span) -> Place {
        let (start, end) = range(span);
        self.cursor.place(start, end)
    }
}

fn range(span: &Span) -> (usize, usize) {
    let range = span.byte_range().unwrap_or_default();
    (range.start, range.end.max(range.start))
}

fn properties(anchor: usize, tag: Option<&Tag>) -> Properties {
    let own = tag.filter(|tag| tag.core_suffix().is_none());
    Properties { anchor, tag: own.map(|tag| Arc::from(tag.original())) }
}

/// Whether a tag leaves the meaning of a plain scalar to its text.
fn is_typed(tag: &Tag) -> bool {
    matches!(tag.core_suffix(), Some("bool" | "float" | "int" | "null"))
}

/// Where the lines of a literal block scalar stand; unknown when a lone carriage return, which
/// breaks lines in YAML but nowhere else, stands in it.
fn lines_of(text: &str, source: &str, place: &Place) -> Option<Lines> {
    let returns = memchr::memchr_iter(b'\r', source.as_bytes()).count();
    if returns > 0 && returns != source.matches("\r\n").count() {
        return None;
    }
    let blank = text.bytes().take_while(|byte| *byte == b'\n').count();
    let line = place.line.checked_sub(u32::try_from(blank).ok()?)?;
    Some(Lines { line, column: place.column })
}

/// The dash that opens a sequence standing as deep as its key, of which the parser tells only
/// where the first item's content stands.
fn dash_before(before: &str) -> Option<usize> {
    let before = before.trim_end().strip_suffix('-')?;
    let line = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |at| at + 1);
    let indentation = before.get(line..)?;
    indentation.trim_start().is_empty().then_some(before.len())
}

fn is_indented_with_tab(before: &str) -> bool {
    let line = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |at| at + 1);
    let indentation = before.as_bytes().get(line..).unwrap_or_default();
    indentation.contains(&b'\t') && indentation.iter().all(u8::is_ascii_whitespace)
}
