//! Reads YAML: the parser's events become trees.

use std::borrow::Cow;
use std::sync::Arc;

use granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, StrInput, StructureStyle, Tag,
    options,
};
use model::{Place, Placed};

use super::build::{Builder, Properties, Refusal};
use super::layout;
use super::outdented::Indented;
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
    let mut reader = Reader::new(path, text);
    reader.read_all(text);
    let is_outdented = reader.is_outdented;
    let read = reader.builder.into_read();
    let indented = is_outdented.then(|| read_indented(path, text)).flatten();
    indented.filter(|indented| indented.troubles.len() < read.troubles.len()).unwrap_or(read)
}

/// Reads a text in which quoted scalars go on too far left, unless that would change what else
/// stands in it.
fn read_indented(path: &Arc<str>, text: &str) -> Option<Read> {
    let indented = Indented::new(text)?;
    let mut reader = Reader { indented: Some(&indented), ..Reader::new(path, text) };
    reader.read_all(&indented.text);
    (reader.runs == indented.runs()).then(|| reader.builder.into_read())
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
    /// Whether lines of the parser may not be lines of the file.
    has_lone_return: bool,
    /// Whether a quoted scalar goes on too far left.
    is_outdented: bool,
    /// What the parser reads in place of the file.
    indented: Option<&'t Indented>,
    /// How many of its added blanks stand in quoted scalars, where they say nothing.
    runs: usize,
}

type Source<'t> = Parser<'t, StrInput<'t>>;

impl<'t> Reader<'t> {
    fn new(path: &Arc<str>, text: &'t str) -> Self {
        Self {
            cursor: Cursor::new(path, text),
            builder: Builder::default(),
            has_lone_return: layout::has_lone_return(text),
            is_outdented: false,
            indented: None,
            runs: 0,
        }
    }

    /// Reads what the parser is to take for the text.
    fn read_all(&mut self, text: &'t str) {
        if let Some(fault) = layout::foreign_break(self.cursor.text()) {
            let place = self.cursor.point(fault);
            self.builder.note(Refusal::new(
                place,
                "a line or paragraph separator stands in the text, which YAML 1.1 takes for the end \
                 of a line and YAML 1.2 does not",
            ));
        }
        // The parser takes a NUL for the end of the text and would be silent about the rest.
        if let Some(at) = memchr::memchr(0, self.cursor.text().as_bytes()) {
            let place = self.cursor.point(at);
            let refusal = Refusal::new(place, "a NUL character stands in the text");
            self.builder.lose_document(refusal);
        } else {
            self.read(&mut Parser::new_from_str_with_options(text, bounds()));
        }
    }

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
        let at = at.map_or(self.cursor.text().len(), |at| self.before(at));
        let place = self.cursor.point(at);
        self.is_outdented |= *error.kind() == ErrorKind::InvalidQuotedScalarIndent;
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
                self.scalar(text, style, anchor, tag.as_deref(), span)
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
        anchor: usize,
        tag: Option<&Tag>,
        span: &Span,
    ) -> Result<(), Refusal> {
        let (start, end) = self.range(span);
        let source = self.cursor.text().get(start..end).unwrap_or_default();
        if matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted) {
            self.runs += self.runs_in(span);
        }
        let place = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                self.cursor.place(start, start + source.trim_end().len())
            }
            _ => self.cursor.place(start, end),
        };
        let is_plain = style == ScalarStyle::Plain && tag.is_none_or(is_typed);
        let has_lines = style == ScalarStyle::Literal && !self.has_lone_return;
        let lines = has_lines.then(|| layout::lines_of(&text, &place)).flatten();
        // The parser writes a value that is left out as `~`.
        let is_left_out = style == ScalarStyle::Plain && source.is_empty();
        let text = if is_left_out { String::new() } else { text.into_owned() };
        let scalar = Scalar { text, is_plain, lines };
        self.builder.scalar(place, properties(anchor, tag), scalar)
    }

    fn opening(&mut self, style: StructureStyle, span: &Span) -> Result<Place, Refusal> {
        let (mut start, end) = self.range(span);
        if style == StructureStyle::Block {
            let before = self.cursor.text().get(..start).unwrap_or_default();
            if self.builder.awaits_value()
                && let Some(dash) = layout::dash_before(before)
            {
                start = dash;
            }
            if layout::is_indented_with_tab(before) {
                let place = self.cursor.point(start);
                return Err(Refusal::new(place, "a tab stands in the indentation"));
            }
        }
        Ok(self.cursor.place(start, end))
    }

    /// The end of a collection that has a closing bracket.
    fn closing(&mut self, span: &Span) -> Option<Place> {
        let (start, end) = self.range(span);
        (start < end).then(|| self.cursor.place(start, end))
    }

    fn comment(&mut self, text: &str, span: &Span) {
        let place = self.place(span);
        let text = text.trim().to_owned();
        self.builder.comment(Placed::new(text, place));
    }

    fn place(&mut self, span: &Span) -> Place {
        let (start, end) = self.range(span);
        self.cursor.place(start, end)
    }

    /// Where in the file it stands.
    fn range(&self, span: &Span) -> (usize, usize) {
        let (start, end) = range(span);
        (self.before(start), self.before(end))
    }

    fn before(&self, offset: usize) -> usize {
        self.indented.map_or(offset, |indented| indented.before(offset))
    }

    fn runs_in(&self, span: &Span) -> usize {
        let (start, end) = range(span);
        self.indented.map_or(0, |indented| indented.runs_in(start, end))
    }
}

/// Where in what the parser reads it stands.
fn range(span: &Span) -> (usize, usize) {
    let range = span.byte_range().unwrap_or_default();
    (range.start, range.end.max(range.start))
}

fn properties(anchor: usize, tag: Option<&Tag>) -> Properties {
    // A lone `!` only says that the scalar is a text.
    let own = tag.filter(|tag| tag.core_suffix().is_none() && tag.original() != "!");
    Properties { anchor, tag: own.map(|tag| Arc::from(tag.original())) }
}

/// Whether a tag leaves the meaning of a plain scalar to its text.
fn is_typed(tag: &Tag) -> bool {
    matches!(tag.core_suffix(), Some("bool" | "float" | "int" | "null"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Node;

    fn read(text: &str) -> Read {
        read_yaml(&"a.yaml".into(), text)
    }

    fn root(text: &str) -> Node {
        let mut read = read(text);
        assert_eq!(read.troubles, [], "{text:?}");
        read.documents.pop().unwrap().root
    }

    fn place_of(node: &Node) -> (u32, u32, u32, u32) {
        let Place { line, column, end_line, end_column, .. } = node.place;
        (line, column, end_line, end_column)
    }

    #[test]
    fn nodes_stand_where_they_are_written() {
        let root =
            root("a: é b\nc:\n  - 'x'\n  - {y: z}\n\n# end\nd:\n- 1\ne: >-\n  f\n  g\n\nh:\n");
        assert_eq!(place_of(&root), (1, 1, 13, 2));
        assert_eq!(place_of(root.get("a").unwrap()), (1, 4, 1, 7));
        assert_eq!(place_of(root.key("c").unwrap()), (2, 1, 2, 2));
        let items = root.get("c").unwrap();
        assert_eq!(place_of(items), (3, 3, 4, 11));
        assert_eq!(place_of(&items.items()[0]), (3, 5, 3, 8));
        assert_eq!(place_of(&items.items()[1]), (4, 5, 4, 11));
        assert_eq!(place_of(root.get("d").unwrap()), (8, 1, 8, 4));
        assert_eq!(place_of(root.get("e").unwrap()), (10, 3, 11, 4));
        assert_eq!(place_of(root.get("h").unwrap()), (13, 2, 13, 2));
    }

    #[test]
    fn the_lines_of_a_script_have_places() {
        let root = root("steps:\n  - run: |\n\n      make\n\n        é || true\n    name: x y\n");
        let step = &root.get("steps").unwrap().items()[0];
        let run = step.get("run").unwrap();
        assert_eq!(run.str(), Some("\nmake\n\n  é || true\n"));
        let lines: Vec<_> = (0..5).map(|n| run.line_place(n)).collect();
        let starts: Vec<_> = lines.iter().map(|place| (place.line, place.column)).collect();
        assert_eq!(starts, [(3, 1), (4, 7), (5, 1), (6, 7), (4, 7)]);
        assert_eq!(lines[3].end_column, 18);
        let name = step.get("name").unwrap();
        assert_eq!(name.line_place(0), name.place);
    }

    #[test]
    fn a_script_with_lone_carriage_returns_stands_at_one_place() {
        let root = root("run: |\n\r  a\n  b\n");
        let run = root.get("run").unwrap();
        assert_eq!((run.str(), run.line_place(2)), (Some("\na\nb\n"), run.place.clone()));
    }

    #[test]
    fn aliases_keep_the_place_of_what_they_name() {
        let root = root("a: &a {b: 1}\nc: [*a, *a]\nd: &d\ne: *d\n");
        let items = root.get("c").unwrap().items();
        assert_eq!(items[0], items[1]);
        assert_eq!(items[1].get("b").unwrap().place.line, 1);
        assert_eq!(place_of(root.get("c").unwrap()), (2, 4, 2, 12));
        assert!(root.get("e").unwrap().is_null());
    }

    #[test]
    fn a_broken_document_leaves_the_others_readable() {
        let read = read("a: [1\n---\nb: 2\n---\nc: *none\n---\nd: 4\n");
        let firsts = read.documents.iter().map(|document| document.root.place.line);
        assert_eq!(firsts.collect::<Vec<_>>(), [3, 7]);
        let lines = read.troubles.iter().map(|trouble| trouble.place.line);
        assert_eq!(lines.collect::<Vec<_>>(), [1, 5]);
        assert!(read.troubles.iter().all(|trouble| trouble.is_document_lost));
    }

    #[test]
    fn a_quoted_scalar_may_go_on_at_the_column_of_its_key() {
        let text = "a:\n  - b: 'one: \n    it''s \n\n  two'\n    c: \"x\\\"\n    y\"\n    d: |\n      e: 'f\n    g: \
                    h\n---\n'i': 'j\nk'\n";
        let mut read = read(text);
        assert_eq!(read.troubles, []);
        let last = read.documents.pop().unwrap().root;
        assert_eq!(last.get("i").unwrap().str(), Some("j k"));
        assert_eq!(place_of(last.get("i").unwrap()), (12, 6, 13, 3));
        let first = read.documents.pop().unwrap().root;
        let item = &first.get("a").unwrap().items()[0];
        assert_eq!(item.get("b").unwrap().str(), Some("one: it's\ntwo"));
        assert_eq!(place_of(item.get("b").unwrap()), (2, 8, 5, 7));
        assert_eq!(item.get("c").unwrap().str(), Some("x\" y"));
        assert_eq!(item.get("d").unwrap().str(), Some("e: 'f\n"));
        assert_eq!(place_of(item.get("g").unwrap()), (10, 8, 10, 9));
    }

    #[test]
    fn a_quote_that_is_left_open_stays_a_trouble() {
        for text in ["a: 'b\nc: d\n", "a: 'b\nc: 'd'\n", "a: 'b\n---\nc: 'd'\n"] {
            assert!(read(text).troubles[0].is_document_lost, "{text:?}");
        }
        let deep = format!("{}'a\n{}", "- ".repeat(500), "b\n".repeat(5_000));
        assert!(read(&deep).troubles[0].is_document_lost);
    }

    #[test]
    fn half_a_document_is_none() {
        for text in ["a: 1\n]\nb: 2\n", "[1]\nb: 2\n", "a: 1\n@b: 2\n", "!a !b\n", "a: 1\n\0b: 2\n"]
        {
            let read = read(text);
            assert_eq!(read.documents, [], "{text:?}");
            assert!(read.troubles[0].is_document_lost, "{text:?}");
        }
        let read = read("a: 1\n---\n@\n");
        assert_eq!((read.documents.len(), read.troubles.len()), (1, 1));
    }

    #[test]
    fn texts_without_content_hold_no_document() {
        for text in ["", "\n", "# a\n", "---\n", "---\n---\n...\n", "\u{feff}", "\u{feff}---\n"] {
            let read = read(text);
            assert_eq!((read.documents.len(), read.troubles.len()), (0, 0), "{text:?}");
        }
        assert!(root("--- ~\n").is_null());
    }

    #[test]
    fn marks_and_line_ends_of_other_systems_are_read() {
        let root = root("\u{feff}a: 1\r\nb: |\r\n  c\r\n  d\r\ne: f\r\n");
        assert_eq!(place_of(root.key("a").unwrap()), (1, 1, 1, 2));
        let script = root.get("b").unwrap();
        assert_eq!(script.str(), Some("c\nd\n"));
        assert_eq!((script.line_place(1).line, script.line_place(1).end_column), (4, 4));
        assert_eq!(root.get("e").unwrap().place.line, 5);
    }

    #[test]
    fn tabs_in_the_indentation_are_troubles() {
        for (text, line) in
            [("a:\n\tb: 1\n", 2), ("\ta: 1\n", 1), ("a:\n\t- b\n", 2), ("a:\n \tb: 1\n", 2)]
        {
            let read = read(text);
            assert_eq!(read.documents, [], "{text:?}");
            assert_eq!(read.troubles[0].place.line, line, "{text:?}");
        }
        assert_eq!(root("a:\t1\t# b\n").get("a").unwrap().int(), Some(1));
    }

    #[test]
    fn line_ends_that_only_some_tools_know_are_a_trouble() {
        let read = read("a: 1 # b\u{2028}c: 2\n");
        let trouble = &read.troubles[0];
        assert_eq!((trouble.place.column, trouble.is_document_lost), (9, false));
        assert_eq!(read.documents.len(), 1);
    }

    #[test]
    fn own_tags_are_told_and_make_texts_of_scalars() {
        let root =
            root("a: !Ref true\nb: !!str 1\nc: !!int 2\nd: !reference [x, y]\ne: ! 3\nf: !x\n");
        let a = root.get("a").unwrap();
        assert_eq!((a.tag.as_deref(), a.str(), a.bool()), (Some("!Ref"), Some("true"), None));
        assert_eq!(
            (root.get("b").unwrap().int(), root.get("b").unwrap().tag.as_deref()),
            (None, None)
        );
        assert_eq!(root.get("c").unwrap().int(), Some(2));
        assert_eq!(root.get("d").unwrap().tag.as_deref(), Some("!reference"));
        assert_eq!(
            (root.get("e").unwrap().int(), root.get("e").unwrap().tag.as_deref()),
            (None, None)
        );
        assert!(!root.get("f").unwrap().is_null());
    }

    #[test]
    fn plain_words_are_keys_and_booleans() {
        let root = root("on: yes\n'no': off\nnull: ~\n");
        assert_eq!(root.get("on").unwrap().bool(), Some(true));
        assert_eq!(root.get("no").unwrap().bool(), Some(false));
        assert!(root.get("null").unwrap().is_null());
    }

    #[test]
    fn comments_are_listed() {
        let read = read("# one\na: b # two\n");
        let texts: Vec<_> = read.comments.iter().map(|comment| comment.as_str()).collect();
        assert_eq!(texts, ["one", "two"]);
        assert_eq!((read.comments[1].place.line, read.comments[1].place.column), (2, 6));
    }
}
