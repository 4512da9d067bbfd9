//! A first look at the text of a YAML or JSON file: most of a tree is about nothing that gonogo knows,
//! and one pass tells.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// For each reader that goes by content, what has to stand in a text that is its kind.
static WORDS: &[&str] = &[
    "apiVersion",
    "metadata:",
    "$patch",
    "op:",
    "\"op\"",
    "{{",
    "backstage.io/",
    "slos",
    "openslo",
    "pyrra.dev",
    "groups",
    "receivers",
    "openapi",
    "swagger",
    "responses:",
    "in: cookie",
    "in: header",
    "in: path",
    "in: query",
    "\"panels\"",
    "\"rows\"",
    "\"elements\"",
    "script:",
    "extends:",
    "trigger:",
    "- if:",
    "- local:",
    "variables:",
];

static SIGNS: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| AhoCorasick::new(WORDS).ok());

/// Whether any of them stands in `text`.
pub(super) fn are_in(text: &str) -> bool {
    SIGNS.as_ref().is_none_or(|signs| signs.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_about_nothing_known_is_passed_over() {
        assert!(are_in("apiVersion: v1\nkind: Pod\n"));
        assert!(are_in("{\"title\": \"a\", \"panels\": []}"));
        assert!(!are_in("items:\n  - {key: value}\n"));
    }
}
