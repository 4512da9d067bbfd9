//! Compose files of every shape, and hostile ones.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::read::mutation::mutated;
use crate::{Container, ProbeAction, VariableValue, Workload, WorkloadKind};

const SHOP: &str = r#"
name: shop
x-defaults: &defaults
  restart: unless-stopped
  stop_grace_period: 1m30s
services:
  api:
    <<: *defaults
    build: {context: ../api, dockerfile: docker/api.Dockerfile}
    image: "example.org/api:${TAG:-dev}"
    ports: ["${PORT:-8080}:80", {target: 9100, published: 9100}, "53:53/udp"]
    expose: [9200]
    environment:
      DATABASE_URL: postgres://api@db/shop
      TOKEN: ${TOKEN:?set it}
      LEVEL: ${LEVEL:-info}
      PASSWORD_FILE: /run/secrets/password
      FROM_SHELL:
    env_file: [api.env, {path: local.env, required: false}]
    secrets: [password, {source: key, target: /key}]
    depends_on:
      db: {condition: service_healthy}
      cache: {condition: service_started}
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost/healthz"]
      interval: 10s
      timeout: 500ms
      retries: 3
      start_period: 1m
    deploy:
      replicas: 3
      update_config: {order: start-first}
      resources:
        limits: {cpus: "0.5", memory: 256M}
        reservations: {memory: 64M}
    user: "1000:1000"
    read_only: true
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    command: ["serve", "--port", "80"]
  db:
    image: postgres:17
    mem_limit: 1g
    cpus: 2
    privileged: true
    cap_add: [SYS_ADMIN]
    network_mode: host
    links: ["cache:redis"]
    environment: [POSTGRES_USER=api, POSTGRES_PASSWORD]
    volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro", "data:/data"]
    healthcheck: {disable: true}
  cache:
    image: redis
    healthcheck: {test: pg_isready}
"#;

fn read_at(path: &str, text: &str) -> Facts {
    crate::read::read(&Arc::from(path), text.as_bytes())
}

fn shop() -> [Workload; 3] {
    let facts = read_at("deploy/compose.yaml", SHOP);
    assert_eq!(facts.gaps, []);
    facts.workloads.try_into().unwrap()
}

fn container(workload: &Workload) -> &Container {
    workload.containers.first().unwrap()
}

fn at(place: &Place) -> (u32, u32) {
    (place.line, place.column)
}

fn texts(placed: &[Placed<String>]) -> Vec<&str> {
    placed.iter().map(|text| text.as_str()).collect()
}

#[test]
fn compose_files_are_known_by_their_names() {
    let named = |path: &str| is_named(path, path.rsplit('/').next().unwrap());
    for path in [
        "docker-compose.yml",
        "a/compose.yaml",
        "docker-compose.prod.yml",
        "compose.override.yaml",
        "Docker-Compose-test.YML",
        "local.compose.yml",
        "dev-compose.yml",
        "docker-stack.yml",
    ] {
        assert!(named(path), "{path}");
    }
    for path in ["composer.yml", "decompose.yml", "compose.json", "compose/a.yml"] {
        assert!(!named(path), "{path}");
    }
    assert!(!named("web/node_modules/x/compose.yml"));
    assert!(is_named_template("a/docker-compose.yml.j2", "docker-compose.yml.j2"));
}

#[test]
fn what_others_wait_for_until_it_has_ended_runs_once() {
    let facts = read_at(
        "compose.yaml",
        "services:\n  move: {build: move}\n  till:\n    build: till\n    depends_on:\n      \
             move: {condition: service_completed_successfully}\n      stock: {condition: service_healthy}\n  \
             stock: {build: stock}\n",
    );
    let kinds: Vec<WorkloadKind> = facts.workloads.iter().map(|w| w.kind).collect();
    let kept = WorkloadKind::ComposeService;
    assert_eq!(kinds, [WorkloadKind::Job, kept, kept]);
}

#[test]
fn services_that_are_built_here_are_told_from_images_of_others() {
    let [api, db, _] = shop();
    assert_eq!((api.kind, db.kind), (WorkloadKind::ComposeService, WorkloadKind::ComposeImage));
    assert_eq!((api.name.as_str(), at(&api.name.place)), ("api", (7, 3)));
    assert_eq!(at(&api.specification), (8, 5));
    let built = container(&api);
    assert_eq!(built.build.as_ref().unwrap().value, "api");
    assert_eq!(built.dockerfile.as_ref().unwrap().value, "api/docker/api.Dockerfile");
    assert_eq!(built.image.as_ref().unwrap().value, "example.org/api:${TAG:-dev}");
    assert_eq!(container(&db).build, None);
    assert_eq!(api.namespace.unwrap().value, "shop");
}

#[test]
fn merged_keys_keep_the_place_where_they_are_written() {
    let [api, ..] = shop();
    let grace = api.grace_period_s.unwrap();
    assert!((grace.value - 90.0).abs() < 1e-9);
    assert_eq!(at(&grace.place), (5, 22));
    assert_eq!(api.restart.unwrap().value, "unless-stopped");
}

#[test]
fn ports_are_those_inside_the_container() {
    let [api, ..] = shop();
    let ports: Vec<_> =
        container(&api).ports.iter().map(|port| (port.number, port.is_published)).collect();
    let expected = [(80, true), (9100, true), (53, true), (9200, false)];
    assert_eq!(ports, expected.map(|(number, published)| (Some(number), published)));
    assert_eq!(at(&container(&api).ports[0].place), (11, 13));
}

#[test]
fn variables_tell_where_their_values_come_from() {
    let [api, db, _] = shop();
    let values: Vec<_> = container(&api).environment.iter().map(|v| v.value.clone()).collect();
    let [url, token, level, password, shell] = values.try_into().unwrap();
    let VariableValue::Literal(url) = url else { panic!("{url:?}") };
    assert_eq!((url.as_str(), at(&url.place)), ("postgres://api@db/shop", (14, 21)));
    assert_eq!((token, shell), (VariableValue::Outer, VariableValue::Outer));
    assert!(matches!(level, VariableValue::Literal(l) if *l == "${LEVEL:-info}"));
    assert!(matches!(password, VariableValue::Secret(name) if *name == "password"));
    let [user, password] = container(&db).environment.clone().try_into().unwrap();
    assert_eq!((user.name.as_str(), at(&user.name.place)), ("POSTGRES_USER", (49, 19)));
    assert!(matches!(user.value, VariableValue::Literal(name) if *name == "api"));
    assert_eq!(password.value, VariableValue::Outer);
    assert_eq!(texts(&container(&api).environment_files), ["api.env", "local.env"]);
    assert_eq!(texts(&container(&api).secrets), ["password", "key"]);
}

#[test]
fn the_one_health_check_is_readiness() {
    let [api, db, cache] = shop();
    let probe = container(&api).readiness.clone().unwrap();
    assert_eq!(at(&probe.place), (24, 5));
    assert_eq!((probe.period_s, probe.timeout_s), (Some(10.0), Some(0.5)));
    assert_eq!((probe.failure_threshold, probe.initial_delay_s), (Some(3), Some(60.0)));
    let ProbeAction::Exec { command } = probe.action else { panic!("{:?}", probe.action) };
    assert_eq!(*command, "curl -f http://localhost/healthz");
    assert_eq!(container(&api).liveness, None);
    assert_eq!(container(&db).readiness.clone().unwrap().action, ProbeAction::None);
    let ProbeAction::Exec { command } = container(&cache).readiness.clone().unwrap().action else {
        panic!()
    };
    assert_eq!((command.as_str(), at(&command.place)), ("pg_isready", (54, 25)));
}

#[test]
fn limits_are_read_in_the_old_form_and_the_new() {
    let [api, db, _] = shop();
    let api = container(&api);
    assert_eq!(api.limits.cpu.as_ref().unwrap().value, "0.5");
    assert_eq!(api.requests.memory.as_ref().unwrap().value, "64M");
    assert_eq!(at(api.limits.place.as_ref().unwrap()), (34, 17));
    let db = container(&db);
    assert_eq!(db.limits.memory.as_ref().unwrap().value, "1g");
    assert_eq!(db.limits.cpu.as_ref().unwrap().value, "2");
}

#[test]
fn what_opens_the_host_is_listed_with_the_rest_of_security() {
    let [api, db, _] = shop();
    assert_eq!(texts(&api.host_access), [""; 0]);
    assert_eq!(texts(&db.host_access), ["network_mode: host", "/var/run/docker.sock"]);
    assert_eq!(at(&db.host_access[1].place), (50, 15));
    let security = &container(&api).security;
    assert_eq!(security.run_as_user.as_ref().unwrap().value, "1000:1000");
    assert!(!security.allow_privilege_escalation.as_ref().unwrap().value);
    assert!(security.read_only_root.as_ref().unwrap().value);
    assert_eq!(texts(&security.dropped_capabilities), ["ALL"]);
    let security = &container(&db).security;
    assert!(security.privileged.as_ref().unwrap().value);
    assert_eq!(texts(&security.added_capabilities), ["SYS_ADMIN"]);
}

#[test]
fn swarm_settings_dependencies_and_the_command_are_read() {
    let [api, db, _] = shop();
    assert_eq!(api.replicas.as_ref().unwrap().value, 3);
    assert_eq!(api.strategy.as_ref().unwrap().value, "start-first");
    assert_eq!(texts(&api.depends_on), ["db", "cache"]);
    assert_eq!(at(&api.depends_on[0].place), (22, 7));
    assert_eq!(texts(&db.depends_on), ["cache"]);
    let command = container(&api).command.clone().unwrap();
    assert_eq!((command.as_str(), at(&command.place)), ("serve --port 80", (40, 14)));
}

#[test]
fn a_file_of_variables_beside_it_completes_images_and_paths() {
    let text = "services:\n  a: {image: 'shop:${TAG}', build: {context: ., dockerfile: '${FILE}', target: run}}\n  \
                    b: {build: '${OTHER}', image: 'b:${OTHER}'}\n";
    let mut facts = read_at("deploy/compose.yml", text);
    facts.append(read_at("deploy/.env", "TAG=1.0\nFILE=../a/Dockerfile\n"));
    facts.append(read_at(".env", "OTHER=wrong\n"));
    settle(&mut facts);
    let [a, b] = facts.workloads.try_into().unwrap();
    assert_eq!(container(&a).image.as_ref().unwrap().value, "shop:1.0");
    assert_eq!(container(&a).build.as_ref().unwrap().value, "deploy");
    assert_eq!(container(&a).dockerfile.as_ref().unwrap().value, "a/Dockerfile");
    assert_eq!(container(&a).build_target.as_ref().unwrap().value, "run");
    assert_eq!(container(&b).build, None);
    assert_eq!(container(&b).image.as_ref().unwrap().value, "b:${OTHER}");
}

#[test]
fn what_a_pipeline_writes_where_it_deploys_is_not_taken_from_the_file_in_the_tree() {
    let mut facts = read_at("compose.yml", "services: {a: {image: 'shop:${TAG:-dev}-${OS}'}}\n");
    facts.append(read_at(".env", "TAG=latest\nOS=slim\n"));
    let ship = "on: push\njobs: {ship: {runs-on: x, steps: [{run: 'echo TAG=1 >> .env'}]}}\n";
    facts.append(read_at(".github/workflows/ship.yaml", ship));
    settle(&mut facts);
    let image = container(&facts.workloads[0]).image.clone().unwrap();
    assert_eq!(image.value, "shop:${TAG}-slim");
}

#[test]
fn what_stands_in_other_files_is_a_gap() {
    let text = "include: [oci:other]\nservices:\n  patched: {ports: [80]}\n  \
                    extended: {extends: {file: base.yml, service: web}, image: x}\n  \
                    far: {build: ../..}\n  x-note: {}\n  empty:\n";
    let facts = read_at("a/docker-compose.yml", text);
    let gaps: Vec<_> = facts
        .gaps
        .iter()
        .map(|gap| (gap.subject.unwrap(), at(&gap.place), gap.name.as_deref()))
        .collect();
    let expected = [
        (Subject::Workloads, (3, 3), Some("patched")),
        (Subject::Workloads, (4, 14), Some("extended")),
        (Subject::Images, (5, 3), Some("far")),
        (Subject::Workloads, (7, 3), Some("empty")),
        (Subject::Workloads, (1, 1), None),
    ];
    assert_eq!(gaps, expected);
    let names: Vec<_> = facts.workloads.iter().map(|w| (w.name.as_str(), w.kind)).collect();
    let image = WorkloadKind::ComposeImage;
    assert_eq!(names, [("extended", image), ("far", image)]);
}

#[test]
fn a_file_that_is_read_as_it_stands_may_be_included() {
    let gaps = |include: &str| {
        let text = format!("include: {include}\nservices: {{a: {{image: a}}}}\n");
        let files =
            [("compose.yaml", &*text), ("till/compose.yaml", "services: {b: {image: b}}\n")];
        crate::discover::tests::tree(&files).gaps.len()
    };
    assert_eq!(gaps("[till/compose.yaml]"), 0);
    assert_eq!(gaps("[{path: ./till/compose.yaml}]"), 0);
    assert_eq!(gaps("[stock/compose.yaml]"), 1, "it is not there");
    assert_eq!(gaps("[{path: [till/compose.yaml, more.yaml]}]"), 1, "it is merged");
    assert_eq!(gaps("[{path: till/compose.yaml, env_file: x.env}]"), 1, "it is given more");
    assert_eq!(gaps("till/compose.yaml"), 1, "it is no list");
}

#[test]
fn files_of_the_first_format_and_templates_are_gaps() {
    let facts = read_at("docker-compose.yml", "web:\n  image: nginx\n");
    assert!(facts.workloads.is_empty());
    assert!(facts.gaps[0].reason.contains("first format"));
    let piece = read_at("docker-compose-service.yml.j2", "\n    build:\n      context: ../\n");
    assert_eq!((piece.gaps.len(), piece.unread.len()), (0, 1), "put into another file");
    let facts = read_at("docker-compose.yml.j2", "{% if x %}\n");
    assert!(facts.gaps[0].reason.contains("template"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_mutation_makes_it_panic(text in mutated(SHOP)) {
        read_at("compose.yml", &text);
    }
}

#[test]
fn an_override_that_adds_to_a_build_is_told_and_starts_nothing() {
    let text = "services: {press: {build: {args: {DEBUG: 1}}}}\n";
    let facts = crate::read(&Arc::from("compose.override.local.yaml"), text.as_bytes());
    assert_eq!(facts.workloads, []);
    assert!(facts.gaps[0].reason.ends_with("changes how another file builds it"));
    let base = crate::read(&Arc::from("compose.yaml"), text.as_bytes());
    assert_eq!(base.workloads.len(), 1);
}
