//! The regimes that apply (GDPR, PCI-DSS, SOC 2, HIPAA) are named, with their evidence.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/compliance",
    title: "the regimes that apply (GDPR, PCI-DSS, SOC 2, HIPAA) are named, with their evidence",
    why: "A regime that applies and was forgotten stops the launch later, or costs a \
          fine.",
    remedy: "Name the regimes that apply to the data and the users of the service, and \
             link the evidence for each.",
    references: &[
        Reference {
            title: "GDPR, Article 32: security of processing",
            url: "https://gdpr-info.eu/art-32-gdpr/",
        },
        Reference {
            title: "PCI Security Standards: document library",
            url: "https://www.pcisecuritystandards.org/document_library/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Endpoint, Change::Region],
    demands: [Demand::of(Grade::Claimed), Demand::of(Grade::Claimed), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Question(
        "Which regimes (GDPR, PCI-DSS, SOC 2, HIPAA or others) apply to this \
             service, and where is the evidence for each?",
    )],
    cases: include_str!("compliance.md"),
};
