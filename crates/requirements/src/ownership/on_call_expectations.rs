//! Response time, and what "acknowledge" means, are written down.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/on-call-expectations",
    title: "response time, and what \"acknowledge\" means, are written down",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread("")],
    cases: include_str!("on_call_expectations.md"),
};
