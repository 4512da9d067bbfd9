//! The readers of untrusted bytes, each with texts to start from. Used by the fuzzer and, with random
//! mutations, by the ordinary tests.

use std::sync::Arc;

use drills::proxy;
use drills::telemetry::{self, Signal};
use facts::imported;

/// One reader of untrusted bytes.
pub(crate) struct Target {
    /// Its name.
    pub(crate) name: &'static str,
    /// Texts to start from.
    pub(crate) seeds: &'static [&'static str],
    /// Reads; must return whatever the bytes are.
    pub(crate) run: fn(&[u8]),
}

/// All targets.
pub(crate) static TARGETS: &[Target] = &[
    Target {
        name: "manifest",
        seeds: &[DEPLOYMENT, AUTOSCALER, "kind: List\napiVersion: v1\nitems: [{kind: Pod}]\n"],
        run: |bytes| read("deploy/app.yaml", bytes),
    },
    Target {
        name: "kustomization",
        seeds: &[KUSTOMIZATION],
        run: |bytes| read("kustomization.yaml", bytes),
    },
    Target { name: "compose", seeds: &[COMPOSE], run: |bytes| read("compose.yaml", bytes) },
    Target { name: "gonogo-yaml", seeds: &[DECLARATION], run: |bytes| read("gonogo.yaml", bytes) },
    Target {
        name: "workflow",
        seeds: &[WORKFLOW],
        run: |bytes| read(".github/workflows/a.yml", bytes),
    },
    Target { name: "gitlab", seeds: &[GITLAB], run: |bytes| read(".gitlab-ci.yml", bytes) },
    Target { name: "rules", seeds: &[RULES], run: |bytes| read("rules.yaml", bytes) },
    Target { name: "alertmanager", seeds: &[ROUTES], run: |bytes| read("alertmanager.yml", bytes) },
    Target { name: "openapi", seeds: &[OPENAPI], run: |bytes| read("openapi.yaml", bytes) },
    Target { name: "dashboard", seeds: &[DASHBOARD], run: |bytes| read("dashboard.json", bytes) },
    Target {
        name: "objectives",
        seeds: &[SLOTH, OPENSLO, PYRRA],
        run: |bytes| read("slo.yaml", bytes),
    },
    Target {
        name: "backstage",
        seeds: &[BACKSTAGE],
        run: |bytes| read("catalog-info.yaml", bytes),
    },
    Target { name: "cortex", seeds: &[CORTEX], run: |bytes| read("cortex.yaml", bytes) },
    Target { name: "opslevel", seeds: &[OPSLEVEL], run: |bytes| read("opslevel.yml", bytes) },
    Target { name: "datadog", seeds: &[DATADOG], run: |bytes| read("service.datadog.yaml", bytes) },
    Target { name: "compass", seeds: &[COMPASS], run: |bytes| read("compass.yml", bytes) },
    Target {
        name: "codeowners",
        seeds: &["* @a/b\n[X][2] @c\n/d/*.rs e@f.example # g\n"],
        run: |bytes| read("CODEOWNERS", bytes),
    },
    Target { name: "dockerfile", seeds: &[DOCKERFILE], run: |bytes| read("Dockerfile", bytes) },
    Target {
        name: "makefile",
        seeds: &[
            "GO ?= go\nall: vet # a\n.PHONY: all\nvet:\n\t@$(GO) vet \\\n\t  ./... $$A\n\n\t-rm ${B}\n",
        ],
        run: |bytes| read("Makefile", bytes),
    },
    Target { name: "unit", seeds: &[UNIT], run: |bytes| read("systemd/a.service", bytes) },
    Target { name: "markdown", seeds: &[RUNBOOK], run: |bytes| read("docs/runbooks/a.md", bytes) },
    Target {
        name: "lockfile",
        seeds: &[
            "[[package]]\nname = \"a\"\nversion = \"1\"\n",
            "{\"lockfileVersion\":3,\"packages\":{\"node_modules/a\":{\"version\":\"1\"}}}",
            "a@^1:\n  version \"1\"\n",
            "GEM\n  specs:\n    a (1)\n",
        ],
        run: |bytes| {
            for path in [
                "Cargo.lock",
                "package-lock.json",
                "yarn.lock",
                "pnpm-lock.yaml",
                "go.sum",
                "poetry.lock",
                "Gemfile.lock",
                "composer.lock",
                "requirements.txt",
            ] {
                read(path, bytes);
            }
        },
    },
    Target {
        name: "package",
        seeds: &[
            "[package]\nname = \"a\"\n[dependencies]\nb = \"1\"\n",
            "{\"name\":\"a\",\"dependencies\":{\"b\":\"1\"},\"scripts\":{\"start\":\"x\"}}",
            "<project><artifactId>a</artifactId><dependencies><dependency><groupId>b</groupId></dependency></dependencies></project>",
            "module a\nrequire b v1\n",
        ],
        run: |bytes| {
            for path in [
                "Cargo.toml",
                "package.json",
                "go.mod",
                "pyproject.toml",
                "pom.xml",
                "build.gradle",
                "a.csproj",
                "Gemfile",
                "setup.py",
            ] {
                read(path, bytes);
            }
        },
    },
    Target {
        name: "unread",
        seeds: &[
            "resource \"kubernetes_deployment\" \"a\" {\n}\n",
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n",
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ name }}}\n",
        ],
        run: |bytes| {
            for path in ["a.tf", "a.yaml.tmpl", "rules.yml.j2", "a.json"] {
                read(path, bytes);
            }
        },
    },
    Target {
        name: "git-index",
        seeds: &[INDEX, INDEX_WITH_SHARED_BEGINNINGS],
        run: |bytes| {
            for prefix in ["", "a/"] {
                if let Ok(index) = sources::Index::read(bytes, prefix) {
                    let _ = index.holds("b") || index.holds_below("a/");
                }
            }
        },
    },
    Target {
        name: "remotes",
        seeds: &[
            "[remote \"origin\"]\n\turl = https://a:b@example.org:443/c/d.git\n\tfetch = +refs/*\n[remote \"x\"]\nurl=git@example.org:c/d\n",
        ],
        run: |bytes| {
            for address in sources::addresses(&String::from_utf8_lossy(bytes)) {
                assert!(!address.contains('@') && !address.contains(char::is_control), "{address}");
            }
        },
    },
    Target {
        name: "policy",
        seeds: &[
            "name: a\nversion: '1'\nextends: standard\nrequirements:\n  data/restore: {tiers: {1: proven/7}}\n",
        ],
        run: |bytes| {
            if let Ok(text) = std::str::from_utf8(bytes) {
                let _ = engine::policy::read("policy.yaml", text);
            }
        },
    },
    Target {
        name: "expression",
        seeds: &[
            "workload.containers.all(c, c.image.matches('^a/') && c.resources.limits.memory != '')",
            "service.tier <= 2 ? size(service.name) > 3 : !(service.owner in ['a', \"b\\n\"])",
            "!!!-(((1 + 2) * 3) % 4) == {'a': [1u, 2.5e3, b'x', null]}['a'][0]",
        ],
        run: |bytes| {
            if let Ok(text) = std::str::from_utf8(bytes) {
                let quoted = serde_json::Value::from(text);
                for each in ["service", "workload"] {
                    let _ = engine::policy::read("policy.yaml", &own_requirement(each, &quoted));
                }
            }
        },
    },
    Target {
        name: "proxy-http",
        seeds: &[
            "GET /a HTTP/1.1\r\nHost: b\r\n\r\nPOST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;d=e\r\nhi\r\n0\r\nf: g\r\n\r\n\u{1e}HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhiHTTP/1.1 204 No Content\r\n\r\n",
            "GET /ws HTTP/1.0\r\nUpgrade: websocket\r\n\r\n\u{1e}HTTP/1.1 101 Switching Protocols\r\n\r\n",
        ],
        run: |bytes| recorded(proxy::Kind::Http, bytes),
    },
    Target {
        name: "proxy-postgres",
        seeds: &[
            "\0\0\0\x17\0\x03\0\0user\0a\0database\0b\0\0Q\0\0\0\x11SELECT 'c'\0\0P\0\0\0\x0fs\0select $1\0B\0\0\0\x08\0s\0\0S\0\0\0\x04\u{1e}R\0\0\0\x08\0\0\0\0Z\0\0\0\x05ID\0\0\0\x06\0\0C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05TE\0\0\0\x0cC23505\0\0Z\0\0\0\x05E",
            "\0\0\0\x08\x04\u{52}\x16\x2f\u{1e}N",
        ],
        run: |bytes| recorded(proxy::Kind::Postgres, bytes),
    },
    Target {
        name: "proxy-redis",
        seeds: &[
            "*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\nb\r\nGET a\r\n*1\r\n$4\r\nPING\r\n\u{1e}+OK\r\n$1\r\nb\r\n%1\r\n+c\r\n*2\r\n$-1\r\n:1\r\n",
            "GET a\r\n\u{1e}>1\r\n+p\r\n|1\r\n+t\r\n:1\r\n-ERR x\r\n",
        ],
        run: |bytes| recorded(proxy::Kind::Redis, bytes),
    },
    Target {
        name: "entry",
        seeds: &[ENTRY],
        run: |bytes| {
            if let Ok(entry) = serde_json::from_slice::<ledger::Entry>(bytes) {
                let _ = entry.digest();
            }
        },
    },
    Target {
        name: "baseline",
        seeds: &[
            "{\"services\":[{\"service\":\"a\",\"answers\":[{\"requirement\":\"a/b\",\"answer\":\"failed\",\"blocks\":true,\"findings\":[{\"message\":\"m\",\"path\":\"p\"}]}]}]}",
        ],
        run: |bytes| {
            if let Ok(text) = std::str::from_utf8(bytes) {
                let _ = report::read_baseline(text);
            }
        },
    },
    Target {
        name: "imported",
        seeds: &[K6_EXPORT, K6_HANDLED, K6_MACHINE_READABLE, GREMLIN, GREMLIN_ATTACK, TOXIPROXY],
        run: |bytes| {
            let path: Arc<str> = Arc::from("report.json");
            if let Err(refused) = imported::read_report(&path, bytes, None) {
                let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
                assert!(
                    usize::try_from(refused.place.line).is_ok_and(|line| line <= lines),
                    "{refused}"
                );
            }
            for format in imported::Format::ALL {
                let _ = imported::read_report(&path, bytes, Some(format));
            }
        },
    },
    Target {
        name: "k6-points",
        seeds: &[K6_POINTS],
        run: |bytes| {
            let sorting = imported::Sorting {
                place: &|tags| (tags.name == "a").then_some(0),
                has_failed: &|_, tags| tags.status.parse::<u16>().ok().map(|status| status >= 400),
                limits_ms: &[vec![10.0]],
                within: None,
            };
            let _ = imported::is_points(bytes);
            let mut lines = bytes;
            if let Ok(points) = imported::read_points(&Arc::from("a"), &mut lines, &sorting) {
                let sent = points.windows.iter().flat_map(|window| &window.sent);
                assert!(sent.map(imported::Sent::requests).sum::<u64>() <= points.points);
                assert!(points.windows.len() <= 240 && points.began_at <= points.ended_at);
            }
        },
    },
    Target {
        name: "otlp-protobuf",
        // One span with ids, name, kind and one attribute, below a resource.
        seeds: &[
            "\n5\n\u{5}\n\u{3}\n\u{1}a\u{12},\u{12}*\n\u{10}0123456789abcdef\u{12}\u{8}01234567*\u{1}n0\u{2}J\u{6}\n\u{1}k\u{12}\u{1}x",
            "\n\u{8}\u{12}\u{6}\u{12}\u{4}\n\u{2}hi",
        ],
        run: |bytes| {
            for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
                let _ = telemetry::read_protobuf(signal, bytes);
            }
        },
    },
    Target {
        name: "otlp-json",
        seeds: &[OTLP],
        run: |bytes| {
            for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
                let _ = telemetry::read_json(signal, bytes);
            }
        },
    },
    Target {
        name: "log-lines",
        seeds: &[LOG],
        run: |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let lines = text.lines().count();
            for entry in telemetry::lines::read(text.lines()) {
                assert!(entry.line + entry.further_lines < lines, "{entry:?} of {lines}");
            }
        },
    },
    Target {
        name: "exposition",
        seeds: &[METRICS],
        run: |bytes| {
            let text = String::from_utf8_lossy(bytes);
            let page = telemetry::read_exposition(&text);
            assert!(page.samples.len() + page.unread <= text.lines().count());
        },
    },
    Target {
        name: "canaries",
        seeds: &["canary.000000000000@example.com 4000 0012 3456 7890 Q24wMDAw"],
        run: |bytes| {
            let mut canaries = telemetry::canary::Canaries::new(1);
            canaries.plant(telemetry::canary::Secret::Card, "a");
            if let Ok(finder) = canaries.finder() {
                let text = String::from_utf8_lossy(bytes);
                for sighting in finder.find(&text) {
                    assert!(text.get(sighting.at..).is_some());
                }
            }
        },
    },
];

/// Reads `bytes` as the file at `path`, finds services, and checks that every place lies inside the text.
fn read(path: &str, bytes: &[u8]) {
    let path: Arc<str> = Arc::from(path);
    let mut facts = facts::read(&path, bytes);
    facts.paths.push(path);
    let text = String::from_utf8_lossy(bytes);
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
    for gap in &facts.gaps {
        let line = usize::try_from(gap.place.line).unwrap_or(usize::MAX);
        assert!(line >= 1 && line <= lines.max(1), "{}: {lines} lines", gap.place);
    }
    for workload in &facts.workloads {
        let line = usize::try_from(workload.name.place.line).unwrap_or(usize::MAX);
        assert!(line >= 1 && line <= lines.max(1), "{}: {lines} lines", workload.name.place);
    }
    facts::settle(&mut facts);
    let services = facts::discover(&facts).services;
    let _ = facts::scopes(&facts, &services, today());
}

/// A policy with one requirement of its own, which holds where the expression `holds` is true.
fn own_requirement(each: &str, holds: &serde_json::Value) -> String {
    format!(
        "name: a\nversion: '1'\nown-requirements:\n  - id: a/b\n    title: it is so\n    why: because\n    \
         remedy: Make it so.\n    tiers: {{1: declared, 2: declared, 3: declared}}\n    each: {each}\n    \
         holds: {holds}\n    message: 'it is not so'\n"
    )
}

/// Reads a recorded connection: what was sent, a record separator, what was received.
fn recorded(kind: proxy::Kind, bytes: &[u8]) {
    let mut sides = bytes.splitn(2, |byte| *byte == 0x1e);
    let (sent, received) = (sides.next().unwrap_or_default(), sides.next().unwrap_or_default());
    let (calls, _lost) = proxy::read(kind, sent, received);
    for call in calls {
        let _ = call.subject();
    }
}

fn today() -> jiff::civil::Date {
    jiff::civil::Date::constant(2026, 11, 20)
}

const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, labels: {app: api}}\nspec:\n  replicas: 2\n  selector: {matchLabels: {app: api}}\n  template:\n    metadata: {labels: {app: api}}\n    spec:\n      terminationGracePeriodSeconds: 30\n      containers:\n        - name: api\n          image: a/b:1@sha256:00\n          ports: [{name: http, containerPort: 80}]\n          env: [{name: A, value: b}, {name: C, valueFrom: {secretKeyRef: {name: d, key: e}}}]\n          livenessProbe: {httpGet: {path: /l, port: http}, periodSeconds: 5}\n          readinessProbe: &p {tcpSocket: {port: 80}}\n          startupProbe: *p\n          resources: {requests: {cpu: 1m}, limits: {memory: 1Mi}}\n          securityContext: {runAsUser: 0, capabilities: {add: [ALL]}}\n";
const AUTOSCALER: &str = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\nspec:\n  scaleTargetRef: {kind: Deployment, name: api}\n  minReplicas: 1\n  maxReplicas: 2\n  metrics: [{type: Resource, resource: {name: cpu}}]\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i}\nspec: {tls: [{hosts: [h]}], rules: [{host: h, http: {paths: [{backend: {service: {name: api}}}]}}]}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: b}\n";
const KUSTOMIZATION: &str = "resources: [../base]\npatches:\n  - path: a.yaml\nimages: [{name: a, newTag: '1'}]\nreplicas: [{name: a, count: 3}]\n";
const COMPOSE: &str = "x-a: &a {restart: always, environment: {A: b}}\nservices:\n  api:\n    <<: *a\n    build: {context: .}\n    ports: ['80:8080/tcp', {target: 1}]\n    healthcheck: {test: [CMD, a], interval: 1m30s}\n    deploy: {replicas: 2, resources: {limits: {memory: 1M}}}\n    depends_on: {db: {condition: service_healthy}}\n  db: {image: 'postgres:16', environment: [POSTGRES_PASSWORD=x]}\n";
const DECLARATION: &str = "service: checkout\nkind: web\ntier: 1\nowner: group:payments\njourneys:\n  - name: place-order\n    request: {method: POST, path: /orders}\n    peak: 50/s\n    objectives: {availability: 99.9%, latency: {p99: 300ms}, window: 28d}\ndependencies:\n  - {name: orders-db, kind: postgres, critical: true, timeout: 2s, retries: {max: 0}, on-failure: refused}\nrun: {command: [./a], env: {A: '{orders-db}'}, stop: {signal: TERM, within: 30s}}\ndata: [{store: orders-db, retention: 400d, backup: {schedule: '0 2 * * *'}, targets: {rto: 15m, rpo: 24h}}]\n";
const WORKFLOW: &str = "name: ci\non: {push: {branches: [main]}, pull_request: }\npermissions: write-all\njobs:\n  test:\n    runs-on: a\n    steps:\n      - uses: actions/checkout@v4\n      - run: |\n          cargo test || true\n          # c\n          a \\\n            b\n  deploy:\n    needs: [test]\n    environment: production\n    steps: [{run: kubectl apply -f x, continue-on-error: true}]\n";
const GITLAB: &str = "stages: [test, deploy]\ninclude: [{template: Security/SAST.gitlab-ci.yml}]\n.base: &b {script: [a]}\ntest: {stage: test, extends: .base, allow_failure: true}\ndeploy:\n  <<: *b\n  stage: deploy\n  script: [!reference [.base, script], kubectl apply]\n  when: manual\n  rules: [{if: $A, when: never}]\n";
const RULES: &str = "groups:\n  - name: a\n    rules:\n      - record: a:b\n        expr: sum(rate(x{job=\"a\"}[5m])) by (b)\n      - alert: B\n        expr: a:b > 14.4 * 0.001 and rate(y[1h]) > 2\n        for: 5m\n        labels: {severity: page}\n        annotations: {runbook_url: docs/runbooks/b.md, summary: '{{ $value }}'}\n";
const ROUTES: &str = "route:\n  receiver: a\n  routes:\n    - matchers: [severity=\"page\", team=~\"a|b\"]\n      receiver: b\n      continue: true\n    - match_re: {x: y.*}\nreceivers:\n  - name: a\n  - name: b\n    pagerduty_configs: [{routing_key: x}]\n";
const OPENAPI: &str = "openapi: 3.0.1\ninfo: {title: a, version: '1'}\nsecurity: [{k: []}]\npaths:\n  /a/{b}:\n    parameters: [{$ref: '#/components/parameters/p'}]\n    get: {security: [], responses: {'200': {content: {application/json: {schema: {type: array}}}}}}\ncomponents: {parameters: {p: {in: query, name: q}}, securitySchemes: {k: {type: http}}}\n";
const DASHBOARD: &str = "{\"title\":\"a\",\"schemaVersion\":39,\"panels\":[{\"title\":\"p99\",\"targets\":[{\"expr\":\"rate(x[5m])\"}],\"panels\":[{\"type\":\"row\"}]}]}";
const SLOTH: &str = "version: prometheus/v1\nservice: a\nslos:\n  - name: b\n    objective: 99.9\n    sli: {events: {error_query: x, total_query: y}}\n    alerting: {page_alert: {}}\n";
const OPENSLO: &str = "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec:\n  service: b\n  indicator: {spec: {ratioMetric: {good: {}}}}\n  objectives: [{target: 0.99}]\n  timeWindow: [{duration: 28d, isRolling: true}]\n";
const PYRRA: &str = "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: a}\nspec: {target: '99', window: 2w, indicator: {latency: {success: {metric: 'x{le=\"1\"}'}}}}\n";
const BACKSTAGE: &str = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: a\n  annotations: {pagerduty.com/service-id: x}\n  links: [{url: 'https://a.example', title: Runbook}]\nspec: {type: service, lifecycle: production, owner: 'group:b', dependsOn: ['resource:c']}\n---\napiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: b}\nspec: {type: team, children: [], members: [d]}\n";
const CORTEX: &str = "openapi: 3.0.1\ninfo:\n  title: a\n  x-cortex-tag: b\n  x-cortex-owners: [{type: group, name: c}]\n  x-cortex-groups: ['tier:1']\n  x-cortex-link: [{name: r, type: runbook, url: 'https://a.example'}]\n";
const OPSLEVEL: &str =
    "version: 1\nservice: {name: a, owner: b, tier: tier_1, lifecycle: ga, dependencies: [c]}\n";
const DATADOG: &str = "schema-version: v2.2\ndd-service: a\nteam: b\ntier: '1'\nlinks: [{name: r, type: runbook, url: 'https://a.example'}]\n---\napiVersion: v3\nkind: service\nmetadata: {name: c, owner: d}\nspec: {lifecycle: production, dependsOn: ['service:e']}\n";
const COMPASS: &str = "configVersion: 1\nname: a\ntypeId: SERVICE\nownerId: ari:cloud:b\nfields: {tier: 1, lifecycle: Active}\nrelationships: {DEPENDS_ON: [c]}\n";
const DOCKERFILE: &str = "# syntax=docker/dockerfile:1\nARG V=1\nFROM rust:${V} AS b\nRUN <<EOF\ncargo build\nEOF\nFROM a@sha256:00\nCOPY --from=b /a \\\n  /b\nENV A=b C=d\nUSER 1\nEXPOSE 80/tcp\nHEALTHCHECK --interval=5s CMD curl x\nCMD a && b\n";
const UNIT: &str = "[Unit]\nAfter=a.service\n[Service]\nType=notify\nExecStart=/a \\\n  --b\nRestart=always\nWatchdogSec=5\nTimeoutStopSec=1min 30s\nUser=c\nMemoryMax=1G\nEnvironment=\"A=b c\"\n[Install]\nWantedBy=d\n";
const RUNBOOK: &str = "---\nlast-reviewed: 2026-01-01\n---\n# Runbook: a\n\n## Symptom\n\nText with [a link](../b.md#c) and `code`.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```sh\nkubectl get pods\n```\n\n1. One\n   - nested\n> quote\n";
const ENTRY: &str = "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"name\":\"a\",\"digest\":{\"gitCommit\":\"b\"}}],\"predicateType\":\"urn:gonogo:decision:v1\",\"predicate\":{\"at\":\"2026-11-20T12:00:00Z\",\"service\":\"a\",\"requirement\":\"data/restore\",\"by\":\"c\",\"decision\":\"plan\",\"owner\":\"d\",\"action\":\"e\",\"due\":\"2026-12-24\"},\"sequence\":1,\"previous\":null,\"hash\":\"sha256:00\"}";
const INDEX: &str = "DIRC\0\0\0\x02\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03a/b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08a/c.yaml\0\0TREE\0\0\0\x01x\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const INDEX_WITH_SHARED_BEGINNINGS: &str = "DIRC\0\0\0\x04\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x03\x00a/b\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08\x01c.yaml\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
const OTLP: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":{"stringValue":"b"}}]},"scopeSpans":[{"spans":[{"traceId":"0123456789abcdef0123456789abcdef","spanId":"0123456789abcdef","name":"n","kind":2,"startTimeUnixNano":"1","attributes":[{"key":"l","value":{"arrayValue":{"values":[{"intValue":"1"}]}}}],"status":{"code":2}}]}]}],"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":{"kvlistValue":{"values":[{"key":"k","value":{"doubleValue":"NaN"}}]}}}]}]}],"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","sum":{"dataPoints":[{"asInt":"1"}]}}]}]}]}"#;
const LOG: &str = "{\"level\":30,\"time\":1,\"msg\":\"m\",\"a\":{\"b\":[1]}}\ntime=1 level=warn msg=\"a \\\"b\" x=\nE0102 03:04:05.678901       1 a.go:12] \"Failed\" err=\"x\"\n2026-01-01 00:00:00,123 ERROR [main] a.B: failed\njava.lang.Error: x\n\tat a.B.c(B.java:1)\nCaused by: y\n\u{1b}[32mINFO\u{1b}[0m a\n127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] \"GET / HTTP/1.1\" 200 1\n{\n  \"a\": 1\n}\n";
const METRICS: &str = "# TYPE a histogram\na_bucket{le=\"0.5\",b=\"c\\n\"} 1 # {t=\"x\"} 0.1\n{\"q.n\",l=\"v\"} +Inf 1700000000\na_count 2\n# EOF\n";
const K6_EXPORT: &str = r#"{"root_group":{"name":"","groups":{"g":{"groups":{},"checks":{}}},"checks":{"c":{"passes":2,"fails":1}}},"metrics":{"http_reqs":{"count":100,"rate":10},"http_req_failed":{"passes":1,"fails":99,"value":0.01,"thresholds":{"rate<0.1":false}},"http_req_duration":{"avg":5,"min":1,"med":4,"max":90,"p(95)":9,"p(99.9)":40},"http_req_duration{name:home,\"x\":y}":{"p(99)":30},"vus":{"value":5,"min":1,"max":5},"own":{"value":-1}}}"#;
const K6_HANDLED: &str = r#"{"root_group":{"groups":[{"groups":[],"checks":[{"passes":1,"fails":0}]}],"checks":[]},"state":{"testRunDurationMs":10000},"metrics":{"http_reqs":{"type":"counter","contains":"default","values":{"count":100,"rate":10},"thresholds":{"count>1":{"ok":true}}}}}"#;
const K6_MACHINE_READABLE: &str = r#"{"version":"1.0.0","config":{"duration":10,"execution":"local","script":"a.js"},"metadata":{"generated_at":"2026-11-20T12:00:00+01:00","k6_version":"2"},"results":{"metrics":[{"name":"http_req_failed","type":"rate","contains":"default","values":{"matches":2,"total":100,"rate":0.02}},{"name":"http_req_duration","type":"trend","contains":"time","values":{"max":9,"p90":2,"p95":3}}],"checks":{"results":[{"name":"a","passes":4,"fails":1}]}}}"#;
const GREMLIN: &str = r#"{"pageSize":10,"items":[{"guid":"t","serviceId":"s","dependencyName":"d","run":{"runNumber":3,"name":"n","createdAt":"2026-11-20T11:59:00Z","results":{"status":"Passed"},"passCriteria":"ALL_PASS","graph":{"nodes":{"0":{"type":"InfraAttack","guid":"a","impactDefinition":{"infraCommandType":"Blackhole"},"state":{"lifecycle":"Successful","startTime":"2026-11-20T12:00:00Z","endTime":null}},"1":{"type":"Concurrent","nodes":[{"type":"StatusCheckNode","id":"1"}]}},"observers":[{"type":"ContinuousStatusCheck","endpointConfiguration":{"url":"https://a/b","method":"GET"},"evaluationConfiguration":{"okLatencyMaxMs":500},"state":{"lifecycle":"Failed","failedReason":"r"}}]}}}]}"#;
const GREMLIN_ATTACK: &str = r#"[{"guid":"a","stage":"UserHalted","args":["latency","-m","100"],"startTime":"2026-11-20T12:00:00Z"},{"reliabilityTestId":"r","reliabilityTestName":"n","status":"Unsure","endTime":"2026-11-20T12:00:00Z"}]"#;
const TOXIPROXY: &str = r#"{"from":"2026-11-20T12:00:00Z","until":"2026-11-20T12:01:00Z","proxies":{"a":{"name":"a","upstream":"127.0.0.1:2","enabled":true,"toxics":[{"type":"timeout","toxicity":1,"attributes":{"timeout":0}}]}},"metrics":["a 1\n","a 2\n"]}"#;
const K6_POINTS: &str = "{\"type\":\"Metric\",\"data\":{\"type\":\"trend\",\"thresholds\":[\"p(95)<1\"],\"submetrics\":null},\"metric\":\"http_req_duration\"}\n{\"metric\":\"http_req_duration\",\"type\":\"Point\",\"data\":{\"time\":\"2026-11-20T12:00:00.1+01:00\",\"value\":9.5,\"tags\":{\"name\":\"a\",\"status\":\"200\",\"group\":\"::b\"}}}\n{\"metric\":\"http_req_failed\",\"type\":\"Point\",\"data\":{\"time\":\"2026-11-20T12:09:00Z\",\"value\":1,\"tags\":null}}\n\n{\"metric\":\"vus\",\"type\":\"Point\",\"data\":{\"time\":\"2026-11-20T12:00:07Z\",\"value\":2}}\n";
