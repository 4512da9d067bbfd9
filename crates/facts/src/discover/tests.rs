//! Trees of a few files, and the services that are found in them.

mod names;
mod others;

use std::sync::Arc;

use model::{Kind, Tier};

use super::*;

/// The facts of a tree called `shop`.
pub(crate) fn tree(files: &[(&str, &str)]) -> Facts {
    let mut facts = Facts { root_name: "shop".into(), ..Facts::default() };
    let mut files = files.to_vec();
    files.sort_unstable();
    for (path, text) in files {
        let path: Arc<str> = Arc::from(path);
        facts.append(crate::read(&path, text.as_bytes()));
        facts.paths.push(path);
    }
    crate::settle(&mut facts);
    facts
}

/// Each service as `name [folder] path path …`, the paths of its reasons once each.
fn services(files: &[(&str, &str)]) -> Vec<String> {
    let found = discover(&tree(files));
    found.services.iter().map(told).collect()
}

fn told(service: &Service) -> String {
    let mut paths: Vec<&str> = service.reasons.iter().map(|reason| &*reason.place.path).collect();
    paths.dedup();
    format!("{} [{}] {}", service.name, service.folder, paths.join(" "))
}

fn passed_over(files: &[(&str, &str)]) -> Vec<String> {
    discover(&tree(files)).passed_over.into_iter().map(|reason| reason.what).collect()
}

const DOCKERFILE: &str = "FROM rust:1.95\nCMD [\"/serve\"]\n";

/// Names of the services of a tree that acme keeps.
pub(crate) fn kept_by_acme(files: &[(&str, &str)]) -> Vec<String> {
    let mut facts = tree(files);
    facts.remotes = vec!["github.com/acme/shop".into()];
    discover(&facts).services.into_iter().map(|service| service.name).collect()
}

pub(crate) fn deployment(name: &str, image: &str) -> String {
    manifest("apps/v1", "Deployment", name, &template(image, "{}"))
}

fn labelled(name: &str, image: &str, label: &str) -> String {
    manifest("apps/v1", "Deployment", name, &template(image, &format!("{{app: {label}}}")))
}

fn job(name: &str, image: &str) -> String {
    manifest("batch/v1", "Job", name, &template(image, "{}"))
}

fn cron_job(name: &str, image: &str) -> String {
    let job = template(image, "{}");
    manifest(
        "batch/v1",
        "CronJob",
        name,
        &format!("schedule: 0 2 * * *, jobTemplate: {{spec: {{{job}}}}}"),
    )
}

fn template(image: &str, labels: &str) -> String {
    let pod = format!("containers: [{{name: main, image: '{image}'}}]");
    format!("selector: {{}}, template: {{metadata: {{labels: {labels}}}, spec: {{{pod}}}}}")
}

fn manifest(group: &str, kind: &str, name: &str, spec: &str) -> String {
    format!("apiVersion: {group}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{{spec}}}\n")
}

#[test]
fn a_service_is_found_once_however_many_files_speak_of_it() {
    let found = services(&[
        ("services/cart/Dockerfile", DOCKERFILE),
        ("deploy/base/cart.yaml", &deployment("cart", "example.org/cart:1")),
        ("deploy/overlays/prod/cart.yaml", &deployment("cart", "example.org/cart:2")),
        ("release/all.yaml", &deployment("cart", "mirror.example.org/a/cart:2")),
        ("compose.yaml", "services: {cart: {build: services/cart}}"),
    ]);
    assert_eq!(
        found,
        [
            "cart [services/cart] deploy/base/cart.yaml deploy/overlays/prod/cart.yaml release/all.yaml \
             compose.yaml services/cart/Dockerfile"
        ]
    );
}

#[test]
fn the_workload_that_bears_the_name_speaks_first_but_for_one_of_another_environment() {
    let (backend, shop) = (deployment("backend", "acme/shop:1"), deployment("shop", "acme/shop:1"));
    let found = |path: &str| {
        services(&[
            ("Dockerfile", DOCKERFILE),
            ("deploy/bases/backend.yaml", &backend),
            (path, &shop),
            ("charts/shop/Chart.yaml", "name: shop\nversion: 1.0.0\n"),
        ])
    };
    let paths = "charts/shop/Chart.yaml Dockerfile";
    assert_eq!(
        found("kustomize/shop.yaml"),
        [format!("shop [] kustomize/shop.yaml deploy/bases/backend.yaml {paths}")]
    );
    assert_eq!(
        found("kustomize/dev/shop.yaml"),
        [format!("shop [] deploy/bases/backend.yaml kustomize/dev/shop.yaml {paths}")]
    );
}

#[test]
fn a_recipe_that_is_contributed_to_a_tree_builds_what_stands_around_it() {
    let found = |contributed: &str| {
        services(&[
            ("Dockerfile", DOCKERFILE),
            ("index.js", ""),
            ("catalog-info.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: shop}\nspec: {type: service}\n"),
            (contributed, DOCKERFILE),
        ]).len()
    };
    assert_eq!(found("contrib/build/Dockerfile"), 1);
    assert_eq!(found("contrib/till/Dockerfile"), 2);
}

#[test]
fn reasons_stand_in_the_order_of_their_strength() {
    let facts = tree(&[
        ("cart/Dockerfile", DOCKERFILE),
        ("cart/gonogo.yaml", "service: cart\ntier: 1\nkind: worker\n"),
        ("cart/k8s.yaml", &deployment("cart", "example.org/cart")),
        ("cart/chart/Chart.yaml", "name: cart\nversion: 1.0.0\n"),
    ]);
    let found = discover(&facts).services;
    let whats: Vec<&str> = found[0].reasons.iter().map(|reason| reason.what.as_str()).collect();
    assert_eq!(
        whats,
        ["gonogo.yaml document `cart`", "Deployment `cart`", "Helm chart `cart`", "Dockerfile"]
    );
    assert_eq!((found[0].kind, found[0].is_kind_assumed), (Kind::Worker, false));
    assert_eq!(found[0].tier.as_ref().map(|tier| tier.value), Some(Tier::One));
    assert_eq!(found.len(), 1);
}

#[test]
fn a_single_document_in_the_root_claims_all_that_runs() {
    let found = services(&[
        ("gonogo.yaml", "service: shop\n"),
        ("api/Dockerfile", DOCKERFILE),
        ("worker/Dockerfile", DOCKERFILE),
        ("k8s/jobs.yaml", &job("migrate", "example.org/migrate")),
        ("k8s/cache.yaml", &deployment("cache", "redis:8")),
    ]);
    assert_eq!(found, ["shop [] gonogo.yaml k8s/jobs.yaml api/Dockerfile worker/Dockerfile"]);
}

#[test]
fn several_documents_claim_by_name_and_the_rest_stands_for_itself() {
    let found = services(&[
        ("gonogo.yaml", "service: cart\n---\nservice: orders\n"),
        ("cart/Dockerfile", DOCKERFILE),
        ("k8s/orders-worker.yaml", &deployment("orders-worker", "example.org/w")),
        ("mail/Dockerfile", DOCKERFILE),
    ]);
    assert_eq!(
        found,
        [
            "cart [cart] gonogo.yaml cart/Dockerfile",
            "mail [mail] mail/Dockerfile",
            "orders [] gonogo.yaml k8s/orders-worker.yaml",
        ]
    );
}

#[test]
fn a_nearer_document_wins_over_the_one_in_the_root() {
    let found = services(&[
        ("gonogo.yaml", "service: shop\n"),
        ("mail/gonogo.yaml", "service: mail\n"),
        ("mail/worker/Dockerfile", DOCKERFILE),
        ("api/Dockerfile", DOCKERFILE),
    ]);
    assert_eq!(
        found,
        [
            "mail [mail] mail/gonogo.yaml mail/worker/Dockerfile",
            "shop [] gonogo.yaml api/Dockerfile"
        ]
    );
}

#[test]
fn endings_that_say_nothing_are_matched_when_nothing_else_is_called_so() {
    let found = services(&[
        ("src/cartservice/Dockerfile", DOCKERFILE),
        ("k8s/cart.yaml", &deployment("cart", "example.org/x")),
        ("src/user/Dockerfile", DOCKERFILE),
        ("k8s/user.yaml", &deployment("user", "example.org/user")),
        ("src/user-api/Dockerfile", DOCKERFILE),
        ("src/user-api/main.go", ""),
    ]);
    assert_eq!(
        found,
        [
            "cart [src/cartservice] k8s/cart.yaml src/cartservice/Dockerfile",
            "user [src/user] k8s/user.yaml src/user/Dockerfile",
            "user-api [src/user-api] src/user-api/Dockerfile",
        ]
    );
}

#[test]
fn processes_of_one_service_are_told_by_label_image_name_or_folder() {
    let by_label = services(&[
        ("a.yaml", &labelled("shop-web", "example.org/a", "shop")),
        ("b.yaml", &labelled("shop-mail", "example.org/b", "shop")),
    ]);
    assert_eq!(by_label, ["shop [] b.yaml a.yaml"].map(|_| by_label[0].as_str()));
    let by_image = services(&[
        ("a.yaml", &deployment("web", "example.org/crm:1")),
        ("b.yaml", &deployment("mail", "example.org/crm:1")),
        ("c.yaml", &cron_job("nightly", "example.org/crm:1")),
    ]);
    assert_eq!(by_image, ["crm [] a.yaml b.yaml c.yaml"]);
    let by_name = services(&[
        ("cart/Dockerfile", DOCKERFILE),
        ("user/Dockerfile", DOCKERFILE),
        ("k8s/canary.yaml", &deployment("cart-canary", "example.org/canary")),
    ]);
    assert_eq!(
        by_name,
        ["cart [cart] k8s/canary.yaml cart/Dockerfile", "user [user] user/Dockerfile"]
    );
    let by_folder = services(&[
        ("user/Dockerfile", DOCKERFILE),
        ("cart/Dockerfile", DOCKERFILE),
        ("cart/k8s/api.yaml", &deployment("api", "example.org/api")),
    ]);
    assert_eq!(
        by_folder,
        ["cart [cart] cart/k8s/api.yaml cart/Dockerfile", "user [user] user/Dockerfile"]
    );
}

#[test]
fn images_called_after_a_part_are_of_several_services_where_their_folders_differ() {
    let one = labelled("till-backend", "registry.example/till/backend:1", "till-backend");
    let other = labelled("blog-backend", "registry.example/blog/backend:1", "blog-backend");
    let found = services(&[("till/deploy.yaml", &one), ("blog/deploy.yaml", &other)]);
    assert_eq!(
        found,
        ["blog-backend [blog] blog/deploy.yaml", "till-backend [till] till/deploy.yaml"]
    );
    let worker = labelled("till-worker", "mirror.example/till/backend:1", "till-worker");
    let found = services(&[("a/deploy.yaml", &one), ("b/deploy.yaml", &worker)]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn what_lasts_and_bears_the_name_speaks_first_for_a_service() {
    let job = job("till-backend-migrate", "r.example/till/backend:1");
    let api = labelled("till-backend", "r.example/till/backend:1", "till-backend");
    let found = services(&[("a/job.yaml", &job), ("b/api.yaml", &api)]);
    assert_eq!(found, ["till-backend [] b/api.yaml a/job.yaml"]);
    let compose =
        "services:\n  book:\n    build: {context: ., target: book}\n  shop:\n    build: .\n";
    let files =
        [("shop/compose.yaml", compose), ("shop/Dockerfile", "FROM alpine AS book\nCMD x\n")];
    let first = &discover(&tree(&files)).services[0];
    assert_eq!((first.name.as_str(), first.reasons[0].place.line), ("shop", 4), "{first:?}");
}

#[test]
fn one_name_in_several_folders_is_several_services() {
    let found = services(&[
        ("billing/api/Dockerfile", DOCKERFILE),
        ("search/api/Dockerfile", DOCKERFILE),
        ("search/api/k8s.yaml", &deployment("api", "example.org/x")),
    ]);
    assert_eq!(
        found,
        [
            "billing-api [billing/api] billing/api/Dockerfile",
            "search-api [search/api] search/api/k8s.yaml search/api/Dockerfile",
        ]
    );
}

#[test]
fn one_name_with_several_images_is_several_services() {
    let found = services(&[
        ("apps/billing/prod/api.yaml", &deployment("api", "example.org/billing:1")),
        ("apps/billing/dev/api.yaml", &deployment("api", "example.org/billing-debug:1")),
        ("apps/search/api.yaml", &deployment("api", "example.org/search:1")),
    ]);
    assert_eq!(
        found,
        [
            "billing-api [apps/billing] apps/billing/prod/api.yaml apps/billing/dev/api.yaml",
            "search-api [apps/search] apps/search/api.yaml",
        ]
    );
}

#[test]
fn the_only_recipe_of_a_tree_is_that_of_its_only_service_also_where_it_starts_nothing() {
    let base = ("Dockerfile", "FROM debian:13\nRUN apt-get update\n");
    let manifest = ("k8s/api.yaml", &*deployment("orders", "example.org/shop/orders"));
    assert_eq!(services(&[base, manifest]), ["orders [] k8s/api.yaml Dockerfile"]);
    let other = ("basis/Dockerfile", "FROM debian:13\nRUN apt-get update\n");
    let of_two = services(&[base, other, manifest]);
    assert_eq!(of_two, ["orders [] k8s/api.yaml"]);
}
