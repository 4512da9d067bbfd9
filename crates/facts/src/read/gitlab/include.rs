//! Puts the files that a configuration includes under it.

use std::collections::{HashMap, HashSet};

use model::Placed;
use regex::Regex;

use super::budget::Budget;
use super::flat;
use super::merge::merge;
use crate::tree::{Node, Value};

/// Files that are included one by the other.
const MAX_DEPTH: usize = 10;

/// Files that one configuration includes; GitLab has the same limit.
const MAX_FILES: usize = 150;

/// The documents of all files by path, those that only declare inputs left out.
pub(super) type Files<'a> = HashMap<&'a str, Vec<&'a Node>>;

/// The documents by the files that they stand in.
pub(super) fn files_of(documents: &[Node]) -> Files<'_> {
    let mut files = Files::new();
    for document in documents {
        let is_header = document.entries().all(|(key, ..)| key == "spec");
        let file = files.entry(&*document.place.path).or_default();
        if !is_header {
            file.push(document);
        }
    }
    files
}

/// Follows includes from one file on.
pub(super) struct Includer<'a, 'b> {
    files: &'a Files<'a>,
    budget: &'b mut Budget,
    left: usize,
    /// What was not followed.
    pub(super) not_followed: Vec<Placed<String>>,
    /// Files that were.
    pub(super) followed: HashSet<String>,
}

impl<'a, 'b> Includer<'a, 'b> {
    pub(super) fn new(files: &'a Files<'a>, budget: &'b mut Budget) -> Self {
        let (not_followed, followed) = (Vec::new(), HashSet::new());
        Self { files, budget, left: MAX_FILES, not_followed, followed }
    }

    /// The file at `path`, merged over all that it includes.
    pub(super) fn assemble(&mut self, path: &str) -> Option<Node> {
        self.assemble_within(path, MAX_DEPTH)
    }

    fn assemble_within(&mut self, path: &str, depth: usize) -> Option<Node> {
        let files = self.files;
        let mut whole: Option<Node> = None;
        for document in files.get(path)? {
            let entries = document.get("include").map(flat).unwrap_or_default();
            let parts: Vec<_> = entries.into_iter().flat_map(|it| self.follow(it, depth)).collect();
            let own = self.budget.copy(document).map(without_include);
            for part in parts.into_iter().chain(own) {
                whole = Some(match whole.take() {
                    Some(base) => merge(base, part),
                    None => part,
                });
            }
        }
        whole
    }

    /// What one entry of `include:` brings.
    fn follow(&mut self, include: &Node, depth: usize) -> Vec<Node> {
        let (local, others) = targets(include);
        self.not_followed.extend(others);
        let mut parts = Vec::new();
        for local in local {
            let paths = self.matching(&local);
            if paths.is_empty() {
                self.not_followed.push(local);
                continue;
            }
            for path in paths {
                if depth == 0 || self.left == 0 {
                    self.not_followed.push(Placed::new(path.to_owned(), local.place.clone()));
                    continue;
                }
                self.left -= 1;
                self.followed.insert(path.to_owned());
                parts.extend(self.assemble_within(path, depth - 1));
            }
        }
        parts
    }

    /// The known files that a local include names.
    fn matching(&self, local: &str) -> Vec<&'a str> {
        let wanted = local.trim_start_matches("./").trim_start_matches('/');
        if !wanted.contains('*') {
            return self.files.get_key_value(wanted).map(|(path, _)| *path).into_iter().collect();
        }
        let Some(pattern) = pattern(wanted) else {
            return Vec::new();
        };
        let mut paths: Vec<_> =
            self.files.keys().copied().filter(|it| pattern.is_match(it)).collect();
        paths.sort_unstable();
        paths
    }
}

fn without_include(mut document: Node) -> Node {
    if let Value::Mapping(entries) = &mut document.value {
        entries.retain(|(key, _)| key.str() != Some("include"));
    }
    document
}

/// The files of the tree that an entry of `include:` names, and what else it names.
pub(super) fn targets(include: &Node) -> (Vec<Placed<String>>, Vec<Placed<String>>) {
    let written = include.strings().next();
    if let Some(written) = written {
        let is_remote = written.contains("://");
        return if is_remote { (Vec::new(), vec![written]) } else { (vec![written], Vec::new()) };
    }
    let others = ["remote", "template", "component"];
    let mut others: Vec<_> = others.iter().filter_map(|key| include.string(key)).collect();
    if let Some(project) = include.string("project") {
        let files = include.get("file").into_iter().flat_map(Node::strings);
        let name = |file: &str| format!("{}:{file}", project.value);
        let files: Vec<_> = files.map(|file| Placed::new(name(&file), file.place)).collect();
        others.extend(if files.is_empty() { vec![project.clone()] } else { files });
    }
    (include.string("local").into_iter().collect(), others)
}

/// A pattern of paths in which `*` stands for a part of a name and `**` for any folders.
fn pattern(wanted: &str) -> Option<Regex> {
    let escaped = regex::escape(wanted);
    let any = escaped.replace(r"\*\*/", "\0").replace(r"\*\*", "\u{1}").replace(r"\*", "[^/]*");
    let pattern = any.replace('\0', "(?:.*/)?").replace('\u{1}', ".*");
    regex::RegexBuilder::new(&format!("^{pattern}$")).size_limit(1 << 20).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_names_and_double_stars_for_folders() {
        let is_match = |wanted: &str, path: &str| pattern(wanted).unwrap().is_match(path);
        assert!(is_match("ci/*.yml", "ci/a.yml") && !is_match("ci/*.yml", "ci/x/a.yml"));
        assert!(is_match("ci/**/*.yml", "ci/a.yml") && is_match("ci/**/*.yml", "ci/x/y/a.yml"));
        assert!(is_match("ci/**.yml", "ci/x/a.yml") && !is_match("ci/*.yml", "ciXa.yml"));
    }
}
