//! Someone is on call at every minute of the next 30 days.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/on-call",
    title: "someone is on call at every minute of the next 30 days",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [
        Demand::within(Grade::Observed, 7),
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Live(""), Proof::Drill("")],
    cases: include_str!("on_call.md"),
};
