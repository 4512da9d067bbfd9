//! A proxy before a dependency: it observes what the service says to it, and brings faults while it runs.
//!
//! ```no_run
//! use std::time::Duration;
//! use gonogo_drills::proxy::{Direction, Fault, Happening, Kind, Proxy, Rule, Settings};
//!
//! let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
//! let payments = Proxy::start(runtime.handle(), Settings::new(Kind::Http, "127.0.0.1:8081"))?;
//! // … start the service with `payments.address()` in place of the dependency's, send load …
//! payments.set(Rule::new("slow", Fault::latency(Duration::from_millis(500))).toxicity(0.5))?;
//! payments.set(Rule::new("down", Fault::status(503)).only("POST /charges").at_most(2))?;
//! payments.clear("slow"); // answers held back by it go out now
//! assert!(payments.counters().landed("down") > 0, "else the drill is inconclusive");
//! for event in payments.drain().events {
//!     if let Happening::Exchange(exchange) = event.what { println!("{exchange:?}"); }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every call of [`Proxy`] returns at once and may come from any thread; the work is done on the runtime. A request is decided upon when its
//! first bytes arrive: which rules hit it depends only on the seed, the rule's name and how many requests that rule was asked about.
//! What is not understood passes unchanged as plain TCP, and [`Happening::Unread`] says so.

mod chance;
mod changes;
mod connection;
mod event;
mod fault;
mod http1;
mod http2;
mod listener;
mod log;
mod plain;
mod postgres;
mod read;
mod redis;
mod relay;
mod rules;
mod settings;
mod shape;
mod standing;
mod statement;
pub mod toxiproxy;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use tokio::runtime::Handle;

pub use event::{
    Call, Command, Event, Exchange, Happening, HttpCall, HttpVersion, Outcome, Statement,
};
pub use fault::{Direction, Fault, Misfit, Release, Rule};
pub use log::{Counters, Drained};
pub use read::read;
pub use settings::{Encryption, Kind, Settings};

use listener::Gate;
use log::Log;
use rules::Rules;

/// A running proxy; dropping it closes its listener and its connections.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    gate: Gate,
    shared: Arc<Shared>,
}

/// What the handle and all connections of one proxy have in common.
#[derive(Debug)]
struct Shared {
    settings: Settings,
    rules: Rules,
    log: Log,
}

impl Proxy {
    /// Binds and listens, then accepts on `runtime`. The upstream is dialed once for each connection, and need not be there yet.
    pub fn start(runtime: &Handle, settings: Settings) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            rules: Rules::new(settings.seed),
            log: Log::new(settings.max_events),
            settings,
        });
        let (gate, address) = Gate::open(runtime, Arc::clone(&shared))?;
        Ok(Self { address, gate, shared })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds `rule`, or replaces the one of its name. From the return on it counts, for open connections too.
    ///
    /// [`Fault::Refuse`] is in force when this returns: the listener is closed, a connection to it was tried and refused, and open
    /// connections are being closed. It lands on each of those; who is refused never comes as far as the proxy, and is not counted.
    pub fn set(&self, rule: Rule) -> Result<(), Misfit> {
        rule.fits(self.shared.settings.kind)?;
        let refuses = matches!(rule.fault, Fault::Refuse);
        let rule = self.shared.rules.set(rule);
        if refuses {
            let held = self.shared.log.counters(&self.shared.rules).held;
            self.gate.shut().map_err(Misfit::NotRefused)?;
            rule.land_on(held);
        } else if !self.shared.rules.refuses() {
            self.gate.reopen().map_err(Misfit::NotReopened)?;
        }
        Ok(())
    }

    /// Takes a rule back; `false` when there is none of that name. What it held back goes on (see [`Fault`]).
    pub fn clear(&self, name: &str) -> io::Result<bool> {
        let was_there = self.shared.rules.clear(name);
        if !self.shared.rules.refuses() {
            self.gate.reopen()?;
        }
        Ok(was_there)
    }

    /// Takes all rules back.
    pub fn clear_all(&self) -> io::Result<()> {
        self.shared.rules.clear_all();
        self.gate.reopen()
    }

    /// Closes all open connections; the listener stays.
    pub fn disconnect(&self) {
        self.gate.disconnect();
    }

    /// What was counted so far.
    pub fn counters(&self) -> Counters {
        self.shared.log.counters(&self.shared.rules)
    }

    /// Takes the events out of the log.
    pub fn drain(&self) -> Drained {
        self.shared.log.drain()
    }

    /// The events in the log, which keeps them.
    pub fn snapshot(&self) -> Drained {
        self.shared.log.snapshot()
    }
}
