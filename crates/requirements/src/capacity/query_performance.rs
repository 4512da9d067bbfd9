//! Slow queries (over 100 ms) and N+1 patterns are found.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/query-performance",
    title: "slow queries (over 100 ms) and N+1 patterns are found",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Drill("")],
    cases: include_str!("query_performance.md"),
};
