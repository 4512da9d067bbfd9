//! Each runbook says symptom, impact, how to diagnose, how to mitigate, whom to escalate to, and
//! is fresh.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/runbook-quality",
    title: "each runbook says symptom, impact, how to diagnose, how to mitigate, whom to \
            escalate to, and is fresh",
    why: "A runbook that names the alert and then stops costs its reader minutes and gives \
          nothing back; one that describes last year's system sends them the wrong way.",
    remedy: "Give each runbook the sections symptom, impact, diagnosis, mitigation and \
             escalation, with the commands to copy, and a line `Last reviewed: YYYY-MM-DD`.",
    references: &[
        Reference {
            title: "Prometheus Operator: runbooks",
            url: "https://runbooks.prometheus-operator.dev/",
        },
        Reference {
            title: "Google SRE book: being on-call",
            url: "https://sre.google/sre-book/being-on-call/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Document, Change::Dependency, Change::Incident],
    demands: [Demand::within(Grade::Declared, 180), Demand::within(Grade::Declared, 365), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Unread("sections of runbooks"), Proof::Drill("docs")],
    cases: include_str!("runbook_quality.md"),
};
