//! Test coverage is over the threshold.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/coverage",
    title: "test coverage is over the threshold",
    why: "Code that no test runs is tried for the first time by a user.",
    remedy: "Measure coverage in the pipeline, fail it below the threshold of the \
             policy, and import the report.",
    references: &[Reference {
        title: "Google SRE book: testing for reliability",
        url: "https://sre.google/sre-book/testing-reliability/",
    }],
    since: "0.1.0",
    effort: Effort::Days(3),
    invalidated_by: &[Change::Code],
    demands: [Demand::within(Grade::Observed, 30), Demand::within(Grade::Observed, 30), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Live(
        "the coverage report of the last run on the main branch (LCOV, Cobertura or \
             JaCoCo), imported into gonogo",
    )],
    cases: include_str!("coverage.md"),
};
