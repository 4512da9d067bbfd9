//! Service and human access is the least that works, and no admin credential is shared.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/least-privilege",
    title: "service and human access is the least that works, and no admin credential is shared",
    why: "Whoever breaks into the service can do what the service may do. Root, \
          wildcards and the host's files turn one hole into all of them.",
    remedy: "Run as a user other than root, without added capabilities and without the \
             host, and permit by name the verbs and resources that are used.",
    references: &[
        Reference {
            title: "Kubernetes: Pod Security Standards",
            url: "https://kubernetes.io/docs/concepts/security/pod-security-standards/",
        },
        Reference {
            title: "Kubernetes: RBAC good practices",
            url: "https://kubernetes.io/docs/concepts/security/rbac-good-practices/",
        },
        Reference {
            title: "GitHub: controlling permissions for GITHUB_TOKEN",
            url: "https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/control-permissions-for-github_token",
        },
        Reference {
            title: "OWASP: Docker security",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Manifest, Change::Image, Change::Pipeline],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[Subject::Workloads, Subject::Images, Subject::Pipelines],
    proofs: &[
        Proof::Unread("manifests, Dockerfiles and pipelines: users, capabilities, permissions"),
        Proof::Live(
            "the cluster, the cloud account and the Git host: what the service's \
             identity and its people may do today, and which admin credentials are \
             shared",
        ),
    ],
    cases: include_str!("least_privilege.md"),
};
