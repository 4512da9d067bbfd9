//! Tests, lint and security checks must pass before shipping.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/gates",
    title: "tests, lint and security checks must pass before shipping",
    why: "A gate that can be passed with a failing test is a log line. What nobody has \
          to repair reaches users.",
    remedy: "Make the job that ships depend on the jobs that test, lint and scan, and \
             let each of them fail it.",
    references: &[
        Reference {
            title: "GitHub: using jobs in a workflow",
            url: "https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-jobs",
        },
        Reference {
            title: "GitLab: CI/CD YAML syntax reference",
            url: "https://docs.gitlab.com/ci/yaml/",
        },
        Reference {
            title: "Google SRE workbook: canarying releases",
            url: "https://sre.google/workbook/canarying-releases/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Pipeline],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[Subject::Pipelines],
    proofs: &[
        Proof::Unread("the pipelines: what the job that ships depends on, and whether it can fail"),
        Proof::Live(
            "the Git host: whether the protected branch requires these jobs, and who may \
             pass them by",
        ),
    ],
    cases: include_str!("gates.md"),
};
