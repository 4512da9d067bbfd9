//! Health follows the user's journey: unready when a critical dependency is down, ready when only a non-critical one is.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/health-is-honest",
    title: "health follows the user's journey: unready when a critical dependency is down, ready when only a non-critical one is",
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
    cases: include_str!("health_is_honest.md"),
};
