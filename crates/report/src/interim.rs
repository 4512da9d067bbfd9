//! What the command line calls and is still to be built in full: each function here has the face
//! that it keeps, and moves to a module of its own.

use model::{Assessment, BaseAnswer, Baseline, NextStep, ServiceVerdict, State, Worse};
use requirements::Requirement;
use serde::Deserialize;

use crate::{Format, Style, render};

/// `text` with control characters made visible, on one line.
pub fn clean(text: &str) -> String {
    crate::visible::line(text)
}

/// The verdict lines with their counts, as [`Format::Human`] ends with.
pub fn last_line(assessment: &Assessment) -> String {
    let style =
        Style { color: false, width: 200, unicode: true, is_verbose: false, hyperlinks: false };
    let text = render(Format::Human, assessment, &style);
    text.lines().last().map_or_else(String::new, |line| format!("{line}\n"))
}

/// What a change made worse, for people; last what is inherited, and whether anything is worse.
pub fn ratchet(worse: &[Worse], assessment: &Assessment, style: &Style) -> String {
    let mut text = String::new();
    for worse in worse {
        let requirement = &worse.answer.requirement;
        text.push_str(&clean(&format!("{}: {requirement}", worse.service)));
        text.push('\n');
    }
    let last = match worse.len() {
        0 => "NOT WORSE: nothing that blocks is new".to_owned(),
        count => format!("WORSE: {count} answers"),
    };
    text + &render(Format::Human, assessment, style) + &last + "\n"
}

/// The next steps of `service`, at most `count` of them; 0: all.
pub fn next_steps(
    service: &ServiceVerdict,
    steps: &[NextStep],
    count: usize,
    _style: &Style,
) -> String {
    let shown = if count == 0 { steps.len() } else { count.min(steps.len()) };
    let lines = steps.iter().take(shown).map(|step| {
        clean(&format!(
            "{:>6}  {}  {} ({})",
            effort(step.effort_min),
            step.requirement,
            step.action,
            step.start
        )) + "\n"
    });
    format!("{}\n{}", clean(&service.service), lines.collect::<String>())
}

/// An effort for people: `45 min`, `3 h`, `2 d` of eight hours.
pub fn effort(minutes: u32) -> String {
    match minutes {
        0..60 => format!("{minutes} min"),
        60..480 => format!("{} h", minutes.div_ceil(60)),
        _ => format!("{} d", minutes.div_ceil(480)),
    }
}

/// A requirement for a person at a terminal.
pub fn explain(requirement: &Requirement, _style: &Style) -> String {
    format!(
        "{}\n{}\n\n{}\n\n{}\n",
        requirement.id, requirement.title, requirement.why, requirement.remedy
    )
}

/// A requirement as a page of the documentation, in Markdown.
pub fn requirement_page(requirement: &Requirement) -> String {
    requirement.cases.to_owned()
}

#[derive(Deserialize)]
struct Saved {
    services: Vec<SavedService>,
}

#[derive(Deserialize)]
struct SavedService {
    service: String,
    answers: Vec<SavedAnswer>,
}

#[derive(Deserialize)]
struct SavedAnswer {
    requirement: String,
    answer: State,
    blocks: bool,
    #[serde(default)]
    findings: Vec<SavedFinding>,
}

#[derive(Deserialize)]
struct SavedFinding {
    message: String,
    path: String,
}

/// Reads what [`Format::Json`] printed, as far as a ratchet needs it; the error says what is wrong.
pub fn read_baseline(text: &str) -> Result<Baseline, String> {
    let saved: Saved = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let mut baseline = Baseline::default();
    for service in saved.services {
        for answer in service.answers {
            let findings = answer.findings.into_iter().map(|f| (f.path, f.message)).collect();
            let base = BaseAnswer { state: answer.answer, blocks: answer.blocks, findings };
            baseline.insert(service.service.clone(), answer.requirement, base);
        }
    }
    Ok(baseline)
}
