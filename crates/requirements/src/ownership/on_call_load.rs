//! The load is sustainable: pages per shift and incidents per person within limits.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/on-call-load",
    title: "the load is sustainable: pages per shift and incidents per person within limits",
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
    cases: include_str!("on_call_load.md"),
};
