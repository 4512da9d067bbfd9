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

/// Reads a `VerticalPodAutoscaler`: whose requests it sets.
pub(super) fn read_vertical(manifest: &Manifest<'_>, facts: &mut Facts) {
    let name = manifest.spec().and_then(|spec| field::text(spec, &["targetRef", "name"]));
    facts.cluster.vertically_scaled.extend(name);
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

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};

    #[test]
    fn autoscalers_of_every_version_say_what_they_scale_on() {
        let spec = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n  \
                    scaleTargetRef: {kind: Deployment, name: api}\n  minReplicas: 2\n  maxReplicas: 5\n";
        let triggers = |rest: &str| {
            let facts = facts_of(&format!("{spec}{rest}"));
            let autoscaler = &facts.cluster.autoscalers[0];
            assert_eq!(autoscaler.target.as_ref().unwrap().value, "api");
            assert_eq!(at(&autoscaler.min.as_ref().unwrap().place), "6:16");
            assert_eq!(autoscaler.max.as_ref().unwrap().value, 5);
            let triggers = autoscaler.triggers.iter();
            triggers.map(|trigger| (trigger.value.clone(), at(&trigger.place))).collect::<Vec<_>>()
        };
        let first = triggers("  targetCPUUtilizationPercentage: 80\n");
        assert_eq!(first, [("cpu".to_owned(), "8:3".to_owned())]);
        let resource = triggers("  metrics: [{type: Resource, resource: {name: memory}}]\n");
        assert_eq!(resource, [("memory".to_owned(), "8:47".to_owned())]);
        let named = triggers("  metrics: [{type: Pods, pods: {metric: {name: rps}}}]\n");
        assert_eq!(named[0].0, "rps");
        let older = triggers("  metrics: [{type: External, external: {metricName: queue}}]\n");
        assert_eq!(older[0].0, "queue");
    }

    #[test]
    fn a_patch_of_an_autoscaler_is_a_gap() {
        let text = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n  \
                    minReplicas: 2\n";
        let facts = facts_of(text);
        assert_eq!(
            (facts.cluster.autoscalers.len(), facts.gaps[0].name.as_deref()),
            (0, Some("a"))
        );
    }

    #[test]
    fn keda_scales_on_its_triggers_and_starts_jobs() {
        let object = "apiVersion: keda.sh/v1alpha1\nkind: ScaledObject\nmetadata: {name: a}\nspec:\n  \
                      scaleTargetRef: {name: api}\n  maxReplicaCount: 9\n  triggers: [{type: kafka}]\n";
        let autoscaler = facts_of(object).cluster.autoscalers.remove(0);
        assert_eq!((autoscaler.min, autoscaler.max.unwrap().value), (None, 9));
        assert_eq!(autoscaler.triggers[0].value, "kafka");
        let job = "apiVersion: keda.sh/v1alpha1\nkind: ScaledJob\nmetadata: {name: a}\nspec:\n  jobTargetRef:\n    \
                   template: {spec: {containers: [{name: a, image: x}]}}\n  triggers: [{type: rabbitmq}]\n";
        let facts = facts_of(job);
        assert_eq!(
            (facts.workloads[0].kind, facts.cluster.autoscalers.len()),
            (crate::WorkloadKind::Job, 1)
        );
    }

    #[test]
    fn a_budget_keeps_its_numbers_as_written_and_never_seems_wider_than_it_is() {
        let text = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec:\n  \
                    minAvailable: 50%\n  selector:\n    matchLabels: {app: a}\n    matchExpressions:\n    \
                    - {key: tier, operator: In, values: [web]}\n    - {key: old, operator: DoesNotExist}\n";
        let budget = facts_of(text).cluster.disruption_budgets.remove(0);
        let least = budget.min_available.unwrap();
        assert_eq!((least.value.as_str(), at(&least.place)), ("50%", "5:17".into()));
        let pairs: Vec<_> = budget.selector.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(pairs, [("app", "a"), ("tier", "web"), ("old", "DoesNotExist ")]);
    }
}
