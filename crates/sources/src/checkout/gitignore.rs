//! The `.gitignore` files of a tree, one level for each folder that has one.
//!
//! Only those of the tree count: what the user's own settings or `.git/info/exclude` leave out does
//! not change the answer.

use std::borrow::Cow;
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::GitignoreFault;

/// Largest `.gitignore` that is used.
pub(super) const MOST_BYTES: u64 = 1 << 20;
/// Most patterns in force in one folder, those of the folders above counted in.
const MOST_PATTERNS: usize = 5_000;
/// Most bytes that those patterns may have together. They become one automaton, so this bounds
/// memory and time: the worst patterns of this size take 50 MB and 0.2 s to compile.
const MOST_PATTERN_BYTES: usize = 64 << 10;
/// Longest pattern; also bounds how deep the crate's own parser nests.
const LONGEST_PATTERN: usize = 1_024;

/// The patterns of one folder and, through `outer`, of those above it.
pub(super) struct Rules {
    outer: Option<Arc<Rules>>,
    matcher: Gitignore,
    /// Length of the folder's path with its slash: patterns see only what comes after.
    base: usize,
    /// All patterns in force here.
    size: Size,
}

impl Rules {
    /// Whether the innermost pattern that speaks of `path` leaves it out.
    pub(super) fn ignores(&self, path: &str, is_folder: bool) -> bool {
        let mut level = Some(self);
        while let Some(rules) = level {
            let below = path.get(rules.base..).unwrap_or(path);
            match rules.matcher.matched(below, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => level = rules.outer.as_deref(),
            }
        }
        false
    }

    /// Adds the `.gitignore` of the folder whose path with its slash has `base` bytes.
    ///
    /// The fault tells what of it could not be used; without rules of its own, a folder has those of
    /// the one above.
    pub(super) fn add(
        outer: Option<Arc<Self>>,
        text: &[u8],
        base: usize,
    ) -> (Option<Arc<Self>>, Option<GitignoreFault>) {
        let before = outer.as_ref().map_or_else(Size::default, |rules| rules.size);
        let (builder, size, bad_line) = match parse(text, before) {
            Ok(parsed) => parsed,
            Err(fault) => return (outer, Some(fault)),
        };
        if size == before {
            return (outer, bad_line);
        }
        let Ok(matcher) = builder.build() else {
            return (outer, Some(GitignoreFault::NotCompiled));
        };
        let rules = Self { outer, matcher, base, size };
        (Some(Arc::new(rules)), bad_line)
    }
}

/// How much patterns there are.
#[derive(Clone, Copy, Default, PartialEq)]
struct Size {
    patterns: usize,
    bytes: usize,
}

impl Size {
    /// The size with one pattern more; none where that would be too much.
    fn with(self, pattern: &str) -> Option<Self> {
        let size = Self { patterns: self.patterns + 1, bytes: self.bytes + pattern.len() };
        let is_small = size.patterns <= MOST_PATTERNS && size.bytes <= MOST_PATTERN_BYTES;
        (is_small && pattern.len() <= LONGEST_PATTERN).then_some(size)
    }
}

type Parsed = (GitignoreBuilder, Size, Option<GitignoreFault>);

/// The patterns of `text`, the size with theirs, and the first line that is none.
fn parse(text: &[u8], mut size: Size) -> Result<Parsed, GitignoreFault> {
    let text = String::from_utf8_lossy(text);
    let mut builder = GitignoreBuilder::new("");
    builder.allow_unclosed_class(false);
    let mut bad_line = None;
    let lines = text.trim_start_matches('\u{feff}').lines();
    for (text, line) in lines.zip(1..) {
        // No path has two slashes in a row, so to git such a pattern matches nothing.
        if text.starts_with('#') || text.trim().is_empty() || text.contains("//") {
            continue;
        }
        let with_this = size.with(text).ok_or(GitignoreFault::TooLarge)?;
        match builder.add_line(None, &as_git_reads(text)) {
            Ok(_) => size = with_this,
            Err(_) => bad_line = bad_line.or(Some(GitignoreFault::BadLine { line })),
        }
    }
    Ok((builder, size, bad_line))
}

/// Writes a pattern so that the crate takes it as git does.
///
/// To git braces are plain characters, to the crate they are alternatives; and what `[!…]` stands for
/// includes a slash only to the crate.
fn as_git_reads(line: &str) -> Cow<'_, str> {
    if !line.contains(['{', '}', '[']) {
        return line.into();
    }
    let (mark, body) = line.strip_prefix('!').map_or(("", line), |body| ("!", body));
    let mut pattern = String::with_capacity(line.len() + 8);
    let (mut is_escaped, mut is_in_class, mut has_slash_added) = (false, false, false);
    let mut rest = body.chars().peekable();
    while let Some(c) = rest.next() {
        if matches!(c, '{' | '}') && !is_escaped && !is_in_class {
            pattern.push('\\');
        }
        let opens_class = c == '[' && !is_escaped && !is_in_class;
        pattern.push(c);
        if opens_class && let Some(not) = rest.next_if(|c| matches!(c, '!' | '^')) {
            pattern.push(not);
            // Before these two the slash would change what they mean.
            if !matches!(rest.peek(), Some('-' | ']')) {
                pattern.push('/');
                has_slash_added = true;
            }
        }
        is_in_class = opens_class || is_in_class && c != ']';
        is_escaped = c == '\\' && !is_escaped;
    }
    // A slash ties a pattern to its folder, and the one that was added must not.
    let is_tied = body.trim_end().trim_end_matches('/').contains('/');
    let anywhere = if has_slash_added && !is_tied { "**/" } else { "" };
    format!("{mark}{anywhere}{pattern}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignores(patterns: &str, path: &str) -> bool {
        let (rules, fault) = Rules::add(None, patterns.as_bytes(), 0);
        assert_eq!(fault, None);
        rules.is_some_and(|rules| rules.ignores(path, false))
    }

    #[test]
    fn braces_are_plain_characters() {
        assert!(ignores("{a,b}", "{a,b}"));
        assert!(!ignores("{a,b}", "a"));
        assert!(ignores("\\{a}", "{a}"));
        assert!(ignores("[{]a}", "{a}"));
        assert!(ignores("*.{js", "x.{js"));
    }

    #[test]
    fn a_class_of_all_others_does_not_match_a_slash() {
        for (patterns, ignored, kept) in [
            ("a[!b]c", "x/a-c", "a/c"),
            ("/a[^b]c", "a-c", "x/a-c"),
            ("x/a[!b]c", "x/a-c", "y/x/a-c"),
            ("*\n!a[!b]c", "abc", "x/a-c"),
            ("a[!-b]c", "axc", "a-c"),
        ] {
            assert!(ignores(patterns, ignored), "{patterns:?}");
            assert!(!ignores(patterns, kept), "{patterns:?}");
        }
        assert!(!ignores("**//", "a/b"));
    }

    #[test]
    fn line_ends_marks_and_comments_are_no_part_of_a_pattern() {
        for patterns in ["\u{feff}a\r\n", "# b\n\n   \na  \n", "/a", "!a\na"] {
            assert!(ignores(patterns, "a"), "{patterns:?}");
            assert!(!ignores(patterns, "b"), "{patterns:?}");
        }
        assert!(!ignores("#a", "a"));
        assert!(!ignores("!", "a"));
        assert!(!ignores("/", "a"));
    }

    #[test]
    fn patterns_see_only_what_is_below_their_folder() {
        let (outer, _) = Rules::add(None, b"*.log\n/top", 0);
        let (inner, _) = Rules::add(outer, b"!keep.log\n/here", "in/".len());
        let inner = inner.unwrap();
        assert!(inner.ignores("in/a.log", false));
        assert!(!inner.ignores("in/keep.log", false));
        assert!(inner.ignores("in/here", false));
        assert!(!inner.ignores("in/in/here", false));
        assert!(!inner.ignores("in/top", false));
    }

    #[test]
    fn the_patterns_of_all_folders_above_count_together() {
        let text = "x*\n".repeat(MOST_PATTERNS / 2);
        let (first, fault) = Rules::add(None, text.as_bytes(), 0);
        assert_eq!(fault, None);
        let (second, fault) = Rules::add(first, text.as_bytes(), 2);
        assert_eq!(fault, None);
        let (third, fault) = Rules::add(second, b"a", 4);
        assert_eq!(fault, Some(GitignoreFault::TooLarge));
        assert!(third.is_some_and(|rules| rules.ignores("b/c/x", false)));
    }

    #[test]
    fn any_line_is_taken_or_refused_without_harm() {
        for part in
            ["{", "[", "]", "\\", "!", "*", "**", "**/", "/", "[!", "[^", "[]-", "?", "\u{0}", "é"]
        {
            for count in [1, 2, 3, 1_000] {
                let line = part.repeat(count);
                let (rules, fault) = Rules::add(None, line.as_bytes(), 0);
                assert!(rules.is_some() || fault.is_some() || line.len() < 2_000);
                if let Some(rules) = rules {
                    rules.ignores(&"a/".repeat(50), true);
                    rules.ignores("é/[\\{", false);
                }
            }
        }
    }
}
