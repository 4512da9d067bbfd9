//! requirements.txt and its kin.

use model::Place;

use super::draft::{Draft, lines};
use super::gap;
use crate::read::Source;
use crate::{Facts, Lockfile};

/// Words in the names of files for development only.
const DEVELOPMENT: [&str; 13] = [
    "build",
    "ci",
    "constraints",
    "dev",
    "develop",
    "development",
    "doc",
    "docs",
    "example",
    "lint",
    "test",
    "testing",
    "tests",
];

/// Words before `requirements` in the names of files for production.
const PRODUCTION: [&str; 6] = ["app", "base", "common", "prod", "production", "runtime"];

/// `requirements.txt`, `requirements-prod.txt`, `requirements/base.txt`, `requirements.in`; not
/// those for development and tests.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    let stem = name.strip_suffix(".txt").or_else(|| name.strip_suffix(".in"));
    let Some(stem) = stem.map(str::to_ascii_lowercase) else { return false };
    let mut words = stem.split(['-', '_', '.']);
    let is_kin = match words.clone().next() {
        Some("requirements") => true,
        Some(first) => PRODUCTION.contains(&first) && stem.ends_with("requirements"),
        None => false,
    };
    let is_in_folder = path.rsplit('/').nth(1) == Some("requirements");
    (is_kin || is_in_folder) && !words.any(|word| DEVELOPMENT.contains(&word))
}

/// Reads the file: as a lock file when each requirement is pinned, else as a manifest.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut draft = Draft::new(source, "pip");
    let mut pinned = Vec::new();
    let mut count = 0;
    let mut is_continued = false;
    for (start, line) in lines(source.text) {
        let code = line.split(" #").next().unwrap_or_default().trim();
        let is_requirement = !is_continued && !code.starts_with(['#', '-']) && !code.is_empty();
        is_continued = line.trim_end().ends_with('\\');
        if !is_requirement {
            continue;
        }
        let start = start + (line.len() - line.trim_start().len());
        let name = name_of(code);
        if !is_well_formed(code, name) {
            let place = draft.placed("", start..start + code.len()).place;
            facts.gaps.push(gap(place, "a line is not a requirement of pip"));
            return;
        }
        count += 1;
        if !is_location(code) {
            draft.depend(name, start);
            pinned.extend(version_of(code).map(|version| (name.to_owned(), version.to_owned())));
        }
    }
    let is_source = source.name.strip_suffix(".in").is_some();
    let is_locked = count > 0 && pinned.len() == count && !is_source;
    if !is_locked {
        facts.packages.push(draft.package);
        return;
    }
    let place = Place::file(source.path.clone());
    let asked = draft.package.dependencies;
    facts.lockfiles.push(Lockfile { place, ecosystem: "pip", packages: pinned, asked });
}

/// The name in a requirement such as `uvicorn[standard]>=0.30; python_version > "3.8"`.
pub(super) fn name_of(requirement: &str) -> &str {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let end = requirement.find(|c| !is_name(c)).unwrap_or(requirement.len());
    requirement.get(..end).unwrap_or_default()
}

/// Whether something stands there that pip would take: a location, or a name with what may follow.
fn is_well_formed(code: &str, name: &str) -> bool {
    let rest = code.get(name.len()..).unwrap_or_default().trim_start();
    let may_follow = ['[', '<', '>', '=', '!', '~', ';', '@', '(', '\\'];
    is_location(code) || (!name.is_empty() && (rest.is_empty() || rest.starts_with(may_follow)))
}

/// An address or a path without a name before it.
fn is_location(code: &str) -> bool {
    let is_address = code.split_once("://").is_some_and(|(before, _)| !before.contains('@'));
    is_address || code.starts_with(['.', '/', '$'])
}

/// The version that a requirement is pinned to by `==`.
fn version_of(requirement: &str) -> Option<&str> {
    let requirement = requirement.split(';').next()?;
    let version = requirement.split_once("==")?.1.trim_start_matches('=').trim_start();
    let version = version.split([' ', '\\', ',']).next()?;
    (!version.is_empty() && !version.ends_with('*')).then_some(version)
}
