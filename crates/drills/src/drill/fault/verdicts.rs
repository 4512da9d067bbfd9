//! From what was seen in the trials to what is proven. Pure: the same trials give the same proofs.

mod health;
mod made;
mod rounds;
mod users;

use std::collections::BTreeSet;
use std::time::Duration;

use super::menu::Purpose;
use super::trial::{Request, Trial};
use crate::{Dependency, Journey, Proof, Service, Shortfall, Subject};

use health::health_is_honest;
use made::{bounded_retries, circuit_breaker, outbound_timeouts};
pub(super) use rounds::Rounds;
use users::{error_visibility, failure_modes, graceful_degradation, no_cascade, self_recovery};

/// What was tried on one dependency.
#[derive(Clone, Debug)]
pub(super) struct Tried<'a> {
    /// The dependency.
    pub(super) dependency: &'a Dependency,
    /// Its trials.
    pub(super) trials: Vec<Trial>,
    /// Whether they are of every fault that it can have: of fewer, what the others would have shown is not known.
    pub(super) is_whole: bool,
    /// Calls a second that it got without any fault.
    pub(super) calls_per_s: f64,
    /// What those calls asked for.
    pub(super) shapes: BTreeSet<String>,
    /// Those of them of which calls of several users are equal in all.
    pub(super) alike: BTreeSet<String>,
}

impl Tried<'_> {
    /// The trials whose fault landed, and in which the machine was not too busy to tell whose doing it was. That the service
    /// ended is its own doing on any machine.
    fn landed(&self) -> impl Iterator<Item = &Trial> {
        let is_told = |trial: &&Trial| trial.lateness.is_none() || trial.exit.is_some();
        self.trials.iter().filter(|trial| trial.landed > 0).filter(is_told)
    }

    /// Of which trial nothing is told, since the machine was too busy.
    fn untold(&self) -> Option<String> {
        let late = |trial: &Trial| {
            let lateness = trial.lateness.as_ref().filter(|_| trial.exit.is_none())?;
            let name = &self.dependency.name;
            Some(format!(
                "this machine was too busy while `{name}` {}: {lateness}",
                trial.dish.words
            ))
        };
        self.trials.iter().find_map(late)
    }

    /// Those of them that the service lived through; what else a dead one does wrong adds nothing.
    fn survived(&self) -> impl Iterator<Item = &Trial> {
        self.landed().filter(|trial| trial.exit.is_none())
    }

    fn with(&self, purpose: Purpose) -> impl Iterator<Item = &Trial> {
        self.survived().filter(move |trial| trial.dish.purpose == purpose)
    }

    /// The trial in which it answered errors. Where its kind has no such fault or it did not land, that in which it was silent has to do.
    fn failing(&self) -> Result<&Trial, String> {
        let silent = || self.with(Purpose::Silent).next().filter(|_| self.is_whole);
        self.with(Purpose::Failing).next().or_else(silent).ok_or_else(|| self.unseen())
    }

    /// Why a fault that is needed was not seen.
    fn unseen(&self) -> String {
        let why = if self.is_whole { NOT_LANDED } else { NOT_BROUGHT };
        why.to_owned()
    }

    fn about(&self) -> Subject {
        Subject::Dependency(self.dependency.name.clone())
    }

    fn shortfall(&self, message: String, help: &str) -> Shortfall {
        Shortfall { about: self.about(), message, help: help.to_owned() }
    }
}

type Verdict = fn(&Service, &[Tried<'_>]) -> Proof;

/// What each requirement is judged by.
const VERDICTS: [Verdict; 9] = [
    |_, tried| outbound_timeouts(tried),
    |_, tried| bounded_retries(tried),
    |_, tried| circuit_breaker(tried),
    graceful_degradation,
    no_cascade,
    |_, tried| self_recovery(tried),
    health_is_honest,
    failure_modes,
    |_, tried| error_visibility(tried),
];

/// Everything that fault trials can prove about `service`: of each dependency that round counts for a requirement with which most agree.
pub(super) fn proofs(service: &Service, tried: &[Rounds<'_>]) -> Vec<Proof> {
    let judged = |verdict: &Verdict| {
        let counting: Vec<Tried<'_>> =
            tried.iter().filter_map(|rounds| rounds.counting(service, *verdict)).cloned().collect();
        verdict(service, &counting)
    };
    VERDICTS.iter().map(judged).collect()
}

/// Gathers what each dependency shows; a fault that did not land anywhere where it was needed leaves nothing to say.
fn gather<'t>(
    requirement: &'static str,
    tried: &'t [Tried<'t>],
    concerns: impl Fn(&Tried<'_>) -> bool,
    look: impl Fn(&Tried<'_>, &mut Vec<Shortfall>, &mut Vec<String>) -> Result<(), String>,
) -> Proof {
    let (mut shortfalls, mut seen, mut untold, mut asked) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for one in tried.iter().filter(|one| concerns(one)) {
        asked += 1;
        let looked = look(one, &mut shortfalls, &mut seen);
        if let Some(busy) = one.untold() {
            untold.push(busy);
        } else if let Err(reason) = looked {
            untold.push(format!("`{}`: {reason}", one.dependency.name));
        } else if let Some(trial) = one.landed().find(|trial| trial.exit.is_some()) {
            // What a dead service would have done is not known; that it died is a finding of `no_cascade`.
            untold.push(format!(
                "the service ended while `{}` {}",
                one.dependency.name, trial.dish.words
            ));
        }
    }
    if !shortfalls.is_empty() {
        return Proof::judged(requirement, shortfalls, seen);
    }
    if asked == 0 {
        return Proof::inconclusive(
            requirement,
            if tried.is_empty() { "no dependency was disturbed" } else { ALL_NEEDED },
        );
    }
    if seen.is_empty() && untold.is_empty() {
        return Proof::inconclusive(requirement, "nothing was seen that speaks for or against it");
    }
    if !untold.is_empty() {
        return Proof::inconclusive(requirement, untold.join("; "));
    }
    Proof::kept(requirement, seen)
}

/// Only what is about dependencies that are not critical leaves any out.
const ALL_NEEDED: &str = "only dependencies that are critical were disturbed, and this is about those that the service can do without: `critical: false`";

const NOT_BROUGHT: &str = "not every fault was brought, and of those that were none can tell";

const NOT_LANDED: &str =
    "no such fault landed on a call of the service and was survived by it, so nothing can be said";

/// A duration for people: `12 ms`, `3.4 s`.
fn shown(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

/// Whether a request misses what its journey promises: it failed, or it took longer than the loosest latency objective.
pub(super) fn is_bad(journeys: &[Journey], request: &Request) -> bool {
    let within = journeys
        .get(request.journey)
        .and_then(|journey| journey.latencies.iter().map(|objective| objective.within).max());
    request.is_failure() || within.is_some_and(|within| request.took > within)
}
