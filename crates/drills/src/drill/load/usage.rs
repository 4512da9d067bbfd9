//! How much of a dependency the service used in one stretch of load, from what its proxy saw.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::drill::median;
use crate::proxy::{Call, Drained, Exchange, Happening};

/// How long so many connections have to be open, in all, to count.
const HELD: Duration = Duration::from_millis(500);

/// What the service made of one dependency.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Usage {
    /// Connections that were opened.
    pub(super) opened: u64,
    /// The most that the service held at a time for [`HELD`] in all: one that is being replaced does not count.
    pub(super) max_open: u64,
    /// Calls that ended.
    pub(super) calls: u64,
    /// Middle time that a call took.
    pub(super) median: Duration,
    /// Time of all calls together.
    pub(super) busy: Duration,
    /// Connections that could not be read.
    pub(super) unread: u64,
    /// Events that were not kept.
    pub(super) dropped: u64,
}

/// What `drained` shows of the time between two moments; the service held `open` connections at the first.
pub(super) fn usage(drained: &Drained, open: u64, (from, until): (Instant, Instant)) -> Usage {
    let mut usage = Usage { dropped: drained.dropped, ..Usage::default() };
    let mut opens = Opens { now: open, since: from, held: BTreeMap::new() };
    for event in &drained.events {
        match &event.what {
            Happening::Opened => usage.opened += 1,
            // What is still being dialed, or was given up by the service already, is none of its pool.
            Happening::Reached => opens.change(event.at, opens.now + 1),
            Happening::Left => opens.change(event.at, opens.now.saturating_sub(1)),
            Happening::Unread { .. } => usage.unread += 1,
            _ => {}
        }
    }
    usage.max_open = opens.held_open(until);
    let calls: Vec<&Exchange> = calls(drained).collect();
    usage.calls = calls.len() as u64;
    usage.busy = calls.iter().map(|call| call.duration).sum();
    let took = calls.iter().map(|call| call.duration).collect();
    usage.median = median(took).unwrap_or_default();
    usage
}

/// How long how many connections were open.
struct Opens {
    now: u64,
    since: Instant,
    held: BTreeMap<u64, Duration>,
}

impl Opens {
    fn change(&mut self, at: Instant, to: u64) {
        let held = at.saturating_duration_since(self.since);
        *self.held.entry(self.now).or_default() += held;
        (self.now, self.since) = (to, at);
    }

    /// The highest number that was reached for long enough.
    fn held_open(mut self, until: Instant) -> u64 {
        self.change(until, self.now);
        let mut sum = Duration::ZERO;
        let mut from_the_top = self.held.into_iter().rev();
        from_the_top
            .find(|(_, held)| {
                sum += *held;
                sum >= HELD
            })
            .map_or(0, |(open, _)| open)
    }
}

/// The calls in `drained` but the opening of connections.
pub(super) fn calls(drained: &Drained) -> impl Iterator<Item = &Exchange> {
    drained.events.iter().filter_map(|event| match &event.what {
        Happening::Exchange(exchange) if !matches!(*exchange.call, Call::Connect { .. }) => {
            Some(exchange)
        }
        _ => None,
    })
}

/// How long calls to any dependency were under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Overlap {
    /// Time with at least one call under way.
    pub(super) busy: Duration,
    /// Time with two or more.
    pub(super) shared: Duration,
}

/// How the calls of all `drained` overlap.
pub(super) fn overlap<'a>(drained: impl Iterator<Item = &'a Drained>) -> Overlap {
    let mut changes: Vec<(Instant, i64)> = drained
        .flat_map(calls)
        .flat_map(|call| [(call.started, 1), (call.started + call.duration, -1)])
        .collect();
    changes.sort_unstable();
    let (mut overlap, mut under_way) = (Overlap::default(), 0_i64);
    for (index, (at, change)) in changes.iter().enumerate() {
        under_way += change;
        let next = changes.get(index + 1).map_or(*at, |(next, _)| *next);
        let lasted = next.saturating_duration_since(*at);
        if under_way >= 1 {
            overlap.busy += lasted;
        }
        if under_way >= 2 {
            overlap.shared += lasted;
        }
    }
    overlap
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
            call: Box::new(Call::Statement(Statement {
                text: text.into(),
                statements: 1,
                rows,
                sqlstate: None,
            })),
            request_bytes: 1,
            answer_bytes: 1,
            faults: Vec::new(),
            kept: Bytes::new(),
        };
        Event { at, connection: 1, what: Happening::Exchange(exchange) }
    }

    #[test]
    fn connections_that_are_dialed_or_left_are_not_held() {
        let at = Instant::now();
        let events = (0..1000)
            .flat_map(|connection| {
                let event =
                    |ms, what| Event { at: at + Duration::from_millis(ms), connection, what };
                let closed = Happening::Closed {
                    sent: 0,
                    received: 0,
                    duration: Duration::from_secs(9),
                    by: Outcome::ServiceLeft,
                    kept: Bytes::new(),
                };
                let held = (connection < 8).then(|| event(1, Happening::Reached));
                // The others are given up, and their dials go on.
                let given_up = [
                    event(8000, Happening::Reached),
                    event(8001, Happening::Left),
                    event(9000, closed),
                ];
                [event(0, Happening::Opened)]
                    .into_iter()
                    .chain(held)
                    .chain((connection >= 8).then_some(given_up).into_iter().flatten())
            })
            .collect::<Vec<_>>();
        let mut events = events;
        events.sort_by_key(|event| event.at);
        let usage = usage(&Drained { events, dropped: 0 }, 0, (at, at + Duration::from_secs(10)));
        assert_eq!((usage.opened, usage.max_open), (1000, 8));
    }

    #[test]
    fn connections_that_stay_open_are_counted_from_those_that_were() {
        let at = Instant::now();
        let later = |ms| at + Duration::from_millis(ms);
        let event = |ms, what| Event { at: later(ms), connection: 1, what };
        let events = vec![
            event(0, Happening::Opened),
            event(0, Happening::Reached),
            event(1000, Happening::Opened),
            event(1000, Happening::Reached),
            event(1010, Happening::Left),
            event(2000, Happening::Left),
        ];
        let usage = usage(&Drained { events, dropped: 0 }, 2, (at, later(3000)));
        // Four were open for 10 ms only, three for two seconds.
        assert_eq!((usage.opened, usage.max_open), (2, 3));
    }

    #[test]
    fn calls_and_their_time_are_counted() {
        let at = Instant::now();
        let later = |ms| at + Duration::from_millis(ms);
        let events =
            vec![call(at, 10, "a", 1), call(later(5), 10, "b", 1), call(later(15), 10, "c", 1)];
        let usage = usage(&Drained { events, dropped: 0 }, 0, (at, later(30)));
        assert_eq!(
            (usage.calls, usage.median, usage.busy),
            (3, Duration::from_millis(10), Duration::from_millis(30))
        );
    }

    #[test]
    fn calls_to_two_dependencies_overlap_too() {
        let at = Instant::now();
        let later = |ms| at + Duration::from_millis(ms);
        let drained = |events| Drained { events, dropped: 0 };
        let (one, other) = (
            drained(vec![call(at, 10, "a", 1), call(later(10), 10, "b", 1)]),
            drained(vec![call(later(5), 2, "c", 1), call(later(40), 10, "d", 1)]),
        );
        let seen = overlap([&one, &other].into_iter());
        let (busy, shared) = (Duration::from_millis(30), Duration::from_millis(2));
        assert_eq!(seen, Overlap { busy, shared });
        assert_eq!(overlap(std::iter::empty()), Overlap::default());
    }
}
