//! Whether the service met a refusal. A connection that is refused never comes as far as the proxy, so that no call of it is ever seen.

use std::time::Instant;

use crate::proxy::{Event, Happening};

/// So many calls under the same load, before the refusal and after it, tell that there were some meanwhile.
const ENOUGH: u64 = 3;

/// How many calls tell that the service met the refusal that lasted `from` one moment `until` another; 0 where too few do.
///
/// Of a service that `has_ended` meanwhile one is enough, since none came afterwards.
pub(super) fn met(events: &[Event], (from, until): (Instant, Instant), has_ended: bool) -> u64 {
    let is_outside = |at: Instant| at < from || at >= until;
    let (mut calls, mut connections) = (0, 0);
    for event in events {
        match &event.what {
            Happening::Exchange(exchange) => calls += u64::from(is_outside(exchange.started)),
            Happening::Opened => connections += u64::from(is_outside(event.at)),
            _ => {}
        }
    }
    // Of plain TCP there are only connections; elsewhere a connection and its first call are one.
    let met = connections.max(calls);
    let needed = if has_ended { 1 } else { ENOUGH };
    if met >= needed { met } else { 0 }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// What [`met`] says of a refusal from 1 s to 5 s, and connections opened at so many milliseconds.
    fn opened_at(times_ms: &[u64], has_ended: bool) -> u64 {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let event = |ms: &u64| Event { at: at(*ms), connection: 1, what: Happening::Opened };
        let events: Vec<_> = times_ms.iter().map(event).collect();
        met(&events, (at(1000), at(5000)), has_ended)
    }

    #[test]
    fn calls_before_and_after_a_refusal_tell_that_it_was_met() {
        assert_eq!(opened_at(&[100, 500, 900, 5100], false), 4);
    }

    #[test]
    fn a_dependency_that_is_hardly_ever_called_was_not_met() {
        assert_eq!(opened_at(&[], false), 0);
        assert_eq!(opened_at(&[500, 5100], false), 0);
        assert_eq!(opened_at(&[], true), 0);
    }

    #[test]
    fn a_service_that_ended_had_no_time_for_more_calls() {
        assert_eq!(opened_at(&[500], true), 1);
    }
}
