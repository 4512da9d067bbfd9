//! What stands between one service and GO, what blocks nearest to the end.

use model::{Answer, Assessment, ServiceVerdict, State, Weight};

use super::frames::{self, Limits};
use super::{Role, Screen, condition, holds, unknown};
use crate::matter::{self, Matter};
use crate::visible;

/// What is framed where there is one service.
pub(crate) const ALONE: Limits = Limits { each: 3, all: 40 };
/// What is framed for each of several services.
const AMONG: Limits = Limits { each: 1, all: 5 };

/// Prints what is to be said about `service` alone; what it shares with others is printed once for all.
pub(crate) fn print(
    screen: &mut Screen<'_>,
    service: &ServiceVerdict,
    matters: &[Matter<'_>],
    assessment: &Assessment,
) {
    let is_alone = assessment.verdicts.services.len() == 1;
    heading(screen, service);
    if screen.style.is_verbose {
        holds::print(screen, service);
    }
    if is_alone || screen.style.is_verbose {
        unknown::print(screen, service);
    }
    condition::print(screen, service);
    let is_its = |matter: &&Matter<'_>| matter.services.iter().any(|s| std::ptr::eq(*s, service));
    let (own, shared): (Vec<&Matter<'_>>, Vec<&Matter<'_>>) =
        matters.iter().filter(is_its).partition(|matter| {
            matter.services.len() == 1 && (screen.style.is_verbose || matter.common.is_none())
        });
    frames::print(screen, &own, &assessment.excerpts, if is_alone { ALONE } else { AMONG });
    without_findings(screen, service);
    if !shared.is_empty() {
        let text = format!(
            "{} shared with other services, below",
            model::counted(shared.len(), "finding")
        );
        screen.gap();
        screen.say(0, Some((Role::Note, "note:")), 6, &text);
    }
}

fn heading(screen: &mut Screen<'_>, service: &ServiceVerdict) {
    let assumed = |is_assumed| if is_assumed { ", assumed" } else { "" };
    screen.heading(&format!(
        "{} (tier {}{}; {}{}) in {}",
        visible::line(&service.service),
        service.tier,
        assumed(service.is_tier_assumed),
        service.kind,
        assumed(service.is_kind_assumed),
        visible::line(&service.path),
    ));
    let limit = if screen.style.is_verbose { service.found.len() } else { 2 };
    for (index, seen) in service.found.iter().take(limit).enumerate() {
        let text = format!(
            "{} ({})",
            visible::line(&seen.message),
            visible::line(&seen.place.to_string())
        );
        let label = if index == 0 { "found by:" } else { "         " };
        screen.say(0, Some((Role::Note, label)), 10, &text);
    }
    screen.gap();
}

/// Failed answers that say no place, and looks that could not be taken.
fn without_findings(screen: &mut Screen<'_>, service: &ServiceVerdict) {
    let is_bare = |answer: &&Answer| {
        answer.state == State::Error || answer.state == State::Failed && answer.findings.is_empty()
    };
    let mut bare: Vec<&Answer> = service.answers.iter().filter(is_bare).collect();
    bare.sort_by_key(|answer| {
        (answer.weight, answer.state == State::Failed, matter::dimension_index(&answer.requirement))
    });
    for answer in bare {
        screen.gap();
        let role = if answer.weight == Weight::Blocks { Role::Bad } else { Role::Doubt };
        let id = visible::line(&answer.requirement);
        let label = format!("{}[{id}]:", answer.state.name());
        let free = if answer.weight == Weight::Free { " (does not block)" } else { "" };
        let text = format!("{}{free}", visible::line(&answer.reason));
        screen.say(0, Some((role, &label)), 4, &text);
        if let Some(evidence) = answer.evidence.first() {
            let text = format!("`{}` looks again", visible::line(&evidence.reproduce));
            screen.say(2, Some((Role::Note, "= note:")), 10, &text);
        }
    }
    screen.gap();
}
