//! Whether the promises hold above the peak, where the knee is, and what a second instance brings.

use super::super::knee::{Came, Knee};
use super::super::promise::millis;
use super::super::stretch::Stretch;
use crate::{Proof, Shortfall, Subject};

const LOAD_TESTED: &str = "capacity/load-tested";
const HEADROOM: &str = "capacity/headroom";
const SCALES_OUT: &str = "capacity/scales-out";
/// The knee has to be this many times the peak.
const TIMES_PEAK: f64 = 2.0;
/// Two instances have to carry this many times the load of one.
const TIMES_ONE: f64 = 1.5;

/// capacity/load-tested: the promises hold in each of `stretches`.
pub(in super::super) fn load_tested(stretches: &[&Stretch]) -> Proof {
    let (mut shortfalls, mut seen) = (Vec::new(), Vec::new());
    for stretch in stretches {
        match stretch.came() {
            Came::Good => {}
            Came::Limited(what) => {
                return Proof::inconclusive(
                    LOAD_TESTED,
                    format!(
                        "at {} ({:.0}/s) {}, but {what}",
                        stretch.name,
                        stretch.rate_per_s,
                        stretch.how()
                    ),
                );
            }
            Came::Bad(how) if stretch.broken.is_empty() => shortfalls.push(Shortfall {
                about: Subject::Service,
                message: format!("at {} ({:.0}/s) {how}", stretch.name, stretch.rate_per_s),
                help: HELP.to_owned(),
            }),
            Came::Bad(_) => shortfalls.extend(stretch.broken.iter().map(|broken| Shortfall {
                about: Subject::Journey(broken.journey.clone()),
                message: format!(
                    "at {} ({:.0}/s) {}",
                    stretch.name, stretch.rate_per_s, broken.message
                ),
                help: HELP.to_owned(),
            })),
        }
        seen.push(told(stretch));
    }
    if stretches.is_empty() {
        return Proof::inconclusive(LOAD_TESTED, "no load above the peak was sent");
    }
    Proof::judged(LOAD_TESTED, shortfalls, seen)
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

/// capacity/headroom: the knee is at least twice `peak_per_s`.
pub(in super::super) fn headroom(knee: &Knee, peak_per_s: f64) -> Proof {
    let good = knee.good_per_s.unwrap_or(0.0);
    let times = good / peak_per_s;
    let top = match (&knee.bad, &knee.limited) {
        (Some((rate, how)), _) if knee.is_found() => format!("at {rate:.0}/s {how}"),
        (_, Some((rate, what))) => {
            format!("above that nothing can be said of the service, for at {rate:.0}/s {what}")
        }
        _ => "no rate was tried at which it gave out".to_owned(),
    };
    if times >= TIMES_PEAK {
        let seen = vec![
            format!(
                "the promises are kept at {good:.0}/s, {times:.1} times the peak of {peak_per_s:.0}/s"
            ),
            top,
        ];
        return Proof::kept(HEADROOM, seen);
    }
    if !knee.is_found() {
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
}

/// capacity/scales-out: two instances carry clearly more than one, which carries `good_per_s`.
pub(in super::super) fn scales_out(second: &Second, good_per_s: f64) -> Proof {
    let (stretch, times) = match second {
        Second::NotTried(why) => return Proof::inconclusive(SCALES_OUT, why.clone()),
        Second::Tried(stretch, times) => (stretch, times),
    };
    let what = format!(
        "one instance carries {good_per_s:.0}/s; two were given {:.0}/s, {times:.1} times as much",
        stretch.rate_per_s
    );
    match stretch.came() {
        Came::Good if *times >= TIMES_ONE => Proof::kept(SCALES_OUT, vec![what, told(stretch)]),
        Came::Good => Proof::inconclusive(SCALES_OUT, what),
        Came::Limited(limit) => Proof::inconclusive(SCALES_OUT, format!("{what}, and {limit}")),
        Came::Bad(how) => {
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
    use super::super::super::promise::Broken;
    use super::super::super::stretch::tests::quiet;
    use super::*;
    use crate::Outcome;

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
        Knee { good_per_s: Some(good), bad: named(bad, "slow"), limited: named(limited, "machine") }
    }

    #[test]
    fn promises_have_to_hold_in_each_stretch() {
        let (two, three) = (quiet("2x", 100.0), broken("3x"));
        assert_eq!(load_tested(&[&two]).outcome, Outcome::Kept);
        let Outcome::FellShort(shortfalls) = load_tested(&[&two, &three]).outcome else { panic!() };
        assert_eq!(shortfalls[0].message, "at 3x (100/s) it is slow");
        assert!(matches!(load_tested(&[]).outcome, Outcome::Inconclusive(_)));
    }

    #[test]
    fn a_knee_below_twice_the_peak_is_too_little() {
        assert_eq!(headroom(&knee(250.0, Some(270.0), None), 100.0).outcome, Outcome::Kept);
        assert!(matches!(
            headroom(&knee(150.0, Some(160.0), None), 100.0).outcome,
            Outcome::FellShort(_)
        ));
    }

    #[test]
    fn a_machine_that_gives_out_below_twice_the_peak_says_nothing() {
        let open = headroom(&knee(150.0, Some(300.0), Some(160.0)), 100.0);
        assert!(matches!(open.outcome, Outcome::Inconclusive(_)));
        assert_eq!(headroom(&knee(250.0, None, Some(300.0)), 100.0).outcome, Outcome::Kept);
    }

    #[test]
    fn two_instances_have_to_carry_more_than_one() {
        let good = Second::Tried(Box::new(quiet("two", 150.0)), 1.5);
        assert_eq!(scales_out(&good, 100.0).outcome, Outcome::Kept);
        let bad = Second::Tried(Box::new(broken("two")), 1.5);
        assert!(matches!(scales_out(&bad, 100.0).outcome, Outcome::FellShort(_)));
        let none = Second::NotTried("no core to spare".into());
        assert!(matches!(scales_out(&none, 100.0).outcome, Outcome::Inconclusive(_)));
    }
}
