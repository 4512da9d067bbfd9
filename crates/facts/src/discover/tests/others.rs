//! What is none of the services of a tree, and what catalogs and platforms say of them.

use super::*;

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
fn what_is_built_upon_the_language_that_others_package_is_the_trees_own() {
    let found = |base: &str| {
        let recipe = format!(
            "FROM {base} AS build\nCOPY . /code\nFROM {base}\nCOPY --from=build /code /code\nEXPOSE 9000\n\
             CMD [\"php-fpm\", \"-F\"]\n"
        );
        kept_by_acme(&[("Dockerfile.till", recipe.as_str()), ("composer.json", "{}")])
    };
    for base in ["bitnami/php-fpm:8.4-prod", "docker.io/bitnamilegacy/laravel:11"] {
        assert_eq!(found(base).len(), 1, "{base}");
    }
    for base in ["bitnami/keycloak:26", "acme-mirror/adminer:5"] {
        assert_eq!(found(base), [""; 0], "{base}");
    }
    let of_others = "FROM counter-code:1 AS code\nFROM bitnami/php-fpm:8.4\nCOPY --from=code /a /code\n\
                     EXPOSE 9000\nCMD [\"php-fpm\", \"-F\"]\n";
    assert_eq!(kept_by_acme(&[("Dockerfile.counter", of_others)]), [""; 0]);
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
fn what_compose_runs_of_an_image_called_like_the_tree_is_the_code_in_its_root() {
    let found = |image: &str| {
        let compose = format!("services:\n  counter: {{image: '{image}', restart: always}}\n");
        services(&[
            ("docker-compose.yml", &compose),
            ("build/Dockerfile", DOCKERFILE),
            ("go.mod", "module acme.example/shop\n"),
        ])
    };
    let both = ["shop [] docker-compose.yml build/Dockerfile"];
    assert_eq!(found("ghcr.io/acme/shop:${TAG}"), both);
    for image in ["ghcr.io/acme/shop-web:1", "redis:8"] {
        assert_eq!(found(image), ["shop [] build/Dockerfile"], "{image}");
    }
}

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
