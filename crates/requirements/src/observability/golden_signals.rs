//! Latency (as a distribution), error rate, throughput and saturation are exported.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/golden-signals",
    title: "latency (as a distribution), error rate, throughput and saturation are exported",
    why: "Without latency, errors, traffic and saturation nobody can tell whether users are served, nor what is running out.",
    remedy: "Export request duration as a histogram, a counter of requests by outcome, and gauges of what can run out (pool, queue, memory).",
    references: &[
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
        Reference {
            title: "Prometheus: instrumentation",
            url: "https://prometheus.io/docs/practices/instrumentation/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::within(Grade::Observed, 90),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "gonogo.yaml (`run.metrics`), ServiceMonitor objects and scrape annotations, and what alert rules and dashboards read",
        ),
        Proof::Live(
            "the metrics endpoint: a histogram of latency, counters of requests and errors, a gauge of saturation",
        ),
        Proof::Drill("load"),
    ],
    cases: include_str!("golden_signals.md"),
};
