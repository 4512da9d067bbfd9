//! An overview of the architecture exists.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/architecture",
    title: "an overview of the architecture exists",
    why: "Without the picture of the parts and of what flows between them, every incident and \
          every newcomer begins with drawing it.",
    remedy: "Write docs/architecture.md: the parts, what each is for, what flows between them, \
             what is stored where, and what the service depends on.",
    references: &[Reference {
        title: "The C4 model for visualising software architecture",
        url: "https://c4model.com/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Dependency, Change::Code],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread("the overview")],
    cases: include_str!("architecture.md"),
};
