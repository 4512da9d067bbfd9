//! GitHub Actions: workflows, and the actions of the tree that their steps use.

mod job;
mod settle;
mod step;
mod trigger;

use model::Placed;

use super::Source;
use crate::tree::Node;
use crate::{Facts, Gap, Pipeline, PipelineHost, Subject};

pub(super) use settle::settle;
pub(super) use step::Action;

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    is_workflow(path) || is_action(name)
}

/// GitHub runs only what stands directly in the folder at the root.
fn is_workflow(path: &str) -> bool {
    path.strip_prefix(".github/workflows/")
        .and_then(|name| name.rsplit_once('.'))
        .is_some_and(|(stem, extension)| !stem.contains('/') && matches!(extension, "yml" | "yaml"))
}

fn is_action(name: &str) -> bool {
    matches!(name, "action.yml" | "action.yaml")
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    let lines: Vec<&str> = source.text.lines().collect();
    if is_workflow(source.path) {
        read_workflow(source, document, &lines, facts);
        return true;
    }
    let action = is_action(source.name).then(|| step::read_action(source, document, &lines));
    let action = action.flatten();
    let is_read = action.is_some();
    facts.fragments.actions.extend(action);
    is_read
}

fn read_workflow(source: Source<'_>, document: &Node, lines: &[&str], facts: &mut Facts) {
    let jobs = document.get("jobs").into_iter().flat_map(Node::entries);
    let jobs: Vec<_> = jobs.map(|(_, id, job)| job::read(id, job, lines)).collect();
    let place = document.entries().next().map_or(&document.place, |(_, key, _)| &key.place);
    if jobs.is_empty() {
        facts.gaps.push(Gap {
            subject: Some(Subject::Pipelines),
            place: place.clone(),
            reason: "is a workflow without jobs".to_owned(),
            name: None,
        });
        return;
    }
    facts.pipelines.push(Pipeline {
        host: PipelineHost::GitHub,
        place: place.clone(),
        name: document.get("name").and_then(Node::str).unwrap_or(source.name).to_owned(),
        triggers: trigger::triggers(document),
        branches: trigger::branches(document),
        follows: trigger::follows(document),
        permissions: permissions(document),
        includes: Vec::new(),
        jobs,
    });
}

/// The permissions that a workflow or job gives its token.
fn permissions(node: &Node) -> Vec<(String, Placed<String>)> {
    let Some(written) = node.get("permissions") else {
        return Vec::new();
    };
    let all =
        |text: &str| vec![("*".to_owned(), Placed::new(text.to_owned(), written.place.clone()))];
    match written.str() {
        Some(text) => all(text),
        None if written.entries().next().is_none() => all("none"),
        None => pairs(written),
    }
}

/// The scalars of a mapping by their keys.
fn pairs(mapping: &Node) -> Vec<(String, Placed<String>)> {
    let texts = mapping.entries().filter_map(|(key, _, value)| {
        Some((key.to_owned(), Placed::new(value.str()?.to_owned(), value.place.clone())))
    });
    texts.collect()
}

#[cfg(test)]
mod tests;
