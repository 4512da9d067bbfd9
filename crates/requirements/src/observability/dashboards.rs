//! Dashboards show p50, p95, p99 and p99.9 latency, error rate, saturation and capacity per journey.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/dashboards",
    title: "dashboards show p50, p95, p99 and p99.9 latency, error rate, saturation and capacity per journey",
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
    cases: include_str!("dashboards.md"),
};
