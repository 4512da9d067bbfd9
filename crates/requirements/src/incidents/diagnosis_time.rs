//! An engineer finds the cause of an unknown fault in under 15 minutes with what is there.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/diagnosis-time",
    title: "an engineer finds the cause of an unknown fault in under 15 minutes with what is there",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Proven, 180), None, None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Drill("")],
    cases: include_str!("diagnosis_time.md"),
};
