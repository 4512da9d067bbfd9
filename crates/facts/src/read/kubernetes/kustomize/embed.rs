//! Files that an overlay puts into a `ConfigMap` or a Secret: what stands in them is settings of
//! something, and no manifest that is applied.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::{Facts, Platform, Reason, Subject};
use model::Place;

use super::super::field;
use super::graph::{Graph, Lead};
use super::replace;

const GENERATORS: [&str; 2] = ["configMapGenerator", "secretGenerator"];

/// Why such a file is set aside.
pub(super) const EMBEDDED: &str =
    "holds a manifest that is embedded in a ConfigMap or Secret, and not applied";

/// The files that some overlay embeds and that none takes for a manifest or a patch.
pub(super) fn files(graph: &Graph<'_>) -> BTreeSet<Arc<str>> {
    let mut embedded = BTreeSet::new();
    let mut applied = BTreeSet::new();
    let file = |overlay, reference: &str| match graph.lead(overlay, reference) {
        Lead::File(path) => Some(path),
        Lead::Overlay(_) | Lead::Silent | Lead::Away => None,
    };
    for overlay in &graph.overlays {
        let entries = GENERATORS.iter().flat_map(|key| field::items(&overlay.root, &[key]));
        for entry in entries {
            // `NAME=PATH` renames the file; `env` is the older word for `envs`.
            let named = field::list(entry, "files").into_iter().map(|named| {
                named.value.split_once('=').map_or(named.value.clone(), |(_, path)| path.to_owned())
            });
            let settings = field::list(entry, "envs").into_iter().chain(entry.string("env"));
            let references = named.chain(settings.map(|path| path.value));
            embedded.extend(references.filter_map(|reference| file(overlay, &reference)));
        }
        let taken = overlay.references().chain(overlay.patch_files());
        applied.extend(taken.filter_map(|reference| file(overlay, &reference.value)));
    }
    embedded.retain(|path| !applied.contains(path));
    embedded
}

/// Takes the manifests in `files` out of the facts, and says so.
pub(super) fn set_aside(facts: &mut Facts, files: &BTreeSet<Arc<str>>, why: &str) {
    let is_embedded = |place: &Place| files.contains(&place.path);
    let workloads = facts.workloads.iter().filter(|w| w.platform == Platform::Kubernetes);
    let places = workloads.map(|workload| &workload.name.place);
    let places = places.chain(facts.cluster.entrances.iter().map(|entrance| &entrance.name.place));
    let places = places.chain(facts.templates.iter().map(|template| &template.place));
    let told: BTreeSet<Arc<str>> =
        places.filter(|place| is_embedded(place)).map(|place| place.path.clone()).collect();
    replace::files(facts, files);
    facts.templates.retain(|template| !is_embedded(&template.place));
    facts.gaps.retain(|gap| {
        gap.subject != Some(Subject::Workloads)
            || gap.reason.starts_with("could not be read")
            || !is_embedded(&gap.place)
    });
    facts.set_aside.extend(
        told.into_iter().map(|path| Reason { what: why.to_owned(), place: Place::file(path) }),
    );
}
