//! Every alert has an owner and routes to a receiver that reaches one.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/alert-owners",
    title: "every alert has an owner and routes to a receiver that reaches one",
    why: "An alert that no receiver delivers, or that nobody owns, fires for nobody.",
    remedy: "Label each alert with its owner, and route that label to a receiver with an integration.",
    references: &[
        Reference {
            title: "Alertmanager: configuration",
            url: "https://prometheus.io/docs/alerting/latest/configuration/",
        },
        Reference {
            title: "Alertmanager: routing",
            url: "https://prometheus.io/docs/alerting/latest/alertmanager/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Monitoring, Change::Owner],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts, Subject::Routes],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "Alertmanager (`/api/v2/status` and `/api/v2/receivers`): the receivers of each alert as it is configured now",
        ),
    ],
    cases: include_str!("alert_owners.md"),
};
