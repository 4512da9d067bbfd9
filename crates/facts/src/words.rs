//! Running text in plain words, and whether a phrase stands in it as whole words.

/// `text` in lower case, with blanks for hyphens.
pub fn plain(text: &str) -> String {
    if text.is_ascii() {
        let mut bytes = text.as_bytes().to_ascii_lowercase();
        bytes.iter_mut().filter(|byte| matches!(byte, b'-' | b'_')).for_each(|byte| *byte = b' ');
        if let Ok(plain) = String::from_utf8(bytes) {
            return plain;
        }
    }
    text.to_lowercase().replace(['-', '_', '\u{2010}', '\u{2011}'], " ").replace('\u{2019}', "'")
}

/// Whether `phrase` stands in the plain `text` as whole words.
///
/// A plural "s" is allowed for; a phrase that ends in `*` is the beginning of a word.
pub fn stands_in(text: &str, phrase: &str) -> bool {
    any_stands_in(text, &[phrase])
}

/// Whether one of `phrases` stands in the plain `text` as [`stands_in`] says.
///
/// Goes through the text once and looks at each start of a word for all of them: preparing a search
/// for each phrase takes longer than reading most texts.
pub fn any_stands_in(text: &str, phrases: &[&str]) -> bool {
    // Most words begin as no phrase does.
    let mut firsts = [false; 256];
    for first in phrases.iter().filter_map(|phrase| phrase.bytes().next()) {
        firsts[usize::from(first)] = true;
    }
    let mut is_in_word = false;
    text.char_indices().any(|(at, letter)| {
        let is_start = !std::mem::replace(&mut is_in_word, letter.is_alphanumeric());
        let rest = text.get(at..).filter(|_| is_start).unwrap_or_default();
        let may_begin = rest.bytes().next().is_some_and(|first| firsts[usize::from(first)]);
        may_begin && phrases.iter().any(|phrase| begins(rest, phrase))
    })
}

fn begins(text: &str, phrase: &str) -> bool {
    if text.as_bytes().first() != phrase.as_bytes().first() {
        return false;
    }
    let (phrase, is_beginning) = phrase.strip_suffix('*').map_or((phrase, false), |p| (p, true));
    // The beginning of no word is the beginning of none.
    let after = text.strip_prefix(phrase).filter(|_| !phrase.is_empty());
    after.is_some_and(|after| is_beginning || is_word_end(after))
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_phrase_of_no_words_stands_in_nothing() {
        for phrase in ["", "*"] {
            assert!(!stands_in("a * b", phrase) && !stands_in("", phrase), "{phrase}");
        }
    }

    #[test]
    fn one_of_several_phrases_is_enough_wherever_it_stands() {
        assert!(any_stands_in("the é to be written", &["will be", "to be written"]));
        assert!(any_stands_in("run on. prerun on", &["run on"]));
        assert!(any_stands_in("(owners)", &["owner"]));
        assert!(!any_stands_in("prerun on, run one, érun on", &["run on", "un on"]));
        assert!(!any_stands_in("anything", &[]));
    }

    proptest! {
        #[test]
        fn letters_of_ascii_become_plain_as_all_others_do(text in "[ -~\n]{0,40}") {
            let plain_after_all = plain(&format!("{text}é"));
            prop_assert_eq!(format!("{}é", plain(&text)), plain_after_all);
        }
    }
}
