//! The shared resource that gives out first is known.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/shared-bottleneck",
    title: "the shared resource that gives out first is known",
    why: "Something shared gives out first: a pool, a lock, a database. Who does not know it scales the wrong thing.",
    remedy: "Watch every dependency while the load rises, and write down which gives out first and at what rate.",
    references: &[Reference {
        title: "Site Reliability Engineering: handling overload",
        url: "https://sre.google/sre-book/handling-overload/",
    }],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code, Change::Dependency, Change::Migration],
    demands: [Demand::within(Grade::Proven, 180), Demand::of(Grade::Declared), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread("a capacity document that names the first bottleneck and its rate"),
        Proof::Drill("load"),
    ],
    cases: include_str!("shared_bottleneck.md"),
};
