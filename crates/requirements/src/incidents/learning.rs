//! Each incident is traced to the requirement that would have caught it, and the set is changed where none would.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/learning",
    title: "each incident is traced to the requirement that would have caught it, and the set is changed where none would",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Observed), None, None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live("")],
    cases: include_str!("learning.md"),
};
