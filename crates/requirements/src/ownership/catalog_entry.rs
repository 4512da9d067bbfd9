//! The catalog knows name, owner, tier, description, lifecycle, dependencies, and links to SLOs, runbooks, dashboards and on-call.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/catalog-entry",
    title: "the catalog knows name, owner, tier, description, lifecycle, dependencies, and links to SLOs, runbooks, dashboards and on-call",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(""), Proof::Live("")],
    cases: include_str!("catalog_entry.md"),
};
