//! What the YAML parser does not tell of a text's lines and indentation.

use memchr::memmem;
use model::Place;

use super::scalar::Lines;

/// The first character that ends a line in YAML 1.1, which most tools read, but not in 1.2.
pub(super) fn foreign_break(text: &str) -> Option<usize> {
    let breaks = ["\u{85}", "\u{2028}", "\u{2029}"];
    let found = breaks.map(|sign| memmem::find(text.as_bytes(), sign.as_bytes()));
    found.into_iter().flatten().min()
}

/// Whether a carriage return stands alone: it ends a line in YAML, but nowhere else.
pub(super) fn has_lone_return(text: &str) -> bool {
    let next = |at: usize| text.as_bytes().get(at + 1);
    memchr::memchr_iter(b'\r', text.as_bytes()).any(|at| next(at) != Some(&b'\n'))
}

/// Where the lines of a literal block scalar stand whose content is at `place`.
pub(super) fn lines_of(text: &str, place: &Place) -> Option<Lines> {
    let blank = text.bytes().take_while(|byte| *byte == b'\n').count();
    let line = place.line.checked_sub(u32::try_from(blank).ok()?)?;
    Some(Lines { line, column: place.column })
}

/// The dash that opens a sequence standing as deep as its key, of which the parser tells only
/// where the first item's content stands.
pub(super) fn dash_before(before: &str) -> Option<usize> {
    let before = before.trim_end().strip_suffix('-')?;
    let indentation = before.get(line_start(before)..)?;
    indentation.trim_start().is_empty().then_some(before.len())
}

/// Whether the text that ends with `before` has a tab in the indentation of its last line.
pub(super) fn is_indented_with_tab(before: &str) -> bool {
    let line = before.get(line_start(before)..).unwrap_or_default();
    line.contains('\t') && line.trim().is_empty()
}

fn line_start(text: &str) -> usize {
    memchr::memrchr(b'\n', text.as_bytes()).map_or(0, |at| at + 1)
}
