//! Postmortem and review actions get done.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/actions-done",
    title: "postmortem and review actions get done",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Observed, 30), Demand::within(Grade::Observed, 90), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live("")],
    cases: include_str!("actions_done.md"),
};
