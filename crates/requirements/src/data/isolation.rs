//! Backups survive the loss or the compromise of what they back up.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/isolation",
    title: "backups survive the loss or the compromise of what they back up",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread("")],
    cases: include_str!("isolation.md"),
};
