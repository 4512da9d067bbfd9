//! Secrets come from a secrets manager.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/secrets-manager",
    title: "secrets come from a secrets manager",
    why: "A secret written into a manifest is read by everybody who reads the \
          repository, stays in its history, and is rotated by nobody.",
    remedy: "Keep secrets in a manager and let the cluster fetch them: External Secrets, \
             Vault, the secrets store driver, SOPS or Sealed Secrets. Replace every \
             secret that was written down.",
    references: &[
        Reference {
            title: "OWASP: secrets management",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
        },
        Reference {
            title: "Kubernetes: good practices for Secrets",
            url: "https://kubernetes.io/docs/concepts/security/secrets-good-practices/",
        },
        Reference {
            title: "External Secrets Operator",
            url: "https://external-secrets.io/latest/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Manifest, Change::Configuration],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Workloads],
    proofs: &[Proof::Unread(
        "the manifests: secrets that are written down, and what fetches the others",
    )],
    cases: include_str!("secrets_manager.md"),
};
