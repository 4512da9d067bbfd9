//! Folders of a repository of each of which an `ApplicationSet` makes an Application.

use std::collections::BTreeSet;

use model::{Place, Placed};

use crate::Facts;
use crate::tree::Node;

use super::field;
use super::manifest::Manifest;

/// What the generator of an `ApplicationSet` looks for.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::read) struct Folders {
    /// The name of the `ApplicationSet`.
    of: Place,
    /// The repository, as it is written.
    repository: String,
    /// Patterns of folders, and whether those that match are left out.
    patterns: Vec<(Placed<String>, bool)>,
}

/// Notes the generators that look for folders, where the template takes the one that was found.
pub(super) fn note(manifest: &Manifest<'_>, template: &Node, facts: &mut Facts) {
    let takes_found = template.at(&["source", "path"]).and_then(Node::str).is_some_and(|path| {
        let name = path.trim().strip_prefix("{{").and_then(|path| path.strip_suffix("}}"));
        name.is_some_and(|name| matches!(name.trim(), "path" | ".path.path"))
    });
    let generators = manifest.spec().map(|spec| field::items(spec, &["generators"]));
    for git in generators.unwrap_or_default().iter().filter_map(|one| one.get("git")) {
        let Some(repository) = git.string("repoURL").filter(|_| takes_found) else { continue };
        let patterns = field::items(git, &["directories"]).iter().filter_map(|one| {
            let is_left_out = one.get("exclude").and_then(Node::bool) == Some(true);
            Some((one.string("path")?, is_left_out))
        });
        facts.fragments.folders.push(Folders {
            of: manifest.name.place.clone(),
            repository: repository.value,
            patterns: patterns.collect(),
        });
    }
}

/// Puts the folders that are found in the place of their pattern, where the repository is the tree.
pub(super) fn settle(facts: &mut Facts) {
    let all = std::mem::take(&mut facts.fragments.folders);
    let is_own = |folders: &Folders| {
        let repository = plain(&folders.repository);
        facts.remotes.iter().any(|remote| remote.eq_ignore_ascii_case(&repository))
    };
    let own: Vec<Folders> = all.into_iter().filter(is_own).collect();
    if own.is_empty() {
        return;
    }
    let around = |path: &str| path.match_indices('/').map(|(at, _)| at).collect::<Vec<_>>();
    let parts = facts
        .paths
        .iter()
        .flat_map(|path| around(path).into_iter().filter_map(move |at| path.get(..at)));
    let known: BTreeSet<&str> = parts.collect();
    for folders in own {
        let found: Vec<Placed<String>> =
            known.iter().filter_map(|folder| folders.pattern_of(folder)).collect();
        let same = facts.cluster.deliveries.iter_mut().filter(|one| one.name.place == folders.of);
        same.for_each(|delivery| delivery.paths.clone_from(&found));
    }
}

impl Folders {
    /// A folder at the pattern that finds it; `None` where none does, or one leaves it out.
    fn pattern_of(&self, folder: &str) -> Option<Placed<String>> {
        let mut fitting = self.patterns.iter().filter(|(pattern, _)| matches(pattern, folder));
        let (pattern, _) = fitting.clone().find(|(_, is_left_out)| !is_left_out)?;
        let is_wanted = fitting.all(|(_, is_left_out)| !is_left_out);
        is_wanted.then(|| Placed::new(folder.to_owned(), pattern.place.clone()))
    }
}

/// Whether each part of a folder is as the pattern has it, in which `*` stands for anything.
fn matches(pattern: &str, folder: &str) -> bool {
    let is_like = |(pattern, part): (&str, &str)| match pattern.split_once('*') {
        Some((start, end)) => {
            let rest = part.strip_prefix(start);
            rest.is_some_and(|rest| rest.ends_with(end) && !end.contains('*'))
        }
        None => pattern == part,
    };
    let pattern = pattern.trim_start_matches("./").trim_end_matches('/');
    let count = |text: &str| text.split('/').count();
    count(pattern) == count(folder) && pattern.split('/').zip(folder.split('/')).all(is_like)
}

/// The address of a repository as remotes are told: `github.com/acme/shop`.
pub(super) fn plain(address: &str) -> String {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split_once('@').map_or(rest, |(_, rest)| rest);
    let rest = rest.trim_end_matches('/');
    rest.strip_suffix(".git").unwrap_or(rest).replacen(':', "/", 1)
}

#[cfg(test)]
mod tests {
    use crate::Facts;

    /// The folders that an `ApplicationSet` with these lines takes of a tree that acme keeps.
    fn taken(repository: &str, directories: &str) -> Vec<String> {
        let set = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all}}\nspec:\n  \
             generators:\n  - git: {{repoURL: '{repository}', directories: [{directories}]}}\n  \
             template: {{spec: {{source: {{path: '{{{{path}}}}'}}}}}}\n"
        );
        let mut facts = Facts { remotes: vec!["github.com/acme/shop".into()], ..Facts::default() };
        facts.append(crate::read(&"argo/set.yaml".into(), set.as_bytes()));
        let paths = ["README.md", "apps/till/a/b.yaml", "argo/set.yaml", "stock/c.yaml"];
        facts.paths.extend(paths.map(Into::into));
        crate::settle(&mut facts);
        let delivery = facts.cluster.deliveries.remove(0);
        delivery.paths.into_iter().map(|path| path.value).collect()
    }

    #[test]
    fn each_folder_of_the_own_repository_that_fits_is_taken() {
        let own = "https://github.com/acme/shop.git";
        assert_eq!(taken(own, "{path: '*'}"), ["apps", "argo", "stock"]);
        assert_eq!(taken("git@github.com:acme/shop.git", "{path: 'apps/*'}"), ["apps/till"]);
        assert_eq!(taken(own, "{path: '*'}, {path: 'ar*', exclude: true}"), ["apps", "stock"]);
        assert_eq!(taken(own, "{path: 'apps/till/a'}"), ["apps/till/a"]);
    }

    #[test]
    fn what_is_taken_of_another_repository_stays_as_it_is_written() {
        assert_eq!(taken("https://github.com/acme/other", "{path: '*'}"), ["{{path}}"]);
    }
}
