//! Paging alerts fire on what users feel, not only on causes such as CPU.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/symptom-alerts",
    title: "paging alerts fire on what users feel, not only on causes such as CPU",
    why: "A page on CPU wakes people while users are fine, and stays silent while they are not.",
    remedy: "Page on what users feel (errors, latency, availability, the age of the queue), and leave CPU and memory to dashboards and tickets.",
    references: &[
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
        Reference {
            title: "Prometheus: alerting practices",
            url: "https://prometheus.io/docs/practices/alerting/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Monitoring],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("symptom_alerts.md"),
};
