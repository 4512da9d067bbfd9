//! Workloads that overlays leave unlike: which overlay leaves one as it is.

use std::collections::{BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hasher};
use std::ops::Range;
use std::sync::Arc;

use model::Place;

use crate::Workload;
use crate::tree::Node;

use super::graph::Graph;
use super::hash;

/// Variants of one workload that are compared with each other.
const MAX_COMPARED: usize = 64;

/// What was built already: overlays that leave an object alike bring it once.
#[derive(Default)]
pub(super) struct Seen {
    /// The overlays that bring an object, by its content.
    overlays: HashMap<u64, BTreeSet<usize>>,
    /// Which object each workload was read from.
    objects: Vec<u64>,
}

impl Seen {
    /// Whether no overlay brought the object before as `overlay` does.
    pub(super) fn is_new(&mut self, object: &Node, overlay: usize) -> bool {
        let known = self.overlays.entry(key(object)).or_default();
        let is_new = known.is_empty();
        known.insert(overlay);
        is_new
    }

    /// Takes down that the object brought `workloads`, the last ones that were read.
    pub(super) fn note(&mut self, object: &Node, workloads: Range<usize>) {
        let object = key(object);
        self.objects.extend(workloads.map(|_| object));
    }

    fn of(&self, workload: usize) -> BTreeSet<usize> {
        let object = self.objects.get(workload);
        object.and_then(|object| self.overlays.get(object)).cloned().unwrap_or_default()
    }
}

fn key(object: &Node) -> u64 {
    let mut hasher = DefaultHasher::new();
    hash(object, &mut hasher);
    hasher.finish()
}

/// The overlays that leave a workload alike, with the places of all of `workloads` that are so.
type Variant = (BTreeSet<usize>, Vec<usize>);

/// Writes down whose each variant of a workload is. One that all overlays leave alike has none.
pub(super) fn mark(workloads: &mut [Workload], seen: &Seen, graph: &Graph<'_>) {
    let mut same: HashMap<Place, Vec<usize>> = HashMap::new();
    for (at, workload) in workloads.iter().enumerate() {
        same.entry(workload.name.place.clone()).or_default().push(at);
    }
    let folder = |overlay: &usize| graph.overlays.get(*overlay).map_or("", |o| o.folder());
    for places in same.into_values().filter(|places| places.len() > 1) {
        let variants = variants(workloads, &places, seen);
        let first = variants.first().map(|(overlays, _)| overlays);
        if variants.iter().all(|(overlays, _)| Some(overlays) == first) {
            continue;
        }
        for (overlays, places) in variants {
            let folders: Vec<Arc<str>> = overlays.iter().map(|o| folder(o).into()).collect();
            for at in places {
                if let Some(workload) = workloads.get_mut(at) {
                    workload.overlays.clone_from(&folders);
                }
            }
        }
    }
}

/// The workloads at `places`, those together that became the same facts.
fn variants(workloads: &[Workload], places: &[usize], seen: &Seen) -> Vec<Variant> {
    let mut variants: Vec<Variant> = Vec::new();
    for at in places {
        let is_alike = |(_, known): &&mut Variant| {
            known.first().and_then(|first| workloads.get(*first)) == workloads.get(*at)
        };
        match variants.iter_mut().rev().take(MAX_COMPARED).find(is_alike) {
            Some((overlays, known)) => {
                overlays.extend(seen.of(*at));
                known.push(*at);
            }
            None => variants.push((seen.of(*at), vec![*at])),
        }
    }
    variants
}
