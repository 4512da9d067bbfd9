//! Memory, descriptors, threads and connections are flat under steady load.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/no-leaks",
    title: "memory, descriptors, threads and connections are flat under steady load",
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
    cases: include_str!("no_leaks.md"),
};
