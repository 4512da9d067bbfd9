//! What is read often is cached, or it is written why not.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/caching",
    title: "what is read often is cached, or it is written why not",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Claimed), None, None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Question("")],
    cases: include_str!("caching.md"),
};
