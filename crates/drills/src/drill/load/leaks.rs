//! capacity/no-leaks: what the service uses is flat under steady load, and comes back afterwards.

use std::time::{Duration, Instant};

use super::promise::float;
use super::trend::Trend;
use crate::{Proof, Sample, Shortfall, Subject};

const REQUIREMENT: &str = "capacity/no-leaks";
/// Samples and requests without which nothing can be said.
const FEWEST: (usize, u64) = (32, 300);
/// A leak of so many bytes a request has to be visible before memory is said to be kept.
const VISIBLE: f64 = 1024.0;
/// What is asked for beyond what is needed.
const SPARE: f64 = 1.1;
/// A drill is not asked to last more than so many times as long.
const MOST_TIMES: f64 = 1000.0;
/// The load is cut into as many parts, and what leaks grows in each.
const PARTS: usize = 3;
/// Of the growth per request under steady load, the share that has to go on until the end for it to be a leak and no warming up.
const GOES_ON: f64 = 0.5;

/// What was sampled.
#[derive(Debug)]
pub(super) struct Course<'a> {
    /// Under steady load, warmed up.
    pub(super) steady: &'a [Sample],
    /// Requests served meanwhile.
    pub(super) requests: u64,
    /// How long the steady load lasted, with its warming up: what `--duration` says.
    pub(super) lasts: Duration,
    /// The last sample after some quiet, when all load was over.
    pub(super) quiet: Option<Sample>,
    /// Requests served from the start of the steady load until then.
    pub(super) all_requests: u64,
}

struct Resource {
    name: &'static str,
    of: fn(&Sample) -> u64,
    /// Growth that is worth a word: at least so much, and at least this share of what was there.
    least: (f64, f64),
    shown: fn(f64) -> String,
    help: &'static str,
}

const RESOURCES: [Resource; 3] = [
    Resource {
        name: "memory",
        of: |sample| sample.memory_bytes,
        least: (512.0 * 1024.0, 0.03),
        shown: |bytes| format!("{:.1} MiB", bytes / 1_048_576.0),
        help: "compare two heap profiles taken some minutes apart under load, and bound the cache or drop the references that grow",
    },
    Resource {
        name: "descriptors",
        of: |sample| sample.descriptors,
        least: (10.0, 0.1),
        shown: |count| format!("{count:.0}"),
        help: "list `/proc/PID/fd` under load, and close what is opened for each request also where it fails",
    },
    Resource {
        name: "threads",
        of: |sample| sample.threads,
        least: (5.0, 0.1),
        shown: |count| format!("{count:.0}"),
        help: "start threads from a bounded pool, not one per request",
    },
];

/// Judges `course`.
pub(super) fn no_leaks(course: &Course<'_>) -> Proof {
    let (samples, requests) = (course.steady.len(), course.requests);
    if samples < FEWEST.0 || requests < FEWEST.1 {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "{samples} samples and {requests} requests under steady load are too few to see a slope: {}",
                course.longer()
            ),
        );
    }
    let Some(quiet) = course.quiet else {
        return Proof::inconclusive(REQUIREMENT, "the process was gone when its use was compared");
    };
    let (mut shortfalls, mut seen, mut is_open) = (Vec::new(), Vec::new(), false);
    for resource in &RESOURCES {
        let grown = Growth::of(resource, course, &quiet);
        is_open |= grown.may_leak(resource);
        if grown.is_leak(resource) {
            shortfalls.push(Shortfall {
                about: Subject::Service,
                message: format!(
                    "{} grew by {} over {requests} requests of steady load, {} per request, and had not come back when all was quiet",
                    resource.name,
                    (resource.shown)(grown.trend.growth()),
                    per_request(resource, grown.trend.growth() / float(requests)),
                ),
                help: resource.help.to_owned(),
            });
        }
        seen.push(format!(
            "{} from {} to {} over {requests} requests, {} when all was quiet after {} requests",
            resource.name,
            (resource.shown)(grown.first),
            (resource.shown)(grown.first + grown.trend.growth()),
            (resource.shown)(grown.quiet),
            course.all_requests
        ));
    }
    if shortfalls.is_empty() && requests < course.needed() {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "{}; over so few requests a leak of {:.0} bytes each would not be seen: {}",
                seen.join("; "),
                course.visible_bytes() / float(requests),
                course.longer()
            ),
        );
    }
    if shortfalls.is_empty() && is_open {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "{}; it grew and did not come back, but not steadily enough to tell a leak from warming up: pass `--duration {}s`",
                seen.join("; "),
                (course.lasts * 2).as_secs().next_multiple_of(10)
            ),
        );
    }
    Proof::judged(REQUIREMENT, shortfalls, seen)
}

impl Course<'_> {
    /// The least growth of memory that is worth a word.
    fn visible_bytes(&self) -> f64 {
        let memory = &RESOURCES[0];
        let first = self.steady.first().map_or(0, memory.of);
        memory.least.0.max(memory.least.1 * float(first))
    }

    /// Requests without which a leak of [`VISIBLE`] bytes each hides in that.
    fn needed(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "some thousands"
        )]
        let needed = (self.visible_bytes() / VISIBLE).ceil() as u64;
        needed.max(FEWEST.1)
    }

    /// What to pass for a run that decides.
    fn longer(&self) -> String {
        let too_few = |have: u64, needed: u64| SPARE * float(needed) / float(have.max(1));
        let times = too_few(self.requests, self.needed())
            .max(too_few(self.steady.len() as u64, FEWEST.0 as u64));
        let lasts = self.lasts.mul_f64(times.clamp(1.0, MOST_TIMES));
        format!("pass `--duration {}s`", (lasts.as_secs() + 1).next_multiple_of(10))
    }
}

fn per_request(resource: &Resource, growth: f64) -> String {
    if resource.name == "memory" { format!("{growth:.0} bytes") } else { format!("{growth:.2}") }
}

/// How one resource moved.
struct Growth {
    first: f64,
    trend: Trend,
    /// Growth in each part of the time.
    parts: Vec<f64>,
    quiet: f64,
    /// Growth that steady growth per request would have come to by the end.
    expected: f64,
}

impl Growth {
    fn of(resource: &Resource, course: &Course<'_>, quiet: &Sample) -> Self {
        let points = points(course.steady, resource.of);
        let trend = Trend::of(&points);
        let parts = points
            .chunks(points.len().div_ceil(PARTS).max(1))
            .map(|part| Trend::of(part).growth())
            .collect();
        let expected = trend.growth() / float(course.requests.max(1)) * float(course.all_requests);
        let first = points.first().map_or(0.0, |point| point.1);
        Self { first, trend, parts, quiet: float((resource.of)(quiet)), expected }
    }

    fn is_leak(&self, resource: &Resource) -> bool {
        let growth = self.trend.growth();
        let is_steady = self.parts.iter().all(|part| *part > growth / 12.0);
        self.trend.is_sure() && is_steady && self.may_leak(resource)
    }

    /// Whether it grew and stayed: what some runtimes do in steps, so that no single part has to show it.
    fn may_leak(&self, resource: &Resource) -> bool {
        let growth = self.trend.growth();
        let is_worth_a_word = growth >= resource.least.0 && growth >= resource.least.1 * self.first;
        // A heap that only warms up stops growing; descriptors that are in use are given back.
        let stays = if resource.name == "memory" {
            self.quiet - self.first >= GOES_ON * self.expected
        } else {
            self.quiet - self.first >= GOES_ON * growth
        };
        is_worth_a_word && stays
    }
}

fn points(samples: &[Sample], of: fn(&Sample) -> u64) -> Vec<(f64, f64)> {
    let began = samples.first().map_or_else(Instant::now, |sample| sample.at);
    samples
        .iter()
        .map(|sample| (sample.at.duration_since(began).as_secs_f64(), float(of(sample))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;
    use std::time::Duration;

    fn sample(began: Instant, tick: u32, memory_bytes: u64, descriptors: u64) -> Sample {
        let at = began + Duration::from_millis(250) * tick;
        Sample { at, memory_bytes, descriptors, threads: 4, cpu_s: 0.0 }
    }

    fn judged(steady: impl Fn(u32) -> (u64, u64), quiet: (u64, u64)) -> Proof {
        let began = Instant::now();
        let steady: Vec<_> = (0..80)
            .map(|tick| {
                let (memory, descriptors) = steady(tick);
                sample(began, tick, memory, descriptors)
            })
            .collect();
        let quiet = Some(sample(began, 400, quiet.0, quiet.1));
        no_leaks(&Course {
            steady: &steady,
            requests: 1000,
            lasts: LASTS,
            quiet,
            all_requests: 5000,
        })
    }

    const MIB: u64 = 1 << 20;

    #[test]
    fn memory_that_grows_with_each_request_and_stays_is_a_leak() {
        let proof = judged(|tick| (10 * MIB + u64::from(tick) * MIB / 4, 30), (110 * MIB, 30));
        let Outcome::FellShort(shortfalls) = proof.outcome else { panic!("{proof:?}") };
        assert_eq!(shortfalls.len(), 1);
        assert!(shortfalls[0].message.contains("memory grew by 19.8 MiB"), "{shortfalls:?}");
    }

    #[test]
    fn a_heap_that_warms_up_and_then_is_flat_is_none() {
        let proof = judged(|tick| (10 * MIB + u64::from(tick) * MIB / 4, 30), (40 * MIB, 30));
        assert_eq!(proof.outcome, Outcome::Kept);
    }

    #[test]
    fn descriptors_that_come_back_are_none_and_those_that_stay_are() {
        let grows = |tick: u32| (10 * MIB, 20 + u64::from(tick) * 12);
        assert_eq!(judged(grows, (10 * MIB, 22)).outcome, Outcome::Kept);
        let Outcome::FellShort(shortfalls) = judged(grows, (10 * MIB, 980)).outcome else {
            panic!("no leak was seen")
        };
        assert!(shortfalls[0].message.starts_with("descriptors grew by 948"), "{shortfalls:?}");
    }

    #[test]
    fn a_little_growth_and_a_jump_are_none() {
        assert_eq!(
            judged(|tick| (MIB * 20 + u64::from(tick), 30), (21 * MIB, 30)).outcome,
            Outcome::Kept
        );
        let jump = |tick| (if tick < 50 { 10 * MIB } else { 30 * MIB }, 30);
        assert_eq!(judged(jump, (90 * MIB, 30)).outcome, Outcome::Kept);
    }

    #[test]
    fn too_few_samples_say_nothing() {
        let course =
            Course { steady: &[], requests: 9999, lasts: LASTS, quiet: None, all_requests: 9999 };
        assert!(matches!(no_leaks(&course).outcome, Outcome::Inconclusive(_)));
    }

    #[test]
    fn memory_that_grows_in_steps_and_stays_is_not_said_to_be_kept() {
        // A runtime that takes memory rarely: flat in the last third, and more by the end.
        let steps = |tick: u32| (10 * MIB + u64::from(tick.min(50) / 10) * MIB / 2, 30);
        let Outcome::Inconclusive(why) = judged(steps, (40 * MIB, 30)).outcome else {
            panic!("it was decided")
        };
        assert!(why.ends_with("pass `--duration 40s`"), "{why}");
    }

    #[test]
    fn too_few_requests_name_the_run_that_would_decide() {
        let began = Instant::now();
        let steady: Vec<_> = (0..60).map(|tick| sample(began, tick, 50 * MIB, 30)).collect();
        let judged = |requests| {
            let quiet = steady.last().copied();
            let course =
                Course { steady: &steady, requests, lasts: LASTS, quiet, all_requests: requests };
            no_leaks(&course).outcome
        };
        // 3 % of 50 MiB, at 1 KiB a request, is what 1536 requests leak.
        let Outcome::Inconclusive(why) = judged(240) else { panic!("240 requests decided") };
        assert!(why.ends_with("too few to see a slope: pass `--duration 150s`"), "{why}");
        let Outcome::Inconclusive(why) = judged(400) else { panic!("400 requests decided") };
        assert!(why.contains("a leak of 3932 bytes each would not be seen"), "{why}");
        assert!(why.ends_with("pass `--duration 90s`"), "{why}");
        assert_eq!(judged(1600), Outcome::Kept);
    }

    const LASTS: Duration = Duration::from_secs(20);
}
