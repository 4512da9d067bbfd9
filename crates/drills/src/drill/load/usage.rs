//! How much of a dependency the service used in one stretch of load, from what its proxy saw.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::proxy::{Call, Drained, Exchange, Happening};

/// What the service made of one dependency.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// Connections that were opened.
    pub(super) opened: u64,
    /// The most that were open at a time.
    pub(super) max_open: u64,
    /// Calls that ended.
    pub(super) calls: u64,
    /// The most calls that were under way at a time.
    pub(super) max_under_way: u64,
    /// Middle time that a call took.
    pub(super) median: Duration,
    /// Time of all calls together.
    pub(super) busy: Duration,
    /// Connections that could not be read.
    pub(super) unread: u64,
    /// Events that were not kept.
    pub(super) dropped: u64,
}

/// What `drained` shows; `open` connections were open before it.
pub(super) fn usage(drained: &Drained, open: u64) -> Usage {
    let mut usage = Usage { max_open: open, dropped: drained.dropped, ..Usage::default() };
    let mut now_open = open;
    for event in &drained.events {
        match &event.what {
            Happening::Opened => {
                now_open += 1;
                usage.opened += 1;
                usage.max_open = usage.max_open.max(now_open);
            }
            Happening::Closed { .. } => now_open = now_open.saturating_sub(1),
            Happening::Unread { .. } => usage.unread += 1,
            _ => {}
        }
    }
    let calls: Vec<&Exchange> = calls(drained).collect();
    usage.calls = calls.len() as u64;
    usage.busy = calls.iter().map(|call| call.duration).sum();
    usage.max_under_way = under_way(&calls);
    let mut took: Vec<_> = calls.iter().map(|call| call.duration).collect();
    took.sort();
    usage.median = took.get(took.len() / 2).copied().unwrap_or_default();
    usage
}

/// The calls in `drained` but the opening of connections.
pub(super) fn calls(drained: &Drained) -> impl Iterator<Item = &Exchange> {
    drained.events.iter().filter_map(|event| match &event.what {
        Happening::Exchange(exchange) if !matches!(exchange.call, Call::Connect { .. }) => {
            Some(&**exchange)
        }
        _ => None,
    })
}

fn under_way(calls: &[&Exchange]) -> u64 {
    let mut changes: BTreeMap<Instant, i64> = BTreeMap::new();
    for call in calls {
        *changes.entry(call.started).or_default() += 1;
        *changes.entry(call.started + call.duration).or_default() -= 1;
    }
    let (mut now, mut most) = (0_i64, 0_i64);
    for change in changes.values() {
        now += change;
        most = most.max(now);
    }
    u64::try_from(most).unwrap_or(0)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::proxy::{Event, Outcome, Statement};
    use bytes::Bytes;

    pub(in super::super) fn call(at: Instant, took_ms: u64, text: &str, rows: u64) -> Event {
        let exchange = Exchange {
            started: at,
            duration: Duration::from_millis(took_ms),
            first_byte: None,
            left_after: None,
            outcome: Outcome::Answered,
            call: Call::Statement(Statement {
                text: text.into(),
                statements: 1,
                rows,
                sqlstate: None,
            }),
            request_bytes: 1,
            answer_bytes: 1,
            faults: Vec::new(),
            kept: Bytes::new(),
        };
        Event { at, connection: 1, what: Happening::Exchange(Box::new(exchange)) }
    }

    fn closed() -> Happening {
        let (duration, by, kept) = (Duration::ZERO, Outcome::Answered, Bytes::new());
        Happening::Closed { sent: 0, received: 0, duration, by, kept }
    }

    #[test]
    fn connections_are_counted_from_those_that_were_open() {
        let at = Instant::now();
        let whats = [Happening::Opened, closed(), Happening::Opened, Happening::Opened];
        let events =
            whats.into_iter().map(|what| Event { at, connection: 1, what }).collect::<Vec<_>>();
        let usage = usage(&Drained { events, dropped: 0 }, 2);
        assert_eq!((usage.opened, usage.max_open), (3, 4));
    }

    #[test]
    fn calls_that_overlap_are_counted_together() {
        let at = Instant::now();
        let later = |ms| at + Duration::from_millis(ms);
        let events =
            vec![call(at, 10, "a", 1), call(later(5), 10, "b", 1), call(later(15), 10, "c", 1)];
        let usage = usage(&Drained { events, dropped: 0 }, 0);
        assert_eq!((usage.calls, usage.max_under_way), (3, 2));
        assert_eq!(
            (usage.median, usage.busy),
            (Duration::from_millis(10), Duration::from_millis(30))
        );
    }
}
