//! The cheapest set of actions that turns NO-GO into GO.

use model::{Answer, NextStep, ServiceVerdict, State, StepKind, Weight};
use requirements::{Proof, Requirement};

/// What it costs to take a look again that is only too old, in minutes.
const RENEWAL_MIN: u32 = 15;

/// What it costs to run a drill that is set up, in minutes.
const DRILL_MIN: u32 = 60;

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
    let kind = kind(answer, requirement.proofs);
    let effort_min = match kind {
        StepKind::Fix | StepKind::Show => requirement.effort.minutes(),
        StepKind::Drill => DRILL_MIN,
        StepKind::Renew => RENEWAL_MIN,
    };
    NextStep {
        service: service.service.clone(),
        requirement: answer.requirement.clone(),
        action: action(answer, || requirement.remedy.to_owned()),
        start: start(kind, answer),
        effort_min,
        risk: risk(requirement),
        kind,
    }
}

/// The step for a requirement of the organisation, of which only the answer is known here.
fn own_step(service: &ServiceVerdict, answer: &Answer) -> NextStep {
    let id = &answer.requirement;
    let kind = kind(answer, &[]);
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

fn kind(answer: &Answer, proofs: &[Proof]) -> StepKind {
    let is_drilled = proofs.iter().any(|proof| matches!(proof, Proof::Drill(_)));
    match answer.state {
        State::Failed => StepKind::Fix,
        State::Stale | State::Error => StepKind::Renew,
        State::Weak if is_drilled => StepKind::Drill,
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
