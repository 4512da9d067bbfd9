//! What the calls say that the service made: how long it waited, how often it tried, whether it let go.

use std::time::Duration;

use model::counted;

use super::super::back::AGAIN;
use super::super::calls::{Operation, operations, rate, shape, variation};
use super::super::menu::{DEFAULT_TIMEOUT, Purpose, bound};
use super::super::trial::Trial;
use super::{Tried, gather, shown};
use crate::drill::median;
use crate::proxy::Exchange;
use crate::{Proof, Shortfall};

/// So many requests have to be held for it to be the service's doing.
const HELD: usize = 3;
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
            let (held, is_lifted) = held(&trials).ok_or_else(|| one.unseen())?;
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
                    format!("declared {} and {}", shown(timeout), counted(max, "retry"))
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
            let held_for = if is_lifted {
                format!("held until the fault was lifted, for {},", shown(held))
            } else {
                format!("held for {}", shown(held))
            };
            seen.push(format!("the longest request was {held_for} while `{name}` did not answer ({declared}){open}"));
            if held > bound {
                shortfalls.push(one.shortfall(
                format!("a request was {held_for} while `{name}` did not answer; {declared}"),
                "set a timeout on the client for connecting and for the whole answer, below what the caller of this service waits",
            ));
            }
            Ok(())
        },
    )
}

/// How long at least [`HELD`] requests of one of `trials` were held; of fewer requests, the longest. A single one may have been held by the machine.
///
/// With it comes whether that ended only when the fault was lifted.
fn held(trials: &[&Trial]) -> Option<(Duration, bool)> {
    let longest = trials.iter().filter_map(|trial| {
        let mut times: Vec<_> = trial
            .during()
            .map(|request| (request.took, request.due + request.took >= trial.until))
            .collect();
        times.sort_unstable_by(|a, b| b.cmp(a));
        times.get(HELD - 1).or(times.first()).copied()
    });
    longest.max()
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
            let is_reset = |trial: &&Trial| trial.dish.words.starts_with("resets");
            let reset = || one.survived().find(is_reset).filter(|_| one.is_whole);
            let trial = one.with(Purpose::Failing).next().or_else(reset);
            let trial = trial.ok_or_else(|| one.unseen())?;
            let is_known =
                |call: &&Exchange| !call.faults.is_empty() && one.shapes.contains(&shape(call));
            let calls: Vec<Exchange> = trial.calls.iter().filter(is_known).cloned().collect();
            // Of calls that are equal from user to user only their number tells anything.
            let (alike, own): (Vec<_>, Vec<_>) =
                calls.into_iter().partition(|call| one.alike.contains(&shape(call)));
            match operations(&own) {
                Some(operations) if !operations.is_empty() => {
                    attempts(one, &operations, shortfalls, seen);
                    if alike.is_empty() {
                        Ok(())
                    } else {
                        amplification(one, trial, shortfalls, seen)
                    }
                }
                _ => amplification(one, trial, shortfalls, seen),
            }
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
            "at most {most} attempts for one operation on `{name}`, a median of {} apart",
            shown(pause)
        ),
        None => format!("one attempt for each operation on `{name}`"),
    });
    if most > cap {
        let declared = one.dependency.max_retries.map_or_else(
            || format!("none declared, {DEFAULT_RETRIES} retries taken"),
            |max| format!("declared {}", counted(max, "retry")),
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
                "attempts on `{name}` follow one another after a median of {}",
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
    // A read that fails may be followed by calls of other kinds, such as filling a cache: no retries.
    let alike_per_s = one
        .shapes
        .iter()
        .map(|known| {
            let alike: Vec<_> =
                trial.calls.iter().filter(|call| shape(call) == *known).cloned().collect();
            rate(&alike, trial.from, trial.until)
        })
        .fold(0.0, f64::max);
    if times > cap && alike_per_s <= one.calls_per_s * cap {
        return Err(format!(
            "it got {times:.1} times as many calls while it failed as before, but of several kinds: whether they are attempts cannot be told"
        ));
    }
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
            let trial = one.failing()?;
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
                return Ok(());
            }
            returned(one, trial, &known, shortfalls, seen)
        },
    )
}

/// Whether calls come again after the outage: a circuit that stays open keeps the dependency away from those who need it.
fn returned(
    one: &Tried<'_>,
    trial: &Trial,
    known: &[Exchange],
    shortfalls: &mut Vec<Shortfall>,
    seen: &mut Vec<String>,
) -> Result<(), String> {
    let name = &one.dependency.name;
    let Some((from, until)) = trial.again else {
        return Err(format!("it was not seen whether `{name}` is called again after an outage"));
    };
    let again_per_s = rate(known, from, until);
    let after = shown(until.saturating_duration_since(trial.until));
    let told =
        format!("{after} after it was well again `{name}` got {again_per_s:.1} calls a second");
    if again_per_s >= one.calls_per_s * AGAIN {
        seen.push(told);
        return Ok(());
    }
    if known.iter().any(|call| call.started >= trial.until) {
        // Fewer may be what is left to ask where answers are kept for a while.
        return Err(format!("{told}, and {:.1} before it failed", one.calls_per_s));
    }
    shortfalls.push(one.shortfall(
        format!(
            "no call came to `{name}` in {after} after it was well again: the circuit stays open"
        ),
        "after a pause let one call try, and close the circuit when it is answered",
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{dependency, trial, tried};
    use super::*;
    use crate::{Dependency, Outcome};

    fn messages(proof: &Proof) -> Vec<&str> {
        match &proof.outcome {
            Outcome::FellShort(shortfalls) => {
                shortfalls.iter().map(|shortfall| shortfall.message.as_str()).collect()
            }
            Outcome::Kept | Outcome::Inconclusive(_) => Vec::new(),
        }
    }

    #[test]
    fn a_request_held_within_timeouts_and_retries_is_kept_and_one_held_longer_is_not() {
        let dependency = dependency(true);
        let mut short = trial(Purpose::Silent);
        short.request(100, 1000, Some(503));
        assert_eq!(outbound_timeouts(&tried(&dependency, short)).outcome, Outcome::Kept);
        let mut long = trial(Purpose::Silent);
        long.request(100, 3000, None);
        let mut endless = long.clone();
        endless.until = endless.from + Duration::from_secs(3);
        let proof = outbound_timeouts(&tried(&dependency, endless));
        assert_eq!(
            messages(&proof),
            [
                "a request was held until the fault was lifted, for 3.0 s, while `payments` did not answer; declared 300 ms and 2 retries"
            ]
        );
        let proof = outbound_timeouts(&tried(&dependency, long));
        assert_eq!(
            messages(&proof),
            [
                "a request was held for 3.0 s while `payments` did not answer; declared 300 ms and 2 retries"
            ]
        );
    }

    #[test]
    fn a_fault_that_did_not_land_proves_nothing() {
        let dependency = dependency(true);
        for purpose in [Purpose::Silent, Purpose::Failing] {
            let mut missed = trial(purpose);
            missed.request(100, 1, Some(201));
            missed.landed = 0;
            let tried = tried(&dependency, missed);
            for proof in
                [outbound_timeouts(&tried), bounded_retries(&tried), circuit_breaker(&tried)]
            {
                assert!(matches!(proof.outcome, Outcome::Inconclusive(_)), "{proof:?}");
            }
        }
    }

    #[test]
    fn attempts_are_counted_by_their_idempotency_key() {
        let dependency = dependency(true);
        let mut capped = trial(Purpose::Failing);
        for (n, at) in [0_u64, 60, 170].into_iter().enumerate() {
            capped.call(at, 2, Some("a"), n as u64);
        }
        let proof = bounded_retries(&tried(&dependency, capped));
        assert_eq!(proof.outcome, Outcome::Kept);
        assert_eq!(
            proof.seen,
            ["at most 3 attempts for one operation on `payments`, a median of 108 ms apart"]
        );
        let mut storm = trial(Purpose::Failing);
        for n in 0..9 {
            storm.call(n * 3, 2, Some("a"), 1);
        }
        let proof = bounded_retries(&tried(&dependency, storm));
        assert_eq!(messages(&proof).len(), 2, "{proof:?}");
        assert!(messages(&proof)[0].contains("tried 9 times"));
        assert!(messages(&proof)[1].contains("follow one another after a median of 1 ms"));
    }

    #[test]
    fn a_post_tried_again_without_a_key_is_unsafe() {
        let dependency = dependency(true);
        let mut again = trial(Purpose::Failing);
        again.call(0, 2, None, 7);
        again.call(80, 2, None, 7);
        let proof = bounded_retries(&tried(&dependency, again));
        assert_eq!(
            messages(&proof),
            ["`POST /charges` on `payments` was tried again without an idempotency key"]
        );
    }

    #[test]
    fn equal_calls_of_several_users_are_no_attempts_of_one_operation() {
        let needed = Dependency { max_retries: Some(0), ..dependency(true) };
        let told = |per_s: u64, is_alike: bool| {
            let mut failing = trial(Purpose::Failing);
            for index in 0..per_s * 6 {
                failing.call(index * 1000 / per_s, 1, None, 7);
            }
            let [mut one] = tried(&needed, failing);
            if is_alike {
                one.alike = one.shapes.clone();
            }
            bounded_retries(&[one]).outcome
        };
        assert!(matches!(told(10, false), Outcome::FellShort(_)), "they differ without a fault");
        assert_eq!(told(10, true), Outcome::Kept);
        let Outcome::FellShort(short) = told(40, true) else { panic!("it calls far more often") };
        assert!(short[0].message.contains("4.0 times as many calls"), "{short:?}");
    }

    #[test]
    fn looks_at_its_health_do_not_hide_an_unsafe_retry() {
        let dependency = dependency(true);
        let mut again = trial(Purpose::Failing);
        again.call(0, 2, None, 7);
        again.call(80, 2, None, 7);
        again.call(90, 2, None, 8);
        if let Some(crate::proxy::Call::Http(http)) =
            again.calls.last_mut().map(|call| &mut *call.call)
        {
            http.method = http::Method::GET;
            http.path = "/healthz".into();
            http.body_digest = None;
        }
        assert_eq!(messages(&bounded_retries(&tried(&dependency, again))).len(), 1);
    }

    #[test]
    fn equal_pauses_of_many_operations_have_no_jitter() {
        let dependency = dependency(true);
        let (mut alike, mut spread) = (trial(Purpose::Failing), trial(Purpose::Failing));
        for n in 0..10 {
            for (trial, pause) in [(&mut alike, 100), (&mut spread, 50 + n * 10)] {
                trial.call(n * 400, 2, Some(&n.to_string()), n);
                trial.call(n * 400 + 2 + pause, 2, Some(&n.to_string()), n);
            }
        }
        assert!(messages(&bounded_retries(&tried(&dependency, alike)))[0].contains("pause alike"));
        assert_eq!(bounded_retries(&tried(&dependency, spread)).outcome, Outcome::Kept);
    }

    #[test]
    fn calls_that_go_on_through_an_outage_hammer_and_a_few_tries_do_not() {
        let dependency = dependency(true);
        let (mut hammered, mut broken) = (trial(Purpose::Failing), trial(Purpose::Failing));
        (0..60).for_each(|n| hammered.call(n * 100, 1, Some("k"), n));
        (0..6).for_each(|n| broken.call(n * 1000, 1, Some("k"), n));
        called_again(&mut broken, 10);
        assert!(
            messages(&circuit_breaker(&tried(&dependency, hammered)))[0]
                .contains("100 % of the 10.0 before")
        );
        assert_eq!(circuit_breaker(&tried(&dependency, broken)).outcome, Outcome::Kept);
    }

    /// So many calls in the second before the end of the look whether they return, five seconds after the outage.
    fn called_again(trial: &mut Trial, count: u64) {
        let end = trial.until + Duration::from_secs(5);
        trial.again = Some((end.checked_sub(Duration::from_secs(1)).unwrap(), end));
        let start_ms = u64::try_from((end - trial.from).as_millis()).unwrap() - 1000;
        (0..count).for_each(|n| trial.call(start_ms + n * 50, 1, None, n));
    }

    #[test]
    fn a_circuit_that_never_closes_falls_short_and_one_that_lets_few_through_cannot_be_told() {
        let dependency = dependency(true);
        let judged = |again: Option<u64>| {
            let mut broken = trial(Purpose::Failing);
            (0..6).for_each(|n| broken.call(n * 1000, 1, Some("k"), n));
            if let Some(count) = again {
                called_again(&mut broken, count);
            }
            circuit_breaker(&tried(&dependency, broken))
        };
        assert_eq!(
            messages(&judged(Some(0))),
            ["no call came to `payments` in 5.0 s after it was well again: the circuit stays open"]
        );
        assert!(matches!(judged(Some(2)).outcome, Outcome::Inconclusive(_)));
        assert!(matches!(judged(None).outcome, Outcome::Inconclusive(_)), "it was not looked");
        assert_eq!(judged(Some(8)).outcome, Outcome::Kept);
    }

    #[test]
    fn calls_that_only_look_at_health_do_not_count_as_hammering() {
        let dependency = dependency(true);
        let mut looked = trial(Purpose::Failing);
        (0..60).for_each(|n| looked.call(n * 100, 1, Some("k"), n));
        let [mut one] = tried(&dependency, looked);
        one.shapes = ["GET /healthz".to_owned()].into();
        assert!(!matches!(circuit_breaker(&[one]).outcome, Outcome::FellShort(_)));
    }
}
