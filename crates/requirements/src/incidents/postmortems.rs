//! Incidents get a blameless postmortem.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/postmortems",
    title: "incidents get a blameless postmortem",
    why: "An incident that nobody writes down comes back, and where people are blamed the next \
          one is hidden.",
    remedy: "Write a blameless postmortem for each incident over the agreed severity within a \
             week: timeline, impact, causes, and actions with owner and date.",
    references: &[
        Reference {
            title: "Google SRE book: postmortem culture",
            url: "https://sre.google/sre-book/postmortem-culture/",
        },
        Reference {
            title: "Google SRE workbook: postmortem culture",
            url: "https://sre.google/workbook/postmortem-culture/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Incident],
    demands: [Demand::of(Grade::Observed), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread("the postmortems in the tree, against the incidents that were imported"),
        Proof::Live(
            "the incident records: each incident over the severity, and the postmortem that \
             belongs to it",
        ),
    ],
    cases: include_str!("postmortems.md"),
};
