//! Every change is tracked: who, what, when, why.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/change-record",
    title: "every change is tracked: who, what, when, why",
    why: "The first question of every incident is what changed. Without a record the \
          answer is a guess.",
    remedy: "Let every change reach production by a reviewed pull request on a protected \
             branch, and record each deploy with version, time, author and reason.",
    references: &[
        Reference {
            title: "GitHub: about protected branches",
            url: "https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches",
        },
        Reference {
            title: "Google SRE book: release engineering",
            url: "https://sre.google/sre-book/release-engineering/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Pipeline],
    demands: [Demand::within(Grade::Observed, 30), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the history of the repository and the pipelines: changes that came by \
             reviewed pull requests, and a job that records each deploy",
        ),
        Proof::Live(
            "the Git host: protection of the branch, reviews of the last changes and the \
             record of deploys",
        ),
    ],
    cases: include_str!("change_record.md"),
};
