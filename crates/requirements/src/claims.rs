//! Claims of absence that a person may make and the scan can check: each excuses requirements for
//! as long as it holds.

use facts::{Scope, Subject, WorkloadKind};
use model::{Place, Sighting};

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
        reads: &[Subject::Apis],
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
const STORES: [&str; 22] = [
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
];

/// Words that name a broker.
const BROKERS: [&str; 12] = [
    "amqp", "amqplib", "rabbitmq", "kafka", "kafkajs", "rdkafka", "nats", "sqs", "pubsub",
    "celery", "sidekiq", "pulsar",
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
    stores.chain(stateful).chain(packages(scope, &STORES)).chain(of_kind(scope, &STORES)).collect()
}

fn queues(scope: &Scope<'_>) -> Vec<Sighting> {
    packages(scope, &BROKERS).chain(of_kind(scope, &BROKERS)).collect()
}

fn packages<'a>(scope: &'a Scope<'_>, words: &'a [&str]) -> impl Iterator<Item = Sighting> + 'a {
    scope
        .packages
        .iter()
        .flat_map(|package| &package.dependencies)
        .filter(|name| names_one_of(name, words))
        .map(|name| seen(&name.place, "the code depends on", name))
}

fn of_kind<'a>(scope: &'a Scope<'_>, words: &'a [&str]) -> impl Iterator<Item = Sighting> + 'a {
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
    declared.chain(catalogued).chain(awaited).collect()
}

fn apis(scope: &Scope<'_>) -> Vec<Sighting> {
    let described = |api: &&facts::Api| Sighting::at(&api.place, "there is an API description");
    scope.apis.iter().map(described).collect()
}

fn entrances(scope: &Scope<'_>) -> Vec<Sighting> {
    let names: Vec<&str> = scope.workloads.iter().map(|workload| workload.name.as_str()).collect();
    scope
        .all
        .cluster
        .entrances
        .iter()
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
        assert!(names_one_of("org.postgresql:postgresql", &STORES));
        assert!(names_one_of("tokio-postgres", &STORES));
        assert!(!names_one_of("pgp", &STORES));
        assert!(!names_one_of("predis-like", &STORES));
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
