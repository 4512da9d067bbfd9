//! The list of dependencies is complete.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/dependencies",
    title: "the list of dependencies is complete",
    why: "A dependency that nobody listed has no timeout, no runbook and nobody to call, and is \
          the one that fails.",
    remedy: "List everything that the service calls or stores in under `dependencies:` in \
             gonogo.yaml; write `dependencies: []` where there is nothing.",
    references: &[
        Reference {
            title: "Google SRE book: the evolving SRE engagement model",
            url: "https://sre.google/sre-book/evolving-sre-engagement-model/",
        },
        Reference {
            title: "Backstage: system model",
            url: "https://backstage.io/docs/features/software-catalog/system-model",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[Change::Dependency, Change::Configuration, Change::Code],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Unread("the list"), Proof::Drill("load")],
    cases: include_str!("dependencies.md"),
};
