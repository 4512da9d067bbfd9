//! Front matter: what stands between `---` lines before a document.

use std::sync::Arc;

use model::Placed;

use crate::tree::{Node, Value, read_yaml};

/// What stands before the text of a document.
#[derive(Default)]
pub(super) struct FrontMatter {
    /// Keys with scalar values, in the order of the file.
    pub(super) entries: Vec<(String, Placed<String>)>,
    /// Where the document's own text begins.
    pub(super) end: usize,
}

/// Splits front matter off; TOML between `+++` lines is left out unread.
pub(super) fn front_matter(path: &Arc<str>, text: &str) -> FrontMatter {
    let Some((fence, mut at)) = fence(text) else { return FrontMatter::default() };
    let rest = text.get(at..).unwrap_or_default();
    for line in rest.split_inclusive('\n') {
        let is_end = line.trim_end() == fence || (fence == "---" && line.trim_end() == "...");
        if is_end {
            let end = at + line.len();
            if fence == "+++" {
                return FrontMatter { entries: Vec::new(), end };
            }
            let entries = entries(path, text.get(..at).unwrap_or_default());
            return entries
                .map_or_else(FrontMatter::default, |entries| FrontMatter { entries, end });
        }
        at += line.len();
    }
    FrontMatter::default()
}

/// The line that opens front matter, and where the next one begins.
fn fence(text: &str) -> Option<(&'static str, usize)> {
    let first = text.split_inclusive('\n').next()?;
    let fence = ["---", "+++"].into_iter().find(|fence| first.trim_end() == *fence)?;
    Some((fence, first.len()))
}

/// The entries of a mapping; `None`: the lines are rules around something else.
fn entries(path: &Arc<str>, yaml: &str) -> Option<Vec<(String, Placed<String>)>> {
    let read = read_yaml(path, yaml);
    let root = &read.documents.first()?.root;
    let scalar = |node: &Node| Some(Placed::new(node.str()?.to_owned(), node.place.clone()));
    let entries = |(name, _, value): (&str, &Node, &Node)| Some((name.to_owned(), scalar(value)?));
    let is_mapping = matches!(root.value, Value::Mapping(_));
    is_mapping.then(|| root.entries().filter_map(entries).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> FrontMatter {
        front_matter(&Arc::from("a.md"), text)
    }

    #[test]
    fn keys_are_read_with_their_places() {
        let read = read("---\ntitle: 'On call'\ntags: [a]\nreviewed: 2026-01-31\n---\n# x\n");
        let [(title, value), (_, reviewed)] = &read.entries[..] else { panic!() };
        assert_eq!((title.as_str(), value.as_str()), ("title", "On call"));
        assert_eq!((value.place.line, value.place.column), (2, 8));
        assert_eq!((reviewed.as_str(), reviewed.place.line), ("2026-01-31", 4));
        assert_eq!(read.end, "---\ntitle: 'On call'\ntags: [a]\nreviewed: 2026-01-31\n---\n".len());
    }

    #[test]
    fn a_rule_is_no_front_matter() {
        for text in
            ["---\n\ntext", "---\ntext\n---\n", "----\na: b\n---\n", "text\n---\na: b\n---\n", ""]
        {
            assert_eq!((read(text).entries.len(), read(text).end), (0, 0), "{text}");
        }
    }
}
