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
/// Most patterns in force in one folder, those of the folders above counted in. They are matched
/// together, so their number bounds the memory and the time for each name.
const MOST_PATTERNS: usize = 5_000;
/// Longest pattern; also bounds how deep the crate's own parser nests.
const LONGEST_PATTERN: usize = 1_024;

/// The patterns of one folder and, through `outer`, of those above it.
pub(super) struct Rules {
    outer: Option<Arc<Rules>>,
    matcher: Gitignore,
    /// Length of the folder's path with its slash: patterns see only what comes after.
    base: usize,
    /// Patterns in force here.
    patterns: usize,
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
        let before = outer.as_ref().map_or(0, |rules| rules.patterns);
        let (builder, count, bad_line) = match parse(text, MOST_PATTERNS.saturating_sub(before)) {
            Ok(parsed) => parsed,
            Err(fault) => return (outer, Some(fault)),
        };
        if count == 0 {
            return (outer, bad_line);
        }
        let Ok(matcher) = builder.build() else {
            return (outer, Some(GitignoreFault::NotCompiled));
        };
        let rules = Self { outer, matcher, base, patterns: before + count };
        (Some(Arc::new(rules)), bad_line)
    }
}

/// The patterns of `text`, their number, and the first line that is none.
fn parse(
    text: &[u8],
    most: usize,
) -> Result<(GitignoreBuilder, usize, Option<GitignoreFault>), GitignoreFault> {
    let text = String::from_utf8_lossy(text);
    let mut builder = GitignoreBuilder::new("");
    let mut count = 0;
    let mut bad_line = None;
    let lines = text.trim_start_matches('\u{feff}').lines();
    for (line, number) in lines.zip(1..) {
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        if count == most || line.len() > LONGEST_PATTERN {
            return Err(GitignoreFault::TooLarge);
        }
        match builder.add_line(None, &with_literal_braces(line)) {
            Ok(_) => count += 1,
            Err(_) => bad_line = bad_line.or(Some(GitignoreFault::BadLine { line: number })),
        }
    }
    Ok((builder, count, bad_line))
}

/// Escapes braces: to git they are plain characters, to the crate they are alternatives.
fn with_literal_braces(line: &str) -> Cow<'_, str> {
    if !line.contains(['{', '}']) {
        return line.into();
    }
    let mut pattern = String::with_capacity(line.len() + 8);
    let (mut is_escaped, mut is_in_class) = (false, false);
    for c in line.chars() {
        if matches!(c, '{' | '}') && !is_escaped && !is_in_class {
            pattern.push('\\');
        }
        pattern.push(c);
        is_in_class = !is_escaped && (c == '[' || is_in_class && c != ']');
        is_escaped = c == '\\' && !is_escaped;
    }
    pattern.into()
}
