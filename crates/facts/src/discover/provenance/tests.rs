//! Images that are the tree's, and those that are of others.

use super::super::discover;
use super::super::tests::{deployment, tree};
use super::*;

/// Names of the services of a tree that acme keeps.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let mut facts = tree(files);
    facts.remotes = vec!["github.com/acme-gis/shop".into()];
    discover(&facts).services.into_iter().map(|service| service.name).collect()
}

fn foreign<'i>(files: &[(&str, &str)], images: &[&'i str]) -> Vec<&'i str> {
    let mut facts = tree(files);
    facts.remotes = vec!["github.com/acme-gis/shop".into()];
    let ties = Ties::of(&facts);
    images.iter().copied().filter(|image| ties.is_foreign(image)).collect()
}

#[test]
fn software_of_others_on_a_public_registry_is_set_aside_and_told() {
    let own = deployment("till", "ghcr.io/acme-gis/till:1");
    let other = deployment("passwords", "keeper/server:1.30");
    let files = [("till.yaml", &*own), ("passwords/deploy.yaml", &*other)];
    assert_eq!(found(&files), ["till"]);
    let mut facts = tree(&files);
    assert_eq!(discover(&facts).services.len(), 2, "nobody told who keeps the tree");
    facts.remotes = vec!["github.com/acme-gis/shop".into()];
    assert_eq!(
        discover(&facts).passed_over[0].what,
        "Deployment `passwords` runs `keeper/server:1.30`, which nothing ties to this tree: \
             software of others; a gonogo.yaml beside it with `service: passwords` makes it a service"
    );
    let declared = [&files[..], &[("passwords/gonogo.yaml", "service: passwords\n")]].concat();
    assert_eq!(found(&declared), ["passwords", "till"]);
}

#[test]
fn a_declaration_takes_software_of_others_in_its_folder_and_one_in_the_root_does_not() {
    let other = deployment("vault-keeper", "keeper/server:1.30");
    let taken = |path: &str| {
        let document = "service: passwords\n";
        let mut facts = tree(&[(path, document), ("apps/passwords/deploy.yaml", &other)]);
        facts.remotes = vec!["github.com/acme-gis/shop".into()];
        discover(&facts).services[0].reasons.len()
    };
    assert_eq!(taken("apps/passwords/gonogo.yaml"), 2);
    assert_eq!(taken("gonogo.yaml"), 1);
}

#[test]
fn images_of_who_keeps_the_tree_are_told_by_namespace_registry_and_name() {
    let images = [
        "ghcr.io/acme-gis/a",
        "acme/b:1",
        "registry.gitlab.com/acme/tools/c",
        "123456789012.dkr.ecr.eu-west-1.amazonaws.com/d",
        "registry.acme.example:5000/e",
        "quay.io/someone/shop-api",
        "f:1",
        "${IMAGE}",
    ];
    assert_eq!(foreign(&[], &images), [""; 0]);
    let others = [
        "quay.io/metallb/speaker:v1",
        "ghost:5",
        "mcr.microsoft.com/x/y",
        "docker.io/library/wordpress",
    ];
    assert_eq!(foreign(&[], &others), others);
}

#[test]
fn code_owners_packages_and_what_is_built_here_tie() {
    let images = ["quay.io/tills/a", "stocks/b", "hub/c", "builds/d", "quay.io/x/engine"];
    assert_eq!(foreign(&[], &images), images);
    let workflow = "on: push\njobs:\n  ship:\n    steps:\n      - run: docker push hub/other:1\n";
    let files = [
        ("CODEOWNERS", "* @tills/all\n"),
        ("web/package.json", "{\"name\": \"@stocks/web\", \"version\": \"1.0.0\"}"),
        (".github/workflows/ship.yml", workflow),
        ("compose.yaml", "services: {a: {build: ., image: 'builds/a:1'}}"),
        ("engine/Dockerfile", "FROM rust:1\nCMD [\"/x\"]\n"),
    ];
    assert_eq!(foreign(&files, &images), [""; 0]);
}

#[test]
fn who_serves_a_domain_publishes_by_its_name() {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec:\n  \
                       rules:\n  - host: 'tills.{{STAGE}}.stocklab.example'\n";
    let images = ["stocklab/rebooter:1", "keeper/server:1"];
    assert_eq!(foreign(&[("a.yaml", ingress)], &images), ["keeper/server:1"]);
    assert_eq!(foreign(&[], &images), images);
    assert!(!Ties::of(&tree(&[("a.yaml", ingress)])).is_told);
}

#[test]
fn the_registry_inside_of_a_cluster_holds_copies_of_what_everybody_knows() {
    let of = |name: &str| {
        format!("image-registry.openshift-image-registry.svc:5000/acme-tools/{name}:1")
    };
    let images = [of("matomo"), of("till")];
    let images: Vec<&str> = images.iter().map(String::as_str).collect();
    assert_eq!(foreign(&[], &images), images[..1]);
    let build = "apiVersion: build.openshift.io/v1\nkind: BuildConfig\nmetadata: {name: matomo}\nspec:\n  \
                     output: {to: {name: 'matomo:1'}}\n  source: {contextDir: stats}\n  strategy: {type: Docker}\n";
    assert_eq!(foreign(&[("openshift/bc.yaml", build)], &images), [""; 0]);
    assert!(images.iter().all(|image| is_private(image)));
}

#[test]
fn a_stream_of_a_cluster_tells_whose_image_it_copies() {
    let of =
        |name: &str| format!("image-registry.openshift-image-registry.svc:5000/acme/{name}:latest");
    let stream = |name: &str, from: &str| {
        format!(
            "apiVersion: image.openshift.io/v1\nkind: ImageStream\nmetadata: {{name: {name}}}\nspec:\n  \
                 tags: [{{name: latest, from: {{kind: DockerImage, name: '{from}'}}}}]\n"
        )
    };
    let images = [of("passwords"), of("till")];
    let images: Vec<&str> = images.iter().map(String::as_str).collect();
    let (theirs, ours) =
        (stream("passwords", "quay.io/keeper/server:1"), stream("till", "quay.io/acme-gis/till:1"));
    assert_eq!(foreign(&[("a.yaml", &theirs), ("b.yaml", &ours)], &images), images[..1]);
    assert_eq!(foreign(&[], &images), [""; 0]);
}

#[test]
fn projects_of_googles_registry_are_ones_own_unless_they_publish_for_everybody() {
    assert!(is_private("gcr.io/acme-prod/api:1"));
    assert!(!is_private("gcr.io/cadvisor/cadvisor:v0.49") && !is_private("gcr.io/distroless/x"));
    let agent = deployment("cadvisor", "gcr.io/cadvisor/cadvisor:v0.49");
    assert_eq!(found(&[("cadvisor.yaml", &agent)]), [""; 0]);
}

#[test]
fn a_namespace_that_several_images_are_taken_from_by_commit_is_the_teams() {
    let (one, two) = ("quay.io/flux-x/a:0a1b2c3d4e", "quay.io/flux-x/b:9f8e7d6c5b");
    let (first, second) = (deployment("a", one), deployment("b", two));
    assert_eq!(foreign(&[("a.yaml", &first)], &[one]), [one]);
    assert_eq!(foreign(&[("a.yaml", &first), ("b.yaml", &second)], &[one]), [""; 0]);
    assert_eq!(found(&[("a.yaml", &first)]), ["a"], "the tree runs nothing else");
    assert!(!is_by_commit("x/y:1234567") && !is_by_commit("x/y:v1.2.3") && !is_by_commit("x"));
}

#[test]
fn organisations_are_told_by_how_their_names_begin() {
    for (owner, namespace) in [("dfds", "dfdsdk"), ("acme-gis", "acme"), ("a-b", "ab")] {
        assert!(is_related(owner, namespace), "{owner} {namespace}");
    }
    for (owner, namespace) in [("abc", "abcd"), ("acme", "metallb"), ("", "acme")] {
        assert!(!is_related(owner, namespace), "{owner} {namespace}");
    }
}
