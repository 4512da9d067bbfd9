//! Manual operational work is counted, and what recurs is automated.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/toil",
    title: "manual operational work is counted, and what recurs is automated",
    why: "Work that a machine could do grows with the traffic, until the team does nothing else.",
    remedy: "Automate or remove the manual task that recurs most, and count again.",
    references: &[
        Reference {
            title: "Google SRE book: eliminating toil",
            url: "https://sre.google/sre-book/eliminating-toil/",
        },
        Reference {
            title: "Google SRE workbook: eliminating toil",
            url: "https://sre.google/workbook/eliminating-toil/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(5),
    invalidated_by: &[Change::Owner],
    demands: [Demand::within(Grade::Observed, 90), None, None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Live(
        "page records and runbook runs: manual work counted by its cause, and the share of \
             on-call time that it takes",
    )],
    cases: include_str!("toil.md"),
};
