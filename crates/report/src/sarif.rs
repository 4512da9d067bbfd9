//! SARIF 2.1.0, shaped for GitHub's code scanning.
//!
//! SARIF tells defects, so only what failed and what is unknown and blocks stands in it; everything
//! is in the JSON and in the `JUnit` report.

mod location;
mod notification;
mod rule;

use std::collections::BTreeSet;

use model::{Answer, Assessment, Finding, ServiceVerdict, State, Weight};
use serde_json::{Value, json};

use crate::{Fingerprints, fingerprint, matter, visible, way};

/// GitHub takes no more runs from a file; where there are more services they share one.
const MOST_RUNS: usize = 20;
/// GitHub takes no more results from a run.
const MOST_RESULTS: usize = 25_000;

/// Prints one run for each service.
pub(crate) fn print(assessment: &Assessment) -> String {
    let fingerprints = Fingerprints::of(assessment);
    let services: Vec<&ServiceVerdict> = assessment.verdicts.services.iter().collect();
    let runs: Vec<Value> = match services.len() {
        0 => vec![run(assessment, &[], "gonogo/", &fingerprints, true)],
        1..=MOST_RUNS => services
            .iter()
            .enumerate()
            .map(|(index, service)| {
                let id = category(service, &services);
                run(assessment, &[service], &id, &fingerprints, index == 0)
            })
            .collect(),
        _ => vec![run(assessment, &services, "gonogo/", &fingerprints, true)],
    };
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": runs,
    });
    visible::json(&format!("{log:#}\n"))
}

/// What keeps the uploads of services apart: their names, with their folders where they share one.
fn category(service: &ServiceVerdict, services: &[&ServiceVerdict]) -> String {
    let is_shared = services.iter().filter(|other| other.service == service.service).count() > 1;
    let name = visible::line(&service.service).replace('/', "-");
    let folder = visible::line(&service.path).replace('/', "-");
    if is_shared { format!("gonogo/{name}@{folder}/") } else { format!("gonogo/{name}/") }
}

/// One result, before it is numbered.
struct Problem<'a> {
    requirement: &'a str,
    level: Level,
    text: String,
    locations: Value,
    related: Vec<Value>,
    fingerprint: String,
    service: &'a ServiceVerdict,
}

/// Worst first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Error,
    Warning,
    Note,
}

impl Level {
    const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

fn run(
    assessment: &Assessment,
    services: &[&ServiceVerdict],
    id: &str,
    fingerprints: &Fingerprints<'_>,
    is_first: bool,
) -> Value {
    let mut problems: Vec<Problem<'_>> =
        services.iter().flat_map(|service| problems(service, fingerprints)).collect();
    problems.sort_by(|a, b| (a.level, &a.fingerprint).cmp(&(b.level, &b.fingerprint)));
    // What several services of one run share is told once.
    problems.dedup_by(|a, b| a.fingerprint == b.fingerprint);
    problems.sort_by_key(|problem| (problem.level, matter::dimension_index(problem.requirement)));
    let left_out = problems.len().saturating_sub(MOST_RESULTS);
    problems.truncate(MOST_RESULTS);
    let rules: BTreeSet<&str> = problems.iter().map(|problem| problem.requirement).collect();
    let rules: Vec<&str> = rules.into_iter().collect();
    let results: Vec<Value> = problems.iter().map(|problem| result(problem, &rules)).collect();
    let whole = if is_first { Some(assessment) } else { None };
    json!({
        "tool": {"driver": {
            "name": "gonogo",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": rules.iter().map(|id| rule::print(id)).collect::<Vec<_>>(),
        }},
        "automationDetails": {"id": id},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {
            "description": {"text": "The root of the scanned tree."},
        }},
        "invocations": [notification::invocation(whole, services, left_out)],
        "results": results,
    })
}

fn problems<'a>(
    service: &'a ServiceVerdict,
    fingerprints: &Fingerprints<'_>,
) -> impl Iterator<Item = Problem<'a>> {
    service.answers.iter().flat_map(move |answer| match answer.state {
        State::Failed if !answer.findings.is_empty() => {
            let findings = answer.findings.iter();
            findings.map(|finding| failure(service, answer, finding, fingerprints)).collect()
        }
        State::Failed => vec![bare(service, answer, &format!("{}.", answer.reason))],
        State::Unknown if answer.weight == Weight::Blocks => {
            vec![bare(service, answer, &unknown(answer))]
        }
        _ => Vec::new(),
    })
}

const fn level(answer: &Answer) -> Level {
    match (answer.state, answer.weight) {
        (State::Failed, Weight::Blocks) => Level::Error,
        (State::Failed, _) => Level::Warning,
        _ => Level::Note,
    }
}

fn failure<'a>(
    service: &'a ServiceVerdict,
    answer: &'a Answer,
    finding: &Finding,
    fingerprints: &Fingerprints<'_>,
) -> Problem<'a> {
    let help = finding.help.as_ref().map(|help| format!("\n\n{}", visible::block(help)));
    let place = matter::place_of_finding(finding, service);
    let text = format!("{}.{}", visible::line(&finding.message), help.unwrap_or_default());
    Problem {
        requirement: &answer.requirement,
        level: level(answer),
        text,
        locations: json!([location::print(&place)]),
        related: finding.related.iter().enumerate().map(location::related).collect(),
        fingerprint: fingerprints.get(&answer.requirement, finding),
        service,
    }
}

fn unknown(answer: &Answer) -> String {
    let way = way::beyond_reason(answer);
    let way = way.map(|way| format!(" What would answer it: {}.", visible::line(&way)));
    let reason = visible::line(&matter::why(answer));
    format!("Unknown: {reason}.{}", way.unwrap_or_default())
}

/// A problem of the service as a whole.
fn bare<'a>(service: &'a ServiceVerdict, answer: &'a Answer, text: &str) -> Problem<'a> {
    let place = matter::place_of(service);
    let about = format!("{} {} {}", answer.state.name(), service.service, service.path);
    Problem {
        requirement: &answer.requirement,
        level: level(answer),
        text: visible::block(text),
        locations: json!([location::print(&place)]),
        related: Vec::new(),
        fingerprint: fingerprint(&answer.requirement, &place.path, &about, 0),
        service,
    }
}

fn result(problem: &Problem<'_>, rules: &[&str]) -> Value {
    let mut result = json!({
        "ruleId": problem.requirement,
        "ruleIndex": rules.binary_search(&problem.requirement).unwrap_or_default(),
        "level": problem.level.name(),
        "message": {"text": without_links(&problem.text)},
        "locations": problem.locations,
        "partialFingerprints": {"primaryLocationLineHash": problem.fingerprint},
        "properties": {
            "service": visible::line(&problem.service.service),
            "tier": u8::from(problem.service.tier),
        },
    });
    if let (Some(result), false) = (result.as_object_mut(), problem.related.is_empty()) {
        result.insert("relatedLocations".to_owned(), Value::from(problem.related.clone()));
    }
    result
}

/// Breaks `[text](address)`, which SARIF's messages make a link of.
pub(super) fn without_links(text: &str) -> String {
    text.replace("](", "] (")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    fn log(assessment: &Assessment) -> Value {
        serde_json::from_str(&print(assessment)).unwrap()
    }

    #[test]
    fn what_failed_is_an_error_and_what_is_unknown_a_note() {
        let log = log(&sample::checkout());
        let results = log["runs"][0]["results"].as_array().unwrap();
        let levels: Vec<(&str, &str)> = results
            .iter()
            .map(|r| (r["level"].as_str().unwrap(), r["ruleId"].as_str().unwrap()))
            .collect();
        assert_eq!(
            levels,
            [
                ("error", "reliability/health-checks"),
                ("error", "delivery/immutable-artifacts"),
                ("note", "observability/own-alerts"),
                ("note", "data/own-backups"),
            ]
        );
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "deploy/checkout.yaml");
        assert_eq!(
            place["region"],
            json!({"startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 14})
        );
        let place = &results[3]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "services/checkout/gonogo.yaml");
    }

    #[test]
    fn every_result_has_a_rule_with_texts_and_a_fingerprint() {
        for assessment in [sample::two(), sample::hostile()] {
            for run in log(&assessment)["runs"].as_array().unwrap() {
                for result in run["results"].as_array().unwrap() {
                    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
                    let rule = &run["tool"]["driver"]["rules"][index];
                    assert_eq!(rule["id"], result["ruleId"]);
                    for text in ["shortDescription", "fullDescription", "help"] {
                        assert!(!rule[text]["text"].as_str().unwrap().is_empty(), "{text}");
                    }
                    let hash = &result["partialFingerprints"]["primaryLocationLineHash"];
                    assert_eq!(hash.as_str().unwrap().len(), 32);
                }
            }
        }
    }

    #[test]
    fn services_have_a_run_each_until_there_are_too_many() {
        let mut assessment = sample::two();
        let first = log(&assessment);
        assert_eq!(first["runs"][0]["automationDetails"]["id"], "gonogo/checkout/");
        assert_eq!(first["runs"][1]["automationDetails"]["id"], "gonogo/search/");
        for number in 0..30 {
            let mut service = assessment.verdicts.services[0].clone();
            service.service = format!("checkout-{number}");
            assessment.verdicts.services.push(service);
        }
        let many = log(&assessment);
        assert_eq!(many["runs"].as_array().unwrap().len(), 1);
        let results = many["runs"][0]["results"].as_array().unwrap();
        let errors = results.iter().filter(|result| result["level"] == "error").count();
        assert_eq!(errors, 2, "what services share is told once");
    }

    #[test]
    fn what_was_not_examined_is_a_notification_of_the_first_run() {
        let log = log(&sample::two());
        let notes = &log["runs"][0]["invocations"][0]["toolExecutionNotifications"];
        let text = notes.to_string();
        assert!(text.contains("a template with `range`") && text.contains("logo.png"), "{text}");
        assert_eq!(log["runs"][1]["invocations"][0]["toolExecutionNotifications"], json!([]));
    }

    #[test]
    fn a_message_cannot_make_a_link() {
        assert_eq!(without_links("[here](https://evil.example)"), "[here] (https://evil.example)");
    }
}
