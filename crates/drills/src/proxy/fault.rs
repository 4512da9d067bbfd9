//! What can go wrong on purpose.

use std::time::Duration;

use super::Kind;

/// Which way the bytes go that a fault is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the service to the dependency: requests.
    Upstream,
    /// From the dependency to the service: answers.
    Downstream,
}

/// What becomes of what a black hole swallowed, when it is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Release {
    /// It is passed on, as TCP would after a network came back.
    Forward,
    /// Its connections are closed.
    Close,
}

/// A fault. Where the protocol is understood it is decided upon per request, else per connection.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// The first byte of an answer (upstream: of a request) comes later by `delay`, more or less up to `jitter`. Of plain TCP: every piece of it.
    /// Taken back, what waits goes at once.
    Latency {
        /// The middle.
        delay: Duration,
        /// How far from it at most.
        jitter: Duration,
    },
    /// Upstream (the default) requests never arrive; downstream they do, but their answers never come.
    BlackHole {
        /// The connection is closed after so long.
        close_after: Option<Duration>,
        /// What becomes of it when the rule is taken back.
        release: Release,
    },
    /// The connection is reset (`RST`, also a pooled one): at the request, before it reaches the dependency; downstream: when its answer begins.
    /// Of plain TCP: at once, even when nothing is said.
    Reset {
        /// After so long.
        after: Duration,
    },
    /// The listener is closed, new connections are refused, open ones are closed. Taken back, it listens on the same port.
    Refuse,
    /// A connection that is done on one side is kept open on the other for so long.
    SlowClose {
        /// How long.
        delay: Duration,
    },
    /// Bytes pass at most at this rate.
    Bandwidth {
        /// At least 1.
        bytes_per_s: u64,
    },
    /// Bytes pass in small pieces.
    Slice {
        /// Middle size of a piece.
        bytes: usize,
        /// How far from it at most.
        variation: usize,
        /// Between two pieces.
        pause: Duration,
    },
    /// The connection (HTTP/2: the stream) is closed in the middle of an answer: after so many bytes of it, and before its last one.
    Cut {
        /// Bytes of the answer that pass, its head included.
        after: u64,
    },
    /// The connection is closed as soon as so many bytes went in this direction since the rule was set.
    Limit {
        /// Bytes that pass.
        bytes: u64,
    },
    /// The proxy answers; the request does not reach the dependency.
    HttpAnswer {
        /// The status.
        status: u16,
        /// Headers besides `content-length`.
        headers: Vec<(String, String)>,
        /// The body.
        body: String,
    },
    /// The proxy answers with an error; the statements do not reach the dependency. A transaction that was open fails there too.
    /// An SQLSTATE that ends sessions (class 57P, 53300 …) ends the connection, and also hits clients that connect.
    PostgresError {
        /// Five characters.
        sqlstate: String,
        /// The text.
        message: String,
    },
    /// The proxy answers with an error; the command does not reach the dependency.
    RedisError {
        /// Without the `-`: `LOADING Redis is loading the dataset in memory`.
        line: String,
    },
}

impl Fault {
    /// Latency without jitter.
    pub fn latency(delay: Duration) -> Self {
        Self::Latency { delay, jitter: Duration::ZERO }
    }

    /// A black hole that holds until it is taken back, and then lets go.
    pub fn black_hole() -> Self {
        Self::BlackHole { close_after: None, release: Release::Forward }
    }

    /// A reset without delay.
    pub fn reset() -> Self {
        Self::Reset { after: Duration::ZERO }
    }

    /// An HTTP status with a short text.
    pub fn status(status: u16) -> Self {
        let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
        Self::HttpAnswer { status, headers, body: format!("{status} from the drill's proxy\n") }
    }

    /// Status 200 with a page instead of what was asked for.
    pub fn wrong_body() -> Self {
        let headers = vec![("content-type".to_owned(), "text/html".to_owned())];
        let body = "<!doctype html><title>Not what was asked for</title>\n".to_owned();
        Self::HttpAnswer { status: 200, headers, body }
    }

    /// A gRPC status, in an answer of trailers only.
    pub fn grpc_status(code: u16) -> Self {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = vec![
            header("content-type", "application/grpc"),
            header("grpc-status", &code.to_string()),
            header("grpc-message", "from the drill's proxy"),
        ];
        Self::HttpAnswer { status: 200, headers, body: String::new() }
    }

    /// An error of `PostgreSQL`.
    pub fn postgres(sqlstate: &str) -> Self {
        let message = "from the drill's proxy".to_owned();
        Self::PostgresError { sqlstate: sqlstate.to_owned(), message }
    }

    /// An error of Redis.
    pub fn redis(line: &str) -> Self {
        Self::RedisError { line: line.to_owned() }
    }

    /// Which way it works unless the rule says otherwise.
    pub fn direction(&self) -> Direction {
        match self {
            Self::BlackHole { .. } | Self::Reset { .. } => Direction::Upstream,
            _ => Direction::Downstream,
        }
    }
}

/// A fault with a name, and whom it hits.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Its name, by which it is taken back and counted.
    pub name: String,
    /// What goes wrong.
    pub fault: Fault,
    /// Which way.
    pub direction: Direction,
    /// Share of requests (or connections) that it hits, from 0 to 1.
    pub toxicity: f64,
    /// Hits only requests whose [`subject`](super::Call::subject) contains this; never a connection that is not understood.
    pub only: Option<String>,
    /// Hits at most so many.
    pub at_most: Option<u64>,
}

impl Rule {
    /// Hits everything.
    pub fn new(name: impl Into<String>, fault: Fault) -> Self {
        let direction = fault.direction();
        Self { name: name.into(), fault, direction, toxicity: 1.0, only: None, at_most: None }
    }

    /// Hits this share.
    #[must_use]
    pub fn toxicity(self, toxicity: f64) -> Self {
        Self { toxicity, ..self }
    }

    /// Works this way.
    #[must_use]
    pub fn direction(self, direction: Direction) -> Self {
        Self { direction, ..self }
    }

    /// Hits only requests whose subject contains `text`.
    #[must_use]
    pub fn only(self, text: &str) -> Self {
        Self { only: Some(text.to_owned()), ..self }
    }

    /// Hits at most `count`.
    #[must_use]
    pub fn at_most(self, count: u64) -> Self {
        Self { at_most: Some(count), ..self }
    }

    /// Whether it can land at all before a dependency of this kind.
    pub(super) fn fits(&self, kind: Kind) -> Result<(), Misfit> {
        if !(0.0..=1.0).contains(&self.toxicity) {
            return Err(Misfit::Toxicity(self.toxicity));
        }
        let needs = match &self.fault {
            Fault::HttpAnswer { status, .. } => {
                if !(200..=999).contains(status) {
                    return Err(Misfit::Value("the status", "from 200 to 999"));
                }
                Some(Kind::Http)
            }
            Fault::PostgresError { sqlstate, .. } => {
                if sqlstate.len() != 5 || !sqlstate.bytes().all(|byte| byte.is_ascii_alphanumeric())
                {
                    return Err(Misfit::Value("the SQLSTATE", "five letters or digits"));
                }
                Some(Kind::Postgres)
            }
            Fault::RedisError { line } => {
                if line.is_empty() || line.contains(['\r', '\n']) {
                    return Err(Misfit::Value("the error", "one line"));
                }
                Some(Kind::Redis)
            }
            Fault::Bandwidth { bytes_per_s: 0 } => {
                return Err(Misfit::Value("the rate", "at least 1"));
            }
            Fault::Slice { bytes: 0, .. } => return Err(Misfit::Value("the size", "at least 1")),
            _ => None,
        };
        match needs {
            Some(needed) if kind != needed && kind != Kind::Any => {
                Err(Misfit::Kind { needed, kind })
            }
            _ => Ok(()),
        }
    }
}

/// Why a rule was not set.
#[derive(Debug, thiserror::Error)]
pub enum Misfit {
    /// The fault belongs to another protocol.
    #[error("a fault of {needed:?} cannot land on a proxy for {kind:?}")]
    Kind {
        /// What the fault belongs to.
        needed: Kind,
        /// What the proxy is for.
        kind: Kind,
    },
    /// The toxicity is no share.
    #[error("the toxicity is {0}, and has to be from 0 to 1")]
    Toxicity(f64),
    /// A value that makes no sense.
    #[error("{0} has to be {1}")]
    Value(&'static str, &'static str),
    /// The listener did not close.
    #[error("the listener could not be made to refuse connections")]
    NotRefused(#[source] std::io::Error),
    /// The listener did not open again.
    #[error("the listener could not be opened again")]
    NotReopened(#[source] std::io::Error),
}
