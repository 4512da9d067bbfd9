//! Manifests that stand beside a file of Kustomize's and are in none: somebody took them out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::discover::name::{folder_of, last_part};
use crate::{Facts, Platform, WorkloadKind};

use super::graph::{Graph, Lead};
use super::overlay::Overlay;
use super::unreached::{applied_by_hand, is_target};

/// Why such a file is set aside.
pub(super) const LEFT_OUT: &str =
    "is left out by the Kustomize file of its folder, and nothing else names it";

/// So many times more files of a folder are listed than are left out; with fewer the list may be of
/// something else.
const LISTED: usize = 3;

/// Files with workloads or entrances that the Kustomize file of their folder leaves out while it lists
/// most of the folder, and that no pipeline and no document applies by name; or that it names in a
/// comment, and nobody applies by hand. A job that runs once is started by hand: it stays.
pub(super) fn files(graph: &Graph<'_>, embedded: &BTreeSet<Arc<str>>) -> BTreeSet<Arc<str>> {
    let facts = graph.facts();
    let mut known = listed(graph);
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for path in &known {
        *counts.entry(folder_of(path).to_owned()).or_default() += 1;
    }
    known.extend(embedded.iter().cloned());
    let workloads = facts.workloads.iter().filter(|workload| {
        workload.platform == Platform::Kubernetes && workload.kind != WorkloadKind::Job
    });
    let workloads = unlisted(workloads.map(|workload| &workload.name.place.path), &known);
    let entrances = facts.cluster.entrances.iter().map(|entrance| &entrance.name.place.path);
    let entrances = unlisted(entrances, &known);
    let by_hand = applied_by_hand(facts);
    let mut left = BTreeSet::new();
    for (folder, files) in workloads.into_iter().chain(entrances) {
        let Some(overlay) = graph.overlay_in(folder).and_then(|at| graph.overlays.get(at)) else {
            continue;
        };
        let count = counts.get(folder).copied().unwrap_or_default();
        let lists_most = count >= files.len().saturating_mul(LISTED);
        let is_left = |path: &&Arc<str>| {
            let is_off = || {
                is_in_comment(last_part(path), graph.text(&overlay.path))
                    && !by_hand.iter().any(|target| is_target(path, target))
            };
            (lists_most && !is_named(last_part(path), facts)) || is_off()
        };
        left.extend(files.into_iter().filter(is_left).cloned());
    }
    left
}

/// The files that are not known, by their folders.
fn unlisted<'f>(
    paths: impl Iterator<Item = &'f Arc<str>>,
    known: &BTreeSet<Arc<str>>,
) -> BTreeMap<&'f str, BTreeSet<&'f Arc<str>>> {
    let mut left: BTreeMap<&str, BTreeSet<&Arc<str>>> = BTreeMap::new();
    for path in paths.filter(|path| !known.contains(*path)) {
        left.entry(folder_of(path)).or_default().insert(path);
    }
    left
}

/// Whether a file was taken out of a list by a comment: `# - ingress.yaml`.
fn is_in_comment(file: &str, text: &str) -> bool {
    text.lines().any(|line| {
        let item = line.trim().strip_prefix('#').map(|line| line.trim_start_matches(['#', ' ']));
        let item = item.and_then(|item| item.strip_prefix("- "));
        item.is_some_and(|item| item.trim().trim_start_matches("./") == file)
    })
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
