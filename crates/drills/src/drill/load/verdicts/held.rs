//! Whether the promises hold above the peak, where the knee is, and what a second instance brings.

use super::super::causes::Causes;
use super::super::knee::{Came, Knee};
use super::super::promise::{Broken, millis, needed, too_few};
use super::super::stretch::Stretch;
use crate::{Proof, Service, Shortfall, Subject};

const LOAD_TESTED: &str = "capacity/load-tested";
const HEADROOM: &str = "capacity/headroom";
const SCALES_OUT: &str = "capacity/scales-out";
/// The knee has to be this many times the peak.
const TIMES_PEAK: f64 = 2.0;
/// Two instances have to carry this many times the load of one.
const TIMES_ONE: f64 = 1.5;
/// A longer run than this is not asked for.
const MOST_S: u64 = 3600;

/// capacity/load-tested: the promises hold in each of `stretches`.
pub(in super::super) fn load_tested(stretches: &[&Stretch], causes: &Causes<'_>) -> Proof {
    let (mut shortfalls, mut seen, mut few) = (Vec::new(), Vec::new(), Vec::new());
    for stretch in stretches {
        let at = format!("at {} ({:.0}/s)", stretch.name, stretch.rate_per_s);
        if let Came::Bad(how) = stretch.came()
            && let Some(why) = causes.explain(&stretch.broken)
        {
            return Proof::inconclusive(LOAD_TESTED, format!("{at} {how}, but {why}"));
        }
        match stretch.came() {
            Came::Good => few.extend(
                too_few(causes.service, &[&stretch.record])
                    .into_iter()
                    .map(|few| format!("{at} {few}{}", longer(causes.service, stretch))),
            ),
            Came::Limited(what) => {
                return Proof::inconclusive(
                    LOAD_TESTED,
                    format!("{at} {}, but {what}", stretch.how()),
                );
            }
            Came::Bad(how) if stretch.broken.is_empty() => shortfalls.push(Shortfall {
                about: Subject::Service,
                message: format!("{at} {how}"),
                help: HELP.to_owned(),
            }),
            Came::Bad(_) => shortfalls.extend(stretch.broken.iter().map(|broken| Shortfall {
                about: Subject::Journey(broken.journey.clone()),
                message: format!("{at} {}", broken.message),
                help: causes.named(&broken.journey).map_or_else(
                    || HELP.to_owned(),
                    |id| format!("mend first what `{id}` found in `{}`", broken.journey),
                ),
            })),
        }
        seen.push(told(stretch));
    }
    if stretches.is_empty() {
        return Proof::inconclusive(LOAD_TESTED, "no load above the peak was sent");
    }
    if shortfalls.is_empty() && !few.is_empty() {
        return Proof::inconclusive(LOAD_TESTED, few.join("; "));
    }
    Proof::judged(LOAD_TESTED, shortfalls, seen)
}

/// How long the drill has to last for a stretch like `stretch` to have requests enough.
fn longer(service: &Service, stretch: &Stretch) -> String {
    // Twice and three times the peak last half as long as the peak.
    let lasts = needed(service, stretch.rate_per_s) * 2;
    let seconds = lasts.as_secs().next_multiple_of(10).max(10);
    if seconds > MOST_S { String::new() } else { format!(": pass `--duration {seconds}s`") }
}

const HELP: &str = "see in the chart at which rate it begins, and what `capacity/shared-bottleneck` says gives out first";

fn told(stretch: &Stretch) -> String {
    let (latency, counts) = (stretch.record.latency(), stretch.record.counts());
    format!(
        "{}: {} requests at {:.0}/s, p50 {} ms, p99 {} ms, {} failed",
        stretch.name,
        counts.total(),
        stretch.rate_per_s,
        millis(latency.quantile(0.5)),
        millis(latency.quantile(0.99)),
        stretch.record.failures()
    )
}

/// capacity/headroom: the knee is at least twice `peak_per_s`; it was found in `stretches`, and at its top `broken` was missed.
pub(in super::super) fn headroom(
    knee: &Knee,
    peak_per_s: f64,
    stretches: &[&Stretch],
    (causes, broken): (&Causes<'_>, &[Broken]),
) -> Proof {
    let good = knee.good_per_s.unwrap_or(0.0);
    let times = good / peak_per_s;
    let why = if knee.is_found() { causes.explain(broken) } else { None };
    let top = match (&knee.bad, &knee.limited) {
        (Some((rate, how)), _) if knee.is_found() => {
            let why = why.as_ref().map_or_else(String::new, |why| format!(", but {why}"));
            format!("at {rate:.0}/s {how}{why}")
        }
        (_, Some((rate, what))) => {
            format!("above that nothing can be said of the service, for at {rate:.0}/s {what}")
        }
        _ if knee.stopped_at_per_s.is_some() => "searched no further".to_owned(),
        _ => "no rate was tried at which it gave out".to_owned(),
    };
    if times >= TIMES_PEAK {
        let above: Vec<_> = stretches
            .iter()
            .filter(|one| one.rate_per_s >= peak_per_s * TIMES_PEAK * 0.999)
            .filter(|one| one.came() == Came::Good)
            .map(|one| &one.record)
            .collect();
        let few = too_few(causes.service, &above);
        if !few.is_empty() {
            return Proof::inconclusive(
                HEADROOM,
                format!("at {TIMES_PEAK} times the peak and above, {}; {top}", few.join("; ")),
            );
        }
        let at_least = if knee.stopped_at_per_s.is_some() { "at least " } else { "" };
        let seen = vec![
            format!(
                "the promises are kept at {good:.0}/s, {at_least}{times:.1} times the peak of {peak_per_s:.0}/s"
            ),
            top,
        ];
        return Proof::kept(HEADROOM, seen);
    }
    if !knee.is_found() || why.is_some() {
        return Proof::inconclusive(
            HEADROOM,
            format!("the promises are kept at {good:.0}/s, {times:.1} times the peak; {top}"),
        );
    }
    let shortfall = Shortfall {
        about: Subject::Service,
        message: format!(
            "the knee is at {good:.0}/s, {times:.1} times the peak of {peak_per_s:.0}/s: {top}"
        ),
        help: "remove what gives out first, see `capacity/shared-bottleneck`, or run more instances and drill them together".to_owned(),
    };
    Proof::judged(HEADROOM, vec![shortfall], Vec::new())
}

/// What was tried with a second instance.
#[derive(Debug)]
pub(in super::super) enum Second {
    /// Nothing, for this reason.
    NotTried(String),
    /// Load on both, at this many times what one carries.
    Tried(Box<Stretch>, f64),
    /// The same, which missed promises, and then once more what one carried, on one.
    Compared(Box<Stretch>, f64, Box<Stretch>),
}

impl Second {
    /// All that was sent for it.
    pub(in super::super) fn stretches(&self) -> Vec<&Stretch> {
        match self {
            Self::NotTried(_) => Vec::new(),
            Self::Tried(both, _) => vec![both],
            Self::Compared(both, _, one) => vec![both, one],
        }
    }
}

/// capacity/scales-out: two instances carry clearly more than one, which carries `good_per_s`.
pub(in super::super) fn scales_out(second: &Second, good_per_s: f64, causes: &Causes<'_>) -> Proof {
    let (stretch, times, once_more) = match second {
        Second::NotTried(why) => return Proof::inconclusive(SCALES_OUT, why.clone()),
        Second::Tried(stretch, times) => (stretch, times, None),
        Second::Compared(stretch, times, one) => (stretch, times, Some(one)),
    };
    let what = format!(
        "one instance carries {good_per_s:.0}/s; two were given {:.0}/s, {times:.1} times as much",
        stretch.rate_per_s
    );
    let few = too_few(causes.service, &[&stretch.record]);
    match stretch.came() {
        Came::Good if !few.is_empty() => {
            Proof::inconclusive(SCALES_OUT, format!("{what}, and {}", few.join("; ")))
        }
        Came::Good if *times >= TIMES_ONE => Proof::kept(SCALES_OUT, vec![what, told(stretch)]),
        Came::Good => Proof::inconclusive(SCALES_OUT, what),
        Came::Limited(limit) => Proof::inconclusive(SCALES_OUT, format!("{what}, and {limit}")),
        Came::Bad(how) => {
            if let Some(one) = once_more.filter(|one| one.came() != Came::Good) {
                return Proof::inconclusive(
                    SCALES_OUT,
                    format!(
                        "{what}, and {how}; but by then one instance does not carry its {:.0}/s any more either: {}",
                        one.rate_per_s,
                        causes.explain(&one.broken).unwrap_or_else(|| one.how())
                    ),
                );
            }
            if let Some(why) = causes.explain(&stretch.broken) {
                return Proof::inconclusive(SCALES_OUT, format!("{what}, and {how}, but {why}"));
            }
            let shortfall = Shortfall {
                about: Subject::Service,
                message: format!("{what}, and {how}"),
                help: "find what the instances share: a lock in the database, one connection limit, one queue".to_owned(),
            };
            Proof::judged(SCALES_OUT, vec![shortfall], Vec::new())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::causes::tests::{service, slow, takes};
    use super::super::super::quiet::Quiet;
    use super::super::super::stretch::tests::quiet;
    use super::*;
    use crate::Outcome;

    fn nothing() -> Quiet {
        Quiet::new()
    }

    /// Judged with nothing known that would explain a miss.
    fn plainly<T>(judge: impl FnOnce(&Causes<'_>) -> T) -> T {
        let service = Service::default();
        judge(&Causes {
            service: &service,
            before: &nothing(),
            then: &nothing(),
            created: 0,
            proofs: &[],
        })
    }

    /// Judged where the list takes a second by itself by now, and took 30 ms.
    fn grown<T>(judge: impl FnOnce(&Causes<'_>) -> T) -> T {
        let service = service();
        judge(&Causes {
            service: &service,
            before: &takes(30),
            then: &takes(1000),
            created: 2000,
            proofs: &[],
        })
    }

    fn plain_headroom(knee: &Knee) -> Outcome {
        plainly(|causes| headroom(knee, 100.0, &[], (causes, &[]))).outcome
    }

    fn reason(proof: Proof) -> String {
        let Outcome::Inconclusive(reason) = proof.outcome else { panic!("{proof:?}") };
        reason
    }

    fn slow_list(name: &str) -> Stretch {
        let mut stretch = quiet(name, 100.0);
        stretch.broken.push(slow());
        stretch
    }

    #[test]
    fn what_the_amount_of_data_did_is_no_effect_of_load() {
        let three = slow_list("3x");
        assert!(matches!(
            plainly(|causes| load_tested(&[&three], causes)).outcome,
            Outcome::FellShort(_)
        ));
        let why = reason(grown(|causes| load_tested(&[&three], causes)));
        assert!(why.contains("it is slow, but by then one request of `list` alone"), "{why}");
        let low = knee(150.0, Some(160.0), None);
        let why = reason(grown(|causes| headroom(&low, 100.0, &[], (causes, &[slow()]))));
        assert!(why.contains("1.5 times the peak; at 160/s slow, but by then"), "{why}");
        let second = Second::Tried(Box::new(slow_list("two")), 1.6);
        assert!(reason(grown(|causes| scales_out(&second, 100.0, causes))).contains("2000 things"));
    }

    #[test]
    fn two_instances_are_compared_with_one_on_the_same_data() {
        let both = || Box::new(broken("two"));
        let fine = Second::Compared(both(), 1.6, Box::new(quiet("one", 62.5)));
        let proof = plainly(|causes| scales_out(&fine, 62.5, causes));
        assert!(matches!(proof.outcome, Outcome::FellShort(_)));
        let slow = Second::Compared(both(), 1.6, both());
        let why = reason(plainly(|causes| scales_out(&slow, 62.5, causes)));
        assert!(why.contains("one instance does not carry its 100/s any more either"), "{why}");
    }

    #[test]
    fn too_few_requests_keep_no_quantile() {
        let service = service();
        let causes = Causes {
            service: &service,
            before: &nothing(),
            then: &nothing(),
            created: 0,
            proofs: &[],
        };
        let two = quiet("2x", 200.0);
        let why = reason(load_tested(&[&two], &causes));
        assert_eq!(
            why,
            "at 2x (200/s) 0 requests of `list` are too few for its 99 % quantile, which needs 100: pass `--duration 10s`"
        );
        let high = knee(250.0, None, Some(300.0));
        assert!(
            reason(headroom(&high, 100.0, &[&two], (&causes, &[])))
                .contains("0 requests of `list`")
        );
        let second = Second::Tried(Box::new(quiet("two", 150.0)), 1.6);
        assert!(reason(scales_out(&second, 100.0, &causes)).contains("too few"));
    }

    #[test]
    fn a_search_that_was_stopped_says_at_least() {
        let stopped = Knee { stopped_at_per_s: Some(2000.0), ..knee(2000.0, None, None) };
        let proof = plainly(|causes| headroom(&stopped, 100.0, &[], (causes, &[])));
        assert_eq!(
            proof.seen,
            [
                "the promises are kept at 2000/s, at least 20.0 times the peak of 100/s",
                "searched no further"
            ]
        );
    }

    fn broken(name: &str) -> Stretch {
        let mut stretch = quiet(name, 100.0);
        stretch.broken.push(Broken {
            journey: "read".into(),
            message: "it is slow".into(),
            is_failure: false,
        });
        stretch
    }

    fn knee(good: f64, bad: Option<f64>, limited: Option<f64>) -> Knee {
        let named = |rate: Option<f64>, what: &str| rate.map(|rate| (rate, what.to_owned()));
        Knee {
            good_per_s: Some(good),
            bad: named(bad, "slow"),
            limited: named(limited, "machine"),
            stopped_at_per_s: None,
        }
    }

    #[test]
    fn promises_have_to_hold_in_each_stretch() {
        let (two, three) = (quiet("2x", 100.0), broken("3x"));
        assert_eq!(plainly(|causes| load_tested(&[&two], causes)).outcome, Outcome::Kept);
        let proof = plainly(|causes| load_tested(&[&two, &three], causes));
        let Outcome::FellShort(shortfalls) = proof.outcome else { panic!() };
        assert_eq!(shortfalls[0].message, "at 3x (100/s) it is slow");
        let none = plainly(|causes| load_tested(&[], causes));
        assert!(matches!(none.outcome, Outcome::Inconclusive(_)));
    }

    #[test]
    fn a_knee_below_twice_the_peak_is_too_little() {
        assert_eq!(plain_headroom(&knee(250.0, Some(270.0), None)), Outcome::Kept);
        let low = plain_headroom(&knee(150.0, Some(160.0), None));
        assert!(matches!(low, Outcome::FellShort(_)));
    }

    #[test]
    fn a_machine_that_gives_out_below_twice_the_peak_says_nothing() {
        let open = plain_headroom(&knee(150.0, Some(300.0), Some(160.0)));
        assert!(matches!(open, Outcome::Inconclusive(_)));
        assert_eq!(plain_headroom(&knee(250.0, None, Some(300.0))), Outcome::Kept);
    }

    #[test]
    fn two_instances_have_to_carry_more_than_one() {
        let good = Second::Tried(Box::new(quiet("two", 150.0)), 1.5);
        let judged = |second: &Second| plainly(|causes| scales_out(second, 100.0, causes)).outcome;
        assert_eq!(judged(&good), Outcome::Kept);
        let bad = Second::Tried(Box::new(broken("two")), 1.5);
        assert!(matches!(judged(&bad), Outcome::FellShort(_)));
        let none = Second::NotTried("no core to spare".into());
        assert!(matches!(judged(&none), Outcome::Inconclusive(_)));
    }
}
