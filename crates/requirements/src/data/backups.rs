//! Backups run by themselves, as often as the data deserves.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/backups",
    title: "backups run by themselves, as often as the data deserves",
    why: "Disks fail, migrations go wrong and people delete the wrong thing. A backup that \
          somebody has to remember is one that is missing on that day.",
    remedy: "Schedule the backup of each store at least as often as its recovery point asks \
             for, and declare it under `data:` in gonogo.yaml.",
    references: &[
        Reference {
            title: "AWS Well-Architected: back up data",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html",
        },
        Reference {
            title: "PostgreSQL: backup and restore",
            url: "https://www.postgresql.org/docs/current/backup.html",
        },
        Reference {
            title: "Google SRE book: data integrity",
            url: "https://sre.google/sre-book/data-integrity/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::DatastoreVersion, Change::Configuration, Change::Manifest],
    demands: [
        Demand::within(Grade::Observed, 7),
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread("backup schedules"),
        Proof::Live("the backup storage: age and size of the newest backup of each store"),
    ],
    cases: include_str!("backups.md"),
};
