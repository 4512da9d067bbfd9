//! Backups run by themselves, as often as the data deserves.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/backups",
    title: "backups run by themselves, as often as the data deserves",
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
    proofs: &[Proof::Unread(""), Proof::Live("")],
    cases: include_str!("backups.md"),
};
