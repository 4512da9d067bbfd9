//! Which faults a dependency of each kind can have.

use std::time::Duration;

use crate::proxy::Fault;
use crate::{Dependency, DependencyKind};

/// How long a fault lasts at least.
const SHORT: Duration = Duration::from_secs(4);
/// How long an outage lasts, so that a circuit breaker shows.
const LONG: Duration = Duration::from_secs(6);
/// What is taken for a declared timeout where none is declared.
pub(super) const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest that a fault lasts, whatever timeout is declared.
const LONGEST: Duration = Duration::from_mins(1);

/// How long a request may be held by `dependency` when it does not answer: each attempt for its timeout and a fifth more, and half a second for the
/// pauses between attempts and for a busy machine.
pub fn bound(dependency: &Dependency) -> Duration {
    let attempts = dependency.max_retries.unwrap_or(0).saturating_add(1);
    let waits = dependency.timeout.unwrap_or(DEFAULT_TIMEOUT).saturating_mul(attempts);
    waits.saturating_add(waits / 5).saturating_add(Duration::from_millis(500))
}

/// What a fault is there to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// It does not answer: shows timeouts.
    Silent,
    /// It answers errors: shows retries and circuit breakers.
    Failing,
    /// It is slow, but answers in time by its declaration.
    Slow,
    /// It answers, but not what it should: it is not down.
    Wrong,
    /// Anything else that goes wrong.
    Broken,
}

/// One fault of the menu.
#[derive(Clone, Debug)]
pub(super) struct Dish {
    /// What happens, after the name of the dependency: "answers 503".
    pub(super) words: &'static str,
    /// What is done, all at once.
    pub(super) faults: Vec<Fault>,
    /// What it shows.
    pub(super) purpose: Purpose,
    /// How long it lasts.
    pub(super) lasts: Duration,
}

/// The faults that `dependency` can have, in the order in which they are tried. `longest_answer` is the longest that was seen of it, in bytes; 0
/// where none was.
pub(super) fn faults(dependency: &Dependency, longest_answer: u64) -> Vec<Dish> {
    let held = bound(dependency).saturating_add(Duration::from_secs(2));
    let several = |words, faults, purpose, lasts| Dish { words, faults, purpose, lasts };
    let dish = |words, fault, purpose, lasts| several(words, vec![fault], purpose, lasts);
    let cut = |after| {
        let words = "is cut off in the middle of an answer";
        dish(words, Fault::Cut { after }, Purpose::Broken, SHORT)
    };
    let something_else =
        || dish("answers something else", Fault::wrong_body(), Purpose::Wrong, SHORT);
    let is_in_drips = longest_answer > 0;
    let slow = if is_in_drips { "is slow and answers in drips" } else { "is slow" };
    let mut menu = vec![
        dish("does not answer", Fault::black_hole(), Purpose::Silent, held.clamp(SHORT, LONGEST)),
        dish("refuses connections", Fault::Refuse, Purpose::Broken, SHORT),
        dish("resets connections", Fault::reset(), Purpose::Broken, SHORT),
        several(slow, slowness(dependency, longest_answer), Purpose::Slow, SHORT),
    ];
    match dependency.kind {
        DependencyKind::Http => menu.extend([
            dish("answers 503", Fault::status(503), Purpose::Failing, LONG),
            cut(20),
            something_else(),
        ]),
        DependencyKind::Grpc => menu.extend([
            dish("answers UNAVAILABLE", Fault::grpc_status(14), Purpose::Failing, LONG),
            // Of a message, whose head alone has five bytes.
            cut(3),
            something_else(),
        ]),
        DependencyKind::Postgres => menu.extend([
            dish("has no connections left", Fault::postgres("53300"), Purpose::Failing, LONG),
            cut(20),
            // What an overlong statement gets; its session, and a transaction that is open in it, stay.
            dish("cancels statements", Fault::postgres("57014"), Purpose::Wrong, SHORT),
        ]),
        DependencyKind::Redis => menu.extend([
            dish(
                "is loading its data",
                Fault::redis("LOADING Redis is loading the dataset in memory"),
                Purpose::Failing,
                LONG,
            ),
            // The shortest answers have four bytes.
            cut(2),
        ]),
        // Where a message ends nobody knows: after its first byte it hardly does.
        DependencyKind::Tcp => menu.push(cut(1)),
    }
    menu
}

/// What makes a dependency slow, so that a whole answer of the length that is usual still comes within its timeout: its first byte after an eighth
/// to three eighths of the timeout, each time another, the rest in pieces of all sizes within an eighth; and a connection that it ends, an eighth later.
fn slowness(dependency: &Dependency, longest_answer: u64) -> Vec<Fault> {
    let eighth = dependency.timeout.unwrap_or(DEFAULT_TIMEOUT) / 8;
    let mut faults = vec![Fault::Latency { delay: eighth * 2, jitter: eighth }];
    if longest_answer > 0 {
        let eighth_us = u64::try_from(eighth.as_micros()).unwrap_or(u64::MAX).max(1);
        let bytes_per_s = (longest_answer.saturating_mul(1_000_000) / eighth_us).max(1);
        let bytes = usize::try_from(longest_answer / 8).unwrap_or(usize::MAX).max(1);
        faults.push(Fault::Bandwidth { bytes_per_s });
        faults.push(Fault::Slice { bytes, variation: bytes / 2, pause: Duration::ZERO });
    }
    if matches!(dependency.kind, DependencyKind::Http | DependencyKind::Tcp) {
        faults.push(Fault::SlowClose { delay: eighth });
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::super::sample::dependency;
    use super::*;

    /// What docs/drills.md calls a fault; one that is new has to be decided upon there and here.
    fn name(fault: &Fault) -> &'static str {
        match fault {
            Fault::Latency { .. } => "latency",
            Fault::BlackHole { .. } => "black hole",
            Fault::Reset { .. } => "reset",
            Fault::Refuse => "refusal",
            Fault::SlowClose { .. } => "late end",
            Fault::Bandwidth { .. } => "bandwidth",
            Fault::Slice { .. } => "pieces",
            Fault::Cut { .. } => "cut",
            Fault::Limit { .. } => "limit",
            Fault::HttpAnswer { .. } => "answer",
            Fault::PostgresError { .. } => "error of PostgreSQL",
            Fault::RedisError { .. } => "error of Redis",
        }
    }

    /// The names of what is brought to a dependency of this kind, besides what all can have.
    fn brought(kind: DependencyKind, longest_answer: u64) -> Vec<&'static str> {
        let all = ["latency", "black hole", "reset", "refusal", "cut"];
        let menu = faults(&Dependency { kind, ..dependency(true) }, longest_answer);
        let mut names: Vec<_> = menu.iter().flat_map(|dish| &dish.faults).map(name).collect();
        assert!(all.iter().all(|common| names.contains(common)), "{kind:?}: {names:?}");
        names.retain(|name| !all.contains(name));
        names.sort_unstable();
        names
    }

    #[test]
    fn each_kind_gets_every_fault_that_it_can_have() {
        use DependencyKind::{Grpc, Http, Postgres, Redis, Tcp};
        assert_eq!(brought(Http, 9), ["answer", "answer", "bandwidth", "late end", "pieces"]);
        assert_eq!(brought(Grpc, 9), ["answer", "answer", "bandwidth", "pieces"]);
        let errors = ["error of PostgreSQL"; 2];
        assert_eq!(brought(Postgres, 9), ["bandwidth", errors[0], errors[1], "pieces"]);
        assert_eq!(brought(Redis, 9), ["bandwidth", "error of Redis", "pieces"]);
        assert_eq!(brought(Tcp, 0), ["late end"]);
    }

    #[test]
    fn a_slow_dependency_still_answers_within_its_timeout() {
        let ms = Duration::from_millis;
        for (timeout, longest) in [(ms(150), 90), (ms(300), 1), (ms(5000), 3 << 20), (ms(1), 1)] {
            let slow = Dependency { timeout: Some(timeout), ..dependency(true) };
            let lasts = slowness(&slow, longest).into_iter().map(|fault| match fault {
                Fault::Latency { delay, jitter } => delay + jitter,
                Fault::Bandwidth { bytes_per_s } => {
                    Duration::from_micros(longest * 1_000_000 / bytes_per_s)
                }
                Fault::SlowClose { delay } => delay,
                _ => Duration::ZERO,
            });
            let lasts: Duration = lasts.sum();
            assert!(lasts <= timeout * 2 / 3, "{lasts:?} of {timeout:?}");
        }
    }
}
