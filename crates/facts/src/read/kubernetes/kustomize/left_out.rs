//! Manifests that stand beside a file of Kustomize's and are in none: somebody took them out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::discover::name::{folder_of, last_part};
use crate::{Facts, Platform, WorkloadKind};

use super::graph::{Graph, Lead};
use super::overlay::Overlay;

/// Why such a file is set aside.
pub(super) const LEFT_OUT: &str =
    "is left out by the Kustomize file of its folder, and nothing else names it";

/// So many times more files of a folder are listed than are left out; with fewer the list may be of
/// something else.
const LISTED: usize = 3;

/// Files with workloads that the Kustomize file of their folder leaves out while it lists most of
/// the folder, and that no pipeline and no document applies by name. A job that runs once is
/// started by hand: it stays.
pub(super) fn files(graph: &Graph<'_>, embedded: &BTreeSet<Arc<str>>) -> BTreeSet<Arc<str>> {
    let listed = listed(graph);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for path in &listed {
        *counts.entry(folder_of(path)).or_default() += 1;
    }
    let mut left: BTreeMap<&str, BTreeSet<Arc<str>>> = BTreeMap::new();
    for workload in graph.facts().workloads.iter().filter(|w| w.platform == Platform::Kubernetes) {
        let path = &workload.name.place.path;
        let is_known = listed.contains(path) || embedded.contains(path);
        if !is_known && workload.kind != WorkloadKind::Job {
            left.entry(folder_of(path)).or_default().insert(path.clone());
        }
    }
    let overlays: BTreeSet<&str> = graph.overlays.iter().map(Overlay::folder).collect();
    left.retain(|folder, files| {
        let count = counts.get(folder).copied().unwrap_or_default();
        overlays.contains(folder) && count >= files.len().saturating_mul(LISTED)
    });
    let files = left.into_values().flatten();
    files.filter(|path| !is_named(last_part(path), graph.facts())).collect()
}

/// All files that some overlay takes or applies.
fn listed(graph: &Graph<'_>) -> BTreeSet<Arc<str>> {
    let of_overlay = |overlay| {
        let references = Overlay::references(overlay);
        references.chain(overlay.patch_files()).filter_map(move |reference| {
            match graph.lead(overlay, &reference.value) {
                Lead::File(path) => Some(path),
                Lead::Overlay(_) | Lead::Silent | Lead::Away => None,
            }
        })
    };
    graph.overlays.iter().flat_map(of_overlay).collect()
}

/// Whether a pipeline or a document names a file.
fn is_named(file: &str, facts: &Facts) -> bool {
    let lines = facts.steps().flat_map(|step| &step.lines);
    let sections = facts.documents.iter().flat_map(|document| &document.sections);
    lines
        .map(|line| line.as_str())
        .chain(sections.map(|section| section.text.as_str()))
        .any(|text| text.contains(file))
}
