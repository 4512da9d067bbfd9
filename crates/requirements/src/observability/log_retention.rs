//! Logs are centralised, searchable and kept for a stated time.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/log-retention",
    title: "logs are centralised, searchable and kept for a stated time",
    why: "Logs that die with their pod, or that were deleted last week, cannot explain yesterday's incident.",
    remedy: "Ship logs to one place where the team can search them, and state how long they are kept.",
    references: &[
        Reference {
            title: "Kubernetes: logging architecture",
            url: "https://kubernetes.io/docs/concepts/cluster-administration/logging/",
        },
        Reference {
            title: "OWASP: logging cheat sheet",
            url: "https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Configuration],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the configuration of the log shipper (Fluent Bit, Vector, Promtail, OpenTelemetry Collector) and of the store: what is collected, and for how long it is kept",
        ),
        Proof::Live("the log store: the newest and the oldest line of the service"),
    ],
    cases: include_str!("log_retention.md"),
};
