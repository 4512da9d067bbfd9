//! Manifests that a tool wrote once more of what overlays of the same tree build.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::{Platform, WorkloadKind};

use super::graph::Graph;

/// Why such a file is set aside.
pub(super) const GENERATED: &str =
    "is generated, and all that it starts is built by Kustomize from files of the tree";

/// Files that say of themselves that they are generated, all of whose workloads stand in `built` too.
pub(super) fn files(graph: &Graph<'_>, built: &BTreeSet<Arc<str>>) -> BTreeSet<Arc<str>> {
    let says_so = graph.texts().filter(|(path, text)| !built.contains(path) && is_generated(text));
    let mut all: BTreeMap<&Arc<str>, Vec<(WorkloadKind, &str)>> =
        says_so.map(|(path, _)| (path, Vec::new())).collect();
    if all.is_empty() {
        return BTreeSet::new();
    }
    let mut known = BTreeSet::new();
    for workload in graph.facts().workloads.iter().filter(|w| w.platform == Platform::Kubernetes) {
        let (path, object) = (&workload.name.place.path, (workload.kind, workload.name.as_str()));
        if let Some(objects) = all.get_mut(path) {
            objects.push(object);
        } else if built.contains(path) {
            known.insert(object);
        }
    }
    all.retain(|_, objects| !objects.is_empty() && objects.iter().all(|o| known.contains(o)));
    all.into_keys().cloned().collect()
}

/// Whether the comments that a file begins with say that nobody is to change it by hand.
fn is_generated(text: &str) -> bool {
    let lines = text
        .lines()
        .take_while(|line| line.is_empty() || line.starts_with('#') || line.starts_with("---"));
    lines.take(MOST_LINES).any(|line| {
        let line = line.to_ascii_lowercase();
        line.contains("generated") && line.contains("not") && line.contains("edit")
    })
}

/// A licence may stand before it.
const MOST_LINES: usize = 32;
