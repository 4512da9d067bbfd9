//! A backup was restored, and what came back was right.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/restore",
    title: "a backup was restored, and what came back was right",
    why: "A backup that was never restored is a hope. Most turn out incomplete, unreadable or \
          without their keys on the day they are needed.",
    remedy: "Declare `backup`, `restore` and `smoke` for each store in gonogo.yaml, and run \
             `gonogo drill restore`.",
    references: &[
        Reference {
            title: "Google SRE book: data integrity",
            url: "https://sre.google/sre-book/data-integrity/",
        },
        Reference {
            title: "PostgreSQL: backup and restore",
            url: "https://www.postgresql.org/docs/current/backup.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Migration, Change::DatastoreVersion, Change::Configuration],
    demands: [Demand::within(Grade::Proven, 30), Demand::within(Grade::Proven, 90), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Drill("restore")],
    cases: include_str!("restore.md"),
};
