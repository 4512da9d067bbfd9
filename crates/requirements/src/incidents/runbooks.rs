//! The likeliest failures have runbooks, linked from their alerts.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/runbooks",
    title: "the likeliest failures have runbooks, linked from their alerts",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread("")],
    cases: include_str!("runbooks.md"),
};
