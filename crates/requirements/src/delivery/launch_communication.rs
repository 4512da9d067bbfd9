//! A user-visible launch has a communication plan.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/launch-communication",
    title: "a user-visible launch has a communication plan",
    why: "Users, support and neighbouring teams who learn of a launch by its effects \
          take it for an incident.",
    remedy: "Agree before the launch who tells whom, when and where, the message in case \
             it is taken back included.",
    references: &[Reference {
        title: "Google SRE book: reliable product launches at scale",
        url: "https://sre.google/sre-book/reliable-product-launches/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Endpoint, Change::Code],
    demands: [Demand::of(Grade::Claimed), Demand::of(Grade::Claimed), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Question(
        "Who tells users, support and neighbouring teams about the launch, when and \
             where, and who tells them if it is taken back?",
    )],
    cases: include_str!("launch_communication.md"),
};
