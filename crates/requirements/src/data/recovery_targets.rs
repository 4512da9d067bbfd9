//! Recovery time and recovery point have targets, and the measured ones are inside.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/recovery-targets",
    title: "recovery time and recovery point have targets, and the measured ones are inside",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [
        Demand::within(Grade::Proven, 30),
        Demand::within(Grade::Proven, 90),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Drill("")],
    cases: include_str!("recovery_targets.md"),
};
