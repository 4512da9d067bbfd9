//! What is passing but not well enough, what was decided, and what contradicts itself.

use model::{Answer, Decision, Ruling, ServiceVerdict, State, Weight};

use super::{Role, Screen};
use crate::{matter, visible, way};

/// Prints the conditions of `service`, what is weak or stale, and contradictions.
pub(crate) fn print(screen: &mut Screen<'_>, service: &ServiceVerdict) {
    for state in [State::Planned, State::Accepted, State::Weak, State::Stale] {
        let mut answers: Vec<&Answer> =
            service.answers.iter().filter(|answer| answer.state == state).collect();
        answers.sort_by_key(|a| (a.weight, matter::dimension_index(&a.requirement)));
        if !answers.is_empty() {
            screen.gap();
        }
        for answer in answers {
            row(screen, answer);
        }
    }
    contradictions(screen, service);
    screen.gap();
}

fn row(screen: &mut Screen<'_>, answer: &Answer) {
    let id = visible::line(&answer.requirement);
    let label = format!("{}[{id}]:", answer.state.name());
    let decided = answer.decision.as_ref().map(in_words);
    let text = decided.unwrap_or_else(|| {
        let arrow = if screen.style.unicode { "→" } else { "->" };
        let way = way::beyond_reason(answer);
        let way = way.map(|way| format!(" {arrow} {}", visible::line(&way)));
        format!("{}{}", visible::line(&answer.reason), way.unwrap_or_default())
    });
    let blocks = match answer.weight {
        Weight::Blocks if answer.decision.is_some() => " (blocks all the same)",
        Weight::Condition if answer.decision.is_none() => " (within its grace)",
        Weight::Blocks | Weight::Condition => "",
        Weight::Free => " (does not block)",
    };
    screen.say(0, Some((Role::Doubt, &label)), 4, &format!("{text}{blocks}"));
}

/// What was decided, with its date.
pub(crate) fn in_words(decision: &Decision) -> String {
    let text = match &decision.ruling {
        Ruling::Plan { owner, action, due } => format!("until {due}, {owner}: {action}"),
        Ruling::Acceptance { reason, approver, until, compensating } => {
            let instead = compensating.as_ref().map(|id| format!("; instead: {id}"));
            format!("until {until}, by {approver}: {reason}{}", instead.unwrap_or_default())
        }
        Ruling::Attestation { statement, until, .. } => {
            format!("until {until}, by {}: {statement}", decision.by)
        }
        Ruling::NotApplicable { claim, reason } => {
            format!("{claim}, by {}: {reason}", decision.by)
        }
    };
    visible::line(&text)
}

fn contradictions(screen: &mut Screen<'_>, service: &ServiceVerdict) {
    for answer in service.answers.iter().filter(|answer| !answer.contradictions.is_empty()) {
        screen.gap();
        for text in &answer.contradictions {
            let label = format!("contradiction[{}]:", visible::line(&answer.requirement));
            screen.say(0, Some((Role::Doubt, &label)), 4, &visible::line(text));
        }
    }
}
