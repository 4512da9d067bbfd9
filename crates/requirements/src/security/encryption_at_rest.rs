//! Sensitive data is encrypted at rest.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "security/encryption-at-rest",
    title: "sensitive data is encrypted at rest",
    why: "Disks, snapshots and backups leave the house in ways that nobody notices.",
    remedy: "Encrypt the storage of each datastore and of its backups, with keys that \
             the key manager rotates.",
    references: &[
        Reference {
            title: "OWASP: cryptographic storage",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Cryptographic_Storage_Cheat_Sheet.html",
        },
        Reference {
            title: "Kubernetes: encrypting confidential data at rest",
            url: "https://kubernetes.io/docs/tasks/administer-cluster/encrypt-data/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::DatastoreVersion, Change::Manifest],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Unread(
        "Terraform and storage classes: encryption of each volume, bucket, database \
             and backup",
    )],
    cases: include_str!("encryption_at_rest.md"),
};
