//! Each SLO has multi-window burn-rate alerts.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/slo-alerts",
    title: "each SLO has multi-window burn-rate alerts",
    why: "Without a burn-rate alert the error budget is gone before anybody looks; with a single window it pages too late, or for an hour after all is well.",
    remedy: "Alert on each objective's burn rate over a long and a short window at once: 14.4 times over 1h and 5m, 6 times over 6h and 30m.",
    references: &[
        Reference {
            title: "Google SRE workbook: alerting on SLOs",
            url: "https://sre.google/workbook/alerting-on-slos/",
        },
        Reference {
            title: "Prometheus: recording rules",
            url: "https://prometheus.io/docs/practices/rules/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Monitoring],
    demands: [Demand::within(Grade::Proven, 90), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts, Subject::Objectives, Subject::Declaration],
    proofs: &[Proof::Service(judge), Proof::Drill("page")],
    cases: include_str!("slo_alerts.md"),
};
