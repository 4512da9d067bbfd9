//! Every alert links to a runbook that exists.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/alert-runbooks",
    title: "every alert links to a runbook that exists",
    why: "Whoever is paged at night needs the next step, not a search for it.",
    remedy: "Write a runbook for each alert, and link its page in the alert's `runbook_url`.",
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
    effort: Effort::Days(1),
    invalidated_by: &[Change::Monitoring, Change::Document],
    demands: [
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts, Subject::Documents],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the address of each runbook: whether it answers, and whether the anchor is on the page",
        ),
    ],
    cases: include_str!("alert_runbooks.md"),
};
