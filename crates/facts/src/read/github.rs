//! GitHub Actions: workflows, and the actions of the tree that their steps use.

mod build;
mod job;
mod settle;
mod step;
mod trigger;

use model::Placed;

use super::Source;
use crate::tree::Node;
use crate::{Facts, Gap, Pipeline, PipelineHost, Subject};

pub(super) use build::{Awaiting, Call};
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
///
/// GitHub takes one document of a file only; others are named as not read.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    let is_known = !facts.pipelines.is_empty() || !facts.fragments.actions.is_empty();
    if is_workflow(source.path) {
        if is_known {
            gap(document, "is a second document, which GitHub does not take", facts);
        } else {
            read_workflow(source, document, facts);
        }
        return true;
    }
    if !is_action(source.name) || is_known || document.get("runs").is_none() {
        return false;
    }
    let lines: Vec<&str> = source.text.lines().collect();
    build::read(source.folder(), document, facts);
    facts.fragments.actions.extend(step::read_action(source, document, &lines));
    true
}

fn read_workflow(source: Source<'_>, document: &Node, facts: &mut Facts) {
    let Some(jobs) = document.get("jobs").filter(|jobs| jobs.entries().next().is_some()) else {
        gap(document, "is a workflow without jobs", facts);
        return;
    };
    let lines: Vec<&str> = source.text.lines().collect();
    let place = document.entries().next().map_or(&document.place, |(_, key, _)| &key.place);
    let folder = job::working_folder(document);
    build::read(source.path, document, facts);
    facts.pipelines.push(Pipeline {
        host: PipelineHost::GitHub,
        place: place.clone(),
        name: document.get("name").and_then(Node::str).unwrap_or(source.name).to_owned(),
        triggers: trigger::triggers(document),
        branches: trigger::branches(document),
        proposed_into: trigger::proposed_into(document),
        paths: trigger::paths(document),
        follows: trigger::follows(document),
        permissions: permissions(document),
        includes: Vec::new(),
        jobs: jobs
            .entries()
            .map(|(_, id, job)| job::read(id, job, &lines, folder.as_ref()))
            .collect(),
    });
}

fn gap(document: &Node, reason: &str, facts: &mut Facts) {
    facts.gaps.push(Gap {
        subject: Some(Subject::Pipelines),
        place: document.place.clone(),
        reason: reason.to_owned(),
        name: None,
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
