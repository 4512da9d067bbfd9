//! A change of owner was followed by a handoff review, and catalog, runbooks and on-call were updated.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/handoff",
    title: "a change of owner was followed by a handoff review, and catalog, runbooks and on-call were updated",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Observed), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live("")],
    cases: include_str!("handoff.md"),
};
