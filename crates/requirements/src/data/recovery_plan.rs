//! A disaster-recovery plan is written.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/recovery-plan",
    title: "a disaster-recovery plan is written",
    why: "When a region or a database is gone, there is no time to find out what to restore \
          first, from where, and who may decide it.",
    remedy: "Write docs/disaster-recovery.md: what can be lost, the steps to bring each part \
             back with their commands, who decides and who does it, and the targets.",
    references: &[
        Reference {
            title: "NIST SP 800-34: contingency planning guide",
            url: "https://csrc.nist.gov/pubs/sp/800/34/r1/upd1/final",
        },
        Reference {
            title: "AWS Well-Architected: plan for disaster recovery",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/plan-for-disaster-recovery-dr.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[
        Change::Document,
        Change::DatastoreVersion,
        Change::Region,
        Change::Dependency,
    ],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Unread("the plan")],
    cases: include_str!("recovery_plan.md"),
};
