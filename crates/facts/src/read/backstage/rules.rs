//! What Backstage accepts as names, labels and tags.

use std::sync::LazyLock;

use regex::Regex;

/// The longest name, label, tag.
const LONGEST: usize = 63;

static TAG: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("^[a-z0-9:+#]+(-[a-z0-9:+#]+)*$").ok());

static NAMESPACE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("^[a-z0-9]+(-[a-z0-9]+)*$").ok());

/// Whether an entity may be called so.
pub(super) fn is_name(text: &str) -> bool {
    let is_end = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_alphanumeric());
    text.len() <= LONGEST
        && text.chars().all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
        && is_end(text.chars().next())
        && is_end(text.chars().next_back())
}

/// Whether a namespace may be called so.
pub(super) fn is_namespace(text: &str) -> bool {
    text.len() <= LONGEST && NAMESPACE.as_ref().is_some_and(|rule| rule.is_match(text))
}

/// Whether an entity may bear the tag.
pub(super) fn is_tag(text: &str) -> bool {
    text.len() <= LONGEST && TAG.as_ref().is_some_and(|rule| rule.is_match(text))
}
