//! Architecture decisions are recorded.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/decisions",
    title: "architecture decisions are recorded",
    why: "A decision whose reasons are lost is either undone by accident or kept for ever out \
          of fear.",
    remedy: "Record each decision that is hard to take back as a short page under \
             docs/decisions/: context, decision, consequences.",
    references: &[Reference {
        title: "Architectural decision records",
        url: "https://adr.github.io/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Document],
    demands: [Demand::of(Grade::Declared), None, None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread("decision records")],
    cases: include_str!("decisions.md"),
};
