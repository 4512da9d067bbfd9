//! Memory and CPU are monitored.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/resource-metrics",
    title: "memory and CPU are monitored",
    why: "Whoever does not see memory grow learns of it when the process is killed.",
    remedy: "Scrape memory and CPU of each container (cAdvisor, node exporter, or the process metrics of the client library), and put them on the dashboard.",
    references: &[
        Reference {
            title: "Kubernetes: tools for monitoring resources",
            url: "https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-usage-monitoring/",
        },
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Monitoring, Change::Manifest],
    demands: [Demand::within(Grade::Observed, 90), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "scrape configuration and ServiceMonitor objects, and dashboards and alert rules that read memory and CPU of its containers",
        ),
        Proof::Live("Prometheus: memory and CPU of each instance during the last hour"),
    ],
    cases: include_str!("resource_metrics.md"),
};
