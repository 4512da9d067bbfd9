//! Latency (as a distribution), error rate, throughput and saturation are exported.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/golden-signals",
    title: "latency (as a distribution), error rate, throughput and saturation are exported",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::within(Grade::Observed, 90),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Live(""), Proof::Drill("")],
    cases: include_str!("golden_signals.md"),
};
