//! What an earlier assessment found, and what a later one makes worse.

use std::collections::BTreeMap;

use crate::{Answer, Assessment, Finding, State, Weight, without_versions};

/// What an earlier assessment found, by service and requirement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<String, BTreeMap<String, BaseAnswer>>);

/// One answer of an earlier assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseAnswer {
    /// Its state.
    pub state: State,
    /// Whether it blocked.
    pub blocks: bool,
    /// Path and message of its findings; the same pair may stand several times.
    pub findings: Vec<(String, String)>,
}

/// Something that a change makes worse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worse {
    /// Name of the service.
    pub service: String,
    /// The answer as it is now.
    pub answer: Answer,
    /// What it was; `None`: the service or the requirement was not judged.
    pub before: Option<State>,
    /// The findings that were not there before.
    pub new: Vec<Finding>,
}

impl Baseline {
    /// Adds an answer.
    pub fn insert(&mut self, service: String, requirement: String, answer: BaseAnswer) {
        self.0.entry(service).or_default().insert(requirement, answer);
    }

    /// What `assessment` found.
    pub fn of(assessment: &Assessment) -> Self {
        let mut baseline = Self::default();
        for service in &assessment.verdicts.services {
            for answer in &service.answers {
                let findings = answer.findings.iter().map(key).collect();
                let blocks = answer.weight == Weight::Blocks;
                let base = BaseAnswer { state: answer.state, blocks, findings };
                baseline.insert(service.service.clone(), answer.requirement.clone(), base);
            }
        }
        baseline
    }

    /// Names of the services that were judged and are not in `now`.
    pub fn gone<'b>(&'b self, now: &'b Assessment) -> impl Iterator<Item = &'b str> {
        let is_judged = |name: &str| now.verdicts.services.iter().any(|s| s.service == name);
        self.0.keys().map(String::as_str).filter(move |name| !is_judged(name))
    }

    /// What blocks in `now` and did not before, or has findings that were not there: where it blocks, and
    /// where a plan keeps it from blocking, for a plan to mend what was there takes no more of it on. Who
    /// accepts a risk does. What a change inherits is not in it.
    pub fn worse(&self, now: &Assessment) -> Vec<Worse> {
        let mut worse = Vec::new();
        for service in &now.verdicts.services {
            let known = self.0.get(&service.service);
            for answer in service.answers.iter().filter(|answer| may_be_worse(answer)) {
                let before = known.and_then(|known| known.get(&answer.requirement));
                let new = before.map_or_else(|| answer.findings.clone(), |b| b.new_in(answer));
                let is_worse = match answer.weight {
                    Weight::Blocks => before.is_none_or(|before| !before.blocks) || !new.is_empty(),
                    _ => before.is_some() && !new.is_empty(),
                };
                if is_worse {
                    worse.push(Worse {
                        service: service.service.clone(),
                        answer: answer.clone(),
                        before: before.map(|before| before.state),
                        new,
                    });
                }
            }
        }
        worse
    }
}

impl BaseAnswer {
    /// Findings of `answer` beyond those that were there. Lines do not count, they move; nor do
    /// versions, nor the file where the same is not said of the old one any more.
    fn new_in(&self, answer: &Answer) -> Vec<Finding> {
        let mut left: BTreeMap<(&str, String), usize> = BTreeMap::new();
        for (path, message) in &self.findings {
            *left.entry((path, without_versions(message))).or_default() += 1;
        }
        let said = |finding: &Finding| without_versions(&finding.message);
        let mut new: Vec<&Finding> = answer.findings.iter().collect();
        new.retain(|finding| !take(left.get_mut(&(&*finding.place.path, said(finding)))));
        let mut moved: BTreeMap<String, usize> = BTreeMap::new();
        for ((_, message), count) in left {
            *moved.entry(message).or_default() += count;
        }
        new.retain(|finding| !take(moved.get_mut(&said(finding))));
        new.into_iter().cloned().collect()
    }
}

fn may_be_worse(answer: &Answer) -> bool {
    match answer.weight {
        Weight::Blocks => true,
        Weight::Condition => answer.state == State::Planned,
        Weight::Free => false,
    }
}

/// Takes one away, where one is left.
fn take(count: Option<&mut usize>) -> bool {
    let left = count.and_then(|count| Some((count.checked_sub(1)?, count)));
    left.is_some_and(|(less, count)| {
        *count = less;
        true
    })
}

fn key(finding: &Finding) -> (String, String) {
    (finding.place.path.to_string(), finding.message.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Demand, Grade, Place};

    fn new_in(before: &[(&str, &str)], now: &[(&str, &str)]) -> Vec<String> {
        let owned = |(path, message): &(&str, &str)| ((*path).to_owned(), (*message).to_owned());
        let findings = before.iter().map(owned).collect();
        let base = BaseAnswer { state: State::Failed, blocks: true, findings };
        let found = |(path, message): &(&str, &str)| Finding::at(&Place::file(*path), *message);
        let answer = Answer {
            requirement: "a/b".to_owned(),
            state: State::Failed,
            weight: Weight::Blocks,
            demand: Demand { grade: Grade::Declared, days: None },
            grade: None,
            evidence: Vec::new(),
            findings: now.iter().map(found).collect(),
            reason: String::new(),
            decision: None,
            contradictions: Vec::new(),
        };
        base.new_in(&answer).iter().map(|finding| finding.place.path.to_string()).collect()
    }

    #[test]
    fn what_is_told_of_another_file_now_is_not_new_and_what_is_told_of_both_is() {
        let before = [("compose.yaml", "no owner")];
        assert_eq!(new_in(&before, &[("gonogo.yaml", "no owner")]), [""; 0]);
        let both = [("compose.yaml", "no owner"), ("gonogo.yaml", "no owner")];
        assert_eq!(new_in(&before, &both), ["gonogo.yaml"]);
        assert_eq!(new_in(&before, &[("compose.yaml", "no memory limit")]), ["compose.yaml"]);
        assert_eq!(new_in(&before, &[("compose.yaml", "no owner"); 2]), ["compose.yaml"]);
        let older = [("a.yaml", "action `a/b@v3` is not pinned")];
        assert_eq!(new_in(&older, &[("a.yaml", "action `a/b@v4` is not pinned")]), [""; 0]);
        assert_eq!(new_in(&older, &[("a.yaml", "action `a/c@v3` is not pinned")]), ["a.yaml"]);
    }
}
