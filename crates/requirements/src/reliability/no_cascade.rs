//! A dependency's failure gives a clear, logged error, not a hang or a crash.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/no-cascade",
    title: "a dependency's failure gives a clear, logged error, not a hang or a crash",
    why: "When a dependency fails, callers need an answer that they can act on; a hang or a \
          crash hands the failure on to everybody above.",
    remedy: "Catch the failure at each call, answer with a clear error and a status such as \
             503, and log which dependency failed and for which request.",
    references: &[
        Reference {
            title: "Google SRE book: addressing cascading failures",
            url: "https://sre.google/sre-book/addressing-cascading-failures/",
        },
        Reference {
            title: "AWS Well-Architected: fail fast and limit queues",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_mitigate_interaction_failure_fail_fast.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code, Change::Dependency, Change::Configuration],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Drill("fault")],
    cases: include_str!("no_cascade.md"),
};
