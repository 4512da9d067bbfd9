//! When each request is due: absolute times that nothing shifts. The queue of what is due needs no memory, for it follows from the times.

use std::time::Duration;

use super::plan::{LoadError, Part, Rate};

/// The most requests of a plan: as many as a number keeps exactly.
const MOST_REQUESTS: f64 = 9e15;

/// The due times of one part of a plan.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    segments: Vec<Segment>,
    segment: usize,
    /// Number of the next request.
    next: u64,
    /// Distance between two of this part's requests.
    stride: u64,
    lasts_ns: u64,
    is_closed_loop: bool,
}

#[derive(Clone, Copy, Debug)]
struct Segment {
    start_ns: u64,
    first: u64,
    count: u64,
    per_s: f64,
}

/// One request that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// Its number.
    pub(super) sequence: u64,
    /// When, in nanoseconds since the start.
    pub(super) at_ns: u64,
}

impl Schedule {
    /// The part's due times.
    pub(super) fn new(rate: &Rate, part: Part) -> Result<Self, LoadError> {
        if part.of == 0 || part.index >= part.of {
            return Err(LoadError::Plan(format!("there is no part {} of {}", part.index, part.of)));
        }
        let mut segments = Vec::new();
        let (mut start, mut first) = (Duration::ZERO, 0_u64);
        if let Rate::Steps(steps) = rate {
            for step in steps {
                let count = requests(step.per_s, step.lasts)?;
                segments.push(Segment { start_ns: nanos(start), first, count, per_s: step.per_s });
                first += count;
                start += step.lasts;
            }
        }
        Ok(Self {
            segments,
            segment: 0,
            next: part.index,
            stride: part.of,
            lasts_ns: nanos(rate.lasts()),
            is_closed_loop: matches!(rate, Rate::Closed { .. }),
        })
    }

    /// The next request, due or not. In a closed loop it is due now, until the time is over.
    pub(super) fn peek(&mut self, now_ns: u64) -> Option<Due> {
        if self.is_closed_loop {
            return (now_ns < self.lasts_ns).then_some(Due { sequence: self.next, at_ns: now_ns });
        }
        loop {
            let segment = self.segments.get(self.segment)?;
            let index = self.next - segment.first;
            if index < segment.count {
                #[expect(
                    clippy::cast_precision_loss,
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "both are below 2^53 and not negative"
                )]
                let offset_ns = (index as f64 * 1e9 / segment.per_s) as u64;
                return Some(Due { sequence: self.next, at_ns: segment.start_ns + offset_ns });
            }
            self.segment += 1;
        }
    }

    /// Takes the next request off the queue.
    pub(super) fn advance(&mut self) {
        self.next += self.stride;
    }

    /// How long it is, in nanoseconds.
    pub(super) fn lasts_ns(&self) -> u64 {
        self.lasts_ns
    }

    /// Whether connections are always busy instead of requests being due.
    pub(super) fn is_closed_loop(&self) -> bool {
        self.is_closed_loop
    }

    /// How many of this part are due and not yet taken.
    pub(super) fn queued(&self, now_ns: u64) -> u64 {
        let mut due = 0;
        for segment in self.segments.iter().filter(|segment| segment.start_ns <= now_ns) {
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "both are below 2^53 and not negative"
            )]
            let within = ((now_ns - segment.start_ns) as f64 * segment.per_s / 1e9) as u64 + 1;
            due = segment.first + within.min(segment.count);
        }
        due.saturating_sub(self.next).div_ceil(self.stride)
    }
}

/// Requests in a step; what is left of an interval at its end holds none.
fn requests(per_s: f64, lasts: Duration) -> Result<u64, LoadError> {
    let count = per_s * lasts.as_secs_f64();
    let is_possible = per_s > 0.0 && count.is_finite() && count < MOST_REQUESTS;
    if !is_possible {
        return Err(LoadError::Plan(format!(
            "{per_s} requests per second for {lasts:?} cannot be scheduled"
        )));
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it was just found to be positive and small enough"
    )]
    Ok((count + 1e-6) as u64)
}

/// Nanoseconds of a duration; 584 years are the most.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::plan::Step;
    use super::*;

    fn all(rate: &Rate, part: Part) -> Vec<Due> {
        let mut schedule = Schedule::new(rate, part).unwrap();
        let mut dues = Vec::new();
        while let Some(due) = schedule.peek(0) {
            dues.push(due);
            schedule.advance();
        }
        dues
    }

    fn steps(rates: &[(f64, u64)]) -> Rate {
        Rate::Steps(
            rates
                .iter()
                .map(|(per_s, ms)| Step { per_s: *per_s, lasts: Duration::from_millis(*ms) })
                .collect(),
        )
    }

    #[test]
    fn requests_are_due_at_even_distances_step_after_step() {
        let dues = all(&steps(&[(10.0, 300), (1000.0, 2)]), Part::default());
        let times: Vec<u64> = dues.iter().map(|due| due.at_ns / 1000).collect();
        assert_eq!(times, [0, 100_000, 200_000, 300_000, 301_000]);
    }

    #[test]
    fn what_is_due_and_not_taken_is_queued() {
        let mut schedule = Schedule::new(&steps(&[(1000.0, 100)]), Part::default()).unwrap();
        assert_eq!(schedule.queued(9_500_000), 10);
        schedule.advance();
        assert_eq!(schedule.queued(9_500_000), 9);
        assert_eq!(schedule.queued(5_000_000_000), 99);
    }

    #[test]
    fn rates_that_are_none_are_refused() {
        for per_s in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e18] {
            assert!(Schedule::new(&steps(&[(per_s, 1000)]), Part::default()).is_err(), "{per_s}");
        }
        assert!(Schedule::new(&steps(&[]), Part { index: 2, of: 2 }).is_err());
    }

    proptest! {
        #[test]
        fn the_parts_together_are_the_whole(
            rates in proptest::collection::vec((1.0..5000.0_f64, 1..300_u64), 1..4),
            of in 1..5_u64,
        ) {
            let rate = steps(&rates);
            let mut parts: Vec<Due> =
                (0..of).flat_map(|index| all(&rate, Part { index, of })).collect();
            parts.sort_by_key(|due| due.sequence);
            prop_assert_eq!(parts, all(&rate, Part::default()));
        }
    }
}
