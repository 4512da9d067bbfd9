//! Alerts fire on degradation (p99 up by half, errors over 1 %), not only on outage.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/degradation-alerts",
    title: "alerts fire on degradation (p99 up by half, errors over 1 %), not only on outage",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread("")],
    cases: include_str!("degradation_alerts.md"),
};
