//! Compose files of trees whose pipelines have a script start the image.

use jiff::civil::date;

use crate::discover::tests::tree;
use crate::{discover, scopes};

const BASE: &str = "services: {till: {build: ., restart: always, ports: ['80:80']}}\n";
const OVERRIDE: &str = "services: {till: {command: npm run dev, volumes: ['.:/app']}}\n";
const RUN: &str = "docker pull $IMAGE\ndocker run -d \\\n  --name till $IMAGE\n";
const JOB: &str = "on: push\njobs:\n  a:\n    environment: production\n    steps:\n    \
                   - run: docker build -t acme/till . && docker push acme/till\n    \
                   - run: bash ops/deploy.sh\n";

/// Paths of the workloads that tell how the one service runs in production.
fn productive(files: &[(&str, &str)]) -> Vec<String> {
    let recipe = ("Dockerfile", "FROM node:24\nCOPY . .\nCMD [\"node\", \"a.js\"]\n");
    let facts = tree(&[files, &[recipe, ("package.json", "{\"name\": \"till\"}")]].concat());
    let services = discover(&facts).services;
    let scopes = scopes(&facts, &services, date(2026, 11, 22));
    let workloads = scopes.iter().flat_map(|scope| &scope.workloads);
    workloads.map(|workload| workload.name.place.path.to_string()).collect()
}

#[test]
fn the_base_of_what_developers_start_is_theirs_where_a_script_starts_the_image() {
    let started = |base: &str, change: &str, script: &str, job: &str| {
        let files = [
            ("compose.yaml", base),
            ("compose.override.yaml", change),
            ("ops/deploy.sh", script),
            (".github/workflows/a.yml", job),
        ];
        productive(&files)
    };
    assert_eq!(started(BASE, OVERRIDE, RUN, JOB), [""; 0]);
    let here = "ssh till bash -s <<SCRIPT\ndocker run --restart always acme/till\nSCRIPT\n";
    assert_eq!(started(BASE, OVERRIDE, here, JOB), [""; 0]);
    let own = ["compose.yaml"];
    assert_eq!(started(BASE, "services: {till: {ports: ['90:90']}}\n", RUN, JOB)[..1], own);
    assert_eq!(started(BASE, OVERRIDE, "docker compose up -d\n", JOB), own);
    assert_eq!(started(BASE, OVERRIDE, "docker run --rm acme/till test\n", JOB), own);
    assert_eq!(started(BASE, OVERRIDE, RUN, &JOB.replace("bash ops/deploy.sh", "make")), own);
    let both = JOB.replace("bash ops/deploy.sh", "bash ops/deploy.sh && docker compose up -d");
    assert_eq!(started(BASE, OVERRIDE, RUN, &both), own);
}

#[test]
fn a_base_over_which_a_file_for_production_is_laid_is_not_theirs() {
    let files = [
        ("compose.yaml", BASE),
        ("compose.override.yaml", OVERRIDE),
        ("compose.prod.yaml", "services: {till: {restart: always}}\n"),
        ("ops/deploy.sh", RUN),
        (".github/workflows/a.yml", JOB),
    ];
    assert!(productive(&files).contains(&"compose.yaml".to_owned()));
}

#[test]
fn what_nothing_starts_is_not_production_where_a_job_for_that_brings_it_to_a_cloud() {
    let job =
        |id: &str, line: &str| format!("on: push\njobs:\n  {id}:\n    steps:\n    - run: {line}\n");
    let started = |job: &str, page: &str| {
        let test = "on: push\njobs:\n  a:\n    steps:\n    - run: docker compose up -d\n";
        let files = [
            ("compose.prod.yaml", BASE),
            (".github/workflows/a.yml", job),
            (".github/workflows/test.yml", test),
            ("docs/running.md", page),
        ];
        productive(&files)
    };
    let (own, page) = (["compose.prod.yaml"], "# Running\n\nIt runs.\n");
    assert_eq!(started(&job("deploy-production", "flyctl deploy"), page), [""; 0]);
    assert_eq!(started(&job("deploy-staging", "flyctl deploy"), page), own);
    assert_eq!(started(&job("deploy-production", "flyctl deploy && ssh till ./up"), page), own);
    let named = "# Running\n\n```\ndocker compose -f compose.prod.yaml up -d\n```\n";
    assert_eq!(started(&job("deploy-production", "flyctl deploy"), named), own);
}

#[test]
fn what_is_started_no_times_is_not_what_runs() {
    for scale in ["scale: 0", "deploy: {replicas: 0}"] {
        let off = BASE.replace("restart: always", scale);
        let files = [("compose.yaml", BASE), ("compose.hosts.yaml", &off)];
        assert_eq!(productive(&files), ["compose.yaml"], "{scale}");
    }
}
