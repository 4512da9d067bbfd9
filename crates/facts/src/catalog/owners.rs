//! CODEOWNERS: who owns which files.

use model::{Place, Placed};

use super::note;
use super::pattern::{begins_as, matches};

/// One CODEOWNERS file.
#[derive(Clone, Debug, PartialEq)]
pub struct Codeowners {
    /// The file.
    pub place: Place,
    /// Whether it follows the rules of GitLab, else those of GitHub.
    pub is_gitlab: bool,
    /// Its rules in order; the last that matches wins.
    pub rules: Vec<OwnerRule>,
    /// Lines that do not parse, with the reason.
    pub troubles: Vec<Placed<String>>,
}

/// One line of a [`Codeowners`] file.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnerRule {
    /// Pattern.
    pub pattern: Placed<String>,
    /// Owners: `@org/team`, `@user`, e-mail addresses; empty: nobody.
    pub owners: Vec<Placed<String>>,
    /// Section of GitLab's that it stands in, in lower case.
    pub section: Option<String>,
}

/// A list of those who maintain what stands in a folder: `MAINTAINERS`, Kubernetes' `OWNERS`.
#[derive(Clone, Debug, PartialEq)]
pub struct Maintainers {
    /// The file.
    pub place: Place,
    /// Whom it names as such today, each once: by a handle or an address.
    pub people: Vec<String>,
}

/// Where the file is looked for, the first that is there counts.
const HOMES: [&str; 4] =
    [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

impl Codeowners {
    /// Whether a file at `path` is a CODEOWNERS file that GitHub or GitLab would look at.
    pub(crate) fn is_home(path: &str) -> bool {
        HOMES.contains(&path)
    }

    /// Notes a line, or a part of one, that does not parse, up to a number that nobody reads to
    /// the end.
    pub(crate) fn complain(&mut self, place: &Place, trouble: impl Into<String>) {
        note(&mut self.troubles, place, trouble.into());
    }

    /// Of several files the one that counts.
    pub fn in_force(files: &[Self]) -> Option<&Self> {
        let file_at = |home: &&str| files.iter().find(|file| &*file.place.path == *home);
        HOMES.iter().find_map(file_at)
    }

    /// The rule for the file at `path`, relative to the root: the last one that matches.
    ///
    /// Sections of GitLab's stand side by side: of their last rules one that names an owner.
    /// Takes time in proportion to the length of the rules and of the path.
    pub fn owners_of(&self, path: &str) -> Option<&OwnerRule> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let mut last_of_sections: Vec<&OwnerRule> = Vec::new();
        for rule in self.rules.iter().rev() {
            let is_decided = last_of_sections.iter().any(|last| last.section == rule.section);
            let may_match = begins_as(&rule.pattern, path);
            if is_decided || !may_match || !matches(&rule.pattern, &parts, self.is_gitlab) {
                continue;
            }
            if !rule.owners.is_empty() {
                return Some(rule);
            }
            last_of_sections.push(rule);
        }
        last_of_sections.first().copied()
    }
}
