//! The readiness review and the reliability review are not overdue.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/reviewed",
    title: "the readiness review and the reliability review are not overdue",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [
        Demand::within(Grade::Observed, 90),
        Demand::within(Grade::Observed, 180),
        Demand::within(Grade::Observed, 365),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live("")],
    cases: include_str!("reviewed.md"),
};
