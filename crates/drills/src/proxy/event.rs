//! What the proxy saw.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;

/// One entry of the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// When it happened; an exchange is entered when it ends.
    pub at: Instant,
    /// Number of the connection, from 1.
    pub connection: u64,
    /// What happened.
    pub what: Happening,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// The service connected.
    Opened,
    /// The upstream was connected to: from here on the service holds a connection of it.
    Reached,
    /// The service holds it no longer: it closed its side, or all is over. Once for each `Reached`.
    Left,
    /// The upstream could not be reached; the service's connection was reset (of [`Kind::Any`](super::Kind::Any): closed).
    Unreachable {
        /// What the operating system said.
        reason: String,
    },
    /// The connection is over.
    Closed {
        /// Bytes from the service.
        sent: u64,
        /// Bytes to the service.
        received: u64,
        /// From its opening.
        duration: Duration,
        /// Who ended it.
        by: Outcome,
        /// The first bytes from the service, if it passed unread and they were to be kept.
        kept: Bytes,
    },
    /// From here on the connection passes unread, as plain TCP.
    Unread {
        /// What was not understood.
        reason: String,
    },
    /// A fault landed on a connection rather than on one exchange.
    Landed {
        /// Name of the rule.
        rule: Arc<str>,
    },
    /// A request and what came of it.
    Exchange(Exchange),
}

/// A request and what came of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// When its first bytes arrived from the service.
    pub started: Instant,
    /// Until its end, whatever that was.
    pub duration: Duration,
    /// Until the first byte of the answer left for the service.
    pub first_byte: Option<Duration>,
    /// When, counted from `started`, the service closed its side of the connection without having got the whole answer. That is how long it was ready to wait.
    pub left_after: Option<Duration>,
    /// How it ended.
    pub outcome: Outcome,
    /// What was asked and answered.
    pub call: Box<Call>,
    /// Bytes of the request; HTTP/2: of its body.
    pub request_bytes: u64,
    /// Bytes of the answer that went to the service; HTTP/2: of its body.
    pub answer_bytes: u64,
    /// Names of the rules that landed on it.
    pub faults: Vec<Arc<str>>,
    /// The request's first bytes, if they were to be kept.
    pub kept: Bytes,
}

/// How an exchange or a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The whole answer went to the service; a connection: both sides were done.
    Answered,
    /// The service closed or reset the connection (or the stream).
    ServiceLeft,
    /// The upstream closed or reset the connection (or the stream).
    UpstreamLeft,
    /// A fault ended it.
    Faulted,
    /// The proxy stopped, refused, or was told to disconnect.
    Stopped,
    /// From its middle on the connection passed unread.
    Unread,
}

/// What was asked and answered.
#[derive(Clone, Debug, PartialEq)]
pub enum Call {
    /// An HTTP request.
    Http(HttpCall),
    /// What a `PostgreSQL` client sent up to where it waits: one simple query, or extended ones up to their Sync.
    Statement(Statement),
    /// A `PostgreSQL` client's start: from its first message until the server is ready for queries.
    Connect {
        /// The user.
        user: String,
        /// The database.
        database: String,
        /// Five characters, when the server refused.
        sqlstate: Option<String>,
    },
    /// A Redis command.
    Command(Command),
}

/// Version of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpVersion {
    /// HTTP/1.0
    Http10,
    /// HTTP/1.1
    Http11,
    /// HTTP/2
    Http2,
}

/// An HTTP request; texts of more than 2,000 bytes are cut there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpCall {
    /// Version of the request.
    pub version: HttpVersion,
    /// `GET`, `POST` …
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Value of `idempotency-key`.
    pub idempotency_key: Option<String>,
    /// Value of `traceparent`.
    pub traceparent: Option<String>,
    /// Those of [`Settings::headers`](super::Settings::headers) that the request has, names in lower case.
    pub headers: Vec<(String, String)>,
    /// A digest of the body, equal for equal bodies within one process; `None`: there is no body, or the answer came before its end.
    pub body_digest: Option<u64>,
    /// Status of the answer.
    pub status: Option<u16>,
    /// Value of `grpc-status` in the answer's head or trailers.
    pub grpc_status: Option<u16>,
    /// Value of `retry-after` in the answer.
    pub retry_after: Option<String>,
}

/// What a `PostgreSQL` client sent up to where it waits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// The first text, its literals replaced by `?`, whitespace joined, at most 1,000 bytes.
    pub text: String,
    /// How many statements were executed.
    pub statements: u32,
    /// Rows that were returned.
    pub rows: u64,
    /// Five characters, when it failed.
    pub sqlstate: Option<String>,
}

/// A Redis command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// Its name, in upper case.
    pub name: String,
    /// Its first argument, at most 200 bytes.
    pub key: Option<String>,
    /// Number of its arguments.
    pub arguments: u32,
    /// The error it was answered with.
    pub error: Option<String>,
}

impl Call {
    /// What [`Rule::only`](super::Rule::only) is compared with: `POST /orders`, a statement's text, `GET key`.
    pub fn subject(&self) -> String {
        match self {
            Self::Http(call) => format!("{} {}", call.method, call.path),
            Self::Statement(statement) => statement.text.clone(),
            Self::Connect { user, database, .. } => format!("connect {user}@{database}"),
            Self::Command(command) => match &command.key {
                Some(key) => format!("{} {key}", command.name),
                None => command.name.clone(),
            },
        }
    }
}
