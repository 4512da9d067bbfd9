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
mod variant;

use std::hash::{DefaultHasher, Hash};

use crate::tree::{Node, Value};
use crate::{Facts, Reason};

use super::{kinds, manifest};

pub(crate) use graph::taken_by_overlays;
pub(super) use image::split as split_image;
pub use kept::KeptManifests;
pub(super) use kept::keep;
pub(super) use label::team;
pub(super) use overlay::{is_named, is_one};
pub(super) use pointer::is_one as is_patch;
pub use stage::is_called_production;

use build::Builder;
use graph::Graph;
use stage::Roots;
use variant::Seen;

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
        let built = build(&graph, &roots);
        let passed_over = passed_over(&graph, &roots);
        let embedded = embed::files(&graph);
        let left_out = left_out::files(&graph, &embedded);
        let generated = generated::files(&graph, &roots.files);
        embed::set_aside(facts, &embedded, embed::EMBEDDED);
        embed::set_aside(facts, &left_out, left_out::LEFT_OUT);
        embed::set_aside(facts, &generated, generated::GENERATED);
        replace::files(facts, &roots.files);
        facts.append(built);
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
        for object in builder.build(root.overlay) {
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
mod tests {
    use proptest::prelude::*;

    use super::super::at;
    use super::*;
    use crate::VariableValue;

    const BASE: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 1
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
      - name: api
        image: registry.example/api:latest
        env:
        - {name: MODE, value: base}
";

    fn tree(files: &[(&str, &str)]) -> Facts {
        let mut facts = Facts::default();
        for (path, text) in files {
            facts.paths.push((*path).into());
            facts.append(crate::read(&(*path).into(), text.as_bytes()));
        }
        crate::settle(&mut facts);
        facts
    }

    /// A base with one deployment, and an overlay on it.
    fn overlay(lines: &str) -> Facts {
        tree(&[
            ("base/deployment.yaml", BASE),
            ("base/kustomization.yaml", "resources: [deployment.yaml]\n"),
            ("prod/kustomization.yaml", &format!("resources: [../base]\n{lines}")),
        ])
    }

    #[test]
    fn an_overlay_that_changes_nothing_leaves_the_manifest_as_it_stands() {
        let facts = overlay("");
        assert_eq!((facts.workloads.len(), facts.gaps.len()), (1, 0));
        let replicas = facts.workloads[0].replicas.as_ref().unwrap();
        assert_eq!(
            (replicas.value, &*replicas.place.path, at(&replicas.place)),
            (1, "base/deployment.yaml", "6:13".into())
        );
        assert_eq!(facts.manifests, KeptManifests::default());
    }

    #[test]
    fn what_a_generator_embeds_is_no_manifest_unless_it_is_applied_too() {
        let pod = BASE.replace("name: api", "name: task");
        let files = |lines: &str| {
            let lines = format!("resources: [deployment.yaml]\n{lines}");
            tree(&[
                ("base/deployment.yaml", BASE),
                ("base/config/task.yaml", &pod),
                ("base/kustomization.yaml", &lines),
            ])
        };
        let names = |facts: &Facts| {
            let names = facts.workloads.iter().map(|workload| workload.name.value.clone());
            names.collect::<Vec<_>>()
        };
        assert_eq!(names(&files("")), ["task", "api"]);
        for entry in ["files: [template.yaml=config/task.yaml]", "envs: [config/task.yaml]"] {
            let facts = files(&format!("configMapGenerator: [{{name: settings, {entry}}}]\n"));
            assert_eq!(names(&facts), ["api"], "{entry}");
            assert_eq!(&*facts.set_aside[0].place.path, "base/config/task.yaml");
        }
        let applied = files(
            "components: []\nbases: [config/task.yaml]\n\
             secretGenerator: [{name: settings, files: [config/task.yaml]}]\n",
        );
        assert_eq!(names(&applied), ["task", "api"]);
    }

    #[test]
    fn what_is_generated_of_what_an_overlay_builds_is_known_by_that() {
        let found = |path: &str, head: &str, name: &str| {
            let file = format!("{head}{}", BASE.replace("name: api", &format!("name: {name}")));
            let facts = tree(&[
                ("base/deployment.yaml", BASE),
                ("base/kustomization.yaml", "resources: [deployment.yaml]\n"),
                (path, &file),
            ]);
            (facts.workloads.len(), facts.set_aside.len())
        };
        for head in [
            "# This is an auto-generated file. DO NOT EDIT\n",
            "# Copyright\n\n# WARNING: This file is autogenerated. Do not manually edit.\n---\n",
        ] {
            assert_eq!(found("install.yaml", head, "api"), (1, 1), "{head}");
            assert_eq!(found("install.yaml", head, "till"), (2, 0), "{head}");
        }
        assert_eq!(found("install.yaml", "# Ids are generated.\n", "api"), (2, 0));
    }

    #[test]
    fn replicas_and_images_stand_where_the_overlay_writes_them() {
        let facts = overlay(
            "replicas:\n- {name: api, count: 3}\nimages:\n- name: registry.example/api\n  newTag: '1.2'\n",
        );
        let workload = &facts.workloads[0];
        let replicas = workload.replicas.as_ref().unwrap();
        assert_eq!(
            (replicas.value, &*replicas.place.path, at(&replicas.place)),
            (3, "prod/kustomization.yaml", "3:22".into())
        );
        let image = workload.containers[0].image.as_ref().unwrap();
        assert_eq!(
            (image.value.as_str(), at(&image.place)),
            ("registry.example/api:1.2", "6:11".into())
        );
        let digest =
            overlay("images: [{name: registry.example/api, newName: other, digest: 'sha256:1'}]\n");
        assert_eq!(
            digest.workloads[0].containers[0].image.as_ref().unwrap().value,
            "other@sha256:1"
        );
    }

    #[test]
    fn a_patch_inside_the_overlay_keeps_its_exact_places() {
        let facts = overlay(
            "patches:\n- patch: |-\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: api}\n    \
             spec:\n      replicas: 4\n      template:\n        spec:\n          containers:\n          \
             - name: api\n            resources: {limits: {memory: 64Mi}}\n            env:\n            \
             - {name: MODE, value: prod}\n            - {name: MORE, value: x}\n",
        );
        let workload = &facts.workloads[0];
        assert_eq!(at(&workload.replicas.as_ref().unwrap().place), "8:17");
        let container = &workload.containers[0];
        let memory = container.limits.memory.as_ref().unwrap();
        assert_eq!(
            (&*memory.place.path, at(&memory.place)),
            ("prod/kustomization.yaml", "13:42".into())
        );
        assert_eq!(container.image.as_ref().unwrap().value, "registry.example/api:latest");
        // The name was given in the base: the patch is found by it.
        assert_eq!(&*container.name.place.path, "base/deployment.yaml");
        let values: Vec<_> = container.environment.iter().map(|variable| &variable.value).collect();
        assert!(
            matches!(values.as_slice(), [VariableValue::Literal(mode), VariableValue::Literal(_)] if mode.value == "prod")
        );
    }

    #[test]
    fn patches_in_files_are_applied_and_are_no_workloads_themselves() {
        let patch = BASE.replace("replicas: 1", "replicas: 5");
        for key in ["patches", "patchesStrategicMerge"] {
            let overlay = format!("resources: [../base]\n{key}: [p.yaml]\n");
            let facts = tree(&[
                ("base/deployment.yaml", BASE),
                ("base/kustomization.yaml", "resources: [deployment.yaml]\n"),
                ("prod/kustomization.yaml", &overlay),
                ("prod/p.yaml", &patch),
            ]);
            assert_eq!((facts.workloads.len(), facts.gaps.len()), (1, 0));
            assert_eq!(facts.workloads[0].replicas.as_ref().unwrap().value, 5);
        }
    }

    #[test]
    fn operations_are_carried_out_in_files_and_inside() {
        let operations = "- op: replace\n  path: /spec/replicas\n  value: 6\n- op: remove\n  \
                          path: /spec/template/spec/containers/0/env\n- op: add\n  \
                          path: /metadata/annotations/a~1b\n  value: c\n";
        let facts = tree(&[
            ("base/deployment.yaml", BASE),
            ("base/kustomization.yaml", "resources: [deployment.yaml]\n"),
            (
                "prod/kustomization.yaml",
                "resources: [../base]\npatches: [{path: p.yaml, target: {kind: Deployment, name: a.*}}]\n",
            ),
            ("prod/p.yaml", operations),
        ]);
        let workload = &facts.workloads[0];
        let replicas = workload.replicas.as_ref().unwrap();
        assert_eq!(
            (replicas.value, &*replicas.place.path, at(&replicas.place)),
            (6, "prod/p.yaml", "3:10".into())
        );
        assert_eq!(workload.containers[0].environment, []);
        assert_eq!(workload.annotations[0].0, "a/b");
        assert_eq!(facts.gaps, []);
    }

    #[test]
    fn an_operation_that_leads_nowhere_is_a_gap_of_the_object() {
        let facts = overlay(
            "patches:\n- target: {kind: Deployment}\n  patch: |-\n    - {op: replace, path: /spec/template/spec/containers/7/image, value: x}\n",
        );
        assert_eq!(
            (facts.gaps[0].name.as_deref(), at(&facts.gaps[0].place)),
            (Some("api"), "5:5".into())
        );
    }

    #[test]
    fn deleted_objects_do_not_run() {
        let facts = overlay(
            "patches:\n- patch: |-\n    $patch: delete\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: api}\n",
        );
        assert_eq!((facts.workloads.len(), facts.gaps.len()), (0, 0));
    }

    #[test]
    fn labels_namespace_and_names_hold_together() {
        let service =
            "apiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec: {ports: [{port: 80}]}\n";
        let facts = tree(&[
            ("base/d.yaml", &BASE.replace("  selector: {matchLabels: {app: api}}\n", "")),
            ("base/s.yaml", service),
            (
                "base/kustomization.yaml",
                "resources: [d.yaml, s.yaml]\nnamePrefix: my-\ncommonLabels: {team: shop}\n",
            ),
            (
                "prod/kustomization.yaml",
                "resources: [../base]\nnamespace: live\nreplicas: [{name: my-api, count: 2}]\n",
            ),
        ]);
        let workload = &facts.workloads[0];
        assert_eq!(
            (workload.name.value.as_str(), workload.replicas.as_ref().unwrap().value),
            ("api", 2)
        );
        let namespace = workload.namespace.as_ref().unwrap();
        assert_eq!((namespace.value.as_str(), at(&namespace.place)), ("live", "2:12".into()));
        assert!(workload.labels.iter().any(|(key, value)| key == "team" && value.value == "shop"));
        assert_eq!(facts.cluster.services[0].selector, [("team".to_owned(), "shop".to_owned())]);
        assert_eq!(facts.gaps, []);
    }

    #[test]
    fn a_reference_that_writes_the_suffix_out_means_the_object_of_the_base() {
        let scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n\
                      metadata: {name: api}\nspec:\n  minReplicas: 2\n  maxReplicas: 5\n  \
                      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: api}\n";
        let patch = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n\
                     metadata: {name: api}\nspec: {scaleTargetRef: {name: x-api-live}}\n";
        let facts = |suffix: &str| {
            tree(&[
                ("base/d.yaml", BASE),
                ("base/h.yaml", scaler),
                ("base/kustomization.yaml", "resources: [d.yaml, h.yaml]\nnamePrefix: x-\n"),
                (
                    "live/kustomization.yaml",
                    &format!(
                        "resources: [../base]\nnameSuffix: {suffix}\npatches: [path: p.yaml]\n"
                    ),
                ),
                ("live/p.yaml", patch),
            ])
        };
        let target = |suffix| facts(suffix).cluster.autoscalers[0].target.clone().unwrap().value;
        assert_eq!(target("-live"), "api");
        assert_eq!(target("-test"), "x-api-live");
    }

    #[test]
    fn a_component_changes_what_its_overlay_has_and_one_that_nobody_uses_does_not_run() {
        let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [more.yaml]\n\
                         replicas: [{name: api, count: 7}]\n";
        let more = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: more}\n";
        let base = [
            ("base/deployment.yaml", BASE),
            ("base/kustomization.yaml", "resources: [deployment.yaml]\n"),
            ("component/kustomization.yaml", component),
            ("component/more.yaml", more),
        ];
        let with = [
            &base[..],
            &[("prod/kustomization.yaml", "resources: [../base]\ncomponents: [../component]\n")],
        ]
        .concat();
        let facts = tree(&with);
        assert_eq!(facts.workloads[0].replicas.as_ref().unwrap().value, 7);
        assert_eq!(facts.cluster.config_maps.len(), 1);
        let facts = tree(&base);
        assert_eq!(facts.workloads[0].replicas.as_ref().unwrap().value, 1);
        assert_eq!(facts.cluster.config_maps, []);
    }

    #[test]
    fn an_overlay_of_a_stage_with_manifests_of_its_own_is_a_variant_of_that_of_production_beside_it()
     {
        let own = "resources: [deployment.yaml]\n";
        let of = |folders: [&str; 2]| -> Vec<String> {
            let paths = folders.map(|folder| {
                [format!("{folder}/kustomization.yaml"), format!("{folder}/deployment.yaml")]
            });
            let files: Vec<(&str, &str)> =
                paths.iter().flat_map(|[k, d]| [(k.as_str(), own), (d.as_str(), BASE)]).collect();
            let facts = tree(&files);
            facts.workloads.iter().map(|w| w.name.place.folder().to_owned()).collect()
        };
        assert_eq!(of(["till/east-stage", "till/west-prod"]), ["till/west-prod"]);
        assert_eq!(of(["till/east-stage", "pool/west-prod"]).len(), 2);
        assert_eq!(of(["apps/ci", "apps/till"]).len(), 2);
    }

    #[test]
    fn of_several_stages_the_one_nearest_to_production_speaks() {
        let stage = |count: i64| {
            format!("resources: [../base]\nreplicas: [{{name: api, count: {count}}}]\n")
        };
        let base = [
            ("base/deployment.yaml", BASE),
            ("base/kustomization.yaml", "resources: [deployment.yaml]\n"),
        ];
        let counts = |stages: &[(&str, &str)]| -> Vec<i64> {
            let facts = tree(&[&base[..], stages].concat());
            facts
                .workloads
                .iter()
                .map(|workload| workload.replicas.as_ref().unwrap().value)
                .collect()
        };
        let (dev, staging, prod, other) = (stage(1), stage(2), stage(3), stage(4));
        let dev = ("overlays-dev/kustomization.yaml", dev.as_str());
        let staging = ("overlays-staging/kustomization.yaml", staging.as_str());
        let prod = ("prod/kustomization.yaml", prod.as_str());
        let other = ("eu-west/kustomization.yaml", other.as_str());
        assert_eq!(counts(&[dev, staging, prod]), [3]);
        let aside = tree(&[&base[..], &[dev, staging, prod]].concat()).set_aside;
        let folders: Vec<_> = aside.iter().map(|reason| reason.place.folder()).collect();
        assert_eq!(folders, ["overlays-staging", "overlays-dev"]);
        assert!(aside[0].what.contains("nearer to production"));
        assert_eq!(counts(&[dev, staging]), [2]);
        assert_eq!(counts(&[dev]), [1]);
        assert_eq!(counts(&[dev, prod, other]), [3, 4]);
        let ithc = ("ithc/kustomization.yaml", staging.1);
        assert_eq!(counts(&[ithc, prod]), [3]);
    }

    #[test]
    fn an_overlay_that_gathers_those_of_several_environments_is_none_itself() {
        let stage = |count: i64| {
            format!("resources: [../base]\nreplicas: [{{name: api, count: {count}}}]\n")
        };
        let (dev, prod) = (stage(1), stage(3));
        let built = |first: &str, second: &str| {
            let gathers = format!("resources: [{first}, {second}]\n");
            let (first, second) =
                (format!("k/{first}/kustomization.yaml"), format!("k/{second}/kustomization.yaml"));
            let facts = tree(&[
                ("k/base/deployment.yaml", BASE),
                ("k/base/kustomization.yaml", "resources: [deployment.yaml]\n"),
                (&first, &dev),
                (&second, &prod),
                ("k/kustomization.yaml", &gathers),
            ]);
            let replicas = facts.workloads[0].replicas.as_ref().unwrap().value;
            (replicas, facts.set_aside.iter().any(|aside| aside.what.contains("only gathers")))
        };
        assert_eq!(built("dev", "prod"), (3, true));
        assert_eq!(built("dev", "staging"), (3, true));
        // Two regions are, and so is what production stands on.
        assert!(!built("eu-west", "us-east").1 && !built("local-storage", "prod").1);
    }

    #[test]
    fn an_overlay_upon_one_for_trying_out_is_for_that_too_whatever_it_is_called() {
        let upon = |below: &str, count: i64| {
            format!("resources: [{below}]\nreplicas: [{{name: api, count: {count}}}]\n")
        };
        let counts = |above: &str| -> Vec<i64> {
            let (local, runner, live) =
                (upon("../base", 1), upon("../local-dev", 2), upon("../base", 3));
            let facts = tree(&[
                ("k/base/deployment.yaml", BASE),
                ("k/base/kustomization.yaml", "resources: [deployment.yaml]\n"),
                ("k/local-dev/kustomization.yaml", &local),
                (&format!("k/{above}/kustomization.yaml"), &runner),
                ("k/live/kustomization.yaml", &live),
            ]);
            let workloads = facts.workloads.iter();
            workloads.map(|workload| workload.replicas.as_ref().unwrap().value).collect()
        };
        assert_eq!(counts("runner"), [3]);
        assert_eq!(counts("production"), [2, 3], "it is called so");
    }

    #[test]
    fn what_only_a_trial_stands_on_speaks_without_what_the_trial_changes() {
        let counts = |below: &str, above: &str| -> Vec<i64> {
            let up = "../".repeat(above.split('/').count());
            let trial = format!("resources: [{up}{below}]\nreplicas: [{{name: api, count: 2}}]\n");
            let facts = tree(&[
                (&format!("{below}/deployment.yaml"), BASE),
                (&format!("{below}/kustomization.yaml"), "resources: [deployment.yaml]\n"),
                (&format!("{above}/kustomization.yaml"), &trial),
            ]);
            let workloads = facts.workloads.iter();
            workloads.map(|workload| workload.replicas.as_ref().unwrap().value).collect()
        };
        assert_eq!(counts("config/controller", "kindtest/controller"), [1]);
        assert_eq!(counts("config/controller", "e2e"), [1]);
        assert_eq!(counts("config/controller", "eu"), [2]);
        assert_eq!(counts("config/base", "e2e"), [2], "a base is not whole");
    }

    #[test]
    fn an_overlay_for_few_people_stands_behind_production_beside_it_and_nowhere_else() {
        let stage = |count: i64| {
            format!("resources: [../../base]\nreplicas: [{{name: api, count: {count}}}]\n")
        };
        let counts = |folders: &[&str]| -> Vec<i64> {
            let mut files = vec![
                ("base/deployment.yaml".to_owned(), BASE.to_owned()),
                ("base/kustomization.yaml".to_owned(), "resources: [deployment.yaml]\n".to_owned()),
            ];
            for (count, folder) in (1..).zip(folders) {
                files.push((format!("overlays/{folder}/kustomization.yaml"), stage(count)));
            }
            let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (&**p, &**t)).collect();
            let workloads = tree(&files).workloads;
            workloads.iter().map(|workload| workload.replicas.as_ref().unwrap().value).collect()
        };
        assert_eq!(counts(&["alpha", "internal", "production"]), [3]);
        assert_eq!(counts(&["alpha", "eu"]), [2]);
        assert_eq!(counts(&["internal", "external"]), [1, 2]);
        assert_eq!(counts(&["latest", "review", "stable"]), [3]);
        assert_eq!(counts(&["latest", "review"]), [1, 2]);
    }

    #[test]
    fn overlays_that_leave_a_workload_unlike_are_told() {
        let stage = |count: i64| match count {
            0 => "resources: [../base]\n".to_owned(),
            _ => format!("resources: [../base]\nreplicas: [{{name: api, count: {count}}}]\n"),
        };
        let overlays = |folders: &[(&str, i64)]| -> Vec<Vec<String>> {
            let mut files = vec![
                ("base/deployment.yaml".to_owned(), BASE.to_owned()),
                ("base/kustomization.yaml".to_owned(), "resources: [deployment.yaml]\n".to_owned()),
            ];
            for (folder, count) in folders {
                files.push((format!("{folder}/kustomization.yaml"), stage(*count)));
            }
            let files: Vec<(&str, &str)> = files.iter().map(|(p, t)| (&**p, &**t)).collect();
            let workloads = tree(&files).workloads;
            let mut told: Vec<Vec<String>> = workloads
                .iter()
                .map(|workload| workload.overlays.iter().map(ToString::to_string).collect())
                .collect();
            told.sort();
            told
        };
        assert_eq!(overlays(&[("north", 1), ("south", 2)]), [["north"], ["south"]]);
        assert_eq!(overlays(&[("north", 0), ("south", 0)]), [[""; 0]]);
        assert_eq!(overlays(&[("north", 1)]), [[""; 0]]);
    }

    #[test]
    fn a_manifest_that_its_kustomization_leaves_out_is_not_applied() {
        let pod = |name: &str| BASE.replace("name: api", &format!("name: {name}"));
        let (api, web, jobs, old) = (pod("api"), pod("web"), pod("jobs"), pod("old"));
        let list = "resources:\n- api.yaml\n- web.yaml\n- jobs.yaml\n# - old.yaml\n";
        let files = [
            ("base/api.yaml", &*api),
            ("base/web.yaml", &*web),
            ("base/jobs.yaml", &*jobs),
            ("base/old.yaml", &*old),
            ("base/kustomization.yaml", list),
        ];
        let names = |facts: &Facts| -> Vec<String> {
            facts.workloads.iter().map(|workload| workload.name.value.clone()).collect()
        };
        let facts = tree(&files);
        assert_eq!(names(&facts), ["api", "jobs", "web"]);
        assert_eq!(
            (&*facts.set_aside[0].place.path, &*facts.set_aside[0].what),
            (
                "base/old.yaml",
                "is left out by the Kustomize file of its folder, and nothing else names it"
            )
        );
        let step = "on: push\njobs: {a: {steps: [{run: kubectl apply -f base/old.yaml}]}}\n";
        let page = "# Deploy\n\n```sh\nkubectl apply -f old.yaml\n```\n";
        for by_hand in [(".github/workflows/a.yml", step), ("README.md", page)] {
            assert_eq!(names(&tree(&[&files[..], &[by_hand]].concat())).len(), 4, "{by_hand:?}");
        }
        let half = "resources: [api.yaml, web.yaml]\n";
        let few = [&files[..4], &[("base/kustomization.yaml", half)]].concat();
        assert_eq!(names(&tree(&few)).len(), 4);
    }

    #[test]
    fn secrets_that_an_overlay_makes_of_literals_are_plain_secrets() {
        let facts = overlay("secretGenerator:\n- name: keys\n  literals:\n  - PASSWORD=hunter2\n");
        let secret = &facts.cluster.secrets[0];
        let (key, value) = &secret.entries[0];
        assert_eq!(
            (key.as_str(), value.value.as_str(), at(&value.place)),
            ("PASSWORD", "hunter2", "5:5".into())
        );
    }

    #[test]
    fn what_cannot_be_built_is_named() {
        let reasons = |lines: &str| -> Vec<String> {
            overlay(lines)
                .gaps
                .into_iter()
                .map(|gap| format!("{} {}", at(&gap.place), gap.reason))
                .collect()
        };
        let cases = [
            ("components: [https://github.com/a/b?ref=1]\n", "2:14 takes manifests from"),
            ("bases: [../gone]\n", "2:9 names `../gone`"),
            ("helmCharts:\n- name: redis\n", "3:9 takes the Helm chart `redis`"),
            ("replacements: [{path: a.yaml}]\n", "2:1 changes manifests by `replacements`"),
            (
                "replacements: [{targets: [{select: {kind: Deployment}}]}]\n",
                "2:1 changes manifests by `replacements`",
            ),
            ("patches: [{path: gone.yaml}]\n", "2:18 names `gone.yaml`"),
            ("patches: [{patch: '{', target: {}}]\n", "2:19 holds a patch that could not be read"),
            (
                "patches: [{patch: '{}', target: {labelSelector: 'a ~ b'}}]\n",
                "2:33 names the target",
            ),
        ];
        for (lines, start) in cases {
            let reasons = reasons(lines);
            assert!(reasons.len() == 1 && reasons[0].starts_with(start), "{lines}: {reasons:?}");
        }
    }

    #[test]
    fn definitions_of_kinds_from_elsewhere_are_no_gap() {
        let gaps = |address: &str| {
            let text = format!("resources: ['{address}']\n");
            tree(&[("k/kustomization.yaml", &text)]).gaps.len()
        };
        assert_eq!(gaps("https://github.com/acme/shop//config/crd?ref=v1"), 0);
        assert_eq!(gaps("https://example.org/main/till_customresourcedefinition.yaml"), 0);
        assert_eq!(gaps("https://github.com/acme/shop//config/default?ref=v1"), 1);
    }

    #[test]
    fn variables_that_no_object_names_change_nothing() {
        let gaps = |name: &str| {
            let vars = format!("vars: [{{name: {name}, objref: {{kind: Service, name: api}}}}]\n");
            let base = BASE.replace("value: base", "value: $(MODE_OF_API)");
            let files = [
                ("base/deployment.yaml", &*base),
                ("base/kustomization.yaml", &*format!("resources: [deployment.yaml]\n{vars}")),
            ];
            tree(&files).gaps.len()
        };
        assert_eq!((gaps("MODE_OF_API"), gaps("CERTIFICATE")), (1, 0));
    }

    #[test]
    fn what_changes_nothing_that_was_read_is_no_gap() {
        let select =
            "replacements: [{targets: [{select: {kind: ValidatingWebhookConfiguration}}]}]\n";
        assert_eq!(overlay(select).gaps, []);
        let written = |path: &str| {
            let target = format!("select: {{kind: Deployment}}, fieldPaths: ['{path}']");
            overlay(&format!("replacements: [{{targets: [{{{target}}}]}}]\n")).gaps.len()
        };
        let container = "spec.template.spec.containers.[name=api]";
        assert_eq!(written("spec.template.metadata.labels.version"), 0);
        assert_eq!(written(&format!("{container}.env.[name=VERSION].value")), 0);
        assert_eq!(written(&format!("{container}.image")), 1);
        let hooks = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\n\
                     metadata: {name: a}\n";
        let facts = tree(&[
            ("k/kustomization.yaml", "resources: [hooks.yaml]\ntransformers: [prefix.yaml]\n"),
            ("k/hooks.yaml", hooks),
        ]);
        assert_eq!(facts.gaps, []);
    }

    #[test]
    fn overlays_that_stand_on_one_another_in_a_circle_end() {
        let facts = tree(&[
            ("a/kustomization.yaml", "resources: [../b]\n"),
            ("b/kustomization.yaml", "resources: [../c]\n"),
            ("c/kustomization.yaml", "resources: [../b]\n"),
        ]);
        assert!(facts.gaps.iter().any(|gap| gap.reason.contains("stands on itself")));
    }

    #[test]
    fn overlays_that_grow_without_bound_are_cut_off_and_named() {
        for resources in ["[d.yaml]", "[]"] {
            let mut files = vec![("0/d.yaml".to_owned(), BASE.to_owned())];
            files.push(("0/kustomization.yaml".to_owned(), format!("resources: {resources}\n")));
            for n in 1..30 {
                let below = format!("../{}", n - 1);
                let text = format!("resources: [{below}, {below}, {below}]\n");
                files.push((format!("{n}/kustomization.yaml"), text));
            }
            let files: Vec<_> =
                files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            let facts = tree(&files);
            assert!(facts.gaps.iter().any(|gap| gap.reason.contains("too much to be built")));
        }
    }

    proptest! {
        #[test]
        fn no_overlay_however_broken_stops_the_build(
            edits in prop::collection::vec((0..4_usize, any::<prop::sample::Index>(), 0..PIECES.len()), 0..10),
        ) {
            let mut texts = [
                BASE.to_owned(),
                "resources: [deployment.yaml]\ncommonLabels: {a: b}\nnamePrefix: x-\n".to_owned(),
                "resources: [../base]\npatches:\n- path: p.yaml\n- target: {kind: Deployment}\n  patch: |-\n    \
                 - {op: add, path: /spec/a/b, value: 1}\nreplicas: [{name: api, count: 2}]\nimages:\n\
                 - {name: registry.example/api, newTag: b}\nconfigMapGenerator:\n- {name: c, literals: [a=b]}\n"
                    .to_owned(),
                BASE.replace("replicas: 1", "replicas: null\n  $patch: replace"),
            ];
            for (file, at, piece) in edits {
                let text = &mut texts[file];
                let mut at = at.index(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                text.insert_str(at, PIECES[piece]);
            }
            let [base, below, above, patch] = &texts;
            let facts = tree(&[
                ("base/deployment.yaml", base),
                ("base/kustomization.yaml", below),
                ("prod/kustomization.yaml", above),
                ("prod/p.yaml", patch),
            ]);
            prop_assert!(facts.manifests == KeptManifests::default());
        }
    }

    const PIECES: &[&str] = &[
        "\n",
        "  ",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "é",
        "null",
        "\n---\n",
        "$patch: delete\n",
        "../",
        "/-",
        "~",
        "0",
        "resources: [../prod]\n",
        "components: [../base]\n",
        "$patch: replace\n",
        "spec:\n",
        "containers:\n",
        "env: 1\n",
        "- op: remove\n  path: /\n",
        "target: {name: '('}\n",
    ];

    #[test]
    fn files_outside_of_every_overlay_and_objects_of_flux_stay_as_they_are() {
        let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\nspec: {path: ./x}\n";
        let facts = tree(&[("a/d.yaml", BASE), ("flux/kustomization.yaml", flux)]);
        assert_eq!((facts.workloads.len(), facts.gaps.len()), (1, 0));
    }
}
