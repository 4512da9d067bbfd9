//! What was not examined, and what broke, as SARIF's notifications.

use model::{Answer, Assessment, Place, ServiceVerdict, Sighting, State, counted_as};
use serde_json::{Value, json};

use super::{location, without_links};
use crate::visible;

/// More than this say nothing new.
const MOST: usize = 1000;

/// The invocation of one run; `whole` where what concerns the whole tree belongs to it.
pub(super) fn invocation(
    whole: Option<&Assessment>,
    services: &[&ServiceVerdict],
    left_out: usize,
) -> Value {
    let mut notes: Vec<Value> = Vec::new();
    if left_out > 0 {
        notes.push(note(
            "warning",
            &counted_as(left_out, "result is left out", "results are left out"),
            None,
        ));
    }
    if let Some(assessment) = whole {
        notes.extend(of_the_tree(assessment));
    }
    let answers = services.iter().flat_map(|service| &service.answers);
    notes.extend(answers.filter(|answer| answer.state == State::Error).map(broken));
    let more = notes.len().saturating_sub(MOST);
    notes.truncate(MOST);
    if more > 0 {
        notes.push(note(
            "warning",
            &counted_as(more, "notification is left out", "notifications are left out"),
            None,
        ));
    }
    let is_sound = whole.is_none_or(|assessment| assessment.troubles.is_empty());
    json!({"executionSuccessful": is_sound, "toolExecutionNotifications": notes})
}

fn of_the_tree(assessment: &Assessment) -> Vec<Value> {
    let coverage = &assessment.coverage;
    let mut notes: Vec<Value> =
        assessment.troubles.iter().map(|trouble| note("error", trouble, None)).collect();
    let caveat = |text: &String| note("note", &format!("by the tree's own word: {text}"), None);
    notes.extend(assessment.caveats.iter().map(caveat));
    notes.extend(coverage.cut.as_ref().map(|cut| note("warning", cut, None)));
    let possible = |seen: &Sighting| {
        let text = format!("perhaps a service, not judged: {}", seen.message);
        note("warning", &text, Some(&seen.place))
    };
    notes.extend(coverage.possible.iter().map(possible));
    let gap = |seen: &Sighting| {
        note("warning", &format!("examined only in part: {}", seen.message), Some(&seen.place))
    };
    notes.extend(coverage.gaps.iter().map(gap));
    let passed = |seen: &Sighting| {
        note("note", &format!("passed over: {}", seen.message), Some(&seen.place))
    };
    notes.extend(coverage.passed_over.iter().map(passed));
    let skipped = |(path, reason): &(std::sync::Arc<str>, String)| {
        note("note", &format!("{path} was not read: {reason}"), None)
    };
    notes.extend(coverage.skipped.iter().map(skipped));
    if !coverage.ignored.is_empty() {
        let text = counted_as(
            coverage.ignored.len(),
            "path is left out by .gitignore",
            "paths are left out by .gitignore",
        );
        notes.push(note("note", &text, None));
    }
    notes
}

fn broken(answer: &Answer) -> Value {
    let text = format!("{} could not be looked at: {}", answer.requirement, answer.reason);
    note("error", &text, None)
}

fn note(level: &str, text: &str, place: Option<&Place>) -> Value {
    let text = without_links(&visible::line(text));
    let mut note = json!({"level": level, "message": {"text": format!("{text}.")}});
    if let (Some(place), Some(note)) = (place, note.as_object_mut()) {
        note.insert("locations".to_owned(), json!([location::print(place)]));
    }
    note
}
