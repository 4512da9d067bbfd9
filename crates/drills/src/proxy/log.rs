//! The log of events, bounded, and the counters, which are not.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::rules::Rules;
use super::{Call, Event, Exchange, Happening};

/// Events taken out of the log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drained {
    /// In the order in which they were entered.
    pub events: Vec<Event>,
    /// Events since the last drain that were not kept because the log was full.
    pub dropped: u64,
}

/// What was counted since the proxy started.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Connections that were accepted.
    pub connections: u64,
    /// Connections that are open, those included whose upstream is still being dialed and those that the service has left already.
    pub open: u64,
    /// Connections of the upstream that the service holds.
    pub held: u64,
    /// The most that were open at a time.
    pub max_open: u64,
    /// Requests that began: attempts.
    pub requests: u64,
    /// Exchanges that ended, however.
    pub exchanges: u64,
    /// Statements that were executed.
    pub statements: u64,
    /// Connections that passed unread from some point on.
    pub unread: u64,
    /// Connections for which the upstream could not be reached.
    pub unreachable: u64,
    /// Bytes from the service, of connections that are closed.
    pub sent: u64,
    /// Bytes to the service, of connections that are closed.
    pub received: u64,
    /// How often each rule landed, by name; those that were taken back keep their count.
    pub landed: BTreeMap<String, u64>,
    /// Events that were not kept because the log was full.
    pub dropped_events: u64,
}

impl Counters {
    /// How often the rule of this name landed.
    pub fn landed(&self, name: &str) -> u64 {
        self.landed.get(name).copied().unwrap_or(0)
    }
}

/// The log of one proxy.
#[derive(Debug)]
pub(super) struct Log {
    max_events: usize,
    kept: Mutex<Kept>,
    connections: AtomicU64,
    closed: AtomicU64,
    reached: AtomicU64,
    left: AtomicU64,
    max_open: AtomicU64,
    requests: AtomicU64,
    exchanges: AtomicU64,
    statements: AtomicU64,
    unread: AtomicU64,
    unreachable: AtomicU64,
    sent: AtomicU64,
    received: AtomicU64,
    dropped: AtomicU64,
}

#[derive(Debug, Default)]
struct Kept {
    events: Vec<Event>,
    dropped: u64,
}

impl Log {
    pub(super) fn new(max_events: usize) -> Self {
        Self {
            max_events,
            kept: Mutex::default(),
            connections: AtomicU64::new(0),
            closed: AtomicU64::new(0),
            reached: AtomicU64::new(0),
            left: AtomicU64::new(0),
            max_open: AtomicU64::new(0),
            requests: AtomicU64::new(0),
            exchanges: AtomicU64::new(0),
            statements: AtomicU64::new(0),
            unread: AtomicU64::new(0),
            unreachable: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            received: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Enters a new connection and numbers it.
    pub(super) fn open(&self) -> u64 {
        let number = self.connections.fetch_add(1, Relaxed) + 1;
        let open = number.saturating_sub(self.closed.load(Relaxed));
        self.max_open.fetch_max(open, Relaxed);
        self.enter(number, Happening::Opened);
        number
    }

    /// Counts a request that began.
    pub(super) fn begin(&self) {
        self.requests.fetch_add(1, Relaxed);
    }

    /// Enters an exchange that ended.
    pub(super) fn exchange(&self, connection: u64, exchange: Exchange, at: Instant) {
        self.exchanges.fetch_add(1, Relaxed);
        if let Call::Statement(statement) = &*exchange.call {
            self.statements.fetch_add(u64::from(statement.statements), Relaxed);
        }
        self.keep(Event { at, connection, what: Happening::Exchange(exchange) });
    }

    /// Enters what happened to a connection.
    pub(super) fn enter(&self, connection: u64, what: Happening) {
        match &what {
            Happening::Closed { sent, received, .. } => {
                self.closed.fetch_add(1, Relaxed);
                self.sent.fetch_add(*sent, Relaxed);
                self.received.fetch_add(*received, Relaxed);
            }
            Happening::Reached => {
                self.reached.fetch_add(1, Relaxed);
            }
            Happening::Left => {
                self.left.fetch_add(1, Relaxed);
            }
            Happening::Unread { .. } => {
                self.unread.fetch_add(1, Relaxed);
            }
            Happening::Unreachable { .. } => {
                self.unreachable.fetch_add(1, Relaxed);
            }
            _ => {}
        }
        self.keep(Event { at: Instant::now(), connection, what });
    }

    fn keep(&self, event: Event) {
        let mut kept = self.kept();
        if kept.events.len() < self.max_events {
            kept.events.push(event);
        } else {
            kept.dropped += 1;
            self.dropped.fetch_add(1, Relaxed);
        }
    }

    pub(super) fn drain(&self) -> Drained {
        let mut kept = self.kept();
        // As much will come until the next time, and is not to be copied while the log grows.
        let room = Vec::with_capacity(kept.events.len());
        let events = std::mem::replace(&mut kept.events, room);
        Drained { events, dropped: std::mem::take(&mut kept.dropped) }
    }

    pub(super) fn snapshot(&self) -> Drained {
        let kept = self.kept();
        Drained { events: kept.events.clone(), dropped: kept.dropped }
    }

    pub(super) fn counters(&self, rules: &Rules) -> Counters {
        let closed = self.closed.load(Relaxed);
        let left = self.left.load(Relaxed);
        let connections = self.connections.load(Relaxed);
        Counters {
            connections,
            open: connections.saturating_sub(closed),
            held: self.reached.load(Relaxed).saturating_sub(left),
            max_open: self.max_open.load(Relaxed),
            requests: self.requests.load(Relaxed),
            exchanges: self.exchanges.load(Relaxed),
            statements: self.statements.load(Relaxed),
            unread: self.unread.load(Relaxed),
            unreachable: self.unreachable.load(Relaxed),
            sent: self.sent.load(Relaxed),
            received: self.received.load(Relaxed),
            landed: rules.landed(),
            dropped_events: self.dropped.load(Relaxed),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        // A panic while it was held leaves whole events behind.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_keeps_what_it_has_and_counts_the_rest() {
        let log = Log::new(2);
        let rules = Rules::new(0);
        for _ in 0..5 {
            log.open();
        }
        assert_eq!((log.snapshot().events.len(), log.snapshot().dropped), (2, 3));
        assert_eq!((log.drain().dropped, log.drain().dropped), (3, 0));
        log.open();
        assert_eq!(log.drain().events[0].connection, 6);
        assert_eq!(log.counters(&rules).dropped_events, 3);
        assert_eq!(log.counters(&rules).max_open, 6);
    }
}
