//! Kustomize: when all files are read, the manifests that overlays change are read once more, as
//! the overlays leave them.
//!
//! Names are left as the base writes them: prefixes, suffixes and hashes change all that refers to
//! a name alike. References that write them out are led back to those names. What cannot be built is a gap, and stays as the files say it.

mod build;
mod edit;
mod embed;
mod generate;
mod generated;
mod graph;
mod image;
mod kept;
mod label;
mod left_out;
mod merge;
mod overlay;
mod pointer;
mod relocate;
mod rename;
mod replace;
mod selector;
mod stage;
mod target;
mod transform;
mod unreached;
mod variant;

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash};
use std::sync::Arc;

use crate::tree::{Node, Value};
use crate::{Facts, Reason};

use super::{kinds, manifest};

pub(crate) use graph::taken_by_overlays;
pub(super) use image::split as split_image;
pub use kept::KeptManifests;
pub(super) use kept::keep;
pub(super) use label::team;
pub(super) use overlay::{is_named, is_one};
pub use stage::is_called_production;

use build::Builder;
use graph::Graph;
use stage::Roots;
use variant::Seen;

/// Whether a document only changes objects: operations on one, or what is merged into one, of which
/// Kustomize asks no version.
pub(super) fn is_patch(document: &Node) -> bool {
    let kind = || document.get("kind").and_then(Node::str);
    let is_merged = || {
        document.get("apiVersion").is_none()
            && document.get("metadata").is_some()
            && kind().is_some_and(kinds::is_known)
    };
    pointer::is_one(document) || is_merged()
}

/// Builds every overlay that no other one uses, and puts what comes out in the place of what the
/// files say by themselves.
pub(super) fn settle(facts: &mut Facts) {
    let kept = std::mem::take(&mut facts.manifests);
    let graph = Graph::of(&kept, facts);
    if let Some(overlay) = graph.overlays.first() {
        let place = overlay.root.place.clone();
        let Some(roots) = stage::roots(&graph) else {
            let reason = "is one of more Kustomize overlays than could be built";
            return facts.gaps.push(manifest::gap(place, reason));
        };
        let mut built = build(&graph, &roots);
        let unreached = unreached::files(&graph, &built.cluster.deliveries);
        let unapplied = unreached::applications(&graph, &built.cluster.deliveries);
        let passed_over = passed_over(&graph, &roots);
        let embedded = embed::files(&graph);
        let left_out = left_out::files(&graph, &embedded);
        let generated = generated::files(&graph, &roots.files);
        embed::set_aside(facts, &embedded, embed::EMBEDDED);
        embed::set_aside(facts, &left_out, left_out::LEFT_OUT);
        embed::set_aside(facts, &generated, generated::GENERATED);
        embed::set_aside(facts, &unreached, unreached::UNREACHED);
        replace::files(facts, &roots.files);
        replace::files(&mut built, &unreached);
        facts.append(built);
        for delivery in &mut facts.cluster.deliveries {
            if unapplied.contains(&delivery.name.place) {
                delivery.unapplied.get_or_insert(unreached::UNAPPLIED);
            }
        }
        facts.set_aside.extend(passed_over);
        replace::sort(facts);
    }
}

fn passed_over(graph: &Graph<'_>, roots: &Roots) -> Vec<Reason> {
    let reasons = roots.passed_over.iter().filter_map(|(overlay, why)| {
        let overlay = graph.overlays.get(*overlay)?;
        let folder = overlay.folder();
        let place = overlay.root.place.clone();
        Some(Reason { what: format!("`{folder}/` {why}"), place })
    });
    reasons.collect()
}

fn build(graph: &Graph<'_>, roots: &Roots) -> Facts {
    let mut builder = Builder::new(graph);
    let mut built = Facts::default();
    let mut seen = Seen::default();
    for root in &roots.built {
        let objects = builder.build(root.overlay);
        let files: BTreeSet<Arc<str>> = objects.iter().map(|o| o.place.path.clone()).collect();
        for overlay in builder.opened() {
            built.overlays.entry(overlay.clone()).or_default().extend(files.iter().cloned());
        }
        for object in objects {
            if root.elsewhere.contains(&object.place.path) {
                continue;
            }
            let before = built.workloads.len();
            if seen.is_new(&object, root.overlay) {
                kinds::read(&object, &mut built);
                seen.note(&object, before..built.workloads.len());
            }
        }
    }
    built.gaps.extend(builder.into_gaps());
    variant::mark(&mut built.workloads, &seen, graph);
    built
}

/// Goes as deep as the tree, which is bounded where it is built.
fn hash(node: &Node, hasher: &mut DefaultHasher) {
    node.place.hash(hasher);
    match &node.value {
        Value::Scalar(scalar) => scalar.text.hash(hasher),
        Value::Sequence(items) => items.iter().for_each(|item| hash(item, hasher)),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                hash(key, hasher);
                hash(value, hasher);
            }
        }
    }
}

#[cfg(test)]
mod tests;
