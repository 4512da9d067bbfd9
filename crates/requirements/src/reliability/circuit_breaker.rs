//! A dependency that stays down is not hammered.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/circuit-breaker",
    title: "a dependency that stays down is not hammered",
    why: "A service that keeps calling what is down wastes its own threads on it, and keeps \
          the other from coming back.",
    remedy: "Put a circuit breaker or a retry budget before each dependency, so that calls \
             fall to a trickle while it is down and return when it is back.",
    references: &[
        Reference {
            title: "Azure Architecture Center: circuit breaker pattern",
            url: "https://learn.microsoft.com/en-us/azure/architecture/patterns/circuit-breaker",
        },
        Reference {
            title: "Google SRE book: addressing cascading failures",
            url: "https://sre.google/sre-book/addressing-cascading-failures/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Dependency, Change::Configuration],
    demands: [Demand::within(Grade::Proven, 90), None, None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Drill("fault")],
    cases: include_str!("circuit_breaker.md"),
};
