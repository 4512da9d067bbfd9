//! What is done where this machine was too busy to tell the service's doing from its own: once more, and in the end nothing is told of it.

use crate::service::LatencyObjective;
use crate::{DrillError, Progress, Proof, Rehearsal, Service, Shortfall};

/// How often something is carried out again because the machine was too busy.
pub(super) const PATIENCE: u32 = 4;
const HELP: &str = "run the drill when less else runs here";

/// The tightest latency objective of the journeys: what lateness is measured against.
pub(super) fn tightest(service: &Service) -> Option<LatencyObjective> {
    let objectives = service.journeys.iter().flat_map(|journey| &journey.latencies);
    objectives.min_by_key(|objective| objective.within).copied()
}

/// Carries `once` out, and again while `late` says that the machine was too busy to tell anything by it, at most [`PATIENCE`] times more.
pub(super) fn patiently<T>(
    rehearsal: &mut Rehearsal,
    once: impl FnMut(&mut Rehearsal) -> Result<T, DrillError>,
    late: impl Fn(&T) -> Option<String>,
) -> Result<T, DrillError> {
    patiently_as("once more", rehearsal, once, late)
}

/// The same, with words for whoever watches of what a further time takes: `once more, with the service started again`.
pub(super) fn patiently_as<T>(
    again_in_words: &str,
    rehearsal: &mut Rehearsal,
    mut once: impl FnMut(&mut Rehearsal) -> Result<T, DrillError>,
    late: impl Fn(&T) -> Option<String>,
) -> Result<T, DrillError> {
    let mut again = 0;
    loop {
        let seen = once(rehearsal)?;
        let Some(lateness) = late(&seen).filter(|_| again < PATIENCE) else { return Ok(seen) };
        rehearsal.tell(Progress::Word(format!("{again_in_words}, since {lateness}")));
        again += 1;
    }
}

/// That a step could not be carried out because this machine was too busy.
pub(super) fn too_busy(step: &str, lateness: &str) -> DrillError {
    DrillError::Step {
        step: step.to_owned(),
        reason: format!(
            "this machine is too busy to tell the service's doing from its own: {lateness}"
        ),
        help: HELP.to_owned(),
    }
}

/// In which ways the service fell short, apart from those that may be the machine's doing.
#[derive(Debug, Default)]
pub(super) struct Findings {
    shortfalls: Vec<Shortfall>,
    untold: Option<Untold>,
}

/// What was seen first that would be a shortfall on a machine with less to do, and how late it was meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Untold {
    seen: String,
    /// How late the drill itself was.
    pub(super) lateness: String,
}

impl Findings {
    /// Takes what no load on the machine can bring about.
    pub(super) fn certain(&mut self, shortfalls: impl IntoIterator<Item = Shortfall>) {
        self.shortfalls.extend(shortfalls);
    }

    /// Takes what a busy machine can bring about too, so that it says nothing where there is a `lateness`.
    pub(super) fn unless_busy(
        &mut self,
        lateness: Option<&str>,
        shortfalls: impl IntoIterator<Item = Shortfall>,
    ) {
        let Some(lateness) = lateness else { return self.certain(shortfalls) };
        for shortfall in shortfalls {
            self.unseen(shortfall.message, lateness);
        }
    }

    /// Takes that something was not `seen` as it would have been on a machine with less to do.
    pub(super) fn unseen(&mut self, seen: String, lateness: &str) {
        self.untold.get_or_insert(Untold { seen, lateness: lateness.to_owned() });
    }

    /// What is proven of `requirement`, unless that is open.
    pub(super) fn judged(
        self,
        requirement: &'static str,
        seen: Vec<String>,
    ) -> Result<Proof, Untold> {
        match self.untold {
            Some(untold) if self.shortfalls.is_empty() => Err(untold),
            _ => Ok(Proof::judged(requirement, self.shortfalls, seen)),
        }
    }
}

impl Untold {
    /// That nothing can be said of `requirement`, however often it was tried.
    pub(super) fn proof(&self, requirement: &'static str) -> Proof {
        let Self { seen, lateness } = self;
        Proof::inconclusive(
            requirement,
            format!(
                "this machine was too busy, {} times over, to tell the service's doing from its own: {lateness}; what was seen is not held against the service: {seen}; {HELP}",
                PATIENCE + 1
            ),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Interrupt, Outcome, Subject};

    fn shortfall(message: &str) -> Shortfall {
        Shortfall { about: Subject::Service, message: message.into(), help: "x".into() }
    }

    fn judged(certain: bool, lateness: Option<&str>) -> Result<Proof, Untold> {
        let mut findings = Findings::default();
        findings.unless_busy(lateness, [shortfall("3 were lost")]);
        findings.certain(certain.then(|| shortfall("it crashed")));
        findings.judged("a/b", Vec::new())
    }

    #[test]
    fn on_a_busy_machine_only_what_is_certain_falls_short() {
        let fallen = |proof: Result<Proof, Untold>| match proof.unwrap().outcome {
            Outcome::FellShort(all) => all.into_iter().map(|one| one.message).collect(),
            other => vec![format!("{other:?}")],
        };
        assert_eq!(fallen(judged(true, None)), ["3 were lost", "it crashed"]);
        assert_eq!(fallen(judged(true, Some("late"))), ["it crashed"]);
        assert_eq!(fallen(judged(false, None)), ["3 were lost"]);
        let untold = judged(false, Some("late")).unwrap_err();
        let Outcome::Inconclusive(reason) = untold.proof("a/b").outcome else { panic!("told") };
        assert!(reason.contains("5 times over") && reason.contains("late"), "{reason}");
        assert!(reason.contains("3 were lost") && reason.ends_with("runs here"), "{reason}");
        assert_eq!(Findings::default().judged("a/b", vec![]).unwrap().outcome, Outcome::Kept);
    }

    #[test]
    fn what_the_machine_was_too_busy_for_is_done_again_and_not_for_ever() {
        let root = tempfile::tempdir().unwrap();
        let (sender, told) = std::sync::mpsc::channel();
        let interrupt = Interrupt::default();
        let mut rehearsal =
            Rehearsal::begin(root.path(), "lifecycle", "shop", interrupt, Some(sender)).unwrap();
        let mut tries = |late_for: u32| {
            let mut done = 0;
            let once = |_: &mut Rehearsal| {
                done += 1;
                Ok(done)
            };
            let late = |done: &u32| (*done <= late_for).then(|| "it was late".to_owned());
            patiently_as("from its start", &mut rehearsal, once, late).unwrap()
        };
        assert_eq!(tries(0), 1);
        assert_eq!(told.try_iter().count(), 0);
        assert_eq!(tries(2), 3);
        let words: Vec<_> = told.try_iter().collect();
        assert!(
            matches!(&words[..], [Progress::Word(word), _] if word == "from its start, since it was late"),
            "{words:?}"
        );
        assert_eq!(tries(u32::MAX), PATIENCE + 1);
    }
}
