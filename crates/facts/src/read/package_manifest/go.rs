//! go.mod.

use super::draft::{Draft, lines};
use super::gap;
use crate::Facts;
use crate::read::Source;
use crate::read::words::{self, Word};

/// Reads a go.mod; requirements marked `// indirect` are those of others.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut draft = Draft::new(source, "go");
    let mut is_within = false;
    for (start, line) in lines(source.text) {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let is_direct = !comment.trim_start().starts_with("indirect");
        let mut words = words::words(code);
        let Some(first) = words.next() else { continue };
        match (is_within, first.text, words.next()) {
            (true, ")", _) => is_within = false,
            (true, _, Some(_)) if is_direct => depend(first, start, &mut draft),
            (false, "module", Some(name)) => {
                draft.name(name.text.trim_matches('"'), start + name.at + quote(name));
            }
            (false, "require", Some(Word { text: "(", .. })) => is_within = true,
            (false, "require", Some(name)) if is_direct => depend(name, start, &mut draft),
            _ => {}
        }
    }
    if draft.package.name.is_none() {
        facts.gaps.push(gap(draft.package.place, "names no `module`"));
        return;
    }
    facts.packages.push(draft.package);
}

fn depend(name: Word<'_>, start: usize, draft: &mut Draft<'_>) {
    draft.depend(name.text.trim_matches('"'), start + name.at + quote(name));
}

/// Bytes of the quote before a word.
fn quote(word: Word<'_>) -> usize {
    usize::from(word.text.starts_with('"'))
}
