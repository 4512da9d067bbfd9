//! Whether a stretch of load kept what the journeys promise, with room for chance.

use std::time::Duration;

use crate::load::Record;
use crate::{Journey, LatencyObjective, Service};

/// What is asked of a journey that promises no availability.
pub const DEFAULT_AVAILABILITY: f64 = 0.99;
/// What is asked of a journey that promises no latency.
pub(super) const DEFAULT_LATENCY: LatencyObjective =
    LatencyObjective { quantile: 0.99, within: Duration::from_secs(1) };
/// Standard deviations above what is allowed until it is taken for more than chance: one in a hundred.
const BEYOND_CHANCE: f64 = 2.33;

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
            if is_beyond(all, late, 1.0 - objective.quantile) {
                tell(
                    format!(
                        "`{}` took {} ms at the {} % quantile over {all} requests, and {} ms are {}",
                        journey.name,
                        millis(seen.latency.quantile(objective.quantile)),
                        percent(objective.quantile),
                        millis(objective.within),
                        if journey.latencies.is_empty() {
                            "taken for the limit"
                        } else {
                            "promised"
                        }
                    ),
                    false,
                );
            }
        }
    }
    broken
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
    fn without_a_promise_a_second_is_the_limit() {
        let mut service = service();
        service.journeys[0].latencies.clear();
        assert_eq!(broken(&service, &record(900, 100, 0)), []);
        assert_eq!(tightest(&service), DEFAULT_LATENCY);
    }
}
