//! Alerts fire on degradation (p99 up by half, errors over 1 %), not only on outage.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/degradation-alerts",
    title: "alerts fire on degradation (p99 up by half, errors over 1 %), not only on outage",
    why: "Most outages begin as a degradation; an alert that waits until everything is down gives that time away.",
    remedy: "Alert while it is only getting worse: on a quantile of latency, and on an error ratio of a few percent or less.",
    references: &[
        Reference {
            title: "Google SRE workbook: alerting on SLOs",
            url: "https://sre.google/workbook/alerting-on-slos/",
        },
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Monitoring],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("degradation_alerts.md"),
};
