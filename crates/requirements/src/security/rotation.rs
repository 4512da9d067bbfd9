//! A leaked credential can be rotated quickly, by a written and tried path.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/rotation",
    title: "a leaked credential can be rotated quickly, by a written and tried path",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Proven, 180), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Drill("")],
    cases: include_str!("rotation.md"),
};
