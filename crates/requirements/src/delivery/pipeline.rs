//! Deploys run from a pipeline with no manual step.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/pipeline",
    title: "deploys run from a pipeline with no manual step",
    why: "A deploy that a person types differs from the last one, waits for whoever \
          knows the steps, and leaves no trace of what was done.",
    remedy: "Let a pipeline deploy every change that passed its gates, by a job that \
             starts by itself.",
    references: &[
        Reference {
            title: "Google SRE book: release engineering",
            url: "https://sre.google/sre-book/release-engineering/",
        },
        Reference {
            title: "GitHub: deploying with GitHub Actions",
            url: "https://docs.github.com/en/actions/concepts/use-cases/deploying-with-github-actions",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Pipeline, Change::Manifest],
    demands: [
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Pipelines],
    proofs: &[
        Proof::Unread("the pipelines: a job that deploys and starts by itself"),
        Proof::Live(
            "the Git host or the deployment tool: whether the last deploys to production \
             came from this pipeline, and how often a person stepped in",
        ),
    ],
    cases: include_str!("pipeline.md"),
};
