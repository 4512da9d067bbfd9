//! Rollback is one command, takes under five minutes, and was tested.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/rollback",
    title: "rollback is one command, takes under five minutes, and was tested",
    why: "Most outages begin with a change. Taking it back is the fastest repair there \
          is, if it is one command that was tried before the night it is needed.",
    remedy: "Write the one command that brings the version before back, as \
             `deploy.rollback` in gonogo.yaml or into the deploy instructions, and \
             rehearse it.",
    references: &[
        Reference {
            title: "Google SRE book: release engineering",
            url: "https://sre.google/sre-book/release-engineering/",
        },
        Reference {
            title: "Kubernetes: rolling back a Deployment",
            url: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Pipeline, Change::Manifest, Change::Migration],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::within(Grade::Proven, 180),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Declaration],
    proofs: &[
        Proof::Unread("gonogo.yaml, the pipelines and the documents: the command that rolls back"),
        Proof::Drill("deploy"),
    ],
    cases: include_str!("rollback.md"),
};
