//! Recovery time and recovery point have targets, and the measured ones are inside.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/recovery-targets",
    title: "recovery time and recovery point have targets, and the measured ones are inside",
    why: "Without numbers nobody can say whether the backups are frequent enough and the \
          restore fast enough, until users say it.",
    remedy: "Agree with the owner of the data how long it may be unavailable and how much of it \
             may be lost, and declare both as `targets: {rto, rpo}` under `data:` in \
             gonogo.yaml.",
    references: &[
        Reference {
            title: "AWS Well-Architected: plan for disaster recovery",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/plan-for-disaster-recovery-dr.html",
        },
        Reference {
            title: "NIST SP 800-34: contingency planning guide",
            url: "https://csrc.nist.gov/pubs/sp/800/34/r1/upd1/final",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Migration, Change::DatastoreVersion, Change::Configuration],
    demands: [
        Demand::within(Grade::Proven, 30),
        Demand::within(Grade::Proven, 90),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Unread("targets"), Proof::Drill("restore")],
    cases: include_str!("recovery_targets.md"),
};
