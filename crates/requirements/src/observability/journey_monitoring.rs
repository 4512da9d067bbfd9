//! Every key user journey is watched from outside.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/journey-monitoring",
    title: "every key user journey is watched from outside",
    why: "What works from the inside can be broken for everybody outside: DNS, certificates, gateways and pages are on the way.",
    remedy: "Probe each key journey from outside the cluster every minute, with the request a user would send, and alert when it fails.",
    references: &[
        Reference {
            title: "Prometheus: blackbox exporter",
            url: "https://github.com/prometheus/blackbox_exporter",
        },
        Reference {
            title: "Google SRE book: practical alerting",
            url: "https://sre.google/sre-book/practical-alerting/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Monitoring, Change::Endpoint],
    demands: [Demand::within(Grade::Observed, 30), Demand::of(Grade::Declared), None],
    kinds: kinds::SERVING,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "Probe objects and the configuration of the blackbox exporter: which address of which journey is probed, and what counts as success",
        ),
        Proof::Live(
            "the prober: for each journey the address that it asks, and whether it succeeded during the last day",
        ),
    ],
    cases: include_str!("journey_monitoring.md"),
};
