//! A launch goes to a few before it goes to all, and the traffic shaping for that exists.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/progressive-rollout",
    title: "a launch goes to a few before it goes to all, and the traffic shaping for that exists",
    why: "A fault that reaches one user in a hundred is an observation, the same fault \
          for everybody is an outage.",
    remedy: "Send a launch to a few first, by steps that stop by themselves: Argo \
             Rollouts, Flagger, weights of a gateway or mesh, or flags.",
    references: &[
        Reference {
            title: "Google SRE workbook: canarying releases",
            url: "https://sre.google/workbook/canarying-releases/",
        },
        Reference {
            title: "Argo Rollouts: canary",
            url: "https://argo-rollouts.readthedocs.io/en/stable/features/canary/",
        },
        Reference { title: "Flagger", url: "https://docs.flagger.app/" },
    ],
    since: "0.1.0",
    effort: Effort::Days(3),
    invalidated_by: &[Change::Manifest, Change::Pipeline],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::SERVING,
    reads: &[Subject::Workloads],
    proofs: &[
        Proof::Unread("the manifests: what splits traffic by weight or goes step by step"),
        Proof::Drill("deploy"),
    ],
    cases: include_str!("progressive_rollout.md"),
};
