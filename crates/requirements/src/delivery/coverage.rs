//! Test coverage is over the threshold.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/coverage",
    title: "test coverage is over the threshold",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Observed, 30), Demand::within(Grade::Observed, 30), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live("")],
    cases: include_str!("coverage.md"),
};
