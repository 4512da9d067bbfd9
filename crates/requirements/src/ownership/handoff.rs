//! A change of owner was followed by a handoff review, and catalog, runbooks and on-call were
//! updated.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/handoff",
    title: "a change of owner was followed by a handoff review, and catalog, runbooks and \
            on-call were updated",
    why: "A service that changed hands on paper only is run by people who have never seen its \
          dashboards, while its pages still wake the team before.",
    remedy: "Hold a handoff review with both teams when the owner changes, and update catalog, \
             runbooks, CODEOWNERS and the on-call schedule in it.",
    references: &[Reference {
        title: "Google SRE book: the evolving SRE engagement model",
        url: "https://sre.google/sre-book/evolving-sre-engagement-model/",
    }],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Owner],
    demands: [Demand::of(Grade::Observed), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live(
        "the history of the owner in the catalog against the handoff reviews in the ledger",
    )],
    cases: include_str!("handoff.md"),
};
