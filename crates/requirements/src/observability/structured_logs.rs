//! Logs are structured, parseable and at sensible levels.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/structured-logs",
    title: "logs are structured, parseable and at sensible levels",
    why: "Lines that no machine can read cannot be searched, counted or alerted on when it matters, and debug lines by the million bury the one that explains.",
    remedy: "Log one JSON object per line at level info in production, stack traces inside it, and make all containers do so.",
    references: &[
        Reference { title: "The Twelve-Factor App: logs", url: "https://12factor.net/logs" },
        Reference {
            title: "OpenTelemetry: logs",
            url: "https://opentelemetry.io/docs/specs/otel/logs/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Code, Change::Configuration, Change::Manifest],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::within(Grade::Proven, 180),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::EachWorkload(judge), Proof::Drill("observe")],
    cases: include_str!("structured_logs.md"),
};
