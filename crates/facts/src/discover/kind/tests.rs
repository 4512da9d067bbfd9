//! What kind of thing a service is taken for.

use model::Kind;

use super::super::discover;
use super::super::tests::tree;

/// The kind of the one service of a tree of Go whose code asks for `packages`.
fn of_code(packages: &str, recipe: &str, beside: &str) -> Kind {
    let module = format!("module acme.example/till\nrequire (\n{packages})\n");
    let recipe = format!("FROM golang:1.25\nCOPY . .\n{recipe}ENTRYPOINT [\"./app\"]\n");
    let job = "on: push\njobs:\n  a:\n    steps:\n    - run: ssh till systemctl restart till\n";
    let found = discover(&tree(&[
        ("go.mod", &module),
        ("Dockerfile", &recipe),
        (beside, ""),
        (".github/workflows/a.yml", job),
    ]));
    let [till] = found.services.try_into().unwrap();
    assert!(till.is_kind_assumed);
    till.kind
}

#[test]
fn what_only_asks_for_a_broker_and_opens_no_port_is_a_worker() {
    let broker = "github.com/streadway/amqp v1.1.0\n";
    assert_eq!(of_code(broker, "", "pkg/handler.go"), Kind::Worker);
    assert_eq!(of_code(broker, "EXPOSE 80\n", "pkg/handler.go"), Kind::Web);
    assert_eq!(of_code(broker, "", "pkg/http/handler.go"), Kind::Web);
    assert_eq!(of_code(broker, "", "cmd/server.go"), Kind::Web);
    assert_eq!(of_code("github.com/lib/pq v1.0.0\n", "", "a.go"), Kind::Web);
    for server in ["github.com/labstack/echo/v4", "google.golang.org/grpc"] {
        let both = format!("{broker}{server} v1.0.0\n");
        assert_eq!(of_code(&both, "", "a.go"), Kind::Web, "{server}");
    }
}

#[test]
fn what_takes_part_in_a_chat_and_is_asked_by_nobody_is_a_worker() {
    let bot = "github.com/bwmarrin/discordgo v0.28.1\n";
    assert_eq!(of_code(bot, "", "cmd/server.go"), Kind::Worker);
    assert_eq!(of_code(bot, "EXPOSE 80\n", "cmd/server.go"), Kind::Web);
    let both = format!("{bot}github.com/labstack/echo/v4 v4.0.0\n");
    assert_eq!(of_code(&both, "", "cmd/server.go"), Kind::Web);
    let in_cluster = |more: &str| {
        let deployed = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: till}}\nspec:\n  selector: {{matchLabels: {{app: till}}}}\n  \
             template:\n    metadata: {{labels: {{app: till}}}}\n    spec: {{containers: [{{name: till, image: acme/till, \
             ports: [{{containerPort: 80}}]}}]}}\n{more}"
        );
        let module = format!("module acme.example/till\nrequire (\n{both})\n");
        let recipe = "FROM golang:1.25\nCOPY . .\nEXPOSE 80\nENTRYPOINT [\"./till\"]\n";
        let files =
            [("go.mod", module.as_str()), ("Dockerfile", recipe), ("k8s/a.yaml", &deployed)];
        let [till] = discover(&tree(&files)).services.try_into().unwrap();
        till.kind
    };
    assert_eq!(in_cluster(""), Kind::Worker);
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: till}\nspec:\n  selector: {app: till}\n  ports: [{port: 80}]\n";
    assert_eq!(in_cluster(service), Kind::Web);
}

#[test]
fn what_a_program_of_others_loads_is_a_library() {
    let of = |packaging: &str, more: &[(&str, &str)]| {
        let pom = format!(
            "<project><artifactId>till</artifactId><packaging>{packaging}</packaging></project>"
        );
        let entry = "version: 1\nservice: {name: till, tier: tier_1}\n";
        let files = [&[("opslevel.yml", entry), ("pom.xml", &*pom)], more].concat();
        let [till] = discover(&tree(&files)).services.try_into().unwrap();
        (till.kind, till.is_kind_assumed)
    };
    assert_eq!(of("hpi", &[]), (Kind::Library, true));
    assert_eq!(of("maven-plugin", &[]), (Kind::Library, true));
    assert_eq!(of("jar", &[]), (Kind::Web, true));
    let recipe = ("Dockerfile", "FROM eclipse-temurin:21\nCOPY a.jar /\nCMD [\"java\"]\n");
    assert_eq!(of("hpi", &[recipe]).0, Kind::Web);
    let server = "<project><artifactId>api</artifactId><packaging>war</packaging></project>";
    assert_eq!(of("hpi", &[("api/pom.xml", server)]).0, Kind::Web);
}

#[test]
fn php_behind_a_web_server_answers_requests() {
    let kind = |recipe: &str, more: &str| {
        let compose = format!("services:\n  till: {{build: ., restart: always{more}}}\n");
        let files = [("compose.yaml", compose.as_str()), ("Dockerfile", recipe), ("a.php", "")];
        discover(&tree(&files)).services[0].kind
    };
    let fpm = "ARG VERSION=8.4\nFROM php:${VERSION}-fpm-trixie AS base\nRUN a\nFROM base AS prod\n\
               COPY . .\nENTRYPOINT [\"/run/entrypoint.sh\"]\n";
    assert_eq!(kind(fpm, ""), Kind::Web);
    assert_eq!(kind(fpm, ", command: php artisan queue:work"), Kind::Worker);
    assert_eq!(kind(&fpm.replace("/run/entrypoint.sh", "./work"), ""), Kind::Worker);
    assert_eq!(kind(&fpm.replace("-fpm-", "-cli-"), ""), Kind::Worker);
}

#[test]
fn what_a_proxy_of_its_compose_file_waits_for_answers_requests() {
    let kind = |proxy: &str| {
        let compose = format!(
            "services:\n  till: {{build: ., restart: always, command: ./run}}\n  front: {{image: '{proxy}', \
             depends_on: [till]}}\n"
        );
        let recipe = "FROM debian:13\nCOPY . .\nCMD [\"./run\"]\n";
        let files = [("compose.yaml", compose.as_str()), ("Dockerfile", recipe)];
        discover(&tree(&files)).services[0].kind
    };
    assert_eq!(kind("nginx:1.29"), Kind::Web);
    assert_eq!(kind("redis:8"), Kind::Worker);
}

#[test]
fn what_a_variable_of_its_compose_file_leads_to_answers_requests() {
    let kind = |address: &str| {
        let compose = format!(
            "services:\n  till: {{build: ., restart: always, command: ./run}}\n  front: {{image: 'redis:8', \
             environment: [TILL={address}]}}\n"
        );
        let recipe = "FROM debian:13\nCOPY . .\nCMD [\"./run\"]\n";
        let files = [("compose.yaml", compose.as_str()), ("Dockerfile", recipe)];
        discover(&tree(&files)).services[0].kind
    };
    for address in ["http://till", "http://till:3000/sale", "${TILL_URL:-http://till:80}"] {
        assert_eq!(kind(address), Kind::Web, "{address}");
    }
    for address in ["till", "redis://till:80", "http://till-stock:80", "http://till.example"] {
        assert_eq!(kind(address), Kind::Worker, "{address}");
    }
}

#[test]
fn what_a_cluster_sends_requests_to_is_no_library_by_the_word_of_gonogo_yaml() {
    let deployed = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: till}\nspec:\n  \
        selector: {matchLabels: {app: till}}\n  template:\n    metadata: {labels: {app: till}}\n    \
        spec: {containers: [{name: till, image: a/till, ports: [{containerPort: 80}]}]}\n";
    let routed = "---\napiVersion: v1\nkind: Service\nmetadata: {name: till}\nspec:\n  \
        selector: {app: till}\n  ports: [{port: 80}]\n";
    let of = |kind: &str, text: &str| {
        let declared = format!("service: till\nkind: {kind}\n");
        let files = [("gonogo.yaml", declared.as_str()), ("k8s/till.yaml", text)];
        let [till] = discover(&tree(&files)).services.try_into().unwrap();
        (till.kind, till.is_kind_assumed)
    };
    let both = format!("{deployed}{routed}");
    assert_eq!(of("library", &both), (Kind::Web, true));
    assert_eq!(of("library", deployed), (Kind::Library, false));
    assert_eq!(of("worker", &both), (Kind::Worker, false));
}
