//! Cost at expected and at double load is projected.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/cost",
    title: "cost at expected and at double load is projected",
    why: "A service that is too dear at double its load is a service that cannot succeed.",
    remedy: "Project the cost at the expected and at double the load from the load drill and the unit prices, and set a budget.",
    references: &[Reference {
        title: "FinOps Framework: forecasting",
        url: "https://www.finops.org/framework/capabilities/forecasting/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Code, Change::Manifest, Change::Region],
    demands: [Demand::of(Grade::Declared), None, None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread("a projection of cost at expected and at double load"),
        Proof::Drill("load"),
    ],
    cases: include_str!("cost.md"),
};
