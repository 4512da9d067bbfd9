//! What running text says: whole words and phrases, and whether it says anything at all.

use std::sync::LazyLock;

use facts::words::any_stands_in;
use regex::Regex;

pub(crate) use facts::words::{mentions, plain};

/// Whether `text` says anything: more than a placeholder, a promise or a heading's worth of words.
pub(crate) fn says_something(text: &str) -> bool {
    sentences(text)
        .filter(|sentence| !is_placeholder(sentence))
        .flat_map(str::split_whitespace)
        .filter(|word| word.chars().any(char::is_alphanumeric))
        .nth(2)
        .is_some()
}

/// Whether `text` stands where something is still to be written: "TBD", "to be defined", `<owner>`.
pub(crate) fn is_placeholder(text: &str) -> bool {
    let text = plain(text);
    let text = text.trim_matches(|c: char| c.is_whitespace() || ".:;!*_[](){}#|\"'`".contains(c));
    let is_in_brackets = text.starts_with('<') && text.ends_with('>');
    text.is_empty()
        || is_in_brackets
        || !text.chars().any(char::is_alphanumeric)
        || PLACEHOLDERS.contains(&text)
        || PLACEHOLDER_STARTS.iter().any(|start| starts_with_word(text, start))
        || any_stands_in(text, PROMISES)
}

/// Whether a stretch of time stands in `text`: "15 minutes", "1h", "two business days".
pub(crate) fn has_duration(text: &str) -> bool {
    DURATION.as_ref().is_some_and(|duration| duration.is_match(text))
}

static DURATION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let number = r"(an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|fifteen|twenty|thirty|sixty|ninety)[\s-]+";
    let long = r"(seconds?|minutes?|hours?|days?|weeks?|months?|years?)";
    let short = r"(s|secs?|m|mins?|h|hrs?|d|w)";
    let sort = r"((business|working|calendar)[\s-]+)?";
    let pattern = format!(r"(?i)\b(\d+\)?[\s-]*({sort}{long}|{short})|{number}{sort}{long})\b");
    Regex::new(&pattern).ok()
});

/// The lines of `text`, taken apart at full stops.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split(". ")).map(str::trim).filter(|part| !part.is_empty())
}

/// What stands alone where an answer should.
static PLACEHOLDERS: &[&str] = &[
    "changeme",
    "change me",
    "example",
    "fill in",
    "fill me in",
    "n/a",
    "na",
    "nil",
    "nobody",
    "none",
    "not yet",
    "null",
    "pending",
    "placeholder",
    "somebody",
    "someone",
    "to do",
    "unknown",
    "unassigned",
    "unowned",
    "wip",
    "xx",
    "xxx",
];

/// What such a place begins with.
static PLACEHOLDER_STARTS: &[&str] = &[
    "tbd",
    "tba",
    "tbc",
    "todo",
    "fixme",
    "coming soon",
    "work in progress",
    "lorem ipsum",
    "under construction",
];

/// What promises the answer instead of giving it.
static PROMISES: &[&str] = &[
    "to be added",
    "to be agreed",
    "to be announced",
    "to be completed",
    "to be confirmed",
    "to be decided",
    "to be defined",
    "to be described",
    "to be determined",
    "to be documented",
    "to be done",
    "to be filled",
    "to be provided",
    "to be written",
    "will be added",
    "will be completed",
    "will be decided",
    "will be defined",
    "will be described",
    "will be documented",
    "will be provided",
    "will be written",
    "not written yet",
    "not yet written",
    "not documented yet",
    "not yet documented",
    "not defined yet",
    "not yet defined",
];

fn starts_with_word(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phrase_is_found_as_whole_words_only() {
        assert!(mentions("The On-call rota", &["on call"]));
        assert!(mentions("two dashboards.", &["dashboard"]));
        assert!(mentions("Diagnosing it", &["diagnos*"]));
        assert!(!mentions("a frontend runs", &["run on", "end run"]));
        assert!(!mentions("prerunning", &["run*"]));
        assert!(!mentions("ownership", &["owner"]));
    }

    #[test]
    fn a_stretch_of_time_has_a_number_and_a_unit() {
        for text in [
            "Seven (7) days",
            "15 minutes",
            "5 min",
            "1h",
            "within two business days",
            "30-day window",
        ] {
            assert!(has_duration(text), "{text}");
        }
        for text in ["soon", "as soon as", "a s", "P1", "24/7", "5 people", "some minutes"] {
            assert!(!has_duration(text), "{text}");
        }
    }

    #[test]
    fn placeholders_and_promises_say_nothing() {
        for text in [
            "TBD",
            "- TODO: ask Ada",
            "To be defined.",
            "<team name>",
            "…",
            "n/a",
            "",
            "*",
            "This section will be written after the launch.",
        ] {
            assert!(!says_something(text), "{text:?}");
        }
        assert!(says_something("TBD\nRestart the consumer and watch the lag."));
        assert!(!says_something("Ask Ada"));
    }
}
