//! A deploy fails no request.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/zero-downtime",
    title: "a deploy fails no request",
    why: "Where each deploy fails some requests, teams deploy rarely and at night, and \
          each deploy grows and frightens more.",
    remedy: "Start the new instances before the old ones stop, wait for their readiness, \
             and let the old ones finish what they hold.",
    references: &[
        Reference {
            title: "Kubernetes: rolling update of a Deployment",
            url: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment",
        },
        Reference {
            title: "Google SRE book: release engineering",
            url: "https://sre.google/sre-book/release-engineering/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Manifest, Change::Code, Change::Pipeline],
    demands: [Demand::within(Grade::Proven, 90), Demand::of(Grade::Declared), None],
    kinds: kinds::SERVING,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the manifests: replicas, update strategy, readiness, the hook before the \
             stop signal and the grace period, taken together",
        ),
        Proof::Drill("deploy"),
    ],
    cases: include_str!("zero_downtime.md"),
};
