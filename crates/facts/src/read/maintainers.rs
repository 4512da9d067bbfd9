//! Who maintains what stands in a folder: `MAINTAINERS`, a page of that name, Kubernetes' `OWNERS`.
//!
//! Those whom a list thanks for what they once did are left out.

use std::collections::BTreeSet;

use model::Place;

use crate::read::Source;
use crate::{Facts, Maintainers};

/// People of one file that are told apart.
pub(super) const MOST_PEOPLE: usize = 200;

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_: &str, name: &str) -> bool {
    matches!(name, "MAINTAINERS" | "MAINTAINERS.txt" | "OWNERS" | "maintainers.txt")
}

/// Reads the file.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let people =
        if source.name == "OWNERS" { of_owners(source.text) } else { of_page(source.text) };
    note(source, people, facts);
}

/// Notes whom a page names that is called after them.
pub(super) fn note_page(source: Source<'_>, facts: &mut Facts) {
    let stem = source.name.split('.').next().unwrap_or(source.name);
    if stem.eq_ignore_ascii_case("maintainers") {
        note(source, of_page(source.text), facts);
    }
}

/// Notes the people of a file, where it names any.
pub(super) fn note(source: Source<'_>, people: BTreeSet<String>, facts: &mut Facts) {
    if !people.is_empty() {
        let people = people.into_iter().collect();
        facts.maintained.push(Maintainers { place: Place::file(source.path.clone()), people });
    }
}

/// One of each line that names somebody, headings on those of the past left out with all below.
fn of_page(text: &str) -> BTreeSet<String> {
    let mut people = BTreeSet::new();
    let mut past: Option<usize> = None;
    for line in text.lines() {
        let level = line.chars().take_while(|c| *c == '#').count();
        if level > 0 {
            past = past.filter(|above| level > *above).or_else(|| is_past(line).then_some(level));
        }
        if level == 0 && past.is_none() && people.len() < MOST_PEOPLE {
            people.extend(person(line));
        }
    }
    people
}

/// The entries of the lists of `OWNERS` that say who decides or reviews today.
fn of_owners(text: &str) -> BTreeSet<String> {
    let mut people = BTreeSet::new();
    let mut is_meant = false;
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or(line).trim();
        let (key, rest) = line.split_once(':').map_or(("", line), |(key, rest)| (key, rest));
        let listed = line.strip_prefix("- ");
        if listed.is_none() && !key.is_empty() {
            is_meant = LISTS.contains(&key);
        }
        let inline = rest.trim().strip_prefix('[').and_then(|list| list.strip_suffix(']'));
        let inline = inline.filter(|_| listed.is_none()).unwrap_or_default().split(',');
        let names = listed.into_iter().chain(inline).map(|name| name.trim_matches(AROUND));
        let names = names.filter(|name| is_meant && !name.is_empty() && !name.starts_with('#'));
        people.extend(names.take(MOST_PEOPLE).map(str::to_owned));
    }
    people.into_iter().take(MOST_PEOPLE).collect()
}

/// Keys of `OWNERS` under which those stand who decide or review.
static LISTS: [&str; 3] = ["approvers", "owners", "reviewers"];

/// What stands around a name.
const AROUND: [char; 3] = [' ', '"', '\''];

fn is_past(heading: &str) -> bool {
    let heading = heading.to_lowercase();
    let mut words = heading.split(|c: char| !c.is_alphanumeric());
    words.any(|word| PAST.contains(&word))
}

/// Words of headings over those who are none any more.
static PAST: [&str; 8] =
    ["alumni", "emeriti", "emeritus", "former", "inactive", "past", "previous", "retired"];

/// The first handle or address of a line.
pub(super) fn person(line: &str) -> Option<String> {
    let is_around = |c: char| c.is_whitespace() || "<>()[]|,;:\"'`*".contains(c);
    let mut words = line.split(is_around).filter(|word| !word.is_empty());
    words.find_map(|word| {
        let handle = word.strip_prefix('@').or_else(|| {
            // The page of somebody, and not that of a repository or a group's.
            word.strip_prefix("//github.com/").or_else(|| word.strip_prefix("//gitlab.com/"))
        });
        let is_name = |name: &str| {
            let is_of_name = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
            name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(is_of_name)
        };
        let is_handle =
            |name: &&str| is_name(name) && (word.starts_with('@') || !name.contains('/'));
        let is_mail = word.split_once('@').is_some_and(|(name, host)| {
            is_name(name.split('+').next().unwrap_or(name)) && host.contains('.') && is_name(host)
        });
        let handle = handle.map(|name| name.trim_end_matches(['.', '/'])).filter(is_handle);
        handle.map(|name| format!("@{name}")).or_else(|| is_mail.then(|| word.to_lowercase()))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::read;

    fn people(path: &str, text: &str) -> Vec<String> {
        let facts = read(&Arc::from(path), text.as_bytes());
        facts.maintained.into_iter().flat_map(|file| file.people).collect()
    }

    #[test]
    fn tables_lists_and_lines_name_one_person_each() {
        let text = "# Maintainers\n\n| Name | Email | GitHub |\n|---|---|---|\n\
                    | Ada | ada@acme.example | [@ada](https://github.com/ada) |\n\n\
                    * Kim <kim@acme.example> @kim\n* [Lin](https://github.com/lin-l)\n";
        assert_eq!(
            people("MAINTAINERS.md", text),
            ["@lin-l", "ada@acme.example", "kim@acme.example"]
        );
        assert_eq!(people("MAINTAINERS", "Ada L <ada@acme.example>\n"), ["ada@acme.example"]);
    }

    #[test]
    fn those_of_the_past_and_pages_that_name_nobody_count_for_none() {
        let text = "# Maintainers\n@ada\n## Emeritus maintainers\n@kim\n### Since 2020\n@lin\n\
                    ## Triage\n@max\n";
        assert_eq!(people("docs/maintainers.md", text), ["@ada", "@max"]);
        let moved = "Moved to https://github.com/acme/till/blob/main/MAINTAINERS.md\n";
        assert!(people("MAINTAINERS", moved).is_empty());
        assert!(people("docs/maintainers-guidelines.md", "@ada\n").is_empty());
    }

    #[test]
    fn lists_of_kubernetes_are_read_without_emeriti_and_labels() {
        let text = "# see go.k8s.io/owners\nowners:\n- ada\napprovers: [kim, \"lin\"] # both\n\
                    emeritus_approvers:\n- max\nreviewers:\n  - till-reviewers\nlabels:\n- sig/till\n";
        assert_eq!(people("OWNERS", text), ["ada", "kim", "lin", "till-reviewers"]);
        assert!(people("OWNERS", "options: {no_parent_owners: true}\n").is_empty());
    }
}
