//! N instances carry about n times the load.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/scales-out",
    title: "n instances carry about n times the load",
    why: "If two instances do not carry twice the load, adding instances does not help in an incident.",
    remedy: "Drive the service with one and with several instances, and take out what they wait for each other at.",
    references: &[Reference {
        title: "Site Reliability Engineering: handling overload",
        url: "https://sre.google/sre-book/handling-overload/",
    }],
    since: "0.1.0",
    effort: Effort::Days(3),
    invalidated_by: &[Change::Code, Change::Dependency, Change::Migration],
    demands: [Demand::within(Grade::Proven, 180), None, None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[Proof::Drill("load")],
    cases: include_str!("scales_out.md"),
};
