//! Running text in plain words, and whether a phrase stands in it as whole words.

/// `text` in lower case, with blanks for hyphens.
pub fn plain(text: &str) -> String {
    text.to_lowercase().replace(['-', '_', '\u{2010}', '\u{2011}'], " ").replace('\u{2019}', "'")
}

/// Whether `phrase` stands in the plain `text` as whole words.
///
/// A plural "s" is allowed for; a phrase that ends in `*` is the beginning of a word.
pub fn stands_in(text: &str, phrase: &str) -> bool {
    let (phrase, is_beginning) = phrase.strip_suffix('*').map_or((phrase, false), |p| (p, true));
    !phrase.is_empty()
        && text.match_indices(phrase).any(|(at, _)| {
            let after = text.get(at + phrase.len()..).unwrap_or_default();
            is_word_start(text, at) && (is_beginning || is_word_end(after))
        })
}

/// Whether the bytes from `start` to `end` of `text` are whole words, a plural "s" after them allowed
/// for.
pub(crate) fn are_whole(text: &str, start: usize, end: usize) -> bool {
    is_word_start(text, start) && text.get(end..).is_some_and(is_word_end)
}

fn is_word_start(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|text| text.chars().next_back());
    !before.is_some_and(char::is_alphanumeric)
}

fn is_word_end(after: &str) -> bool {
    let ends = |text: &str| !text.starts_with(char::is_alphanumeric);
    ends(after) || after.strip_prefix('s').is_some_and(ends)
}
