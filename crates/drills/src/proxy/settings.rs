//! How a proxy is set up.

use std::net::{Ipv4Addr, SocketAddr};

use crate::DependencyKind;

/// What the proxy tries to understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Nothing: bytes are passed on, and faults are decided per connection.
    Tcp,
    /// HTTP/1.1, and HTTP/2 without TLS; gRPC too.
    Http,
    /// The protocol of `PostgreSQL`.
    Postgres,
    /// The protocol of Redis.
    Redis,
    /// Whatever the first bytes of a connection look like.
    Any,
}

impl From<DependencyKind> for Kind {
    fn from(kind: DependencyKind) -> Self {
        match kind {
            DependencyKind::Http | DependencyKind::Grpc => Self::Http,
            DependencyKind::Postgres => Self::Postgres,
            DependencyKind::Redis => Self::Redis,
            DependencyKind::Tcp => Self::Tcp,
        }
    }
}

/// What becomes of a `PostgreSQL` client's wish to encrypt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encryption {
    /// The upstream decides; an encrypted connection passes unread, and the log says so.
    #[default]
    Pass,
    /// The proxy declines, as a server without TLS would: clients that only prefer TLS go on in the clear and can be observed.
    Decline,
}

/// How a proxy is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What is understood.
    pub kind: Kind,
    /// `HOST:PORT` of the dependency, looked up at each dial.
    pub upstream: String,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Makes the sequence of hits and jitters repeatable.
    pub seed: u64,
    /// Events that the log keeps; more are counted as dropped.
    pub max_events: usize,
    /// Names (lower case) of request headers that an [`HttpCall`](super::HttpCall) carries besides the ones it always has.
    pub headers: Vec<String>,
    /// How many of the first bytes of each request an exchange keeps, as they were sent; of a connection that is not understood, how many of the connection's.
    pub keep_bytes: usize,
    /// What becomes of a `PostgreSQL` client's wish to encrypt.
    pub encryption: Encryption,
}

impl Settings {
    /// Listens on a free port of loopback.
    pub fn new(kind: impl Into<Kind>, upstream: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            upstream: upstream.into(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: 0,
            max_events: 200_000,
            headers: Vec::new(),
            keep_bytes: 0,
            encryption: Encryption::default(),
        }
    }
}
