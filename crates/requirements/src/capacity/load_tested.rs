//! At two to three times the expected peak the SLO holds.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/load-tested",
    title: "at two to three times the expected peak the SLO holds",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live(""), Proof::Drill("")],
    cases: include_str!("load_tested.md"),
};
