//! The API description is valid, current, with errors and examples.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/api",
    title: "the API description is valid, current, with errors and examples",
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
    cases: include_str!("api.md"),
};
