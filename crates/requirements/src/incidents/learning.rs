//! Each incident is traced to the requirement that would have caught it, and the set is changed
//! where none would.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/learning",
    title: "each incident is traced to the requirement that would have caught it, and the set \
            is changed where none would",
    why: "Every incident shows something that the requirements let through. Where that is not \
          traced, the same gap opens in the next service.",
    remedy: "Link each incident to the requirement that would have caught it, and draft a new \
             one with `gonogo incident learn` where none would.",
    references: &[
        Reference {
            title: "Google SRE workbook: postmortem culture",
            url: "https://sre.google/workbook/postmortem-culture/",
        },
        Reference {
            title: "Google SRE book: tracking outages",
            url: "https://sre.google/sre-book/tracking-outages/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Incident],
    demands: [Demand::of(Grade::Observed), None, None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Live(
        "the ledger: each recorded incident, and the requirement that it was traced to",
    )],
    cases: include_str!("learning.md"),
};
