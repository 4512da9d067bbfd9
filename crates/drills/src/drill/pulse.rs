//! How late this machine lets a thread of the drill run, where no load generator runs by which that is seen.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::Service;
use crate::harness::Ticker;
use crate::load::{Histogram, Late, too_late};
use crate::service::LatencyObjective;

use super::busy::tightest;

/// Between two beats.
const BEAT: Duration = Duration::from_millis(5);
/// What is measured here are starts and stops, not requests: an objective that is tighter than this one is not asked of them.
const USUAL: Duration = Duration::from_millis(100);

/// A thread that wants to run every five milliseconds, as nearly nothing.
#[derive(Debug)]
pub(super) struct Pulse {
    beats: Arc<Mutex<Beats>>,
    ticker: Ticker,
    objective: Option<LatencyObjective>,
}

/// The beats so far.
#[derive(Debug)]
struct Beats {
    slip: Histogram,
    next: Instant,
}

impl Pulse {
    /// Starts it; lateness is measured against the tightest objective of `service`, or the usual one where that is looser.
    pub(super) fn start(service: &Service) -> Self {
        let beats = Beats { slip: Histogram::new(), next: Instant::now() + BEAT };
        let beats = Arc::new(Mutex::new(beats));
        let ticker = Ticker::start({
            let beats = Arc::clone(&beats);
            move || Some(locked(&beats).take(Instant::now()))
        });
        let objective = tightest(service).filter(|objective| objective.within > USUAL);
        Self { beats, ticker, objective }
    }

    /// How late it was, where that is too much to tell the service's doing from the machine's.
    pub(super) fn lateness(self) -> Option<String> {
        // What it sleeps through at this moment counts too.
        let _next = locked(&self.beats).take(Instant::now());
        drop(self.ticker);
        too_late(&locked(&self.beats).slip, self.objective).map(|Late { slip, within }| {
            format!(
                "the drill itself was late: 99 % of what it had to do came within {slip:.1?} of its time, and a tenth of the objective of {within:?} is the limit"
            )
        })
    }
}

fn locked(beats: &Mutex<Beats>) -> MutexGuard<'_, Beats> {
    beats.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Beats {
    /// Counts each beat that was due by now with how late it was, and gives how long it is until the next. Those that were missed in one long
    /// break are counted one by one: a second without running is more than one late beat.
    fn take(&mut self, now: Instant) -> Duration {
        while self.next <= now {
            self.slip.record(now.duration_since(self.next));
            self.next += BEAT;
        }
        self.next.duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_counts_for_all_the_beats_that_it_swallows() {
        let start = Instant::now();
        let mut beats = Beats { slip: Histogram::new(), next: start + BEAT };
        for n in 1..=100 {
            assert_eq!(beats.take(start + BEAT * n), BEAT);
        }
        assert_eq!(beats.slip.count(), 100);
        assert!(beats.slip.max() < Duration::from_millis(1), "{:?}", beats.slip);
        assert_eq!(too_late(&beats.slip, None), None);
        assert_eq!(beats.take(start + Duration::from_millis(999)), Duration::from_millis(1));
        assert_eq!(beats.slip.count(), 199);
        let late = too_late(&beats.slip, None).unwrap();
        assert!(late.slip > Duration::from_millis(480), "{late:?}");
    }

    #[test]
    fn a_break_that_still_lasts_at_the_end_is_told_and_a_steady_pulse_is_not() {
        let pulse = |next: Instant| {
            let beats = Arc::new(Mutex::new(Beats { slip: Histogram::new(), next }));
            Pulse { beats, ticker: Ticker::start(|| None), objective: None }.lateness()
        };
        let now = Instant::now();
        let lateness = pulse(now.checked_sub(Duration::from_secs(1)).unwrap()).unwrap();
        assert!(lateness.starts_with("the drill itself was late"), "{lateness}");
        assert_eq!(pulse(now + Duration::from_mins(1)), None);
    }

    #[test]
    fn a_tight_objective_for_requests_is_not_asked_of_starts_and_stops() {
        let limit = |within_ms: u64| {
            let within = Duration::from_millis(within_ms);
            let journey = crate::Journey {
                latencies: vec![LatencyObjective { quantile: 0.99, within }],
                ..crate::Journey::default()
            };
            let service = Service { journeys: vec![journey], ..Service::default() };
            Pulse::start(&service).objective.map(|objective| objective.within)
        };
        assert_eq!(limit(20), None);
        assert_eq!(limit(300), Some(Duration::from_millis(300)));
    }
}
