//! Words of a line, with their quotes and without.

use std::ops::Range;

/// A word as it is written, and where it begins in its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) at: usize,
    pub(super) text: &'t str,
}

impl Word<'_> {
    /// The stretch of the line that it takes.
    pub(super) fn stretch(&self) -> Range<usize> {
        self.at..self.at + self.text.len()
    }

    /// What stands before the first separator and what behind it.
    pub(super) fn split(&self, separator: char) -> Option<(Self, Self)> {
        let (before, after) = self.text.split_once(separator)?;
        let at = self.at + before.len() + separator.len_utf8();
        Some((Word { at: self.at, text: before }, Word { at, text: after }))
    }

    /// The parts between the separators.
    pub(super) fn split_all(self, separator: char) -> impl Iterator<Item = Self> {
        let mut rest = Some(self);
        std::iter::from_fn(move || {
            let whole = rest?;
            let (part, after) = whole.split(separator).unzip();
            rest = after;
            Some(part.unwrap_or(whole))
        })
    }
}

/// The words of `line`; blanks between quotes and behind a backslash do not end a word.
pub(super) fn words(line: &str) -> impl Iterator<Item = Word<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = line.get(at..)?;
        let start = at + rest.find(|c: char| !c.is_whitespace())?;
        let text = line.get(start..)?;
        let text = text.get(..length(text))?;
        at = start + text.len();
        Some(Word { at: start, text })
    })
}

/// Bytes of the word that `text` begins with.
fn length(text: &str) -> usize {
    let mut quote = None;
    let mut is_escaped = false;
    text.find(|character: char| {
        match (quote, character) {
            _ if is_escaped => is_escaped = false,
            (None | Some('"'), '\\') => is_escaped = true,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, blank) => return blank.is_whitespace(),
            _ => {}
        }
        false
    })
    .unwrap_or(text.len())
}

/// `word` without its quotes and backslashes.
pub(super) fn unquoted(word: &str) -> String {
    let mut text = String::with_capacity(word.len());
    let mut quote = None;
    let mut is_escaped = false;
    for character in word.chars() {
        match (quote, character) {
            _ if is_escaped => {
                is_escaped = false;
                text.push(character);
            }
            (None | Some('"'), '\\') => is_escaped = true,
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            _ => text.push(character),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_hold_a_word_together() {
        let line = r#"  a "b c"d 'e "f' g\ h "#;
        let found: Vec<_> = words(line).map(|word| (word.at, word.text)).collect();
        assert_eq!(found, [(2, "a"), (4, r#""b c"d"#), (11, r#"'e "f'"#), (18, r"g\ h")]);
        assert_eq!(unquoted(r#""b c"d"#), "b cd");
        assert_eq!(unquoted(r"g\ h'\'"), r"g h\");
        assert_eq!(words("'open word").count(), 1);
    }
}
