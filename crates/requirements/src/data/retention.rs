//! Who owns the data, how long it is kept and how it is deleted is written, and deletion works.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/retention",
    title: "who owns the data, how long it is kept and how it is deleted is written, and deletion works",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Drill("")],
    cases: include_str!("retention.md"),
};
