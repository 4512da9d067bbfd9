//! Slow queries (over 100 ms) and N+1 patterns are found.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/query-performance",
    title: "slow queries (over 100 ms) and N+1 patterns are found",
    why: "One slow or repeated query that nobody sees on small data takes the database down on large data.",
    remedy: "Count and time the queries of each request on data of production size; index or join what is slow or repeated.",
    references: &[Reference {
        title: "Use The Index, Luke",
        url: "https://use-the-index-luke.com/",
    }],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code, Change::Migration, Change::DatastoreVersion],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Drill("load")],
    cases: include_str!("query_performance.md"),
};
