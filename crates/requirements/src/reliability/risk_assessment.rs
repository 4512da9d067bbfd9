//! Risks have likelihood, impact, mitigation, residual risk and an owner, and were reviewed.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/risk-assessment",
    title: "risks have likelihood, impact, mitigation, residual risk and an owner, and were reviewed",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [
        Demand::within(Grade::Observed, 90),
        Demand::within(Grade::Observed, 180),
        Demand::within(Grade::Declared, 365),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Live("")],
    cases: include_str!("risk_assessment.md"),
};
