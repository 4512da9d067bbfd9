//! What the calls say that the service made: how long it waited, how often it tried, whether it let go.

use std::time::Duration;

use super::super::calls::{Operation, median, operations, rate, shape, variation};
use super::super::menu::{DEFAULT_TIMEOUT, Purpose, bound};
use super::super::trial::Trial;
use super::{NOT_LANDED, Tried, gather, shown};
use crate::proxy::Exchange;
use crate::{Proof, Shortfall};

/// Calls that go on in a long outage, as a share of those before it: above it the dependency is hammered.
const HAMMERED: f64 = 0.5;

/// A pause between attempts shorter than this is none.
const NO_PAUSE: Duration = Duration::from_millis(5);

/// Pauses that differ by less than this share of their mean are alike.
const NO_JITTER: f64 = 0.03;

/// Attempts after the first that are taken for a cap where none is declared.
const DEFAULT_RETRIES: u32 = 3;

pub(super) fn outbound_timeouts(tried: &[Tried<'_>]) -> Proof {
    gather(
        "reliability/outbound-timeouts",
        tried,
        |_| true,
        |one, shortfalls, seen| {
            let trials: Vec<&Trial> = one.with(Purpose::Silent).collect();
            let held =
                trials.iter().flat_map(|trial| trial.during()).map(|request| request.took).max();
            let held = held.filter(|_| !trials.is_empty()).ok_or_else(|| NOT_LANDED.to_owned())?;
            let (name, bound) = (&one.dependency.name, bound(one.dependency));
            let lasted =
                trials.iter().map(|trial| trial.until - trial.from).max().unwrap_or_default();
            if lasted < bound {
                return Err(format!(
                    "its declared bound of {} is longer than the fault lasted",
                    shown(bound)
                ));
            }
            let declared = match (one.dependency.timeout, one.dependency.max_retries) {
                (Some(timeout), Some(max)) if max > 0 => {
                    format!("declared {} and {max} retries", shown(timeout))
                }
                (Some(timeout), _) => format!("declared {}", shown(timeout)),
                (None, _) => format!("no timeout is declared, {} taken", shown(DEFAULT_TIMEOUT)),
            };
            let kept_open = trials
                .iter()
                .flat_map(|trial| trial.calls.iter().filter_map(|call| waited(trial, call)))
                .max();
            let open = kept_open.map_or_else(String::new, |open| {
                format!("; its calls stayed open for at most {}", shown(open))
            });
            seen.push(format!("a request was held for at most {} while `{name}` did not answer ({declared}){open}", shown(held)));
            if held > bound {
                shortfalls.push(one.shortfall(
                format!("a request was held for {} while `{name}` did not answer; {declared}", shown(held)),
                "set a timeout on the client for connecting and for the whole answer, below what the caller of this service waits",
            ));
            }
            Ok(())
        },
    )
}

/// How long `call`, on which the fault of `trial` landed, stayed open on the service's side.
fn waited(trial: &Trial, call: &Exchange) -> Option<Duration> {
    if call.faults.is_empty() || call.started >= trial.until {
        return None;
    }
    let until_the_end = trial.until.saturating_duration_since(call.started);
    Some(call.left_after.unwrap_or(until_the_end).min(until_the_end))
}

pub(super) fn bounded_retries(tried: &[Tried<'_>]) -> Proof {
    gather(
        "reliability/bounded-retries",
        tried,
        |_| true,
        |one, shortfalls, seen| {
            let trial = one
                .with(Purpose::Failing)
                .next()
                .or_else(|| one.landed().find(|trial| trial.dish.words.starts_with("resets")));
            let trial = trial.ok_or_else(|| NOT_LANDED.to_owned())?;
            let calls: Vec<Exchange> =
                trial.calls.iter().filter(|call| !call.faults.is_empty()).cloned().collect();
            match operations(&calls) {
                Some(operations) if !operations.is_empty() => {
                    attempts(one, &operations, shortfalls, seen);
                }
                _ => amplification(one, trial, shortfalls, seen)?,
            }
            Ok(())
        },
    )
}

fn attempts(
    one: &Tried<'_>,
    operations: &[Operation<'_>],
    shortfalls: &mut Vec<Shortfall>,
    seen: &mut Vec<String>,
) {
    let name = &one.dependency.name;
    let most = operations.iter().map(|operation| operation.attempts.len()).max().unwrap_or(0);
    let cap = one.dependency.max_retries.unwrap_or(DEFAULT_RETRIES) as usize + 1;
    let first: Vec<Duration> =
        operations.iter().filter_map(|operation| operation.gaps().first().copied()).collect();
    let all: Vec<Duration> = operations.iter().flat_map(Operation::gaps).collect();
    let pause = median(all.clone());
    seen.push(match pause {
        Some(pause) => format!(
            "at most {most} attempts for one operation on `{name}`, {} apart in the middle",
            shown(pause)
        ),
        None => format!("one attempt for each operation on `{name}`"),
    });
    if most > cap {
        let declared = one.dependency.max_retries.map_or_else(
            || format!("none declared, {DEFAULT_RETRIES} retries taken"),
            |max| format!("declared {max} retries"),
        );
        shortfalls.push(one.shortfall(
            format!("one operation was tried {most} times on `{name}` while it failed; {declared}"),
            "cap the attempts, and let a budget of retries (such as a tenth of all calls) stop them when most calls fail",
        ));
    }
    if let Some(subject) = operations
        .iter()
        .filter(|operation| operation.attempts.len() > 1)
        .find_map(Operation::unsafe_subject)
    {
        shortfalls.push(one.shortfall(
            format!("`{subject}` on `{name}` was tried again without an idempotency key"),
            "send an `Idempotency-Key` that stays the same over all attempts, or do not try again what is not idempotent",
        ));
    }
    if pause.is_some_and(|pause| pause < NO_PAUSE) {
        shortfalls.push(one.shortfall(
            format!(
                "attempts on `{name}` follow one another after {} in the middle",
                shown(pause.unwrap_or_default())
            ),
            "pause between attempts, twice as long each time, with a random part",
        ));
    } else if first.len() >= 8 && variation(&first) < NO_JITTER {
        shortfalls.push(one.shortfall(
            format!("all attempts on `{name}` pause alike ({} before the second), so that clients come back all at once", shown(median(first).unwrap_or_default())),
            "make a random part of each pause",
        ));
    }
}

/// Where attempts cannot be told apart: all calls while it failed, against those without a fault.
fn amplification(
    one: &Tried<'_>,
    trial: &Trial,
    shortfalls: &mut Vec<Shortfall>,
    seen: &mut Vec<String>,
) -> Result<(), String> {
    let name = &one.dependency.name;
    let known: Vec<Exchange> =
        trial.calls.iter().filter(|call| one.shapes.contains(&shape(call))).cloned().collect();
    let failing = rate(&known, trial.from, trial.until);
    if one.calls_per_s <= 0.0 {
        return Err("no call to it was understood, so attempts cannot be counted".to_owned());
    }
    let times = failing / one.calls_per_s;
    let cap = f64::from(one.dependency.max_retries.unwrap_or(DEFAULT_RETRIES) + 1) * 1.5;
    seen.push(format!(
        "`{name}` got {failing:.1} calls a second while it failed, {:.1} before",
        one.calls_per_s
    ));
    if times > cap {
        shortfalls.push(one.shortfall(
            format!("`{name}` got {times:.1} times as many calls while it failed as before"),
            "cap the attempts, pause between them with a random part, and stop trying when most calls fail",
        ));
    }
    Ok(())
}

pub(super) fn circuit_breaker(tried: &[Tried<'_>]) -> Proof {
    gather(
        "reliability/circuit-breaker",
        tried,
        |_| true,
        |one, shortfalls, seen| {
            let trial = one
                .with(Purpose::Failing)
                .next()
                .or_else(|| one.with(Purpose::Silent).next())
                .ok_or_else(|| NOT_LANDED.to_owned())?;
            if one.calls_per_s < 1.0 {
                return Err(format!(
                    "it gets only {:.1} calls a second, too few to see them fall",
                    one.calls_per_s
                ));
            }
            let name = &one.dependency.name;
            let middle = trial.from + (trial.until - trial.from) / 2;
            let known: Vec<Exchange> = trial
                .calls
                .iter()
                .filter(|call| one.shapes.contains(&shape(call)))
                .cloned()
                .collect();
            let late = rate(&known, middle, trial.until);
            let share = late / one.calls_per_s;
            let percent = share * 100.0;
            let shown = format!(
                "in the second half of an outage of {} `{name}` still got {late:.1} calls a second, {percent:.0} % of the {:.1} before it",
                shown(trial.until - trial.from),
                one.calls_per_s
            );
            seen.push(shown.clone());
            if share > HAMMERED {
                shortfalls.push(one.shortfall(shown, "put a circuit breaker around the client: after some failures in a row stop calling for a while, then let one call try"));
            }
            Ok(())
        },
    )
}
