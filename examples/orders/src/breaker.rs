//! A circuit breaker: after failures in a row it refuses calls for a while, then lets one through to try.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Failures in a row until it opens.
const FAILURES: u32 = 5;
/// How long it stays open before one call may try.
const OPEN: Duration = Duration::from_secs(1);

/// State of one breaker.
#[derive(Debug, Default)]
pub(crate) struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    tries_after: Option<Instant>,
}

impl Breaker {
    /// Whether a call may be made now. When it is open and its time has come, exactly one caller is told yes.
    pub(crate) fn allows(&self, now: Instant) -> bool {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match state.tries_after {
            None => true,
            Some(after) if now < after => false,
            Some(_) => {
                state.tries_after = Some(now + OPEN);
                true
            }
        }
    }

    /// Records how a call went.
    pub(crate) fn record(&self, is_ok: bool, now: Instant) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_ok {
            *state = State::default();
            return;
        }
        state.failures = state.failures.saturating_add(1);
        if state.failures >= FAILURES {
            state.tries_after = Some(now + OPEN);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_after_failures_in_a_row_and_lets_one_call_try() {
        let (breaker, start) = (Breaker::default(), Instant::now());
        for _ in 0..FAILURES {
            assert!(breaker.allows(start));
            breaker.record(false, start);
        }
        assert!(!breaker.allows(start));
        assert!(breaker.allows(start + OPEN));
        assert!(!breaker.allows(start + OPEN));
        breaker.record(true, start + OPEN);
        assert!(breaker.allows(start + OPEN));
    }
}
