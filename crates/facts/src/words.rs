//! Running text in plain words, and whether a phrase stands in it as whole words.

/// `text` in lower case, with blanks for hyphens.
pub fn plain(text: &str) -> String {
    if text.is_ascii() {
        let bytes = text.bytes().map(plain_byte).collect();
        if let Ok(plain) = String::from_utf8(bytes) {
            return plain;
        }
    }
    text.to_lowercase().replace(['-', '_', '\u{2010}', '\u{2011}'], " ").replace('\u{2019}', "'")
}

fn plain_byte(byte: u8) -> u8 {
    if matches!(byte, b'-' | b'_') { b' ' } else { byte.to_ascii_lowercase() }
}

/// Whether one of `phrases` stands in `text` as whole words.
///
/// Phrases are written in lower case with blanks for hyphens: `on call` is found in "On-call". A
/// plural "s" is allowed for; a phrase that ends in `*` is the beginning of a word.
pub fn mentions(text: &str, phrases: &[&str]) -> bool {
    if text.is_ascii() {
        any_stands_in_ascii(text.as_bytes(), phrases, plain_byte)
    } else {
        any_stands_in(&plain(text), phrases)
    }
}

/// Whether `phrase` stands in the [`plain`] text as [`mentions`] says.
pub fn stands_in(text: &str, phrase: &str) -> bool {
    any_stands_in(text, &[phrase])
}

/// Whether one of `phrases` stands in the [`plain`] text as [`mentions`] says.
///
/// Goes through the text once and looks at each start of a word for all of them: preparing a search
/// for each phrase takes longer than reading most texts.
pub fn any_stands_in(text: &str, phrases: &[&str]) -> bool {
    if text.is_ascii() {
        return any_stands_in_ascii(text.as_bytes(), phrases, |byte| byte);
    }
    let firsts = firsts(phrases);
    let mut is_in_word = false;
    text.char_indices().any(|(at, letter)| {
        let is_start = !std::mem::replace(&mut is_in_word, letter.is_alphanumeric());
        let rest = text.get(at..).filter(|_| is_start).unwrap_or_default();
        let may_begin = rest.bytes().next().is_some_and(|first| firsts[usize::from(first)]);
        may_begin && phrases.iter().any(|phrase| begins(rest, phrase))
    })
}

/// The same of `text` that is ASCII, each byte of it read as `plain` says.
fn any_stands_in_ascii(text: &[u8], phrases: &[&str], plain: impl Fn(u8) -> u8 + Copy) -> bool {
    let firsts = firsts(phrases);
    let mut is_in_word = false;
    text.iter().enumerate().any(|(at, byte)| {
        let byte = plain(*byte);
        let is_start = !std::mem::replace(&mut is_in_word, byte.is_ascii_alphanumeric());
        let may_begin = is_start && firsts[usize::from(byte)];
        may_begin && {
            let rest = text.get(at..).unwrap_or_default();
            phrases.iter().any(|phrase| begins_ascii(rest, phrase, plain))
        }
    })
}

/// With what the phrases begin: most words begin as no phrase does.
fn firsts(phrases: &[&str]) -> [bool; 256] {
    let mut firsts = [false; 256];
    for first in phrases.iter().filter_map(|phrase| phrase.bytes().next()) {
        firsts[usize::from(first)] = true;
    }
    firsts
}

fn begins_ascii(text: &[u8], phrase: &str, plain: impl Fn(u8) -> u8) -> bool {
    let (phrase, is_beginning) = phrase.strip_suffix('*').map_or((phrase, false), |p| (p, true));
    let Some((start, after)) = text.split_at_checked(phrase.len()) else { return false };
    // The beginning of no word is the beginning of none.
    let is_there = || !phrase.is_empty() && start.iter().map(|b| plain(*b)).eq(phrase.bytes());
    let ends = |text: &[u8]| !text.first().is_some_and(u8::is_ascii_alphanumeric);
    let is_word_end = || {
        ends(after) || after.split_first().is_some_and(|(b, rest)| plain(*b) == b's' && ends(rest))
    };
    is_there() && (is_beginning || is_word_end())
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
        fn phrases_are_found_in_ascii_as_in_all_other_text(
            text in "[Ab9s _.-]{0,12}",
            phrases in prop::collection::vec("[ab9s ]{0,3}[*]?", 0..4),
        ) {
            let phrases: Vec<&str> = phrases.iter().map(String::as_str).collect();
            let in_other = any_stands_in(&format!("{}\né", plain(&text)), &phrases);
            prop_assert_eq!(any_stands_in(&plain(&text), &phrases), in_other);
            prop_assert_eq!(mentions(&text, &phrases), in_other);
        }

        #[test]
        fn letters_of_ascii_become_plain_as_all_others_do(text in "[ -~\n]{0,40}") {
            let plain_after_all = plain(&format!("{text}é"));
            prop_assert_eq!(format!("{}é", plain(&text)), plain_after_all);
        }
    }
}
