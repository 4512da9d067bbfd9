//! Reads JSON with places.

use std::sync::Arc;

use model::{Place, Placed};

use super::build::{Builder, Properties, Refusal};
use super::json_text::{self, BadText};
use super::{Read, Scalar, without_mark};
use crate::cursor::Cursor;

/// Reads a JSON text; `path` goes into the places.
///
/// Comments (`//` and `/* */`) and commas before a closing bracket are allowed, as in the
/// configuration files of many tools; all else is as strict as JSON. A text with an error, or
/// with nothing in it, has no document and one trouble.
pub fn read_json(path: &Arc<str>, text: &str) -> Read {
    let text = without_mark(text);
    let mut reader = Reader {
        cursor: Cursor::new(path, text),
        builder: Builder::default(),
        text,
        at: 0,
        closers: Vec::new(),
    };
    match reader.read() {
        Ok(()) => reader.builder.end_document(),
        Err(refusal) => reader.builder.lose_document(refusal),
    }
    reader.builder.into_read()
}

/// What may stand next.
#[derive(Clone, Copy)]
enum Expected {
    Value,
    ValueOrEnd,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    Nothing,
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    builder: Builder,
    text: &'t str,
    at: usize,
    /// The closing brackets of the open collections.
    closers: Vec<u8>,
}

impl Reader<'_> {
    fn read(&mut self) -> Result<(), Refusal> {
        let mut expected = Expected::Value;
        loop {
            self.skip_blanks()?;
            let next = self.text.as_bytes().get(self.at).copied();
            expected = match (expected, next) {
                (Expected::Nothing, None) => return Ok(()),
                (Expected::Value | Expected::ValueOrEnd, Some(byte @ (b'[' | b'{'))) => {
                    self.open(byte)?
                }
                (Expected::ValueOrEnd | Expected::KeyOrEnd | Expected::CommaOrEnd, Some(byte))
                    if self.closers.last() == Some(&byte) =>
                {
                    self.close()?
                }
                (Expected::Value | Expected::ValueOrEnd, Some(byte)) => self.value(byte)?,
                (Expected::KeyOrEnd, Some(b'"')) => {
                    self.string()?;
                    Expected::Colon
                }
                (Expected::Colon, Some(b':')) => self.step(Expected::Value),
                (Expected::CommaOrEnd, Some(b',')) => self.after_comma(),
                (expected, _) => return Err(self.unexpected(expected)),
            };
        }
    }

    fn open(&mut self, bracket: u8) -> Result<Expected, Refusal> {
        let place = self.here(1);
        self.at += 1;
        if bracket == b'[' {
            self.closers.push(b']');
            self.builder.sequence(place, Properties::default())?;
            Ok(Expected::ValueOrEnd)
        } else {
            self.closers.push(b'}');
            self.builder.mapping(place, Properties::default())?;
            Ok(Expected::KeyOrEnd)
        }
    }

    fn close(&mut self) -> Result<Expected, Refusal> {
        let end = self.here(1);
        self.at += 1;
        self.closers.pop();
        self.builder.close(Some(end))?;
        Ok(self.after_value())
    }

    fn value(&mut self, byte: u8) -> Result<Expected, Refusal> {
        if byte == b'"' {
            self.string()?;
        } else {
            self.word()?;
        }
        Ok(self.after_value())
    }

    fn string(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        let rest = self.text.get(start + 1..).unwrap_or_default();
        let (text, length) = json_text::unquote(rest).map_err(|bad| {
            let BadText { offset, reason } = bad;
            Refusal::new(self.cursor.point(start + 1 + offset), reason)
        })?;
        self.scalar(1 + length, Scalar::quoted(text))
    }

    fn word(&mut self) -> Result<(), Refusal> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let word = json_text::word(rest);
        if !json_text::is_literal(word) && !json_text::is_number(word) {
            return Err(self.unexpected(Expected::Value));
        }
        self.scalar(word.len(), Scalar::plain(word))
    }

    fn scalar(&mut self, length: usize, scalar: Scalar) -> Result<(), Refusal> {
        let place = self.here(length);
        self.at += length;
        self.builder.scalar(place, Properties::default(), scalar)
    }

    fn after_value(&self) -> Expected {
        if self.closers.is_empty() { Expected::Nothing } else { Expected::CommaOrEnd }
    }

    fn after_comma(&mut self) -> Expected {
        let is_mapping = self.closers.last() == Some(&b'}');
        self.step(if is_mapping { Expected::KeyOrEnd } else { Expected::ValueOrEnd })
    }

    fn step(&mut self, next: Expected) -> Expected {
        self.at += 1;
        next
    }

    fn skip_blanks(&mut self) -> Result<(), Refusal> {
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            self.at += blanks;
            let Some(length) = self.comment()? else {
                return Ok(());
            };
            self.at += length;
        }
    }

    /// Lists the comment that stands here; its length.
    fn comment(&mut self) -> Result<Option<usize>, Refusal> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (inner, length) = if let Some(inner) = rest.strip_prefix("//") {
            let inner = inner.lines().next().unwrap_or_default();
            (inner, 2 + inner.len())
        } else if let Some(inner) = rest.strip_prefix("/*") {
            let Some((inner, _)) = inner.split_once("*/") else {
                return Err(Refusal::new(self.here(2), "a comment is not closed"));
            };
            (inner, 4 + inner.len())
        } else {
            return Ok(None);
        };
        let place = self.here(length);
        self.builder.comment(Placed::new(inner.trim().to_owned(), place));
        Ok(Some(length))
    }

    fn unexpected(&mut self, expected: Expected) -> Refusal {
        let wanted = match expected {
            Expected::Value => "a value",
            Expected::ValueOrEnd => "a value or `]`",
            Expected::KeyOrEnd => "a key in double quotes or `}`",
            Expected::Colon => "`:`",
            Expected::CommaOrEnd => "`,` or a closing bracket",
            Expected::Nothing => "the end of the text",
        };
        let rest = self.text.get(self.at..).unwrap_or_default();
        let found = match rest.chars().next() {
            Some(found) => format!("`{}`", found.escape_debug()),
            None => "the end of the text".to_owned(),
        };
        Refusal::new(self.here(0), format!("{wanted} is expected, found {found}"))
    }

    fn here(&mut self, length: usize) -> Place {
        self.cursor.place(self.at, self.at + length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Read {
        read_json(&"a.json".into(), text)
    }

    #[test]
    fn values_carry_their_places() {
        let read = read("{\n  \"a\": [1, \"é\", true],\n  \"b\": {\"c\": null}\n}\n");
        assert_eq!(read.troubles, []);
        let root = &read.documents[0].root;
        assert_eq!((root.place.line, root.place.end_line, root.place.end_column), (1, 4, 2));
        let items = root.get("a").unwrap().items();
        assert_eq!(items[0].int(), Some(1));
        assert_eq!((items[1].str(), items[1].place.column), (Some("é"), 12));
        assert_eq!((items[2].bool(), items[2].place.column), (Some(true), 17));
        assert!(root.at(&["b", "c"]).unwrap().is_null());
        assert_eq!(root.key("b").unwrap().place.line, 3);
    }

    #[test]
    fn comments_and_last_commas_are_allowed() {
        let read = read("// one\n{\"a\": [1, /* two\n*/ 2,],}\n// three");
        assert_eq!(read.troubles, []);
        assert_eq!(read.documents[0].root.get("a").unwrap().items().len(), 2);
        let texts: Vec<_> = read.comments.iter().map(|comment| comment.as_str()).collect();
        assert_eq!(texts, ["one", "two", "three"]);
        assert_eq!(read.comments[1].place.end_line, 3);
    }

    #[test]
    fn numbers_of_json_mean_what_json_says() {
        let read = read("[0, -1.5e3, \"7\"]");
        let items = read.documents[0].root.items();
        assert_eq!((items[0].int(), items[1].float()), (Some(0), Some(-1500.0)));
        assert_eq!(items[2].int(), None);
    }

    #[test]
    fn what_is_not_json_is_a_trouble_with_its_place() {
        let texts = [
            "",
            " ",
            "[",
            "{\"a\"",
            "{\"a\":}",
            "[1 2]",
            "[,]",
            "{,}",
            "[1]]",
            "{a: 1}",
            "'a'",
            "01",
            "+1",
            "1.",
            ".5",
            "NaN",
            "tru",
            "\"a",
            "\"\\x\"",
            "\"\t\"",
            "/* a",
            "[}",
            "{]",
            "1 1",
            "\"\\ud800\"",
            "\0",
            "[1,,2]",
            "/",
            "{\"a\":1,,}",
            "{1:2}",
        ];
        for text in texts {
            let read = read(text);
            assert_eq!(read.documents, [], "{text:?}");
            assert_eq!(read.troubles.len(), 1, "{text:?}");
            assert!(read.troubles[0].is_document_lost);
        }
        let read = read("{\n  \"a\": x}");
        let place = &read.troubles[0].place;
        assert_eq!((place.line, place.column), (2, 8));
    }

    #[test]
    fn a_repeated_key_is_a_trouble() {
        let read = read("{\"a\": 1, \"a\": 2}");
        assert_eq!((read.troubles.len(), read.documents.len()), (1, 1));
        assert_eq!(read.troubles[0].place.column, 10);
    }
}
