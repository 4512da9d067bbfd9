//! Only what must talk can talk.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/network-policy",
    title: "only what must talk can talk",
    why: "In a flat network whoever gets into the least important pod reaches the most \
          important database.",
    remedy: "Deny by default in the namespace, and let in by label the callers that have \
             to reach the service.",
    references: &[
        Reference {
            title: "Kubernetes: network policies",
            url: "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        },
        Reference {
            title: "OWASP: Kubernetes security",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Kubernetes_Security_Cheat_Sheet.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Manifest, Change::Dependency],
    demands: [Demand::of(Grade::Declared), None, None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Workloads],
    proofs: &[Proof::Unread("the manifests: policies that select the pods")],
    cases: include_str!("network_policy.md"),
};
