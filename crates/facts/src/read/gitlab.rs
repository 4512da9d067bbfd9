//! GitLab CI: the configuration at the root, with the files of the tree that it includes.
//!
//! Files refer to one another, so reading only keeps their trees; [`settle`] puts them together.

mod budget;
mod condition;
mod extend;
mod include;
mod job;
mod merge;
mod reference;
mod settle;
mod stage;

use super::Source;
use crate::Facts;
use crate::tree::Node;

pub(super) use settle::settle;

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    let is_yaml = [".yml", ".yaml"].iter().any(|end| name.ends_with(end));
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_in_folder =
        path.split('/').rev().skip(1).any(|it| matches!(it, ".gitlab-ci" | "gitlab-ci"))
            || path.contains(".gitlab/ci/");
    is_yaml && (is_in_folder || stem.ends_with(".gitlab-ci"))
}

/// Whether the text is probably a part of a configuration.
pub(super) fn is_like(text: &str) -> bool {
    let signs =
        ["\n  script:", "\n    script:", "\n  extends:", "\n  before_script:", "\n  trigger:"];
    signs.iter().any(|sign| text.contains(sign)) && !text.contains("apiVersion:")
}

/// Keeps the document for [`settle`]; `false`: it is not of this kind, or only may be.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    let is_named = is_named(source.path, source.name);
    if is_named || is_configuration(document) {
        facts.fragments.gitlab.push(document.clone());
    }
    is_named
}

/// Whether jobs of GitLab CI stand in the document.
fn is_configuration(document: &Node) -> bool {
    let keys = ["script", "before_script", "after_script", "extends", "trigger"];
    document.get("apiVersion").is_none()
        && document.entries().any(|(_, _, job)| keys.iter().any(|key| job.get(key).is_some()))
}

/// The nodes of a list, those of lists inside of it too; a node that is no list is one item.
fn flat(node: &Node) -> Vec<&Node> {
    let mut items = Vec::new();
    flatten(node, &mut items);
    items
}

/// The depth of the tree is bounded, so is the recursion.
fn flatten<'a>(node: &'a Node, items: &mut Vec<&'a Node>) {
    match &node.value {
        crate::tree::Value::Sequence(inner) => inner.iter().for_each(|it| flatten(it, items)),
        _ if node.is_null() => {}
        _ => items.push(node),
    }
}

#[cfg(test)]
mod tests;
