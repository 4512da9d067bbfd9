//! A threat model exists and is current.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/threat-model",
    title: "a threat model exists and is current",
    why: "What nobody thought of attacking, nobody defended.",
    remedy: "Write down what is worth protecting, who could attack it and how, and what \
             stands against each attack; look at it again every year and with every new \
             entrance.",
    references: &[
        Reference {
            title: "OWASP: threat modeling",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Threat_Modeling_Cheat_Sheet.html",
        },
        Reference {
            title: "Threat Modeling Manifesto",
            url: "https://www.threatmodelingmanifesto.org/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Document, Change::Dependency, Change::Endpoint],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("threat_model.md"),
};

/// Days after which nobody can say that it is current.
const MAX_AGE_DAYS: i32 = 365;

static HEADINGS: &[&str] =
    &["threat model", "threat modeling", "threat modelling", "threat analysis"];

static ASSETS: &[&str] = &[
    "asset",
    "attack surface",
    "credential",
    "customer data",
    "data flow",
    "entry point",
    "personal data",
    "scope",
    "sensitive data",
    "trust boundar*",
    "user data",
    "what we protect",
    "worth protecting",
];

static THREATS: &[&str] = &[
    "abuse case",
    "adversar*",
    "attack*",
    "denial of service",
    "elevation of privilege",
    "exploit*",
    "injection",
    "repudiation",
    "risk",
    "spoof*",
    "stride",
    "tamper*",
    "threat",
];

static ANSWERS: &[&str] = &[
    "accepted risk",
    "control",
    "countermeasure",
    "defence",
    "defense",
    "mitigat*",
    "prevent*",
    "protection",
    "safeguard",
];

/// Files of tools that hold threat models.
static TOOLS: &[&str] =
    &["threagile.yaml", "threatmodel.json", "threat-model.json", "tm.py", "threatmodel.py"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let mut pages = pages(scope, Role::ThreatModel, HEADINGS, "threat-model");
    let Some(first) = pages.chapters.first().copied() else { return missing(&pages, scope) };
    let first = &first;
    pages.chapters.extend(beside(first));
    let parts = [
        ("what is worth protecting", pages.says(ASSETS)),
        ("what threatens it", pages.says(THREATS)),
        ("what stands against that", pages.says(ANSWERS)),
    ];
    let open: Vec<&str> =
        parts.iter().filter(|(_, at)| at.is_none()).map(|(part, _)| *part).collect();
    if !open.is_empty() {
        let message = format!("`{}` does not say {}", first.name(), model::listed(&open, "and"));
        let help =
            "write a table: what is worth protecting, what threatens it, what stands against that";
        return Finding::at(first.place(), message).help(help).into();
    }
    let seen = parts.iter().filter_map(|(part, at)| Some(Sighting::at((*at)?, *part)));
    dated(first, seen.collect(), scope)
}

/// Chapters under the same heading as one on threats: "Mitigations" beside "Threat model".
fn beside<'a>(chapter: &Chapter<'a>) -> Vec<Chapter<'a>> {
    let above: Vec<&str> = chapter.headings_above().collect();
    if above.is_empty() {
        return Vec::new();
    }
    let others = chapters(chapter.document).filter(|other| other.place() != chapter.place());
    others.filter(|other| other.headings_above().eq(above.iter().copied())).collect()
}

/// Whether somebody looked at it in the last year.
fn dated(first: &Chapter<'_>, mut seen: Vec<Sighting>, scope: &Scope<'_>) -> Outcome {
    let Some(reviewed) = &first.document.reviewed else {
        return Outcome::unknown(format!(
            "`{}` does not say when it was last reviewed: write `Last reviewed: YYYY-MM-DD` into it",
            first.document.place.path
        ));
    };
    let age_days = reviewed.value.until(scope.today).map_or(0, |span| span.get_days());
    if age_days > MAX_AGE_DAYS {
        let message = format!(
            "`{}` was last reviewed on {}, more than a year ago",
            first.name(),
            reviewed.value
        );
        let help = "go through it again with what was added since, and change the date";
        return Finding::at(&reviewed.place, message).help(help).into();
    }
    let message = format!("reviewed on {}", reviewed.value);
    seen.push(Sighting::at(&reviewed.place, message).as_of(reviewed.value));
    Outcome::Met(seen)
}

fn missing(pages: &Pages<'_>, scope: &Scope<'_>) -> Outcome {
    match scope.files.first_named(TOOLS) {
        Some(path) => {
            Outcome::unknown(format!("`{path}` is of a tool for threat models, which is not read"))
        }
        None => pages.unknown(
            "threat model",
            "write docs/threat-model.md, or say under `links: {threat-model: …}` in gonogo.yaml \
             where it stands",
        ),
    }
}
