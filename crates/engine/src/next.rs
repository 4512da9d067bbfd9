//! The cheapest set of actions that turns NO-GO into GO.

use model::{Answer, NextStep, ServiceVerdict, State, StepKind, Weight};
use requirements::{Proof, Requirement};

/// What it costs to take a look again that is only too old, in minutes.
const RENEWAL_MIN: u32 = 15;

/// What it costs to run a drill that is set up, in minutes.
const DRILL_MIN: u32 = 60;

/// One step for each answer of `service` that blocks, most risk removed per effort first.
pub fn next(service: &ServiceVerdict) -> Vec<NextStep> {
    let blocking = service.answers.iter().filter(|answer| answer.weight == Weight::Blocks);
    let mut steps: Vec<NextStep> = blocking
        .filter_map(|answer| Some(step(service, answer, requirements::find(&answer.requirement)?)))
        .collect();
    // a.risk / a.effort > b.risk / b.effort, without fractions.
    steps.sort_by(|a, b| {
        let (left, right) =
            (u32::from(b.risk) * a.effort_min.max(1), u32::from(a.risk) * b.effort_min.max(1));
        left.cmp(&right).then_with(|| a.requirement.cmp(&b.requirement))
    });
    steps
}

fn step(service: &ServiceVerdict, answer: &Answer, requirement: &Requirement) -> NextStep {
    let kind = kind(answer, requirement);
    let effort_min = match kind {
        StepKind::Fix | StepKind::Show => requirement.effort.minutes(),
        StepKind::Drill => DRILL_MIN,
        StepKind::Renew => RENEWAL_MIN,
    };
    NextStep {
        service: service.service.clone(),
        requirement: answer.requirement.clone(),
        action: action(answer, requirement),
        start: start(kind, answer),
        effort_min,
        risk: risk(requirement),
        kind,
    }
}

/// How many tiers ask for the requirement: what even a low-risk service needs removes most risk.
fn risk(requirement: &Requirement) -> u8 {
    requirement.demands.iter().flatten().fold(0, |tiers, _| tiers + 1)
}

fn kind(answer: &Answer, requirement: &Requirement) -> StepKind {
    let is_drilled = requirement.proofs.iter().any(|proof| matches!(proof, Proof::Drill(_)));
    match answer.state {
        State::Failed => StepKind::Fix,
        State::Stale | State::Error => StepKind::Renew,
        State::Weak if is_drilled => StepKind::Drill,
        _ => StepKind::Show,
    }
}

fn action(answer: &Answer, requirement: &Requirement) -> String {
    match (answer.state, answer.findings.first()) {
        (State::Failed, Some(finding)) => {
            let more = match answer.findings.len() - 1 {
                0 => String::new(),
                more => format!(" (and {more} more)"),
            };
            format!("{}{more}", finding.message)
        }
        (State::Planned, _) => format!("carry out the plan: {}", answer.reason),
        _ => requirement.remedy.to_owned(),
    }
}

fn start(kind: StepKind, answer: &Answer) -> String {
    match (kind, answer.findings.first(), answer.evidence.first()) {
        (StepKind::Fix, Some(finding), _) => finding.place.to_string(),
        (StepKind::Renew, _, Some(evidence)) => evidence.reproduce.clone(),
        _ => format!("gonogo explain {}", answer.requirement),
    }
}
