//! Runs the case file beside each requirement.
//!
//! A case is a heading of level 2 that opens with the expected outcome (`met:`, `unmet:`,
//! `unknown:`, `not applicable:`), prose, and fenced files whose info string is a language and a
//! path (`yaml deploy/api.yaml`). In an unmet case each expected finding is a mark on its line, at
//! its end: `# unmet: the message`, `// unmet: …` or `<!-- unmet: … -->`; a line may have several.
//! Marks are taken out before the file is read. The day of the judgement is 2026-11-20.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use facts::{Facts, Reason, Scope, Service};
use jiff::civil::{Date, date};
use model::{Kind, Place};
use regex::Regex;

use crate::{Outcome, Requirement, all};

const TODAY: Date = date(2026, 11, 20);

/// One case of a case file.
struct Case {
    /// Line of its heading.
    line: usize,
    /// `met`, `unmet`, `unknown` or `not applicable`.
    outcome: String,
    files: Vec<(Arc<str>, String)>,
    /// Path, line and message of each expected finding.
    marks: Vec<(String, usize, String)>,
}

static MARK: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\s*(?:#|//|<!--)\s*unmet: ").unwrap());

/// A line without its marks, and their messages.
fn split_marks(line: &str) -> (&str, Vec<String>) {
    let marks: Vec<_> = MARK.find_iter(line).collect();
    let kept = marks.first().map_or(line, |mark| &line[..mark.start()]);
    let ends = marks.iter().skip(1).map(regex::Match::start).chain([line.len()]);
    let message = |(mark, end): (&regex::Match<'_>, usize)| {
        line[mark.end()..end].trim_end().trim_end_matches("-->").trim_end().to_owned()
    };
    (kept, marks.iter().zip(ends).map(message).collect())
}

fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut fence: Option<(String, Option<Arc<str>>, String)> = None;
    for (number, line) in text.lines().enumerate() {
        if let Some((closing, path, content)) = &mut fence {
            if line.trim_end() == closing {
                if let (Some(path), Some(case)) = (path.take(), cases.last_mut()) {
                    case.files.push((path, std::mem::take(content)));
                }
                fence = None;
                continue;
            }
            let (kept, messages) = split_marks(line);
            if let (Some(path), Some(case)) = (path, cases.last_mut()) {
                let line = content.lines().count() + 1;
                case.marks.extend(messages.into_iter().map(|m| (path.to_string(), line, m)));
            }
            let _ = writeln!(content, "{kept}");
        } else if let Some(heading) = line.strip_prefix("## ") {
            let outcome = heading.split(':').next().unwrap_or_default().to_owned();
            cases.push(Case { line: number + 1, outcome, files: Vec::new(), marks: Vec::new() });
        } else if line.starts_with("```") {
            let ticks = line.chars().take_while(|c| *c == '`').count();
            let path = line[ticks..].split_whitespace().nth(1).map(Arc::from);
            fence = Some(("`".repeat(ticks), path, String::new()));
        }
    }
    cases
}

fn facts_of<'t>(files: impl Iterator<Item = (Arc<str>, &'t str)>) -> Facts {
    let mut facts = Facts::default();
    for (path, text) in files {
        facts.append(facts::read(&path, text.as_bytes()));
        facts.paths.push(path);
    }
    facts::settle(&mut facts);
    facts
}

/// What `judge` says of the first service of a tree of `files`.
pub(crate) fn judged(files: &[(&str, &str)], judge: fn(&Scope<'_>) -> Outcome) -> Outcome {
    told(files, judge)
}

/// What `tell` says of the scope of the first service of a tree of `files`.
pub(crate) fn told<T>(files: &[(&str, &str)], tell: impl FnOnce(&Scope<'_>) -> T) -> T {
    let mut files = files.to_vec();
    files.sort_unstable();
    let facts = facts_of(files.into_iter().map(|(path, text)| (path.into(), text)));
    let services = services_of(&facts);
    tell(&facts::scopes(&facts, &services, TODAY)[0])
}

fn services_of(facts: &Facts) -> Vec<Service> {
    let mut services = facts::discover(facts).services;
    if services.is_empty() {
        services.push(unfound(facts));
    }
    services
}

/// The service of a case in whose files none is found.
fn unfound(facts: &Facts) -> Service {
    let path = facts.paths.first().map_or("README.md", |path| path);
    let reasons = vec![Reason { what: "the case".into(), place: Place::file(path) }];
    Service {
        name: "service".into(),
        folder: String::new(),
        kind: Kind::Web,
        is_kind_assumed: true,
        tier: None,
        aliases: Vec::new(),
        reasons,
        retired: None,
        doubt: None,
    }
}

fn decide(requirement: &Requirement, facts: &Facts) -> Outcome {
    let services = services_of(facts);
    let scopes = facts::scopes(facts, &services, TODAY);
    let outcomes = scopes.iter().filter_map(|scope| requirement.decide(scope));
    Outcome::all(outcomes).unwrap_or_else(|| Outcome::unknown("cannot be declared"))
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Met(_) => "met",
        Outcome::Unmet(_) => "unmet",
        Outcome::NotApplicable(_) => "not applicable",
        Outcome::Unknown(_) => "unknown",
    }
}

/// What is wrong with the case, if anything.
fn fault(requirement: &Requirement, case: &Case) -> Option<String> {
    let facts = facts_of(case.files.iter().map(|(path, text)| (path.clone(), text.as_str())));
    let outcome = decide(requirement, &facts);
    let mut found = Vec::new();
    if let Outcome::Unmet(findings) = &outcome {
        for finding in findings {
            let line = finding.place.line as usize;
            found.push((finding.place.path.to_string(), line, finding.message.clone()));
        }
    }
    let mut expected = case.marks.clone();
    expected.sort();
    found.sort();
    if word(&outcome) == case.outcome && found == expected {
        return None;
    }
    let path = requirement.id.replace('-', "_");
    let mut text = format!("{path}.md:{}: expected {}", case.line, case.outcome);
    for (path, line, message) in expected {
        let _ = write!(text, "\n    {path}:{line}: {message}");
    }
    let _ = write!(text, "\n  found {}", word(&outcome));
    match &outcome {
        Outcome::NotApplicable(reason) | Outcome::Unknown(reason) => {
            let _ = write!(text, ": {reason}");
        }
        Outcome::Met(seen) => {
            for seen in seen {
                let _ = write!(text, "\n    {}: {}", seen.place, seen.message);
            }
        }
        Outcome::Unmet(_) => {}
    }
    for (path, line, message) in found {
        let _ = write!(text, "\n    {path}:{line}: {message}");
    }
    for gap in &facts.gaps {
        let _ = write!(text, "\n    gap {}: {}", gap.place, gap.reason);
    }
    Some(text)
}

/// Runs the cases of all requirements, or of those whose id contains `GONOGO_CASE`.
#[test]
fn the_cases_beside_each_requirement_come_out_as_their_headings_say() {
    let wanted = option_env_case();
    let mut count = 0;
    let faults: Vec<String> = all()
        .filter(|requirement| requirement.id.contains(wanted.as_str()))
        .flat_map(|requirement| {
            let cases = cases(requirement.cases);
            count += cases.len();
            cases.into_iter().filter_map(|case| fault(requirement, &case)).collect::<Vec<_>>()
        })
        .collect();
    assert!(faults.is_empty(), "{} of {count} cases\n{}", faults.len(), faults.join("\n"));
    assert!(count > 0, "no case was found");
}

#[expect(clippy::disallowed_methods, reason = "chooses which cases a person wants to run")]
fn option_env_case() -> String {
    std::env::var("GONOGO_CASE").unwrap_or_default()
}

#[test]
fn a_mark_is_taken_out_of_its_line_and_expected_there() {
    let text = "# x\n\n## unmet: no probe\n\n```yaml a.yaml\na: 1\nb: 2 # unmet: no `c` # unmet: d\n\
                # X <!-- unmet: no `e` -->\n```\n";
    let cases = cases(text);
    let mark = |line, text: &str| ("a.yaml".to_owned(), line, text.to_owned());
    assert_eq!(cases[0].outcome, "unmet");
    assert_eq!(cases[0].marks, [mark(2, "no `c`"), mark(2, "d"), mark(3, "no `e`")]);
    assert_eq!(cases[0].files[0].1, "a: 1\nb: 2\n# X\n");
}
