//! What was sampled of the service, from its first steady load to the last.

use std::time::Duration;

use super::growth::RESOURCES;
use super::{FEWEST, float};
use crate::Sample;

/// A leak of so many bytes a request has to be visible before memory is said to be kept.
pub(super) const VISIBLE: f64 = 1024.0;
/// What is asked for beyond what is needed.
const SPARE: f64 = 1.1;
/// A drill is not asked to last more than so many times as long.
const MOST_TIMES: f64 = 1000.0;

/// Load at one rate, warmed up.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Steady {
    /// What was used meanwhile.
    pub(in super::super) samples: Vec<Sample>,
    /// Requests sent meanwhile.
    pub(in super::super) requests: u64,
}

/// Steady load once more, when the service had been loaded up to its limit and was quiet again.
#[derive(Clone, Debug)]
pub(in super::super) struct Again {
    /// The load.
    pub(in super::super) steady: Steady,
    /// All requests of it, those of its warming up included.
    pub(in super::super) sent: u64,
    /// The last sample of the quiet before it, and of that after it.
    pub(in super::super) rests: [Sample; 2],
}

/// What was sampled.
#[derive(Clone, Debug)]
pub(in super::super) struct Course {
    /// At the expected peak.
    pub(in super::super) steady: Steady,
    /// How long the expected peak lasted, with its warming up: what `--duration` says.
    pub(in super::super) lasts: Duration,
    /// The last sample after some quiet, when all load up to the limit was over.
    pub(in super::super) quiet: Option<Sample>,
    /// Requests served from the start of the steady load until then.
    pub(in super::super) all_requests: u64,
    /// Whether the service held nearly all descriptors that it may have when all was quiet, before or after the second steady load.
    pub(in super::super) is_out_of_descriptors: bool,
    /// The second steady load, where one was sent and the service answered it.
    pub(in super::super) again: Option<Again>,
}

impl Course {
    /// Whether there is enough to see a slope in.
    pub(super) fn shows_a_slope(&self) -> bool {
        self.steady.samples.len() >= FEWEST.0 && self.steady.requests >= FEWEST.1
    }

    /// The least growth of memory that is worth a word.
    pub(super) fn visible_bytes(&self) -> f64 {
        let memory = &RESOURCES[0];
        let first = self.steady.samples.first().map_or(0, memory.of);
        memory.least.0.max(memory.least.1 * float(first))
    }

    /// Requests without which a leak of [`VISIBLE`] bytes each hides in that.
    pub(super) fn needed(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "some thousands"
        )]
        let needed = (self.visible_bytes() / VISIBLE).ceil() as u64;
        needed.max(FEWEST.1)
    }

    /// What to pass for a run that decides.
    pub(super) fn longer(&self) -> String {
        let too_few = |have: u64, needed: u64| SPARE * float(needed) / float(have.max(1));
        let times = too_few(self.steady.requests, self.needed())
            .max(too_few(self.steady.samples.len() as u64, FEWEST.0 as u64));
        let lasts = self.lasts.mul_f64(times.clamp(1.0, MOST_TIMES));
        format!("pass `--duration {}s`", (lasts.as_secs() + 1).next_multiple_of(10))
    }
}
