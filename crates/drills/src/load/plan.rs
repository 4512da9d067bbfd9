//! What is to be sent, where to, how fast, and for how long.

use std::time::Duration;

use crate::service::{Identity, Journey};

/// One run of the load generator.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where to.
    pub target: Target,
    /// What is sent: journeys with their shares of the mix.
    pub journeys: Vec<Share>,
    /// How fast, and for how long.
    pub rate: Rate,
    /// The most connections open at a time. A request that finds none free waits in a queue without bound, and its latency goes on.
    pub connections: usize,
    /// Requests in flight on one connection; above 1 only with HTTP/2. The service's own limit holds too.
    pub streams: usize,
    /// Threads that share the schedule; each has its part of the connections.
    pub threads: usize,
    /// How long an answer may take from the sending.
    pub timeout: Duration,
    /// Share of requests sent on a connection of their own, from 0 to 1.
    pub fresh_share: f64,
    /// Whether journeys take turns, whatever their weights, so that each of them is sent and none is left to chance.
    pub takes_turns: bool,
    /// Whether each request carries a `traceparent` of its own.
    pub traces: bool,
    /// Seed of all that is random. With the same seed the same requests are sent, the same `{uuid}` included.
    pub seed: u64,
    /// Which part of the schedule this process sends.
    pub part: Part,
}

impl Plan {
    /// A plan with 256 connections, one thread, a timeout of 10 s, connections reused, and a seed from the clock.
    pub fn new(target: Target, journeys: Vec<Share>, rate: Rate) -> Self {
        let now = jiff::Timestamp::now().as_nanosecond();
        Self {
            target,
            journeys,
            rate,
            connections: 256,
            streams: 100,
            threads: 1,
            timeout: Duration::from_secs(10),
            fresh_share: 0.0,
            takes_turns: false,
            traces: false,
            seed: u64::try_from(now & i128::from(u64::MAX)).unwrap_or(1),
            part: Part::default(),
        }
    }
}

/// Where requests go.
#[derive(Clone, Debug, Default)]
pub struct Target {
    /// `HOST:PORT` that is connected to.
    pub address: String,
    /// `HOST:PORT` that it is called by in requests; `None`: the address.
    pub authority: Option<String>,
    /// With TLS if given.
    pub tls: Option<Tls>,
    /// What is spoken.
    pub http: Http,
}

impl Target {
    /// HTTP/1.1 without TLS.
    pub fn plain(address: &str) -> Self {
        Self { address: address.to_owned(), ..Self::default() }
    }

    /// What it is called by in requests.
    pub(super) fn authority(&self) -> &str {
        self.authority.as_deref().unwrap_or(&self.address)
    }
}

/// Whose certificate is expected.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    /// The name in the certificate; `None`: the host of the address.
    pub server_name: Option<String>,
    /// Who has to vouch for it.
    pub trusted: Trusted,
}

/// Who has to vouch for a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trusted {
    /// Whom the machine trusts, or the file of `SSL_CERT_FILE` names.
    #[default]
    Machine,
    /// Only these, in PEM, as a drill's own authority.
    Only(Vec<u8>),
    /// Nobody: any certificate will do. For what is on this machine.
    Anybody,
}

/// The version of HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Http {
    /// HTTP/1.1.
    #[default]
    One,
    /// HTTP/2: by ALPN with TLS, by prior knowledge without.
    Two,
}

/// A journey and its share of the mix.
#[derive(Clone, Debug, Default)]
pub struct Share {
    /// What is sent and expected.
    pub journey: Journey,
    /// Whose headers are added.
    pub identity: Identity,
    /// Its weight beside the others.
    pub weight: f64,
}

impl Share {
    /// The journey as nobody in particular, with weight 1.
    pub fn of(journey: Journey) -> Self {
        Self { journey, identity: Identity::default(), weight: 1.0 }
    }
}

/// How fast requests are due.
#[derive(Clone, Debug, PartialEq)]
pub enum Rate {
    /// Open loop: due at absolute times, one step after the other.
    Steps(Vec<Step>),
    /// Closed loop: every connection is always busy. Finds saturation; its latencies say nothing about users.
    Closed {
        /// How long.
        lasts: Duration,
    },
}

impl Rate {
    /// One step.
    pub fn constant(per_s: f64, lasts: Duration) -> Self {
        Self::Steps(vec![Step { per_s, lasts }])
    }

    /// How long all of it lasts.
    pub fn lasts(&self) -> Duration {
        match self {
            Self::Steps(steps) => steps.iter().map(|step| step.lasts).sum(),
            Self::Closed { lasts } => *lasts,
        }
    }
}

/// A time of constant rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Requests per second, evenly spaced.
    pub per_s: f64,
    /// How long.
    pub lasts: Duration,
}

/// The part of a schedule that one process sends: each `of`-th request, beginning with number `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// From 0.
    pub index: u64,
    /// How many processes share the schedule.
    pub of: u64,
}

impl Default for Part {
    /// All of it.
    fn default() -> Self {
        Self { index: 0, of: 1 }
    }
}

/// Why a run could not be carried out. It says nothing about the service.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The plan asks for what cannot be done.
    #[error("the load cannot be planned: {0}")]
    Plan(String),
    /// A journey names a value that nothing captures.
    #[error(
        "journey `{journey}` uses `{{{name}}}` in its path, and no journey captures a value of that name"
    )]
    UnknownValue {
        /// The journey's name.
        journey: String,
        /// The name between the braces.
        name: String,
    },
    /// A journey names a variable that is not set.
    #[error("journey `{journey}` uses `${{{name}}}`, and the environment has no such variable")]
    MissingVariable {
        /// The journey's name.
        journey: String,
        /// The variable.
        name: String,
    },
    /// The address names nothing.
    #[error("`{address}` cannot be resolved: {source}")]
    Address {
        /// As given.
        address: String,
        /// Why.
        source: std::io::Error,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// The operating system refuses what the generator needs.
    #[error("the load generator cannot work: {0}")]
    System(#[from] std::io::Error),
}
