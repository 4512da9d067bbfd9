//! Trees of a few files, and the services that are found in them.

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

#[test]
fn what_others_made_stands_around_services_and_is_none() {
    let files = [
        (
            "compose.yaml",
            "services:\n  api: {build: api}\n  db: {image: 'postgres:16'}\n  mail: {image: axllent/mailpit}\n  \
             auth: {image: example.org/auth}\n  store: {build: store}\n  load-test: {build: load}\n",
        ),
        ("api/Dockerfile", DOCKERFILE),
        ("store/Dockerfile", "FROM mongo:5\nCOPY x /docker-entrypoint-initdb.d/\n"),
        ("load/Dockerfile", DOCKERFILE),
        ("tools/Dockerfile", DOCKERFILE),
        ("basis/Dockerfile", "FROM debian:13\nRUN apt-get update\n"),
    ];
    assert_eq!(services(&files), ["api [api] compose.yaml api/Dockerfile"]);
    assert_eq!(
        passed_over(&files),
        [
            "Dockerfile starts nothing",
            "Compose service `db` runs the third-party image `postgres:16`",
            "Compose service `mail` runs the third-party image `axllent/mailpit`",
            "Compose service `auth` runs `example.org/auth`, which is not built in this tree",
            "Compose service `store` is built upon the third-party image `mongo:5`",
            "Compose service `load-test` exercises services or stands in for one",
            "Dockerfile exercises services or stands in for one",
            "Dockerfile is built upon the third-party image `mongo:5`",
            "Dockerfile for developing, building or testing",
        ]
    );
}

#[test]
fn a_database_that_another_file_changes_is_told_by_its_name() {
    let files = [
        ("compose.yaml", "services:\n  api: {build: api}\n  db-postgres: {build: db}\n"),
        ("compose.proxy.yaml", "services:\n  db-postgres: {build: {args: {PROXY: x}}}\n"),
        ("api/Dockerfile", DOCKERFILE),
        ("db/Dockerfile", "FROM postgres:16\n"),
    ];
    assert_eq!(services(&files), ["api [api] compose.yaml api/Dockerfile"]);
    let own = [
        ("compose.yaml", "services:\n  db-export: {build: export}\n"),
        ("export/Dockerfile", DOCKERFILE),
    ];
    assert_eq!(services(&own), ["db-export [export] compose.yaml export/Dockerfile"]);
}

#[test]
fn a_load_balancer_that_a_cluster_is_given_is_no_service_of_the_tree() {
    let files = [
        ("kind/metallb.yaml", deployment("controller", "quay.io/metallb/controller:v0.14.8")),
        ("api/deploy.yaml", deployment("shop-api", "example.org/shop/api:1")),
    ];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    assert_eq!(services(&files), ["shop-api [] api/deploy.yaml"]);
}

#[test]
fn a_stage_starts_what_the_stage_below_it_starts() {
    let text = "FROM python:3.13 AS base\nFROM base AS runtime\nCMD [\"serve\"]\n\
                FROM Runtime AS debug\nRUN pip install debugpy\n";
    assert_eq!(services(&[("till/Dockerfile", text)]), ["till [till] till/Dockerfile"]);
    let text = "FROM python:3.13 AS base\nFROM base AS runtime\nRUN pip install x\n";
    let files = [("api/Dockerfile", DOCKERFILE), ("mail/Dockerfile", text)];
    assert_eq!(passed_over(&files), ["Dockerfile starts nothing"]);
}

#[test]
fn an_image_below_the_name_of_the_tree_is_that_of_the_code_in_the_root() {
    let compose = "services:\n  api: {image: 'ghcr.io/acme/shop/api:${TAG}'}\n  \
                   jobs: {image: 'ghcr.io/acme/shop/api:${TAG}', command: [jobs]}\n  \
                   auth: {image: 'ghcr.io/acme/sso/auth:1'}\n";
    let one = [("compose.yaml", compose), ("Dockerfile", DOCKERFILE)];
    assert_eq!(services(&one), ["shop [] compose.yaml Dockerfile"]);
    assert_eq!(
        passed_over(&one),
        ["Compose service `auth` runs `ghcr.io/acme/sso/auth:1`, which is not built in this tree"]
    );
    let several = [one[0], one[1], ("mail/Dockerfile", DOCKERFILE)];
    let found = services(&several);
    assert!(found.iter().all(|service| !service.contains("compose.yaml")), "{found:?}");
}

#[test]
fn a_database_that_the_tree_sets_up_is_none_of_its_services() {
    let files = [
        ("database/Dockerfile", "FROM postgres:16\nCOPY init.sql /docker-entrypoint-initdb.d/\n"),
        ("database/deploy.yaml", &deployment("shop-database", "ghcr.io/acme/shop/database:1")),
        ("api/Dockerfile", DOCKERFILE),
        ("api/deploy.yaml", &deployment("shop-api", "ghcr.io/acme/shop/api:1")),
    ];
    assert_eq!(services(&files), ["shop-api [api] api/deploy.yaml api/Dockerfile"]);
    let said = passed_over(&files);
    let expected = "Deployment `shop-database` is built upon the third-party image `postgres:16`";
    assert!(said.iter().any(|what| what == expected), "{said:?}");
}

#[test]
fn who_only_runs_what_others_made_has_no_service_of_his_own() {
    let files = [
        ("grafana.yaml", deployment("grafana", "grafana/grafana:13")),
        ("exporter.yaml", deployment("node-exporter", "quay.io/prometheus/node-exporter")),
    ];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    assert_eq!(services(&files), [""; 0]);
    assert_eq!(passed_over(&files).len(), 2);
    let jobs = [files[0], ("copy.yaml", &job("copy", "example.org/copy"))];
    assert_eq!(services(&jobs), ["copy [] copy.yaml"]);
    let own = [files[0], ("api.yaml", &deployment("api", "example.org/api"))];
    assert_eq!(services(&own), ["api [] api.yaml"]);
}

const ENTRY: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: cart-service\n\
                     spec:\n  type: service\n  owner: team-a\n  lifecycle: production\n";

#[test]
fn a_catalog_entry_in_the_root_takes_its_namesakes_or_the_only_thing_that_runs() {
    let only = [("catalog-info.yaml", ENTRY), ("Dockerfile", DOCKERFILE)];
    assert_eq!(services(&only), ["cart-service [] catalog-info.yaml Dockerfile"]);
    let several = [
        ("catalog-info.yaml", ENTRY),
        ("cart/Dockerfile", DOCKERFILE),
        ("mail/Dockerfile", DOCKERFILE),
        ("k8s.yaml", &deployment("cart-service-worker", "example.org/w")),
    ];
    assert_eq!(
        services(&several),
        [
            "cart-service [cart] catalog-info.yaml k8s.yaml cart/Dockerfile",
            "mail [mail] mail/Dockerfile"
        ]
    );
}

#[test]
fn libraries_samples_and_scaffolds_are_no_services() {
    let library = [
        ("package.json", "{\"name\": \"x\", \"version\": \"1.0.0\"}"),
        ("compose.yaml", "services: {db: {image: postgres}, sso: {image: example.org/sso}}"),
        ("examples/shop/Dockerfile", DOCKERFILE),
        ("docs/k8s.yaml", &deployment("api", "example.org/api")),
        ("test/gonogo.yaml", "service: test\n"),
        ("templates/${{values.id}}/catalog-info.yaml", ENTRY),
    ];
    assert_eq!(services(&library), [""; 0]);
    let over = passed_over(&library);
    assert!(over.contains(&"`examples/` holds examples (Dockerfiles: 1)".to_owned()), "{over:?}");
    assert!(over.contains(&"`docs/` holds documentation (workloads: 1)".to_owned()), "{over:?}");
}

#[test]
fn a_chart_for_several_services_is_none_itself() {
    let files = [
        ("chart/Chart.yaml", "name: mall\nversion: 1.0.0\n"),
        (
            "chart/templates/cart.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .x }}\n",
        ),
        (
            "chart/templates/mail-deployment.yaml",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .x }}\n",
        ),
        ("cart/Dockerfile", DOCKERFILE),
        ("mail/Dockerfile", DOCKERFILE),
    ];
    assert_eq!(services(&files), ["cart [cart] cart/Dockerfile", "mail [mail] mail/Dockerfile"]);
    assert_eq!(passed_over(&files), ["Helm chart `mall` installs 2 services of the tree"]);
    let taken = "name: mall\ndependencies:\n  - {name: component, alias: cart, repository: https://x.example}\n  \
                 - {name: component, alias: mail, repository: https://x.example}\n";
    let files = [
        ("chart/Chart.yaml", taken),
        ("cart/Dockerfile", DOCKERFILE),
        ("mail/Dockerfile", DOCKERFILE),
    ];
    assert_eq!(passed_over(&files), ["Helm chart `mall` installs 2 services of the tree"]);
}

#[test]
fn one_image_and_one_chart_of_another_name_are_one_service() {
    let files = [
        ("Dockerfile", DOCKERFILE),
        ("chart/Chart.yaml", "name: mall\nversion: 1.0.0\n"),
        ("Dockerfile.worker", DOCKERFILE),
    ];
    assert_eq!(services(&files), ["mall [] chart/Chart.yaml Dockerfile Dockerfile.worker"]);
}

#[test]
fn an_image_in_the_root_is_named_after_the_package_or_the_tree() {
    assert_eq!(
        services(&[("docker/prod/Dockerfile", DOCKERFILE)]),
        ["shop [] docker/prod/Dockerfile"]
    );
    let package = [("go.mod", "module example.org/acme/tills/v2\n"), ("Dockerfile", DOCKERFILE)];
    assert_eq!(services(&package), ["tills [] Dockerfile"]);
    let compose = [("compose.yaml", "services: {backend: {build: .}}"), ("Dockerfile", DOCKERFILE)];
    assert_eq!(services(&compose), ["shop [] compose.yaml Dockerfile"]);
    let several = "services: {till: {build: .}, scanner: {build: {context: ., dockerfile: Dockerfile.scanner}}}";
    let several =
        [("compose.yaml", several), ("Dockerfile", DOCKERFILE), ("Dockerfile.scanner", DOCKERFILE)];
    let cloned = Facts { root_name: "acme+till".into(), ..tree(&several) };
    let names = discover(&cloned).services.into_iter().map(|service| service.name);
    assert_eq!(names.collect::<Vec<_>>(), ["scanner", "till"]);
}

#[test]
fn a_recipe_of_its_own_name_is_another_service_unless_it_is_that_of_a_process() {
    let found = |name: &str| {
        let compose = format!(
            "services: {{till: {{build: .}}, x: {{build: {{context: ., dockerfile: docker/Dockerfile.{name}}}}}}}"
        );
        let recipe = format!("docker/Dockerfile.{name}");
        services(&[("compose.yaml", &compose), ("Dockerfile", DOCKERFILE), (&recipe, DOCKERFILE)])
    };
    assert_eq!(found("worker").len(), 1);
    assert_eq!(found("proxy").len(), 2);
}

#[test]
fn a_recipe_among_scripts_that_a_pipeline_builds_is_that_of_the_tree() {
    let ship = "on: push\njobs:\n  a:\n    steps:\n    - run: docker build -f scripts/docker/Dockerfile -t acme/till .\n";
    let compose = "services: {api: {build: {context: ., dockerfile: scripts/docker/Dockerfile}, ports: ['80:80']}}";
    let recipe = ("scripts/docker/Dockerfile", DOCKERFILE);
    let files = [recipe, ("compose.yaml", compose), (".github/workflows/a.yml", ship)];
    assert_eq!(services(&files), ["shop [] compose.yaml scripts/docker/Dockerfile"]);
    assert_eq!(services(&files[..2]), [""; 0]);
    let for_tests = ship.replace("acme/till", "till-under-test");
    let for_tests = [files[0], files[1], (".github/workflows/a.yml", for_tests.as_str())];
    assert_eq!(services(&for_tests), [""; 0]);
    assert_eq!(services(&[("Dockerfile.old", DOCKERFILE)]), [""; 0]);
}

#[test]
fn a_dockerfile_with_a_name_beside_one_without_names_nothing() {
    let image = "FROM rust:1\nCMD [\"/till\"]\nEXPOSE 80\n";
    let found = |files: &[(&str, &str)]| {
        let mut facts = tree(files);
        facts.remotes = vec!["github.com/acme/till".into()];
        discover(&facts).services.into_iter().map(|service| service.name).collect::<Vec<_>>()
    };
    let ops = ("ops.Dockerfile", image);
    assert_eq!(found(&[ops, ("Dockerfile", image)]), ["till"]);
    assert_eq!(found(&[ops]), ["ops"]);
    let inner = ("tax/Dockerfile.ops", image);
    assert_eq!(found(&[inner, ("tax/Dockerfile", image), ("tax/x.rs", "")]), ["tax"]);
}

#[test]
fn a_template_that_names_what_it_starts_is_a_reason() {
    let nais = "apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata:\n  name: tills\nspec:\n  \
                image: {{image}}\n";
    assert_eq!(
        services(&[("apps/tills/.nais/nais.yaml", nais)]),
        ["tills [] apps/tills/.nais/nais.yaml"]
    );
}

#[test]
fn platforms_are_known_by_their_files() {
    let found = services(&[
        ("apps/backend/fly.toml", "app = \"x\"\n"),
        ("apps/backend/Dockerfile", DOCKERFILE),
        ("apps/mail/serverless.yml", "service: mail\n"),
        ("apps/water/package.json", r#"{"name": "water", "dependencies": {"express": "5"}}"#),
        ("apps/water/ecosystem.config.json", "{}"),
        ("tools/ecosystem.config.json", "{}"),
    ]);
    assert_eq!(
        found,
        [
            "backend [apps/backend] apps/backend/Dockerfile apps/backend/fly.toml",
            "mail [apps/mail] apps/mail/serverless.yml",
            "water [apps/water] apps/water/ecosystem.config.json"
        ]
    );
}

#[test]
fn a_website_of_a_catalog_with_a_server_framework_is_a_web_service() {
    let entry = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: lists}\nspec: {type: website, lifecycle: production, owner: shop}\n";
    let kind = |path: &str, packages: &str| {
        let files = [
            ("catalog-info.yaml", entry),
            ("api/Dockerfile", DOCKERFILE),
            ("api/main.py", ""),
            (path, packages),
        ];
        let found = discover(&tree(&files)).services;
        assert_eq!(found.len(), 1);
        (found[0].kind, found[0].is_kind_assumed)
    };
    let requirements = "api/requirements.txt";
    assert_eq!(kind(requirements, "fastapi==0.115.12\n"), (Kind::Web, true));
    assert_eq!(kind(requirements, "pillow==11.0.0\n"), (Kind::Frontend, false));
    let asks =
        |name: &str| format!("{{\"name\": \"a\", \"dependencies\": {{\"{name}\": \"11\"}}}}");
    let nest = asks("@nestjs/platform-express");
    assert_eq!(kind("api/package.json", &nest), (Kind::Web, true));
    assert_eq!(kind("api/package.json", &asks("@angular/core")), (Kind::Frontend, false));
}

#[test]
fn stand_ins_and_what_runs_tests_or_pipelines_are_no_services() {
    let compose = "services:\n  till: {build: {context: ., dockerfile: docker/till/Dockerfile}}\n  stock-mock: {build: {context: ., dockerfile: docker/stock/Dockerfile}}\n";
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .Values.name }}}\n";
    let files = [
        ("compose.yaml", compose),
        ("docker/till/Dockerfile", DOCKERFILE),
        ("docker/stock/Dockerfile", DOCKERFILE),
        ("docker/contract/Dockerfile", "FROM golang:1.26\nCMD [\"go\", \"test\", \"./...\"]\n"),
        ("docker/cypress/Dockerfile", "FROM cypress/included:15\nCOPY cypress .\n"),
        ("charts/github-runner/Chart.yaml", "name: github-runner\nversion: 1.0.0\n"),
        ("charts/github-runner/templates/deployment.yaml", template),
    ];
    let found = discover(&tree(&files)).services;
    let names: Vec<&str> = found.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["till"]);
}

#[test]
fn manifests_that_flux_generated_are_its_own() {
    let controller = deployment("source-controller", "example.org/source-controller:1");
    let text = format!(
        "---\n# This manifest was generated by flux. DO NOT EDIT.\n# Flux Version: v2\n# Components: source-controller\n{controller}"
    );
    let files = [
        ("clusters/a/flux-system/gotk-components.yaml", &*text),
        ("apps/till.yaml", &deployment("till", "example.org/till:1")),
    ];
    let found = discover(&tree(&files));
    assert_eq!(found.services.len(), 1);
    assert!(found.passed_over.iter().any(|reason| reason.what.contains("generated by Flux")));
}

#[test]
fn what_is_switched_off_makes_no_service() {
    let off = deployment("till", "example.org/till").replace("spec: {", "spec: {replicas: 0, ");
    let stock = deployment("stock", "example.org/stock");
    let files = [("k8s/till.yaml", &*off), ("k8s/stock.yaml", &*stock)];
    assert_eq!(services(&files), ["stock [] k8s/stock.yaml"]);
    assert_eq!(passed_over(&files), ["Deployment `till` is switched off: its `replicas` are 0"]);
}

#[test]
fn what_only_waits_for_people_makes_no_service() {
    let manifest = |name: &str, command: &str| {
        deployment(name, "example.org/till")
            .replace("image:", &format!("command: {command}, image:"))
    };
    for (command, is_service) in
        [("[sleep, '3600']", false), ("[bash]", false), ("[bash, serve.sh]", true)]
    {
        let (till, stock) = (manifest("till", command), deployment("stock", "example.org/stock"));
        let files = [("k8s/till.yaml", &*till), ("k8s/stock.yaml", &*stock)];
        assert_eq!(services(&files).len() == 2, is_service, "{command} {till}");
    }
}

#[test]
fn a_store_that_compose_builds_of_a_recipe_called_after_it_is_none() {
    let compose = "services:
  kafka-1: &k {build: {context: ., dockerfile: Dockerfile.kafka},                    ports: ['9092:9092']}
  broker: *k
";
    let kafka = "FROM ubi9:1\nCMD [\"/run\"]\n";
    assert_eq!(services(&[("compose.yaml", compose), ("Dockerfile.kafka", kafka)]), [""; 0]);
    let compose = compose.replace(".kafka", ".till").replace("kafka-1", "till");
    assert_eq!(services(&[("compose.yaml", &compose), ("Dockerfile.till", kafka)]).len(), 1);
}

#[test]
fn kinds_are_assumed_from_what_was_found() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n";
    let facts = tree(&[
        ("a.yaml", &labelled("web", "example.org/web", "web")),
        ("b.yaml", &deployment("mail", "example.org/mail")),
        ("c.yaml", &cron_job("report", "example.org/report")),
        ("d/Dockerfile", DOCKERFILE),
        ("d/main.rs", ""),
        ("e.yaml", service),
    ]);
    let found = discover(&facts).services;
    let kinds: Vec<(&str, Kind)> = found.iter().map(|s| (s.name.as_str(), s.kind)).collect();
    let expected =
        [("d", Kind::Web), ("mail", Kind::Worker), ("report", Kind::Batch), ("web", Kind::Web)];
    assert_eq!(kinds, expected);
    assert!(found.iter().all(|service| service.is_kind_assumed));
}

#[test]
fn thousands_of_workloads_are_grouped_in_the_order_of_their_names() {
    let mut text = String::new();
    for at in 0..2_000 {
        text.push_str(&deployment(
            &format!("s{}", at % 500),
            &format!("example.org/s{}", at % 500),
        ));
        text.push_str("---\n");
    }
    let found = discover(&tree(&[("all.yaml", &text)])).services;
    assert_eq!(found.len(), 500);
    assert!(found.is_sorted_by(|a, b| a.name < b.name));
    assert!(found.iter().all(|service| service.reasons.len() == 4));
}

#[test]
fn images_that_compose_runs_are_those_of_the_folders_of_their_names() {
    let compose = "services:\n  till:\n    image: acme/shop-till\n  stock:\n    image: acme/shop-stock\n  \
                   mail:\n    image: acme/mailer\n";
    let pom = "<project><artifactId>x</artifactId></project>";
    let found = services(&[
        ("docker-compose.yml", compose),
        ("docker/Dockerfile", DOCKERFILE),
        ("pom.xml", pom),
        ("shop-stock/pom.xml", pom),
        ("shop-till/pom.xml", pom),
    ]);
    assert_eq!(
        found,
        ["stock [shop-stock] docker-compose.yml", "till [shop-till] docker-compose.yml"]
    );
}

#[test]
fn an_entry_claims_the_workload_that_its_selector_takes() {
    let entry = |name: &str, selector: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n  \
             annotations:\n    backstage.io/kubernetes-label-selector: {selector}\nspec:\n  \
             type: service\n  lifecycle: production\n  owner: a\n"
        )
    };
    let found = services(&[
        ("apps/crier.yaml", &labelled("crier", "example.org/crier", "crier")),
        ("apps/tide.yaml", &labelled("tide", "example.org/tide", "tide")),
        ("entries/ci-tide.yaml", &entry("ci-tide", "\"part=ci,app=tide\"")),
        ("entries/one.yaml", &entry("one", "app=crier")),
        ("entries/two.yaml", &entry("two", "app=crier")),
    ]);
    let of_tide = found.iter().find(|service| service.contains("tide"));
    let expected = "ci-tide [entries] entries/ci-tide.yaml apps/tide.yaml";
    assert_eq!((found.len(), of_tide.map(String::as_str)), (4, Some(expected)));
}

#[test]
fn base_images_and_units_of_other_peoples_software_are_no_services() {
    let found = discover(&tree(&[
        ("docker/builders/rust/Dockerfile", "FROM rust:1\nENTRYPOINT [\"/build\"]\n"),
        ("docker/base/Dockerfile", "FROM ubuntu:24.04\nENTRYPOINT [\"/run\"]\n"),
        ("cloud-init-docker/Dockerfile", "FROM example.org/scripts:1\nENTRYPOINT [\"/init\"]\n"),
        ("packer/kubelet.service", "[Service]\nExecStart=/usr/bin/kubelet\n"),
        ("checkout/Dockerfile", "FROM debian:12\nENTRYPOINT [\"/checkout\"]\n"),
    ]));
    let names: Vec<&str> = found.services.iter().map(|service| &*service.name).collect();
    assert_eq!(names, ["checkout"]);
}

#[test]
fn the_projects_that_an_aspire_host_starts_are_services() {
    let host = "<Project Sdk=\"Aspire.AppHost.Sdk/13.0.0\">\n<ItemGroup>\n\
                <ProjectReference Include=\"..\\Basket.API\\Basket.API.csproj\" />\n\
                <ProjectReference Include=\"..\\Mail\\Mail.csproj\" />\n\
                <ProjectReference Include=\"..\\Kit\\Kit.csproj\" IsAspireProjectResource=\"false\" />\n\
                </ItemGroup>\n</Project>\n";
    let found = services(&[
        ("src/AppHost/AppHost.csproj", host),
        ("src/Basket.API/Basket.API.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Web\"></Project>"),
        ("src/Kit/Kit.csproj", "<Project Sdk=\"Microsoft.NET.Sdk\"></Project>"),
        ("src/Mail/Mail.csproj", "<Project Sdk=\"Microsoft.NET.Sdk.Worker\"></Project>"),
    ]);
    assert_eq!(
        found,
        [
            "Basket.API [src/Basket.API] src/AppHost/AppHost.csproj",
            "Mail [src/Mail] src/AppHost/AppHost.csproj"
        ]
    );
}

#[test]
fn images_of_one_program_for_several_systems_are_one_service_and_makers_of_packages_none() {
    let found = services(&[
        ("go.mod", "module shop.example/v2\n\ngo 1.25\n"),
        ("Procfile", "web: shop\n"),
        ("packaging/docker/alpine/Dockerfile", DOCKERFILE),
        ("packaging/docker/distroless/Dockerfile", DOCKERFILE),
        ("packaging/rpm/Dockerfile", DOCKERFILE),
        (
            "packaging/systemd/shop.service",
            "[Service]\nExecStart=/usr/bin/shop\nUser=shop\n[Install]\nWantedBy=multi-user.target\n",
        ),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("shop []"), "{found:?}");
}

#[test]
fn what_shows_documents_while_they_are_written_is_no_service() {
    let files = [
        ("Dockerfile", "FROM python:3.13\nENTRYPOINT [\"mkdocs\"]\nCMD [\"serve\"]\n"),
        ("mkdocs.yml", "site_name: Handbook\n"),
    ];
    assert_eq!(services(&files), [] as [&str; 0]);
    assert_eq!(passed_over(&files), ["Dockerfile shows documents while they are written"]);
}

#[test]
fn a_bundler_beside_the_service_is_none() {
    let found = services(&[
        (
            "compose.yaml",
            "services: {app: {build: .}, webpack: {build: webpack, command: yarn dev}}",
        ),
        ("Dockerfile", DOCKERFILE),
        ("webpack/Dockerfile", "FROM node:24\nCMD [\"yarn\", \"build\"]\n"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn the_only_service_of_a_tree_is_called_like_the_tree_and_not_like_a_part() {
    assert_eq!(
        services(&[("server/docker/Dockerfile", DOCKERFILE)]),
        ["shop [server] server/docker/Dockerfile"]
    );
}

#[test]
fn a_page_shown_while_a_service_is_away_is_none() {
    let page = "FROM nginx:1\nCOPY html /usr/share/nginx/html\n";
    let files = [("Dockerfile", DOCKERFILE), ("maintenance_page/Dockerfile", page)];
    assert_eq!(services(&files), ["shop [] Dockerfile"]);
    assert_eq!(passed_over(&files), ["Dockerfile shows a page while a service is away"]);
}

#[test]
fn the_one_recipe_of_a_server_may_stand_among_scripts() {
    let server = "FROM alpine:3\nEXPOSE 80\nENTRYPOINT [\"/shop\"]\n";
    assert_eq!(services(&[("scripts/Dockerfile", server)]), ["shop [] scripts/Dockerfile"]);
    for (path, text) in [("scripts/Dockerfile", DOCKERFILE), ("ci/Dockerfile", server)] {
        assert!(services(&[(path, text)]).is_empty(), "{path}");
    }
    let two = [("Dockerfile", DOCKERFILE), ("scripts/Dockerfile", server)];
    assert_eq!(services(&two), ["shop [] Dockerfile"]);
}

#[test]
fn a_compose_service_whose_profiles_are_all_set_apart_makes_none() {
    let compose = "services:\n  old: {build: old, profiles: [deprecated]}\n  \
                   api: {build: api, profiles: [dev, live]}\n";
    let files = [("compose.yaml", compose), ("api/Dockerfile", DOCKERFILE)];
    assert_eq!(services(&files), ["api [api] compose.yaml api/Dockerfile"]);
    assert_eq!(
        passed_over(&files),
        ["Compose service `old` starts only with the profile `deprecated`"]
    );
}

#[test]
fn an_image_beside_the_one_for_production_is_for_developing() {
    let files = [("web/Dockerfile", DOCKERFILE), ("web/Dockerfile.prod", DOCKERFILE)];
    assert_eq!(services(&files), ["shop [web] web/Dockerfile.prod"]);
    let told = "Dockerfile for developing: `Dockerfile.prod` stands beside it";
    assert_eq!(passed_over(&files), [told]);
    assert_eq!(services(&[("web/Dockerfile", DOCKERFILE)]), ["shop [web] web/Dockerfile"]);
}

#[test]
fn what_is_started_while_it_is_written_speaks_last_for_a_service() {
    let compose = "services:\n  cart:\n    build: cart\n    volumes: [./cart:/app]\n";
    let facts = tree(&[("compose.yaml", compose), ("cart/Dockerfile", DOCKERFILE)]);
    let found = discover(&facts).services;
    assert_eq!(&*found[0].place().path, "cart/Dockerfile");
}

#[test]
fn code_in_the_root_is_called_as_on_its_host_whatever_the_folders_around_it_are_called() {
    let dockerfile = "FROM docker.io/library/rust:1.95\nCMD [\"/till\"]\n";
    let mut facts = tree(&[("etc/docker/Dockerfile", dockerfile)]);
    facts.root_name = "acme+till".into();
    let found = |facts: &Facts| {
        let services = discover(facts).services.into_iter();
        services.map(|service| format!("{} [{}]", service.name, service.folder)).collect::<Vec<_>>()
    };
    assert_eq!(found(&facts), ["acme-till []"]);
    facts.remotes = vec!["github.com/acme/till".into()];
    assert_eq!(found(&facts), ["till []"]);
    facts.remotes.push("github.com/others/template".into());
    assert_eq!(found(&facts), ["acme-till []"]);
}

#[test]
fn a_clock_in_a_container_answers_nobody_through_a_port_that_no_service_sends_to() {
    let manifest = |name: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  selector: {{matchLabels: {{app: remind}}}}\n  template:\n    metadata: {{labels: {{app: remind}}}}\n    spec:\n      containers:\n      - {{name: c, image: example.org/remind:1, ports: [{{containerPort: 8080}}]}}\n"
        )
    };
    let kind = |name: &str, more: &str| {
        let text = format!("{}---\n{more}", manifest(name));
        discover(&tree(&[("a.yaml", &text)])).services[0].kind
    };
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {selector: {app: remind}, ports: [{port: 80}]}\n";
    assert_eq!(kind("send-reminder-crond", ""), Kind::Worker);
    assert_eq!(kind("send-reminder-crond", service), Kind::Web);
    assert_eq!(kind("send-reminder", ""), Kind::Web);
}

#[test]
fn what_only_a_machine_for_trying_out_can_run_makes_no_service() {
    let till = deployment("till", "registry.example/till:1");
    let bind = deployment("bind", "local/bind:1");
    let never = bind.replace("image: 'local", "imagePullPolicy: Never, image: 'local");
    assert_ne!(bind, never);
    let values = "image:\n  repository: local/pebble\n  pullPolicy: Never\n";
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .x }}}\n";
    let files = |bind: &str, values: &str| {
        services(&[
            ("k8s/till.yaml", &till),
            ("make/bind.yaml", bind),
            ("make/pebble/chart/Chart.yaml", "apiVersion: v2\nname: pebble\nversion: 1.0.0\n"),
            ("make/pebble/chart/templates/a.yaml", template),
            ("make/pebble/chart/values.yaml", values),
            ("make/pebble/Containerfile.pebble", DOCKERFILE),
        ])
    };
    assert_eq!(files(&never, values), ["till [] k8s/till.yaml"]);
    assert_eq!(files(&bind, &values.replace("Never", "Always")).len(), 3);
    let alone = [("k8s/bind.yaml", &*never), ("bind/Dockerfile", DOCKERFILE)];
    assert_eq!(services(&alone).len(), 1, "the tree runs nothing else");
}

#[test]
fn units_of_a_tree_are_processes_of_what_its_root_builds() {
    let unit = "[Service]\nExecStart=/usr/bin/shop\n";
    let found = |queue: &str, more: &[(&str, &str)]| {
        let files = [("Dockerfile", DOCKERFILE), ("scripts/shop-web.service", unit), (queue, unit)];
        let mut facts = tree(&[&files[..], more].concat());
        facts.root_name = "shop-next".into();
        discover(&facts).services.len()
    };
    let queue = "scripts/shop-queue.service";
    assert_eq!(found(queue, &[]), 1);
    assert_eq!(found("scripts/mall-queue.service", &[]), 3);
    assert_eq!(found(queue, &[("till/Dockerfile", DOCKERFILE), ("till/main.rs", "")]), 4);
}

#[test]
fn a_chart_is_called_like_its_folder_and_compose_or_without_the_word_for_charts() {
    let chart = "apiVersion: v2\nname: acme-shop-cart-chart\nversion: 1.0.0\n";
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .x }}}\n";
    let till = deployment("till", "registry.example/till:1");
    let files = [
        ("k8s/till.yaml", &*till),
        ("src/cart/chart/Chart.yaml", chart),
        ("src/cart/chart/templates/a.yaml", template),
        ("src/cart/compose.yaml", "services: {cart: {build: .}}"),
        ("src/cart/Dockerfile", DOCKERFILE),
    ];
    assert!(services(&files)[0].starts_with("cart [src/cart] "));
    let names: Vec<String> =
        discover(&tree(&files[..3])).services.into_iter().map(|service| service.name).collect();
    assert_eq!(names, ["acme-shop-cart", "till"]);
}

#[test]
fn what_holds_a_product_gives_no_name_and_the_keeper_does_where_the_tree_has_none() {
    let named = |path: &str, remote: &str| {
        let mut facts = tree(&[(path, DOCKERFILE)]);
        facts.root_name = "server".into();
        facts.remotes = vec![remote.into()];
        discover(&facts).services.into_iter().map(|service| service.name).collect::<Vec<_>>()
    };
    assert_eq!(named("docker/php/Dockerfile", "github.com/acme/shop"), ["shop"]);
    assert_eq!(named("docker/targets/server.Dockerfile", "github.com/acme/shop"), ["shop"]);
    assert_eq!(named("Dockerfile", "github.com/notify/server"), ["notify"]);
    assert_eq!(named("till/Dockerfile", "github.com/acme/shop"), ["till"]);
}

#[test]
fn a_tree_that_only_installs_what_its_keepers_publish_offers_that_and_nothing_beside_it() {
    let compose = "services:\n  till:\n    image: ghcr.io/acme/till:3\n    ports: [80:80]\n  post:\n    image: strangers/post:1\n    ports: [25:25]\n";
    let found = |remote: &str| {
        let mut facts = tree(&[("compose.yaml", compose)]);
        facts.remotes = vec![remote.into()];
        discover(&facts).services.into_iter().map(|service| service.name).collect::<Vec<_>>()
    };
    assert_eq!(found("github.com/acme/installed"), ["till"]);
    assert_eq!(found("github.com/somebody/installed").len(), 2);
}

#[test]
fn folders_of_what_is_done_there_give_no_name_but_where_several_stand_side_by_side() {
    let named = |files: &[(&str, &str)]| {
        let found = discover(&tree(files)).services.into_iter();
        found.map(|service| format!("{} [{}]", service.name, service.folder)).collect::<Vec<_>>()
    };
    let migrations = ("migrations/Dockerfile", "FROM shop\nCMD [\"/migrate\"]\n");
    assert_eq!(named(&[("config/Dockerfile", DOCKERFILE)]), ["shop [config]"]);
    let expose = "FROM rust:1\nEXPOSE 80\nCMD [\"/serve\"]\n";
    let compose = "services: {app: {build: {context: .., dockerfile: deploy/Dockerfile}, ports: ['80:80'], restart: always}, migrations: {build: {context: .., dockerfile: migrations/Dockerfile}}}";
    let built = [migrations, ("deploy/Dockerfile", expose), ("deploy/compose.yaml", compose)];
    assert_eq!(named(&built), ["shop []"]);
    let side_by_side = [("config/Dockerfile", DOCKERFILE), ("till/Dockerfile", DOCKERFILE)];
    assert_eq!(named(&side_by_side), ["config [config]", "till [till]"]);
    let config = [("k8s/a.yaml", deployment("config", "ghcr.io/acme/shop:1"))];
    let config: Vec<(&str, &str)> = config.iter().map(|(path, text)| (*path, &**text)).collect();
    assert_eq!(named(&config), ["config []"]);
}

#[test]
fn what_is_pushed_is_called_as_its_code_or_by_the_words_that_its_names_share() {
    let named = |path: &str| {
        let file =
            |stage: &str| format!("applications:\n- name: till-{stage}\n  memory: 1G\n{path}");
        let (staging, unstable) = (file("staging"), file("unstable"));
        let files = [
            ("ops/manifests/manifest-staging.yaml", &*staging),
            ("ops/manifests/manifest-unstable.yaml", &*unstable),
            ("app/till.py", ""),
            ("src/a.py", ""),
        ];
        let found = discover(&tree(&files)).services.into_iter();
        found.map(|service| format!("{} [{}]", service.name, service.folder)).collect::<Vec<_>>()
    };
    assert_eq!(named(""), ["till [ops/manifests]"]);
    assert_eq!(named("  path: ../../app\n"), ["till [app]"]);
    assert_eq!(named("  path: '../../src' # all of it\n"), ["shop []"]);
    assert_eq!(named("  path: ../../gone/till.jar\n"), ["till [ops/manifests]"]);
    assert_eq!(named("  path: ../../../../etc\n"), ["till [ops/manifests]"]);
}

#[test]
fn what_runs_the_jobs_of_pipelines_is_told_by_a_label_or_the_folder_of_its_image_too() {
    let till = deployment("till", "ghcr.io/acme/till:1");
    let judged = |manifest: &str| {
        let files = [("deploy/till.yaml", till.as_str()), ("deploy/host.yaml", manifest)];
        let services = discover(&tree(&files)).services;
        services.into_iter().map(|service| service.name).collect::<Vec<_>>()
    };
    let plain = "ghcr.io/acme/machine:1";
    assert_eq!(judged(&labelled("host", plain, "github-runner")), ["till"]);
    assert_eq!(judged(&deployment("host", "ghcr.io/acme/github-runner-images/base:1")), ["till"]);
    assert_eq!(judged(&labelled("host", plain, "job-runner")), ["host", "till"]);
    assert_eq!(judged(&deployment("host", "ghcr.io/acme/runner/host:1")), ["host", "till"]);
}
