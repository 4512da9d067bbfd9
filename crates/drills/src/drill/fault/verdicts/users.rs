//! What users and readers of logs saw.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use model::counted;

use super::super::menu::Purpose;
use super::super::signals::{Count, grew_after, logged_at};
use super::super::trial::{RECOVERY, Request, Trial, WELL};
use super::{NOT_BROUGHT, Tried, gather, shown};
use crate::load::Outcome;
use crate::{Journey, Proof, Service};

/// Share of requests that may fail while a dependency is down that the service can do without, where no objective says another.
const DEFAULT_AVAILABILITY: f64 = 0.99;

/// Why nothing is said of what a running service logs.
const NOT_READ: &str = "what a service logs that the drill did not start, it does not see";

/// A journey of which more requests failed than it may lose.
struct Miss<'s> {
    journey: &'s str,
    failed: u32,
    total: u32,
}

/// The journeys that missed their availability while the fault of `trial` lasted; one request may always fail.
fn misses<'s>(service: &'s Service, trial: &Trial) -> Vec<Miss<'s>> {
    let of_journey = |(index, journey): (usize, &'s Journey)| {
        let all = trial.during().filter(|request| request.journey == index);
        let (total, failed) = all.fold((0_u32, 0_u32), |(total, failed), request| {
            (total + 1, failed + u32::from(request.is_failure()))
        });
        let promised = journey.availability.unwrap_or(DEFAULT_AVAILABILITY);
        let allowed = 1.0 - promised.min(DEFAULT_AVAILABILITY);
        let is_missed = f64::from(failed) > (f64::from(total) * allowed).max(1.0);
        is_missed.then_some(Miss { journey: &journey.name, failed, total })
    };
    service.journeys.iter().enumerate().filter_map(of_journey).collect()
}

pub(super) fn graceful_degradation(service: &Service, tried: &[Tried<'_>]) -> Proof {
    gather(
        "reliability/graceful-degradation",
        tried,
        |one| !one.dependency.is_critical,
        |one, shortfalls, seen| {
            let mut landed = false;
            for trial in one.survived() {
                landed = true;
                for miss in misses(service, trial) {
                    shortfalls.push(one.shortfall(
                        format!("{} of {} requests of `{}` failed while `{}` {}; it is declared as not critical", miss.failed, miss.total, miss.journey, one.dependency.name, trial.dish.words),
                        "answer without what it would have added: a default, a cached value, or later",
                    ));
                }
            }
            for trial in one.landed() {
                if let Some(exit) = &trial.exit {
                    landed = true;
                    shortfalls.push(one.shortfall(
                        format!("the service ended with {exit} while `{}` {}; it is declared as not critical", one.dependency.name, trial.dish.words),
                        "handle the error where it arises, and answer without what it would have added",
                    ));
                }
            }
            seen.push(format!(
                "journeys were tried with `{}` down in {}",
                one.dependency.name,
                counted(one.survived().count(), "way")
            ));
            if landed { Ok(()) } else { Err(one.unseen()) }
        },
    )
}

pub(super) fn no_cascade(service: &Service, tried: &[Tried<'_>]) -> Proof {
    gather(
        "reliability/no-cascade",
        tried,
        |_| true,
        |one, shortfalls, seen| {
            let (mut landed, mut unread) = (false, false);
            for trial in one.landed() {
                landed = true;
                let name = &one.dependency.name;
                let when = format!("while `{name}` {}", trial.dish.words);
                if let Some(exit) = &trial.exit {
                    shortfalls.push(one.shortfall(
                        format!("the service ended with {exit} {when}"),
                        "handle the error where it arises; a failing call must not end the process",
                    ));
                    continue;
                }
                let failures: Vec<_> =
                    trial.during().filter(|request| request.is_failure()).collect();
                let dropped = failures
                    .iter()
                    .filter(|request| {
                        request.status.is_none() && request.outcome != Outcome::Timeout
                    })
                    .count();
                let hung =
                    failures.iter().filter(|request| request.outcome == Outcome::Timeout).count();
                let empty = failures
                    .iter()
                    .filter(|request| request.status.is_some() && !request.has_body)
                    .count();
                for (count, what) in [
                    (dropped, "got no answer, the connection was closed"),
                    (hung, "got no answer within 10 s"),
                    (empty, "got an error without a word"),
                ] {
                    if count > 0 {
                        let journeys = journeys(service, &failures);
                        shortfalls.push(one.shortfall(
                            format!("{} of {journeys} {what} {when}", counted(count, "request")),
                            "answer with a status and a short text that say what failed, at once",
                        ));
                    }
                }
                unread |= !failures.is_empty() && !trial.is_ours;
                if !failures.is_empty() && trial.is_ours && logged_after(trial).is_none() {
                    shortfalls.push(one.shortfall(format!("{} failed {when}, and no error was logged", counted(failures.len(), "request")), "log each failed call once, with the name of the dependency and the id of the request"));
                }
            }
            seen.push(format!(
                "`{}` was disturbed in {}",
                one.dependency.name,
                counted(one.landed().count(), "way")
            ));
            match (landed, unread) {
                (false, _) => Err(one.unseen()),
                (true, true) => Err(NOT_READ.to_owned()),
                (true, false) => Ok(()),
            }
        },
    )
}

fn journeys(service: &Service, failures: &[&Request]) -> String {
    let mut names: Vec<_> = failures
        .iter()
        .filter_map(|request| service.journeys.get(request.journey))
        .map(|journey| format!("`{}`", journey.name))
        .collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

/// How long after the fault the first error was logged, printed or exported.
fn logged_after(trial: &Trial) -> Option<Duration> {
    let printed = logged_at(&trial.lines, trial.from).map(|at| at.duration_since(trial.from));
    let exported = grew_after(&series(trial, |count| Some(number(count.logs))), trial.from);
    printed.into_iter().chain(exported).min()
}

/// What one signal told over the time of a trial.
fn series(trial: &Trial, of: impl Fn(&Count) -> Option<f64>) -> Vec<(Instant, f64)> {
    trial.counts.iter().filter_map(|count| Some((count.at, of(count)?))).collect()
}

#[expect(clippy::cast_precision_loss, reason = "a count to compare")]
fn number(count: u64) -> f64 {
    count as f64
}

pub(super) fn self_recovery(tried: &[Tried<'_>]) -> Proof {
    gather(
        "reliability/self-recovery",
        tried,
        |_| true,
        |one, shortfalls, seen| {
            let mut slowest = None;
            for trial in one.survived() {
                match trial.recovered_after {
                Some(after) => slowest = slowest.max(Some(after)),
                None => shortfalls.push(one.shortfall(
                    format!("{} after `{}` was well again the service still failed; before, it {}", shown(RECOVERY), one.dependency.name, trial.dish.words),
                    "replace connections that broke, and let breakers and caches try again by themselves",
                )),
            }
            }
            if let Some(slowest) = slowest {
                seen.push(format!(
                    "back inside its objectives {} after `{}` was, at worst (watched for {} more)",
                    shown(slowest),
                    one.dependency.name,
                    shown(WELL)
                ));
            }
            if one.survived().next().is_some() { Ok(()) } else { Err(one.unseen()) }
        },
    )
}

pub(super) fn failure_modes(service: &Service, tried: &[Tried<'_>]) -> Proof {
    gather(
        "reliability/failure-modes",
        tried,
        |_| true,
        |one, shortfalls, seen| {
            let name = &one.dependency.name;
            let down: Vec<&Trial> = one
                .survived()
                .filter(|trial| !matches!(trial.dish.purpose, Purpose::Slow | Purpose::Wrong))
                .collect();
            if down.is_empty() {
                return Err(one.unseen());
            }
            let failed: Vec<_> = down
                .iter()
                .flat_map(|trial| trial.during())
                .filter(|request| request.is_failure())
                .collect();
            let Some(declared) = &one.dependency.on_failure else {
                shortfalls.push(one.shortfall(
                    format!("gonogo.yaml does not say what happens when `{name}` fails"),
                    "write it under `on-failure`: what users get, and what happens later",
                ));
                return Ok(());
            };
            let mut statuses: Vec<u16> =
                failed.iter().filter_map(|request| request.status).collect();
            statuses.sort_unstable();
            statuses.dedup();
            seen.push(match &*ends(&failed) {
                "" => format!("with `{name}` down, no request failed"),
                ends => format!(
                    "with `{name}` down, {} failed: {ends}",
                    counted(failed.len(), "request")
                ),
            });
            let promised = statuses_in(declared);
            if let Some(other) =
                statuses.iter().find(|status| !promised.is_empty() && !promised.contains(status))
            {
                let journeys = journeys(service, &failed);
                shortfalls.push(one.shortfall(
                format!("requests of {journeys} were answered with {other} while `{name}` was down; `on-failure` says {}", list(&promised)),
                "mend the service or what gonogo.yaml says of it",
            ));
            }
            let is_missed = down.iter().any(|trial| !misses(service, trial).is_empty());
            if one.dependency.is_critical && !is_missed && !one.is_whole {
                return Err(NOT_BROUGHT.to_owned());
            }
            if one.dependency.is_critical && !is_missed {
                let failed = match failed.len() {
                    0 => "no request failed".to_owned(),
                    count => {
                        format!("every journey kept its availability (failed requests: {count})")
                    }
                };
                shortfalls.push(one.shortfall(
                    format!("without `{name}`, which is declared as critical, {failed}"),
                    "declare it with `critical: false`, or add the journey that needs it",
                ));
            }
            Ok(())
        },
    )
}

/// HTTP statuses of errors that `text` speaks of.
fn statuses_in(text: &str) -> Vec<u16> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric())
        .filter_map(|word| word.parse().ok())
        .filter(|status| (400..600).contains(status))
        .collect()
}

/// How requests ended, with counts: `12 answered with 503, 3 not answered in time`.
fn ends(requests: &[&Request]) -> String {
    let mut ends = BTreeMap::<String, usize>::new();
    for request in requests {
        let end = match (request.outcome, request.status) {
            (Outcome::WrongStatus, Some(status)) => format!("answered with {status}"),
            (outcome, _) => outcome.words().to_owned(),
        };
        *ends.entry(end).or_default() += 1;
    }
    let mut ends: Vec<_> = ends.into_iter().collect();
    ends.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    ends.into_iter().map(|(end, count)| format!("{count} {end}")).collect::<Vec<_>>().join(", ")
}

fn list(statuses: &[u16]) -> String {
    statuses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

pub(super) fn error_visibility(tried: &[Tried<'_>]) -> Proof {
    /// How soon an error has to show.
    const SOON: Duration = Duration::from_secs(10);
    gather(
        "observability/error-visibility",
        tried,
        |_| true,
        |one, shortfalls, seen| {
            let name = &one.dependency.name;
            let trial = one.failing()?;
            if !trial.is_ours {
                return Err(NOT_READ.to_owned());
            }
            let within = shown(SOON.min(trial.until - trial.from));
            let mut told =
                |shows: &str, after: Option<Duration>, lacks: &str, help: &str| match after {
                    Some(after) if after <= SOON => {
                        seen.push(format!("{shows} {} after `{name}` began to fail", shown(after)));
                    }
                    _ => shortfalls.push(
                        one.shortfall(format!("{lacks} within {within} of `{name}` failing"), help),
                    ),
                };
            told(
                "the first error was logged",
                logged_after(trial),
                "no error was logged",
                "log failed calls at level error, with the dependency's name and the request's id",
            );
            let failed = trial.during().filter(|request| request.is_failure()).count();
            if failed == 0 {
                return Ok(());
            }
            let errors = series(trial, |count| count.errors);
            if errors.is_empty() {
                return Err("no metrics were seen: say where they are (`run.metrics`), or export them by OTLP".to_owned());
            }
            told(
                "a metric counted an error",
                grew_after(&errors, trial.from),
                &format!("{} failed, and no metric counted an error", counted(failed, "request")),
                "count failed requests: a label with the status at the count of requests, or a counter of errors",
            );
            let traced = series(trial, |count| count.spans.map(number));
            if traced.is_empty() {
                return Err(
                    "no span came: export them to where `OTEL_EXPORTER_OTLP_ENDPOINT` says"
                        .to_owned(),
                );
            }
            told(
                "a span of an error came",
                grew_after(&traced, trial.from),
                &format!("{} failed, and no span says so", counted(failed, "request")),
                "set the status of the span of a failed request to error, and export spans within seconds",
            );
            Ok(())
        },
    )
}

#[cfg(test)]
mod tests;
