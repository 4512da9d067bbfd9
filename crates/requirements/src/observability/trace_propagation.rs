//! A request is traced across service boundaries.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/trace-propagation",
    title: "a request is traced across service boundaries",
    why: "Where the trace ends, the search for the slow or failing service starts from scratch.",
    remedy: "Take over `traceparent` from incoming requests and send it on with each outgoing one, and export spans with their parents.",
    references: &[
        Reference { title: "W3C: Trace Context", url: "https://www.w3.org/TR/trace-context/" },
        Reference {
            title: "OpenTelemetry: context propagation",
            url: "https://opentelemetry.io/docs/concepts/context-propagation/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code, Change::Dependency],
    demands: [Demand::within(Grade::Proven, 90), Demand::of(Grade::Declared), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "package manifests (OpenTelemetry and its instrumentations) and the variables that configure exporter and propagators",
        ),
        Proof::Drill("observe"),
    ],
    cases: include_str!("trace_propagation.md"),
};
