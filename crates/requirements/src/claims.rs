//! Claims of absence that a person may make and the scan can check: each excuses requirements for
//! as long as it holds.

use facts::{Scope, Subject, WorkloadKind};
use model::{Kind, Place, Sighting};

use crate::calls::kind_of;
use crate::{contradiction, pod};

/// A claim that something is not there.
#[derive(Debug)]
pub struct Claim {
    /// Id, as `no-datastore`.
    pub id: &'static str,
    /// What it says, after "This service".
    pub title: &'static str,
    /// Requirements that it excuses: ids, or dimensions with a slash at the end.
    pub excuses: &'static [&'static str],
    /// Looks for what refutes it.
    pub refutations: fn(&Scope<'_>) -> Vec<Sighting>,
    /// What has to have been read for the claim to be checked at all.
    pub reads: &'static [Subject],
}

/// All claims.
pub static CLAIMS: &[Claim] = &[
    Claim {
        id: "no-datastore",
        title: "keeps no data of its own",
        excuses: &[
            "data/",
            "delivery/migrations-compatible",
            "delivery/migrations-reversible",
            "delivery/migrations-at-scale",
            "reliability/connection-limits",
            "capacity/query-performance",
            "security/encryption-at-rest",
        ],
        refutations: datastores,
        reads: &[Subject::Workloads, Subject::Packages, Subject::Declaration],
    },
    Claim {
        id: "no-dependencies",
        title: "calls nothing else",
        excuses: &[
            "reliability/outbound-timeouts",
            "reliability/bounded-retries",
            "reliability/circuit-breaker",
            "reliability/graceful-degradation",
            "reliability/no-cascade",
            "reliability/failure-modes",
            "documentation/dependencies",
            "observability/trace-propagation",
        ],
        refutations: dependencies,
        reads: &[Subject::Workloads, Subject::Declaration, Subject::Catalog],
    },
    Claim {
        id: "no-api",
        title: "offers no API to others",
        excuses: &[
            "documentation/api",
            "capacity/pagination",
            "security/authentication",
            "security/authorization",
            "security/input-validation",
        ],
        refutations: apis,
        reads: &[Subject::Apis, Subject::Workloads, Subject::Entrances, Subject::Declaration],
    },
    Claim {
        id: "no-queue",
        title: "takes no work from a queue",
        excuses: &["reliability/dead-letter-queue"],
        refutations: queues,
        reads: &[Subject::Workloads, Subject::Packages, Subject::Declaration],
    },
    Claim {
        id: "no-feature-launch",
        title: "launches nothing that users see: it is a batch, a worker or internal",
        excuses: &["delivery/launch-communication", "documentation/customers"],
        refutations: entrances,
        reads: &[Subject::Workloads, Subject::Entrances],
    },
];

impl Claim {
    /// The claim called `id`.
    pub fn find(id: &str) -> Option<&'static Self> {
        CLAIMS.iter().find(|claim| claim.id == id)
    }

    /// Whether it excuses `requirement`.
    pub fn covers(&self, requirement: &str) -> bool {
        self.excuses.iter().any(|excused| {
            *excused == requirement || (excused.ends_with('/') && requirement.starts_with(excused))
        })
    }

    /// Why it does not hold for the service of `scope`; `None`: everything was read, and nothing
    /// refutes it.
    pub fn refuted(&self, scope: &Scope<'_>) -> Option<String> {
        if let Some(found) = (self.refutations)(scope).first() {
            return Some(format!("{} ({})", found.message, found.place));
        }
        let gap = self.reads.iter().find_map(|subject| scope.gaps_of(*subject).next())?;
        Some(format!("it cannot be checked: `{}` {}", gap.place.path, gap.reason))
    }
}

/// Words that name a datastore, as parts of packages' names and kinds of dependencies.
const STORES: &[&str] = &[
    "postgres",
    "postgresql",
    "psycopg",
    "psycopg2",
    "pg",
    "sqlx",
    "diesel",
    "mysql",
    "mysql2",
    "mariadb",
    "mongodb",
    "mongoose",
    "redis",
    "ioredis",
    "sqlite",
    "sqlite3",
    "rusqlite",
    "cassandra",
    "dynamodb",
    "elasticsearch",
    "sqlalchemy",
    "hibernate",
    "aiomysql",
    "aiosqlite",
    "asyncpg",
    "mysqlclient",
    "npgsql",
    "pgx",
    "pymongo",
    "pymysql",
];

/// Words that name a broker.
const BROKERS: &[&str] = &[
    "aiokafka", "amqp", "amqp091", "amqplib", "celery", "kafka", "kafkajs", "kombu", "lapin",
    "nats", "pika", "pubsub", "pulsar", "rabbitmq", "rdkafka", "sarama", "sidekiq", "sqs",
];

fn names_one_of(name: &str, words: &[&str]) -> bool {
    name.to_lowercase()
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| words.contains(&part))
}

fn datastores(scope: &Scope<'_>) -> Vec<Sighting> {
    let declaration = scope.declaration;
    let stores = declaration.and_then(|d| d.data.as_ref()).into_iter().flatten();
    let stores =
        stores.map(|store| seen(&store.place, "gonogo.yaml declares the store", &store.store));
    let claims = scope.workloads.iter().filter(|w| w.kind == WorkloadKind::StatefulSet);
    let stateful = claims.map(|w| seen(&w.name.place, "there is the stateful set", &w.name));
    stores
        .chain(stateful)
        .chain(packages(scope, STORES))
        .chain(of_kind(scope, STORES))
        .chain(contradiction::datastore(scope))
        .collect()
}

fn queues(scope: &Scope<'_>) -> Vec<Sighting> {
    let is_broker =
        |image: &str| names_one_of(kind_of(image), BROKERS) || names_one_of(image, BROKERS);
    let beside = scope.datastores.iter().filter(|store| {
        let mut images = store.containers.iter().filter_map(|c| c.image.as_ref());
        images.any(|image| is_broker(&image.value))
    });
    let beside = beside.map(|store| seen(&store.name.place, "beside it runs", &store.name));
    packages(scope, BROKERS).chain(of_kind(scope, BROKERS)).chain(beside).collect()
}

/// Packages that the code asks for; a requirements.txt that pins each version was read as a lock file.
fn packages<'a>(
    scope: &'a Scope<'_>,
    words: &'static [&'static str],
) -> impl Iterator<Item = Sighting> + 'a {
    let asked = scope.packages.iter().flat_map(|package| &package.dependencies);
    let pinned = scope.lockfiles.iter().flat_map(|lock| &lock.asked);
    asked
        .chain(pinned)
        .filter(|name| names_one_of(name, words))
        .map(|name| seen(&name.place, "the code depends on", name))
}

fn of_kind<'a>(
    scope: &'a Scope<'_>,
    words: &'static [&'static str],
) -> impl Iterator<Item = Sighting> + 'a {
    scope
        .declaration
        .and_then(|declaration| declaration.dependencies.as_ref())
        .into_iter()
        .flatten()
        .filter(|dependency| dependency.kind.as_ref().is_some_and(|kind| names_one_of(kind, words)))
        .map(|dependency| {
            seen(&dependency.name.place, "gonogo.yaml declares the dependency", &dependency.name)
        })
}

fn dependencies(scope: &Scope<'_>) -> Vec<Sighting> {
    let declared = scope.declaration.and_then(|d| d.dependencies.as_ref()).into_iter().flatten();
    let declared =
        declared.map(|d| seen(&d.name.place, "gonogo.yaml declares the dependency", &d.name));
    let catalogued = scope.entries.iter().flat_map(|entry| &entry.depends_on);
    let catalogued =
        catalogued.map(|name| seen(&name.place, "the catalog names the dependency", name));
    let awaited = scope.workloads.iter().flat_map(|workload| &workload.depends_on);
    let awaited = awaited.map(|name| seen(&name.place, "it is started after", name));
    let shown = contradiction::dependency(scope);
    declared.chain(catalogued).chain(awaited).chain(shown).collect()
}

/// An API is described, or requests are answered where users of it send them: a page for people is no
/// API, and what takes work elsewhere may open a port to be watched.
fn apis(scope: &Scope<'_>) -> Vec<Sighting> {
    let described = |api: &&facts::Api| Sighting::at(&api.place, "there is an API description");
    let kind = scope.service.kind;
    let is_asked = kind == Kind::Web;
    let journeys = scope.declaration.and_then(|declaration| declaration.journeys.as_ref());
    let journeys = journeys.into_iter().flatten().filter(|journey| journey.request.is_some());
    let journeys = journeys.map(|journey| {
        seen(&journey.name.place, "gonogo.yaml declares requests to it in", &journey.name)
    });
    let entrances = (kind != Kind::Frontend).then(|| entrances(scope));
    let routes = scope.workloads.iter().flat_map(|workload| pod::routes(workload, scope));
    let routes =
        routes.map(|route| seen(&route.name.place, "requests reach it through", &route.name));
    let asked = journeys.chain(routes).filter(|_| is_asked);
    scope.apis.iter().map(described).chain(entrances.into_iter().flatten()).chain(asked).collect()
}

/// Where traffic from outside is sent to its workloads: by their names, or by services that route to
/// them.
pub(crate) fn entrances(scope: &Scope<'_>) -> Vec<Sighting> {
    let routes = scope.workloads.iter().flat_map(|workload| pod::routes(workload, scope));
    let names: Vec<&str> = scope
        .workloads
        .iter()
        .map(|workload| workload.name.as_str())
        .chain(routes.map(|route| route.name.as_str()))
        .collect();
    let entrances = scope.all.cluster.entrances.iter();
    entrances
        .filter(|entrance| entrance.backends.iter().any(|b| names.contains(&b.as_str())))
        .map(|entrance| seen(&entrance.name.place, "traffic enters through", &entrance.name))
        .collect()
}

fn seen(place: &Place, what: &str, name: &str) -> Sighting {
    Sighting::at(place, format!("{what} `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_names_a_store_only_as_a_whole_part() {
        assert!(names_one_of("org.postgresql:postgresql", STORES));
        assert!(names_one_of("tokio-postgres", STORES));
        assert!(!names_one_of("pgp", STORES));
        assert!(!names_one_of("predis-like", STORES));
    }

    /// Why `claim` does not hold for the service of a tree of these files.
    fn refuted(claim: &str, files: &[(&str, &str)]) -> Option<String> {
        let claim = Claim::find(claim).unwrap();
        crate::cases::told(files, |scope| claim.refuted(scope))
    }

    const DEPLOYED: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: till}\nspec:\n  \
        selector: {matchLabels: {app: till}}\n  template:\n    metadata: {labels: {app: till}}\n    \
        spec:\n      containers:\n        - name: till\n          image: registry.example/till:1\n          \
        ports: [{containerPort: 8080}]\n          env:\n            - {name: PORT, value: \"8080\"}\n";

    const ROUTED: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: front}\nspec:\n  \
        selector: {app: till}\n  ports: [{port: 80}]\n";

    const ENTERED: &str = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: shop}\n\
        spec:\n  rules:\n    - host: shop.test\n      http:\n        paths:\n          \
        - {path: /, backend: {service: {name: front, port: {number: 80}}}}\n";

    #[test]
    fn a_driver_refutes_that_there_is_no_datastore_though_its_version_is_pinned() {
        for text in ["flask==3.0.0\npsycopg2-binary==2.9.9\n", "flask\npsycopg2-binary\n"] {
            let files = [("deploy/till.yaml", DEPLOYED), ("requirements.txt", text)];
            let why = refuted("no-datastore", &files).unwrap_or_default();
            assert_eq!(why, "the code depends on `psycopg2-binary` (requirements.txt:2:1)");
        }
        let files = [("deploy/till.yaml", DEPLOYED), ("requirements.txt", "flask==3.0.0\n")];
        assert_eq!(refuted("no-datastore", &files), None);
        assert_eq!(refuted("no-queue", &files), None);
    }

    #[test]
    fn a_variable_refutes_that_there_is_no_datastore_and_that_nothing_is_called() {
        let with = |variable: &str| format!("{DEPLOYED}            - {variable}\n");
        let text = with("{name: DATABASE_URL, valueFrom: {secretKeyRef: {name: db, key: url}}}");
        let files = [("deploy/till.yaml", text.as_str())];
        let why = "`DATABASE_URL` tells where its data is (deploy/till.yaml:15:22)";
        assert_eq!(refuted("no-datastore", &files).as_deref(), Some(why));
        assert_eq!(refuted("no-dependencies", &files).as_deref(), Some(why));
        let text = with("{name: MARKET_URL, value: \"http://market.trading.svc:8000\"}");
        let files = [("deploy/till.yaml", text.as_str())];
        assert_eq!(refuted("no-datastore", &files), None);
        let why = "`MARKET_URL` holds the address of `market.trading.svc` (deploy/till.yaml:15:41)";
        assert_eq!(refuted("no-dependencies", &files).as_deref(), Some(why));
        for variable in [
            "{name: BASE_URL, value: \"https://shop.test\"}",
            "{name: OTEL_EXPORTER_OTLP_ENDPOINT, value: \"http://gateway.watch:4317\"}",
            "{name: HEALTH_URL, value: \"http://localhost:8080/healthz\"}",
            "{name: OWN_ADDRESS, value: \"http://till.shop.svc\"}",
            "{name: DATABASE_URL, value: \"sqlite:///var/till.db\"}",
        ] {
            let text = with(variable);
            assert_eq!(refuted("no-dependencies", &[("deploy/till.yaml", &text)]), None);
        }
    }

    #[test]
    fn what_sends_requests_to_it_refutes_that_there_is_no_api() {
        let routed = format!("{DEPLOYED}{ROUTED}");
        let entered = format!("{routed}{ENTERED}");
        let why = |text: &str, kind: &str| {
            let declared = format!("service: till\nkind: {kind}\n");
            let files = [("deploy/till.yaml", text), ("gonogo.yaml", declared.as_str())];
            refuted("no-api", &files).unwrap_or_default()
        };
        assert!(why(&routed, "web").starts_with("requests reach it through `front` ("));
        assert!(why(&entered, "worker").starts_with("traffic enters through `shop` ("));
        assert_eq!(why(&routed, "worker"), "");
        assert_eq!(why(&entered, "frontend"), "");
        let files = [("deploy/till.yaml", entered.as_str())];
        assert!(refuted("no-feature-launch", &files).is_some());
    }

    #[test]
    fn a_dimension_covers_all_its_requirements_and_an_id_only_itself() {
        let claim = Claim::find("no-datastore").unwrap();
        assert!(claim.covers("data/restore"));
        assert!(claim.covers("delivery/migrations-reversible"));
        assert!(!claim.covers("delivery/rollback"));
        assert!(!claim.covers("database/x"));
    }

    #[test]
    fn what_a_claim_excuses_exists() {
        for claim in CLAIMS {
            for excused in claim.excuses {
                let exists = crate::all().any(|r| claim.covers(r.id) && r.id.starts_with(excused));
                assert!(exists, "{}: {excused}", claim.id);
            }
        }
    }
}
