//! A real error shows up in logs, metrics and traces within seconds.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/error-visibility",
    title: "a real error shows up in logs, metrics and traces within seconds",
    why: "An error that shows up nowhere, or minutes later, is first reported by users.",
    remedy: "Log, count and trace each error where it is handled, and flush all three within seconds; then run `gonogo drill fault`.",
    references: &[
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
        Reference {
            title: "OpenTelemetry: signals",
            url: "https://opentelemetry.io/docs/concepts/signals/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Code, Change::Configuration],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Drill("fault")],
    cases: include_str!("error_visibility.md"),
};
