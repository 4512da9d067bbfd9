//! Most pages were actionable.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/alert-quality",
    title: "most pages were actionable",
    why: "People who are woken for nothing stop getting up.",
    remedy: "Go through the pages of the last quarter, and delete or mend each alert that nobody had to act on.",
    references: &[
        Reference {
            title: "Google SRE book: being on-call",
            url: "https://sre.google/sre-book/being-on-call/",
        },
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Monitoring],
    demands: [Demand::within(Grade::Observed, 90), Demand::within(Grade::Observed, 180), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Live(
        "the pager: each page of the last 90 days, what was done about it, and the share that needed somebody to act",
    )],
    cases: include_str!("alert_quality.md"),
};
