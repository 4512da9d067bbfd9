//! Backups survive the loss or the compromise of what they back up.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/isolation",
    title: "backups survive the loss or the compromise of what they back up",
    why: "What deletes or encrypts the data takes the backups with it when they stand in the \
          same account, under the same keys.",
    remedy: "Copy backups to another account and region, with a lock that nobody who can write \
             the data can lift.",
    references: &[
        Reference {
            title: "Amazon S3: Object Lock",
            url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
        },
        Reference {
            title: "AWS Well-Architected: back up data",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Configuration, Change::Region],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Unread(
        "`backup.to` under `data:` in gonogo.yaml, the recovery plan, and the Terraform of \
             the backups' buckets and vaults: account, region, object lock",
    )],
    cases: include_str!("isolation.md"),
};
