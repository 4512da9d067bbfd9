//! A benchmark guards latency and throughput.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/performance-gate",
    title: "a benchmark guards latency and throughput",
    why: "A service gets slower by one per cent at a time, and no single change looks \
          guilty afterwards.",
    remedy: "Run a benchmark or a short load test in the pipeline and fail it where \
             latency or throughput leaves the budget.",
    references: &[
        Reference {
            title: "Google SRE book: testing for reliability",
            url: "https://sre.google/sre-book/testing-reliability/",
        },
        Reference {
            title: "Grafana k6: thresholds",
            url: "https://grafana.com/docs/k6/latest/using-k6/thresholds/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Pipeline, Change::Code],
    demands: [Demand::of(Grade::Declared), None, None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the pipelines: a job that runs a benchmark or a load test with a threshold \
             that fails it",
        ),
        Proof::Live(
            "the Git host: whether that job ran on the last changes and with which \
             figures",
        ),
    ],
    cases: include_str!("performance_gate.md"),
};
