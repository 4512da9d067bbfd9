//! Everything as JSON: `gonogo.verdict/v1`.

use jiff::Timestamp;
use model::{
    About, Answer, Assessment, Coverage, Decision, Evidence, EvidenceOutcome, Finding, Grade,
    PolicyName, ServiceVerdict, Sighting, State, Verdict, Weight,
};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Fingerprints, visible, way};

/// The name of the shape.
pub(crate) const SCHEMA: &str = "gonogo.verdict/v1";

/// Prints everything that `assessment` holds but the excerpts.
pub(crate) fn print(assessment: &Assessment) -> String {
    let fingerprints = Fingerprints::of(assessment);
    let services = assessment.verdicts.services.iter();
    let report = Report {
        schema: SCHEMA,
        policy: &assessment.verdicts.policy,
        at: assessment.verdicts.at,
        services: services.map(|service| service_of(service, &fingerprints)).collect(),
        verdict: assessment.verdict(),
        exit_code: assessment.exit_code(),
        coverage: coverage_of(&assessment.coverage),
        troubles: &assessment.troubles,
        caveats: &assessment.caveats,
    };
    // Its keys are text and its numbers finite, so that it can always be printed.
    let mut text = serde_json::to_string_pretty(&report).unwrap_or_default();
    text.push('\n');
    visible::json(&text)
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Report<'a> {
    schema: &'static str,
    policy: &'a PolicyName,
    at: Timestamp,
    services: Vec<Service<'a>>,
    verdict: Verdict,
    exit_code: u8,
    coverage: Examined<'a>,
    troubles: &'a [String],
    caveats: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Service<'a> {
    #[serde(rename = "service")]
    name: &'a str,
    tier: u8,
    kind: &'static str,
    path: &'a str,
    revision: Option<&'a str>,
    verdict: Verdict,
    counts: Map<String, Value>,
    answers: Vec<AnswerShown<'a>>,
    tier_assumed: bool,
    kind_assumed: bool,
    found: &'a [Sighting],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct AnswerShown<'a> {
    requirement: &'a str,
    answer: State,
    blocks: bool,
    required: Grade,
    grade: Option<Grade>,
    evidence: Vec<EvidenceShown<'a>>,
    findings: Vec<FindingShown<'a>>,
    days: Option<u16>,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    answered_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'a Decision>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    contradictions: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct EvidenceShown<'a> {
    grade: Grade,
    outcome: EvidenceOutcome,
    at: Timestamp,
    fresh_until: Option<Timestamp>,
    source: &'a str,
    about: &'a About,
    reproduce: &'a str,
    #[serde(skip_serializing_if = "<[Sighting]>::is_empty")]
    seen: &'a [Sighting],
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct FindingShown<'a> {
    message: &'a str,
    path: &'a str,
    line: u32,
    column: u32,
    help: Option<&'a str>,
    end_line: u32,
    end_column: u32,
    fingerprint: String,
    #[serde(skip_serializing_if = "<[Sighting]>::is_empty")]
    related: &'a [Sighting],
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Examined<'a> {
    files: usize,
    read: usize,
    bytes: u64,
    gaps: &'a [Sighting],
    skipped: Vec<Skipped<'a>>,
    ignored: Vec<&'a str>,
    possible: &'a [Sighting],
    passed_over: &'a [Sighting],
    uncommitted: Vec<&'a str>,
    cut: Option<&'a str>,
}

#[derive(Serialize)]
struct Skipped<'a> {
    path: &'a str,
    reason: &'a str,
}

fn service_of<'a>(service: &'a ServiceVerdict, fingerprints: &Fingerprints<'_>) -> Service<'a> {
    let counts = service.counts();
    let answers = service.answers.iter();
    Service {
        name: &service.service,
        tier: service.tier.into(),
        kind: service.kind.name(),
        path: &service.path,
        revision: service.revision.as_deref(),
        verdict: service.verdict,
        counts: State::ALL.iter().map(|s| (s.name().to_owned(), counts.get(*s).into())).collect(),
        answers: answers.map(|answer| answer_of(answer, fingerprints)).collect(),
        tier_assumed: service.is_tier_assumed,
        kind_assumed: service.is_kind_assumed,
        found: &service.found,
    }
}

fn answer_of<'a>(answer: &'a Answer, fingerprints: &Fingerprints<'_>) -> AnswerShown<'a> {
    let is_open = matches!(answer.state, State::Unknown | State::Weak | State::Stale);
    let finding_of = |finding: &'a Finding| FindingShown {
        message: &finding.message,
        path: &finding.place.path,
        line: finding.place.line,
        column: finding.place.column,
        help: finding.help.as_deref(),
        end_line: finding.place.end_line,
        end_column: finding.place.end_column,
        fingerprint: fingerprints.get(&answer.requirement, finding),
        related: &finding.related,
    };
    AnswerShown {
        requirement: &answer.requirement,
        answer: answer.state,
        blocks: answer.weight == Weight::Blocks,
        required: answer.demand.grade,
        grade: answer.grade,
        evidence: answer.evidence.iter().map(|evidence| evidence_of(evidence, answer)).collect(),
        findings: answer.findings.iter().map(finding_of).collect(),
        days: answer.demand.days,
        reason: &answer.reason,
        answered_by: is_open.then(|| way::to_answer(&answer.requirement, answer.demand)),
        decision: answer.decision.as_ref(),
        contradictions: &answer.contradictions,
    }
}

fn evidence_of<'a>(evidence: &'a Evidence, answer: &Answer) -> EvidenceShown<'a> {
    EvidenceShown {
        grade: evidence.grade,
        outcome: evidence.outcome,
        at: evidence.at,
        fresh_until: evidence.fresh_until(answer.demand),
        source: &evidence.source,
        about: &evidence.about,
        reproduce: &evidence.reproduce,
        seen: &evidence.seen,
        error: evidence.error.as_deref(),
    }
}

fn coverage_of(coverage: &Coverage) -> Examined<'_> {
    let skipped = coverage.skipped.iter();
    Examined {
        files: coverage.files,
        read: coverage.read,
        bytes: coverage.bytes,
        gaps: &coverage.gaps,
        skipped: skipped.map(|(path, reason)| Skipped { path, reason }).collect(),
        ignored: coverage.ignored.iter().map(|path| &**path).collect(),
        possible: &coverage.possible,
        passed_over: &coverage.passed_over,
        uncommitted: coverage.uncommitted.iter().map(|path| &**path).collect(),
        cut: coverage.cut.as_deref(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn keys(value: &Value) -> Vec<&str> {
        value.as_object().unwrap().keys().map(String::as_str).collect()
    }

    #[test]
    fn the_fixed_keys_stand_in_their_order_before_any_other() {
        let value: Value = serde_json::from_str(&print(&sample::checkout())).unwrap();
        assert!(keys(&value).starts_with(&["schema", "policy", "at", "services"]));
        assert_eq!(keys(&value["policy"]), ["name", "version", "digest"]);
        let service = &value["services"][0];
        assert!(keys(service).starts_with(&[
            "service", "tier", "kind", "path", "revision", "verdict", "counts", "answers"
        ]));
        assert_eq!(
            keys(&service["counts"]),
            [
                "met",
                "weak",
                "stale",
                "failed",
                "unknown",
                "error",
                "planned",
                "accepted",
                "not-applicable"
            ]
        );
        let answer = &service["answers"][1];
        assert!(keys(answer).starts_with(&[
            "requirement",
            "answer",
            "blocks",
            "required",
            "grade",
            "evidence",
            "findings"
        ]));
        assert!(keys(&answer["evidence"][0]).starts_with(&[
            "grade",
            "outcome",
            "at",
            "fresh-until",
            "source",
            "about",
            "reproduce"
        ]));
        assert!(
            keys(&answer["findings"][0])
                .starts_with(&["message", "path", "line", "column", "help"])
        );
        assert_eq!(value["verdict"], "no-go");
        assert_eq!(service["answers"][8]["answer"], "not-applicable");
    }

    #[test]
    fn hostile_text_survives_as_it_is_and_cannot_reach_a_terminal() {
        let text = print(&sample::hostile());
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["services"][0]["service"], sample::HOSTILE);
    }
}
