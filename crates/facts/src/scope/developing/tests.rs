//! Which Dockerfiles are for those who write the code.

use jiff::civil::date;

use crate::discover;
use crate::discover::tests::tree;

const COMPOSE: &str = "services:\n  till:\n    build: .\n    environment: {NODE_ENV: development}\n    ports: ['3000:3000']\n";

/// The Dockerfiles of all services of a tree.
fn paths(files: &[(&str, &str)]) -> Vec<String> {
    let facts = tree(files);
    let services = discover(&facts).services;
    assert_eq!(services.len(), 1);
    let scopes = super::super::scopes(&facts, &services, date(2026, 11, 20));
    let files = scopes.iter().flat_map(|scope| &scope.dockerfiles);
    files.map(|file| file.place.path.to_string()).collect()
}

/// How many Dockerfiles all services of a tree have whose pipeline runs `line`.
fn dockerfiles(stages: &str, line: &str) -> usize {
    let pipeline = format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: {line}}}]}}}}\n");
    let files = [
        ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
        ("Dockerfile", stages),
        ("docker-compose.yml", COMPOSE),
        ("package.json", "{\"name\": \"till\"}\n"),
        (".github/workflows/release.yml", &pipeline),
    ];
    paths(&files).len()
}

#[test]
fn the_recipe_that_pipelines_name_ships_and_not_the_unnamed_one_beside_it() {
    let one = "FROM node:22\nEXPOSE 80\nCMD [\"node\", \"till.js\"]\n";
    let found = |line: &str| {
        let pipeline = format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: {line}}}]}}}}\n");
        paths(&[
            ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("Dockerfile", one),
            ("Dockerfile.static", one),
            ("package.json", "{\"name\": \"till\"}\n"),
            (".github/workflows/release.yml", &pipeline),
        ])
    };
    let build = |file: &str| format!("docker build -t acme/till -f {file} .");
    assert_eq!(found(&build("Dockerfile.static")), ["Dockerfile.static"]);
    assert_eq!(found(&build("Dockerfile.test")).len(), 2);
    assert_eq!(found("docker build -t scratch -f Dockerfile.static .").len(), 2);
    let both = format!("{} && {}", build("Dockerfile.static"), build("Dockerfile"));
    assert!(found(&both).contains(&"Dockerfile".to_owned()));
}

#[test]
fn an_image_that_only_developers_build_is_not_the_one_that_ships() {
    let one = "FROM node:22\nCOPY . .\nCMD [\"node\", \"till.js\"]\n";
    assert_eq!(dockerfiles(one, "clever deploy"), 0);
    assert_eq!(dockerfiles(one, "docker build -t till ."), 1);
    assert_eq!(dockerfiles(one, "pack build $IMAGE --publish"), 0);
    assert_eq!(dockerfiles(one, "pack build $IMAGE; docker build -t till ."), 1);
    assert_eq!(dockerfiles(one, "copy $IMAGE"), 1);
    let idle = "FROM node:22\nCOPY . .\n";
    assert_eq!(dockerfiles(idle, "pack build $IMAGE --publish"), 0);
    let two = "FROM node:22 AS build\nRUN make\nFROM node:22\nCOPY --from=build /a /a\n";
    assert_eq!(dockerfiles(two, "clever deploy"), 1);
}

#[test]
fn a_recipe_beside_code_that_its_build_tool_makes_an_image_of_is_for_developers() {
    let found = |manifest: (&str, &str), lines: &str| -> usize {
        let image = "FROM eclipse-temurin:25\nCOPY a.jar .\nEXPOSE 80\nCMD [\"java\"]\n";
        let pipeline =
            format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{lines}'}}]}}}}\n");
        paths(&[
            ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("Dockerfile", image),
            manifest,
            (".github/workflows/release.yml", &pipeline),
        ])
        .len()
    };
    let maven = ("pom.xml", "<project><groupId>a</groupId><artifactId>till</artifactId></project>");
    let gradle = ("build.gradle", "plugins { id 'java' }\n");
    let go = ("go.mod", "module acme.example/till\n");
    for (manifest, lines, count) in [
        (maven, "mvn compile com.google.cloud.tools:jib-maven-plugin:build", 0),
        (maven, "mvn jib:build && docker buildx imagetools create -t a/b:1 a/b:2", 0),
        (maven, "mvn spring-boot:build-image -Dspring-boot.build-image.publish=true", 0),
        (gradle, "./gradlew :till:jib", 0),
        (gradle, "./gradlew bootBuildImage --publishImage", 0),
        (go, "ko build ./cmd/till", 0),
        (go, "mvn jib:build", 1),
        (gradle, "ko build ./cmd/till", 1),
        (gradle, "./gradlew build", 1),
        (maven, "mvn jib:build; docker build -t acme/till .", 1),
        (maven, "mvn jib:build; docker buildx build -t acme/till .", 1),
    ] {
        assert_eq!(found(manifest, lines), count, "{lines}");
    }
}

#[test]
fn a_longer_name_beside_the_one_that_a_pipeline_builds_ships_nothing() {
    let found = |line: &str| -> Vec<String> {
        let image = "FROM golang:1.25\nCOPY . .\nEXPOSE 80\nCMD [\"/till\"]\n";
        let pipeline =
            format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{line}'}}]}}}}\n");
        paths(&[
            ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("Dockerfile", image),
            ("Dockerfile.cgo", image),
            (".github/workflows/release.yml", &pipeline),
        ])
    };
    assert_eq!(found("docker build -f Dockerfile -t till ."), ["Dockerfile"]);
    assert_eq!(found("docker build -t till ."), ["Dockerfile"]);
    assert_eq!(found("make"), ["Dockerfile", "Dockerfile.cgo"]);
    assert_eq!(found("docker build -f Dockerfile.cgo -t till ."), ["Dockerfile", "Dockerfile.cgo"]);
}

#[test]
fn a_longer_name_beside_the_plain_one_is_for_trying_out_where_nothing_else_names_it() {
    let found = |line: &str| -> Vec<String> {
        let compose = "services:\n  till:\n    build: {context: ., dockerfile: Dockerfile.next}\n    \
                           environment: {RAILS_ENV: development}\n    volumes: ['.:/till']\n";
        let image = "FROM ruby:3.4\nCOPY . .\nCMD [\"puma\"]\n";
        let pipeline =
            format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{line}'}}]}}}}\n");
        paths(&[
            ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("Dockerfile", image),
            ("Dockerfile.next", image),
            ("docker-compose-next.yml", compose),
            (".github/workflows/release.yml", &pipeline),
        ])
    };
    assert_eq!(found("docker build -t till ."), ["Dockerfile"]);
    for line in ["docker build -f Dockerfile.next .", "docker build -f Dockerfile.$PART ."] {
        assert_eq!(found(line), ["Dockerfile", "Dockerfile.next"], "{line}");
    }
}

#[test]
fn pages_for_developers_ship_nothing() {
    let found = |path: &str, heading: &str| {
        let image = "FROM php:8\nCOPY . .\nCMD [\"apache2\"]\n";
        let pipeline =
            "on: push\njobs: {x: {runs-on: a, steps: [{run: 'docker build -t till .'}]}}\n";
        let page =
            format!("# Till\n\n## {heading}\n\n```sh\ndocker build -f Dockerfile-Oldest .\n```\n");
        paths(&[
            ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("Dockerfile", image),
            ("Dockerfile-Oldest", image),
            (path, &page),
            (".github/workflows/release.yml", pipeline),
        ])
    };
    assert_eq!(found("README.md", "Special development images"), ["Dockerfile"]);
    assert_eq!(found("handbook/developers/a.md", "Oldest"), ["Dockerfile"]);
    assert_eq!(found("README.md", "Old systems"), ["Dockerfile", "Dockerfile-Oldest"]);
}

#[test]
fn a_recipe_that_only_developers_build_ships_nothing_where_pipelines_keep_another() {
    let image = "FROM node:22\nCOPY . .\nEXPOSE 80\nCMD [\"node\", \"till.js\"]\n";
    let compose = "services:\n  till:\n    build: {context: ., dockerfile: docker/till/Dockerfile}\n    \
                       environment: {NODE_ENV: development}\n    ports: ['80:80']\n";
    let found = |line: &str| {
        let pipeline =
            format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{line}'}}]}}}}\n");
        paths(&[
            ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("Dockerfile", image),
            ("docker/till/Dockerfile", image),
            ("docker-compose.yml", compose),
            ("package.json", "{\"name\": \"till\"}\n"),
            (".github/workflows/release.yml", &pipeline),
        ])
    };
    assert_eq!(found("docker build -t acme/till ."), ["Dockerfile"]);
    let both = ["Dockerfile", "docker/till/Dockerfile"];
    assert_eq!(found("docker build -t till ."), both);
    assert_eq!(found("docker build -t acme/till -f docker/$PART/Dockerfile ."), both);
    assert_eq!(found("docker build -t acme/till . && docker build -t acme/b docker/till"), both);
    assert_eq!(found("docker build -t till . && docker tag till $IMAGE"), ["Dockerfile"]);
    assert_eq!(found("docker build -t till . && docker tag other $IMAGE"), both);
}

#[test]
fn a_recipe_of_developers_and_of_stages_before_production_ships_nothing_beside_the_kept_one() {
    let found = |name: &str| {
        let image = "FROM node:22\nCOPY . .\nEXPOSE 80\nCMD [\"node\", \"till.js\"]\n";
        let build =
            "services:\n  till:\n    build: {context: ., dockerfile: docker/Dockerfile.next}\n";
        let written = format!("{build}    volumes: ['${{CODE:-.}}:/till']\n");
        let staged = format!("{build}    restart: always\n");
        let line = "docker build -f docker/Dockerfile.base1 -t acme/till .";
        let pipeline =
            format!("on: push\njobs: {{x: {{runs-on: a, steps: [{{run: '{line}'}}]}}}}\n");
        paths(&[
            ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("docker/Dockerfile.base1", image),
            ("docker/Dockerfile.next", image),
            ("compose.override.yaml", written.as_str()),
            (name, staged.as_str()),
            (".github/workflows/release.yml", &pipeline),
        ])
    };
    assert_eq!(found("compose.staging.yaml"), ["docker/Dockerfile.base1"]);
    assert_eq!(found("compose.live.yaml").len(), 2);
}

#[test]
fn an_image_that_starts_what_is_being_written_is_for_that() {
    let stages = |command: &str| {
        format!("FROM php:8 AS base\nCOPY a /a\nCMD {command}\nFROM base\nUSER 1000\n")
    };
    let line = "docker build -f other/Dockerfile .";
    assert_eq!(dockerfiles(&stages("php bin/console --env=dev server:run"), line), 0);
    assert_eq!(dockerfiles(&stages("php bin/console --env=prod server:run"), line), 1);
}

#[test]
fn a_bench_for_mounted_code_is_not_the_image_that_ships() {
    let bench = "FROM node:22\nRUN apt-get install -y chromium\nWORKDIR /till\n";
    assert_eq!(dockerfiles(bench, "docker build -t till ."), 0);
    let tools = "FROM node:22\nRUN apt-get install -y chromium\nCOPY . /till\n";
    assert_eq!(dockerfiles(tools, "docker build -t till ."), 1);
}

#[test]
fn a_plain_recipe_in_whose_place_compose_builds_another_is_not_shown_to_ship() {
    let one = "FROM node:22\nEXPOSE 80\nCMD [\"npm\", \"run\", \"dev\"]\n";
    let found = |recipe: &str, more: (&str, &str)| {
        let compose = format!(
            "services:\n  till:\n    build: {{context: till, dockerfile: {recipe}}}\n    restart: always\n"
        );
        paths(&[
            ("gonogo.yaml", "service: till\nkind: web\ntier: 2\n"),
            ("till/Dockerfile", one),
            (&format!("till/{recipe}"), one),
            ("till/package.json", "{\"name\": \"till\"}\n"),
            ("docker-compose.live.yml", &compose),
            more,
        ])
    };
    assert_eq!(found("Dockerfile.nginx", ("a.md", "")), ["till/Dockerfile.nginx"]);
    assert!(found("Dockerfile.dev", ("a.md", "")).contains(&"till/Dockerfile".to_owned()));
    assert_eq!(found("Dockerfile.nginx", ("till/fly.toml", "app = \"till\"\n")).len(), 2);
    let also = "services: {till: {build: till, restart: always}}\n";
    assert_eq!(found("Dockerfile.nginx", ("docker-compose.more.yml", also)).len(), 2);
}
