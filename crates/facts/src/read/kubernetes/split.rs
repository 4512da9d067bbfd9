//! What splits traffic by weight, or rolls out step by step.

use model::Placed;

use crate::tree::Node;
use crate::{Facts, TrafficSplit};

use super::manifest::Manifest;
use super::{field, update, workload};

/// Keys of a Flagger analysis that send a part before the whole.
const STEPS: &[&str] = &["stepWeight", "stepWeights", "iterations", "match"];

/// Whether a Rollout has pods of its own, or names the workload that has.
pub(super) fn is_whole_rollout(manifest: &Manifest<'_>) -> bool {
    workload::is_whole(manifest) || manifest.at(&["spec", "workloadRef"]).is_some()
}

/// Reads a Rollout of Argo.
pub(super) fn read_rollout(manifest: &Manifest<'_>, facts: &mut Facts) {
    let strategy = manifest.at(&["spec", "strategy"]);
    let of_other = manifest.at(&["spec", "workloadRef"]).and_then(|node| node.string("name"));
    facts.cluster.traffic_splits.push(TrafficSplit {
        kind: manifest.header.kind.to_owned(),
        name: manifest.name.clone(),
        targets: vec![of_other.unwrap_or_else(|| manifest.name.clone())],
        is_gradual: strategy.is_some_and(|strategy| update::progressive(strategy).is_some()),
    });
    workload::read(manifest, facts);
}

/// Reads a Canary of Flagger.
pub(super) fn read_canary(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let analysis = spec.get("analysis").or_else(|| spec.get("canaryAnalysis"));
    facts.cluster.traffic_splits.push(TrafficSplit {
        kind: manifest.header.kind.to_owned(),
        name: manifest.name.clone(),
        targets: field::text(spec, &["targetRef", "name"]).into_iter().collect(),
        is_gradual: analysis.is_some_and(|node| STEPS.iter().any(|key| node.get(key).is_some())),
    });
}

/// Reads a `TrafficSplit` of the Service Mesh Interface.
pub(super) fn read_smi(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let groups = [field::items(spec, &["backends"])];
    push(manifest, &groups, |backend| backend.string("service"), facts);
}

/// Reads a weighted service of Traefik.
pub(super) fn read_traefik_service(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let groups = [field::items(spec, &["weighted", "services"])];
    push(manifest, &groups, |service| service.string("name"), facts);
}

/// Notes a split where some group of backends has several with weights.
pub(super) fn push(
    manifest: &Manifest<'_>,
    groups: &[&[Node]],
    name: impl Fn(&Node) -> Option<Placed<String>>,
    facts: &mut Facts,
) {
    let has_weight = |backend: &Node| backend.get("weight").is_some();
    let is_split = |group: &[Node]| group.len() > 1 && group.iter().any(has_weight);
    let Some(group) = groups.iter().find(|group| is_split(group)) else { return };
    facts.cluster.traffic_splits.push(TrafficSplit {
        kind: manifest.header.kind.to_owned(),
        name: manifest.name.clone(),
        targets: group.iter().filter_map(name).collect(),
        is_gradual: true,
    });
}
