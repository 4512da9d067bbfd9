//! Deploy and rollback steps are written, for normal days and emergencies.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/deploy-docs",
    title: "deploy and rollback steps are written, for normal days and emergencies",
    why: "Whoever deploys or rolls back in an emergency may never have done it here \
          before, and the pipeline may be what is broken.",
    remedy: "Write down, with the commands to copy, how the service is deployed and \
             rolled back, on normal days and when it is urgent.",
    references: &[
        Reference {
            title: "Google SRE book: release engineering",
            url: "https://sre.google/sre-book/release-engineering/",
        },
        Reference {
            title: "Google SRE book: emergency response",
            url: "https://sre.google/sre-book/emergency-response/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(3),
    invalidated_by: &[Change::Document, Change::Pipeline, Change::Manifest],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[
        Proof::Unread("the documents: the steps of a deploy and of a rollback"),
        Proof::Drill("docs"),
    ],
    cases: include_str!("deploy_docs.md"),
};
