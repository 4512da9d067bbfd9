//! Puts a requirement's question to the facts: looping, gaps and absence are decided here, once.

use std::collections::HashSet;

use facts::{Gap, Scope, Subject, Workload};
use model::Finding;

use crate::page::is_foreign;
use crate::{Outcome, Proof, Requirement, contradiction, overlays};

/// The time was over before all was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfTime;

impl Requirement {
    /// What the files of the tree say, where the requirement can be declared at all.
    pub fn decide(&self, scope: &Scope<'_>) -> Option<Outcome> {
        self.decide_until(scope, &|| false).unwrap_or_default()
    }

    /// The same, given up when `is_over` says so before each subject: half an answer is none.
    pub fn decide_until(
        &self,
        scope: &Scope<'_>,
        is_over: &dyn Fn() -> bool,
    ) -> Result<Option<Outcome>, OutOfTime> {
        for proof in self.proofs {
            if let Some(outcome) = overlays::ask(proof, scope, is_over)? {
                return Ok(Some(self.with_gaps(proof, seen_once(outcome), scope)));
            }
        }
        Ok(None)
    }

    fn with_gaps(&self, proof: &Proof, outcome: Outcome, scope: &Scope<'_>) -> Outcome {
        match outcome {
            Outcome::Met(_) | Outcome::NotApplicable(_) => self
                .gap(subject_of(proof), scope)
                .map_or(outcome, |gap| Outcome::Unknown(not_read(gap))),
            Outcome::Unknown(reason) => Outcome::Unknown(
                self.gap(subject_of(proof), scope)
                    .map(not_read)
                    .filter(|gap| !reason.contains(gap.as_str()))
                    .map_or(reason.clone(), |gap| format!("{reason}; {gap}")),
            ),
            Outcome::Unmet(findings) => without_foreign(once_each(findings), scope),
        }
    }

    fn gap<'a>(&self, subject: Option<Subject>, scope: &Scope<'a>) -> Option<&'a Gap> {
        self.reads.iter().copied().chain(subject).find_map(|subject| scope.gaps_of(subject).next())
    }
}

/// What a page is said to leave out may stand there in a language that is not read.
fn without_foreign(findings: Vec<Finding>, scope: &Scope<'_>) -> Outcome {
    let page = |finding: &Finding| {
        let path = &finding.place.path;
        let page = scope.documents.iter().find(|page| page.place.path == *path);
        page.filter(|page| scope.languages.is_foreign(page))
    };
    let Some(foreign) = findings.iter().find_map(page) else { return Outcome::Unmet(findings) };
    let why = is_foreign(foreign);
    let kept: Vec<Finding> =
        findings.into_iter().filter(|finding| page(finding).is_none()).collect();
    if kept.is_empty() {
        return Outcome::Unknown(why);
    }
    Outcome::Unmet(kept)
}

/// One place may show several things that are asked: it is told once.
fn seen_once(outcome: Outcome) -> Outcome {
    let Outcome::Met(mut seen) = outcome else { return outcome };
    let mut known = HashSet::new();
    seen.retain(|sighting| {
        known.insert((sighting.place.clone(), sighting.message.clone(), sighting.as_of))
    });
    Outcome::Met(seen)
}

/// Several subjects may lead to the same finding: two workloads of one image.
fn once_each(findings: Vec<Finding>) -> Vec<Finding> {
    let mut known = HashSet::new();
    let mut kept = findings;
    kept.retain(|finding| known.insert((finding.place.clone(), finding.message.clone())));
    kept
}

fn not_read(gap: &Gap) -> String {
    format!("`{}` {}", gap.place.path, gap.reason)
}

fn subject_of(proof: &Proof) -> Option<Subject> {
    match proof {
        Proof::EachWorkload(_) => Some(Subject::Workloads),
        Proof::EachPipeline(_) => Some(Subject::Pipelines),
        Proof::EachAlert(_) => Some(Subject::Alerts),
        Proof::EachDependency(_) => Some(Subject::Declaration),
        _ => None,
    }
}

pub(crate) fn ask(
    proof: &Proof,
    scope: &Scope<'_>,
    is_over: &dyn Fn() -> bool,
) -> Result<Option<Outcome>, OutOfTime> {
    let has_time = || if is_over() { Err(OutOfTime) } else { Ok(()) };
    Ok(match proof {
        Proof::Service(judge) => {
            has_time()?;
            Some(judge(scope))
        }
        Proof::EachWorkload(judge) => Some(each(
            &scope.workloads,
            |workload| of_workload(*judge, workload, scope),
            is_over,
            NO_WORKLOAD,
        )?),
        Proof::EachPipeline(judge) => Some(each(
            &scope.pipelines,
            |pipeline| judge(pipeline, scope),
            is_over,
            "no pipeline was found: no GitHub Actions workflow and no GitLab CI configuration",
        )?),
        Proof::EachAlert(judge) => Some(each(
            &scope.alerts,
            |alert| judge(alert, scope),
            is_over,
            "no alerting rule was found in the tree",
        )?),
        Proof::EachDependency(judge) => {
            has_time()?;
            Some(dependencies(*judge, scope))
        }
        Proof::Unread(_) | Proof::Live(_) | Proof::Drill(_) | Proof::Question(_) => None,
    })
}

/// What is said where nothing tells how a service runs.
pub(crate) const NO_WORKLOAD: &str = "no workload of it was read that tells how it runs in production: no Kubernetes manifest, \
     Compose service or systemd unit";

/// What `judge` says of all `subjects`; unknown where there are `none`.
fn each<T>(
    subjects: &[&T],
    judge: impl Fn(&T) -> Outcome,
    is_over: &dyn Fn() -> bool,
    none: &str,
) -> Result<Outcome, OutOfTime> {
    let within = |subject: &&T| if is_over() { Err(OutOfTime) } else { Ok(judge(subject)) };
    let outcomes: Vec<Outcome> = subjects.iter().map(within).collect::<Result<_, _>>()?;
    Ok(Outcome::all(outcomes).unwrap_or_else(|| Outcome::unknown(none)))
}

/// What only serves to try a service out shows nothing of how it runs in production.
pub(crate) fn of_workload(
    judge: fn(&Workload, &Scope<'_>) -> Outcome,
    workload: &Workload,
    scope: &Scope<'_>,
) -> Outcome {
    match judge(workload, scope) {
        Outcome::Met(_) if !scope.is_operated(workload) => not_operated(workload),
        outcome => outcome,
    }
}

/// What is said of a Compose file that nobody may have written for production.
pub(crate) fn not_operated(workload: &Workload) -> Outcome {
    let (name, path) = (workload.name.as_str(), &workload.name.place.path);
    Outcome::Unknown(format!(
        "whether `{path}` is how `{name}` runs in production: it restarts none of its services; \
         give them `restart:` and `healthcheck:` if it is"
    ))
}

/// Why what is wrong in a Dockerfile beside those that pipelines build is no finding, and the service
/// not clean either: `what` is wrong.
pub(crate) fn aside(path: &str, what: &str) -> String {
    format!(
        "{what} in `{path}`, and whether it ships is not shown: pipelines build and keep the image of \
         another Dockerfile"
    )
}

fn dependencies(
    judge: fn(&facts::Dependency, &Scope<'_>) -> Outcome,
    scope: &Scope<'_>,
) -> Outcome {
    let declared = scope.declaration.and_then(|declaration| declaration.dependencies.as_ref());
    let Some(dependencies) = declared else {
        return Outcome::unknown(
            "no dependency is declared: list them under `dependencies:` in gonogo.yaml, \
             or write `dependencies: []` where there are none",
        );
    };
    Outcome::all(dependencies.iter().map(|dependency| judge(dependency, scope)))
        .unwrap_or_else(|| without_dependencies(scope))
}

/// The outcome of what is asked of each dependency, for a service whose gonogo.yaml says
/// `dependencies: []`.
pub fn without_dependencies(scope: &Scope<'_>) -> Outcome {
    contradiction::of_no_dependency(scope).map_or_else(
        || Outcome::not_applicable("gonogo.yaml declares that it has no dependency"),
        Outcome::Unknown,
    )
}

#[cfg(test)]
mod tests {
    use model::{Place, Sighting};

    use super::*;

    #[test]
    fn one_place_that_shows_two_things_is_told_once() {
        let at = |path: &str| Sighting::at(&Place::file(path), "section `Develop`");
        let outcome = seen_once(Outcome::Met(vec![at("a"), at("b"), at("a")]));
        assert_eq!(outcome, Outcome::Met(vec![at("a"), at("b")]));
    }
}
