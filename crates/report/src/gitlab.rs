//! GitLab's code quality report: what stands in the way, on the lines of a change.

use std::fmt::Write as _;

use model::{Answer, Assessment, Place, ServiceVerdict, State, Weight};
use serde_json::{Value, json};

use crate::matter::{self, Matter};
use crate::{count, fingerprint, visible, way};

/// Prints an entry for each finding, and one for each answer that blocks without a finding.
pub(crate) fn print(assessment: &Assessment) -> String {
    let matters = matter::failures(assessment);
    let mut entries: Vec<Value> = matters.iter().rev().map(finding).collect();
    for service in &assessment.verdicts.services {
        let bare = service.answers.iter().filter(|answer| is_bare(answer));
        entries.extend(bare.map(|answer| of_service(service, answer)));
    }
    let mut text = format!("{:#}", Value::from(entries));
    text.push('\n');
    visible::json(&text)
}

fn is_bare(answer: &Answer) -> bool {
    match answer.state {
        State::Failed => answer.findings.is_empty(),
        State::Unknown | State::Error | State::Stale | State::Weak | State::Planned => {
            answer.weight == Weight::Blocks
        }
        _ => false,
    }
}

const fn severity(answer: &Answer, blocks: bool) -> &'static str {
    match (answer.state, blocks) {
        (State::Failed, true) => "blocker",
        (State::Failed, false) => "minor",
        (State::Unknown, _) => "info",
        _ => "major",
    }
}

fn finding(matter: &Matter<'_>) -> Value {
    let finding = matter.finding;
    let mut text = visible::line(&finding.message);
    if matter.services.len() > 1 {
        let _ = write!(text, " (in {})", model::counted(matter.services.len(), "service"));
    }
    let place = matter.services.first().map(|s| matter::place_of_finding(finding, s));
    let severity = severity(matter.answer, matter.blocks);
    entry(
        matter.answer,
        severity,
        &text,
        &place.unwrap_or_else(|| finding.place.clone()),
        &matter.fingerprint,
    )
}

fn of_service(service: &ServiceVerdict, answer: &Answer) -> Value {
    let place = matter::place_of(service);
    let name = visible::line(&service.service);
    let reason = visible::line(&matter::why(answer));
    let way = way::beyond_reason(answer);
    let way = way.map(|way| format!("; what would answer it: {}", visible::line(&way)));
    let word = count::word(answer.state);
    let text = format!("{name}: {word}: {reason}{}", way.unwrap_or_default());
    let about = format!("{} {} {}", answer.state.name(), service.service, service.path);
    let fingerprint = fingerprint(&answer.requirement, &place.path, &about, 0);
    entry(answer, severity(answer, answer.weight == Weight::Blocks), &text, &place, &fingerprint)
}

fn entry(answer: &Answer, severity: &str, text: &str, place: &Place, fingerprint: &str) -> Value {
    json!({
        "description": text,
        "check_name": visible::line(&answer.requirement),
        "fingerprint": fingerprint,
        "severity": severity,
        "location": {
            "path": &*place.path,
            "lines": {"begin": place.line.max(1), "end": place.end_line.max(place.line).max(1)},
        },
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::sample;

    #[test]
    fn entries_are_graded_and_placed() {
        let entries: Vec<Value> = serde_json::from_str(&print(&sample::checkout())).unwrap();
        let told: Vec<(&str, &str)> = entries
            .iter()
            .map(|e| (e["severity"].as_str().unwrap(), e["check_name"].as_str().unwrap()))
            .collect();
        assert_eq!(
            told,
            [
                ("blocker", "delivery/immutable-artifacts"),
                ("blocker", "reliability/health-checks"),
                ("major", "reliability/own-timeouts"),
                ("info", "observability/own-alerts"),
                ("info", "data/own-backups"),
            ]
        );
        assert_eq!(entries[1]["location"]["lines"], json!({"begin": 2, "end": 2}));
    }

    #[test]
    fn no_two_entries_have_one_fingerprint() {
        let mut assessment = sample::two();
        let mut other = assessment.verdicts.services[0].clone();
        other.service = "refunds".into();
        assessment.verdicts.services.push(other);
        let entries: Vec<Value> = serde_json::from_str(&print(&assessment)).unwrap();
        let distinct: BTreeSet<&str> =
            entries.iter().map(|entry| entry["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(distinct.len(), entries.len());
    }
}
