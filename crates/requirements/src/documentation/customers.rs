//! Customers have what they need to use it.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/customers",
    title: "customers have what they need to use it",
    why: "Users who cannot find out how to use the service, what it promises and what changed \
          use it wrongly or not at all.",
    remedy: "Publish what customers need: how to start, reference, limits, changes and where to \
             ask, and let somebody who does not know the service try it.",
    references: &[Reference {
        title: "Diátaxis: a systematic approach to documentation",
        url: "https://diataxis.fr/",
    }],
    since: "0.1.0",
    effort: Effort::Days(3),
    invalidated_by: &[Change::Endpoint, Change::Code],
    demands: [Demand::of(Grade::Claimed), None, None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Question(
        "Can customers start using the service, find its limits and its changes, and ask \
             for help, from what is published, and where is it?",
    )],
    cases: include_str!("customers.md"),
};
