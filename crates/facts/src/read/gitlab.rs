//! GitLab CI: the configuration at the root, with the files of the tree that it includes.
//!
//! Files refer to one another, so reading only keeps their trees; [`settle()`] puts them together.

mod budget;
mod condition;
mod extend;
mod include;
mod job;
mod merge;
mod reference;
mod settle;
mod stage;

use super::{Source, has_line};
use crate::Facts;
use crate::tree::Node;

pub(super) use settle::settle;

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    [".gitlab-ci.yml", ".gitlab-ci.yaml"].iter().any(|end| name.ends_with(end))
}

/// What stands at the start of a line in files that configurations include.
const SIGNS: [&str; 8] = [
    "  script:",
    "    script:",
    "  extends:",
    "  before_script:",
    "  trigger:",
    "    - if:",
    "  - local:",
    "variables:",
];

/// Whether the text is probably a part of a configuration.
pub(super) fn is_like(text: &str) -> bool {
    !text.contains("apiVersion:") && SIGNS.iter().any(|sign| has_line(text, sign))
}

/// Keeps the document for [`settle()`]; `false`: it is not of this kind, or only may be.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    let is_named = is_named(source.path, source.name);
    if is_named || is_configuration(document) {
        facts.fragments.gitlab.push(document.clone());
    }
    is_named
}

/// Whether jobs of GitLab CI, or what is set for them, may stand in the document.
fn is_configuration(document: &Node) -> bool {
    let keys = ["script", "before_script", "after_script", "extends", "trigger", "rules"];
    let is_job = |job: &Node| keys.iter().any(|key| job.get(key).is_some());
    let whole = ["include", "stages", "workflow", "default", "variables"];
    document.get("apiVersion").is_none()
        && (whole.iter().any(|key| document.get(key).is_some())
            || document.entries().any(|(_, _, job)| is_job(job)))
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
