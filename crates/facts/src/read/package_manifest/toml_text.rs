//! TOML with places.

use std::ops::Range;

use toml_edit::{Document, Item, Key, TableLike};

use super::draft::Draft;
use super::gap;
use crate::Facts;
use crate::cursor::Cursor;
use crate::read::Source;

/// Parses the file; what is not TOML becomes a gap.
pub(super) fn parse<'t>(source: Source<'t>, facts: &mut Facts) -> Option<Document<&'t str>> {
    match Document::parse(source.text) {
        Ok(document) => Some(document),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let place = Cursor::new(source.path, source.text).point(at);
            let reason = error.message().lines().next().unwrap_or_default();
            facts.gaps.push(gap(place, format!("is not valid TOML: {reason}")));
            None
        }
    }
}

/// The item that the keys lead to, one inside the other.
pub(super) fn at<'d>(document: &'d Document<&str>, path: &[&str]) -> Option<&'d Item> {
    let root: &dyn TableLike = document.as_table();
    let (last, tables) = path.split_last()?;
    let table = tables.iter().try_fold(root, |table, key| table.get(key)?.as_table_like())?;
    table.get(last)
}

/// Takes the name of the package from the item at `path`.
pub(super) fn take_name(document: &Document<&str>, path: &[&str], draft: &mut Draft<'_>) {
    let named = at(document, path).and_then(|item| Some((item.as_str()?, item.span()?)));
    let name = named.map(|(name, span)| draft.placed(name, span));
    draft.package.name = draft.package.name.take().or(name);
}

/// Keys and items of a table, where they stand.
pub(super) fn entries(table: Option<&Item>) -> impl Iterator<Item = (&Key, &Item)> {
    let table = table.and_then(Item::as_table_like);
    table.into_iter().flat_map(|table| table.iter().filter_map(|(key, _)| table.get_key_value(key)))
}

/// Dependencies found in any order, which are placed in the order of the file.
#[derive(Default)]
pub(super) struct Found(Vec<(Range<usize>, String)>);

impl Found {
    /// Notes a dependency, where it is known where it stands.
    pub(super) fn note(&mut self, name: &str, span: Option<Range<usize>>) {
        self.0.extend(span.map(|span| (span, name.to_owned())));
    }

    /// Gives all to the draft.
    pub(super) fn settle(mut self, draft: &mut Draft<'_>) {
        self.0.sort_unstable_by_key(|(span, _)| span.start);
        for (span, name) in self.0 {
            let dependency = draft.placed(&name, span);
            draft.package.dependencies.push(dependency);
        }
    }
}
