//! For each dependency: what happens when it fails.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/failure-modes",
    title: "for each dependency it is written what happens when it fails",
    why: "Every dependency fails some day; what users then see was either decided beforehand or \
          is found out by them.",
    remedy: "Say for each dependency in gonogo.yaml whether it is critical and what users see \
             while it is down (`on-failure`), then let the fault drill compare.",
    references: &[
        Reference {
            title: "Google SRE book: addressing cascading failures",
            url: "https://sre.google/sre-book/addressing-cascading-failures/",
        },
        Reference {
            title: "AWS Well-Architected: design interactions to withstand failures",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/design-interactions-in-a-distributed-system-to-mitigate-or-withstand-failures.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Dependency, Change::Code, Change::Configuration],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::EachDependency(judge), Proof::Drill("fault")],
    cases: include_str!("failure_modes.md"),
};

fn judge(dependency: &Dependency, _: &Scope<'_>) -> Outcome {
    let name = &dependency.name;
    let uncritical = dependency.is_critical.is_none().then(|| {
        Finding::at(&name.place, format!("`{}` does not say whether it is critical", **name))
            .help("critical: true    # no journey works without it; else false")
    });
    let findings: Vec<Finding> = uncritical.into_iter().chain(on_failure(dependency)).collect();
    Outcome::unmet_or(findings, || {
        let said = dependency.on_failure.as_ref();
        let place = said.map_or(&name.place, |said| &said.place);
        let said = said.map_or("", |said| said.value.as_str());
        Outcome::met(place, format!("when `{}` fails: {said}", **name))
    })
}

fn on_failure(dependency: &Dependency) -> Option<Finding> {
    let name = &dependency.name;
    let help = "on-failure: orders are refused with 503 and Retry-After";
    let Some(said) = &dependency.on_failure else {
        let message = format!("`{}` does not say what happens when it fails", **name);
        return Some(Finding::at(&name.place, message).help(help));
    };
    (!says_what_happens(said)).then(|| {
        let message =
            format!("`{}`: \"{}\" does not say what users see when it fails", **name, said.trim());
        Finding::at(&said.place, message).help(help)
    })
}

/// Whether a text says more than that something fails.
fn says_what_happens(text: &str) -> bool {
    let text = prose::plain(text);
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let telling = words.clone().filter(|word| !VAGUE.contains(word)).count();
    prose::says_something(&text) && telling > 0
}

/// Words that all failures have in common.
static VAGUE: &[&str] = &[
    "a",
    "an",
    "and",
    "app",
    "application",
    "are",
    "be",
    "because",
    "break",
    "breaks",
    "broken",
    "by",
    "call",
    "calls",
    "cannot",
    "crash",
    "crashes",
    "dependency",
    "does",
    "down",
    "error",
    "errors",
    "everything",
    "fail",
    "failed",
    "failing",
    "fails",
    "failure",
    "for",
    "get",
    "gets",
    "give",
    "gives",
    "happens",
    "have",
    "if",
    "in",
    "is",
    "it",
    "its",
    "not",
    "of",
    "on",
    "or",
    "our",
    "outage",
    "request",
    "requests",
    "return",
    "returned",
    "returns",
    "service",
    "stop",
    "stops",
    "system",
    "that",
    "the",
    "their",
    "then",
    "there",
    "they",
    "this",
    "throw",
    "throws",
    "to",
    "too",
    "unavailable",
    "us",
    "was",
    "we",
    "when",
    "will",
    "with",
    "work",
    "works",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_it_fails_is_not_what_happens() {
        for text in ["TBD", "error", "the service returns an error", "requests will fail", ""] {
            assert!(!says_what_happens(text), "{text}");
        }
        for text in [
            "requests fail with 503",
            "orders are refused with 503 and Retry-After",
            "the cached catalogue is shown",
        ] {
            assert!(says_what_happens(text), "{text}");
        }
    }
}
