//! The axis of time, which the charts of all drills share.

use std::time::Instant;

/// What is written at it.
pub(super) const TIME: &str = "seconds since the drill began";

/// Where `at` stands on it.
pub(super) fn since(began: Instant, at: Instant) -> f64 {
    at.saturating_duration_since(began).as_secs_f64()
}
