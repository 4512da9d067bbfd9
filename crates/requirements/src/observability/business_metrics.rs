//! At least one metric counts what the business cares about.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/business-metrics",
    title: "at least one metric counts what the business cares about",
    why: "A service can be up, fast and free of errors, and sell nothing.",
    remedy: "Count what the business cares about where it happens (orders placed, payments taken, messages delivered), and export it as a metric.",
    references: &[
        Reference {
            title: "Prometheus: instrumentation",
            url: "https://prometheus.io/docs/practices/instrumentation/",
        },
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Code, Change::Monitoring],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "dashboards and alert rules that read a metric of the business, such as orders placed, and the code that counts it",
        ),
        Proof::Live(
            "Prometheus: whether the metric of the business that is declared is scraped, and moves",
        ),
    ],
    cases: include_str!("business_metrics.md"),
};
