//! Whether a stretch of load kept what the journeys promise, with room for chance.

use std::time::Duration;

use crate::load::Record;
use crate::site::DEFAULT_PEAK;
use crate::{Journey, LatencyObjective, Service};

/// What is asked of a journey that promises no availability.
pub const DEFAULT_AVAILABILITY: f64 = 0.99;
/// What is asked of a journey that promises no latency.
pub(super) const DEFAULT_LATENCY: LatencyObjective =
    LatencyObjective { quantile: 0.99, within: Duration::from_secs(1) };
/// Standard deviations above what is allowed until it is taken for more than chance: one in a hundred.
const BEYOND_CHANCE: f64 = 2.33;

/// Late requests without which a quantile that has too few requests is not said to be broken.
const FEWEST_LATE: u64 = 3;
/// What is sent beyond the fewest requests that a quantile needs, for chance chooses the journey of each.
const SPARE: f64 = 1.2;

/// A promise that was not kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The journey's name.
    pub(super) journey: String,
    /// What was seen.
    pub(super) message: String,
    /// Whether requests failed, rather than took long.
    pub(super) is_failure: bool,
}

/// The latencies that are asked of `journey`.
pub fn latencies(journey: &Journey) -> Vec<LatencyObjective> {
    if journey.latencies.is_empty() { vec![DEFAULT_LATENCY] } else { journey.latencies.clone() }
}

/// The tightest latency that any journey promises, to judge the generator by.
pub(super) fn tightest(service: &Service) -> LatencyObjective {
    service
        .journeys
        .iter()
        .flat_map(latencies)
        .min_by_key(|objective| objective.within)
        .unwrap_or(DEFAULT_LATENCY)
}

/// The promises that `record` breaks by more than chance.
pub(super) fn broken(service: &Service, record: &Record) -> Vec<Broken> {
    let mut broken = Vec::new();
    for (journey, seen) in service.journeys.iter().zip(&record.journeys) {
        let (total, failed) = (seen.counts().total(), seen.failures());
        let mut tell = |message, is_failure| {
            broken.push(Broken { journey: journey.name.clone(), message, is_failure });
        };
        let availability = journey.availability.unwrap_or(DEFAULT_AVAILABILITY);
        if is_beyond(total, failed, 1.0 - availability) {
            tell(
                format!(
                    "{failed} of {total} requests of `{}` failed, and {} % may",
                    journey.name,
                    percent(1.0 - availability)
                ),
                true,
            );
        }
        for objective in latencies(journey) {
            let all = seen.latency.count();
            let late = all - seen.latency.count_within(objective.within).min(all);
            let limit =
                if journey.latencies.is_empty() { "taken for the limit" } else { "promised" };
            let is_late = is_beyond(all, late, 1.0 - objective.quantile);
            if is_late && all < fewest(&objective) {
                // Of few requests that quantile is the slowest one; when most are late, no quantile is needed.
                if late >= FEWEST_LATE && late * 2 >= all {
                    tell(
                        format!(
                            "{late} of {all} requests of `{}` took longer than the {} ms that are {limit}",
                            journey.name,
                            millis(objective.within)
                        ),
                        false,
                    );
                }
            } else if is_late {
                tell(
                    format!(
                        "`{}` took {} ms at the {} % quantile over {all} requests, and {} ms are {limit}",
                        journey.name,
                        millis(seen.latency.quantile(objective.quantile)),
                        percent(objective.quantile),
                        millis(objective.within),
                    ),
                    false,
                );
            }
        }
    }
    broken
}

/// Requests without which a quantile is just the slowest one of them.
fn fewest(objective: &LatencyObjective) -> u64 {
    let above = (1.0 - objective.quantile).max(1e-6);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "at most a million"
    )]
    let fewest = (1.0 / above).round().max(1.0) as u64;
    fewest
}

/// The most requests that any objective of `journey` needs.
fn most_needed(journey: &Journey) -> u64 {
    latencies(journey).iter().map(fewest).max().unwrap_or(1)
}

/// The journeys that had too few requests in all of `records` to say anything of a quantile that they promise.
pub(super) fn too_few(service: &Service, records: &[&Record]) -> Vec<String> {
    let seen = |name: &str| -> u64 {
        let journeys = records.iter().flat_map(|record| &record.journeys);
        journeys.filter(|seen| seen.name == name).map(|seen| seen.latency.count()).sum()
    };
    service
        .journeys
        .iter()
        .filter_map(|journey| {
            let (count, needed) = (seen(&journey.name), most_needed(journey));
            let quantile = latencies(journey).iter().map(|one| one.quantile).fold(0.0, f64::max);
            (count < needed).then(|| {
                format!(
                    "{count} requests of `{}` are too few for its {} % quantile, which needs {needed}",
                    journey.name,
                    percent(quantile)
                )
            })
        })
        .collect()
}

/// How long `rate_per_s` of all journeys has to last until each has the requests that its quantiles need.
pub(super) fn needed(service: &Service, rate_per_s: f64) -> Duration {
    let weight =
        |journey: &Journey| journey.peak_per_s.filter(|peak| *peak > 0.0).unwrap_or(DEFAULT_PEAK);
    let all: f64 = service.journeys.iter().map(weight).sum();
    let seconds = service.journeys.iter().map(|journey| {
        SPARE * float(most_needed(journey)) * all / (rate_per_s * weight(journey)).max(1e-9)
    });
    Duration::try_from_secs_f64(seconds.fold(0.0, f64::max)).unwrap_or(Duration::MAX)
}

/// Whether `bad` of `total` is more than `allowed` (a share) by more than chance.
pub fn is_beyond(total: u64, bad: u64, allowed: f64) -> bool {
    let (total, bad) = (float(total), float(bad));
    let expected = total * allowed;
    bad >= 2.0 && bad > expected + BEYOND_CHANCE * (expected * (1.0 - allowed)).max(0.0).sqrt()
}

#[expect(clippy::cast_precision_loss, reason = "counts of some minutes")]
pub(super) fn float(count: u64) -> f64 {
    count as f64
}

/// A share in percent, without needless digits.
pub(super) fn percent(share: f64) -> f64 {
    (share * 100_000.0).round() / 1000.0
}

/// Whole milliseconds, and tenths below ten.
pub(super) fn millis(duration: Duration) -> String {
    let ms = duration.as_secs_f64() * 1e3;
    if ms < 10.0 { format!("{ms:.1}") } else { format!("{ms:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Histogram, JourneyRecord, Outcome};

    fn record(fast: u64, slow: u64, failed: u64) -> Record {
        let mut journey = JourneyRecord { name: "read".into(), ..JourneyRecord::default() };
        let mut latency = Histogram::new();
        for index in 0..fast + slow {
            latency.record(Duration::from_millis(if index < fast { 20 } else { 500 }));
        }
        journey.latency = latency;
        journey.on_new.add_many(Outcome::Ok, fast + slow - failed);
        journey.on_new.add_many(Outcome::WrongStatus, failed);
        Record { journeys: vec![journey], ..Record::default() }
    }

    fn service() -> Service {
        let objective = LatencyObjective { quantile: 0.99, within: Duration::from_millis(200) };
        let journey = Journey {
            name: "read".into(),
            availability: Some(0.995),
            latencies: vec![objective],
            ..Journey::default()
        };
        Service { journeys: vec![journey], ..Service::default() }
    }

    #[test]
    fn a_few_slow_requests_by_chance_break_nothing() {
        assert_eq!(broken(&service(), &record(1000, 0, 0)), []);
        assert_eq!(broken(&service(), &record(988, 12, 0)), []);
        assert_eq!(broken(&service(), &record(99, 1, 1)), []);
    }

    #[test]
    fn slow_and_failed_requests_are_told_with_their_figures() {
        let slow = broken(&service(), &record(900, 100, 0));
        assert!(slow[0].message.contains("500 ms at the 99 % quantile"), "{slow:?}");
        let failed = broken(&service(), &record(1000, 0, 40));
        assert!(failed[0].message.contains("40 of 1000 requests of `read` failed"), "{failed:?}");
    }

    #[test]
    fn the_slowest_of_a_few_requests_is_no_quantile_and_is_not_kept_either() {
        let few = record(16, 2, 0);
        assert_eq!(broken(&service(), &few), []);
        let told = too_few(&service(), &[&few]);
        assert_eq!(
            told,
            ["18 requests of `read` are too few for its 99 % quantile, which needs 100"]
        );
        assert_eq!(too_few(&service(), &[&few, &record(82, 0, 0)]), [""; 0]);
        let most = broken(&service(), &record(6, 12, 0));
        assert!(most[0].message.starts_with("12 of 18 requests of `read` took longer"), "{most:?}");
    }

    #[test]
    fn a_rare_journey_needs_a_longer_stretch() {
        let mut service = service();
        service.journeys[0].peak_per_s = Some(15.0);
        let rare = Journey { name: "list".into(), peak_per_s: Some(1.0), ..Journey::default() };
        service.journeys.push(rare);
        assert_eq!(needed(&service, 32.0).as_secs(), 60);
    }

    #[test]
    fn without_a_promise_a_second_is_the_limit() {
        let mut service = service();
        service.journeys[0].latencies.clear();
        assert_eq!(broken(&service, &record(900, 100, 0)), []);
        assert_eq!(tightest(&service), DEFAULT_LATENCY);
    }
}
