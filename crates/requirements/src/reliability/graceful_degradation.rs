//! With a non-critical dependency down, journeys still succeed.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/graceful-degradation",
    title: "with a non-critical dependency down, journeys still succeed",
    why: "A dependency that users can do without must not take with it what they came for.",
    remedy: "Give each dependency that is not critical a fallback: a cached or empty answer, \
             or a queue for later; then mark it `critical: false` in gonogo.yaml.",
    references: &[
        Reference {
            title: "Google SRE book: addressing cascading failures",
            url: "https://sre.google/sre-book/addressing-cascading-failures/",
        },
        Reference {
            title: "AWS Well-Architected: implement graceful degradation",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_mitigate_interaction_failure_graceful_degradation.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Dependency, Change::Configuration],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Drill("fault")],
    cases: include_str!("graceful_degradation.md"),
};
