//! A backup was restored, and what came back was right.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/restore",
    title: "a backup was restored, and what came back was right",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Proven, 30), Demand::within(Grade::Proven, 90), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Drill("")],
    cases: include_str!("restore.md"),
};
