//! The kind and the tier of a service.

mod asked;
mod chat;

use std::collections::HashMap;

use model::{Kind, Place, Placed, Tier};

use super::candidate::{Candidate, Fact};
use super::name::{folder_of, image_name, key, last_part, without_version};
use super::operated::serves;
use crate::path::is_below;
use crate::{
    CatalogEntry, Container, Dockerfile, Facts, Lockfile, Package, Platform, Probe, ProbeAction,
    Workload, tier_of,
};

/// The kind that a catalog's word stands for; `None` for words that leave it open.
pub(super) fn of_entry(entry: &CatalogEntry) -> Option<Kind> {
    const WORDS: &[(Kind, &[&str])] = &[
        (Kind::Frontend, &["website", "frontend", "mobile", "mobile-app", "web-app", "spa"]),
        (
            Kind::Library,
            &[
                "library",
                "cli",
                "cli-tool",
                "command-line-tool",
                "web-library",
                "node-library",
                "common-library",
                "package",
                "sdk",
                "framework",
                "module",
                "documentation",
                "template",
                "plugin",
                "frontend-plugin",
                "backend-plugin",
                "backend-plugin-module",
                "tool",
                "tooling",
                "tools",
            ],
        ),
        (Kind::Worker, &["worker", "consumer", "daemon"]),
        (Kind::Batch, &["cron", "cronjob", "batch", "job", "data-pipeline"]),
        (Kind::Web, &["web", "api", "grpc"]),
    ];
    let word = key(entry.kind.as_ref()?);
    WORDS.iter().find(|(_, words)| words.contains(&word.as_str())).map(|(kind, _)| *kind)
}

/// The tier, where something declares it: gonogo.yaml, the strictest of several documents, else the
/// catalog.
pub(super) fn tier(members: &[&Candidate<'_>]) -> Option<Placed<Tier>> {
    let documents = members.iter().filter_map(|candidate| match candidate.fact {
        Fact::Declaration(declaration) => declaration.tier.clone(),
        _ => None,
    });
    let declared = documents.min_by_key(|tier| tier.value);
    declared.or_else(|| {
        members.iter().find_map(|candidate| match candidate.fact {
            Fact::Entry(entry) => {
                let word = entry.tier.as_ref()?;
                Some(Placed::new(tier_of(word)?, word.place.clone()))
            }
            _ => None,
        })
    })
}

/// The less is asked of a kind, the higher.
const fn leniency(kind: Kind) -> u8 {
    match kind {
        Kind::Web => 0,
        Kind::Worker => 1,
        Kind::Batch => 2,
        Kind::Frontend => 3,
        Kind::Library => 4,
    }
}

/// Labels that pods must carry.
type Selector<'f> = &'f [(String, String)];

/// Judges kinds; knows which pods traffic is sent to.
pub(super) struct Kinds<'f> {
    facts: &'f Facts,
    /// Selectors by their first label.
    selectors: HashMap<(&'f str, &'f str), Vec<Selector<'f>>>,
}

impl<'f> Kinds<'f> {
    pub(super) fn new(facts: &'f Facts) -> Self {
        let mut selectors: HashMap<_, Vec<_>> = HashMap::new();
        for service in &facts.cluster.services {
            if let Some((label, value)) = service.selector.first() {
                let key = (label.as_str(), value.as_str());
                selectors.entry(key).or_default().push(service.selector.as_slice());
            }
        }
        Self { facts, selectors }
    }

    /// The kind, and whether it is only judged by what was found.
    pub(super) fn of(&self, members: &[&Candidate<'f>]) -> (Kind, bool) {
        let documents = members.iter().filter_map(|candidate| match candidate.fact {
            Fact::Declaration(declaration) => declaration.kind.as_ref().map(|kind| kind.value),
            _ => None,
        });
        let declared = documents.min_by_key(|kind| leniency(*kind));
        let entry = || {
            members.iter().find_map(|candidate| match candidate.fact {
                Fact::Entry(entry) => of_entry(entry),
                _ => None,
            })
        };
        match declared.or_else(entry) {
            // What browsers load needs no server framework: the word of the catalog is loose.
            Some(Kind::Frontend) if declared.is_none() && self.answers_requests(members) => {
                (Kind::Web, true)
            }
            // What others load does not answer requests in a cluster.
            Some(Kind::Library) if declared.is_some() && self.is_deployed_to_answer(members) => {
                (Kind::Web, true)
            }
            Some(kind) => (kind, false),
            None => (self.assumed(members), true),
        }
    }

    /// Whether a service of the cluster sends requests to a workload that runs all the time.
    fn is_deployed_to_answer(&self, members: &[&Candidate<'f>]) -> bool {
        let mut workloads = members.iter().filter_map(|candidate| workload(candidate));
        workloads.any(|workload| self.serves(workload) && self.is_selected(workload))
    }

    /// Whether the code of an image asks for a server framework or for the driver of a database. That
    /// an API is described says less: what browsers load is written after the API of another.
    fn answers_requests(&self, members: &[&Candidate<'f>]) -> bool {
        let built = members.iter().filter(|member| !member.source.is_declared());
        let homes: Vec<&str> = built.filter_map(|member| member.home.as_deref()).collect();
        let is_inside = |place: &Place| homes.iter().any(|home| is_below(place.folder(), home));
        let is_server = |name: &str| SERVER_PACKAGES.contains(&package_key(name));
        let asks = |package: &Package| package.dependencies.iter().any(|name| is_server(name));
        // A requirements.txt that pins every version was read as a lock file.
        let locks = |lock: &Lockfile| {
            lock.ecosystem == "pip" && lock.packages.iter().any(|(name, _)| is_server(name))
        };
        self.facts.packages.iter().any(|package| is_inside(&package.place) && asks(package))
            || self.facts.lockfiles.iter().any(|lock| is_inside(&lock.place) && locks(lock))
    }

    fn assumed(&self, members: &[&Candidate<'f>]) -> Kind {
        let workloads: Vec<&Workload> = members.iter().filter_map(|c| workload(c)).collect();
        if !workloads.is_empty() && workloads.iter().all(|w| !w.is_long_running()) {
            return Kind::Batch;
        }
        if workloads.is_empty() && self.is_plugin(members) {
            return Kind::Library;
        }
        // What a platform starts by a clock.
        if workloads.is_empty() && members.iter().all(|member| member.is_job) {
            return Kind::Batch;
        }
        let serves = workloads.iter().any(|workload| self.serves(workload))
            || members.iter().any(|candidate| self.is_served(candidate));
        let tells_of_ports = |w: &&Workload| w.platform != Platform::Systemd;
        let is_told = workloads.iter().any(tells_of_ports);
        let is_silent = if workloads.is_empty() { self.only_consumes(members) } else { is_told };
        let answers = || members.iter().any(|c| answers_by_fpm(c, &workloads));
        if self.is_in_chat(members, &workloads) || (!serves && is_silent && !answers()) {
            Kind::Worker
        } else {
            Kind::Web
        }
    }

    /// The packages that the code of what is built asks for.
    fn asked(&self, members: &[&Candidate<'f>]) -> Vec<&'f str> {
        let homes: Vec<&str> = members.iter().filter_map(|c| c.home.as_deref()).collect();
        let is_inside = |folder: &str| homes.iter().any(|home| is_below(folder, home));
        let packages = self.facts.packages.iter().filter(|p| is_inside(p.place.folder()));
        packages.flat_map(|package| &package.dependencies).map(|name| name.as_str()).collect()
    }

    /// Whether its code takes part in a chat, and nothing asks it: no service of the cluster sends to it,
    /// and elsewhere it opens no port and holds no server. A port in a cluster to which nothing sends is
    /// there to be watched.
    fn is_in_chat(&self, members: &[&Candidate<'f>], workloads: &[&Workload]) -> bool {
        let asked = self.asked(members);
        let is_of_cluster =
            !workloads.is_empty() && workloads.iter().all(|w| w.platform == Platform::Kubernetes);
        let is_closed = || {
            !workloads.iter().any(|w| self.serves(w))
                && !members.iter().any(|candidate| self.is_served(candidate))
                && !asked.iter().any(|name| is_answering(name))
        };
        asked.iter().any(|name| chat::is_client(name))
            && !workloads.iter().any(|workload| self.is_selected(workload))
            && (is_of_cluster || is_closed())
    }

    /// Whether a program of others loads what its code makes: a package that is packaged as a plugin,
    /// beside none that can be started, and without a recipe.
    fn is_plugin(&self, members: &[&Candidate<'f>]) -> bool {
        let homes: Vec<&str> = members.iter().filter_map(|c| c.home.as_deref()).collect();
        let is_inside = |place: &Place| homes.iter().any(|home| is_below(place.folder(), home));
        let packages = || self.facts.packages.iter().filter(|package| is_inside(&package.place));
        packages().any(|package| package.is_plugin)
            && !packages().any(|package| package.is_runnable)
            && !self.facts.dockerfiles.iter().any(|file| is_inside(&file.place))
            && !members.iter().any(|member| matches!(member.fact, Fact::Chart(_)))
    }

    /// Whether all that is known of it are recipes that open no port, and their code asks for the client
    /// of a broker and for nothing that answers requests. The language may answer them without a
    /// package: then some folder or file is called after that.
    fn only_consumes(&self, members: &[&Candidate<'f>]) -> bool {
        let is_recipe = |c: &&Candidate<'f>| matches!(c.fact, Fact::Dockerfile(_));
        let homes: Vec<&str> = members.iter().filter_map(|c| c.home.as_deref()).collect();
        let is_inside = |folder: &str| homes.iter().any(|home| is_below(folder, home));
        let asked = self.asked(members);
        let answers = |path: &str| {
            let mut parts = path.split('/').flat_map(|part| part.split(['.', '-', '_']));
            is_inside(folder_of(path)) && parts.any(|word| ANSWERING.contains(&word))
        };
        members.iter().all(is_recipe)
            && asked.iter().any(|name| has_part(name, BROKERS))
            && !asked.iter().any(|name| is_answering(name))
            && !self.facts.apis.iter().any(|api| is_inside(api.place.folder()))
            && !self.facts.paths.iter().any(|path| answers(path))
    }

    fn serves(&self, workload: &Workload) -> bool {
        let serves = || {
            workload.serves_traffic()
                || workload.containers.iter().any(is_probed_by_request)
                || workload.containers.iter().any(is_started_as_server)
        };
        workload.is_long_running()
            && (self.is_selected(workload)
                || (!is_of_clock(workload) && (serves() || asked::is_asked(workload, self.facts))))
    }

    fn is_selected(&self, workload: &Workload) -> bool {
        let has = |(name, value): &(String, String)| {
            workload.labels.iter().any(|(label, own)| label == name && own.value == *value)
        };
        workload.labels.iter().any(|(label, value)| {
            let selectors = self.selectors.get(&(label.as_str(), value.as_str()));
            selectors.is_some_and(|all| all.iter().any(|selector| selector.iter().all(has)))
        })
    }

    /// Whether a Dockerfile opens a port, or a chart has a template for a Service or an Ingress.
    fn is_served(&self, candidate: &Candidate<'f>) -> bool {
        match candidate.fact {
            Fact::Dockerfile(file) => opens_port(file),
            Fact::Chart(chart) => {
                let folder = folder_of(&chart.place.path);
                let template = |name: &str| format!("{folder}/templates/{name}.yaml");
                ["service", "ingress"]
                    .iter()
                    .any(|name| self.facts.has_path(template(name).trim_start_matches('/')))
            }
            _ => false,
        }
    }
}

/// Whether a workload is called after a clock that runs in it: a port that no Service sends to is
/// there as in what it was copied from.
fn is_of_clock(workload: &Workload) -> bool {
    workload.name.split(['-', '_', '.']).any(|word| matches!(word, "cron" | "crond"))
}

fn workload<'f>(candidate: &Candidate<'f>) -> Option<&'f Workload> {
    match candidate.fact {
        Fact::Workload(workload) if !workload.containers.is_empty() => Some(workload),
        _ => None,
    }
}

/// Whether an image answers the requests that a web server passes on to PHP: it is built upon the one
/// that does, whose port others than users ask, and is not told to do something else.
fn answers_by_fpm(candidate: &Candidate<'_>, workloads: &[&Workload]) -> bool {
    let Fact::Dockerfile(file) = candidate.fact else { return false };
    let is_fpm = |base: &str| {
        let tag = base.rsplit_once(':').map_or("", |(_, tag)| tag);
        image_name(base).is_some_and(|name| name == "php") && tag.split('-').any(|w| w == "fpm")
    };
    let is_its =
        |command: &str| command.contains("fpm") || command.trim().rsplit('.').next() == Some("sh");
    let entry = file.lineage().find_map(|stage| stage.entry.as_ref());
    let runs = |workload: &&&Workload| {
        let path = &*file.place.path;
        let mut containers = workload.containers.iter();
        containers.any(|c| {
            c.recipe().is_some_and(|recipe| recipe == path)
                && c.command.as_ref().is_none_or(|command| is_its(command))
        })
    };
    file.lineage().any(|stage| is_fpm(&stage.base))
        && entry.is_none_or(|(command, _)| is_its(command))
        && workloads.iter().any(|workload| runs(&workload))
}

fn opens_port(file: &Dockerfile) -> bool {
    file.lineage().any(|stage| !stage.ports.is_empty())
}

/// Whether a container is started with the address of a server, though no file opens its port: a
/// proxy in the same network asks it.
fn is_started_as_server(container: &Container) -> bool {
    let Some(command) = &container.command else { return false };
    let addresses = ["0.0.0.0:", "[::]:", "[::0]:"];
    let binds = addresses.iter().any(|address| command.contains(address));
    let mut words = command.split([' ', '/', '\t']);
    binds || words.any(|word| SERVERS.contains(&word))
}

/// Programs that do nothing but answer requests.
static SERVERS: &[&str] = &[
    "daphne",
    "granian",
    "gunicorn",
    "hypercorn",
    "puma",
    "runserver",
    "unicorn",
    "uvicorn",
    "uwsgi",
    "waitress-serve",
];

/// The last part of a package's name in lower case, its version left out.
fn package_key(name: &str) -> &str {
    last_part(without_version(name))
}

/// Clients of brokers.
const BROKERS: &[&str] = &[
    "aio-pika",
    "aiokafka",
    "amqp",
    "amqp091-go",
    "amqplib",
    "confluent-kafka",
    "confluent-kafka-go",
    "franz-go",
    "kafka-go",
    "kafka-python",
    "kafkajs",
    "kombu",
    "lapin",
    "node-rdkafka",
    "pika",
    "rdkafka",
    "sarama",
];

/// Packages that answer requests, beside those of servers in general.
const LISTENERS: &[&str] = &[
    "apollo-server",
    "bottle",
    "connect",
    "falcon",
    "fasthttp",
    "go-restful",
    "grpc",
    "grpcio",
    "grpc-js",
    "hapi",
    "httprouter",
    "hyper",
    "http-server",
    "iris",
    "kit",
    "mux",
    "polka",
    "quart",
    "restify",
    "sanic",
    "server",
    "socket.io",
    "tornado",
    "twisted",
    "websocket",
    "werkzeug",
    "ws",
];

/// What folders and files are called that answer requests.
const ANSWERING: &[&str] = &[
    "api",
    "apis",
    "controller",
    "controllers",
    "endpoint",
    "endpoints",
    "graphql",
    "grpc",
    "http",
    "httpserver",
    "proto",
    "rest",
    "route",
    "router",
    "routers",
    "routes",
    "server",
    "swagger",
    "web",
    "webhook",
    "webhooks",
    "websocket",
];

fn has_part(name: &str, known: &[&str]) -> bool {
    without_version(name).split('/').any(|part| known.contains(&part))
}

/// Whether a package may answer requests. What serves and only consumes is a broker's client.
fn is_answering(name: &str) -> bool {
    !has_part(name, BROKERS)
        && (SERVER_PACKAGES.contains(&package_key(name))
            || has_part(name, LISTENERS)
            || serves(name))
}

/// Packages that only a program which answers requests, or keeps data, asks for.
static SERVER_PACKAGES: &[&str] = &[
    "actix-web",
    "aiohttp",
    "alembic",
    "axum",
    "django",
    "Django",
    "fastapi",
    "flask",
    "Flask",
    "gin",
    "mangum",
    // Of Nest: `@nestjs/platform-express`.
    "platform-express",
    "platform-fastify",
    "psycopg2",
    "psycopg2-binary",
    "rails",
    "rocket",
    "sinatra",
    "SQLAlchemy",
    "sqlalchemy",
    "starlette",
    "uvicorn",
];

fn is_probed_by_request(container: &Container) -> bool {
    let probes = [&container.liveness, &container.readiness, &container.startup];
    probes.into_iter().flatten().any(asks_over_network)
}

fn asks_over_network(probe: &Probe) -> bool {
    match &probe.action {
        ProbeAction::Http { .. } | ProbeAction::Tcp { .. } | ProbeAction::Grpc { .. } => true,
        ProbeAction::Exec { command } => {
            ["http://", "https://", "localhost:", "127.0.0.1:", "grpc_health_probe"]
                .iter()
                .any(|word| command.contains(word))
        }
        ProbeAction::Notify | ProbeAction::None => false,
    }
}

#[cfg(test)]
mod tests;
