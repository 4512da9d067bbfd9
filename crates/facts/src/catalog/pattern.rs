//! Patterns of CODEOWNERS, which are like those of gitignore and yet not the same.

/// One part of a pattern, between slashes.
#[derive(Clone, Copy, Debug)]
enum Part<'p> {
    /// Any number of folders, also none.
    Folders,
    /// One file or folder.
    One(&'p str),
}

/// Whether `pattern` matches the file whose path has the parts `path`.
pub(super) fn matches(pattern: &str, path: &[&str], is_gitlab: bool) -> bool {
    let parts = if is_gitlab { parts_of_gitlab(pattern) } else { parts_of_github(pattern) };
    are_matched(&parts, path, is_gitlab)
}

/// Whether `path` begins as `pattern` asks, which of a pattern that is anchored at the root takes no
/// more than a look: what does not is not matched by it.
pub(super) fn begins_as(pattern: &str, path: &str) -> bool {
    if !pattern.starts_with('/') {
        return true;
    }
    let mut pairs = pattern.trim_start_matches('/').bytes().zip(path.bytes());
    let parting = pairs.find(|(wanted, byte)| wanted != byte || b"*?[\\".contains(wanted));
    parting.is_none_or(|(wanted, _)| b"/*?[\\".contains(&wanted))
}

/// A pattern without a slash inside matches at any depth, one that names a folder everything
/// below it; but `docs/*` only what stands in `docs` itself.
fn parts_of_github(pattern: &str) -> Vec<Part<'_>> {
    let inner = pattern.trim_matches('/');
    if inner.is_empty() {
        return vec![Part::One("")];
    }
    let is_anchored = pattern.starts_with('/') || inner.contains('/');
    let mut parts = if is_anchored { Vec::new() } else { vec![Part::Folders] };
    parts.extend(inner.split('/').map(part));
    let last = inner.rsplit('/').next();
    if pattern.ends_with('/') || last == Some("**") {
        parts.extend([Part::Folders, Part::One("*")]);
    } else if last != Some("*") {
        parts.push(Part::Folders);
    }
    parts
}

/// A pattern without a slash at its start matches at any depth; only one that ends with a slash
/// matches what stands below.
fn parts_of_gitlab(pattern: &str) -> Vec<Part<'_>> {
    let mut parts = if pattern.starts_with('/') { Vec::new() } else { vec![Part::Folders] };
    let inner = pattern.trim_matches('/');
    parts.extend(inner.split('/').map(part));
    if pattern.ends_with('/') || inner.rsplit('/').next() == Some("**") {
        parts.extend([Part::Folders, Part::One("*")]);
    }
    parts
}

fn part(text: &str) -> Part<'_> {
    if text == "**" { Part::Folders } else { Part::One(text) }
}

/// Goes back to the last `**` only, since what an earlier one took is as good as anything else.
fn are_matched(mut parts: &[Part<'_>], mut path: &[&str], has_sets: bool) -> bool {
    let mut retry = None;
    loop {
        match (parts, path) {
            ([], []) => return true,
            ([Part::Folders, rest @ ..], _) => {
                parts = rest;
                retry = Some((rest, path));
                continue;
            }
            ([Part::One(glob), rest @ ..], [name, below @ ..])
                if is_matched(glob, name, has_sets) =>
            {
                (parts, path) = (rest, below);
                continue;
            }
            _ => {}
        }
        let Some((after, [_, shorter @ ..])) = retry else { return false };
        (parts, path) = (after, shorter);
        retry = Some((after, shorter));
    }
}

/// Whether a name is as the glob says: `*`, `?`, `\` before a character, and sets for GitLab.
fn is_matched<'a>(mut glob: &'a str, mut name: &'a str, has_sets: bool) -> bool {
    let mut retry = None;
    loop {
        if let Some(rest) = glob.strip_prefix('*') {
            glob = rest;
            retry = Some((rest, name));
        } else if glob.is_empty() && name.is_empty() {
            return true;
        } else if let Some(rests) = without_one(glob, name, has_sets) {
            (glob, name) = rests;
        } else {
            let Some((after, text)) = retry else { return false };
            let mut letters = text.chars();
            if letters.next().is_none() {
                return false;
            }
            (glob, name) = (after, letters.as_str());
            retry = Some((glob, name));
        }
    }
}

/// What is left of both when the glob's first element takes the name's first character.
fn without_one<'a>(glob: &'a str, name: &'a str, has_sets: bool) -> Option<(&'a str, &'a str)> {
    let mut names = name.chars();
    let letter = names.next()?;
    let mut globs = glob.chars();
    let is_taken = match globs.next()? {
        '?' => true,
        '\\' => globs.next()? == letter,
        '[' if has_sets && globs.as_str().contains(']') => {
            let (set, rest) = globs.as_str().split_once(']')?;
            globs = rest.chars();
            is_in_set(set, letter)
        }
        wanted => wanted == letter,
    };
    is_taken.then_some((globs.as_str(), names.as_str()))
}

/// Whether a set such as `a-z_` has the letter; `^` or `!` at its start turns it round.
fn is_in_set(set: &str, letter: char) -> bool {
    let inner = set.strip_prefix(['^', '!']);
    let mut rest = inner.unwrap_or(set).chars();
    let mut is_in = false;
    while let Some(first) = rest.next() {
        let mut ahead = rest.clone();
        let last = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(last)) => {
                rest = ahead;
                last
            }
            _ => first,
        };
        is_in |= (first..=last).contains(&letter);
    }
    is_in != inner.is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn is_owned(pattern: &str, path: &str, is_gitlab: bool) -> bool {
        matches(pattern, &path.split('/').collect::<Vec<_>>(), is_gitlab)
    }

    #[track_caller]
    fn github(pattern: &str, matched: &[&str], others: &[&str]) {
        for path in matched {
            assert!(is_owned(pattern, path, false), "{pattern} should match {path}");
        }
        for path in others {
            assert!(!is_owned(pattern, path, false), "{pattern} should not match {path}");
        }
    }

    #[track_caller]
    fn gitlab(pattern: &str, matched: &[&str], others: &[&str]) {
        for path in matched {
            assert!(is_owned(pattern, path, true), "{pattern} should match {path}");
        }
        for path in others {
            assert!(!is_owned(pattern, path, true), "{pattern} should not match {path}");
        }
    }

    #[test]
    fn a_pattern_without_a_slash_matches_at_any_depth() {
        github("*", &["a", "a/b/c.rs"], &[]);
        github("**", &["a", "a/b/c.rs"], &[]);
        github("*.js", &["a.js", "web/a.js", "a/b/.js"], &["a.jsx", "a.js.map"]);
        github("docs", &["docs", "docs/a", "api/docs/b/c"], &["docs2/a", "mydocs"]);
        github("apps/", &["apps/a", "x/apps/a/b"], &["apps", "myapps/a"]);
        github("file?.md", &["file1.md", "x/file2.md"], &["file.md", "file12.md"]);
    }

    #[test]
    fn a_pattern_with_a_slash_at_its_start_or_inside_is_anchored_at_the_root() {
        github("/docs/", &["docs/a", "docs/a/b"], &["docs", "x/docs/a"]);
        github("/docs", &["docs", "docs/a/b"], &["x/docs"]);
        github("build/logs", &["build/logs", "build/logs/x/y"], &["x/build/logs/y"]);
        github("build/logs/", &["build/logs/a", "build/logs/a/b"], &["x/build/logs/a"]);
        github("/Makefile", &["Makefile"], &["sub/Makefile", "makefile"]);
    }

    #[test]
    fn a_star_after_a_slash_matches_only_what_stands_in_the_folder_itself() {
        github("docs/*", &["docs/a.md"], &["docs/build/a.md", "x/docs/a.md", "docs"]);
        github("/*", &["a.md"], &["docs/a.md"]);
        github("/src/*/test", &["src/a/test", "src/a/test/b"], &["src/test", "src/a/b/test"]);
    }

    #[test]
    fn two_stars_match_any_number_of_folders() {
        github("**/logs", &["logs", "logs/a", "a/b/logs/c"], &["logs2"]);
        github("docs/**", &["docs/a", "docs/a/b"], &["docs", "x/docs/a"]);
        github("/a/**/b.rs", &["a/b.rs", "a/x/b.rs", "a/x/y/b.rs"], &["b.rs", "a/c.rs"]);
        github("**/a/**/b/**/c", &["a/b/c", "x/a/y/b/z/a/b/c"], &["a/c/b"]);
    }

    #[test]
    fn a_lone_slash_matches_nothing_and_letter_case_counts() {
        github("/", &[], &["a", "a/b"]);
        github("/Docs/", &[], &["docs/a"]);
    }

    #[test]
    fn gitlab_anchors_only_at_a_slash_at_the_start() {
        gitlab("*", &["a", "a/b/c.rs"], &[]);
        gitlab(
            "internal/README.md",
            &["internal/README.md", "x/internal/README.md"],
            &["README.md"],
        );
        gitlab("/docs/*", &["docs/a", "docs/.a"], &["docs/a/b"]);
        gitlab("/docs/**/*.md", &["docs/a.md", "docs/x/y/a.md"], &["docs/a.rs", "a.md"]);
        gitlab("lib/", &["lib/a", "x/lib/a/b"], &["lib"]);
    }

    #[test]
    fn gitlab_takes_what_stands_below_only_for_a_slash_at_the_end() {
        gitlab("/docs", &["docs"], &["docs/a"]);
        gitlab("/docs/", &["docs/a", "docs/a/b"], &["docs"]);
    }

    #[test]
    fn gitlab_knows_sets_of_letters_and_github_does_not() {
        gitlab("/[a-c_]x", &["ax", "_x"], &["dx", "-x"]);
        gitlab("/[^a-c]x", &["dx"], &["ax"]);
        github("/[a]x", &["[a]x"], &["ax"]);
    }

    #[test]
    fn a_backslash_takes_the_next_character_as_it_is() {
        github("/a\\*b", &["a*b"], &["axb"]);
        gitlab("/a\\?", &["a?"], &["ab"]);
    }

    #[test]
    fn a_path_that_begins_otherwise_is_seen_without_taking_the_pattern_apart() {
        assert!(begins_as("/services/till/", "services/till/app.py"));
        assert!(begins_as("/services/*/docs", "services/till/app.py") && begins_as("app", "till"));
        assert!(!begins_as("/services/till/", "services/stock/app.py"));
    }

    #[test]
    fn many_stars_take_no_exponential_time() {
        let stars = "*a".repeat(100) + "b";
        assert!(!is_owned(&stars, &"a".repeat(200), false));
        let folders = "**/a/".repeat(100) + "b";
        assert!(!is_owned(&folders, &"a/".repeat(200), false));
    }

    proptest! {
        #[test]
        fn no_pattern_makes_matching_panic(pattern in ".{0,30}", path in ".{1,30}", kind: bool) {
            let _ = is_owned(&pattern, &path, kind);
        }

        #[test]
        fn what_is_matched_begins_as_the_pattern_asks(
            pattern in "/{0,2}[ab*?/\\\\\\[\\]é-]{0,6}", path in "[abé*]{1,3}(/[abé*]{1,3}){0,2}", kind: bool,
        ) {
            prop_assert!(begins_as(&pattern, &path) || !is_owned(&pattern, &path, kind));
        }

        #[test]
        fn a_path_without_wildcards_matches_itself(path in "[a-z]{1,3}(/[a-z]{1,3}){0,3}", kind: bool) {
            let anchored = format!("/{path}");
            prop_assert!(is_owned(&anchored, &path, kind));
            let folder = format!("/{path}/");
            let below = format!("{path}/x");
            prop_assert!(is_owned(&folder, &below, kind));
        }
    }
}
