//! Postmortem and review actions get done.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/actions-done",
    title: "postmortem and review actions get done",
    why: "A postmortem whose actions are never done is a prediction of the next incident.",
    remedy: "Do the overdue actions, or decide with their owners that they will not be done, \
             and say why.",
    references: &[Reference {
        title: "Google SRE workbook: postmortem culture",
        url: "https://sre.google/workbook/postmortem-culture/",
    }],
    since: "0.1.0",
    effort: Effort::Days(3),
    invalidated_by: &[Change::Incident],
    demands: [Demand::within(Grade::Observed, 30), Demand::within(Grade::Observed, 90), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Live(
        "the tracker (GitHub or GitLab issues, the ledger's actions): which are overdue, \
             and whose they are",
    )],
    cases: include_str!("actions_done.md"),
};
