//! Manifests that start pods.

use model::Placed;

use crate::tree::Node;
use crate::{Autoscaler, Facts, Platform, Workload, WorkloadKind};

use super::manifest::Manifest;
use super::pod::Pod;
use super::{field, image_stream, update};

/// What a kind makes of its pods, and where its pod template stands.
struct Shape {
    kind: WorkloadKind,
    template: &'static [&'static str],
}

/// The shape of a kind; every other one is like a Deployment.
fn shape(kind: &str) -> Shape {
    const TEMPLATE: &[&str] = &["spec", "template"];
    let (kind, template) = match kind {
        "StatefulSet" => (WorkloadKind::StatefulSet, TEMPLATE),
        "DaemonSet" => (WorkloadKind::DaemonSet, TEMPLATE),
        "Pod" => (WorkloadKind::Pod, [].as_slice()),
        "Job" => (WorkloadKind::Job, TEMPLATE),
        "ScaledJob" => (WorkloadKind::Job, ["spec", "jobTargetRef", "template"].as_slice()),
        "CronJob" => {
            (WorkloadKind::CronJob, ["spec", "jobTemplate", "spec", "template"].as_slice())
        }
        _ => (WorkloadKind::Deployment, TEMPLATE),
    };
    Shape { kind, template }
}

/// Whether the manifest starts something by itself.
///
/// A patch of Kustomize says only what it changes: it has no image, or none of the labels that
/// the object would find its pods by. The image of a job may be set when it is deployed; a job that
/// says what becomes of its pods, which it has to and a patch has not, is whole without it.
pub(super) fn is_whole(manifest: &Manifest<'_>) -> bool {
    let Some(template) = manifest.at(shape(manifest.header.kind).template) else { return false };
    // The image of a DeploymentConfig may come from a trigger.
    let ends = manifest.header.group == "batch"
        && field::text(template, &["spec", "restartPolicy"]).is_some();
    let takes_image = manifest.header.kind == "DeploymentConfig" || ends;
    let containers = field::items(template, &["spec", "containers"]);
    let has_image = containers.iter().any(|c| takes_image || c.get("image").is_some());
    let needs_selector = matches!(manifest.header.group, "apps" | "apps.kruise.io");
    has_image && (!needs_selector || manifest.at(&["spec", "selector"]).is_some())
}

/// Reads a manifest of any kind that has a pod template.
pub(super) fn read(manifest: &Manifest<'_>, facts: &mut Facts) {
    let shape = shape(manifest.header.kind);
    let Some(template) = manifest.at(shape.template) else { return };
    let Some(pod) = Pod::of(template) else { return };
    let mut workload = of_pod(manifest, shape.kind, &pod);
    if let Some(spec) = manifest.spec() {
        workload.replicas = field::int(spec, "replicas");
        facts.gaps.extend(unknown_replicas(manifest, spec));
        workload.schedule = spec.string("schedule");
        let suspend = spec.get("suspend").filter(|suspend| suspend.bool() == Some(true));
        workload.suspended = suspend.map(|suspend| suspend.place.clone());
        update::read(spec, &mut workload);
    }
    facts.workloads.push(workload);
}

/// Reads a service of Knative, which always scales: from none, by the requests in flight, where the
/// annotations of its pods do not say otherwise.
/// <https://knative.dev/docs/serving/autoscaling/>
pub(super) fn read_knative(manifest: &Manifest<'_>, facts: &mut Facts) {
    read(manifest, facts);
    let annotations = manifest.at(&["spec", "template", "metadata", "annotations"]);
    let bound = |names: [&str; 2]| {
        let found = names.iter().find_map(|name| {
            annotations?.get(&format!("autoscaling.knative.dev/{name}")).filter(|n| !n.is_null())
        })?;
        Some(Placed::new(found.str()?.parse().ok()?, found.place.clone()))
    };
    let (min, max) = (bound(["min-scale", "minScale"]), bound(["max-scale", "maxScale"]));
    let place = manifest.name.place.clone();
    facts.cluster.autoscalers.push(Autoscaler {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        target: Some(manifest.name.clone()),
        min: min.or_else(|| Some(Placed::new(0, place.clone()))),
        max,
        triggers: vec![Placed::new("requests in flight".to_owned(), place)],
    });
}

fn of_pod(manifest: &Manifest<'_>, kind: WorkloadKind, pod: &Pod<'_>) -> Workload {
    let specification = pod.spec.place.clone();
    let name = manifest.name.clone();
    let mut workload = Workload::new(name, Platform::Kubernetes, kind, specification);
    workload.namespace = manifest.namespace();
    workload.annotations = annotations(manifest, pod);
    pod.read(&mut workload);
    // Knative gives the only container its name.
    let name = &workload.name.value;
    let unnamed = workload.containers.iter_mut().filter(|container| container.name.is_empty());
    unnamed.for_each(|container| container.name.value.clone_from(name));
    let all = workload.containers.iter_mut().chain(&mut workload.init_containers);
    image_stream::follow(manifest, all);
    workload
}

/// Annotations and labels of the object, then annotations of its pods.
fn annotations(manifest: &Manifest<'_>, pod: &Pod<'_>) -> Vec<(String, Placed<String>)> {
    let own = ["annotations", "labels"].map(|key| manifest.at(&["metadata", key]));
    let is_pod = manifest.header.kind == "Pod";
    let of_pods = pod.metadata.filter(|_| !is_pod).and_then(|node| node.get("annotations"));
    own.into_iter().chain([of_pods]).flat_map(field::texts).collect()
}

/// A number of instances that is a variable is not the same as none.
fn unknown_replicas(manifest: &Manifest<'_>, spec: &Node) -> Option<crate::Gap> {
    let replicas = spec.get("replicas").filter(|node| node.int().is_none() && !node.is_null())?;
    let reason = "leaves the number of instances to be filled in";
    Some(manifest.gap(replicas.place.clone(), reason))
}

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};
    use super::*;

    const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  namespace: shop
  labels: {team: payments}
  annotations:
    a8r.io/owner: ada
spec:
  replicas: 3
  selector: {matchLabels: {app: checkout}}
  strategy:
    type: RollingUpdate
    rollingUpdate: {maxUnavailable: 25%}
  template:
    metadata:
      labels: {app: checkout}
      annotations: {prometheus.io/scrape: \"true\"}
    spec:
      serviceAccountName: checkout
      terminationGracePeriodSeconds: 45
      containers:
        - name: api
          image: registry.example/checkout:1.2
";

    #[test]
    fn a_deployment_is_read_with_its_places() {
        let facts = facts_of(DEPLOYMENT);
        let workload = &facts.workloads[0];
        assert_eq!(
            (workload.platform, workload.kind),
            (Platform::Kubernetes, WorkloadKind::Deployment)
        );
        assert_eq!(
            (workload.name.value.as_str(), at(&workload.name.place)),
            ("checkout", "4:9".into())
        );
        assert_eq!(at(&workload.namespace.as_ref().unwrap().place), "5:14");
        let replicas = workload.replicas.as_ref().unwrap();
        assert_eq!((replicas.value, at(&replicas.place)), (3, "10:13".into()));
        let unavailable = workload.max_unavailable.as_ref().unwrap();
        assert_eq!((unavailable.value.as_str(), at(&unavailable.place)), ("25%", "14:37".into()));
        assert_eq!(at(&workload.strategy.as_ref().unwrap().place), "13:11");
        assert_eq!(at(&workload.grace_period_s.as_ref().unwrap().place), "21:38");
        assert_eq!(at(&workload.specification), "20:7");
        let keys: Vec<_> = workload.annotations.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["a8r.io/owner", "team", "prometheus.io/scrape"]);
        assert_eq!(workload.labels[0].1.value, "checkout");
        assert_eq!(facts.gaps, []);
    }

    #[test]
    fn what_a_manifest_does_not_say_is_not_invented() {
        let text =
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - image: x\n";
        let workload = &facts_of(text).workloads[0];
        assert_eq!(workload.kind, WorkloadKind::Pod);
        assert!(workload.replicas.is_none() && workload.strategy.is_none());
        assert!(workload.grace_period_s.is_none() && workload.spread.is_none());
        let container = &workload.containers[0];
        assert!(container.readiness.is_none() && container.requests.place.is_none());
    }

    #[test]
    fn jobs_have_their_pods_deeper() {
        let text = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  \
                    schedule: '0 2 * * *'\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          \
                    restartPolicy: Never\n          containers: [{name: a, image: x}]\n";
        let workload = &facts_of(text).workloads[0];
        assert_eq!(workload.kind, WorkloadKind::CronJob);
        assert_eq!(at(&workload.schedule.as_ref().unwrap().place), "5:13");
        assert_eq!(workload.restart.as_ref().unwrap().value, "Never");
        assert_eq!(workload.suspended, None);
        let suspended = text.replace("spec:\n  schedule", "spec:\n  suspend: true\n  schedule");
        assert_eq!(at(facts_of(&suspended).workloads[0].suspended.as_ref().unwrap()), "5:12");
    }

    #[test]
    fn a_patch_is_no_workload_but_a_gap_of_its_name() {
        let patches = [
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  replicas: 3\n",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  template:\n    spec:\n      \
             containers: [{name: a, image: x}]\n",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n  selector: {}\n  template:\n    \
             spec:\n      containers: [{name: a, resources: {}}]\n",
            "$patch: delete\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n",
        ];
        for patch in patches {
            let facts = facts_of(patch);
            assert_eq!(facts.workloads, [], "{patch}");
            assert_eq!(facts.gaps[0].name.as_deref(), Some("a"), "{patch}");
        }
    }

    #[test]
    fn a_job_whose_image_is_set_when_it_is_deployed_is_a_workload() {
        let text = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  schedule: '0 2 * * *'\n  \
                    jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          \
                    containers: [{name: a, command: [rake]}]\n";
        let facts = facts_of(text);
        assert_eq!((facts.workloads.len(), facts.gaps.len()), (1, 0));
        assert_eq!(facts.workloads[0].containers[0].image, None);
        let patch = text.replace("restartPolicy: Never", "nodeSelector: {}");
        assert_eq!(facts_of(&patch).workloads, []);
    }

    #[test]
    fn a_variable_for_the_number_of_instances_is_a_gap_and_not_silence() {
        let text = DEPLOYMENT.replace("replicas: 3", "replicas: ${REPLICAS}");
        let facts = facts_of(&text);
        assert_eq!(facts.workloads[0].replicas, None);
        assert_eq!((at(&facts.gaps[0].place), facts.gaps.len()), ("10:13".into(), 1));
    }

    #[test]
    fn a_service_of_knative_runs_pods_and_scales_by_annotations() {
        let text = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\nspec:\n  template:\n    \
                    metadata:\n      annotations:\n        autoscaling.knative.dev/min-scale: \"2\"\n    spec:\n      \
                    containers: [{image: x}]\n";
        let facts = facts_of(text);
        assert_eq!(facts.workloads.len(), 1);
        assert_eq!(facts.cluster.services, []);
        let min = facts.cluster.autoscalers[0].min.as_ref().unwrap();
        assert_eq!((min.value, at(&min.place)), (2, "8:44".into()));
        assert_eq!(facts.workloads[0].containers[0].name.value, "a");
        let facts = facts_of(&text.replace("min-scale", "target"));
        let scaler = &facts.cluster.autoscalers[0];
        assert_eq!((scaler.min.as_ref().unwrap().value, scaler.triggers.len()), (0, 1));
    }
}
