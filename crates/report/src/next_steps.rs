//! What to do next on a terminal.

use model::{Answer, NextStep, ServiceVerdict, StepKind, Verdict, Weight};

use crate::human::{Role, Screen};
use crate::{Style, effort, matter, visible};

/// The first `count` of the steps of `service`, all where `count` is 0, numbered, with what they cost;
/// then what all of them cost.
pub fn next_steps(
    service: &ServiceVerdict,
    steps: &[NextStep],
    count: usize,
    style: &Style,
) -> String {
    let mut screen = Screen::new(style);
    let name = visible::line(&service.service);
    screen.heading(&format!("{name} ({}, tier {})", service.verdict, service.tier));
    let shown = if count == 0 { steps.len() } else { count.min(steps.len()) };
    for (index, step) in steps.iter().take(shown).enumerate() {
        print(&mut screen, index + 1, step);
    }
    let minutes = steps.iter().fold(0_u32, |sum, step| sum.saturating_add(step.effort_min));
    let all = model::counted(steps.len(), "step");
    let effort = effort::in_words(minutes);
    let sum = match steps.len() {
        0 if service.verdict == Verdict::GoWithConditions => {
            conditions(&mut screen, service, count)
        }
        0 => "nothing to do: nothing stands in the way".to_owned(),
        length if shown < length => format!("{shown} of {all} to GO shown; all take {effort}"),
        _ => format!("{all} to GO, {effort}"),
    };
    screen.say(0, None, 0, &sum);
    screen.gap();
    screen.finish()
}

fn print(screen: &mut Screen<'_>, number: usize, step: &NextStep) {
    let number = format!("{number:>3}.");
    let action = visible::block(&step.action);
    let mut lines = action.lines();
    screen.say(0, Some((Role::Strong, &number)), 5, lines.next().unwrap_or_default());
    for line in lines {
        screen.say(5, None, 7, line);
    }
    // Of several, each stands in the action with what it asks.
    let id = match &*step.requirements {
        [only] => format!("{}; ", visible::line(only)),
        _ => String::new(),
    };
    let about = format!(
        "{id}{}, {}, {}",
        kind(step.kind),
        effort::in_words(step.effort_min),
        risk(step.risk)
    );
    screen.say(5, None, 5, &about);
    screen.say(5, Some((Role::Note, "start:")), 7, &visible::line(&step.start));
    screen.gap();
}

/// Prints what is to be done by a date for it to stay GO, soonest first, and sums it up.
fn conditions(screen: &mut Screen<'_>, service: &ServiceVerdict, count: usize) -> String {
    let is_condition = |answer: &&Answer| answer.weight == Weight::Condition;
    let mut answers: Vec<&Answer> = service.answers.iter().filter(is_condition).collect();
    let day = |answer: &Answer| answer.decision.as_ref().and_then(|made| made.ruling.last_day());
    // What is stale has no day of its own, and has passed its last already.
    answers.sort_by_key(|answer| (day(answer), answer.requirement.clone()));
    let shown = if count == 0 { answers.len() } else { count.min(answers.len()) };
    for answer in answers.iter().take(shown) {
        let label = format!("{}[{}]:", answer.state.name(), visible::line(&answer.requirement));
        screen.say(2, Some((Role::Doubt, &label)), 4, &visible::line(&matter::why(answer)));
    }
    if shown > 0 {
        screen.gap();
    }
    let all = model::counted(answers.len(), "condition");
    let shown = if shown < answers.len() { format!("{shown} of {all} shown") } else { all };
    format!(
        "nothing blocks; {shown}, soonest first: carry out what is planned, renew or mend the rest"
    )
}

const fn kind(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Fix => "mend it",
        StepKind::Show => "show that it holds",
        StepKind::SetUp => "make drills possible",
        StepKind::Drill => "prove it by a drill",
        StepKind::Renew => "renew what has grown old",
    }
}

const fn risk(risk: u8) -> &'static str {
    match risk {
        3.. => "asked of every tier",
        2 => "asked of tiers 1 and 2",
        1 => "asked of tier 1",
        0 => "asked by the policy alone",
    }
}

#[cfg(test)]
mod tests {
    use model::State;

    use super::*;
    use crate::sample;

    fn step(action: &str) -> NextStep {
        NextStep {
            service: "checkout".into(),
            requirements: vec!["reliability/health-checks".into()],
            action: action.into(),
            start: "deploy/checkout.yaml:2:5".into(),
            effort_min: 90,
            risk: 3,
            kind: StepKind::Fix,
        }
    }

    #[test]
    fn steps_are_numbered_and_summed_up() {
        let service = &sample::checkout().verdicts.services[0];
        let steps = [step("Add a readiness probe."), step("Run\nthis")];
        assert_eq!(
            next_steps(service, &steps, 0, &Style::default()),
            "-- checkout (NO-GO, tier 1) --

  1. Add a readiness probe.
     reliability/health-checks; mend it, about 2 hours, asked of every tier
     start: deploy/checkout.yaml:2:5

  2. Run
     this
     reliability/health-checks; mend it, about 2 hours, asked of every tier
     start: deploy/checkout.yaml:2:5

2 steps to GO, about 3 hours

"
        );
    }

    #[test]
    fn the_requirements_of_a_drill_stand_in_its_action_alone() {
        let service = &sample::checkout().verdicts.services[0];
        let drill = NextStep {
            requirements: vec!["a/b".into(), "c/d".into()],
            kind: StepKind::Drill,
            ..step("`gonogo drill load` proves 2 requirements:\n- a/b: x\n- c/d: y")
        };
        let text = next_steps(service, &[drill], 0, &Style::default());
        assert!(
            text.contains("\n     - c/d: y\n     prove it by a drill, about 2 hours"),
            "{text}"
        );
    }

    #[test]
    fn a_long_line_of_an_action_is_wrapped_below_its_mark() {
        let service = &sample::checkout().verdicts.services[0];
        let long = step(&format!("a drill proves:\n- a/b: {}", "word ".repeat(40)));
        let text = next_steps(service, &[long], 0, &Style::default());
        assert!(text.contains("\n     - a/b: word") && text.contains("\n       word"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= Style::default().width), "{text}");
    }

    #[test]
    fn where_nothing_blocks_the_conditions_are_listed_soonest_first() {
        let mut service = sample::checkout().verdicts.services.remove(0);
        service.answers.retain(|answer| matches!(answer.state, State::Planned | State::Accepted));
        service.answers.iter_mut().for_each(|answer| answer.weight = Weight::Condition);
        service.verdict = Verdict::GoWithConditions;
        let mut days: Vec<String> = Vec::new();
        for answer in &service.answers {
            days.extend(answer.decision.as_ref().unwrap().ruling.last_day().map(|d| d.to_string()));
        }
        days.sort();
        for reversed in [false, true] {
            if reversed {
                service.answers.reverse();
            }
            let text = next_steps(&service, &[], 0, &Style::default());
            let at: Vec<usize> = days.iter().map(|day| text.find(day.as_str()).unwrap()).collect();
            assert!(at.len() == 2 && at.is_sorted(), "{text}");
            assert!(text.contains("nothing blocks; 2 conditions, soonest first"), "{text}");
            let one = next_steps(&service, &[], 1, &Style::default());
            assert!(one.contains(&days[0]) && !one.contains(&days[1]), "{one}");
            assert!(one.contains("1 of 2 conditions shown"), "{one}");
        }
    }

    #[test]
    fn steps_that_are_not_shown_are_counted() {
        let service = &sample::checkout().verdicts.services[0];
        let text = next_steps(service, &[step("a"), step("b")], 1, &Style::default());
        assert!(text.contains("1 of 2 steps to GO shown; all take about 3 hours"), "{text}");
        assert!(next_steps(service, &[], 1, &Style::default()).contains("nothing to do"));
    }
}
