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

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};

    const ROLLOUT: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec:\n  \
                           strategy:\n    canary:\n      steps: [{setWeight: 20}, {pause: {}}]\n  template:\n    \
                           spec: {containers: [{name: a, image: x}]}\n";

    #[test]
    fn a_rollout_is_a_workload_that_goes_step_by_step() {
        let facts = facts_of(ROLLOUT);
        let workload = &facts.workloads[0];
        assert_eq!(at(workload.progressive.as_ref().unwrap()), "7:7");
        assert_eq!(workload.strategy.as_ref().unwrap().value, "Canary");
        assert!(facts.cluster.traffic_splits[0].is_gradual);
    }

    #[test]
    fn a_canary_without_steps_is_a_rolling_update() {
        let facts =
            facts_of(&ROLLOUT.replace("steps: [{setWeight: 20}, {pause: {}}]", "maxSurge: 1"));
        assert_eq!(facts.workloads[0].progressive, None);
        assert!(!facts.cluster.traffic_splits[0].is_gradual);
    }

    #[test]
    fn a_rollout_may_move_the_pods_of_a_deployment() {
        let text = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec:\n  \
                    workloadRef: {kind: Deployment, name: api}\n  strategy: {blueGreen: {activeService: a}}\n";
        let facts = facts_of(text);
        assert_eq!((facts.workloads.len(), facts.gaps.len()), (0, 0));
        let split = &facts.cluster.traffic_splits[0];
        assert_eq!((split.targets[0].value.as_str(), split.is_gradual), ("api", true));
    }

    #[test]
    fn flagger_and_weighted_services_split_traffic() {
        let canary = "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata: {name: a}\nspec:\n  \
                      targetRef: {kind: Deployment, name: api}\n  analysis: {stepWeight: 10}\n";
        let split = facts_of(canary).cluster.traffic_splits.remove(0);
        assert_eq!((split.targets[0].value.as_str(), split.is_gradual), ("api", true));
        let weighted = "apiVersion: traefik.io/v1alpha1\nkind: TraefikService\nmetadata: {name: a}\nspec:\n  \
                        weighted: {services: [{name: x, weight: 1}, {name: y, weight: 9}]}\n";
        assert_eq!(facts_of(weighted).cluster.traffic_splits[0].targets.len(), 2);
        assert_eq!(
            facts_of(&weighted.replace(", {name: y, weight: 9}", "")).cluster.traffic_splits,
            []
        );
    }
}
