//! What a change makes worse; what it inherits is counted and does not fail it.

use model::{Assessment, State, Weight, Worse};

use super::{Role, Screen, coverage, frames};
use crate::matter::{self, Matter};
use crate::{Style, count, visible};

/// New findings of what a plan lifts that are shown.
const UNFRAMED: usize = 5;

/// Prints what a change made worse, for a terminal of `style`; the last line says whether it did,
/// and the verdict with its counts. Those who ask for all of it get the whole report first.
pub fn ratchet(worse: &[Worse], assessment: &Assessment, style: &Style) -> String {
    let mut text = String::new();
    if style.is_verbose {
        text = super::print(assessment, style);
    }
    let mut screen = Screen::new(style);
    if !worse.is_empty() {
        screen.heading("Worse than before");
    }
    for worse in worse {
        in_a_line(&mut screen, worse);
    }
    new_findings(&mut screen, worse, assessment);
    if !style.is_verbose {
        coverage::print(&mut screen, assessment);
    }
    screen.gap();
    let blocks = |worse: &&Worse| worse.answer.weight == Weight::Blocks;
    let inherited = blocking(assessment).saturating_sub(worse.iter().filter(blocks).count());
    let inherited = format!("{} inherited", model::counted(inherited, "blocker"));
    let told = if worse.is_empty() && !assessment.troubles.is_empty() {
        format!("NOT DECIDED whether it is worse ({inherited})")
    } else if worse.is_empty() {
        format!("NOT WORSE ({inherited})")
    } else {
        let count = model::counted(worse.len(), "answer");
        format!("WORSE in {count} ({inherited})")
    };
    screen.line(&format!("{told}: {}", count::last_line(assessment)));
    text + &screen.finish()
}

fn blocking(assessment: &Assessment) -> usize {
    let answers = assessment.verdicts.services.iter().flat_map(|service| &service.answers);
    answers.filter(|answer| answer.weight == Weight::Blocks).count()
}

/// What it was, what it is, and why.
fn in_a_line(screen: &mut Screen<'_>, worse: &Worse) {
    let now = worse.answer.state.name();
    let before = match worse.before {
        None => "not judged before".to_owned(),
        Some(state) if state == worse.answer.state => {
            format!("with {}", model::counted(worse.new.len(), "new finding"))
        }
        Some(state) => format!("{} before", count::word(state)),
    };
    let label = format!("{now}[{}]:", visible::line(&worse.answer.requirement));
    let (service, why) =
        (visible::line(&worse.service), visible::line(&matter::why(&worse.answer)));
    let why = if worse.answer.state == State::Failed { String::new() } else { format!("; {why}") };
    screen.say(0, Some((Role::Bad, &label)), 4, &format!("{service}, {before}{why}"));
    // Only failures are framed.
    let unframed = worse.new.iter().filter(|_| worse.answer.state != State::Failed);
    for finding in unframed.take(UNFRAMED) {
        let place = visible::line(&finding.place.to_string());
        screen.say(4, None, 6, &format!("{place}: {}", visible::line(&finding.message)));
    }
}

/// The new findings; one that several services share is framed once.
fn new_findings(screen: &mut Screen<'_>, worse: &[Worse], assessment: &Assessment) {
    let is_new = |matter: &&Matter<'_>| {
        worse.iter().any(|worse| {
            worse.answer.requirement == matter.answer.requirement
                && worse.new.contains(matter.finding)
                && matter.services.iter().any(|service| service.service == worse.service)
        })
    };
    let matters = matter::failures(assessment);
    let new: Vec<&Matter<'_>> = matters.iter().filter(is_new).collect();
    frames::print(screen, &new, &assessment.excerpts, super::service::ALONE);
}

#[cfg(test)]
mod tests {
    use model::Baseline;

    use super::*;
    use crate::sample;

    #[test]
    fn only_what_is_new_is_framed_and_the_rest_is_counted_as_inherited() {
        let now = sample::checkout();
        let mut base = now.clone();
        let probe = &mut base.verdicts.services[0].answers[1];
        (probe.state, probe.weight) = (State::Met, Weight::Free);
        probe.findings.clear();
        let text = ratchet(&Baseline::of(&base).worse(&now), &now, &Style::default());
        assert!(text.starts_with(
            "-- Worse than before --\n\nfailed[reliability/health-checks]: checkout, met before\n\n\
             failed[reliability/health-checks]: container `api` has no readiness probe\n --> deploy"
        ), "{text}");
        assert!(!text.contains("delivery/immutable-artifacts"), "{text}");
        let last = text.lines().last().unwrap();
        assert!(
            last.starts_with("WORSE in 1 answer (4 blockers inherited): NO-GO checkout@"),
            "{last}"
        );
    }

    #[test]
    fn a_change_that_makes_nothing_worse_says_so_beside_the_verdict() {
        let now = sample::checkout();
        let text = ratchet(&Baseline::of(&now).worse(&now), &now, &Style::default());
        let last = text.lines().last().unwrap();
        assert!(last.starts_with("NOT WORSE (5 blockers inherited): NO-GO checkout@"), "{last}");
        assert!(text.contains("Not examined"), "{text}");
    }
}
