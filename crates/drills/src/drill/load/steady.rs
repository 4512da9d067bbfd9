//! The steady loads by which leaks are told: at the expected peak, and where something grew and stayed, once more after all other load.

use std::time::Duration;

use super::LoadSettings;
use super::leaks::{Again, Course, Steady, is_suspected};
use super::press::{Pressed, SHORTEST};
use super::promise::float;
use super::stretch::{Bench, Stretch};
use crate::harness::is_out_of_descriptors;
use crate::load::Outcome;
use crate::{DrillError, Rehearsal, Sample, Service, Site};

/// Quiet before what is still used is compared, after all load and after the second steady one.
const QUIET: [Duration; 2] = [Duration::from_secs(4), Duration::from_secs(2)];
/// A steady load warms up for one of so many parts of its time.
const WARM_UP: u32 = 4;
/// Of the highest rate that was good, the part at which a service has time to spare: what leaks with each request shows soon, and there is no need
/// of more room than load up to the limit has taken already.
const AT_EASE: f64 = 0.5;

/// Waits until all is quiet, looks what is still used, and sends a second steady load where that may be a leak.
pub(super) fn course(
    rehearsal: &mut Rehearsal,
    service: &Service,
    settings: &LoadSettings,
    site: &Site,
    pressed: &Pressed,
) -> Result<(Course, Option<Stretch>), DrillError> {
    rehearsal.step("wait until all is quiet", |rehearsal| rehearsal.pass(QUIET[0]))?;
    let mut course = course_of(pressed, &samples(site));
    course.is_out_of_descriptors = is_used_up(site);
    let (true, Some(rate_per_s)) = (is_suspected(&course), rate_per_s(pressed)) else {
        return Ok((course, None));
    };
    let bench = Bench { service, site, peak_per_s: pressed.peak_per_s, seed: settings.seed };
    let lasts = (settings.duration / 2).max(SHORTEST);
    let step = format!("send steady load once more, {rate_per_s:.0}/s");
    let stretch = rehearsal.step(&step, |rehearsal| {
        bench.stretch(rehearsal, "steady load once more", rate_per_s, lasts, &[site.address])
    })?;
    let step = "wait until all is quiet again";
    rehearsal.step(step, |rehearsal| rehearsal.pass(QUIET[1]))?;
    course.again = again(&course, &stretch, &samples(site));
    course.is_out_of_descriptors |= is_used_up(site);
    Ok((course, Some(stretch)))
}

/// What was sampled of the first instance so far.
pub(super) fn samples(site: &Site) -> Vec<Sample> {
    site.instances.first().map(|one| one.resources.samples()).unwrap_or_default()
}

fn is_used_up(site: &Site) -> bool {
    site.instances.first().is_some_and(|instance| is_out_of_descriptors(instance.process.pid()))
}

/// A rate that the service surely keeps up with.
fn rate_per_s(pressed: &Pressed) -> Option<f64> {
    let good_per_s = pressed.knee.good_per_s?;
    Some((good_per_s * AT_EASE).max(pressed.peak_per_s.min(good_per_s)))
}

fn course_of(pressed: &Pressed, samples: &[Sample]) -> Course {
    let peak = &pressed.peak;
    let after: u64 = pressed
        .all()
        .iter()
        .filter(|stretch| stretch.from > peak.from && !stretch.is_of_another)
        .map(|stretch| stretch.record.sent())
        .sum();
    let steady = steady(peak, samples);
    Course {
        all_requests: steady.requests + after,
        steady,
        lasts: peak.until.duration_since(peak.from),
        quiet: samples.last().copied(),
        is_out_of_descriptors: false,
        again: None,
    }
}

fn steady(stretch: &Stretch, samples: &[Sample]) -> Steady {
    let warm = stretch.from + stretch.until.duration_since(stretch.from) / WARM_UP;
    let is_within = |sample: &&Sample| sample.at >= warm && sample.at <= stretch.until;
    let sent = stretch.record.sent();
    Steady {
        samples: samples.iter().filter(is_within).copied().collect(),
        requests: sent - sent / u64::from(WARM_UP),
    }
}

/// What the second steady load shows; nothing where the service did not answer most of it, or is gone.
fn again(course: &Course, stretch: &Stretch, samples: &[Sample]) -> Option<Again> {
    let (sent, answered) = (stretch.record.sent(), stretch.record.counts().of(Outcome::Ok));
    let (before, after) = (course.quiet?, *samples.last()?);
    let is_answered = !stretch.is_given_up && float(answered) >= 0.5 * float(sent.max(1));
    (is_answered && after.at > stretch.until).then(|| Again {
        steady: steady(stretch, samples),
        sent,
        rests: [before, after],
    })
}
