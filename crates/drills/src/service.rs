//! What a drill is told about the service: how to start it, what its users do with it, and what it calls.
//!
//! The same as gonogo.yaml says, without its places. Texts may hold `{port}`, `{NAME}` of a dependency, captured values and `${VARIABLE}`
//! until the harness or the load generator fills them in.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::{Door, Speech};

/// The service under drill: a black box with an address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Folder its commands start in.
    pub folder: PathBuf,
    /// How it is started; `None`: only a running one can be drilled.
    pub command: Option<Command>,
    /// How it is spoken to.
    pub speech: Speech,
    /// Path that answers 2xx once it may get traffic.
    pub ready: Option<String>,
    /// Path that answers 2xx as long as the process works.
    pub live: Option<String>,
    /// Path of its metrics in the Prometheus text format.
    pub metrics: Option<String>,
    /// Path of the file that it logs into, or `stdout`.
    pub logs: Option<String>,
    /// How it is asked to stop.
    pub stop: Stop,
    /// What its users do with it.
    pub journeys: Vec<Journey>,
    /// Who a request may come from, by name.
    pub identities: BTreeMap<String, Identity>,
    /// What it calls or stores in.
    pub dependencies: Vec<Dependency>,
}

impl Service {
    /// The service, or an instance of it, at `address`.
    pub fn at(&self, address: SocketAddr) -> Door<'_> {
        self.speech.at(address)
    }
}

/// One process: an argument vector, never a shell line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Program and arguments.
    pub arguments: Vec<String>,
    /// Environment variables set besides the inherited ones.
    pub environment: BTreeMap<String, String>,
}

/// How a process is asked to stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// Name of the signal without `SIG`: `TERM`, `INT`, `QUIT`.
    pub signal: String,
    /// How long it may take.
    pub within: Duration,
}

impl Default for Stop {
    /// `TERM` and 30 s, the grace period of Kubernetes.
    fn default() -> Self {
        Self { signal: "TERM".to_owned(), within: Duration::from_secs(30) }
    }
}

/// What a user does with the service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Journey {
    /// Its name.
    pub name: String,
    /// What is sent.
    pub request: Request,
    /// What has to come back.
    pub expect: Expectation,
    /// Names of values and the JSON pointers into the answer that they are taken from.
    pub capture: BTreeMap<String, String>,
    /// How an acknowledged write is read back.
    pub read_back: Option<ReadBack>,
    /// Name of the identity it is sent as.
    pub identity: Option<String>,
    /// Expected peak in requests per second.
    pub peak_per_s: Option<f64>,
    /// Share of requests that have to succeed, from 0 to 1.
    pub availability: Option<f64>,
    /// Latencies that have to be kept.
    pub latencies: Vec<LatencyObjective>,
}

impl Journey {
    /// Whether its request asks for something to be changed, by its method.
    pub fn is_write(&self) -> bool {
        let method = self.request.method.to_ascii_uppercase();
        !matches!(&*method, "" | "GET" | "HEAD" | "OPTIONS")
    }
}

/// One HTTP request, before its templates are filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body; empty for none.
    pub body: String,
}

/// What an answer has to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// The status; `None`: any from 200 to 399.
    pub status: Option<u16>,
    /// Headers that have to be there, with a text that their value contains.
    pub headers: Vec<(String, String)>,
    /// A text that the body contains.
    pub body: Option<String>,
}

/// Whether an answer of `status` is the `expected` one, or of any success or redirection where none is named.
pub(crate) fn is_expected(expected: Option<u16>, status: u16) -> bool {
    expected.map_or((200..400).contains(&status), |expected| status == expected)
}

impl Expectation {
    /// Whether an answer of `status` is what is expected, as far as its status tells.
    pub fn takes(&self, status: u16) -> bool {
        is_expected(self.status, status)
    }

    /// The expected status, for people.
    pub fn status_in_words(&self) -> String {
        self.status.map_or_else(|| "2xx or 3xx".to_owned(), |status| status.to_string())
    }
}

/// How a write is found again after it was acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadBack {
    /// What is asked, with the captured values.
    pub request: Request,
    /// What has to come back.
    pub expect: Expectation,
}

/// A latency quantile that has to be kept: 99 % of requests within 300 ms is `quantile` 0.99, `within` 300 ms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LatencyObjective {
    /// From 0 to 1.
    pub quantile: f64,
    /// The bound.
    pub within: Duration,
}

/// Headers that make a request somebody's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Names and values.
    pub headers: Vec<(String, String)>,
}

/// What the service calls or stores in.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependency {
    /// Its name; `{NAME}` in the service's environment becomes the address of the proxy before it.
    pub name: String,
    /// What is spoken with it.
    pub kind: DependencyKind,
    /// Whether the service cannot do without it.
    pub is_critical: bool,
    /// `HOST:PORT` where it runs already.
    pub address: Option<String>,
    /// `IP:PORT` of this machine where a service that runs already is pointed for it: a drill listens there.
    pub proxy: Option<String>,
    /// How it is started for drills.
    pub command: Option<Command>,
    /// How long the service waits for it, as declared.
    pub timeout: Option<Duration>,
    /// How often the service tries again, as declared.
    pub max_retries: Option<u32>,
    /// What users see when it fails, as declared.
    pub on_failure: Option<String>,
}

/// What is spoken with a dependency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DependencyKind {
    /// HTTP/1.1 or HTTP/2.
    Http,
    /// gRPC over HTTP/2.
    Grpc,
    /// The protocol of `PostgreSQL`.
    Postgres,
    /// The protocol of Redis.
    Redis,
    /// Anything else over TCP.
    Tcp,
}
