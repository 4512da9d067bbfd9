//! Rollback is one command, takes under five minutes, and was tested.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/rollback",
    title: "rollback is one command, takes under five minutes, and was tested",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::within(Grade::Proven, 180),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Drill("")],
    cases: include_str!("rollback.md"),
};
