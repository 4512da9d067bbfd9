//! Each runbook says symptom, impact, how to diagnose, how to mitigate, whom to escalate to, and is fresh.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/runbook-quality",
    title: "each runbook says symptom, impact, how to diagnose, how to mitigate, whom to escalate to, and is fresh",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::within(Grade::Declared, 180), Demand::within(Grade::Declared, 365), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Drill("")],
    cases: include_str!("runbook_quality.md"),
};
