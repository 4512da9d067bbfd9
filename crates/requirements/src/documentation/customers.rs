//! Customers have what they need to use it.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/customers",
    title: "customers have what they need to use it",
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
    cases: include_str!("customers.md"),
};
