//! A user-visible launch has a communication plan.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/launch-communication",
    title: "a user-visible launch has a communication plan",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Claimed), Demand::of(Grade::Claimed), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Question("")],
    cases: include_str!("launch_communication.md"),
};
