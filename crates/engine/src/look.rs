//! Takes a look at one requirement of one service by the files of a checkout.

use facts::Scope;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use model::{
    About, Answer, Evidence, EvidenceOutcome, Finding, Grade, Look, ServiceVerdict, Sighting, Tier,
};
use requirements::{OutOfTime, Outcome, Proof, Requirement};

use crate::deadline::Deadline;
use crate::own::{Asked, Own};
use crate::untold::{self, Untold};

/// What the looks of one run have in common.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    /// When.
    pub(crate) at: Timestamp,
    /// The commit of the tree, where it tells.
    pub(crate) commit: Option<String>,
    /// The command that takes the looks again.
    pub(crate) reproduce: String,
    /// When to take no more looks.
    pub(crate) deadline: Deadline,
    /// What drills could not tell the last time.
    pub(crate) untold: untold::All,
}

impl Run {
    /// Looks at `requirement` by the files.
    pub(crate) fn look(&self, requirement: &Requirement, scope: &Scope<'_>) -> Look {
        let id = || requirement.id.to_owned();
        match requirement.decide_until(scope, &|| self.deadline.is_over()) {
            Err(OutOfTime) => self.not_taken(requirement.id),
            Ok(Some(outcome)) => self.tell(requirement.id, outcome),
            Ok(None) => {
                let untold = self.untold.get(&scope.service.name);
                let untold = untold.and_then(|untold| untold.get(requirement.id));
                Look::Unknown { requirement: id(), reason: unanswered(requirement, untold) }
            }
        }
    }

    /// Looks at the organisation's own requirement `own` by the files.
    pub(crate) fn look_own(&self, own: &Own<'_>, scope: &Scope<'_>, tier: Tier) -> Look {
        let id = own.id();
        if self.deadline.is_over() {
            return self.not_taken(id);
        }
        let Asked { outcome, error } = own.ask(scope, tier);
        let evidence = match (outcome, &error) {
            (Some(outcome), None) => return self.tell(id, outcome),
            (Some(Outcome::Unmet(findings)), Some(_)) => self.failing(id, findings),
            _ => self.evidence(id, EvidenceOutcome::Error),
        };
        Look::Evidence(Evidence { error, ..evidence })
    }

    /// The look for which no time was left.
    fn not_taken(&self, id: &str) -> Look {
        let error = Some(self.deadline.reason());
        Look::Evidence(Evidence { error, ..self.evidence(id, EvidenceOutcome::Error) })
    }

    /// Says how many answers of `services` the looks are missing for.
    pub(crate) fn cut_short(&self, services: &[ServiceVerdict]) -> Option<String> {
        let reason = self.deadline.reason();
        let is_missing = |answer: &&Answer| {
            answer.evidence.iter().any(|evidence| evidence.error.as_ref() == Some(&reason))
        };
        let answers = services.iter().flat_map(|service| &service.answers);
        let missing = answers.filter(is_missing).count();
        (missing > 0).then(|| self.deadline.trouble(missing))
    }

    fn tell(&self, id: &str, outcome: Outcome) -> Look {
        let requirement = id.to_owned();
        match outcome {
            Outcome::Met(seen) => Look::Evidence(self.passing(id, seen)),
            Outcome::Unmet(findings) => Look::Evidence(self.failing(id, findings)),
            Outcome::NotApplicable(reason) => Look::NotApplicable { requirement, reason },
            Outcome::Unknown(reason) => Look::Unknown { requirement, reason },
        }
    }

    fn passing(&self, requirement: &str, seen: Vec<Sighting>) -> Evidence {
        let oldest = seen.iter().filter_map(|sighting| sighting.as_of).min();
        let dated = oldest.and_then(|day| day.to_zoned(TimeZone::UTC).ok());
        let at = dated.map_or(self.at, |day| day.timestamp().min(self.at));
        Evidence { at, seen, ..self.evidence(requirement, EvidenceOutcome::Pass) }
    }

    fn failing(&self, requirement: &str, findings: Vec<Finding>) -> Evidence {
        Evidence { findings, ..self.evidence(requirement, EvidenceOutcome::Fail) }
    }

    fn evidence(&self, requirement: &str, outcome: EvidenceOutcome) -> Evidence {
        Evidence {
            requirement: requirement.to_owned(),
            grade: Grade::Declared,
            outcome,
            at: self.at,
            fresh_until: None,
            source: "checkout".to_owned(),
            about: About { commit: self.commit.clone(), image: None },
            reproduce: self.reproduce.clone(),
            seen: Vec::new(),
            findings: Vec::new(),
            error: None,
        }
    }
}

/// Says of a requirement that files do not decide, what would answer it, and where a drill that could was run and left it `untold`, that it was.
fn unanswered(requirement: &Requirement, untold: Option<&Untold>) -> String {
    let drilled = |drill: &str| match untold {
        None => format!("no `{drill}` drill has been run"),
        Some(untold) => format!(
            "the `{drill}` drill of {} was inconclusive: `{}` says why",
            untold.at.strftime("%F"),
            untold::FILE
        ),
    };
    let ways: Vec<String> = requirement
        .proofs
        .iter()
        .filter_map(|proof| match proof {
            Proof::Unread(what) => Some(format!("not read from files yet ({what})")),
            Proof::Live(what) => Some(format!("no live system was asked ({what})")),
            Proof::Drill(drill) => Some(drilled(drill)),
            Proof::Question(question) => Some(format!("nobody has answered: {question}")),
            _ => None,
        })
        .collect();
    ways.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_that_was_run_and_could_not_tell_is_not_called_one_that_was_not_run() {
        let requirement = requirements::find("reliability/circuit-breaker").unwrap();
        let untold = Untold { at: Timestamp::UNIX_EPOCH, reason: "too few calls".to_owned() };
        let told = |untold| unanswered(requirement, untold);
        assert!(told(None).contains("no `fault` drill has been run"), "{}", told(None));
        let ran = told(Some(&untold));
        assert!(ran.contains("the `fault` drill of 1970-01-01 was inconclusive"), "{ran}");
        assert!(!ran.contains("has been run"), "{ran}");
    }
}
