//! Catalog entries that name the whole before the part: `shop-backend`, whose code stands in
//! `backend/`.

use std::collections::BTreeMap;

use super::candidate::{Candidate, Origin};
use super::group::{Bond, Group, Groups};
use super::name::{has_words, is_generic};
use crate::path::is_below;

/// Gives entries the code that bears their name without the name of the whole.
pub(super) fn join(groups: &mut Groups<'_>, names: &[String]) {
    by_rest_of_name(groups, names);
    by_sole_part(groups);
}

/// Entries of a catalog that no code has been found for, by the folder that they speak for.
fn open_entries<'c>(groups: &Groups<'c>) -> Vec<(usize, &'c Candidate<'c>)> {
    let has_code = |at: usize| groups.get(groups.id(at)).is_some_and(Group::has_code);
    let entries = groups.candidates.iter().enumerate();
    let entries = entries.filter(|(_, c)| c.source == Origin::Catalog && !c.is_library);
    entries.filter(|(at, _)| !has_code(*at)).collect()
}

/// What is built in the tree, and that nobody declared.
fn open_code(groups: &Groups<'_>) -> Vec<usize> {
    let is_open = |group: &Group<'_>| group.has_code() && group.founds() && !group.is_declared();
    groups.iter().filter(|(_, group)| is_open(group)).map(|(id, _)| id).collect()
}

/// The names that what is built goes by.
fn keys<'c>(groups: &Groups<'c>, id: usize) -> Vec<&'c str> {
    let Some(group) = groups.get(id) else { return Vec::new() };
    let named = groups.members(group).filter(|c| c.founds() && !c.key.is_empty());
    named.map(|candidate| candidate.key.as_str()).collect()
}

/// The one group of code that goes by each name; `None` where several do.
fn code_by_name<'c>(groups: &Groups<'c>) -> BTreeMap<&'c str, Option<usize>> {
    let mut names: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for id in open_code(groups) {
        for key in keys(groups, id) {
            let known = names.entry(key).or_insert(Some(id));
            *known = known.filter(|known| *known == id);
        }
    }
    names
}

/// `till` and `back-office`, then `till-back` and `office`, of `till-back-office`.
fn splits(key: &str) -> impl Iterator<Item = (&str, &str)> {
    const MOST_WORDS: usize = 8;
    let dashes = key.match_indices('-').take(MOST_WORDS);
    dashes.filter_map(|(at, _)| Some((key.get(..at)?, key.get(at + 1..)?)))
}

/// `shop-backend` and `shop-frontend` are `backend/` and `frontend/`: where several share the word
/// before, or it is a word of the tree's own name, and nothing else could be meant.
fn by_rest_of_name(groups: &mut Groups<'_>, names: &[String]) {
    let code = code_by_name(groups);
    let mut pairs: Vec<(&str, usize, usize)> = Vec::new();
    for (at, entry) in open_entries(groups) {
        let home = entry.home.as_deref().unwrap_or_default();
        let is_around = |id: usize| {
            groups.get(id).is_some_and(|group| group.homes.iter().any(|own| is_below(own, home)))
        };
        let mut parts = splits(&entry.key)
            .filter_map(|(whole, part)| Some((whole, at, code.get(part).copied().flatten()?)));
        pairs.extend(parts.find(|(.., id)| is_around(*id)));
    }
    let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    for (whole, _, id) in &pairs {
        *shared.entry(whole).or_default() += 1;
        *taken.entry(*id).or_default() += 1;
    }
    pairs.retain(|(whole, _, id)| {
        let is_of_tree = names.iter().any(|name| has_words(name, whole));
        taken.get(id) == Some(&1) && (is_of_tree || shared.get(whole).is_some_and(|all| *all > 1))
    });
    for (_, at, id) in pairs {
        groups.join(at, id, Bond::Claim);
    }
}

/// The only entry of a tree, which speaks for its root, is what is built in the only folder whose
/// name tells a part and no product: `api/`.
fn by_sole_part(groups: &mut Groups<'_>) {
    let declared = groups.candidates.iter().filter(|c| c.source.is_declared() && !c.is_library);
    if declared.count() != 1 {
        return;
    }
    let entries = open_entries(groups);
    let [(at, entry)] = entries[..] else { return };
    let is_part = |id: &usize| {
        let keys = keys(groups, *id);
        !keys.is_empty() && keys.iter().all(|key| is_generic(key))
    };
    let parts: Vec<usize> = open_code(groups).into_iter().filter(is_part).collect();
    if let ([part], Some("")) = (&parts[..], entry.home.as_deref()) {
        groups.join(at, *part, Bond::Claim);
    }
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    const DOCKERFILE: &str = "FROM rust:1.95\nCMD [\"/serve\"]\n";

    fn entries(names: &[&str]) -> String {
        let entry = |name: &&str| {
            format!(
                "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\n\
                 spec: {{type: service, lifecycle: production, owner: tills}}\n---\n"
            )
        };
        names.iter().map(entry).collect()
    }

    fn found(entries: &str, folders: &[&str]) -> Vec<String> {
        let paths: Vec<String> = folders.iter().map(|name| format!("{name}/Dockerfile")).collect();
        let mut files: Vec<(&str, &str)> =
            paths.iter().map(|path| (path.as_str(), DOCKERFILE)).collect();
        files.push(("catalog-info.yaml", entries));
        let services = discover(&tree(&files)).services;
        services.into_iter().map(|s| format!("{} [{}]", s.name, s.folder)).collect()
    }

    #[test]
    fn entries_that_name_the_whole_first_take_the_code_of_the_part() {
        let both = entries(&["till-backend", "till-broker"]);
        let joined = ["till-backend [backend]", "till-broker [broker]"];
        assert_eq!(found(&both, &["backend", "broker"]), joined);
    }

    #[test]
    fn one_entry_takes_the_rest_of_its_name_where_the_tree_bears_the_first_word() {
        let own = found(&entries(&["shop-stock"]), &["stock", "till"]);
        assert_eq!(own, ["shop-stock [stock]", "till [till]"]);
        let strange = found(&entries(&["legacy-stock"]), &["stock", "till"]);
        assert_eq!(strange, ["legacy-stock []", "stock [stock]", "till [till]"]);
    }

    #[test]
    fn the_only_entry_is_the_only_folder_named_as_a_part() {
        let only = entries(&["scanner"]);
        assert_eq!(found(&only, &["api", "labels"]), ["labels [labels]", "scanner [api]"]);
        let two = ["api [api]", "scanner []", "worker [worker]"];
        assert_eq!(found(&only, &["api", "worker"]), two);
    }
}
