//! It is written how the service is retired: data archived or deleted, dependants moved, users
//! told.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/decommission-plan",
    title: "it is written how the service is retired: data archived or deleted, dependants \
            moved, users told",
    why: "Services that nobody knows how to switch off run for years, unpatched, with data in \
          them that should be gone.",
    remedy: "Write how the service will be retired: what becomes of its data, where its \
             dependants go, and who tells its users how long in advance.",
    references: &[Reference {
        title: "RFC 8594: the Sunset HTTP header field",
        url: "https://www.rfc-editor.org/rfc/rfc8594",
    }],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Document, Change::Dependency],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Unread("the decommission plan"), Proof::Drill("gameday")],
    cases: include_str!("decommission_plan.md"),
};
