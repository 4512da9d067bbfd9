//! Capacity thresholds scale or alert before they are reached.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/thresholds",
    title: "capacity thresholds scale or alert before they are reached",
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
    cases: include_str!("thresholds.md"),
};
