//! Losing an instance, a zone or the primary datastore is survived within the stated time.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/failover",
    title: "losing an instance, a zone or the primary datastore is survived within the stated time",
    why: "Machines, zones and databases are lost; if the way over to the others was never \
          walked, it takes hours instead of the minutes that were promised.",
    remedy: "Run instances in at least two zones and the datastore with a standby that takes \
             over, state the time that this may take, and rehearse it.",
    references: &[
        Reference {
            title: "AWS Well-Architected: use fault isolation to protect your workload",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/use-fault-isolation-to-protect-your-workload.html",
        },
        Reference {
            title: "Kubernetes: running in multiple zones",
            url: "https://kubernetes.io/docs/setup/best-practices/multiple-zones/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(3),
    invalidated_by: &[
        Change::Manifest,
        Change::Region,
        Change::DatastoreVersion,
        Change::Configuration,
    ],
    demands: [Demand::within(Grade::Proven, 180), Demand::of(Grade::Declared), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "manifests and Terraform: the zones of instances, the standby of each datastore \
             and what promotes it, and the time that is stated for it",
        ),
        Proof::Drill("lifecycle"),
        Proof::Drill("gameday"),
    ],
    cases: include_str!("failover.md"),
};
