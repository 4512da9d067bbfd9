//! The likeliest failures have runbooks, linked from their alerts.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/runbooks",
    title: "the likeliest failures have runbooks, linked from their alerts",
    why: "At 2 AM nobody should have to work out from scratch what to do about a failure that \
          everybody saw coming.",
    remedy: "Write a runbook for each alert and for the loss of each dependency, and link it \
             from the alert's `runbook_url`.",
    references: &[
        Reference {
            title: "Prometheus: alerting practices",
            url: "https://prometheus.io/docs/practices/alerting/",
        },
        Reference {
            title: "Prometheus Operator: runbooks",
            url: "https://runbooks.prometheus-operator.dev/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Document, Change::Monitoring, Change::Dependency],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Unread("runbooks")],
    cases: include_str!("runbooks.md"),
};
