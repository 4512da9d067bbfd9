//! Each line of a request carries its request or trace id; error lines carry context.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/log-correlation",
    title: "each line of a request carries its request or trace id; error lines carry context",
    why: "Without the id of the request a thousand lines of a busy second cannot be told apart, and an error line without context is a riddle.",
    remedy: "Put the trace or request id on each line that is logged while a request is handled, and log errors with what was being done to what.",
    references: &[
        Reference {
            title: "OpenTelemetry: logs",
            url: "https://opentelemetry.io/docs/specs/otel/logs/",
        },
        Reference { title: "W3C: Trace Context", url: "https://www.w3.org/TR/trace-context/" },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Code, Change::Configuration],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[Proof::Drill("observe")],
    cases: include_str!("log_correlation.md"),
};
