//! Autoscalers and disruption budgets.

use model::Placed;

use crate::tree::Node;
use crate::{Autoscaler, DisruptionBudget, Facts};

use super::manifest::Manifest;
use super::{field, workload};

/// Whether an autoscaler names what it scales.
pub(super) fn is_whole(manifest: &Manifest<'_>) -> bool {
    manifest.at(&["spec", "scaleTargetRef"]).is_some()
}

/// Reads a `HorizontalPodAutoscaler` of any version.
pub(super) fn read(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let first = spec.key("targetCPUUtilizationPercentage");
    let first = first.map(|key| Placed::new("cpu".to_owned(), key.place.clone()));
    let metrics = field::items(spec, &["metrics"]).iter().filter_map(metric);
    facts.cluster.autoscalers.push(Autoscaler {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        target: target(spec),
        min: field::int(spec, "minReplicas"),
        max: field::int(spec, "maxReplicas"),
        triggers: first.into_iter().chain(metrics).collect(),
    });
}

/// Reads a `ScaledObject` of KEDA.
pub(super) fn read_keda(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let target = target(spec).or_else(|| field::text(spec, &["scaleTargetRef", "deploymentName"]));
    facts.cluster.autoscalers.push(keda(manifest, spec, target));
}

/// Reads a `ScaledJob` of KEDA: its jobs, and what starts them.
pub(super) fn read_scaled_job(manifest: &Manifest<'_>, facts: &mut Facts) {
    workload::read(manifest, facts);
    let Some(spec) = manifest.spec() else { return };
    facts.cluster.autoscalers.push(keda(manifest, spec, Some(manifest.name.clone())));
}

/// Whether a budget says which pods it protects.
pub(super) fn is_whole_budget(manifest: &Manifest<'_>) -> bool {
    manifest.at(&["spec", "selector"]).is_some()
}

/// Reads a `PodDisruptionBudget`.
pub(super) fn read_budget(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    facts.cluster.disruption_budgets.push(DisruptionBudget {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        selector: field::selector(spec.get("selector")),
        min_available: spec.string("minAvailable"),
        max_unavailable: spec.string("maxUnavailable"),
    });
}

fn keda(manifest: &Manifest<'_>, spec: &Node, target: Option<Placed<String>>) -> Autoscaler {
    let triggers = field::items(spec, &["triggers"]).iter();
    Autoscaler {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        target,
        min: field::int(spec, "minReplicaCount"),
        max: field::int(spec, "maxReplicaCount"),
        triggers: triggers.filter_map(|trigger| trigger.string("type")).collect(),
    }
}

fn target(spec: &Node) -> Option<Placed<String>> {
    field::text(spec, &["scaleTargetRef", "name"])
}

/// What one metric is named: resources by their name, all others by their metric's.
fn metric(metric: &Node) -> Option<Placed<String>> {
    const PATHS: [&[&str]; 3] = [&["name"], &["metric", "name"], &["metricName"]];
    let kinds = ["resource", "containerResource", "pods", "object", "external"];
    let source = kinds.iter().find_map(|kind| metric.get(kind))?;
    PATHS.iter().find_map(|path| field::text(source, path))
}
