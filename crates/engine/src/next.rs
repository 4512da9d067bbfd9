//! The cheapest set of actions that turns NO-GO into GO.

use model::{Answer, NextStep, ServiceVerdict, State, StepKind, Weight};
use requirements::Requirement;

/// What it costs to take a look again that is only too old, in minutes.
const RENEWAL_MIN: u32 = 15;

/// What it costs to run a drill that is set up, in minutes.
const DRILL_MIN: u32 = 15;

/// The risk that a step removes, not nothing where it is not known.
fn weight(step: &NextStep) -> u32 {
    u32::from(step.risk.max(1))
}

/// What is taken for the effort of a requirement of the organisation, which does not say it, in minutes.
const OWN_MIN: u32 = 60;

/// One step for each answer of `service` that blocks, most risk removed per effort first.
pub fn next(service: &ServiceVerdict) -> Vec<NextStep> {
    let blocking = service.answers.iter().filter(|answer| answer.weight == Weight::Blocks);
    let mut steps: Vec<NextStep> = blocking
        .map(|answer| match requirements::find(&answer.requirement) {
            Some(requirement) => step(service, answer, requirement),
            None => own_step(service, answer),
        })
        .collect();
    // a.risk / a.effort > b.risk / b.effort, without fractions.
    steps.sort_by(|a, b| {
        let (left, right) = (weight(b) * a.effort_min.max(1), weight(a) * b.effort_min.max(1));
        left.cmp(&right).then_with(|| a.requirement.cmp(&b.requirement))
    });
    steps
}

fn step(service: &ServiceVerdict, answer: &Answer, requirement: &Requirement) -> NextStep {
    let kind = kind(answer);
    let effort_min = match kind {
        StepKind::Fix | StepKind::Show => requirement.effort.minutes(),
        StepKind::Drill => DRILL_MIN,
        StepKind::Renew => RENEWAL_MIN,
    };
    NextStep {
        service: service.service.clone(),
        requirement: answer.requirement.clone(),
        action: match (kind, drills::proves(requirement.id)) {
            (StepKind::Drill, Some(drill)) => {
                format!("let `gonogo drill {drill}` prove it: {}", requirement.title)
            }
            _ => action(answer, || requirement.remedy.to_owned()),
        },
        start: match (kind, drills::proves(requirement.id)) {
            (StepKind::Drill, Some(drill)) => format!("gonogo drill {drill}"),
            _ => start(kind, answer),
        },
        effort_min,
        risk: risk(requirement),
        kind,
    }
}

/// The step for a requirement of the organisation, of which only the answer is known here.
fn own_step(service: &ServiceVerdict, answer: &Answer) -> NextStep {
    let id = &answer.requirement;
    let kind = kind(answer);
    let remedy = || format!("show that `{id}` holds: {}", answer.reason);
    let start = match kind {
        StepKind::Show => format!("gonogo attest {id}"),
        _ => start(kind, answer),
    };
    NextStep {
        service: service.service.clone(),
        requirement: id.clone(),
        action: action(answer, remedy),
        start,
        effort_min: OWN_MIN,
        risk: 0,
        kind,
    }
}

/// How many tiers ask for the requirement: what even a low-risk service needs removes most risk.
fn risk(requirement: &Requirement) -> u8 {
    requirement.demands.iter().flatten().fold(0, |tiers, _| tiers + 1)
}

fn kind(answer: &Answer) -> StepKind {
    match answer.state {
        State::Failed => StepKind::Fix,
        State::Stale | State::Error => StepKind::Renew,
        State::Weak | State::Unknown if drills::proves(&answer.requirement).is_some() => {
            StepKind::Drill
        }
        _ => StepKind::Show,
    }
}

fn action(answer: &Answer, remedy: impl FnOnce() -> String) -> String {
    match (answer.state, answer.findings.first()) {
        (State::Failed, Some(finding)) => {
            let more = match answer.findings.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            format!("{}{more}", finding.message)
        }
        (State::Planned, _) => format!("carry out the plan: {}", answer.reason),
        _ => remedy(),
    }
}

fn start(kind: StepKind, answer: &Answer) -> String {
    match (kind, answer.findings.first(), answer.evidence.first()) {
        (StepKind::Fix, Some(finding), _) => finding.place.to_string(),
        (StepKind::Renew, _, Some(evidence)) => evidence.reproduce.clone(),
        _ => format!("gonogo explain {}", answer.requirement),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Demand, Grade, Kind, Tier, Verdict};

    fn steps(state: State, requirement: &str) -> Vec<NextStep> {
        let answer = Answer {
            requirement: requirement.to_owned(),
            state,
            weight: Weight::Blocks,
            demand: Demand { grade: Grade::Proven, days: None },
            grade: None,
            evidence: Vec::new(),
            findings: Vec::new(),
            reason: String::new(),
            decision: None,
            contradictions: Vec::new(),
        };
        next(&ServiceVerdict {
            service: "orders".to_owned(),
            tier: Tier::One,
            is_tier_assumed: false,
            kind: Kind::Web,
            is_kind_assumed: false,
            path: ".".to_owned(),
            revision: None,
            found: Vec::new(),
            verdict: Verdict::NoGo,
            answers: vec![answer],
        })
    }

    #[test]
    fn what_a_drill_proves_begins_with_that_drill() {
        for state in [State::Unknown, State::Weak] {
            let steps = steps(state, "reliability/circuit-breaker");
            assert_eq!((steps[0].kind, &*steps[0].start), (StepKind::Drill, "gonogo drill fault"));
            assert!(steps[0].action.starts_with("let `gonogo drill fault` prove it: "));
        }
        // What a drill found is mended first, and what no drill proves is shown.
        assert_eq!(steps(State::Failed, "reliability/circuit-breaker")[0].kind, StepKind::Fix);
        assert_eq!(steps(State::Unknown, "ownership/owner")[0].kind, StepKind::Show);
        assert_eq!(steps(State::Unknown, "reliability/dead-letter-queue")[0].kind, StepKind::Show);
        assert_eq!(steps(State::Unknown, "data/restore")[0].kind, StepKind::Show);
    }
}
