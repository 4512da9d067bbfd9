//! Trees of several services, and whose each fact is.

mod datastores;

use jiff::civil::date;

use super::*;
use crate::discover;
use crate::discover::tests::{deployment, tree};

/// What `told` tells of each service's scope, as `name: told`.
fn of_each(files: &[(&str, &str)], told: impl Fn(&Scope<'_>) -> Vec<String>) -> Vec<String> {
    let facts = tree(files);
    let services = discover(&facts).services;
    let all = scopes(&facts, &services, date(2026, 11, 20));
    all.iter().map(|scope| format!("{}: {}", scope.service.name, told(scope).join(" "))).collect()
}

fn paths<'p>(places: impl Iterator<Item = &'p Place>) -> Vec<String> {
    places.map(|place| place.path.to_string()).collect()
}

const DOCKERFILE: &str = "FROM rust:1.95\nCMD [\"/serve\"]\n";

/// Two services with code of their own, and `files`.
fn shop<'f>(files: &[(&'f str, &'f str)]) -> Vec<(&'f str, &'f str)> {
    let own = [("src/cart/Dockerfile", DOCKERFILE), ("src/mail/Dockerfile", DOCKERFILE)];
    own.into_iter().chain(files.iter().copied()).collect()
}

fn rules(alerts: &[(&str, &str)]) -> String {
    let rule = |(name, expression): &(&str, &str)| {
        format!("  - alert: {name}\n    expr: '{expression}'\n")
    };
    let rules: String = alerts.iter().map(rule).collect();
    format!("groups:\n- name: all\n  rules:\n{rules}")
}

#[test]
fn documents_belong_to_the_folder_they_stand_in_or_to_all() {
    let files = shop(&[
        ("README.md", "# Shop\n"),
        ("docs/runbooks/disk.md", "# Disk\n"),
        ("src/cart/README.md", "# Cart\n"),
        ("src/cart/docs/a.md", "# A\n"),
        ("docs/mail/b.md", "# B\n"),
        ("examples/README.md", "# Example\n"),
    ]);
    assert_eq!(
        of_each(&files, |scope| paths(scope.documents.iter().map(|d| &d.place))),
        [
            "cart: README.md docs/runbooks/disk.md src/cart/README.md src/cart/docs/a.md",
            "mail: README.md docs/mail/b.md docs/runbooks/disk.md",
        ]
    );
}

#[test]
fn alerts_belong_to_whom_they_select_or_to_where_they_stand() {
    let alerts = rules(&[
        ("Selected", "up{job=\"cart\"} == 0"),
        ("Both", "up{job=~\"cart|mail\"} == 0"),
        ("Shared", "node_load1 > 3"),
    ]);
    let alerts = format!("{alerts}  - {{alert: Late, expr: late > 1, labels: {{slo: cart}}}}\n");
    let own = rules(&[("Near", "node_load1 > 4")]);
    let files = shop(&[("ops/rules.yaml", &alerts), ("ops/mail-rules.yaml", &own)]);
    assert_eq!(
        of_each(&files, |scope| scope.alerts.iter().map(|a| a.name.value.clone()).collect()),
        ["cart: Selected Both Shared Late", "mail: Near Both Shared"]
    );
}

#[test]
fn alerts_of_a_stage_watch_nobody_where_those_of_production_stand_apart() {
    let (stage, live) = (rules(&[("Low", "up < 1")]), rules(&[("High", "up > 1")]));
    let names = |files: &[(&str, &str)]| {
        of_each(&shop(files), |scope| scope.alerts.iter().map(|a| a.name.value.clone()).collect())
    };
    let of_stage = ("watch/east-stage/alerts/rules.yaml", stage.as_str());
    assert_eq!(names(&[of_stage]), ["cart: Low", "mail: Low"]);
    let of_live = ("watch/east-prod/alerts/rules.yaml", live.as_str());
    assert_eq!(names(&[of_stage, of_live]), ["cart: High", "mail: High"]);
    let of_all = ("alerts/rules.yaml", live.as_str());
    assert_eq!(names(&[of_stage, of_all]), ["cart: High Low", "mail: High Low"]);
}

#[test]
fn pipelines_belong_to_whom_their_file_is_named_after() {
    let text = "on: push\njobs: {x: {runs-on: a, steps: [{run: make}]}}\n";
    let files = shop(&[
        (".github/workflows/deploy-cart.yml", text),
        (".github/workflows/mail.yml", text),
        (".github/workflows/ci.yml", text),
    ]);
    assert_eq!(
        of_each(&files, |scope| paths(scope.pipelines.iter().map(|p| &p.place))),
        [
            "cart: .github/workflows/ci.yml .github/workflows/deploy-cart.yml",
            "mail: .github/workflows/ci.yml .github/workflows/mail.yml",
        ]
    );
}

#[test]
fn a_pipeline_for_changes_of_other_code_belongs_to_no_service_of_the_tree() {
    let on = |paths: &str, run: &str| {
        format!(
            "on: {{push: {{paths: [{paths}]}}}}\njobs: {{x: {{runs-on: a, steps: [{{run: {run}}}]}}}}\n"
        )
    };
    let package = "{\"name\": \"a\"}";
    let texts = [
        (
            ".github/workflows/a.yml",
            on("'web/**', .prettierrc, .github/workflows/a.yml", "npm run deploy"),
        ),
        (".github/workflows/b.yml", on("'web/**', 'src/cart/lib/**'", "make")),
        (".github/workflows/c.yml", on("'charts/**'", "make deploy")),
        (".github/workflows/d.yml", on("'web/**', go.mod", "make deploy")),
        (".github/workflows/lib.yml", on("'web/**'", "make")),
        (".github/workflows/e.yml", on("'web/**', '!web/docs/**'", "firebase deploy")),
        (
            ".github/workflows/f.yml",
            on("'jobs/**', 'lib/**'", "make deploy, working-directory: 'jobs/${{ matrix.job }}'"),
        ),
    ];
    let texts = texts.each_ref().map(|(path, text)| (*path, text.as_str()));
    let packages = ["src/cart/package.json", "web/package.json", "src/mail/package.json"];
    let files: Vec<_> = texts.into_iter().chain(packages.map(|path| (path, package))).collect();
    let names = |scope: &Scope<'_>| {
        let files = scope.pipelines.iter().map(|p| p.place.file_name().to_owned());
        files.collect::<Vec<_>>()
    };
    assert_eq!(
        of_each(&shop(&files), names),
        ["cart: b.yml c.yml d.yml lib.yml", "mail: c.yml d.yml lib.yml"]
    );
}

#[test]
fn an_objective_of_no_service_of_the_tree_speaks_for_none() {
    let slo = |service: &str| {
        format!(
            "version: prometheus/v1\nservice: {service}\nslos:\n- name: requests\n  objective: 99.9\n  \
             sli: {{raw: {{error_ratio_query: 'x[{{{{.window}}}}]'}}}}\n  alerting: {{name: X}}\n"
        )
    };
    let files = [("a.yml", slo("cart")), ("b.yml", slo("legacy"))];
    let files = files.each_ref().map(|(path, text)| (*path, text.as_str()));
    let count = |scope: &Scope<'_>| paths(scope.objectives.iter().map(|o| &o.place));
    assert_eq!(of_each(&shop(&files), count), ["cart: a.yml", "mail: "]);
    let only = [("Dockerfile", DOCKERFILE), files[1]];
    assert_eq!(of_each(&only, count), ["shop: b.yml"]);
}

fn workloads(scope: &Scope<'_>) -> Vec<String> {
    paths(scope.workloads.iter().map(|workload| &workload.name.place))
}

#[test]
fn compose_files_are_for_development_beside_manifests_of_a_cluster() {
    let compose = "services: {cart: {build: src/cart}, mail: {build: src/mail}}";
    let cart = deployment("cart", "example.org/cart");
    let files = shop(&[("compose.yaml", compose), ("k8s/cart.yaml", &cart)]);
    assert_eq!(of_each(&files, workloads), ["cart: k8s/cart.yaml", "mail: compose.yaml"]);
    let over: Vec<String> =
        discover(&tree(&files)).passed_over.into_iter().map(|reason| reason.what).collect();
    assert_eq!(
        over,
        [
            "`cart` is for development: a chart, manifests for a cluster or files of a platform stand beside it"
        ]
    );
    let named = shop(&[("compose.prod.yaml", compose), ("k8s/cart.yaml", &cart)]);
    let over = discover(&tree(&named)).passed_over;
    assert!(over.iter().any(|reason| reason.what.contains("which of them runs")), "{over:?}");
    let test = shop(&[("compose.test.yaml", compose)]);
    assert_eq!(of_each(&test, workloads), ["cart: ", "mail: "]);
}

#[test]
fn compose_files_that_start_what_is_being_written_are_for_development() {
    let is_developed = |service: &str| {
        let text = format!(
            "services: {{cart: {{build: src/cart, {service}}}, mail: {{build: src/mail}}}}"
        );
        of_each(&shop(&[("compose.yaml", &text)]), workloads) == ["cart: ", "mail: "]
    };
    for service in [
        "volumes: ['./src/cart:/app']",
        "volumes: [{type: bind, source: ./src/cart, target: /app}]",
        "environment: {NODE_ENV: development}",
        "environment: ['JAVA_OPTS=-agentlib:jdwp=transport=dt_socket,address=5005']",
        "command: ./bin/run-dev.sh",
        "command: [npm, run, dev]",
        "command: uvicorn app:app --reload",
        "env_file: settings/local.env",
        "env_file: dev-env/cart.env, restart: always",
        "command: sleep infinity",
    ] {
        assert!(is_developed(service), "{service}");
    }
    for service in [
        "restart: always",
        "volumes: ['./data:/data', 'cart:/app']",
        "environment: {NODE_ENV: production, LEVEL: dev}",
        "command: npm start -- --device /dev/ttyS0",
        "env_file: .env",
        "volumes: ['./src/cart:/etc/cart']",
        "volumes: ['./src/cart:/app'], restart: always",
    ] {
        assert!(!is_developed(service), "{service}");
    }
    let text = "services: {cart: {build: src/cart, volumes: ['./src/cart:/app']}}";
    assert_eq!(
        of_each(&shop(&[("compose.prod.yaml", text)]), workloads)[0],
        "cart: compose.prod.yaml"
    );
}

#[test]
fn code_that_is_mounted_and_stages_for_debugging_are_for_development() {
    let is_developed = |build: &str, more: &str| {
        let text = format!(
            "services: {{cart: {{build: {{context: src/cart, {build}}}, restart: always, {more}}}}}"
        );
        let code = [("src/cart/till/app.py", ""), ("src/cart/static/a.ts", "")];
        let files = [&[("compose.yaml", text.as_str())], &code[..]].concat();
        of_each(&shop(&files), workloads)[0] == "cart: "
    };
    assert!(is_developed("", "volumes: ['./src/cart/till:/app/till:z']"));
    assert!(is_developed("target: '${STAGE:-debug}'", ""));
    assert!(!is_developed("target: final", "volumes: ['./src/cart/static:/app/static']"));
    assert!(!is_developed("", "volumes: ['./src/cart/logs:/app/logs', 'till:/app/till']"));
}

#[test]
fn code_is_mounted_in_production_too_where_the_service_is_told_that_it_is_there() {
    let is_developed = |build: &str, more: &str| {
        let text = format!(
            "services: {{cart: {{build: {{context: src/cart, {build}}}, {more} volumes: ['./src/cart:/app']}}}}"
        );
        of_each(&shop(&[("compose.yaml", text.as_str())]), workloads)[0] == "cart: "
    };
    assert!(!is_developed("args: {SHOP_PRODUCTION: 'True'}", ""));
    assert!(!is_developed("", "environment: [NODE_ENV=production],"));
    assert!(is_developed("args: {SHOP_PRODUCTION: 'False'}", ""));
    assert!(is_developed("", "environment: [NODE_ENV=development, PRODUCTS=1],"));
    assert!(is_developed("", "environment: [NODE_ENV=production], command: npm run dev,"));
}

#[test]
fn a_mount_that_a_variable_names_is_one_of_the_folder_that_it_defaults_to() {
    let is_developed = |name: &str, source: &str| {
        let text = format!("services: {{cart: {{build: src/cart, volumes: ['{source}:/app']}}}}");
        of_each(&shop(&[(name, text.as_str())]), workloads)[0] == "cart: "
    };
    assert!(is_developed("compose.yaml", "${CODE:-.}"));
    assert!(is_developed("compose.near-prod.yaml", "${CODE:-.}"));
    assert!(!is_developed("compose.prod.yaml", "${CODE:-.}"));
    assert!(!is_developed("compose.yaml", "${CODE:-/srv}"));
}

#[test]
fn compose_files_are_for_development_where_pipelines_deploy_to_a_cloud() {
    let compose = "services: {cart: {build: src/cart, restart: always}}";
    let of_cart = |name: &str, step: &str| {
        let job = format!("on: push\njobs:\n  a:\n    steps:\n    - run: {step}\n");
        let files = [(name, compose), (".github/workflows/a.yml", job.as_str())];
        of_each(&shop(&files), workloads)[0].clone()
    };
    let deploy = "aws ecs update-service --service cart";
    assert_eq!(of_cart("compose.yaml", deploy), "cart: ");
    assert_eq!(of_cart("compose.prod.yaml", deploy), "cart: compose.prod.yaml");
    assert_eq!(of_cart("compose.yaml", "make"), "cart: compose.yaml");
    let both = "aws ecs list-services && docker compose up -d";
    assert_eq!(of_cart("compose.yaml", both), "cart: compose.yaml");
}

#[test]
fn a_compose_file_that_builds_of_nothing_in_the_tree_stays_out() {
    let compose = |folder: &str| {
        format!("services: {{cart: {{image: example.org/cart, build: {folder}, restart: always}}}}")
    };
    let found = |folder: &str| {
        let cart = deployment("cart", "example.org/cart");
        let text = compose(folder);
        let files = shop(&[("compose.yaml", &text), ("src/cart/k8s.yaml", &cart)]);
        discover(&tree(&files))
            .passed_over
            .into_iter()
            .map(|reason| reason.what)
            .collect::<Vec<_>>()
    };
    assert!(!found("src/cart").iter().any(|what| what.contains("not in the tree")));
    let alone = |folder: &str| of_each(&shop(&[("compose.yaml", &compose(folder))]), workloads);
    assert_eq!(alone("src/cart")[0], "cart: compose.yaml");
    assert_eq!(alone("src/till/cart")[0], "cart: ");
}

#[test]
fn a_manifest_beside_a_chart_stays_out() {
    let cart = deployment("cart", "example.org/cart");
    let files = [
        ("charts/cart/Chart.yaml", "apiVersion: v2\nname: cart\nversion: 1.0.0\n"),
        ("charts/cart/templates/service.yaml", "kind: Service\nspec: {{ .Values.x }}\n"),
        ("charts/cart/deployment.yaml", &*cart),
    ];
    assert_eq!(of_each(&shop(&files), workloads)[0], "cart: ");
    let alone = shop(&files[1..]);
    assert_eq!(of_each(&alone, workloads)[0], "cart: charts/cart/deployment.yaml");
}

#[test]
fn what_tilt_starts_stays_out_whatever_it_is_called() {
    let cart = deployment("cart", "cart");
    assert_eq!(of_each(&shop(&[("tilt.yml", &cart)]), workloads)[0], "cart: ");
    assert_eq!(of_each(&shop(&[("tilting.yml", &cart)]), workloads)[0], "cart: tilting.yml");
}

#[test]
fn a_demonstration_stays_out_where_another_file_runs_the_same() {
    let compose = "services:\n  cart:\n    build: ../../src/cart\n    restart: always\n";
    let files =
        shop(&[("run/compose/compose.yaml", compose), ("run/cart-demo/compose.yaml", compose)]);
    let told = |scope: &Scope<'_>| paths(scope.workloads.iter().map(|w| &w.name.place));
    assert_eq!(of_each(&files, told), ["cart: run/compose/compose.yaml", "mail: "]);
    let alone = shop(&[("run/cart-demo/compose.yaml", compose)]);
    assert_eq!(of_each(&alone, told), ["cart: run/cart-demo/compose.yaml", "mail: "]);
}

#[test]
fn a_variant_among_what_is_optional_stays_out_where_the_workload_stands_elsewhere_too() {
    let cart = deployment("cart", "example.org/cart");
    let files = shop(&[("extras/hpa/cart.yaml", &cart), ("k8s/cart.yaml", &cart)]);
    assert_eq!(of_each(&files, workloads)[0], "cart: k8s/cart.yaml");
    let alone = shop(&[("extras/hpa/cart.yaml", &cart)]);
    assert_eq!(of_each(&alone, workloads)[0], "cart: extras/hpa/cart.yaml");
}

#[test]
fn other_environments_stay_out_where_the_workload_has_one_that_users_see() {
    let cart = deployment("cart", "example.org/cart");
    let mail = deployment("mail", "example.org/mail");
    let files = shop(&[
        ("k8s/dev/cart.yaml", &cart),
        ("k8s/prod/cart.yaml", &cart),
        ("k8s/dev/mail.yaml", &mail),
    ]);
    assert_eq!(of_each(&files, workloads), ["cart: k8s/prod/cart.yaml", "mail: k8s/dev/mail.yaml"]);
    let cart_for_tests = deployment("cart-test", "example.org/cart");
    let files = shop(&[("k8s/prod/cart.yaml", &cart), ("k8s/test/cart.yaml", &cart_for_tests)]);
    assert_eq!(of_each(&files, workloads)[0], "cart: k8s/prod/cart.yaml");
}

#[test]
fn a_template_of_a_chart_for_all_belongs_to_whom_it_is_named_after() {
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ .x }}\n";
    let files = shop(&[
        ("compose.yaml", "services: {cart: {build: src/cart}}"),
        ("chart/Chart.yaml", "name: mall\nversion: 1.0.0\n"),
        ("chart/templates/cart.yaml", template),
        ("chart/templates/mail-deployment.yaml", template),
        ("chart/templates/common.yaml", template),
    ]);
    assert_eq!(
        of_each(&files, |scope| paths(scope.gaps.iter().map(|gap| &gap.place))),
        [
            "cart: chart/templates/cart.yaml chart/templates/common.yaml",
            "mail: chart/templates/common.yaml chart/templates/mail-deployment.yaml",
        ]
    );
    assert_eq!(of_each(&files, workloads), ["cart: ", "mail: "]);
}

#[test]
fn a_template_without_a_name_is_that_of_the_only_service() {
    let template = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\nspec: {}\n";
    let found = |path: &str| {
        let files = [
            ("gonogo.yaml", "service: cart\nkind: web\ntier: 2\n"),
            ("compose.yaml", "services: {cart: {build: .}}\n"),
            ("Dockerfile", "FROM node:22\nEXPOSE 80\nCMD [\"node\", \"cart.js\"]\n"),
            (path, template),
        ];
        of_each(&files, workloads)
    };
    assert_eq!(found("k8s/production/deployment.yaml"), ["cart: "]);
    let other = ["k8s/staging/deployment.yaml", "k8s/templates/deployment.yaml"];
    for path in other {
        assert_eq!(found(path), ["cart: compose.yaml"], "{path}");
    }
}

#[test]
fn a_runbook_that_names_some_services_speaks_for_those() {
    let text = "# Payments\n\n## Fix\n\nThe service (cart-api) asks the bank again.\n";
    let files = [
        ("cart-api/Dockerfile", "FROM rust:1\nCMD [\"/serve\"]\n"),
        ("mail-api/Dockerfile", "FROM rust:1\nCMD [\"/serve\"]\n"),
        ("docs/runbook-payments.md", text),
        ("docs/runbook-common.md", "# All\n\n## Fix\n\nStart it again.\n"),
    ];
    let documents = |scope: &Scope<'_>| paths(scope.documents.iter().map(|d| &d.place));
    assert_eq!(
        of_each(&files, documents),
        [
            "cart-api: docs/runbook-common.md docs/runbook-payments.md",
            "mail-api: docs/runbook-common.md",
        ]
    );
}

#[test]
fn a_service_that_a_runbook_takes_for_an_example_in_a_command_has_it_not_for_itself() {
    let text = "# Alerts\n\n## Fix\n\nStart it again:\n\n```sh\nkubectl rollout restart \
                deployment/cart-api\n```\n";
    let files = [
        ("cart-api/Dockerfile", "FROM rust:1\nCMD [\"/serve\"]\n"),
        ("mail-api/Dockerfile", "FROM rust:1\nCMD [\"/serve\"]\n"),
        ("docs/runbook.md", text),
    ];
    let documents = |scope: &Scope<'_>| paths(scope.documents.iter().map(|d| &d.place));
    assert_eq!(
        of_each(&files, documents),
        ["cart-api: docs/runbook.md", "mail-api: docs/runbook.md"]
    );
}

#[test]
fn alerts_of_a_namespace_watch_no_service_that_runs_in_another() {
    let alerts = rules(&[
        ("Slow", "latency{namespace=~\"shop.*\"} > 1"),
        ("Down", "up{namespace=\"tools\"} == 0"),
        ("Odd", "up{namespace=~\"(\"} == 0"),
    ]);
    let inside = |name: &str, namespace: &str| {
        let named = format!("metadata: {{name: {name}, namespace: {namespace}");
        deployment(name, name).replace(&format!("metadata: {{name: {name}"), &named)
    };
    let (cart, hook) = (inside("cart", "shop-eu"), inside("hook", "tools"));
    let files = [
        ("k8s/cart.yaml", cart.as_str()),
        ("k8s/hook.yaml", hook.as_str()),
        ("ops/rules.yaml", alerts.as_str()),
    ];
    assert_eq!(
        of_each(&files, |scope| scope.alerts.iter().map(|a| a.name.value.clone()).collect()),
        ["cart: Slow Odd", "hook: Down Odd"]
    );
}
