//! The readiness review and the reliability review are not overdue.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/reviewed",
    title: "the readiness review and the reliability review are not overdue",
    why: "A service drifts away from the day it was last looked at: new dependencies, more \
          traffic, other people.",
    remedy: "Hold the overdue review: `gonogo review` opens it with everything that changed \
             since the last one.",
    references: &[
        Reference {
            title: "Google SRE book: the evolving SRE engagement model",
            url: "https://sre.google/sre-book/evolving-sre-engagement-model/",
        },
        Reference {
            title: "Google SRE book: reliable product launches at scale",
            url: "https://sre.google/sre-book/reliable-product-launches/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[
        Change::Dependency,
        Change::Region,
        Change::DatastoreVersion,
        Change::Endpoint,
    ],
    demands: [
        Demand::within(Grade::Observed, 90),
        Demand::within(Grade::Observed, 180),
        Demand::within(Grade::Observed, 365),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live(
        "the ledger: the dates of the last launch, change and reliability reviews",
    )],
    cases: include_str!("reviewed.md"),
};
