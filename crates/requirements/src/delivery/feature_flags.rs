//! A launch can be switched off without a deploy.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/feature-flags",
    title: "a launch can be switched off without a deploy",
    why: "Where a launch can only be taken back by a deploy, an incident lasts at least \
          as long as a build.",
    remedy: "Put each launch behind a flag that can be changed while the service runs, \
             and write down who may change it and where.",
    references: &[
        Reference { title: "OpenFeature", url: "https://openfeature.dev/docs/reference/intro/" },
        Reference {
            title: "Google SRE book: reliable product launches at scale",
            url: "https://sre.google/sre-book/reliable-product-launches/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Configuration],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "package manifests and code: a client for flags (OpenFeature, LaunchDarkly, \
             Unleash, Flagsmith and such) and the list of flags",
        ),
        Proof::Drill("deploy"),
    ],
    cases: include_str!("feature_flags.md"),
};
