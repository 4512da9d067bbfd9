//! What is read often is cached, or it is written why not.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/caching",
    title: "what is read often is cached, or it is written why not",
    why: "What is read often and computed each time sets the cost and the limit of the service.",
    remedy: "Cache what is read often, with an expiry that users can live with, or write down why it is not cached.",
    references: &[Reference {
        title: "AWS Well-Architected: caching",
        url: "https://docs.aws.amazon.com/wellarchitected/latest/performance-efficiency-pillar/perf_data_access_patterns_caching.html",
    }],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Dependency],
    demands: [Demand::of(Grade::Claimed), None, None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[Proof::Question("what is read most often, and is it cached, or why not?")],
    cases: include_str!("caching.md"),
};
