//! Losing an instance, a zone or the primary datastore is survived within the stated time.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/failover",
    title: "losing an instance, a zone or the primary datastore is survived within the stated time",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Proven, 180), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Drill("")],
    cases: include_str!("failover.md"),
};
