//! The alert really fires and really arrives.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/alert-fires",
    title: "the alert really fires and really arrives",
    why: "An alert that has never fired is a guess: a renamed metric, a wrong label or a muted receiver is found out in the first outage.",
    remedy: "Run `gonogo drill page`: it injects the fault, waits for the alert, and follows it to the receiver.",
    references: &[
        Reference {
            title: "Prometheus: alerting practices",
            url: "https://prometheus.io/docs/practices/alerting/",
        },
        Reference {
            title: "Alertmanager: configuration",
            url: "https://prometheus.io/docs/alerting/latest/configuration/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Monitoring, Change::Code],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Drill("page")],
    cases: include_str!("alert_fires.md"),
};
