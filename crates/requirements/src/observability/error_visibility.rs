//! A real error shows up in logs, metrics and traces within seconds.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/error-visibility",
    title: "a real error shows up in logs, metrics and traces within seconds",
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
    cases: include_str!("error_visibility.md"),
};
