//! Manual operational work is counted, and what recurs is automated.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/toil",
    title: "manual operational work is counted, and what recurs is automated",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Observed, 90), None, None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live("")],
    cases: include_str!("toil.md"),
};
