//! The knee is known, and is at least twice the peak.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/headroom",
    title: "the knee is known, and is at least twice the peak",
    why: "Without the knee nobody knows whether the next campaign fits, and how much of the bill is waste.",
    remedy: "Raise the load step by step until the objectives break, and scale until that point is twice the expected peak.",
    references: &[Reference {
        title: "Site Reliability Engineering: handling overload",
        url: "https://sre.google/sre-book/handling-overload/",
    }],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Image, Change::Dependency, Change::Manifest],
    demands: [Demand::within(Grade::Proven, 90), None, None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[Proof::Drill("load")],
    cases: include_str!("headroom.md"),
};
