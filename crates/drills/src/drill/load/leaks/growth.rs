//! How one resource moved, and whether that is a leak.
//!
//! What leaks grows with each request, under every load and for ever. So growth under the first steady load counts only where it goes on under a
//! second one, after the service was loaded up to its limit: a heap that warms up, or that an overload has grown, has no need to grow any more then.

use std::time::Instant;

use super::super::trend::Trend;
use super::course::{Again, Course, Steady, VISIBLE};
use super::float;
use crate::Sample;

/// The load is cut into as many parts, and what leaks grows in each.
const PARTS: usize = 3;
/// Of the growth per request under steady load, the share that has to go on for it to be a leak and no warming up.
const GOES_ON: f64 = 0.5;
const UNSTEADY: &str = "but not steadily enough to tell a leak from warming up";
const COVERED: &str = "and did not surely go on under a second steady load: what load up to the limit had left free may have covered that";
const LIMITED: &str =
    "and did not go on under a second steady load, where it may have come to a limit";

/// Something that a service uses.
pub(super) struct Resource {
    pub(super) name: &'static str,
    pub(super) of: fn(&Sample) -> u64,
    /// Growth that is worth a word: at least so much, and at least this share of what was there.
    pub(super) least: (f64, f64),
    /// Whether what is given back may stay with the process, and serve it again.
    is_kept_when_free: bool,
    pub(super) shown: fn(f64) -> String,
    pub(super) help: &'static str,
}

pub(super) const RESOURCES: [Resource; 3] = [
    Resource {
        name: "memory",
        of: |sample| sample.memory_bytes,
        least: (512.0 * 1024.0, 0.03),
        is_kept_when_free: true,
        shown: |bytes| format!("{:.1} MiB", bytes / 1_048_576.0),
        help: "compare two heap profiles taken some minutes apart under load, and bound the cache or drop the references that grow",
    },
    Resource {
        name: "descriptors",
        of: |sample| sample.descriptors,
        least: (10.0, 0.1),
        is_kept_when_free: false,
        shown: |count| format!("{count:.0}"),
        help: "list `/proc/PID/fd` under load, and close what is opened for each request also where it fails",
    },
    Resource {
        name: "threads",
        of: |sample| sample.threads,
        least: (5.0, 0.1),
        is_kept_when_free: false,
        shown: |count| format!("{count:.0}"),
        help: "start threads from a bounded pool, not one per request",
    },
];

/// What the course of one resource comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// It did not grow, it came back, or it stopped growing.
    Flat,
    /// It grows with each request.
    Leaks,
    /// It grew and stayed, and nobody can say yet whether it goes on.
    Untold(&'static str),
}

/// How one resource moved.
pub(super) struct Growth<'a> {
    resource: &'a Resource,
    course: &'a Course,
    pub(super) first: f64,
    pub(super) grown: f64,
    pub(super) quiet: f64,
    is_steady: bool,
}

impl<'a> Growth<'a> {
    pub(super) fn of(resource: &'a Resource, course: &'a Course, quiet: &Sample) -> Self {
        let points = points(&course.steady, resource);
        Self {
            resource,
            course,
            first: points.first().map_or(0.0, |point| point.1),
            grown: Trend::of(&points).growth(),
            quiet: float((resource.of)(quiet)),
            is_steady: grows_steadily(&points),
        }
    }

    pub(super) fn per_request(&self) -> f64 {
        self.grown / float(self.course.steady.requests.max(1))
    }

    /// Whether it grew under the first steady load and had not come back when all was quiet, which a leak does and other things do too.
    pub(super) fn is_suspected(&self) -> bool {
        // A heap that only warms up stops growing; descriptors that are in use are given back.
        let stays = if self.resource.is_kept_when_free {
            let explained = GOES_ON * self.per_request() * float(self.course.all_requests);
            self.kept() >= explained || self.most_per_request() >= VISIBLE
        } else {
            self.kept() >= GOES_ON * self.grown
        };
        self.is_worth_a_word() && stays
    }

    fn is_worth_a_word(&self) -> bool {
        let (least, share) = self.resource.least;
        self.grown >= least && self.grown >= share * self.first
    }

    /// What each request can have left behind at most: never was less there afterwards than all of them have left.
    fn most_per_request(&self) -> f64 {
        let (all, again) = (self.course.all_requests.max(1), &self.course.again);
        let later = again.iter().flat_map(|again| {
            let meanwhile = again.steady.samples.iter().map(move |sample| (sample, all));
            meanwhile.chain([(&again.rests[1], all + again.sent)])
        });
        later
            .map(|(sample, requests)| (float((self.resource.of)(sample)), requests))
            .chain([(self.quiet, all)])
            .map(|(held, requests)| (held - self.first).max(0.0) / float(requests))
            .fold(f64::INFINITY, f64::min)
    }

    /// What could leak with each request and would not be seen.
    pub(super) fn unseen_per_request(&self) -> f64 {
        let visible = self.course.visible_bytes() / float(self.course.steady.requests.max(1));
        if self.is_worth_a_word() { visible.max(self.most_per_request()) } else { visible }
    }

    pub(super) fn told(&self) -> Told {
        if !self.is_suspected() {
            return Told::Flat;
        }
        match (self.is_used_up(), self.is_steady) {
            (true, true) => return Told::Leaks,
            (true, false) => return Told::Untold(UNSTEADY),
            (false, _) => {}
        }
        let Some(again) = &self.course.again else {
            return Told::Untold("and no second steady load could show whether it goes on");
        };
        match (self.goes_on(again), self.is_steady) {
            (true, true) => Told::Leaks,
            (false, _) if self.has_ended(again) => Told::Flat,
            (true, false) => Told::Untold(UNSTEADY),
            (false, _) if self.resource.is_kept_when_free => Told::Untold(COVERED),
            (false, _) => Told::Untold(LIMITED),
        }
    }

    /// What is there more than at first when all is quiet.
    fn kept(&self) -> f64 {
        self.quiet - self.first
    }

    /// A service that has no descriptors left cannot show that it takes more.
    fn is_used_up(&self) -> bool {
        self.resource.name == "descriptors" && self.course.is_out_of_descriptors
    }

    /// Whether it surely grows again, with each request as before, and keeps that.
    fn goes_on(&self, again: &Again) -> bool {
        let points = points(&again.steady, self.resource);
        let least = GOES_ON * self.per_request();
        let grows = Trend::of(&points).growth() >= least * float(again.steady.requests);
        grows && grows_steadily(&points) && self.rest_grew(again) >= least * float(again.sent)
    }

    /// Whether what was suspected would have had to show again, or never left room for a leak that is worth a word.
    fn has_ended(&self, again: &Again) -> bool {
        if self.resource.is_kept_when_free {
            return self.most_per_request() < VISIBLE;
        }
        let half = GOES_ON * self.per_request();
        let has_stopped = self.rest_grew(again) < half * float(again.sent);
        // As many as a leak would have come to by then may be as many as there can be.
        has_stopped && self.kept() < half * float(self.course.all_requests)
    }

    fn rest_grew(&self, again: &Again) -> f64 {
        let [before, after] = again.rests.map(|rest| float((self.resource.of)(&rest)));
        after - before
    }
}

fn grows_steadily(points: &[(f64, f64)]) -> bool {
    let trend = Trend::of(points);
    let least = trend.growth() / 12.0;
    let mut parts = points.chunks(points.len().div_ceil(PARTS).max(1));
    trend.is_sure() && parts.all(|part| Trend::of(part).growth() > least)
}

fn points(steady: &Steady, resource: &Resource) -> Vec<(f64, f64)> {
    let samples = &steady.samples;
    let began = samples.first().map_or_else(Instant::now, |sample| sample.at);
    samples
        .iter()
        .map(|sample| (sample.at.duration_since(began).as_secs_f64(), float((resource.of)(sample))))
        .collect()
}
