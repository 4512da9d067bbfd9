//! Whether a dependency is called again when it is well: a circuit that stays open hides behind a service that does without what it asked for.

use std::time::{Duration, Instant};

use crate::DrillError;

/// A look whether calls come lasts so long.
const LOOK: Duration = Duration::from_secs(1);
/// Share of the calls before the fault that have to come again.
pub(super) const AGAIN: f64 = 0.5;
/// Share that is waited for: more, so that what is judged is not what a circuit that was just closing let through.
const AWAITED: f64 = 0.75;

/// What was known when the fault was taken back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Back {
    /// When that was.
    pub(super) until: Instant,
    /// Calls that had begun by then.
    pub(super) count: u64,
    /// Calls in a second before the fault.
    pub(super) per_s: u64,
}

impl Back {
    /// Waits until calls come again, `within` that time of the end of the fault; gives the time in which it was looked last. `count` is of the calls
    /// that have begun, and `pass` lets some time go by.
    pub(super) fn awaited(
        self,
        count: &dyn Fn() -> u64,
        pass: &mut dyn FnMut() -> Result<(), DrillError>,
        within: Duration,
    ) -> Result<(Instant, Instant), DrillError> {
        let mut before = (self.until, self.count);
        loop {
            let now = (Instant::now(), count());
            let looked_for = now.0.saturating_duration_since(before.0);
            if looked_for >= LOOK {
                #[expect(clippy::cast_precision_loss, reason = "calls of some seconds")]
                let (came, due) = ((now.1 - before.1) as f64, self.per_s as f64);
                let is_back = came >= due * looked_for.as_secs_f64() * AWAITED;
                if is_back || now.0.saturating_duration_since(self.until) >= within {
                    return Ok((before.0, now.0));
                }
                before = now;
            }
            pass()?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// How often it let time pass until it was content, of a dependency that is called `per_s` and then `counts` times by each look.
    fn passes(per_s: u64, counts: &[u64], within: Duration) -> usize {
        let (turn, passed) = (Cell::new(0), Cell::new(0));
        let until = Instant::now().checked_sub(LOOK).unwrap();
        let count = || {
            let now = counts.get(turn.get()).or(counts.last()).copied().unwrap();
            turn.set(turn.get() + 1);
            now
        };
        let mut pass = || {
            passed.set(passed.get() + 1);
            Ok(())
        };
        Back { until, count: 0, per_s }.awaited(&count, &mut pass, within).unwrap();
        passed.get()
    }

    #[test]
    fn calls_that_are_back_already_are_not_waited_for() {
        assert_eq!(passes(10, &[9], Duration::from_secs(30)), 0);
        assert_eq!(passes(0, &[0], Duration::from_secs(30)), 0, "it was not called before either");
    }

    #[test]
    fn calls_that_stay_away_are_waited_for_until_the_time_is_over() {
        assert_eq!(passes(10, &[1], LOOK), 0);
        assert!(passes(10, &[1], LOOK + Duration::from_millis(5)) > 0);
    }
}
