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
    /// Anything else that goes wrong.
    Broken,
}

/// One fault of the menu.
#[derive(Clone, Debug)]
pub(super) struct Dish {
    /// What happens, after the name of the dependency: "answers 503".
    pub(super) words: &'static str,
    /// What is done.
    pub(super) fault: Fault,
    /// What it shows.
    pub(super) purpose: Purpose,
    /// How long it lasts.
    pub(super) lasts: Duration,
}

/// The faults that `dependency` can have, in the order in which they are tried.
pub(super) fn faults(dependency: &Dependency) -> Vec<Dish> {
    let timeout = dependency.timeout.unwrap_or(DEFAULT_TIMEOUT);
    let held = bound(dependency).saturating_add(Duration::from_secs(2));
    let dish = |words, fault, purpose, lasts| Dish { words, fault, purpose, lasts };
    let mut menu = vec![
        dish("does not answer", Fault::black_hole(), Purpose::Silent, held.clamp(SHORT, LONGEST)),
        dish("refuses connections", Fault::Refuse, Purpose::Broken, SHORT),
        dish("resets connections", Fault::reset(), Purpose::Broken, SHORT),
        dish("is slow", Fault::latency(timeout / 2), Purpose::Slow, SHORT),
    ];
    match dependency.kind {
        DependencyKind::Http => menu.extend([
            dish("answers 503", Fault::status(503), Purpose::Failing, LONG),
            dish(
                "is cut off in the middle of an answer",
                Fault::Cut { after: 20 },
                Purpose::Broken,
                SHORT,
            ),
            dish("answers something else", Fault::wrong_body(), Purpose::Broken, SHORT),
        ]),
        DependencyKind::Grpc => {
            menu.push(dish("answers UNAVAILABLE", Fault::grpc_status(14), Purpose::Failing, LONG));
        }
        DependencyKind::Postgres => {
            menu.push(dish(
                "has no connections left",
                Fault::postgres("53300"),
                Purpose::Failing,
                LONG,
            ));
        }
        DependencyKind::Redis => {
            menu.push(dish(
                "is loading its data",
                Fault::redis("LOADING Redis is loading the dataset in memory"),
                Purpose::Failing,
                LONG,
            ));
        }
        DependencyKind::Tcp => {}
    }
    menu
}
