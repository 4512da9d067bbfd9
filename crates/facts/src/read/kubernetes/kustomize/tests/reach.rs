//! What Flux applies of a tree, and what is left over beside it.

use std::collections::BTreeMap;

use super::*;

const JOB: &str = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: init}\nspec:\n  template:\n    \
                   spec: {containers: [{name: init, image: api:1}]}\n";

const FLUX: &str = "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: apps}
spec: {path: ./apps/main, sourceRef: {kind: GitRepository, name: flux-system}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ground}
spec: {path: ./ground, sourceRef: {kind: GitRepository, name: flux-system}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: viewer}
spec: {path: ./, sourceRef: {kind: OCIRepository, name: viewer}}
";

/// The names of the workloads of a tree in which nothing leads to an older deployment, to a job beside
/// the file of Kustomize's and to a folder that was taken out, and how many files were set aside.
/// Some files of it stand in the place of those of the same path.
fn left(others: &[(&str, &str)]) -> (Vec<String>, usize) {
    let deployment = |name: &str| BASE.replacen("name: api", &format!("name: {name}"), 1);
    let (old, lamp, proxy) = (deployment("old"), deployment("lamp"), deployment("proxy"));
    let mut files = BTreeMap::from([
        ("apps/base/old.yaml", &*old),
        ("apps/main/api/deployment.yaml", BASE),
        ("apps/main/api/init.yaml", JOB),
        ("apps/main/api/kustomization.yaml", "resources: [deployment.yaml]\n"),
        ("apps/main/kustomization.yaml", "resources:\n- ./api\n#- ./lamp\n"),
        ("apps/main/lamp/deployment.yaml", &lamp),
        ("apps/main/lamp/kustomization.yaml", "resources: [deployment.yaml]\n"),
        ("clusters/main/flux.yaml", FLUX),
        ("ground/proxy/deployment.yaml", &proxy),
    ]);
    files.extend(others.iter().copied());
    let facts = tree(&files.into_iter().collect::<Vec<_>>());
    let mut names: Vec<_> = facts.workloads.into_iter().map(|w| w.name.value).collect();
    names.sort();
    let is_one = |reason: &&Reason| reason.what == unreached::UNREACHED;
    (names, facts.set_aside.iter().filter(is_one).count())
}

const ALL: [&str; 5] = ["api", "init", "lamp", "old", "proxy"];

#[test]
fn what_no_kustomization_of_flux_leads_to_is_not_applied() {
    let (names, set_aside) = left(&[]);
    assert_eq!((names.as_slice(), set_aside), (["api", "proxy"].map(str::to_owned).as_slice(), 3));
    let (names, _) = left(&[("README.md", "# Shop\n\n```\nkubectl apply -f init.yaml\n```\n")]);
    assert_eq!(names, ["api", "init", "proxy"]);
}

#[test]
fn nothing_is_left_over_where_flux_cannot_be_followed() {
    let flux = |from: &str, to: &str| FLUX.replacen(from, to, 1);
    for flux in [
        flux("./apps/main", "./apps/${CLUSTER}"),
        flux("./apps/main", "./deploy"),
        flux("path: ./apps/main, ", ""),
        flux(", sourceRef: {kind: GitRepository, name: flux-system}", ""),
    ] {
        let (names, set_aside) = left(&[("clusters/main/flux.yaml", &flux)]);
        assert_eq!((names, set_aside), (ALL.map(str::to_owned).to_vec(), 0), "{flux}");
    }
    for overlay in ["resources: [api, gone]\n", "resources: [api]\ngenerators: [a.yaml]\n"] {
        let (names, set_aside) = left(&[("apps/main/kustomization.yaml", overlay)]);
        assert_eq!((names, set_aside), (ALL.map(str::to_owned).to_vec(), 0), "{overlay}");
    }
}

#[test]
fn nothing_is_left_over_of_a_tree_of_which_flux_brings_little() {
    let proxy = BASE.replace("name: api", "name: proxy");
    let more = ["tills/a.yaml", "tills/b.yaml", "tills/c.yaml"].map(|path| (path, &*proxy));
    assert_eq!(left(&more).1, 0);
}

/// The names of the Applications that nothing brings, where one brings those that stand in a list.
fn unapplied(list: &str, others: &[(&str, &str)]) -> Vec<String> {
    let application = |name: &str, path: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\n\
             spec: {{source: {{path: {path}}}}}\n"
        )
    };
    let (root, till) = (application("root", "argo"), application("till", "tills/prod"));
    let lamp = application("lamp", "lamps/prod");
    let mut files = vec![
        ("argo/kustomization.yaml", list),
        ("argo/live/till.yaml", &*till),
        ("argo/root.yaml", &*root),
        ("argo/spare/lamp.yaml", &*lamp),
        ("lamps/prod/deployment.yaml", BASE),
        ("tills/prod/deployment.yaml", BASE),
    ];
    files.extend(others);
    let deliveries = tree(&files).cluster.deliveries.into_iter();
    let left = deliveries.filter(|one| one.unapplied == Some(unreached::UNAPPLIED));
    left.map(|one| one.name.value).collect()
}

#[test]
fn an_application_that_the_root_does_not_list_is_applied_by_nothing() {
    let list = "resources:\n- live/till.yaml\n# - spare/lamp.yaml\n";
    assert_eq!(unapplied(list, &[]), ["lamp"]);
    let more = [("spares.md", "# Spares\n\n```\nkubectl apply -f argo/spare/lamp.yaml\n```\n")];
    assert!(unapplied(list, &more).is_empty(), "somebody applies it by hand");
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: all}\n\
               spec: {template: {spec: {source: {path: '{{path}}'}}}}\n";
    assert!(unapplied(list, &[("argo/set.yaml", set)]).is_empty(), "it may bring any");
    assert!(unapplied("resources: [live/till.yaml, spare/lamp.yaml]\n", &[]).is_empty());
    assert!(unapplied("resources: [../tills/prod/deployment.yaml]\n", &[]).is_empty(), "no root");
}
