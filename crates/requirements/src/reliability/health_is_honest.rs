//! Health follows the user's journey: unready when a critical dependency is down, ready when only a non-critical one is.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/health-is-honest",
    title: "health follows the user's journey: unready when a critical dependency is down, ready when only a non-critical one is",
    why: "A health check that stays green while users see errors keeps traffic on broken \
          instances; one that turns red for a trifle takes all of them away at once.",
    remedy: "Let readiness fail when a critical dependency is down and only then, and let \
             liveness depend on nothing but the process.",
    references: &[
        Reference {
            title: "Amazon Builders' Library: implementing health checks",
            url: "https://aws.amazon.com/builders-library/implementing-health-checks/",
        },
        Reference {
            title: "Kubernetes: liveness, readiness and startup probes",
            url: "https://kubernetes.io/docs/concepts/workloads/pods/probes/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code, Change::Dependency, Change::Manifest],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[Proof::Drill("fault")],
    cases: include_str!("health_is_honest.md"),
};
