//! The load is sustainable: pages per shift and incidents per person within limits.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/on-call-load",
    title: "the load is sustainable: pages per shift and incidents per person within limits",
    why: "Too many pages wear people out, and worn-out people miss the one that matters.",
    remedy: "Fix or delete the alerts that page most, and spread shifts, until no shift of 12 \
             hours brings more than two incidents.",
    references: &[
        Reference {
            title: "Google SRE book: being on-call",
            url: "https://sre.google/sre-book/being-on-call/",
        },
        Reference {
            title: "Google SRE workbook: on-call",
            url: "https://sre.google/workbook/on-call/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(5),
    invalidated_by: &[Change::Monitoring, Change::Owner],
    demands: [Demand::within(Grade::Observed, 30), Demand::within(Grade::Observed, 90), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Live(
        "the pager's records: pages per shift, incidents per person, and the alerts behind \
             them",
    )],
    cases: include_str!("on_call_load.md"),
};
