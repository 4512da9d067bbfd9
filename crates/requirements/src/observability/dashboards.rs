//! Dashboards show p50, p95, p99 and p99.9 latency, error rate, saturation and capacity per journey.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/dashboards",
    title: "dashboards show p50, p95, p99 and p99.9 latency, error rate, saturation and capacity per journey",
    why: "In an incident the first question is how bad it is, and since when; a mean hides the slowest requests, which are those of the most active users.",
    remedy: "Build one dashboard per service with p50, p95, p99 and p99.9 latency, error rate, and the saturation of what can run out, per journey.",
    references: &[
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
        Reference {
            title: "Grafana: dashboard best practices",
            url: "https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/best-practices/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Monitoring],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[Subject::Dashboards],
    proofs: &[
        Proof::Service(judge),
        Proof::Live("Prometheus: whether each query of the dashboards gives data"),
    ],
    cases: include_str!("dashboards.md"),
};
