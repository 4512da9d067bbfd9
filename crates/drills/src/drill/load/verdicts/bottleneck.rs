//! capacity/shared-bottleneck: what gives out first at the knee.

use std::time::Duration;

use super::super::causes::Causes;
use super::super::knee::Knee;
use super::super::promise::{float, millis, percent};
use super::super::stretch::Stretch;
use super::super::usage::Usage;
use crate::drill::strain::Strain;
use crate::{Proof, Shortfall, Subject};

const REQUIREMENT: &str = "capacity/shared-bottleneck";
/// Connections that are busy for this share of the time are all in use.
const IN_USE: f64 = 0.7;
/// A dependency that takes this many times as long as at the peak is slow by the load.
const SLOWER: u32 = 3;
/// Below this a call is quick, however many times longer it takes.
const QUICK: Duration = Duration::from_millis(5);
/// Calls without which overlaps say nothing.
const FEWEST: u64 = 100;
/// Share of the time with calls from which it tells something that they do not meet.
const OFTEN: f64 = 0.3;
/// Share of the time with calls that has two of them and is still nothing, such as a look at readiness beside a request.
const BESIDE: f64 = 0.1;
/// Part of the overlap of calls that know nothing of each other that is still one at a time: an answer and the call after it meet in the
/// proxy, the longer the busier the machine.
const MEETING: f64 = 0.5;

/// Judges `top`, the stretch in which the service gave out, against `peak`.
pub(in super::super) fn shared_bottleneck(
    knee: &Knee,
    peak: &Stretch,
    top: Option<&Stretch>,
    causes: &Causes<'_>,
) -> Proof {
    let Some(top) = top.filter(|_| knee.is_found()) else {
        let why = knee.limited.as_ref().map_or_else(
            || match knee.stopped_at_per_s {
                Some(rate) => format!(
                    "the service carried {rate:.0}/s, and the search went no further: `--up-to` lets it"
                ),
                None => "no rate was tried at which the service gave out".to_owned(),
            },
            |(rate, what)| {
                format!(
                    "at {rate:.0}/s {what}, before the service showed what gives out first in it"
                )
            },
        );
        return Proof::inconclusive(REQUIREMENT, why);
    };
    let at = format!("at {:.0}/s", top.rate_per_s);
    let is_serial = is_one_at_a_time(top);
    let mut found = resources(peak, top, is_serial);
    if !found.is_empty() {
        for one in &mut found {
            *one = format!("{at} {one}");
        }
        return Proof::kept(REQUIREMENT, found);
    }
    let rate_per_s = top.answered_per_s();
    if is_serial {
        let shortfall = Shortfall {
            about: Subject::Service,
            message: format!(
                "the service does one request at a time: {at} it answered {rate_per_s:.0}/s, used {} % of a core, and had two calls to its dependencies under way in {:.1} % of the time that it had any",
                percent(top.service.busiest).round(),
                percent(together(top))
            ),
            help: "look for a lock that is held across calls, or for a pool of one worker or one connection".to_owned(),
        };
        return Proof::judged(REQUIREMENT, vec![shortfall], Vec::new());
    }
    if let Some(why) = causes.explain(&top.broken) {
        let waits = causes.waits(&top.broken).map_or_else(String::new, |it| format!("; {it}"));
        return Proof::inconclusive(REQUIREMENT, format!("{at} {}, but {why}{waits}", top.how()));
    }
    let waits = causes.waits(&top.broken);
    Proof::inconclusive(
        REQUIREMENT,
        format!(
            "{at} the service gave out, and neither its processor time ({} % of a core by its busiest thread), nor its connections, nor a dependency that became slow did: {}",
            percent(top.service.busiest).round(),
            waits.unwrap_or_else(|| {
                "what it waits for is inside it, such as its number of workers".to_owned()
            })
        ),
    )
}

/// Everything that was used up in `top`. Where it `is_serial`, a single connection that is always in use is how a lock around all calls looks, or
/// the pool of one that is the defect itself.
fn resources(peak: &Stretch, top: &Stretch, is_serial: bool) -> Vec<String> {
    let mut found = Vec::new();
    if top.service.is_full() {
        found.push(format!(
            "the service's processor time gives out: its busiest thread wants {} % of a core",
            percent(top.service.busiest).round()
        ));
    }
    for (name, usage) in &top.usages {
        if top.dependencies.get(name).is_some_and(Strain::is_full) {
            found.push(format!("the processor time of `{name}` gives out"));
        }
        let counts = usage.max_open > 1 || !is_serial;
        if counts && are_connections_in_use(usage, wall_s(top)) {
            found.push(in_use(name, usage));
        }
        let before = peak.usages.get(name).map(|usage| usage.median).unwrap_or_default();
        if usage.median > QUICK && usage.median > before * SLOWER {
            found.push(format!(
                "`{name}` takes {} ms per call, and {} ms at the peak",
                millis(usage.median),
                millis(before)
            ));
        }
    }
    found
}

fn in_use(name: &str, usage: &Usage) -> String {
    match usage.max_open {
        1 => format!("the one connection to `{name}` is always in use"),
        open => format!("the {open} connections to `{name}` are all in use"),
    }
}

fn wall_s(stretch: &Stretch) -> f64 {
    stretch.until.duration_since(stretch.from).as_secs_f64()
}

fn are_connections_in_use(usage: &Usage, wall_s: f64) -> bool {
    let available_s = wall_s * float(usage.max_open);
    usage.calls >= FEWEST && available_s > 0.0 && usage.busy.as_secs_f64() / available_s >= IN_USE
}

/// Whether calls were often under way, and next to never two at a time.
fn is_one_at_a_time(top: &Stretch) -> bool {
    let calls: u64 = top.usages.values().map(|usage| usage.calls).sum();
    let share = top.overlap.busy.as_secs_f64() / wall_s(top);
    calls >= FEWEST && share >= OFTEN && together(top) <= BESIDE.max(by_chance(share) * MEETING)
}

/// Of the time with calls, the share with two or more of them, where calls that know nothing of each other are under way for `share` of the
/// time: by Poisson's distribution of how many there are.
fn by_chance(share: f64) -> f64 {
    let none = (1.0 - share).clamp(0.01, 1.0);
    let one = none * -none.ln();
    (1.0 - none - one) / (1.0 - none).max(f64::MIN_POSITIVE)
}

/// Of the time with calls under way, the share with two or more.
fn together(top: &Stretch) -> f64 {
    let busy_s = top.overlap.busy.as_secs_f64();
    if busy_s > 0.0 { top.overlap.shared.as_secs_f64() / busy_s } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::super::causes::tests::{service, slow, takes};
    use super::super::super::quiet::Quiet;
    use super::super::super::stretch::tests::quiet;
    use super::super::super::usage::Overlap;
    use super::*;
    use crate::Outcome;

    fn knee() -> Knee {
        Knee {
            good_per_s: Some(300.0),
            bad: Some((320.0, "slow".into())),
            limited: None,
            stopped_at_per_s: None,
        }
    }

    fn used(max_open: u64, shared_ms: u64, busy_s: u64, median_ms: u64) -> Stretch {
        let mut stretch = quiet("top", 320.0);
        let usage = Usage {
            max_open,
            calls: 3000,
            busy: Duration::from_secs(busy_s),
            median: Duration::from_millis(median_ms),
            ..Usage::default()
        };
        stretch.usages.insert("db".into(), usage);
        stretch.overlap =
            Overlap { busy: Duration::from_secs(busy_s), shared: Duration::from_millis(shared_ms) };
        stretch
    }

    fn judged(top: &Stretch) -> Proof {
        let service = service();
        let quiet = Quiet::new();
        let causes =
            Causes { service: &service, before: &quiet, then: &quiet, created: 0, proofs: &[] };
        shared_bottleneck(&knee(), &used(8, 1900, 2, 1), Some(top), &causes)
    }

    #[test]
    fn statements_one_after_another_are_named_as_what_a_request_waits_for() {
        let service = service();
        let mut top = used(8, 1900, 5, 1);
        top.broken.push(slow());
        let judged = |before: u64, then: u64| {
            let (before, then) = (takes(before), takes(then));
            let causes =
                Causes { service: &service, before: &before, then: &then, created: 9, proofs: &[] };
            let proof = shared_bottleneck(&knee(), &used(8, 1900, 2, 1), Some(&top), &causes);
            let Outcome::Inconclusive(why) = proof.outcome else { panic!("{proof:?}") };
            why
        };
        let why = judged(900, 900);
        assert!(why.contains("did: a request of `list` waits for `db`: its 1664 calls"), "{why}");
        let why = judged(30, 900);
        assert!(why.contains("it is slow, but by then") && why.contains("1664 calls"), "{why}");
    }

    #[test]
    fn a_search_that_was_stopped_names_nothing() {
        let service = service();
        let own = Quiet::new();
        let causes =
            Causes { service: &service, before: &own, then: &own, created: 0, proofs: &[] };
        let stopped = Knee {
            good_per_s: Some(300.0),
            bad: None,
            limited: None,
            stopped_at_per_s: Some(300.0),
        };
        let proof = shared_bottleneck(&stopped, &quiet("peak", 100.0), None, &causes);
        let Outcome::Inconclusive(why) = proof.outcome else { panic!("{proof:?}") };
        assert!(why.contains("carried 300/s, and the search went no further"), "{why}");
    }

    #[test]
    fn what_is_used_up_is_named() {
        let mut busy = used(8, 1900, 2, 1);
        busy.service = Strain { cpu_s: 9.0, busiest: 0.95, starved: 0.0 };
        assert!(judged(&busy).seen[0].contains("processor time gives out"));
        assert!(
            judged(&used(8, 1900, 78, 2)).seen[0].contains("8 connections to `db` are all in use")
        );
        assert!(judged(&used(8, 1900, 10, 40)).seen[0].contains("`db` takes 40 ms per call"));
    }

    #[test]
    fn a_lock_around_everything_is_found() {
        let Outcome::FellShort(shortfalls) = judged(&used(8, 90, 5, 1)).outcome else { panic!() };
        assert!(shortfalls[0].message.contains("one request at a time"), "{shortfalls:?}");
        let of_one = judged(&used(1, 90, 9, 5));
        assert!(matches!(of_one.outcome, Outcome::FellShort(_)), "one connection, {of_one:?}");
        assert!(judged(&used(1, 4000, 9, 5)).seen[0].contains("the one connection to `db`"));
        // A busy machine makes calls meet in the proxy.
        assert!(matches!(judged(&used(8, 1800, 9, 1)).outcome, Outcome::FellShort(_)));
    }

    #[test]
    fn calls_by_chance_meet_as_often_as_poisson_says() {
        let shares = [(0.3, 0.168), (0.5, 0.307), (0.88, 0.711)];
        for (share, expected) in shares {
            assert!((by_chance(share) - expected).abs() < 0.001, "{share}: {}", by_chance(share));
        }
        assert!(by_chance(0.0) < 0.001 && by_chance(1.0) > 0.9);
    }

    #[test]
    fn what_is_not_known_is_not_made_up() {
        assert!(matches!(judged(&used(8, 1900, 5, 1)).outcome, Outcome::Inconclusive(_)));
        // Calls are too rare to say that they would have met.
        assert!(matches!(judged(&used(8, 0, 2, 1)).outcome, Outcome::Inconclusive(_)));
        let peak = quiet("peak", 100.0);
        let limited = Knee { bad: None, limited: Some((320.0, "machine".into())), ..knee() };
        let (service, quiet) = (service(), Quiet::new());
        let causes =
            Causes { service: &service, before: &quiet, then: &quiet, created: 0, proofs: &[] };
        let proof = shared_bottleneck(&limited, &peak, Some(&used(8, 90, 5, 1)), &causes);
        assert!(matches!(proof.outcome, Outcome::Inconclusive(_)));
    }
}
