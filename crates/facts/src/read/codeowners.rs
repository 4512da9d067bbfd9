//! CODEOWNERS.

use std::sync::LazyLock;

use model::{Place, Placed};
use regex::Regex;

use crate::read::Source;
use crate::{Codeowners, Facts, Gap, OwnerRule, Subject};

/// Rules of one file that are read.
const MOST_RULES: usize = 20_000;

/// Characters of a pattern that is read.
const LONGEST_PATTERN: usize = 500;

/// Bytes of a file beyond which GitHub does not load it.
const GITHUB_BYTES: usize = 3_000_000;

/// `[Name]`, `^[Name][2] @owner`: the name in 1, what follows in 2.
static HEADING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\^?\[([^\]]+)\](?:\[[0-9]+\])?(?:\s+(.*))?$").ok());

static GITHUB_OWNER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^@[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9_.-]+)?$").ok());

static GITLAB_OWNER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^@@?[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+)*$").ok());

static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[^@\s]+@[^@\s]+\.[^@\s]+$").ok());

fn is_like(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, _name: &str) -> bool {
    Codeowners::is_home(path)
}

/// Reads the file.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let is_gitlab = follows_gitlab(source);
    let place = Place::file(source.path.clone());
    let mut file = Codeowners { place, is_gitlab, rules: Vec::new(), troubles: Vec::new() };
    if !is_gitlab && source.text.len() > GITHUB_BYTES {
        let place = file.place.clone();
        file.complain(&place, "the file is larger than 3 MB, so GitHub does not load it");
    }
    let mut section = Section::default();
    for (text, number) in source.text.lines().zip(1..) {
        let tokens = tokens(text, source, number);
        if let Some(heading) = heading(text).filter(|_| is_gitlab) {
            let owners = tokens.into_iter().skip(heading.words).filter(is_gitlab_owner);
            section = Section { name: Some(heading.name), owners: owners.collect() };
            continue;
        }
        let Some((pattern, owners)) = tokens.split_first() else { continue };
        if file.rules.len() == MOST_RULES {
            facts.gaps.push(rest(pattern));
            break;
        }
        if is_gitlab {
            gitlab_rule(pattern, owners, &section, &mut file);
        } else {
            github_rule(pattern, owners, &mut file);
        }
    }
    facts.codeowners.push(file);
}

/// A section of GitLab's and its owners.
#[derive(Default)]
struct Section {
    name: Option<String>,
    owners: Vec<Placed<String>>,
}

/// The line that starts a section.
struct Heading {
    name: String,
    /// Words of the line before the owners.
    words: usize,
}

fn rest(at: &Placed<String>) -> Gap {
    Gap {
        subject: Some(Subject::Owners),
        place: at.place.clone(),
        reason: format!("was not read from here on: it has more than {MOST_RULES} rules"),
        name: None,
    }
}

/// A file that both would look at is GitLab's if it has a section.
fn follows_gitlab(source: Source<'_>) -> bool {
    match &**source.path {
        ".gitlab/CODEOWNERS" => true,
        ".github/CODEOWNERS" => false,
        _ => source.text.lines().any(|line| heading(line).is_some()),
    }
}

/// The section that the line starts.
fn heading(line: &str) -> Option<Heading> {
    let line = line.trim();
    let captures = HEADING.as_ref()?.captures(line)?;
    let owners = captures.get(2).map_or("", |owners| owners.as_str());
    let words = line.split_whitespace().count() - owners.split_whitespace().count();
    Some(Heading { name: captures.get(1)?.as_str().to_lowercase(), words })
}

/// The words of a line with their places; none of a comment. A backslash joins words at a blank.
fn tokens(line: &str, source: Source<'_>, number: u32) -> Vec<Placed<String>> {
    let mut tokens: Vec<Placed<String>> = Vec::new();
    let (mut is_inside, mut is_escaped) = (false, false);
    for (letter, column) in line.chars().zip(1..) {
        if letter.is_whitespace() && !is_escaped {
            is_inside = false;
            continue;
        }
        if !is_inside {
            if letter == '#' && tokens.is_empty() {
                return tokens;
            }
            let place = Place::point(source.path.clone(), number, column);
            tokens.push(Placed::new(String::new(), place));
            is_inside = true;
        }
        if let Some(token) = tokens.last_mut() {
            if letter == ' ' && is_escaped {
                token.value.pop();
            }
            token.value.push(letter);
            token.place.end_column = column + 1;
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    tokens
}

fn github_rule(pattern: &Placed<String>, rest: &[Placed<String>], file: &mut Codeowners) {
    let fault = github_fault(pattern).or_else(|| length_fault(pattern));
    if let Some(fault) = fault {
        file.complain(&pattern.place, format!("GitHub skips the line: {fault}"));
        return;
    }
    let owners: Vec<_> = rest.iter().take_while(|owner| !owner.starts_with('#')).collect();
    let wrong =
        owners.iter().find(|owner| !is_like(&GITHUB_OWNER, owner) && !is_like(&ADDRESS, owner));
    if let Some(owner) = wrong {
        file.complain(&owner.place, format!("GitHub skips the line: {}", owner_fault(owner)));
        return;
    }
    let owners = owners.into_iter().cloned().collect();
    file.rules.push(OwnerRule { pattern: pattern.clone(), owners, section: None });
}

/// What GitHub does not know although gitignore does.
fn github_fault(pattern: &str) -> Option<&'static str> {
    if pattern.starts_with('!') {
        return Some("it knows no negation with `!`");
    }
    if pattern.starts_with("\\#") {
        return Some("it knows no `\\#`");
    }
    let opened = pattern.find('[').and_then(|at| pattern.get(at..));
    opened.filter(|set| set.contains(']')).map(|_| "it knows no sets of characters with `[ ]`")
}

fn length_fault(pattern: &str) -> Option<&'static str> {
    (pattern.chars().count() > LONGEST_PATTERN).then_some("the pattern is too long to be read")
}

fn owner_fault(owner: &str) -> String {
    format!("`{owner}` is no owner, such as `@user`, `@organisation/team` or an e-mail address")
}

fn is_gitlab_owner(owner: &Placed<String>) -> bool {
    is_like(&GITLAB_OWNER, owner) || is_like(&ADDRESS, owner)
}

/// Inline comments are unknown to GitLab: owners that stand in one count, other words do not.
fn gitlab_rule(
    pattern: &Placed<String>,
    rest: &[Placed<String>],
    section: &Section,
    file: &mut Codeowners,
) {
    let unclosed = (pattern.starts_with('[') || pattern.starts_with("^["))
        .then_some("the section's name is not closed with `]`")
        .filter(|_| !pattern.contains(']'));
    if let Some(fault) = length_fault(pattern).or(unclosed) {
        file.complain(&pattern.place, fault);
        return;
    }
    let before_comment = rest.iter().take_while(|word| !word.starts_with('#'));
    for owner in before_comment.filter(|owner| !is_gitlab_owner(owner)) {
        file.complain(&owner.place, format!("GitLab passes over {}", owner_fault(owner)));
    }
    let named: Vec<_> = rest.iter().filter(|owner| is_gitlab_owner(owner)).cloned().collect();
    // An exclusion leaves its files to nobody.
    let (path, owners) = match pattern.strip_prefix('!') {
        Some(path) => (path, Vec::new()),
        None if rest.is_empty() => (pattern.as_str(), section.owners.clone()),
        None => (pattern.as_str(), named),
    };
    let path = path.strip_prefix('\\').filter(|path| path.starts_with('#')).unwrap_or(path);
    let pattern = Placed::new(path.to_owned(), pattern.place.clone());
    file.rules.push(OwnerRule { pattern, owners, section: section.name.clone() });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::read;

    fn file(path: &str, text: &str) -> Codeowners {
        let mut facts = read(&Arc::from(path), text.as_bytes());
        assert_eq!((facts.codeowners.len(), facts.gaps.len()), (1, 0));
        facts.codeowners.remove(0)
    }

    fn owners<'f>(file: &'f Codeowners, path: &str) -> Option<Vec<&'f str>> {
        let rule = file.owners_of(path)?;
        Some(rule.owners.iter().map(|owner| owner.as_str()).collect())
    }

    fn troubles(file: &Codeowners) -> Vec<(u32, u32, &str)> {
        let troubles = file.troubles.iter();
        troubles.map(|t| (t.place.line, t.place.column, t.value.as_str())).collect()
    }

    #[test]
    fn the_last_rule_that_matches_wins_and_one_without_owners_frees() {
        let text = "# all\n*  @acme/all\n\n/apps/ @kim  ops@acme.example # both\n/apps/legacy\n";
        let file = file(".github/CODEOWNERS", text);
        assert_eq!(file.troubles, []);
        assert_eq!(owners(&file, "README.md"), Some(vec!["@acme/all"]));
        assert_eq!(owners(&file, "apps/shop/a.rs"), Some(vec!["@kim", "ops@acme.example"]));
        assert_eq!(owners(&file, "apps/legacy/a.rs"), Some(vec![]));
        let places: Vec<_> =
            file.rules.iter().map(|r| (r.pattern.place.line, r.pattern.place.column)).collect();
        assert_eq!(places, [(2, 1), (4, 1), (5, 1)]);
        let mail = &file.rules[1].owners[1].place;
        assert_eq!((mail.line, mail.column, mail.end_column), (4, 14, 30));
    }

    #[test]
    fn lines_that_github_skips_are_troubles_and_no_rules() {
        let text = "!/a @x\n[ab].rs @x\n\\#a @x\n  /b payments\n/c @x @acme/\n/d\\ e @x\n";
        let file = file("CODEOWNERS", text);
        let said = troubles(&file);
        assert_eq!(said[0], (1, 1, "GitHub skips the line: it knows no negation with `!`"));
        assert_eq!(said[1].2, "GitHub skips the line: it knows no sets of characters with `[ ]`");
        assert_eq!(said[2].2, "GitHub skips the line: it knows no `\\#`");
        assert_eq!((said[3].0, said[3].1), (4, 6));
        assert!(said[3].2.contains("`payments` is no owner"), "{}", said[3].2);
        assert_eq!((said[4].0, said[4].1), (5, 7));
        assert_eq!(file.rules.len(), 1);
        assert_eq!(file.rules[0].pattern.value, "/d e");
        assert_eq!(owners(&file, "d e/f"), Some(vec!["@x"]));
    }

    #[test]
    fn sections_of_gitlab_give_their_owners_to_rules_that_name_none() {
        let text = "* @all\n\n[Docs][2] @writers @acme/sub/team\n/docs/\n*.md @editors\n^[Old Data Base]\n/db/ @@maintainer\n!/db/tmp/\n";
        let file = file("docs/CODEOWNERS", text);
        assert!(file.is_gitlab);
        assert_eq!(file.troubles, []);
        assert_eq!(owners(&file, "docs/a.txt"), Some(vec!["@writers", "@acme/sub/team"]));
        assert_eq!(owners(&file, "docs/a.md"), Some(vec!["@editors"]));
        assert_eq!(owners(&file, "db/a.sql"), Some(vec!["@@maintainer"]));
        assert_eq!(owners(&file, "db/tmp/a.sql"), Some(vec!["@all"]));
        assert_eq!(file.rules[3].section.as_deref(), Some("old data base"));
    }

    #[test]
    fn what_gitlab_passes_over_is_a_trouble_and_the_rest_of_the_line_counts() {
        let text = "/a/ @x payments # of @y\n[Open\n\\#b @x\n";
        let file = file(".gitlab/CODEOWNERS", text);
        let said = troubles(&file);
        assert_eq!((said[0].0, said[0].1, said.len()), (1, 8, 2));
        assert_eq!(said[1], (2, 1, "the section's name is not closed with `]`"));
        assert_eq!(owners(&file, "a/b"), Some(vec!["@x", "@y"]));
        assert_eq!(owners(&file, "#b"), Some(vec!["@x"]));
    }

    #[test]
    fn only_files_where_they_are_looked_for_are_read_and_one_is_in_force() {
        assert!(read(&Arc::from("lib/CODEOWNERS"), b"* @x").codeowners.is_empty());
        let files = [file("docs/CODEOWNERS", "* @x"), file(".github/CODEOWNERS", "* @y")];
        assert_eq!(Codeowners::in_force(&files), Some(&files[1]));
        assert_eq!(Codeowners::in_force(&[]), None);
    }

    #[test]
    fn endless_troubles_are_cut_off_and_said_to_be() {
        let file = file("CODEOWNERS", &"!a @x\n".repeat(1_000));
        assert_eq!(file.troubles.len(), 201);
        assert_eq!(file.troubles[200].value, "there are more troubles from here on");
    }

    #[test]
    fn a_file_with_endless_rules_leaves_a_gap_where_reading_ended() {
        let text = "/a @x\n".repeat(MOST_RULES + 1);
        let facts = read(&Arc::from("CODEOWNERS"), text.as_bytes());
        assert_eq!(facts.codeowners[0].rules.len(), MOST_RULES);
        assert_eq!(facts.gaps[0].place.line as usize, MOST_RULES + 1);
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(
            text in "([!*/a-c@# \\\\\\[\\]^.é\r\n-]{0,12}( @[a-c/]{1,5}| a@b\\.c)?\n){0,12}", gitlab: bool
        ) {
            let path = if gitlab { ".gitlab/CODEOWNERS" } else { "CODEOWNERS" };
            let file = file(path, &text);
            let lines = u32::try_from(text.lines().count()).unwrap();
            for rule in &file.rules {
                prop_assert!((1..=lines).contains(&rule.pattern.place.line));
            }
            let _ = file.owners_of("a/b/c.rs");
        }
    }
}
