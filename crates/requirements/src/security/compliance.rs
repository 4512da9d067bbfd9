//! The regimes that apply (GDPR, PCI-DSS, SOC 2, HIPAA) are named, with their evidence.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/compliance",
    title: "the regimes that apply (GDPR, PCI-DSS, SOC 2, HIPAA) are named, with their evidence",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Claimed), Demand::of(Grade::Claimed), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Question("")],
    cases: include_str!("compliance.md"),
};
