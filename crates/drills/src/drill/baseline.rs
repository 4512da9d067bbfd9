//! Whether a service keeps its own promises before anything is done to it.

use std::time::Duration;

use crate::load::{JourneyRecord, Outcome, Record, Trust};
use crate::{DrillError, Journey, Progress, Rehearsal, Service, Site, peak_per_s};

use super::busy::{tightest, too_busy};

/// How long load is sent without any fault.
pub(super) const LASTS: Duration = Duration::from_secs(5);
/// How often that is tried where the service falls short by its own doing.
const TRIES: u32 = 3;
/// How often that is tried where the machine is too busy to tell whose doing it is: for about a minute.
const PATIENCE: u32 = 12;

/// Statuses that say "not now": what a service without time answers rightly.
const NOT_NOW: [u16; 3] = [408, 503, 504];

/// How a service missed its own promises in the last of several tries.
#[derive(Debug)]
pub(super) struct Missed {
    /// In which way.
    pub(super) reason: String,
    trust: Trust,
}

impl Missed {
    /// As the end of the drill; `done` is what the drill does to the service: `a fault`.
    pub(super) fn error(self, done: &str) -> DrillError {
        match self.trust {
            Trust::Inconclusive(reasons) => {
                too_busy("send load without any fault", &reasons.join("; "))
            }
            Trust::Trustworthy => {
                DrillError::Baseline { reason: self.reason, help: mend_first(done) }
            }
        }
    }
}

/// What to do about a service that falls short before anything is done to it; `done`: what the drill would do.
pub(super) fn mend_first(done: &str) -> String {
    format!(
        "mend that first: what {done} does to it could not be told apart. Where it speaks TLS or HTTP/2, say so by the scheme of `run.url` \
         or of `--target`: https, h2c"
    )
}

/// Sends load until the service keeps its promises once, at most [`TRIES`] times: something else on the machine may be in the way for a while,
/// and where that is seen it is waited for longer. `None`: it kept them.
///
/// What the proxies saw is dropped before each try.
pub(super) fn missed(
    rehearsal: &Rehearsal,
    site: &Site,
    service: &Service,
    rate_per_s: f64,
) -> Result<Option<Missed>, DrillError> {
    let factor = rate_per_s / peak_per_s(service);
    let mut tries = 0;
    loop {
        tries += 1;
        for (_, proxy) in site.proxies() {
            let _from_before = proxy.drain();
        }
        let record = site.driven(rehearsal, site.plan(service, factor, LASTS))?;
        let Some(reason) = falls_short(service, &record) else { return Ok(None) };
        site.is_whole()?;
        let trust = match fails_outright(service, &record) {
            Some(_) => Trust::Trustworthy,
            None => record.trust(tightest(service)),
        };
        if tries >= most(&trust) {
            return Ok(Some(Missed { reason, trust }));
        }
        if tries == TRIES {
            rehearsal.tell(Progress::Word(
                "this machine is busy: waiting up to a minute for a quieter moment".to_owned(),
            ));
        }
    }
}

/// How often load is sent in all, after a try of which `trust` is said.
fn most(trust: &Trust) -> u32 {
    match trust {
        Trust::Trustworthy => TRIES,
        Trust::Inconclusive(_) => PATIENCE,
    }
}

/// The same, where a service that missed its promises is drilled no further; `done` as in [`Missed::error`].
pub(super) fn well(
    rehearsal: &Rehearsal,
    site: &Site,
    service: &Service,
    rate_per_s: f64,
    done: &str,
) -> Result<(), DrillError> {
    match missed(rehearsal, site, service, rate_per_s)? {
        None => Ok(()),
        Some(missed) => Err(missed.error(done)),
    }
}

/// How requests of `journey` failed, the most frequent first: `25 were answered with 200 instead of 201`.
fn ways(journey: &Journey, seen: &JourneyRecord) -> String {
    let counts = seen.counts();
    let expected = journey.expect.status_in_words();
    let others = seen.statuses.iter().filter(|(status, _)| !journey.expect.takes(**status));
    let mut ways: Vec<(u64, String)> = others
        .map(|(status, count)| (*count, format!("answered with {status} instead of {expected}")))
        .collect();
    let others = Outcome::ALL.iter().filter(|outcome| {
        counts.is_failure(**outcome, seen.is_idempotent) && **outcome != Outcome::WrongStatus
    });
    ways.extend(others.map(|outcome| (counts.of(*outcome), outcome.words().to_owned())));
    ways.retain(|(count, _)| *count > 0);
    ways.sort_by(|one, other| other.cmp(one));
    ways.into_iter().map(|(count, way)| format!("{count} {way}")).collect::<Vec<_>>().join(", ")
}

/// That no request came as far as the service, and why.
fn unreached(record: &Record) -> Option<String> {
    let most = record.errors.iter().max_by_key(|(_, count)| **count);
    let why = most.map_or_else(String::new, |(why, _)| format!(": {why}"));
    record.reached_nothing().then(|| format!("no connection to it comes about any more{why}"))
}

/// How most requests of a journey fail where no lateness explains it: a machine that is busy lets requests wait, and refuses, resets or
/// answers none of them.
pub(super) fn fails_outright(service: &Service, record: &Record) -> Option<String> {
    let of_one = |(journey, seen): (&Journey, &JourneyRecord)| {
        let failed = outright(journey, seen);
        (failed * 2 > seen.counts().total()).then(|| already(journey, seen))
    };
    unreached(record).or_else(|| service.journeys.iter().zip(&record.journeys).find_map(of_one))
}

/// The failures of `journey` that no lateness explains.
///
/// "Not now" does not count among them while any request goes well: without time for a dependency's answer that is what a service should say.
fn outright(journey: &Journey, seen: &JourneyRecord) -> u64 {
    let counts = seen.counts();
    let is_late = |status: u16| NOT_NOW.contains(&status) && counts.of(Outcome::Ok) > 0;
    let late: u64 = (seen.statuses.iter())
        .filter(|(status, _)| !journey.expect.takes(**status) && is_late(**status))
        .map(|(_, count)| count)
        .sum();
    seen.failures().saturating_sub(counts.of(Outcome::Timeout)).saturating_sub(late)
}

/// Whether most requests of a journey fail, for whatever reason.
pub(super) fn most_fail(record: &Record) -> bool {
    record.journeys.iter().any(|seen| seen.failures() * 2 > seen.counts().total())
}

fn already(journey: &Journey, seen: &JourneyRecord) -> String {
    let (failed, total) = (seen.failures(), seen.counts().total());
    format!(
        "{failed} of {total} requests of `{}` already fail: {}",
        journey.name,
        ways(journey, seen)
    )
}

/// In which way the service misses its own promises without any fault.
fn falls_short(service: &Service, record: &Record) -> Option<String> {
    if let Some(unreached) = unreached(record) {
        return Some(unreached);
    }
    for (journey, seen) in service.journeys.iter().zip(&record.journeys) {
        let (total, failed) = (seen.counts().total(), seen.failures());
        #[expect(clippy::cast_precision_loss, reason = "requests of some seconds")]
        let allowed = (total as f64 * (1.0 - journey.availability.unwrap_or(0.99))).max(1.0);
        #[expect(clippy::cast_precision_loss, reason = "requests of some seconds")]
        let is_over = failed as f64 > allowed;
        if is_over {
            return Some(already(journey, seen));
        }
        for objective in &journey.latencies {
            let took = seen.latency.quantile(objective.quantile);
            if took > objective.within {
                return Some(format!(
                    "`{}` takes {:.0} ms at the {} quantile, and {:.0} ms are promised",
                    journey.name,
                    took.as_secs_f64() * 1e3,
                    objective.quantile,
                    objective.within.as_secs_f64() * 1e3
                ));
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_instead_of_what_was_expected_is_told_with_the_most_frequent_first() {
        let mut journey = Journey { name: "place-order".into(), ..Journey::default() };
        journey.expect.status = Some(201);
        let mut seen =
            JourneyRecord { statuses: [(201, 4), (200, 20)].into(), ..JourneyRecord::default() };
        seen.on_new.add_many(Outcome::Ok, 4);
        seen.on_new.add_many(Outcome::WrongStatus, 20);
        seen.on_new.add_many(Outcome::Timeout, 1);
        let record = Record { journeys: vec![seen], ..Record::default() };
        let service = Service { journeys: vec![journey], ..Service::default() };
        assert_eq!(
            falls_short(&service, &record).unwrap(),
            "21 of 25 requests of `place-order` already fail: 20 answered with 200 instead of 201, 1 not answered in time"
        );
    }

    /// A service with one journey that expects 201, and what became of its requests.
    fn seen(ended: &[(Outcome, u64)], statuses: &[(u16, u64)]) -> (Service, Record) {
        let mut journey = Journey { name: "place-order".into(), ..Journey::default() };
        journey.expect.status = Some(201);
        let statuses = statuses.iter().copied().collect();
        let mut seen = JourneyRecord { statuses, ..JourneyRecord::default() };
        for (outcome, count) in ended {
            seen.on_new.add_many(*outcome, *count);
        }
        let record = Record { journeys: vec![seen], ..Record::default() };
        (Service { journeys: vec![journey], ..Service::default() }, record)
    }

    #[test]
    fn what_is_refused_reset_or_answered_with_an_error_is_no_matter_of_lateness() {
        use Outcome::{Ok, Refused, Reset, Timeout, WrongStatus};
        let told = |ended: &[(Outcome, u64)], statuses: &[(u16, u64)]| {
            let (service, record) = seen(ended, statuses);
            fails_outright(&service, &record)
        };
        assert_eq!(told(&[(Refused, 9)], &[]).unwrap(), "no connection to it comes about any more");
        assert!(told(&[(Reset, 11), (Ok, 9)], &[(201, 9)]).unwrap().contains("11 reset"));
        let wrong = told(&[(WrongStatus, 20)], &[(500, 20)]).unwrap();
        assert!(wrong.contains("20 answered with 500 instead of 201"), "{wrong}");
        assert!(told(&[(WrongStatus, 20)], &[(503, 20)]).is_some(), "it never does better");
        let mostly = [(WrongStatus, 20), (Ok, 2)];
        assert_eq!(told(&mostly, &[(503, 20), (201, 2)]), None, "it may lack the time");
        assert_eq!(told(&[(Timeout, 20)], &[]), None);
        assert_eq!(told(&[(WrongStatus, 9), (Ok, 11)], &[(500, 9), (201, 11)]), None);
    }

    #[test]
    fn a_busy_machine_is_waited_for_and_a_bad_service_is_not() {
        let mut late = Record::default();
        late.slip.record(Duration::from_secs(1));
        assert_eq!(most(&Trust::Trustworthy), TRIES);
        assert!(most(&late.trust(None)) > TRIES);
    }
}
