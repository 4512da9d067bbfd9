//! Trees in which something stands firmly, and in which nothing does.

use super::super::discover;
use super::super::tests::{deployment, tree};
use crate::Service;

const SERVER: &str = "FROM rust:1.95\nEXPOSE 8080\nCMD [\"/serve\"]\n";
const TOOL: &str = "FROM rust:1.95\nCMD [\"/pack\"]\n";

/// Names of the services that are judged beside two that a cluster runs, and what is told of the
/// others; all have code.
fn beside_firm_ones(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let till = deployment("till", "registry.acme.example/till:1");
    let tax = deployment("tax", "registry.acme.example/tax:1");
    let firm = [("deploy/till.yaml", till.as_str()), ("deploy/tax.yaml", tax.as_str())];
    let code = [
        ("packing/main.go", ""),
        ("stock/main.go", ""),
        ("till/Dockerfile", SERVER),
        ("till/main.go", ""),
        ("tax/Dockerfile", SERVER),
        ("tax/main.go", ""),
    ];
    let found = discover(&tree(&[&firm[..], &code[..], files].concat()));
    let judged = found.services.iter().filter(|service| service.is_judged());
    let judged = judged.map(|service| service.name.clone());
    let judged = judged.filter(|name| name != "till" && name != "tax");
    (judged.collect(), found.possible.into_iter().map(|reason| reason.what).collect())
}

fn judged(files: &[(&str, &str)]) -> Vec<String> {
    beside_firm_ones(files).0
}

fn cron_job(image: &str) -> String {
    format!(
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: stock-count}}\nspec: {{schedule: '@daily', \
         jobTemplate: {{spec: {{template: {{spec: {{containers: [{{name: a, image: {image}}}]}}}}}}}}}}\n"
    )
}

#[test]
fn an_image_without_a_port_is_told_and_becomes_a_service_as_told() {
    let image = ("packing/Dockerfile", TOOL);
    let (judged, told) = beside_firm_ones(&[image]);
    assert_eq!(judged, [""; 0]);
    assert_eq!(
        told,
        ["`packing`: nothing but a Dockerfile that opens no port speaks of it; \
          `service: packing` in `packing/gonogo.yaml` makes it one"]
    );
    let declared = [image, ("packing/gonogo.yaml", "service: packing\n")];
    assert_eq!(beside_firm_ones(&declared), (vec!["packing".to_owned()], Vec::new()));
}

fn judged_alone(files: &[(&str, &str)]) -> Vec<String> {
    let services = discover(&tree(files)).services.into_iter();
    services.filter(Service::is_judged).map(|service| service.name).collect()
}

#[test]
fn where_nothing_stands_firmly_the_firmest_are_judged() {
    let (tool, server) = (("packing/Dockerfile", TOOL), ("stock/Dockerfile", SERVER));
    let compose = ("compose.yaml", "services: {till: {build: till}}\n");
    assert_eq!(judged_alone(&[tool, server]), ["stock"]);
    assert_eq!(judged_alone(&[tool, server, compose, ("till/Dockerfile", TOOL)]), ["till"]);
    assert_eq!(judged_alone(&[server, ("tax/Dockerfile", SERVER)]), ["stock", "tax"]);
}

#[test]
fn what_only_developers_start_is_no_service_for_sure_beside_what_runs() {
    let developed =
        "services: {packing: {build: packing, volumes: ['./packing:/app'], ports: ['1:1']}}\n";
    let (tool, tests) =
        (("packing/Dockerfile", TOOL), developed.replace("volumes: ['./packing:/app'], ", ""));
    for (path, text, is_judged) in [
        ("compose.yaml", developed, false),
        ("compose.ci.yaml", tests.as_str(), false),
        ("compose.yaml", tests.as_str(), true),
        ("compose.prod.yaml", developed, true),
    ] {
        assert_eq!(!judged(&[tool, (path, text)]).is_empty(), is_judged, "{path} {text}");
    }
    let run = "services: {packing: {image: 'acme/packing:1'}}\n";
    for (path, is_judged) in
        [("deploy/compose.sub.yaml", true), ("deploy/compose.test.yaml", false)]
    {
        let files = [tool, ("compose.yaml", developed), (path, run)];
        assert_eq!(!judged(&files).is_empty(), is_judged, "{path}");
    }
    assert_eq!(judged_alone(&[tool, ("compose.yaml", developed)]), ["packing"]);
    let shipped = "on: push\njobs:\n  a:\n    steps:\n    - run: docker build -t acme/packing packing && docker push acme/packing\n";
    let pushed = [tool, ("compose.yaml", developed), (".github/workflows/a.yml", shipped)];
    assert_eq!(judged(&pushed), ["packing"]);
    // A pipeline that was not read may ship any, but hardly what is called after developing.
    let unread = (".circleci/config.yml", "version: 2.1\n");
    let listens = ("packing/Dockerfile", SERVER);
    let tagged = developed.replace("build: packing,", "build: packing, image: 'acme/packing:dev',");
    assert_eq!(judged(&[listens, ("compose.yaml", developed)]), [""; 0]);
    assert_eq!(judged(&[listens, ("compose.yaml", developed), unread]), ["packing"]);
    assert_eq!(judged(&[listens, ("compose.yaml", &tagged), unread]), [""; 0]);
    // What a pipeline pushes runs for users as well.
    let pushed =
        shipped.replace("acme/packing packing", "acme/tax tax").replace("acme/packing", "acme/tax");
    let plain = tagged.replace("volumes: ['./packing:/app'], ", "");
    let alone = |job: &str| {
        let files = [
            listens,
            ("compose.yaml", plain.as_str()),
            (".github/workflows/a.yml", job),
            ("packing/main.go", ""),
            ("tax/Dockerfile", SERVER),
            ("tax/main.go", ""),
        ];
        let found = discover(&tree(&files)).services;
        let judged = found.into_iter().filter(Service::is_judged);
        judged.map(|service| service.name).collect::<Vec<_>>()
    };
    assert_eq!(alone(&pushed), ["tax"]);
    assert_eq!(alone("on: push\njobs: {}\n"), ["packing"]);
}

#[test]
fn an_image_of_a_language_that_only_names_a_port_may_be_for_building() {
    let image = "FROM node:24\nCOPY . .\nEXPOSE 8080\n";
    let judged =
        |image: &str| judged_alone(&[("stock/Dockerfile", SERVER), ("pages/Dockerfile", image)]);
    assert_eq!(judged(image), ["stock"]);
    assert_eq!(judged(&format!("{image}CMD [\"serve\"]\n")), ["pages", "stock"]);
    assert_eq!(judged(&image.replace("node:24", "acme/serving:1")), ["pages", "stock"]);
    assert_eq!(judged_alone(&[("pages/Dockerfile", image)]), ["pages"]);
}

#[test]
fn an_image_without_a_port_is_a_tool_unless_somebody_runs_what_the_tree_makes() {
    let with =
        |more: &[(&str, &str)]| judged_alone(&[&[("packing/Dockerfile", TOOL)], more].concat());
    let job = |step: &str| format!("on: push\njobs:\n  a:\n    steps:\n    - run: {step}\n");
    let (build, ship) =
        (job("docker push acme/packing"), job("aws ecs update-service --service x"));
    assert_eq!(with(&[]), [""; 0]);
    assert_eq!(with(&[(".github/workflows/a.yml", &build)]), [""; 0]);
    assert_eq!(with(&[("fixtures/a.yaml", "a: [\n")]), [""; 0]);
    assert_eq!(with(&[("examples/a.tf", "")]), [""; 0]);
    let publish =
        "on: push\njobs:\n  snap:\n    environment: snap\n    steps:\n    - uses: a/publish@v1\n";
    assert_eq!(with(&[(".github/workflows/a.yml", publish)]), [""; 0]);
    for sign in [
        ("main.tf", ""),
        (".github/workflows/a.yml", ship.as_str()),
        ("packing/requirements.txt", "fastapi==0.115.0\n"),
        ("packing/package.json", "{\"name\": \"packing\", \"dependencies\": {\"express\": \"5\"}}"),
    ] {
        assert_eq!(with(&[sign]), ["packing"], "{sign:?}");
    }
}

#[test]
fn a_recipe_called_after_a_language_is_a_service_only_where_nothing_says_more() {
    let recipes = [("ops/Dockerfile-java", TOOL), ("ops/Dockerfile-python", SERVER)];
    let packing = [("packing/Dockerfile", SERVER)];
    assert_eq!(judged_alone(&recipes), ["java", "python"]);
    assert_eq!(judged_alone(&[&recipes[..], &packing].concat()), ["packing"]);
    let folder = [("java/Dockerfile", SERVER)];
    assert_eq!(judged_alone(&[&folder[..], &packing].concat()), ["java", "packing"]);
}

#[test]
fn what_compose_starts_is_a_service_where_it_listens_or_is_kept_running() {
    let compose = |more: &str| format!("services:\n  packing: {{build: packing{more}}}\n");
    for (more, is_judged) in [
        ("", false),
        (", restart: 'no'", false),
        (", restart: always", true),
        (", ports: ['80:80']", true),
        (", healthcheck: {test: [CMD, 'true']}", true),
    ] {
        let file = compose(more);
        let files = [("compose.yaml", file.as_str()), ("packing/Dockerfile", TOOL)];
        assert_eq!(!judged(&files).is_empty(), is_judged, "{more}");
    }
}

#[test]
fn a_name_may_say_tool_and_a_file_that_it_is_published() {
    for (name, file, is_judged) in [
        ("stock", "deploy/stock.yaml", true),
        ("stock-seeder", "deploy/a.yaml", false),
        ("stock-test", "deploy/a.yaml", false),
        ("cli-gateway", "deploy/a.yaml", true),
        ("stock", "deploy/stock-v1.16.7.yaml", false),
        ("stock", "deploy/stock-v2.yaml", true),
    ] {
        let image = format!("registry.acme.example/{name}:1");
        let manifest = deployment(name, &image);
        assert_eq!(!judged(&[(file, &manifest)]).is_empty(), is_judged, "{name} {file}");
    }
}

#[test]
fn an_image_is_a_service_where_a_chart_has_a_template_of_its_name() {
    let template =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {{ .Values.x }}\n";
    let chart = ("charts/all/Chart.yaml", "apiVersion: v2\nname: all\nversion: 1.0.0\n");
    let image = ("packing/Dockerfile", TOOL);
    for (path, is_judged) in [
        ("charts/all/templates/packing_deployment.yaml", true),
        ("charts/all/templates/deployment.yaml", false),
    ] {
        let found = judged(&[chart, image, (path, template)]);
        assert_eq!(found.contains(&"packing".to_owned()), is_judged, "{path} {found:?}");
    }
}

#[test]
fn what_its_readme_calls_an_example_is_none() {
    let compose = ("stock/compose.yaml", "services: {web: {build: ., ports: ['80:80']}}\n");
    for (title, is_judged) in [("# An Example Server\n", false), ("# Stock\n", true)] {
        let files = [compose, ("stock/Dockerfile", SERVER), ("stock/README.md", title)];
        assert_eq!(!judged(&files).is_empty(), is_judged, "{title}");
        let compose = "services: {web: {build: app, ports: ['80:80']}}\n";
        let files = [
            ("stock/compose.yaml", compose),
            ("stock/app/Dockerfile", SERVER),
            ("stock/README.md", title),
        ];
        assert_eq!(!judged(&files).is_empty(), is_judged, "around its code: {title}");
    }
}

#[test]
fn an_image_of_an_unknown_name_may_be_one_that_a_cluster_runs() {
    let homeless = deployment("wages", "registry.acme.example/wages:1");
    let ship = |line: &str| format!("on: push\njobs:\n  ship:\n    steps:\n      - run: {line}\n");
    let (unnamed, named) =
        (ship("docker build -f stock/Dockerfile ."), ship("docker push acme/stock"));
    let found = |more: &[(&str, &str)], workflow: &str| {
        let files = [("stock/Dockerfile", SERVER), (".github/workflows/ship.yml", workflow)];
        judged(&[&files[..], more].concat())
    };
    let homeless = [("deploy/wages.yaml", homeless.as_str())];
    assert_eq!(found(&homeless, &unnamed), ["wages"]);
    assert_eq!(found(&homeless, &named), ["stock", "wages"]);
    assert_eq!(found(&[], &unnamed), ["stock"]);
}

#[test]
fn an_image_that_listens_is_a_service_once_a_pipeline_ships_it() {
    let image = ("stock/Dockerfile", SERVER);
    let with = |file: (&str, &str)| judged(&[image, file]);
    assert!(beside_firm_ones(&[image]).1[0].ends_with("`stock/gonogo.yaml` makes it one"));
    for line in
        ["docker build -f stock/Dockerfile .", "docker push acme/stock:1", "docker build ./stock/"]
    {
        let workflow = format!("on: push\njobs:\n  ship:\n    steps:\n      - run: {line}\n");
        let ship = (".github/workflows/ship.yml", workflow.as_str());
        assert_eq!(with(ship), ["stock"], "{line}");
    }
    let workflow = "on: push\njobs:\n  ship:\n    steps:\n      - run: cargo test -p stock\n";
    assert_eq!(with((".github/workflows/test.yml", workflow)), [""; 0]);
    assert_eq!(with(("azure-pipelines.yml", "steps: [{script: make}]\n")), ["stock"]);
}

#[test]
fn what_is_called_after_a_part_is_no_image_of_another_with_that_word() {
    let with = |line: &str, more: &[(&str, &str)]| {
        let workflow = format!("on: push\njobs:\n  ship:\n    steps:\n      - run: {line}\n");
        let files = [
            ("parts/worker/Dockerfile", SERVER),
            ("parts/worker/main.go", ""),
            (".github/workflows/a.yml", &workflow),
        ];
        judged(&[&files[..], more].concat()).len()
    };
    for line in
        ["docker push acme/worker:1", "docker push acme/stock-worker", "docker build parts/worker"]
    {
        assert_eq!(with(line, &[]), 1, "{line}");
    }
    for line in [
        "docker push acme/stock-worker-gpu",
        "docker push 'acme/${{ matrix.worker }}-worker:1'",
        "docker push acme/${{ matrix.worker }}",
    ] {
        assert_eq!(with(line, &[]), 0, "{line}");
    }
    let other = [("parts/stock-worker/Dockerfile", SERVER), ("parts/stock-worker/main.go", "")];
    assert_eq!(with("docker push acme/stock-worker", &other), 1);
}

#[test]
fn what_a_session_elsewhere_starts_is_shipped() {
    let with = |script: &str| {
        let workflow = format!(
            "on: push\njobs:\n  ship:\n    steps:\n      - uses: acme/ssh-action@v1\n        \
             with: {{script: '{script}'}}\n"
        );
        judged(&[("stock/Dockerfile", SERVER), (".github/workflows/a.yml", &workflow)])
    };
    assert_eq!(with("docker compose up -d stock"), ["stock"]);
    assert_eq!(with("tail /var/log/stock"), [""; 0]);
}

#[test]
fn an_image_that_says_its_version_or_sleeps_starts_nothing() {
    let with = |command: &str| {
        let recipe = format!("FROM python:3.14\nCOPY . .\nCMD {command}\n");
        let compose = "services: {stock: {build: stock, restart: always}}\n";
        judged(&[("stock/Dockerfile", &recipe), ("compose.yaml", compose)])
    };
    assert_eq!(with("[\"python\", \"serve.py\"]"), ["stock"]);
    for command in ["[\"python\", \"--version\"]", "sleep infinity", "[\"till\", \"--help\"]"] {
        assert_eq!(with(command), [""; 0], "{command}");
    }
}

#[test]
fn what_kamal_deploys_and_functions_of_a_cloud_open_no_port() {
    let by_kamal =
        [("packing/Dockerfile", TOOL), ("packing/config/deploy.yml", "service: packing\n")];
    assert_eq!(judged(&by_kamal), ["packing"]);
    let function = "FROM public.ecr.aws/lambda/nodejs:22\nCMD [\"app.handler\"]\n";
    assert_eq!(judged(&[("packing/Dockerfile", function)]), ["packing"]);
}

#[test]
fn a_schedule_starts_a_service_where_its_image_is_called_after_it_or_built_here() {
    let tools = cron_job("registry.acme.example/kubectl-tools:1");
    let (own, tools) =
        (cron_job("registry.acme.example/stock-count:1"), ("cron.yaml", tools.as_str()));
    assert_eq!(judged(&[("cron.yaml", &own)]), ["stock-count"]);
    assert_eq!(judged(&[tools]), [""; 0]);
    assert_eq!(judged(&[tools, ("stock-count/Dockerfile", TOOL)]), ["stock-count"]);
}

#[test]
fn charts_stand_as_firmly_as_those_on_their_shelf() {
    let template =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {{ .Values.x }}\n";
    let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
    let (stock, wages, purge) = (chart("stock"), chart("wages"), chart("purge"));
    let queue = chart("queue")
        + "dependencies: [{name: queue, version: 1.0.0, repository: 'https://charts.example'}]\n";
    let files = [
        ("charts/services/stock/Chart.yaml", stock.as_str()),
        ("charts/services/stock/templates/a.yaml", template),
        ("charts/services/money/wages/Chart.yaml", wages.as_str()),
        ("charts/services/money/wages/templates/a.yaml", template),
        ("charts/tools/purge/Chart.yaml", purge.as_str()),
        ("charts/tools/purge/templates/a.yaml", template),
        ("charts/services/queue/Chart.yaml", queue.as_str()),
        ("stock/Dockerfile", SERVER),
    ];
    let (judged, told) = beside_firm_ones(&files);
    assert_eq!(judged, ["stock", "wages"]);
    let told: Vec<&str> = told.iter().map(|told| told.split(',').next().unwrap()).collect();
    let one = "nothing but a chart speaks of it";
    assert_eq!(told, [format!("`purge`: {one}"), format!("`queue`: {one}")]);
}
