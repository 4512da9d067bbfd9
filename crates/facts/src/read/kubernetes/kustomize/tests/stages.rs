//! Which of several overlays speaks for production.

use super::*;

#[test]
fn an_overlay_of_a_stage_with_manifests_of_its_own_is_a_variant_of_that_of_production_beside_it() {
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
fn a_copy_for_developing_is_told_by_the_name_of_the_folder_beside_it() {
    let own = "resources: [deployment.yaml]\n";
    let of = |folders: &[&str]| -> Vec<String> {
        let paths = folders.iter().map(|folder| {
            [format!("{folder}/kustomization.yaml"), format!("{folder}/deployment.yaml")]
        });
        let paths: Vec<_> = paths.collect();
        let files: Vec<(&str, &str)> =
            paths.iter().flat_map(|[k, d]| [(k.as_str(), own), (d.as_str(), BASE)]).collect();
        let facts = tree(&files);
        facts.workloads.iter().map(|w| w.name.place.folder().to_owned()).collect()
    };
    assert_eq!(of(&["till", "till-dev"]), ["till"]);
    assert_eq!(of(&["apps/till", "apps/till_dev"]), ["apps/till"]);
    assert_eq!(of(&["till-dev", "pool-dev"]).len(), 2);
    assert_eq!(of(&["till", "apps/till-dev"]).len(), 2);
    assert_eq!(of(&["till", "till-integration"]).len(), 2);
    let upon = tree(&[
        ("till/kustomization.yaml", own),
        ("till/deployment.yaml", BASE),
        ("till-dev/kustomization.yaml", "resources: [../till]\n"),
    ]);
    assert_eq!(upon.workloads.len(), 1);
}

#[test]
fn of_several_stages_the_one_nearest_to_production_speaks() {
    let stage =
        |count: i64| format!("resources: [../base]\nreplicas: [{{name: api, count: {count}}}]\n");
    let base = [
        ("base/deployment.yaml", BASE),
        ("base/kustomization.yaml", "resources: [deployment.yaml]\n"),
    ];
    let counts = |stages: &[(&str, &str)]| -> Vec<i64> {
        let facts = tree(&[&base[..], stages].concat());
        facts.workloads.iter().map(|workload| workload.replicas.as_ref().unwrap().value).collect()
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
    let stage =
        |count: i64| format!("resources: [../base]\nreplicas: [{{name: api, count: {count}}}]\n");
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
fn an_entrance_that_a_comment_takes_out_of_the_list_is_in_no_build() {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: door}\nspec:\n  \
                   defaultBackend: {service: {name: api}}\n";
    let entrances = |list: &str, page: &str| {
        let files = [
            ("prod/kustomization.yaml", list),
            ("prod/deployment.yaml", BASE),
            ("prod/ingress.yaml", ingress),
            ("README.md", page),
        ];
        tree(&files).cluster.entrances.len()
    };
    let taken_out = "resources:\n- deployment.yaml\n  # - ingress.yaml\n";
    assert_eq!(entrances(taken_out, "# Shop\n\n`ingress.yaml` is off.\n"), 0);
    assert_eq!(entrances(taken_out, "# Shop\n\n```\nkubectl apply -f prod/ingress.yaml\n```\n"), 1);
    assert_eq!(entrances("resources:\n- deployment.yaml\n", ""), 1);
    assert_eq!(entrances("resources:\n- deployment.yaml\n- ingress.yaml\n", ""), 1);
}
