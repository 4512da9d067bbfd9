//! The table: every key of a gonogo.yaml.

use super::format::{
    CRON, DURATION, NAME, ORIGIN, PATH, PERCENTAGE, POINTER, QUANTILE, RATE, SCALAR, TARGET, TEXT,
};
use super::shape::Shape::{Command, Flag, List, Mapping, Named, Text, Whole, Word};
use super::shape::{Key, Section, Shape};

const fn key(name: &'static str, shape: Shape, doc: &'static str, example: &'static str) -> Key {
    Key { name, shape, doc, example, is_required: false }
}

impl Key {
    const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }
}

/// One document of a gonogo.yaml.
pub(crate) static SERVICE: Section = Section {
    id: "service",
    doc: "What the team says of one service.",
    keys: &[
        key("service", Text(&NAME), "Name of the service.", "checkout").required(),
        key("description", Text(&TEXT), "What the service does, in a sentence.", "takes orders"),
        key(
            "kind",
            Word(&["web", "worker", "batch", "library", "frontend"]),
            "What sort of software it is; decides which requirements apply.",
            "web",
        ),
        key(
            "tier",
            Whole(1, 3),
            "How bad it is when the service fails: 1 critical, 2 important, 3 low risk.",
            "1",
        ),
        key("owner", Text(&TEXT), "Who answers for the service.", "group:payments"),
        key(
            "backup-owner",
            Text(&TEXT),
            "Who answers when the owner cannot; not the owner again.",
            "group:platform",
        ),
        key(
            "lifecycle",
            Word(&["experimental", "production", "deprecated", "retired"]),
            "Where the service stands in its life.",
            "production",
        ),
        key(
            "policy",
            Text(&TEXT),
            "Policy that it is judged by: a starter policy, or a file with its digest.",
            "standard",
        ),
        key(
            "journeys",
            List(&JOURNEY, Some("name")),
            "What users do with the service.",
            "[{name: place-order}]",
        ),
        key(
            "identities",
            Named(&NAME, &Mapping(&IDENTITY)),
            "Whose requests the journeys make, by name.",
            "{alice: {headers: {x-user: alice}}}",
        ),
        key(
            "dependencies",
            List(&DEPENDENCY, Some("name")),
            "What the service calls or stores in.",
            "[{name: orders-db, kind: postgres}]",
        ),
        key("run", Mapping(&RUN), "How the service is started.", "{command: [./checkout]}"),
        key("data", List(&STORE, None), "What the service keeps.", "[{store: orders-db}]"),
        key(
            "deploy",
            Mapping(&DEPLOY),
            "How the service is deployed.",
            "{command: [./deploy.sh, \"{version}\"]}",
        ),
        key(
            "links",
            Named(&NAME, &Text(&TEXT)),
            "Where to find what is about the service: `runbooks`, `dashboards`, `on-call` and others; paths or addresses.",
            "{runbooks: docs/runbooks/}",
        ),
    ],
};

static JOURNEY: Section = Section {
    id: "journey",
    doc: "What a user does with the service, as a request with the answer that is expected.",
    keys: &[
        key("name", Text(&NAME), "Name of the journey, unique in the service.", "place-order")
            .required(),
        key("request", Mapping(&REQUEST), "The request that the user makes.", "{path: /orders}"),
        key("expect", Mapping(&EXPECT), "The answer that is expected.", "{status: 201}"),
        key(
            "capture",
            Named(&NAME, &Text(&POINTER)),
            "JSON pointers into the answer; what they find can stand in later requests as `{NAME}`.",
            "{id: /id}",
        ),
        key(
            "read-back",
            Mapping(&READ_BACK),
            "A request that proves that an acknowledged write is there.",
            "{request: {path: \"/orders/{id}\"}, expect: {status: 200}}",
        ),
        key("as", Text(&NAME), "The identity that makes the requests.", "alice"),
        key("peak", Text(&RATE), "Greatest rate of requests that is expected.", "50/s"),
        key("growth", Text(&SCALAR), "How the rate is expected to grow.", "20% a year"),
        key(
            "objectives",
            Mapping(&OBJECTIVES),
            "What is promised to users.",
            "{availability: 99.9%, latency: {p99: 300ms}, window: 28d}",
        ),
    ],
};

static REQUEST: Section = Section {
    id: "request",
    doc: "An HTTP request.",
    keys: &[
        key(
            "method",
            Word(&["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
            "Its method; GET where it is left out.",
            "POST",
        ),
        key("path", Text(&PATH), "Its path, with its query.", "/orders").required(),
        key(
            "headers",
            Named(&TEXT, &Text(&SCALAR)),
            "Its headers.",
            "{content-type: application/json}",
        ),
        key("body", Text(&SCALAR), "Its body.", "'{\"sku\":\"a1\"}'"),
    ],
};

static EXPECT: Section = Section {
    id: "expect",
    doc: "What an answer must be.",
    keys: &[
        key(
            "status",
            Whole(100, 599),
            "Its status; any from 200 to 399 where it is left out.",
            "201",
        ),
        key(
            "headers",
            Named(&TEXT, &Text(&SCALAR)),
            "Headers it must have, with a text that their value contains.",
            "{content-type: json}",
        ),
        key("body", Text(&SCALAR), "A text that its body contains.", "'\"id\"'"),
    ],
};

static READ_BACK: Section = Section {
    id: "read-back",
    doc: "The request that proves that an acknowledged write is there.",
    keys: &[
        key("request", Mapping(&REQUEST), "The request.", "{path: \"/orders/{id}\"}").required(),
        key("expect", Mapping(&EXPECT), "The answer that is expected.", "{status: 200}"),
    ],
};

static OBJECTIVES: Section = Section {
    id: "objectives",
    doc: "What is promised for a journey.",
    keys: &[
        key("availability", Text(&PERCENTAGE), "Share of requests that succeed.", "99.9%"),
        key(
            "latency",
            Named(&QUANTILE, &Text(&DURATION)),
            "How long that share of requests takes at most.",
            "{p99: 300ms}",
        ),
        key("window", Text(&DURATION), "Time over which the promise is kept.", "28d"),
    ],
};

static IDENTITY: Section = Section {
    id: "identity",
    doc: "What makes a request somebody's.",
    keys: &[key(
        "headers",
        Named(&TEXT, &Text(&SCALAR)),
        "Headers; `${NAME}` in a value is taken from the environment.",
        "{authorization: \"Bearer ${ALICE_TOKEN}\"}",
    )
    .required()],
};

static DEPENDENCY: Section = Section {
    id: "dependency",
    doc: "What the service calls or stores in, and what happens when it fails.",
    keys: &[
        key("name", Text(&NAME), "Name of the dependency, unique in the service.", "orders-db")
            .required(),
        key(
            "kind",
            Word(&["http", "grpc", "postgres", "mysql", "redis", "amqp", "kafka", "nats", "tcp"]),
            "What it speaks.",
            "postgres",
        ),
        key("critical", Flag, "Whether the service is of no use without it.", "true"),
        key("address", Text(&TEXT), "Where it listens.", "127.0.0.1:5432"),
        key(
            "proxy",
            Text(&TEXT),
            "Where a service that runs already is pointed for this dependency: drills with `--target` listen there and pass on to `address`.",
            "127.0.0.1:15432",
        ),
        key(
            "run",
            Mapping(&STAND_IN),
            "What stands in for it in drills, instead of `address`.",
            "{command: [python3, stub.py, --port, \"{port}\"]}",
        ),
        key("timeout", Text(&DURATION), "How long the service waits for it.", "2s"),
        key("retries", Mapping(&RETRIES), "How often the service tries again.", "{max: 3}"),
        key(
            "on-failure",
            Text(&TEXT),
            "What users see when it fails.",
            "orders are refused with 503 and Retry-After",
        ),
    ],
};

static STAND_IN: Section = Section {
    id: "stand-in",
    doc: "A program that stands in for a dependency in drills.",
    keys: &[
        key(
            "command",
            Command,
            "The program and its arguments; `{port}` is where it must listen.",
            "[python3, stub.py, --port, \"{port}\"]",
        )
        .required(),
        key(
            "env",
            Named(&TEXT, &Text(&SCALAR)),
            "Its environment.",
            "{LISTEN: \"127.0.0.1:{port}\"}",
        ),
    ],
};

static RETRIES: Section = Section {
    id: "retries",
    doc: "How often the service tries again.",
    keys: &[key("max", Whole(0, 1000), "Tries after the first.", "3").required()],
};

static RUN: Section = Section {
    id: "run",
    doc: "How the service is started, watched and stopped.",
    keys: &[
        key("command", Command, "The program and its arguments.", "[./target/release/checkout]"),
        key(
            "env",
            Named(&TEXT, &Text(&SCALAR)),
            "Its environment; `{port}` is where it must listen, `{NAME}` where that dependency can be reached.",
            "{DATABASE_URL: \"postgres://app@{orders-db}/orders\"}",
        ),
        key(
            "url",
            Text(&ORIGIN),
            "How drills speak with it, where that is not HTTP/1.1 without TLS: `https` is TLS, and the service chooses the version of HTTP; `h2c` is HTTP/2 without TLS. The host is only what requests call it by.",
            "\"https://localhost:{port}\"",
        ),
        key("ready", Text(&TARGET), "Tells whether it can take requests.", "/readyz"),
        key("live", Text(&TARGET), "Tells whether it is alive.", "/livez"),
        key("metrics", Text(&TARGET), "Its metrics.", "/metrics"),
        key("logs", Text(&TEXT), "Where its logs go: `stdout`, `stderr` or a file.", "stdout"),
        key("stop", Mapping(&STOP), "How it is stopped.", "{signal: TERM, within: 30s}"),
    ],
};

static STOP: Section = Section {
    id: "stop",
    doc: "How the service is stopped.",
    keys: &[
        key(
            "signal",
            Word(&["TERM", "INT", "QUIT", "HUP", "USR1", "USR2", "WINCH"]),
            "The signal that asks it to stop.",
            "TERM",
        ),
        key("within", Text(&DURATION), "How long it may take to stop.", "30s"),
    ],
};

static STORE: Section = Section {
    id: "store",
    doc: "What the service keeps, and how it comes back.",
    keys: &[
        key("store", Text(&NAME), "The dependency that keeps it.", "orders-db").required(),
        key("owner", Text(&TEXT), "Who answers for the data.", "group:payments"),
        key(
            "classification",
            Text(&TEXT),
            "How confidential it is, in the organisation's words.",
            "personal",
        ),
        key("retention", Text(&DURATION), "How long it is kept.", "400d"),
        key(
            "deletion",
            Text(&TEXT),
            "How a person's data is deleted.",
            "docs/runbooks/delete-person.md",
        ),
        key(
            "backup",
            Mapping(&BACKUP),
            "How it is backed up.",
            "{command: [./ops/backup.sh, \"{file}\"], schedule: \"0 2 * * *\"}",
        ),
        key(
            "restore",
            Mapping(&RESTORE),
            "How a backup is restored.",
            "{command: [./ops/restore.sh, \"{file}\", \"{target}\"]}",
        ),
        key(
            "smoke",
            Text(&TEXT),
            "A query that answers true where the data came back.",
            "select count(*) > 0 from orders",
        ),
        key("targets", Mapping(&TARGETS), "What a restore must achieve.", "{rto: 15m, rpo: 24h}"),
        key("migrations", Text(&TEXT), "Folder of the schema's migrations.", "migrations/"),
    ],
};

static BACKUP: Section = Section {
    id: "backup",
    doc: "How data is backed up.",
    keys: &[
        key(
            "command",
            Command,
            "The program and its arguments; `{file}` is the file to write.",
            "[./ops/backup.sh, \"{file}\"]",
        ),
        key("schedule", Text(&CRON), "When it runs, as a cron expression.", "\"0 2 * * *\""),
        key("to", Text(&TEXT), "Where backups are kept.", "s3://backups-in-another-account"),
    ],
};

static RESTORE: Section = Section {
    id: "restore",
    doc: "How a backup is restored.",
    keys: &[key(
        "command",
        Command,
        "The program and its arguments; `{file}` is the backup, `{target}` where to restore it.",
        "[./ops/restore.sh, \"{file}\", \"{target}\"]",
    )
    .required()],
};

static TARGETS: Section = Section {
    id: "targets",
    doc: "What a restore must achieve.",
    keys: &[
        key("rto", Text(&DURATION), "How long a restore may take at most.", "15m"),
        key("rpo", Text(&DURATION), "How much of the latest data may be lost at most.", "24h"),
    ],
};

static DEPLOY: Section = Section {
    id: "deploy",
    doc: "How the service is deployed and taken back.",
    keys: &[
        key(
            "command",
            Command,
            "The program and its arguments; `{version}` is the version to deploy.",
            "[./ops/deploy.sh, \"{version}\"]",
        ),
        key("rollback", Command, "The program that brings the version before back.", "[./back.sh]"),
        key(
            "version",
            Mapping(&VERSION),
            "Where the version that runs is told.",
            "{path: /version}",
        ),
    ],
};

static VERSION: Section = Section {
    id: "version",
    doc: "Where the version that runs is told.",
    keys: &[key("path", Text(&TARGET), "Path that answers with it.", "/version").required()],
};
