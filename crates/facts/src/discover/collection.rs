//! Whether a whole tree is a collection of samples: nothing in it is anybody's production.
//!
//! One application that calls itself a demo or an example is judged like any other. A collection is
//! told by two things together: the README of the tree speaks of samples as of what the tree holds,
//! and several of its folders start something of their own.

use std::collections::BTreeSet;

use super::name::{folder_of, key};
use super::sample::is_example_of_something;
use crate::{Document, Facts, Role, Section};

/// Whether a word means several things that somebody deploys.
pub(super) fn is_several(word: &str) -> bool {
    const THINGS: &[&str] = &[
        "applications",
        "apps",
        "configurations",
        "configs",
        "deployments",
        "manifests",
        "projects",
        "stacks",
    ];
    THINGS.contains(&word)
}

/// Whether a word says that something shows how a thing is done and is not the thing.
pub(super) fn is_word_for_example(word: &str) -> bool {
    const WORDS: &[&str] = &["demo", "example", "sample", "tutorial"];
    WORDS.contains(&word.trim_end_matches('s'))
}

/// Whether the tree is a collection of samples.
pub(super) fn is_collection(facts: &Facts) -> bool {
    let is_of_tree =
        |document: &&Document| document.role == Role::Readme && document.place.folder().is_empty();
    facts.documents.iter().filter(is_of_tree).any(says_so) && has_several(facts)
}

/// Whether a README calls what stands beside it samples: in its title and in its first text, or in that
/// alone as a list of them, or as what is not for production.
fn says_so(readme: &Document) -> bool {
    let is_titled = readme.title.as_ref().is_some_and(|title| first_samples(&key(title)).is_some());
    speaks_of(readme, |sentence| is_of_samples(sentence, is_titled))
}

/// Whether some sentence with which a README begins is one that is looked for.
pub(super) fn speaks_of(readme: &Document, is_sought: impl Fn(&str) -> bool) -> bool {
    // Some begin with a heading of the second level.
    let top = readme.sections.iter().map(|section| section.level).find(|level| *level > 0);
    let is_first = |section: &&Section| section.level < 2 || Some(section.level) == top;
    let texts = readme.sections.iter().take_while(is_first).take(2).map(|section| &*section.text);
    let sentences = texts.flat_map(|text| text.split(['\n', '.', '!', ':']));
    sentences.take(MOST_SENTENCES).any(is_sought)
}

/// How much of a README introduces the tree.
const MOST_SENTENCES: usize = 16;

fn is_of_samples(sentence: &str, is_titled: bool) -> bool {
    const ELSEWHERE: &[&str] =
        &["directory", "docs", "documentation", "folder", "found", "package", "see", "under"];
    let words = key(&sentence.replace([',', '-'], " "));
    let has = |wanted: &[&str]| words.split('-').any(|word| wanted.contains(&word));
    let Some(at) = first_samples(&words) else { return false };
    if has(ELSEWHERE) {
        return false;
    }
    let before = words.get(..at).unwrap_or_default();
    let opening = before.split('-').filter(|word| !word.is_empty()).take(8);
    let is_list = opening.clone().zip(opening.skip(1)).any(|(what, of)| {
        of == "of" && matches!(what, "collection" | "list" | "selection" | "set")
    });
    let is_forbidden = has(&["not", "never"]) && has(&["production"]);
    let names_tree = has(&["collection", "repo", "repository"]);
    is_list || is_forbidden || (is_titled && names_tree)
}

/// Where words that are a key speak of several samples: `samples`, `example-apps`.
fn first_samples(words: &str) -> Option<usize> {
    let mut at = 0;
    let mut rest = words.split('-').peekable();
    while let Some(word) = rest.next() {
        let is_of_several = rest.peek().is_some_and(|next| is_several(next));
        if is_word_for_example(word) && (word.ends_with('s') || is_of_several) {
            return Some(at);
        }
        at += word.len() + 1;
    }
    None
}

/// Whether two folders or more of the root start something of their own, and nothing in the root does.
fn has_several(facts: &Facts) -> bool {
    let workloads = facts.workloads.iter().map(|workload| &workload.name.place);
    let charts = facts.charts.iter().chain(&facts.templates).map(|placed| &placed.place);
    let places = workloads.chain(charts).map(|place| &*place.path);
    let aside = facts.set_aside.iter().map(|reason| &*reason.place.path);
    let aside = aside.filter(|path| folder_of(path).is_empty() && is_example_of_something(path));
    let tops: BTreeSet<&str> = places.map(top).chain(aside).collect();
    !tops.contains("") && tops.len() > 1
}

/// The folder of the root that holds what stands at `path`; empty for what stands in the root.
fn top(path: &str) -> &str {
    path.split_once('/').map_or("", |(top, _)| top)
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    const SERVER: &str = "FROM rust:1.95\nEXPOSE 8080\nCMD [\"/serve\"]\n";
    const COMPOSE: &str = "services: {web: {build: app, ports: ['80:80']}}\n";

    /// How many services are judged in a tree of two stacks with this README, and how many are told.
    fn counts(readme: &str, more: &[(&str, &str)]) -> (usize, usize) {
        let stacks = [
            ("README.md", readme),
            ("till/compose.yaml", COMPOSE),
            ("till/app/Dockerfile", SERVER),
            ("stock/compose.yaml", COMPOSE),
            ("stock/app/Dockerfile", SERVER),
        ];
        let found = discover(&tree(&[&stacks[..], more].concat()));
        let judged = found.services.iter().filter(|service| service.is_judged()).count();
        (judged, found.possible.len())
    }

    #[test]
    fn nothing_is_judged_in_a_tree_that_holds_samples() {
        for readme in [
            "# Stacks\n\n> A curated list of Compose samples.\n",
            "# Stacks\n\nThese samples must not be used in production.\n",
            "# Acme Examples\n\nWelcome to the repository! This collection provides educational examples.\n",
            "# Acme Sample Apps\n\nOf this and that.\n\nSample applications of this repository:\n\n- a\n",
        ] {
            assert_eq!(counts(readme, &[]), (0, 2), "{readme}");
        }
    }

    #[test]
    fn one_application_and_what_only_mentions_examples_are_judged() {
        for readme in [
            "# Acme\n\nA sample application of two services.\n",
            "# Acme\n\nThis repository contains the services. A list of examples is found in docs.\n",
            "# Acme Examples\n\nShops and stocks.\n",
            "# Acme\n\nA collection of services of acme.\n\n## More\n\nA collection of samples.\n",
            "# Acme Demo\n\nThis repository holds a demo of a shop.\n",
        ] {
            assert_eq!(counts(readme, &[]), (2, 0), "{readme}");
        }
    }

    #[test]
    fn what_is_declared_or_joined_in_the_root_is_judged() {
        let readme = "# Stacks\n\nA collection of samples.\n";
        let declared = ("till/gonogo.yaml", "service: till\n");
        assert_eq!(counts(readme, &[declared]), (1, 1));
        let all = "services: {till: {build: till/app, ports: ['80:80']}, stock: {build: stock/app, ports: ['81:80']}}\n";
        assert_eq!(counts(readme, &[("compose.yaml", all)]), (2, 0));
    }
}
