//! A dependency's failure gives a clear, logged error, not a hang or a crash.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/no-cascade",
    title: "a dependency's failure gives a clear, logged error, not a hang or a crash",
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
    cases: include_str!("no_cascade.md"),
};
