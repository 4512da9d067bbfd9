//! After the fault ends, the service is back inside its SLO without help, in a known time.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/self-recovery",
    title: "after the fault ends, the service is back inside its SLO without help, in a known time",
    why: "Where the end of the fault is not the end of the incident, somebody has to wake up \
          to restart things, and every outage lasts as long as that takes.",
    remedy: "Reconnect with backoff, drop stale connections and caches, and shed the backlog, \
             so that the service is back by itself soon after its dependency is.",
    references: &[
        Reference {
            title: "Google SRE book: addressing cascading failures",
            url: "https://sre.google/sre-book/addressing-cascading-failures/",
        },
        Reference {
            title: "Azure Architecture Center: design for self-healing",
            url: "https://learn.microsoft.com/en-us/azure/architecture/guide/design-principles/self-healing",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Dependency, Change::Configuration],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[Proof::Drill("fault")],
    cases: include_str!("self_recovery.md"),
};
