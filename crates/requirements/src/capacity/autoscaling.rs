//! It scales by itself between a sane minimum and maximum on a sane trigger.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/autoscaling",
    title: "it scales by itself between a sane minimum and maximum on a sane trigger",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Live("")],
    cases: include_str!("autoscaling.md"),
};
