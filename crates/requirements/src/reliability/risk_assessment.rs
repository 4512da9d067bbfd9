//! Risks have likelihood, impact, mitigation, residual risk and an owner, and were reviewed.

use std::collections::BTreeSet;

use super::risk::{self, Part};
use crate::outcome::condensed;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/risk-assessment",
    title: "risks have likelihood, impact, mitigation, residual risk and an owner, and were reviewed",
    why: "Risks that stand nowhere are taken by accident, and those without an owner stay as they \
          are until they happen.",
    remedy: "Write docs/risk-register.md: a table with risk, likelihood, impact, mitigation, \
             residual risk and owner, and a line `Last reviewed: YYYY-MM-DD`.",
    references: &[
        Reference {
            title: "NIST SP 800-30: guide for conducting risk assessments",
            url: "https://csrc.nist.gov/pubs/sp/800/30/r1/final",
        },
        Reference {
            title: "Google SRE book: embracing risk",
            url: "https://sre.google/sre-book/embracing-risk/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Document, Change::Incident, Change::Dependency, Change::Region],
    demands: [
        Demand::within(Grade::Observed, 90),
        Demand::within(Grade::Observed, 180),
        Demand::within(Grade::Declared, 365),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[
        Proof::Service(judge),
        Proof::Live("the record of reviews: when the risks were last gone through, and by whom"),
    ],
    cases: include_str!("risk_assessment.md"),
};

static HEADINGS: &[&str] = &["risk assessment", "risk matrix", "risk register"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let found = pages(scope, Role::Risks, HEADINGS, "risks");
    // A heading in another document may only speak of assessing risks.
    let is_register = |chapter: &&Chapter<'_>| {
        !is_of_others(chapter.document)
            && (chapter.document.role == Role::Risks
                || (risk::tables(chapter).next().is_some() && !is_of_project(chapter.document)))
    };
    let registers: Vec<&Chapter<'_>> = found.chapters.iter().filter(is_register).collect();
    // Which of many studies with a chapter on risks speaks for the service, nobody sees from outside.
    let studies: BTreeSet<&str> =
        registers.iter().map(|register| &*register.document.place.path).collect();
    let is_told = registers.iter().any(|register| register.document.role == Role::Risks);
    if let Some(first) = studies.first().filter(|_| studies.len() > 2 && !is_told) {
        return Outcome::unknown(format!(
            "which of {} pages with a chapter on risks, such as `{first}`, is its risk register: say so \
             under `links: {{risks: …}}` in gonogo.yaml",
            studies.len(),
        ));
    }
    let judged = registers.into_iter().map(|register| of_register(register, scope)).collect();
    Outcome::all(condensed(judged)).unwrap_or_else(|| {
        found.unknown(
            "risk register",
            "write docs/risk-register.md, or say under `links: {risks: …}` in gonogo.yaml where \
             it stands",
        )
    })
}

/// Whether a page is called after the risks of something else than running a service: of those one
/// buys from, of work that ends, of a law.
fn is_of_others(document: &Document) -> bool {
    let words = [
        "ai risk",
        "privacy risk",
        "project risk",
        "subprocessor risk",
        "supplier risk",
        "third party risk",
        "vendor risk",
    ];
    document.is_called(&words)
}

/// Whether a page plans work that ends: its risks are that the work does not get done.
fn is_of_project(document: &Document) -> bool {
    let words = ["implementation plan", "project plan", "sprint"];
    document.is_called(&words)
}

fn of_register(register: &Chapter<'_>, scope: &Scope<'_>) -> Outcome {
    let mut tables = risk::tables(register).peekable();
    let findings: Vec<Finding> = if tables.peek().is_some() {
        tables.flat_map(|table| table.faults(register.name())).collect()
    } else {
        in_prose(register).into_iter().collect()
    };
    if let Some(fault) = findings.first().filter(|_| register.document.role != Role::Risks) {
        let at = &fault.place;
        return Outcome::Unknown(format!(
            "{} ({}:{}): where that is the risk register of the service, say so under `links: {{risks: …}}` \
             in gonogo.yaml",
            fault.message, at.path, at.line
        ));
    }
    Outcome::unmet_or(findings, || reviewed(register, scope))
}

/// What a register without a table does not say at all.
fn in_prose(register: &Chapter<'_>) -> Option<Finding> {
    let is_missing =
        |part: &&Part| !matches!(treatment(register.document, part.words), Treatment::Said(_));
    let missing: Vec<&str> = risk::PARTS.iter().filter(is_missing).map(|part| part.what).collect();
    if missing.is_empty() {
        return None;
    }
    let missing = model::listed(&missing, "and");
    let message = format!("`{}` does not say {missing} of its risks", register.name());
    Some(Finding::at(register.place(), message).help(risk::TABLE))
}

fn reviewed(register: &Chapter<'_>, scope: &Scope<'_>) -> Outcome {
    let path = &register.document.place.path;
    match &register.document.reviewed {
        Some(day) if day.value > scope.today => {
            let message = format!("`{path}` was reviewed on {}, a day to come", day.value);
            Finding::at(&day.place, message).help("write the day on which it was reviewed").into()
        }
        Some(day) => {
            let message = format!("the risks of `{path}` are complete, reviewed on {}", day.value);
            Outcome::Met(vec![Sighting::at(&day.place, message).as_of(day.value)])
        }
        None => Outcome::Unknown(format!(
            "when `{path}` was last reviewed: add the line `Last reviewed: YYYY-MM-DD`"
        )),
    }
}
